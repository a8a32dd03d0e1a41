//! What a file that somebody shows is worth: compared with the photos of the session's areas, and not kept.

use gridpatrol_model::message::Arg;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_photo::{Code, DHash, Seen, SignedManifest, Verdict, verify};

use super::looks::{later_dhash, manifest};
use super::problems::wrong_code;
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    photos::{PhotoVerdict, Signature, VerdictName},
    problem::Problem,
};
use crate::cell::people::{self, short};

impl Desk {
    pub(crate) fn verify_photo(&self, session: &Session, file: &[u8], code: Option<&str>) -> Answer<PhotoVerdict> {
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        let code = code.map(str::parse::<Code>).transpose().map_err(|_| wrong_code())?;
        let seen = {
            let _alone = self.verifying.lock().map_err(|_| Problem::unavailable())?;
            Seen::of(file, code)
        };
        self.ask(session, |view| view.verdict(&seen))
    }
}

impl View<'_> {
    fn verdict(&self, seen: &Seen) -> Answer<PhotoVerdict> {
        let records = self.candidates(seen)?;
        let signed: Vec<(&Record, SignedManifest)> =
            records.iter().filter_map(|record| Some((record, manifest(record)?))).collect();
        let vouched: Vec<bool> =
            signed.iter().map(|(record, signed)| self.vouches(record, signed)).collect::<Answer<_>>()?;
        let manifests: Vec<SignedManifest> = signed.iter().map(|(_, signed)| signed.clone()).collect();
        let at = |manifest| manifests.iter().position(|signed| std::ptr::eq(&raw const signed.manifest, manifest));
        let finding = verify(seen, &manifests, |manifest| at(manifest).is_some_and(|at| vouched[at]));
        let fitting = finding.candidate.map(|at| signed[at].0);
        let unsigned = || records.iter().find(|record| manifest(record).is_none() && is_original(record, seen));
        // A typed code decides which photo is meant, and this is another one.
        let looks_like = || decoded_later(&records, seen.dhash.filter(|_| seen.code.is_none())?);
        match (fitting, unsigned(), looks_like()) {
            (None, Some(record), _) => self.shown_verdict(VerdictName::Unsigned, "verify-unsigned", &[], Some(record)),
            (None, None, Some((distance, record))) => {
                let args = [("distance", Arg::Number(distance.into()))];
                self.shown_verdict(VerdictName::LooksLike, "verify-looks-like", &args, Some(record))
            }
            _ => {
                let (name, id) = (name(finding.verdict), finding.verdict.message_id());
                self.shown_verdict(name, id, &finding.verdict.args(), fitting)
            }
        }
    }

    /// A phone that was reported lost vouches for nothing any more.
    fn vouches(&self, photo: &Record, signed: &SignedManifest) -> Answer<bool> {
        let device = people::device(self.state, &short(&signed.manifest.device))?;
        let revoked = device.is_none_or(|phone| phone.author.revoked);
        Ok(!revoked && self.signature(photo, Some(signed))? == Signature::Good)
    }

    fn shown_verdict(
        &self,
        verdict: VerdictName,
        id: &str,
        args: &[(&str, Arg<'_>)],
        photo: Option<&Record>,
    ) -> Answer<PhotoVerdict> {
        let patrol = photo.map(|photo| self.patrol_of(photo)).transpose()?.flatten();
        let photo = photo.map(|photo| self.shown_photo(1, photo)).transpose()?;
        Ok(PhotoVerdict { verdict, text: self.text(id, args), photo, patrol })
    }
}

fn is_original(photo: &Record, seen: &Seen) -> bool {
    photo.value(FieldNo::PHOTO).and_then(Value::as_blob).is_some_and(|blob| blob.hash == seen.sha256)
}

/// Of photos that look like it, the best first, one whose phone decoded it after it had signed the manifest.
fn decoded_later(photos: &[Record], seen: DHash) -> Option<(u32, &Record)> {
    photos.iter().find_map(|photo| Some((seen.distance(later_dhash(photo)?), photo)))
}

fn name(verdict: Verdict) -> VerdictName {
    match verdict {
        Verdict::Intact => VerdictName::Intact,
        Verdict::Recompressed { .. } => VerdictName::Recompressed,
        Verdict::CodeOnly => VerdictName::CodeOnly,
        Verdict::UnknownSigner => VerdictName::UnknownSigner,
        Verdict::BadSignature => VerdictName::BadSignature,
        Verdict::Unrelated => VerdictName::Unrelated,
    }
}
