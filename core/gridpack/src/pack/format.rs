//! The bytes of a pack, version 1, little-endian.
//!
//! ```text
//! 0   magic "gpgrids", version u8
//! 8   CRC-32 of all that follows u32
//! 12  bytes of the head u32, bytes of the index u32
//! 20  head · index (`gridpatrol_geo::grid`, of the live grids)
//! ```
//! The head is CBOR: `[name, source, crs, made_ms, grids]`, a grid `[code, name, [successor …], [lon, lat, …]]` with
//! the code as a number, the ring in 1e-7 degrees and each corner as its difference from the one before. Grids ascend
//! by code.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::GridIndex;
use gridpatrol_model::area::GridCode;
use minicbor::{Decoder, Encoder};

use super::{About, BadPack, Grid, Pack, formed};
use crate::MAX_CORNERS;
use crate::crs::Crs;
use crate::import::{MAX_GRIDS, MAX_TEXT};
use crate::plane::doubled_area;

const MAGIC: &[u8; 8] = b"gpgrids\x01";
const HEADER: usize = 20;
/// Successors of one grid: a split makes two, by and by there may be more.
const MAX_SUCCESSORS: u64 = 20;

/// A pack as it lies in a file. `B` holds the bytes: a `Vec`, a slice, a mapped file.
#[derive(Clone, Debug)]
pub struct PackFile<B = Vec<u8>> {
    pub pack: Pack,
    /// Answers from the bytes, for live grids.
    pub index: GridIndex<Tail<B>>,
}

/// The end of some bytes.
#[derive(Clone, Debug)]
pub struct Tail<B> {
    bytes: B,
    from: usize,
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Tail<B> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes.as_ref()[self.from..]
    }
}

impl<B: AsRef<[u8]>> PackFile<B> {
    /// Reads all bytes once and builds nothing: afterwards no answer can fail.
    pub fn from_bytes(bytes: B) -> Result<Self, BadPack> {
        let all = bytes.as_ref();
        let (magic, rest) = all.split_first_chunk::<8>().ok_or(BadPack::Unknown)?;
        if magic != MAGIC {
            return Err(BadPack::Unknown);
        }
        let words = rest.get(..HEADER - 8).ok_or(BadPack::Damaged("cut short"))?.as_chunks::<4>().0;
        let word = |at: usize| u32::from_le_bytes(words[at]);
        if crc32fast::hash(&all[12..]) != word(0) {
            return Err(BadPack::Damaged("checksum"));
        }
        let index_at = HEADER as u64 + u64::from(word(1));
        if index_at + u64::from(word(2)) != all.len() as u64 {
            return Err(BadPack::Damaged("length"));
        }
        let from = index_at as usize;
        let pack = head(&all[HEADER..from]).ok_or(BadPack::Damaged("grids"))?;
        let index = GridIndex::from_bytes(Tail { bytes, from })?;
        if !pack.live().map(|grid| grid.code).eq(index.codes().iter().copied()) {
            return Err(BadPack::Damaged("the index is of other grids"));
        }
        Ok(PackFile { pack, index })
    }

    /// Whether the index is what the borders of the pack give: for whoever takes a pack from somebody else.
    pub fn is_true(&self) -> bool {
        self.pack.index().as_bytes() == self.index.as_bytes()
    }
}

impl Pack {
    /// The file, index included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = Encoder::new(Vec::new());
        self.encode(&mut head).expect("a vector takes what it is given");
        let (head, index) = (head.into_writer(), self.index());
        let sizes = [head.len(), index.as_bytes().len()].map(|size| (size as u32).to_le_bytes());
        let body = [sizes.as_flattened(), &head, index.as_bytes()].concat();
        [MAGIC.as_slice(), &crc32fast::hash(&body).to_le_bytes(), &body].concat()
    }

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        let About { name, source, crs, made_ms } = &self.about;
        e.array(5)?.str(name)?.str(source)?.str(crs.name())?.i64(*made_ms)?.array(self.grids.len() as u64)?;
        for grid in self.grids() {
            e.array(4)?.u64(number(grid.code))?.str(&grid.name)?;
            e.array(grid.superseded_by.len() as u64)?;
            for next in &grid.superseded_by {
                e.u64(number(*next))?;
            }
            e.array(grid.ring.len() as u64 * 2)?;
            let mut before = [0, 0];
            for at in &grid.ring {
                let here = [i64::from(at.lon()), i64::from(at.lat())];
                e.i64(here[0] - before[0])?.i64(here[1] - before[1])?;
                before = here;
            }
        }
        Ok(())
    }
}

fn number(code: GridCode) -> u64 {
    code.as_str().parse().expect("a code has 15 digits")
}

fn head(bytes: &[u8]) -> Option<Pack> {
    let mut d = Decoder::new(bytes);
    array(&mut d, 5, 5)?;
    let (name, source) = (text(&mut d)?, text(&mut d)?);
    let crs: Crs = d.str().ok()?.parse().ok()?;
    let made_ms = d.i64().ok()?;
    let mut pack = Pack { about: About { name, source, crs, made_ms }, grids: Default::default() };
    let mut last = None;
    for _ in 0..array(&mut d, 1, MAX_GRIDS as u64)? {
        let grid = grid(&mut d)?;
        if last.replace(grid.code) >= Some(grid.code) {
            return None;
        }
        pack.put(grid);
    }
    (d.position() == bytes.len()).then_some(pack)
}

fn grid(d: &mut Decoder<'_>) -> Option<Grid> {
    array(d, 4, 4)?;
    let (code, name) = (code(d)?, text(d)?);
    let successors = array(d, 0, MAX_SUCCESSORS)?;
    let superseded_by: Vec<GridCode> = (0..successors).map(|_| self::code(d)).collect::<Option<_>>()?;
    let corners = array(d, 6, MAX_CORNERS as u64 * 2)?;
    let mut before = [0_i64, 0];
    let mut ring = Vec::with_capacity(corners as usize / 2);
    for _ in 0..corners / 2 {
        before = [before[0].checked_add(d.i64().ok()?)?, before[1].checked_add(d.i64().ok()?)?];
        let [lon, lat] = before.map(|number| i32::try_from(number).ok());
        ring.push(E7::new(lon?, lat?).ok()?);
    }
    let sound = corners % 2 == 0 && doubled_area(&ring) > 0 && formed(&ring) == ring;
    let ordered = superseded_by.is_sorted_by(|a, b| a < b);
    (sound && ordered).then_some(Grid { code, name, ring, superseded_by })
}

fn array(d: &mut Decoder<'_>, least: u64, most: u64) -> Option<u64> {
    d.array().ok()?.filter(|len| (least..=most).contains(len))
}

fn text(d: &mut Decoder<'_>) -> Option<String> {
    d.str().ok().filter(|text| text.len() <= MAX_TEXT).map(str::to_owned)
}

fn code(d: &mut Decoder<'_>) -> Option<GridCode> {
    GridCode::parse(&format!("{:015}", d.u64().ok()?)).ok()
}
