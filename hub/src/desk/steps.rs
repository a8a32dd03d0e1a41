//! The steps of a case: which are offered, to whom it goes, and taking one from the stage that was shown.

use gridpatrol_model::author::settle;
use gridpatrol_model::ids::{ActorId, Dot};
use gridpatrol_model::intake::Log;
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::record::{Life, Record};
use gridpatrol_model::row::Verdict;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Ruling, Stage, may_enter, offered, rule};
use rusqlite::params;

use super::case_page::write;
use super::cases::stage_named;
use super::problems::{holder_missing, not_allowed, overtaken, reason_missing};
use super::timeline::writes_field;
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    cases::{AllowedStep, TakeStep, Written},
    common::MemberRef,
};
use crate::cell::CellError;

/// Characters of a reason.
pub(super) const REASON: std::ops::RangeInclusive<usize> = 1..=500;

impl Desk {
    pub(crate) fn take_step(&self, session: &Session, id: &str, step: &TakeStep) -> Answer<Written> {
        let to = stage_named(&step.to)?;
        let role = session.supervisor.role;
        if !may_enter(role, to) {
            return Err(not_allowed());
        }
        let (case, seen, sets) = self.ask(session, |view| {
            let case = view.open_kind(id, RecordKind::CASE)?;
            let of_stage = |row: &gridpatrol_model::row::Row| {
                row.entity == case.entity && writes_field(row, &FieldNo::STAGE.into())
            };
            let seen = view.seen(std::slice::from_ref(&step.seen), of_stage)?;
            let seen = *seen.first().ok_or_else(overtaken)?;
            let sets = view.sets_of(&case, to, step)?;
            Ok((case.entity, seen, sets))
        })?;
        let (author, reason) = (session.supervisor.author(), step.reason.clone());
        let outcome = self.decide(move |batch| {
            let record = batch.record(case).ok_or(CellError::NotFound)?;
            let from = still_possible(&record, to, role, seen)?;
            write(batch, &author, case, OpKind::Transition { from, to, seen, reason }, sets)
        })?;
        self.ask(session, |view| Ok(view.written(&outcome)))
    }
}

/// An order given on an older page is not carried out, and not held either: whoever gave it looks again.
fn still_possible(case: &Record, to: Stage, role: Role, seen: Dot) -> Result<Stage, CellError> {
    let fresh = case.shown(&FieldNo::STAGE.into()).is_some_and(|write| write.dot == seen);
    let stage = case.stage().ok_or(CellError::NotFound)?;
    match rule(stage, to, role, fresh) {
        Ruling::Apply | Ruling::Rebase if case.life() != Life::Deleted => Ok(stage),
        Ruling::Apply | Ruling::Rebase | Ruling::Agreement | Ruling::Park(_) => Err(CellError::Overtaken),
    }
}

fn needs_reason(stage: Stage, to: Stage) -> bool {
    let again = to == Stage::Dispatched && matches!(stage, Stage::Dispatched | Stage::Checked);
    again || matches!(to, Stage::Declined | Stage::Returned | Stage::Suspended | Stage::Extended | Stage::Reopened)
}

/// The role of those whom a step hands the case to.
fn handed_to(to: Stage) -> Option<Role> {
    match to {
        Stage::Dispatched | Stage::Reopened => Some(Role::Handler),
        Stage::Handled => Some(Role::Checker),
        _ => None,
    }
}

