//! Field values. A value is one encoded CBOR item, kept as its bytes: equality is byte equality, a type from
//! a newer version survives untouched, and a merge never decodes what it only moves.

use std::fmt;

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

use crate::ids::{ActorId, Dot, EntityId};

/// Nesting allowed in a value: a list of lists is the deepest the field table asks for.
const MAX_DEPTH: usize = 4;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(Box<[u8]>);

/// WGS-84, 1e-7 degrees; accuracy in decimetres where the phone stated one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub lon_e7: i32,
    pub lat_e7: i32,
    pub accuracy_dm: Option<u32>,
}

/// Content that is too large for an op: a photo or a block of track points.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobRef {
    /// SHA-256 of the content.
    pub hash: [u8; 32],
    /// Bytes.
    pub size: u64,
    pub mime: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    #[error("a value is exactly one CBOR item of definite length")]
    NotOneItem,
    #[error("a value nests at most {MAX_DEPTH} deep")]
    TooDeep,
}

impl Value {
    pub fn null() -> Self {
        Self::build(|e| drop(e.null()))
    }

    pub fn bool(value: bool) -> Self {
        Self::build(|e| drop(e.bool(value)))
    }

    pub fn int(value: i64) -> Self {
        Self::build(|e| drop(e.i64(value)))
    }

    pub fn text(value: &str) -> Self {
        Self::build(|e| drop(e.str(value)))
    }

    pub fn bytes(value: &[u8]) -> Self {
        Self::build(|e| drop(e.bytes(value)))
    }

    pub fn entity(id: EntityId) -> Self {
        Self::bytes(&id.0)
    }

    pub fn actor(id: &ActorId) -> Self {
        Self::text(id.as_str())
    }

    pub fn position(at: Position) -> Self {
        Self::build(|e| {
            let _ = e.array(3).and_then(|e| e.i32(at.lon_e7)).and_then(|e| e.i32(at.lat_e7));
            match at.accuracy_dm {
                Some(dm) => drop(e.u32(dm)),
                None => drop(e.null()),
            }
        })
    }

    pub fn blob(blob: &BlobRef) -> Self {
        Self::build(|e| {
            drop(
                e.array(3)
                    .and_then(|e| e.bytes(&blob.hash))
                    .and_then(|e| e.u64(blob.size))
                    .and_then(|e| e.str(&blob.mime)),
            );
        })
    }

