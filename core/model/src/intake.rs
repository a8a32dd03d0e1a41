//! What the hub decides about an op before it enters the log: rights, verdict, time, and for each write its
//! rank, what it kills, what of that is still owed, and the base of a conflict. Pure: the log is a value.

use std::collections::BTreeSet;

use crate::area::Scope;
use crate::fold::writes;
use crate::ids::{ActorId, Dot, EntityId, HubSeq};
use crate::op::{FieldKey, Op, OpKind};
use crate::record::{HeldState, Record};
use crate::row::{Decision, Effect, HeldReason, Row, Verdict, rank};
use crate::schema::{FieldNo, Policy, RecordKind, ValueType};
use crate::time::EffectiveTime;
use crate::value::Value;
use crate::workflow::{ParkReason, Role, Ruling, Stage, rule};

/// What the writer of a cell can look up while it judges.
pub trait Log {
    fn record(&self, entity: EntityId) -> Option<Record>;
    /// What became of a write, if it has arrived.
    fn find(&self, dot: Dot) -> Option<Found>;
    /// Whether a record ever lay in a scope.
    fn lay_in(&self, entity: EntityId, scope: &Scope) -> bool;
}

/// A write that has arrived.
pub struct Found {
    /// The verdict of its latest row.
    pub verdict: Verdict,
    pub op: Op,
}

/// Who an op comes from, as the hub knows it: by certificate or by session.
#[derive(Clone, Debug)]
pub struct Author {
    pub actor: ActorId,
    pub role: Role,
    pub areas: Vec<Grant>,
    pub revoked: bool,
}

/// A right to work in an area.
#[derive(Clone, Debug)]
pub struct Grant {
    pub scope: Scope,
    /// Set when the area was handed over: what was written before the author saw that is still accepted.
    pub until: Option<HubSeq>,
}

impl Author {
    fn covers(&self, scope: &Scope, seen: HubSeq) -> bool {
        self.areas.iter().any(|grant| grant.scope.contains(scope) && grant.until.is_none_or(|until| seen < until))
    }
}

/// Judges an op that has just arrived, and drafts its row.
pub fn judge(
    log: &impl Log,
    author: &Author,
    seq: HubSeq,
    dot: Dot,
    entity: EntityId,
    eff: EffectiveTime,
    op: Op,
) -> Row {
    let record = log.record(entity);
    let verdict = verdict(log, author, record.as_ref(), &op);
    let late = is_late(record.as_ref(), &op);
    let row = Row { seq, dot, entity, scopes: Vec::new(), eff, verdict, op, effects: Vec::new(), decision: None };
    draft(log, author.role, record.as_ref(), late, row)
}

/// Judges an op again that a log which was lost had a row of. When it was written, whether it came too late and who
/// signed it was found out then; the rest is for this log to say.
pub fn judge_again(log: &impl Log, author: &Author, seq: HubSeq, lost: Row) -> Row {
    let record = log.record(lost.entity);
    let verdict = match lost.verdict {
        stays @ Verdict::Quarantined(HeldReason::Revoked | HeldReason::NotAuthor) => stays,
        _ => verdict(log, author, record.as_ref(), &lost.op),
    };
    let late = lost.effects.iter().flatten().any(|effect| effect.rank == rank::AMENDMENT);
    draft(log, author.role, record.as_ref(), late, Row { seq, verdict, decision: None, ..lost })
}

/// Lets held work through: a new row that carries the op. What a parked transition already merged is not
/// merged again; its step is taken from the present stage on the supervisor's word.
pub fn release(log: &impl Log, role: Role, seq: HubSeq, held: &Row, decision: Decision) -> Row {
    let record = log.record(held.entity);
    let late = is_late(record.as_ref(), &held.op);
    let row = Row { seq, verdict: Verdict::Accepted, decision: Some(decision), ..held.clone() };
    let mut row = draft(log, role, record.as_ref(), late, row);
    if matches!(held.verdict, Verdict::Parked(_)) {
        for ((key, _, _), effect) in writes(&held.op).zip(&mut row.effects) {
            if key.no.policy() != Policy::Workflow {
                *effect = None;
            }
        }
    }
    row
}

