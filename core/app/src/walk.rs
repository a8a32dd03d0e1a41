//! A walk in progress: fixes go to the tracks database as they come, and become track chunks when a segment ends
//! or a block is long enough.
//!
//! A piece of a block, as the store keeps it: `0` and encoded fixes, or `1 + code` of the cause of the gap before
//! them. So the cause is on the disk before the first fix behind the gap is, and a kill in between loses neither.

use gridpatrol_geo::block::{decode_block, encode_compact, encode_live};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::{self, gaps::apart};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_store::{Batch, Lane, Query, StoreError, TrackBlock};

use crate::core::{Core, create, sets};
use crate::error::Result;
use crate::patrols;

pub use gridpatrol_geo::track::GapCause;

/// Fixes of a block: from 900 on a block takes at most 5.4 bytes a fix, and a block is a quarter of an hour's to two
/// hours' walk (2026-11).
const BLOCK_FIXES: usize = 1_000;

const TRACK_MIME: &str = "application/vnd.gridpatrol.track";

/// One position of the phone, as its receiver gave it. What was not measured is absent, never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Fix {
    /// Milliseconds UTC.
    pub time_ms: Option<i64>,
    pub lon_e7: i32,
    pub lat_e7: i32,
    /// Elevation in decimetres.
    pub ele_dm: Option<i32>,
    /// Horizontal accuracy in decimetres.
    pub accuracy_dm: Option<u32>,
    /// Centimetres a second.
    pub speed_cms: Option<u32>,
    /// 0.01 degrees clockwise from north, below 36,000.
    pub heading_cdeg: Option<u32>,
    /// Whether the system says that an app made this position up.
    pub mock: Option<bool>,
    /// Whether a motion sensor says that the phone moves.
    pub moving: Option<bool>,
}

pub(crate) struct Walk {
    pub patrol: EntityId,
    pub scope: Scope,
    segment: u32,
    /// In the open block.
    fixes: usize,
    /// Time of the last fix of the segment, if it has fixes.
    last_ms: Option<i64>,
    in_segment: bool,
}

/// What the pieces of a block hold.
#[derive(Default)]
pub(crate) struct Block {
    /// The last one said counts: it was known best.
    pub gap_before: Option<GapCause>,
    pub fixes: Vec<track::Fix>,
}

impl Fix {
    fn to_track(&self) -> Result<track::Fix> {
        Ok(track::Fix {
            time_ms: self.time_ms,
            ele_dm: self.ele_dm,
            accuracy_dm: self.accuracy_dm,
            speed_cms: self.speed_cms,
            heading_cdeg: self.heading_cdeg,
            mock: self.mock,
            moving: self.moving,
            at: E7::new(self.lon_e7, self.lat_e7)?,
        })
    }
}

impl Walk {
    pub fn start(patrol: EntityId, scope: Scope) -> Self {
        Walk { patrol, scope, segment: 0, fixes: 0, last_ms: None, in_segment: false }
    }

    /// The running patrol of this member, after the app was closed in the middle of it.
    pub fn recover(core: &Core) -> Result<Option<Walk>> {
        let patrols = core.all(Query { kind: Some(RecordKind::PATROL), ..Query::default() })?;
        let running = patrols.into_iter().map(|view| view.record).find(|patrol| patrols::is_running(core, patrol));
        let said = close_blocks(core, running.as_ref().map(|patrol| patrol.entity))?;
        let Some(patrol) = running else { return Ok(None) };
        let Some(scope) = patrol.scope else { return Ok(None) };
        let chunks = core.children(patrol.entity)?;
        let segments = chunks.iter().filter_map(|chunk| chunk.record.int(FieldNo::SEGMENT));
        let segment = segments.max().map_or(0, |last| u32::try_from(last).unwrap_or(0) + 1);
        let walk = Walk { segment, ..Walk::start(patrol.entity, scope) };
        let paused = patrols::paused_since(&patrol).map(|_| GapCause::Paused);
        walk.note_gap(core, said.or(paused).unwrap_or(GapCause::Killed))?;
        Ok(Some(walk))
    }

    /// Saves fixes in the order of walking. A silence, or a clock that ran backwards, ends the segment.
    pub fn add(&mut self, core: &Core, fixes: &[Fix]) -> Result<()> {
        let fixes = fixes.iter().map(Fix::to_track).collect::<Result<Vec<_>>>()?;
        let mut run = Vec::new();
        for fix in fixes {
            if let Some(cause) = self.gap_to(&fix) {
                self.append(core, &run)?;
                run.clear();
                self.stop(core, cause)?;
            }
            self.in_segment = true;
            self.last_ms = fix.time_ms.or(self.last_ms);
            run.push(fix);
        }
        self.append(core, &run)
    }

