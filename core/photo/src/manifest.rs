//! The manifest of a photo: what its phone knew and signed when the photo was taken.
//!
//! Canonical bytes are one CBOR map (RFC 8949 §4.2: shortest forms, definite lengths, ascending integer keys):
//!
//! | key | what | CBOR |
//! |---|---|---|
//! | 1 | SHA-256 of the original file | 32 bytes |
//! | 2 | id of the record that the photo shows | 16 bytes |
//! | 3 | Ed25519 public key of the phone | 32 bytes |
//! | 4, 5, 6 | wall clock (ms UTC), boot, ms since boot | integers |
//! | 7 | time by satellites, ms UTC | integer, may be absent |
//! | 8 | the hub's time at the last sync, ms UTC | integer, may be absent |
//! | 9 | `[CRS, lon, lat, accuracy]`: EPSG number, 1e-7 degrees, decimetres or null | array, may be absent |
//! | 10 | category: `[standard_ref, kind, code, name]` | array of texts, may be absent |
//! | 11 | version of the app | text |
//! | 12 | 0 captured, 1 from the library | integer |
//! | 13 | [`DHash`] of the unstamped derivative | 8 bytes, may be absent |
//!
//! Keys of a later version are kept as they are, so that hash, code and signature survive an old reader. The record
//! is the one that the photo is *of*: the photo's own id is a hash over the op that carries this manifest.

use std::collections::BTreeMap;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::pack::Category;
use gridpatrol_model::time::TimeEvidence;
use minicbor::{Decoder, Encoder};

use crate::code::Code;
use crate::dhash::DHash;
use crate::signed::SignedManifest;

/// What is signed begins with this, so that no other signature of the phone's key is one of a manifest.
const SIGNED_AS: &[u8] = b"gridpatrol photo manifest 1";

/// EPSG number of WGS-84, which is what is stored (domain: storage is WGS-84 and says so).
pub const WGS_84: u16 = 4326;

/// What a phone says about a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// SHA-256 of the original file.
    pub sha256: [u8; 32],
    /// The record that the photo shows.
    pub record: EntityId,
    /// Ed25519 public key of the phone, which is also its id.
    pub device: [u8; 32],
    pub time: TimeEvidence,
    /// The hub's clock at the last sync, milliseconds UTC.
    pub last_hub_ms: Option<i64>,
    pub place: Option<Place>,
    /// As the record had it when the photo was taken.
    pub category: Option<Category>,
    pub app_version: String,
    pub origin: Origin,
    /// Of the derivative before it was stamped; `None` if it has none.
    pub dhash: Option<DHash>,
    /// Keys of a later version and their encoded values.
    pub later: BTreeMap<u64, Vec<u8>>,
}

/// Where the phone was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// EPSG number; [`WGS_84`] unless a later version says otherwise.
    pub crs: u16,
    /// 1e-7 degrees, east positive.
    pub lon_e7: i32,
    /// 1e-7 degrees, north positive.
    pub lat_e7: i32,
    /// Decimetres, if the phone stated it.
    pub accuracy_dm: Option<u32>,
}

/// Whether the app took the photo itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Captured,
    /// Chosen from the library: labelled 非现场.
    Library,
}

/// Why bytes are no manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    #[error("this is not a photo manifest, or it is damaged; fetch it again from where it came from")]
    Malformed,
    #[error("this has {0} bytes, more than any photo manifest; fetch it again from where it came from")]
    TooLarge(usize),
    #[error("this manifest is not in its canonical form, so its code and signature mean nothing")]
    NotCanonical,
}

impl From<minicbor::decode::Error> for BadManifest {
    fn from(_: minicbor::decode::Error) -> Self {
        BadManifest::Malformed
    }
}

impl Manifest {
    /// Bytes of the longest manifest that is read: ours have about 300.
    pub const MAX_BYTES: usize = 4096;

