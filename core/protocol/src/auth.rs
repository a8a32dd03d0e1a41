//! Who speaks: signatures of a phone's device key, and the certificate by which a hub knows the key again.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, ChainHash, ReplicaId};
use gridpatrol_model::workflow::Role;
use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};

use crate::compact::put;
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
        if d.array()? != Some(2) {
            return Err(malformed("a certificate has two parts"));
        }
        let body = d.bytes()?;
        let signature = d.bytes()?.try_into().map(|bytes| Signature::from_bytes(&bytes));
        Ok((body, signature.map_err(|_| malformed("a signature has 64 bytes"))?))
    }

    fn body(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        put!(out, array(8), str("gridpatrol certificate 1"), str(&self.cell), encode(&self.member), str(&self.label));
        put!(out, u8(self.role.code()), array(self.areas.len() as u64));
        for area in &self.areas {
            put!(out, encode(area));
        }
        put!(out, bytes(&self.device), i64(self.issued_ms));
        out.into_writer()
    }

    fn decode_body(body: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(body);
        if d.array()? != Some(8) || d.str()? != "gridpatrol certificate 1" {
            return Err(malformed("not a certificate of this version"));
        }
        Ok(Certificate {
            cell: d.str()?.to_owned(),
            member: d.decode()?,
            label: d.str()?.to_owned(),
            role: Role::from_code(d.u8()?).ok_or_else(|| malformed("no such role"))?,
            areas: scopes(&mut d)?,
            device: d.bytes()?.try_into().map_err(|_| malformed("a key has 32 bytes"))?,
            issued_ms: d.i64()?,
        })
    }
}

pub(crate) fn scopes(d: &mut Decoder<'_>) -> Result<Vec<Scope>> {
    let count = d.array()?.ok_or_else(|| malformed("indefinite length"))?;
    let mut scopes = Vec::new();
    for _ in 0..count {
        scopes.push(d.decode()?);
    }
    Ok(scopes)
}

pub fn sign_chain(key: &SigningKey, replica: ReplicaId, end: ChainHash) -> Signature {
    key.sign(&chain_message(replica, end))
}

pub fn verify_chain(key: &VerifyingKey, replica: ReplicaId, end: ChainHash, signature: &Signature) -> Result<()> {
    key.verify_strict(&chain_message(replica, end), signature).map_err(|_| WireError::Signature)
}

fn chain_message(replica: ReplicaId, end: ChainHash) -> Vec<u8> {
    [&b"gridpatrol frame 1"[..], &replica.0, &end.0].concat()
}

/// What a phone signs of a request: the hub's last challenge and the body, so that a copy is worth nothing.
pub fn request_digest(challenge: &[u8; 16], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"gridpatrol request 1").chain_update(challenge).chain_update(body).finalize().into()
}

/// What a phone signs to open an upload: which content of which record.
pub fn upload_message(entity: &gridpatrol_model::ids::EntityId, hash: &[u8; 32], size: u64) -> Vec<u8> {
    [&b"gridpatrol upload 1"[..], &entity.0, hash, &size.to_be_bytes()].concat()
}
