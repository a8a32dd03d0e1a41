//! Photos, always through their record: a hash alone opens nothing.

use bytes::Bytes;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_photo::SignedManifest;
use rusqlite::{OptionalExtension, params};

use super::looks::{dhash, manifest};
use super::patrol_page::shown_position;
use super::problems::{bytes_awaited, no_preview};
use super::view::{View, entity_text, said};
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{RecordRef, Text},
    photos::{EarlierPhoto, HashState, Photo, PhotoBytes, Rendition, Signature},
    problem::Problem,
};
use crate::cell::index::began_ms;
use crate::cell::people::{self, short};

impl Desk {
    pub(crate) fn photo(&self, session: &Session, entity: &str, rendition: Rendition) -> Answer<PhotoBytes> {
        let photo = self.ask(session, |view| view.open_kind(entity, RecordKind::PHOTO))?;
        let (field, name, absent) = match rendition {
            Rendition::Thumbnail => (FieldNo::THUMBNAIL, "thumbnail.jpg", no_preview()),
            Rendition::Preview => (FieldNo::PREVIEW, "preview.jpg", no_preview()),
            Rendition::Original => (FieldNo::PHOTO, "", bytes_awaited()),
        };
        let blob = photo.value(field).and_then(Value::as_blob).ok_or(absent)?;
        let bytes = self.bytes(&blob.hash)?.ok_or_else(bytes_awaited)?;
        let (mime, file_name) = match rendition {
            // Our own derivatives are JPEG, whatever the record says of them.
            Rendition::Thumbnail | Rendition::Preview => ("image/jpeg".to_owned(), name.to_owned()),
            Rendition::Original => (known_mime(&blob.mime).to_owned(), file_name(&photo, &blob.mime)),
        };
        Ok(PhotoBytes { mime, file_name, bytes: bytes.to_vec() })
    }

    /// Nothing while the content has not arrived.
    pub(super) fn bytes(&self, hash: &[u8; 32]) -> Answer<Option<Bytes>> {
        self.blobs.get_blocking(hash).map_err(|error| {
            tracing::error!(%error, "the blob store could not be read");
            Problem::unavailable()
        })
    }
}

/// The phone's word for what it is, if it is one that we would say ourselves.
fn known_mime(said: &str) -> &'static str {
    const KNOWN: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"];
    KNOWN.into_iter().find(|known| *known == said).unwrap_or("application/octet-stream")
}

/// A name that fits a header and says nothing about anybody.
fn file_name(photo: &Record, mime: &str) -> String {
    let ending = match known_mime(mime) {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/heic" | "image/heif" => "heic",
        _ => "bin",
    };
    format!("photo-{}.{ending}", photo.entity)
}

