//! A damaged database is moved aside and what can be read of it is carried over. It is never deleted: what
//! nobody can read today may be read by somebody tomorrow.

use std::fs;
use std::path::{Path, PathBuf};

use gridpatrol_model::ids::{ActorId, ChainHash, EntityId};
use gridpatrol_model::op::chain_next;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::db::{self, Migrations, Promise, files_of, with_suffix};
use crate::error::{Result, StoreError};
use crate::names::{Db, Names};
use crate::records;

/// What the user of a store should hear about after opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A database was damaged. It lies at `moved_to`; `rows` of it were carried over. Unless `complete`, records are
    /// fetched from the hub again, and unsent work that could not be read is only in the old file.
    Damaged { moved_to: PathBuf, rows: u64, complete: bool },
    /// The app ended during a walk: its block was closed and waits in `closed_blocks`.
    OrphanBlock { patrol: EntityId, segment: u32 },
    /// A file that was not whole when the app ended.
    OrphanFile { moved_to: PathBuf },
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Report::Damaged { moved_to, rows, complete: true } => {
                write!(
                    f,
                    "a database was damaged; all {rows} rows were carried over and it lies at {}",
                    moved_to.display()
                )
            }
            Report::Damaged { moved_to, rows, complete: false } => write!(
                f,
                "a database was damaged; {rows} rows were carried over, the rest is only in {}: keep that file and sync",
                moved_to.display()
            ),
            Report::OrphanBlock { segment, .. } => {
                write!(f, "the app ended during a walk; segment {segment} of it is kept")
            }
            Report::OrphanFile { moved_to } => {
                write!(f, "a file was not whole when the app ended; it lies at {}", moved_to.display())
            }
        }
    }
}

/// Opens a database for writing, after salvaging it if it is damaged. With the mark at `suspect` everything in
/// it is looked at first.
pub(crate) fn open(
    path: &Path,
    vfs: Option<&str>,
    promise: Promise,
    scripts: Migrations,
    suspect: &Path,
    now_ms: i64,
) -> Result<(Connection, Option<Report>)> {
    let opened = db::open_writer(path, vfs, promise, scripts).and_then(|conn| {
        if suspect.exists() {
            check(&conn)?;
        }
        Ok(conn)
    });
    match opened {
        Err(StoreError::Damaged(_)) => {
            let old = move_aside(path, now_ms)?;
            let conn = db::open_writer(path, vfs, promise, scripts)?;
            let (rows, complete) = carry_over(&old, &conn)?;
            Ok((conn, Some(Report::Damaged { moved_to: old, rows, complete })))
        }
        opened => Ok((opened?, None)),
    }
}

pub(crate) fn clear_mark(suspect: &Path) -> Result<()> {
    match fs::remove_file(suspect) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(suspect)(error)),
        _ => Ok(()),
    }
}

fn check(conn: &Connection) -> Result<()> {
    let answer: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer != "ok" {
        return Err(StoreError::Damaged(answer));
    }
    if tables(conn)?.iter().any(|table| table == "record") {
        let unreadable = unreadable(conn)?;
        if !unreadable.is_empty() {
            return Err(StoreError::Damaged(format!("{} records do not decode", unreadable.len())));
        }
        let lost = unproven(conn)?.bad;
        if !lost.is_empty() {
            return Err(StoreError::Damaged(format!("{} unsent entries are not what was written", lost.len())));
        }
    }
    Ok(())
}

fn move_aside(path: &Path, now_ms: i64) -> Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let free = (0..).map(|again| path.with_file_name(format!("{stem}.damaged-{}.db", now_ms + again)));
    let old = free.into_iter().find(|name| !name.exists()).expect("some number is free");
    for (from, to) in files_of(path).zip(files_of(&old)) {
        if from.exists() {
            fs::rename(&from, &to).map_err(StoreError::file(&from))?;
        }
    }
    // The index of the log is made anew; that of the damaged file may be part of the damage.
    let index = with_suffix(&old, "-shm");
    if index.exists() {
        fs::rename(&index, with_suffix(&old, "-shm.old")).map_err(StoreError::file(&index))?;
    }
    Ok(old)
}

