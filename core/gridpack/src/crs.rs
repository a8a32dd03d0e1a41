//! The reference system of a file: named by the caller, compared with what the file itself says, never guessed.

use std::fmt;
use std::str::FromStr;

use gridpatrol_geo::crs::{BadCoordinate, Bd09, Cgcs2000, E7, Gcj02, Wgs84};

/// A system in degrees that polygons can be imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crs {
    Wgs84,
    Cgcs2000,
    Gcj02,
    Bd09,
}

/// A reference system as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    Known(Crs),
    /// A projection in metres, by its name.
    Projected(String),
    /// Degrees of some other system, by its name.
    Other(String),
}

/// The name is none of the four.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no reference system that grids come in: say wgs84, cgcs2000 (degrees), gcj02 or bd09; ask whoever made the file"
)]
pub struct UnknownCrs(String);

/// What the file says is not what the caller says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrsConflict {
    #[error(
        "you say {named}, the file says {stated}: name the right one; if the file is known to be labelled wrongly, say that its label is to be ignored"
    )]
    Differs { named: Crs, stated: Crs },
    #[error(
        "you say {named}, the file says {stated:?}, which is a projection in metres: convert it to degrees first, for example `ogr2ogr -t_srs EPSG:4490 out.gpkg FILE` and then --crs cgcs2000"
    )]
    Projected { named: Crs, stated: String },
    #[error(
        "you say {named}, the file says {stated:?}, which is another system: convert it first, for example `ogr2ogr -t_srs EPSG:4326 out.gpkg FILE` and then --crs wgs84"
    )]
    Other { named: Crs, stated: String },
}

impl Crs {
    pub const ALL: [Crs; 4] = [Crs::Wgs84, Crs::Cgcs2000, Crs::Gcj02, Crs::Bd09];

