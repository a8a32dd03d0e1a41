//! Puts an original into the photo folder, whole or not at all.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::PhotoError;

/// An original in the photo folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// Inside the folder, named by the hash in lower-case hex.
    pub path: PathBuf,
}

/// Copies `src` into `dir` under the name of its hash: temp file → fsync → rename → fsync of the folder, so that
/// after a return the bytes survive a power cut, and before it nothing stands under a final name.
/// Streams; `src` is only read. The same photo again is one file. Left-overs of a crash begin with `.incoming-`.
///
/// # Errors
/// [`PhotoError::Unreadable`] for `src`, [`PhotoError::CannotKeep`] for `dir` (full, read-only, missing).
pub fn keep_original(src: &Path, dir: &Path) -> Result<Kept, PhotoError> {
    let source = File::open(src).map_err(PhotoError::Unreadable)?;
    let temp = tempfile::Builder::new().prefix(".incoming-").tempfile_in(dir).map_err(PhotoError::CannotKeep)?;
    let (size, sha256) = copy(source, temp.as_file())?;
    let path = dir.join(hex(&sha256));
    temp.as_file().sync_all().map_err(PhotoError::CannotKeep)?;
    temp.persist(&path).map_err(|e| PhotoError::CannotKeep(e.error))?;
    sync_folder(dir).map_err(PhotoError::CannotKeep)?;
    Ok(Kept { sha256, size, path })
}

/// Copies to the end; size and hash of what went over.
fn copy(mut from: impl Read, mut to: impl Write) -> Result<(u64, [u8; 32]), PhotoError> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buf = vec![0; 64 << 10];
    loop {
        match from.read(&mut buf) {
            Ok(0) => return Ok((size, hash.finalize().into())),
            Ok(n) => {
                hash.update(&buf[..n]);
                to.write_all(&buf[..n]).map_err(PhotoError::CannotKeep)?;
                size += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(PhotoError::Unreadable(e)),
        }
    }
}

/// A rename is durable once its folder is.
fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
