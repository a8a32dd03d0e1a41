//! What a record has to be, worked out from what each author was *shown* and from nothing the merge did.
//!
//! A write is alive exactly when nobody who was shown it, directly or through held work, has replaced it by a
//! write that was accepted and ranks at least as high. Of a row only its place and its verdict are used.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::ids::{Dot, EntityId, HubSeq};
use gridpatrol_model::op::{FieldKey, Op, OpKind};
use gridpatrol_model::record::Life;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::schema::{FieldNo, Policy};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;

use crate::cast;

pub struct Shown {
    pub key: FieldKey,
    pub dots: Vec<Dot>,
}

/// An op as its author meant it.
pub struct Written {
    pub entity: EntityId,
    pub member: usize,
    pub op: Op,
    pub shown: Vec<Shown>,
}

impl Written {
    fn shown(&self, key: &FieldKey) -> Option<&[Dot]> {
        self.shown.iter().find(|shown| shown.key == *key).map(|shown| &*shown.dots)
    }

    pub fn value(&self, key: &FieldKey) -> Option<Value> {
        let set = self.op.sets.iter().find(|set| set.key == *key).map(|set| set.value.clone());
        match &self.op.kind {
            OpKind::Delete { saw } if key.no == FieldNo::LIFE => Some(Value::dots(saw.iter().copied())),
            OpKind::Transition { to, .. } if key.no == FieldNo::STAGE => Some(Value::int(to.code().into())),
            _ => set,
        }
    }
}

/// Where a write entered its record, and with which rank.
#[derive(Clone, Copy)]
struct Entered {
    at: usize,
    rank: u8,
}

pub struct Oracle<'a> {
    written: &'a BTreeMap<Dot, Written>,
    arrived: BTreeMap<Dot, usize>,
    entered: BTreeMap<(Dot, FieldKey), Entered>,
    pub children: BTreeMap<EntityId, BTreeSet<Dot>>,
    /// The write of a workflow field that took effect last.
    pub stands: BTreeMap<(EntityId, FieldKey), Dot>,
}

impl<'a> Oracle<'a> {
    /// `late`: whether each row came behind the lock of its record.
    pub fn new(written: &'a BTreeMap<Dot, Written>, rows: &[Row], late: &BTreeMap<(Dot, HubSeq), bool>) -> Self {
        let (arrived, entered, children, stands) = Default::default();
        let mut oracle = Oracle { written, arrived, entered, children, stands };
        for (at, row) in rows.iter().enumerate() {
            oracle.arrived.entry(row.dot).or_insert(at);
            oracle.row(at, row, late[&(row.dot, row.seq)]);
            if row.verdict == Verdict::Accepted
                && let Some(parent) = row.op.parent()
            {
                oracle.children.entry(parent).or_default().insert(row.dot);
            }
        }
        oracle
    }

    fn row(&mut self, at: usize, row: &Row, late: bool) {
        let written = self.written;
        let Some(op) = written.get(&row.dot) else { return };
        for Shown { key, .. } in &op.shown {
            let workflow = key.no.policy() == Policy::Workflow;
            let enters = match row.verdict {
                Verdict::Accepted => true,
                Verdict::Agreed | Verdict::Parked(_) => !workflow,
                Verdict::Quarantined(_) | Verdict::SentBack => false,
            };
            if !enters || self.entered.contains_key(&(row.dot, key.clone())) {
                continue;
            }
            if workflow {
                let begins = matches!(row.op.kind, OpKind::Create { .. });
                let stands = self.stands.entry((row.entity, key.clone())).or_insert(row.dot);
                if !begins {
                    *stands = row.dot;
                }
            }
            let supervisor = cast::author(op.member, false).role == Role::Supervisor;
            let rank = match key.no.policy() {
                _ if late => 0,
                Policy::SupervisorOwned if supervisor => 2,
                _ => 1,
            };
            self.entered.insert((row.dot, key.clone()), Entered { at, rank });
        }
    }

    /// All that the author of a write had replaced: what was shown, and what held work among it had replaced.
    fn replaced(&self, dot: Dot, key: &FieldKey) -> BTreeSet<Dot> {
        let shown = |dot: &Dot| self.written.get(dot).and_then(|op| op.shown(key)).unwrap_or_default().to_vec();
        let by = self.entered.get(&(dot, key.clone())).map(|entered| entered.at);
        let mut replaced = BTreeSet::new();
        let mut queue = shown(&dot);
        while let Some(pred) = queue.pop() {
            if !replaced.insert(pred) {
                continue;
            }
            let held = match (self.arrived.get(&pred), self.entered.get(&(pred, key.clone()))) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(arrived), Some(entered)) => Some(*arrived) < by && by < Some(entered.at),
            };
            if held {
                queue.extend(shown(&pred));
            }
        }
        replaced
    }

    /// Live writes of each field of a record, workflow state apart.
    pub fn alive(&self, entity: EntityId) -> BTreeMap<FieldKey, BTreeSet<Dot>> {
        let of_record = |dot: &Dot| self.written[dot].entity == entity;
        let entered =
            self.entered.iter().filter(|((dot, key), _)| of_record(dot) && key.no.policy() != Policy::Workflow);
        let mut alive: BTreeMap<FieldKey, BTreeMap<Dot, u8>> = BTreeMap::new();
        for ((dot, key), entered) in entered.clone() {
            alive.entry(key.clone()).or_default().insert(*dot, entered.rank);
        }
        for ((dot, key), by) in entered.filter(|(_, by)| by.rank > 0) {
            let dead = self.replaced(*dot, key);
            alive.entry(key.clone()).or_default().retain(|other, rank| *rank > by.rank || !dead.contains(other));
        }
        alive.into_iter().map(|(key, writes)| (key, writes.into_keys().collect())).collect()
    }

    pub fn values(&self, dots: &BTreeSet<Dot>, key: &FieldKey) -> BTreeSet<Value> {
        dots.iter().filter_map(|dot| self.written[dot].value(key)).collect()
    }

    pub fn life(&self, entity: EntityId) -> Life {
        let alive = self.alive(entity);
        let life = FieldKey::from(FieldNo::LIFE);
        let marks = |dot: &Dot| match &self.written[dot].op.kind {
            OpKind::Delete { saw } => Some(saw.iter().copied().collect::<BTreeSet<Dot>>()),
            _ => None,
        };
        let deletes: Vec<_> = alive.get(&life).into_iter().flatten().filter_map(marks).collect();
        let stands = self.stands.iter().filter(|((of, _), _)| *of == entity).map(|(_, dot)| *dot);
        let edits = alive.values().flatten().copied().filter(|dot| marks(dot).is_none());
        let all: BTreeSet<Dot> =
            edits.chain(stands).chain(self.children.get(&entity).into_iter().flatten().copied()).collect();
        if deletes.is_empty() {
            Life::Alive
        } else if deletes.iter().any(|saw| all.is_subset(saw)) {
            Life::Deleted
        } else {
            Life::Disputed
        }
    }
}
