//! Reading: one record, pages of records, counts. Pages continue by key, so they cost the same at any depth and
//! a record that arrives meanwhile moves nothing.

use std::fmt;
use std::str::FromStr;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{BadId, EntityId, ReplicaId};
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::{Decision, HeldReason};
use gridpatrol_model::schema::RecordKind;
use gridpatrol_model::workflow::Stage;
use rusqlite::types::Value as Sql;

use crate::error::Result;
use crate::names::Db;
use crate::outbox::{RSEQ_BITS, key};
use crate::records::{self, Flags, Stored, entity_of, own_held};
use crate::store::Store;

/// A record as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The hub's view with this phone's pending ops on top.
    pub record: Record,
    /// Whether something of it has not come back from the hub.
    pub pending: bool,
    /// How far own work on it got; None if the member wrote nothing of it.
    pub receipt: Option<Receipt>,
    /// It moved out of the phone's scopes and stays only until own work is settled.
    pub left: bool,
}

/// How far own work got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// On this phone, durably.
    Saved,
    /// The hub has it; what became of it has not come back yet.
    Sent,
    Accepted,
    /// The hub keeps it for a supervisor to decide.
    Held(HeldReason),
    SentBack(Decision),
}

/// Which records. Without `only`, those shown as deleted are left out.
#[derive(Clone, Debug)]
pub struct Query {
    pub kind: Option<RecordKind>,
    pub stage: Option<Stage>,
    pub parent: Option<EntityId>,
    pub place: Option<EntityId>,
    /// The scope and all within it.
    pub scope: Option<Scope>,
    pub only: Option<Only>,
    /// Where the page before ended.
    pub after: Option<ListKey>,
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    Deleted,
    /// Differing values, or a delete that had not seen all.
    Disputed,
    /// Own work that a supervisor has to decide.
    Held,
    /// Own work that came back with a reason.
    SentBack,
}

/// A place in a list: newest first by time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey {
    time: i64,
    id: i64,
}

/// As text it is opaque: it comes back from whoever got it and nothing else.
impl fmt::Display for ListKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.time, self.id)
    }
}

impl FromStr for ListKey {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let (time, id) = text.split_once('.').ok_or(BadId)?;
        Ok(ListKey { time: time.parse().map_err(|_| BadId)?, id: id.parse().map_err(|_| BadId)? })
    }
}

#[derive(Clone, Debug)]
pub struct Listing {
    pub items: Vec<View>,
    /// None at the end of the list.
    pub next: Option<ListKey>,
}

/// Own records by how far they got: each counts once, so the parts add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByReceipt {
    pub saved: u64,
    pub sent: u64,
    pub accepted: u64,
    pub held: u64,
    pub sent_back: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Everything but photos.
    pub records: ByReceipt,
    /// A photo whose bytes are not at the hub for good counts as sent, not as accepted.
    pub photos: ByReceipt,
}

impl Default for Query {
    fn default() -> Self {
        Query { kind: None, stage: None, parent: None, place: None, scope: None, only: None, after: None, limit: 100 }
    }
}

impl ByReceipt {
    pub fn total(&self) -> u64 {
        self.saved + self.sent + self.accepted + self.held + self.sent_back
    }
}

impl Store {
    pub fn record(&self, entity: EntityId) -> Result<Option<View>> {
        self.read(|db| records::load(db, entity)?.map(|stored| view_of(db, entity, stored)).transpose())
    }

    /// The hub's view of a record, without what is pending here. None while the hub knows nothing of it, and for
    /// what is no longer kept up to date.
    pub fn mirror(&self, entity: EntityId) -> Result<Option<Record>> {
        self.read(|db| {
            let stored = records::load(db, entity)?;
            Ok(stored.filter(|stored| stored.is_kept_up()).and_then(|stored| stored.hub))
        })
    }

    /// Canonical bytes of `mirror`: equal to the hub's own.
    pub fn mirror_bytes(&self, entity: EntityId) -> Result<Option<Vec<u8>>> {
        Ok(self.mirror(entity)?.map(|record| record.encode()))
    }

