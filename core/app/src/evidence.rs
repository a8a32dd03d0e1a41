//! What makes a photo evidence: the manifest that this phone signs, and the stamp that carries the manifest's code.

use ed25519_dalek::{Signer, SigningKey};
use gridpatrol_model::pack::Category;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use gridpatrol_photo::stamp::{self, Drawn, Label, Part};
use gridpatrol_photo::{DHash, Imported, Manifest, Origin, Place, Planes, SignedManifest, TimeSource, WGS_84};
use gridpatrol_store::HubTime;

use crate::core::Core;
use crate::error::Result;
use crate::labels::{self, Lang};
use crate::types::Position;

/// All of China keeps the time of Beijing; what a photo says of its own offset comes first.
const BEIJING_MIN: i16 = 8 * 60;

/// The taking of a photo.
pub(crate) struct Shot {
    /// The record that it shows.
    pub of: Record,
    pub library: bool,
    /// Where the phone was when the shell took it.
    pub position: Option<Position>,
}

/// What came of the taking.
#[derive(Default)]
pub(crate) struct Sealed {
    pub manifest: Option<SignedManifest>,
    pub drawn: Option<Drawn>,
}

/// The label of a line of the stamp.
pub(crate) fn part_label(part: Part) -> &'static str {
    match part {
        Part::Category => "field-category",
        Part::Code => "stamp-code",
        Part::Time => "field-taken-at",
        Part::Place => "field-location-text",
        Part::GridCode => "kind-grid",
        Part::Position => "field-position",
    }
}

impl Shot {
    /// Where the photo itself says, else where the phone was.
    pub fn place(&self, photo: &Imported) -> Option<Position> {
        let own = photo.position.as_ref();
        let own = own.map(|at| Position { lon_e7: at.lon_e7, lat_e7: at.lat_e7, accuracy_dm: at.accuracy_dm });
        own.or(self.position.filter(|_| !self.library))
    }

