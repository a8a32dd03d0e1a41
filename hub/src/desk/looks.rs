//! What photos look like, to find an earlier one that looks the same, or the one that a file shows.
//!
//! The fingerprint, the hash and the code of every photo are kept in memory, and what the log brought since is added
//! before each question. So a page reads no photo but those that it shows. With 100,000 photos the hub grows by 27 MB,
//! the first question after a start takes a second more, and a page with two photos 0.03 s (2026-11, CPU of a hub
//! that was not optimised). Only a record that is read through the session's areas is ever named.

use std::collections::BTreeMap;
use std::sync::MutexGuard;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_photo::{Code, DHash, LOOKS_ALIKE, Manifest, Seen, SignedManifest};
use rusqlite::params;

use super::view::{View, decode, entity_text, said};
use crate::api::{Answer, photos::AlikePhoto, problem::Problem};
use crate::cell::index::began_ms;

/// Photos that are read to find one that may be named.
const TRIED: usize = 20;

#[derive(Default)]
pub(super) struct Looks {
    /// The last row of the log that is in here.
    upto: i64,
    /// By the number of their record.
    photos: BTreeMap<i64, Look>,
}

struct Look {
    entity: EntityId,
    began_ms: i64,
    sha256: Option<[u8; 32]>,
    dhash: Option<DHash>,
    code: Option<Code>,
}

impl Look {
    fn of(photo: &Record) -> Self {
        let manifest = manifest(photo).map(|signed| signed.manifest);
        Look {
            entity: photo.entity,
            began_ms: began_ms(photo),
            sha256: photo.value(FieldNo::PHOTO).and_then(Value::as_blob).map(|blob| blob.hash),
            dhash: dhash(photo, manifest.as_ref()),
            code: manifest.map(|manifest| manifest.code()),
        }
    }
}

pub(super) fn manifest(photo: &Record) -> Option<SignedManifest> {
    photo.value(FieldNo::MANIFEST).and_then(Value::as_bytes).and_then(|bytes| SignedManifest::decode(bytes).ok())
}

/// As it was signed, or else unsigned, which will do to suggest where to look.
pub(super) fn dhash(photo: &Record, manifest: Option<&Manifest>) -> Option<DHash> {
    manifest.and_then(|manifest| manifest.dhash).or_else(|| later_dhash(photo))
}

/// As the phone found it when its system had decoded the picture. Nobody signed it.
pub(super) fn later_dhash(photo: &Record) -> Option<DHash> {
    photo.value(FieldNo::FINGERPRINT)?.as_bytes()?.try_into().ok().map(DHash::from_bytes)
}

impl View<'_> {
    /// The earlier photo that looks most like this one, of another record: several photos of one thing are meant to be
    /// alike.
    pub fn alike(&self, photo: &Record, dhash: Option<DHash>) -> Answer<Option<AlikePhoto>> {
        let Some(dhash) = dhash else { return Ok(None) };
        let (began, parent) = (began_ms(photo), photo.value(FieldNo::PARENT).and_then(Value::as_entity));
        let mut found: Vec<(u32, i64, EntityId)> = (self.looks()?.photos.values())
            .filter(|look| look.began_ms < began && look.entity != photo.entity)
            .filter_map(|look| Some((dhash.distance(look.dhash?), -look.began_ms, look.entity)))
            .filter(|(distance, ..)| *distance <= LOOKS_ALIKE)
            .collect();
        found.sort_unstable();
        for (_, _, entity) in found.into_iter().take(TRIED) {
            let Some(earlier) = self.record(entity)? else { continue };
            let of = earlier.value(FieldNo::PARENT).and_then(Value::as_entity);
            if of.is_none() || of != parent {
                return self.shown_alike(&earlier).map(Some);
            }
        }
        Ok(None)
    }

    fn shown_alike(&self, earlier: &Record) -> Answer<AlikePhoto> {
        Ok(AlikePhoto {
            id: entity_text(earlier),
            of: self.owner(earlier)?,
            taken: earlier.int(FieldNo::TAKEN_AT).map(said),
            patrol: self.patrol_of(earlier)?,
        })
    }

    /// Photos within the areas that a file may be, best first.
    pub fn candidates(&self, seen: &Seen) -> Answer<Vec<Record>> {
        let mut found: Vec<(u32, EntityId)> = Vec::new();
        for look in self.looks()?.photos.values() {
            let distance = seen.dhash.zip(look.dhash).map(|(seen, known)| seen.distance(known));
            let order = if look.sha256 == Some(seen.sha256) {
                Some(0)
            } else if seen.code.is_some() && seen.code == look.code {
                Some(1)
            } else {
                distance.filter(|distance| *distance <= LOOKS_ALIKE).map(|distance| distance + 2)
            };
            found.extend(order.map(|order| (order, look.entity)));
        }
        found.sort_unstable();
        let records = found.into_iter().take(TRIED).map(|(_, entity)| self.record(entity));
        records.filter_map(Result::transpose).collect()
    }

    fn looks(&self) -> Answer<MutexGuard<'_, Looks>> {
        let mut looks = self.desk.looks.lock().map_err(|_| Problem::unavailable())?;
        let last: i64 =
            self.state.prepare_cached("SELECT coalesce(max(n), 0) FROM row")?.query_row([], |row| row.get(0))?;
        if looks.upto >= last {
            return Ok(looks);
        }
        // All photos, or those that something was written about since.
        let mut statement = match looks.upto {
            0 => self.state.prepare_cached("SELECT no, life, state FROM record WHERE kind = ?1 AND ?2 = 0")?,
            _ => self.state.prepare_cached(
                "SELECT no, life, state FROM record
                 WHERE no IN (SELECT record FROM row WHERE n > ?2) AND +kind = ?1",
            )?,
        };
        let mut rows = statement.query(params![RecordKind::PHOTO.0, looks.upto])?;
        while let Some(row) = rows.next()? {
            let (no, life): (i64, i64) = (row.get(0)?, row.get(1)?);
            if life == 1 {
                looks.photos.remove(&no);
            } else {
                let look = Look::of(&decode(&row.get::<_, Vec<u8>>(2)?)?);
                looks.photos.insert(no, look);
            }
        }
        looks.upto = last;
        Ok(looks)
    }
}
