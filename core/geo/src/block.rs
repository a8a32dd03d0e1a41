//! Fixes as bytes: one block of a track, as a phone stores it and sends it.
//!
//! ```text
//! version 1: 1 byte · count: varint · raw size: varint · one zstd frame of the raw bytes
//! raw: six columns in the order of the fields of `Fix`
//! column: [optional fields only] 0 = none, 1 = all, 2 = some, followed by ⌈count/8⌉ bytes, lowest bit first
//!         then for each value that is there: varint(zigzag(value − value before it in the column)), from 0
//! `at` is two columns without the leading byte: longitude, latitude
//! varint: 7 bits a byte, lowest first, the top bit says that more follow; subtraction wraps in 64 bits
//! ```
//! Columns of differences are small numbers that repeat, which is what zstd is good at. Decoding is exact, and
//! bounded by what the head declares, which is checked before anything is allocated. The bytes of a block
//! depend on the release of zstd: compare blocks by what they decode to.

use crate::crs::E7;
use crate::track::Fix;

/// 2026-11: 27 hours of a fix a second; a patrol is cut into blocks long before that.
pub const MAX_FIXES: usize = 100_000;
/// Above the worst case of `MAX_FIXES` fixes (35 bytes and 5 bits each).
pub const MAX_RAW_BYTES: usize = 4 << 20;

const VERSION: u8 = 1;
/// The default of zstd.
const ZSTD_LEVEL: i32 = 3;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("a track block holds at most {MAX_FIXES} fixes: cut the segment")]
    TooManyFixes,
    #[error("this track block has version {0}, and only version {VERSION} can be read: upgrade")]
    Version(u8),
    #[error("the track block is damaged: {0}")]
    Damaged(&'static str),
}

/// Fails only for more than [`MAX_FIXES`].
pub fn encode_block(fixes: &[Fix]) -> Result<Vec<u8>, BlockError> {
    if fixes.len() > MAX_FIXES {
        return Err(BlockError::TooManyFixes);
    }
    let mut raw = Vec::with_capacity(fixes.len() * 8);
    write_optional(&mut raw, fixes, |fix| fix.time_ms);
    write_values(&mut raw, fixes.iter().map(|fix| i64::from(fix.at.lon())));
    write_values(&mut raw, fixes.iter().map(|fix| i64::from(fix.at.lat())));
    write_optional(&mut raw, fixes, |fix| fix.ele_dm.map(i64::from));
    write_optional(&mut raw, fixes, |fix| fix.accuracy_dm.map(i64::from));
    write_optional(&mut raw, fixes, |fix| fix.speed_cms.map(i64::from));
    write_optional(&mut raw, fixes, |fix| fix.heading_cdeg.map(i64::from));

    let mut block = vec![VERSION];
    write_varint(&mut block, fixes.len() as u64);
    write_varint(&mut block, raw.len() as u64);
    let packed = zstd::bulk::compress(&raw, ZSTD_LEVEL).expect("memory to memory, into a buffer of the bound's size");
    block.extend_from_slice(&packed);
    Ok(block)
}

/// Exactly the fixes that were encoded. Never panics, and allocates at most what the caps above allow (about 20 MB).
pub fn decode_block(block: &[u8]) -> Result<Vec<Fix>, BlockError> {
    let mut head = Input(block);
    match head.byte()? {
        VERSION => {}
        other => return Err(BlockError::Version(other)),
    }
    let count = head.bounded(MAX_FIXES, "it declares too many fixes")?;
    let raw_size = head.bounded(MAX_RAW_BYTES, "it declares too many bytes")?;
    // A fix takes at least a byte for each coordinate, so a small block cannot claim many fixes.
    if raw_size < count * 2 {
        return Err(BlockError::Damaged("it declares more fixes than its bytes can hold"));
    }
    let raw = zstd::bulk::decompress(head.0, raw_size).map_err(|_| BlockError::Damaged("it does not unpack"))?;
    if raw.len() != raw_size {
        return Err(BlockError::Damaged("its size is not the declared one"));
    }
    read_columns(&mut Input(&raw), count)
}

