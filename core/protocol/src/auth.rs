//! Who speaks: signatures of a phone's device key, and the certificate by which a hub knows the key again.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, EntityId, ReplicaId};
use gridpatrol_model::workflow::Role;
use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};

use crate::compact::put;
use crate::parts::{Challenge, Head, array, end, fixed, put_scopes, take_scopes};
use crate::{Result, WireError, malformed};

/// Cap on a certificate: some hundred areas.
pub const CERTIFICATE_BYTES: usize = 8 * 1024;

/// What the hub hands over once, to a phone that knows the one-time code. Signed by a key that is kept
/// outside the hub's database, so a restored hub knows phones that were enrolled after its backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The county whose log this is.
    pub cell: String,
    pub member: ActorId,
    /// How the member is called on screens: role, village and number, never a person's name.
    pub label: String,
    pub role: Role,
    pub areas: Vec<Scope>,
    pub device: [u8; 32],
    /// Milliseconds UTC by the hub's clock.
    pub issued_ms: i64,
}

impl Certificate {
    /// Body and signature, as the phone keeps and shows them.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let body = self.body();
        let signature = key.sign(&body);
        let mut out = Encoder::new(Vec::new());
        put!(out, array(2), bytes(&body), bytes(&signature.to_bytes()));
        out.into_writer()
    }

    pub fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Self> {
        let (body, signature) = Self::parts(bytes)?;
        key.verify_strict(body, &signature).map_err(|_| WireError::Signature)?;
        Self::decode_body(body)
    }

    /// What a phone reads of its own certificate; the hub always verifies.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Self::decode_body(Self::parts(bytes)?.0)
    }

    fn parts(bytes: &[u8]) -> Result<(&[u8], Signature)> {
        if bytes.len() > CERTIFICATE_BYTES {
            return Err(WireError::TooLarge { cap: CERTIFICATE_BYTES });
        }
        let mut d = Decoder::new(bytes);
        array(&mut d, 2)?;
        let body = d.bytes()?;
        let signature = Signature::from_bytes(&fixed(&mut d)?);
        end(&d)?;
        Ok((body, signature))
    }

    fn body(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        put!(out, array(8), str("gridpatrol certificate 1"), str(&self.cell), encode(&self.member), str(&self.label));
        put!(out, u8(self.role.code()));
        put_scopes(&mut out, &self.areas);
        put!(out, bytes(&self.device), i64(self.issued_ms));
        out.into_writer()
    }

    fn decode_body(body: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(body);
        if d.array()? != Some(8) || d.str()? != "gridpatrol certificate 1" {
            return Err(malformed("not a certificate of this version"));
        }
        let certificate = Certificate {
            cell: d.str()?.to_owned(),
            member: d.decode()?,
            label: d.str()?.to_owned(),
            role: Role::from_code(d.u8()?).ok_or_else(|| malformed("no such role"))?,
            areas: take_scopes(&mut d)?,
            device: fixed(&mut d)?,
            issued_ms: d.i64()?,
        };
        end(&d)?;
        Ok(certificate)
    }
}

pub fn sign_chain(key: &SigningKey, replica: ReplicaId, end: Head) -> Signature {
    key.sign(&chain_message(replica, end))
}

pub fn verify_chain(key: &VerifyingKey, replica: ReplicaId, end: Head, signature: &Signature) -> Result<()> {
    key.verify_strict(&chain_message(replica, end), signature).map_err(|_| WireError::Signature)
}

/// The place is signed too: a chain hash says what was written, not which write it was.
fn chain_message(replica: ReplicaId, end: Head) -> Vec<u8> {
    [&b"gridpatrol frame 1"[..], &replica.0, &end.rseq.to_be_bytes(), &end.chain.0].concat()
}

/// What a phone signs of a request: the hub's last challenge and the body, so that a copy is worth nothing.
pub fn request_digest(challenge: &Challenge, body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"gridpatrol request 1").chain_update(challenge).chain_update(body).finalize().into()
}

/// What a phone signs to open an upload: which content of which record.
pub fn upload_message(entity: &EntityId, hash: &[u8; 32], size: u64) -> Vec<u8> {
    [&b"gridpatrol upload 1"[..], &entity.0, hash, &size.to_be_bytes()].concat()
}
