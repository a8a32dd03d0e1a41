//! What a pull brings, applied in one transaction: rows are folded into the hub's view, pending ops stay on
//! top, and whatever visibly jumped is noted.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{Dot, EntityId, HubSeq};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Row, Verdict};

use crate::error::{Result, StoreError};
use crate::journal::{self, Why};
use crate::meta::{Cursor, covered, pack};
use crate::names::Db;
use crate::observe::Notice;
use crate::outbox;
use crate::records::{self, Columns, Flags, Stored, entity_of, own_held};
use crate::store::{Store, Work};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The page was applied; so many records were touched.
    New { records: usize },
    /// It had been applied before. Nothing changed.
    Repeated,
}

/// A record that the page is about.
struct Touched {
    stored: Option<Stored>,
    hub: Option<Record>,
    /// As it was shown.
    before: Option<Record>,
    flags: Flags,
}

impl Store {
    /// Applies a page. `log` is the hash of the hub's log at `page.to`, `runs` what is to be kept of the page for a hub
    /// that is restored.
    pub fn apply(&self, page: &Page, log: [u8; 8], runs: &[Vec<u8>]) -> Result<Applied> {
        self.write(|work| {
            let at = work.db.cursor()?.seq;
            if page.from != at {
                // A reply that arrived twice ends at or before the cursor.
                let repeated = page.from < at && page.to <= at;
                return if repeated {
                    Ok(Applied::Repeated)
                } else {
                    Err(StoreError::PageElsewhere { at, got: page.from })
                };
            }
            let mut touched = look_up(work.db, page)?;
            let mut returned = Vec::new();
            for item in &page.items {
                take(item, &mut touched, &mut returned);
            }
            let own = outbox::incarnations(work.db)?;
            for (dot, seq) in returned {
                outbox::mark_returned(work.db, &own, dot, pack(seq)?)?;
            }
            let now_ms = work.ports.clock.now().wall_ms;
            let records = touched.len();
            for (entity, record) in touched {
                settle(work, now_ms, entity, record)?;
            }
            work.db.set_cursor(Cursor { seq: page.to, log })?;
            work.db.keep(runs, page.to)?;
            work.db.let_go()?;
            outbox::prune(work.db)?;
            journal::trim(work.db)?;
            Ok(Applied::New { records })
        })
    }

    /// Goes back to the last point that this phone and a restored hub have in common. Own ops that came back
    /// above it are pending once more. What the hub's view of lies above it is set aside, and the view of the
    /// phone is empty: its scopes are entered again, and what is still set aside when one of them is complete
    /// (`set_view`) the hub does not have. Rows above it that were kept are owed to the hub.
    pub fn rewind(&self, common: Cursor) -> Result<()> {
        self.write(|work| {
            let db = work.db;
            let packed = pack(common.seq)?;
            db.conn.prepare_cached("UPDATE outbox SET seq = NULL WHERE seq > ?1")?.execute([packed])?;
            if db.durable()? > packed {
                db.set_durable(common.seq)?;
            }
            for entity in entities(db, &format!("asof > {packed}"), i64::MAX)? {
                put_aside(work, entity)?;
            }
            db.owe_back(packed)?;
            db.forget_view()?;
            db.set_cursor(common)
        })
    }

    /// Records whose hub's view is of a time that the hub lost, until an `Enter` brings each back.
    pub fn set_aside(&self, limit: usize) -> Result<Vec<EntityId>> {
        self.read(|db| aside(db, limit as i64))
    }
}

fn look_up(db: Db<'_>, page: &Page) -> Result<BTreeMap<EntityId, Touched>> {
    let entities = page.items.iter().flat_map(|item| match item {
        Item::Row(row) => row.touched().collect::<Vec<_>>(),
        // The parent is looked at again because a child may be all that kept it here.
        Item::Receipt(row) => std::iter::once(row.entity).chain(row.op.parent()).collect(),
        Item::Enter(record) => vec![record.entity],
        Item::Leave { entity, .. } => vec![*entity],
    });
    let mut touched = BTreeMap::new();
    for entity in entities {
        if let Entry::Vacant(free) = touched.entry(entity) {
            free.insert(Touched::load(db, entity)?);
        }
    }
    Ok(touched)
}

