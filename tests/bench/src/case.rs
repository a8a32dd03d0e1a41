//! An event of the workload as this project keeps it: the Create of a case with ten fields, in a grid.

use gridpatrol_model::area::Scope;
use gridpatrol_model::author::{edit, first, step};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::{Role, Stage};

use crate::county::Phone;
use crate::workload::{Edit, Event, Field};

pub const STANDARD: [&str; 2] = ["GB/T 34300-2017", "event"];

/// Places at which the events happen: a dozen to a grid.
const PLACES: u32 = 500;

pub fn grid(number: u32) -> Scope {
    Scope::parse(&format!("440783108224{:03}", number + 1)).expect("a grid of the village")
}

pub fn place(number: usize) -> EntityId {
    let mix = (number as u128 % u128::from(PLACES) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    EntityId(mix.to_be_bytes())
}

/// The fields of the `number`th event.
pub fn sets(event: &Event, number: usize) -> Vec<Set> {
    let at = Position { lon_e7: event.lon_e7, lat_e7: event.lat_e7, accuracy_dm: None };
    let [standard, part] = STANDARD;
    let category = [standard, part, event.category, event.category].map(Value::text);
    vec![
        first(FieldNo::POSITION, Value::position(at)),
        first(FieldNo::NAME, Value::text(event.reporter)),
        first(FieldNo::PLACE, Value::entity(place(number))),
        first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
        first(FieldNo::CATEGORY, Value::list(&category)),
        first(FieldNo::DESCRIPTION, Value::text(&event.description)),
        first(FieldNo::LOCATION_TEXT, Value::text(&event.address)),
        first(FieldNo::SEVERITY, Value::int(event.severity)),
        first(FieldNo::FOUND_AT, Value::int(event.created_ms)),
        first(FieldNo::TITLE, Value::text(&event.title)),
    ]
}

/// The op by which a phone creates it.
pub fn create(phone: &Phone, event: &Event, number: usize, scope: Scope) -> Op {
    Op {
        v: OP_VERSION,
        kind: OpKind::Create { kind: RecordKind::CASE },
        actor: phone.author.actor.clone(),
        entity: None,
        scope,
        seen: phone.seen,
        schema: SCHEMA_VERSION,
        time: phone.clocks(event.created_ms),
        sets: sets(event, number),
        extra: Vec::new(),
    }
}

/// What a phone writes for an edit of the workload.
pub fn change(record: &Record, change: &Edit, role: Role) -> (OpKind, Vec<Set>) {
    let set = |no, value| (OpKind::Set, vec![edit(record, no, value)]);
    let text = || Value::text(&change.text);
    match change.field {
        Field::Severity => set(FieldNo::SEVERITY, Value::int(change.number)),
        Field::Description => set(FieldNo::DESCRIPTION, text()),
        Field::Title => set(FieldNo::TITLE, text()),
        Field::Address => set(FieldNo::LOCATION_TEXT, text()),
        Field::Reporter => set(FieldNo::NAME, text()),
        Field::Status => {
            let to = if role == Role::Lead { Stage::Accepted } else { Stage::SelfHandled };
            (step(record, to, None).expect("a case has a stage"), Vec::new())
        }
    }
}
