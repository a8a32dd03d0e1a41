//! What a shell hears while the core goes on.

use std::sync::Arc;

use gridpatrol_core::{self as core, SyncProgress};

/// A watcher threw. That is a matter of the shell: what it watched is saved, or goes on, all the same.
#[derive(Debug, uniffi::Error)]
pub enum WatchError {
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for WatchError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        WatchError::Failed
    }
}

impl std::fmt::Display for WatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a watcher of the shell failed")
    }
}

#[uniffi::export(with_foreign)]
pub trait ProgressWatcher: Send + Sync {
    /// After each step of a sync, on the thread that called it.
    fn moved(&self, progress: SyncProgress) -> Result<(), WatchError>;
}

/// A record that looks different now.
#[derive(uniffi::Record)]
pub struct ChangedRecord {
    /// `kind-case`, …
    pub kind: String,
    pub id: String,
}

#[uniffi::export(with_foreign)]
pub trait ChangeListener: Send + Sync {
    /// After each save or sync, once it is durable, on the thread that made it. It may read at once.
    fn changed(&self, records: Vec<ChangedRecord>) -> Result<(), WatchError>;
}

/// Closing it ends the observation.
#[derive(uniffi::Object)]
pub struct Subscription {
    _held: core::Subscription,
}

pub fn observe(phone: &core::Gridpatrol, listener: Arc<dyn ChangeListener>) -> Subscription {
    let tell = move |told: &[(String, String)]| {
        let records = told.iter().cloned().map(|(kind, id)| ChangedRecord { kind, id }).collect();
        // Already durable: a listener that throws must not make the save look failed.
        let _ = listener.changed(records);
    };
    Subscription { _held: phone.observe(Box::new(tell)) }
}
