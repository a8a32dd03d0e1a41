//! A coverage as bytes, to send and to keep. Little-endian:
//!
//! ```text
//! "gpcov" 0, version u16 · west, south i32 · cell_lon, cell_lat, nm_lon, nm_lat, columns, rows, radius_dm u32
//! form u8 · cells by rows, south to north, each from west to east
//! ```
//! Form 1: the lengths of runs of unseen and seen cells in turn, unseen first, as LEB128; only the first may be 0. Form
//! 0: a bit a cell, the lowest bit of a byte first, unused bits 0. The shorter one is written, runs where both are
//! equal, so equal coverages have equal bytes, and at most a header more than a bit a cell.

use super::area::Coverage;
use super::lattice::{Bits, Lattice, MAX_CELLS};

const MAGIC: &[u8; 8] = b"gpcov\x00\x01\x00";
const HEADER: usize = 45;
const PLAIN: u8 = 0;
const RUNS: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCoverage {
    #[error("this is no coverage, or one of a version that this app does not know: update the app")]
    Unknown,
    #[error("the coverage is damaged ({0}): take it from its source again")]
    Damaged(&'static str),
}

impl Coverage {
    pub fn to_bytes(&self) -> Vec<u8> {
        let Lattice { west, south, cell_lon, cell_lat, nm_lon, nm_lat, columns, rows } = self.lattice;
        let mut bytes = MAGIC.to_vec();
        for word in [west as u32, south as u32, cell_lon, cell_lat, nm_lon, nm_lat, columns, rows, self.radius_dm] {
            bytes.extend(word.to_le_bytes());
        }
        let most = self.lattice.cells().div_ceil(8) as usize;
        match runs(&self.seen, most) {
            Some(runs) => bytes.extend([RUNS].into_iter().chain(runs)),
            None => bytes.extend([PLAIN].into_iter().chain(plain(&self.seen, most))),
        }
        bytes
    }

    /// Bounded by the header before anything is allocated.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadCoverage> {
        let (head, body) = bytes.split_at_checked(HEADER).ok_or(BadCoverage::Unknown)?;
        let (magic, head) = head.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(BadCoverage::Unknown);
        }
        let (words, form) = head.as_chunks::<4>();
        let word = |at: usize| u32::from_le_bytes(words[at]);
        let lattice = Lattice {
            west: word(0) as i32,
            south: word(1) as i32,
            cell_lon: word(2),
            cell_lat: word(3),
            nm_lon: word(4),
            nm_lat: word(5),
            columns: word(6),
            rows: word(7),
        };
        let sizes = [lattice.cell_lon, lattice.cell_lat, lattice.nm_lon, lattice.nm_lat, lattice.columns, lattice.rows];
        if sizes.contains(&0) || lattice.cells() > MAX_CELLS || !(1..=10_000).contains(&word(8)) {
            return Err(BadCoverage::Damaged("lattice"));
        }
        let seen = match form {
            [RUNS] => from_runs(&lattice, body),
            [PLAIN] => from_plain(&lattice, body),
            _ => None,
        };
        Ok(Self { lattice, radius_dm: word(8), seen: seen.ok_or(BadCoverage::Damaged("cells"))? })
    }
}

/// `None` as soon as they would take more than `most` bytes.
fn runs(cells: &Bits, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for mut rest in cells.runs() {
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        if bytes.len() > most {
            return None;
        }
    }
    Some(bytes)
}

fn from_runs(lattice: &Lattice, bytes: &[u8]) -> Option<Bits> {
    let mut bits = Bits::none(lattice);
    let columns = lattice.columns as usize;
    let cells = lattice.cells() as usize;
    let (mut at, mut seen, mut length, mut shift) = (0, false, 0_usize, 0);
    for byte in bytes {
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 != 0 {
            // No run needs a fourth byte but one over all cells.
            if shift > 21 {
                return None;
            }
            continue;
        }
        let last_byte_says_nothing = shift > 7 && *byte == 0;
        if last_byte_says_nothing || length > cells - at || (length == 0 && at + usize::from(seen) > 0) {
            return None;
        }
        if seen {
            for row in at / columns..(at + length).div_ceil(columns) {
                bits.fill(row, at.saturating_sub(row * columns), at + length - row * columns);
            }
        }
        at += length;
        (seen, length, shift) = (!seen, 0, 0);
    }
    (at == cells && shift == 0).then_some(bits)
}

fn plain(bits: &Bits, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    for (cell, _) in bits.iter().enumerate().filter(|(_, seen)| *seen) {
        bytes[cell / 8] |= 1 << (cell % 8);
    }
    bytes
}

fn from_plain(lattice: &Lattice, bytes: &[u8]) -> Option<Bits> {
    let (cells, columns) = (lattice.cells() as usize, lattice.columns as usize);
    let unused = match cells % 8 {
        0 => 0,
        used => bytes.last()? >> used,
    };
    if bytes.len() != cells.div_ceil(8) || unused != 0 {
        return None;
    }
    let mut bits = Bits::none(lattice);
    for cell in (0..cells).filter(|cell| bytes[cell / 8] >> (cell % 8) & 1 == 1) {
        bits.fill(cell / columns, cell % columns, cell % columns + 1);
    }
    Some(bits)
}