fn read_columns(raw: &mut Input, count: usize) -> Result<Vec<Fix>, BlockError> {
    let time = raw.optional(count)?;
    let lon = raw.values(count)?;
    let lat = raw.values(count)?;
    let ele = raw.optional(count)?;
    let accuracy = raw.optional(count)?;
    let speed = raw.optional(count)?;
    let heading = raw.optional(count)?;
    if !raw.0.is_empty() {
        return Err(BlockError::Damaged("bytes follow its end"));
    }
    (0..count)
        .map(|i| {
            let at = E7::new(narrow(lon[i])?, narrow(lat[i])?);
            Ok(Fix {
                time_ms: time[i],
                at: at.map_err(|_| BlockError::Damaged("a point lies off the earth"))?,
                ele_dm: ele[i].map(narrow).transpose()?,
                accuracy_dm: accuracy[i].map(narrow).transpose()?,
                speed_cms: speed[i].map(narrow).transpose()?,
                heading_cdeg: heading[i].map(narrow).transpose()?,
            })
        })
        .collect()
}

fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, BlockError> {
    T::try_from(value).map_err(|_| BlockError::Damaged("a number is out of its range"))
}

fn write_optional(raw: &mut Vec<u8>, fixes: &[Fix], value: impl Fn(&Fix) -> Option<i64>) {
    let there = fixes.iter().filter(|fix| value(fix).is_some()).count();
    if there == 0 {
        raw.push(0);
    } else if there == fixes.len() {
        raw.push(1);
    } else {
        raw.push(2);
        raw.extend(fixes.chunks(8).map(|eight| {
            eight.iter().enumerate().fold(0, |bits, (bit, fix)| bits | u8::from(value(fix).is_some()) << bit)
        }));
    }
    write_values(raw, fixes.iter().filter_map(value));
}

fn write_values(raw: &mut Vec<u8>, values: impl Iterator<Item = i64>) {
    let mut before = 0_i64;
    for value in values {
        let step = value.wrapping_sub(before);
        write_varint(raw, ((step << 1) ^ (step >> 63)) as u64);
        before = value;
    }
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> Result<u8, BlockError> {
        let (&first, rest) = self.0.split_first().ok_or(BlockError::Damaged("it is cut off"))?;
        self.0 = rest;
        Ok(first)
    }

    fn varint(&mut self) -> Result<u64, BlockError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(BlockError::Damaged("a number is too long"))
    }

    fn bounded(&mut self, max: usize, else_say: &'static str) -> Result<usize, BlockError> {
        usize::try_from(self.varint()?).ok().filter(|&value| value <= max).ok_or(BlockError::Damaged(else_say))
    }

    fn values(&mut self, count: usize) -> Result<Vec<i64>, BlockError> {
        let mut before = 0_i64;
        let mut next = || {
            let zigzag = self.varint()?;
            before = before.wrapping_add((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            Ok(before)
        };
        (0..count).map(|_| next()).collect()
    }

    fn optional(&mut self, count: usize) -> Result<Vec<Option<i64>>, BlockError> {
        let there: Vec<bool> = match self.byte()? {
            0 => vec![false; count],
            1 => vec![true; count],
            2 => {
                let bits: Vec<u8> = (0..count.div_ceil(8)).map(|_| self.byte()).collect::<Result<_, _>>()?;
                (0..count).map(|i| bits[i / 8] >> (i % 8) & 1 == 1).collect()
            }
            _ => return Err(BlockError::Damaged("a column is of an unknown kind")),
        };
        let mut values = self.values(there.iter().filter(|&&is| is).count())?.into_iter();
        Ok(there.into_iter().map(|is| if is { values.next() } else { None }).collect())
    }
}
