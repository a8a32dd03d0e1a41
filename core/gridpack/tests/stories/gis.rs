//! GDAL turns one GeoJSON into every other format, as the offices' own programs would write it, and each of them is
//! imported as exactly the same grids.

use std::path::Path;
use std::process::Command;

use gridpatrol_export::Area;
use gridpatrol_geo::crs::E7;
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Drawn, ImportError, Options, ShapefileParts, Source, TextEncoding, import};

/// Two neighbours, one of two parts, one with a hole.
const GRIDS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"grid_code":"440783108224001","name":"塘口里一格"},"geometry":{"type":"Polygon",
 "coordinates":[[[112.5800001,22.3600002],[112.59,22.3600002],[112.5912345,22.3650007],[112.59,22.37],[112.58,22.37],[112.5800001,22.3600002]]]}},
{"type":"Feature","properties":{"grid_code":"440783108224002","name":"塘口里二格"},"geometry":{"type":"Polygon",
 "coordinates":[[[112.59,22.3600002],[112.6,22.36],[112.6,22.37],[112.59,22.37],[112.5912345,22.3650007],[112.59,22.3600002]]]}},
{"type":"Feature","properties":{"grid_code":"440783108224003","name":"圩镇"},"geometry":{"type":"MultiPolygon",
 "coordinates":[[[[112.61,22.36],[112.62,22.36],[112.62,22.37],[112.61,22.37],[112.61,22.36]]],
  [[[112.63,22.36],[112.64,22.36],[112.64,22.37],[112.63,22.37],[112.63,22.36]]]]}},
{"type":"Feature","properties":{"grid_code":"440783108224004","name":"学校在中间"},"geometry":{"type":"Polygon",
 "coordinates":[[[112.65,22.36],[112.66,22.36],[112.66,22.37],[112.65,22.37],[112.65,22.36]],
  [[112.653,22.363],[112.653,22.367],[112.657,22.367],[112.657,22.363],[112.653,22.363]]]}}
]}"#;

/// Programs turn rings and begin them where they like.
fn same_form(mut grids: Vec<Drawn>) -> Vec<Drawn> {
    let form = |ring: &mut Vec<E7>| {
        ring.pop();
        let low = ring.iter().enumerate().min_by_key(|(_, at)| **at).map_or(0, |(place, _)| place);
        ring.rotate_left(low);
        if ring[1] > ring[ring.len() - 1] {
            ring[1..].reverse();
        }
    };
    for Area { outer, holes } in grids.iter_mut().flat_map(|grid| &mut grid.areas) {
        form(outer);
        holes.iter_mut().for_each(form);
    }
    grids
}

fn ogr2ogr(folder: &Path, to: &str, more: &[&str]) {
    std::fs::write(folder.join("grids.geojson"), GRIDS).expect("a folder of our own");
    let done = Command::new("ogr2ogr").current_dir(folder).args(more).args([to, "grids.geojson"]).output();
    let done = done.expect("scripts/setup installs gdal-bin");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect("it was just written")
}

fn text(folder: &Path, name: &str) -> String {
    String::from_utf8(read(folder, name)).expect("plain text")
}

fn wgs84() -> Options {
    Options::new(Crs::Wgs84)
}

fn from_geojson() -> Vec<Drawn> {
    let grids = import(Source::GeoJson(GRIDS.as_bytes()), &wgs84()).expect("a sound file");
    assert_eq!(grids.len(), 4);
    assert_eq!((grids[2].areas.len(), grids[3].areas[0].holes.len()), (2, 1));
    assert_eq!((grids[0].code.as_str(), grids[0].name.as_str()), ("440783108224001", "塘口里一格"));
    assert_eq!(grids[0].areas[0].outer[2], E7::new(1_125_912_345, 223_650_007).expect("in Kaiping"));
    same_form(grids)
}

#[test]
fn a_geopackage_holds_the_same_grids() {
    let folder = tempfile::tempdir().expect("a folder");
    ogr2ogr(folder.path(), "grids.gpkg", &["-f", "GPKG", "-nlt", "MULTIPOLYGON"]);
    let file = read(folder.path(), "grids.gpkg");
    let grids = import(Source::GeoPackage { file: &file, layer: None }, &wgs84()).expect("a sound file");
    assert_eq!(same_form(grids), from_geojson());
    let error = import(Source::GeoPackage { file: &file, layer: None }, &Options::new(Crs::Gcj02));
    assert!(matches!(error, Err(ImportError::Crs(_))), "it says WGS 84: {error:?}");
    let labelled_wrongly = Options { ignore_label: true, ..Options::new(Crs::Gcj02) };
    let moved = import(Source::GeoPackage { file: &file, layer: Some("grids") }, &labelled_wrongly).expect("as told");
    assert_ne!(same_form(moved), from_geojson());
}

