//! What a caller can act on.

use gridpatrol_protocol::WireError;
use gridpatrol_store::StoreError;

use crate::transport::TransportError;

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("this phone is not enrolled: ask the office for a code")]
    NotEnrolled,
    #[error("the code is unknown, used or out of date: ask the office for a new one")]
    BadCode,
    #[error("stopped; nothing is lost, the next sync goes on from here")]
    Cancelled,
    #[error("the hub cannot be reached; everything is kept on this phone: {0}")]
    HubAway(String),
    #[error("whoever answers is not the hub that this phone was enrolled with; nothing was sent. Call the office")]
    NotTheHub,
    #[error("the hub is another machine and its address begins with http://: enrol by the link that the office shows")]
    Unprotected,
    #[error("the hub asks to wait a minute; everything is kept on this phone")]
    HubBusy,
    #[error("the hub cannot store more just now; everything is kept on this phone")]
    HubFull,
    #[error("the hub does not accept this phone: ask the office")]
    Refused,
    #[error("the hub speaks another version: update the app; everything is kept on this phone")]
    Upgrade,
    #[error("what arrived was damaged again and again: {0}")]
    Damaged(WireError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TransportError> for SyncError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Away(why) => SyncError::HubAway(why),
            TransportError::NotTheHub => SyncError::NotTheHub,
            TransportError::Unprotected => SyncError::Unprotected,
            TransportError::Busy => SyncError::HubBusy,
            TransportError::Full => SyncError::HubFull,
            TransportError::Refused { .. } => SyncError::Refused,
        }
    }
}

impl From<WireError> for SyncError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Version(_) => SyncError::Upgrade,
            other => SyncError::Damaged(other),
        }
    }
}
