//! GeoPackage (OGC 12-128r18): a SQLite file that a stranger made.
//!
//! It is opened from memory, read-only. Only plain tables are read, since a view, a virtual table or a computed column
//! would run what the stranger wrote, and a query is stopped after so many steps for its bytes.

use std::io::Read;

use geozero::wkb::GpkgWkb;
use gridpatrol_export::Area;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};

use super::rings::Rings;
use super::{Drawn, FeatureError, ImportError, MAX_GRIDS, MAX_RING, Options, Picked};
use crate::crs::{Crs, Stated};

/// Bytes of one geometry: a ring of the most corners with height and measure.
const MAX_BLOB: i32 = (MAX_RING * 32 + 4_096) as i32;
/// Virtual instructions for a file of no bytes, and for each of its bytes: a row of a hundred bytes takes about twenty.
const STEPS: usize = 1_000_000;
const STEPS_A_BYTE: usize = 10;
/// Instructions between two looks at how many there were.
const STRIDE: usize = 1_000;
/// What is read beside the layer itself.
const TABLES: [&str; 3] = ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"];
/// From a GeoPackage's header to the first byte of its well-known binary: at most eight doubles of envelope.
const ENVELOPES: [usize; 5] = [0, 32, 48, 48, 64];

pub(super) fn read(file: &[u8], layer: Option<&str>, options: &Options) -> Result<Vec<Drawn>, ImportError> {
    let db = open(file).map_err(unreadable)?;
    let table = Table::find(&db, layer)?;
    options.check_label(table.stated.clone())?;
    let have = columns(&db, &table.name).map_err(unreadable)?;
    let Picked { code, name, village } = options.columns.pick(&have)?;
    let wanted = [Some(code), name, village].map(|at| at.map_or("NULL".to_owned(), |at| quoted(&have[at])));
    let query = format!("SELECT {}, {} FROM {}", wanted.join(", "), quoted(&table.geometry), quoted(&table.name));
    let mut statement = db.prepare(&query).map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    let mut grids = Vec::new();
    while let Some(row) = rows.next().map_err(unreadable)? {
        if grids.len() == MAX_GRIDS {
            return Err(ImportError::TooMany);
        }
        let number = grids.len() as u64 + 1;
        let text = |at: usize| row.get_ref(at).map_err(unreadable).map(shown);
        let areas = match row.get_ref(3).map_err(unreadable)? {
            ValueRef::Blob(blob) => areas(blob, options.crs),
            _ => Err(FeatureError::NoGeometry),
        };
        let areas = areas.map_err(|why| why.of(number))?;
        let village = village.map(|_| text(2)).transpose()?;
        grids.push(Drawn::new(number, &text(0)?, &text(1)?, village.as_deref(), areas)?);
    }
    Ok(grids)
}

fn unreadable(error: rusqlite::Error) -> ImportError {
    ImportError::Unreadable { format: "GeoPackage", why: error.to_string().chars().take(200).collect() }
}

/// A copy in SQLite's own memory.
fn open(file: &[u8]) -> rusqlite::Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    // Bytes 18 and 19 say whether the file was written with a journal beside it (2), which has no meaning in memory
    // and is refused there: https://www.sqlite.org/c3ref/deserialize.html
    let (head, rest) = file.split_at(file.len().min(20));
    let mut head = head.to_vec();
    if let Some(versions) = head.get_mut(18..) {
        versions.fill(1);
    }
    db.deserialize_read_exact("main", head.chain(rest), file.len(), true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_BLOB)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    let mut left = (STEPS + STEPS_A_BYTE * file.len()) / STRIDE;
    let out_of_steps = move || {
        left = left.saturating_sub(1);
        left == 0
    };
    db.progress_handler(STRIDE as i32, Some(out_of_steps))?;
    Ok(db)
}

struct Table {
    name: String,
    geometry: String,
    stated: Option<Stated>,
}

