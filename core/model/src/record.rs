//! A record as it stands: for each field the writes that are alive, and what is owed, held or in dispute.
//!
//! Everything a screen shows of a record is read from here; nothing but `fold` and `overlay` changes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::area::Scope;
use crate::ids::{ActorId, Dot, EntityId, HubSeq};
use crate::op::{FieldKey, Op};
use crate::row::{Decision, HeldReason};
use crate::schema::{FieldNo, Policy, RecordKind};
use crate::time::EffectiveTime;
use crate::value::Value;
use crate::workflow::Stage;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub entity: EntityId,
    /// None while only edits or children of it have arrived.
    pub kind: Option<RecordKind>,
    pub scope: Option<Scope>,
    pub author: Option<ActorId>,
    /// The write that created it.
    pub created: Option<Created>,
    /// Last hub_seq folded: a row at or below it is ignored.
    pub asof: HubSeq,
    /// Where the case was accepted or closed last: what was written before and arrives later is an amendment.
    pub lock: Option<HubSeq>,
    pub fields: BTreeMap<FieldKey, FieldState>,
    /// Creates of children (photos, notes, inspections) that were accepted.
    pub children: BTreeSet<Dot>,
    /// Work on this record that waits for a supervisor or was sent back, in hub order.
    pub held: Vec<HeldWork>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub dot: Dot,
    pub eff: EffectiveTime,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldState {
    /// Live writes in the order of their dots.
    pub live: Vec<Write>,
    /// What was there before an open conflict began.
    pub base: Option<Value>,
    /// Writes that were replaced before they arrived, with the rank of what replaced them.
    pub owed: BTreeMap<Dot, u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub dot: Dot,
    pub rank: u8,
    pub eff: EffectiveTime,
    pub author: ActorId,
    pub value: Value,
    /// Written on this phone and not yet folded by the hub. Never true in a mirror or on the hub.
    pub pending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldWork {
    pub dot: Dot,
    pub eff: EffectiveTime,
    pub state: HeldState,
    pub op: Op,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldState {
    Held(HeldReason),
    SentBack(Decision),
}

/// A field in which two or more different values are alive.
#[derive(Debug)]
pub struct Conflict<'a> {
    pub base: Option<&'a Value>,
    /// Best first, by (rank, eff, dot); equal values are listed each with its author.
    pub values: Vec<&'a Write>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Alive,
    /// One live delete saw every live value and child.
    Deleted,
    /// Deleted by somebody who had not seen all of it.
    Disputed,
}

impl Record {
    pub fn new(entity: EntityId) -> Self {
        Record {
            entity,
            kind: None,
            scope: None,
            author: None,
            created: None,
            asof: HubSeq::ZERO,
            lock: None,
            fields: BTreeMap::new(),
            children: BTreeSet::new(),
            held: Vec::new(),
        }
    }

    pub fn live(&self, key: &FieldKey) -> &[Write] {
        self.fields.get(key).map_or(&[], |state| &state.live)
    }

    /// What is displayed: an own pending write, else the best live one by (rank, eff, dot).
    pub fn shown(&self, key: &FieldKey) -> Option<&Write> {
        self.live(key).iter().max_by_key(|write| write.order())
    }

    /// The displayed value of a plain field.
    pub fn value(&self, no: FieldNo) -> Option<&Value> {
        self.shown(&no.into()).map(|write| &write.value).filter(|value| !value.is_null())
    }

    pub fn text(&self, no: FieldNo) -> Option<&str> {
        self.value(no).and_then(Value::as_text)
    }

    pub fn int(&self, no: FieldNo) -> Option<i64> {
        self.value(no).and_then(Value::as_int)
    }

    /// Whether other grids took the place of this one: it stays, and owns no point any more.
    pub fn is_superseded(&self) -> bool {
        self.text(FieldNo::SUPERSEDED_BY).is_some_and(|codes| !codes.is_empty())
    }

    pub fn stage(&self) -> Option<Stage> {
        self.int(FieldNo::STAGE).and_then(Stage::from_code)
    }

    /// Items of a checklist or set with their displayed values.
    pub fn items(&self, no: FieldNo) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().filter(move |(key, _)| key.no == no).filter_map(|(key, state)| {
            let item = key.item.as_deref()?;
            let shown = state.live.iter().max_by_key(|write| write.order())?;
            (!shown.value.is_null()).then_some((item, &shown.value))
        })
    }

    /// Elements of an add-wins set: present while any live write says so.
    pub fn members(&self, no: FieldNo) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(key, _)| key.no == no).filter_map(|(key, state)| {
            state.live.iter().any(|write| !write.value.is_null()).then_some(key.item.as_deref()?)
        })
    }

    /// The sum of a counter.
    pub fn count(&self, no: FieldNo) -> i64 {
        self.live(&no.into()).iter().filter_map(|write| write.value.as_int()).fold(0, i64::saturating_add)
    }

    pub fn conflict(&self, key: &FieldKey) -> Option<Conflict<'_>> {
        let state = self.fields.get(key)?;
        let disputes = match key.no.policy() {
            Policy::Register | Policy::SupervisorOwned | Policy::PerItem => true,
            Policy::AddWins | Policy::Counter | Policy::Workflow | Policy::Life => false,
        };
        if !disputes || !state.differs() {
            return None;
        }
        let mut values: Vec<&Write> = state.live.iter().collect();
        values.sort_by_key(|write| std::cmp::Reverse(write.order()));
        Some(Conflict { base: state.base.as_ref(), values })
    }

    pub fn conflicts(&self) -> impl Iterator<Item = (&FieldKey, Conflict<'_>)> {
        self.fields.keys().filter_map(|key| self.conflict(key).map(|conflict| (key, conflict)))
    }

    /// Whether a person has something to decide: differing values, or a delete that had not seen all.
    pub fn disputed(&self) -> bool {
        self.life() == Life::Disputed || self.conflicts().next().is_some()
    }

    /// Delete marks that stand.
    pub fn deletes(&self) -> impl Iterator<Item = (&Write, Vec<Dot>)> {
        self.live(&FieldNo::LIFE.into()).iter().filter_map(|write| Some((write, write.value.as_dots()?)))
    }

    /// Every write and child that somebody who deletes the record has to have seen.
    pub fn to_be_seen(&self) -> BTreeSet<Dot> {
        let life = FieldKey::from(FieldNo::LIFE);
        let writes = self.fields.iter().flat_map(|(key, state)| {
            let is_life = *key == life;
            state.live.iter().filter(move |write| !is_life || write.value.is_null())
        });
        writes.map(|write| write.dot).chain(self.children.iter().copied()).collect()
    }

    pub fn life(&self) -> Life {
        let mut deletes = self.deletes().peekable();
        if deletes.peek().is_none() {
            return Life::Alive;
        }
        let to_be_seen = self.to_be_seen();
        let saw_all = |saw: Vec<Dot>| to_be_seen.iter().all(|dot| saw.binary_search(dot).is_ok());
        if deletes.any(|(_, saw)| saw_all(saw)) { Life::Deleted } else { Life::Disputed }
    }
}

impl FieldState {
    fn differs(&self) -> bool {
        self.live.windows(2).any(|pair| pair[0].value != pair[1].value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.live.is_empty() && self.owed.is_empty() && self.base.is_none()
    }

    /// Keeps the order of dots, so that equal states are equal bytes.
    pub(crate) fn insert(&mut self, write: Write) {
        match self.live.binary_search_by_key(&write.dot, |live| live.dot) {
            Ok(at) => self.live[at] = write,
            Err(at) => self.live.insert(at, write),
        }
    }

    /// Only an open conflict has a base, and an emptied field is none.
    pub(crate) fn settle_base(&mut self) {
        if !self.differs() || self.base.as_ref().is_some_and(Value::is_null) {
            self.base = None;
        }
    }
}

impl Write {
    fn order(&self) -> (bool, u8, i64, Dot) {
        (self.pending, self.rank, self.eff.ms, self.dot)
    }
}
