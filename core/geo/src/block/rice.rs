//! Rice codes: a number is its lowest `width` bits, and the rest in unary.
//!
//! ```text
//! numbers: for each group of 128: width, 1 byte, 0 to 56, or 255 for a group of nothing but zeros
//!          length of the high bits: varint · low bits of all numbers, one after another, lowest first
//!          high bits: for each number, the rest of it as so many zeros and a one
//! ```
//! Both parts begin on a whole byte. Low bits are read by one load each, high bits by counting zeros in words, so
//! that nothing depends on the number before. On a walk's differences it takes half a bit a number more than their
//! entropy (2026-11).

use super::BlockError;
use super::bits::{BitWriter, CUT_OFF, GROUP, bits_at};
use super::input::{Input, unzigzag, write_varint};

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

/// Bits that [`encode`] takes.
pub(super) fn cost(numbers: &[u64]) -> u64 {
    numbers.chunks(GROUP).map(|group| 8 + best(group).1).sum()
}

/// Numbers are below [`super::bits::LIMIT`].
pub(super) fn encode(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
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
    write_varint(&mut out, high.len() as u64);
    out.extend(low);
    out.extend(high);
    out
}

/// Reads numbers group by group.
pub(super) struct Reader<'a> {
    widths: std::slice::Iter<'a, u8>,
    /// The low bits that are left, and everything behind them.
    low: &'a [u8],
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
        Ok(Reader { widths: widths.iter(), low, high: Ones::new(input.bytes(high)?) })
    }

    /// The next group, out of its zigzag; all but the last are of [`GROUP`] numbers. High bits come before low ones,
    /// since a processor is faster at each alone.
    pub fn group(&mut self, numbers: &mut [i64]) -> Result<(), BlockError> {
        let width = *self.widths.next().ok_or(CUT_OFF)?;
        if width == ZEROS {
            numbers.fill(0);
            return Ok(());
        }
        let ones = self.high.read(numbers.len())?;
        let width = usize::from(width);
        let whole = numbers.len() / 8 * 8;
        let (eights, rest) = numbers.split_at_mut(whole);
        match NARROW.get(width) {
            Some(read) => read(self.low, &ones[..=whole], eights),
            None => read_any(self.low, 0, width, &ones[..=whole], eights),
        }
        read_any(self.low, whole * width, width, &ones[whole..], rest);
        // A whole group takes whole bytes.
        self.low = self.low.get(GROUP / 8 * width..).unwrap_or_default();
        Ok(())
    }
}

/// How many zeros lie before the second of two ones.
fn zeros(ones: &[u64]) -> u64 {
    ones[1].wrapping_sub(ones[0]).wrapping_sub(1)
}

type ReadEights = fn(&[u8], &[u64], &mut [i64]);

/// For low bits of the usual widths, eight numbers at a time, so that all shifts are known when this is compiled:
/// with it a fifth more fixes are read a second (2026-11).
const NARROW: [ReadEights; 13] = [
    read_eights::<0>,
    read_eights::<1>,
    read_eights::<2>,
    read_eights::<3>,
    read_eights::<4>,
    read_eights::<5>,
    read_eights::<6>,
    read_eights::<7>,
    read_eights::<8>,
    read_eights::<9>,
    read_eights::<10>,
    read_eights::<11>,
    read_eights::<12>,
];

fn read_eights<const WIDTH: usize>(mut low: &[u8], ones: &[u64], numbers: &mut [i64]) {
    // A word is loaded from the first byte of each, and the last begins at byte 10 at most.
    const REACH: usize = 24;
    for (eight, ones) in numbers.as_chunks_mut::<8>().0.iter_mut().zip(ones.windows(9).step_by(8)) {
        let Some(window) = low.first_chunk::<REACH>() else {
            read_any(low, 0, WIDTH, ones, eight);
            low = low.get(WIDTH..).unwrap_or_default();
            continue;
        };
        for (i, number) in eight.iter_mut().enumerate() {
            let low = bits_at(window, i * WIDTH) & ((1 << WIDTH) - 1);
            *number = unzigzag(zeros(&ones[i..i + 2]) << WIDTH | low);
        }
        low = &low[WIDTH..];
    }
}

fn read_any(low: &[u8], mut at: usize, width: usize, ones: &[u64], numbers: &mut [i64]) {
    for (number, ones) in numbers.iter_mut().zip(ones.windows(2)) {
        let low = bits_at(low, at) & ((1 << width) - 1);
        *number = unzigzag(zeros(ones) << width | low);
        at += width;
    }
}

/// Reads where the ones are.
struct Ones<'a> {
    bytes: &'a [u8],
    /// Bits before what is left of them.
    at: u64,
    /// One less than the place of the one before, and those of ones that were already found.
    places: [u64; 1 + GROUP + 64],
    /// Ones among the places, and how many of them were read.
    found: usize,
    read: usize,
}

impl<'a> Ones<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Ones { bytes, at: 0, places: [u64::MAX; 1 + GROUP + 64], found: 0, read: 0 }
    }

    /// The place of the one before, and then those of the next ones, at most [`GROUP`].
    fn read(&mut self, count: usize) -> Result<&[u64], BlockError> {
        self.places.copy_within(self.read..=self.found, 0);
        self.found -= self.read;
        self.read = count;
        while self.found < count {
            let (mut word, bytes) = next_word(self.bytes).ok_or(CUT_OFF)?;
            let ones = word.count_ones() as usize;
            let places = self.places[1 + self.found..].first_chunk_mut::<64>().ok_or(CUT_OFF)?;
            // Eight at a time without a branch, and so more than there are.
            for eight in places.as_chunks_mut::<8>().0.iter_mut().take(ones.div_ceil(8)) {
                for place in eight {
                    *place = self.at + u64::from((word | 1 << 63).trailing_zeros());
                    word &= word.wrapping_sub(1);
                }
            }
            self.found += ones;
            self.at += 64;
            self.bytes = bytes;
        }
        Ok(&self.places[..=count])
    }
}

/// The first eight bytes, or what is left, and the rest.
fn next_word(bytes: &[u8]) -> Option<(u64, &[u8])> {
    if let Some((word, rest)) = bytes.split_first_chunk() {
        return Some((u64::from_le_bytes(*word), rest));
    }
    if bytes.is_empty() { None } else { Some((bits_at(bytes, 0), &[])) }
}
