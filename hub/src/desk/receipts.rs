//! How far a record got: the same words that its author sees on her phone.

use gridpatrol_model::record::{HeldState, HeldWork, Record};
use gridpatrol_model::schema::{FieldNo, RecordKind};

use super::view::{View, created};
use crate::api::{
    Answer,
    common::{DotText, Receipt, ReceiptCounts, ReceiptState, Text},
};

impl View<'_> {
    pub fn receipt(&self, record: &Record) -> Answer<Receipt> {
        let state = self.receipt_state(record)?;
        let work = waiting(record);
        let held = work.filter(|_| state == ReceiptState::Held);
        Ok(Receipt {
            record: self.record_ref(record)?,
            state,
            saved: created(record),
            received_ms: Some(self.received_ms(record.entity)?),
            reason: work.map(|work| self.held_reason(work)),
            held_dot: held.map(|work| DotText(work.dot.to_string())),
        })
    }

    fn receipt_state(&self, record: &Record) -> Answer<ReceiptState> {
        Ok(match waiting(record).map(|work| &work.state) {
            Some(HeldState::Held(_)) => ReceiptState::Held,
            Some(HeldState::SentBack(_)) => ReceiptState::SentBack,
            None if self.awaits_bytes(record)? => ReceiptState::Sent,
            None => ReceiptState::Accepted,
        })
    }

    pub fn held_reason(&self, work: &HeldWork) -> Text {
        match &work.state {
            HeldState::Held(reason) => self.text(reason.message_id(), &[]),
            HeldState::SentBack(decision) => {
                let said = decision.reason.clone().unwrap_or_default();
                Text { id: "receipt-sent-back".into(), zh: said.clone(), en: said }
            }
        }
    }

    /// A photo or a block of fixes whose record is here and whose bytes are not.
    fn awaits_bytes(&self, record: &Record) -> Answer<bool> {
        let field = match record.kind {
            Some(RecordKind::PHOTO) => FieldNo::PHOTO,
            Some(RecordKind::TRACK_CHUNK) => FieldNo::BLOCK,
            _ => return Ok(false),
        };
        match record.value(field).and_then(|value| value.as_blob()) {
            Some(blob) => Ok(!self.arrived(&blob.hash)?),
            None => Ok(false),
        }
    }

    pub fn receipts<'r>(&self, records: impl Iterator<Item = &'r Record>) -> Answer<ReceiptCounts> {
        let mut counts = ReceiptCounts::default();
        for record in records {
            counts.total += 1;
            *match self.receipt_state(record)? {
                ReceiptState::Saved => &mut counts.saved,
                ReceiptState::Sent => &mut counts.sent,
                ReceiptState::Accepted => &mut counts.accepted,
                ReceiptState::Held => &mut counts.held,
                ReceiptState::SentBack => &mut counts.sent_back,
            } += 1;
        }
        Ok(counts)
    }
}

/// What has to be said about a record first: work that is held, else what was sent back.
fn waiting(record: &Record) -> Option<&HeldWork> {
    let held = record.held.iter().find(|work| matches!(work.state, HeldState::Held(_)));
    held.or(record.held.last())
}
