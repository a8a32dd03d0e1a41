//! Work that was done with another device: GPX files and photos of a library.

use std::path::Path;

use gridpatrol_geo::gpx::{self as format, GpxTrack, Mark};
use gridpatrol_geo::track::{Fix, GapCause};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_store::{Draft, Query, View};

use crate::chunk::Chunk;
use crate::core::{Core, create, sets};
use crate::error::{GridpatrolError, Result};
use crate::evidence::Shot;
use crate::patrols::is_imported;
use crate::taking::Prepared;

/// Fixes of a block: the same as on a walk.
const BLOCK_FIXES: usize = 1_000;

/// A photo may be taken a little before the first or after the last point of its walk, milliseconds.
const AROUND_MS: i64 = 15 * 60_000;

/// What was taken from a GPX file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct GpxImported {
    pub patrol: String,
    pub tracks: u64,
    /// Segments that hold points; an empty one in the file stands for a gap and nothing else.
    pub segments: u64,
    pub points: u64,
    pub untimed: u64,
    pub marks: u64,
    /// One English sentence each about what is not as in the file.
    pub notes: Vec<String>,
    /// Ids of all records that were saved.
    pub records: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PhotosImported {
    pub photos: Vec<ImportedPhoto>,
    pub with_position: u64,
    /// The patrol for photos of no walk, if there was one.
    pub patrol: Option<String>,
    pub rejected: Vec<Rejected>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ImportedPhoto {
    pub id: String,
    /// The file that it came from.
    pub path: String,
}

/// A file that cannot be used. It stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Rejected {
    pub path: String,
    /// `error-…`
    pub reason: String,
    /// English, for a log.
    pub detail: String,
}

impl Rejected {
    pub(crate) fn of(path: String, error: &GridpatrolError) -> Self {
        Rejected { path, reason: error.message().to_owned(), detail: error.detail().to_owned() }
    }
}

/// All of a file or nothing: its blocks are kept first, then everything is saved at once.
pub(crate) fn gpx(core: &Core, bytes: &[u8], file_name: &str, scope: Scope) -> Result<GpxImported> {
    let file = format::import(bytes)?;
    let name = file.tracks.iter().find_map(|track| track.name.clone()).unwrap_or_else(|| file_name.to_owned());
    let with_points = |track: &&GpxTrack| track.segments.iter().any(|segment| !segment.is_empty());
    let tracks = file.tracks.iter().filter(with_points).count() as u64;
    let segments: Vec<&[Fix]> = file.tracks.iter().flat_map(|track| &track.segments).map(Vec::as_slice).collect();
    let segments: Vec<&[Fix]> = segments.into_iter().filter(|segment| !segment.is_empty()).collect();
    let fixes = || segments.iter().copied().flatten();
    let times = || fixes().filter_map(|fix| fix.time_ms);
    // A file without times says nothing of when it was walked.
    let ended_ms = times().max().unwrap_or_else(|| core.now().wall_ms);
    let patrol = ended_patrol(&name, file_name, times().min(), ended_ms, scope);
    let chunks = kept(core, &segments)?;
    let records = core.store.save(|batch| {
        let patrol = batch.add(patrol)?.entity;
        let mut records = vec![patrol];
        for chunk in &chunks {
            records.push(chunk.add(batch, patrol, scope)?);
        }
        for mark in &file.marks {
            records.push(batch.add(marked(mark, patrol, scope))?.entity);
        }
        Ok(records)
    })?;
    Ok(GpxImported {
        patrol: records[0].to_string(),
        tracks,
        segments: segments.len() as u64,
        points: fixes().count() as u64,
        untimed: fixes().filter(|fix| fix.time_ms.is_none()).count() as u64,
        marks: file.marks.len() as u64,
        notes: file.notes.iter().map(|note| format!("{}: {}", note.count, note.reason)).collect(),
        records: records.iter().map(EntityId::to_string).collect(),
    })
}

