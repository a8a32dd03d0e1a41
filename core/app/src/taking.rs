//! Taking a photo in: read, checked, signed, stamped, kept, and named by a record.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::photo_rule::{self, NoPhoto, Refusal};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_photo::stamp::Drawn;
use gridpatrol_photo::{Format, Import, Imported, Jpeg, NoPreview, PhotoError, Pixels, Planes};
use gridpatrol_store::{Draft, Lane};

use crate::core::{Core, create, sets};
use crate::error::{Internal, Result, Rule};
use crate::evidence::{self, Sealed, Shot};
use crate::photos::{PhotoAdded, blob};

/// A photo belongs to a case, that to an inspection, that to a patrol: so far up somebody may have said no.
const ANCESTORS: usize = 4;

/// A photo whose files are kept and which no record names yet.
pub(crate) struct Prepared {
    pub imported: Imported,
    shot: Shot,
    sealed: Sealed,
    original: BlobRef,
    preview: Option<BlobRef>,
    thumbnail: Option<BlobRef>,
    file_name: String,
}

/// Refuses a photo of what says no, or whose place says no, or what it belongs to.
pub(crate) fn may_show(core: &Core, record: &Record) -> Result<()> {
    let mut next = Some(record.clone());
    for _ in 0..ANCESTORS {
        let Some(record) = next else { break };
        let related = |no| {
            let entity = record.value(no).and_then(Value::as_entity);
            entity.map(|entity| core.store.record(entity)).transpose().map(Option::flatten)
        };
        let place = related(FieldNo::PLACE)?.map(|place| place.record);
        for said in std::iter::once(&record).chain(&place) {
            match photo_rule::refusal(said, &core.packs) {
                None => {}
                Some(Refusal::Category(name)) => return Err(Rule::PhotoNotForCategory(name).into()),
                Some(Refusal::Record(NoPhoto::Asked)) => return Err(Rule::PhotoAskedNot.into()),
                Some(Refusal::Record(NoPhoto::Minors)) => return Err(Rule::PhotoOfMinors.into()),
            }
        }
        next = related(FieldNo::PARENT)?.map(|parent| parent.record);
    }
    Ok(())
}

impl Prepared {
    /// Reads, checks, signs, stamps and keeps the files, durably. What the photo belongs to may depend on what it says.
    pub fn keep(core: &Core, path: &Path, belongs: impl FnOnce(&Imported) -> Result<Shot>) -> Result<Prepared> {
        let (mut belongs, mut sealed) = (Some(belongs), None);
        let mut seal = |imported: &Imported, planes: Option<&mut Planes>| {
            // A picture may be stamped and then not be encoded: the photo is sealed all the same, and once.
            let Some(belongs) = belongs.take() else { return };
            let shot = belongs(imported);
            sealed = Some(shot.and_then(|shot| shot.seal(core, imported, planes).map(|sealed| (shot, sealed))));
        };
        let mut stamp = |imported: &Imported, planes: &mut Planes| seal(imported, Some(planes));
        let imported = Import { stamp: Some(&mut stamp), ..Import::default() }.file(path)?;
        if imported.derivative.is_none() {
            seal(&imported, None);
        }
        let (shot, sealed) = sealed.expect("with a picture or without")?;
        let file = File::open(path).map_err(|error| Internal::File(path.to_owned(), error))?;
        let original = core.store.keep_file(file.take(imported.size + 1), mime(imported.format))?;
        // The file was read twice: what is signed and shown has to be what is kept.
        if original.hash != imported.sha256 {
            return Err(PhotoError::Changed.into());
        }
        let preview = imported.derivative.as_ref().map(|jpeg| keep_jpeg(core, jpeg)).transpose()?;
        let thumbnail = imported.thumbnail.as_ref().map(|jpeg| keep_jpeg(core, jpeg)).transpose()?;
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Prepared { imported, shot, sealed, original, preview, thumbnail, file_name })
    }

    pub fn save(self, core: &Core, scope: Scope) -> Result<PhotoAdded> {
        let taken_ms = self.imported.taken.as_ref().and_then(|taken| taken.utc_ms());
        let no_preview = self.imported.no_preview.map(|reason| Value::text(reason.code()));
        let fields = sets([
            (FieldNo::PARENT, Some(Value::entity(self.shot.of.entity))),
            (FieldNo::POSITION, self.shot.place(&self.imported).map(Value::position)),
            (FieldNo::PHOTO, Some(Value::blob(&self.original))),
            (FieldNo::TAKEN_AT, taken_ms.map(Value::int)),
            (FieldNo::PREVIEW, self.preview.as_ref().map(Value::blob)),
            (FieldNo::THUMBNAIL, self.thumbnail.as_ref().map(Value::blob)),
            (FieldNo::NO_PREVIEW, no_preview),
            (FieldNo::DAMAGE, self.imported.damage.map(|damage| Value::text(damage.code()))),
            (FieldNo::LIBRARY, self.shot.library.then(|| Value::bool(true))),
            (FieldNo::FILE_NAME, Some(Value::text(&self.file_name))),
            (FieldNo::MANIFEST, self.sealed.manifest.as_ref().map(|signed| Value::bytes(&signed.encode()))),
            (FieldNo::WIDTH, self.imported.dimensions.map(|(width, _)| Value::int(width.into()))),
            (FieldNo::HEIGHT, self.imported.dimensions.map(|(_, height)| Value::int(height.into()))),
        ]);
        let saved = core.store.save(|batch| {
            let saved = batch.add(create(RecordKind::PHOTO, scope, fields))?;
            batch.attach(&self.original, Lane::Original, saved.entity)?;
            self.preview.iter().try_for_each(|blob| batch.attach(blob, Lane::Preview, saved.entity))?;
            self.thumbnail.iter().try_for_each(|blob| batch.attach(blob, Lane::Thumbnail, saved.entity))?;
            Ok(saved)
        })?;
        Ok(added(saved.entity, self.sealed.drawn))
    }
}

