//! A file of grids that is one file, as the terminal and the console take it: what its ending says, and how it is read.

use gridpatrol_gridpack::import::Source;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GridFormat {
    GeoJson,
    Gpkg,
    Csv,
}

impl GridFormat {
    /// By the ending of a name, in lower case.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "geojson" | "json" => Some(GridFormat::GeoJson),
            "gpkg" => Some(GridFormat::Gpkg),
            "csv" => Some(GridFormat::Csv),
            _ => None,
        }
    }

    /// Only a GeoPackage has layers.
    pub fn source<'a>(self, file: &'a [u8], layer: Option<&'a str>) -> Source<'a> {
        match self {
            GridFormat::GeoJson => Source::GeoJson(file),
            GridFormat::Gpkg => Source::GeoPackage { file, layer },
            GridFormat::Csv => Source::Csv(file),
        }
    }
}
