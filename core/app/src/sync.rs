//! Enrolment and sync, as a shell asks for them. Blocking: a shell calls them off its main thread.

use std::sync::Arc;

use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_store::Rng;
use gridpatrol_sync::{Cancel, Engine, Http, SyncError, enrol};

use crate::core::Core;
use crate::error::Result;

pub struct Sync {
    pub(crate) core: Arc<Core>,
    pub(crate) rng: Arc<dyn Rng>,
}

pub use gridpatrol_sync::Cancel as CancelSync;

/// What moved since the sync began, and what still waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncProgress {
    pub requests: u64,
    pub records_up: u64,
    pub records_down: u64,
    /// Bodies of sync requests and replies; photos apart.
    pub push_bytes: u64,
    pub pull_bytes: u64,
    pub files_up: u64,
    pub file_bytes: u64,
    pub records_waiting: u64,
    pub file_bytes_waiting: u64,
}

/// What the office enrolled this phone for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Enrolled {
    pub label: String,
    pub role: String,
    pub areas: Vec<String>,
}

impl Sync {
    /// Enrols by the link that the office shows, scanned or tapped: where the hub is, the key that it answers with, and
    /// a one-time code. Once for a member on a phone.
    pub fn enrol_by_link(&self, link: &str) -> Result<Enrolled> {
        self.enrol_at(&EnrolLink::read(link).map_err(|_| SyncError::BadCode)?)
    }

    /// The same by hand, for a hub on this machine: one that is reached over TLS is known by its link only.
    pub fn enrol(&self, hub_url: &str, code: &str) -> Result<Enrolled> {
        self.enrol_at(&EnrolLink { hub: hub_url.to_owned(), key: None, code: code.to_owned() })
    }

    fn enrol_at(&self, link: &EnrolLink) -> Result<Enrolled> {
        let http = Http::new(&link.hub, link.key).map_err(SyncError::from)?;
        let certificate = enrol(&self.core.store, &http, link, &*self.rng)?;
        Ok(Enrolled {
            label: certificate.label,
            role: certificate.role.name().to_owned(),
            areas: certificate.areas.iter().map(ToString::to_string).collect(),
        })
    }

    /// Runs until both sides have what they can have. `watch` sees the progress after each step.
    pub fn run(&self, cancel: &Cancel, mut watch: impl FnMut(&SyncProgress)) -> Result<SyncProgress> {
        let store = &self.core.store;
        let enrolment = store.enrolment()?.ok_or(SyncError::NotEnrolled)?;
        let key = enrolment.hub_key.try_into().ok();
        let http = Http::new(&enrolment.hub_url, key).map_err(SyncError::from)?;
        let mut engine = Engine::new(store, http, &*self.core.clock)?;
        let done = engine.run(cancel, |progress| watch(&(*progress).into()));
        self.core.look_at_walk_again()?;
        Ok(done?.into())
    }
}

impl From<gridpatrol_sync::Progress> for SyncProgress {
    fn from(progress: gridpatrol_sync::Progress) -> Self {
        SyncProgress {
            requests: progress.requests,
            records_up: progress.records_up,
            records_down: progress.records_down,
            push_bytes: progress.push_bytes,
            pull_bytes: progress.pull_bytes,
            files_up: progress.files_up,
            file_bytes: progress.file_bytes,
            records_waiting: progress.records_wait,
            file_bytes_waiting: progress.files_wait_bytes,
        }
    }
}
