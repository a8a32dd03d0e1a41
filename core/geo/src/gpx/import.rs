//! The reader: one pass over the events of the XML parser, with a stack of what each open element means.

use std::collections::BTreeMap;

use quick_xml::errors::SyntaxError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use quick_xml::{Error, XmlVersion};

use super::encoding::decode;
use super::grammar::{Element, Field, child};
use super::{Gpx, GpxError, GpxTrack, MAX_BYTES, MAX_DEPTH, MAX_POINTS, MAX_TEXT, Mark, Note, Reason, fields};
use crate::crs::E7;
use crate::track::Fix;

const NAMESPACES: [&str; 2] = ["http://www.topografix.com/GPX/1/0", "http://www.topografix.com/GPX/1/1"];

/// Reads a whole file. UTF-8, UTF-16 and the encodings a declaration may name; elements in the namespace of
/// GPX 1.0 or 1.1, or in none.
///
/// Points are `trkpt` only, marks are `wpt`. Of a point's extensions, elements named `speed` (metres a second),
/// `course` (degrees) and `accuracy` (metres) are read, whoever defined them. `hdop` is not: it is no length.
pub fn import(bytes: &[u8]) -> Result<Gpx, GpxError> {
    if bytes.len() > MAX_BYTES {
        return Err(GpxError::TooBig(bytes.len()));
    }
    let text = decode(bytes)?;
    let mut xml = NsReader::from_str(&text);
    xml.config_mut().expand_empty_elements = true;
    let mut import = Import::default();
    loop {
        let before = xml.buffer_position();
        let (namespace, event) = match xml.read_resolved_event() {
            Ok(read) => read,
            Err(Error::Syntax(problem)) if cut_off(problem) && import.root_seen => return Err(GpxError::CutOff),
            Err(problem) => return Err(not_xml(xml.error_position(), problem.to_string())),
        };
        if let Event::Eof = event {
            return import.finish();
        }
        import.event(&namespace, event).map_err(|problem| problem.at(before))?;
    }
}

/// A point or mark whose element is still open.
#[derive(Default)]
struct Pending {
    at: Option<E7>,
    name: Option<String>,
    time_ms: Option<i64>,
    ele_dm: Option<i32>,
    accuracy_dm: Option<u32>,
    speed_cms: Option<u32>,
    heading_cdeg: Option<u32>,
}

#[derive(Default)]
struct Import {
    gpx: Gpx,
    notes: BTreeMap<Reason, usize>,
    open: Vec<Element>,
    /// The namespace of the root, to which all elements of GPX belong.
    namespace: Option<&'static str>,
    root_seen: bool,
    points: usize,
    pending: Pending,
    text: String,
}

/// A problem before its place in the file is known.
enum Problem {
    Xml(String),
    Final(GpxError),
}

impl Problem {
    fn at(self, byte: u64) -> GpxError {
        match self {
            Problem::Xml(problem) => not_xml(byte, problem),
            Problem::Final(error) => error,
        }
    }
}

impl From<GpxError> for Problem {
    fn from(error: GpxError) -> Self {
        Problem::Final(error)
    }
}

