//! Whether a photo may be taken of something: the one place that says no.
//!
//! Two things can say it: the category (care, publicity), and the record itself, where its author noted that a person
//! asked for it or that it is about minors. One no is enough and no yes undoes it: a note closes what the category
//! leaves open, and nothing opens what the category closes. While two people disagree about such a note it stands.

use crate::pack::{Category, Pack};
use crate::record::Record;
use crate::schema::FieldNo;

/// What a record says against photos, in [`FieldNo::NO_PHOTO`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoPhoto {
    /// A person asked not to be photographed, nor the home.
    Asked,
    /// It is about minors.
    Minors,
}

/// Who says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The category of this name.
    Category(String),
    Record(NoPhoto),
}

impl NoPhoto {
    pub const ALL: [NoPhoto; 2] = [NoPhoto::Asked, NoPhoto::Minors];

    /// What the field holds; its message is `no-photo-` and the word.
    pub fn word(self) -> &'static str {
        match self {
            NoPhoto::Asked => "asked",
            NoPhoto::Minors => "minors",
        }
    }
}

/// What forbids a photo of this record. What it belongs to is a question of its own.
pub fn refusal(record: &Record, packs: &[Pack]) -> Option<Refusal> {
    let category = record.value(FieldNo::CATEGORY).and_then(Category::from_value);
    let item = category.as_ref().and_then(|category| packs.iter().find_map(|pack| pack.item(category.key())));
    if let Some(closed) = item.filter(|item| !item.takes_photo()) {
        return Some(Refusal::Category(closed.name.clone()));
    }
    let notes = record.live(&FieldNo::NO_PHOTO.into()).iter().filter_map(|write| write.value.as_text());
    // A word of a newer version forbids too; why, this version cannot say.
    let said = notes.map(|word| NoPhoto::ALL.into_iter().find(|no| no.word() == word).unwrap_or(NoPhoto::Asked));
    // That it is about minors weighs more than that somebody asked.
    said.max_by_key(|no| *no as u8).map(Refusal::Record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, Dot, EntityId, ReplicaId};
    use crate::record::{FieldState, Write};
    use crate::time::{EffectiveTime, TimeQuality};
    use crate::value::Value;

    fn record(code: Option<&str>, notes: &[Value]) -> Record {
        let village = Pack::village();
        let category = code.map(|code| {
            let item = village.items.iter().find(|item| item.code == code).expect("listed");
            let kind = item.kind.as_str().to_owned();
            let standard_ref = village.standard_ref.clone();
            Category { standard_ref, kind, code: code.to_owned(), name: item.name.clone() }.to_value()
        });
        let live = |values: &[Value]| FieldState {
            live: (1..).zip(values).map(|(rseq, value)| write(rseq, value.clone())).collect(),
            ..FieldState::default()
        };
        let mut record = Record::new(EntityId([7; 16]));
        record.fields.extend(category.map(|value| (FieldNo::CATEGORY.into(), live(&[value]))));
        record.fields.insert(FieldNo::NO_PHOTO.into(), live(notes));
        record
    }

    fn write(rseq: u64, value: Value) -> Write {
        Write {
            dot: Dot { replica: ReplicaId([1; 16]), rseq, tag: [0; 8] },
            rank: 0,
            eff: EffectiveTime { ms: rseq as i64, quality: TimeQuality::Wall },
            author: ActorId::new("m-440783108224-03").expect("a member's id"),
            value,
            pending: false,
        }
    }

    fn said(code: Option<&str>, notes: &[&str]) -> Option<Refusal> {
        let notes: Vec<Value> = notes.iter().map(|word| Value::text(word)).collect();
        refusal(&record(code, &notes), &[Pack::city(), Pack::village()])
    }

    const DROWNING: Option<&str> = Some("54");
    const CARE: Option<&str> = Some("56");

    #[test]
    fn a_note_closes_an_open_category() {
        assert_eq!(said(DROWNING, &[]), None);
        assert_eq!(said(DROWNING, &["asked"]), Some(Refusal::Record(NoPhoto::Asked)));
        assert_eq!(said(DROWNING, &["minors"]), Some(Refusal::Record(NoPhoto::Minors)));
        assert_eq!(said(None, &["minors"]), Some(Refusal::Record(NoPhoto::Minors)), "and what has no category");
        assert_eq!(said(DROWNING, &["of-tomorrow"]), Some(Refusal::Record(NoPhoto::Asked)));
    }

    #[test]
    fn nothing_opens_what_the_category_closes() {
        for notes in [&[][..], &["asked"], &["minors"]] {
            assert_eq!(said(CARE, notes), Some(Refusal::Category("关爱服务".into())), "{notes:?}");
        }
    }

    #[test]
    fn a_note_that_is_disputed_stands_and_one_that_was_taken_back_does_not() {
        let packs = [Pack::village()];
        let disputed = record(DROWNING, &[Value::text("asked"), Value::null()]);
        assert_eq!(refusal(&disputed, &packs), Some(Refusal::Record(NoPhoto::Asked)));
        let both = record(DROWNING, &[Value::text("minors"), Value::text("asked")]);
        assert_eq!(refusal(&both, &packs), Some(Refusal::Record(NoPhoto::Minors)));
        assert_eq!(refusal(&record(DROWNING, &[Value::null()]), &packs), None);
    }
}
