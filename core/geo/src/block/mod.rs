//! Fixes as bytes: one block of a track, as a phone stores it and sends it.
//!
//! ```text
//! block: version: 1 byte · count of fixes: varint · the columns, in the layout of the version
//! 1  what phones wrote until 2026-11: zstd over varints; read, no longer written   `plain`
//! 2  live: varints, for the ten fixes between two saves                            `plain`
//! 3  what was compacted until 2026-11; read, no longer written                     `compact`
//! 4  compacted: packed bits, for the end of a segment                              `compact`
//! varint: 7 bits a byte, lowest first, the top bit says that more follow
//! zigzag: a signed number as an unsigned one, 0, −1, 1, −2, … → 0, 1, 2, 3, …
//! ```
//! Columns of differences are small numbers, and each kind of number is small in its own way. Every version is
//! exact, stands alone, and is bounded by the count it declares, which is checked against [`MAX_FIXES`] and the
//! length of the block before anything is allocated. None has a checksum: a live block is a row of a database that
//! commits it whole, a compacted one is known by its SHA-256.

mod bearing;
mod bits;
mod classes;
mod compact;
mod input;
mod pace;
mod plain;
mod rice;
mod unpack;

use input::{Input, write_varint};

use crate::track::Fix;

/// 2026-11: 27 hours of a fix a second; a patrol is cut into blocks long before that.
pub const MAX_FIXES: usize = 100_000;

const ZSTD: u8 = 1;
const LIVE: u8 = 2;
const RICE: u8 = 3;
const COMPACT: u8 = 4;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("a track block holds at most {MAX_FIXES} fixes: cut the segment")]
    TooManyFixes,
    #[error("this track block has version {0}, and only versions up to {COMPACT} can be read: upgrade")]
    Version(u8),
    #[error("the track block is damaged: {0}")]
    Damaged(&'static str),
}

/// A live block: cheap to write and small for a few fixes. Fails only for more than [`MAX_FIXES`].
pub fn encode_live(fixes: &[Fix]) -> Result<Vec<u8>, BlockError> {
    let mut block = head(LIVE, fixes)?;
    plain::write(&mut block, fixes);
    Ok(block)
}

/// A compacted block: small for many fixes. Fails only for more than [`MAX_FIXES`].
pub fn encode_compact(fixes: &[Fix]) -> Result<Vec<u8>, BlockError> {
    let mut block = head(COMPACT, fixes)?;
    match compact::write(&mut block, fixes) {
        Some(()) => Ok(block),
        // Numbers that no receiver gives need no small form, only an exact one.
        None => encode_live(fixes),
    }
}

/// Exactly the fixes that were encoded, from a block of any version. Never panics, and allocates at most what the
/// caps allow (about 20 MB).
pub fn decode_block(block: &[u8]) -> Result<Vec<Fix>, BlockError> {
    let mut input = Input(block);
    let version = input.byte()?;
    if !(ZSTD..=COMPACT).contains(&version) {
        return Err(BlockError::Version(version));
    }
    let count = input.bounded(MAX_FIXES, "it declares too many fixes")?;
    match version {
        ZSTD => plain::read_zstd(input, count),
        LIVE => plain::read(input, count),
        RICE => unpack::read(input, count, unpack::RICE_PADDING),
        _ => unpack::read(input, count, 0),
    }
}

fn head(version: u8, fixes: &[Fix]) -> Result<Vec<u8>, BlockError> {
    if fixes.len() > MAX_FIXES {
        return Err(BlockError::TooManyFixes);
    }
    let mut block = vec![version];
    write_varint(&mut block, fixes.len() as u64);
    Ok(block)
}
