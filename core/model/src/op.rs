//! Ops: what an author did, in the only form in which a record changes.
//!
//! An op is encoded once, where it was written; from then on its bytes are its identity. Decoding keeps what
//! this version does not know (map keys, kinds, value types) and refuses whatever would not encode back to
//! the same bytes, so a chain hash means the same on every replica and in every version.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use sha2::{Digest, Sha256};

use crate::area::Scope;
use crate::codec::{decode_all, definite, encode_all, expect_array, to_bytes};
use crate::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use crate::schema::{FieldNo, RecordKind};
use crate::time::TimeEvidence;
use crate::value::Value;
use crate::workflow::Stage;

/// Refused when written; anything bigger is a blob.
pub const MAX_OP_BYTES: usize = 32 * 1024;

/// Version of the op format that this code writes.
pub const OP_VERSION: u8 = 1;

/// Version of the field table that this code writes with.
pub const SCHEMA_VERSION: u32 = 1;

/// A field, or one item of a field (a line of a checklist, an element of a set).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey {
    pub no: FieldNo,
    pub item: Option<Box<str>>,
}

/// One write of a field: `preds` are the writes of that field that the author was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub key: FieldKey,
    pub preds: Vec<Dot>,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpKind {
    Create {
        kind: RecordKind,
    },
    Set,
    /// Settles a conflict: its sets name every value that was on the screen.
    Resolve,
    /// Kills nothing: records the writes and children that the author saw.
    Delete {
        saw: Vec<Dot>,
    },
    Transition {
        from: Stage,
        to: Stage,
        seen: Dot,
        reason: Option<String>,
    },
    /// A kind of a newer version, kept as its bytes.
    Opaque {
        body: Value,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    pub v: u8,
    pub kind: OpKind,
    pub actor: ActorId,
    /// None for a Create: its entity is named by its own chain hash.
    pub entity: Option<EntityId>,
    pub scope: Scope,
    /// The hub_seq up to which all scopes of the author were applied when writing.
    pub seen: HubSeq,
    pub schema: u32,
    pub time: TimeEvidence,
    pub sets: Vec<Set>,
    /// Map keys of a newer version with their values, ascending.
    pub extra: Vec<(u64, Value)>,
}

#[derive(Debug, thiserror::Error)]
pub enum BadOp {
    #[error("an op has at most {MAX_OP_BYTES} bytes, got {0}: put long content into a photo or file")]
    TooLarge(usize),
    #[error("not an op: {0}")]
    Malformed(#[from] DecodeError),
    #[error("not the canonical form of an op")]
    NotCanonical,
}

impl FieldKey {
    pub fn item(no: FieldNo, item: &str) -> Self {
        Self { no, item: Some(item.into()) }
    }
}

impl From<FieldNo> for FieldKey {
    fn from(no: FieldNo) -> Self {
        Self { no, item: None }
    }
}

impl OpKind {
    pub fn creates(&self) -> bool {
        matches!(self, OpKind::Create { .. })
    }
}

impl Op {
    /// The canonical bytes, refused when too large.
    pub fn encode(&self) -> Result<Vec<u8>, BadOp> {
        let bytes = to_bytes(self);
        if bytes.len() > MAX_OP_BYTES { Err(BadOp::TooLarge(bytes.len())) } else { Ok(bytes) }
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, BadOp> {
        if bytes.len() > MAX_OP_BYTES {
            return Err(BadOp::TooLarge(bytes.len()));
        }
        let op: Op = minicbor::decode(bytes)?;
        if to_bytes(&op) == bytes { Ok(op) } else { Err(BadOp::NotCanonical) }
    }

    /// Whether what it calls newer than this version is: else its bytes would be read as another op.
    pub fn is_sound(&self) -> bool {
        let newer = match &self.kind {
            OpKind::Opaque { body } => {
                let mut d = Decoder::new(body.encoded());
                matches!((d.array(), d.u32()), (Ok(Some(_)), Ok(tag)) if tag > LAST_KIND)
            }
            _ => true,
        };
        newer && self.extra.iter().all(|(key, _)| *key > key::SETS)
    }

    /// The value that this op writes to a field, if it does.
    pub fn value(&self, no: FieldNo) -> Option<&Value> {
        self.sets.iter().find(|set| set.key.no == no && set.key.item.is_none()).map(|set| &set.value)
    }

    /// The record that a Create belongs to.
    pub fn parent(&self) -> Option<EntityId> {
        self.kind.creates().then(|| self.value(FieldNo::PARENT)?.as_entity())?
    }
}

/// The chain of a replica before its first op.
pub fn chain_seed(replica: ReplicaId) -> ChainHash {
    ChainHash(Sha256::new().chain_update(b"gridpatrol chain 1").chain_update(replica.0).finalize().into())
}

/// `c_n = SHA-256(c_{n−1} ‖ canonical bytes of op n)`
pub fn chain_next(previous: ChainHash, op: &[u8]) -> ChainHash {
    ChainHash(Sha256::new().chain_update(previous.0).chain_update(op).finalize().into())
}

mod key {
    pub const V: u64 = 0;
    pub const KIND: u64 = 1;
    pub const ACTOR: u64 = 2;
    pub const ENTITY: u64 = 3;
    pub const SCOPE: u64 = 4;
    pub const SEEN: u64 = 5;
    pub const SCHEMA: u64 = 6;
    pub const TIME: u64 = 7;
    pub const SETS: u64 = 8;
}

impl<C> Encode<C> for Op {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.map(8 + u64::from(self.entity.is_some()) + self.extra.len() as u64)?;
        e.u64(key::V)?.u8(self.v)?;
        e.u64(key::KIND)?.encode(&self.kind)?;
        e.u64(key::ACTOR)?.encode(&self.actor)?;
        if let Some(entity) = &self.entity {
            e.u64(key::ENTITY)?.encode(entity)?;
        }
        e.u64(key::SCOPE)?.encode(self.scope)?;
        e.u64(key::SEEN)?.encode(self.seen)?;
        e.u64(key::SCHEMA)?.u32(self.schema)?;
        e.u64(key::TIME)?.encode(self.time)?;
        e.u64(key::SETS)?;
        encode_all(e, self.sets.iter())?;
        for (key, value) in &self.extra {
            e.u64(*key)?.encode(value)?;
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Op {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let missing = |what| DecodeError::message(what);
        let (mut v, mut kind, mut actor, mut entity, mut scope) = (None, None, None, None, None);
        let (mut seen, mut schema, mut time, mut sets, mut extra) = (None, None, None, None, Vec::new());
        for _ in 0..definite(d.map()?, d)? {
            match d.u64()? {
                key::V => v = Some(d.u8()?),
                key::KIND => kind = Some(d.decode()?),
                key::ACTOR => actor = Some(d.decode()?),
                key::ENTITY => entity = Some(d.decode()?),
                key::SCOPE => scope = Some(d.decode()?),
                key::SEEN => seen = Some(d.decode()?),
                key::SCHEMA => schema = Some(d.u32()?),
                key::TIME => time = Some(d.decode()?),
                key::SETS => sets = Some(decode_all(d)?),
                newer => extra.push((newer, d.decode()?)),
            }
        }
        Ok(Op {
            v: v.ok_or_else(|| missing("no version"))?,
            kind: kind.ok_or_else(|| missing("no kind"))?,
            actor: actor.ok_or_else(|| missing("no actor"))?,
            entity,
            scope: scope.ok_or_else(|| missing("no scope"))?,
            seen: seen.ok_or_else(|| missing("no seen"))?,
            schema: schema.ok_or_else(|| missing("no schema"))?,
            time: time.ok_or_else(|| missing("no time"))?,
            sets: sets.ok_or_else(|| missing("no sets"))?,
            extra,
        })
    }
}

/// Highest number of a kind that this version knows.
const LAST_KIND: u32 = 4;

impl<C> Encode<C> for OpKind {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        match self {
            OpKind::Create { kind } => e.array(2)?.u8(0)?.encode(kind)?.ok(),
            OpKind::Set => e.array(1)?.u8(1)?.ok(),
            OpKind::Resolve => e.array(1)?.u8(2)?.ok(),
            OpKind::Delete { saw } => {
                e.array(2)?.u8(3)?;
                encode_all(e, saw.iter())
            }
            OpKind::Transition { from, to, seen, reason } => {
                e.array(5)?.u8(4)?.u8(from.code())?.u8(to.code())?.encode(seen)?.encode(reason.as_deref())?.ok()
            }
            OpKind::Opaque { body } => e.encode(body)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for OpKind {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let start = d.position();
        let len = definite(d.array()?, d)?;
        Ok(match (d.u32()?, len) {
            (0, 2) => OpKind::Create { kind: d.decode()? },
            (1, 1) => OpKind::Set,
            (2, 1) => OpKind::Resolve,
            (3, 2) => OpKind::Delete { saw: decode_all(d)? },
            (4, 5) => OpKind::Transition { from: stage(d)?, to: stage(d)?, seen: d.decode()?, reason: d.decode()? },
            (tag, _) if tag > LAST_KIND => {
                d.set_position(start);
                OpKind::Opaque { body: d.decode()? }
            }
            _ => return Err(DecodeError::message("an op kind of another shape").at(start)),
        })
    }
}

fn stage(d: &mut Decoder<'_>) -> Result<Stage, DecodeError> {
    let at = d.position();
    Stage::from_code(d.u8()?.into()).ok_or_else(|| DecodeError::message("unknown stage").at(at))
}

impl<C> Encode<C> for TimeEvidence {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(4)?.i64(self.wall_ms)?.u64(self.boot_id)?.u64(self.mono_ms)?.encode(self.gnss_ms)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for TimeEvidence {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 4)?;
        Ok(TimeEvidence { wall_ms: d.i64()?, boot_id: d.u64()?, mono_ms: d.u64()?, gnss_ms: d.decode()? })
    }
}

impl<C> Encode<C> for Set {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(3)?.encode(&self.key)?;
        encode_all(e, self.preds.iter())?;
        e.encode(&self.value)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Set {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 3)?;
        Ok(Set { key: d.decode()?, preds: decode_all(d)?, value: d.decode()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(kind: OpKind) -> Op {
        let seen = Dot { replica: ReplicaId([1; 16]), rseq: 3, tag: [4; 8] };
        Op {
            v: OP_VERSION,
            kind,
            actor: ActorId::new("m-440783108224-03").expect("short"),
            entity: Some(EntityId([2; 16])),
            scope: Scope::parse("440783108224001").expect("a grid"),
            seen: HubSeq { epoch: 1, n: 900 },
            schema: SCHEMA_VERSION,
            time: TimeEvidence { wall_ms: -5, boot_id: u64::MAX, mono_ms: 7, gnss_ms: Some(9) },
            sets: vec![
                Set {
                    key: FieldNo::DESCRIPTION.into(), preds: vec![seen], value: Value::text("水库溢洪道有裂缝")
                },
                Set { key: FieldKey::item(FieldNo::CHECKLIST, "fence"), preds: vec![], value: Value::text("ok") },
            ],
            extra: vec![],
        }
    }

    #[test]
    fn every_kind_reads_back_byte_for_byte() {
        let dot = Dot { replica: ReplicaId([1; 16]), rseq: 3, tag: [4; 8] };
        let kinds = [
            OpKind::Create { kind: RecordKind::CASE },
            OpKind::Set,
            OpKind::Resolve,
            OpKind::Delete { saw: vec![dot] },
            OpKind::Transition { from: Stage::Reported, to: Stage::SelfHandled, seen: dot, reason: None },
        ];
        for kind in kinds {
            let op = sample(kind);
            let bytes = op.encode().expect("small");
            assert_eq!(Op::decode(&bytes).expect("canonical"), op);
        }
    }

    #[test]
    fn what_a_newer_version_wrote_survives() {
        let mut op = sample(OpKind::Opaque { body: Value::list([&Value::int(77), &Value::text("新")]) });
        op.extra = vec![(9, Value::bool(true)), (200, Value::list([&Value::int(1)]))];
        let bytes = op.encode().expect("small");
        let back = Op::decode(&bytes).expect("newer keys and kinds are kept");
        assert_eq!(back, op);
        assert_eq!(back.encode().expect("small"), bytes);
    }

    #[test]
    fn a_form_that_would_not_encode_back_is_refused() {
        let bytes = sample(OpKind::Set).encode().expect("small");
        for cut in 0..bytes.len() {
            assert!(Op::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Op::decode(&longer).is_err());
        let mut swapped = sample(OpKind::Set);
        swapped.extra = vec![(200, Value::int(1)), (9, Value::int(1))];
        assert!(Op::decode(&swapped.encode().expect("small")).is_ok(), "an order of newer keys is theirs");
    }

    #[test]
    fn an_op_over_the_limit_is_refused_when_written() {
        let mut op = sample(OpKind::Set);
        op.sets[0].value = Value::text(&"长".repeat(MAX_OP_BYTES / 3));
        assert!(matches!(op.encode(), Err(BadOp::TooLarge(_))));
    }

    #[test]
    fn the_chain_tells_branches_apart() {
        let seed = chain_seed(ReplicaId([1; 16]));
        let (left, right) = (chain_next(seed, b"left"), chain_next(seed, b"right"));
        assert_ne!(left.tag(), right.tag());
        assert_ne!(chain_next(left, b"same"), chain_next(right, b"same"));
    }
}
