//! Steps: records first, then files by lane. A step is one round trip, so that a caller can stop between any
//! two and show what moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ed25519_dalek::SigningKey;
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_protocol::Challenge;
use gridpatrol_protocol::push::Pace;
use gridpatrol_store::{Clock, Store};

use crate::transport::Transport;
use crate::{Result, SyncError, records, uploads};

/// Stops a sync between two steps, from any thread.
#[derive(Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(SyncError::Cancelled) } else { Ok(()) }
    }
}

/// What moved since the sync began, and what is known to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub requests: u64,
    /// Ops sent.
    pub records_up: u64,
    /// Items of the log that arrived.
    pub records_down: u64,
    /// Bodies of sync requests and replies.
    pub push_bytes: u64,
    pub pull_bytes: u64,
    pub files_up: u64,
    pub file_bytes: u64,
    /// Still on this phone only.
    pub records_wait: u64,
    pub files_wait_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something moved; there may be more.
    Moved,
    /// Both sides have what they can have.
    Quiet,
}

/// A sync that ran until it was quiet.
pub type Done = Progress;

/// One sync. What it remembers beyond the store is worth a round trip at most.
pub struct Engine<'s, T> {
    pub(crate) store: &'s Store,
    pub(crate) transport: T,
    pub(crate) clock: &'s dyn Clock,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Vec<u8>,
    pub(crate) challenge: Challenge,
    pub(crate) pace: Pace,
    pub(crate) entering: Option<(Scope, EntityId)>,
    /// The hub could not expand a short reference: the next frames go with full ids.
    pub(crate) full_ids_up: bool,
    pub(crate) full_ids_down: bool,
    /// Frames that did not arrive as they were sent, in a row.
    pub(crate) damaged: u32,
    /// Why nothing more is sent in this sync. What the hub has still comes down before the sync ends with it.
    pub(crate) stuck: Option<SyncError>,
    /// Up to which of the kept runs this sync has handed back.
    pub(crate) handed_back: i64,
    pub(crate) progress: Progress,
    records_quiet: bool,
}

impl<'s, T: Transport> Engine<'s, T> {
    pub fn new(store: &'s Store, transport: T, clock: &'s dyn Clock) -> Result<Self> {
        let enrolment = store.enrolment()?.ok_or(SyncError::NotEnrolled)?;
        let seed: [u8; 32] = enrolment.device_key.try_into().map_err(|_| SyncError::NotEnrolled)?;
        Ok(Engine {
            store,
            transport,
            clock,
            key: SigningKey::from_bytes(&seed),
            certificate: enrolment.certificate,
            // One that the hub has forgotten costs a request, like none.
            challenge: store.challenge()?.and_then(|kept| kept.try_into().ok()).unwrap_or_default(),
            pace: Pace::default(),
            entering: None,
            full_ids_up: false,
            full_ids_down: false,
            damaged: 0,
            stuck: None,
            handed_back: 0,
            progress: Progress::default(),
            records_quiet: false,
        })
    }

    /// One round trip, or one part of a file.
    pub fn step(&mut self) -> Result<Step> {
        let step = if self.records_quiet { uploads::step(self)? } else { records::step(self)? };
        if step == Step::Quiet && !self.records_quiet {
            self.records_quiet = true;
            return Ok(Step::Moved);
        }
        Ok(step)
    }

    /// Steps until quiet. `watch` sees the progress after each step.
    pub fn run(&mut self, cancel: &Cancel, mut watch: impl FnMut(&Progress)) -> Result<Done> {
        loop {
            cancel.check()?;
            let step = self.step()?;
            let waiting = self.store.waiting()?;
            self.progress.records_wait = waiting.records;
            self.progress.files_wait_bytes = waiting.bytes;
            watch(&self.progress);
            if step == Step::Quiet {
                return Ok(self.progress);
            }
        }
    }
}
