//! Shapes that several parts share. Plain values without generics or lifetimes, so that any language can hold them.
//!
//! Ids are lower-case hexadecimal text. A `String` that names a text is a message id; `labels` turns it into words.
//! Times are milliseconds UTC, positions WGS-84 in 1e-7 degrees.

use gridpatrol_model::ids::Dot;
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::Decision;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_store::{ByReceipt, Receipt as Reached, View};

pub use gridpatrol_model::value::Position;

use crate::labels;

/// A moment, and the message id of how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Moment {
    pub ms: i64,
    pub quality: String,
}

/// A record as it is called in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RecordRef {
    pub id: String,
    /// `kind-case`, …
    pub kind: String,
    /// Words of its author; a message id if nobody gave it any.
    pub title: String,
}

/// How far own work got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ReceiptState {
    /// On this phone, durably.
    Saved,
    /// The hub has it; what became of it, or the bytes of the photo, is still on the way.
    Sent,
    Accepted,
    /// The hub keeps it until a supervisor decides.
    Held,
    SentBack,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Receipt {
    pub state: ReceiptState,
    /// `receipt-saved`, …
    pub label: String,
    /// Why it is held.
    pub reason: Option<String>,
    pub sent_back: Option<SentBack>,
}

/// A supervisor's words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SentBack {
    pub by: String,
    pub words: Option<String>,
    /// By when an answer is asked for.
    pub due_ms: Option<i64>,
}

/// Records by how far they got; `total` is the sum and is shown as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ReceiptCounts {
    pub saved: u64,
    pub sent: u64,
    pub accepted: u64,
    pub held: u64,
    pub sent_back: u64,
    pub total: u64,
}

impl Moment {
    pub(crate) fn of(eff: EffectiveTime) -> Self {
        let quality = match eff.quality {
            TimeQuality::SameBoot => "time-same-boot",
            TimeQuality::Gnss => "time-gnss",
            TimeQuality::Wall => "time-wall",
            TimeQuality::Clamped => "time-clamped",
        };
        Moment { ms: eff.ms, quality: quality.to_owned() }
    }

    /// A time that some clock or file gave and nobody checked.
    pub(crate) fn unchecked(ms: i64) -> Self {
        Moment::of(EffectiveTime { ms, quality: TimeQuality::Wall })
    }

    /// When a record was created; of held work, when it was written.
    pub(crate) fn created(record: &Record) -> Self {
        let created = record.created.as_ref().map(|created| created.eff);
        let eff = created.or_else(|| record.held.first().map(|work| work.eff));
        eff.map_or_else(|| Moment::unchecked(0), Moment::of)
    }
}

impl RecordRef {
    pub(crate) fn of(record: &Record) -> Self {
        let kind = labels::kind(record.kind);
        RecordRef { id: record.entity.to_string(), title: title(record).unwrap_or_else(|| kind.clone()), kind }
    }
}

fn title(record: &Record) -> Option<String> {
    let first = |fields: &[FieldNo]| {
        fields.iter().find_map(|no| record.text(*no).filter(|text| !text.is_empty())).map(str::to_owned)
    };
    match record.kind? {
        RecordKind::CASE => first(&[FieldNo::TITLE, FieldNo::DESCRIPTION]).or_else(|| labels::category_name(record)),
        RecordKind::PHOTO => first(&[FieldNo::FILE_NAME]),
        RecordKind::NOTE => first(&[FieldNo::NOTE]),
        RecordKind::INSPECTION => record.text(FieldNo::RESULT).map(|result| format!("result-{result}")),
        _ => first(&[FieldNo::NAME, FieldNo::FILE_NAME]),
    }
}

impl SentBack {
    fn of(decision: &Decision) -> Self {
        SentBack { by: decision.by.to_string(), words: decision.reason.clone(), due_ms: decision.due_ms }
    }
}

impl Receipt {
    /// `bytes_waiting`: the files of a photo are not at the hub for good. None for what is nobody's on this phone.
    pub(crate) fn of(view: &View, bytes_waiting: bool) -> Option<Self> {
        Some(match view.receipt.as_ref()? {
            Reached::Saved => Receipt::plain(ReceiptState::Saved),
            Reached::Accepted if !bytes_waiting => Receipt::plain(ReceiptState::Accepted),
            Reached::Sent | Reached::Accepted => Receipt::plain(ReceiptState::Sent),
            Reached::Held(reason) => Receipt::decided(&HeldState::Held(*reason)),
            Reached::SentBack(decision) => Receipt::decided(&HeldState::SentBack(decision.clone())),
        })
    }

    pub(crate) fn decided(state: &HeldState) -> Self {
        match state {
            HeldState::Held(reason) => {
                Receipt { reason: Some(reason.message_id().to_owned()), ..Receipt::plain(ReceiptState::Held) }
            }
            HeldState::SentBack(decision) => {
                Receipt { sent_back: Some(SentBack::of(decision)), ..Receipt::plain(ReceiptState::SentBack) }
            }
        }
    }

    fn plain(state: ReceiptState) -> Self {
        let label = match state {
            ReceiptState::Saved => "receipt-saved",
            ReceiptState::Sent => "receipt-sent",
            ReceiptState::Accepted => "receipt-accepted",
            ReceiptState::Held => "receipt-held",
            ReceiptState::SentBack => "receipt-sent-back",
        };
        Receipt { state, label: label.to_owned(), reason: None, sent_back: None }
    }
}

impl ReceiptCounts {
    pub(crate) fn of<'a>(receipts: impl Iterator<Item = &'a Receipt>) -> Self {
        let mut counts = ReceiptCounts::default();
        for receipt in receipts {
            *match receipt.state {
                ReceiptState::Saved => &mut counts.saved,
                ReceiptState::Sent => &mut counts.sent,
                ReceiptState::Accepted => &mut counts.accepted,
                ReceiptState::Held => &mut counts.held,
                ReceiptState::SentBack => &mut counts.sent_back,
            } += 1;
            counts.total += 1;
        }
        counts
    }
}

impl From<ByReceipt> for ReceiptCounts {
    fn from(by: ByReceipt) -> Self {
        let ByReceipt { saved, sent, accepted, held, sent_back } = by;
        ReceiptCounts { saved, sent, accepted, held, sent_back, total: by.total() }
    }
}

/// Dots that a screen showed, as they come back from it.
pub(crate) fn dots(shown: &[String]) -> crate::Result<Vec<Dot>> {
    shown.iter().map(|dot| Ok(dot.parse()?)).collect()
}
