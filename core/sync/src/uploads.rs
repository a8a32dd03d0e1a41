//! Files after records: thumbnails before originals, each by tus from wherever it stopped.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use ed25519_dalek::Signer;
use gridpatrol_protocol::auth::upload_message;
use gridpatrol_protocol::request::key_id;
use gridpatrol_store::{StoreError, Upload};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::engine::{Engine, Step};
use crate::transport::Transport;

/// Bytes of a part: half a minute on a weak line, and little to repeat.
const PART: u64 = 512 * 1024;

pub fn step<T: Transport>(engine: &mut Engine<'_, T>) -> Result<Step> {
    let Some(upload) = engine.store.uploads(1)?.into_iter().next() else { return Ok(Step::Quiet) };
    let url = match &upload.url {
        Some(url) => url.clone(),
        None => open(engine, &upload)?,
    };
    let Some(offset) = engine.transport.upload_offset(&url)? else {
        // The hub forgot it: the next step opens it anew.
        engine.store.upload_at(&upload.blob.hash, None, 0)?;
        return Ok(Step::Moved);
    };
    if offset < upload.blob.size {
        send(engine, &upload, &url, offset)?;
    } else {
        engine.store.upload_done(&upload.blob.hash)?;
        engine.progress.files_up += 1;
    }
    Ok(Step::Moved)
}

fn open<T: Transport>(engine: &Engine<'_, T>, upload: &Upload) -> Result<String> {
    let message = upload_message(&upload.entity, &upload.blob.hash, upload.blob.size);
    let signature = engine.key.sign(&message).to_bytes();
    let key = key_id(&engine.key.verifying_key());
    let metadata: [(&str, &[u8]); 4] =
        [("entity", &upload.entity.0), ("sha256", &upload.blob.hash), ("key", &key), ("signature", &signature)];
    let url = engine.transport.create_upload(upload.blob.size, &metadata)?;
    engine.store.upload_at(&upload.blob.hash, Some(&url), 0)?;
    Ok(url)
}

fn send<T: Transport>(engine: &mut Engine<'_, T>, upload: &Upload, url: &str, offset: u64) -> Result<()> {
    let part = read(upload, offset)?;
    let sha256 = Sha256::digest(&part).into();
    let bytes = part.len() as u64;
    match engine.transport.upload_part(url, offset, part, &sha256)? {
        Some(offset) => {
            engine.store.upload_at(&upload.blob.hash, Some(url), offset)?;
            engine.progress.file_bytes += bytes;
        }
        // Damaged on its way, or the whole had another hash: the next step asks where to go on.
        None => engine.store.upload_at(&upload.blob.hash, Some(url), 0)?,
    }
    Ok(())
}

fn read(upload: &Upload, offset: u64) -> Result<Vec<u8>> {
    let cannot = |source| StoreError::File { path: upload.path.clone(), source };
    let mut file = File::open(&upload.path).map_err(cannot)?;
    file.seek(SeekFrom::Start(offset)).map_err(cannot)?;
    let mut part = Vec::new();
    file.take(PART).read_to_end(&mut part).map_err(cannot)?;
    Ok(part)
}
