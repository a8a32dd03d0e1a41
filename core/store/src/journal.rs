//! "What changed": every visible jump that a page brought. It is read after a sync, and again when somebody
//! asks why a value is another than yesterday.

use std::collections::BTreeSet;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::FieldKey;
use gridpatrol_model::record::{HeldState, Life, Record};
use gridpatrol_model::schema::RecordKind;

use crate::error::Result;
use crate::names::Db;
use crate::records::{entity_of, own_held};
use crate::store::Store;

/// News is read within days; the number bounds what a month's absence brings (2026-11).
const KEPT: i64 = 2_000;

/// Why a record looks different, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Own work on it came back with a reason.
    SentBack,
    /// Own work on it waits for a supervisor.
    Held,
    /// Work that was held or sent back counts now.
    Released,
    /// Two people saw two things.
    Disputed,
    /// A dispute was decided.
    Settled,
    Deleted,
    Restored,
    /// Somebody else's record is here now.
    Arrived,
    /// Fields display another value.
    Edited,
    /// It moved out of the phone's scopes.
    Left,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Rises with every change.
    pub id: i64,
    /// Phone's clock when the page was applied, milliseconds UTC.
    pub at_ms: i64,
    pub entity: EntityId,
    pub kind: Option<RecordKind>,
    pub why: Why,
    /// Fields that display another value than before.
    pub fields: Vec<FieldKey>,
}

impl Why {
    const ALL: [Why; 10] = [
        Why::SentBack,
        Why::Held,
        Why::Released,
        Why::Disputed,
        Why::Settled,
        Why::Deleted,
        Why::Restored,
        Why::Arrived,
        Why::Edited,
        Why::Left,
    ];
}

/// The jump from what was shown to what is shown, if there is one.
pub(crate) fn jump(db: Db<'_>, before: Option<&Record>, after: &Record) -> Option<(Why, Vec<FieldKey>)> {
    let Some(before) = before else {
        return after.kind.map(|_| (Why::Arrived, Vec::new()));
    };
    let fields = jumped(before, after);
    let why = decided(db, before, after)
        .or_else(|| match (before.disputed(), after.disputed()) {
            (false, true) => Some(Why::Disputed),
            (true, false) => Some(Why::Settled),
            _ => None,
        })
        .or_else(|| match (before.life(), after.life()) {
            (Life::Alive, Life::Deleted) => Some(Why::Deleted),
            (Life::Deleted, Life::Alive) => Some(Why::Restored),
            _ => None,
        })
        .or((before.kind.is_none() && after.kind.is_some()).then_some(Why::Arrived))
        .or((!fields.is_empty()).then_some(Why::Edited))?;
    Some((why, fields))
}

/// What a supervisor's decision changed for the author.
fn decided(db: Db<'_>, before: &Record, after: &Record) -> Option<Why> {
    let old: Vec<_> = own_held(db, before).collect();
    let fresh = own_held(db, after).find(|work| !old.iter().any(|old| old.dot == work.dot && old.state == work.state));
    match fresh.map(|work| &work.state) {
        Some(HeldState::SentBack(_)) => Some(Why::SentBack),
        Some(HeldState::Held(_)) => Some(Why::Held),
        None => old.iter().any(|old| !own_held(db, after).any(|work| work.dot == old.dot)).then_some(Why::Released),
    }
}

fn jumped(before: &Record, after: &Record) -> Vec<FieldKey> {
    let keys: BTreeSet<&FieldKey> = before.fields.keys().chain(after.fields.keys()).collect();
    let value = |record: &Record, key: &FieldKey| record.shown(key).map(|write| write.value.clone());
    keys.into_iter().filter(|key| value(before, key) != value(after, key)).cloned().collect()
}

pub(crate) fn note(
    db: Db<'_>,
    at_ms: i64,
    entity: EntityId,
    kind: Option<RecordKind>,
    why: Why,
    fields: &[FieldKey],
) -> Result<()> {
    let fields = minicbor::to_vec(fields).expect("writing to memory does not fail");
    db.conn
        .prepare_cached("INSERT INTO change (at_ms, entity, kind, why, fields) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((at_ms, &entity.0[..], kind.map(|kind| kind.0), why as i64, fields))?;
    Ok(())
}

pub(crate) fn trim(db: Db<'_>) -> Result<()> {
    db.conn.prepare_cached("DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?1")?.execute([KEPT])?;
    Ok(())
}

impl Store {
    /// Changes after `since` (the id of a change, 0 for all that are kept), oldest first.
    pub fn changes(&self, since: i64, limit: usize) -> Result<Vec<Change>> {
        self.read(|db| {
            let mut page = db.conn.prepare_cached(
                "SELECT id, at_ms, entity, kind, why, fields FROM change WHERE id > ?1 ORDER BY id LIMIT ?2",
            )?;
            let mut rows = page.query((since, limit as i64))?;
            let mut changes = Vec::new();
            while let Some(row) = rows.next()? {
                let fields: Vec<u8> = row.get(5)?;
                changes.push(Change {
                    id: row.get(0)?,
                    at_ms: row.get(1)?,
                    entity: entity_of(row, 2)?,
                    kind: row.get::<_, Option<u16>>(3)?.map(RecordKind),
                    why: Why::ALL.get(usize::from(row.get::<_, u8>(4)?)).copied().unwrap_or(Why::Edited),
                    fields: minicbor::decode(&fields)?,
                });
            }
            Ok(changes)
        })
    }

    /// Id of the newest change: what comes after it is news.
    pub fn last_change(&self) -> Result<i64> {
        self.read(|db| {
            let newest = "SELECT ifnull(max(id), 0) FROM change";
            Ok(db.conn.prepare_cached(newest)?.query_row([], |row| row.get(0))?)
        })
    }
}