    fn gap_to(&self, fix: &track::Fix) -> Option<GapCause> {
        apart(self.last_ms?, fix.time_ms?)
    }

    fn append(&mut self, core: &Core, run: &[track::Fix]) -> Result<()> {
        for part in run.chunks(BLOCK_FIXES) {
            let piece = [&[0], &encode_live(part)?[..]].concat();
            core.store.append_fixes(self.patrol, self.segment, &piece)?;
            self.fixes += part.len();
            if self.fixes >= BLOCK_FIXES {
                self.close(core)?;
            }
        }
        Ok(())
    }

    /// Fixes stop for a reason.
    pub fn stop(&mut self, core: &Core, cause: GapCause) -> Result<()> {
        if self.in_segment {
            self.close(core)?;
            self.segment += 1;
        }
        (self.in_segment, self.last_ms) = (false, None);
        self.note_gap(core, cause)
    }

    fn note_gap(&self, core: &Core, cause: GapCause) -> Result<()> {
        core.store.append_fixes(self.patrol, self.segment, &[1 + cause.code()])?;
        Ok(())
    }

    /// Makes a chunk of the open block, if there is one.
    pub fn close(&mut self, core: &Core) -> Result<()> {
        self.fixes = 0;
        match core.store.close_block(self.patrol, self.segment)? {
            Some(block) => save_chunk(core, self.scope, &block),
            None => Ok(()),
        }
    }
}

impl Block {
    pub fn read(block: &TrackBlock) -> Result<Block> {
        let mut read = Block::default();
        for piece in &block.pieces {
            match piece.split_first() {
                Some((0, fixes)) => read.fixes.extend(decode_block(fixes)?),
                Some((code, _)) => read.gap_before = GapCause::from_code(code - 1),
                None => {}
            }
        }
        Ok(read)
    }
}

/// Makes chunks of the blocks that the end of the app closed. A gap of the running patrol that has no fixes behind
/// it yet goes on, and its cause is given back.
fn close_blocks(core: &Core, running: Option<EntityId>) -> Result<Option<GapCause>> {
    let mut cause = None;
    for block in core.store.closed_blocks()? {
        let Some(patrol) = core.store.record(block.patrol)? else { continue };
        let Some(scope) = patrol.record.scope else { continue };
        let read = Block::read(&block)?;
        if running == Some(block.patrol) && read.fixes.is_empty() {
            cause = read.gap_before;
            core.store.save(|batch| batch.block_saved(block.id))?;
        } else {
            save_chunk(core, scope, &block)?;
        }
    }
    Ok(cause)
}

fn save_chunk(core: &Core, scope: Scope, block: &TrackBlock) -> Result<()> {
    let Block { gap_before, fixes } = Block::read(block)?;
    let chunk = Chunk::keep(core, block.segment, gap_before, &fixes)?;
    core.store.save(|batch| {
        chunk.add(batch, block.patrol, scope)?;
        batch.block_saved(block.id)
    })?;
    Ok(())
}

/// Fixes that are kept as a file and still have to be named by a record.
pub(crate) struct Chunk {
    segment: u32,
    gap_before: Option<GapCause>,
    count: usize,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    blob: Option<BlobRef>,
}

impl Chunk {
    /// Without fixes, it stands for a gap at the end of the patrol.
    pub fn keep(core: &Core, segment: u32, gap_before: Option<GapCause>, fixes: &[track::Fix]) -> Result<Chunk> {
        let blob = if fixes.is_empty() {
            None
        } else {
            Some(core.store.keep_file(encode_compact(fixes)?.as_slice(), TRACK_MIME)?)
        };
        let mut times = fixes.iter().filter_map(|fix| fix.time_ms);
        let from_ms = times.next();
        let to_ms = times.next_back().or(from_ms);
        Ok(Chunk { segment, gap_before, count: fixes.len(), from_ms, to_ms, blob })
    }

    pub fn add(&self, batch: &mut Batch<'_, '_>, patrol: EntityId, scope: Scope) -> Result<EntityId, StoreError> {
        let fields = sets([
            (FieldNo::PARENT, Some(Value::entity(patrol))),
            (FieldNo::BLOCK, self.blob.as_ref().map(Value::blob)),
            (FieldNo::SEGMENT, Some(Value::int(self.segment.into()))),
            (FieldNo::FIX_COUNT, Some(Value::int(self.count as i64))),
            (FieldNo::FROM, self.from_ms.map(Value::int)),
            (FieldNo::TO, self.to_ms.map(Value::int)),
            (FieldNo::GAP_BEFORE, self.gap_before.map(|cause| Value::text(cause.word()))),
        ]);
        let saved = batch.add(create(RecordKind::TRACK_CHUNK, scope, fields))?;
        self.blob.iter().try_for_each(|blob| batch.attach(blob, Lane::Track, saved.entity))?;
        Ok(saved.entity)
    }
}
