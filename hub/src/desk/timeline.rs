//! The story of a case: every write about it, and every record that was added to it, oldest first.

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{ActorId, Dot};
use gridpatrol_model::op::{FieldKey, Op, OpKind};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{self, Row, rank};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::schema::{Policy, Purpose};

use super::problems::unknown_writes;
use super::values::field_name;
use super::view::{Logged, View};
use crate::api::{
    Answer,
    cases::{Change, Step, TimelineEntry, TimelineKind, Verdict},
    common::{DotText, FieldValue, Moment, Quality, Text},
};

impl View<'_> {
    pub fn timeline(&self, case: &Record, children: &[Record]) -> Answer<Vec<TimelineEntry>> {
        let mut entries = Vec::new();
        for logged in self.rows_of(case.entity)? {
            entries.push((logged.row.seq, self.entry(&logged, None)?));
        }
        for child in children {
            for logged in self.rows_of(child.entity)? {
                entries.push((logged.row.seq, self.entry(&logged, Some(child))?));
            }
        }
        entries.sort_by_key(|(seq, entry)| (entry.at.ms, *seq));
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    fn entry(&self, logged: &Logged, child: Option<&Record>) -> Answer<TimelineEntry> {
        let row = &logged.row;
        let author = row.decision.as_ref().map_or(&row.op.actor, |decision| &decision.by);
        let at = match row.decision {
            // A decision was taken here, by the hub's clock.
            Some(_) => Moment { ms: logged.received_ms, quality: Quality::SameBoot, within_ms: None },
            None => logged.moment(self)?,
        };
        let added = child.is_some() && matches!(row.op.kind, OpKind::Create { .. });
        Ok(TimelineEntry {
            dot: DotText(row.dot.to_string()),
            what: what(row, added),
            author: self.member(author)?,
            at,
            received_ms: logged.received_ms,
            changes: if added { Vec::new() } else { self.changes(&row.op, |key, preds| self.before(key, preds))? },
            step: self.step(&row.op)?,
            child: child.map(|child| self.record_ref(child)).transpose()?,
            verdict: verdict(row),
            reason: self.entry_reason(row),
        })
    }

    fn entry_reason(&self, row: &Row) -> Option<Text> {
        match row.decision.as_ref().map(|decision| decision.reason.clone()) {
            Some(said) => said.map(|said| Text { id: "field-reason".into(), zh: said.clone(), en: said }),
            None => self.verdict_reason(row),
        }
    }

    /// What an op does to the fields that people read; `before` finds what stood there.
    pub fn changes(
        &self,
        op: &Op,
        before: impl Fn(&FieldKey, &[Dot]) -> Answer<Option<FieldValue>>,
    ) -> Answer<Vec<Change>> {
        let read_by_people = |key: &FieldKey| {
            let system = key.no.field().is_some_and(|field| field.purpose == Purpose::System);
            !system && key.no.policy() != Policy::Workflow
        };
        let sets = op.sets.iter().filter(|set| read_by_people(&set.key));
        sets.map(|set| {
            Ok(Change {
                field: field_name(set.key.no),
                before: before(&set.key, &set.preds)?,
                after: self.value(set.key.no, &set.value)?,
            })
        })
        .collect()
    }

    /// The value that an author was shown.
    fn before(&self, key: &FieldKey, preds: &[Dot]) -> Answer<Option<FieldValue>> {
        for dot in preds {
            let Some(logged) = self.logged(*dot)? else { continue };
            if let Some((_, value, _)) = writes(&logged.row.op).find(|(written, _, _)| written == key) {
                return self.value(key.no, &value).map(Some);
            }
        }
        Ok(None)
    }

    pub fn step(&self, op: &Op) -> Answer<Option<Step>> {
        let OpKind::Transition { from, to, reason, .. } = &op.kind else { return Ok(None) };
        let holder = op.value(FieldNo::HOLDER).and_then(|value| value.as_text()).and_then(|id| ActorId::new(id).ok());
        Ok(Some(Step {
            from: from.name().to_owned(),
            to: to.name().to_owned(),
            reason: reason.clone(),
            holder: holder.map(|holder| self.member(&holder)).transpose()?,
        }))
    }

    /// The writes that a page showed, each of which has to be one that `belongs`.
    pub fn seen(&self, shown: &[DotText], belongs: impl Fn(&Row) -> bool) -> Answer<Vec<Dot>> {
        let mut seen = Vec::new();
        for dot in shown {
            let dot: Dot = dot.0.parse().map_err(|_| unknown_writes())?;
            let logged = self.logged(dot)?.ok_or_else(unknown_writes)?;
            if !belongs(&logged.row) {
                return Err(unknown_writes());
            }
            seen.push(dot);
        }
        seen.sort_unstable();
        seen.dedup();
        Ok(seen)
    }
}

pub(super) fn writes_field(row: &Row, key: &FieldKey) -> bool {
    writes(&row.op).any(|(written, _, _)| written == *key)
}

fn what(row: &Row, added: bool) -> TimelineKind {
    match (&row.op.kind, row.verdict) {
        (_, row::Verdict::SentBack) => TimelineKind::SendBack,
        _ if row.decision.is_some() => TimelineKind::Release,
        _ if added => TimelineKind::Child,
        (OpKind::Create { .. }, _) => TimelineKind::Create,
        (OpKind::Set, _) => TimelineKind::Edit,
        (OpKind::Resolve, _) => TimelineKind::Settle,
        (OpKind::Delete { .. }, _) => TimelineKind::Delete,
        (OpKind::Transition { .. }, _) => TimelineKind::Step,
        (OpKind::Opaque { .. }, _) => TimelineKind::Unknown,
    }
}

pub(super) fn verdict(row: &Row) -> Verdict {
    let amends = |effect: &Option<row::Effect>| effect.as_ref().is_some_and(|effect| effect.rank == rank::AMENDMENT);
    match row.verdict {
        row::Verdict::Parked(_) | row::Verdict::Quarantined(_) => Verdict::Held,
        row::Verdict::SentBack => Verdict::SentBack,
        row::Verdict::Accepted | row::Verdict::Agreed if row.effects.iter().any(amends) => Verdict::Amendment,
        row::Verdict::Accepted | row::Verdict::Agreed => Verdict::Accepted,
    }
}
