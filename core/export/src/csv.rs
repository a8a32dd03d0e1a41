//! CSV, RFC 4180, as a spreadsheet opens it: UTF-8 behind a byte order mark, and no text that runs as a formula.

use std::fmt::Write as _;
use std::io::Write;

use gridpatrol_geo::crs::E7;
use jiff::tz::Offset;

use crate::layer::{Area, Feature, Layer, Line, Shape, Shapes, Value};
use crate::{Error, text};

/// Without the mark, Excel reads a file in the encoding of its country.
const MARK: &str = "\u{feff}";

/// The csv crate looks through all that is left of a field each time its buffer is full. With its 8 KiB a track of a
/// million points took 36 s of a debug build in 2026-11, with this 0.4 s.
const BUFFER: usize = 1 << 20;

/// What the caller decides about the columns that no field describes, and about times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvStyle {
    /// The column of a point's longitude in degrees: say that it is WGS-84, a CSV has no other place for it.
    pub lon: String,
    pub lat: String,
    /// The column of lines and areas, as well-known text.
    pub wkt: String,
    /// Times are written as local time with this offset.
    pub offset: Offset,
}

impl Default for CsvStyle {
    fn default() -> Self {
        let [lon, lat, wkt] = ["lon_wgs84", "lat_wgs84", "wkt_wgs84"].map(str::to_owned);
        CsvStyle { lon, lat, wkt, offset: Offset::UTC }
    }
}

/// Writes a head and a line for each feature, and flushes. The columns are the fields, then the position.
pub fn csv(
    mut out: impl Write,
    layer: &Layer,
    style: &CsvStyle,
    features: impl IntoIterator<Item = Result<Feature, Error>>,
) -> Result<(), Error> {
    layer.check()?;
    out.write_all(MARK.as_bytes())?;
    let mut csv = csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out);
    let places = match layer.shapes {
        Shapes::Points => vec![&style.lon, &style.lat],
        Shapes::Lines | Shapes::Areas | Shapes::Mixed => vec![&style.wkt],
    };
    let head = layer.fields.iter().map(|field| &field.name).chain(places.iter().copied());
    csv.write_record(head.map(|name| no_formula(name)))?;
    for feature in layer.ready(features) {
        let feature = feature?;
        for value in &feature.values {
            csv.write_field(cell(value, style.offset))?;
        }
        match &feature.shape {
            Shape::Point(at) if layer.shapes == Shapes::Mixed => {
                csv.write_record([format!("POINT ({})", text::position(*at, ' '))])?;
            }
            Shape::Point(at) => csv.write_record([at.lon(), at.lat()].map(|e7| text::degrees(e7).to_string()))?,
            Shape::Lines(lines) => csv.write_record([lines_wkt(lines)])?,
            Shape::Areas(areas) => csv.write_record([areas_wkt(areas)])?,
            Shape::Nowhere => csv.write_record(places.iter().map(|_| ""))?,
        }
    }
    Ok(csv.flush()?)
}

fn cell(value: &Value, offset: Offset) -> String {
    match value {
        Value::Text(text) => no_formula(text),
        Value::Texts(texts) => no_formula(&text::joined(texts)),
        Value::Int(int) => int.to_string(),
        Value::Real(real) if real.is_finite() => real.to_string(),
        Value::Bool(bool) => bool.to_string(),
        Value::Time(ms) => {
            text::moment(*ms).map(|time| time.display_with_offset(offset).to_string()).unwrap_or_default()
        }
        Value::Real(_) | Value::Null => String::new(),
    }
}

/// What a spreadsheet would run is text behind an apostrophe: <https://owasp.org/www-community/attacks/CSV_Injection>,
/// full-width signs included. Numbers are left alone, they come from us.
fn no_formula(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = text::legal(text);
    if runs { format!("'{text}") } else { text.into_owned() }
}

/// Well-known text, OGC 06-103r4, clause 7.
fn lines_wkt(lines: &[Line]) -> String {
    let mut wkt = "MULTILINESTRING ".to_owned();
    list(&mut wkt, lines, |wkt, line| points_wkt(wkt, &line.points));
    wkt
}

fn areas_wkt(areas: &[Area]) -> String {
    let mut wkt = "MULTIPOLYGON ".to_owned();
    list(&mut wkt, areas, |wkt, area| {
        list(wkt, std::iter::once(&area.outer).chain(&area.holes), |wkt, ring| points_wkt(wkt, ring));
    });
    wkt
}

fn points_wkt(wkt: &mut String, points: &[E7]) {
    list(wkt, points, |wkt, at| {
        write!(wkt, "{}", text::position(*at, ' ')).expect("a string takes what it is given");
    });
}

fn list<T>(wkt: &mut String, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut String, T)) {
    let mut before = '(';
    for item in items {
        wkt.push(before);
        each(wkt, item);
        before = ',';
    }
    wkt.push(')');
}
