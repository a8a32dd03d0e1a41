//! What is on the phone's disk, and why it survives.
//!
//! A user action is one op, saved with its effect in one transaction; "saved" is said only after it is on the
//! disk. Each record is stored once, as the hub is known to see it, and what the user sees is that view with this
//! phone's pending ops on top, by the same fold that the hub runs. Lists read columns that describe what is seen.
//!
//! Records and tracks are two databases with two promises (`db`). Clock, random source and the file layer of
//! SQLite come in as [`Ports`]. Everything blocks, is `Send + Sync`, and starts no thread.

mod apply;
mod db;
mod error;
mod files;
mod journal;
mod kept;
mod meta;
mod names;
mod observe;
mod outbox;
mod ports;
mod query;
mod records;
mod salvage;
mod save;
mod state;
mod store;
mod tracks;

pub use apply::Applied;
pub use error::StoreError;
pub use files::{Lane, Upload, Waiting};
pub use journal::{Change, Why};
pub use kept::Kept;
pub use meta::{Cursor, Enrolment, HubTime};
pub use observe::{Notice, Subscription};
pub use outbox::{AckOutcome, Have, Head, Outgoing, Outlet};
pub use ports::{Clock, Key, Moment, Ports, Rng};
pub use query::{ByReceipt, Counts, ListKey, Listing, Only, Query, Receipt, View};
pub use salvage::Report;
pub use save::{Batch, Draft, Saved};
pub use store::{Opened, Store};
pub use tracks::{BlockId, TrackBlock};
