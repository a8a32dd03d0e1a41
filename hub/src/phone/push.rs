//! The push part: frames are opened beside the writer, which then only judges and appends.

use ed25519_dalek::VerifyingKey;
use gridpatrol_model::ids::{Dot, EntityId, ReplicaId};
use gridpatrol_model::op::FieldKey;
use gridpatrol_protocol::WireError;
use gridpatrol_protocol::frame::FrameHead;
use gridpatrol_protocol::refs::Expand;
use gridpatrol_protocol::reply::PushError;
use gridpatrol_protocol::request::Request;

use super::Phones;
use crate::cell::people::Device;
use crate::cell::{Cell, CellError, read};

/// Takes the frames of a request in order, each committed by itself; stops at the first that fails.
pub fn take(cell: &Cell, device: &Device, key: &VerifyingKey, request: &Request) -> Option<PushError> {
    request.frames.iter().try_for_each(|bytes| take_one(cell, device, key, request, bytes)).err()
}

/// Takes what a phone kept of a log that was lost. What cannot be taken at all is left out, since the phone would bring
/// it again for ever.
pub fn take_back(phones: &Phones, request: &Request) -> Option<PushError> {
    for kept in &request.handed_back {
        let Some(rows) = phones.keeper.open(kept) else {
            tracing::warn!("a phone handed back rows that this hub never gave out: they are left out");
            continue;
        };
        match phones.cell.write(move |batch| batch.take_back(rows)) {
            Ok(taken) => tracing::info!(rows = taken, "a phone handed back what the backup did not have"),
            Err(error @ (CellError::Damaged | CellError::TooLarge | CellError::NotFound | CellError::Overtaken)) => {
                tracing::error!(%error, "rows that a phone handed back were left out");
            }
            Err(error) => return Some(cell_error(error)),
        }
    }
    None
}

fn take_one(
    cell: &Cell,
    device: &Device,
    key: &VerifyingKey,
    request: &Request,
    bytes: &[u8],
) -> Result<(), PushError> {
    let frame = FrameHead::decode(bytes).and_then(|head| head.open(&Log(cell), key)).map_err(wire_error)?;
    let (author, device) = (device.author.clone(), device.key);
    let (boot_id, mono_ms) = (request.boot_id, request.mono_ms);
    let stored = cell.write(move |batch| {
        batch.note_sync(&device)?;
        batch.push(&author, device, boot_id, mono_ms, &frame)
    });
    let pushed = stored.map_err(cell_error)?;
    tracing::debug!(rows = pushed.new_rows, held = pushed.held, "took a frame");
    Ok(())
}

fn wire_error(error: WireError) -> PushError {
    match error {
        WireError::NeedsFullIds => PushError::NeedsFullIds,
        // A reference that was expanded to another branch shows in the chain.
        WireError::Signature => PushError::NeedsFullIds,
        _ => PushError::Damaged,
    }
}

fn cell_error(error: CellError) -> PushError {
    match error {
        CellError::Gap => PushError::Gap,
        CellError::NotTheirs => {
            tracing::warn!("a phone sent frames of a replica that is not its member's");
            PushError::Damaged
        }
        error => {
            tracing::error!(%error, "a frame was not stored");
            PushError::NotStored
        }
    }
}

/// What the log knows: one op at a place of a replica, or no short reference to it.
struct Log<'c>(&'c Cell);

impl Log<'_> {
    fn only(&self, replica: ReplicaId, rseq: u64) -> Option<gridpatrol_model::ids::ChainHash> {
        match self.0.read(|state| read::branches(state, replica, rseq)).ok()?.as_slice() {
            [chain] => Some(*chain),
            _ => None,
        }
    }
}

impl Expand for Log<'_> {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId> {
        self.only(replica, rseq).map(|chain| chain.entity())
    }

    fn dot(&self, _: EntityId, _: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot> {
        self.only(replica, rseq).map(|chain| Dot { replica, rseq, tag: chain.tag() })
    }
}
