//! A Shapefile as GIS people send it: its files in one ZIP, in a folder or not, with names in UTF-8 or GBK.
//!
//! The archive is a stranger's. Its table of contents is counted before it is read, and what is unpacked has a bound:
//! a table of spaces shrinks to a thousandth of its size.

use std::io::{Cursor, Read};

use gridpatrol_gridpack::import::{ImportError, ShapefileParts};
use zip::ZipArchive;
use zip::result::ZipError;

use super::GridFileError;

/// Entries of an archive: other people pack the whole folder of a project.
const MAX_ENTRIES: usize = 1_000;
/// Bytes of all parts together. A county's have some 10 MB.
const MAX_UNPACKED: u64 = 128 << 20;
/// What an entry of the table of contents begins with.
const ENTRY: &[u8] = b"PK\x01\x02";

/// The files of one Shapefile.
pub(super) struct Shapefile {
    shp: Vec<u8>,
    shx: Vec<u8>,
    dbf: Vec<u8>,
    prj: Option<String>,
    cpg: Option<String>,
}

impl Shapefile {
    pub fn parts(&self) -> ShapefileParts<'_> {
        let Shapefile { shp, shx, dbf, prj, cpg } = self;
        ShapefileParts { shp, shx, dbf, prj: prj.as_deref(), cpg: cpg.as_deref() }
    }
}

/// The one Shapefile of an archive, or the one that is named.
pub(super) fn unpack(file: &[u8], name: Option<&str>) -> Result<Shapefile, GridFileError> {
    if memchr::memmem::find_iter(file, ENTRY).nth(MAX_ENTRIES).is_some() {
        return Err(unreadable("it holds more than a thousand files"));
    }
    let mut open = Open { archive: ZipArchive::new(Cursor::new(file)).map_err(of_zip)?, left: MAX_UNPACKED };
    let entries = open.entries()?;
    let named = |entry: &&Entry| entry.ending == "shp" && name.is_none_or(|name| name == entry.name());
    let found: Vec<&Entry> = entries.iter().filter(named).collect();
    let shp = match (&found[..], name) {
        ([one], _) => *one,
        ([], Some(name)) => return Err(ImportError::NoLayer(name.to_owned()).into()),
        ([], None) => return Err(GridFileError::ZipLacks(".shp")),
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|entry| entry.name()).collect();
            return Err(ImportError::WhichLayer(names.join(", ")).into());
        }
    };
    let part = |ending: &str| entries.iter().find(|entry| entry.ending == ending && entry.stem == shp.stem);
    let shx = part("shx").ok_or(GridFileError::ZipLacks(".shx"))?;
    let dbf = part("dbf").ok_or(GridFileError::ZipLacks(".dbf"))?;
    let mut text = |ending| {
        let bytes = part(ending).map(|entry| open.read(entry)).transpose()?;
        Ok::<_, GridFileError>(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    let (prj, cpg) = (text("prj")?, text("cpg")?);
    Ok(Shapefile { shp: open.read(shp)?, shx: open.read(shx)?, dbf: open.read(dbf)?, prj, cpg })
}

struct Entry {
    at: usize,
    /// With its folder.
    stem: String,
    /// In lower case.
    ending: String,
}

impl Entry {
    fn name(&self) -> &str {
        self.stem.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

struct Open<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl Open<'_> {
    fn entries(&mut self) -> Result<Vec<Entry>, GridFileError> {
        let mut entries = Vec::new();
        for at in 0..self.archive.len() {
            let file = self.archive.by_index_raw(at).map_err(of_zip)?;
            let Some((stem, ending)) = named(file.name_raw()) else { continue };
            entries.push(Entry { at, stem, ending });
        }
        Ok(entries)
    }

    fn read(&mut self, entry: &Entry) -> Result<Vec<u8>, GridFileError> {
        let mut bytes = Vec::new();
        let file = self.archive.by_index(entry.at).map_err(of_zip)?;
        let read = file.take(self.left + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error.to_string()))?;
        self.left = self.left.checked_sub(read as u64).ok_or(ImportError::TooLarge(read))?;
        Ok(bytes)
    }
}

/// Stem and ending of a name. Chinese systems write names in GBK; what a Mac keeps beside each file begins with `._`.
fn named(raw: &[u8]) -> Option<(String, String)> {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GBK.decode(raw).0.into_owned(),
    };
    let (stem, ending) = name.rsplit_once('.')?;
    let kept_beside = stem.rsplit(['/', '\\']).next().is_some_and(|name| name.starts_with("._"));
    (!kept_beside).then(|| (stem.to_owned(), ending.to_ascii_lowercase()))
}

fn of_zip(error: ZipError) -> GridFileError {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword => GridFileError::ZipLocked,
        other => unreadable(&other.to_string()),
    }
}

fn unreadable(why: &str) -> GridFileError {
    ImportError::Unreadable { format: "ZIP", why: why.chars().take(200).collect() }.into()
}
