//! What can be said about a photo that somebody shows: three levels, and only the first is called genuine.
//!
//! 1. **Intact**: the file is, bit for bit, what the manifest names, and a phone that somebody vouches for signed it.
//! 2. **Recompressed**: other bytes that look like the photo of the manifest; how like is said as a distance.
//! 3. **Code only** (a screenshot, a print): the code leads to a manifest, the picture proves nothing.
//!
//! A manifest names the key that signed it, so anyone can make a good one for a photo of their own. Who vouches for a
//! key (a hub that enrolled the phone, or its certificate) is therefore asked, and without an answer nothing is genuine.

use gridpatrol_model::message::Arg;
use sha2::{Digest, Sha256};

use crate::code::Code;
use crate::dhash::{DHash, LOOKS_ALIKE};
use crate::manifest::Manifest;
use crate::preview::DERIVATIVE;
use crate::signed::SignedManifest;
use crate::{Coder, Detail, Limits, picture};

/// What is known about a picture before any manifest is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub sha256: [u8; 32],
    /// `None` if its pixels cannot be decoded here.
    pub dhash: Option<DHash>,
    /// Typed off the stamp.
    pub code: Option<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Genuine.
    Intact,
    /// Not the original file, but it looks like the photo; bits of 64 that differ.
    Recompressed { distance: u32 },
    /// Only the code leads to the photo.
    CodeOnly,
    /// A manifest fits, but nobody vouches for the phone that signed it.
    UnknownSigner,
    /// A manifest fits, but its signature does not.
    BadSignature,
    /// No manifest fits.
    Unrelated,
}

/// A verdict, and on which of the candidates it rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub verdict: Verdict,
    pub candidate: Option<usize>,
}

impl Seen {
    /// Hashes a file and looks at its pixels. What cannot be decoded is still compared by its bytes and its code.
    pub fn of(bytes: &[u8], code: Option<Code>) -> Self {
        let how = (Coder::default(), Detail::Scaled);
        // As the phone did before it stamped the derivative.
        let picture = picture(bytes, DERIVATIVE, how, &Limits::default()).ok();
        let dhash = picture.map(|planes| DHash::of(&planes.y, planes.width, planes.height));
        Seen { sha256: Sha256::digest(bytes).into(), dhash, code }
    }

    /// What this candidate would make of it, its signer taken on trust. `None`: nothing to do with it.
    fn fits(&self, manifest: &Manifest) -> Option<Verdict> {
        let distance = self.dhash.zip(manifest.dhash).map(|(seen, known)| seen.distance(known));
        let same_code = self.code.map(|code| code == manifest.code());
        match (distance, same_code) {
            _ if self.sha256 == manifest.sha256 => Some(Verdict::Intact),
            // A code that was typed decides which photo is meant.
            (Some(distance), None | Some(true)) if distance <= LOOKS_ALIKE => Some(Verdict::Recompressed { distance }),
            (_, Some(true)) => Some(Verdict::CodeOnly),
            _ => None,
        }
    }
}

/// The best that can be said. `vouched` answers whether somebody vouches for the phone (the key) of a manifest.
pub fn verify(seen: &Seen, candidates: &[SignedManifest], vouched: impl Fn(&Manifest) -> bool) -> Finding {
    let judge = |signed: &SignedManifest| {
        let fitting = seen.fits(&signed.manifest)?;
        Some(if !signed.is_signed() {
            Verdict::BadSignature
        } else if !vouched(&signed.manifest) {
            Verdict::UnknownSigner
        } else {
            fitting
        })
    };
    let verdicts = candidates.iter().enumerate().filter_map(|(at, signed)| judge(signed).map(|verdict| (at, verdict)));
    match verdicts.min_by_key(|(_, verdict)| verdict.order()) {
        Some((at, verdict)) => Finding { verdict, candidate: Some(at) },
        None => Finding { verdict: Verdict::Unrelated, candidate: None },
    }
}

impl Verdict {
    /// Only ever true of [`Verdict::Intact`].
    pub fn is_genuine(self) -> bool {
        self == Verdict::Intact
    }

    pub fn message_id(self) -> &'static str {
        match self {
            Verdict::Intact => "verify-intact",
            Verdict::Recompressed { .. } => "verify-recompressed",
            Verdict::CodeOnly => "verify-code-only",
            Verdict::UnknownSigner => "verify-unknown-signer",
            Verdict::BadSignature => "verify-bad-signature",
            Verdict::Unrelated => "verify-unrelated",
        }
    }

    /// What stands in the message.
    pub fn args(self) -> Vec<(&'static str, Arg<'static>)> {
        match self {
            Verdict::Recompressed { distance } => vec![("distance", Arg::Number(i64::from(distance)))],
            _ => Vec::new(),
        }
    }

    /// What says most comes first.
    fn order(self) -> (u8, u32) {
        match self {
            Verdict::Intact => (0, 0),
            Verdict::Recompressed { distance } => (1, distance),
            Verdict::CodeOnly => (2, 0),
            Verdict::UnknownSigner => (3, 0),
            Verdict::BadSignature => (4, 0),
            Verdict::Unrelated => (5, 0),
        }
    }
}
