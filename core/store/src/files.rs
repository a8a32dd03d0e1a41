//! Files by their content, and how far their upload got.
//!
//! A file is written beside its place, synced, renamed, its folder synced, and only then named by a row: a row
//! never names a file that is not whole. A file without a row is moved to `orphans`, never deleted.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::value::BlobRef;
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::observe::Notice;
use crate::outbox::RSEQ_BITS;
use crate::records::{self, entity_of};
use crate::salvage::Report;
use crate::save::Batch;
use crate::store::Store;

/// Read and hashed so many bytes at a time: two flash pages' worth of a cheap phone's memory (2026-11).
const CHUNK: usize = 64 * 1024;

/// Order in which files go up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    Track,
    Thumbnail,
    Preview,
    Original,
}

/// A file whose bytes have to go up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub blob: BlobRef,
    pub lane: Lane,
    /// The record that names it.
    pub entity: EntityId,
    pub path: PathBuf,
    /// Where an upload that was begun goes on, if one was.
    pub url: Option<String>,
    /// Bytes that arrived there.
    pub sent: u64,
}

/// What still has to leave this phone before it can be handed back. All zero: it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Records with ops that the hub is not known to have.
    pub records: u64,
    /// Photo records with files that the hub does not have for good.
    pub photos: u64,
    /// Bytes of all such files, less what arrived.
    pub bytes: u64,
}

/// Where things lie in a member's folder.
pub(crate) struct Folders {
    root: PathBuf,
}

impl Lane {
    const ALL: [Lane; 4] = [Lane::Track, Lane::Thumbnail, Lane::Preview, Lane::Original];
}

impl Folders {
    pub fn make(root: PathBuf) -> Result<Self> {
        let folders = Folders { root };
        for folder in [folders.root.clone(), folders.files(), folders.incoming()] {
            fs::create_dir_all(&folder).map_err(StoreError::file(folder))?;
        }
        Ok(folders)
    }

    pub fn records(&self) -> PathBuf {
        self.root.join("records.db")
    }

    pub fn tracks(&self) -> PathBuf {
        self.root.join("tracks.db")
    }

    /// Its presence asks for a thorough look at the databases when they are opened next.
    pub fn suspect_mark(&self) -> PathBuf {
        self.root.join("suspect")
    }

    fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn file(&self, hash: &[u8; 32]) -> PathBuf {
        self.files().join(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// Moves to `orphans` what a crash left half-written.
    pub fn sweep_incoming(&self) -> Result<Vec<Report>> {
        let incoming = self.incoming();
        let entries = fs::read_dir(&incoming).map_err(StoreError::file(&incoming))?;
        entries
            .map(|entry| self.to_orphans(&entry.map_err(StoreError::file(&incoming))?.path()))
            .map(|moved| moved.map(|to| Report::OrphanFile { moved_to: to }))
            .collect()
    }

    fn to_orphans(&self, path: &Path) -> Result<PathBuf> {
        let orphans = self.root.join("orphans");
        fs::create_dir_all(&orphans).map_err(StoreError::file(&orphans))?;
        let to = orphans.join(path.file_name().unwrap_or_default());
        fs::rename(path, &to).map_err(StoreError::file(path))?;
        Ok(to)
    }

    /// Takes in the content of `from` and gives its hash and size.
    fn keep(&self, mut from: impl Read, name: &str) -> Result<([u8; 32], u64)> {
        let temporary = self.incoming().join(name);
        let failed = || StoreError::file(&temporary);
        let mut file = File::create(&temporary).map_err(failed())?;
        let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
        let copied: std::io::Result<()> = (|| {
            loop {
                let read = from.read(&mut buffer)?;
                if read == 0 {
                    return file.sync_all();
                }
                hasher.update(&buffer[..read]);
                file.write_all(&buffer[..read])?;
                size += read as u64;
            }
        })();
        if let Err(error) = copied {
            // Half a copy is worth nothing; its source is still where it was.
            let _ = fs::remove_file(&temporary);
            return Err(failed()(error));
        }
        let hash: [u8; 32] = hasher.finalize().into();
        fs::rename(&temporary, self.file(&hash)).map_err(failed())?;
        sync_folder(&self.files())?;
        Ok((hash, size))
    }
}

/// A rename is on the disk when its folder is.
fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file(folder))?;
    Ok(())
}

impl Store {
    /// Takes a file in, durably, before a record names it with `Batch::attach`. The same content is kept once.
    pub fn keep_file(&self, from: impl Read, mime: &str) -> Result<BlobRef> {
        let mut name = [0; 16];
        self.ports.rng.fill(&mut name);
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let (hash, size) = self.folders.keep(from, &name)?;
        Ok(BlobRef { hash, size, mime: mime.to_owned() })
    }

    /// Where a file lies, if it is on this phone.
    pub fn file_path(&self, hash: &[u8; 32]) -> Result<Option<PathBuf>> {
        self.read(|db| {
            let mut find = db.conn.prepare_cached("SELECT 1 FROM blob WHERE hash = ?1 AND here = 1")?;
            Ok(find.exists([&hash[..]])?.then(|| self.folders.file(hash)))
        })
    }

