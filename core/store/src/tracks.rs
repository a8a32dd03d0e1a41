//! Fixes of walks in progress, in a database of their own.
//!
//! While she walks, the app hands over encoded fixes every ten seconds. A block of them is closed at the end of
//! a segment or when it is long enough; the app packs it, keeps it as a file and saves a track chunk that names
//! it. Only then are its pieces let go: whatever happens in between, they are here.

use gridpatrol_model::ids::EntityId;
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Result, StoreError};
use crate::names::Db;
use crate::records::entity_of;
use crate::salvage::Report;
use crate::save::Batch;
use crate::store::Store;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockId(i64);

/// Fixes of one stretch of one segment of a patrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackBlock {
    pub id: BlockId,
    pub patrol: EntityId,
    pub segment: u32,
    /// Nothing is added any more: it is to become a chunk.
    pub closed: bool,
    /// As they were handed over, in order.
    pub pieces: Vec<Vec<u8>>,
}

impl Store {
    /// Adds encoded fixes to the open block of a segment, and opens one if there is none.
    pub fn append_fixes(&self, patrol: EntityId, segment: u32, piece: &[u8]) -> Result<BlockId> {
        self.tracks(|conn| {
            let tx = conn.transaction()?;
            let block = match open_block(&tx, patrol, segment)? {
                Some(block) => block,
                None => tx
                    .prepare_cached("INSERT INTO block (patrol, segment) VALUES (?1, ?2)")?
                    .insert((&patrol.0[..], segment))?,
            };
            tx.prepare_cached("INSERT INTO piece (block, bytes) VALUES (?1, ?2)")?.execute((block, piece))?;
            tx.commit()?;
            Ok(BlockId(block))
        })
    }

    /// Ends the open block of a segment; None if there is none.
    pub fn close_block(&self, patrol: EntityId, segment: u32) -> Result<Option<TrackBlock>> {
        self.tracks(|conn| {
            let Some(block) = open_block(conn, patrol, segment)? else { return Ok(None) };
            conn.prepare_cached("UPDATE block SET closed = 1 WHERE id = ?1")?.execute([block])?;
            Ok(read_blocks(conn, "id = ?1", [block])?.pop())
        })
    }

    /// Blocks of a patrol that are not chunks yet, in walking order.
    pub fn blocks_of(&self, patrol: EntityId) -> Result<Vec<TrackBlock>> {
        self.tracks(|conn| read_blocks(conn, "patrol = ?1", [patrol.0]))
    }

    /// Closed blocks that still have to become chunks, of all patrols.
    pub fn closed_blocks(&self) -> Result<Vec<TrackBlock>> {
        self.tracks(|conn| read_blocks(conn, "closed = 1", []))
    }

    /// Lets go of blocks whose chunks are saved.
    pub(crate) fn forget_blocks(&self, blocks: &[BlockId]) -> Result<()> {
        self.tracks(|conn| delete_blocks(conn, blocks))?;
        self.write(|work| {
            let mut done = work.db.conn.prepare_cached("DELETE FROM track_done WHERE block = ?1")?;
            blocks.iter().try_for_each(|block| done.execute([block.0]).map(drop))?;
            Ok(())
        })
    }
}

impl Batch<'_, '_> {
    /// Says that a chunk of this batch holds the fixes of a closed block. They are let go when the batch is saved.
    pub fn block_saved(&mut self, block: BlockId) -> Result<()> {
        self.work.db.conn.prepare_cached("INSERT OR IGNORE INTO track_done (block) VALUES (?1)")?.execute([block.0])?;
        self.blocks.push(block);
        Ok(())
    }
}

fn open_block(conn: &Connection, patrol: EntityId, segment: u32) -> Result<Option<i64>> {
    let mut find = conn.prepare_cached("SELECT id FROM block WHERE patrol = ?1 AND segment = ?2 AND closed = 0")?;
    Ok(find.query_row((&patrol.0[..], segment), |row| row.get(0)).optional()?)
}

fn read_blocks(conn: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<TrackBlock>> {
    let mut list =
        conn.prepare_cached(&format!("SELECT id, patrol, segment, closed FROM block WHERE {which} ORDER BY id"))?;
    let mut rows = list.query(values)?;
    let mut blocks = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let mut pieces = conn.prepare_cached("SELECT bytes FROM piece WHERE block = ?1 ORDER BY id")?;
        let pieces = pieces.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let (patrol, segment, closed) = (entity_of(row, 1)?, row.get(2)?, row.get(3)?);
        blocks.push(TrackBlock { id: BlockId(id), patrol, segment, closed, pieces });
    }
    Ok(blocks)
}

fn delete_blocks(conn: &Connection, blocks: &[BlockId]) -> Result<()> {
    let mut delete = conn.prepare_cached("DELETE FROM block WHERE id = ?1 AND closed = 1")?;
    for block in blocks {
        if delete.execute([block.0])? == 0 {
            return Err(StoreError::NoSuchBlock);
        }
    }
    Ok(())
}

/// At opening: nobody walks. Blocks whose chunks are saved go, the others are closed and reported.
pub(crate) fn close_orphans(conn: &Connection, db: Db<'_>) -> Result<Vec<Report>> {
    let mut done = db.conn.prepare_cached("SELECT block FROM track_done")?;
    let done: Vec<i64> = done.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut delete = conn.prepare_cached("DELETE FROM block WHERE id = ?1")?;
    done.iter().try_for_each(|block| delete.execute([block]).map(drop))?;
    forget_done(db)?;
    let orphans = read_blocks(conn, "closed = 0", [])?;
    conn.execute("UPDATE block SET closed = 1 WHERE closed = 0", [])?;
    Ok(orphans.into_iter().map(|block| Report::OrphanBlock { patrol: block.patrol, segment: block.segment }).collect())
}

pub(crate) fn forget_done(db: Db<'_>) -> Result<()> {
    db.conn.execute("DELETE FROM track_done", [])?;
    Ok(())
}