    /// Canonical bytes: what is hashed and signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut items = self.later.clone();
        items.extend(self.known());
        let mut out = Encoder::new(Vec::new());
        drop(out.map(items.len() as u64));
        for (key, value) in items {
            drop(out.u64(key));
            out.writer_mut().extend_from_slice(&value);
        }
        out.into_writer()
    }

    fn known(&self) -> Vec<(u64, Vec<u8>)> {
        let origin = u8::from(self.origin == Origin::Library);
        let TimeEvidence { wall_ms, boot_id, mono_ms, gnss_ms } = self.time;
        let mut items = vec![
            (1, item(|e| drop(e.bytes(&self.sha256)))),
            (2, item(|e| drop(e.bytes(&self.record.0)))),
            (3, item(|e| drop(e.bytes(&self.device)))),
            (4, item(|e| drop(e.i64(wall_ms)))),
            (5, item(|e| drop(e.u64(boot_id)))),
            (6, item(|e| drop(e.u64(mono_ms)))),
            (11, item(|e| drop(e.str(&self.app_version)))),
            (12, item(|e| drop(e.u8(origin)))),
        ];
        items.extend(gnss_ms.map(|ms| (7, item(|e| drop(e.i64(ms))))));
        items.extend(self.last_hub_ms.map(|ms| (8, item(|e| drop(e.i64(ms))))));
        items.extend(self.place.map(|place| (9, place.encode())));
        items.extend(self.category.as_ref().map(|category| (10, category.to_value().encoded().to_vec())));
        items.extend(self.dhash.map(|hash| (13, item(|e| drop(e.bytes(&hash.to_bytes()))))));
        items
    }

    /// Reads canonical bytes and nothing else: whatever it returns encodes to the same bytes again.
    ///
    /// # Errors
    /// [`BadManifest`]; no input takes more memory than its own length or panics.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(BadManifest::TooLarge(bytes.len()));
        }
        let mut items = items(bytes)?;
        let manifest = Manifest {
            sha256: required(&mut items, 1, fixed)?,
            record: EntityId(required(&mut items, 2, fixed)?),
            device: required(&mut items, 3, fixed)?,
            time: TimeEvidence {
                wall_ms: required(&mut items, 4, |d| Ok(d.i64()?))?,
                boot_id: required(&mut items, 5, |d| Ok(d.u64()?))?,
                mono_ms: required(&mut items, 6, |d| Ok(d.u64()?))?,
                gnss_ms: optional(&mut items, 7, |d| Ok(d.i64()?))?,
            },
            last_hub_ms: optional(&mut items, 8, |d| Ok(d.i64()?))?,
            place: optional(&mut items, 9, Place::decode)?,
            category: optional(&mut items, 10, category)?,
            app_version: required(&mut items, 11, |d| Ok(d.str()?.to_owned()))?,
            origin: required(&mut items, 12, origin)?,
            dhash: optional(&mut items, 13, |d| Ok(DHash::from_bytes(fixed(d)?)))?,
            later: items.into_iter().map(|(key, value)| (key, value.to_vec())).collect(),
        };
        if manifest.encode() == bytes { Ok(manifest) } else { Err(BadManifest::NotCanonical) }
    }

    pub fn code(&self) -> Code {
        Code::of(&self.encode())
    }

    /// Has the phone sign it. `sign` is given the message and answers with the Ed25519 signature: the key may live in
    /// a key store that never gives it away.
    pub fn sign(self, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> SignedManifest {
        let signature = sign(&self.message());
        SignedManifest { manifest: self, signature }
    }

    /// What is signed.
    pub(crate) fn message(&self) -> Vec<u8> {
        [SIGNED_AS, &self.encode()].concat()
    }
}

impl Place {
    fn encode(&self) -> Vec<u8> {
        item(|e| {
            drop(
                e.array(4)
                    .and_then(|e| e.u16(self.crs))
                    .and_then(|e| e.i32(self.lon_e7))
                    .and_then(|e| e.i32(self.lat_e7))
                    .and_then(|e| e.encode(self.accuracy_dm)),
            );
        })
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, BadManifest> {
        if d.array()? != Some(4) {
            return Err(BadManifest::Malformed);
        }
        let place = Place { crs: d.u16()?, lon_e7: d.i32()?, lat_e7: d.i32()?, accuracy_dm: d.decode()? };
        let on_earth = place.lon_e7.unsigned_abs() <= 1_800_000_000 && place.lat_e7.unsigned_abs() <= 900_000_000;
        if on_earth { Ok(place) } else { Err(BadManifest::Malformed) }
    }
}

/// One encoded item. Writing to memory does not fail.
pub(crate) fn item(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    write(&mut out);
    out.into_writer()
}

/// The items of a map, whose keys ascend and which ends where the bytes end.
fn items(bytes: &[u8]) -> Result<BTreeMap<u64, &[u8]>, BadManifest> {
    let mut d = Decoder::new(bytes);
    let count = d.map()?.ok_or(BadManifest::NotCanonical)?;
    let mut items = BTreeMap::new();
    for _ in 0..count {
        let key = d.u64()?;
        let start = d.position();
        d.skip()?;
        if items.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(BadManifest::NotCanonical);
        }
        items.insert(key, &bytes[start..d.position()]);
    }
    if d.position() == bytes.len() { Ok(items) } else { Err(BadManifest::Malformed) }
}

type Items<'a> = BTreeMap<u64, &'a [u8]>;
type Read<T> = fn(&mut Decoder<'_>) -> Result<T, BadManifest>;

fn optional<T>(items: &mut Items<'_>, key: u64, read: Read<T>) -> Result<Option<T>, BadManifest> {
    items.remove(&key).map(|value| read(&mut Decoder::new(value))).transpose()
}

fn required<T>(items: &mut Items<'_>, key: u64, read: Read<T>) -> Result<T, BadManifest> {
    optional(items, key, read)?.ok_or(BadManifest::Malformed)
}

pub(crate) fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], BadManifest> {
    d.bytes()?.try_into().map_err(|_| BadManifest::Malformed)
}

fn category(d: &mut Decoder<'_>) -> Result<Category, BadManifest> {
    if d.array()? != Some(4) {
        return Err(BadManifest::Malformed);
    }
    let mut text = || -> Result<String, BadManifest> { Ok(d.str()?.to_owned()) };
    Ok(Category { standard_ref: text()?, kind: text()?, code: text()?, name: text()? })
}

fn origin(d: &mut Decoder<'_>) -> Result<Origin, BadManifest> {
    match d.u8()? {
        0 => Ok(Origin::Captured),
        1 => Ok(Origin::Library),
        _ => Err(BadManifest::Malformed),
    }
}
