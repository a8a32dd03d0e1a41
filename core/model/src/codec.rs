//! CBOR of the small values that ops, rows and records are made of (RFC 8949, definite lengths, shortest form).

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::area::Scope;
use crate::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use crate::op::FieldKey;
use crate::schema::{FieldNo, RecordKind};
use crate::time::{EffectiveTime, TimeQuality};
use crate::value::Value;

/// Encodes into memory, which never fails.
pub(crate) fn to_bytes(value: &impl Encode<()>) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory does not fail")
}

/// Decodes one item and nothing behind it.
pub(crate) fn from_bytes<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, DecodeError> {
    let mut d = Decoder::new(bytes);
    let value = d.decode()?;
    if d.position() == bytes.len() {
        Ok(value)
    } else {
        Err(DecodeError::message("bytes behind the end").at(d.position()))
    }
}

/// An array of exactly `len` items follows.
pub(crate) fn expect_array(d: &mut Decoder<'_>, len: u64) -> Result<(), DecodeError> {
    match d.array()? {
        Some(found) if found == len => Ok(()),
        _ => Err(DecodeError::message("array of another length").at(d.position())),
    }
}

/// The length of a definite array or map; a collection grows as items arrive, never by this number.
pub(crate) fn definite(len: Option<u64>, d: &Decoder<'_>) -> Result<u64, DecodeError> {
    len.ok_or_else(|| DecodeError::message("indefinite length").at(d.position()))
}

pub(crate) fn decode_all<'b, T: Decode<'b, ()>>(d: &mut Decoder<'b>) -> Result<Vec<T>, DecodeError> {
    let len = definite(d.array()?, d)?;
    let mut items = Vec::new();
    for _ in 0..len {
        items.push(d.decode()?);
    }
    Ok(items)
}

pub(crate) fn encode_all<'a, W: Write, T: Encode<()> + 'a>(
    e: &mut Encoder<W>,
    items: impl ExactSizeIterator<Item = &'a T>,
) -> Result<(), EncodeError<W::Error>> {
    e.array(items.len() as u64)?;
    for item in items {
        e.encode(item)?;
    }
    Ok(())
}

macro_rules! fixed_bytes {
    ($($type:ident $len:literal),*) => {$(
        impl<C> Encode<C> for $type {
            fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $type {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
                let at = d.position();
                let bytes: [u8; $len] =
                    d.bytes()?.try_into().map_err(|_| DecodeError::message("bytes of another length").at(at))?;
                Ok(Self(bytes))
            }
        }
    )*};
}

fixed_bytes!(ReplicaId 16, EntityId 16, ChainHash 32);

impl<C> Encode<C> for Dot {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Dot {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let at = d.position();
        Dot::from_bytes(d.bytes()?).ok_or_else(|| DecodeError::message("a dot has 32 bytes").at(at))
    }
}

impl Dot {
    pub const BYTES: usize = 32;

    /// Replica, rseq (big endian), tag.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&self.replica.0);
        bytes[16..24].copy_from_slice(&self.rseq.to_be_bytes());
        bytes[24..].copy_from_slice(&self.tag);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().ok()?;
        Some(Dot {
            replica: ReplicaId(bytes[..16].try_into().ok()?),
            rseq: u64::from_be_bytes(bytes[16..24].try_into().ok()?),
            tag: bytes[24..].try_into().ok()?,
        })
    }
}

impl<C> Encode<C> for HubSeq {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(2)?.u32(self.epoch)?.u64(self.n)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for HubSeq {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 2)?;
        Ok(HubSeq { epoch: d.u32()?, n: d.u64()? })
    }
}

impl<C> Encode<C> for ActorId {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ActorId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let at = d.position();
        ActorId::new(d.str()?).map_err(|_| DecodeError::message("not an actor").at(at))
    }
}

impl<C> Encode<C> for Scope {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Scope {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let at = d.position();
        Scope::parse(d.str()?).map_err(|_| DecodeError::message("not a scope").at(at))
    }
}

impl<C> Encode<C> for RecordKind {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.u16(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for RecordKind {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        d.u16().map(RecordKind)
    }
}

/// A field is its number; an item of a field is `[number, item]`.
impl<C> Encode<C> for FieldKey {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        match &self.item {
            None => e.u16(self.no.0)?.ok(),
            Some(item) => e.array(2)?.u16(self.no.0)?.str(item)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for FieldKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        if d.datatype()? == minicbor::data::Type::Array {
            expect_array(d, 2)?;
            Ok(FieldKey { no: FieldNo(d.u16()?), item: Some(d.str()?.into()) })
        } else {
            Ok(FieldKey { no: FieldNo(d.u16()?), item: None })
        }
    }
}

impl<C> Encode<C> for Value {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.writer_mut().write_all(self.encoded()).map_err(EncodeError::write)
    }
}

impl<'b, C> Decode<'b, C> for Value {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let start = d.position();
        Value::next(d).map_err(|_| DecodeError::message("not a value").at(start))
    }
}

impl<C> Encode<C> for EffectiveTime {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(2)?.i64(self.ms)?.u8(self.quality.code())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for EffectiveTime {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 2)?;
        let ms = d.i64()?;
        let at = d.position();
        let quality =
            TimeQuality::from_code(d.u8()?).ok_or_else(|| DecodeError::message("unknown time quality").at(at))?;
        Ok(EffectiveTime { ms, quality })
    }
}