    /// Signs what this phone knows of a photo, and stamps its picture if it has one. Nothing before the enrolment:
    /// until then the phone has no name that a hub would vouch for.
    pub fn seal(&self, core: &Core, photo: &Imported, picture: Option<&mut Planes>) -> Result<Sealed> {
        let Some(enrolment) = core.store.enrolment()? else { return Ok(Sealed::default()) };
        let Ok(seed) = <[u8; 32]>::try_from(enrolment.device_key) else { return Ok(Sealed::default()) };
        let key = SigningKey::from_bytes(&seed);
        let now = core.now();
        let hub = core.store.hub_time()?;
        let manifest = Manifest {
            sha256: photo.sha256,
            record: self.of.entity,
            device: key.verifying_key().to_bytes(),
            time: now,
            last_hub_ms: hub.map(|hub| hub.hub_ms),
            place: self.place(photo).map(in_manifest),
            category: self.category(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            origin: if self.library { Origin::Library } else { Origin::Captured },
            dhash: picture.as_ref().and_then(|planes| looks(photo, planes)),
            later: Default::default(),
        };
        let drawn = picture.map(|planes| self.stamp(core, planes, &manifest, photo, hub));
        let manifest = Some(manifest.sign(|message| key.sign(message).to_bytes()));
        Ok(Sealed { manifest, drawn })
    }

    /// When it was taken, as the stamp shows it; nothing for a photo from the library that does not say.
    fn time(&self, photo: &Imported, now: TimeEvidence, hub: Option<HubTime>) -> Option<stamp::Time> {
        let taken = photo.taken.as_ref();
        let offset_min = taken.and_then(|taken| taken.offset_min).unwrap_or(BEIJING_MIN);
        if self.library {
            let taken = taken?;
            return Some(stamp::Time {
                utc_ms: taken.utc_ms()?,
                offset_min,
                verified: taken.source() == TimeSource::Gps,
            });
        }
        let (utc_ms, verified) = best_time(now, hub);
        Some(stamp::Time { utc_ms, offset_min, verified })
    }

    /// Writes on a picture what was signed of it. Characters that the font lacks are drawn as 〓 and come back: no shell
    /// offers glyphs yet.
    pub fn stamp(
        &self,
        core: &Core,
        planes: &mut Planes,
        manifest: &Manifest,
        photo: &Imported,
        hub: Option<HubTime>,
    ) -> Drawn {
        let messages = core.labels.of(Lang::Zh);
        let kind = messages.text(&labels::kind(self.of.kind), &[]);
        let words = self.of.text(FieldNo::LOCATION_TEXT).map(str::to_owned).or_else(|| self.name_of_place(core));
        let label = Label {
            category: manifest.category.as_ref().map_or(&kind, |category| &category.name),
            time: self.time(photo, manifest.time, hub),
            place: words.as_deref().unwrap_or_default(),
            grid_code: &self.of.scope.and_then(|scope| scope.grid()).map_or(String::new(), |grid| grid.to_string()),
            position: manifest.place,
            code: manifest.code(),
            library: self.library,
            damaged: photo.damage.is_some(),
        };
        stamp::draw(planes, &label, messages, &|_, _| None)
    }

    fn name_of_place(&self, core: &Core) -> Option<String> {
        let name = |record: &Record| record.text(FieldNo::NAME).map(str::to_owned);
        if self.of.kind == Some(RecordKind::PLACE) {
            return name(&self.of);
        }
        let place = self.of.value(FieldNo::PLACE)?.as_entity()?;
        name(&core.record(place).ok()?.record)
    }

    fn category(&self) -> Option<Category> {
        self.of.value(FieldNo::CATEGORY).and_then(Category::from_value)
    }
}

/// The fingerprint of an unstamped picture. A part of one looks like nothing.
pub(crate) fn looks(photo: &Imported, planes: &Planes) -> Option<DHash> {
    photo.damage.is_none().then(|| DHash::of(&planes.y, planes.width, planes.height))
}

/// The time by satellites, else by the hub's clock if it was heard in that boot, before or after, else by the wall clock, which may be
/// years wrong and is not vouched for.
fn best_time(now: TimeEvidence, hub: Option<HubTime>) -> (i64, bool) {
    let since = |hub: HubTime| now.mono_ms.checked_signed_diff(hub.mono_ms);
    let by_hub = hub.filter(|hub| hub.boot_id == now.boot_id).and_then(|hub| hub.hub_ms.checked_add(since(hub)?));
    now.gnss_ms.or(by_hub).map_or((now.wall_ms, false), |ms| (ms, true))
}

fn in_manifest(at: Position) -> Place {
    Place { crs: WGS_84, lon_e7: at.lon_e7, lat_e7: at.lat_e7, accuracy_dm: at.accuracy_dm }
}

pub(crate) fn manifest_of(photo: &Record) -> Option<SignedManifest> {
    SignedManifest::decode(photo.value(FieldNo::MANIFEST).and_then(Value::as_bytes)?).ok()
}

/// The code of a photo's manifest, as it is read aloud.
pub(crate) fn code_of(photo: &Record) -> Option<String> {
    manifest_of(photo).map(|signed| signed.manifest.code().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: i64 = 1_795_500_000_000;
    const YEARS: i64 = 3 * 365 * 86_400_000;

    fn now(boot_id: u64, gnss_ms: Option<i64>) -> TimeEvidence {
        TimeEvidence { wall_ms: NINE - YEARS, boot_id, mono_ms: 60_000, gnss_ms }
    }

    #[test]
    fn a_stamp_never_vouches_for_a_clock_that_nobody_checked() {
        let hub = Some(HubTime { hub_ms: NINE, boot_id: 7, mono_ms: 20_000 });
        assert_eq!(best_time(now(7, None), hub), (NINE + 40_000, true), "the hub was heard forty seconds ago");
        let later = Some(HubTime { hub_ms: NINE, boot_id: 7, mono_ms: 90_000 });
        assert_eq!(best_time(now(7, None), later), (NINE - 30_000, true), "the hub was heard half a minute later");
        assert_eq!(best_time(now(8, None), hub), (NINE - YEARS, false), "before the phone was started anew");
        assert_eq!(best_time(now(8, None), None), (NINE - YEARS, false));
        assert_eq!(best_time(now(8, Some(NINE + 5)), hub), (NINE + 5, true), "satellites know best");
    }
}
