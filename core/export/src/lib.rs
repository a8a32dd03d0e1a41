//! Tracks, places and grids for other people's tools: GPX 1.1, GeoJSON (RFC 7946), GeoPackage 1.3, KML 2.2 and CSV.
//!
//! One plain model, [`Layer`], and a writer for each format that takes the features from an iterator and keeps none
//! of them. A million fixes take 4 to 8 MB and 0.4 (CSV) to 3.7 (GeoPackage, most of it the index) CPU seconds; as one
//! track, which is one feature and is written as a whole, 12 to 46 MB (2026-11, `tests/memory.rs` in a release build).
//! Positions are WGS-84 in every file, by the type of [`E7`](gridpatrol_geo::crs::E7), and each file says so in the way
//! of its format.
//!
//! A gap is never a line: a track is one feature with a line for each segment, and the causes of its gaps stand
//! beside them ([`track`]). Texts never come out raw: each format escapes them, and control characters, which most
//! of the formats cannot hold, become `�`.
//!
//! ```
//! use gridpatrol_export::{Feature, Kind, Layer, Shape, Shapes, Value, geojson};
//! # use gridpatrol_geo::crs::E7;
//!
//! let layer = Layer::new("places", Shapes::Points, &[("name", Kind::Text)]);
//! let at = E7::new(1_126_000_000, 223_000_000).expect("in Kaiping");
//! let place = Feature { shape: Shape::Point(at), values: vec![Value::Text("赤坎镇水闸".to_owned())] };
//! let mut file = Vec::new();
//! geojson(&mut file, &layer, [Ok(place)])?;
//! # Ok::<(), gridpatrol_export::Error>(())
//! ```

mod csv;
mod geojson;
mod geopackage;
mod kml;
mod layer;
mod text;
pub mod track;
mod wkb;

pub use csv::{CsvStyle, csv};
pub use geojson::geojson;
pub use geopackage::GeoPackage;
pub use gridpatrol_geo::gpx::write as gpx;
pub use kml::kml;
pub use layer::{Area, Bounds, Feature, Field, Kind, Layer, Line, Shape, Shapes, Value};

/// Why there is no export. What was written before the error is no whole file: throw it away.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the export cannot be written: {0}. Is there space left, and no file of that name?")]
    Io(#[from] std::io::Error),
    #[error("the GeoPackage cannot be written: {0}. Is there space left?")]
    Sqlite(#[from] rusqlite::Error),
    /// What the caller read the features from.
    #[error("what should be exported cannot be read: {0}")]
    Source(Box<dyn std::error::Error + Send + Sync>),
    #[error(
        "{0:?} cannot name a layer: give it a name that is new in this file and begins with no gpkg_, rtree_ or sqlite_"
    )]
    LayerName(String),
    #[error("{0:?} cannot name a column: give each a name of its own, and none fid or geom")]
    ColumnName(String),
    #[error("feature {feature} (from 0) does not have one value of its kind, or Null, for each field of the layer")]
    Values { feature: u64 },
    #[error("feature {feature} (from 0) is not of the layer's shape")]
    Shape { feature: u64 },
    #[error("feature {feature} (from 0) has a ring that encloses nothing: draw it with three corners or more")]
    Ring { feature: u64 },
}

impl From<::csv::Error> for Error {
    fn from(error: ::csv::Error) -> Self {
        Error::Io(error.into())
    }
}
