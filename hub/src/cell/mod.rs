//! The log of one cell, embedded in SQLite: one writer that commits in groups, readers beside it.
//!
//! Everything that changes the cell is a job of the writer. Jobs that wait together share one transaction and
//! one fsync; each runs in a savepoint of its own, and nobody is answered before the commit.

mod batch;
mod error;
mod handback;
pub mod index;
pub mod people;
pub mod queue;
pub mod read;
pub mod seen;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gridpatrol_model::ids::HubSeq;
use rusqlite::{Connection, OpenFlags, Transaction};

pub use batch::{Batch, Decided, Draft, HeldDecision, Pushed};
pub use error::CellError;
use writer::Writer;

pub type Result<T> = std::result::Result<T, CellError>;

/// Fills a buffer with unpredictable bytes.
pub type Random = dyn Fn(&mut [u8]) + Send + Sync;

/// Clock and randomness, as values, so that a simulation can bring its own.
#[derive(Clone)]
pub struct Ports {
    /// Milliseconds UTC.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    pub random: Arc<Random>,
}

/// SQLite before this can lose a commit when checkpoints coincide (fixed 2026-03).
const OLDEST_SQLITE: i32 = 3_051_003;

const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

/// Readers kept open between questions. A group of phones is answered at once after a commit, and a reader that is
/// opened anew prepares its statements anew (2026-11).
const READERS: usize = 32;

pub struct Cell {
    path: PathBuf,
    /// Closed before the writer, which empties the log into the database when it is the last.
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    pub ports: Ports,
}

impl Cell {
    /// Opens or makes the cell in a folder.
    pub fn open(dir: &Path, ports: Ports) -> Result<Self> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(CellError::OldSqlite(rusqlite::version().to_owned()));
        }
        std::fs::create_dir_all(dir).map_err(|error| CellError::Folder { path: dir.to_owned(), error })?;
        let path = dir.join("cell.db");
        let mut connection = connect(&path)?;
        migrate(&mut connection)?;
        confirm_wal(&connection)?;
        let writer = Writer::start(connection, ports.clone())?;
        Ok(Cell { path, writer, readers: Mutex::new(Vec::new()), ports })
    }

    /// Runs a job in the writer and answers once it is committed. Blocking.
    pub fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(job)
    }

    /// Asks one committed state of the cell. Blocking.
    pub fn read<T>(&self, ask: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let pooled = self.readers.lock().map_err(|_| CellError::Stopped)?.pop();
        let mut connection = match pooled {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        let answer = {
            let snapshot = connection.transaction()?;
            ask(&snapshot)
        };
        let mut readers = self.readers.lock().map_err(|_| CellError::Stopped)?;
        if readers.len() < READERS {
            readers.push(connection);
        }
        answer
    }

    pub fn now_ms(&self) -> i64 {
        (self.ports.now_ms)()
    }

    /// A consistent copy of the database while the hub runs; says where its log ends.
    pub fn backup(&self, to: &Path) -> Result<HubSeq> {
        let source = reader(&self.path)?;
        source.backup("main", to, None::<fn(rusqlite::backup::Progress)>)?;
        Ok(read::head(&reader(to)?)?.0)
    }
}

/// The layouts in order; the number of those that ran is the database's `user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_cell.sql"),
    include_str!("../../migrations/0002_handed_back.sql"),
    include_str!("../../migrations/0003_walk_seen.sql"),
];

fn migrate(connection: &mut Connection) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(CellError::NewerLayout(version));
    }
    for (at, script) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", at as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Settings of every connection, with their reasons (2026-11).
fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    // An operator's command may hold the lock for a moment.
    connection.busy_timeout(BUSY)?;
    // Readers go on while the writer commits.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // An answered record is on the disk: NORMAL loses acknowledged commits at a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A database that somebody else has touched must not run code of theirs.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // 64 MB: the inner pages of every index of a county.
    connection.pragma_update(None, "cache_size", -65_536)?;
    // Checkpoints of 16 MB: fewer of them while a morning's phones sync at once.
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// `journal_mode=WAL` can answer "wal" and not be so after an I/O error: write once, then ask again.
fn confirm_wal(connection: &Connection) -> Result<()> {
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('opened', x'01')", [])?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode.eq_ignore_ascii_case("wal") { Ok(()) } else { Err(CellError::Journal(mode)) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gridpatrol_model::area::Scope;
    use gridpatrol_model::ids::ActorId;
    use gridpatrol_model::intake::{Author, Grant};
    use gridpatrol_model::op::OpKind;
    use gridpatrol_model::schema::{FieldNo, RecordKind};
    use gridpatrol_model::value::Value;
    use gridpatrol_model::workflow::Role;

    use super::*;

    #[test]
    fn a_full_disk_takes_nothing_half_and_the_hub_goes_on_when_there_is_room() {
        let dir = tempfile::tempdir().expect("a folder");
        let ports = Ports { now_ms: Arc::new(|| 1_795_500_000_000), random: Arc::new(|bytes| bytes.fill(7)) };
        let cell = Cell::open(dir.path(), ports.clone()).expect("an empty folder");
        let pages = |most: i64| {
            cell.write(move |batch| Ok(batch.transaction.pragma_update(None, "max_page_count", most)?))
                .expect("a setting of the connection");
        };
        let county: Scope = "440783".parse().expect("a county");
        let author = Author {
            actor: ActorId::new("s-kaiping").expect("short"),
            role: Role::Supervisor,
            areas: vec![Grant { scope: county, until: None }],
            revoked: false,
        };
        let write = || {
            let author = author.clone();
            let sets = vec![gridpatrol_model::author::first(FieldNo::NOTE, Value::text(&"长".repeat(1_000)))];
            let draft = Draft { kind: OpKind::Create { kind: RecordKind::NOTE }, entity: None, scope: county, sets };
            cell.write(move |batch| batch.write(&author, draft).map(|(_, row)| row.seq.n))
        };
        pages(60);
        // Many at once, so that one that finds the disk full has others in its group, before and behind it.
        let until_full = || (0..).find_map(|taken| write().err().map(|error| (taken, error))).expect("it fills up");
        let taken: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8).map(|_| scope.spawn(until_full)).collect();
            let ended = writers.into_iter().map(|writer| writer.join().expect("no panic"));
            ended
                .map(|(taken, error)| {
                    assert!(matches!(error, CellError::DiskFull), "{error}");
                    taken
                })
                .sum()
        });
        let kept = || cell.read(|state| Ok(read::records_of(state, &county, None, 1_000)?.len())).expect("readable");
        assert!(taken > 0);
        assert_eq!(kept(), taken, "what was acknowledged, and nothing else");
        pages(1_000);
        assert_eq!(write().expect("there is room again"), taken as u64 + 1, "no number was skipped");
        drop(cell);
        let cell = Cell::open(dir.path(), ports).expect("it is whole");
        assert_eq!(cell.read(|state| Ok(read::head(state)?.0.n)).expect("readable"), taken as u64 + 1);
    }
}
