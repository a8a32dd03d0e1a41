//! Class codes: a number is its class, in the fewer bits the more common the class is, and the rest of it as it is.
//!
//! ```text
//! class of a number below 8: itself, and nothing is left
//! class of any other: 4 × width + its highest three bits, and its lowest `width` bits are left
//! numbers: the share of each class, from 0 to the last that occurs: gamma(share + 1); they sum up to 256
//!          8 states: 1 byte each · length of the class bits: varint · length of the low bits: varint
//!          class bits · low bits of all numbers, one after another; the shares and both begin on a whole byte
//! gamma: as many zeros as bits follow a number's highest, which is 1, and then those bits, lowest first
//! ```
//! The classes are in a tabled asymmetric numeral system (J. Duda, *Asymmetric numeral systems*, arXiv 1311.2540).
//! A table of 256 states says for each the class that it stands for, and the next state but for some bits, which are
//! the class bits. States 0 to 7 take turns, so that a processor works at several numbers at once.
//! Receivers repeat places, and know few heights and few pauses between fixes: of that class codes take a tenth to a
//! third less than Rice codes, and half as long again to read (2026-11).

use super::BlockError;
use super::bits::{BitWriter, CUT_OFF, GROUP, bits_at};
use super::input::{Input, unzigzag, write_varint};

const LIE: BlockError = BlockError::Damaged("the shares of its classes are no whole");

/// Parts of a share: the states of the table.
const SIZE: usize = 256;
const LANES: usize = 8;
/// One more than the class of the largest number below 2⁵⁶.
const CLASSES: usize = 4 * 53 + 8;

fn class(number: u64) -> usize {
    let width = number.checked_ilog2().unwrap_or(0).saturating_sub(2);
    4 * width as usize + (number >> width) as usize
}

/// Its width, and the highest bits of its numbers.
fn parts(class: usize) -> (u8, u8) {
    if class < 8 { (0, class as u8) } else { (class as u8 / 4 - 1, 4 + class as u8 % 4) }
}

/// How common the classes of numbers are, up to the last that occurs, in parts of [`SIZE`]. None that occurs has 0.
fn shares(numbers: &[u64]) -> Vec<usize> {
    let mut counts = [0; CLASSES];
    for &number in numbers {
        counts[class(number)] += 1;
    }
    let classes = counts.iter().rposition(|&count| count > 0).map_or(1, |last| last + 1);
    let share = |&count: &usize| (count * SIZE / numbers.len().max(1)).max(count.min(1));
    let mut shares: Vec<usize> = counts[..classes].iter().map(share).collect();
    // The most common bear the rounding. There are fewer classes than parts, so they always can.
    let mut sum: usize = shares.iter().sum();
    while let Some(most) = shares.iter_mut().max()
        && sum != SIZE
    {
        let change = if sum > SIZE { -1 } else { 1 };
        *most = most.wrapping_add_signed(change);
        sum = sum.wrapping_add_signed(change);
    }
    shares
}

/// Numbers are below [`super::bits::LIMIT`].
pub(super) fn encode(numbers: &[u64]) -> Vec<u8> {
    let shares = shares(numbers);
    let (mut head, mut classes, mut low) = (BitWriter::default(), BitWriter::default(), BitWriter::default());
    for share in &shares {
        let number = share + 1;
        let width = number.ilog2();
        head.zeros(width.into());
        head.push(1, 1);
        head.push(lowest(number as u64, width), width);
    }
    // The reader goes from the first to the last, and so whoever writes has to go backwards. Nobody asks for the
    // states behind the last numbers.
    let slots = Slots::new(&shares);
    let mut states = [0; LANES];
    let back = numbers.iter().enumerate().rev();
    let steps: Vec<_> = back.map(|(i, &number)| slots.step(&mut states[i % LANES], class(number))).collect();
    for &(bits, width) in steps.iter().skip(LANES).rev() {
        classes.push(bits, width);
    }
    for &number in numbers {
        let (width, _) = parts(class(number));
        low.push(lowest(number, width.into()), width.into());
    }
    let (classes, low) = (classes.finish(), low.finish());
    let mut out = head.finish();
    out.extend(states);
    write_varint(&mut out, classes.len() as u64);
    write_varint(&mut out, low.len() as u64);
    out.extend(classes);
    out.extend(low);
    out
}

fn lowest(number: u64, bits: u32) -> u64 {
    number & ((1 << bits) - 1)
}

