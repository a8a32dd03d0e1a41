//! What can go wrong in a cell, and what to do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum CellError {
    #[error("SQLite {0} can lose commits: build with 3.51.3 or newer")]
    OldSqlite(String),
    #[error("cannot use the folder {}: {error}. Check that it exists and may be written", path.display())]
    Folder { path: PathBuf, error: std::io::Error },
    #[error("another hub uses {}: stop it first, or use another folder", .0.display())]
    InUse(PathBuf),
    #[error("the database could not switch to WAL (it says {0}): check the disk, then start again")]
    Journal(String),
    #[error("the hub is stopping")]
    Stopped,
    #[error("the disk is full: nothing of this request was stored; free space and try again")]
    DiskFull,
    #[error("the database cannot be written ({0}): check the folder's permissions, and that its disk is not read-only")]
    ReadOnly(String),
    #[error("the group could not be committed and nothing of it was stored: {0}")]
    NotStored(String),
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the database has layout {0}, made by a newer version: upgrade gridpatrol")]
    NewerLayout(i64),
    #[error("a stored row does not decode: restore the last backup")]
    Damaged,
    #[error("the frames do not continue what the hub has")]
    Gap,
    #[error("the frames are of another member's phone")]
    NotTheirs,
    #[error("no such record")]
    NotFound,
    #[error("already decided")]
    Overtaken,
    #[error("an op is at most 32 KB: shorten it")]
    TooLarge,
    #[error("the code is unknown, used or out of date: ask for a new one")]
    BadCode,
}

impl From<rusqlite::Error> for CellError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => CellError::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                CellError::ReadOnly(error.to_string())
            }
            _ => CellError::Sqlite(error),
        }
    }
}

impl From<minicbor::decode::Error> for CellError {
    fn from(_: minicbor::decode::Error) -> Self {
        CellError::Damaged
    }
}
