//! Categories that a case can have, out of the packs of this version.

use gridpatrol_model::pack::{Category, CategoryKey};

use crate::core::Core;
use crate::error::{Result, Rule};

/// The key of a category. Codes alone are not unique: components and matters share numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CategoryId {
    pub standard_ref: String,
    pub kind: String,
    pub code: String,
}

/// A category to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CategoryChoice {
    pub id: CategoryId,
    pub name: String,
    /// `net-…`, `deadline-…`, `evidence-…`
    pub net: String,
    pub deadline: String,
    pub evidence: String,
    /// A form without a photo field.
    pub takes_photo: bool,
}

impl CategoryId {
    pub(crate) fn key(&self) -> CategoryKey<'_> {
        CategoryKey { standard_ref: &self.standard_ref, kind: &self.kind, code: &self.code }
    }
}

/// What is active, pack by pack in the packs' order.
pub(crate) fn choices(core: &Core) -> Vec<CategoryChoice> {
    let items = core.packs.iter().flat_map(|pack| pack.items.iter().map(move |item| (pack, item)));
    items
        .filter_map(|(pack, item)| {
            let rules = item.rules.as_ref()?;
            let kind = item.kind.as_str().to_owned();
            Some(CategoryChoice {
                id: CategoryId { standard_ref: pack.standard_ref.clone(), kind, code: item.code.clone() },
                name: item.name.clone(),
                net: rules.net.message_id().to_owned(),
                deadline: rules.deadline.message_id().to_owned(),
                evidence: rules.evidence.message_id().to_owned(),
                takes_photo: item.takes_photo(),
            })
        })
        .collect()
}

/// The snapshot that a record keeps of an active category.
pub(crate) fn snapshot(core: &Core, id: &CategoryId) -> Result<Category> {
    let active = core.packs.iter().find(|pack| pack.item(id.key()).is_some_and(|item| item.rules.is_some()));
    Ok(active.and_then(|pack| pack.snapshot(id.key())).ok_or_else(|| Rule::CategoryUnknown(id.code.clone()))?)
}
