//! Rice codes: a number is its lowest `width` bits, and the rest in unary.
//!
//! ```text
//! numbers: for each group of 128: width, 1 byte, 0 to 56, or 255 for a group of nothing but zeros
//!          length of the high bits: varint · low bits of all numbers, one after another, lowest first
//!          high bits: for each number, the rest of it as so many zeros and a one
//! ```
//! Both parts begin on a whole byte. Low bits are read by one load each, high bits by counting zeros in words, so
//! that nothing depends on the number before. On a walk's differences it takes 0.3 bits a number more than their
//! entropy (2026-11).

use super::BlockError;
use super::input::{Input, unzigzag, write_varint};

pub(super) const GROUP: usize = 128;
/// Numbers are below this, so that a group of them can be summed.
pub(super) const LIMIT: u64 = 1 << 56;
/// Bytes behind the last column, so that any low bits can be loaded as a whole word.
pub(super) const PADDING: usize = 8;

const MAX_WIDTH: u8 = 56;
const ZEROS: u8 = 255;

/// The best width for a group, and the bits that it takes.
fn best(group: &[u64]) -> (u8, u64) {
    let sum: u64 = group.iter().sum();
    if sum == 0 {
        return (ZEROS, 0);
    }
    let n = group.len() as u64;
    // The optimum for numbers that fall off geometrically lies next to the logarithm of their mean.
    let near = (sum / n).checked_ilog2().unwrap_or(0) as u8;
    let bits = |width: u8| group.iter().fold(n * (u64::from(width) + 1), |bits, number| bits + (number >> width));
    (near.saturating_sub(2)..=(near + 1).min(MAX_WIDTH))
        .map(|width| (width, bits(width)))
        .min_by_key(|(_, bits)| *bits)
        .expect("the range holds `near`, since a mean below LIMIT has a logarithm below MAX_WIDTH")
}

/// Bits that [`write`] takes.
pub(super) fn cost(numbers: &[u64]) -> u64 {
    numbers.chunks(GROUP).map(|group| 8 + best(group).1).sum()
}

/// Numbers are below [`LIMIT`].
pub(super) fn write(out: &mut Vec<u8>, numbers: &[u64]) {
    let (mut low, mut high) = (BitWriter::default(), BitWriter::default());
    for group in numbers.chunks(GROUP) {
        let (width, _) = best(group);
        out.push(width);
        if width == ZEROS {
            continue;
        }
        for number in group {
            low.push(number & ((1 << width) - 1), width.into());
            high.zeros(number >> width);
            high.push(1, 1);
        }
    }
    let (low, high) = (low.finish(), high.finish());
    write_varint(out, high.len() as u64);
    out.extend(low);
    out.extend(high);
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    word: u64,
    /// Bits in `word`, below 8.
    used: u32,
}

impl BitWriter {
    /// `bits` holds at most `width` ≤ 56 bits.
    fn push(&mut self, bits: u64, width: u32) {
        self.word |= bits << self.used;
        self.used += width;
        while self.used >= 8 {
            self.bytes.push(self.word as u8);
            self.word >>= 8;
            self.used -= 8;
        }
    }

    fn zeros(&mut self, mut count: u64) {
        while count > 0 {
            let some = count.min(56);
            self.push(0, some as u32);
            count -= some;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push(self.word as u8);
        }
        self.bytes
    }
}

/// Reads numbers group by group.
pub(super) struct Reader<'a> {
    widths: std::slice::Iter<'a, u8>,
    /// The low bits and everything behind them.
    low: &'a [u8],
    /// The next of the low bits.
    at: usize,
    high: Ones<'a>,
}

impl<'a> Reader<'a> {
    pub fn new(input: &mut Input<'a>, count: usize) -> Result<Self, BlockError> {
        let widths = input.bytes(count.div_ceil(GROUP))?;
        let left = input.0.len();
        let high = input.bounded(left, "it is cut off")?;
        let low = input.0;
        let mut bits = 0;
        for (group, &width) in widths.iter().enumerate() {
            match width {
                ZEROS => {}
                0..=MAX_WIDTH => bits += usize::from(width) * GROUP.min(count - group * GROUP),
                _ => return Err(BlockError::Damaged("a number is too wide")),
            }
        }
        input.bytes(bits.div_ceil(8))?;
        let high = Ones { bytes: input.bytes(high)?, word: 0, word_at: 0, next_at: 0, before: 0 };
        Ok(Reader { widths: widths.iter(), low, at: 0, high })
    }

    /// The next group, without its zigzag; all but the last are of [`GROUP`] numbers.
    pub fn group(&mut self, numbers: &mut [i64]) -> Result<(), BlockError> {
        let width = *self.widths.next().ok_or(BlockError::Damaged("it is cut off"))?;
        if width == ZEROS {
            numbers.fill(0);
            return Ok(());
        }
        let mask = (1_u64 << width) - 1;
        let mut at = self.at;
        for number in numbers {
            let word = self.low.get(at / 8..).and_then(|bytes| bytes.first_chunk());
            let word = u64::from_le_bytes(*word.ok_or(BlockError::Damaged("it is cut off"))?);
            let high = self.high.next()?;
            *number = unzigzag((word >> (at % 8)) & mask | high << width);
            at += usize::from(width);
        }
        self.at = at;
        Ok(())
    }
}

/// Reads how many zeros lie before each one.
struct Ones<'a> {
    bytes: &'a [u8],
    /// What is left of the current word.
    word: u64,
    word_at: u64,
    next_at: u64,
    /// The place behind the last one.
    before: u64,
}

impl Ones<'_> {
    #[inline(always)]
    fn next(&mut self) -> Result<u64, BlockError> {
        while self.word == 0 {
            self.refill()?;
        }
        let at = self.word_at + u64::from(self.word.trailing_zeros());
        self.word &= self.word - 1;
        let zeros = at - self.before;
        self.before = at + 1;
        Ok(zeros)
    }

    fn refill(&mut self) -> Result<(), BlockError> {
        let (taken, rest) = self.bytes.split_at(self.bytes.len().min(8));
        if taken.is_empty() {
            return Err(BlockError::Damaged("it is cut off"));
        }
        let mut word = [0; 8];
        word[..taken.len()].copy_from_slice(taken);
        (self.word, self.bytes) = (u64::from_le_bytes(word), rest);
        self.word_at = self.next_at;
        self.next_at += 64;
        Ok(())
    }
}
