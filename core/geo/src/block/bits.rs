//! Bits in bytes, lowest first, written one after another and read in any order.

/// Fixes that are read at a time.
pub(super) const GROUP: usize = 128;
/// Numbers are below this, so that a group of them can be summed.
pub(super) const LIMIT: u64 = 1 << 56;
pub(super) const CUT_OFF: super::BlockError = super::BlockError::Damaged("it is cut off");

#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    word: u64,
    /// Bits in `word`, below 8.
    used: u32,
}

impl BitWriter {
    /// `bits` holds at most `width` ≤ 56 bits.
    pub fn push(&mut self, bits: u64, width: u32) {
        self.word |= bits << self.used;
        self.used += width;
        while self.used >= 8 {
            self.bytes.push(self.word as u8);
            self.word >>= 8;
            self.used -= 8;
        }
    }

    pub fn zeros(&mut self, mut count: u64) {
        while count > 0 {
            let some = count.min(56);
            self.push(0, some as u32);
            count -= some;
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push(self.word as u8);
        }
        self.bytes
    }
}

/// At least 57 bits from a place on; behind the end there are zeros.
#[inline(always)]
pub(super) fn bits_at(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at / 8..).unwrap_or_default();
    let word = match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(rest),
    };
    word >> (at % 8)
}

#[cold]
fn last_word(rest: &[u8]) -> u64 {
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}
