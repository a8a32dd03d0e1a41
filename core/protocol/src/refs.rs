//! Short references: `(replica, rseq)` in place of 32 bytes, an encoding of frames and pages only. They are
//! expanded before anything else reads an op, and a wrong expansion of a frame cannot pass: the chain would
//! differ. Writes of the same frame or page, and a record's own Create, need none of this.

use gridpatrol_model::ids::{ChainHash, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::FieldKey;

/// What a sender knows that the receiver can look up. In doubt no: it costs some bytes, while a reference
/// that does not resolve costs a round trip.
pub trait Shorten {
    /// Where an entity was created, if the receiver has exactly one op at that place.
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)>;
    /// Whether the receiver can find this write again among the writes of its field, and no other branch's
    /// write at its place. A hub finds whatever is in its log; a phone only what is alive where it stands.
    fn known(&self, dot: &Dot) -> bool;
    /// The chain hash of a write, if the sender kept it: in a page, ops that follow each other in their
    /// author's chain then need no hash of their own.
    fn chain(&self, dot: &Dot) -> Option<ChainHash>;
}

/// What a receiver can look up.
pub trait Expand {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId>;
    /// A write of a field of an entity.
    fn dot(&self, entity: EntityId, key: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot>;
}

/// No short references: the fall-back when a receiver could not expand one.
pub struct FullIds;

impl Shorten for FullIds {
    fn created(&self, _: EntityId) -> Option<(ReplicaId, u64)> {
        None
    }

    fn known(&self, _: &Dot) -> bool {
        false
    }

    fn chain(&self, _: &Dot) -> Option<ChainHash> {
        None
    }
}

impl Expand for FullIds {
    fn entity(&self, _: ReplicaId, _: u64) -> Option<EntityId> {
        None
    }

    fn dot(&self, _: EntityId, _: &FieldKey, _: ReplicaId, _: u64) -> Option<Dot> {
        None
    }
}