impl Touched {
    fn load(db: Db<'_>, entity: EntityId) -> Result<Self> {
        let Some(mut stored) = records::load(db, entity)? else {
            return Ok(Touched { stored: None, hub: None, before: None, flags: Flags::default() });
        };
        let pending = records::pending(db, entity)?;
        let hub = stored.hub.take();
        let before = Some(records::shown(db, entity, hub.as_ref(), &pending));
        Ok(Touched { before, hub, flags: stored.columns.flags, stored: Some(stored) })
    }

    fn fold(&mut self, entity: EntityId, row: &Row) {
        // What is set aside has lost its footing: only the whole record brings it back.
        if !self.flags.has(Flags::ASIDE) {
            fold(self.hub.get_or_insert_with(|| Record::new(entity)), row);
        }
    }
}

/// One item of a page, in hub order.
fn take(item: &Item, touched: &mut BTreeMap<EntityId, Touched>, returned: &mut Vec<(Dot, HubSeq)>) {
    let mut with = |entity: EntityId, change: &mut dyn FnMut(&mut Touched)| {
        change(touched.get_mut(&entity).expect("every entity of the page was looked up"));
    };
    match item {
        Item::Row(row) => {
            returned.push((row.dot, row.seq));
            row.touched().for_each(|entity| with(entity, &mut |record| record.fold(entity, row)));
        }
        Item::Receipt(row) => {
            returned.push((row.dot, row.seq));
            with(row.entity, &mut |record| receive(record, row));
        }
        Item::Enter(entered) => with(entered.entity, &mut |record| {
            let kept_up = !record.flags.has(Flags::LEFT) && !record.flags.has(Flags::ASIDE);
            if kept_up && record.hub.as_ref().is_some_and(|hub| hub.asof > entered.asof) {
                return;
            }
            record.hub = Some(entered.clone());
            record.flags = record.flags.with(Flags::LEFT, false).with(Flags::ASIDE, false);
        }),
        Item::Leave { entity, .. } => with(*entity, &mut |record| {
            record.flags = record.flags.with(Flags::LEFT, true).with(Flags::ASIDE, false);
        }),
    }
}

/// A row about a record outside the phone's scopes: its author learns what became of the work, and nothing of
/// the record.
fn receive(record: &mut Touched, row: &Row) {
    record.flags = record.flags.with(Flags::LEFT, true);
    let waits = row.verdict.held().map(Verdict::Quarantined);
    let verdict = waits.unwrap_or(row.verdict);
    if record.hub.is_none() && matches!(verdict, Verdict::Accepted | Verdict::Agreed) {
        return;
    }
    let effects = row.effects.iter().map(|_| None).collect();
    record.fold(row.entity, &Row { verdict, effects, ..row.clone() });
}

/// Writes a record as it stands after the page, or lets it go.
fn settle(work: &mut Work<'_>, now_ms: i64, entity: EntityId, record: Touched) -> Result<()> {
    let Touched { stored, hub, before, flags } = record;
    let db = work.db;
    if stored.is_none() && hub.is_none() {
        return Ok(());
    }
    let pending = records::pending(db, entity)?;
    let waits = hub.as_ref().is_some_and(|hub| own_held(db, hub).next().is_some());
    if flags.has(Flags::LEFT) && pending.is_empty() && !waits {
        return leave(work, now_ms, entity, stored);
    }
    let shown = records::shown(db, entity, hub.as_ref(), &pending);
    let columns = Columns::of(db, &shown, flags)?;
    match &stored {
        None => records::insert(db, entity, &columns, hub.as_ref())?,
        Some(stored) => {
            records::update_hub(db, stored.id, hub.as_ref())?;
            records::update_columns(db, stored, &columns)?;
        }
    }
    if let Some((why, fields)) = journal::jump(db, before.as_ref(), &shown) {
        journal::note(db, now_ms, entity, shown.kind, why, &fields)?;
    }
    work.notices.push(Notice { entity, kind: shown.kind });
    Ok(())
}

