//! A patrol's track as lines to draw: the chunks that are saved, and the fixes of the walk in progress.

use std::collections::BTreeMap;
use std::fs;

use gridpatrol_geo::block::decode_block;
use gridpatrol_geo::drift::{Doubted, doubted};
use gridpatrol_geo::track::{Fix, GapCause};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_store::View;

use crate::chunk::Block;
use crate::core::Core;
use crate::error::{Internal, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TrackPoint {
    pub lon_e7: i32,
    pub lat_e7: i32,
    /// Milliseconds UTC; imported points may have none.
    pub time_ms: Option<i64>,
}

/// One line. Nothing is drawn between two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TrackSegment {
    pub points: Vec<TrackPoint>,
    /// Which of them are not taken at their word. They stay where they are, and the line goes over them.
    pub doubts: Vec<TrackDoubt>,
}

/// Points of a segment in a row that are doubted for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TrackDoubt {
    /// `doubt-mock`, …
    pub reason: String,
    /// Index of the first and of the last of them.
    pub first: u32,
    pub last: u32,
}

/// A stretch without fixes, drawn as such with its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TrackGap {
    /// Index of the segment before it; None before the first.
    pub after_segment: Option<u32>,
    /// `gap-permission`, …
    pub cause: String,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
    /// Rounded down, for `gap-length`.
    pub minutes: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub segments: Vec<TrackSegment>,
    pub gaps: Vec<TrackGap>,
    /// Chunks whose fixes are not on this phone.
    pub elsewhere: u32,
}

#[derive(Default)]
pub(crate) struct Stretch {
    gap_before: Option<GapCause>,
    pub fixes: Vec<Fix>,
}

/// The track of a patrol out of its chunks.
pub(crate) fn lines(core: &Core, patrol: EntityId, chunks: &[View]) -> Result<Lines> {
    let (stretches, elsewhere) = stretches(core, patrol, chunks)?;
    Ok(Lines { elsewhere, ..draw(stretches.into_values()) })
}

/// Segments by their number as far as their fixes are on this phone, and how many chunks are elsewhere.
pub(crate) fn stretches(core: &Core, patrol: EntityId, chunks: &[View]) -> Result<(BTreeMap<i64, Stretch>, u32)> {
    let (mut stretches, mut elsewhere) = (BTreeMap::<i64, Stretch>::new(), 0);
    for chunk in in_order(chunks) {
        let stretch = stretches.entry(chunk.int(FieldNo::SEGMENT).unwrap_or(0)).or_default();
        stretch.gap_before = stretch.gap_before.or(cause(chunk));
        match fixes(core, chunk)? {
            Some(fixes) => stretch.fixes.extend(fixes),
            None => elsewhere += 1,
        }
    }
    for block in core.store.blocks_of(patrol)? {
        let Block { gap_before, fixes } = Block::read(&block)?;
        let stretch = stretches.entry(block.segment.into()).or_default();
        stretch.gap_before = stretch.gap_before.or(gap_before);
        stretch.fixes.extend(fixes);
    }
    Ok((stretches, elsewhere))
}

/// Chunks of a segment in the order in which they were saved.
fn in_order(chunks: &[View]) -> Vec<&Record> {
    let mut records: Vec<&Record> = chunks.iter().map(|chunk| &chunk.record).collect();
    records.sort_by_key(|record| record.created.as_ref().map(|created| (created.eff.ms, created.dot.rseq)));
    records
}

fn cause(chunk: &Record) -> Option<GapCause> {
    chunk.text(FieldNo::GAP_BEFORE).map(GapCause::from_word)
}

fn fixes(core: &Core, chunk: &Record) -> Result<Option<Vec<Fix>>> {
    let Some(blob) = chunk.value(FieldNo::BLOCK).and_then(Value::as_blob) else { return Ok(Some(Vec::new())) };
    let Some(path) = core.store.file_path(&blob.hash)? else { return Ok(None) };
    let bytes = fs::read(&path).map_err(|error| Internal::File(path, error))?;
    Ok(Some(decode_block(&bytes)?))
}

fn draw(stretches: impl Iterator<Item = Stretch>) -> Lines {
    let mut lines = Lines::default();
    let mut last_ms = None;
    for stretch in stretches {
        let first_ms = stretch.fixes.first().and_then(|fix| fix.time_ms);
        if let Some(cause) = stretch.gap_before {
            // Of a clock that jumped, the times on both sides do not belong together.
            let bounds = first_ms.zip(last_ms).filter(|_| cause != GapCause::ClockJump);
            let minutes = bounds.map(|(to, from): (i64, i64)| (to - from) / 60_000);
            let after_segment = u32::try_from(lines.segments.len()).ok().and_then(|count| count.checked_sub(1));
            let cause = format!("gap-{}", cause.word());
            lines.gaps.push(TrackGap { after_segment, cause, from_ms: last_ms, to_ms: first_ms, minutes });
        }
        if !stretch.fixes.is_empty() {
            last_ms = stretch.fixes.iter().rev().find_map(|fix| fix.time_ms);
            lines.segments.push(segment(&stretch.fixes));
        }
    }
    lines
}

fn segment(fixes: &[Fix]) -> TrackSegment {
    let point = |fix: &Fix| TrackPoint { lon_e7: fix.at.lon(), lat_e7: fix.at.lat(), time_ms: fix.time_ms };
    let doubt = |found: Doubted| TrackDoubt {
        reason: format!("doubt-{}", found.doubt.word()),
        first: found.first,
        last: found.last,
    };
    TrackSegment { points: fixes.iter().map(point).collect(), doubts: doubted(fixes).into_iter().map(doubt).collect() }
}
