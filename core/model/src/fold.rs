//! The merge: one function for every field, run unchanged on phones and on the hub.
//!
//! `S' = (S \ kills) ∪ {write}`, where a write that is already owed is dead on arrival, and a lower-ranked
//! write does not kill a higher-ranked value. Which writes a set kills, at what rank, and which of them have
//! not arrived was decided once, by the hub (`intake`), and stands on the row.

use crate::ids::{Dot, EntityId};
use crate::op::{FieldKey, Op, OpKind};
use crate::record::{Created, FieldState, HeldState, HeldWork, Record, Write};
use crate::row::{Effect, Row, Verdict, rank};
use crate::schema::FieldNo;
use crate::time::{EffectiveTime, TimeQuality};
use crate::value::Value;

/// Brings a record up to a row. A row at or below the record's `asof` is ignored, so repeats are harmless.
pub fn fold(record: &mut Record, row: &Row) {
    if row.seq <= record.asof {
        return;
    }
    record.asof = row.seq;
    record.scope = record.scope.or(Some(row.home(record.entity)));
    if record.entity != row.entity {
        record.children.insert(row.dot);
        return;
    }
    record.held.retain(|work| work.dot != row.dot);
    match row.verdict {
        Verdict::Accepted | Verdict::Agreed => apply(record, row),
        Verdict::Parked(reason) => {
            apply(record, row);
            hold(record, row, HeldState::Held(reason));
        }
        Verdict::Quarantined(reason) => {
            pass_on(record, row);
            hold(record, row, HeldState::Held(reason));
        }
        Verdict::SentBack => {
            let decision = row.decision.clone().expect("the hub sends work back with a decision");
            hold(record, row, HeldState::SentBack(decision));
        }
    }
}

/// Puts an op of this phone on top of what the hub is known to think. Claims nothing that only the hub knows:
/// the write is marked pending, kills only what its author was shown, and has the rank of anybody's.
pub fn overlay(record: &mut Record, dot: Dot, op: &Op) {
    let eff = EffectiveTime { ms: op.time.wall_ms, quality: TimeQuality::Wall };
    if let OpKind::Create { kind } = op.kind {
        create(record, kind, dot, eff, op);
    }
    for (key, value, preds) in writes(op) {
        let state = record.fields.entry(key.clone()).or_default();
        let killed = state.live.iter().find(|write| preds.contains(&write.dot)).map(|write| write.value.clone());
        state.base = state.base.take().or(killed);
        state.live.retain(|write| !preds.contains(&write.dot));
        state.insert(Write { dot, rank: rank::ORDINARY, eff, author: op.actor.clone(), value, pending: true });
        state.settle_base();
    }
}

/// A child written on this phone, on top of its parent.
pub fn overlay_child(parent: &mut Record, dot: Dot) {
    parent.children.insert(dot);
}

/// The writes of an op in the order of a row's effects: its sets, then what its kind writes of itself.
pub fn writes(op: &Op) -> impl Iterator<Item = (FieldKey, Value, Vec<Dot>)> {
    let own = match &op.kind {
        OpKind::Delete { saw } => Some((FieldNo::LIFE.into(), Value::dots(saw.iter().copied()), Vec::new())),
        OpKind::Transition { to, seen, .. } => Some((FieldNo::STAGE.into(), Value::int(to.code().into()), vec![*seen])),
        OpKind::Create { .. } | OpKind::Set | OpKind::Resolve | OpKind::Opaque { .. } => None,
    };
    op.sets.iter().map(|set| (set.key.clone(), set.value.clone(), set.preds.clone())).chain(own)
}

fn apply(record: &mut Record, row: &Row) {
    if let OpKind::Create { kind } = row.op.kind {
        create(record, kind, row.dot, row.eff, &row.op);
    }
    for ((key, value, _), effect) in writes(&row.op).zip(&row.effects) {
        let Some(effect) = effect else { continue };
        if key.no == FieldNo::SCOPE {
            record.scope = value.as_text().and_then(|code| code.parse().ok()).or(record.scope);
        }
        let write = Write {
            dot: row.dot,
            rank: effect.rank,
            eff: row.eff,
            author: row.op.actor.clone(),
            value,
            pending: false,
        };
        merge(record.fields.entry(key.clone()).or_default(), write, effect);
        if record.fields.get(&key).is_some_and(FieldState::is_empty) {
            record.fields.remove(&key);
        }
    }
    if let OpKind::Transition { to, .. } = row.op.kind
        && to.locks()
        && row.verdict == Verdict::Accepted
    {
        record.lock = Some(row.seq);
    }
}

fn create(record: &mut Record, kind: crate::schema::RecordKind, dot: Dot, eff: EffectiveTime, op: &Op) {
    record.kind = Some(kind);
    record.scope = record.scope.or(Some(op.scope));
    record.author = Some(op.actor.clone());
    record.created = Some(Created { dot, eff });
}

/// Held work that was replaced before it arrived writes nothing, but what it had replaced is replaced.
fn pass_on(record: &mut Record, row: &Row) {
    for ((key, _, _), effect) in writes(&row.op).zip(&row.effects) {
        let (Some(effect), Some(state)) = (effect, record.fields.get_mut(&key)) else { continue };
        state.live.retain(|live| !(live.rank <= effect.rank && effect.kills.contains(&live.dot)));
        owe(state, effect);
        state.settle_base();
    }
}

fn owe(state: &mut FieldState, effect: &Effect) {
    for dot in &effect.owed {
        let rank = state.owed.entry(*dot).or_insert(effect.rank);
        *rank = (*rank).max(effect.rank);
    }
}

/// The one rule.
fn merge(state: &mut FieldState, write: Write, effect: &Effect) {
    let was_clean = state.live.len() <= 1;
    let killed = |live: &Write| live.rank <= write.rank && effect.kills.contains(&live.dot);
    let replaced = state.live.iter().find(|live| killed(live)).map(|live| live.value.clone());
    state.live.retain(|live| !killed(live));
    owe(state, effect);
    let dead_on_arrival = state.owed.remove(&write.dot).is_some_and(|killer| write.rank <= killer);
    if !dead_on_arrival {
        state.insert(write);
    }
    if was_clean && state.base.is_none() {
        state.base = effect.base.clone().or(replaced);
    }
    state.settle_base();
}

fn hold(record: &mut Record, row: &Row, state: HeldState) {
    record.held.push(HeldWork { dot: row.dot, eff: row.eff, state, op: row.op.clone() });
}

/// The record that a phone shows: the hub's view with this phone's pending ops of it on top, in their order,
/// and children that the hub has not folded yet.
pub fn with_pending<'a>(
    entity: EntityId,
    mirror: Option<&Record>,
    own: impl Iterator<Item = (Dot, &'a Op)>,
    children: impl Iterator<Item = Dot>,
) -> Record {
    let mut record = mirror.cloned().unwrap_or_else(|| Record::new(entity));
    for (dot, op) in own {
        overlay(&mut record, dot, op);
    }
    for dot in children {
        overlay_child(&mut record, dot);
    }
    record
}
