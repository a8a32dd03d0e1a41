//! Enrolment: a one-time code against a certificate that binds device key, member and areas.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::{Deserialize, Serialize};

use super::{Phones, Refusal, blocking};

#[derive(Deserialize)]
pub struct Enrol {
    /// As read from the supervisor's screen; case, spaces and dashes do not matter.
    code: String,
    /// Ed25519 public key of the phone, base64.
    device: String,
}

#[derive(Serialize)]
pub struct Enrolled {
    /// `Certificate::sign`, base64.
    certificate: String,
}

/// Tries a minute from one address: a town enrols its phones in a morning, and a code has 50 bits and lives a day.
const TRIES: NonZeroU32 = NonZeroU32::new(30).expect("not nought");
/// Addresses that are remembered before those that have had their rest are forgotten.
const ADDRESSES: usize = 1_000;

/// Slows down whoever tries codes.
pub struct Tries(RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>);

impl Default for Tries {
    fn default() -> Self {
        Tries(RateLimiter::hashmap(Quota::per_minute(TRIES)))
    }
}

impl Tries {
    fn admit(&self, from: IpAddr) -> bool {
        if self.0.len() > ADDRESSES {
            self.0.retain_recent();
        }
        self.0.check_key(&from).is_ok()
    }
}

pub async fn enrol(
    State(phones): State<Arc<Phones>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(asked): Json<Enrol>,
) -> Result<Json<Enrolled>, Refusal> {
    if !phones.tries.admit(from.ip()) {
        tracing::warn!("too many tries of enrolment codes");
        return Err(Refusal::Busy);
    }
    let device: [u8; 32] = STANDARD
        .decode(&asked.device)
        .ok()
        .and_then(|key| key.try_into().ok())
        .ok_or_else(|| Refusal::Malformed("device is a public key of 32 bytes in base64".into()))?;
    let code = normal(&asked.code);
    blocking(move || {
        let name = phones.name.clone();
        let certificate = phones.cell.write(move |batch| batch.use_code(&code, device, &name))?;
        tracing::info!("a phone was enrolled");
        Ok(Json(Enrolled { certificate: STANDARD.encode(certificate.sign(&phones.key)) }))
    })
    .await
}

/// A code is read aloud and typed by hand.
pub fn normal(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric).map(|digit| digit.to_ascii_uppercase());
    // Crockford: letters that are mistaken for digits are those digits.
    kept.map(|digit| match digit {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}
