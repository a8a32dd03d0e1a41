//! Photos and track blocks by tus 1.0 (creation, offset, checksum): whatever the line does, an upload goes on
//! where it ended. The id of an upload is a secret of the phone that opened it; opening is signed.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::record::Record;
use gridpatrol_protocol::auth::upload_message;
use gridpatrol_protocol::request::KeyId;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{Phones, Refusal, blocking};
use crate::blobs::Hash;
use crate::cell::{people, read};

/// Bytes of one PATCH: what a weak line carries in a minute or two.
pub const PATCH_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of one file: a 200-megapixel photo.
const FILE_BYTES: u64 = 200 * 1024 * 1024;
/// A phone comes back to an unfinished upload within this time, or opens a new one.
const UPLOAD_LIFE_MS: i64 = 30 * 86_400_000;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");

struct Upload {
    hash: Hash,
    size: u64,
}

pub async fn options() -> Response {
    let headers = [
        (RESUMABLE, "1.0.0".to_owned()),
        (HeaderName::from_static("tus-version"), "1.0.0".to_owned()),
        (HeaderName::from_static("tus-extension"), "creation,checksum".to_owned()),
        (HeaderName::from_static("tus-checksum-algorithm"), "sha256".to_owned()),
        (HeaderName::from_static("tus-max-size"), FILE_BYTES.to_string()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Opens an upload for content that a record of this phone names.
pub async fn create(State(phones): State<Arc<Phones>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let size = number(&headers, &LENGTH)?;
    let asked = Asked::read(&headers, size)?;
    let id = blocking(move || asked.open(&phones)).await?;
    let location = HeaderValue::from_str(&format!("/v1/uploads/{id}")).map_err(|_| Refusal::Unavailable)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location), (RESUMABLE, HeaderValue::from_static("1.0.0"))])
        .into_response())
}

pub async fn offset(State(phones): State<Arc<Phones>>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (upload, offset) = blocking(move || {
        let upload = find(&phones, &id)?;
        let offset = phones.offset(&id, &upload)?;
        Ok((upload, offset))
    })
    .await?;
    Ok((StatusCode::OK, progress(offset, Some(upload.size))).into_response())
}

/// Appends a part; the last one has to complete the hash.
pub async fn append(
    State(phones): State<Arc<Phones>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    part: Bytes,
) -> Result<Response, Refusal> {
    let begins = number(&headers, &OFFSET)?;
    check_part(&headers, &part)?;
    let shared = phones.clone();
    let (upload, offset) = blocking(move || {
        let upload = find(&shared, &id)?;
        let offset = shared.append(&id, &upload, begins, &part)?;
        Ok((Finished { id, hash: upload.hash, size: upload.size }, offset))
    })
    .await?;
    if offset == upload.size {
        upload.keep(&phones).await?;
    }
    Ok((StatusCode::NO_CONTENT, progress(offset, None)).into_response())
}

/// What a creation states: which content of which record, signed by which phone.
struct Asked {
    entity: EntityId,
    hash: Hash,
    size: u64,
    key: KeyId,
    signature: Signature,
}

impl Asked {
    fn read(headers: &HeaderMap, size: u64) -> Result<Self, Refusal> {
        if size > FILE_BYTES {
            return Err(Refusal::TooLarge);
        }
        let metadata = metadata(headers);
        let bytes = |name: &str| metadata.get(name).map(Vec::as_slice);
        let wrong = |name: &str| Refusal::Malformed(format!("Upload-Metadata lacks a proper {name}"));
        Ok(Asked {
            entity: EntityId(bytes("entity").and_then(|id| id.try_into().ok()).ok_or_else(|| wrong("entity"))?),
            hash: bytes("sha256").and_then(|hash| hash.try_into().ok()).ok_or_else(|| wrong("sha256"))?,
            size,
            key: bytes("key").and_then(|id| id.try_into().ok()).ok_or_else(|| wrong("key"))?,
            signature: bytes("signature")
                .and_then(|it| Signature::from_slice(it).ok())
                .ok_or_else(|| wrong("signature"))?,
        })
    }

    fn open(self, phones: &Phones) -> Result<String, Refusal> {
        let device = phones.cell.read(|state| people::device(state, &self.key))?.ok_or(Refusal::UnknownDevice)?;
        let key = VerifyingKey::from_bytes(&device.key).map_err(|_| Refusal::Signature)?;
        key.verify_strict(&upload_message(&self.entity, &self.hash, self.size), &self.signature)
            .map_err(|_| Refusal::Signature)?;
        let record = phones.cell.read(|state| read::record(state, self.entity))?.ok_or(Refusal::NotFound)?;
        if !names(&record, &device.author.actor, &self.hash, self.size) {
            return Err(Refusal::NotFound);
        }
        let (id, expired) = phones.cell.write(move |batch| {
            let id: String = batch.random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
            let expired = batch.put_upload(&id, &self.hash, self.size, UPLOAD_LIFE_MS)?;
            Ok((id, expired))
        })?;
        // What nobody came back for is brought anew if it is still wanted.
        expired.iter().for_each(|id| drop(std::fs::remove_file(phones.part_file(id))));
        Ok(id)
    }
}

