//! A page of the log on the wire. What the phone wrote itself comes back as a run of numbers while it still
//! holds the ops; everything else in the compact form.

mod read;
mod write;

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::Op;
use gridpatrol_model::row::{Effect, rank};
use gridpatrol_model::time::{TimeEvidence, TimeQuality};

pub use read::decode;
pub use write::PageWriter;

/// The ops that a phone can supply itself.
pub trait OwnOps {
    /// An op of the phone's own replica, while it still holds it.
    fn own(&self, rseq: u64) -> Option<(Dot, EntityId, Op)>;
}

/// Which rows may come back as numbers: those of this replica from this rseq on.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub replica: ReplicaId,
    pub from_rseq: u64,
}

/// What an item of a page is.
mod tag {
    /// Consecutive own rows, accepted as they were written.
    pub const OWN_RUN: u32 = 0;
    pub const OWN: u32 = 1;
    pub const ROW: u32 = 2;
    pub const ENTER: u32 = 3;
    pub const LEAVE: u32 = 4;
    pub const BITS: u32 = 7;
}

/// Bits above the tag of an item.
mod has {
    /// The op follows the last of its author on this page, so its hash follows too.
    pub const CHAINED: u32 = 8;
    /// Another offset or quality of the time than the row before.
    pub const TIME: u32 = 16;
    pub const RECEIPT: u32 = 32;
    /// The chain hash of the last op of the author is said here.
    pub const ANCHOR: u32 = 64;
    pub const EPOCH: u32 = 128;
    pub const SCOPES: u32 = 256;
    pub const VERDICT: u32 = 512;
    pub const DECISION: u32 = 1024;
    /// At least one effect is not simply "kills what its author was shown".
    pub const EFFECTS: u32 = 2048;
    pub const ALL: u32 = 4095;
}

/// An effect is nothing, or these bits and the rank above them.
mod effect {
    pub const NOTHING: u32 = 0;
    pub const SOME: u32 = 1;
    /// Kills the preds of the write.
    pub const PREDS: u32 = 2;
    pub const KILLS: u32 = 4;
    pub const OWED: u32 = 8;
    pub const BASE: u32 = 16;
    /// Two bits: the place of the base.
    pub const PLACE: u32 = 32;
    pub const PLACES: u32 = 96;
    pub const RANK: u32 = 128;
}

/// The effects of an ordinary op whose preds have all arrived and were all merged.
fn plain_effects(op: &Op) -> Vec<Option<Effect>> {
    let plain = |preds| Some(Effect { rank: rank::ORDINARY, kills: preds, ..Effect::default() });
    writes(op).map(|(_, _, preds)| plain(preds)).collect()
}

/// How a row's time follows from its op's clocks: usually the same for all rows of a sync.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Clock {
    /// Effective time minus the reading that it was worked out from.
    offset_ms: i64,
    quality: TimeQuality,
}

impl Clock {
    const START: Clock = Clock { offset_ms: 0, quality: TimeQuality::SameBoot };
}

/// The last op of another replica on this page.
#[derive(Clone, Copy)]
struct Last {
    dot: Dot,
    /// Where both sides know it.
    chain: Option<ChainHash>,
}

/// The clock reading that a time of this quality is worked out from.
fn reading(time: &TimeEvidence, quality: TimeQuality) -> i64 {
    match quality {
        TimeQuality::SameBoot => time.mono_ms as i64,
        TimeQuality::Gnss => time.gnss_ms.unwrap_or(time.wall_ms),
        TimeQuality::Wall => time.wall_ms,
        TimeQuality::Clamped => 0,
    }
}