    pub fn name(self) -> &'static str {
        match self {
            Crs::Wgs84 => "wgs84",
            Crs::Cgcs2000 => "cgcs2000",
            Crs::Gcj02 => "gcj02",
            Crs::Bd09 => "bd09",
        }
    }

    /// Degrees of this system as WGS-84 in 1e-7 degrees.
    pub fn to_e7(self, lon: f64, lat: f64) -> Result<E7, BadCoordinate> {
        let wgs84 = match self {
            Crs::Wgs84 => Wgs84::new(lon, lat)?,
            Crs::Cgcs2000 => Cgcs2000::new(lon, lat)?.to_wgs84(),
            Crs::Gcj02 => Gcj02::new(lon, lat)?.to_wgs84(),
            Crs::Bd09 => Bd09::new(lon, lat)?.to_wgs84(),
        };
        // A shift near the pole or the date line could leave the earth.
        Ok(Wgs84::new(wgs84.lon(), wgs84.lat())?.to_e7())
    }

    /// Whether what a file states agrees with this, which the caller named.
    pub fn agrees(self, stated: Option<Stated>) -> Result<(), CrsConflict> {
        match stated {
            None => Ok(()),
            Some(Stated::Known(stated)) if stated == self => Ok(()),
            Some(Stated::Known(stated)) => Err(CrsConflict::Differs { named: self, stated }),
            Some(Stated::Projected(stated)) => Err(CrsConflict::Projected { named: self, stated }),
            Some(Stated::Other(stated)) => Err(CrsConflict::Other { named: self, stated }),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Crs {
    type Err = UnknownCrs;

    fn from_str(text: &str) -> Result<Self, UnknownCrs> {
        Crs::ALL.into_iter().find(|crs| crs.name() == text).ok_or_else(|| UnknownCrs(text.to_owned()))
    }
}

/// EPSG codes of degrees; the Gauss-Krüger zones of CGCS2000 are 4491 to 4554.
const EPSG_WGS84: i64 = 4326;
const EPSG_CGCS2000: i64 = 4490;

/// Names that a file has for a system, spaces and underscores apart, in lower case.
const NAMES: [(&str, Crs); 8] = [
    ("wgs84", Crs::Wgs84),
    ("wgs1984", Crs::Wgs84),
    ("crs84", Crs::Wgs84),
    ("worldgeodeticsystem1984", Crs::Wgs84),
    ("cgcs2000", Crs::Cgcs2000),
    ("chinageodeticcoordinatesystem2000", Crs::Cgcs2000),
    ("gcj02", Crs::Gcj02),
    ("bd09", Crs::Bd09),
];

/// Longer names than this say nothing to a reader of an error.
const NAME: usize = 80;

impl Stated {
    pub(crate) fn epsg(code: i64) -> Self {
        match code {
            EPSG_WGS84 => Stated::Known(Crs::Wgs84),
            EPSG_CGCS2000 => Stated::Known(Crs::Cgcs2000),
            4491..=4554 => Stated::Projected(format!("EPSG:{code}, CGCS2000 Gauss-Krüger")),
            32601..=32760 => Stated::Projected(format!("EPSG:{code}, UTM")),
            3857 | 900_913 => Stated::Projected(format!("EPSG:{code}, web Mercator")),
            _ => Stated::Other(format!("EPSG:{code}")),
        }
    }

    /// From a name such as `urn:ogc:def:crs:EPSG::4490`, `EPSG:4326`, `CRS84` or `GCJ-02`.
    pub(crate) fn named(name: &str) -> Self {
        let upper = name.to_ascii_uppercase();
        let code = upper.contains("EPSG").then(|| upper.rsplit([':', '/']).next()).flatten();
        if let Some(code) = code.and_then(|code| code.parse().ok()) {
            return Self::epsg(code);
        }
        match known(name) {
            Some(crs) => Stated::Known(crs),
            None => Stated::Other(shortened(name)),
        }
    }

    /// From well-known text of a coordinate reference system, versions 1 and 2, as in a `.prj`.
    pub(crate) fn well_known_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('\u{feff}');
        if text.is_empty() {
            return None;
        }
        let (keyword, rest) = text.split_once(['[', '(']).unwrap_or((text, ""));
        let name = rest.split('"').nth(1).unwrap_or(text);
        Some(match keyword.trim().to_ascii_uppercase().as_str() {
            "PROJCS" | "PROJCRS" => Stated::Projected(shortened(name)),
            "GEOGCS" | "GEOGCRS" | "GEODCRS" => match known(name) {
                Some(crs) => Stated::Known(crs),
                None => Stated::Other(shortened(name)),
            },
            _ => Stated::Other(shortened(name)),
        })
    }
}

fn known(name: &str) -> Option<Crs> {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    NAMES.iter().find(|(known, _)| plain.contains(known)).map(|(_, crs)| *crs)
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_system_in_many_ways() {
        for (name, crs) in [
            ("urn:ogc:def:crs:OGC:1.3:CRS84", Crs::Wgs84),
            ("EPSG:4326", Crs::Wgs84),
            ("urn:ogc:def:crs:EPSG::4490", Crs::Cgcs2000),
            ("http://www.opengis.net/def/crs/EPSG/0/4490", Crs::Cgcs2000),
            ("GCJ-02", Crs::Gcj02),
            ("BD-09", Crs::Bd09),
        ] {
            assert_eq!(Stated::named(name), Stated::Known(crs), "{name}");
        }
        for (wkt, crs) in [
            (r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984"]]"#, Crs::Wgs84),
            (r#"GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000"]]"#, Crs::Cgcs2000),
            (r#"GEOGCRS["China Geodetic Coordinate System 2000"]"#, Crs::Cgcs2000),
        ] {
            assert_eq!(Stated::well_known_text(wkt), Some(Stated::Known(crs)), "{wkt}");
        }
    }

    #[test]
    fn metres_are_refused_by_name_with_what_to_do() {
        let zone = r#"PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]"#;
        for stated in [Stated::well_known_text(zone), Some(Stated::epsg(4547))] {
            let refused = Crs::Cgcs2000.agrees(stated).expect_err("not in degrees").to_string();
            assert!(refused.contains("CGCS2000") && refused.contains("ogr2ogr"), "{refused}");
        }
        let xian = Crs::Cgcs2000.agrees(Some(Stated::epsg(4610))).expect_err("another datum").to_string();
        assert!(xian.contains("cgcs2000") && xian.contains("EPSG:4610"), "{xian}");
    }

    #[test]
    fn a_contradiction_names_both() {
        let error = Crs::Gcj02.agrees(Some(Stated::Known(Crs::Wgs84))).expect_err("they differ").to_string();
        assert!(error.contains("gcj02") && error.contains("wgs84"), "{error}");
        assert_eq!(Crs::Gcj02.agrees(None), Ok(()));
    }
}
