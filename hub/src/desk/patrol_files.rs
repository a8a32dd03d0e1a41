//! A patrol as files for other people's tools: the track with its gaps, where it has fixes, and what was looked at.

use gridpatrol_export::track::{FIX_FIELDS, LINE_FIELDS, fixes, lines};
use gridpatrol_export::{Error, Feature, GeoPackage, Kind, Layer, Shape, Shapes, Value, geojson, kml};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::Segment;
use gridpatrol_model::schema::{FieldNo, RecordKind};

use super::marks::message_id;
use super::patrol_page::{mark_ms, stored_position};
use super::patrols::{Stop, Walk};
use super::track::exported;
use super::view::{View, created};
use super::{Desk, Session};
use crate::api::{Answer, patrols::TrackFormat, problem::Problem};

const PLACE_FIELDS: [(&str, Kind); 5] = [
    ("name", Kind::Text),
    ("place_kind", Kind::Text),
    ("result", Kind::Text),
    ("inspected_at", Kind::Time),
    ("note", Kind::Text),
];

const MARK_FIELDS: [(&str, Kind); 2] = [("name", Kind::Text), ("time", Kind::Time)];

impl Desk {
    pub(crate) fn patrol_file(&self, session: &Session, id: &str, format: TrackFormat) -> Answer<Vec<u8>> {
        self.ask(session, |view| {
            let walk = view.walk(view.open_kind(id, RecordKind::PATROL)?)?;
            let title = view.title(&walk.patrol)?;
            let segments = exported(view.stretches(&walk.own)?).segments;
            let written = match format {
                TrackFormat::GeoJson => as_lines(&title, segments, |layer, track| {
                    let mut file = Vec::new();
                    geojson(&mut file, layer, [track]).map(|()| file)
                }),
                TrackFormat::Kml => as_lines(&title, segments, |layer, track| {
                    let mut file = Vec::new();
                    kml(&mut file, layer, [track]).map(|()| file)
                }),
                TrackFormat::GeoPackage => {
                    let places =
                        view.stops(&walk)?.iter().map(|stop| view.place_feature(stop)).collect::<Answer<_>>()?;
                    package(&title, segments, places, marks(&walk), view.now_ms)
                }
            };
            written.map_err(|error| {
                tracing::error!(%error, "an export could not be written");
                Problem::unavailable()
            })
        })
    }
}

fn as_lines(
    title: &str,
    segments: Vec<Segment>,
    write: impl FnOnce(&Layer, Result<Feature, Error>) -> Result<Vec<u8>, Error>,
) -> Result<Vec<u8>, Error> {
    write(&Layer::new("track", Shapes::Lines, &LINE_FIELDS), lines(title, segments.into_iter().map(Ok)))
}

/// All of it in one file, which opens in a GIS as layers.
fn package(
    title: &str,
    segments: Vec<Segment>,
    places: Vec<Feature>,
    marks: Vec<Feature>,
    now_ms: i64,
) -> Result<Vec<u8>, Error> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("patrol.gpkg");
    let mut file = GeoPackage::create(&path, now_ms)?;
    let track = lines(title, segments.iter().cloned().map(Ok));
    file.add(&Layer::new("track", Shapes::Lines, &LINE_FIELDS), [track])?;
    file.add(&Layer::new("fixes", Shapes::Points, &FIX_FIELDS), fixes(segments.into_iter().map(Ok)))?;
    file.add(&Layer::new("places", Shapes::Points, &PLACE_FIELDS), places.into_iter().map(Ok))?;
    file.add(&Layer::new("marks", Shapes::Points, &MARK_FIELDS), marks.into_iter().map(Ok))?;
    file.finish()?;
    Ok(std::fs::read(&path)?)
}

fn marks(walk: &Walk) -> Vec<Feature> {
    walk.of(RecordKind::MARK)
        .map(|mark| Feature {
            shape: point(stored_position(mark)),
            values: vec![text(mark.text(FieldNo::NAME)), mark_ms(walk, mark).map_or(Value::Null, Value::Time)],
        })
        .collect()
}

impl View<'_> {
    fn place_feature(&self, stop: &Stop) -> Answer<Feature> {
        let word = |prefix: &str, name: &str| self.desk.zh.text(&message_id(prefix, name), &[]);
        let found = stop.inspection.as_ref();
        let place = self.place_ref(&stop.place)?;
        let kind = (!place.kind.is_empty()).then(|| word("place-kind", &place.kind));
        let result = found.and_then(|found| found.text(FieldNo::RESULT)).map(|name| word("result", name));
        Ok(Feature {
            shape: point(stored_position(&stop.place)),
            values: vec![
                Value::Text(place.name),
                text(kind.as_deref()),
                text(result.as_deref()),
                found.map_or(Value::Null, |found| Value::Time(created(found).ms)),
                text(found.and_then(|found| found.text(FieldNo::NOTE))),
            ],
        })
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn point(at: Option<gridpatrol_model::value::Position>) -> Shape {
    at.and_then(|at| E7::new(at.lon_e7, at.lat_e7).ok()).map_or(Shape::Nowhere, Shape::Point)
}
