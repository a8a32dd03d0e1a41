//! The one round trip: a signed request that says hello, pushes and asks for a page, and its reply.
//!
//! Outside: `[version, key id, challenge, zstd(body), signature]`. Bodies are maps with integer keys, so that
//! later versions can add; unknown keys are passed over.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ChainHash, EntityId, HubSeq, ReplicaId};
use minicbor::{Decoder, Encoder};

use crate::auth::{request_digest, scopes};
use crate::compact::put;
use crate::limits::{MESSAGE_BYTES, VERSION, ZSTD_LEVEL};
use crate::{Result, WireError, malformed};

/// First 8 bytes of a device key: enough to find it.
pub type KeyId = [u8; 8];
/// What the next request has to sign.
pub type Challenge = [u8; 16];
/// First 8 bytes of h_n, the hash of the hub's log at a cursor.
pub type LogTag = [u8; 8];

/// How far an author's chain goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub rseq: u64,
    pub chain: ChainHash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub seq: HubSeq,
    pub log: LogTag,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub replica: ReplicaId,
    pub head: Head,
    /// From where on the phone still holds its own ops: those come back as numbers.
    pub holds_from: u64,
    pub boot_id: u64,
    pub mono_ms: u64,
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub challenge: Challenge,
    /// Milliseconds UTC.
    pub hub_now_ms: i64,
    /// What the hub has of the asking replica: its furthest op on the branch that the phone named.
    pub have: Head,
    /// Up to here the log survives the loss of the hub's machine.
    pub durable: HubSeq,
    /// Why frames were not taken; the rest of the reply is good all the same.
    pub push_error: Option<PushError>,
    /// Set when the hub was restored: the phone's log and the hub's agree up to here.
    pub rewind: Option<Cursor>,
    /// Scopes that the member has now.
    pub view: Vec<Scope>,
    /// While a new scope goes out: the last record of this page.
    pub entering: Option<(Scope, EntityId)>,
    /// Encoded page, to be read with what the phone knows.
    pub page: Vec<u8>,
    /// The hub's log at the end of the page.
    pub log: LogTag,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// A short reference did not resolve: the same frames with full ids.
    NeedsFullIds,
    /// The frames do not continue what the hub has: from `have` on again.
    Gap,
    /// A frame is damaged.
    Damaged,
    /// The hub could not store it now (disk full): later again.
    NotStored,
}

impl PushError {
    const ALL: [PushError; 4] = [PushError::NeedsFullIds, PushError::Gap, PushError::Damaged, PushError::NotStored];
}

pub fn key_id(key: &VerifyingKey) -> KeyId {
    let mut id = KeyId::default();
    id.copy_from_slice(&key.as_bytes()[..8]);
    id
}

/// A request as received: who claims to speak, before the claim is checked.
pub struct Sealed<'b> {
    pub key: KeyId,
    pub challenge: Challenge,
    body: &'b [u8],
    signature: Signature,
}

