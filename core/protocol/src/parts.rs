//! What requests and replies are made of. Bodies are maps with integer keys, so that later versions can add;
//! a key that is not known is passed over if it holds a plain value (see `model::value`).

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ChainHash, EntityId, HubSeq};
use gridpatrol_model::value::Value;
use minicbor::{Decoder, Encoder};

use crate::compact::put;
use crate::limits::{MESSAGE_BYTES, SCOPES, VERSION, ZSTD_LEVEL};
use crate::{Result, WireError, malformed};

pub(crate) type Out = Encoder<Vec<u8>>;

/// First 8 bytes of h_n, the hash of the hub's log at a cursor.
pub type LogTag = [u8; 8];
/// What the next request has to sign.
pub type Challenge = [u8; 16];

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

impl Head {
    pub(crate) fn put(&self, out: &mut Out) {
        put!(out, array(2), u64(self.rseq), encode(self.chain));
    }

    pub(crate) fn take(d: &mut Decoder<'_>) -> Result<Self> {
        array(d, 2)?;
        Ok(Head { rseq: d.u64()?, chain: d.decode()? })
    }
}

impl Cursor {
    pub(crate) fn put(&self, out: &mut Out) {
        put!(out, array(2), encode(self.seq), bytes(&self.log));
    }

    pub(crate) fn take(d: &mut Decoder<'_>) -> Result<Self> {
        array(d, 2)?;
        Ok(Cursor { seq: d.decode()?, log: fixed(d)? })
    }
}

/// A scope that comes in, and the last record of it that went by.
pub(crate) fn put_entering(out: &mut Out, (scope, entity): (Scope, EntityId)) {
    put!(out, array(2), encode(scope), encode(entity));
}

pub(crate) fn take_entering(d: &mut Decoder<'_>) -> Result<(Scope, EntityId)> {
    array(d, 2)?;
    Ok((d.decode()?, d.decode()?))
}

pub(crate) fn put_scopes(out: &mut Out, scopes: &[Scope]) {
    put!(out, array(scopes.len() as u64));
    for scope in scopes {
        put!(out, encode(scope));
    }
}

pub(crate) fn take_scopes(d: &mut Decoder<'_>) -> Result<Vec<Scope>> {
    let count = at_most(d.array()?, SCOPES)?;
    let mut scopes = Vec::new();
    for _ in 0..count {
        scopes.push(d.decode()?);
    }
    Ok(scopes)
}

/// Calls `part` with each key of a map; it says whether it knows the key.
pub(crate) fn each_key<'b>(
    d: &mut Decoder<'b>,
    mut part: impl FnMut(u64, &mut Decoder<'b>) -> Result<bool>,
) -> Result<()> {
    let count = d.map()?.ok_or_else(|| malformed("indefinite length"))?;
    for _ in 0..count {
        let key = d.u64()?;
        if !part(key, d)? {
            d.decode::<Value>()?;
        }
    }
    end(d)
}

pub(crate) fn need<T>(part: Option<T>) -> Result<T> {
    part.ok_or_else(|| malformed("a part is missing"))
}

pub(crate) fn array(d: &mut Decoder<'_>, parts: u64) -> Result<()> {
    if d.array()? == Some(parts) { Ok(()) } else { Err(malformed("another number of parts")) }
}

pub(crate) fn at_most(count: Option<u64>, cap: usize) -> Result<u64> {
    count.filter(|count| *count <= cap as u64).ok_or_else(|| malformed("more parts than the cap"))
}

pub(crate) fn end(d: &Decoder<'_>) -> Result<()> {
    if d.position() == d.input().len() { Ok(()) } else { Err(malformed("bytes behind the end")) }
}

pub(crate) fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N]> {
    d.bytes()?.try_into().map_err(|_| malformed("bytes of another length"))
}

/// A message is an array that begins with the version; the other parts follow.
pub(crate) fn versioned(d: &mut Decoder<'_>, parts: u64) -> Result<()> {
    let found = d.array()?;
    let version = d.u64()?;
    if version != u64::from(VERSION) {
        return Err(WireError::Version(version));
    }
    if found == Some(parts) { Ok(()) } else { Err(malformed("another number of parts")) }
}

pub(crate) fn pack(raw: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(raw, ZSTD_LEVEL).expect("compressing in memory does not fail")
}

/// Allocates what the head of the compressed bytes declares, and nothing if that is over the cap.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let declared = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten();
    let size = declared.ok_or_else(|| malformed("not a compressed body"))?;
    if size > MESSAGE_BYTES as u64 {
        return Err(WireError::TooLarge { cap: MESSAGE_BYTES });
    }
    let raw = zstd::bulk::decompress(packed, size as usize).map_err(|_| malformed("a damaged body"))?;
    if raw.len() as u64 == size { Ok(raw) } else { Err(malformed("a body of another size")) }
}
