//! How far the data of a sequential JPEG make sense (ITU-T T.81 annex F).
//!
//! A coder says only that something is wrong with a picture, and fills up with grey or with noise what it could not
//! read. So the codes of a JPEG that a coder refused are walked here, without making a picture of them: that tells
//! which rows are sound, and with the file cut behind them ([`crate::mend`]) any coder shows those and no others.

mod bits;
mod codes;

use crate::Damage;
use crate::codec::Source;
use crate::jpeg::{self, EOI, Frame, Scans};
use bits::{Bits, RST0, restart_marker};
use codes::{Part, parts, tables};

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
        let mut end = self.at + bytes[self.at..].strip_suffix(&[0xFF, EOI])?.len();
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

/// A restart interval without any picture. `None` if no code says so.
fn grey(parts: &[Part], mcus: usize) -> Option<Vec<u8>> {
    let mut codes = Vec::new();
    for part in parts {
        codes.extend([part.dc.code(0)?, part.ac.code(0)?].repeat(part.blocks));
    }
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0);
    let mut put = |code: u32, length: u32| {
        held = held << length | code;
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
pub(crate) fn restarts_in_time(source: &Source<'_>) -> bool {
    let walked = !source.frame.is_progressive() && tables(source.bytes).1 > 0;
    !walked || reach(source.bytes, &source.frame).is_none_or(|reach| reach.stopped.is_none())
}

/// Whether a picture whose last codes may be zeros ends at its end marker, as far as a walk can tell. A progressive one
/// has a code for many blank blocks.
pub(crate) fn ends_in_time(source: &Source<'_>) -> bool {
    let in_time = |reach: Reach| reach.stopped.is_none() && reach.end + jpeg::FEW_STRAY >= source.bytes.len() - 2;
    !source.frame.is_progressive() && reach(source.bytes, &source.frame).is_none_or(in_time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use codes::Codes;

    /// A table of which `symbol` has the last code of its length, behind one code of each shorter length.
    fn table(length: u8, symbol: u8) -> Vec<u8> {
        let mut table = vec![0; 16];
        table[..usize::from(length)].fill(1);
        table.extend((1..length).map(|other| other + 1));
        table.push(symbol);
        table
    }

    #[test]
    fn grey_is_an_interval_that_ends_where_it_should() {
        for dc in 1..=11 {
            for ac in 1..=16 {
                let codes = |length| Codes::read(&table(length, 0)).expect("a good table");
                let parts = [Part { dc: codes(dc), ac: codes(ac), blocks: 3 }];
                let bytes = grey(&parts, 9).expect("both tables have the symbol");
                let mut bits = Bits::new(&bytes, 0);
                assert_eq!((0..9).try_for_each(|_| bits.mcu(&parts)), Ok(()), "{dc} and {ac} bits");
                assert_eq!(bits.place(), bytes.len(), "{dc} and {ac} bits");
            }
        }
        let without = [Part {
            dc: Codes::read(&table(3, 7)).expect("good"),
            ac: Codes::read(&table(3, 0)).expect("good"),
            blocks: 1,
        }];
        assert_eq!(grey(&without, 9), None);
    }
}
