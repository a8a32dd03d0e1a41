//! The patrol log: what waits for review, newest first. No totals by member.

use gridpatrol_model::due::DueState;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

use super::paging::{List, Order};
use super::places::{due, result};
use super::view::{View, created, entity_text, moment, said};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{Moment, Page, Paging},
    patrols::{InspectionResult, PatrolQuery, PatrolRow, PatrolState},
    problem::Problem,
};

pub(super) const DAY_MS: i64 = 86_400_000;

/// A patrol with what came of it: its own records, and those of its inspections and cases.
pub(super) struct Walk {
    pub patrol: Record,
    pub own: Vec<Record>,
    pub deeper: Vec<Record>,
}

/// A place that was due when the walk began, or was looked at.
pub(super) struct Stop {
    pub place: Record,
    pub inspection: Option<Record>,
}

impl Desk {
    pub(crate) fn patrols(&self, session: &Session, query: &PatrolQuery, paging: &Paging) -> Answer<Page<PatrolRow>> {
        self.ask(session, |view| {
            let mut list = List::within(Order::NewestFirst, &view.filter(query.area.as_deref())?);
            list.equal("record.kind", i64::from(RecordKind::PATROL.0));
            if let Some(member) = &query.member {
                list.equal("record.author", member.clone());
            }
            if let Some(state) = query.state {
                list.equal("record.ended", i64::from(state == PatrolState::Ended));
            }
            if let Some(day) = &query.day {
                let begins = day_ms(day.parse().map_err(|_| Problem::unreadable())?)?;
                let (from, to) = (list.arg(begins), list.arg(begins + DAY_MS));
                list.only(format!("record.sort_ms >= {from} AND record.sort_ms < {to}"));
            }
            view.page(&list, paging, |record| {
                if query.state.is_some_and(|asked| asked != state(&record)) {
                    return Ok(None);
                }
                view.patrol_row(&view.walk(record)?).map(Some)
            })
        })
    }
}

/// Midnight of a day in China, milliseconds UTC.
pub(super) fn day_ms(day: Date) -> Answer<i64> {
    let midnight = TimeZone::fixed(offset(8)).to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| Problem::unreadable())?;
    Ok(midnight.as_millisecond())
}

impl View<'_> {
    /// When the present day began in China, milliseconds UTC.
    pub fn today_ms(&self) -> i64 {
        const EAST_MS: i64 = 8 * 3_600_000;
        (self.now_ms + EAST_MS).div_euclid(DAY_MS) * DAY_MS - EAST_MS
    }

    pub fn walk(&self, patrol: Record) -> Answer<Walk> {
        let own = self.children(patrol.entity)?;
        let mut deeper = Vec::new();
        for record in &own {
            if matches!(record.kind, Some(RecordKind::INSPECTION | RecordKind::CASE)) {
                deeper.extend(self.children(record.entity)?);
            }
        }
        Ok(Walk { patrol, own, deeper })
    }

    pub fn patrol_row(&self, walk: &Walk) -> Answer<PatrolRow> {
        let stops = self.stops(walk)?;
        let seen = stops.iter().filter(|stop| stop.inspection.is_some()).count();
        let problems = walk.of(RecordKind::INSPECTION).filter(|found| result(found) == Some(InspectionResult::Problem));
        Ok(PatrolRow {
            id: entity_text(&walk.patrol),
            member: self.author(&walk.patrol)?,
            grid: self.grid(&walk.patrol),
            state: state(&walk.patrol),
            start: start(&walk.patrol),
            end: end(&walk.patrol),
            places_seen: seen as u32,
            places_due: stops.len() as u32,
            problems: problems.count() as u32,
            cases: walk.of(RecordKind::CASE).count() as u32,
            photos: walk.of(RecordKind::PHOTO).count() as u32,
            gaps: self.gap_count(&walk.own),
            outside: self.leaves_grids(&walk.own)?,
            imported: imported(&walk.patrol),
            receipts: self.receipts(walk.records())?,
        })
    }

    /// Places looked at in the order of the walk, then those that were due and missed.
    pub fn stops(&self, walk: &Walk) -> Answer<Vec<Stop>> {
        let mut stops: Vec<Stop> = Vec::new();
        for inspection in walk.of(RecordKind::INSPECTION) {
            let Some(place) = inspection.value(FieldNo::PLACE).and_then(Value::as_entity) else { continue };
            if let Some(stop) = stops.iter_mut().find(|stop| stop.place.entity == place) {
                stop.inspection = Some(inspection.clone());
            } else if let Some(place) = self.record(place)? {
                stops.push(Stop { place, inspection: Some(inspection.clone()) });
            }
        }
        let grid = walk.patrol.scope.filter(|scope| scope.grid().is_some());
        let began = start(&walk.patrol).ms;
        let over = end(&walk.patrol).map_or(self.now_ms, |end| end.ms);
        for (place, last) in self.places_looked_at(grid.as_slice(), began)? {
            let known = stops.iter().any(|stop| stop.place.entity == place.entity) || created(&place).ms > over;
            if !known && due(&place, last.as_ref(), began).state != DueState::Seen {
                stops.push(Stop { place, inspection: None });
            }
        }
        Ok(stops)
    }
}

impl Walk {
    /// Records of a kind, those of the patrol itself first.
    pub fn of(&self, kind: RecordKind) -> impl Iterator<Item = &Record> {
        self.own.iter().chain(&self.deeper).filter(move |record| record.kind == Some(kind))
    }

    pub fn records(&self) -> impl Iterator<Item = &Record> {
        std::iter::once(&self.patrol).chain(&self.own).chain(&self.deeper)
    }
}

pub(super) fn imported(patrol: &Record) -> bool {
    patrol.value(FieldNo::FILE_NAME).is_some()
}

/// A file says when it was walked; of a walk with the app the hub knows it better than the phone's clock.
pub(super) fn start(patrol: &Record) -> Moment {
    match patrol.int(FieldNo::STARTED).filter(|_| imported(patrol)) {
        Some(ms) => said(ms),
        None => created(patrol),
    }
}

fn end(patrol: &Record) -> Option<Moment> {
    let write = patrol.shown(&FieldNo::ENDED.into()).filter(|write| !write.value.is_null())?;
    if imported(patrol) { write.value.as_int().map(said) } else { Some(moment(write.eff)) }
}

/// A pause is an item named by its beginning; it holds its end, or its beginning again while it lasts.
fn state(patrol: &Record) -> PatrolState {
    let lasts = |(from, until): (&str, &Value)| from.parse().ok() == until.as_int();
    if patrol.value(FieldNo::ENDED).is_some() {
        PatrolState::Ended
    } else if patrol.items(FieldNo::PAUSES).any(lasts) {
        PatrolState::Paused
    } else {
        PatrolState::Walking
    }
}
