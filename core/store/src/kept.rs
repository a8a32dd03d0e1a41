//! Rows that this phone got and that no backup of the hub has yet. A hub that was restored from before asks for them
//! by way of `rewind`; its supervisors' decisions since, and the work of phones that are gone, are nowhere else.
//!
//! What a run of rows is made of is between the hub and the protocol: here it is bytes.

use gridpatrol_model::ids::HubSeq;

use crate::error::Result;
use crate::meta::pack;
use crate::names::Db;
use crate::store::Store;

/// A run of rows to hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: i64,
    pub run: Vec<u8>,
}

impl Db<'_> {
    pub(crate) fn keep(&self, runs: &[Vec<u8>], to: HubSeq) -> Result<()> {
        let mut insert = self.conn.prepare_cached("INSERT INTO kept (seq, run) VALUES (?1, ?2)")?;
        for run in runs {
            insert.execute((pack(to)?, run))?;
        }
        Ok(())
    }

    /// Lets go of what a backup has.
    pub(crate) fn let_go(&self) -> Result<()> {
        let durable = self.durable()?;
        self.conn.prepare_cached("DELETE FROM kept WHERE seq <= ?1 AND due = 0")?.execute([durable])?;
        Ok(())
    }

    /// What lies above the point that this phone and a restored hub have in common, the hub has lost.
    pub(crate) fn owe_back(&self, common: i64) -> Result<()> {
        self.conn.prepare_cached("UPDATE kept SET due = 1 WHERE seq > ?1")?.execute([common])?;
        Ok(())
    }
}

impl Store {
    /// Runs to hand back behind one of them, oldest first: as many as the bytes allow, but one at least.
    pub fn owed_back(&self, after: i64, runs: usize, bytes: usize) -> Result<Vec<Kept>> {
        self.read(|db| {
            let list = "SELECT id, run FROM kept WHERE due = 1 AND id > ?1 ORDER BY id LIMIT ?2";
            let mut list = db.conn.prepare_cached(list)?;
            let mut rows = list.query((after, runs as i64))?;
            let (mut owed, mut size) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let kept = Kept { id: row.get(0)?, run: row.get(1)? };
                size += kept.run.len();
                if !owed.is_empty() && size > bytes {
                    break;
                }
                owed.push(kept);
            }
            Ok(owed)
        })
    }

    /// The hub has taken the runs up to this one, and its log now ends at or behind `to`: they are kept until a backup
    /// has that.
    pub fn handed_back(&self, up_to: i64, to: HubSeq) -> Result<()> {
        self.write(|work| {
            let mut given =
                work.db.conn.prepare_cached("UPDATE kept SET due = 0, seq = ?2 WHERE due = 1 AND id <= ?1")?;
            given.execute((up_to, pack(to)?))?;
            Ok(())
        })
    }
}
