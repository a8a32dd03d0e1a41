//! What a person calls a record.

use gridpatrol_model::op::OpKind;
use gridpatrol_model::pack::Category;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};

use super::view::{View, entity_text};
use crate::api::{Answer, common::RecordRef};

/// Characters of a text that stand for it in a list.
const FIRST_WORDS: usize = 40;

impl View<'_> {
    pub fn record_ref(&self, record: &Record) -> Answer<RecordRef> {
        Ok(RecordRef { id: entity_text(record), kind: kind_name(record).to_owned(), title: self.title(record)? })
    }

    pub fn title(&self, record: &Record) -> Answer<String> {
        let own = match record.kind {
            Some(RecordKind::CASE) => record
                .text(FieldNo::TITLE)
                .or_else(|| record.text(FieldNo::DESCRIPTION))
                .map(first_words)
                .or_else(|| category(record).map(|category| category.name)),
            Some(RecordKind::PATROL) => match record.text(FieldNo::NAME) {
                Some(name) => Some(name.to_owned()),
                None => Some(self.author(record)?.label),
            },
            Some(RecordKind::INSPECTION) => match record.value(FieldNo::PLACE).and_then(|place| place.as_entity()) {
                Some(place) => self.record(place)?.and_then(|place| place.text(FieldNo::NAME).map(str::to_owned)),
                None => None,
            },
            Some(RecordKind::PHOTO) => record.text(FieldNo::FILE_NAME).map(str::to_owned),
            Some(RecordKind::NOTE) => record.text(FieldNo::NOTE).map(first_words),
            _ => record.text(FieldNo::NAME).map(str::to_owned),
        };
        Ok(own.unwrap_or_else(|| self.desk.zh.text(&message_id("kind", kind_name(record)), &[])))
    }
}

/// Of a record, or of one that is held whole.
fn kind_name(record: &Record) -> &'static str {
    let held = || {
        record.held.iter().find_map(|work| match work.op.kind {
            OpKind::Create { kind } => Some(kind),
            _ => None,
        })
    };
    record.kind.or_else(held).and_then(RecordKind::name).unwrap_or("unknown")
}

pub(super) fn category(record: &Record) -> Option<Category> {
    Category::from_value(record.value(FieldNo::CATEGORY)?)
}

/// Message ids have hyphens where names of the tables have underscores.
pub(super) fn message_id(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace('_', "-"))
}

fn first_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(FIRST_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