/// Sends held work back to its author: a row where the record is now.
pub fn send_back(log: &impl Log, seq: HubSeq, held: &Row, decision: Decision) -> Row {
    let effects = held.effects.iter().map(|_| None).collect();
    let scopes = scopes_of(log, log.record(held.entity).as_ref(), &held.op, Verdict::SentBack);
    Row { seq, scopes, verdict: Verdict::SentBack, effects, decision: Some(decision), ..held.clone() }
}

fn verdict(log: &impl Log, author: &Author, record: Option<&Record>, op: &Op) -> Verdict {
    match held_whole(log, author, record, op) {
        Some(reason) => Verdict::Quarantined(reason),
        None => transition_verdict(record, author.role, op),
    }
}

fn held_whole(log: &impl Log, author: &Author, record: Option<&Record>, op: &Op) -> Option<HeldReason> {
    if author.revoked {
        Some(HeldReason::Revoked)
    } else if author.actor != op.actor {
        Some(HeldReason::NotAuthor)
    } else if !within(log, author, record, op) {
        Some(HeldReason::OutOfArea)
    } else if !sensible(record, op) {
        Some(HeldReason::Unreadable)
    } else if !permitted(log, author, record, op) {
        Some(HeldReason::NoRights)
    } else if follows_held(record, op) {
        Some(HeldReason::AfterHeld)
    } else {
        None
    }
}

/// Whether the author may work where the record is. Where it was will do, for work that was written before it
/// moved; where the author says that it is will not.
fn within(log: &impl Log, author: &Author, record: Option<&Record>, op: &Op) -> bool {
    let claimed = author.covers(&op.scope, op.seen);
    match record.and_then(|record| Some((record.entity, record.scope?))) {
        None => claimed,
        Some((entity, stands)) => {
            author.covers(&stands, op.seen) || claimed && op.scope != stands && log.lay_in(entity, &op.scope)
        }
    }
}

/// Whether the op means something: fields of the types they have, steps only where there are stages.
fn sensible(record: Option<&Record>, op: &Op) -> bool {
    let kind = match op.kind {
        OpKind::Create { kind } => {
            return op.entity.is_none()
                && op.sets.iter().all(|set| fits(&set.key, &set.value) && starts(kind, &set.key, &set.value));
        }
        _ => record.and_then(|record| record.kind),
    };
    let typed = op.sets.iter().all(|set| fits(&set.key, &set.value));
    let stages = matches!(op.kind, OpKind::Transition { .. });
    let moves = |set: &crate::op::Set| set.key.no.policy() != Policy::Workflow || set.key.no == FieldNo::SCOPE;
    op.entity.is_some()
        && typed
        && if stages { kind.is_none_or(|kind| kind == RecordKind::CASE) } else { op.sets.iter().all(moves) }
}

/// A new record starts at a beginning: a case as draft or reported, held by nobody else's word.
fn starts(kind: RecordKind, key: &FieldKey, value: &Value) -> bool {
    match key.no {
        FieldNo::STAGE => {
            let stage = value.as_int().and_then(Stage::from_code);
            kind == RecordKind::CASE && matches!(stage, Some(Stage::Draft | Stage::Reported))
        }
        no => no.policy() != Policy::Workflow,
    }
}

/// Whether a field can hold the value. A phone asks before it writes, the hub before it merges.
pub fn fits(key: &FieldKey, value: &Value) -> bool {
    // A field of a newer version is taken as it is; an upgrade will read it.
    let Some(field) = key.no.field() else { return true };
    value.is_null()
        || match field.value {
            ValueType::Text(max) => value.as_text().is_some_and(|text| text.len() <= max),
            ValueType::Bytes(max) => value.as_bytes().is_some_and(|bytes| bytes.len() <= max),
            ValueType::Int | ValueType::Time => value.as_int().is_some(),
            ValueType::Bool => value.as_bool().is_some(),
            ValueType::Position => {
                value.as_position().is_some_and(|at| at.lat_e7.abs() <= 900_000_000 && at.lon_e7.abs() <= 1_800_000_000)
            }
            ValueType::Entity => value.as_entity().is_some(),
            ValueType::Actor => value.as_text().is_some_and(|text| ActorId::new(text).is_ok()),
            ValueType::Scope => value.as_text().is_some_and(|text| Scope::parse(text).is_ok()),
            ValueType::Blob => value.as_blob().is_some(),
            ValueType::Category => value.as_list().is_some_and(|parts| parts.len() == 4),
            ValueType::Stage => value.as_int().and_then(Stage::from_code).is_some(),
            // Only a Delete writes a mark, with the rights of a delete; a set takes marks back.
            ValueType::Dots => false,
            ValueType::Ring => value
                .as_list()
                .is_some_and(|ring| ring.len() % 2 == 0 && ring.iter().all(|part| part.as_int().is_some())),
        }
}