/// Whether a write of this member, or held work of theirs, names this content. Nobody else is told that it is there.
fn names(record: &Record, actor: &ActorId, hash: &Hash, size: u64) -> bool {
    let live = record.fields.values().flat_map(|state| &state.live).filter(|write| write.author == *actor);
    let held = record.held.iter().filter(|work| work.op.actor == *actor).flat_map(|work| &work.op.sets);
    let values = live.map(|write| &write.value).chain(held.map(|set| &set.value));
    values.filter_map(|value| value.as_blob()).any(|blob| blob.hash == *hash && blob.size == size)
}

fn find(phones: &Phones, id: &str) -> Result<Upload, Refusal> {
    let now = phones.cell.now_ms();
    let found = phones.cell.read(|state| {
        Ok(state
            .prepare_cached("SELECT hash, size FROM upload WHERE id = ?1 AND expires_ms > ?2")?
            .query_row(params![id, now], |row| Ok(Upload { hash: row.get(0)?, size: row.get::<_, i64>(1)? as u64 }))
            .optional()?)
    })?;
    found.ok_or(Refusal::NotFound)
}

impl Phones {
    fn has_blob(&self, hash: &Hash) -> Result<bool, Refusal> {
        Ok(self.cell.read(|state| Ok(state.prepare_cached("SELECT 1 FROM blob WHERE hash = ?1")?.exists([hash])?))?)
    }

    fn part_file(&self, id: &str) -> PathBuf {
        self.uploads.join(id)
    }

    fn offset(&self, id: &str, upload: &Upload) -> Result<u64, Refusal> {
        if self.has_blob(&upload.hash)? {
            return Ok(upload.size);
        }
        Ok(std::fs::metadata(self.part_file(id)).map_or(0, |file| file.len()))
    }

    fn append(&self, id: &str, upload: &Upload, begins: u64, part: &[u8]) -> Result<u64, Refusal> {
        let offset = self.offset(id, upload)?;
        if begins != offset || offset + part.len() as u64 > upload.size {
            return Err(Refusal::Offset);
        }
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.part_file(id)).map_err(io)?;
        file.write_all(part).and_then(|()| file.sync_data()).map_err(io)?;
        Ok(offset + part.len() as u64)
    }
}

/// An upload that has all its bytes.
struct Finished {
    id: String,
    hash: Hash,
    size: u64,
}

impl Finished {
    async fn keep(self, phones: &Arc<Phones>) -> Result<(), Refusal> {
        let file = phones.part_file(&self.id);
        if phones.has_blob(&self.hash)? {
            return Ok(());
        }
        let bytes = tokio::fs::read(&file).await.map_err(io)?;
        if Hash::from(Sha256::digest(&bytes)) != self.hash {
            // Nothing to go on from: the next HEAD says nought and the phone begins again.
            let _ = tokio::fs::remove_file(&file).await;
            return Err(Refusal::Checksum);
        }
        phones.blobs.put(&self.hash, bytes).await.map_err(|error| {
            tracing::error!(%error, "a blob was not stored");
            Refusal::Unavailable
        })?;
        let shared = phones.clone();
        blocking(move || Ok(shared.cell.write(move |batch| batch.put_blob(&self.hash, self.size))?)).await?;
        let _ = tokio::fs::remove_file(&file).await;
        Ok(())
    }
}

fn io(error: std::io::Error) -> Refusal {
    match error.kind() {
        std::io::ErrorKind::StorageFull => Refusal::Full,
        _ => {
            tracing::error!(%error, "an upload was not stored");
            Refusal::Unavailable
        }
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Refusal> {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    value.ok_or_else(|| Refusal::Malformed(format!("{name} is a number of bytes")))
}

/// `name base64, name base64`
fn metadata(headers: &HeaderMap) -> BTreeMap<String, Vec<u8>> {
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(',')
        .filter_map(|pair| pair.trim().split_once(' '))
        .filter_map(|(name, value)| Some((name.to_owned(), STANDARD.decode(value).ok()?)))
        .collect()
}

/// `Upload-Checksum: sha256 base64`, if the phone states one.
fn check_part(headers: &HeaderMap, part: &[u8]) -> Result<(), Refusal> {
    let Some(stated) = headers.get("upload-checksum") else { return Ok(()) };
    let stated = stated.to_str().ok().and_then(|value| value.split_once(' '));
    let Some(("sha256", sum)) = stated else {
        return Err(Refusal::Malformed("Upload-Checksum is sha256 and base64".into()));
    };
    let fits = STANDARD.decode(sum).is_ok_and(|sum| sum[..] == Sha256::digest(part)[..]);
    if fits { Ok(()) } else { Err(Refusal::Checksum) }
}

fn progress(offset: u64, size: Option<u64>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(RESUMABLE, HeaderValue::from_static("1.0.0"));
    headers.insert(OFFSET, HeaderValue::from(offset));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(size) = size {
        headers.insert(LENGTH, HeaderValue::from(size));
    }
    headers
}
