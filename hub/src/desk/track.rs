//! The track of a patrol out of its blocks: segments that are never joined over a gap, and nothing in the
//! place of a block that has not arrived.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, Weak};

use gridpatrol_geo::block::decode_block;
use gridpatrol_geo::track::{self as walked, Fix};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};

use super::Desk;
use super::grids::Grids;
use super::view::View;
use crate::api::{Answer, patrols::GapCause, problem::Problem};

/// Blocks whose answer is remembered: the lists of some weeks.
const REMEMBERED: usize = 20_000;

/// A stretch without a break, and what lies before it.
#[derive(Default)]
pub(super) struct Stretch {
    pub gap: Option<Break>,
    pub fixes: Vec<Fix>,
}

#[derive(Clone, Copy)]
pub(super) struct Break {
    pub cause: GapCause,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
}

/// Whether a block leaves every grid, by its hash. A block never changes; the grids seldom do.
#[derive(Default)]
pub(super) struct Outside {
    grids: Option<Weak<Grids>>,
    by_hash: HashMap<[u8; 32], bool>,
}

/// What became of one block.
enum Block {
    Here(Vec<Fix>),
    Awaited,
    Damaged,
}

impl View<'_> {
    /// The stretches of a track, in the order of the walk.
    pub fn stretches(&self, children: &[Record]) -> Answer<Vec<Stretch>> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut segment = None;
        for chunk in chunks(children) {
            let number = chunk.int(FieldNo::SEGMENT);
            let follows = segment == Some(number);
            segment = Some(number);
            if !follows {
                let gap = said_gap(chunk, stretches.last()).or_else(|| unsaid_gap(chunk, stretches.last()));
                stretches.push(Stretch { gap, fixes: Vec::new() });
            }
            match self.block(chunk)? {
                Block::Here(fixes) => {
                    if let Some(stretch) = stretches.last_mut() {
                        stretch.fixes.extend(fixes);
                    }
                }
                missing => {
                    let cause = if matches!(missing, Block::Awaited) { GapCause::Awaited } else { GapCause::Unknown };
                    let gap = Break { cause, from_ms: chunk.int(FieldNo::FROM), to_ms: chunk.int(FieldNo::TO) };
                    stretches.push(Stretch { gap: Some(gap), fixes: Vec::new() });
                }
            }
        }
        bound(&mut stretches);
        Ok(stretches)
    }

    /// Gaps that lie between the segments or were stated, whether or not the blocks have arrived.
    pub fn gap_count(&self, children: &[Record]) -> u32 {
        let mut gaps = 0;
        let mut segment = None;
        for chunk in chunks(children) {
            let number = Some(chunk.int(FieldNo::SEGMENT));
            let begins = segment != number;
            gaps += u32::from(begins && (segment.is_some() || chunk.value(FieldNo::GAP_BEFORE).is_some()));
            segment = number;
        }
        gaps
    }

    fn block(&self, chunk: &Record) -> Answer<Block> {
        // A chunk without a block states a gap and nothing else.
        let Some(blob) = chunk.value(FieldNo::BLOCK).and_then(|value| value.as_blob()) else {
            return Ok(Block::Here(Vec::new()));
        };
        let Some(bytes) = self.desk.bytes(&blob.hash)? else { return Ok(Block::Awaited) };
        Ok(decode_block(&bytes).map_or_else(
            |error| {
                tracing::warn!(%error, "a track block does not decode");
                Block::Damaged
            },
            Block::Here,
        ))
    }

    /// Whether a part of the track that is here lies outside every grid.
    pub fn leaves_grids(&self, children: &[Record]) -> Answer<bool> {
        for chunk in chunks(children) {
            if self.leaves(chunk)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn leaves(&self, chunk: &Record) -> Answer<bool> {
        let Some(blob) = chunk.value(FieldNo::BLOCK).and_then(|value| value.as_blob()) else { return Ok(false) };
        if let Some(outside) = self.desk.outside(&self.grids)?.by_hash.get(&blob.hash) {
            return Ok(*outside);
        }
        let Block::Here(fixes) = self.block(chunk)? else { return Ok(false) };
        let outside = fixes.iter().any(|fix| self.grids.index.owner(fix.at).is_none());
        self.desk.outside(&self.grids)?.by_hash.insert(blob.hash, outside);
        Ok(outside)
    }
}

impl Desk {
    /// What is remembered about the grids as they are drawn now.
    fn outside(&self, grids: &Arc<Grids>) -> Answer<MutexGuard<'_, Outside>> {
        let mut outside = self.outside.lock().map_err(|_| Problem::unavailable())?;
        let of = outside.grids.as_ref().and_then(Weak::upgrade);
        if !of.is_some_and(|of| Arc::ptr_eq(&of, grids)) || outside.by_hash.len() >= REMEMBERED {
            *outside = Outside { grids: Some(Arc::downgrade(grids)), by_hash: HashMap::new() };
        }
        Ok(outside)
    }
}

