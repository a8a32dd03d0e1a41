//! A GeoPackage of any provenance: a whole SQLite file, or a geometry within a sound one.
#![no_main]

use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Options, Source, import};
use libfuzzer_sys::fuzz_target;
use rusqlite::{Connection, params};

const LAYER: &str = "
CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER);
CREATE TABLE grids (geom BLOB, code TEXT, name TEXT);
INSERT INTO gpkg_contents VALUES ('grids', 'features');
INSERT INTO gpkg_geometry_columns VALUES ('grids', 'geom', 0);";

/// A sound file that holds this geometry and these texts.
fn around(bytes: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let mut db = Connection::open_in_memory()?;
    db.execute_batch(LAYER)?;
    let text = String::from_utf8_lossy(bytes);
    db.execute("INSERT INTO grids VALUES (?1, ?2, ?2)", params![bytes, text])?;
    Ok(db.serialize("main")?.to_vec())
}

fuzz_target!(|bytes: &[u8]| {
    let options = Options { ignore_label: true, ..Options::new(Crs::Wgs84) };
    let _ = import(Source::GeoPackage { file: bytes, layer: None }, &options);
    let file = around(bytes).expect("SQLite takes any blob");
    let _ = import(Source::GeoPackage { file: &file, layer: None }, &options);
});
