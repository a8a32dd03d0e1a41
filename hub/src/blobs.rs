//! Photos and track blocks by their SHA-256. A local folder by default; the bytes are on the disk before a
//! hash is said to be there.

use std::path::Path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

/// SHA-256 of the content.
pub type Hash = [u8; 32];

#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    pub fn local(folder: &Path) -> Result<Self, object_store::Error> {
        std::fs::create_dir_all(folder)
            .map_err(|error| object_store::Error::Generic { store: "local", source: Box::new(error) })?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Blobs { store: Arc::new(store) })
    }

    pub async fn put(&self, hash: &Hash, bytes: impl Into<PutPayload>) -> Result<(), object_store::Error> {
        self.store.put(&key(hash), bytes.into()).await.map(drop)
    }

    /// Nothing if the content has not arrived.
    pub async fn get(&self, hash: &Hash) -> Result<Option<bytes::Bytes>, object_store::Error> {
        match self.store.get(&key(hash)).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// [`Self::get`] for a blocking thread of the runtime.
    pub fn get_blocking(&self, hash: &Hash) -> Result<Option<bytes::Bytes>, object_store::Error> {
        tokio::runtime::Handle::current().block_on(self.get(hash))
    }
}

/// Two levels of folders, so that none holds more than a few hundred files.
fn key(hash: &Hash) -> Key {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Key::from(format!("{}/{}/{hex}", &hex[..2], &hex[2..4]))
}
