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
    /// Where they make sense again.
    pub tail: Option<Tail>,
}

/// The last rows of a picture, sound like its first.
pub(crate) struct Tail {
    /// The first of these pixel rows.
    pub row: u16,
    /// The file, with grey for the restart intervals between.
    pub bytes: Vec<u8>,
}

/// `None` unless the first scan is well declared and has all components: then it is the whole picture.
pub(crate) fn reach(bytes: &[u8], frame: &Frame) -> Option<Reach> {
    let (tables, interval) = tables(bytes);
    let mut scans = Scans::new(bytes, jpeg::head(bytes).scan);
    let parts = parts(frame, scans.next()?, &tables)?;
    let mut bits = Bits::new(bytes, scans.pos);
    let (across, down, high) = frame.mcus();
    let rows = |mcus: usize| u16::try_from(mcus / across * high).unwrap_or(u16::MAX).min(frame.height);
    let mcus = across * down;
    let mut end = bits.pos;
    let mut begun = Begun { mcus: 0, at: bits.pos, rows_end: bits.pos };
    for done in 0..mcus {
        if done.is_multiple_of(across) {
            end = bits.place();
        }
        let (mut restarted, mut astray) = (Ok(()), false);
        if interval > 0 && done > 0 && done.is_multiple_of(interval) {
            let at = bits.place();
            restarted = bits.restart(done / interval - 1);
            // Data that do not end at their marker went astray before it, nobody knows where.
            astray = restarted == Err(Damage::Corrupt);
            if !astray {
                begun = Begun { mcus: done, at, rows_end: end };
            }
        }
        if let Err(damage) = restarted.and_then(|()| bits.mcu(&parts)) {
            let tail = if interval > 0 { begun.tail(bytes, &parts, interval, mcus) } else { None };
            let tail = tail.map(|(mcu, bytes)| Tail { row: rows(mcu.next_multiple_of(across)), bytes });
            let tail = tail.filter(|tail| tail.row < frame.height);
            let (done, end) = if astray || tail.is_some() { (begun.mcus, begun.rows_end) } else { (done, end) };
            return Some(Reach { rows: rows(done), end, stopped: Some(damage), tail });
        }
    }
    Some(Reach { rows: frame.height, end: bits.place(), stopped: None, tail: None })
}

/// The start of a restart interval.
struct Begun {
    /// MCUs before it.
    mcus: usize,
    /// Where it begins in the file: at its marker, if it has one.
    at: usize,
    /// Where the last whole row before it ends.
    rows_end: usize,
}

impl Begun {
    /// If the interval that begins here is broken: the file with grey for it and all that are broken behind it, and the
    /// first MCU behind those. Told from the end, where the number of an interval is known, however many were lost.
    fn tail(&self, bytes: &[u8], parts: &[Part], each: usize, mcus: usize) -> Option<(usize, Vec<u8>)> {
        let broken = self.mcus / each;
        let mut end = bytes.strip_suffix(&[0xFF, EOI])?.len();
        let mut sound = None;
        for interval in (broken + 1..mcus.div_ceil(each)).rev() {
            let Some(start) = last_restart(&bytes[self.at..end]) else { break };
            let start = self.at + start;
            let mut bits = Bits::new(&bytes[..end], start);
            let count = each.min(mcus - interval * each);
            let walked = bits.restart(interval - 1).and_then(|()| (0..count).try_for_each(|_| bits.mcu(parts)));
            if walked.is_err() || bits.place() != end {
                break;
            }
            (sound, end) = (Some(interval), start);
        }
        let sound = sound?;
        let grey = grey(parts, each)?;
        let mut out = bytes[..self.at].to_vec();
        for interval in broken..sound {
            out.extend(interval.checked_sub(1).into_iter().flat_map(|before| [0xFF, restart_marker(before)]));
            out.extend_from_slice(&grey);
        }
        out.extend_from_slice(&bytes[end..]);
        Some((sound * each, out))
    }
}

/// Where the last restart marker lies.
fn last_restart(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(0xFF, bytes).find(|&at| bytes.get(at + 1).is_some_and(|code| code & 0xF8 == RST0))
}

/// The marker at the end of a restart interval.
fn restart_marker(interval: usize) -> u8 {
    RST0 + (interval % 8) as u8
}

/// A restart interval without any picture. `None` if no code says so.
fn grey(parts: &[Part], mcus: usize) -> Option<Vec<u8>> {
    let mut codes = Vec::new();
    for part in parts {
        codes.extend([part.dc.code(0)?, part.ac.code(0)?].repeat(part.blocks));
    }
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0);
    let mut put = |code: u16, length: u32| {
        held = held << length | u32::from(code);
        count += length;
        while count >= 8 {
            count -= 8;
            let byte = (held >> count) as u8;
            out.push(byte);
            out.extend((byte == 0xFF).then_some(0));
        }
    };
    for _ in 0..mcus {
        codes.iter().for_each(|&(code, length)| put(code, length));
    }
    // Filled up with ones (F.1.2.3); seven make a whole byte of whatever is left and none of nothing.
    put(0x7F, 7);
    Some(out)
}

/// Whether each interval before a restart marker is whole, as far as a walk can tell.
#[cfg(feature = "pure")]
pub(crate) fn restarts_in_time(bytes: &[u8], frame: &Frame) -> bool {
    let walked = !frame.is_progressive() && tables(bytes).1 > 0;
    !walked || reach(bytes, frame).is_none_or(|reach| reach.stopped.is_none())
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

    /// The code of a symbol and its length.
    fn code(&self, symbol: u8) -> Option<(u16, u32)> {
        let first = self.0.iter().position(|&(length, of)| length > 0 && of == symbol)?;
        let length = u32::from(self.0[first].0);
        Some(((first >> (LONGEST - length)) as u16, length))
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

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], pos: usize) -> Self {
        Bits { bytes, pos, held: 0, count: 0 }
    }

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

    /// Passes over the marker at the end of an interval.
    fn restart(&mut self, interval: usize) -> Result<(), Damage> {
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
