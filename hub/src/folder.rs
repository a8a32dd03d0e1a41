//! The hub's folder: database, content, uploads and keys, used by one hub at a time.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::cell::{CellError, Ports};

pub struct Folder {
    root: PathBuf,
    /// Held while the hub runs; the system lets go of it when the process ends.
    _lock: File,
}

impl Folder {
    pub fn open(root: &Path) -> Result<Self, CellError> {
        let cannot = |error| CellError::Folder { path: root.to_owned(), error };
        for part in ["blobs", "uploads", "keys"] {
            std::fs::create_dir_all(root.join(part)).map_err(cannot)?;
        }
        let lock = File::create(root.join("lock")).map_err(cannot)?;
        lock.try_lock().map_err(|_| CellError::InUse(root.to_owned()))?;
        Ok(Folder { root: root.to_owned(), _lock: lock })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// The key that signs certificates; made at the first start. Outside the database, so that a database
    /// restored from a backup still knows every phone.
    pub fn enrolment_key(&self, ports: &Ports) -> Result<SigningKey, CellError> {
        let path = key_path(&self.root);
        let cannot = |error| CellError::Folder { path: path.clone(), error };
        match std::fs::read(&path) {
            Ok(seed) => signing_key(seed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut seed = [0; 32];
                (ports.random)(&mut seed);
                let mut file = private(&path).map_err(cannot)?;
                file.write_all(&seed).and_then(|()| file.sync_all()).map_err(cannot)?;
                Ok(SigningKey::from_bytes(&seed))
            }
            Err(error) => Err(cannot(error)),
        }
    }
}

/// The public half of the key that signs certificates. Leaves the folder to a hub that may be running.
///
/// # Errors
/// [`CellError`] if there is no such key: no hub has run in this folder.
pub fn public_key(root: &Path) -> Result<VerifyingKey, CellError> {
    let path = key_path(root);
    let seed = std::fs::read(&path).map_err(|error| CellError::Folder { path, error })?;
    Ok(signing_key(seed)?.verifying_key())
}

fn key_path(root: &Path) -> PathBuf {
    root.join("keys").join("enrolment.key")
}

fn signing_key(seed: Vec<u8>) -> Result<SigningKey, CellError> {
    let seed: [u8; 32] = seed.try_into().map_err(|_| CellError::Damaged)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// A new file that only its owner can read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
