//! A file of grids that is one file, as the terminal and the console take it: what its ending says, and how it is read.

mod zipped;

use gridpatrol_gridpack::import::{Drawn, ImportError, Options, Source, import};
use gridpatrol_model::message::{Arg, Messages};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GridFormat {
    GeoJson,
    Gpkg,
    Csv,
    /// The files of a Shapefile in one archive.
    Zip,
}

/// Why a file was not read. The caller says which file.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum GridFileError {
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("the archive has a password or a packing that is not read: pack it again with the zip of the system")]
    ZipLocked,
    #[error("the archive has no {0}: pack the .shp, .shx and .dbf of one name together")]
    ZipLacks(&'static str),
}

impl GridFormat {
    /// By the ending of a name, in lower case.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "geojson" | "json" => Some(GridFormat::GeoJson),
            "gpkg" => Some(GridFormat::Gpkg),
            "csv" => Some(GridFormat::Csv),
            "zip" => Some(GridFormat::Zip),
            _ => None,
        }
    }

    /// All grids, in the order of the file. `layer` is one of a GeoPackage, or the name of a Shapefile in an archive.
    pub fn read(self, file: &[u8], layer: Option<&str>, options: &Options) -> Result<Vec<Drawn>, GridFileError> {
        let unpacked;
        let source = match self {
            GridFormat::GeoJson => Source::GeoJson(file),
            GridFormat::Gpkg => Source::GeoPackage { file, layer },
            GridFormat::Csv => Source::Csv(file),
            GridFormat::Zip => {
                unpacked = zipped::unpack(file, layer)?;
                Source::Shapefile(unpacked.parts())
            }
        };
        Ok(import(source, options)?)
    }
}

impl GridFileError {
    pub fn message_id(&self) -> &'static str {
        match self {
            GridFileError::Import(error) => error.message_id(),
            GridFileError::ZipLocked => "error-grids-zip-locked",
            GridFileError::ZipLacks(_) => "error-grids-zip-lacks",
        }
    }

    /// What it is and what to do about it.
    pub fn text(&self, messages: &Messages) -> String {
        match self {
            GridFileError::Import(error) => error.text(messages),
            GridFileError::ZipLocked => messages.text(self.message_id(), &[]),
            GridFileError::ZipLacks(ending) => {
                let args = [("wanted", Arg::Text(ending)), ("have", Arg::Text(".shp .shx .dbf"))];
                messages.text(self.message_id(), &args)
            }
        }
    }
}