/// Each segment apart: between two there is a gap whose cause the file does not tell.
fn kept(core: &Core, segments: &[&[Fix]]) -> Result<Vec<Chunk>> {
    let mut chunks = Vec::new();
    for (number, segment) in (0..).zip(segments) {
        let gap = (number > 0).then_some(GapCause::Unknown);
        for (at, part) in segment.chunks(BLOCK_FIXES).enumerate() {
            chunks.push(Chunk::keep(core, number, gap.filter(|_| at == 0), part)?);
        }
    }
    Ok(chunks)
}

fn marked(mark: &Mark, patrol: EntityId, scope: Scope) -> Draft {
    let at = Position { lon_e7: mark.at.lon(), lat_e7: mark.at.lat(), accuracy_dm: None };
    let fields = sets([
        (FieldNo::PARENT, Some(Value::entity(patrol))),
        (FieldNo::POSITION, Some(Value::position(at))),
        (FieldNo::NAME, mark.name.as_deref().map(|name| Value::text(clip(name)))),
    ]);
    create(RecordKind::MARK, scope, fields)
}

fn ended_patrol(name: &str, file_name: &str, started_ms: Option<i64>, ended_ms: i64, scope: Scope) -> Draft {
    let fields = sets([
        (FieldNo::NAME, Some(Value::text(clip(name)))),
        (FieldNo::STARTED, started_ms.map(Value::int)),
        (FieldNo::ENDED, Some(Value::int(ended_ms))),
        (FieldNo::FILE_NAME, Some(Value::text(clip(file_name)))),
    ]);
    create(RecordKind::PATROL, scope, fields)
}

/// A name as long as its field takes.
fn clip(name: &str) -> &str {
    let end = name.floor_char_boundary(200);
    &name[..end]
}

pub(crate) fn photos(core: &Core, paths: &[String], name: &str, scope: Scope) -> Result<PhotosImported> {
    let walks: Vec<View> = core
        .all(Query { kind: Some(RecordKind::PATROL), ..Query::default() })?
        .into_iter()
        .filter(|view| view.record.author.as_ref() == Some(core.member()) && is_imported(&view.record))
        .collect();
    let mut taken = PhotosImported::default();
    for path in paths {
        match one_photo(core, path, name, scope, &walks, &mut taken) {
            Ok(()) => {}
            // The storage is at fault and not the file: the rest would fail too.
            Err(error @ GridpatrolError::Storage { .. }) => return Err(error),
            Err(error) => taken.rejected.push(Rejected::of(path.clone(), &error)),
        }
    }
    Ok(taken)
}

fn one_photo(
    core: &Core,
    path: &str,
    name: &str,
    scope: Scope,
    walks: &[View],
    taken: &mut PhotosImported,
) -> Result<()> {
    let prepared = Prepared::keep(core, Path::new(path), |photo| {
        let taken_ms = photo.taken.as_ref().and_then(|taken| taken.utc_ms());
        let patrol = match taken_ms.and_then(|ms| walk_at(walks, ms)) {
            Some(walk) => walk,
            None => own_patrol(core, name, scope, taken)?,
        };
        Ok(Shot { of: core.record(patrol)?.record, library: true, position: None })
    })?;
    taken.with_position += u64::from(prepared.imported.position.is_some());
    let added = prepared.save(core, scope)?;
    taken.photos.push(ImportedPhoto { id: added.id, path: path.to_owned() });
    Ok(())
}

/// The walk during which something was taken.
fn walk_at(walks: &[View], ms: i64) -> Option<EntityId> {
    walks.iter().map(|view| &view.record).find_map(|walk| {
        let (from, to) = (walk.int(FieldNo::STARTED)?, walk.int(FieldNo::ENDED)?);
        (from - AROUND_MS..=to + AROUND_MS).contains(&ms).then_some(walk.entity)
    })
}

fn own_patrol(core: &Core, name: &str, scope: Scope, taken: &mut PhotosImported) -> Result<EntityId> {
    if let Some(patrol) = &taken.patrol {
        return Ok(patrol.parse()?);
    }
    // Nothing says when these were taken: it stands where it was made.
    let now_ms = core.now().wall_ms;
    let draft = ended_patrol(name, name, Some(now_ms), now_ms, scope);
    let patrol = core.store.save(|batch| batch.add(draft))?.entity;
    taken.patrol = Some(patrol.to_string());
    Ok(patrol)
}
