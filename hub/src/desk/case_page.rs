//! One case: its fields, its story, and what this session may do now; and edits of single fields.

use gridpatrol_model::ids::{Dot, EntityId};
use gridpatrol_model::intake::{Author, Log};
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::record::{Life, Record};
use gridpatrol_model::row::Row;
use gridpatrol_model::schema::{FIELDS, Field, FieldNo, Policy, Purpose, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;

use super::cases::open_conflicts;
use super::patrol_page::shown_position;
use super::problems::{not_allowed, wrong_value};
use super::timeline::{verdict, writes_field};
use super::values::{field_named, form, stored};
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    cases::{Case, CaseField, FieldForm, SetField, Verdict, Written},
    common::{DotText, FieldValue, RecordRef, Text},
    problem::Problem,
};
use crate::cell::{Batch, CellError, Draft};

impl Desk {
    pub(crate) fn case(&self, session: &Session, id: &str) -> Answer<Case> {
        self.ask(session, |view| {
            let case = view.open_kind(id, RecordKind::CASE)?;
            let stage = case.shown(&FieldNo::STAGE.into()).map(|write| write.dot);
            let first = case.created.as_ref().map(|created| created.dot);
            let children = view.children(case.entity)?;
            Ok(Case {
                summary: view.case_row(&case)?,
                deleted: case.life() == Life::Deleted,
                position: shown_position(&case),
                patrol: view.patrol_of(&case)?,
                fields: view.case_fields(&case)?,
                photos: view.photos(children.iter().filter(|child| child.kind == Some(RecordKind::PHOTO)))?,
                timeline: view.timeline(&case, &children)?,
                stage_dot: DotText(stage.or(first).ok_or_else(Problem::not_found)?.to_string()),
                allowed: view.allowed(&case)?,
            })
        })
    }

    pub(crate) fn set_field(&self, session: &Session, id: &str, set: &SetField) -> Answer<Written> {
        let field = field_named(&set.field)?;
        let (record, seen) = self.ask(session, |view| {
            let record = view.open(id)?;
            let seen =
                view.seen(&set.seen, |row| row.entity == record.entity && writes_field(row, &field.no.into()))?;
            Ok((record, seen))
        })?;
        let fits = record.kind.is_some_and(|kind| field.kinds.contains(&kind)) && plain(field);
        if !fits {
            return Err(wrong_value());
        }
        if !may_write(session.supervisor.role, field) {
            return Err(not_allowed());
        }
        let value = stored(field, &set.value)?;
        // Only a settlement names more than the one value that was shown.
        let kind = if seen.len() > 1 { OpKind::Resolve } else { OpKind::Set };
        let sets = vec![Set { key: field.no.into(), preds: seen, value }];
        let (author, entity) = (session.supervisor.author(), record.entity);
        let written = self.decide(move |batch| write(batch, &author, entity, kind, sets))?;
        self.ask(session, |view| Ok(view.written(&written)))
    }
}

/// A write of this hub and how the record stands after it.
pub(super) struct Outcome {
    pub dot: Dot,
    pub row: Row,
    pub conflicts: u32,
}

/// Writes an op on a record where the record is now.
pub(super) fn write(
    batch: &mut Batch<'_>,
    author: &Author,
    entity: EntityId,
    kind: OpKind,
    sets: Vec<Set>,
) -> Result<Outcome, CellError> {
    let scope = batch.record(entity).and_then(|record| record.scope).ok_or(CellError::NotFound)?;
    let (dot, row) = batch.write(author, Draft { kind, entity: Some(entity), scope, sets })?;
    let conflicts = batch.record(entity).map(|record| open_conflicts(&record)).unwrap_or(0);
    Ok(Outcome { dot, row, conflicts })
}

/// A field that is edited as a whole: not a list, and not what only steps and deletions change.
fn plain(field: &Field) -> bool {
    matches!(field.policy, Policy::Register | Policy::SupervisorOwned)
}

pub(super) fn may_write(role: Role, field: &Field) -> bool {
    role != Role::Auditor && field.writers.contains(&role)
}

impl View<'_> {
    pub fn written(&self, outcome: &Outcome) -> Written {
        Written {
            dot: DotText(outcome.dot.to_string()),
            verdict: verdict(&outcome.row),
            reason: self.verdict_reason(&outcome.row),
            conflicts: outcome.conflicts,
        }
    }

    /// Why a row is held or an amendment.
    pub fn verdict_reason(&self, row: &Row) -> Option<Text> {
        match (row.verdict.held(), verdict(row)) {
            (Some(reason), _) => Some(self.text(reason.message_id(), &[])),
            (None, Verdict::Amendment) => Some(self.text("verdict-amendment", &[])),
            (None, _) => None,
        }
    }

    /// The patrol on which a case or a photo was found: directly, at an inspection, or for a case of it.
    pub fn patrol_of(&self, found: &Record) -> Answer<Option<RecordRef>> {
        let parent_of = |record: &Record| record.value(FieldNo::PARENT).and_then(Value::as_entity);
        let mut above = parent_of(found);
        // Photo, case, inspection, patrol.
        for _ in 0..3 {
            let Some(parent) = above else { break };
            let Some(record) = self.record(parent)? else { break };
            match record.kind {
                Some(RecordKind::PATROL) => return self.record_ref(&record).map(Some),
                Some(RecordKind::INSPECTION | RecordKind::CASE) => above = parent_of(&record),
                _ => break,
            }
        }
        Ok(None)
    }

    fn case_fields(&self, case: &Record) -> Answer<Vec<CaseField>> {
        let of_cases = |field: &&Field| {
            field.kinds.contains(&RecordKind::CASE) && field.purpose != Purpose::System && plain(field)
        };
        FIELDS.iter().filter(of_cases).map(|field| self.case_field(case, field)).collect()
    }

    fn case_field(&self, case: &Record, field: &Field) -> Answer<CaseField> {
        let key = FieldKey::from(field.no);
        let shown = case.shown(&key);
        let mut values: Vec<&Value> = case.live(&key).iter().map(|write| &write.value).collect();
        values.sort_unstable();
        values.dedup();
        Ok(CaseField {
            field: field.name.to_owned(),
            value: shown.map_or(Ok(FieldValue::Empty), |write| self.value(field.no, &write.value))?,
            dot: shown.map(|write| DotText(write.dot.to_string())),
            values: values.len() as u32,
            form: if may_write(self.role(), field) { form(field) } else { FieldForm::Fixed },
        })
    }
}
