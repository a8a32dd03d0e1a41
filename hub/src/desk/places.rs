//! Places and when they were last looked at. Nobody's name is on it.

use gridpatrol_model::area::Scope;
use gridpatrol_model::due as model;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use rusqlite::{OptionalExtension, params};

use super::paging::{slice, sortable};
use super::values::position;
use super::view::{View, created, decode, entity_text};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{Page, Paging},
    patrols::InspectionResult,
    places::{DueState, LastLook, PlaceQuery, PlaceRef, PlaceRow},
};
use crate::cell::{index::began_ms, queue::is_open};

/// All looks so far.
pub(super) const SO_FAR: i64 = i64::MAX;

impl From<model::DueState> for DueState {
    fn from(state: model::DueState) -> Self {
        match state {
            model::DueState::Overdue => DueState::Overdue,
            model::DueState::Due => DueState::Due,
            model::DueState::Unreachable => DueState::Unreachable,
            model::DueState::Seen => DueState::Seen,
        }
    }
}

impl Desk {
    pub(crate) fn places(&self, session: &Session, query: &PlaceQuery, paging: &Paging) -> Answer<Page<PlaceRow>> {
        self.ask(session, |view| {
            let scopes = view.filter(query.area.as_deref())?;
            let mut rows = Vec::new();
            for (place, last) in view.places_looked_at(&scopes, SO_FAR)? {
                let due = due(&place, last.as_ref(), view.now_ms);
                if query.state.is_some_and(|state| state != due.state.into()) || !fits(&place, query) {
                    continue;
                }
                // Where nobody ever looked, it waits since it is there.
                let since = due.due_ms.unwrap_or_else(|| created(&place).ms);
                rows.push((format!("{}{}", sortable(since), place.entity), (place, last, due)));
            }
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            let page = slice(rows, paging)?;
            let items = page.items.into_iter().map(|(place, last, due)| view.place_row(&place, last.as_ref(), due));
            Ok(Page { items: items.collect::<Answer<_>>()?, next: page.next })
        })
    }
}

fn fits(place: &Record, query: &PlaceQuery) -> bool {
    let text = |no| place.text(no).unwrap_or_default();
    query.kind.as_deref().is_none_or(|kind| text(FieldNo::PLACE_KIND) == kind)
        && query.q.as_deref().is_none_or(|words| text(FieldNo::NAME).contains(words.trim()))
}

impl View<'_> {
    /// Places of some areas with their last look before a moment.
    pub fn places_looked_at(&self, scopes: &[Scope], before_ms: i64) -> Answer<Vec<(Record, Option<Record>)>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT state FROM record INDEXED BY place_of_scope WHERE kind = 3 AND scope >= ?1 AND scope < ?2 AND life <> 1")?;
        let mut places = Vec::new();
        for scope in scopes {
            let mut rows = statement.query(params![scope.as_str(), format!("{scope}:")])?;
            while let Some(row) = rows.next()? {
                let place = decode(&row.get::<_, Vec<u8>>(0)?)?;
                let last = self.last_look(place.entity, before_ms)?;
                places.push((place, last));
            }
        }
        Ok(places)
    }

    pub fn last_look(&self, place: EntityId, before_ms: i64) -> Answer<Option<Record>> {
        let state: Option<Vec<u8>> = self
            .state
            .prepare_cached(
                "SELECT state FROM record INDEXED BY record_of_place
                 WHERE place = ?1 AND kind = ?2 AND life <> 1 AND sort_ms < ?3
                 ORDER BY sort_ms DESC, no LIMIT 1",
            )?
            .query_row(params![place.0, RecordKind::INSPECTION.0, before_ms], |row| row.get(0))
            .optional()?;
        state.map(|state| decode(&state)).transpose()
    }

    pub fn place_ref(&self, place: &Record) -> Answer<PlaceRef> {
        Ok(PlaceRef {
            id: entity_text(place),
            name: self.title(place)?,
            kind: place.text(FieldNo::PLACE_KIND).unwrap_or_default().to_owned(),
        })
    }

    fn place_row(&self, place: &Record, last: Option<&Record>, due: model::Due) -> Answer<PlaceRow> {
        Ok(PlaceRow {
            place: self.place_ref(place)?,
            grid: self.grid(place),
            position: place.value(FieldNo::POSITION).and_then(|at| at.as_position()).map(position),
            every_days: place.int(FieldNo::INTERVAL_DAYS).and_then(|days| u32::try_from(days).ok()).unwrap_or(0),
            state: due.state.into(),
            due_ms: due.due_ms,
            last: last.map(|inspection| self.shown_look(inspection)).transpose()?.flatten(),
            open_cases: self.open_cases(place.entity)?,
        })
    }

    fn shown_look(&self, inspection: &Record) -> Answer<Option<LastLook>> {
        let Some(result) = result(inspection) else { return Ok(None) };
        let patrol = match inspection.value(FieldNo::PARENT).and_then(|parent| parent.as_entity()) {
            Some(patrol) => self.reference(patrol)?,
            None => None,
        };
        Ok(Some(LastLook { at: created(inspection), result, patrol }))
    }

    fn open_cases(&self, place: EntityId) -> Answer<u32> {
        let mut statement = self.state.prepare_cached(
            "SELECT stage FROM record INDEXED BY record_of_place WHERE place = ?1 AND kind = ?2 AND life <> 1",
        )?;
        let stages = statement.query_map(params![place.0, RecordKind::CASE.0], |row| row.get::<_, Option<i64>>(0))?;
        let mut open = 0;
        for stage in stages {
            let stage = stage?.and_then(gridpatrol_model::workflow::Stage::from_code);
            open += u32::from(stage.is_some_and(is_open));
        }
        Ok(open)
    }
}

/// How due a place is at a moment, after its last look.
pub(super) fn due(place: &Record, last: Option<&Record>, now_ms: i64) -> model::Due {
    let look = last
        .map(|last| model::LastLook { at_ms: began_ms(last), result: last.text(FieldNo::RESULT).unwrap_or_default() });
    model::due(place.int(FieldNo::INTERVAL_DAYS), look, now_ms)
}

pub(super) fn result(inspection: &Record) -> Option<InspectionResult> {
    match inspection.text(FieldNo::RESULT)? {
        "normal" => Some(InspectionResult::Normal),
        "problem" => Some(InspectionResult::Problem),
        "unreachable" => Some(InspectionResult::Unreachable),
        _ => None,
    }
}
