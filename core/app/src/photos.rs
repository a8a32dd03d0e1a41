//! Photos: the original as it is, a derivative and a thumbnail to look at, and what EXIF says.

use std::path::Path;
use std::sync::Arc;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_store::View;

pub use gridpatrol_photo::{Layout, Pixels, Plane};

use crate::core::Core;
use crate::error::{Result, Rule};
use crate::evidence::{self, Shot};
use crate::taking::{self, Prepared, may_show};
use crate::types::{Moment, Position, Receipt};

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

/// A photo that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PhotoAdded {
    pub id: String,
    /// Characters that the stamp shows as 〓 because its font lacks them, each once.
    pub missing_glyphs: Vec<String>,
    /// Lines of the stamp for which a small picture has no room, by their labels: `field-position`, …
    pub left_out: Vec<String>,
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
    /// `photo-damage-…`: the file is broken, and the pictures show what is left of it.
    pub damage: Option<String>,
    /// SHA-256 of the original, hexadecimal.
    pub sha256: String,
    /// What the stamp shows and can be read aloud: by it a copy of the photo is found again.
    pub code: Option<String>,
    pub receipt: Option<Receipt>,
}

impl Photos {
    /// Takes a photo in. What its category does not want, or a person, is refused and the file left alone.
    pub fn add(&self, photo: NewPhoto) -> Result<PhotoAdded> {
        let core = &self.core;
        let parent = core.record(photo.of.parse()?)?.record;
        may_show(core, &parent)?;
        let scope = parent.scope.ok_or(Rule::AreaMissing)?;
        let shot = Shot { of: parent, library: photo.library, position: photo.position };
        Prepared::keep(core, Path::new(&photo.path), |_| Ok(shot))?.save(core, scope)
    }

    /// Makes preview and thumbnail of a photo that only the system can decode (HEIC) from the pixels that it gave, and
    /// stamps them like any other. Refused for a photo that has a preview.
    pub fn add_preview(&self, photo: &str, pixels: &Pixels<'_>) -> Result<PhotoAdded> {
        taking::add_preview(&self.core, photo, pixels)
    }

    pub fn of(&self, record: &str) -> Result<Vec<Photo>> {
        of(&self.core, record.parse()?)
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
            damage: record.text(FieldNo::DAMAGE).map(|code| format!("photo-damage-{code}")),
            code: evidence::code_of(record),
            sha256: original.as_ref().map(|blob| hex(&blob.hash)).unwrap_or_default(),
            original: path(original)?,
            receipt: Receipt::of(view, bytes_waiting),
        })
    }
}

pub(crate) fn blob(record: &Record, no: FieldNo) -> Option<BlobRef> {
    record.value(no).and_then(Value::as_blob)
}