impl Import {
    fn event(&mut self, namespace: &ResolveResult, event: Event) -> Result<(), Problem> {
        match event {
            Event::Start(start) => self.start(namespace, &start)?,
            Event::End(_) => self.end(),
            Event::Text(text) if self.open.is_empty() && !text.trim().is_empty() => {
                return Err(Problem::Xml("text stands outside the root element".to_owned()));
            }
            Event::Text(text) => self.add_text(&text.xml10_content()),
            Event::CData(text) => self.add_text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.add_text(&resolved(&reference)?),
            Event::DocType(_) => return Err(GpxError::Doctype.into()),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, namespace: &ResolveResult, start: &BytesStart) -> Result<(), Problem> {
        if self.open.len() == MAX_DEPTH {
            return Err(GpxError::TooDeep.into());
        }
        let namespace = match namespace {
            ResolveResult::Bound(Namespace(name)) => Some(*name),
            ResolveResult::Unbound => None,
            // Programs forget to declare their own extensions: not GPX, whatever they are.
            ResolveResult::Unknown(prefix) => Some(prefix.as_ref()),
        };
        let local = start.local_name().into_inner();
        let element = match self.open.last() {
            None => self.root(namespace, local)?,
            Some(&parent) => child(parent, namespace == self.namespace, local),
        };
        Ok(self.open(element, start)?)
    }

    fn root(&mut self, namespace: Option<&str>, local: &str) -> Result<Element, Problem> {
        if self.root_seen {
            return Err(Problem::Xml("a second document follows the first".to_owned()));
        }
        if local != "gpx" {
            return Err(GpxError::NotGpx(excerpt(local)).into());
        }
        if let Some(name) = namespace {
            let known = NAMESPACES.into_iter().find(|known| *known == name);
            self.namespace = Some(known.ok_or_else(|| GpxError::Namespace(excerpt(name)))?);
        }
        self.root_seen = true;
        Ok(Element::Gpx)
    }

    fn open(&mut self, element: Element, start: &BytesStart) -> Result<(), GpxError> {
        match element {
            Element::Track => self.gpx.tracks.push(GpxTrack::default()),
            Element::Segment => self.track().segments.push(Vec::new()),
            Element::Point | Element::Mark => {
                self.count_point()?;
                self.pending = Pending { at: position(start), ..Pending::default() };
            }
            Element::StrayPoint => self.note(Reason::PointOutsideSegment),
            Element::RoutePoint => self.note(Reason::RoutePoint),
            _ => {}
        }
        self.text.clear();
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Element::Field(field)) => self.set(field),
            Some(Element::Point) => self.close_point(),
            Some(Element::Mark) => self.close_mark(),
            _ => {}
        }
    }

    fn close_point(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let Some(at) = pending.at else { return self.note(Reason::BadPosition) };
        let Pending { time_ms, ele_dm, accuracy_dm, speed_cms, heading_cdeg, .. } = pending;
        let fix = Fix { time_ms, ele_dm, accuracy_dm, speed_cms, heading_cdeg, ..Fix::at(at) };
        self.track().segments.last_mut().expect("a point opens only in a segment").push(fix);
    }

    fn close_mark(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let Some(at) = pending.at else { return self.note(Reason::BadMarkPosition) };
        let Pending { name, time_ms, ele_dm, .. } = pending;
        self.gpx.marks.push(Mark { name, at, time_ms, ele_dm });
    }

    /// A field closes: its text becomes a value, or a note.
    fn set(&mut self, field: Field) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let pending = &mut self.pending;
        let (kept, reason) = match field {
            Field::TrackName => return self.track().name = some_text(text),
            Field::Name => return pending.name = some_text(text),
            Field::Time => return self.set_time(text),
            Field::Elevation => (keep(&mut pending.ele_dm, fields::scaled(text, 10.0)), Reason::BadElevation),
            Field::Speed => (keep(&mut pending.speed_cms, fields::scaled(text, 100.0)), Reason::BadSpeed),
            Field::Course => (keep(&mut pending.heading_cdeg, fields::course(text)), Reason::BadCourse),
            Field::Accuracy => (keep(&mut pending.accuracy_dm, fields::scaled(text, 10.0)), Reason::BadAccuracy),
        };
        if !kept {
            self.note(reason);
        }
    }

    fn set_time(&mut self, text: &str) {
        match fields::moment(text) {
            Some(moment) => {
                self.pending.time_ms = Some(moment.ms);
                if moment.zone_missing {
                    self.note(Reason::TimeWithoutZone);
                }
            }
            None => self.note(Reason::BadTime),
        }
    }

    fn add_text(&mut self, text: &str) {
        if let Some(Element::Field(_)) = self.open.last() {
            let kept = text.floor_char_boundary(MAX_TEXT - self.text.len());
            self.text.push_str(&text[..kept]);
            if kept < text.len() {
                self.note(Reason::LongText);
            }
        }
    }

    fn count_point(&mut self) -> Result<(), GpxError> {
        self.points += 1;
        if self.points > MAX_POINTS { Err(GpxError::TooManyPoints) } else { Ok(()) }
    }

    fn note(&mut self, reason: Reason) {
        *self.notes.entry(reason).or_default() += 1;
    }

    fn track(&mut self) -> &mut GpxTrack {
        self.gpx.tracks.last_mut().expect("what is inside a track opens after it")
    }

    fn finish(mut self) -> Result<Gpx, GpxError> {
        if !self.open.is_empty() {
            return Err(GpxError::CutOff);
        }
        if !self.root_seen {
            return Err(not_xml(0, "there is no element in it".to_owned()));
        }
        let fixes = self.gpx.tracks.iter().flat_map(|track| &track.segments).map(Vec::len).sum::<usize>();
        if fixes == 0 && self.gpx.marks.is_empty() {
            return Err(GpxError::NoPoints { dropped: self.points });
        }
        self.gpx.notes = self.notes.into_iter().map(|(reason, count)| Note { reason, count }).collect();
        Ok(self.gpx)
    }
}

/// Whether the parser met the end of the text inside a tag, a comment or the like.
fn cut_off(problem: SyntaxError) -> bool {
    problem != SyntaxError::InvalidBangMarkup
}

fn position(start: &BytesStart) -> Option<E7> {
    let (mut lon, mut lat) = (None, None);
    // Unchecked for duplicates: the check takes quadratic time on a hostile element.
    for attribute in start.attributes().with_checks(false).flatten() {
        match attribute.key.into_inner() {
            "lon" => lon = attribute.normalized_value(XmlVersion::Implicit1_0).ok(),
            "lat" => lat = attribute.normalized_value(XmlVersion::Implicit1_0).ok(),
            _ => {}
        }
    }
    fields::position(&lon?, &lat?)
}

fn resolved(reference: &BytesRef) -> Result<String, Problem> {
    match reference.resolve_char_ref() {
        Ok(Some(char)) => return Ok(char.to_string()),
        Ok(None) => {}
        Err(problem) => return Err(Problem::Xml(problem.to_string())),
    }
    let name = reference.xml10_content();
    let text = resolve_predefined_entity(&name).ok_or_else(|| GpxError::Entity(excerpt(&name)))?;
    Ok(text.to_owned())
}

/// Whether there was a value to keep.
fn keep<T>(place: &mut Option<T>, read: Option<T>) -> bool {
    let there = read.is_some();
    *place = read.or(place.take());
    there
}

fn some_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Enough of a foreign word to recognise it in an error.
fn excerpt(text: &str) -> String {
    text[..text.floor_char_boundary(100)].to_owned()
}

fn not_xml(byte: u64, problem: String) -> GpxError {
    GpxError::NotXml { byte, problem }
}
