//! What phones talk to: enrolment, the one sync round trip, uploads.

mod enrol;
mod keep;
mod known;
mod pull;
mod push;
mod sync;
mod upload;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use axum::{Json, Router};
use ed25519_dalek::SigningKey;
use gridpatrol_protocol::limits::MESSAGE_BYTES;
use gridpatrol_protocol::{Challenge, request::KeyId};

use crate::blobs::Blobs;
use crate::cell::{Cell, CellError};

pub use enrol::normal as normal_code;

/// Header by which a refusal hands out what the next request has to sign.
pub const CHALLENGE: HeaderName = HeaderName::from_static("gridpatrol-challenge");
/// Header by which a phone shows its certificate to a hub that does not know it.
pub const CERTIFICATE: HeaderName = HeaderName::from_static("gridpatrol-certificate");

/// Challenges kept: every phone of a county, and a bound for strangers.
const CHALLENGES: usize = 20_000;

/// What the handlers share.
pub struct Phones {
    pub cell: Arc<Cell>,
    pub blobs: Blobs,
    /// Uploads in progress.
    pub uploads: PathBuf,
    /// Signs certificates; kept outside the database.
    pub key: SigningKey,
    /// Name of the cell in certificates: the county's code.
    pub name: String,
    keeper: keep::Keeper,
    tries: enrol::Tries,
    challenges: Mutex<HashMap<KeyId, Challenge>>,
}

impl Phones {
    pub fn new(cell: Arc<Cell>, blobs: Blobs, uploads: PathBuf, key: SigningKey, name: String) -> Self {
        let keeper = keep::Keeper::new(&key);
        let (tries, challenges) = Default::default();
        Phones { cell, blobs, uploads, key, name, keeper, tries, challenges }
    }

    /// A fresh challenge for a key; the one before is spent.
    fn challenge(&self, key: KeyId) -> Challenge {
        let mut challenge = Challenge::default();
        (self.cell.ports.random)(&mut challenge);
        if let Ok(mut challenges) = self.challenges.lock() {
            if challenges.len() >= CHALLENGES {
                challenges.clear();
            }
            challenges.insert(key, challenge);
        }
        challenge
    }

    /// Whether this is the challenge that was handed out last; it is spent either way.
    fn spend(&self, key: &KeyId, challenge: &Challenge) -> bool {
        self.challenges.lock().is_ok_and(|mut challenges| challenges.remove(key).as_ref() == Some(challenge))
    }
}

pub fn router(phones: Arc<Phones>) -> Router {
    Router::new()
        .route("/v1/enrol", post(enrol::enrol))
        // Compressed bytes never exceed the cap on raw bytes by more than the envelope.
        .route("/v1/sync", post(sync::sync).layer(DefaultBodyLimit::max(MESSAGE_BYTES + 4_096)))
        .route("/v1/uploads", post(upload::create).options(upload::options))
        .route(
            "/v1/uploads/{id}",
            head(upload::offset).patch(upload::append).layer(DefaultBodyLimit::max(upload::PATCH_BYTES)),
        )
        .with_state(phones)
}

/// Why a phone's request was not answered. `code` is a message id; the phone shows its text.
#[derive(Debug)]
pub enum Refusal {
    /// Sign this challenge.
    Challenge(Challenge),
    UnknownDevice,
    Signature,
    BadCode,
    /// Too many tries: later again.
    Busy,
    Malformed(String),
    NotFound,
    /// tus: the part does not begin where the last one ended.
    Offset,
    /// tus: the bytes do not have the checksum that was stated.
    Checksum,
    TooLarge,
    Full,
    Unavailable,
}

impl From<CellError> for Refusal {
    fn from(error: CellError) -> Self {
        match error {
            CellError::DiskFull => Refusal::Full,
            CellError::BadCode => Refusal::BadCode,
            CellError::NotFound => Refusal::NotFound,
            CellError::Stopped => Refusal::Unavailable,
            other => {
                tracing::error!(error = %other, "a phone's request failed");
                Refusal::Unavailable
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // 460 is tus' own status for a checksum that does not fit.
        let checksum = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        let (status, code, text) = match &self {
            Refusal::Challenge(_) => (StatusCode::UNAUTHORIZED, "challenge", "sign the challenge in the header".into()),
            Refusal::UnknownDevice => (StatusCode::UNAUTHORIZED, "unknown-device", "show the certificate".into()),
            Refusal::Signature => (StatusCode::UNAUTHORIZED, "signature", "the signature does not fit".into()),
            Refusal::BadCode => {
                (StatusCode::FORBIDDEN, "error-bad-code", "the code is unknown, used or out of date".into())
            }
            Refusal::Busy => (StatusCode::TOO_MANY_REQUESTS, "error-too-many-guesses", "wait a minute".into()),
            Refusal::Malformed(why) => (StatusCode::BAD_REQUEST, "malformed", why.clone()),
            Refusal::NotFound => (StatusCode::NOT_FOUND, "not-found", "no such upload or record".into()),
            Refusal::Offset => (StatusCode::CONFLICT, "offset", "ask for the offset and go on from there".into()),
            Refusal::Checksum => (checksum, "checksum", "the bytes were damaged on their way: send them again".into()),
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "error-too-large", "over the size limit".into()),
            Refusal::Full => {
                (StatusCode::INSUFFICIENT_STORAGE, "error-hub-full", "the hub's disk is full: later again".into())
            }
            Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "error-hub-away", "later again".to_owned()),
        };
        let mut response = (status, Json(serde_json::json!({ "code": code, "text": text }))).into_response();
        if let Refusal::Challenge(challenge) = self {
            let hex: String = challenge.iter().map(|byte| format!("{byte:02x}")).collect();
            if let Ok(value) = HeaderValue::from_str(&hex) {
                response.headers_mut().insert(CHALLENGE, value);
            }
        }
        response
    }
}

/// Blocking work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Refusal::Unavailable))
}
