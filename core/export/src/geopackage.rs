//! GeoPackage 1.3 (OGC 12-128r18): a SQLite file of layers, each a table.
//!
//! Written by plain SQL, because the standard's tables are few and a library for them would bring a second SQLite.
//! Each layer has the spatial index that a GIS looks for before it draws a part of it.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Statement, ToSql, params, types::Null};

use crate::layer::{Bounds, Feature, Field, Kind, Layer, Shapes, Value};
use crate::{Error, text, wkb};

/// The journal of a layer that fails is in memory. It stays small, because new pages need none; and after a crash
/// there is nothing to go back to, the export is made again.
const PRAGMAS: &str = "PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE;";

/// Where version 1.3 of the standard says its index is defined.
const RTREE: &str = "http://www.geopackage.org/spec120/#extension_rtree";

/// A file that is being written. Dropped before [`GeoPackage::finish`], it is removed.
pub struct GeoPackage {
    /// `None` when it is closed.
    db: Option<Connection>,
    path: PathBuf,
    /// When its layers were exported, as the standard writes it.
    now: String,
    finished: bool,
}

impl GeoPackage {
    /// A new file, never over an old one. `now_ms` is stated as the last change of its layers, milliseconds UTC.
    pub fn create(path: &Path, now_ms: i64) -> Result<Self, Error> {
        File::create_new(path)?;
        let now = moment(now_ms).unwrap_or_else(|| moment(0).expect("1970 is a year"));
        let mut package = GeoPackage { db: None, path: path.to_owned(), now, finished: false };
        let db = package.db.insert(Connection::open(path)?);
        db.execute_batch(PRAGMAS)?;
        db.execute_batch(include_str!("geopackage.sql"))?;
        Ok(package)
    }

    /// One more table, with all features of a layer, or none of it when there is an error.
    pub fn add(
        &mut self,
        layer: &Layer,
        features: impl IntoIterator<Item = Result<Feature, Error>>,
    ) -> Result<(), Error> {
        layer.check()?;
        let db = self.db.as_mut().expect("it is open until it is finished");
        let table = table_name(db, &layer.name)?;
        let transaction = db.transaction()?;
        transaction.execute_batch(&create_tables(&table, layer))?;
        describe(&transaction, &table, layer, &self.now)?;
        let mut bounds: Option<Bounds> = None;
        let mut insert = transaction.prepare(&insert_into(&table, layer))?;
        let mut index = transaction.prepare(&format!("INSERT INTO {} VALUES (?, ?, ?, ?, ?)", index_of(&table)))?;
        for feature in layer.ready(features) {
            let Some(own) = insert_feature(&mut insert, &feature?)? else { continue };
            let [west, south, east, north] = wkb::sides(own);
            index.execute(params![transaction.last_insert_rowid(), west, east, south, north])?;
            bounds = Some(bounds.map_or(own, |all| all.with(own)));
        }
        drop((insert, index));
        transaction.execute_batch(&index_triggers(&table))?;
        if let Some([west, south, east, north]) = bounds.map(wkb::sides) {
            transaction.execute(
                "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
                params![west, south, east, north, table],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Closes the file. Only then it is whole.
    pub fn finish(mut self) -> Result<(), Error> {
        let db = self.db.take().expect("it is open until it is finished");
        db.close().map_err(|(_, error)| error)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for GeoPackage {
    fn drop(&mut self) {
        if !self.finished {
            self.db = None;
            // Nobody is left to tell; half a file would be worse than the attempt.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn table_name(db: &Connection, name: &str) -> Result<String, Error> {
    let lower = name.to_lowercase();
    let reserved = ["gpkg_", "rtree_", "sqlite_"].iter().any(|prefix| lower.starts_with(prefix));
    let taken = db.table_exists(None, name)?;
    if !text::is_name(name) || reserved || taken {
        return Err(Error::LayerName(name.to_owned()));
    }
    Ok(name.to_owned())
}

fn describe(db: &Connection, table: &str, layer: &Layer, now: &str) -> Result<(), Error> {
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
         VALUES (?1, 'features', ?1, ?2, ?3, ?4)",
        params![table, text::WGS84, now, wkb::EPSG_WGS84],
    )?;
    db.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
        params![table, shape_type(layer.shapes), wkb::EPSG_WGS84],
    )?;
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', ?, 'write-only')",
        params![table, RTREE],
    )?;
    Ok(())
}

fn create_tables(table: &str, layer: &Layer) -> String {
    let columns = layer.fields.iter().map(|Field { name, kind }| format!(", {} {}", quoted(name), column_type(*kind)));
    format!(
        "CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {}{});
         CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy)",
        quoted(table),
        shape_type(layer.shapes),
        columns.collect::<String>(),
        index_of(table)
    )
}

/// The name of a layer's index, quoted.
fn index_of(table: &str) -> String {
    quoted(&format!("rtree_{table}_geom"))
}

fn index_triggers(table: &str) -> String {
    include_str!("geopackage_index.sql").replace("{layer}", &table.replace('"', "\"\""))
}

fn insert_into(table: &str, layer: &Layer) -> String {
    // In the order of the table: no number yet, the geometry, the fields.
    format!("INSERT INTO {} VALUES (NULL, ?{})", quoted(table), ", ?".repeat(layer.fields.len()))
}

fn insert_feature(insert: &mut Statement, feature: &Feature) -> Result<Option<Bounds>, Error> {
    let (blob, bounds) = wkb::blob(&feature.shape).unzip();
    insert.raw_bind_parameter(1, blob)?;
    for (column, value) in (2..).zip(&feature.values) {
        bind(insert, column, value)?;
    }
    insert.raw_execute()?;
    Ok(bounds)
}

fn bind(insert: &mut Statement, column: usize, value: &Value) -> rusqlite::Result<()> {
    let time;
    let joined;
    let value: &dyn ToSql = match value {
        Value::Text(text) => return insert.raw_bind_parameter(column, &*text::legal(text)),
        Value::Texts(texts) => {
            joined = text::joined(texts);
            return insert.raw_bind_parameter(column, &*text::legal(&joined));
        }
        Value::Int(int) => int,
        // SQLite keeps an infinity, which no reader expects.
        Value::Real(real) if real.is_finite() => real,
        Value::Bool(bool) => bool,
        Value::Time(ms) => {
            time = moment(*ms);
            &time
        }
        Value::Real(_) | Value::Null => &Null,
    };
    insert.raw_bind_parameter(column, value)
}

fn shape_type(shapes: Shapes) -> &'static str {
    match shapes {
        Shapes::Points => "POINT",
        Shapes::Lines => "MULTILINESTRING",
        Shapes::Areas => "MULTIPOLYGON",
        Shapes::Mixed => "GEOMETRY",
    }
}

/// The types of the standard's table 1, all of which SQLite takes.
fn column_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Texts => "TEXT",
        Kind::Int => "INTEGER",
        Kind::Real => "REAL",
        Kind::Bool => "BOOLEAN",
        Kind::Time => "DATETIME",
    }
}

/// The one form of time that the standard allows: UTC with exactly three decimals.
fn moment(ms: i64) -> Option<String> {
    text::moment(ms).map(|time| format!("{time:.3}"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
