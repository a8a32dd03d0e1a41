//! Photos: the original as it is, a derivative and a thumbnail to look at, and what EXIF says.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_photo::{Format, Import, Imported, Planes, SignedManifest};
use gridpatrol_store::{Lane, View};

use crate::core::{Core, create, sets};
use crate::error::{Internal, Result};
use crate::evidence::{self, Shot};
use crate::types::{Moment, Position, Receipt};
use crate::{cases, catalogue};

pub struct Photos {
    pub(crate) core: Arc<Core>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewPhoto {
    /// The file; it stays untouched.
    pub path: String,
    /// The record that it shows: a case, an inspection, a patrol, a place.
    pub of: String,
    /// Chosen from the library, not taken now: labelled so.
    pub library: bool,
    /// Where the phone was when the shell took it, for a photo that does not say so itself. Says nothing about one
    /// from the library.
    pub position: Option<Position>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Photo {
    pub id: String,
    pub file_name: Option<String>,
    pub taken: Option<Moment>,
    pub position: Option<Position>,
    pub library: bool,
    /// Files on this phone; none once they were let go.
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub original: Option<String>,
    /// `photo-no-preview-…`
    pub no_preview: Option<String>,
    /// SHA-256 of the original, hexadecimal.
    pub sha256: String,
    /// What the stamp shows and can be read aloud: by it a copy of the photo is found again.
    pub code: Option<String>,
    pub receipt: Option<Receipt>,
}

/// A photo whose files are kept and which no record names yet.
pub(crate) struct Prepared {
    pub imported: Imported,
    shot: Shot,
    manifest: Option<SignedManifest>,
    original: BlobRef,
    preview: Option<BlobRef>,
    thumbnail: Option<BlobRef>,
    file_name: String,
}

impl Photos {
    /// Takes a photo in and gives its id. What its category does not want is refused and the file left alone.
    pub fn add(&self, photo: NewPhoto) -> Result<String> {
        let core = &self.core;
        let parent = core.record(photo.of.parse()?)?;
        if let Some(category) = cases::category_of(core, parent.record.entity)? {
            catalogue::allows_photo(core, &category)?;
        }
        let scope = parent.record.scope.ok_or(crate::error::Rule::AreaMissing)?;
        let shot = Shot { of: parent.record, library: photo.library, position: photo.position };
        Prepared::keep(core, Path::new(&photo.path), |_| Ok(shot))?.save(core, scope)
    }

    pub fn of(&self, record: &str) -> Result<Vec<Photo>> {
        of(&self.core, record.parse()?)
    }
}

impl Prepared {
    /// Reads, checks, signs, stamps and keeps the files, durably. What the photo belongs to may depend on what it says.
    pub fn keep(core: &Core, path: &Path, belongs: impl FnOnce(&Imported) -> Result<Shot>) -> Result<Prepared> {
        let (mut belongs, mut sealed) = (Some(belongs), None);
        let mut seal = |imported: &Imported, planes: Option<&mut Planes>| {
            // A picture may be stamped and then not be encoded: the photo is sealed all the same, and once.
            let Some(belongs) = belongs.take() else { return };
            let shot = belongs(imported);
            sealed = Some(shot.and_then(|shot| shot.seal(core, imported, planes).map(|manifest| (shot, manifest))));
        };
        let mut stamp = |imported: &Imported, planes: &mut Planes| seal(imported, Some(planes));
        let imported = Import { stamp: Some(&mut stamp), ..Import::default() }.file(path)?;
        if imported.derivative.is_none() {
            seal(&imported, None);
        }
        let (shot, manifest) = sealed.expect("with a picture or without")?;
        let file = File::open(path).map_err(|error| Internal::File(path.to_owned(), error))?;
        let keep = |from: &mut dyn Read, mime| core.store.keep_file(from, mime);
        let original = keep(&mut &file, mime(imported.format))?;
        let jpeg = |picture: &Option<gridpatrol_photo::Jpeg>| {
            picture.as_ref().map(|jpeg| keep(&mut jpeg.bytes.as_slice(), "image/jpeg")).transpose()
        };
        let (preview, thumbnail) = (jpeg(&imported.derivative)?, jpeg(&imported.thumbnail)?);
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Prepared { imported, shot, manifest, original, preview, thumbnail, file_name })
    }

    pub fn save(&self, core: &Core, scope: Scope) -> Result<String> {
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
            (FieldNo::LIBRARY, self.shot.library.then(|| Value::bool(true))),
            (FieldNo::FILE_NAME, Some(Value::text(&self.file_name))),
            (FieldNo::MANIFEST, self.manifest.as_ref().map(|signed| Value::bytes(&signed.encode()))),
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
        Ok(saved.entity.to_string())
    }
}

fn mime(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "image/jpeg",
        Format::Png => "image/png",
        Format::Heic => "image/heic",
    }
}

/// Photos of a record, in the order in which they were taken.
pub(crate) fn of(core: &Core, parent: EntityId) -> Result<Vec<Photo>> {
    let waiting = core.waiting_files()?;
    let views = core.children(parent)?;
    let photos = views.iter().filter(|view| view.record.kind == Some(RecordKind::PHOTO));
    let mut photos = photos
        .map(|view| Photo::of(core, view, waiting.contains(&view.record.entity)))
        .collect::<Result<Vec<Photo>>>()?;
    photos.sort_by_key(|photo| photo.taken.as_ref().map(|taken| taken.ms));
    Ok(photos)
}

impl Photo {
    pub(crate) fn of(core: &Core, view: &View, bytes_waiting: bool) -> Result<Self> {
        let record = &view.record;
        let original = blob(record, FieldNo::PHOTO);
        let hex = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = |blob: Option<BlobRef>| -> Result<Option<String>> {
            let Some(blob) = blob else { return Ok(None) };
            Ok(core.store.file_path(&blob.hash)?.map(|path| path.to_string_lossy().into_owned()))
        };
        Ok(Photo {
            id: record.entity.to_string(),
            file_name: record.text(FieldNo::FILE_NAME).map(str::to_owned),
            taken: record.int(FieldNo::TAKEN_AT).map(Moment::unchecked),
            position: record.value(FieldNo::POSITION).and_then(Value::as_position),
            library: record.value(FieldNo::LIBRARY).and_then(Value::as_bool).unwrap_or(false),
            thumbnail: path(blob(record, FieldNo::THUMBNAIL))?,
            preview: path(blob(record, FieldNo::PREVIEW))?,
            no_preview: record.text(FieldNo::NO_PREVIEW).map(|code| format!("photo-no-preview-{code}")),
            code: evidence::code_of(record),
            sha256: original.as_ref().map(|blob| hex(&blob.hash)).unwrap_or_default(),
            original: path(original)?,
            receipt: Receipt::of(view, bytes_waiting),
        })
    }
}

fn blob(record: &Record, no: FieldNo) -> Option<BlobRef> {
    record.value(no).and_then(Value::as_blob)
}
