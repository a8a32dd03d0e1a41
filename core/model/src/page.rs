//! What a pull brings a phone, in hub order.

use crate::ids::{EntityId, HubSeq};
use crate::record::Record;
use crate::row::Row;

/// Items of one stretch of the log: after it, the phone stands at `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where the phone stood: a page that starts elsewhere is refused, a repeated one changes nothing.
    pub from: HubSeq,
    pub to: HubSeq,
    pub items: Vec<Item>,
    /// Whether the log goes on behind `to`.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A row of a scope that the phone has.
    Row(Row),
    /// A row of the phone's own replica about a record outside its scopes: a receipt and nothing to fold.
    Receipt(Row),
    /// A record that came into the phone's scopes, whole.
    Enter(Record),
    /// A record that left them. Not a delete; what has pending ops stays.
    Leave { entity: EntityId, seq: HubSeq },
}
