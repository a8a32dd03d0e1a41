//! What a phone can look up, as far as the hub is sure of it: records that were created at or before the page
//! begins, by a replica that nobody cloned.

use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_protocol::refs::Shorten;
use rusqlite::{Connection, OptionalExtension, params};

use crate::cell::{Result, read};

pub struct KnownToPhone<'c> {
    pub state: &'c Connection,
    /// Where the page begins.
    pub from: HubSeq,
    /// The phone could not expand a reference: none this time.
    pub full_ids: bool,
}

impl KnownToPhone<'_> {
    fn place(&self, entity: EntityId) -> Result<Option<(ReplicaId, u64)>> {
        let first = self
            .state
            .prepare_cached(
                "SELECT replica.id, row.rseq, row.n FROM record JOIN row ON row.record = record.no
                 JOIN replica ON replica.no = row.replica
                 WHERE record.entity = ?1 AND replica.forked = 0 ORDER BY row.n LIMIT 1",
            )?
            .query_row(params![entity.0], |row| {
                Ok((ReplicaId(row.get(0)?), row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64))
            })
            .optional()?;
        let Some((replica, rseq, n)) = first else { return Ok(None) };
        // The first row of a record is its Create, unless an edit overtook it.
        let created = read::branches(self.state, replica, rseq)?.iter().any(|chain| chain.entity() == entity);
        Ok((created && n <= self.from.n).then_some((replica, rseq)))
    }
}

impl Shorten for KnownToPhone<'_> {
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)> {
        if self.full_ids { None } else { self.place(entity).ok().flatten() }
    }

    /// Whether a write is still alive on the phone is not known here; a write of the same page needs no memory.
    fn known(&self, _: &Dot) -> bool {
        false
    }

    fn chain(&self, dot: &Dot) -> Option<ChainHash> {
        read::chain_of(self.state, *dot).ok().flatten()
    }
}
