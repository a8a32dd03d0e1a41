//! What phones and the hub say to each other, as bytes: one signed round trip that says hello, pushes frames
//! of ops and pulls a page of rows, and the certificate that enrols a phone.
//!
//! Pure. Every decoder is bounded by the caps in [`limits`], which the sender obeys: a length is never
//! trusted before the bytes are there, and nothing panics on what a stranger sends.

pub mod auth;
pub mod compact;
pub mod envelope;
pub mod frame;
pub mod limits;
pub mod page;
pub mod push;
pub mod refs;

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
