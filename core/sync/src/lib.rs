//! The engine that brings a phone's work to its hub and the hub's decisions back.
//!
//! It is stepped by its caller: one round trip or one part of a file at a time, with no timer, thread or
//! clock of its own. Whatever breaks off goes on where it was, because all state is in the store.

mod engine;
mod enrol;
mod error;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod pinned;
mod records;
mod transport;
mod uploads;

pub use engine::{Cancel, Done, Engine, Progress, Step};
pub use enrol::enrol;
pub use error::SyncError;
#[cfg(feature = "http")]
pub use http::Http;
pub use transport::{Answer, Transport, TransportError};

pub type Result<T> = std::result::Result<T, SyncError>;