impl<'b> Sealed<'b> {
    pub fn decode(bytes: &'b [u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let parts = d.array()?;
        let version = d.u64()?;
        if version != u64::from(VERSION) {
            return Err(WireError::Version(version));
        }
        if parts != Some(5) {
            return Err(malformed("a request has five parts"));
        }
        let key = d.bytes()?.try_into().map_err(|_| malformed("a key id has 8 bytes"))?;
        let challenge = d.bytes()?.try_into().map_err(|_| malformed("a challenge has 16 bytes"))?;
        let body = d.bytes()?;
        let signature = d.bytes()?.try_into().map(|bytes| Signature::from_bytes(&bytes));
        let signature = signature.map_err(|_| malformed("a signature has 64 bytes"))?;
        Ok(Sealed { key, challenge, body, signature })
    }

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
        let mut out = Encoder::new(Vec::new());
        put!(out, map(8 + u64::from(self.entering.is_some()) + u64::from(!self.frames.is_empty())));
        put!(out, u8(0), encode(self.replica));
        put!(out, u8(1), u64(self.head.rseq), u8(2), encode(self.head.chain));
        put!(out, u8(3), u64(self.holds_from));
        put!(out, u8(4), array(3), u64(self.boot_id), u64(self.mono_ms), i64(self.wall_ms));
        put!(out, u8(5), encode(self.cursor.seq), u8(6), bytes(&self.cursor.log));
        put!(out, u8(7));
        put_scopes(&mut out, &self.view, self.full_ids);
        put_entering(&mut out, 8, self.entering);
        if !self.frames.is_empty() {
            put!(out, u8(9), array(self.frames.len() as u64));
            for frame in &self.frames {
                put!(out, bytes(frame));
            }
        }
        out.into_writer()
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let (mut replica, mut rseq, mut chain, mut holds_from, mut clock) = (None, None, None, None, None);
        let (mut seq, mut log, mut view, mut entering, mut frames) = (None, None, None, None, Vec::new());
        for _ in 0..d.map()?.ok_or_else(|| malformed("indefinite length"))? {
            match d.u64()? {
                0 => replica = Some(d.decode()?),
                1 => rseq = Some(d.u64()?),
                2 => chain = Some(d.decode()?),
                3 => holds_from = Some(d.u64()?),
                4 => clock = Some(clock_of(&mut d)?),
                5 => seq = Some(d.decode()?),
                6 => log = Some(fixed(&mut d)?),
                7 => view = Some(view_of(&mut d)?),
                8 => entering = Some(entering_of(&mut d)?),
                9 => frames = frames_of(&mut d)?,
                _ => d.skip()?,
            }
        }
        let (boot_id, mono_ms, wall_ms) = clock.ok_or_else(|| malformed("no clock"))?;
        let (view, full_ids) = view.ok_or_else(|| malformed("no view"))?;
        Ok(Request {
            replica: replica.ok_or_else(|| malformed("no replica"))?,
            head: Head {
                rseq: rseq.ok_or_else(|| malformed("no head"))?,
                chain: chain.ok_or_else(|| malformed("no head"))?,
            },
            holds_from: holds_from.ok_or_else(|| malformed("no range"))?,
            boot_id,
            mono_ms,
            wall_ms,
            cursor: Cursor {
                seq: seq.ok_or_else(|| malformed("no cursor"))?,
                log: log.ok_or_else(|| malformed("no cursor"))?,
            },
            view,
            entering,
            full_ids,
            frames,
        })
    }
}

impl Reply {
    /// `[version, zstd(body)]`
    pub fn encode(&self) -> Vec<u8> {
        let body = pack(&self.encode_body());
        let mut out = Encoder::new(Vec::with_capacity(body.len() + 16));
        put!(out, array(2), u16(VERSION), bytes(&body));
        out.into_writer()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let parts = d.array()?;
        let version = d.u64()?;
        if version != u64::from(VERSION) {
            return Err(WireError::Version(version));
        }
        if parts != Some(2) {
            return Err(malformed("a reply has two parts"));
        }
        Self::decode_body(&unpack(d.bytes()?)?)
    }

    fn encode_body(&self) -> Vec<u8> {
        let optional = [self.push_error.is_some(), self.rewind.is_some(), self.entering.is_some()];
        let optional = optional.into_iter().filter(|there| *there).count() as u64;
        let mut out = Encoder::new(Vec::new());
        put!(out, map(8 + optional));
        put!(out, u8(0), bytes(&self.challenge), u8(1), i64(self.hub_now_ms));
        put!(out, u8(2), u64(self.have.rseq), u8(3), encode(self.have.chain), u8(4), encode(self.durable));
        if let Some(error) = self.push_error {
            put!(out, u8(5), u8(error as u8));
        }
        if let Some(rewind) = self.rewind {
            put!(out, u8(6), array(2), encode(rewind.seq), bytes(&rewind.log));
        }
        put!(out, u8(7));
        put_scopes(&mut out, &self.view, false);
        put_entering(&mut out, 8, self.entering);
        put!(out, u8(9), bytes(&self.page), u8(10), bytes(&self.log));
        out.into_writer()
    }

