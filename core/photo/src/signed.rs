//! A signed manifest, and the sidecar file that carries it beside a photo.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::Decoder;

use crate::manifest::{BadManifest, Manifest, fixed, item};

/// A manifest and the signature of its phone, which may be wrong: [`SignedManifest::is_signed`] tells.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedManifest {
    pub manifest: Manifest,
    /// Ed25519 by [`Manifest::device`].
    pub signature: [u8; 64],
}

/// The file `PHOTO.gpm`: CBOR `["gridpatrol photo 1", [manifest, signature], certificate or null]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    pub signed: SignedManifest,
    /// The certificate that the phone's hub gave it, as it was given; read by whoever knows the hub's key.
    pub certificate: Option<Vec<u8>>,
}

const SIDECAR: &str = "gridpatrol photo 1";

impl SignedManifest {
    /// Bytes of the longest one that is read.
    pub const MAX_BYTES: usize = Manifest::MAX_BYTES + 80;

    /// `[manifest, signature]`: what a record keeps.
    pub fn encode(&self) -> Vec<u8> {
        item(|e| drop(e.array(2).and_then(|e| e.bytes(&self.manifest.encode())).and_then(|e| e.bytes(&self.signature))))
    }

    /// # Errors
    /// [`BadManifest`]; the signature is not looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(BadManifest::TooLarge(bytes.len()));
        }
        let signed = Self::next(&mut Decoder::new(bytes))?;
        if signed.encode() == bytes { Ok(signed) } else { Err(BadManifest::NotCanonical) }
    }

    fn next(d: &mut Decoder<'_>) -> Result<Self, BadManifest> {
        if d.array()? != Some(2) {
            return Err(BadManifest::Malformed);
        }
        Ok(SignedManifest { manifest: Manifest::decode(d.bytes()?)?, signature: fixed(d)? })
    }

    /// Whether the key that the manifest names has signed it. Whose key that is, the manifest cannot say.
    pub fn is_signed(&self) -> bool {
        let signature = Signature::from_bytes(&self.signature);
        VerifyingKey::from_bytes(&self.manifest.device)
            .is_ok_and(|key| key.verify_strict(&self.manifest.message(), &signature).is_ok())
    }
}

impl fmt::Debug for SignedManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedManifest").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl Sidecar {
    /// Bytes of the longest one that is read: a certificate has at most 8 KB.
    pub const MAX_BYTES: usize = 16 * 1024;

    pub fn encode(&self) -> Vec<u8> {
        item(|e| {
            drop(e.array(3).and_then(|e| e.str(SIDECAR)));
            e.writer_mut().extend_from_slice(&self.signed.encode());
            match &self.certificate {
                Some(certificate) => drop(e.bytes(certificate)),
                None => drop(e.null()),
            }
        })
    }

    /// # Errors
    /// [`BadManifest`]; neither signature is looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(BadManifest::TooLarge(bytes.len()));
        }
        let mut d = Decoder::new(bytes);
        if d.array()? != Some(3) || d.str()? != SIDECAR {
            return Err(BadManifest::Malformed);
        }
        let signed = SignedManifest::next(&mut d)?;
        let certificate = d.decode::<Option<&minicbor::bytes::ByteSlice>>()?.map(|bytes| bytes.to_vec());
        let sidecar = Sidecar { signed, certificate };
        if sidecar.encode() == bytes { Ok(sidecar) } else { Err(BadManifest::NotCanonical) }
    }
}
