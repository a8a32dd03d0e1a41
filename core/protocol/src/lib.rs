//! What phones and the hub say to each other, as bytes: one signed round trip that says hello, pushes frames
//! of ops and pulls a page of rows, and the certificate that enrols a phone.
//!
//! `request` and `reply` are the two messages, `push` is the phone's step of sending, `frame` what it sends,
//! `page` what it gets, `keep` what of it goes back to a restored hub; `compact` is the form of ops in both, `refs` what the other side may look up there.
//!
//! Pure. Every decoder is bounded by the caps in [`limits`], which the sender obeys: a length is never
//! trusted before the bytes are there, and nothing panics on what a stranger sends.

pub mod auth;
mod compact;
pub mod frame;
pub mod keep;
pub mod limits;
pub mod link;
pub mod page;
mod parts;
pub mod push;
pub mod refs;
pub mod reply;
pub mod request;

pub use parts::{Challenge, Cursor, Head, LogTag};

use minicbor::decode::Error as DecodeError;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the message is damaged or cut short ({0}): send it again")]
    Malformed(#[from] DecodeError),
    #[error("the message is over the cap of {cap} bytes: send less at a time")]
    TooLarge { cap: usize },
    #[error("protocol version {0} is not spoken here: upgrade the app")]
    Version(u64),
    #[error("a short reference does not resolve here: send the frame with full ids")]
    NeedsFullIds,
    #[error("the signature does not fit: the frame was changed on its way")]
    Signature,
    #[error("the frame has more than {cap} ops: cut it")]
    TooManyOps { cap: usize },
}

pub type Result<T> = std::result::Result<T, WireError>;

/// A malformed message with a reason of our own.
pub(crate) fn malformed(reason: &'static str) -> WireError {
    WireError::Malformed(DecodeError::message(reason))
}