impl View<'_> {
    /// Photos in walking order, numbered from 1.
    pub fn photos<'r>(&self, photos: impl Iterator<Item = &'r Record>) -> Answer<Vec<Photo>> {
        let mut photos: Vec<&Record> = photos.collect();
        photos.sort_by_key(|photo| (began_ms(photo), photo.entity));
        (1..).zip(photos).map(|(number, photo)| self.shown_photo(number, photo)).collect()
    }

    pub fn shown_photo(&self, number: u32, photo: &Record) -> Answer<Photo> {
        let blob = photo.value(FieldNo::PHOTO).and_then(Value::as_blob);
        let here = blob.as_ref().map(|blob| self.arrived(&blob.hash)).transpose()?.unwrap_or(false);
        let no_preview = self.no_preview(photo)?;
        let manifest = manifest(photo);
        let dhash = dhash(photo, manifest.as_ref().map(|signed| &signed.manifest));
        Ok(Photo {
            id: entity_text(photo),
            number,
            of: self.owner(photo)?,
            author: self.author(photo)?,
            taken: photo.int(FieldNo::TAKEN_AT).map(said),
            position: shown_position(photo),
            mime: blob.as_ref().map(|blob| blob.mime.clone()).unwrap_or_default(),
            bytes: blob.as_ref().map_or(0, |blob| blob.size),
            width: photo.int(FieldNo::WIDTH).and_then(|width| u32::try_from(width).ok()),
            height: photo.int(FieldNo::HEIGHT).and_then(|height| u32::try_from(height).ok()),
            has_preview: no_preview.is_none(),
            no_preview,
            damage: photo.text(FieldNo::DAMAGE).map(|word| self.text(&format!("photo-damage-{word}"), &[])),
            sha256: blob.iter().flat_map(|blob| blob.hash).map(|byte| format!("{byte:02x}")).collect(),
            // An upload whose bytes do not have the signed hash is refused, so nothing here differs.
            hash: if here { HashState::Intact } else { HashState::Awaited },
            code: manifest.as_ref().map(|signed| signed.manifest.code().to_string()),
            signature: self.signature(photo, manifest.as_ref())?,
            library: photo.value(FieldNo::LIBRARY).and_then(Value::as_bool).unwrap_or(false),
            same_spot: self.same_spot(photo)?,
            alike: self.alike(photo, dhash)?,
            receipt: self.receipt(photo)?,
        })
    }

    pub fn signature(&self, photo: &Record, signed: Option<&SignedManifest>) -> Answer<Signature> {
        let Some(signed) = signed else {
            let kept = photo.value(FieldNo::MANIFEST).is_some();
            return Ok(if kept { Signature::Bad } else { Signature::Missing });
        };
        let original = photo.value(FieldNo::PHOTO).and_then(Value::as_blob);
        let manifest = &signed.manifest;
        // A good manifest says nothing for another photo, another record or another member.
        let of_it = original.is_some_and(|blob| blob.hash == manifest.sha256)
            && photo.value(FieldNo::PARENT).and_then(Value::as_entity) == Some(manifest.record);
        let device = people::device(self.state, &short(&manifest.device))?;
        let theirs = device
            .is_some_and(|phone| phone.key == manifest.device && Some(&phone.author.actor) == photo.author.as_ref());
        Ok(if of_it && theirs && signed.is_signed() { Signature::Good } else { Signature::Bad })
    }

    pub fn owner(&self, photo: &Record) -> Answer<RecordRef> {
        let parent = photo.value(FieldNo::PARENT).and_then(Value::as_entity);
        let found = parent.map(|parent| self.reference(parent)).transpose()?.flatten();
        found.map_or_else(|| self.record_ref(photo), Ok)
    }

    /// Why there is none; nothing if preview and thumbnail are here.
    fn no_preview(&self, photo: &Record) -> Answer<Option<Text>> {
        if let Some(word) = photo.text(FieldNo::NO_PREVIEW) {
            return Ok(Some(self.text(&format!("photo-no-preview-{word}"), &[])));
        }
        for field in [FieldNo::PREVIEW, FieldNo::THUMBNAIL] {
            match photo.value(field).and_then(Value::as_blob) {
                Some(blob) if self.arrived(&blob.hash)? => {}
                Some(_) => return Ok(Some(self.text("photo-preview-awaited", &[]))),
                None => return Ok(Some(self.text("photo-no-preview-unsupported", &[]))),
            }
        }
        Ok(None)
    }

    /// The picture of the same place from the time before.
    fn same_spot(&self, photo: &Record) -> Answer<Option<EarlierPhoto>> {
        let Some(place) = self.place_of(photo)? else { return Ok(None) };
        let found: Option<Vec<u8>> = self
            .state
            .prepare_cached(
                "SELECT photo.state FROM record AS look INDEXED BY record_of_place CROSS JOIN record AS photo
                    ON photo.entity = look.entity OR photo.parent = look.entity
                 WHERE look.place = ?1 AND look.sort_ms < ?2 AND +photo.kind = ?3 AND photo.life <> 1
                    AND +photo.sort_ms < ?2 AND photo.entity <> ?4
                 ORDER BY +photo.sort_ms DESC LIMIT 1",
            )?
            .query_row(params![place, began_ms(photo), RecordKind::PHOTO.0, photo.entity.0], |row| row.get(0))
            .optional()?;
        let Some(earlier) = found.map(|state| super::view::decode(&state)).transpose()? else { return Ok(None) };
        // Only within the areas, like everything else.
        let Some(earlier) = self.record(earlier.entity)? else { return Ok(None) };
        Ok(Some(EarlierPhoto { id: entity_text(&earlier), taken: earlier.int(FieldNo::TAKEN_AT).map(said) }))
    }

    fn place_of(&self, photo: &Record) -> Answer<Option<[u8; 16]>> {
        let own = photo.value(FieldNo::PLACE).and_then(Value::as_entity);
        let parent = photo.value(FieldNo::PARENT).and_then(Value::as_entity);
        let of_parent = match parent.filter(|_| own.is_none()) {
            Some(parent) => self.record(parent)?.and_then(|parent| parent.value(FieldNo::PLACE)?.as_entity()),
            None => None,
        };
        Ok(own.or(of_parent).map(|place| place.0))
    }
}
