//! Places: what is due near here, and looking at one. 一切正常 is one call.

use std::sync::Arc;

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::snap::offered_round;
use gridpatrol_model::author;
use gridpatrol_model::due::{Due, DueState, LastLook, due};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::{FieldKey, Set};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::{Query, View};

use crate::core::{Core, checked, create, sets};
use crate::error::{Result, Rule};
use crate::labels;
use crate::types::{Position, RecordRef};

/// How long an inspection can be taken back by one tap, milliseconds.
const UNDO_MS: i64 = 10_000;

pub struct Places {
    pub(crate) core: Arc<Core>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum InspectionResult {
    Normal,
    Problem,
    Unreachable,
}

/// A line of a checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Answer {
    pub item: String,
    pub answer: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewInspection {
    pub place: String,
    pub result: InspectionResult,
    pub note: Option<String>,
    /// Where the phone was. None is valid and counts the same.
    pub position: Option<Position>,
    pub checklist: Vec<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum PlaceState {
    Overdue,
    Due,
    Unreachable,
    Seen,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Place {
    pub id: String,
    pub name: String,
    /// `place-kind-reservoir`, …
    pub kind: String,
    pub scope: Option<String>,
    pub position: Option<Position>,
    pub state: PlaceState,
    /// `due-overdue`, …
    pub label: String,
    pub due_ms: Option<i64>,
    pub last_ms: Option<i64>,
    /// Metres from where it was asked.
    pub distance_m: Option<u32>,
}

impl InspectionResult {
    pub(crate) fn word(self) -> &'static str {
        match self {
            InspectionResult::Normal => "normal",
            InspectionResult::Problem => "problem",
            InspectionResult::Unreachable => gridpatrol_model::due::UNREACHABLE,
        }
    }
}

impl From<DueState> for PlaceState {
    fn from(state: DueState) -> Self {
        match state {
            DueState::Overdue => PlaceState::Overdue,
            DueState::Due => PlaceState::Due,
            DueState::Unreachable => PlaceState::Unreachable,
            DueState::Seen => PlaceState::Seen,
        }
    }
}

impl Places {
    /// Places worth going to, the nearest first where a position is known, else the longest due first.
    pub fn due(&self, near: Option<Position>, limit: u32) -> Result<Vec<Place>> {
        let mut due: Vec<Place> = self.all(near)?.into_iter().filter(|place| place.state != PlaceState::Seen).collect();
        match near {
            // Both sorts keep the order of names among equals.
            Some(_) => due.sort_by_key(|place| place.distance_m.unwrap_or(u32::MAX)),
            None => due.sort_by_key(|place| place.due_ms),
        }
        due.truncate(limit as usize);
        Ok(due)
    }

    /// An order in which to walk to what is due, from where the member stands: always the nearest next. An offer, and
    /// nothing depends on its being taken. Places without a position come last.
    pub fn round(&self, from: Position) -> Result<Vec<Place>> {
        let (placed, mut rest): (Vec<Place>, Vec<Place>) =
            self.due(Some(from), u32::MAX)?.into_iter().partition(|place| place.position.is_some());
        let at = |position: Position| E7::new(position.lon_e7, position.lat_e7);
        let places = placed.iter().filter_map(|place| place.position).map(at).collect::<Result<Vec<_>, _>>()?;
        let order = offered_round(&places, at(from)?);
        let mut round: Vec<Place> = order.into_iter().map(|number| placed[number].clone()).collect();
        round.append(&mut rest);
        Ok(round)
    }

    /// All places of this phone's areas, by name.
    pub fn all(&self, near: Option<Position>) -> Result<Vec<Place>> {
        let views = self.core.all(Query { kind: Some(RecordKind::PLACE), ..Query::default() })?;
        let mut places = views.iter().map(|view| Place::of(&self.core, view, near)).collect::<Result<Vec<Place>>>()?;
        places.sort_by(|one, two| (&one.name, &one.id).cmp(&(&two.name, &two.id)));
        Ok(places)
    }

    /// 一切正常 in one call.
    pub fn normal(&self, place: &str, position: Option<Position>) -> Result<String> {
        let result = InspectionResult::Normal;
        self.inspect(NewInspection { place: place.to_owned(), result, note: None, position, checklist: Vec::new() })
    }

    /// Saves what was found and gives the id of the inspection. On a patrol it belongs to that patrol.
    pub fn inspect(&self, inspection: NewInspection) -> Result<String> {
        let core = &self.core;
        let place = core.record_of(&inspection.place, RecordKind::PLACE)?.record;
        let scope = core.scope_for(Some(&place), inspection.position)?;
        let patrol = core.walk()?.walk.as_ref().map(|walk| walk.patrol);
        let mut fields = sets([
            (FieldNo::PARENT, patrol.map(Value::entity)),
            (FieldNo::POSITION, inspection.position.map(Value::position)),
            (FieldNo::NOTE, inspection.note.as_deref().map(Value::text)),
            (FieldNo::PLACE, Some(Value::entity(place.entity))),
            (FieldNo::RESULT, Some(Value::text(inspection.result.word()))),
            (FieldNo::INSPECTED_AT, Some(Value::int(core.now().wall_ms))),
        ]);
        fields.extend(inspection.checklist.iter().map(answered));
        let fields = checked(fields)?;
        let saved = core.store.save(|batch| batch.add(create(RecordKind::INSPECTION, scope, fields)))?;
        Ok(saved.entity.to_string())
    }

    /// Takes an own inspection back within ten seconds.
    pub fn undo(&self, inspection: &str) -> Result<()> {
        let view = self.core.record_of(inspection, RecordKind::INSPECTION)?;
        if view.record.author.as_ref() != Some(self.core.member()) {
            return Err(Rule::NotAllowed.into());
        }
        if !age_ms(&self.core, &view.record)?.is_some_and(|age| (0..=UNDO_MS).contains(&age)) {
            return Err(Rule::UndoTooLate.into());
        }
        let kind = author::delete(&view.record);
        self.core.change(&view, kind, Vec::new())
    }
}

/// How long ago a record was created, by the clock that cannot be set. Once its op has left the phone, or the phone
/// was restarted, by the wall clock: an age below zero is none.
fn age_ms(core: &Core, record: &Record) -> Result<Option<i64>> {
    let Some(created) = &record.created else { return Ok(None) };
    let now = core.now();
    let written = core.store.outbox_op(created.dot.replica, created.dot.rseq)?;
    let written = written.filter(|(dot, ..)| *dot == created.dot).map(|(.., op)| op.time);
    Ok(match written.filter(|time| time.boot_id == now.boot_id) {
        Some(time) => now.mono_ms.checked_sub(time.mono_ms).and_then(|age| i64::try_from(age).ok()),
        None => now.wall_ms.checked_sub(created.eff.ms),
    })
}

fn answered(answer: &Answer) -> Set {
    author::first(FieldKey::item(FieldNo::CHECKLIST, &answer.item), Value::text(&answer.answer))
}

impl Place {
    pub(crate) fn of(core: &Core, view: &View, near: Option<Position>) -> Result<Self> {
        let record = &view.record;
        let (due, last_ms) = standing(core, record)?;
        let position = record.value(FieldNo::POSITION).and_then(Value::as_position);
        Ok(Place {
            id: record.entity.to_string(),
            name: RecordRef::of(record).title,
            kind: record
                .text(FieldNo::PLACE_KIND)
                .map_or_else(|| labels::kind(record.kind), |kind| labels::id("place-kind", kind)),
            scope: record.scope.map(|scope| scope.to_string()),
            position,
            state: due.state.into(),
            label: due.state.message_id().to_owned(),
            due_ms: due.due_ms,
            last_ms,
            distance_m: near.zip(position).map(|(from, to)| between(from, to)).transpose()?,
        })
    }
}

/// How a place stands by the newest inspection of anybody. When that was is the best time of the record, as at the
/// hub, and not what the phone of its author took for the time.
pub(crate) fn standing(core: &Core, place: &Record) -> Result<(Due, Option<i64>)> {
    let last = newest_look(core, place.entity)?;
    let look = last.as_ref().and_then(|record| {
        let at_ms = record.created.as_ref()?.eff.ms;
        Some(LastLook { at_ms, result: record.text(FieldNo::RESULT).unwrap_or_default() })
    });
    let interval = place.int(FieldNo::INTERVAL_DAYS);
    Ok((due(interval, look, core.now().wall_ms), look.map(|look| look.at_ms)))
}

fn newest_look(core: &Core, place: EntityId) -> Result<Option<Record>> {
    let query = Query { kind: Some(RecordKind::INSPECTION), place: Some(place), limit: 1, ..Query::default() };
    Ok(core.store.list(&query)?.items.into_iter().next().map(|view| view.record))
}

fn between(from: Position, to: Position) -> Result<u32> {
    Ok(metres(E7::new(from.lon_e7, from.lat_e7)?, E7::new(to.lon_e7, to.lat_e7)?).round() as u32)
}
