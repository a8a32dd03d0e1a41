//! How far the data of a sequential JPEG make sense (ITU-T T.81 annex F).
//!
//! A coder says only that something is wrong with a picture, and fills up with grey or with noise what it could not
//! read. So the codes of a JPEG that a coder refused are walked here, without making a picture of them: that tells
//! which rows are sound, and with the file cut behind them ([`crate::mend`]) any coder shows those and no others.

use crate::Damage;
use crate::jpeg::{self, Component, Frame, Scans};

const DHT: u8 = 0xC4;
const DRI: u8 = 0xDD;
const EOI: u8 = 0xD9;
const RST0: u8 = 0xD0;

/// Bits of the longest code.
const LONGEST: u32 = 16;
/// The largest size of a DC difference of eight-bit samples (table F.1).
const LARGEST_DC: u8 = 11;

/// As far as the data make sense.
pub(crate) struct Reach {
    /// Pixel rows of the picture that are whole.
    pub rows: u16,
    /// Where their data end in the file.
    pub end: usize,
    /// What is wrong with the next row; nothing if these are all.
    pub stopped: Option<Damage>,
}

/// `None` unless the first scan is well declared and has all components: then it is the whole picture.
pub(crate) fn reach(bytes: &[u8], frame: &Frame) -> Option<Reach> {
    let (tables, interval) = tables(bytes);
    let mut scans = Scans::new(bytes, jpeg::head(bytes).scan);
    let parts = parts(frame, scans.next()?, &tables)?;
    let mut bits = Bits { bytes, pos: scans.pos, held: 0, count: 0 };
    let (across, down, high) = frame.mcus();
    let mut reach = Reach { rows: 0, end: bits.place(), stopped: None };
    let mut done = 0;
    for row in 1..=down {
        for _ in 0..across {
            if let Err(damage) = bits.restarted(done, interval).and_then(|()| bits.mcu(&parts)) {
                return Some(Reach { stopped: Some(damage), ..reach });
            }
            done += 1;
        }
        let rows = u16::try_from(row * high).unwrap_or(u16::MAX).min(frame.height);
        reach = Reach { rows, end: bits.place(), stopped: None };
    }
    Some(reach)
}

