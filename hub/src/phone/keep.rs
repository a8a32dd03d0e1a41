//! Tags of the runs that phones keep for this hub. They are made with a key that comes from the enrolment key, which is
//! kept outside the database: a restored hub knows its own rows again, and nobody else can make one up.

use ed25519_dalek::SigningKey;
use gridpatrol_model::row::Row;
use gridpatrol_protocol::keep::{self, Tag};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Makes tags and checks them.
pub struct Keeper(Hmac<Sha256>);

impl Keeper {
    pub fn new(key: &SigningKey) -> Self {
        let own = Sha256::new().chain_update(b"gridpatrol keep 1").chain_update(key.to_bytes()).finalize();
        Keeper(Hmac::new_from_slice(&own).expect("a key of any length will do"))
    }

    pub fn tag(&self, run: &[u8]) -> Tag {
        let whole = self.0.clone().chain_update(run).finalize().into_bytes();
        let mut tag = Tag::default();
        tag.copy_from_slice(&whole[..16]);
        tag
    }

    /// The rows of a run that a phone hands back, if this hub gave it out.
    pub fn open(&self, kept: &[u8]) -> Option<Vec<Row>> {
        let (tag, run) = keep::open(kept).ok()?;
        self.0.clone().chain_update(&run).verify_truncated_left(&tag).ok()?;
        keep::rows(&run).ok()
    }
}
