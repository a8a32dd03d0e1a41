//! Opening a database so that what it says is saved is saved.
//!
//! Every setting has its reason and the date when it was last looked at. Two databases differ in one thing:
//! records promise to survive a power cut, tracks only a killed app.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Result, StoreError};

/// 3.51.3 (2026-03): earlier versions can lose commits when two connections checkpoint at once.
const MIN_SQLITE: i32 = 3_051_003;

/// How long a connection waits for another one of the same store, seconds. Transactions take milliseconds; the
/// wait only ends a deadlock that would be a bug (2026-11).
const BUSY_S: u64 = 10;

/// Statements kept prepared on a connection: about as many as this crate has (2026-11).
const STATEMENTS: usize = 96;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// What was acknowledged survives a power cut.
    PowerCut,
    /// What was acknowledged survives a killed app; a power cut may take the last seconds.
    KilledApp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Journal {
    WriteAhead,
    Rollback,
}

/// The scripts of a database in order; the number of those that ran is its `user_version`.
pub(crate) type Migrations = &'static [&'static str];

pub(crate) const RECORDS: Migrations =
    &[include_str!("../migrations/records/0001_initial.sql"), include_str!("../migrations/records/0002_kept.sql")];
pub(crate) const TRACKS: Migrations = &[include_str!("../migrations/tracks/0001_initial.sql")];

/// Refuses a SQLite that cannot keep the promises of this crate.
pub(crate) fn check_build() -> Result<()> {
    if rusqlite::version_number() < MIN_SQLITE {
        return Err(StoreError::Unfit(format!("SQLite {} is older than 3.51.3", rusqlite::version())));
    }
    let conn = Connection::open_in_memory()?;
    let mut options = conn.prepare("PRAGMA compile_options")?;
    let mut names = options.query_map([], |row| row.get::<_, String>(0))?;
    if !names.any(|name| name.is_ok_and(|name| name == "ENABLE_BATCH_ATOMIC_WRITE")) {
        return Err(StoreError::Unfit("SQLite is built without SQLITE_ENABLE_BATCH_ATOMIC_WRITE".into()));
    }
    Ok(())
}

/// The one connection that writes.
pub(crate) fn open_writer(path: &Path, vfs: Option<&str>, promise: Promise, scripts: Migrations) -> Result<Connection> {
    let journal = match promise {
        Promise::PowerCut => probe_journal(path, vfs)?,
        Promise::KilledApp => Journal::WriteAhead,
    };
    let mut conn = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    set_journal(&conn, journal)?;
    let synchronous = match promise {
        // WAL with NORMAL lost 3.8 % of acknowledged transactions in a crash VFS, FULL none of 6.18 million (2026-09).
        Promise::PowerCut => "FULL",
        // A flush every ten seconds need not cost an fsync and its battery (2026-11).
        Promise::KilledApp => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    migrate(&mut conn, scripts)?;
    confirm_journal(&conn, journal)?;
    Ok(conn)
}

/// A connection that only reads.
pub(crate) fn open_reader(path: &Path, vfs: Option<&str>) -> Result<Connection> {
    let conn = connect(path, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Opened for writing because a reader of a write-ahead log must be able to make its index; then closed to it (2026-11).
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

fn connect(path: &Path, vfs: Option<&str>, mode: OpenFlags) -> Result<Connection> {
    // One thread at a time uses a connection: Rust sees to that, so SQLite need not (2026-11).
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match vfs {
        Some(name) => Connection::open_with_flags_and_vfs(path, flags, name)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    conn.busy_timeout(Duration::from_secs(BUSY_S))?;
    // A damaged or hostile file must not run code or be written around its schema (2026-11).
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    // Damage is noticed where it is read and not carried on (2026-11).
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // On Apple a plain fsync leaves data in the drive's cache; elsewhere these do nothing (2026-11).
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// F2FS with `fsync_mode=nobarrier`, found on phones, loses commits of a write-ahead log at a power cut, while a
/// rollback journal with batch atomic write does not (0 of 16,645 lost, 2026-09). Whether the file system has
/// batch atomic write shows in one place that needs no system call of ours: SQLite then keeps the journal of an
/// open transaction in memory, so its file is not there.
fn probe_journal(records: &Path, vfs: Option<&str>) -> Result<Journal> {
    let probe = records.with_file_name("probe.db");
    let trace = records.with_file_name("probe.db-journal");
    remove_if_there(&probe)?;
    remove_if_there(&trace)?;
    let conn = connect(&probe, vfs, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // Nothing here has to survive.
    conn.pragma_update(None, "synchronous", "OFF")?;
    conn.execute_batch("PRAGMA journal_mode = DELETE; CREATE TABLE probe (x); BEGIN; INSERT INTO probe VALUES (1);")?;
    // A file layer of its own may keep its files anywhere: nothing is to be seen there.
    let journal = if vfs.is_none() && !trace.exists() { Journal::Rollback } else { Journal::WriteAhead };
    conn.execute_batch("ROLLBACK")?;
    drop(conn);
    remove_if_there(&probe)?;
    remove_if_there(&trace)?;
    Ok(journal)
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(path)(error)),
        _ => Ok(()),
    }
}

impl Journal {
    fn name(self) -> &'static str {
        match self {
            Journal::WriteAhead => "wal",
            Journal::Rollback => "delete",
        }
    }
}

fn set_journal(conn: &Connection, journal: Journal) -> Result<()> {
    conn.pragma_update_and_check(None, "journal_mode", journal.name(), |row| row.get::<_, String>(0))?;
    Ok(())
}

/// The pragma can answer "wal" and not be so after an I/O error: write once, ask again, refuse if it differs
/// (0 lost after this check, 2026-09).
fn confirm_journal(conn: &Connection, journal: Journal) -> Result<()> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    conn.pragma_update(None, "user_version", version)?;
    let found: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if found == journal.name() {
        Ok(())
    } else {
        Err(StoreError::Unfit(format!("the journal is {found} where {} was set", journal.name())))
    }
}

fn migrate(conn: &mut Connection, scripts: Migrations) -> Result<()> {
    let known = scripts.len() as i64;
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (script, version) in scripts.iter().zip(1..).skip(usize::try_from(found).unwrap_or(0)) {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        tx.execute_batch(script)?;
        tx.pragma_update(None, "user_version", version as i64)?;
        tx.commit()?;
    }
    Ok(())
}

/// A database with the files that SQLite keeps beside it.
pub(crate) fn files_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    ["", "-wal", "-shm", "-journal"].map(|suffix| with_suffix(path, suffix)).into_iter()
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
