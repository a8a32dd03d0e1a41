//! Where the systems of Chinese maps put a point, and the way back.

use gridpatrol_geo::crs::{BadCoordinate, Bd09, Cgcs2000, E7, Gcj02, Wgs84};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    points: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    wgs84: (f64, f64),
    gcj02: (f64, f64),
    bd09: Option<(f64, f64)>,
}

fn vectors(text: &str) -> Vec<Vector> {
    let points = serde_json::from_str::<Vectors>(text).expect("the vectors are well-formed").points;
    assert!(points.len() >= 6);
    points
}

/// 1e-11 degrees are a thousandth of a millimetre.
fn agree(a: (f64, f64), b: (f64, f64), degrees: f64) -> bool {
    (a.0 - b.0).abs() < degrees && (a.1 - b.1).abs() < degrees
}

#[test]
fn every_way_agrees_with_the_golden_vectors() {
    let both = [
        include_str!("../../../../tests/vectors/valid/coordinates.json"),
        include_str!("../../../../tests/vectors/valid/coordinates_bd09.json"),
    ];
    for Vector { name, wgs84, gcj02, bd09 } in both.into_iter().flat_map(vectors) {
        let gps = Wgs84::new(wgs84.0, wgs84.1).expect("in range");
        let amap = gps.to_gcj02();
        assert!(agree((amap.lon(), amap.lat()), gcj02, 1e-11), "{name}: {amap:?}");
        let back = Gcj02::new(gcj02.0, gcj02.1).expect("in range").to_wgs84();
        assert!(agree((back.lon(), back.lat()), wgs84, 1e-9), "{name}: {back:?}");

        let Some(bd09) = bd09 else { continue };
        let baidu = gps.to_bd09();
        assert!(agree((baidu.lon(), baidu.lat()), bd09, 1e-11), "{name}: {baidu:?}");
        let baidu = Bd09::new(bd09.0, bd09.1).expect("in range");
        let (amap, gps) = (baidu.to_gcj02(), baidu.to_wgs84());
        assert!(agree((amap.lon(), amap.lat()), gcj02, 1e-9), "{name}: {amap:?}");
        assert!(agree((gps.lon(), gps.lat()), wgs84, 1e-9), "{name}: {gps:?}");
    }
}

#[test]
fn abroad_a_point_passes_unchanged_every_way() {
    let aruba = Wgs84::new(-69.98, 12.52).expect("in range");
    assert_eq!((aruba.to_bd09().lon(), aruba.to_bd09().lat()), (-69.98, 12.52));
    assert_eq!(aruba.to_gcj02().to_wgs84(), aruba);
    assert_eq!(aruba.to_bd09().to_wgs84(), aruba);
}

#[test]
fn a_survey_point_keeps_its_numbers() {
    let stone = Cgcs2000::new(112.5793, 22.3686).expect("in range");
    assert_eq!((stone.to_wgs84().lon(), stone.to_wgs84().lat()), (112.5793, 22.3686));
    assert_eq!(stone.to_wgs84().to_cgcs2000(), stone);
}

#[test]
fn what_is_no_position_says_why() {
    assert_eq!(Wgs84::new(f64::NAN, 22.0), Err(BadCoordinate::NotFinite));
    assert_eq!(Gcj02::new(113.0, f64::INFINITY), Err(BadCoordinate::NotFinite));
    assert_eq!(Wgs84::new(113.0, 95.0), Err(BadCoordinate::Latitude(95.0)));
    assert_eq!(Bd09::new(22.0, 113.0), Err(BadCoordinate::Latitude(113.0)));
    assert_eq!(Gcj02::new(-180.5, 0.0), Err(BadCoordinate::Longitude(-180.5)));
    assert_eq!(E7::new(0, 900_000_001), Err(BadCoordinate::Latitude(90.000_000_1)));
    assert_eq!(E7::new(i32::MIN, 0), Err(BadCoordinate::Longitude(-214.748_364_8)));
    assert!(E7::new(-1_800_000_000, 900_000_000).is_ok());
}

proptest! {
    #[test]
    fn the_inverses_are_within_a_tenth_of_a_millimetre_everywhere_in_china(lon in 73.0..135.5, lat in 3.0..54.0) {
        let point = Wgs84::new(lon, lat).expect("in range");
        // 1e-9 degrees are 0.11 mm along a meridian.
        let back = point.to_gcj02().to_wgs84();
        prop_assert!(agree((back.lon(), back.lat()), (lon, lat), 0.9e-9), "{:?}", back);
        let back = point.to_bd09().to_wgs84();
        prop_assert!(agree((back.lon(), back.lat()), (lon, lat), 0.9e-9), "{:?}", back);
    }

    #[test]
    fn the_storage_form_survives_degrees(lon in -1_800_000_000..=1_800_000_000_i32, lat in -900_000_000..=900_000_000_i32) {
        let stored = E7::new(lon, lat).expect("in range");
        prop_assert_eq!(stored.to_wgs84().to_e7(), stored);
    }
}
