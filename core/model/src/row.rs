//! Rows: what the hub adds to an op when it takes it into the log. What only the hub knows travels on the
//! row, so that every replica, old versions too, folds the same bytes to the same record.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::area::Scope;
use crate::codec::{decode_all, encode_all, expect_array, from_bytes, to_bytes};
use crate::ids::{ActorId, Dot, EntityId, HubSeq};
use crate::op::{Op, OpKind};
use crate::time::EffectiveTime;
use crate::value::Value;

/// Rank of a write. A lower one does not kill a higher one.
pub mod rank {
    /// Written before the case was locked, arrived after: kept, shown, kills nothing.
    pub const AMENDMENT: u8 = 0;
    pub const ORDINARY: u8 = 1;
    /// A supervisor's value of a field that supervisors own.
    pub const SUPERVISOR: u8 = 2;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub seq: HubSeq,
    pub dot: Dot,
    /// The record that the op is about; for a Create the new one.
    pub entity: EntityId,
    /// The logs in which the row appears: the record's scope, and on a move also the one it left.
    pub scopes: Vec<Scope>,
    pub eff: EffectiveTime,
    pub verdict: Verdict,
    pub op: Op,
    /// What the fold does, in the order of `fold::writes`: one for each set of the op, then one for what its
    /// kind writes. None leaves the field as it is.
    pub effects: Vec<Option<Effect>>,
    /// Who let held work through or sent it back, if this row carries such a decision.
    pub decision: Option<Decision>,
}

/// How a set enters the record.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Effect {
    pub rank: u8,
    /// The writes that it kills: the op's own preds with those of held work expanded.
    pub kills: Vec<Dot>,
    /// Of these the ones that have not arrived: dead on arrival when they do.
    pub owed: Vec<Dot>,
    /// The value that the author had replaced, where the record no longer shows it.
    pub base: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Folded, effect by effect.
    Accepted,
    /// A transition to the stage that already stands: only its other effects are folded.
    Agreed,
    /// A transition held for a supervisor: its other effects are folded as ordinary edits.
    Parked(HeldReason),
    /// Held whole. Effects of it are only those of a write that was replaced before it arrived.
    Quarantined(HeldReason),
    /// Held work that a supervisor sent back to its author, with a reason.
    SentBack,
}

/// Why work is held. Users see one word, held, and this reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldReason {
    /// The role may not write this field or take this step.
    NoRights,
    /// The place lies outside the author's areas.
    OutOfArea,
    /// The case does not stand where this step can be taken.
    BadTransition,
    /// A value of another type than the field has, or a step on something that has no stages.
    Unreadable,
    /// The phone was revoked.
    Revoked,
    /// Signed by one member, written in the name of another.
    NotAuthor,
    /// Follows held work of the same author on the same record.
    AfterHeld,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub by: ActorId,
    pub reason: Option<String>,
    /// Milliseconds UTC by which the author is asked to answer.
    pub due_ms: Option<i64>,
}

impl HeldReason {
    pub const ALL: [HeldReason; 7] = {
        use HeldReason::*;
        [NoRights, OutOfArea, BadTransition, Unreadable, Revoked, NotAuthor, AfterHeld]
    };

    fn code(self) -> u8 {
        self as u8
    }

    /// Message id of the reason.
    pub fn message_id(self) -> &'static str {
        match self {
            HeldReason::NoRights => "held-no-rights",
            HeldReason::OutOfArea => "held-out-of-area",
            HeldReason::BadTransition => "held-bad-transition",
            HeldReason::Unreadable => "held-unreadable",
            HeldReason::Revoked => "held-revoked",
            HeldReason::NotAuthor => "held-not-author",
            HeldReason::AfterHeld => "held-after-held",
        }
    }
}

impl Verdict {
    /// Why the row is held, if it is.
    pub fn held(self) -> Option<HeldReason> {
        match self {
            Verdict::Parked(reason) | Verdict::Quarantined(reason) => Some(reason),
            Verdict::Accepted | Verdict::Agreed | Verdict::SentBack => None,
        }
    }
}

