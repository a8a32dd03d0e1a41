//! Places and when they were last looked at. Nobody's name is on it.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use rusqlite::params;

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
use crate::cell::queue::is_open;

/// All looks so far.
pub(super) const SO_FAR: i64 = i64::MAX;

const DAY_MS: i64 = 86_400_000;
/// A place is due for the last of this many parts of its interval, a day at least.
const DUE_PART: i64 = 7;

/// When a place was looked at, up to some moment.
#[derive(Default)]
pub(super) struct Looks {
    /// The last inspection, whatever it found.
    pub last: Option<Record>,
    /// The last one that reached the place.
    seen_ms: Option<i64>,
}

pub(super) struct Due {
    pub state: DueState,
    pub due_ms: Option<i64>,
    pub every_days: u32,
}

impl Desk {
    pub(crate) fn places(&self, session: &Session, query: &PlaceQuery, paging: &Paging) -> Answer<Page<PlaceRow>> {
        self.ask(session, |view| {
            let scopes = view.filter(query.area.as_deref())?;
            let mut rows = Vec::new();
            for (place, looks) in view.places_looked_at(&scopes, SO_FAR)? {
                let due = due(&place, &looks, view.now_ms);
                if query.state.is_some_and(|state| state != due.state) || !fits(&place, query) {
                    continue;
                }
                let key = format!("{}{}", sortable(due.due_ms.unwrap_or(i64::MAX)), place.entity);
                rows.push((key, (place, looks, due)));
            }
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            let page = slice(rows, paging)?;
            let items = page.items.into_iter().map(|(place, looks, due)| view.place_row(&place, &looks, due));
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
    /// Places of some areas with their looks before a moment.
    pub fn places_looked_at(&self, scopes: &[Scope], before_ms: i64) -> Answer<Vec<(Record, Looks)>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT state FROM record WHERE kind = 3 AND scope >= ?1 AND scope < ?2 AND life <> 1")?;
        let mut places = Vec::new();
        for scope in scopes {
            let mut rows = statement.query(params![scope.as_str(), format!("{scope}:")])?;
            while let Some(row) = rows.next()? {
                let place = decode(&row.get::<_, Vec<u8>>(0)?)?;
                let looks = self.looks(place.entity, before_ms)?;
                places.push((place, looks));
            }
        }
        Ok(places)
    }

    pub fn looks(&self, place: EntityId, before_ms: i64) -> Answer<Looks> {
        let mut statement = self.state.prepare_cached(
            "SELECT sort_ms, state FROM record WHERE place = ?1 AND kind = ?2 AND life <> 1 AND sort_ms < ?3
             ORDER BY sort_ms DESC, entity",
        )?;
        let mut rows = statement.query(params![place.0, RecordKind::INSPECTION.0, before_ms])?;
        let mut looks = Looks::default();
        while let Some(row) = rows.next()? {
            let inspection = decode(&row.get::<_, Vec<u8>>(1)?)?;
            let reached = result(&inspection) != Some(InspectionResult::Unreachable);
            looks.last.get_or_insert(inspection);
            if reached {
                looks.seen_ms = Some(row.get(0)?);
                break;
            }
        }
        Ok(looks)
    }

    pub fn place_ref(&self, place: &Record) -> Answer<PlaceRef> {
        Ok(PlaceRef {
            id: entity_text(place),
            name: self.title(place)?,
            kind: place.text(FieldNo::PLACE_KIND).unwrap_or_default().to_owned(),
        })
    }

    fn place_row(&self, place: &Record, looks: &Looks, due: Due) -> Answer<PlaceRow> {
        Ok(PlaceRow {
            place: self.place_ref(place)?,
            grid: self.grid(place),
            position: place.value(FieldNo::POSITION).and_then(|at| at.as_position()).map(position),
            every_days: due.every_days,
            state: due.state,
            due_ms: due.due_ms,
            last: looks.last.as_ref().map(|inspection| self.last_look(inspection)).transpose()?.flatten(),
            open_cases: self.open_cases(place.entity)?,
        })
    }

    fn last_look(&self, inspection: &Record) -> Answer<Option<LastLook>> {
        let Some(result) = result(inspection) else { return Ok(None) };
        let patrol = match inspection.value(FieldNo::PARENT).and_then(|parent| parent.as_entity()) {
            Some(patrol) => self.reference(patrol)?,
            None => None,
        };
        Ok(Some(LastLook { at: created(inspection), result, patrol }))
    }

    fn open_cases(&self, place: EntityId) -> Answer<u32> {
        let mut statement =
            self.state.prepare_cached("SELECT stage FROM record WHERE place = ?1 AND kind = ?2 AND life <> 1")?;
        let stages = statement.query_map(params![place.0, RecordKind::CASE.0], |row| row.get::<_, Option<i64>>(0))?;
        let mut open = 0;
        for stage in stages {
            let stage = stage?.and_then(gridpatrol_model::workflow::Stage::from_code);
            open += u32::from(stage.is_some_and(is_open));
        }
        Ok(open)
    }
}

/// How due a place is at a moment. One that nobody has looked at yet is due from its first day on.
pub(super) fn due(place: &Record, looks: &Looks, now_ms: i64) -> Due {
    let every_days = place.int(FieldNo::INTERVAL_DAYS).and_then(|days| u32::try_from(days).ok()).unwrap_or(0);
    let interval = i64::from(every_days) * DAY_MS;
    let from = looks.seen_ms.unwrap_or_else(|| created(place).ms);
    let due_ms = (every_days > 0).then(|| from.saturating_add(interval));
    let window = (interval / DUE_PART).max(DAY_MS);
    let unreached = looks.last.as_ref().is_some_and(|last| result(last) == Some(InspectionResult::Unreachable));
    let state = match due_ms {
        _ if unreached => DueState::Unreachable,
        None => DueState::Seen,
        Some(due) if now_ms > due => DueState::Overdue,
        Some(due) if looks.seen_ms.is_none() || now_ms > due - window => DueState::Due,
        Some(_) => DueState::Seen,
    };
    Due { state, due_ms, every_days }
}

pub(super) fn result(inspection: &Record) -> Option<InspectionResult> {
    match inspection.text(FieldNo::RESULT)? {
        "normal" => Some(InspectionResult::Normal),
        "problem" => Some(InspectionResult::Problem),
        "unreachable" => Some(InspectionResult::Unreachable),
        _ => None,
    }
}
