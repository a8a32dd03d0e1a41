//! Open conflicts: what stood before, what each author saw instead, and what else they did then.

use std::collections::BTreeSet;

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{ActorId, Dot};
use gridpatrol_model::op::{FieldKey, OpKind};
use gridpatrol_model::record::{Conflict as Dispute, Life, Record, Write};
use gridpatrol_model::row::{Row, rank};
use gridpatrol_model::schema::{FieldNo, Purpose};
use gridpatrol_model::value::Value as Stored;

use super::paging::{List, Order};
use super::patrol_page::shown_position;
use super::values::field_name;
use super::view::{Logged, View};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{DotText, FieldValue, MemberRef, Page, Paging, RecordRef},
    conflicts::{
        AlsoDid, Conflict, ConflictQuery, ConflictRow, DeletionQuestion, EditUnseen, FieldQuestion, Question, Side,
    },
};

/// What an author did within this time of a write belongs to the same moment.
const AROUND_MS: i64 = 30 * 60_000;

impl Desk {
    pub(crate) fn conflicts(
        &self,
        session: &Session,
        query: &ConflictQuery,
        paging: &Paging,
    ) -> Answer<Page<ConflictRow>> {
        self.ask(session, |view| {
            let list = disputed(&view.filter(query.area.as_deref())?);
            view.page(&list, paging, |record| view.conflict_row(&record).map(Some))
        })
    }

    pub(crate) fn conflict(&self, session: &Session, entity: &str) -> Answer<Conflict> {
        self.ask(session, |view| {
            let record = view.open(entity)?;
            Ok(Conflict {
                record: view.record_ref(&record)?,
                grid: view.grid(&record),
                position: shown_position(&record),
                questions: view.questions(&record)?,
            })
        })
    }
}

fn disputed(scopes: &[gridpatrol_model::area::Scope]) -> List {
    let mut list = List::within(Order::OldestFirst, scopes);
    list.only("record.disputed = 1".into());
    list
}