impl View<'_> {
    /// What this session may do with a case now.
    pub fn allowed(&self, case: &Record) -> Answer<Vec<AllowedStep>> {
        let Some(stage) = case.stage().filter(|_| case.life() != Life::Deleted) else { return Ok(Vec::new()) };
        let handled_by_me = case.shown(&FieldNo::STAGE.into()).is_some_and(|write| write.author == *self.actor());
        let open = offered(stage, self.role()).filter(|to| {
            // Checker ≠ handler; and a merge needs the other case, which no field names yet.
            *to != Stage::Merged && !(*to == Stage::Checked && handled_by_me)
        });
        open.map(|to| {
            Ok(AllowedStep {
                to: to.name().to_owned(),
                needs_reason: needs_reason(stage, to),
                holders: self.holders(case, to)?,
            })
        })
        .collect()
    }

    /// Whom a step may hand the case to: people of the role whose areas hold the case.
    fn holders(&self, case: &Record, to: Stage) -> Answer<Vec<MemberRef>> {
        let Some((role, scope)) = handed_to(to).zip(case.scope) else { return Ok(Vec::new()) };
        let mut statement = self.state.prepare_cached(
            "SELECT id, label FROM member WHERE role = ?1 AND EXISTS (SELECT 1 FROM area_grant
                WHERE member = id AND until_n IS NULL AND substr(?2, 1, length(scope)) = scope)
             UNION
             SELECT actor, label FROM account WHERE role = ?1 AND EXISTS (SELECT 1
                FROM json_each('[\"' || replace(areas, ' ', '\",\"') || '\"]') WHERE substr(?2, 1, length(value)) = value)
             ORDER BY 2, 1",
        )?;
        let people = statement.query_map(params![role.code(), scope.as_str()], |row| {
            Ok(MemberRef { id: row.get(0)?, label: row.get(1)? })
        })?;
        let others = people.filter(|person| person.as_ref().is_ok_and(|person| person.id != self.actor().as_str()));
        Ok(others.collect::<Result<_, _>>()?)
    }

    /// What a step writes besides the stage: who holds the case now, and the round.
    fn sets_of(&self, case: &Record, to: Stage, step: &TakeStep) -> Answer<Vec<Set>> {
        let stage = case.stage().unwrap_or(Stage::Draft);
        let reason = step.reason.as_deref().unwrap_or_default().trim().chars().count();
        if needs_reason(stage, to) && !REASON.contains(&reason) || reason > *REASON.end() {
            return Err(reason_missing());
        }
        let mut sets: Vec<Set> =
            self.holder_after(case, to, step)?.into_iter().map(workflow(case, FieldNo::HOLDER)).collect();
        if to == Stage::Reopened || stage == Stage::Checked && to == Stage::Dispatched {
            let round = case.int(FieldNo::ROUND).unwrap_or(1).saturating_add(1);
            sets.push(workflow(case, FieldNo::ROUND)(Value::int(round)));
        }
        Ok(sets)
    }

    /// Nothing if the case stays where it is.
    fn holder_after(&self, case: &Record, to: Stage, step: &TakeStep) -> Answer<Option<Value>> {
        let offered = self.holders(case, to)?;
        let chosen = step.holder.as_deref().map(|id| offered.iter().find(|person| person.id == id));
        Ok(match (to, chosen) {
            (_, Some(Some(person))) => Some(Value::text(&person.id)),
            (_, Some(None)) => return Err(holder_missing()),
            _ if !offered.is_empty() => return Err(holder_missing()),
            (Stage::Accepted | Stage::Filed, _) => Some(Value::actor(self.actor())),
            (Stage::Returned | Stage::Checked, _) => self.dispatcher(case)?.map(|actor| Value::actor(&actor)),
            (Stage::Closed | Stage::Declined | Stage::Merged, _) => Some(Value::null()),
            _ => None,
        })
    }

    /// Who sent the case out last: it comes back to them.
    fn dispatcher(&self, case: &Record) -> Answer<Option<ActorId>> {
        let rows = self.rows_of(case.entity)?;
        let sent = rows.into_iter().rev().map(|logged| logged.row).find(|row| {
            let out = matches!(row.op.kind, OpKind::Transition { to: Stage::Dispatched | Stage::Reopened, .. });
            out && row.verdict == Verdict::Accepted
        });
        Ok(sent.map(|row| row.op.actor))
    }
}

fn workflow(case: &Record, field: FieldNo) -> impl Fn(Value) -> Set {
    let seen: Vec<Dot> = case.live(&field.into()).iter().map(|write| write.dot).collect();
    move |value| settle(field, seen.clone(), value)
}
