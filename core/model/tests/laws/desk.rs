//! What authors do, on phones and in the office: each op is built by the real `author` functions from what is
//! on the screen, and what was on the screen is written down for the oracle.

use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::ids::{ActorId, Dot, EntityId};
use gridpatrol_model::op::{FieldKey, OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set};
use gridpatrol_model::record::{Record, Write};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;

use crate::action::Action;
use crate::cast::{self, OFFICE, STEPS, villages};
use crate::fault::Fault;
use crate::history::World;
use crate::oracle::{Shown, Written};

/// What somebody wants to write: an op without the parts that its place fills in, and what was shown.
struct Draft {
    kind: OpKind,
    sets: Vec<Set>,
    shown: Vec<Shown>,
    scope: Scope,
    entity: Option<EntityId>,
    actor: Option<ActorId>,
}

impl World {
    pub fn author(&mut self, action: &Action) {
        match *action {
            Action::Look { record } => {
                if let Some((entity, record)) = nth(self.hub.records.iter(), record) {
                    self.pages.insert(*entity, record.clone());
                }
            }
            Action::Create { phone, village, case } => {
                let scope = villages()[usize::from(village) % 2];
                self.on_phone(phone, 0, |_| Some(create(scope, case)));
            }
            Action::Child { phone, record, elsewhere } => {
                self.on_phone(phone, record, |record| child(record?, elsewhere))
            }
            Action::Edit { phone, record, fields, value } => {
                let fault = self.fault;
                self.on_phone(phone, record, |record| edit(fault, record?, fields, value));
            }
            Action::Resolve { phone, record, value } => self.on_phone(phone, record, |record| resolve(record?, value)),
            Action::Delete { phone, record } => {
                let fault = self.fault;
                self.on_phone(phone, record, |record| delete(fault, record?));
            }
            Action::Keep { phone, record } => self.on_phone(phone, record, |record| keep(record?)),
            Action::Step { phone, record, to, also } => {
                let fault = self.fault;
                self.on_phone(phone, record, |record| step(fault, record?, to, also));
            }
            Action::AskMove { phone, record, village } => {
                self.on_phone(phone, record, |record| move_to(record?, village))
            }
            Action::Forge { phone, record, field, value } => self.on_phone(phone, record, |record| {
                let draft = edit(Fault::None, record?, (field, None), value)?;
                Some(Draft { actor: Some(ActorId::new("仲和·99").expect("short")), ..draft })
            }),
            Action::OfficeEdit { record, field, value } => {
                let fault = self.fault;
                self.in_office(record, |record| edit(fault, record, (field, None), value));
            }
            Action::OfficeResolve { record, value } => self.in_office(record, |record| resolve(record, value)),
            Action::OfficeStep { record, to, also } => {
                let fault = self.fault;
                self.in_office(record, |record| step(fault, record, to, also));
            }
            Action::OfficeMove { record, village } => self.in_office(record, |record| move_to(record, village)),
            Action::OfficeDelete { record } => {
                let fault = self.fault;
                self.in_office(record, |record| delete(fault, record));
            }
            Action::OfficeKeep { record } => self.in_office(record, keep),
            _ => unreachable!("the other actions are no ops"),
        }
    }

    fn on_phone(&mut self, phone: u8, record: u8, draft: impl FnOnce(Option<&Record>) -> Option<Draft>) {
        let phone = &self.phones[usize::from(phone) % self.phones.len()];
        let record = nth(phone.records.values(), record);
        let Some(draft) = draft(record) else { return };
        let (member, seen) = (phone.member, phone.cursor.seq);
        let at = self.phones.iter().position(|other| std::ptr::eq(other, phone)).expect("it is one of them");
        let (op, shown) = self.finish(draft, member, seen);
        let fresh = self.fresh_replica(member);
        let dot = self.phones[at].write(op.clone(), fresh);
        let entity = op.entity.unwrap_or_else(|| self.phones[at].outbox.last().expect("just written").entity);
        self.note(dot, Written { entity, member, op, shown });
    }

    /// From a page that may have been open for long.
    fn in_office(&mut self, record: u8, draft: impl FnOnce(&Record) -> Option<Draft>) {
        let Some((entity, current)) = nth(self.hub.records.iter(), record) else { return };
        let entity = *entity;
        let page = self.pages.get(&entity).unwrap_or(current);
        let seen = page.asof;
        let Some(draft) = draft(page) else { return };
        let (op, shown) = self.finish(draft, OFFICE, seen);
        let dot = self.hub.write(op.clone());
        self.pages.remove(&entity);
        self.note(dot, Written { entity, member: OFFICE, op, shown });
    }

    fn finish(&self, draft: Draft, member: usize, seen: gridpatrol_model::ids::HubSeq) -> (Op, Vec<Shown>) {
        let op = Op {
            v: OP_VERSION,
            kind: draft.kind,
            actor: draft.actor.unwrap_or_else(|| cast::actor(member)),
            entity: draft.entity,
            scope: draft.scope,
            seen,
            schema: SCHEMA_VERSION,
            time: cast::time(self.clock, self.clock as u8),
            sets: draft.sets,
            extra: Vec::new(),
        };
        (op, draft.shown)
    }

    fn note(&mut self, dot: Dot, written: Written) {
        self.written.insert(dot, written);
    }
}

fn nth<T>(mut items: impl ExactSizeIterator<Item = T>, at: u8) -> Option<T> {
    let len = items.len();
    if len == 0 { None } else { items.nth(usize::from(at) % len) }
}

