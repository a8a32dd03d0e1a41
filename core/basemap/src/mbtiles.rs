//! MBTiles 1.3: tiles as rows of a SQLite database, counted from the south.
//!
//! The database is somebody else's. It is opened read-only and immutable, so that SQLite makes no journal and takes no
//! lock; its schema is not trusted. `tiles` is a view in most files, so views stay: but the SQL in them may read and
//! nothing else, neither recurse nor call (a recursive view never ends, `zeroblob` makes memory of nothing), and each
//! question has a budget of work, after which it is given up.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gridpatrol_geo::crs::tile::TileId;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row};

use crate::about::{Claims, layers};
use crate::error::BaseMapError;
use crate::format::TileFormat;
use crate::{MAX_TILE_BYTES, Result, zooms};

/// Steps of SQLite's machine between two looks at the budget, and looks in a budget. A tile by an index takes fifteen
/// steps, one without among a million tiles the whole five million, 20 ms of a desktop (counted with SQLite 3.40).
const STEPS_A_LOOK: i32 = 10_000;
const LOOKS: u32 = 500;

/// Rows of the metadata table; the format knows a dozen.
const MAX_METADATA: i64 = 200;

const TILE: &str = "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3 LIMIT 1";

pub(crate) struct Mbtiles {
    database: Mutex<Connection>,
    looks: Arc<AtomicU32>,
}

impl Mbtiles {
    pub fn open(path: &Path) -> Result<(Self, Claims)> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut database = Connection::open_with_flags(uri(path)?, flags)?;
        let looks = Arc::new(AtomicU32::new(0));
        confine(&mut database, looks.clone())?;
        let map = Mbtiles { database: Mutex::new(database), looks };
        let claims = map.claims().map_err(|error| match error {
            // It is a database, so what is missing are the tables of a map.
            BaseMapError::Damaged(MISSING) => BaseMapError::no_map("the database has no tiles that can be read"),
            error => error,
        })?;
        Ok((map, claims))
    }

    pub fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>> {
        let database = self.budgeted();
        let mut ask = database.prepare_cached(TILE)?;
        let found = ask.query_row((id.z(), id.x(), id.tms_y()), blob).optional()?;
        Ok(found.flatten())
    }

    /// The connection, with a fresh budget.
    fn budgeted(&self) -> MutexGuard<'_, Connection> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        self.looks.store(0, Ordering::Relaxed);
        database
    }

    fn claims(&self) -> Result<Claims> {
        let metadata = self.metadata()?;
        let text = |key: &str| metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        let zoom = |key: &str| text(key).and_then(|value| value.trim().parse::<u64>().ok());
        let zooms = match (zoom("minzoom"), zoom("maxzoom")) {
            (Some(min), Some(max)) => zooms(min, max)?,
            _ => self.zooms()?,
        };
        let json = text("json").and_then(|json| serde_json::from_str(&json).ok());
        // The question also shows that there are tiles to read.
        let sample = self.sample()?;
        let format = text("format").and_then(|word| TileFormat::named(&word)).or(sample);
        Ok(Claims {
            name: text("name"),
            attribution: text("attribution"),
            crs: text("crs"),
            format: format.ok_or_else(|| BaseMapError::no_map("it does not say what its tiles are"))?,
            bounds: text("bounds").and_then(|bounds| degrees(&bounds)),
            zooms,
            layers: json.map(|json| layers(&json)).unwrap_or_default(),
        })
    }

    /// Empty where the table is missing, as in some old files.
    fn metadata(&self) -> Result<Vec<(String, String)>> {
        let database = self.budgeted();
        let Ok(mut ask) = database.prepare("SELECT name, value FROM metadata LIMIT ?1") else { return Ok(Vec::new()) };
        let rows = ask.query_map([MAX_METADATA], |row| Ok((text(row, 0), text(row, 1))))?;
        let mut metadata = Vec::new();
        for row in rows {
            if let (Some(name), Some(value)) = row? {
                metadata.push((name, value));
            }
        }
        Ok(metadata)
    }

    fn zooms(&self) -> Result<(u8, u8)> {
        let database = self.budgeted();
        // One question each: SQLite answers it from the end of an index.
        let end = |ask: &str| -> Result<u64> {
            let zoom: Option<i64> = database.query_row(ask, [], |row| row.get(0))?;
            let zoom = zoom.ok_or_else(|| BaseMapError::no_map("it has no tile"))?;
            // A negative one is too large for any map.
            Ok(zoom as u64)
        };
        zooms(end("SELECT min(zoom_level) FROM tiles")?, end("SELECT max(zoom_level) FROM tiles")?)
    }

    fn sample(&self) -> Result<Option<TileFormat>> {
        let database = self.budgeted();
        let found = database.query_row("SELECT tile_data FROM tiles LIMIT 1", [], blob).optional()?;
        Ok(found.flatten().and_then(|bytes| TileFormat::of(&bytes)))
    }
}

/// No lock, no journal, no side files.
fn uri(path: &Path) -> Result<String> {
    let path = path.to_str().ok_or_else(|| BaseMapError::no_map("its path is not UTF-8"))?;
    let path = if cfg!(windows) { format!("/{}", path.replace('\\', "/")) } else { path.to_owned() };
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Ok(format!("file:{path}?mode=ro&immutable=1"))
}

/// What the file may do to us: answer, within bounds.
fn confine(database: &mut Connection, looks: Arc<AtomicU32>) -> rusqlite::Result<()> {
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_TILE_BYTES as i32)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    database.set_limit(Limit::SQLITE_LIMIT_COLUMN, 100)?;
    database.set_limit(Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    database.pragma_update(None, "cell_size_check", true)?;
    database.progress_handler(STEPS_A_LOOK, Some(move || looks.fetch_add(1, Ordering::Relaxed) >= LOOKS))?;
    database.authorizer(Some(|asked: AuthContext<'_>| match asked.action {
        AuthAction::Select | AuthAction::Read { .. } => Authorization::Allow,
        AuthAction::Function { function_name: "min" | "max" } => Authorization::Allow,
        _ => Authorization::Deny,
    }))
}

/// None for NULL; text is taken as its bytes.
fn blob(row: &Row<'_>) -> rusqlite::Result<Option<Vec<u8>>> {
    Ok(row.get_ref(0)?.as_bytes_or_null()?.map(<[u8]>::to_vec))
}

/// A text, or a number as one.
fn text(row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column).ok()? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// `west,south,east,north`
fn degrees(bounds: &str) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = bounds.splitn(5, ',').map_while(|number| number.trim().parse().ok()).collect();
    numbers.try_into().ok()
}

const MISSING: &str = "SQLite finds no such table";

impl From<rusqlite::Error> for BaseMapError {
    fn from(error: rusqlite::Error) -> Self {
        // A function that is denied has no code of its own.
        let denied = error.to_string().contains("not authorized");
        match error.sqlite_error_code() {
            _ if denied => Self::Unsupported("a view that does more than read its tables"),
            Some(ErrorCode::Unknown) => Self::Damaged(MISSING),
            Some(ErrorCode::OperationInterrupted) => Self::Unsupported("tables without an index"),
            Some(ErrorCode::TooBig) => Self::Damaged("a tile is larger than 8 MB"),
            Some(ErrorCode::NotADatabase) => Self::no_map("it is an encrypted or broken database"),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => {
                Self::File(std::io::Error::other(error))
            }
            _ => Self::Damaged("the database cannot be read"),
        }
    }
}