/// Blocks in the order of the walk.
fn chunks(children: &[Record]) -> Vec<&Record> {
    let mut chunks: Vec<&Record> =
        children.iter().filter(|record| record.kind == Some(RecordKind::TRACK_CHUNK)).collect();
    let written = |record: &Record| record.created.as_ref().map(|created| (created.dot.rseq, created.dot));
    chunks.sort_by_key(|chunk| (chunk.int(FieldNo::SEGMENT), chunk.int(FieldNo::FROM), written(chunk)));
    chunks
}

fn said_gap(chunk: &Record, before: Option<&Stretch>) -> Option<Break> {
    let word = chunk.text(FieldNo::GAP_BEFORE)?;
    Some(Break { cause: cause(word), from_ms: before.and_then(last_ms), to_ms: chunk.int(FieldNo::FROM) })
}

/// Two segments are apart also where nobody said why.
fn unsaid_gap(chunk: &Record, before: Option<&Stretch>) -> Option<Break> {
    let before = before?;
    Some(Break { cause: GapCause::Unknown, from_ms: last_ms(before), to_ms: chunk.int(FieldNo::FROM) })
}

fn last_ms(stretch: &Stretch) -> Option<i64> {
    stretch.fixes.last().and_then(|fix| fix.time_ms)
}

/// A gap ends where the fixes behind it begin, whatever the chunk says.
fn bound(stretches: &mut [Stretch]) {
    for stretch in stretches {
        if let Some((gap, first)) = stretch.gap.as_mut().zip(stretch.fixes.first()) {
            gap.to_ms = first.time_ms.or(gap.to_ms);
        }
    }
}

fn cause(word: &str) -> GapCause {
    match walked::GapCause::from_word(word) {
        walked::GapCause::Killed => GapCause::Killed,
        walked::GapCause::Permission => GapCause::Permission,
        walked::GapCause::NoFix => GapCause::NoFix,
        walked::GapCause::SwitchedOff => GapCause::SwitchedOff,
        walked::GapCause::ClockJump => GapCause::ClockJump,
        walked::GapCause::Paused => GapCause::Paused,
        walked::GapCause::Unknown => GapCause::Unknown,
    }
}

/// For export: what has not arrived is a gap of unknown cause there.
pub(super) fn exported(stretches: Vec<Stretch>) -> walked::Track {
    let segments = stretches.into_iter().map(|stretch| walked::Segment {
        gap_before: stretch.gap.map(|gap| walked::Gap {
            cause: match gap.cause {
                GapCause::Killed => walked::GapCause::Killed,
                GapCause::Permission => walked::GapCause::Permission,
                GapCause::NoFix => walked::GapCause::NoFix,
                GapCause::SwitchedOff => walked::GapCause::SwitchedOff,
                GapCause::ClockJump => walked::GapCause::ClockJump,
                GapCause::Paused => walked::GapCause::Paused,
                GapCause::Unknown | GapCause::Awaited => walked::GapCause::Unknown,
            },
            from_ms: gap.from_ms,
            to_ms: gap.to_ms,
        }),
        fixes: stretch.fixes,
    });
    walked::Track { segments: segments.collect() }
}
