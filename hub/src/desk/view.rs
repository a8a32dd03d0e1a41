//! One committed state of the cell, seen through a session: records within its areas, and the names of things.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, Dot, EntityId};
use gridpatrol_model::message::Arg;
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::workflow::Role;
use rusqlite::{Connection, OptionalExtension, params};

use super::grids::Grids;
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{EntityText, GridRef, MemberRef, Moment, Quality, RecordRef, Text},
    problem::Problem,
};
use crate::cell::{CellError, people::AreaScope, read};

pub(super) struct View<'a> {
    pub desk: &'a Desk,
    session: &'a Session,
    pub state: &'a Connection,
    pub now_ms: i64,
    pub grids: Arc<Grids>,
    labels: RefCell<HashMap<ActorId, String>>,
}

/// A row of the log with the time at which the hub had it.
pub(super) struct Logged {
    pub row: Row,
    pub received_ms: i64,
}

impl<'a> View<'a> {
    pub fn new(desk: &'a Desk, session: &'a Session, state: &'a Connection) -> Answer<Self> {
        let grids = desk.grids(state)?;
        Ok(View { desk, session, state, now_ms: desk.cell.now_ms(), grids, labels: RefCell::default() })
    }

    pub fn areas(&self) -> &AreaScope {
        &self.session.supervisor.areas
    }

    pub fn role(&self) -> Role {
        self.session.supervisor.role
    }

    pub fn actor(&self) -> &ActorId {
        &self.session.supervisor.actor
    }

    /// The record that a page names, if it is within the session's areas.
    pub fn open(&self, id: &str) -> Answer<Record> {
        let entity = id.parse().map_err(|_| Problem::not_found())?;
        self.record(entity)?.ok_or_else(|| {
            tracing::warn!(role = self.role().name(), "a record that is not in the session's areas was asked for");
            Problem::not_found()
        })
    }

    pub fn open_kind(&self, id: &str, kind: RecordKind) -> Answer<Record> {
        let record = self.open(id)?;
        if record.kind == Some(kind) { Ok(record) } else { Err(Problem::not_found()) }
    }

