//! The writer: GPX 1.1, a new `trkseg` at each gap, so that no reader draws a line across one.

use std::borrow::Borrow;
use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::Mark;
use crate::crs::E7;
use crate::track::{Fix, Gap, Segment, Track};

const GPX_1_1: &str = "http://www.topografix.com/GPX/1/1";
/// Names what GPX has no element for: the cause of a gap, speed, course and accuracy.
const OWN: &str = "urn:gridpatrol:gpx:1";

type Xml<W> = Writer<BufWriter<W>>;

/// A GPX 1.1 document with the marks as `wpt` and the track as one `trk`. Positions, elevations and times are
/// exact. A time outside the years −9999 to 9999 is left out; a character that XML cannot hold becomes `�`.
pub fn export(name: Option<&str>, track: &Track, marks: &[Mark]) -> String {
    let mut document = Vec::new();
    let segments = track.segments.iter().map(Ok::<_, io::Error>);
    write(&mut document, name, marks.iter().map(Ok), segments).expect("writing to memory does not fail");
    String::from_utf8(document).expect("only text was written")
}

/// Writes and flushes the document of [`export`], of a track of any length: one mark or segment at a time is in memory.
pub fn write<M: Borrow<Mark>, S: Borrow<Segment>, E: From<io::Error>>(
    out: impl Write,
    name: Option<&str>,
    marks: impl IntoIterator<Item = Result<M, E>>,
    segments: impl IntoIterator<Item = Result<S, E>>,
) -> Result<(), E> {
    let mut xml = Writer::new_with_indent(BufWriter::new(out), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("gpx").with_attributes([
        ("version", "1.1"),
        ("creator", "Gridpatrol"),
        ("xmlns", GPX_1_1),
        ("xmlns:gridpatrol", OWN),
    ]);
    xml.write_event(Event::Start(root))?;
    for mark in marks {
        write_mark(&mut xml, mark?.borrow())?;
    }
    xml.write_event(Event::Start(BytesStart::new("trk")))?;
    text(&mut xml, "name", name.map(legal))?;
    for segment in segments {
        write_segment(&mut xml, segment?.borrow())?;
    }
    xml.write_event(Event::End(BytesEnd::new("trk")))?;
    xml.write_event(Event::End(BytesEnd::new("gpx")))?;
    Ok(xml.into_inner().flush()?)
}

fn write_segment<W: Write>(xml: &mut Xml<W>, segment: &Segment) -> io::Result<()> {
    let element = xml.create_element("trkseg");
    let written = element.write_inner_content(|xml| {
        segment.fixes.iter().try_for_each(|fix| write_fix(xml, fix))?;
        segment.gap_before.iter().try_for_each(|gap| write_gap(xml, gap))
    });
    written.map(drop)
}

fn write_mark<W: Write>(xml: &mut Xml<W>, mark: &Mark) -> io::Result<()> {
    point(xml, "wpt", mark.at, |xml| {
        text(xml, "ele", mark.ele_dm.map(|dm| decimal(dm, 1)))?;
        text(xml, "time", mark.time_ms.and_then(rfc3339))?;
        text(xml, "name", mark.name.as_deref().map(legal))
    })
}

fn write_fix<W: Write>(xml: &mut Xml<W>, fix: &Fix) -> io::Result<()> {
    let measured = [
        ("gridpatrol:accuracy", fix.accuracy_dm.map(|dm| decimal(dm, 1))),
        ("gridpatrol:speed", fix.speed_cms.map(|cms| decimal(cms, 2))),
        ("gridpatrol:course", fix.heading_cdeg.map(|cdeg| decimal(cdeg, 2))),
    ];
    point(xml, "trkpt", fix.at, |xml| {
        text(xml, "ele", fix.ele_dm.map(|dm| decimal(dm, 1)))?;
        text(xml, "time", fix.time_ms.and_then(rfc3339))?;
        if measured.iter().any(|(_, value)| value.is_some()) {
            xml.create_element("extensions").write_inner_content(|xml| {
                measured.into_iter().try_for_each(|(element, value)| text(xml, element, value))
            })?;
        }
        Ok(())
    })
}

/// The gap before the segment it stands in.
fn write_gap<W: Write>(xml: &mut Xml<W>, gap: &Gap) -> io::Result<()> {
    let bound = |name, ms: Option<i64>| ms.and_then(rfc3339).map(|time| (name, time));
    let bounds: Vec<(&str, String)> = bound("from", gap.from_ms).into_iter().chain(bound("to", gap.to_ms)).collect();
    xml.create_element("extensions").write_inner_content(|xml| {
        xml.create_element("gridpatrol:gap")
            .with_attribute(("cause", gap.cause.word()))
            .with_attributes(bounds.iter().map(|(name, time)| (*name, time.as_str())))
            .write_empty()
            .map(drop)
    })?;
    Ok(())
}

fn point<W: Write>(
    xml: &mut Xml<W>,
    element: &str,
    at: E7,
    inside: impl FnOnce(&mut Xml<W>) -> io::Result<()>,
) -> io::Result<()> {
    let (lat, lon) = (decimal(at.lat(), 7), decimal(at.lon(), 7));
    let element = xml.create_element(element).with_attributes([("lat", lat.as_str()), ("lon", lon.as_str())]);
    element.write_inner_content(inside).map(drop)
}

/// An element with a text, or nothing.
fn text<W: Write>(xml: &mut Xml<W>, element: &str, value: Option<String>) -> io::Result<()> {
    let Some(value) = value else { return Ok(()) };
    xml.create_element(element).write_text_content(BytesText::new(&value)).map(drop)
}

/// A whole number of 10^-places, written out exactly.
fn decimal(units: impl Into<i64>, places: usize) -> String {
    let units: i64 = units.into();
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{fraction}")
}

fn rfc3339(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(|time| time.to_string())
}

/// XML 1.0 has no control characters but these two, and would read a carriage return as a line feed.
fn legal(text: &str) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n') || (!c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}