    /// Entities that the hub's view of is kept up to date here, in the order of their ids.
    pub fn mirrored(&self, after: Option<EntityId>, limit: usize) -> Result<Vec<EntityId>> {
        self.read(|db| {
            let mut page = db.conn.prepare_cached(
                "SELECT entity FROM record WHERE entity > ?1 AND state IS NOT NULL AND flags & ?2 = 0
                 ORDER BY entity LIMIT ?3",
            )?;
            let after = after.map_or_else(Vec::new, |entity| entity.0.to_vec());
            let mut rows = page.query((after, Flags::LEFT.0 | Flags::ASIDE.0, limit as i64))?;
            let mut entities = Vec::new();
            while let Some(row) = rows.next()? {
                entities.push(entity_of(row, 0)?);
            }
            Ok(entities)
        })
    }

    /// The record that an op created, where exactly one record here was created at that place.
    pub fn entity_at(&self, replica: ReplicaId, rseq: u64) -> Result<Option<EntityId>> {
        self.read(|db| {
            let Some(no) = db.find(&replica)? else { return Ok(None) };
            let mut find = db.conn.prepare_cached("SELECT entity FROM record WHERE born = ?1 LIMIT 2")?;
            let mut rows = find.query([key(no, rseq)])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let entity = entity_of(row, 0)?;
            Ok(rows.next()?.is_none().then_some(entity))
        })
    }

    pub fn list(&self, query: &Query) -> Result<Listing> {
        let (tail, values) = conditions(query);
        self.read(|db| {
            let mut page = db.conn.prepare_cached(&records::select(&tail))?;
            let mut rows = page.query(rusqlite::params_from_iter(&values))?;
            let (mut items, mut last) = (Vec::new(), None);
            while let Some(row) = rows.next()? {
                let stored = records::read_row(db, row)?;
                last = Some(ListKey { time: stored.columns.time, id: stored.id });
                items.push(view_of(db, entity_of(row, 10)?, stored)?);
            }
            let next = if items.len() < query.limit { None } else { last };
            Ok(Listing { items, next })
        })
    }

    /// How far own work got. Both sides can be added up: the hub counts the same records.
    pub fn counts(&self) -> Result<Counts> {
        self.read(|db| {
            let mut counts = Counts::default();
            for_each_count(db, &settled_counts(), |part, bits, number| {
                let by = counts.part(part);
                let place = if Flags(bits).has(Flags::SENT_BACK) {
                    &mut by.sent_back
                } else if Flags(bits).has(Flags::HELD) {
                    &mut by.held
                } else {
                    &mut by.accepted
                };
                *place += number;
            })?;
            for_each_count(db, &pending_counts(), |part, unsent, number| {
                let by = counts.part(part);
                by.accepted -= number;
                *(if unsent == 1 { &mut by.saved } else { &mut by.sent }) += number;
            })?;
            for_each_count(db, &photos_without_bytes(), |part, _, number| {
                let by = counts.part(part);
                by.accepted -= number;
                by.sent += number;
            })?;
            Ok(counts)
        })
    }
}

impl Counts {
    fn part(&mut self, photos: bool) -> &mut ByReceipt {
        if photos { &mut self.photos } else { &mut self.records }
    }
}

impl Stored {
    pub(crate) fn is_kept_up(&self) -> bool {
        let flags = self.columns.flags;
        !flags.has(Flags::LEFT) && !flags.has(Flags::ASIDE)
    }
}

const DECIDED: i64 = Flags::HELD.0 | Flags::SENT_BACK.0;
const OWN: i64 = Flags::OWN.0;
const PHOTO: u16 = RecordKind::PHOTO.0;

/// Own records as if nothing were pending. The condition on `own` is the one of its index.
fn settled_counts() -> String {
    format!(
        "SELECT ifnull(kind = {PHOTO}, 0), flags & {DECIDED} AS bits, count(*) FROM record WHERE flags & {OWN} <> 0 GROUP BY 1, 2"
    )
}

