//! Why a file cannot be shown, each with what to do about it.

/// The texts are for whoever chose the file.
#[derive(Debug, thiserror::Error)]
pub enum BaseMapError {
    #[error("the base map cannot be read: {0}. Check that the file is there and may be read")]
    File(#[from] std::io::Error),
    #[error("this file is no MBTiles or PMTiles base map: {0}. docs/base-maps.md says how one is made")]
    NotABaseMap(String),
    #[error(
        "nobody says whether the map is drawn in WGS-84 or in GCJ-02, and the wrong one lies 600 m off. Find out where \
         its tiles come from, then name the file NAME.wgs84.mbtiles or NAME.gcj02.mbtiles (or .pmtiles)"
    )]
    CrsUnsaid,
    #[error(
        "the map says that it is drawn in {0:?}, and only web-Mercator tiles in WGS-84 or GCJ-02 can be shown. Make it \
         again in EPSG:3857"
    )]
    ForeignCrs(String),
    #[error("the base map is damaged: {0}. Copy it again, or make it again")]
    Damaged(&'static str),
    #[error("the base map uses {0}, which is not read here. Convert it: docs/base-maps.md says how")]
    Unsupported(&'static str),
}

impl BaseMapError {
    pub(crate) fn no_map(why: impl Into<String>) -> Self {
        Self::NotABaseMap(why.into())
    }
}
