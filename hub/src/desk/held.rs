//! Held work, oldest first: released or sent back with a reason, never lost.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::Dot;
use gridpatrol_model::intake::Log;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::{HeldState, HeldWork, Record};
use gridpatrol_model::row::HeldReason;
use gridpatrol_model::schema::{FIELDS, Field, Purpose, ValueType};
use gridpatrol_model::workflow::Role;
use rusqlite::params;

use super::cases::open_conflicts;
use super::paging::{slice, sortable};
use super::problems::{not_allowed, overtaken, reason_missing};
use super::steps::REASON;
use super::view::{View, decode};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{DotText, Page, Paging},
    held::{FieldShown, HeldItem, HeldQuery, Loses, Released, SendBack, SentBack},
    problem::Problem,
};
use crate::cell::HeldDecision;

impl Desk {
    pub(crate) fn held(&self, session: &Session, query: &HeldQuery, paging: &Paging) -> Answer<Page<HeldItem>> {
        self.ask(session, |view| {
            let mut items = Vec::new();
            for record in view.held_records(&view.filter(query.area.as_deref())?)? {
                for (work, reason) in held_work(&record) {
                    if query.reason.as_deref().is_some_and(|asked| asked != reason.message_id()) {
                        continue;
                    }
                    let item = view.held_item(&record, work, reason)?;
                    items.push((format!("{}{}", sortable(item.received_ms), work.dot), item));
                }
            }
            items.sort_by(|a, b| a.0.cmp(&b.0));
            slice(items, paging)
        })
    }

    pub(crate) fn release(&self, session: &Session, dot: &str) -> Answer<Released> {
        let (dot, reason) = self.ask(session, |view| view.waiting(dot))?;
        if reason.is_some_and(|reason| !may_release(session.supervisor.role, reason)) {
            return Err(not_allowed());
        }
        let author = session.supervisor.author();
        self.decide(move |batch| {
            let decided = batch.decide(&author.actor, dot, &HeldDecision::Release)?;
            let conflicts = batch.record(decided.entity).map_or(0, |record| open_conflicts(&record));
            Ok(Released { released: decided.rows as u32, conflicts })
        })
    }

    pub(crate) fn send_back(&self, session: &Session, dot: &str, back: &SendBack) -> Answer<SentBack> {
        let (dot, _) = self.ask(session, |view| view.waiting(dot))?;
        let reason = back.reason.trim().to_owned();
        if !REASON.contains(&reason.chars().count()) {
            return Err(reason_missing());
        }
        let (author, due_ms) = (session.supervisor.author(), back.due_ms);
        self.decide(move |batch| batch.decide(&author.actor, dot, &HeldDecision::SendBack { reason, due_ms }))?;
        Ok(SentBack { dot: DotText(dot.to_string()) })
    }
}

fn held_work(record: &Record) -> impl Iterator<Item = (&HeldWork, HeldReason)> {
    record.held.iter().filter_map(|work| match work.state {
        HeldState::Held(reason) => Some((work, reason)),
        HeldState::SentBack(_) => None,
    })
}

/// What cannot be read cannot be let through; it can be sent back.
fn may_release(role: Role, reason: HeldReason) -> bool {
    decides(role) && reason != HeldReason::Unreadable
}

fn decides(role: Role) -> bool {
    matches!(role, Role::Supervisor | Role::Lead)
}

impl View<'_> {
    /// Records with work that waits, deleted ones too.
    pub fn held_records(&self, scopes: &[Scope]) -> Answer<Vec<Record>> {
        let mut statement = self.state.prepare_cached(
            "SELECT state FROM record INDEXED BY record_held WHERE held = 1 AND scope >= ?1 AND scope < ?2 ORDER BY sort_ms, no",
        )?;
        let mut records = Vec::new();
        for scope in scopes {
            let mut rows = statement.query(params![scope.as_str(), format!("{scope}:")])?;
            while let Some(row) = rows.next()? {
                records.push(decode(&row.get::<_, Vec<u8>>(0)?)?);
            }
        }
        Ok(records)
    }

    /// Held work that this session may decide about, with its reason; `None` once somebody decided.
    fn waiting(&self, dot: &str) -> Answer<(Dot, Option<HeldReason>)> {
        let dot: Dot = dot.parse().map_err(|_| Problem::not_found())?;
        let logged = self.logged(dot)?.ok_or_else(Problem::not_found)?;
        self.open(&logged.row.entity.to_string())?;
        if !decides(self.role()) {
            return Err(not_allowed());
        }
        let reason = logged.row.verdict.held();
        if reason.is_none() && logged.row.decision.is_some() {
            return Err(overtaken());
        }
        Ok((dot, reason))
    }

    fn held_item(&self, record: &Record, work: &HeldWork, reason: HeldReason) -> Answer<HeldItem> {
        let logged = self.logged(work.dot)?.ok_or_else(Problem::unavailable)?;
        let others = held_work(record).filter(|(other, _)| other.op.actor == work.op.actor).count();
        let stands = |key: &gridpatrol_model::op::FieldKey| match record.shown(key) {
            Some(write) => self.value(key.no, &write.value).map(Some),
            None => Ok(None),
        };
        let deletes = matches!(work.op.kind, OpKind::Delete { .. });
        Ok(HeldItem {
            dot: DotText(work.dot.to_string()),
            record: self.record_ref(record)?,
            grid: self.grid(record),
            reason: self.text(reason.message_id(), &[]),
            author: self.member(&work.op.actor)?,
            at: logged.moment(self)?,
            received_ms: logged.received_ms,
            changes: self.changes(&work.op, |key, _| stands(key))?,
            step: self.step(&work.op)?,
            deletes,
            loses: deletes.then(|| self.loses(record)).transpose()?,
            along: others.saturating_sub(1) as u32,
            can_release: may_release(self.role(), reason),
        })
    }
    fn loses(&self, record: &Record) -> Answer<Loses> {
        let mut fields = Vec::new();
        // A photo or a block is shown by its name below, not as a value.
        let readable = |field: &&Field| {
            let bytes = matches!(field.value, ValueType::Blob | ValueType::Bytes(_) | ValueType::Dots);
            field.purpose != Purpose::System && !bytes
        };
        for field in FIELDS.iter().filter(readable) {
            let shown = record.shown(&field.no.into()).filter(|write| !write.value.is_null());
            if let Some(write) = shown {
                fields.push(FieldShown { field: field.name.to_owned(), value: self.value(field.no, &write.value)? });
            }
        }
        let under = self.children(record.entity)?;
        Ok(Loses { fields, under: under.iter().map(|child| self.record_ref(child)).collect::<Answer<_>>()? })
    }
}
