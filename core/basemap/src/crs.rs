//! The words in which a file or a person says what a map is drawn in.

use std::path::Path;

use gridpatrol_geo::crs::tile::TileCrs;

/// What a file's name says before its ending: `NAME.gcj02.mbtiles`.
pub fn word(crs: TileCrs) -> &'static str {
    match crs {
        TileCrs::Wgs84 => "wgs84",
        TileCrs::Gcj02 => "gcj02",
    }
}

/// None if no map in this system can be shown. BD-09 is not among them: Baidu cuts its tiles another way.
pub fn named(text: &str) -> Option<TileCrs> {
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).take(16).collect();
    match plain.to_ascii_lowercase().as_str() {
        "wgs84" | "cgcs2000" | "epsg:3857" | "epsg:900913" => Some(TileCrs::Wgs84),
        "gcj02" => Some(TileCrs::Gcj02),
        _ => None,
    }
}

/// How a file calls its map, and what its name says of the system: `塘口.gcj02.mbtiles`.
pub fn of_file_name(path: &Path) -> (String, Option<TileCrs>) {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match stem.rsplit_once('.').map(|(name, word)| (name, named(word))) {
        Some((name, Some(crs))) => (name.to_owned(), Some(crs)),
        _ => (stem.into_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read_as_people_write_them() {
        for crs in [TileCrs::Wgs84, TileCrs::Gcj02] {
            assert_eq!(named(word(crs)), Some(crs));
        }
        assert_eq!(named("WGS-84"), Some(TileCrs::Wgs84));
        assert_eq!(named("EPSG:3857"), Some(TileCrs::Wgs84));
        assert_eq!(named("CGCS2000"), Some(TileCrs::Wgs84));
        assert_eq!(named("GCJ-02"), Some(TileCrs::Gcj02));
    }

    #[test]
    fn what_is_no_web_mercator_of_ours_is_no_word() {
        for text in ["", "bd09", "EPSG:4326", "EPSG:4490", "wgs84 and more than that"] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