/// Which states stand for each class: as many as its share.
struct Slots<'a> {
    shares: &'a [usize],
    first: Vec<usize>,
}

impl<'a> Slots<'a> {
    fn new(shares: &'a [usize]) -> Self {
        let first = shares.iter().scan(0, |next, share| {
            *next += share;
            Some(*next - share)
        });
        Slots { shares, first: first.collect() }
    }

    /// Goes to the state before, which stands for the class, and says the bits that lead back from there.
    fn step(&self, state: &mut u8, class: usize) -> (u64, u32) {
        let (whole, share) = (SIZE + usize::from(*state), self.shares[class]);
        let width = (whole / share).ilog2();
        *state = spread(self.first[class] + (whole >> width) - share);
        (lowest(whole as u64, width), width)
    }
}

/// Spreads the states of a class over all: the odd step reaches each once.
fn spread(slot: usize) -> u8 {
    slot.wrapping_mul(163) as u8
}

/// What a state stands for, and how to come to the next.
#[derive(Clone, Copy, Default)]
struct State {
    /// The next is this and the number in so many bits.
    next: u8,
    bits: u8,
    /// The number is this, and so many low bits.
    head: u8,
    width: u8,
}

/// Reads numbers group by group.
pub(super) struct Reader<'a> {
    table: [State; SIZE],
    states: [u8; LANES],
    classes: &'a [u8],
    classes_at: usize,
    low: &'a [u8],
    low_at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(input: &mut Input<'a>) -> Result<Self, BlockError> {
        let table = table(input)?;
        let mut states = [0; LANES];
        states.copy_from_slice(input.bytes(LANES)?);
        let left = input.0.len();
        let classes = input.bounded(left, "it is cut off")?;
        let low = input.bounded(left, "it is cut off")?;
        let (classes, low) = (input.bytes(classes)?, input.bytes(low)?);
        Ok(Reader { table, states, classes, classes_at: 0, low, low_at: 0 })
    }

    /// The next numbers, out of their zigzag; all groups but the last are of [`GROUP`].
    pub fn group(&mut self, numbers: &mut [i64]) -> Result<(), BlockError> {
        let mut seen = [State::default(); GROUP];
        let (mut states, mut at) = (self.states, self.classes_at);
        for seen in seen.as_chunks_mut::<LANES>().0.iter_mut().take(numbers.len().div_ceil(LANES)) {
            // The class bits of four numbers are at most 32, and so in one word.
            for (seen, states) in seen.as_chunks_mut::<4>().0.iter_mut().zip(states.as_chunks_mut::<4>().0) {
                let mut word = bits_at(self.classes, at);
                for (seen, state) in seen.iter_mut().zip(states) {
                    *seen = self.table[usize::from(*state)];
                    *state = seen.next.wrapping_add(lowest(word, seen.bits.into()) as u8);
                    word >>= seen.bits;
                    at += usize::from(seen.bits);
                }
            }
        }
        (self.states, self.classes_at) = (states, at);
        for (number, State { head, width, .. }) in numbers.iter_mut().zip(seen) {
            let low = lowest(bits_at(self.low, self.low_at), width.into());
            *number = unzigzag(u64::from(head) << width | low);
            self.low_at += usize::from(width);
        }
        // Behind the last number its states go on with zeros.
        if self.low_at > 8 * self.low.len() || self.classes_at > 8 * (self.classes.len() + 2 * LANES) {
            return Err(CUT_OFF);
        }
        Ok(())
    }
}

fn table(input: &mut Input) -> Result<[State; SIZE], BlockError> {
    let mut table = [State::default(); SIZE];
    let (mut bit, mut slots) = (0, 0..SIZE);
    for class in 0..CLASSES {
        let word = bits_at(input.0, bit);
        let more = word.trailing_zeros().min(SIZE.ilog2());
        let share = (1 << more | lowest(word >> (more + 1), more)) as usize - 1;
        bit += 2 * more as usize + 1;
        if share > slots.len() {
            return Err(LIE);
        }
        let (width, head) = parts(class);
        for (from, slot) in (share..2 * share).zip(&mut slots) {
            let bits = SIZE.ilog2() - from.ilog2();
            table[usize::from(spread(slot))] = State { next: (from << bits) as u8, bits: bits as u8, head, width };
        }
        if slots.is_empty() {
            input.bytes(bit.div_ceil(8))?;
            return Ok(table);
        }
    }
    Err(LIE)
}
