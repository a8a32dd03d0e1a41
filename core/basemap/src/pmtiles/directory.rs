//! Directories: which tile, or which directory further in, lies where. Four columns of varints.

use crate::Result;
use crate::error::BaseMapError;

/// Entries of one directory. Writers put some thousands into one; this many are 3 MB.
const MAX_ENTRIES: u64 = 1 << 17;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The first tile.
    pub tile: u64,
    /// From the start of the tiles, or of the leaf directories.
    pub offset: u64,
    pub length: u32,
    /// How many tiles in a row look like this; none is a directory.
    pub run: u32,
}

#[derive(Debug)]
pub(super) struct Directory {
    /// By tile, ascending.
    entries: Vec<Entry>,
}

impl Directory {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let count = varint(&mut rest)?;
        // An entry takes a byte in each of the four columns.
        if count > MAX_ENTRIES || count > rest.len() as u64 / 4 {
            return Err(BaseMapError::Damaged("a directory has more entries than it can hold"));
        }
        let mut entries = vec![Entry { tile: 0, offset: 0, length: 0, run: 0 }; count as usize];
        let mut last = 0u64;
        for (at, entry) in entries.iter_mut().enumerate() {
            let step = varint(&mut rest)?;
            last = last.checked_add(step).filter(|_| at == 0 || step > 0).ok_or(UNSORTED)?;
            entry.tile = last;
        }
        for entry in &mut entries {
            entry.run = small(&mut rest)?;
        }
        for entry in &mut entries {
            entry.length = small(&mut rest)?;
        }
        let mut next = None;
        for entry in &mut entries {
            // Zero: right behind the one before. All others are one too large.
            entry.offset = match varint(&mut rest)? {
                0 => next.ok_or(BaseMapError::Damaged("a directory begins with nothing before it"))?,
                one_more => one_more - 1,
            };
            next = entry.offset.checked_add(entry.length.into());
        }
        Ok(Directory { entries })
    }

    /// The entry of a tile, or the directory in which it would be.
    pub fn find(&self, tile: u64) -> Option<Entry> {
        let behind = self.entries.partition_point(|entry| entry.tile <= tile);
        let entry = self.entries[behind.checked_sub(1)?];
        (entry.run == 0 || tile - entry.tile < entry.run.into()).then_some(entry)
    }
}

const UNSORTED: BaseMapError = BaseMapError::Damaged("a directory is not in order");

/// LEB128, at most ten bytes.
fn varint(rest: &mut &[u8]) -> Result<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let Some((&byte, behind)) = rest.split_first() else {
            return Err(BaseMapError::Damaged("a directory ends too early"));
        };
        *rest = behind;
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            break;
        }
        value |= part << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(BaseMapError::Damaged("a directory holds a number that is too large"))
}

fn small(rest: &mut &[u8]) -> Result<u32> {
    let value = varint(rest)?;
    u32::try_from(value).map_err(|_| BaseMapError::Damaged("a directory holds a number that is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the specification's own example of columns: tiles 5, 42 and 69; 42 is repeated, 69 lies behind it.
    #[test]
    fn columns_become_entries() {
        let bytes = [3, 5, 37, 27, 1, 2, 1, 10, 20, 0x80 | 44, 2, 1, 0x80 | 101, 1, 0];
        let directory = Directory::read(&bytes).expect("a directory");
        let entries = [
            Entry { tile: 5, offset: 0, length: 10, run: 1 },
            Entry { tile: 42, offset: 228, length: 20, run: 2 },
            Entry { tile: 69, offset: 248, length: 300, run: 1 },
        ];
        assert_eq!(directory.entries, entries);
        assert_eq!(directory.find(4), None);
        assert_eq!(directory.find(5), Some(entries[0]));
        assert_eq!(directory.find(6), None);
        assert_eq!(directory.find(43), Some(entries[1]));
        assert_eq!(directory.find(44), None);
        assert_eq!(directory.find(u64::MAX), None);
    }

    #[test]
    fn a_varint_is_read_up_to_the_largest_number_and_no_further() {
        let mut largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01].as_slice();
        assert_eq!(varint(&mut largest).expect("64 bits"), u64::MAX);
        assert!(varint(&mut [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02].as_slice()).is_err());
        assert!(varint(&mut [0x80; 11].as_slice()).is_err());
        assert!(varint(&mut [0x80].as_slice()).is_err());
    }
}