/// Copies row by row what can be read, and says how much and whether that was all.
fn carry_over(old: &Path, new: &Connection) -> Result<(u64, bool)> {
    let Ok(from) = Connection::open_with_flags(old, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return Ok((0, false)) };
    let (mut rows, mut complete) = (0, true);
    new.pragma_update(None, "foreign_keys", false)?;
    let tx = new.unchecked_transaction()?;
    let tables = tables(&tx)?;
    for table in &tables {
        let forward = copy(&from, &tx, table, "");
        if forward.is_err() {
            complete = false;
            // Behind the damage: the same table from its other end, as far as that goes.
            let _ = copy(&from, &tx, table, "DESC");
        }
        rows += tx.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))? as u64;
    }
    if tables.iter().any(|table| table == "record") {
        complete &= mend_records(&tx)?;
        complete &= mend_outbox(&tx)?;
        if !complete {
            tx.execute("DELETE FROM meta WHERE key IN ('cursor', 'view')", [])?;
        }
    }
    tx.commit()?;
    new.pragma_update(None, "foreign_keys", true)?;
    Ok((rows, complete))
}

fn tables(conn: &Connection) -> Result<Vec<String>> {
    let mut list = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid")?;
    Ok(list.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Every table of ours is ordered by its first column.
fn copy(from: &Connection, to: &Connection, table: &str, order: &str) -> rusqlite::Result<()> {
    let mut read = from.prepare(&format!("SELECT * FROM {table} ORDER BY 1 {order}"))?;
    let marks = vec!["?"; read.column_count()].join(", ");
    let mut write = to.prepare(&format!("INSERT OR IGNORE INTO {table} VALUES ({marks})"))?;
    let width = read.column_count();
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..width).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        // A row that breaks a rule of its table is part of the damage.
        let _ = write.execute(rusqlite::params_from_iter(values));
    }
    Ok(())
}

/// Ids of records that do not decode.
fn unreadable(conn: &Connection) -> Result<Vec<i64>> {
    let (names, nobody) = (Names::default(), ActorId::new("nobody").expect("a short name"));
    let db = Db { conn, names: &names, member: &nobody };
    let mut all = conn.prepare(&records::select(""))?;
    let mut rows = all.query([])?;
    let mut bad = Vec::new();
    while let Some(row) = rows.next()? {
        if records::read_row(db, row).is_err() {
            bad.push(row.get(0)?);
        }
    }
    Ok(bad)
}

/// The hub sends again what does not decode; what is pending of it is in the outbox.
fn mend_records(conn: &Connection) -> Result<bool> {
    let bad = unreadable(conn)?;
    for id in &bad {
        conn.execute("UPDATE record SET state = NULL, asof = 0, scope = NULL WHERE id = ?1", [id])?;
    }
    conn.execute(
        "DELETE FROM record WHERE state IS NULL AND NOT EXISTS
         (SELECT 1 FROM outbox WHERE outbox.entity = record.entity AND seq IS NULL)",
        [],
    )?;
    Ok(bad.is_empty())
}

#[derive(Default)]
struct Unproven {
    /// Places of ops that are not what was written.
    bad: Vec<i64>,
    /// Those of them whose chain hash the next op proves.
    ends: Vec<i64>,
}

/// An op counts only if its chain hash says that it is the op that was written.
fn unproven(conn: &Connection) -> Result<Unproven> {
    let mut read = conn.prepare(
        "SELECT at, c, op, (SELECT c FROM outbox AS last WHERE last.at = outbox.at - 1), base_c, base_rseq
         FROM outbox LEFT JOIN incarnation ON replica = at >> 40 ORDER BY at",
    )?;
    let mut rows = read.query([])?;
    let mut found = Unproven::default();
    while let Some(row) = rows.next()? {
        let at: i64 = row.get(0)?;
        let rseq = at & ((1 << 40) - 1);
        let is_first = row.get::<_, Option<i64>>(5)?.is_some_and(|base| base + 1 == rseq);
        let previous: Option<[u8; 32]> = if is_first { row.get(4)? } else { row.get(3)? };
        let (c, op): (Option<[u8; 32]>, Vec<u8>) = (row.get(1).ok(), row.get(2)?);
        let proven = previous.zip(c).map(|(previous, c)| chain_next(ChainHash(previous), &op).0 == c);
        if op.is_empty() {
            continue;
        }
        if proven != Some(true) || gridpatrol_model::op::Op::decode(&op).is_err() {
            found.bad.push(at);
        } else if found.bad.last() == Some(&(at - 1)) {
            found.ends.push(at - 1);
        }
    }
    Ok(found)
}

/// Of a lost op the chain hash is kept where it is proven: the hub takes what is behind the hole from there.
fn mend_outbox(conn: &Connection) -> Result<bool> {
    let Unproven { bad, ends } = unproven(conn)?;
    for at in &bad {
        conn.execute("DELETE FROM outbox WHERE at = ?1 AND NOT ?2", (at, ends.contains(at)))?;
    }
    // Never pending, and not needed longer than what is before it.
    for at in &ends {
        conn.execute("UPDATE outbox SET op = x'', seq = 0 WHERE at = ?1", [at])?;
    }
    Ok(bad.is_empty())
}
