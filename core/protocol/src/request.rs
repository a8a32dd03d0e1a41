//! What a phone says: hello, its frames, and from where on it wants the log, signed over the hub's last
//! challenge. On the wire `[version, key id, challenge, zstd(body), signature]`.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{EntityId, ReplicaId};
use minicbor::{Decoder, Encoder};

use crate::auth::request_digest;
use crate::compact::put;
use crate::limits::{FRAMES, HANDED_BACK, VERSION};
use crate::parts::{
    Challenge, Cursor, Head, Out, array, at_most, each_key, end, fixed, need, pack, put_entering, put_scopes,
    take_entering, take_scopes, unpack, versioned,
};
use crate::{Result, WireError};

/// First 8 bytes of a device key: enough to find it.
pub type KeyId = [u8; 8];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub replica: ReplicaId,
    /// The last op that the phone wrote.
    pub head: Head,
    /// From where on the phone still holds its own ops: those come back as numbers.
    pub holds_from: u64,
    pub boot_id: u64,
    /// Milliseconds since boot.
    pub mono_ms: u64,
    /// Milliseconds UTC by the phone's wall clock.
    pub wall_ms: i64,
    pub cursor: Cursor,
    /// Scopes that the phone has been given whole.
    pub view: Vec<Scope>,
    /// While a new scope comes in: the last record that arrived.
    pub entering: Option<(Scope, EntityId)>,
    /// Ask for a page without short references, after one that did not resolve.
    pub full_ids: bool,
    /// Encoded frames, each committed by itself.
    pub frames: Vec<Vec<u8>>,
    /// Runs of rows for a hub that was restored, as they were kept. They are taken before the frames.
    pub handed_back: Vec<Vec<u8>>,
}

mod key {
    pub const REPLICA: u64 = 0;
    pub const HEAD: u64 = 1;
    pub const HOLDS_FROM: u64 = 2;
    pub const CLOCK: u64 = 3;
    pub const CURSOR: u64 = 4;
    pub const VIEW: u64 = 5;
    pub const ENTERING: u64 = 6;
    pub const FULL_IDS: u64 = 7;
    pub const FRAMES: u64 = 8;
    pub const HANDED_BACK: u64 = 9;
}

/// A request as received: who claims to speak, before the claim is checked.
pub struct Sealed<'b> {
    pub key: KeyId,
    pub challenge: Challenge,
    body: &'b [u8],
    signature: Signature,
}

pub fn key_id(key: &VerifyingKey) -> KeyId {
    let mut id = KeyId::default();
    id.copy_from_slice(&key.as_bytes()[..8]);
    id
}

impl<'b> Sealed<'b> {
    pub fn decode(bytes: &'b [u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        versioned(&mut d, 5)?;
        let (key, challenge, body) = (fixed(&mut d)?, fixed(&mut d)?, d.bytes()?);
        let signature = Signature::from_bytes(&fixed(&mut d)?);
        end(&d)?;
        Ok(Sealed { key, challenge, body, signature })
    }

    /// Checks the signature, then reads. That the challenge is the one given last is for the hub to check.
    pub fn open(&self, key: &VerifyingKey) -> Result<Request> {
        let digest = request_digest(&self.challenge, self.body);
        key.verify_strict(&digest, &self.signature).map_err(|_| WireError::Signature)?;
        Request::decode(&unpack(self.body)?)
    }
}

impl Request {
    pub fn seal(&self, key: &SigningKey, challenge: Challenge) -> Vec<u8> {
        let body = pack(&self.encode());
        let signature = key.sign(&request_digest(&challenge, &body));
        let mut out = Encoder::new(Vec::with_capacity(body.len() + 128));
        put!(out, array(5), u16(VERSION), bytes(&key_id(&key.verifying_key())), bytes(&challenge));
        put!(out, bytes(&body), bytes(&signature.to_bytes()));
        out.into_writer()
    }

    fn encode(&self) -> Vec<u8> {
        let mut out: Out = Encoder::new(Vec::new());
        let lists = [(key::FRAMES, &self.frames), (key::HANDED_BACK, &self.handed_back)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let optional = usize::from(self.entering.is_some()) + usize::from(self.full_ids) + lists.clone().count();
        put!(out, map(6 + optional as u64));
        put!(out, u64(key::REPLICA), encode(self.replica), u64(key::HEAD));
        self.head.put(&mut out);
        put!(out, u64(key::HOLDS_FROM), u64(self.holds_from));
        put!(out, u64(key::CLOCK), array(3), u64(self.boot_id), u64(self.mono_ms), i64(self.wall_ms));
        put!(out, u64(key::CURSOR));
        self.cursor.put(&mut out);
        put!(out, u64(key::VIEW));
        put_scopes(&mut out, &self.view);
        if let Some(entering) = self.entering {
            put!(out, u64(key::ENTERING));
            put_entering(&mut out, entering);
        }
        if self.full_ids {
            put!(out, u64(key::FULL_IDS), bool(true));
        }
        for (key, list) in lists {
            put!(out, u64(key), array(list.len() as u64));
            for part in list {
                put!(out, bytes(part));
            }
        }
        out.into_writer()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let (mut replica, mut head, mut holds_from, mut clock, mut cursor) = (None, None, None, None, None);
        let (mut view, mut entering, mut full_ids) = (None, None, false);
        let (mut frames, mut handed_back) = (Vec::new(), Vec::new());
        each_key(&mut Decoder::new(bytes), |key, d| {
            match key {
                key::REPLICA => replica = Some(d.decode()?),
                key::HEAD => head = Some(Head::take(d)?),
                key::HOLDS_FROM => holds_from = Some(d.u64()?),
                key::CLOCK => clock = Some(take_clock(d)?),
                key::CURSOR => cursor = Some(Cursor::take(d)?),
                key::VIEW => view = Some(take_scopes(d)?),
                key::ENTERING => entering = Some(take_entering(d)?),
                key::FULL_IDS => full_ids = d.bool()?,
                key::FRAMES => frames = take_list(d, FRAMES)?,
                key::HANDED_BACK => handed_back = take_list(d, HANDED_BACK)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (boot_id, mono_ms, wall_ms) = need(clock)?;
        Ok(Request {
            replica: need(replica)?,
            head: need(head)?,
            holds_from: need(holds_from)?,
            boot_id,
            mono_ms,
            wall_ms,
            cursor: need(cursor)?,
            view: need(view)?,
            entering,
            full_ids,
            frames,
            handed_back,
        })
    }
}

fn take_clock(d: &mut Decoder<'_>) -> Result<(u64, u64, i64)> {
    array(d, 3)?;
    Ok((d.u64()?, d.u64()?, d.i64()?))
}

fn take_list(d: &mut Decoder<'_>, cap: usize) -> Result<Vec<Vec<u8>>> {
    let count = at_most(d.array()?, cap)?;
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(d.bytes()?.to_vec());
    }
    Ok(list)
}