impl Row {
    pub fn encode(&self) -> Vec<u8> {
        to_bytes(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let row: Row = from_bytes(bytes)?;
        if row.is_sound() { Ok(row) } else { Err(DecodeError::message("a row whose parts do not fit")) }
    }

    /// Whether the parts fit each other, as the fold relies on: an effect for each write, an entity that is
    /// the op's or begins with the tag of the Create that made it, a decision with work that was sent back.
    pub fn is_sound(&self) -> bool {
        let own = usize::from(matches!(self.op.kind, OpKind::Delete { .. } | OpKind::Transition { .. }));
        let entity = match self.op.entity {
            Some(entity) => entity == self.entity,
            None => self.entity.0.starts_with(&self.dot.tag),
        };
        let decided = self.verdict != Verdict::SentBack || self.decision.is_some();
        self.effects.len() == self.op.sets.len() + own && entity && decided
    }

    /// Where a record that this row touches stands after it.
    pub fn home(&self, entity: EntityId) -> Scope {
        let first = self.op.kind.creates() && entity == self.entity;
        let home = if first { self.scopes.first() } else { self.scopes.last() };
        *home.unwrap_or(&self.op.scope)
    }

    /// The records that change with this row: its own, and the parent of a new child.
    pub fn touched(&self) -> impl Iterator<Item = EntityId> {
        let parent = (self.verdict == Verdict::Accepted).then(|| self.op.parent()).flatten();
        std::iter::once(self.entity).chain(parent.filter(|parent| *parent != self.entity))
    }
}

impl<C> Encode<C> for Row {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(9)?.encode(self.seq)?.encode(self.dot)?.encode(self.entity)?;
        encode_all(e, self.scopes.iter())?;
        e.encode(self.eff)?.encode(self.verdict)?.encode(&self.op)?;
        encode_all(e, self.effects.iter())?;
        e.encode(&self.decision)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Row {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 9)?;
        Ok(Row {
            seq: d.decode()?,
            dot: d.decode()?,
            entity: d.decode()?,
            scopes: decode_all(d)?,
            eff: d.decode()?,
            verdict: d.decode()?,
            op: d.decode()?,
            effects: decode_all(d)?,
            decision: d.decode()?,
        })
    }
}

impl<C> Encode<C> for Effect {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(4)?.u8(self.rank)?;
        encode_all(e, self.kills.iter())?;
        encode_all(e, self.owed.iter())?;
        e.encode(&self.base)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Effect {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 4)?;
        Ok(Effect { rank: d.u8()?, kills: decode_all(d)?, owed: decode_all(d)?, base: d.decode()? })
    }
}

impl<C> Encode<C> for Verdict {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        let (tag, reason) = match self {
            Verdict::Accepted => (0, None),
            Verdict::Agreed => (1, None),
            Verdict::Parked(reason) => (2, Some(reason)),
            Verdict::Quarantined(reason) => (3, Some(reason)),
            Verdict::SentBack => (4, None),
        };
        e.array(2)?.u8(tag)?.encode(reason.map(|reason| reason.code()))?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Verdict {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let start = d.position();
        let unknown = || DecodeError::message("unknown verdict").at(start);
        expect_array(d, 2)?;
        let tag = d.u8()?;
        let reason: Option<u8> = d.decode()?;
        let reason =
            reason.map(|code| HeldReason::ALL.get(usize::from(code)).copied().ok_or_else(unknown)).transpose()?;
        match (tag, reason) {
            (0, None) => Ok(Verdict::Accepted),
            (1, None) => Ok(Verdict::Agreed),
            (2, Some(reason)) => Ok(Verdict::Parked(reason)),
            (3, Some(reason)) => Ok(Verdict::Quarantined(reason)),
            (4, None) => Ok(Verdict::SentBack),
            _ => Err(unknown()),
        }
    }
}

impl<C> Encode<C> for Decision {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.array(3)?.encode(&self.by)?.encode(self.reason.as_deref())?.encode(self.due_ms)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Decision {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 3)?;
        Ok(Decision { by: d.decode()?, reason: d.decode()?, due_ms: d.decode()? })
    }
}