fn on(record: &Record, kind: OpKind) -> Draft {
    let scope = record.scope.unwrap_or(villages()[0]);
    Draft { kind, sets: Vec::new(), shown: Vec::new(), scope, entity: Some(record.entity), actor: None }
}

/// The write that a screen displays, said independently of `Record::shown`.
fn displayed(record: &Record, key: &FieldKey) -> Vec<Dot> {
    let best = |write: &&Write| (write.pending, write.rank, write.eff.ms, write.dot);
    record.live(key).iter().max_by_key(best).map(|write| write.dot).into_iter().collect()
}

fn create(scope: Scope, case: bool) -> Draft {
    let kind = OpKind::Create { kind: if case { RecordKind::CASE } else { RecordKind::PLACE } };
    let mut sets = vec![author::first(FieldNo::DESCRIPTION, Value::text("甲"))];
    if case {
        sets.push(author::first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())));
    }
    let shown = sets.iter().map(|set| Shown { key: set.key.clone(), dots: Vec::new() }).collect();
    Draft { kind, sets, shown, scope, entity: None, actor: None }
}

fn child(parent: &Record, elsewhere: bool) -> Option<Draft> {
    let here = parent.scope?;
    let scope = villages().into_iter().find(|village| (*village != here) == elsewhere)?;
    let sets = vec![
        author::first(FieldNo::PARENT, Value::entity(parent.entity)),
        author::first(FieldNo::DESCRIPTION, Value::text("照片")),
    ];
    let shown = sets.iter().map(|set| Shown { key: set.key.clone(), dots: Vec::new() }).collect();
    Some(Draft { kind: OpKind::Create { kind: RecordKind::NOTE }, sets, shown, scope, entity: None, actor: None })
}

fn edit(fault: Fault, record: &Record, fields: (u8, Option<u8>), value: u8) -> Option<Draft> {
    let mut draft = on(record, OpKind::Set);
    for (nth, key) in [Some(fields.0), fields.1].into_iter().flatten().map(cast::field).enumerate() {
        add_edit(fault, &mut draft, record, key, value.wrapping_add(nth as u8));
    }
    Some(draft)
}

fn add_edit(fault: Fault, draft: &mut Draft, record: &Record, key: FieldKey, value: u8) {
    if draft.sets.iter().any(|set| set.key == key) {
        return;
    }
    let value = cast::value(&key, value);
    if cast::is_delta(&key) {
        draft.sets.push(author::first(key.clone(), value));
        draft.shown.push(Shown { key, dots: Vec::new() });
        return;
    }
    let mut set = author::edit(record, key.clone(), value);
    if fault == Fault::EditListsAll {
        set.preds = record.live(&key).iter().map(|write| write.dot).collect();
    }
    draft.sets.push(set);
    draft.shown.push(Shown { dots: displayed(record, &key), key });
}

fn resolve(record: &Record, value: u8) -> Option<Draft> {
    let (key, conflict) = record.conflicts().next()?;
    let seen: Vec<Dot> = conflict.values.iter().map(|write| write.dot).collect();
    let mut draft = on(record, OpKind::Resolve);
    draft.sets.push(author::settle(key.clone(), seen.clone(), cast::value(key, value)));
    draft.shown.push(Shown { key: key.clone(), dots: seen });
    Some(draft)
}

fn delete(fault: Fault, record: &Record) -> Option<Draft> {
    let mut draft = on(record, author::delete(record));
    if fault == Fault::DeleteKills {
        let keys = record.fields.keys().filter(|key| ![FieldNo::LIFE, FieldNo::STAGE].contains(&key.no));
        draft.sets = keys.map(|key| author::edit(record, key.clone(), Value::null())).collect();
    }
    draft.shown.push(Shown { key: FieldNo::LIFE.into(), dots: Vec::new() });
    Some(draft)
}

fn keep(record: &Record) -> Option<Draft> {
    let set = author::keep(record);
    let shown = Shown { key: set.key.clone(), dots: record.deletes().map(|(write, _)| write.dot).collect() };
    record.deletes().next()?;
    Some(Draft { sets: vec![set], shown: vec![shown], ..on(record, OpKind::Set) })
}

fn step(fault: Fault, record: &Record, to: u8, also: Option<u8>) -> Option<Draft> {
    let to = STEPS[usize::from(to) % STEPS.len()];
    let mut draft = on(record, author::step(record, to, None)?);
    if to == Stage::Dispatched {
        draft.sets.push(author::edit(record, FieldNo::HOLDER, Value::actor(&cast::actor(3))));
        draft.sets.push(author::edit(record, FieldNo::ROUND, Value::int(1)));
        for no in [FieldNo::HOLDER, FieldNo::ROUND] {
            draft.shown.push(Shown { dots: displayed(record, &no.into()), key: no.into() });
        }
    }
    if let Some(field) = also {
        add_edit(fault, &mut draft, record, cast::field(field), field);
    }
    draft.shown.push(Shown { dots: displayed(record, &FieldNo::STAGE.into()), key: FieldNo::STAGE.into() });
    Some(draft)
}

fn move_to(record: &Record, village: u8) -> Option<Draft> {
    let to = villages()[usize::from(village) % 2];
    let mut draft = on(record, OpKind::Set);
    draft.sets.push(author::edit(record, FieldNo::SCOPE, Value::text(to.as_str())));
    draft.shown.push(Shown { dots: displayed(record, &FieldNo::SCOPE.into()), key: FieldNo::SCOPE.into() });
    Some(draft)
}
