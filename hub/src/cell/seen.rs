//! What walks have seen, kept for the coverage desk. It is worked out beside the writer from one state of the log, so it
//! is kept only if no block of the walk has changed since.

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::RecordKind;
use rusqlite::{Connection, params};

use super::{Batch, Result};

/// Walks that are kept, the latest to be worked out: a county's of four months, 400 MB.
const KEPT: i64 = 100_000;

pub struct SeenRow {
    pub walk: EntityId,
    /// The last row of the log when it was worked out.
    pub asof: i64,
    /// West, south, east, north, 1e-7 degrees.
    pub around: [i32; 4],
    /// Of its blocks, separated by spaces.
    pub scopes: String,
    pub seen: Vec<u8>,
}

impl Batch<'_> {
    pub fn put_seen(&mut self, rows: &[SeenRow]) -> Result<()> {
        let mut put = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO walk_seen (walk, asof, west, south, east, north, scopes, seen)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             WHERE NOT EXISTS (SELECT 1 FROM record WHERE parent = ?1 AND kind = ?9 AND asof > ?2)",
        )?;
        for SeenRow { walk, asof, around: [west, south, east, north], scopes, seen } in rows {
            let chunk = RecordKind::TRACK_CHUNK.0;
            put.execute(params![walk.0, asof, west, south, east, north, scopes, seen, chunk])?;
        }
        let mut prune = self
            .transaction
            .prepare_cached("DELETE FROM walk_seen WHERE id <= (SELECT max(id) FROM walk_seen) - ?1")?;
        prune.execute([KEPT])?;
        Ok(())
    }
}

/// Before the record at `no` is written over: what was worked out of its walk, and of the one that it says now, is over.
pub(super) fn forget(
    connection: &Connection,
    no: Option<i64>,
    record: &Record,
    parent: Option<EntityId>,
) -> Result<()> {
    if record.kind != Some(RecordKind::TRACK_CHUNK) {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM walk_seen WHERE walk = ?1 OR walk = (SELECT parent FROM record WHERE no = ?2)")?
        .execute(params![parent.map(|id| id.0), no])?;
    Ok(())
}
