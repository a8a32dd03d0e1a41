//! The boxes of a HEIC (ISO/IEC 14496-12, 23008-12): its EXIF block, its size and how it is turned. Its pixels are for
//! the phone's own system.
//!
//! One pass over the boxes, bounded by the file: nothing is allocated by what a box claims.

use std::borrow::Cow;

use crate::metadata::MAX_TIFF;

#[derive(Default)]
pub(crate) struct Head<'a> {
    /// TIFF block of the item of type `Exif`.
    pub exif: Option<Cow<'a, [u8]>>,
    /// Pixels of the primary item, before turning.
    pub dimensions: Option<(u32, u32)>,
    /// As an EXIF orientation. `None` if the primary item has neither `irot` nor `imir`.
    pub turned: Option<u8>,
    /// A box reaches past the end of the file.
    pub truncated: bool,
}

pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let mut head = Head::default();
    for found in boxes(bytes) {
        // What stands behind the picture may be no box at all.
        head.truncated |= found.cut && matches!(found.kind, b"ftyp" | b"meta" | b"mdat");
        if found.kind == b"meta" && head.dimensions.is_none() && head.exif.is_none() {
            let meta = Meta::read(found.body);
            head = Head { truncated: head.truncated, exif: meta.exif(bytes), ..meta.picture() };
        }
    }
    head
}

struct Found<'a> {
    kind: &'a [u8; 4],
    body: &'a [u8],
    /// The bytes end before the box does.
    cut: bool,
}

fn boxes(bytes: &[u8]) -> impl Iterator<Item = Found<'_>> {
    let mut rest = Fields(bytes);
    std::iter::from_fn(move || {
        let (all, size) = (rest.0.len() as u64, rest.uint(4)?);
        let kind = rest.array()?;
        let size = match size {
            0 => all,
            1 => rest.uint(8)?,
            size => size,
        };
        let length = size.checked_sub(all - rest.0.len() as u64)?;
        let there = length.min(rest.0.len() as u64);
        let body = rest.take(usize::try_from(there).ok()?)?;
        Some(Found { kind, body, cut: there < length })
    })
}

/// Big-endian fields, one behind the other.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Of at most eight bytes.
    fn uint(&mut self, bytes: usize) -> Option<u64> {
        let bytes = Some(bytes).filter(|&bytes| bytes <= 8)?;
        Some(self.take(bytes)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// Version and flags of a full box.
    fn version(&mut self) -> Option<(u8, u64)> {
        let word = self.uint(4)?;
        Some(((word >> 24) as u8, word & 0xFF_FFFF))
    }
}

/// The children of `meta` that are read here.
#[derive(Default)]
struct Meta<'a> {
    primary: Option<u64>,
    exif: Option<u64>,
    locations: Option<Fields<'a>>,
    data: &'a [u8],
    properties: &'a [u8],
}

impl<'a> Meta<'a> {
    fn read(body: &'a [u8]) -> Self {
        let mut meta = Meta::default();
        // Behind version and flags.
        for found in boxes(body.get(4..).unwrap_or_default()) {
            let fields = Fields(found.body);
            match found.kind {
                b"pitm" => meta.primary = meta.primary.or_else(|| primary(fields)),
                b"iinf" => meta.exif = meta.exif.or_else(|| exif_item(fields)),
                b"iloc" => meta.locations = meta.locations.or(Some(fields)),
                b"idat" => meta.data = found.body,
                b"iprp" => meta.properties = found.body,
                _ => {}
            }
        }
        meta
    }

    /// The item holds the offset of the TIFF block behind itself, and then, at that place, the block.
    fn exif(&self, file: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let (from_data, extents) = extents(self.locations?, self.exif?)?;
        let source = if from_data { self.data } else { file };
        let piece = |&(start, length): &(u64, u64)| {
            let rest = source.get(usize::try_from(start).ok()?..)?;
            // No length: all the rest.
            if length == 0 { Some(rest) } else { rest.get(..usize::try_from(length).ok()?) }
        };
        let item = match extents.as_slice() {
            [one] => Cow::Borrowed(piece(one)?),
            several => {
                let pieces = several.iter().map(piece).collect::<Option<Vec<_>>>()?;
                let length = pieces.iter().try_fold(0usize, |sum, piece| sum.checked_add(piece.len()))?;
                Cow::Owned(Some(pieces).filter(|_| length <= MAX_TIFF)?.concat())
            }
        };
        // Some writers leave the offset out, others count from before the word that a JPEG has here.
        let bare = item.starts_with(b"MM\0*") || item.starts_with(b"II*\0");
        let offset = if bare { 0 } else { usize::try_from(Fields(&item).uint(4)?).ok()?.checked_add(4)? };
        let block = item.get(offset..)?;
        let start = if block.starts_with(crate::jpeg::EXIF_ID) { offset + crate::jpeg::EXIF_ID.len() } else { offset };
        Some(match item {
            Cow::Borrowed(item) => Cow::Borrowed(&item[start..]),
            Cow::Owned(mut item) => Cow::Owned(item.split_off(start)),
        })
    }