    /// Files that have to go up, by lane, small ones first.
    pub fn uploads(&self, limit: usize) -> Result<Vec<Upload>> {
        self.read(|db| {
            let mut list = db.conn.prepare_cached(
                "SELECT hash, size, mime, lane, entity, url, sent FROM blob WHERE durable = 0 ORDER BY lane, size LIMIT ?1",
            )?;
            let mut rows = list.query([limit as i64])?;
            let mut uploads = Vec::new();
            while let Some(row) = rows.next()? {
                let hash: [u8; 32] = row.get(0)?;
                uploads.push(Upload {
                    path: self.folders.file(&hash),
                    blob: BlobRef { hash, size: row.get::<_, i64>(1)? as u64, mime: row.get(2)? },
                    lane: Lane::ALL.get(usize::from(row.get::<_, u8>(3)?)).copied().unwrap_or(Lane::Original),
                    entity: entity_of(row, 4)?,
                    url: row.get(5)?,
                    sent: row.get::<_, i64>(6)? as u64,
                });
            }
            Ok(uploads)
        })
    }

    /// Notes where an upload stands, so that it goes on there after a break. No url: it begins anew.
    pub fn upload_at(&self, hash: &[u8; 32], url: Option<&str>, sent: u64) -> Result<()> {
        self.write(|work| {
            let mut note = work.db.conn.prepare_cached("UPDATE blob SET url = ?2, sent = ?3 WHERE hash = ?1")?;
            let found = note.execute((&hash[..], url, sent as i64))? > 0;
            if found { Ok(()) } else { Err(StoreError::NoSuchFile) }
        })
    }

    /// The hub has the file, checked by its hash, for good.
    pub fn upload_done(&self, hash: &[u8; 32]) -> Result<()> {
        self.write(|work| {
            let mut note =
                work.db.conn.prepare_cached("UPDATE blob SET durable = 1, url = NULL, sent = size WHERE hash = ?1")?;
            if note.execute([&hash[..]])? == 0 {
                return Err(StoreError::NoSuchFile);
            }
            let owner = "SELECT entity FROM blob WHERE hash = ?1";
            let entity = work.db.conn.prepare_cached(owner)?.query_row([&hash[..]], |row| Ok(entity_of(row, 0)))??;
            let kind = records::load(work.db, entity)?.and_then(|stored| stored.columns.kind);
            work.notices.push(Notice { entity, kind });
            Ok(())
        })
    }

    /// Deletes the local copy of a file that the hub has for good.
    pub fn evict_file(&self, hash: &[u8; 32]) -> Result<()> {
        self.write(|work| {
            let find = "SELECT durable FROM blob WHERE hash = ?1";
            let durable: Option<bool> =
                work.db.conn.prepare_cached(find)?.query_row([&hash[..]], |row| row.get(0)).optional()?;
            if !durable.ok_or(StoreError::NoSuchFile)? {
                return Err(StoreError::NotDurable);
            }
            work.db.conn.prepare_cached("UPDATE blob SET here = 0 WHERE hash = ?1")?.execute([&hash[..]])?;
            Ok(())
        })?;
        let path = self.folders.file(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(path)(error)),
            _ => Ok(()),
        }
    }

    /// Can this phone be handed back?
    pub fn waiting(&self) -> Result<Waiting> {
        self.read(|db| {
            let bits = RSEQ_BITS;
            let records = format!(
                "SELECT count(DISTINCT entity) FROM outbox JOIN incarnation ON replica = at >> {bits}
                 WHERE at & ((1 << {bits}) - 1) > sent_rseq"
            );
            let photos = "SELECT count(DISTINCT CASE WHEN lane > 0 THEN entity END), ifnull(sum(size - sent), 0)
                          FROM blob WHERE durable = 0";
            let records: i64 = db.conn.prepare_cached(&records)?.query_row([], |row| row.get(0))?;
            let (photos, bytes): (i64, i64) =
                db.conn.prepare_cached(photos)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Waiting { records: records as u64, photos: photos as u64, bytes: bytes as u64 })
        })
    }

    /// Moves files that no record names to `orphans`: left by a crash between file and record. For a quiet
    /// moment, while nothing is being saved.
    pub fn sweep_files(&self) -> Result<Vec<PathBuf>> {
        let folder = self.folders.files();
        let named: HashSet<String> = self.read(|db| {
            let mut list = db.conn.prepare_cached("SELECT lower(hex(hash)) FROM blob")?;
            Ok(list.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut moved = Vec::new();
        for entry in fs::read_dir(&folder).map_err(StoreError::file(&folder))? {
            let path = entry.map_err(StoreError::file(&folder))?.path();
            if !named.contains(path.file_name().unwrap_or_default().to_string_lossy().as_ref()) {
                moved.push(self.folders.to_orphans(&path)?);
            }
        }
        Ok(moved)
    }
}

impl Batch<'_, '_> {
    /// Names a kept file for upload with a record of this batch. One that is known already stays as it is.
    pub fn attach(&mut self, blob: &BlobRef, lane: Lane, entity: EntityId) -> Result<()> {
        self.work
            .db
            .conn
            .prepare_cached(
                "INSERT INTO blob (hash, size, mime, lane, entity, here) VALUES (?1, ?2, ?3, ?4, ?5, 1)
                 ON CONFLICT (hash) DO UPDATE SET here = 1",
            )?
            .execute((&blob.hash[..], blob.size as i64, &blob.mime, lane as i64, &entity.0[..]))?;
        Ok(())
    }
}
