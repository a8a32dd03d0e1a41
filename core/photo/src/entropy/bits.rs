//! The data of a scan, code by code (ITU-T T.81 annex F).

use super::codes::{Codes, LONGEST, Part, SHORT};
use crate::Damage;
use crate::jpeg::EOI;

pub(super) const RST0: u8 = 0xD0;
/// The largest size of a DC difference of eight-bit samples (table F.1).
const LARGEST_DC: u8 = 11;
/// Bits of the longest value behind a code.
const LONGEST_VALUE: u32 = 15;

/// The marker at the end of a restart interval.
pub(super) fn restart_marker(interval: usize) -> u8 {
    RST0 + (interval % 8) as u8
}

/// The bits of a scan, most significant first, without the zeros that are stuffed in (F.1.2.3).
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    pub pos: usize,
    /// Bits that were taken out of the bytes before `pos`: the lower `count`.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], pos: usize) -> Self {
        Bits { bytes, pos, held: 0, count: 0 }
    }

    fn fill(&mut self) {
        if let Some(eight) = self.bytes.get(self.pos..).and_then(<[u8]>::first_chunk) {
            let eight = u64::from_be_bytes(*eight);
            let any_of_ones = (!eight).wrapping_sub(0x0101_0101_0101_0101) & eight & 0x8080_8080_8080_8080;
            if any_of_ones == 0 {
                let bytes = (63 - self.count) / 8;
                self.held = self.held << (8 * bytes) | eight >> (64 - 8 * bytes);
                self.pos += bytes as usize;
                self.count += 8 * bytes;
                return;
            }
        }
        while self.count <= 48 {
            let byte = match self.bytes[self.pos..] {
                [0xFF, 0, ..] => 0xFF,
                [0xFF, ..] | [] => return,
                [byte, ..] => byte,
            };
            self.pos += if byte == 0xFF { 2 } else { 1 };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The file between a picture and its end marker is missing; anything else at this place is senseless.
    fn short(&self) -> Damage {
        match self.bytes[self.pos..] {
            [] | [0xFF] | [0xFF, EOI, ..] => Damage::EndMissing,
            _ => Damage::Corrupt,
        }
    }

    /// The next symbol; passes over the bits of the value too, whose number is the lower half of every symbol.
    fn symbol(&mut self, codes: &Codes) -> Result<u8, Damage> {
        if self.count < LONGEST + LONGEST_VALUE {
            self.fill();
        }
        if self.count >= LONGEST + LONGEST_VALUE {
            let next = (self.held >> (self.count - SHORT)) as usize % (1 << SHORT);
            if let (length @ 1.., symbol) = codes.short[next] {
                self.count -= u32::from(length + (symbol & 15));
                return Ok(symbol);
            }
        }
        self.symbol_long(codes)
    }

    /// The same for long codes and where bits run out.
    fn symbol_long(&mut self, codes: &Codes) -> Result<u8, Damage> {
        let missing = LONGEST.saturating_sub(self.count);
        let next = (self.held << missing >> (self.count + missing - LONGEST)) & 0xFFFF;
        match codes.find(next as u32) {
            Some((length, symbol)) => {
                let bits = u32::from(length) + u32::from(symbol & 15);
                self.count = self.count.checked_sub(bits).ok_or_else(|| self.short())?;
                Ok(symbol)
            }
            None if missing > 0 => Err(self.short()),
            None => Err(Damage::Corrupt),
        }
    }

    pub fn mcu(&mut self, parts: &[Part]) -> Result<(), Damage> {
        parts.iter().try_for_each(|part| (0..part.blocks).try_for_each(|_| self.block(&part.dc, &part.ac)))
    }

    fn block(&mut self, dc: &Codes, ac: &Codes) -> Result<(), Damage> {
        if self.symbol(dc)? > LARGEST_DC {
            return Err(Damage::Corrupt);
        }
        let mut at = 1;
        while at < 64 {
            match self.symbol(ac)? {
                0xF0 => at += 16,
                symbol if symbol & 15 == 0 => break,
                symbol => {
                    at += u32::from(symbol >> 4) + 1;
                    if at > 64 {
                        return Err(Damage::Corrupt);
                    }
                }
            }
        }
        Ok(())
    }

    /// Where the first byte lies of which no bit was used.
    pub fn place(&self) -> usize {
        (0..self.count / 8).fold(self.pos, |pos, _| pos - if self.bytes[..pos].ends_with(&[0xFF, 0]) { 2 } else { 1 })
    }

    /// Passes over the marker at the end of an interval.
    pub fn restart(&mut self, interval: usize) -> Result<(), Damage> {
        (self.pos, self.count) = (self.place(), 0);
        while self.bytes[self.pos..].starts_with(&[0xFF, 0xFF]) {
            self.pos += 1;
        }
        if !self.bytes[self.pos..].starts_with(&[0xFF, restart_marker(interval)]) {
            return Err(self.short());
        }
        self.pos += 2;
        Ok(())
    }
}
