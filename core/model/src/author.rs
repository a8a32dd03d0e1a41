//! The author's side: the sets of an op from what its author was shown.
//!
//! An ordinary edit names only the value that was displayed. Naming every live value would overwrite those
//! that nobody looked at; only a Resolve names more, and only what was on the screen.

use crate::ids::Dot;
use crate::op::{FieldKey, OpKind, Set};
use crate::record::Record;
use crate::schema::{FieldNo, Policy};
use crate::value::Value;
use crate::workflow::Stage;

/// A set of a record that does not exist yet.
pub fn first(key: impl Into<FieldKey>, value: Value) -> Set {
    Set { key: key.into(), preds: Vec::new(), value }
}

/// An edit of a field as it is displayed.
pub fn edit(record: &Record, key: impl Into<FieldKey>, value: Value) -> Set {
    let key = key.into();
    let preds = match key.no.policy() {
        // A delta replaces nothing.
        Policy::Counter => Vec::new(),
        Policy::Register
        | Policy::SupervisorOwned
        | Policy::PerItem
        | Policy::AddWins
        | Policy::Workflow
        | Policy::Life => record.shown(&key).map(|write| write.dot).into_iter().collect(),
    };
    Set { key, preds, value }
}

/// A settlement of a conflict: `seen` are the writes that were on the screen.
pub fn settle(key: impl Into<FieldKey>, seen: Vec<Dot>, value: Value) -> Set {
    Set { key: key.into(), preds: seen, value }
}

/// A delete of all that is displayed of the record.
pub fn delete(record: &Record) -> OpKind {
    OpKind::Delete { saw: record.to_be_seen().into_iter().collect() }
}

/// Takes a record back from a delete: names the delete marks that were on the screen.
pub fn keep(record: &Record) -> Set {
    let seen = record.deletes().map(|(write, _)| write.dot).collect();
    settle(FieldNo::LIFE, seen, Value::null())
}

/// A step of a case from the stage that is displayed; none on what has no stage.
pub fn step(record: &Record, to: Stage, reason: Option<String>) -> Option<OpKind> {
    let shown = record.shown(&FieldNo::STAGE.into())?;
    Some(OpKind::Transition { from: record.stage()?, to, seen: shown.dot, reason })
}