/// Of these, the ones with pending ops: whether one of them is unsent.
fn pending_counts() -> String {
    format!(
        "SELECT ifnull(kind = {PHOTO}, 0), unsent, count(*) FROM (
             SELECT entity AS wanted, max(at & ((1 << {RSEQ_BITS}) - 1) > sent_rseq) AS unsent
             FROM outbox JOIN incarnation ON replica = at >> {RSEQ_BITS} WHERE seq IS NULL GROUP BY entity
         ) JOIN record ON entity = wanted WHERE flags & {DECIDED} = 0 GROUP BY 1, 2"
    )
}

/// Of the rest, photos whose files still have to go up.
fn photos_without_bytes() -> String {
    format!(
        "SELECT 1, 0, count(*) FROM record WHERE kind = {PHOTO} AND flags & {OWN} <> 0 AND flags & {DECIDED} = 0
         AND EXISTS (SELECT 1 FROM blob WHERE blob.entity = record.entity AND durable = 0)
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.entity = record.entity AND seq IS NULL)"
    )
}

fn for_each_count(db: Db<'_>, sql: &str, mut count: impl FnMut(bool, i64, u64)) -> Result<()> {
    let mut groups = db.conn.prepare_cached(sql)?;
    let mut rows = groups.query([])?;
    while let Some(row) = rows.next()? {
        count(row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? as u64);
    }
    Ok(())
}

/// The end of a SELECT with the values of its parameters.
fn conditions(query: &Query) -> (String, Vec<Sql>) {
    let mut terms: Vec<&str> = Vec::new();
    let mut values: Vec<Sql> = Vec::new();
    let mut add = |term, value: Sql| {
        terms.push(term);
        values.push(value);
    };
    if let Some(kind) = query.kind {
        add("kind = ?", Sql::Integer(kind.0.into()));
    }
    if let Some(stage) = query.stage {
        add("stage = ?", Sql::Integer(stage.code().into()));
    }
    if let Some(parent) = query.parent {
        add("parent = ?", Sql::Blob(parent.0.to_vec()));
    }
    if let Some(place) = query.place {
        add("place = ?", Sql::Blob(place.0.to_vec()));
    }
    if let Some(scope) = query.scope {
        add("scope IN (SELECT id FROM scope WHERE name BETWEEN ? AND ? || ':')", Sql::Text(scope.to_string()));
        values.push(Sql::Text(scope.to_string()));
    }
    if let Some(after) = query.after {
        terms.push("(time, id) < (?, ?)");
        values.extend([Sql::Integer(after.time), Sql::Integer(after.id)]);
    }
    terms.push(match query.only {
        None => "flags & 1 = 0",
        Some(Only::Deleted) => "flags & 15 <> 0 AND flags & 1 <> 0",
        Some(Only::Disputed) => "flags & 15 <> 0 AND flags & 2 <> 0",
        Some(Only::Held) => "flags & 15 <> 0 AND flags & 4 <> 0",
        Some(Only::SentBack) => "flags & 15 <> 0 AND flags & 8 <> 0",
    });
    values.push(Sql::Integer(query.limit as i64));
    (format!("WHERE {} ORDER BY time DESC, id DESC LIMIT ?", terms.join(" AND ")), values)
}

pub(crate) fn view_of(db: Db<'_>, entity: EntityId, stored: Stored) -> Result<View> {
    let pending = records::pending(db, entity)?;
    let record = records::shown(db, entity, stored.hub.as_ref(), &pending);
    let states = || own_held(db, &record).map(|work| &work.state);
    let sent_back = states().find(|state| matches!(state, HeldState::SentBack(_)));
    let decided = sent_back.or_else(|| states().next()).map(|state| match state {
        HeldState::Held(reason) => Receipt::Held(*reason),
        HeldState::SentBack(decision) => Receipt::SentBack(decision.clone()),
    });
    let reached = || {
        let own = stored.columns.flags.has(Flags::OWN);
        own.then_some(match (pending.own.is_empty(), pending.unsent) {
            (true, _) => Receipt::Accepted,
            (false, true) => Receipt::Saved,
            (false, false) => Receipt::Sent,
        })
    };
    let receipt = decided.or_else(reached);
    let left = stored.columns.flags.has(Flags::LEFT);
    Ok(View { record, pending: !pending.is_empty(), receipt, left })
}
