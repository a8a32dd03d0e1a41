//! Conflicts: two people saw two things. Both values are shown with the base, and settled with what was shown.

use std::sync::Arc;

use gridpatrol_model::author;
use gridpatrol_model::ids::Dot;
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::record::{Life, Record, Write};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_store::{Only, Query};

use crate::core::Core;
use crate::error::{Result, Rule};
use crate::field::FieldValue;
use crate::labels;
use crate::types::{Moment, RecordRef, dots};

pub struct Conflicts {
    pub(crate) core: Arc<Core>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ConflictRow {
    pub record: RecordRef,
    /// Message ids of the fields; `field-life` where it was deleted unseen.
    pub about: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ConflictPage {
    pub items: Vec<ConflictRow>,
    pub next: Option<String>,
}

/// One thing to decide of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Question {
    /// As in the field table; `life` for a deletion.
    pub field: String,
    pub item: Option<String>,
    pub label: String,
    pub base: FieldValue,
    pub sides: Vec<Side>,
    /// The writes in question; they go back with the decision.
    pub shown: Vec<String>,
    /// Of a deletion: all that the record held when it was shown, which is what a delete has seen.
    pub content: Vec<String>,
}

/// What one author says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Side {
    pub dot: String,
    pub value: FieldValue,
    pub author: String,
    pub at: Moment,
    pub own: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Decision {
    /// One of the values, or another text in place of both.
    Use { value: FieldValue },
    /// Of a deletion: it stays deleted.
    Delete,
    /// Of a deletion: the record stays.
    Keep,
}

impl Conflicts {
    pub fn list(&self, cursor: Option<String>, limit: u32) -> Result<ConflictPage> {
        let query = Query { only: Some(Only::Disputed), ..Query::default() };
        let page = self.core.page(query, cursor.as_deref(), limit, |_| true)?;
        let items = page.items.iter().map(|view| ConflictRow {
            record: RecordRef::of(&view.record),
            about: questions(&self.core, &view.record).into_iter().map(|question| question.label).collect(),
        });
        Ok(ConflictPage { items: items.collect(), next: page.next })
    }

    pub fn questions(&self, record: &str) -> Result<Vec<Question>> {
        let view = self.core.record(record.parse()?)?;
        Ok(questions(&self.core, &view.record))
    }

    /// Decides a question with the writes that were shown. What arrived meanwhile stays in conflict with it.
    pub fn settle(&self, record: &str, question: Question, decision: Decision) -> Result<()> {
        let view = self.core.record(record.parse()?)?;
        let shown = dots(&question.shown)?;
        let (kind, sets) = match (&decision, question.field == LIFE) {
            (Decision::Use { value }, false) => {
                (OpKind::Resolve, vec![settled(&view.record, &question, shown, value)?])
            }
            (Decision::Keep, true) => (OpKind::Resolve, vec![author::settle(FieldNo::LIFE, shown, Value::null())]),
            (Decision::Delete, true) => (OpKind::Delete { saw: dots(&question.content)? }, Vec::new()),
            _ => return Err(Rule::ValueUnfit(question.field).into()),
        };
        self.core.change(&view, kind, sets)
    }
}

const LIFE: &str = "life";

fn settled(record: &Record, question: &Question, shown: Vec<Dot>, value: &FieldValue) -> Result<Set> {
    let no = labels::field_no(&question.field).ok_or_else(|| Rule::ValueUnfit(question.field.clone()))?;
    let key = FieldKey { no, item: question.item.as_deref().map(Into::into) };
    let live = record.live(&key);
    if !shown.iter().any(|dot| live.iter().any(|write| write.dot == *dot)) {
        return Err(Rule::ConflictChanged.into());
    }
    let value = value.to_value(&key)?;
    Ok(author::settle(key, shown, value))
}

fn questions(core: &Core, record: &Record) -> Vec<Question> {
    let fields = record.conflicts().map(|(key, conflict)| Question {
        field: labels::field_name(key.no),
        item: key.item.as_deref().map(str::to_owned),
        label: labels::id("field", &labels::field_name(key.no)),
        base: conflict.base.map_or(FieldValue::Empty, |base| FieldValue::of(key.no, base)),
        sides: conflict.values.iter().map(|write| side(core, key.no, write)).collect(),
        shown: conflict.values.iter().map(|write| write.dot.to_string()).collect(),
        content: Vec::new(),
    });
    let mut questions: Vec<Question> = fields.collect();
    if record.life() == Life::Disputed {
        let deletes: Vec<&Write> = record.deletes().map(|(write, _)| write).collect();
        questions.push(Question {
            field: LIFE.to_owned(),
            item: None,
            label: labels::id("field", LIFE),
            base: FieldValue::Empty,
            sides: deletes
                .iter()
                .map(|write| Side { value: FieldValue::Empty, ..side(core, FieldNo::LIFE, write) })
                .collect(),
            shown: deletes.iter().map(|write| write.dot.to_string()).collect(),
            content: record.to_be_seen().iter().map(Dot::to_string).collect(),
        });
    }
    questions
}

fn side(core: &Core, no: FieldNo, write: &Write) -> Side {
    Side {
        dot: write.dot.to_string(),
        value: FieldValue::of(no, &write.value),
        author: write.author.to_string(),
        at: Moment::of(write.eff),
        own: write.author == *core.member(),
    }
}
