//! Rows of the record table: the hub's view, and the columns that lists are made from.

use gridpatrol_model::fold::with_pending;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId};
use gridpatrol_model::op::{Op, OpKind};
use gridpatrol_model::record::{Created, HeldState, HeldWork, Life, Record};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use rusqlite::{OptionalExtension, Row};

use crate::error::Result;
use crate::meta::{pack, unpack};
use crate::names::Db;
use crate::outbox::{RSEQ_BITS, decode, dot_at, key};
use crate::state;

/// Bits of `record.flags`. Their numbers stand in indexes of the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(pub i64);

impl Flags {
    pub const DELETED: Flags = Flags(1);
    pub const DISPUTED: Flags = Flags(2);
    /// Work of this member on it is held by the hub.
    pub const HELD: Flags = Flags(4);
    /// Work of this member on it was sent back.
    pub const SENT_BACK: Flags = Flags(8);
    /// It left the phone's scopes and stays for work that is not settled.
    pub const LEFT: Flags = Flags(16);
    /// The hub was restored to a time before it: to be fetched again.
    pub const ASIDE: Flags = Flags(32);
    /// Written by this member, wholly or in part.
    pub const OWN: Flags = Flags(64);

    pub fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    pub fn with(self, flag: Flags, on: bool) -> Flags {
        Flags(if on { self.0 | flag.0 } else { self.0 & !flag.0 })
    }
}

/// A row as it lies there.
pub(crate) struct Stored {
    pub id: i64,
    pub columns: Columns,
    /// None while the hub knows nothing of the record.
    pub hub: Option<Record>,
}

/// What lists are made from; describes the record as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub kind: Option<RecordKind>,
    scope: Option<i64>,
    stage: Option<u8>,
    parent: Option<EntityId>,
    place: Option<EntityId>,
    /// Key of the op that created it, in the form of `outbox::key`.
    born: Option<i64>,
    /// Of creation, milliseconds UTC.
    pub time: i64,
    pub flags: Flags,
}

/// Ops of this phone that the hub's view does not have yet.
#[derive(Default)]
pub(crate) struct Pending {
    pub own: Vec<(Dot, Op)>,
    pub children: Vec<Dot>,
    /// Whether one of `own` has not reached the hub.
    pub unsent: bool,
}

const COLUMNS: &str = "id, kind, scope, stage, parent, place, time, flags, asof, state, entity, born";

pub(crate) fn load(db: Db<'_>, entity: EntityId) -> Result<Option<Stored>> {
    let mut find = db.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE entity = ?1"))?;
    find.query_row([&entity.0[..]], |row| Ok(read_row(db, row))).optional()?.transpose()
}

pub(crate) fn select(tail: &str) -> String {
    format!("SELECT {COLUMNS} FROM record {tail}")
}

pub(crate) fn read_row(db: Db<'_>, row: &Row<'_>) -> Result<Stored> {
    let entity = entity_of(row, 10)?;
    let asof = unpack(row.get(8)?);
    let hub = match row.get_ref(9)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
        Some(bytes) => Some(state::decode(db, entity, asof, bytes)?),
        None => None,
    };
    let link = |at| -> Result<Option<EntityId>> { Ok(row.get::<_, Option<[u8; 16]>>(at)?.map(EntityId)) };
    let columns = Columns {
        kind: row.get::<_, Option<u16>>(1)?.map(RecordKind),
        scope: row.get(2)?,
        stage: row.get(3)?,
        parent: link(4)?,
        place: link(5)?,
        born: row.get(11)?,
        time: row.get(6)?,
        flags: Flags(row.get(7)?),
    };
    Ok(Stored { id: row.get(0)?, columns, hub })
}

pub(crate) fn entity_of(row: &Row<'_>, at: usize) -> Result<EntityId> {
    Ok(EntityId(row.get(at)?))
}

pub(crate) fn pending(db: Db<'_>, entity: EntityId) -> Result<Pending> {
    let mut pending = Pending::default();
    let mut own = db.conn.prepare_cached(&format!(
        "SELECT at, c, op, at & ((1 << {RSEQ_BITS}) - 1) > sent_rseq FROM outbox
         JOIN incarnation ON replica = at >> {RSEQ_BITS} WHERE entity = ?1 AND seq IS NULL ORDER BY at"
    ))?;
    let mut rows = own.query([&entity.0[..]])?;
    while let Some(row) = rows.next()? {
        let dot = dot_at(db, row.get(0)?, ChainHash(row.get(1)?))?;
        pending.own.push((dot, decode(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?)?));
        pending.unsent |= row.get::<_, bool>(3)?;
    }
    let mut children =
        db.conn.prepare_cached("SELECT at, c FROM outbox WHERE parent = ?1 AND seq IS NULL ORDER BY at")?;
    let mut rows = children.query([&entity.0[..]])?;
    while let Some(row) = rows.next()? {
        pending.children.push(dot_at(db, row.get(0)?, ChainHash(row.get(1)?))?);
    }
    Ok(pending)
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.children.is_empty()
    }
}