/// Gives a photo that only the shell can decode its preview and thumbnail. The stamp
/// shows what was signed when the photo was taken in, and nothing is signed anew.
pub(crate) fn add_preview(core: &Core, photo: &str, pixels: &Pixels<'_>) -> Result<PhotoAdded> {
    let view = core.record_of(photo, RecordKind::PHOTO)?;
    let record = &view.record;
    let for_shells = [NoPreview::HeicNeedsShell, NoPreview::Unsupported].map(NoPreview::code);
    if !record.text(FieldNo::NO_PREVIEW).is_some_and(|reason| for_shells.contains(&reason)) {
        return Err(Rule::PreviewNotWanted.into());
    }
    let original = blob(record, FieldNo::PHOTO).map(|original| core.store.file_path(&original.hash)).transpose()?;
    let original = original.flatten().ok_or(Rule::OriginalElsewhere)?;
    let parent = record.value(FieldNo::PARENT).and_then(Value::as_entity).ok_or(Rule::PreviewNotWanted)?;
    let shot = Shot {
        of: core.record(parent)?.record,
        library: record.value(FieldNo::LIBRARY).and_then(Value::as_bool).unwrap_or(false),
        position: record.value(FieldNo::POSITION).and_then(Value::as_position),
    };
    let (signed, hub) = (evidence::manifest_of(record), core.store.hub_time()?);
    let (mut drawn, mut looks) = (None, None);
    let mut stamp = |photo: &Imported, planes: &mut Planes| {
        looks = evidence::looks(photo, planes);
        if let Some(signed) = &signed {
            drawn = Some(shot.stamp(core, planes, &signed.manifest, photo, hub));
        }
    };
    let described = Import::default().file(&original)?;
    let made = Import { stamp: Some(&mut stamp), ..Import::default() }.pixels(described, pixels);
    let (Some(derivative), Some(thumbnail)) = (&made.derivative, &made.thumbnail) else {
        return Err(Rule::PixelsUnfit.into());
    };
    let files = [
        (FieldNo::PREVIEW, keep_jpeg(core, derivative)?, Lane::Preview),
        (FieldNo::THUMBNAIL, keep_jpeg(core, thumbnail)?, Lane::Thumbnail),
    ];
    // What was signed has no fingerprint: there were no pixels then.
    let looks = looks.map(|looks| (FieldNo::FINGERPRINT, Value::bytes(&looks.to_bytes())));
    let size = [(FieldNo::WIDTH, pixels.width), (FieldNo::HEIGHT, pixels.height)];
    let size = size.into_iter().filter(|(no, _)| record.value(*no).is_none());
    let values = (files.iter().map(|(no, blob, _)| (*no, Value::blob(blob))))
        .chain(size.map(|(no, pixels)| (no, Value::int(pixels.into()))))
        .chain(looks)
        .chain([(FieldNo::NO_PREVIEW, Value::null())]);
    let sets = values.map(|(no, value)| author::edit(record, no, value)).collect();
    let scope = record.scope.ok_or(Rule::AreaMissing)?;
    core.store.save(|batch| {
        batch.add(Draft { kind: OpKind::Set, entity: Some(record.entity), scope, sets })?;
        files.iter().try_for_each(|(_, blob, lane)| batch.attach(blob, *lane, record.entity))
    })?;
    Ok(added(record.entity, drawn))
}

/// Nothing was drawn, and nothing is missing, where there was no picture or no signature.
fn added(photo: EntityId, drawn: Option<Drawn>) -> PhotoAdded {
    let (missing, left_out) = drawn.map(|drawn| (drawn.missing, drawn.left_out)).unwrap_or_default();
    PhotoAdded {
        id: photo.to_string(),
        missing_glyphs: missing.into_iter().map(String::from).collect(),
        left_out: left_out.into_iter().map(|part| evidence::part_label(part).to_owned()).collect(),
    }
}

fn keep_jpeg(core: &Core, jpeg: &Jpeg) -> Result<BlobRef> {
    Ok(core.store.keep_file(jpeg.bytes.as_slice(), "image/jpeg")?)
}

fn mime(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "image/jpeg",
        Format::Png => "image/png",
        Format::Webp => "image/webp",
        Format::Heic => "image/heic",
    }
}
