//! A patrol as files for other people's tools: the track with its gaps, where it has fixes, and what was looked at.

use gridpatrol_export::track::{FIX_FIELDS, LINE_FIELDS, fixes, lines};
use gridpatrol_export::{CsvStyle, Error, Feature, GeoPackage, Kind, Layer, Shape, Shapes, Value, csv, geojson, kml};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::Segment;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

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
            written.map_err(not_written)
        })
    }
}

impl Desk {
    /// The places of a patrol for a spreadsheet.
    pub(crate) fn patrol_csv(&self, session: &Session, id: &str) -> Answer<Vec<u8>> {
        self.ask(session, |view| {
            let walk = view.walk(view.open_kind(id, RecordKind::PATROL)?)?;
            let columns = ["name", "place-kind", "grid", "result", "inspected-at", "note"];
            let heads = columns.map(|column| self.zh.text(&format!("field-{column}"), &[]));
            let fields = heads.each_ref().map(|head| (head.as_str(), Kind::Text));
            let [lon, lat] = ["longitude", "latitude"].map(|part| self.zh.text(&format!("column-{part}"), &[]));
            let style = CsvStyle { lon, lat, ..CsvStyle::default() };
            let rows = view.stops(&walk)?.iter().map(|stop| view.csv_row(stop)).collect::<Answer<Vec<_>>>()?;
            let mut file = Vec::new();
            let layer = Layer::new("places", Shapes::Points, &fields);
            csv(&mut file, &layer, &style, rows.into_iter().map(Ok)).map_err(not_written)?;
            Ok(file)
        })
    }
}

pub(super) fn not_written(error: Error) -> Problem {
    tracing::error!(%error, "an export could not be written");
    Problem::unavailable()
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
    fn csv_row(&self, stop: &Stop) -> Answer<Feature> {
        let word = |prefix: &str, name: &str| self.desk.zh.text(&message_id(prefix, name), &[]);
        let found = stop.inspection.as_ref();
        let place = self.place_ref(&stop.place)?;
        let kind = (!place.kind.is_empty()).then(|| word("place-kind", &place.kind));
        let grid = self.grid(&stop.place).map(|grid| grid.code);
        let result = found.and_then(|found| found.text(FieldNo::RESULT)).map(|name| word("result", name));
        let time = found.map(|found| local_time(created(found).ms));
        let note = found.and_then(|found| found.text(FieldNo::NOTE)).map(str::to_owned);
        let values = [Some(place.name), kind, grid, result, time, note];
        Ok(Feature {
            shape: point(stored_position(&stop.place)),
            values: values.iter().map(|value| text(value.as_deref())).collect(),
        })
    }

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

/// As clocks in China show it; a time that no calendar has is left out.
fn local_time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).map(|time| TimeZone::fixed(offset(8)).to_datetime(time));
    time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn point(at: Option<gridpatrol_model::value::Position>) -> Shape {
    at.and_then(|at| E7::new(at.lon_e7, at.lat_e7).ok()).map_or(Shape::Nowhere, Shape::Point)
}
