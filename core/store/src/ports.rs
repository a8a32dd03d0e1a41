//! The world as the store sees it, given by whoever opens it: no clock or random source is reached for inside.

use std::sync::Arc;

use gridpatrol_model::time::TimeEvidence;

/// What the phone's clocks say now; becomes the time evidence of an op.
pub type Moment = TimeEvidence;

pub trait Clock: Send + Sync {
    fn now(&self) -> Moment;
}

pub trait Rng: Send + Sync {
    /// Unpredictable bytes: they name a replica, and two replicas of one name would be a fork.
    fn fill(&self, bytes: &mut [u8]);
}

#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// Name of a registered SQLite VFS; None for the system's.
    pub vfs: Option<String>,
}

/// How the databases are encrypted.
#[derive(Clone)]
#[non_exhaustive]
pub enum Key {
    Plain,
    /// 32 bytes from the platform's key store. Refused until encryption at rest is built: a key accepted and
    /// unused would be a lie.
    Raw([u8; 32]),
}