fn permitted(log: &impl Log, author: &Author, record: Option<&Record>, op: &Op) -> bool {
    let writes_allowed =
        op.sets.iter().all(|set| set.key.no.field().is_none_or(|field| field.writers.contains(&author.role)));
    match &op.kind {
        OpKind::Delete { .. } => writes_allowed && may_delete(&author.actor, author.role, record),
        OpKind::Transition { to: Stage::Checked, .. } => writes_allowed && !handled_by(log, record, &author.actor),
        _ => writes_allowed && author.role != Role::Auditor,
    }
}

/// The author while draft or reported, afterwards a supervisor; what has no stages, its author always.
pub fn may_delete(actor: &ActorId, role: Role, record: Option<&Record>) -> bool {
    let Some(record) = record else { return role == Role::Supervisor };
    let early = matches!(record.stage(), None | Some(Stage::Draft | Stage::Reported));
    role == Role::Supervisor || early && record.author.as_ref() == Some(actor)
}

/// Checker ≠ handler: whoever took the case to handled does not check it.
fn handled_by(log: &impl Log, record: Option<&Record>, actor: &ActorId) -> bool {
    let Some(write) = record.and_then(|record| record.shown(&FieldNo::STAGE.into())) else { return false };
    log.find(write.dot).is_some_and(|found| {
        found.op.actor == *actor && matches!(found.op.kind, OpKind::Transition { to: Stage::Handled, .. })
    })
}

/// An edit of a record that exists only as held work waits with it.
fn follows_held(record: Option<&Record>, op: &Op) -> bool {
    op.entity.is_some()
        && record.is_some_and(|record| {
            record.kind.is_none()
                && record.held.iter().any(|work| {
                    matches!(work.op.kind, OpKind::Create { .. }) && matches!(work.state, HeldState::Held(_))
                })
        })
}

fn transition_verdict(record: Option<&Record>, role: Role, op: &Op) -> Verdict {
    let OpKind::Transition { to, seen, .. } = op.kind else { return Verdict::Accepted };
    let Some(shown) = record.and_then(|record| record.shown(&FieldNo::STAGE.into())) else {
        return Verdict::Parked(HeldReason::BadTransition);
    };
    let stage = shown.value.as_int().and_then(Stage::from_code).unwrap_or(Stage::Draft);
    match rule(stage, to, role, shown.dot == seen) {
        Ruling::Apply | Ruling::Rebase => Verdict::Accepted,
        Ruling::Agreement => Verdict::Agreed,
        Ruling::Park(ParkReason::NoRights) => Verdict::Parked(HeldReason::NoRights),
        Ruling::Park(ParkReason::NoSuchStep | ParkReason::Stale) => Verdict::Parked(HeldReason::BadTransition),
    }
}

/// Written before the record was locked, arrived after.
fn is_late(record: Option<&Record>, op: &Op) -> bool {
    record.and_then(|record| record.lock).is_some_and(|lock| op.seen < lock)
}

