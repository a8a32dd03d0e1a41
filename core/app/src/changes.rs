//! What changed in a sync, and own work that waits for the office or came back.

use gridpatrol_model::record::HeldWork;
use gridpatrol_store::{Only, Query, Why};

use crate::core::Core;
use crate::error::Result;
use crate::labels;
use crate::types::{Moment, Receipt, RecordRef};

/// A visible jump of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Change {
    /// Rises; `Notes::since` goes on behind it.
    pub number: i64,
    pub record: RecordRef,
    /// `change-disputed`, …
    pub why: String,
    /// Message ids of fields that show another value.
    pub fields: Vec<String>,
}

/// Own work that the hub holds or that was sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HeldItem {
    pub record: RecordRef,
    pub written: Moment,
    pub receipt: Receipt,
}

pub(crate) fn since(core: &Core, number: i64, limit: u32) -> Result<Vec<Change>> {
    let changes = core.store.changes(number, limit as usize)?;
    changes
        .into_iter()
        .map(|change| {
            let shown = core.store.record(change.entity)?.map(|view| RecordRef::of(&view.record));
            let kind = labels::kind(change.kind);
            let gone = || RecordRef { id: change.entity.to_string(), title: kind.clone(), kind: kind.clone() };
            let fields = change.fields.iter().map(|key| labels::id("field", &labels::field_name(key.no)));
            Ok(Change {
                number: change.id,
                record: shown.unwrap_or_else(gone),
                why: word(change.why).to_owned(),
                fields: fields.collect(),
            })
        })
        .collect()
}

fn word(why: Why) -> &'static str {
    match why {
        Why::SentBack => "change-sent-back",
        Why::Held => "change-held",
        Why::Released => "change-released",
        Why::Disputed => "change-disputed",
        Why::Settled => "change-settled",
        Why::Deleted => "change-deleted",
        Why::Restored => "change-restored",
        Why::Arrived => "change-arrived",
        Why::Edited => "change-edited",
        Why::Left => "change-left",
    }
}

/// What came back first, then what is held; newest first.
pub(crate) fn held(core: &Core) -> Result<Vec<HeldItem>> {
    let mut items = Vec::new();
    for only in [Only::SentBack, Only::Held] {
        for view in core.all(Query { only: Some(only), ..Query::default() })? {
            let own = |work: &&HeldWork| work.op.actor == *core.member();
            let fits = |receipt: &Receipt| receipt.sent_back.is_some() == (only == Only::SentBack);
            let record = RecordRef::of(&view.record);
            let works = view.record.held.iter().filter(own);
            let works = works.map(|work| (Moment::of(work.eff), Receipt::decided(&work.state)));
            items.extend(works.filter(|(_, receipt)| fits(receipt)).map(|(written, receipt)| HeldItem {
                record: record.clone(),
                written,
                receipt,
            }));
        }
    }
    Ok(items)
}