    fn decode_body(bytes: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let (mut challenge, mut now, mut rseq, mut chain, mut durable) = (None, None, None, None, None);
        let (mut push_error, mut rewind, mut view, mut entering) = (None, None, None, None);
        let (mut page, mut log) = (None, None);
        for _ in 0..d.map()?.ok_or_else(|| malformed("indefinite length"))? {
            match d.u64()? {
                0 => challenge = Some(fixed(&mut d)?),
                1 => now = Some(d.i64()?),
                2 => rseq = Some(d.u64()?),
                3 => chain = Some(d.decode()?),
                4 => durable = Some(d.decode()?),
                5 => {
                    let code = usize::from(d.u8()?);
                    push_error = Some(PushError::ALL.get(code).copied().unwrap_or(PushError::NotStored));
                }
                6 => {
                    if d.array()? != Some(2) {
                        return Err(malformed("a rewind has two parts"));
                    }
                    rewind = Some(Cursor { seq: d.decode()?, log: fixed(&mut d)? });
                }
                7 => view = Some(view_of(&mut d)?.0),
                8 => entering = Some(entering_of(&mut d)?),
                9 => page = Some(d.bytes()?.to_vec()),
                10 => log = Some(fixed(&mut d)?),
                _ => d.skip()?,
            }
        }
        Ok(Reply {
            challenge: challenge.ok_or_else(|| malformed("no challenge"))?,
            hub_now_ms: now.ok_or_else(|| malformed("no time"))?,
            have: Head {
                rseq: rseq.ok_or_else(|| malformed("no ack"))?,
                chain: chain.ok_or_else(|| malformed("no ack"))?,
            },
            durable: durable.ok_or_else(|| malformed("no durable"))?,
            push_error,
            rewind,
            view: view.ok_or_else(|| malformed("no view"))?,
            entering,
            page: page.ok_or_else(|| malformed("no page"))?,
            log: log.ok_or_else(|| malformed("no log"))?,
        })
    }
}

/// `[full_ids, scope, …]`
fn put_scopes(out: &mut Encoder<Vec<u8>>, view: &[Scope], full_ids: bool) {
    put!(out, array(2), bool(full_ids), array(view.len() as u64));
    for scope in view {
        put!(out, encode(scope));
    }
}

fn view_of(d: &mut Decoder<'_>) -> Result<(Vec<Scope>, bool)> {
    if d.array()? != Some(2) {
        return Err(malformed("a view has two parts"));
    }
    let full_ids = d.bool()?;
    Ok((scopes(d)?, full_ids))
}

fn put_entering(out: &mut Encoder<Vec<u8>>, key: u8, entering: Option<(Scope, EntityId)>) {
    if let Some((scope, entity)) = entering {
        put!(out, u8(key), array(2), encode(scope), encode(entity));
    }
}

fn entering_of(d: &mut Decoder<'_>) -> Result<(Scope, EntityId)> {
    if d.array()? != Some(2) {
        return Err(malformed("where a scope comes in has two parts"));
    }
    Ok((d.decode()?, d.decode()?))
}

fn clock_of(d: &mut Decoder<'_>) -> Result<(u64, u64, i64)> {
    if d.array()? != Some(3) {
        return Err(malformed("a clock has three parts"));
    }
    Ok((d.u64()?, d.u64()?, d.i64()?))
}

fn frames_of(d: &mut Decoder<'_>) -> Result<Vec<Vec<u8>>> {
    let count = d.array()?.ok_or_else(|| malformed("indefinite length"))?;
    let mut frames = Vec::new();
    for _ in 0..count {
        frames.push(d.bytes()?.to_vec());
    }
    Ok(frames)
}

fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N]> {
    d.bytes()?.try_into().map_err(|_| malformed("bytes of another length"))
}

fn pack(raw: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(raw, ZSTD_LEVEL).expect("compressing in memory does not fail")
}

/// Never allocates more than the cap, whatever the frame header declares.
fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::decompress(packed, MESSAGE_BYTES).map_err(|_| WireError::TooLarge { cap: MESSAGE_BYTES })
}
