//! Polygons out of other people's files.
//!
//! An import keeps what the file holds, faults included: a wrong code or a ring that crosses itself is for
//! [`check`](crate::check()) to name, with its place. An error here means that the file cannot be read, or is not what
//! the caller said it is. Coordinates become WGS-84 in 1e-7 degrees (11 mm) on the way in.
//!
//! Formats differ in how they say a hole or a part; here an area has one outer ring and its holes, and a grid one
//! area or several. Rings stay as the file has them, closed or not.
//!
//! Everything is bounded before it is allocated: [`MAX_FILE`], [`MAX_GRIDS`], [`MAX_RING`], [`MAX_AREAS`] and
//! [`MAX_TEXT`].

mod csv;
mod geojson;
mod geopackage;
mod rings;
mod shapefile;
mod words;

use gridpatrol_export::Area;
use gridpatrol_geo::crs::BadCoordinate;

use crate::crs::{Crs, CrsConflict};

/// Bytes of a file, of each of a Shapefile's files.
pub const MAX_FILE: usize = 256 << 20;
/// A county has some thousand grids.
pub const MAX_GRIDS: usize = 50_000;
/// Corners of one ring. What a phone can hold is less ([`MAX_CORNERS`](crate::MAX_CORNERS)), and a fault that is
/// shown on a map; this is where reading stops.
pub const MAX_RING: usize = 200_000;
/// Parts and holes of one grid.
pub const MAX_AREAS: usize = 1_000;
/// Bytes of a code or a name.
pub const MAX_TEXT: usize = 200;

/// A file in memory.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    GeoJson(&'a [u8]),
    /// The one feature table, or the one that is named.
    GeoPackage {
        file: &'a [u8],
        layer: Option<&'a str>,
    },
    Shapefile(ShapefileParts<'a>),
    /// A column `wkt`, `wkt_wgs84` or `geom`, or a line for each corner with `lon` and `lat`, in the order of the ring.
    Csv(&'a [u8]),
}

/// The files that together are a Shapefile.
#[derive(Clone, Copy, Debug)]
pub struct ShapefileParts<'a> {
    pub shp: &'a [u8],
    pub shx: &'a [u8],
    pub dbf: &'a [u8],
    /// The reference system, where the file is there.
    pub prj: Option<&'a str>,
    /// The encoding of the texts, where the file is there.
    pub cpg: Option<&'a str>,
}

/// The encoding of a `.dbf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    Utf8,
    Gbk,
}

/// What the caller knows about a file.
#[derive(Clone, Debug)]
pub struct Options {
    pub crs: Crs,
    /// The file's own label is known to be wrong: GIS programs have no code for GCJ-02 and BD-09 and label them WGS 84.
    pub ignore_label: bool,
    pub columns: Columns,
    /// For a Shapefile without a `.cpg`.
    pub encoding: Option<TextEncoding>,
}

/// Columns by name; `None` takes the first of the defaults that is there.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub code: Option<String>,
    pub name: Option<String>,
    /// The village that a grid is said to be in; optional in the file.
    pub village: Option<String>,
}

/// A grid as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Its number in the file, from 1.
    pub feature: u64,
    /// As it is written there, spaces around it apart.
    pub code: String,
    pub name: String,
    /// What the village column says, where there is one.
    pub village: Option<String>,
    pub areas: Vec<Area>,
}

