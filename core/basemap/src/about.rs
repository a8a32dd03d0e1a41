//! What a map says of itself, and what of it is taken.

use std::path::Path;

use gridpatrol_geo::crs::tile::{Extent, TileCrs};
use gridpatrol_geo::crs::{E7, Gcj02, Wgs84};
use serde_json::Value;

use crate::Result;
use crate::crs;
use crate::error::BaseMapError;
use crate::format::TileFormat;

/// Letters of a name or attribution that are kept.
const MAX_TEXT: usize = 400;
/// Layers that are told; the schemas that people use have 10 to 20.
const MAX_LAYERS: usize = 100;

/// A map in words and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// As it calls itself, or as its file is called.
    pub name: String,
    /// To be shown beside the map, as its licence asks: plain text, empty if there is none.
    pub attribution: String,
    /// Of most tiles; each says its own.
    pub format: TileFormat,
    /// What its tiles are drawn in.
    pub crs: TileCrs,
    /// Where there are tiles, if the file says it; else the world.
    pub extent: Extent,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// Names of the layers in its vector tiles, from the ground up, as far as it says them.
    pub layers: Vec<String>,
}

/// What stands in the file.
pub(crate) struct Claims {
    pub name: Option<String>,
    pub attribution: Option<String>,
    pub crs: Option<String>,
    pub format: TileFormat,
    /// West, south, east, north in degrees of the map's own system.
    pub bounds: Option<[f64; 4]>,
    pub zooms: (u8, u8),
    pub layers: Vec<String>,
}

impl Claims {
    /// The system is what a person said, else what the file's name says, else what the file says.
    pub fn settle(self, path: &Path, told: Option<TileCrs>) -> Result<About> {
        let (name, by_name) = crs::of_file_name(path);
        let by_file = match &self.crs {
            None => None,
            // Nobody's word makes a map drawable whose tiles are cut another way.
            Some(word) => Some(crs::named(word).ok_or_else(|| BaseMapError::ForeignCrs(plain(word)))?),
        };
        let crs = told.or(by_name).or(by_file).ok_or(BaseMapError::CrsUnsaid)?;
        let own_name = self.name.map(|name| plain(&name)).filter(|name| !name.is_empty());
        Ok(About {
            name: own_name.unwrap_or(name),
            attribution: self.attribution.map(|text| plain(&text)).unwrap_or_default(),
            format: self.format,
            crs,
            extent: self.bounds.and_then(|bounds| extent(bounds, crs)).unwrap_or_else(Extent::world),
            min_zoom: self.zooms.0,
            max_zoom: self.zooms.1,
            layers: self.layers,
        })
    }
}

/// The names in `vector_layers` of a TileJSON, each once.
pub(crate) fn layers(json: &Value) -> Vec<String> {
    let said = json.get("vector_layers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in said.iter().take(MAX_LAYERS).filter_map(|layer| layer.get("id")?.as_str()) {
        if !names.iter().any(|known| known == name) && name.len() <= MAX_TEXT {
            names.push(name.to_owned());
        }
    }
    names
}

/// None for bounds that hold nothing: many programs write zeros where they know nothing.
fn extent([west, south, east, north]: [f64; 4], crs: TileCrs) -> Option<Extent> {
    let corner = |lon: f64, lat: f64| -> Option<E7> {
        let (lon, lat) = (lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0));
        let point = match crs {
            TileCrs::Wgs84 => Wgs84::new(lon, lat).ok()?,
            TileCrs::Gcj02 => Gcj02::new(lon, lat).ok()?.to_wgs84(),
        };
        Some(point.to_e7())
    };
    (west < east && south < north).then(|| Extent::new(corner(west, south)?, corner(east, north)?))?
}

/// Text without the HTML that attributions are written in.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars().take(4 * MAX_TEXT) {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if inside => {}
            _ => text.push(if letter.is_control() { ' ' } else { letter }),
        }
    }
    for (entity, letter) in [
        ("&copy;", "©"),
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, letter);
    }
    text.trim().chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribution_is_shown_without_its_links() {
        let written = r#"<a href="https://www.openstreetmap.org/copyright" target="_blank">&copy; OpenStreetMap</a> &amp; others"#;
        assert_eq!(plain(written), "© OpenStreetMap & others");
        assert_eq!(plain("天地图 GS(2024)0568号"), "天地图 GS(2024)0568号");
        assert_eq!(plain("<script>alert(1)"), "alert(1)");
        assert_eq!(plain(&"图".repeat(100_000)).chars().count(), MAX_TEXT);
    }
}
