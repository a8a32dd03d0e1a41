//! Names of things as message ids, and the words behind an id. A shell shows what it gets and knows no list.

use gridpatrol_model::message::{Arg, Messages};
use gridpatrol_model::pack::Category;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FIELDS, FieldNo, RecordKind};

pub use gridpatrol_model::message::Lang;

/// What stands in the place of a `{ $name }` in a text: a number if it is one, else the words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TextArg {
    pub name: String,
    pub words: String,
    pub number: Option<i64>,
}

/// The texts of both languages. One for a whole app.
pub struct Labels {
    zh: Messages,
    en: Messages,
}

impl Labels {
    pub(crate) fn new() -> Self {
        Labels { zh: Messages::new(Lang::Zh), en: Messages::new(Lang::En) }
    }

    /// The words of a message id; the id itself where there are none.
    pub fn text(&self, id: &str, lang: Lang, args: &[TextArg]) -> String {
        let values: Vec<(&str, Arg<'_>)> =
            args.iter().map(|arg| (arg.name.as_str(), arg.number.map_or(Arg::Text(&arg.words), Arg::Number))).collect();
        self.of(lang).text(id, &values)
    }

    /// The label of a field of the field table, by its name there.
    pub fn field_label(&self, field: &str, lang: Lang) -> String {
        self.of(lang).text(&id("field", field), &[])
    }

    pub(crate) fn of(&self, lang: Lang) -> &Messages {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// `prefix-name`, in the spelling of message ids.
pub(crate) fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace('_', "-"))
}

pub(crate) fn kind(kind: Option<RecordKind>) -> String {
    id("kind", kind.and_then(RecordKind::name).unwrap_or("unknown"))
}

/// A field of a newer version has its number for a name.
pub(crate) fn field_name(no: FieldNo) -> String {
    no.field().map_or_else(|| no.0.to_string(), |field| field.name.to_owned())
}

pub(crate) fn field_no(name: &str) -> Option<FieldNo> {
    FIELDS.iter().find(|field| field.name == name).map(|field| field.no)
}

pub(crate) fn category_name(record: &Record) -> Option<String> {
    Category::from_value(record.value(FieldNo::CATEGORY)?).map(|category| category.name)
}