/// Tables as the file has them, the last of each place: of a thousand only those that the scan names are read.
#[derive(Default)]
struct Tables<'a> {
    dc: [&'a [u8]; 4],
    ac: [&'a [u8]; 4],
}

/// The code tables before the first scan, and the MCUs between restart markers, 0 for none.
fn tables(bytes: &[u8]) -> (Tables<'_>, usize) {
    let (mut tables, mut interval) = (Tables::default(), 0);
    for segment in jpeg::segments(bytes) {
        match (segment.marker, segment.body) {
            (DHT, mut body) => {
                while let Some((&class_and_place, rest)) = body.split_first() {
                    let of_class = if class_and_place >> 4 == 0 { &mut tables.dc } else { &mut tables.ac };
                    of_class.get_mut(usize::from(class_and_place & 15)).into_iter().for_each(|old| *old = rest);
                    let symbols: usize = rest.iter().take(16).map(|&count| usize::from(count)).sum();
                    body = rest.get(16 + symbols..).unwrap_or_default();
                }
            }
            (DRI, [high, low]) => interval = u16::from_be_bytes([*high, *low]).into(),
            _ => {}
        }
    }
    (tables, interval)
}

/// For each value of the next 16 bits the length of the code they begin with, 0 for none, and its symbol.
struct Codes(Vec<(u8, u8)>);

impl Codes {
    /// Annex C. `None` if symbols are missing, or more codes are declared than there are.
    fn read(table: &[u8]) -> Option<Self> {
        let (counts, mut symbols) = table.split_first_chunk::<16>()?;
        let mut codes = Vec::with_capacity(1 << LONGEST);
        for (length, &count) in (1u8..).zip(counts) {
            let (of_length, rest) = symbols.split_at_checked(count.into())?;
            symbols = rest;
            let span = 1 << (LONGEST - u32::from(length));
            if codes.len() + of_length.len() * span > 1 << LONGEST {
                return None;
            }
            codes.extend(of_length.iter().flat_map(|&symbol| std::iter::repeat_n((length, symbol), span)));
        }
        codes.resize(1 << LONGEST, (0, 0));
        Some(Codes(codes))
    }
}

/// A component of a scan.
struct Part {
    dc: Codes,
    ac: Codes,
    /// Its blocks in an MCU.
    blocks: usize,
}

fn parts(frame: &Frame, scan: &[u8], tables: &Tables<'_>) -> Option<Vec<Part>> {
    let (&count, rest) = scan.split_first()?;
    let named = rest.as_chunks::<2>().0.get(..count.into())?;
    if count != frame.count {
        return None;
    }
    let part = |(&[id, places], component): (&[u8; 2], &Component)| {
        let codes = |of_class: &[&[u8]; 4], place: u8| Codes::read(of_class.get(usize::from(place))?);
        let all = usize::from(component.across) * usize::from(component.down);
        let blocks = if count == 1 { 1 } else { all };
        let (dc, ac) = (codes(&tables.dc, places >> 4)?, codes(&tables.ac, places & 15)?);
        (id == component.id).then_some(Part { dc, ac, blocks })
    };
    named.iter().zip(frame.components()).map(part).collect()
}

/// The bits of a scan, most significant first, without the zeros that are stuffed in (F.1.2.3).
struct Bits<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// Bits that were taken out of the bytes before `pos`: the lower `count`.
    held: u64,
    count: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
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

    fn skip(&mut self, bits: u32) -> Result<(), Damage> {
        if self.count < bits {
            self.fill();
        }
        self.count = self.count.checked_sub(bits).ok_or_else(|| self.short())?;
        Ok(())
    }

    fn symbol(&mut self, codes: &Codes) -> Result<u8, Damage> {
        if self.count < LONGEST {
            self.fill();
        }
        let missing = LONGEST.saturating_sub(self.count);
        let next = (self.held << missing >> (self.count + missing - LONGEST)) as u16;
        match codes.0.get(usize::from(next)) {
            Some(&(length, symbol)) if length > 0 => self.skip(length.into()).map(|()| symbol),
            _ if missing > 0 => Err(self.short()),
            _ => Err(Damage::Corrupt),
        }
    }

    fn mcu(&mut self, parts: &[Part]) -> Result<(), Damage> {
        parts.iter().try_for_each(|part| (0..part.blocks).try_for_each(|_| self.block(&part.dc, &part.ac)))
    }

    fn block(&mut self, dc: &Codes, ac: &Codes) -> Result<(), Damage> {
        let size = self.symbol(dc)?;
        if size > LARGEST_DC {
            return Err(Damage::Corrupt);
        }
        self.skip(size.into())?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.symbol(ac)?;
            match (symbol >> 4, symbol & 15) {
                (15, 0) => at += 16,
                (_, 0) => break,
                (zeros, size) => {
                    at += u32::from(zeros) + 1;
                    if at > 64 {
                        return Err(Damage::Corrupt);
                    }
                    self.skip(size.into())?;
                }
            }
        }
        Ok(())
    }

    /// Where the first byte lies of which no bit was used.
    fn place(&self) -> usize {
        (0..self.count / 8).fold(self.pos, |pos, _| pos - if self.bytes[..pos].ends_with(&[0xFF, 0]) { 2 } else { 1 })
    }

    /// Passes over the marker before MCU `next`, if one is due.
    fn restarted(&mut self, next: usize, interval: usize) -> Result<(), Damage> {
        if next == 0 || interval == 0 || !next.is_multiple_of(interval) {
            return Ok(());
        }
        (self.pos, self.count) = (self.place(), 0);
        let marker = RST0 + ((next / interval - 1) % 8) as u8;
        while self.bytes[self.pos..].starts_with(&[0xFF, 0xFF]) {
            self.pos += 1;
        }
        if !self.bytes[self.pos..].starts_with(&[0xFF, marker]) {
            return Err(self.short());
        }
        self.pos += 2;
        Ok(())
    }
}