    pub fn list<'a>(items: impl IntoIterator<Item = &'a Value>) -> Self {
        let items: Vec<&Value> = items.into_iter().collect();
        Self::build(|e| {
            let _ = e.array(items.len() as u64);
            for item in items {
                e.writer_mut().extend_from_slice(&item.0);
            }
        })
    }

    /// What a Delete saw, in order.
    pub fn dots(dots: impl IntoIterator<Item = Dot>) -> Self {
        let mut dots: Vec<Dot> = dots.into_iter().collect();
        dots.sort_unstable();
        dots.dedup();
        Self::build(|e| {
            let _ = e.array(dots.len() as u64);
            for dot in dots {
                let _ = e.encode(dot);
            }
        })
    }

    /// Takes over an encoded item, of a type known or not.
    pub fn from_encoded(bytes: &[u8]) -> Result<Self, BadValue> {
        let mut decoder = Decoder::new(bytes);
        let value = Self::next(&mut decoder)?;
        if decoder.position() == bytes.len() { Ok(value) } else { Err(BadValue::NotOneItem) }
    }

    /// Takes over the next item of a decoder.
    pub(crate) fn next(decoder: &mut Decoder<'_>) -> Result<Self, BadValue> {
        let start = decoder.position();
        check_item(decoder, MAX_DEPTH)?;
        Ok(Self(decoder.input()[start..decoder.position()].into()))
    }

    pub fn encoded(&self) -> &[u8] {
        &self.0
    }

    pub fn is_null(&self) -> bool {
        *self.0 == [0xf6]
    }

    pub fn as_bool(&self) -> Option<bool> {
        self.read(|d| d.bool())
    }

    pub fn as_int(&self) -> Option<i64> {
        self.read(|d| d.i64())
    }

    pub fn as_text(&self) -> Option<&str> {
        Decoder::new(&self.0).str().ok()
    }

    pub fn as_bytes(&self) -> Option<&[u8]> {
        Decoder::new(&self.0).bytes().ok()
    }

    pub fn as_entity(&self) -> Option<EntityId> {
        self.as_bytes()?.try_into().ok().map(EntityId)
    }

    pub fn as_position(&self) -> Option<Position> {
        self.read(|d| {
            if d.array()? != Some(3) {
                return Err(minicbor::decode::Error::message("a position has three parts"));
            }
            Ok(Position { lon_e7: d.i32()?, lat_e7: d.i32()?, accuracy_dm: d.decode()? })
        })
    }

    pub fn as_blob(&self) -> Option<BlobRef> {
        self.read(|d| {
            if d.array()? != Some(3) {
                return Err(minicbor::decode::Error::message("a blob has three parts"));
            }
            let hash = d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("a hash has 32 bytes"))?;
            Ok(BlobRef { hash, size: d.u64()?, mime: d.str()?.to_owned() })
        })
    }

    pub fn as_list(&self) -> Option<Vec<Value>> {
        let mut decoder = Decoder::new(&self.0);
        let count = decoder.array().ok()??;
        let mut items = Vec::new();
        for _ in 0..count {
            let start = decoder.position();
            decoder.skip().ok()?;
            items.push(Self(self.0[start..decoder.position()].into()));
        }
        Some(items)
    }

    pub fn as_dots(&self) -> Option<Vec<Dot>> {
        self.read(|d| {
            let mut dots = Vec::new();
            for _ in 0..d.array()?.unwrap_or(0) {
                dots.push(d.decode()?);
            }
            Ok(dots)
        })
    }

    fn build(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Self {
        let mut encoder = Encoder::new(Vec::new());
        write(&mut encoder);
        Self(encoder.into_writer().into_boxed_slice())
    }

    fn read<T>(&self, read: impl FnOnce(&mut Decoder<'_>) -> Result<T, minicbor::decode::Error>) -> Option<T> {
        let mut decoder = Decoder::new(&self.0);
        let value = read(&mut decoder).ok()?;
        (decoder.position() == self.0.len()).then_some(value)
    }
}

/// Walks one item without allocating, so that a hostile length or nesting costs nothing.
fn check_item(decoder: &mut Decoder<'_>, depth: usize) -> Result<(), BadValue> {
    let malformed = |_| BadValue::NotOneItem;
    match decoder.datatype().map_err(malformed)? {
        kind @ (Type::Array | Type::Map) => {
            let depth = depth.checked_sub(1).ok_or(BadValue::TooDeep)?;
            let count = if kind == Type::Array { decoder.array() } else { decoder.map() };
            let count = count.map_err(malformed)?.ok_or(BadValue::NotOneItem)?;
            let items = if kind == Type::Map { count.checked_mul(2).ok_or(BadValue::NotOneItem)? } else { count };
            (0..items).try_for_each(|_| check_item(decoder, depth))
        }
        Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef | Type::Tag | Type::Break => {
            Err(BadValue::NotOneItem)
        }
        Type::String => decoder.str().map(drop).map_err(malformed),
        _ => decoder.skip().map_err(malformed),
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", minicbor::display(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back_as_what_they_were() {
        assert_eq!(Value::text("塘口镇").as_text(), Some("塘口镇"));
        assert_eq!(Value::int(-3).as_int(), Some(-3));
        assert_eq!(Value::int(3).as_text(), None);
        let at = Position { lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: None };
        assert_eq!(Value::position(at).as_position(), Some(at));
        let blob = BlobRef { hash: [9; 32], size: 4_000_000, mime: "image/jpeg".into() };
        assert_eq!(Value::blob(&blob).as_blob(), Some(blob));
        let list = Value::list([&Value::int(1), &Value::text("二")]);
        assert_eq!(list.as_list(), Some(vec![Value::int(1), Value::text("二")]));
    }

    #[test]
    fn hostile_bytes_are_refused_without_allocating() {
        let huge_array = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let endless_map = [0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0];
        let two_items = [0x01, 0x02];
        for bad in [&huge_array[..], &endless_map[..], &two_items[..], &[], &[0x9f, 0xff]] {
            assert_eq!(Value::from_encoded(bad), Err(BadValue::NotOneItem), "{bad:02x?}");
        }
        assert_eq!(Value::from_encoded(&[0x81; 64]), Err(BadValue::TooDeep));
    }
}
