//! What the hub answers to a phone that pulls: a restore to note, or a page in hub order.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{EntityId, HubSeq, ReplicaId};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;

use crate::fault::Fault;
use crate::hub::Hub;
use crate::spoil;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub seq: HubSeq,
    pub hash: [u8; 32],
}

pub struct Pull {
    pub cursor: Cursor,
    pub scopes: Vec<Scope>,
    /// Replicas of ops that the phone still holds.
    pub replicas: BTreeSet<ReplicaId>,
    /// Records set aside after a restore.
    pub aside: BTreeSet<EntityId>,
    pub limit: usize,
}

#[derive(Clone)]
pub enum PullReply {
    /// The cursor is not on this log: it is the same up to here.
    Restored(Cursor),
    Page {
        page: Page,
        end: Cursor,
        /// Records that were asked for again, as they stand; None if the phone may not see them or they are gone.
        again: BTreeMap<EntityId, Option<Record>>,
        durable: HubSeq,
        epoch: usize,
    },
}

impl Hub {
    pub fn pull(&self, ask: &Pull) -> PullReply {
        if !self.is_on_log(&ask.cursor) {
            return PullReply::Restored(self.last_common(ask.cursor.seq));
        }
        let start = ask.cursor.seq.n as usize;
        let end = self.rows.len().min(start.saturating_add(ask.limit));
        let items = (start..end).flat_map(|at| self.items(at, end, ask)).collect();
        let to = if end == start { ask.cursor.seq } else { self.seq(end) };
        let page = Page { from: ask.cursor.seq, to, items, more: end < self.rows.len() };
        let again = ask.aside.iter().map(|entity| {
            let record = self.record_at(*entity, end);
            (*entity, record.filter(|record| record.scope.is_some_and(|scope| ask.scopes.contains(&scope))))
        });
        PullReply::Page {
            page,
            end: Cursor { seq: to, hash: self.hashes[end] },
            again: again.collect(),
            durable: self.seq(self.durable),
            epoch: self.epochs.len(),
        }
    }

    pub fn is_on_log(&self, cursor: &Cursor) -> bool {
        self.hashes.get(cursor.seq.n as usize) == Some(&cursor.hash)
    }

    /// The lowest point at which an epoch began since the one that the phone knows.
    fn last_common(&self, seq: HubSeq) -> Cursor {
        let later = self.epochs.get(seq.epoch.max(1) as usize..).unwrap_or_default();
        let rows = later.iter().copied().min().unwrap_or(0).min(seq.n as usize);
        Cursor { seq: self.seq(rows), hash: self.hashes[rows] }
    }

    /// A record as it stood after the first `end` rows. A page says nothing of what comes after it: that may be
    /// lost in a restore which leaves the page alone.
    fn record_at(&self, entity: EntityId, end: usize) -> Option<Record> {
        if end == self.rows.len() {
            return self.records.get(&entity).cloned();
        }
        let mut rows = self.rows[..end].iter().filter(|row| row.touched().any(|touched| touched == entity)).peekable();
        rows.peek()?;
        let mut record = Record::new(entity);
        rows.for_each(|row| spoil::fold(self.fault, &mut record, row));
        Some(record)
    }

    /// A record that enters is sent whole as it stands at the end of the page; one that is out of sight by
    /// then leaves, whatever it did at this row, so that a phone never holds a part of a record.
    fn items(&self, at: usize, end: usize, ask: &Pull) -> Vec<Item> {
        let row = &self.rows[at];
        let sees = |scope: &Scope| ask.scopes.contains(scope);
        let mut items = Vec::new();
        if row.scopes.iter().any(sees) {
            let enters = self.moved(at).is_some_and(|from| !sees(&from));
            let (stay, go): (Vec<Record>, Vec<Record>) = row
                .touched()
                .filter_map(|entity| self.record_at(entity, end))
                .partition(|record| record.scope.is_some_and(|scope| sees(&scope)));
            match &stay[..] {
                [record] if enters => items.push(Item::Enter(record.clone())),
                [record] if !sees(&row.home(record.entity)) => {
                    items.push(Item::Leave { entity: record.entity, seq: row.seq });
                }
                [] => {}
                _ => items.push(Item::Row(row.clone())),
            }
            items.extend(go.into_iter().map(|record| Item::Leave { entity: record.entity, seq: row.seq }));
        }
        let own = ask.replicas.contains(&row.dot.replica) && self.fault != Fault::ReceiptsByScope;
        if own && !items.iter().any(|item| matches!(item, Item::Row(_))) {
            items.insert(0, Item::Receipt(row.clone()));
        }
        items
    }
}