/// Why a file was not imported. The caller says which file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImportError {
    #[error("the file has {0} bytes, more than the {MAX_FILE} that are read: split it by town")]
    TooLarge(usize),
    #[error("there are more than {MAX_GRIDS} features: split the file by county")]
    TooMany,
    #[error("this is no {format} that can be read: {why}")]
    Unreadable { format: &'static str, why: String },
    #[error(transparent)]
    Crs(#[from] CrsConflict),
    #[error("there is no column {wanted}: the file has {have}. Name the column of the {what}")]
    NoColumn { what: &'static str, wanted: String, have: String },
    #[error("feature {feature}: {why}")]
    Feature { feature: u64, why: FeatureError },
    #[error("the GeoPackage has the layers {0}: say which one holds the grids")]
    WhichLayer(String),
    #[error("the GeoPackage has no layer {0:?} of polygons")]
    NoLayer(String),
    #[error(
        "the .dbf does not say how its texts are encoded and there is no .cpg beside it: name the encoding, utf-8 or gbk"
    )]
    NoEncoding,
    #[error("the .cpg says {stated:?} and you say {named}: name the right one, or correct the .cpg")]
    EncodingDiffers { stated: String, named: &'static str },
    #[error("the .cpg says {0:?}, which is not read: save the file again with UTF-8 or GBK")]
    UnknownEncoding(String),
}

/// What is wrong with one feature.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FeatureError {
    #[error("a grid is a polygon, this is {0}: remove it or draw its border")]
    NotPolygon(String),
    #[error("it has no geometry: draw its border or remove it")]
    NoGeometry,
    #[error("{0}")]
    Coordinate(#[from] BadCoordinate),
    #[error(
        "{0}, {1} are metres, not degrees, as a Gauss-Krüger projection gives them: convert the file to degrees first, for example `ogr2ogr -t_srs EPSG:4490 out.gpkg FILE`"
    )]
    Metres(f64, f64),
    #[error("a ring has more than {MAX_RING} corners: simplify it")]
    RingTooLong,
    #[error("it has more than {MAX_AREAS} parts and holes: simplify it")]
    TooManyParts,
    #[error("{0} is longer than {MAX_TEXT} bytes: shorten it")]
    TextTooLong(&'static str),
    #[error("its texts are not {0}: name the encoding in which the file was written")]
    NotEncoded(&'static str),
    #[error("its geometry cannot be read: {0}")]
    Unreadable(String),
}

/// Reads all grids of a file, in the order of the file.
pub fn import(source: Source<'_>, options: &Options) -> Result<Vec<Drawn>, ImportError> {
    let largest = match source {
        Source::GeoJson(file) | Source::Csv(file) | Source::GeoPackage { file, .. } => file.len(),
        Source::Shapefile(parts) => parts.shp.len().max(parts.dbf.len()).max(parts.shx.len()),
    };
    if largest > MAX_FILE {
        return Err(ImportError::TooLarge(largest));
    }
    match source {
        Source::GeoJson(file) => geojson::read(file, options),
        Source::GeoPackage { file, layer } => geopackage::read(file, layer, options),
        Source::Shapefile(parts) => shapefile::read(parts, options),
        Source::Csv(file) => csv::read(file, options),
    }
}

impl Options {
    pub fn new(crs: Crs) -> Self {
        Options { crs, ignore_label: false, columns: Columns::default(), encoding: None }
    }

    fn check_label(&self, stated: Option<crate::crs::Stated>) -> Result<(), ImportError> {
        if self.ignore_label { Ok(()) } else { Ok(self.crs.agrees(stated)?) }
    }
}

impl TextEncoding {
    pub fn name(self) -> &'static str {
        match self {
            TextEncoding::Utf8 => "utf-8",
            TextEncoding::Gbk => "gbk",
        }
    }
}

impl std::str::FromStr for TextEncoding {
    type Err = ImportError;

    fn from_str(text: &str) -> Result<Self, ImportError> {
        match text.trim().trim_start_matches('\u{feff}').to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "65001" => Ok(TextEncoding::Utf8),
            "gbk" | "cp936" | "936" | "gb2312" => Ok(TextEncoding::Gbk),
            _ => Err(ImportError::UnknownEncoding(text.trim().chars().take(40).collect())),
        }
    }
}

const CODES: &[&str] = &["grid_code", "code", "网格编码"];
const NAMES: &[&str] = &["name", "网格名称"];
const VILLAGES: &[&str] = &["village", "village_code", "村级代码"];

/// Which columns of a file are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Picked {
    code: usize,
    /// A grid may have no name.
    name: Option<usize>,
    village: Option<usize>,
}

impl Columns {
    fn pick(&self, have: &[String]) -> Result<Picked, ImportError> {
        let at = |wanted: &str| have.iter().position(|column| column == wanted);
        let find = |what, named: &Option<String>, usual: &[&str]| match named {
            Some(wanted) => at(wanted).map(Some).ok_or_else(|| no_column(what, &format!("{wanted:?}"), have)),
            None => Ok(usual.iter().find_map(|usual| at(usual))),
        };
        let code = find("grid codes", &self.code, CODES)?;
        Ok(Picked {
            code: code.ok_or_else(|| no_column("grid codes", &CODES.join(", "), have))?,
            name: find("grid names", &self.name, NAMES)?,
            village: find("villages", &self.village, VILLAGES)?,
        })
    }
}

fn no_column(what: &'static str, wanted: &str, have: &[String]) -> ImportError {
    let shown: Vec<String> = have.iter().take(40).map(|name| name.chars().take(40).collect()).collect();
    ImportError::NoColumn { what, wanted: wanted.to_owned(), have: shown.join(", ") }
}

impl FeatureError {
    fn of(self, feature: u64) -> ImportError {
        ImportError::Feature { feature, why: self }
    }
}

fn short_text(what: &'static str, text: &str) -> Result<String, FeatureError> {
    let text = text.trim();
    if text.len() > MAX_TEXT { Err(FeatureError::TextTooLong(what)) } else { Ok(text.to_owned()) }
}

impl Drawn {
    fn new(feature: u64, code: &str, name: &str, village: Option<&str>, areas: Vec<Area>) -> Result<Self, ImportError> {
        let text = |what, text: &str| short_text(what, text).map_err(|why| why.of(feature));
        if areas.is_empty() {
            return Err(FeatureError::NoGeometry.of(feature));
        }
        let village = village.map(|village| text("the village", village)).transpose()?.filter(|said| !said.is_empty());
        Ok(Drawn { feature, code: text("the code", code)?, name: text("the name", name)?, village, areas })
    }
}
