//! KML 2.2 (OGC 07-147r2): a placemark for each feature, and for each line of a track, with its time span. KML knows
//! no positions but WGS-84.

use std::io::{self, BufWriter, Write};

use gridpatrol_geo::crs::E7;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::layer::{Area, Feature, Field, Kind, Layer, Line, Shape, Value};
use crate::{Error, text};

const KML_2_2: &str = "http://www.opengis.net/kml/2.2";
/// Of the one schema in the document.
const SCHEMA: &str = "layer";

type Xml<W> = Writer<BufWriter<W>>;

/// Writes all features and flushes. A track with several lines becomes several placemarks with the same values.
pub fn kml(
    out: impl Write,
    layer: &Layer,
    features: impl IntoIterator<Item = Result<Feature, Error>>,
) -> Result<(), Error> {
    layer.check()?;
    let mut xml = Writer::new(BufWriter::new(out));
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Start(BytesStart::new("kml").with_attributes([("xmlns", KML_2_2)])))?;
    xml.write_event(Event::Start(BytesStart::new("Document")))?;
    element(&mut xml, "name", &layer.name)?;
    element(&mut xml, "description", text::WGS84)?;
    write_schema(&mut xml, layer)?;
    for feature in layer.ready(features) {
        write_feature(&mut xml, layer, &feature?)?;
    }
    xml.write_event(Event::End(BytesEnd::new("Document")))?;
    xml.write_event(Event::End(BytesEnd::new("kml")))?;
    Ok(xml.get_mut().flush()?)
}

fn write_schema<W: Write>(xml: &mut Xml<W>, layer: &Layer) -> io::Result<()> {
    let schema = xml.create_element("Schema").with_attributes([("name", SCHEMA), ("id", SCHEMA)]);
    schema.write_inner_content(|xml| {
        layer.fields.iter().try_for_each(|Field { name, kind }| {
            let field = xml.create_element("SimpleField").with_attribute(("type", simple_type(*kind)));
            field.with_attribute(("name", name.as_str())).write_empty().map(drop)
        })
    })?;
    Ok(())
}

fn simple_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Texts | Kind::Time => "string",
        // KML's int has 32 bits.
        Kind::Int | Kind::Real => "double",
        Kind::Bool => "bool",
    }
}

fn write_feature<W: Write>(xml: &mut Xml<W>, layer: &Layer, feature: &Feature) -> io::Result<()> {
    let moment = feature.values.iter().find_map(|value| if let Value::Time(ms) = value { Some(*ms) } else { None });
    match &feature.shape {
        Shape::Nowhere => placemark(xml, layer, feature, (moment, moment), |_| Ok(())),
        Shape::Point(at) => placemark(xml, layer, feature, (moment, moment), |xml| {
            xml.create_element("Point").write_inner_content(|xml| coordinates(xml, &[*at])).map(drop)
        }),
        Shape::Lines(lines) => lines.iter().try_for_each(|line: &Line| {
            placemark(xml, layer, feature, (line.from_ms, line.to_ms), |xml| {
                xml.create_element("LineString").write_inner_content(|xml| coordinates(xml, &line.points)).map(drop)
            })
        }),
        Shape::Areas(areas) => placemark(xml, layer, feature, (moment, moment), |xml| match &areas[..] {
            [only] => polygon(xml, only),
            areas => {
                let parts = xml.create_element("MultiGeometry");
                parts.write_inner_content(|xml| areas.iter().try_for_each(|area| polygon(xml, area))).map(drop)
            }
        }),
    }
}

/// In the order that the schema of KML demands: name, time, data, geometry.
fn placemark<W: Write>(
    xml: &mut Xml<W>,
    layer: &Layer,
    feature: &Feature,
    time: (Option<i64>, Option<i64>),
    geometry: impl FnOnce(&mut Xml<W>) -> io::Result<()>,
) -> io::Result<()> {
    let name = feature.values.iter().find_map(|value| if let Value::Text(text) = value { Some(text) } else { None });
    xml.create_element("Placemark").write_inner_content(|xml| {
        name.into_iter().try_for_each(|name| element(xml, "name", name))?;
        write_time(xml, (time.0.and_then(text::utc), time.1.and_then(text::utc)))?;
        write_data(xml, layer, feature)?;
        geometry(xml)
    })?;
    // A placemark a line; the indents of a whole document would be half of it.
    xml.get_mut().write_all(b"\n")
}

fn write_time<W: Write>(xml: &mut Xml<W>, time: (Option<String>, Option<String>)) -> io::Result<()> {
    match time {
        (None, None) => Ok(()),
        (Some(from), Some(to)) if from == to => {
            xml.create_element("TimeStamp").write_inner_content(|xml| element(xml, "when", &from)).map(drop)
        }
        (from, to) => {
            let span = xml.create_element("TimeSpan");
            span.write_inner_content(|xml| {
                from.iter().try_for_each(|from| element(xml, "begin", from))?;
                to.iter().try_for_each(|to| element(xml, "end", to))
            })
            .map(drop)
        }
    }
}

fn write_data<W: Write>(xml: &mut Xml<W>, layer: &Layer, feature: &Feature) -> io::Result<()> {
    let known: Vec<(&Field, String)> =
        layer.fields.iter().zip(&feature.values).filter_map(|(field, value)| Some((field, shown(value)?))).collect();
    if known.is_empty() {
        return Ok(());
    }
    xml.create_element("ExtendedData").write_inner_content(|xml| {
        let data = xml.create_element("SchemaData").with_attribute(("schemaUrl", format!("#{SCHEMA}").as_str()));
        data.write_inner_content(|xml| {
            known.iter().try_for_each(|(field, shown)| {
                let value = xml.create_element("SimpleData").with_attribute(("name", field.name.as_str()));
                value.write_text_content(BytesText::new(&text::legal(shown))).map(drop)
            })
        })
        .map(drop)
    })?;
    Ok(())
}

/// `None` leaves the value out.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Texts(texts) => Some(text::joined(texts)),
        Value::Int(int) => Some(int.to_string()),
        Value::Real(real) => real.is_finite().then(|| real.to_string()),
        // GDAL reads a KML bool as a number.
        Value::Bool(bool) => Some(u8::from(*bool).to_string()),
        Value::Time(ms) => text::utc(*ms),
        Value::Null => None,
    }
}

fn polygon<W: Write>(xml: &mut Xml<W>, area: &Area) -> io::Result<()> {
    let ring = |xml: &mut Xml<W>, border: &str, ring: &[E7]| {
        let border = xml.create_element(border);
        border
            .write_inner_content(|xml| {
                xml.create_element("LinearRing").write_inner_content(|xml| coordinates(xml, ring)).map(drop)
            })
            .map(drop)
    };
    xml.create_element("Polygon").write_inner_content(|xml| {
        ring(xml, "outerBoundaryIs", &area.outer)?;
        area.holes.iter().try_for_each(|hole| ring(xml, "innerBoundaryIs", hole))
    })?;
    Ok(())
}

fn coordinates<W: Write>(xml: &mut Xml<W>, points: &[E7]) -> io::Result<()> {
    xml.create_element("coordinates").write_inner_content(|xml| {
        // Digits, signs, commas and spaces need no escape.
        points.iter().try_for_each(|at| write!(xml.get_mut(), "{} ", text::position(*at, ',')))
    })?;
    Ok(())
}

fn element<W: Write>(xml: &mut Xml<W>, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&text::legal(content))).map(drop)
}
