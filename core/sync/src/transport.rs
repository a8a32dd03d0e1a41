//! How bytes reach the hub: HTTP in the field, anything in a simulation.

use gridpatrol_protocol::Challenge;

/// What the hub answered to a sync request.
pub enum Answer {
    Reply(Vec<u8>),
    /// Sign this and ask again.
    Challenge(Challenge),
    /// The hub was restored from before this phone's enrolment: show the certificate.
    UnknownDevice,
}

#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("{0}")]
    Away(String),
    /// Whoever answers does not hold the key that the enrolment named.
    #[error("the hub has another key than the one this phone was enrolled with")]
    NotTheHub,
    /// Everybody on the way could read along.
    #[error("the hub's address begins with http:// and is another machine: enrol by the link that the office shows")]
    Unprotected,
    #[error("the hub asks to wait")]
    Busy,
    #[error("the hub's disk is full")]
    Full,
    /// The hub answered and said no, with a message id.
    #[error("refused: {code}")]
    Refused { status: u16, code: String },
}

/// Blocking calls; each may fail at any time and is safe to repeat.
pub trait Transport {
    /// A one-time code and this phone's public key against a certificate.
    fn enrol(&self, code: &str, device: &[u8; 32]) -> Result<Vec<u8>, TransportError>;
    fn sync(&self, body: Vec<u8>, certificate: Option<&[u8]>) -> Result<Answer, TransportError>;
    /// Opens an upload and returns its address. `metadata` are names with values.
    fn create_upload(&self, size: u64, metadata: &[(&str, &[u8])]) -> Result<String, TransportError>;
    /// Bytes that arrived; None if the hub no longer knows the upload.
    fn upload_offset(&self, url: &str) -> Result<Option<u64>, TransportError>;
    /// Sends a part with its SHA-256 and returns the new offset; None if it does not fit there.
    fn upload_part(
        &self,
        url: &str,
        offset: u64,
        part: Vec<u8>,
        sha256: &[u8; 32],
    ) -> Result<Option<u64>, TransportError>;
}