#[test]
fn a_geopackage_in_metres_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    ogr2ogr(folder.path(), "metres.gpkg", &["-f", "GPKG", "-t_srs", "EPSG:4547"]);
    let file = read(folder.path(), "metres.gpkg");
    let source = Source::GeoPackage { file: &file, layer: None };
    let error = import(source, &Options::new(Crs::Cgcs2000)).expect_err("Gauss-Krüger").to_string();
    assert!(error.contains("CGCS2000 Gauss-Krüger") && error.contains("ogr2ogr"), "{error}");
    let ignored = Options { ignore_label: true, ..Options::new(Crs::Cgcs2000) };
    let error = import(source, &ignored).expect_err("still metres").to_string();
    assert!(error.contains("feature 1") && error.contains("metres"), "{error}");
}

#[test]
fn a_shapefile_holds_the_same_grids_in_both_encodings_that_are_in_use() {
    for (encoding, cpg, named) in [("UTF-8", true, None), ("CP936", false, Some(TextEncoding::Gbk))] {
        let folder = tempfile::tempdir().expect("a folder");
        ogr2ogr(folder.path(), "grids.shp", &["-f", "ESRI Shapefile", "-lco", &format!("ENCODING={encoding}")]);
        let [shp, shx, dbf] = ["grids.shp", "grids.shx", "grids.dbf"].map(|name| read(folder.path(), name));
        let (prj, said) = (text(folder.path(), "grids.prj"), text(folder.path(), "grids.cpg"));
        let parts = ShapefileParts { shp: &shp, shx: &shx, dbf: &dbf, prj: Some(&prj), cpg: cpg.then_some(&said) };
        let options = Options { encoding: named, ..wgs84() };
        let grids = import(Source::Shapefile(parts), &options).expect("a sound file");
        assert_eq!(same_form(grids), from_geojson(), "{encoding}");
        if !cpg {
            let silent = import(Source::Shapefile(parts), &wgs84());
            assert_eq!(silent, Err(ImportError::NoEncoding), "never guessed");
            let wrong = Options { encoding: Some(TextEncoding::Utf8), ..wgs84() };
            let error = import(Source::Shapefile(parts), &wrong).expect_err("no UTF-8").to_string();
            assert!(error.contains("not utf-8"), "{error}");
        }
    }
}

#[test]
fn csv_with_well_known_text_holds_the_same_grids() {
    let folder = tempfile::tempdir().expect("a folder");
    ogr2ogr(folder.path(), "grids.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT"]);
    let file = text(folder.path(), "grids.csv").replacen("WKT", "wkt", 1);
    let grids = import(Source::Csv(file.as_bytes()), &wgs84()).expect("a sound file");
    assert_eq!(same_form(grids), from_geojson());
}

#[test]
fn gcj_02_and_bd_09_come_back_to_the_same_ground() {
    let ground = from_geojson();
    for (crs, shifted) in [
        (
            Crs::Gcj02,
            (|at: E7| {
                let at = at.to_wgs84().to_gcj02();
                [at.lon(), at.lat()]
            }) as fn(E7) -> [f64; 2],
        ),
        (Crs::Bd09, |at| {
            let at = at.to_wgs84().to_bd09();
            [at.lon(), at.lat()]
        }),
        (Crs::Cgcs2000, |at| {
            let at = at.to_wgs84();
            [at.lon(), at.lat()]
        }),
    ] {
        let mut csv = "code,lon,lat\n".to_owned();
        for at in &ground[0].areas[0].outer {
            let [lon, lat] = shifted(*at);
            csv += &format!("440783108224001,{lon},{lat}\n");
        }
        let grids = same_form(import(Source::Csv(csv.as_bytes()), &Options::new(crs)).expect("corners"));
        assert_eq!(grids[0].areas, ground[0].areas, "{crs}");
    }
}