impl View<'_> {
    /// The oldest record with something to decide, other than this one.
    pub fn next_conflict(&self, but: &Record) -> Answer<Option<RecordRef>> {
        let paging = Paging { cursor: None, limit: Some(1) };
        let list = disputed(self.areas().scopes());
        let other = |record: Record| {
            if record.entity == but.entity { Ok(None) } else { self.record_ref(&record).map(Some) }
        };
        Ok(self.page(&list, &paging, other)?.items.pop())
    }

    fn conflict_row(&self, record: &Record) -> Answer<ConflictRow> {
        let mut sides: Vec<Vec<Dot>> =
            record.conflicts().map(|(_, dispute)| dispute.values.iter().map(|write| write.dot).collect()).collect();
        let mut fields: Vec<String> = record.conflicts().map(|(key, _)| field_name(key.no)).collect();
        fields.dedup();
        if let Some((delete, unseen)) = contested(record) {
            sides.push([vec![delete.dot], unseen].concat());
        }
        let (mut authors, mut since_ms) = (BTreeSet::new(), i64::MAX);
        for question in sides {
            let mut received = Vec::new();
            for dot in question {
                let Some(logged) = self.logged(dot)? else { continue };
                received.push(logged.received_ms);
                authors.insert(logged.row.op.actor);
            }
            received.sort_unstable();
            since_ms = since_ms.min(received.get(1).copied().unwrap_or(i64::MAX));
        }
        Ok(ConflictRow {
            record: self.record_ref(record)?,
            grid: self.grid(record),
            fields,
            deletion: record.life() == Life::Disputed,
            authors: authors.iter().map(|author| self.member(author)).collect::<Answer<Vec<MemberRef>>>()?,
            since_ms: if since_ms == i64::MAX { self.received_ms(record.entity)? } else { since_ms },
        })
    }

    pub fn questions(&self, record: &Record) -> Answer<Vec<Question>> {
        let rows = self.story(record)?;
        let mut questions = Vec::new();
        for (key, dispute) in record.conflicts() {
            questions.push(Question::Field(self.field_question(record, key, &dispute, &rows)?));
        }
        if let Some((delete, unseen)) = contested(record) {
            questions.push(Question::Deletion(self.deletion_question(record, delete, &unseen, &rows)?));
        }
        Ok(questions)
    }

    /// Rows of a record and of those that were added to it.
    fn story(&self, record: &Record) -> Answer<Vec<Logged>> {
        let mut rows = self.rows_of(record.entity)?;
        for child in self.children(record.entity)? {
            rows.extend(self.rows_of(child.entity)?);
        }
        Ok(rows)
    }

    fn field_question(
        &self,
        record: &Record,
        key: &FieldKey,
        dispute: &Dispute<'_>,
        rows: &[Logged],
    ) -> Answer<FieldQuestion> {
        let base = match dispute.base {
            Some(value) => self.base(key, value, &dispute.values, rows)?,
            None => None,
        };
        let mut writes = dispute.values.clone();
        writes.sort_by_key(|write| (write.eff.ms, write.dot));
        let values = writes.iter().map(|write| self.side(key, write.dot, rows)).collect::<Answer<Vec<_>>>()?;
        let shown = record.shown(key).or(dispute.values.first().copied());
        Ok(FieldQuestion {
            field: field_name(key.no),
            item: key.item.as_deref().map(str::to_owned),
            base,
            values: values.into_iter().flatten().collect(),
            shown: DotText(shown.map(|write| write.dot.to_string()).unwrap_or_default()),
            seen: writes.iter().map(|write| DotText(write.dot.to_string())).collect(),
        })
    }

    /// Who wrote what both authors were shown: the write of that value which one of them named as replaced.
    fn base(&self, key: &FieldKey, value: &Stored, live: &[&Write], rows: &[Logged]) -> Answer<Option<Side>> {
        let written =
            |dot: Dot| rows.iter().find(|logged| logged.row.dot == dot).and_then(|logged| entry(&logged.row, key));
        let named = live.iter().filter_map(|write| written(write.dot)).flat_map(|(_, preds)| preds);
        let base = named.into_iter().find(|dot| written(*dot).is_some_and(|(of, _)| of == *value));
        match base {
            Some(dot) => self.side(key, dot, rows),
            None => Ok(None),
        }
    }

    fn deletion_question(
        &self,
        record: &Record,
        delete: &Write,
        unseen: &[Dot],
        rows: &[Logged],
    ) -> Answer<DeletionQuestion> {
        let life = FieldKey::from(FieldNo::LIFE);
        let deleted = self.side(&life, delete.dot, rows)?.ok_or_else(crate::api::problem::Problem::unavailable)?;
        let mut edits = Vec::new();
        for dot in unseen {
            edits.extend(self.unseen(record, *dot, rows)?);
        }
        let marks = record.deletes().map(|(write, _)| write.dot);
        let seen: BTreeSet<Dot> = record.to_be_seen().into_iter().chain(marks).collect();
        let seen = seen.into_iter().map(|dot| DotText(dot.to_string())).collect();
        // A delete carries no reason of its own.
        Ok(DeletionQuestion { deleted, reason: None, edits, seen })
    }

    /// What a deletion had not seen: values of fields, or a record that was added.
    fn unseen(&self, record: &Record, dot: Dot, rows: &[Logged]) -> Answer<Vec<EditUnseen>> {
        let Some(logged) = rows.iter().find(|logged| logged.row.dot == dot) else { return Ok(Vec::new()) };
        if logged.row.entity != record.entity {
            let Some(side) = self.side(&FieldNo::PARENT.into(), dot, rows)? else { return Ok(Vec::new()) };
            return Ok(vec![EditUnseen { field: None, child: self.reference(logged.row.entity)?, side }]);
        }
        let live = record.fields.iter().filter(|(_, state)| state.live.iter().any(|write| write.dot == dot));
        let mut edits = Vec::new();
        for (key, _) in live {
            if let Some(side) = self.side(key, dot, rows)? {
                edits.push(EditUnseen { field: Some(field_name(key.no)), child: None, side });
            }
        }
        Ok(edits)
    }

    fn side(&self, key: &FieldKey, dot: Dot, rows: &[Logged]) -> Answer<Option<Side>> {
        // The latest row of a write is the one with which it entered the record.
        let Some(logged) = rows.iter().rev().find(|logged| logged.row.dot == dot) else { return Ok(None) };
        let row = &logged.row;
        let Some((value, _)) = entry(row, key) else { return Ok(None) };
        let effects = writes(&row.op).zip(&row.effects).find(|((written, _, _), _)| written == key);
        let ranked =
            effects.and_then(|(_, effect)| effect.as_ref()).is_some_and(|effect| effect.rank >= rank::SUPERVISOR);
        let deletes = key.no == FieldNo::LIFE;
        Ok(Some(Side {
            dot: DotText(dot.to_string()),
            value: if deletes { FieldValue::Empty } else { self.value(key.no, &value)? },
            author: self.member(&row.op.actor)?,
            at: logged.moment(self)?,
            by_supervisor: ranked,
            also: self.also(row, key, rows)?,
        }))
    }

    /// What else an author did to the record around a write.
    fn also(&self, of: &Row, key: &FieldKey, rows: &[Logged]) -> Answer<Vec<AlsoDid>> {
        let mut also = Vec::new();
        for logged in rows.iter().filter(|logged| near(&logged.row, of, &of.op.actor)) {
            let row = &logged.row;
            let at = logged.moment(self)?;
            let did = |field, value, child| AlsoDid { at, field, value, child };
            if row.entity != of.entity {
                if matches!(row.op.kind, OpKind::Create { .. }) {
                    also.push(did(None, None, self.reference(row.entity)?));
                }
                continue;
            }
            for (written, value, _) in writes(&row.op) {
                let same = row.dot == of.dot && written == *key;
                let system = written.no.field().is_some_and(|field| field.purpose == Purpose::System);
                if !same && !system {
                    also.push(did(Some(field_name(written.no)), Some(self.value(written.no, &value)?), None));
                }
            }
        }
        Ok(also)
    }
}

fn near(row: &Row, of: &Row, author: &ActorId) -> bool {
    row.op.actor == *author && row.decision.is_none() && row.eff.ms.abs_diff(of.eff.ms) <= AROUND_MS.unsigned_abs()
}

/// What a row writes to a field, and what its author was shown there.
fn entry(row: &Row, key: &FieldKey) -> Option<(Stored, Vec<Dot>)> {
    writes(&row.op).find(|(written, _, _)| written == key).map(|(_, value, preds)| (value, preds))
}

/// The latest deletion that stands, with the writes and children that it had not seen.
fn contested(record: &Record) -> Option<(&Write, Vec<Dot>)> {
    if record.life() != Life::Disputed {
        return None;
    }
    let (delete, saw) = record.deletes().max_by_key(|(write, _)| (write.eff.ms, write.dot))?;
    let unseen = record.to_be_seen().into_iter().filter(|dot| saw.binary_search(dot).is_err()).collect();
    Some((delete, unseen))
}
