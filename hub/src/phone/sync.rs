//! The one round trip: who speaks, then push, then pull. A push that fails still pulls.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use gridpatrol_protocol::Head;
use gridpatrol_protocol::WireError;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::reply::{PushError, Reply};
use gridpatrol_protocol::request::{Request, Sealed};
use rusqlite::Connection;

use super::{CERTIFICATE, Phones, Refusal, blocking, pull, push};
use crate::cell::people::{self, Device};
use crate::cell::read;

pub const MIME: &str = "application/vnd.gridpatrol.sync";

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Signature => Refusal::Signature,
            WireError::TooLarge { .. } => Refusal::TooLarge,
            other => Refusal::Malformed(other.to_string()),
        }
    }
}

pub async fn sync(State(phones): State<Arc<Phones>>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let certificate = headers.get(CERTIFICATE).and_then(|value| STANDARD.decode(value).ok());
    let reply = blocking(move || answer(&phones, certificate.as_deref(), &body)).await?;
    Ok(([(header::CONTENT_TYPE, MIME)], reply.encode()).into_response())
}

fn answer(phones: &Phones, certificate: Option<&[u8]>, body: &[u8]) -> Result<Reply, Refusal> {
    let sealed = Sealed::decode(body)?;
    if let Some(certificate) = certificate {
        let certificate = Certificate::verify(certificate, &phones.key.verifying_key())?;
        phones.cell.write(move |batch| batch.admit(&certificate))?;
    }
    let (device, before) = phones.cell.read(|state| Ok((people::device(state, &sealed.key)?, read::head(state)?.0)))?;
    let device = device.ok_or(Refusal::UnknownDevice)?;
    if !phones.spend(&sealed.key, &sealed.challenge) {
        return Err(Refusal::Challenge(phones.challenge(sealed.key)));
    }
    let key = VerifyingKey::from_bytes(&device.key).map_err(|_| Refusal::Signature)?;
    let request = sealed.open(&key)?;
    let push_error = push::take_back(phones, &request).or_else(|| push::take(&phones.cell, &device, &key, &request));
    // A frame that was stored noted the sync with it: a job of its own would wait for a second commit.
    let can_store = push_error != Some(PushError::NotStored);
    if can_store && (request.frames.is_empty() || push_error.is_some()) {
        let device_key = device.key;
        // A hub that can store nothing has things to say all the same.
        if let Err(error) = phones.cell.write(move |batch| batch.note_sync(&device_key)) {
            tracing::error!(%error, "a sync was not noted");
        }
    }
    let rewind = pull::rewind(&phones.cell, &request.cursor)?;
    let (pulled, have, forked) = phones.cell.read(|state| {
        let (have, forked) = have(state, &request)?;
        Ok((pull::page(state, &phones.keeper, &device, &request, rewind, before)?, have, forked))
    })?;
    Ok(Reply {
        challenge: phones.challenge(sealed.key),
        hub_now_ms: phones.cell.now_ms(),
        have,
        forked,
        durable: pulled.durable,
        push_error,
        rewind: pulled.rewind,
        view: pulled.view,
        entering: pulled.entering,
        page: pulled.page,
        log: pulled.log,
        keep: pulled.keep,
    })
}

fn have(state: &Connection, request: &Request) -> crate::cell::Result<(Head, bool)> {
    let replica = request.replica;
    let furthest = read::furthest(state, replica, request.head)?;
    let nothing = Head { rseq: 0, chain: gridpatrol_model::op::chain_seed(replica) };
    Ok((furthest.unwrap_or(nothing), read::forked(state, replica)?))
}

/// A revoked phone sees nothing any more; what it pushes is held.
pub(super) fn view_of(device: &Device) -> Vec<gridpatrol_model::area::Scope> {
    if device.author.revoked { Vec::new() } else { device.areas.clone() }
}
