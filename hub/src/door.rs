//! Where phones reach this hub, and the key by which they know it: what an enrolment link says beside the code.

use std::net::SocketAddr;
use std::path::Path;

use gridpatrol_protocol::link::{EnrolLink, Pin};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use crate::serve::StartError;

#[derive(Clone, Debug)]
pub struct Door {
    /// As in `https://hub.example:8740`.
    pub address: String,
    pub key: Option<Pin>,
}

impl Door {
    /// `certificate` is the PEM file of what phones are shown: the hub's own, or the one of the proxy in front.
    pub fn new(told: Option<String>, listens: SocketAddr, certificate: Option<&Path>) -> Result<Self, StartError> {
        let key = certificate.map(key_of).transpose()?;
        let scheme = if key.is_some() { "https" } else { "http" };
        if told.is_none() && listens.ip().is_unspecified() {
            tracing::warn!("links to enrol phones name no address that they can reach: give --url");
        }
        if key.is_none() && told.as_ref().is_some_and(|told| told.starts_with("https:")) {
            tracing::warn!("links to enrol phones name no key, so no phone trusts this hub: give --proxy-cert");
        }
        let address = told.unwrap_or_else(|| format!("{scheme}://{listens}"));
        Ok(Door { address: address.trim_end_matches('/').to_owned(), key })
    }

    pub fn link(&self, code: String) -> String {
        EnrolLink { hub: self.address.clone(), key: self.key, code }.write()
    }
}

/// The key of the first certificate of a PEM file.
fn key_of(file: &Path) -> Result<Pin, StartError> {
    let unusable = |error: &dyn std::fmt::Display| {
        StartError::Tls(std::io::Error::other(format!("{} is no PEM certificate: {error}", file.display())))
    };
    let certificate = CertificateDer::from_pem_file(file).map_err(|error| unusable(&error))?;
    let certificate = webpki::EndEntityCert::try_from(&certificate).map_err(|error| unusable(&error))?;
    Ok(Sha256::digest(certificate.subject_public_key_info()).into())
}