fn leave(work: &mut Work<'_>, now_ms: i64, entity: EntityId, stored: Option<Stored>) -> Result<()> {
    let Some(stored) = stored else { return Ok(()) };
    let kind = stored.columns.kind;
    records::delete(work.db, stored.id)?;
    journal::note(work.db, now_ms, entity, kind, Why::Left, &[])?;
    work.notices.push(Notice { entity, kind });
    Ok(())
}

/// When scopes have been entered again after a rewind: what is still set aside in them, the hub lost. Its authors
/// have it in their outboxes; here only pending work on it is kept.
pub(crate) fn drop_lost(work: &mut Work<'_>, scopes: &[Scope]) -> Result<()> {
    let now_ms = work.ports.clock.now().wall_ms;
    for entity in aside(work.db, i64::MAX)? {
        let touched = Touched::load(work.db, entity)?;
        let scope = touched.hub.as_ref().and_then(|hub| hub.scope);
        if scope.is_some_and(|scope| covered(scopes, &scope)) {
            let flags = touched.flags.with(Flags::ASIDE, false).with(Flags::LEFT, true);
            settle(work, now_ms, entity, Touched { hub: None, flags, ..touched })?;
        }
    }
    Ok(())
}

/// Records outside these scopes leave, but for work that waits. What the hub does not know yet is the member's own.
pub(crate) fn leave_all_but(work: &mut Work<'_>, scopes: &[Scope]) -> Result<()> {
    let now_ms = work.ports.clock.now().wall_ms;
    for entity in entities(work.db, "state IS NOT NULL", i64::MAX)? {
        let touched = Touched::load(work.db, entity)?;
        let scope = touched.hub.as_ref().and_then(|hub| hub.scope);
        if scope.is_some_and(|scope| !covered(scopes, &scope)) {
            let flags = touched.flags.with(Flags::LEFT, true);
            settle(work, now_ms, entity, Touched { flags, ..touched })?;
        }
    }
    Ok(())
}

fn aside(db: Db<'_>, limit: i64) -> Result<Vec<EntityId>> {
    entities(db, &format!("flags & {} <> 0", Flags::ASIDE.0), limit)
}

fn entities(db: Db<'_>, which: &str, limit: i64) -> Result<Vec<EntityId>> {
    let mut list = db.conn.prepare_cached(&format!("SELECT entity FROM record WHERE {which} ORDER BY id LIMIT ?1"))?;
    let mut rows = list.query([limit])?;
    let mut entities = Vec::new();
    while let Some(row) = rows.next()? {
        entities.push(entity_of(row, 0)?);
    }
    Ok(entities)
}

/// After a rewind. A record that this phone created and whose Create is pending again is what is pending; of any
/// other the old view stays on show until the hub sends it again.
fn put_aside(work: &mut Work<'_>, entity: EntityId) -> Result<()> {
    let db = work.db;
    let Some(mut stored) = records::load(db, entity)? else { return Ok(()) };
    let pending = records::pending(db, entity)?;
    let anew = pending.own.iter().any(|(_, op)| records::is_create(op));
    if anew {
        stored.hub = None;
        records::update_hub(db, stored.id, None)?;
    }
    let flags = stored.columns.flags.with(Flags::ASIDE, !anew);
    let shown = records::refresh(db, entity, &stored, flags)?;
    work.notices.push(Notice { entity, kind: shown.kind });
    Ok(())
}
