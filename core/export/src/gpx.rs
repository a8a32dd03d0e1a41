//! GPX 1.1 of a track of any length. What GPX is, `core/geo` knows: here its documents are written piece by piece,
//! so that neither the track nor the document is ever in memory. The bytes are those of one whole document.

use std::io::Write;

use gridpatrol_geo::gpx::{self, Mark};
use gridpatrol_geo::track::{Segment, Track};

use crate::Error;

/// Fixes or marks of a piece: half a megabyte of text.
const PIECE: usize = 4_096;

const TRACK: &str = "<trk>";
const TRACK_END: &str = "</trk>";
const SEGMENT: &str = "<trkseg>";
const SEGMENT_END: &str = "</trkseg>";

/// Writes what [`gpx::export`] gives for the same track and marks, and flushes. A segment must fit into memory.
pub fn gpx(
    mut out: impl Write,
    name: Option<&str>,
    marks: impl IntoIterator<Item = Result<Mark, Error>>,
    segments: impl IntoIterator<Item = Result<Segment, Error>>,
) -> Result<(), Error> {
    let frame = gpx::export(name, &Track::default(), &[]);
    let (head, track) = frame.split_once(TRACK).expect("a document has a track");
    let (track, end) = track.split_once(TRACK_END).expect("and the track an end");
    out.write_all(head.as_bytes())?;
    let mut marks = marks.into_iter();
    loop {
        let piece = marks.by_ref().take(PIECE).collect::<Result<Vec<Mark>, Error>>()?;
        if piece.is_empty() {
            break;
        }
        let document = gpx::export(None, &Track::default(), &piece);
        let from = document.find("<wpt").expect("a mark is an element");
        let to = document.find(TRACK).expect("a document has a track");
        out.write_all(&document.as_bytes()[from..to])?;
    }
    write!(out, "{TRACK}{}", track.trim_end())?;
    for segment in segments {
        write_segment(&mut out, &segment?)?;
    }
    write!(out, "\n {TRACK_END}{end}")?;
    Ok(out.flush()?)
}

fn write_segment(out: &mut impl Write, segment: &Segment) -> Result<(), Error> {
    write!(out, "\n  {SEGMENT}")?;
    let whole = segment.fixes.len().saturating_sub(1) / PIECE * PIECE;
    let (fixes, last) = segment.fixes.split_at(whole);
    for piece in fixes.chunks(PIECE) {
        write_piece(out, Segment { gap_before: None, fixes: piece.to_vec() })?;
    }
    // The gap stands behind the fixes.
    write_piece(out, Segment { gap_before: segment.gap_before, fixes: last.to_vec() })?;
    write!(out, "\n  {SEGMENT_END}")?;
    Ok(())
}

fn write_piece(out: &mut impl Write, piece: Segment) -> Result<(), Error> {
    let document = gpx::export(None, &Track { segments: vec![piece] }, &[]);
    let (_, inside) = document.split_once(SEGMENT).expect("the track has a segment");
    let (inside, _) = inside.split_once(SEGMENT_END).expect("and the segment an end");
    Ok(out.write_all(inside.trim_end().as_bytes())?)
}
