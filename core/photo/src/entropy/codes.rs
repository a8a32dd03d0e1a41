//! The code tables of a JPEG (ITU-T T.81 annex C), as far as a scan names them.

use crate::jpeg::{self, Component, Frame};

const DHT: u8 = 0xC4;
const DRI: u8 = 0xDD;

/// Bits of the longest code.
pub(super) const LONGEST: u32 = 16;
/// Bits of the codes that are looked up in one step.
pub(super) const SHORT: u32 = 10;

/// Tables as the file has them, the last of each place: of a thousand only those that the scan names are read.
#[derive(Default)]
pub(super) struct Tables<'a> {
    dc: [&'a [u8]; 4],
    ac: [&'a [u8]; 4],
}

/// The code tables before the first scan, and the MCUs between restart markers, 0 for none.
pub(super) fn tables(bytes: &[u8]) -> (Tables<'_>, usize) {
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

/// The codes of a table in the order of their bits.
pub(super) struct Codes {
    list: Vec<Code>,
    /// For each value of the next [`SHORT`] bits the length of the code they begin with, 0 if it is a longer one or
    /// none, and its symbol.
    pub short: Box<[(u8, u8); 1 << SHORT]>,
}

struct Code {
    /// Left-aligned in [`LONGEST`] bits.
    bits: u32,
    length: u8,
    symbol: u8,
}

impl Codes {
    /// Annex C. `None` if symbols are missing, or more codes are declared than there are.
    pub(super) fn read(table: &[u8]) -> Option<Self> {
        let (counts, mut symbols) = table.split_first_chunk::<16>()?;
        let (mut list, mut short, mut bits) = (Vec::new(), Box::new([(0, 0); 1 << SHORT]), 0_u32);
        for (length, &count) in (1u8..).zip(counts) {
            let (of_length, rest) = symbols.split_at_checked(count.into())?;
            symbols = rest;
            for &symbol in of_length {
                let after = bits + (1 << (LONGEST - u32::from(length)));
                if after > 1 << LONGEST {
                    return None;
                }
                if u32::from(length) <= SHORT {
                    let place = |bits: u32| (bits >> (LONGEST - SHORT)) as usize;
                    short[place(bits)..place(after)].fill((length, symbol));
                }
                list.push(Code { bits, length, symbol });
                bits = after;
            }
        }
        Some(Codes { list, short })
    }

    /// Length and symbol of the code with which `next` [`LONGEST`] bits begin.
    pub(super) fn find(&self, next: u32) -> Option<(u8, u8)> {
        let Code { bits, length, symbol } = self.list[..self.list.partition_point(|code| code.bits <= next)].last()?;
        ((next - bits) >> (LONGEST - u32::from(*length)) == 0).then_some((*length, *symbol))
    }

    /// The code of a symbol and its length.
    pub(super) fn code(&self, symbol: u8) -> Option<(u32, u32)> {
        let code = self.list.iter().find(|code| code.symbol == symbol)?;
        let length = u32::from(code.length);
        Some((code.bits >> (LONGEST - length), length))
    }
}

/// A component of a scan.
pub(super) struct Part {
    pub dc: Codes,
    pub ac: Codes,
    /// Its blocks in an MCU.
    pub blocks: usize,
}

pub(super) fn parts(frame: &Frame, scan: &[u8], tables: &Tables<'_>) -> Option<Vec<Part>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_first_bits_and_what_is_none_is_not() {
        // 0, 10, 110 and a code of twelve bits.
        let mut table = vec![1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        table.extend([5, 6, 7, 8]);
        let codes = Codes::read(&table).expect("a good table");
        let found: Vec<_> = [0x0000, 0x7FFF, 0x8000, 0xDFFF, 0xE000, 0xE00F].map(|next| codes.find(next)).into();
        assert_eq!(found, [(1, 5), (1, 5), (2, 6), (3, 7), (12, 8), (12, 8)].map(Some));
        assert_eq!([0xE010, 0xFFFF].map(|next| codes.find(next)), [None, None]);
        assert_eq!((codes.code(8), codes.code(9)), (Some((0xE00, 12)), None));
    }

    #[test]
    fn a_table_with_more_codes_than_there_are_is_none() {
        let mut table = vec![2, 1];
        table.resize(16, 0);
        table.extend([1, 2, 3]);
        assert!(Codes::read(&table).is_none(), "both codes of one bit are taken");
        assert!(Codes::read(&table[..18]).is_none(), "a symbol is missing");
    }
}
