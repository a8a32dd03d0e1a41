//! Fields of a record as a screen shows and returns them.

use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::intake;
use gridpatrol_model::op::FieldKey;
use gridpatrol_model::pack::Category;
use gridpatrol_model::record::{Record, Write};
use gridpatrol_model::schema::{FieldNo, ValueType};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;

use crate::error::{Result, Rule};
use crate::labels;
use crate::types::{Moment, Position};

/// A value in the shape in which it comes back unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum FieldValue {
    /// Emptied, or never written.
    Empty,
    Text {
        text: String,
    },
    Number {
        number: i64,
    },
    Flag {
        flag: bool,
    },
    Time {
        ms: i64,
    },
    /// One of a closed list, by its message id.
    Choice {
        message: String,
    },
    Category {
        standard_ref: String,
        kind: String,
        code: String,
        name: String,
    },
    Place {
        position: Position,
    },
    Record {
        id: String,
    },
    Member {
        id: String,
    },
    Area {
        code: String,
    },
    /// A value that this version does not show: its bytes.
    Other {
        bytes: Vec<u8>,
    },
}

/// A field of a record, and the write that is on show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Field {
    /// As in the field table.
    pub field: String,
    /// Of a checklist: which line.
    pub item: Option<String>,
    /// Message id of its label.
    pub label: String,
    pub value: FieldValue,
    /// Goes back with an edit: an edit replaces what its author was shown and nothing else.
    pub dot: String,
    pub author: String,
    pub at: Moment,
    /// Written here and not yet confirmed by the hub.
    pub pending: bool,
    /// Two people wrote different values.
    pub disputed: bool,
}

impl Field {
    pub(crate) fn all(record: &Record) -> Vec<Field> {
        let plain = |key: &&FieldKey| ![FieldNo::LIFE, FieldNo::SYNTHETIC].contains(&key.no);
        record.fields.keys().filter(plain).filter_map(|key| Some(Field::of(record, key, record.shown(key)?))).collect()
    }

    fn of(record: &Record, key: &FieldKey, shown: &Write) -> Field {
        Field {
            field: labels::field_name(key.no),
            item: key.item.as_deref().map(str::to_owned),
            label: labels::id("field", &labels::field_name(key.no)),
            value: FieldValue::of(key.no, &shown.value),
            dot: shown.dot.to_string(),
            author: shown.author.to_string(),
            at: Moment::of(shown.eff),
            pending: shown.pending,
            disputed: record.conflict(key).is_some(),
        }
    }
}

/// The prefix of the message ids of a text field with a closed list of words.
fn choices(no: FieldNo) -> Option<&'static str> {
    match no {
        FieldNo::RESULT => Some("result-"),
        FieldNo::PLACE_KIND => Some("place-kind-"),
        FieldNo::NO_PREVIEW => Some("photo-no-preview-"),
        FieldNo::DAMAGE => Some("photo-damage-"),
        FieldNo::GAP_BEFORE => Some("gap-"),
        FieldNo::NO_PHOTO => Some("no-photo-"),
        _ => None,
    }
}

impl FieldValue {
    pub(crate) fn of(no: FieldNo, value: &Value) -> FieldValue {
        if value.is_null() {
            return FieldValue::Empty;
        }
        FieldValue::read(no, value).unwrap_or_else(|| FieldValue::Other { bytes: value.encoded().to_vec() })
    }

    fn read(no: FieldNo, value: &Value) -> Option<FieldValue> {
        let text = || value.as_text().map(str::to_owned);
        Some(match no.field()?.value {
            ValueType::Text(_) => match choices(no) {
                Some(prefix) => FieldValue::Choice { message: format!("{prefix}{}", value.as_text()?) },
                None => FieldValue::Text { text: text()? },
            },
            ValueType::Int => FieldValue::Number { number: value.as_int()? },
            ValueType::Bool => FieldValue::Flag { flag: value.as_bool()? },
            ValueType::Time => FieldValue::Time { ms: value.as_int()? },
            ValueType::Position => FieldValue::Place { position: value.as_position()? },
            ValueType::Entity => FieldValue::Record { id: value.as_entity()?.to_string() },
            ValueType::Actor => FieldValue::Member { id: text()? },
            ValueType::Scope => FieldValue::Area { code: text()? },
            ValueType::Stage => {
                FieldValue::Choice { message: labels::id("stage", Stage::from_code(value.as_int()?)?.name()) }
            }
            ValueType::Category => {
                let Category { standard_ref, kind, code, name } = Category::from_value(value)?;
                FieldValue::Category { standard_ref, kind, code, name }
            }
            ValueType::Blob | ValueType::Bytes(_) | ValueType::Dots | ValueType::Ring => return None,
        })
    }

    /// The value as a record holds it, refused if the field cannot.
    pub(crate) fn to_value(&self, key: &FieldKey) -> Result<Value> {
        let value = self.write(key.no).filter(|value| intake::fits(key, value));
        Ok(value.ok_or_else(|| Rule::ValueUnfit(labels::field_name(key.no)))?)
    }

    fn write(&self, no: FieldNo) -> Option<Value> {
        Some(match self {
            FieldValue::Empty => Value::null(),
            FieldValue::Text { text } => Value::text(text),
            FieldValue::Number { number } => Value::int(*number),
            FieldValue::Flag { flag } => Value::bool(*flag),
            FieldValue::Time { ms } => Value::int(*ms),
            FieldValue::Choice { message } => Value::text(message.strip_prefix(choices(no)?)?),
            FieldValue::Category { standard_ref, kind, code, name } => {
                let [standard_ref, kind, code, name] = [standard_ref, kind, code, name].map(Clone::clone);
                Category { standard_ref, kind, code, name }.to_value()
            }
            FieldValue::Place { position } => Value::position(*position),
            FieldValue::Record { id } => Value::entity(id.parse::<EntityId>().ok()?),
            FieldValue::Member { id } => Value::actor(&ActorId::new(id).ok()?),
            FieldValue::Area { code } => Value::text(code),
            FieldValue::Other { bytes } => Value::from_encoded(bytes).ok()?,
        })
    }
}
