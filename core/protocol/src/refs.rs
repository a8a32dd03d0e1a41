//! Short references: `(replica, rseq)` in place of 32 bytes, an encoding of frames and pages only. They are
//! expanded before anything else reads an op, and a wrong expansion cannot pass: the chain would differ.

use gridpatrol_model::ids::{Dot, EntityId, ReplicaId};
use gridpatrol_model::op::FieldKey;

/// What a sender knows that the receiver can look up.
pub trait Shorten {
    /// The Create of an entity, if the receiver has exactly one op at that place.
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)>;
    /// Whether the receiver has this write, and no other branch's write at its place.
    fn known(&self, dot: &Dot) -> bool;
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
}

impl Expand for FullIds {
    fn entity(&self, _: ReplicaId, _: u64) -> Option<EntityId> {
        None
    }

    fn dot(&self, _: EntityId, _: &FieldKey, _: ReplicaId, _: u64) -> Option<Dot> {
        None
    }
}
