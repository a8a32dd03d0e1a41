//! Fixes of a walk on their way to the hub: pieces that the store keeps as they come, blocks of pieces, and the track
//! chunk that is made of a block.
//!
//! A piece is `0` and encoded fixes, or `1 + code` of a cause of the gap before them. So the cause is on the disk before
//! the first fix behind the gap is, and a kill in between loses neither.

use gridpatrol_geo::block::{decode_block, encode_compact, encode_live};
use gridpatrol_geo::track::gaps::explaining_most;
use gridpatrol_geo::track::{Fix, GapCause};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_store::{Batch, Lane, StoreError, TrackBlock};

use crate::core::{Core, create, sets};
use crate::error::Result;

const TRACK_MIME: &str = "application/vnd.gridpatrol.track";

pub(crate) fn fixes_piece(fixes: &[Fix]) -> Result<Vec<u8>> {
    Ok([&[0], &encode_live(fixes)?[..]].concat())
}

pub(crate) fn gap_piece(cause: GapCause) -> [u8; 1] {
    [1 + cause.code()]
}

/// What the pieces of a block hold.
#[derive(Default)]
pub(crate) struct Block {
    /// The cause that explains most, of all that were said before the first fix.
    pub gap_before: Option<GapCause>,
    pub fixes: Vec<Fix>,
}

impl Block {
    pub fn read(block: &TrackBlock) -> Result<Block> {
        let mut read = Block::default();
        for piece in &block.pieces {
            match piece.split_first() {
                Some((0, fixes)) => read.fixes.extend(decode_block(fixes)?),
                Some((code, _)) => {
                    let said = read.gap_before.into_iter().chain(GapCause::from_code(code - 1));
                    read.gap_before = explaining_most(said);
                }
                None => {}
            }
        }
        Ok(read)
    }
}

/// Makes chunks of the blocks that the end of the app closed. A gap of the running patrol that has no fixes behind
/// it yet goes on, and its cause is given back.
pub(crate) fn close_blocks(core: &Core, running: Option<EntityId>) -> Result<Option<GapCause>> {
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

pub(crate) fn save_chunk(core: &Core, scope: Scope, block: &TrackBlock) -> Result<()> {
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
    pub fn keep(core: &Core, segment: u32, gap_before: Option<GapCause>, fixes: &[Fix]) -> Result<Chunk> {
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
