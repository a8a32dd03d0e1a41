//! The store of one member on one phone: its folder, its connections, and the two ways into them.
//!
//! One connection writes and two read. Every write is one transaction, and observers hear of it after the
//! commit with nothing locked. Blocking: a shell calls it off its main thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use gridpatrol_model::ids::ActorId;
use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::db::{self, Promise};
use crate::error::{Result, StoreError};
use crate::files::Folders;
use crate::meta::MEMBER;
use crate::names::{Db, Names};
use crate::observe::{Notice, Observers, Subscription};
use crate::outbox;
use crate::ports::{Key, Ports};
use crate::salvage::{self, Report};
use crate::tracks;

/// Pages of a list and a record beside it: more readers would not be used.
const READERS: usize = 2;

pub struct Store {
    pub(crate) ports: Ports,
    pub(crate) folders: Folders,
    member: ActorId,
    state: RwLock<Option<Open>>,
    observers: Observers,
}

/// What `open` gives: the store, and what its user should hear about.
pub struct Opened {
    pub store: Store,
    pub reports: Vec<Report>,
}

/// The connections; gone while paused.
struct Open {
    writer: Mutex<Link>,
    readers: [Mutex<Link>; READERS],
    tracks: Mutex<Connection>,
}

struct Link {
    conn: Connection,
    names: Names,
}

/// A transaction that writes.
pub(crate) struct Work<'a> {
    pub db: Db<'a>,
    pub ports: &'a Ports,
    pub notices: Vec<Notice>,
}

impl Store {
    /// Opens the member's folder under `dir`, makes it if it is not there, and mends what can be mended.
    pub fn open(dir: &Path, member: &ActorId, key: Key, ports: Ports) -> Result<Opened> {
        if !matches!(key, Key::Plain) {
            return Err(StoreError::KeyNotSupported);
        }
        db::check_build()?;
        let folders = Folders::make(folder_of(dir, member))?;
        let (open, reports) = Open::new(&folders, member, &ports)?;
        let state = RwLock::new(Some(open));
        let store = Store { ports, folders, member: member.clone(), state, observers: Observers::default() };
        Ok(Opened { store, reports })
    }

    /// Closes every file, for a system that kills an app which holds locks while suspended.
    pub fn pause(&self) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub fn resume(&self) -> Result<Vec<Report>> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.is_some() {
            return Ok(Vec::new());
        }
        let (open, reports) = Open::new(&self.folders, &self.member, &self.ports)?;
        *state = Some(open);
        Ok(reports)
    }

    /// Calls `observer` after every transaction that changed records, until the subscription is dropped.
    pub fn observe(&self, observer: impl Fn(&[Notice]) + Send + Sync + 'static) -> Subscription {
        self.observers.add(Arc::new(observer))
    }

    pub fn member(&self) -> &ActorId {
        &self.member
    }

    /// One consistent look at the records.
    pub(crate) fn read<T>(&self, look: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
        let result = self.with_open(|open| {
            let link = open.reader();
            let tx = link.conn.unchecked_transaction()?;
            look(Db { conn: &tx, names: &link.names, member: &self.member })
        });
        self.note_damage(result)
    }

    /// One transaction: all of it or nothing.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Work<'_>) -> Result<T>) -> Result<T> {
        let result = self.with_open(|open| {
            let mut guard = lock(&open.writer);
            let link = &mut *guard;
            let result = transact(link, &self.member, &self.ports, change);
            if result.is_err() {
                link.names.forget();
            }
            result
        });
        let (value, notices) = self.note_damage(result)?;
        self.observers.tell(notices);
        Ok(value)
    }

    pub(crate) fn tracks<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let result = self.with_open(|open| work(&mut lock(&open.tracks)));
        self.note_damage(result)
    }

    fn with_open<T>(&self, work: impl FnOnce(&Open) -> Result<T>) -> Result<T> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        work(state.as_ref().ok_or(StoreError::Paused)?)
    }

    /// Damage is found where it is read; the mark makes the next opening look at everything and salvage.
    fn note_damage<T>(&self, result: Result<T>) -> Result<T> {
        if matches!(result, Err(StoreError::Damaged(_))) {
            // Without the mark the damage is found again when it is read again.
            let _ = fs::write(self.folders.suspect_mark(), b"");
        }
        result
    }
}

