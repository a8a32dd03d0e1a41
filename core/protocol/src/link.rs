//! What the office hands a member to enrol a phone, as one text that is scanned or tapped: where the hub is, which key
//! it answers with, and the one-time code.
//!
//! ```text
//! gridpatrol:enrol?hub=https://hub.example:8740&key=BASE64URL&code=7K3M-9Q2X-AB
//! ```
//! `key` is the SHA-256 of the public key (SubjectPublicKeyInfo) in the hub's TLS certificate. It is missing where the
//! hub is reached without TLS, which only loopback is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Result, malformed};

const SCHEME: &str = "gridpatrol:enrol?";

/// Addresses are short; what is longer is none.
const BYTES: usize = 1_024;

/// SHA-256 of a public key in the form that certificates have it (SubjectPublicKeyInfo, DER).
pub type Pin = [u8; 32];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolLink {
    /// As in `https://hub.example:8740`.
    pub hub: String,
    pub key: Option<Pin>,
    pub code: String,
}

impl EnrolLink {
    pub fn write(&self) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix(SCHEME.to_owned(), SCHEME.len());
        query.append_pair("hub", &self.hub);
        if let Some(key) = &self.key {
            query.append_pair("key", &URL_SAFE_NO_PAD.encode(key));
        }
        query.append_pair("code", &self.code).finish()
    }

    /// # Errors
    /// `Malformed` for anything but such a link. What a later version adds is passed over.
    pub fn read(text: &str) -> Result<Self> {
        let query = text.trim().strip_prefix(SCHEME).filter(|query| query.len() <= BYTES);
        let query = query.ok_or_else(|| malformed("not an enrolment link"))?;
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let missing = || malformed("an enrolment link without an address or code");
        let key = value("key").map(|text| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| Pin::try_from(bytes).ok());
            bytes.ok_or_else(|| malformed("an enrolment link with a damaged key"))
        });
        Ok(EnrolLink {
            hub: value("hub").ok_or_else(missing)?,
            key: key.transpose()?,
            code: value("code").ok_or_else(missing)?,
        })
    }
}