/// Fills in what the op does here, and the logs in which the row appears.
fn draft(log: &impl Log, role: Role, record: Option<&Record>, late: bool, row: Row) -> Row {
    let Row { dot, verdict, ref op, .. } = row;
    let effects = writes(op)
        .map(|(key, _, preds)| match (verdict, key.no.policy()) {
            (Verdict::Quarantined(_), _) => {
                owed(record, &key, dot).map(|rank| replaces(log, record, &key, preds, rank))
            }
            (Verdict::SentBack, _) => None,
            (Verdict::Parked(_) | Verdict::Agreed, Policy::Workflow) => None,
            (_, Policy::Workflow) if op.kind.creates() => begins(record, &key),
            (_, Policy::Workflow) => Some(takes_over(record, &key)),
            (_, Policy::Counter) => Some(Effect { rank: rank::ORDINARY, ..Effect::default() }),
            _ if late => Some(Effect { rank: rank::AMENDMENT, ..Effect::default() }),
            (_, policy) => Some(replaces(log, record, &key, preds, rank_of(policy, role))),
        })
        .collect();
    let scopes = scopes_of(log, record, op, verdict);
    Row { scopes, effects, ..row }
}

fn rank_of(policy: Policy, role: Role) -> u8 {
    if policy == Policy::SupervisorOwned && role == Role::Supervisor { rank::SUPERVISOR } else { rank::ORDINARY }
}

/// The rank of what replaced a write before it arrived.
fn owed(record: Option<&Record>, key: &FieldKey, dot: Dot) -> Option<u8> {
    record?.fields.get(key)?.owed.get(&dot).copied()
}

/// A Create that arrives after steps of its record does not take the record back to its beginning.
fn begins(record: Option<&Record>, key: &FieldKey) -> Option<Effect> {
    let beginning = key.no == FieldNo::STAGE && record.is_none_or(|record| record.live(key).is_empty());
    beginning.then(|| Effect { rank: rank::ORDINARY, ..Effect::default() })
}

/// Workflow state has one value: an applied step replaces whatever stands.
fn takes_over(record: Option<&Record>, key: &FieldKey) -> Effect {
    let kills = record.map(|record| record.live(key).iter().map(|write| write.dot).collect()).unwrap_or_default();
    Effect { rank: rank::ORDINARY, kills, ..Effect::default() }
}

/// An ordinary write: kills what its author was shown; a pred that is held is followed to what it replaced.
fn replaces(log: &impl Log, record: Option<&Record>, key: &FieldKey, preds: Vec<Dot>, rank: u8) -> Effect {
    let (mut kills, mut owed) = (BTreeSet::new(), BTreeSet::new());
    let mut base = None;
    let mut queue = preds;
    while let Some(dot) = queue.pop() {
        if !kills.insert(dot) {
            continue;
        }
        match log.find(dot) {
            None => drop(owed.insert(dot)),
            Some(found) => {
                let written = writes(&found.op).find(|(written, _, _)| written == key);
                if !merged(found.verdict, key) {
                    owed.insert(dot);
                    queue.extend(written.as_ref().map(|(_, _, preds)| preds.clone()).unwrap_or_default());
                }
                base = base.or(written.map(|(_, value, _)| value));
            }
        }
    }
    let stands = record.is_some_and(|record| record.live(key).iter().any(|write| kills.contains(&write.dot)));
    Effect {
        rank,
        kills: kills.into_iter().collect(),
        owed: owed.into_iter().collect(),
        base: if stands { None } else { base.filter(|base| !base.is_null()) },
    }
}

/// Whether a write of this field with this verdict entered the record.
fn merged(verdict: Verdict, key: &FieldKey) -> bool {
    match verdict {
        Verdict::Accepted => true,
        Verdict::Agreed | Verdict::Parked(_) => key.no.policy() != Policy::Workflow,
        Verdict::Quarantined(_) | Verdict::SentBack => false,
    }
}

/// A row appears in the log of the scope where its record is, on a move also in that which the record enters,
/// and for a new child also in that of its parent. `Row::home` reads the order.
fn scopes_of(log: &impl Log, record: Option<&Record>, op: &Op, verdict: Verdict) -> Vec<Scope> {
    let stands = record.and_then(|record| record.scope).unwrap_or(op.scope);
    let also = match (verdict, op.kind.creates()) {
        (Verdict::Accepted, true) => op.parent().and_then(|parent| log.record(parent)?.scope),
        (Verdict::Accepted, false) => {
            op.value(FieldNo::SCOPE).and_then(Value::as_text).and_then(|code| Scope::parse(code).ok())
        }
        _ => None,
    };
    std::iter::once(stands).chain(also.filter(|scope| *scope != stands)).collect()
}
