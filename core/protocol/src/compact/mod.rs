//! The compact form of ops in frames and pages: no keys, no repetition of what the op before said, names
//! said once, times as differences, and what is alike side by side in columns, which zstd likes best.
//! Written and read in one order (`write`, `read`: the same functions in the same places) and expanded to
//! the same op.
//!
//! Measured 2026-11 on 10,000 creates and 2,000 edits (`gridpatrol-bench wire`): see `docs/benchmarks.md`.

mod read;
mod write;

use std::collections::BTreeMap;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{MAX_OP_BYTES, Op};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;

pub(crate) use read::OpReader;
pub(crate) use write::{OpWriter, put};

/// What is alike lies together.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    /// What differs from the op before; of a page also the kinds of its items.
    Flags,
    /// Wall clocks, and places in the log.
    Times,
    /// What differs little from one of them.
    Drifts,
    /// Numbers of names that were said before.
    Names,
    /// Kinds of ops, their fields, and how many of something follow.
    Shapes,
    /// Places in a replica's chain.
    Places,
    /// Hashes and ids, which nothing compresses.
    Ids,
    Texts,
    /// Values that are no text.
    Values,
}

pub(crate) const COLUMNS: usize = 9;

/// Which parts of an op differ from the usual or from the op before; the frequent ones fit one byte.
mod differs {
    pub const ENTITY: u32 = 1;
    pub const SCOPE: u32 = 2;
    pub const SEEN: u32 = 4;
    pub const ACTOR: u32 = 8;
    pub const GNSS: u32 = 16;
    pub const BOOT: u32 = 32;
    pub const VERSION: u32 = 64;
    pub const SCHEMA: u32 = 128;
    pub const EXTRA: u32 = 256;
    pub const ALL: u32 = 511;
}

/// Numbers of op kinds.
mod kind {
    pub const CREATE: u8 = 0;
    pub const SET: u8 = 1;
    pub const RESOLVE: u8 = 2;
    pub const DELETE: u8 = 3;
    pub const TRANSITION: u8 = 4;
    pub const OPAQUE: u8 = 5;
}

/// A set begins with its field number and these bits below it.
mod set {
    pub const BITS: u32 = 4;
    pub const ITEM: u32 = 1;
    pub const PREDS: u32 = 2;
    /// Two bits: the place of the value.
    pub const PLACE: u32 = 4;
    pub const PLACES: u32 = 12;
}

/// Where a value is told.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Values,
    Texts,
    /// An integer near the wall clock of its op, as the difference.
    Times(i64),
}

/// How a dot is told.
mod dot {
    /// The Create of the record that the op is about.
    pub const CREATE: u64 = 0;
    /// Replica number × 2, plus this, plus 1 if the receiver can look up the tag.
    pub const OTHER: u64 = 1;
}

/// How an entity is told: 0 and its 16 bytes, or the number of a replica + 1 and the rseq of its Create.
const WHOLE: u64 = 0;

/// More sets or dots than an op can have: a set takes at least 4 bytes of its canonical form, a dot 34.
const OP_PARTS: u64 = MAX_OP_BYTES as u64 / 4;

impl Place {
    const VALUES: u32 = 0;
    const TEXTS: u32 = 1;
    const TIMES: u32 = 2;
    /// 24 days.
    const NEAR_MS: u64 = 1 << 31;

    pub fn of(value: &Value, wall_ms: i64) -> Place {
        if value.as_text().is_some() {
            return Place::Texts;
        }
        match value.as_int() {
            // A small integer is short as it is; and only the shortest form comes back as it was.
            Some(ms)
                if ms.unsigned_abs() >= Self::NEAR_MS
                    && ms.abs_diff(wall_ms) < Self::NEAR_MS
                    && *value == Value::int(ms) =>
            {
                Place::Times(ms.wrapping_sub(wall_ms))
            }
            _ => Place::Values,
        }
    }

    pub fn code(self) -> u32 {
        match self {
            Place::Values => Self::VALUES,
            Place::Texts => Self::TEXTS,
            Place::Times(_) => Self::TIMES,
        }
    }
}

/// What the ops before have said, the same on both sides.
struct Context {
    seen: HubSeq,
    actor: Option<ActorId>,
    scope: Option<Scope>,
    time: TimeEvidence,
    said: BTreeMap<(ReplicaId, u64), Said>,
    /// Sets and dots so far.
    parts: u64,
}

/// A write that went by in this frame or page: it needs nobody's memory.
#[derive(Clone, Copy)]
enum Said {
    Once {
        tag: [u8; 8],
        entity: EntityId,
    },
    /// Two branches of one replica: whoever refers to it says it in full.
    Twice,
}

impl Context {
    fn new() -> Self {
        Context {
            seen: HubSeq::ZERO,
            actor: None,
            scope: None,
            time: TimeEvidence { wall_ms: 0, boot_id: 0, mono_ms: 0, gnss_ms: None },
            said: BTreeMap::new(),
            parts: 0,
        }
    }

    fn follow(&mut self, op: &Op) {
        self.seen = op.seen;
        self.actor = Some(op.actor.clone());
        self.scope = Some(op.scope);
        self.time = op.time;
    }

    fn say(&mut self, dot: Dot, entity: EntityId) {
        let said = self.said.entry((dot.replica, dot.rseq)).or_insert(Said::Once { tag: dot.tag, entity });
        if !matches!(said, Said::Once { tag, .. } if *tag == dot.tag) {
            *said = Said::Twice;
        }
    }
}

/// A record that an op is about, and where it was created if both sides know.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub entity: EntityId,
    pub created: Option<(ReplicaId, u64)>,
}

impl About {
    /// The write that created it.
    fn create(&self) -> Option<Dot> {
        let (replica, rseq) = self.created?;
        let mut tag = [0; 8];
        // An entity is named by the chain hash of its Create, and so is a tag.
        tag.copy_from_slice(&self.entity.0[..8]);
        Some(Dot { replica, rseq, tag })
    }
}