/// What the user sees. A record that exists only as held work of this member is shown from that work: it must
/// not vanish from the phone on which it was written.
pub(crate) fn shown(db: Db<'_>, entity: EntityId, hub: Option<&Record>, pending: &Pending) -> Record {
    let unborn = hub.filter(|record| record.kind.is_none());
    let held = unborn.into_iter().flat_map(|record| own_held(db, record)).map(|work| (work.dot, &work.op));
    let own = pending.own.iter().map(|(dot, op)| (*dot, op));
    with_pending(entity, hub, held.chain(own), pending.children.iter().copied())
}

/// Work of this member that a supervisor has to decide or has sent back.
pub(crate) fn own_held<'r>(db: Db<'r>, record: &'r Record) -> impl Iterator<Item = &'r HeldWork> {
    record.held.iter().filter(move |work| work.op.actor == *db.member)
}

impl Columns {
    /// `kept` are the flags that the record itself does not tell.
    pub fn of(db: Db<'_>, shown: &Record, kept: Flags) -> Result<Columns> {
        let own_held = || own_held(db, shown).map(|work| &work.state);
        let own = kept.has(Flags::OWN) || shown.author.as_ref() == Some(db.member) || own_held().next().is_some();
        let flags = kept
            .with(Flags::DELETED, shown.life() == Life::Deleted)
            .with(Flags::DISPUTED, shown.disputed())
            .with(Flags::HELD, own_held().any(|state| matches!(state, HeldState::Held(_))))
            .with(Flags::SENT_BACK, own_held().any(|state| matches!(state, HeldState::SentBack(_))))
            .with(Flags::OWN, own);
        Ok(Columns {
            kind: shown.kind,
            scope: shown.scope.map(|scope| db.number(&scope)).transpose()?,
            stage: shown.stage().map(|stage| stage.code()),
            parent: shown.value(FieldNo::PARENT).and_then(Value::as_entity),
            place: shown.value(FieldNo::PLACE).and_then(Value::as_entity),
            born: match &shown.created {
                Some(Created { dot, .. }) => Some(key(db.number(&dot.replica)?, dot.rseq)),
                None => None,
            },
            time: shown.created.as_ref().map_or(0, |created| created.eff.ms),
            flags,
        })
    }
}

pub(crate) fn insert(db: Db<'_>, entity: EntityId, columns: &Columns, hub: Option<&Record>) -> Result<()> {
    let (asof, bytes) = hub_columns(db, hub)?;
    let mut insert = db.conn.prepare_cached(
        "INSERT INTO record (entity, kind, scope, stage, parent, place, born, time, flags, asof, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let Columns { kind, scope, stage, parent, place, born, time, flags } = columns;
    insert.execute((
        &entity.0[..],
        kind.map(|kind| kind.0),
        scope,
        stage,
        parent.map(|id| id.0),
        place.map(|id| id.0),
        born,
        time,
        flags.0,
        asof,
        bytes,
    ))?;
    Ok(())
}

/// Writes the columns only if they differ: an unchanged index entry is a page not written.
pub(crate) fn update_columns(db: Db<'_>, stored: &Stored, columns: &Columns) -> Result<()> {
    if stored.columns == *columns {
        return Ok(());
    }
    let mut update = db.conn.prepare_cached(
        "UPDATE record SET kind = ?2, scope = ?3, stage = ?4, parent = ?5, place = ?6, born = ?7, time = ?8, flags = ?9
         WHERE id = ?1",
    )?;
    let Columns { kind, scope, stage, parent, place, born, time, flags } = columns;
    let (parent, place) = (parent.map(|id| id.0), place.map(|id| id.0));
    update.execute((stored.id, kind.map(|kind| kind.0), scope, stage, parent, place, born, time, flags.0))?;
    Ok(())
}

pub(crate) fn update_hub(db: Db<'_>, id: i64, hub: Option<&Record>) -> Result<()> {
    let (asof, bytes) = hub_columns(db, hub)?;
    db.conn.prepare_cached("UPDATE record SET asof = ?2, state = ?3 WHERE id = ?1")?.execute((id, asof, bytes))?;
    Ok(())
}

fn hub_columns(db: Db<'_>, hub: Option<&Record>) -> Result<(i64, Option<Vec<u8>>)> {
    match hub {
        Some(record) => Ok((pack(record.asof)?, Some(state::encode(db, record)?))),
        None => Ok((0, None)),
    }
}

/// Brings the columns of a record up to what is shown now.
pub(crate) fn refresh(db: Db<'_>, entity: EntityId, stored: &Stored, kept: Flags) -> Result<Record> {
    let shown = shown(db, entity, stored.hub.as_ref(), &pending(db, entity)?);
    update_columns(db, stored, &Columns::of(db, &shown, kept)?)?;
    Ok(shown)
}

pub(crate) fn delete(db: Db<'_>, id: i64) -> Result<()> {
    db.conn.prepare_cached("DELETE FROM record WHERE id = ?1")?.execute([id])?;
    Ok(())
}

pub(crate) fn is_create(op: &Op) -> bool {
    matches!(op.kind, OpKind::Create { .. })
}
