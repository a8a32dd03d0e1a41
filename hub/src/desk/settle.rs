//! Settling one question of a conflict: an op that names exactly the writes that were on the screen. What came
//! in between stays alive beside the decision and asks again.

use gridpatrol_model::author::settle;
use gridpatrol_model::ids::Dot;
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;
use gridpatrol_model::schema::{FieldNo, Policy};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;

use super::case_page::{may_write, write};
use super::problems::{not_allowed, unknown_writes, wrong_value};
use super::timeline::writes_field;
use super::values::{field_named, stored};
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::DotText,
    conflicts::{Decision, Settle, Settled},
};

impl Desk {
    pub(crate) fn settle(&self, session: &Session, entity: &str, what: &Settle) -> Answer<Settled> {
        let (record, (kind, sets)) = self.ask(session, |view| {
            let record = view.open(entity)?;
            let op = view.settlement(&record, what)?;
            Ok((record, op))
        })?;
        let (author, id) = (session.supervisor.author(), record.entity);
        let outcome = self.decide(move |batch| write(batch, &author, id, kind, sets))?;
        self.ask(session, |view| {
            let next = view.next_conflict(&record)?;
            Ok(Settled { dot: DotText(outcome.dot.to_string()), open: outcome.conflicts, next })
        })
    }
}

impl View<'_> {
    fn settlement(&self, record: &Record, what: &Settle) -> Answer<(OpKind, Vec<Set>)> {
        if what.seen.is_empty() {
            return Err(unknown_writes());
        }
        match &what.decision {
            Decision::Take { value } => {
                let field = field_named(what.field.as_deref().unwrap_or_default())?;
                let key = FieldKey { no: field.no, item: what.item.as_deref().map(Into::into) };
                let disputable = match field.policy {
                    Policy::Register | Policy::SupervisorOwned => key.item.is_none(),
                    Policy::PerItem => key.item.is_some(),
                    Policy::AddWins | Policy::Counter | Policy::Workflow | Policy::Life => false,
                };
                if !disputable {
                    return Err(wrong_value());
                }
                if !may_write(self.role(), field) {
                    return Err(not_allowed());
                }
                let seen = self.seen(&what.seen, |row| row.entity == record.entity && writes_field(row, &key))?;
                Ok((OpKind::Resolve, vec![settle(key, seen, stored(field, value)?)]))
            }
            Decision::KeepDeleted => {
                let (_, saw) = self.seen_of_deletion(record, what)?;
                Ok((OpKind::Delete { saw }, Vec::new()))
            }
            Decision::KeepRecord => {
                let (marks, _) = self.seen_of_deletion(record, what)?;
                Ok((OpKind::Resolve, vec![settle(FieldNo::LIFE, marks, Value::null())]))
            }
        }
    }

    /// The delete marks that were on the screen, and the writes and children beside them.
    fn seen_of_deletion(&self, record: &Record, what: &Settle) -> Answer<(Vec<Dot>, Vec<Dot>)> {
        if self.role() != Role::Supervisor {
            return Err(not_allowed());
        }
        let of_record = |row: &Row| row.entity == record.entity || row.op.parent() == Some(record.entity);
        let seen = self.seen(&what.seen, of_record)?;
        let mut marks = Vec::new();
        for dot in &seen {
            let logged = self.logged(*dot)?.ok_or_else(unknown_writes)?;
            if matches!(logged.row.op.kind, OpKind::Delete { .. }) && logged.row.entity == record.entity {
                marks.push(*dot);
            }
        }
        let rest = seen.into_iter().filter(|dot| !marks.contains(dot)).collect();
        if marks.is_empty() { Err(unknown_writes()) } else { Ok((marks, rest)) }
    }
}
