//! One patrol: where it went, what was looked at, what came of it; and the same as files.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::gpx;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};

use super::patrols::{Stop, Walk, imported};
use super::places::result;
use super::shown_track::passed;
use super::track::{Stretch, exported};
use super::values::position;
use super::view::{View, created, entity_text};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::Position as Shown,
    patrols::{ChecklistItem, Inspection, Mark, Patrol, PatrolCase, PatrolPlace},
    photos::Photo,
};

impl Desk {
    pub(crate) fn patrol(&self, session: &Session, id: &str) -> Answer<Patrol> {
        self.ask(session, |view| {
            let walk = view.walk(view.open_kind(id, RecordKind::PATROL)?)?;
            let photos = view.photos(walk.of(RecordKind::PHOTO))?;
            let stops = view.stops(&walk)?;
            let stretches = view.stretches(&walk.own)?;
            let place = |stop| view.patrol_place(&walk, stop, &photos, &stretches);
            Ok(Patrol {
                summary: view.patrol_row(&walk)?,
                track: view.shown_track(&stretches),
                places: stops.iter().map(place).collect::<Answer<_>>()?,
                cases: walk.of(RecordKind::CASE).map(|case| view.patrol_case(case)).collect::<Answer<_>>()?,
                marks: walk.of(RecordKind::MARK).filter_map(|mark| shown_mark(&walk, mark)).collect(),
                photos,
                receipts: walk.records().map(|record| view.receipt(record)).collect::<Answer<_>>()?,
            })
        })
    }

    pub(crate) fn patrol_gpx(&self, session: &Session, id: &str) -> Answer<Vec<u8>> {
        self.ask(session, |view| {
            let walk = view.walk(view.open_kind(id, RecordKind::PATROL)?)?;
            let track = exported(view.stretches(&walk.own)?);
            let marks: Vec<gpx::Mark> = walk.of(RecordKind::MARK).filter_map(|mark| file_mark(&walk, mark)).collect();
            Ok(gpx::export(Some(&view.title(&walk.patrol)?), &track, &marks).into_bytes())
        })
    }
}

impl View<'_> {
    fn patrol_place(&self, walk: &Walk, stop: &Stop, photos: &[Photo], stretches: &[Stretch]) -> Answer<PatrolPlace> {
        let inspection = match &stop.inspection {
            Some(inspection) => self.inspection(walk, inspection, photos)?,
            None => None,
        };
        Ok(PatrolPlace {
            place: self.place_ref(&stop.place)?,
            position: shown_position(&stop.place),
            passed: stored_place(&stop.place).and_then(|place| passed(stretches, place)),
            inspection,
            missed: None,
        })
    }

    fn inspection(&self, walk: &Walk, inspection: &Record, photos: &[Photo]) -> Answer<Option<Inspection>> {
        let Some(result) = result(inspection) else { return Ok(None) };
        let id = entity_text(inspection);
        let place = inspection.value(FieldNo::PLACE);
        let of_it = |case: &&Record| {
            let under = case.value(FieldNo::PARENT).and_then(Value::as_entity) == Some(inspection.entity);
            under || place.is_some() && case.value(FieldNo::PLACE) == place
        };
        let case = walk.of(RecordKind::CASE).find(of_it);
        let position = shown_position(inspection);
        Ok(Some(Inspection {
            result,
            at: created(inspection),
            // What stands in for a fix is not recorded yet: without one the member vouches for the place.
            evidence: if position.is_some() { "gnss" } else { "by_hand" }.to_owned(),
            position,
            note: inspection.text(FieldNo::NOTE).map(str::to_owned),
            checklist: inspection.items(FieldNo::CHECKLIST).map(checklist_item).collect(),
            photos: photos.iter().filter(|photo| photo.of.id == id).map(|photo| photo.number).collect(),
            case: case.map(|case| self.record_ref(case)).transpose()?,
            id,
        }))
    }

    fn patrol_case(&self, case: &Record) -> Answer<PatrolCase> {
        Ok(PatrolCase {
            record: self.record_ref(case)?,
            stage: case.stage().map_or("draft", |stage| stage.name()).to_owned(),
            at: created(case),
            position: shown_position(case),
        })
    }
}

pub(super) fn shown_position(record: &Record) -> Option<Shown> {
    stored_position(record).map(position)
}

pub(super) fn stored_position(record: &Record) -> Option<Position> {
    record.value(FieldNo::POSITION).and_then(Value::as_position)
}

pub(super) fn stored_place(record: &Record) -> Option<E7> {
    stored_position(record).and_then(|at| E7::new(at.lon_e7, at.lat_e7).ok())
}

/// A mark of a file has no time here; one that was set on the walk has that of its record.
pub(super) fn mark_ms(walk: &Walk, mark: &Record) -> Option<i64> {
    (!imported(&walk.patrol)).then(|| created(mark).ms)
}

fn shown_mark(walk: &Walk, mark: &Record) -> Option<Mark> {
    let name = mark.text(FieldNo::NAME).unwrap_or_default().to_owned();
    Some(Mark { name, position: shown_position(mark)?, at_ms: mark_ms(walk, mark) })
}

fn file_mark(walk: &Walk, mark: &Record) -> Option<gpx::Mark> {
    let name = mark.text(FieldNo::NAME).map(str::to_owned);
    Some(gpx::Mark { name, at: stored_place(mark)?, time_ms: mark_ms(walk, mark), ele_dm: None })
}

fn checklist_item((item, answer): (&str, &Value)) -> ChecklistItem {
    ChecklistItem { item: item.to_owned(), answer: answer.as_text().unwrap_or_default().to_owned() }
}
