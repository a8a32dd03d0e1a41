//! What somebody who checks a phone against its hub compares: own records, and the hub's view byte for byte.

use std::collections::BTreeSet;
use std::sync::Arc;

use gridpatrol_model::schema::RecordKind;
use gridpatrol_store::{Only, Query, View};

use crate::core::Core;
use crate::error::Result;

pub struct Audit {
    pub(crate) core: Arc<Core>,
}

impl Audit {
    /// Ids of all records that this member created, deleted and held ones included.
    pub fn own_records(&self) -> Result<Vec<String>> {
        self.own(|_| true)
    }

    /// Ids of own photos.
    pub fn own_photos(&self) -> Result<Vec<String>> {
        self.own(|view| view.record.kind == Some(RecordKind::PHOTO))
    }

    /// Canonical bytes of what this phone has of the hub's view of a record; none while something of it is pending
    /// only here.
    pub fn hub_view(&self, record: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.core.store.mirror_bytes(record.parse()?)?)
    }

    fn own(&self, wanted: impl Fn(&View) -> bool) -> Result<Vec<String>> {
        let alive = self.core.all(Query::default())?;
        let deleted = self.core.all(Query { only: Some(Only::Deleted), ..Query::default() })?;
        let mine = |view: &View| view.record.author.as_ref() == Some(self.core.member());
        let own: BTreeSet<String> = alive
            .iter()
            .chain(&deleted)
            .filter(|view| mine(view) && wanted(view))
            .map(|view| view.record.entity.to_string())
            .collect();
        Ok(own.into_iter().collect())
    }
}
