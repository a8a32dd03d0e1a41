//! What can go wrong, in the terms of somebody who can act on it.

use std::path::PathBuf;

use gridpatrol_model::ids::{EntityId, HubSeq};
use gridpatrol_model::op::BadOp;
use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("storage is paused: call resume() before using it")]
    Paused,
    #[error("only a plain key is supported yet: encryption at rest is not built")]
    KeyNotSupported,
    #[error("the storage is full: free some space, then save again; nothing was half-written")]
    DiskFull,
    #[error("the folder of the storage cannot be written: {0}")]
    ReadOnly(String),
    #[error("another process holds the storage: close it and try again")]
    Busy,
    #[error("part of the storage is damaged ({0}): close and open it again to salvage what can be read")]
    Damaged(String),
    #[error("the storage was written by a newer version (schema {found}, this one knows {known}): update the app")]
    TooNew { found: i64, known: i64 },
    #[error("this build cannot keep its promises on a phone: {0}")]
    Unfit(String),
    #[error("no such record on this phone: {0}")]
    NoSuchRecord(EntityId),
    #[error("a new record is written by Create, and an existing one by anything else")]
    WrongTarget,
    #[error(transparent)]
    BadOp(#[from] BadOp),
    #[error("the page starts at {got:?} and the phone stands at {at:?}: pull again from there")]
    PageElsewhere { at: HubSeq, got: HubSeq },
    #[error("a hub_seq out of range: {0:?}")]
    BadSeq(HubSeq),
    #[error("no such file on this phone: its hash is unknown or the file was let go")]
    NoSuchFile,
    #[error("the file is not at the hub for good: it stays")]
    NotDurable,
    #[error("no such track block, or it is still open")]
    NoSuchBlock,
    #[error("cannot use {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("database: {0}")]
    Database(rusqlite::Error),
}

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
        // Only damage makes a value of ours another type.
        if matches!(error, InvalidColumnType(..) | FromSqlConversionFailure(..) | IntegralValueOutOfRange(..)) {
            return StoreError::Damaged(error.to_string());
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                StoreError::ReadOnly(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
            _ => StoreError::Database(error),
        }
    }
}

impl StoreError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> StoreError {
        use std::io::ErrorKind;
        move |source| {
            let path = path.into();
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                    StoreError::ReadOnly(format!("{}: {source}", path.display()))
                }
                _ => StoreError::File { path, source },
            }
        }
    }
}
