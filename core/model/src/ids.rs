//! Identities. A write is named by its [`Dot`] and by nothing else; an entity by the chain hash of its
//! Create. Neither is random and neither ever changes, so a copy, a restore or a replay cannot mint a twin.

use std::fmt;

/// One install or restore of the app for one member (an incarnation): not the phone, not the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId(pub [u8; 16]);

/// First 16 bytes of the chain hash of the op that created the entity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub [u8; 16]);

/// `c_n`: SHA-256 over the chain up to and including op `n` of a replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash(pub [u8; 32]);

/// The identity of one write: whose, the how-manieth, and which branch if an image of the phone was cloned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    pub replica: ReplicaId,
    /// 1 for the first op of the replica.
    pub rseq: u64,
    /// First 8 bytes of the chain hash at `rseq`.
    pub tag: [u8; 8],
}

/// The hub's commit order of a cell. Ordered by epoch, then by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubSeq {
    /// Minted anew when a hub finds itself on a log that its phones do not know (a restore).
    pub epoch: u32,
    pub n: u64,
}

impl ChainHash {
    pub fn tag(&self) -> [u8; 8] {
        let mut tag = [0; 8];
        tag.copy_from_slice(&self.0[..8]);
        tag
    }

    pub fn entity(&self) -> EntityId {
        let mut id = [0; 16];
        id.copy_from_slice(&self.0[..16]);
        EntityId(id)
    }
}

impl HubSeq {
    pub const ZERO: HubSeq = HubSeq { epoch: 0, n: 0 };
}

macro_rules! hex_text {
    ($type:ident, $len:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($type))
            }
        }

        impl std::str::FromStr for $type {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Ok(Self(bytes_from_hex::<$len>(text)?))
            }
        }
    };
}

hex_text!(ReplicaId, 16);
hex_text!(EntityId, 16);
hex_text!(ChainHash, 32);

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.", self.replica, self.rseq)?;
        self.tag.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Dot {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let mut parts = text.split('.');
        let (Some(replica), Some(rseq), Some(tag), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadId);
        };
        Ok(Dot { replica: replica.parse()?, rseq: rseq.parse().map_err(|_| BadId)?, tag: bytes_from_hex::<8>(tag)? })
    }
}

/// An id that is not the lower-case hexadecimal text it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of Gridpatrol")]
pub struct BadId;

fn bytes_from_hex<const N: usize>(text: &str) -> Result<[u8; N], BadId> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(BadId);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

fn nibble(digit: u8) -> Result<u8, BadId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(BadId),
    }
}

/// Who wrote an op, or holds a case: a member, a supervisor, the hub itself.
/// At most 64 bytes; opaque to everything but the people desk of the hub.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(String);

impl ActorId {
    pub const MAX_BYTES: usize = 64;

    pub fn new(id: impl Into<String>) -> Result<Self, BadActor> {
        let id = id.into();
        if id.is_empty() || id.len() > Self::MAX_BYTES || id.chars().any(char::is_control) {
            return Err(BadActor);
        }
        Ok(Self(id))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an actor id has 1 to 64 bytes and no control character")]
pub struct BadActor;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_reads_back_from_its_text() {
        let dot = Dot { replica: ReplicaId([7; 16]), rseq: 42, tag: [0xab; 8] };
        assert_eq!(dot.to_string().parse(), Ok(dot));
        for bad in ["", "07.1.ab", "x.y.z", &format!("{dot}.1")] {
            assert_eq!(bad.parse::<Dot>(), Err(BadId), "{bad}");
        }
    }
}