    /// Size and turning of the primary item. A system's decoder turns by these properties and by no EXIF field (HEIF
    /// wants them obeyed and that ignored), so they win.
    fn picture(&self) -> Head<'a> {
        let (mut head, mut turning) = (Head::default(), Turning::default());
        let Some(primary) = self.primary else { return head };
        let find = |kind: &[u8; 4]| boxes(self.properties).find(|found| found.kind == kind).map(|found| found.body);
        let (Some(store), Some(links)) = (find(b"ipco"), find(b"ipma")) else { return head };
        let store: Vec<Found<'_>> = boxes(store).take(MAX_PROPERTIES).collect();
        for index in associated(Fields(links), primary).unwrap_or_default() {
            let Some(found) = index.checked_sub(1).and_then(|index| store.get(index)) else { continue };
            match (found.kind, found.body) {
                (b"ispe", [_, _, _, _, size @ ..]) => {
                    let mut size = Fields(size);
                    let side = |value: Option<u64>| value.and_then(|value| u32::try_from(value).ok());
                    head.dimensions = head.dimensions.or(side(size.uint(4)).zip(side(size.uint(4))));
                }
                (b"irot", [angle, ..]) => head.turned = Some(turning.rotate(*angle)),
                (b"imir", [axis, ..]) => head.turned = Some(turning.mirror(*axis)),
                _ => {}
            }
        }
        head
    }
}

/// A photo in tiles has about ten; their number has 15 bits.
const MAX_PROPERTIES: usize = 1 << 15;

fn primary(mut fields: Fields<'_>) -> Option<u64> {
    let (version, _) = fields.version()?;
    fields.uint(if version == 0 { 2 } else { 4 })
}

fn exif_item(mut fields: Fields<'_>) -> Option<u64> {
    let (version, _) = fields.version()?;
    fields.uint(if version == 0 { 2 } else { 4 })?;
    boxes(fields.0).filter(|found| found.kind == b"infe").find_map(|found| {
        let mut entry = Fields(found.body);
        // Older entries have no type.
        let id = match entry.version()?.0 {
            2 => entry.uint(2)?,
            3 => entry.uint(4)?,
            _ => return None,
        };
        let _protection = entry.uint(2)?;
        (entry.array()? == b"Exif").then_some(id)
    })
}

/// Pieces of an item, start and length, in the file or, if so said, in `idat`.
fn extents(mut fields: Fields<'_>, wanted: u64) -> Option<(bool, Vec<(u64, u64)>)> {
    let (version, _) = fields.version()?;
    let sizes = fields.uint(2)?;
    let size = |nibble: u32| (sizes >> (4 * nibble) & 15) as usize;
    let (offset, length, base) = (size(3), size(2), size(1));
    let index = if version == 0 { 0 } else { size(0) };
    let id = if version < 2 { 2 } else { 4 };
    let items = fields.uint(id)?;
    for _ in 0..items {
        let found = fields.uint(id)? == wanted;
        let method = if version == 0 { 0 } else { fields.uint(2)? & 15 };
        let elsewhere = fields.uint(2)? != 0;
        let start = fields.uint(base)?;
        let count = fields.uint(2)?;
        let mut pieces = Vec::new();
        for _ in 0..count {
            fields.take(index)?;
            let (at, length) = (fields.uint(offset)?, fields.uint(length)?);
            if found {
                pieces.push((start.checked_add(at)?, length));
            }
        }
        if found {
            // Neither another file nor a part of another item.
            return (method < 2 && !elsewhere).then_some((method == 1, pieces));
        }
    }
    None
}

/// Numbers of an item's properties, from 1, in the order in which they apply.
fn associated(mut fields: Fields<'_>, wanted: u64) -> Option<Vec<usize>> {
    let (version, flags) = fields.version()?;
    let wide = flags & 1 == 1;
    for _ in 0..fields.uint(4)? {
        let found = fields.uint(if version == 0 { 2 } else { 4 })? == wanted;
        let count = fields.uint(1)?;
        let mut numbers = Vec::new();
        for _ in 0..count {
            // The upper bit says only whether the property is essential.
            let number = if wide { fields.uint(2)? & 0x7FFF } else { fields.uint(1)? & 0x7F };
            numbers.push(usize::try_from(number).ok()?);
        }
        if found {
            return Some(numbers);
        }
    }
    None
}

/// Mirrored left to right or not, and then turned to the left so many quarters.
#[derive(Clone, Copy, Default)]
struct Turning {
    mirrored: bool,
    quarters: u8,
}

impl Turning {
    /// By quarters to the left.
    fn rotate(&mut self, angle: u8) -> u8 {
        self.quarters = (self.quarters + (angle & 3)) % 4;
        self.orientation()
    }

    /// Left to right (1), or top to bottom (0), which is half a turn more (23008-12:2022 §6.5.12; the first edition could
    /// be read the other way round, and decoders did not).
    fn mirror(&mut self, axis: u8) -> u8 {
        let half = if axis & 1 == 0 { 2 } else { 0 };
        self.quarters = (half + 4 - self.quarters) % 4;
        self.mirrored = !self.mirrored;
        self.orientation()
    }

    fn orientation(self) -> u8 {
        let of_quarters = if self.mirrored { [2, 5, 4, 7] } else { [1, 8, 3, 6] };
        of_quarters[usize::from(self.quarters)]
    }
}