fn transact<T>(
    link: &mut Link,
    member: &ActorId,
    ports: &Ports,
    change: impl FnOnce(&mut Work<'_>) -> Result<T>,
) -> Result<(T, Vec<Notice>)> {
    let tx = link.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut work = Work { db: Db { conn: &tx, names: &link.names, member }, ports, notices: Vec::new() };
    let value = change(&mut work)?;
    let notices = work.notices;
    tx.commit()?;
    Ok((value, notices))
}

impl Open {
    /// Damage that shows only while opening is salvaged at a second try.
    fn new(folders: &Folders, member: &ActorId, ports: &Ports) -> Result<(Self, Vec<Report>)> {
        match Self::attempt(folders, member, ports) {
            Err(StoreError::Damaged(_)) if !folders.suspect_mark().exists() => {
                fs::write(folders.suspect_mark(), b"").map_err(StoreError::file(folders.suspect_mark()))?;
                Self::attempt(folders, member, ports)
            }
            result => result,
        }
    }

    fn attempt(folders: &Folders, member: &ActorId, ports: &Ports) -> Result<(Self, Vec<Report>)> {
        let vfs = ports.vfs.as_deref();
        let now_ms = ports.clock.now().wall_ms;
        let suspect = folders.suspect_mark();
        let mut reports = Vec::new();

        let (tracks, report) = salvage::open(&folders.tracks(), vfs, Promise::KilledApp, db::TRACKS, &suspect, now_ms)?;
        let tracks_lost = report.is_some();
        reports.extend(report);
        let (conn, report) = salvage::open(&folders.records(), vfs, Promise::PowerCut, db::RECORDS, &suspect, now_ms)?;
        let salvaged = report.is_some();
        reports.extend(report);
        let mut writer = Link { conn, names: Names::default() };
        transact(&mut writer, member, ports, |work| {
            check_member(work.db)?;
            // After a salvage the newest ops may be missing: their numbers must not be used again.
            if salvaged || outbox::head(work.db)?.is_none() {
                outbox::new_incarnation(work)?;
            }
            if tracks_lost {
                tracks::forget_done(work.db)?;
            }
            Ok(())
        })?;
        let db = Db { conn: &writer.conn, names: &writer.names, member };
        reports.extend(tracks::close_orphans(&tracks, db)?);
        reports.extend(folders.sweep_incoming()?);

        let reader = || -> Result<Mutex<Link>> {
            Ok(Mutex::new(Link { conn: db::open_reader(&folders.records(), vfs)?, names: Names::default() }))
        };
        let readers = [reader()?, reader()?];
        salvage::clear_mark(&suspect)?;
        Ok((Open { writer: Mutex::new(writer), readers, tracks: Mutex::new(tracks) }, reports))
    }

    /// A reader that is free, else the first one when it is.
    fn reader(&self) -> MutexGuard<'_, Link> {
        let free = self.readers.iter().find_map(|reader| match reader.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| lock(&self.readers[0]))
    }
}

/// A panic in between rolled its transaction back; the connection is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Actor ids may have any letters; a hash is a name on every file system.
fn folder_of(dir: &Path, member: &ActorId) -> PathBuf {
    let hash = Sha256::digest(member.as_str().as_bytes());
    dir.join(hash[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn check_member(db: Db<'_>) -> Result<()> {
    match db.meta(MEMBER)? {
        None => db.set_meta(MEMBER, db.member.as_str().as_bytes()),
        Some(name) if name == db.member.as_str().as_bytes() => Ok(()),
        Some(_) => Err(StoreError::Damaged("the folder belongs to another member".into())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gridpatrol_model::area::Scope;
    use gridpatrol_model::op::OpKind;
    use gridpatrol_model::schema::{FieldNo, RecordKind};
    use gridpatrol_model::value::Value;

    use super::*;
    use crate::ports::{Clock, Moment, Rng};
    use crate::query::Query;
    use crate::save::Draft;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Moment {
            Moment { wall_ms: 1_795_500_000_000, boot_id: 1, mono_ms: 1, gnss_ms: None }
        }
    }

    impl Rng for Still {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_full_disk_takes_nothing_half_and_the_work_goes_on_when_there_is_room() {
        let dir = tempfile::tempdir().expect("a folder");
        let ports = Ports { clock: Arc::new(Still), rng: Arc::new(Still), vfs: None };
        let member = ActorId::new("m-03").expect("short");
        let store = Store::open(dir.path(), &member, Key::Plain, ports).expect("an empty folder").store;
        let room = |pages: i64| {
            let set = store.write(|work| Ok(work.db.conn.pragma_update(None, "max_page_count", pages)?));
            set.expect("a setting of the connection");
        };
        let note = gridpatrol_model::author::first(FieldNo::NOTE, Value::text(&"长".repeat(1_000)));
        let draft = Draft {
            kind: OpKind::Create { kind: RecordKind::NOTE },
            entity: None,
            scope: Scope::parse("440783108224001").expect("a grid"),
            sets: vec![note],
        };
        let save = || store.save(|batch| batch.add(draft.clone()));

        room(60);
        let (saved, error) = (0..).find_map(|saved| save().err().map(|error| (saved, error))).expect("it fills up");
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        let listed = || store.list(&Query::default()).expect("reading needs no room").items.len();
        assert!(saved > 0);
        assert_eq!((listed(), store.head().expect("readable").rseq), (saved, saved as u64));
        room(1_000);
        save().expect("there is room again");
        assert_eq!(listed(), saved + 1);
    }
}