    /// A record within the session's areas.
    pub fn record(&self, entity: EntityId) -> Answer<Option<Record>> {
        let found: Option<(String, Vec<u8>)> = self
            .state
            .prepare_cached("SELECT scope, state FROM record WHERE entity = ?1")?
            .query_row([entity.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((scope, state)) = found else { return Ok(None) };
        let covered = Scope::parse(&scope).is_ok_and(|scope| self.areas().covers(&scope));
        if covered { Ok(Some(decode(&state)?)) } else { Ok(None) }
    }

    /// The records of a parent within the areas, in the order in which they began; deleted ones are left out.
    pub fn children(&self, parent: EntityId) -> Answer<Vec<Record>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT scope, state FROM record WHERE parent = ?1 AND life <> 1 ORDER BY sort_ms, no")?;
        let mut rows = statement.query([parent.0])?;
        let mut children = Vec::new();
        while let Some(row) = rows.next()? {
            let scope = Scope::parse(&row.get::<_, String>(0)?);
            if scope.is_ok_and(|scope| self.areas().covers(&scope)) {
                children.push(decode(&row.get::<_, Vec<u8>>(1)?)?);
            }
        }
        Ok(children)
    }

    /// Every row about a record, in hub order.
    pub fn rows_of(&self, entity: EntityId) -> Answer<Vec<Logged>> {
        let mut statement = self.state.prepare_cached(
            "SELECT at_ms, body FROM record JOIN row ON row.record = record.no WHERE entity = ?1 ORDER BY n",
        )?;
        let mut rows = statement.query([entity.0])?;
        let mut logged = Vec::new();
        while let Some(row) = rows.next()? {
            let body: Vec<u8> = row.get(1)?;
            logged.push(Logged { row: Row::decode(&body).map_err(CellError::from)?, received_ms: row.get(0)? });
        }
        Ok(logged)
    }

    /// The latest row of a write, if it has arrived.
    pub fn logged(&self, dot: Dot) -> Answer<Option<Logged>> {
        let Some(row) = read::latest_row(self.state, dot)? else { return Ok(None) };
        let received_ms = read::commit_ms(self.state, row.seq)?;
        Ok(Some(Logged { row, received_ms }))
    }

    /// When the hub had the first of a record.
    pub fn received_ms(&self, entity: EntityId) -> Answer<i64> {
        Ok(self
            .state
            .prepare_cached(
                "SELECT at_ms FROM record JOIN row ON row.record = record.no WHERE entity = ?1 ORDER BY n LIMIT 1",
            )?
            .query_row([entity.0], |row| row.get(0))?)
    }

    pub fn arrived(&self, hash: &[u8; 32]) -> Answer<bool> {
        Ok(self.state.prepare_cached("SELECT 1 FROM blob WHERE hash = ?1")?.exists(params![hash])?)
    }

    pub fn member(&self, id: &ActorId) -> Answer<MemberRef> {
        if let Some(label) = self.labels.borrow().get(id) {
            return Ok(MemberRef { id: id.to_string(), label: label.clone() });
        }
        let label: Option<String> = self
            .state
            .prepare_cached(
                "SELECT label FROM member WHERE id = ?1 UNION ALL SELECT label FROM account WHERE actor = ?1",
            )?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        let label = label.unwrap_or_else(|| id.to_string());
        self.labels.borrow_mut().insert(id.clone(), label.clone());
        Ok(MemberRef { id: id.to_string(), label })
    }

    pub fn author(&self, record: &Record) -> Answer<MemberRef> {
        let held = || record.held.first().map(|work| &work.op.actor);
        match record.author.as_ref().or_else(held) {
            Some(author) => self.member(author),
            None => Ok(MemberRef { id: String::new(), label: String::new() }),
        }
    }

    /// The grid of a record, or the area of one that was written without a place. Nothing for what lies outside
    /// every grid.
    pub fn grid(&self, record: &Record) -> Option<GridRef> {
        let held = || record.held.first().map(|work| work.op.scope);
        let (scope, divisions) = (record.scope.or_else(held)?, &self.desk.divisions);
        let somewhere = record.kind == Some(RecordKind::PATROL) || record.value(FieldNo::POSITION).is_some();
        match scope.grid() {
            Some(grid) => Some(self.grids.reference(divisions, grid)),
            None if somewhere => None,
            None => Some(Grids::area(divisions, scope.area())),
        }
    }

    /// The record that a field names, if it is here and within the areas.
    pub fn reference(&self, entity: EntityId) -> Answer<Option<RecordRef>> {
        self.record(entity)?.map(|record| self.record_ref(&record)).transpose()
    }

    pub fn text(&self, id: &str, args: &[(&str, Arg<'_>)]) -> Text {
        Text { id: id.to_owned(), zh: self.desk.zh.text(id, args), en: self.desk.en.text(id, args) }
    }
}

impl Logged {
    /// When it was written. Without a checked clock the truth lies anywhere between what its author had seen
    /// and the receipt.
    pub fn moment(&self, view: &View<'_>) -> Answer<Moment> {
        let mut moment = moment(self.row.eff);
        if matches!(self.row.eff.quality, TimeQuality::Wall | TimeQuality::Clamped) {
            let seen_ms = read::commit_ms(view.state, self.row.op.seen)?;
            let late = self.received_ms.saturating_sub(moment.ms);
            moment.within_ms = (seen_ms != i64::MIN).then(|| late.max(moment.ms.saturating_sub(seen_ms)));
        }
        Ok(moment)
    }
}

pub(super) fn decode(state: &[u8]) -> Answer<Record> {
    Ok(Record::decode(state).map_err(CellError::from)?)
}

pub(super) fn moment(eff: EffectiveTime) -> Moment {
    let quality = match eff.quality {
        TimeQuality::SameBoot => Quality::SameBoot,
        TimeQuality::Gnss => Quality::Gnss,
        TimeQuality::Wall => Quality::Wall,
        TimeQuality::Clamped => Quality::Clamped,
    };
    Moment { ms: eff.ms, quality, within_ms: None }
}

/// What a phone or a file says, unchecked.
pub(super) fn said(ms: i64) -> Moment {
    Moment { ms, quality: Quality::Wall, within_ms: None }
}

/// When a record was written.
pub(super) fn created(record: &Record) -> Moment {
    let held = || record.held.first().map(|work| work.eff);
    let eff = record.created.as_ref().map(|created| created.eff).or_else(held);
    eff.map_or(said(0), moment)
}

pub(super) fn entity_text(record: &Record) -> EntityText {
    EntityText(record.entity.to_string())
}
