//! GeoJSON, RFC 7946: a `FeatureCollection`, a feature a line. The RFC itself says that positions are WGS-84 and
//! forbids to name another system, so there is no `crs` member.

use std::io::{self, BufWriter, Write};

use gridpatrol_geo::crs::E7;

use crate::layer::{Area, Bounds, Feature, Layer, Shape, Value};
use crate::{Error, text};

/// Writes all features and flushes. A track is a `MultiLineString`, an area in one part a `Polygon`. Whole numbers
/// beyond 2^53 are exact in the file; some readers round them.
pub fn geojson(
    out: impl Write,
    layer: &Layer,
    features: impl IntoIterator<Item = Result<Feature, Error>>,
) -> Result<(), Error> {
    layer.check()?;
    let mut out = BufWriter::new(out);
    out.write_all(br#"{"type":"FeatureCollection","name":"#)?;
    string(&mut out, &layer.name)?;
    out.write_all(br#","description":"#)?;
    string(&mut out, text::WGS84)?;
    if let Some(Bounds { south_west, north_east }) = layer.bounds {
        write!(out, r#","bbox":[{},{}]"#, text::position(south_west, ','), text::position(north_east, ','))?;
    }
    out.write_all(br#","features":["#)?;
    let mut before = "\n";
    for feature in layer.ready(features) {
        out.write_all(before.as_bytes())?;
        write_feature(&mut out, layer, &feature?)?;
        before = ",\n";
    }
    out.write_all(b"\n]}\n")?;
    Ok(out.flush()?)
}

fn write_feature(out: &mut impl Write, layer: &Layer, feature: &Feature) -> io::Result<()> {
    out.write_all(br#"{"type":"Feature","properties":{"#)?;
    let mut before = "";
    for (field, value) in layer.fields.iter().zip(&feature.values) {
        out.write_all(before.as_bytes())?;
        string(out, &field.name)?;
        out.write_all(b":")?;
        write_value(out, value)?;
        before = ",";
    }
    out.write_all(br#"},"geometry":"#)?;
    write_shape(out, &feature.shape)?;
    out.write_all(b"}")
}

fn write_value(out: &mut impl Write, value: &Value) -> io::Result<()> {
    match value {
        Value::Text(text) => string(out, text),
        Value::Texts(texts) => list(out, texts, |out, text| string(out, text)),
        Value::Int(int) => write!(out, "{int}"),
        // `null` where it is not finite.
        Value::Real(real) => Ok(serde_json::to_writer(out, real)?),
        Value::Bool(bool) => write!(out, "{bool}"),
        Value::Time(ms) => Ok(serde_json::to_writer(out, &text::utc(*ms))?),
        Value::Null => out.write_all(b"null"),
    }
}

fn write_shape(out: &mut impl Write, shape: &Shape) -> io::Result<()> {
    let kind = match shape {
        Shape::Nowhere => return out.write_all(b"null"),
        Shape::Point(_) => "Point",
        Shape::Lines(_) => "MultiLineString",
        Shape::Areas(areas) if areas.len() == 1 => "Polygon",
        Shape::Areas(_) => "MultiPolygon",
    };
    write!(out, r#"{{"type":"{kind}","coordinates":"#)?;
    match shape {
        Shape::Nowhere => {}
        Shape::Point(at) => position(out, at)?,
        Shape::Lines(lines) => list(out, lines, |out, line| list(out, &line.points, position))?,
        Shape::Areas(areas) => match &areas[..] {
            [only] => rings(out, only)?,
            areas => list(out, areas, rings)?,
        },
    }
    out.write_all(b"}")
}

fn rings<W: Write>(out: &mut W, area: &Area) -> io::Result<()> {
    list(out, std::iter::once(&area.outer).chain(&area.holes), |out, ring| list(out, ring, position))
}

fn position<W: Write>(out: &mut W, at: &E7) -> io::Result<()> {
    write!(out, "[{}]", text::position(*at, ','))
}

fn string(out: &mut impl Write, string: &str) -> io::Result<()> {
    Ok(serde_json::to_writer(out, &text::legal(string))?)
}

fn list<W: Write, T>(
    out: &mut W,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    let mut before = "[";
    for item in items {
        out.write_all(before.as_bytes())?;
        each(out, item)?;
        before = ",";
    }
    out.write_all(if before == "[" { b"[]" } else { b"]" })
}
