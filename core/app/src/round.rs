//! All that belongs to a patrol, gathered once and shown as a line of the list or as the whole.

use std::collections::BTreeSet;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::View;

use crate::cases::CaseRow;
use crate::core::Core;
use crate::error::Result;
use crate::patrols::PatrolRow;
use crate::photos::Photo;
use crate::track::{self, TrackGap, TrackSegment};
use crate::types::{Moment, Position, Receipt, ReceiptCounts, RecordRef};

/// One patrol: its track with the gaps, what was looked at, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Patrol {
    pub row: PatrolRow,
    pub segments: Vec<TrackSegment>,
    pub gaps: Vec<TrackGap>,
    /// Parts of the track whose points are not on this phone.
    pub chunks_elsewhere: u32,
    pub inspections: Vec<Inspection>,
    pub cases: Vec<CaseRow>,
    pub photos: Vec<Photo>,
    pub marks: Vec<Mark>,
    /// Places of the patrol's area: looked at on this patrol or not.
    pub places: Vec<PatrolPlace>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Inspection {
    pub id: String,
    pub place: Option<RecordRef>,
    /// `result-normal`, …
    pub result: String,
    pub at: Moment,
    pub position: Option<Position>,
    pub note: Option<String>,
    pub receipt: Option<Receipt>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Mark {
    pub id: String,
    pub name: Option<String>,
    pub position: Option<Position>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PatrolPlace {
    pub place: RecordRef,
    pub looked_at: bool,
}

pub(crate) struct Round {
    patrol: View,
    children: Vec<View>,
    /// Photos of the inspections and cases.
    photos: Vec<View>,
}

impl Round {
    pub fn gather(core: &Core, patrol: View) -> Result<Round> {
        let children = core.children(patrol.record.entity)?;
        let mut photos: Vec<View> = children.iter().filter(|child| is(child, RecordKind::PHOTO)).cloned().collect();
        for child in &children {
            if is(child, RecordKind::INSPECTION) || is(child, RecordKind::CASE) {
                let below = core.children(child.record.entity)?;
                photos.extend(below.into_iter().filter(|view| is(view, RecordKind::PHOTO)));
            }
        }
        photos.sort_by_key(|photo| (photo.record.int(FieldNo::TAKEN_AT), photo.record.entity));
        Ok(Round { patrol, children, photos })
    }

    fn of_kind(&self, kind: RecordKind) -> impl Iterator<Item = &View> {
        self.children.iter().filter(move |child| is(child, kind))
    }

    /// All that is own work of it, each record once.
    fn receipts(&self, waiting: &BTreeSet<EntityId>) -> ReceiptCounts {
        let below = self.photos.iter().filter(|photo| photo.record.value(FieldNo::PARENT) != Some(&self.key()));
        let all = std::iter::once(&self.patrol).chain(&self.children).chain(below);
        let receipts: Vec<Receipt> =
            all.filter_map(|view| Receipt::of(view, waiting.contains(&view.record.entity))).collect();
        ReceiptCounts::of(receipts.iter())
    }

    fn key(&self) -> Value {
        Value::entity(self.patrol.record.entity)
    }

    pub fn row(&self, core: &Core, waiting: &BTreeSet<EntityId>) -> PatrolRow {
        let count = |kind| self.of_kind(kind).count() as u32;
        let problem = |view: &&View| view.record.text(FieldNo::RESULT) == Some("problem");
        let gaps =
            self.of_kind(RecordKind::TRACK_CHUNK).filter(|chunk| chunk.record.value(FieldNo::GAP_BEFORE).is_some());
        PatrolRow {
            places_seen: self.places_seen().len() as u32,
            problems: self.of_kind(RecordKind::INSPECTION).filter(problem).count() as u32,
            cases: count(RecordKind::CASE),
            photos: self.photos.len() as u32,
            marks: count(RecordKind::MARK),
            gaps: gaps.count() as u32,
            receipts: self.receipts(waiting),
            ..PatrolRow::of(core, &self.patrol)
        }
    }

    fn places_seen(&self) -> BTreeSet<EntityId> {
        let places =
            self.of_kind(RecordKind::INSPECTION).filter_map(|view| view.record.value(FieldNo::PLACE)?.as_entity());
        places.collect()
    }

    pub fn detail(self, core: &Core) -> Result<Patrol> {
        let waiting = core.waiting_files()?;
        let chunks: Vec<View> = self.of_kind(RecordKind::TRACK_CHUNK).cloned().collect();
        let lines = track::lines(core, self.patrol.record.entity, &chunks)?;
        let photos = self.photos.iter().map(|view| Photo::of(core, view, waiting.contains(&view.record.entity)));
        let mut inspections: Vec<Inspection> =
            self.of_kind(RecordKind::INSPECTION).map(|view| Inspection::of(core, view)).collect::<Result<_>>()?;
        inspections.sort_by_key(|inspection| inspection.at.ms);
        Ok(Patrol {
            row: self.row(core, &waiting),
            segments: lines.segments,
            gaps: lines.gaps,
            chunks_elsewhere: lines.elsewhere,
            inspections,
            cases: self.of_kind(RecordKind::CASE).map(CaseRow::of).collect(),
            photos: photos.collect::<Result<_>>()?,
            marks: self.of_kind(RecordKind::MARK).map(|view| Mark::of(&view.record)).collect(),
            places: self.places(core)?,
        })
    }

    fn places(&self, core: &Core) -> Result<Vec<PatrolPlace>> {
        let seen = self.places_seen();
        let scope = self.patrol.record.scope;
        let query = gridpatrol_store::Query { kind: Some(RecordKind::PLACE), scope, ..Default::default() };
        let mut places: Vec<PatrolPlace> = core
            .all(query)?
            .iter()
            .map(|view| PatrolPlace {
                place: RecordRef::of(&view.record),
                looked_at: seen.contains(&view.record.entity),
            })
            .collect();
        places.sort_by(|one, two| (&one.place.title, &one.place.id).cmp(&(&two.place.title, &two.place.id)));
        Ok(places)
    }
}

fn is(view: &View, kind: RecordKind) -> bool {
    view.record.kind == Some(kind)
}

impl Inspection {
    fn of(core: &Core, view: &View) -> Result<Self> {
        let record = &view.record;
        let place = record.value(FieldNo::PLACE).and_then(Value::as_entity);
        let place = place.map(|place| core.store.record(place)).transpose()?.flatten();
        Ok(Inspection {
            id: record.entity.to_string(),
            place: place.map(|place| RecordRef::of(&place.record)),
            result: format!("result-{}", record.text(FieldNo::RESULT).unwrap_or_default()),
            at: Moment::created(record),
            position: record.value(FieldNo::POSITION).and_then(Value::as_position),
            note: record.text(FieldNo::NOTE).map(str::to_owned),
            receipt: Receipt::of(view, false),
        })
    }
}

impl Mark {
    fn of(record: &Record) -> Self {
        Mark {
            id: record.entity.to_string(),
            name: record.text(FieldNo::NAME).map(str::to_owned),
            position: record.value(FieldNo::POSITION).and_then(Value::as_position),
        }
    }
}
