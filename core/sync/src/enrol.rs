//! Enrolment: once for a member on a phone.

use ed25519_dalek::SigningKey;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_store::{Enrolment, Rng, Store};

use crate::transport::{Transport, TransportError};
use crate::{Result, SyncError};

/// Trades a one-time code for a certificate and keeps it with a new device key.
pub fn enrol(store: &Store, transport: &impl Transport, link: &EnrolLink, rng: &dyn Rng) -> Result<Certificate> {
    let mut seed = [0; 32];
    rng.fill(&mut seed);
    let key = SigningKey::from_bytes(&seed);
    let device = key.verifying_key().to_bytes();
    let bytes = transport.enrol(&link.code, &device).map_err(|error| match error {
        TransportError::Refused { status: 403, .. } => SyncError::BadCode,
        other => other.into(),
    })?;
    let certificate = Certificate::read(&bytes)?;
    // A certificate of another member or key would sign this member's work with somebody else's name.
    if certificate.member != *store.member() || certificate.device != device {
        return Err(SyncError::BadCode);
    }
    store.set_enrolment(&Enrolment {
        certificate: bytes,
        hub_url: link.hub.clone(),
        hub_key: link.key.map(|key| key.to_vec()).unwrap_or_default(),
        device_key: seed.to_vec(),
    })?;
    Ok(certificate)
}
