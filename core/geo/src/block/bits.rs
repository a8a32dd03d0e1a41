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
use super::input::{Input, unzigzag, write_varint};

pub(super) const GROUP: usize = 128;
/// Numbers are below this, so that a group of them can be summed.
pub(super) const LIMIT: u64 = 1 << 56;
/// Bytes behind the last column, so that low bits can be loaded in whole words.
pub(super) const PADDING: usize = 24;

const MAX_WIDTH: u8 = 56;
const ZEROS: u8 = 255;

const CUT_OFF: BlockError = BlockError::Damaged("it is cut off");

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
        let mut ones = [0; GROUP + 1];
        let ones = &mut ones[..=numbers.len()];
        self.high.read(ones)?;
        let width = usize::from(width);
        let whole = numbers.len() / 8 * 8;
        let (eights, rest) = numbers.split_at_mut(whole);
        match NARROW.get(width) {
            Some(read) => read(self.low, &ones[..=whole], eights)?,
            None => read_any(self.low, 0, width, &ones[..=whole], eights)?,
        }
        read_any(self.low, whole * width, width, &ones[whole..], rest)?;
        // A whole group takes whole bytes.
        self.low = self.low.get(GROUP / 8 * width..).unwrap_or_default();
        Ok(())
    }
}

/// How many zeros lie before the second of two ones.
fn zeros(ones: &[u64]) -> u64 {
    ones[1].wrapping_sub(ones[0]).wrapping_sub(1)
}

type ReadEights = fn(&[u8], &[u64], &mut [i64]) -> Result<(), BlockError>;

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

fn read_eights<const WIDTH: usize>(mut low: &[u8], ones: &[u64], numbers: &mut [i64]) -> Result<(), BlockError> {
    // A word is loaded from the first byte of each, and the last begins at byte 10 at most.
    const REACH: usize = 24;
    for (eight, ones) in numbers.as_chunks_mut::<8>().0.iter_mut().zip(ones.windows(9).step_by(8)) {
        let window: &[u8; REACH] = low.first_chunk().ok_or(CUT_OFF)?;
        for (i, number) in eight.iter_mut().enumerate() {
            let word = window[i * WIDTH / 8..][..8].first_chunk().ok_or(CUT_OFF)?;
            let low = (u64::from_le_bytes(*word) >> (i * WIDTH % 8)) & ((1 << WIDTH) - 1);
            *number = unzigzag(zeros(&ones[i..i + 2]) << WIDTH | low);
        }
        low = &low[WIDTH..];
    }
    Ok(())
}

fn read_any(low: &[u8], mut at: usize, width: usize, ones: &[u64], numbers: &mut [i64]) -> Result<(), BlockError> {
    for (number, ones) in numbers.iter_mut().zip(ones.windows(2)) {
        let word = low.get(at / 8..at / 8 + 8).and_then(|bytes| bytes.first_chunk()).ok_or(CUT_OFF)?;
        let low = (u64::from_le_bytes(*word) >> (at % 8)) & ((1 << width) - 1);
        *number = unzigzag(zeros(ones) << width | low);
        at += width;
    }
    Ok(())
}

/// Reads where the ones are.
struct Ones<'a> {
    bytes: &'a [u8],
    /// What is left of the current word.
    word: u64,
    /// Bits before the current word; all places are one bit further on, to begin below the first.
    word_at: u64,
    /// The place of the last one.
    last: u64,
}

impl<'a> Ones<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Ones { bytes, word: 0, word_at: 1_u64.wrapping_sub(64), last: 0 }
    }

    /// The place of the one before, and then those of the next ones.
    fn read(&mut self, places: &mut [u64]) -> Result<(), BlockError> {
        let Ones { mut bytes, mut word, mut word_at, last } = *self;
        let Some((before, next)) = places.split_first_mut() else { return Ok(()) };
        *before = last;
        for place in next {
            while word == 0 {
                (word, bytes) = next_word(bytes).ok_or(CUT_OFF)?;
                word_at = word_at.wrapping_add(64);
            }
            *place = word_at + u64::from(word.trailing_zeros());
            word &= word - 1;
        }
        *self = Ones { bytes, word, word_at, last: places[places.len() - 1] };
        Ok(())
    }
}

/// The first eight bytes, or what is left, and the rest.
fn next_word(bytes: &[u8]) -> Option<(u64, &[u8])> {
    if let Some((word, rest)) = bytes.split_first_chunk() {
        return Some((u64::from_le_bytes(*word), rest));
    }
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    if bytes.is_empty() { None } else { Some((u64::from_le_bytes(word), &[])) }
}