impl Table {
    /// The one layer, or the one that is named.
    fn find(db: &Connection, wanted: Option<&str>) -> Result<Self, ImportError> {
        TABLES.iter().try_for_each(|table| check_plain(db, table))?;
        let mut layers = layers(db).map_err(unreadable)?;
        if let Some(wanted) = wanted {
            layers.retain(|(name, ..)| name == wanted);
        }
        let (name, geometry, srs) = match (layers.pop(), wanted) {
            (Some(only), _) if layers.is_empty() => only,
            (Some(one), _) => {
                layers.push(one);
                let names: Vec<String> = layers.iter().map(|(name, ..)| shortened(name)).take(40).collect();
                return Err(ImportError::WhichLayer(names.join(", ")));
            }
            (None, wanted) => return Err(ImportError::NoLayer(shortened(wanted.unwrap_or_default()))),
        };
        check_plain(db, &name)?;
        let stated = stated(db, srs).map_err(unreadable)?;
        Ok(Table { name, geometry, stated })
    }
}

/// Reading the table runs nothing that is written in its file.
fn check_plain(db: &Connection, table: &str) -> Result<(), ImportError> {
    if is_plain(db, table).map_err(unreadable)? {
        return Ok(());
    }
    let why = format!("{:?} is no plain table: save the layer into a new GeoPackage", shortened(table));
    Err(ImportError::Unreadable { format: "GeoPackage", why })
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Names are compared as SQLite does when it reads.
fn is_plain(db: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql: Option<String> = db
        .query_row("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE", [table], |row| {
            row.get(0)
        })
        .optional()?;
    let computed: i64 =
        db.query_row("SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden <> 0", [table], |row| row.get(0))?;
    let created = sql.is_some_and(|sql| sql.trim_start().to_ascii_uppercase().starts_with("CREATE TABLE"));
    Ok(created && computed == 0)
}

/// Name, geometry column and reference system of each layer of features.
fn layers(db: &Connection) -> rusqlite::Result<Vec<(String, String, i64)>> {
    let mut find = db.prepare(
        "SELECT columns.table_name, columns.column_name, columns.srs_id
         FROM gpkg_geometry_columns AS columns JOIN gpkg_contents AS contents USING (table_name)
         WHERE contents.data_type = 'features' ORDER BY columns.table_name LIMIT 1000",
    )?;
    find.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

/// −1 and 0 are the standard's "not known".
fn stated(db: &Connection, srs: i64) -> rusqlite::Result<Option<Stated>> {
    if srs == -1 || srs == 0 {
        return Ok(None);
    }
    let row: Option<(String, i64, String)> = db
        .query_row(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
            [srs],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    Ok(Some(match row {
        Some((organization, code, _)) if organization.eq_ignore_ascii_case("epsg") => Stated::epsg(code),
        Some((_, _, definition)) => Stated::well_known_text(&definition)
            .unwrap_or_else(|| Stated::Other(format!("srs_id {srs} without a definition"))),
        None => Stated::Other(format!("srs_id {srs}, which the file does not define")),
    }))
}

fn columns(db: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut find = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
    find.query_map([table], |row| row.get(0))?.collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
    }
}

/// Only polygons go to the reader: a collection of collections could nest without end.
fn areas(blob: &[u8], crs: Crs) -> Result<Vec<Area>, FeatureError> {
    let kind = kind(blob).ok_or_else(|| FeatureError::Unreadable("it has no GeoPackage header".into()))?;
    match kind % 1_000 {
        3 | 6 => Rings::read(crs, GpkgWkb(blob)),
        1 | 4 => Err(FeatureError::NotPolygon("a point".into())),
        2 | 5 => Err(FeatureError::NotPolygon("a line".into())),
        _ => Err(FeatureError::NotPolygon(format!("geometry type {kind}"))),
    }
}

/// The type of the well-known binary behind the header, clause 2.1.3.
fn kind(blob: &[u8]) -> Option<u32> {
    let flags = usize::from(*blob.get(3)?);
    let wkb = blob.get(8 + ENVELOPES.get(flags >> 1 & 7)?..)?;
    let kind = wkb.get(1..5)?.first_chunk()?;
    Some(if *wkb.first()? == 0 { u32::from_be_bytes(*kind) } else { u32::from_le_bytes(*kind) })
}
