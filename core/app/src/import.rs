//! Work that was done with another device: GPX files and photos of a library.

use std::path::Path;

use gridpatrol_geo::gpx::{self as format, GpxTrack};
use gridpatrol_geo::track::{Fix, GapCause};
use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_store::{Query, View};

use crate::core::{Core, create, sets};
use crate::error::Result;
use crate::patrols::is_imported;
use crate::photos::Prepared;
use crate::walk::Chunk;

/// Fixes of a block: the same as on a walk.
const BLOCK_FIXES: usize = 1_000;

/// A photo may be taken a little before the first or after the last point of its walk, milliseconds.
const AROUND_MS: i64 = 15 * 60_000;

/// What was taken from a GPX file.
#[derive(Clone, Debug, PartialEq, Eq)]
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
pub struct PhotosImported {
    /// Ids of the photos, with the file that each came from.
    pub photos: Vec<(String, String)>,
    pub with_position: u64,
    /// The patrol for photos of no walk, if there was one.
    pub patrol: Option<String>,
    pub rejected: Vec<Rejected>,
}

/// A file that cannot be used. It stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub path: String,
    pub reason: String,
}

pub(crate) fn gpx(core: &Core, bytes: &[u8], file_name: &str, scope: Scope) -> Result<GpxImported> {
    let file = format::import(bytes)?;
    let name = file.tracks.iter().find_map(|track| track.name.clone()).unwrap_or_else(|| file_name.to_owned());
    let times = || file.tracks.iter().flat_map(|track| &track.segments).flatten().filter_map(|fix| fix.time_ms);
    let patrol = new_patrol(core, &name, file_name, times().min(), times().max(), scope)?;
    let mut taken = GpxImported {
        patrol: patrol.to_string(),
        tracks: file.tracks.iter().filter(|track| track.segments.iter().any(|segment| !segment.is_empty())).count()
            as u64,
        segments: 0,
        points: 0,
        untimed: 0,
        marks: file.marks.len() as u64,
        notes: file.notes.iter().map(|note| format!("{}: {}", note.count, note.reason)).collect(),
        records: vec![patrol.to_string()],
    };
    save_tracks(core, patrol, scope, file.tracks, &mut taken)?;
    for mark in &file.marks {
        let at = Position { lon_e7: mark.at.lon(), lat_e7: mark.at.lat(), accuracy_dm: None };
        let fields = sets([
            (FieldNo::PARENT, Some(Value::entity(patrol))),
            (FieldNo::POSITION, Some(Value::position(at))),
            (FieldNo::NAME, mark.name.as_deref().map(Value::text)),
        ]);
        let saved = core.store.save(|batch| batch.add(create(RecordKind::MARK, scope, fields)))?;
        taken.records.push(saved.entity.to_string());
    }
    Ok(taken)
}

/// Each segment apart: between two there is a gap whose cause the file does not tell.
fn save_tracks(
    core: &Core,
    patrol: EntityId,
    scope: Scope,
    tracks: Vec<GpxTrack>,
    taken: &mut GpxImported,
) -> Result<()> {
    let segments = tracks.into_iter().flat_map(|track| track.segments).filter(|segment| !segment.is_empty());
    for (number, segment) in segments.enumerate() {
        taken.segments += 1;
        taken.points += segment.len() as u64;
        taken.untimed += segment.iter().filter(|fix| fix.time_ms.is_none()).count() as u64;
        let gap = (number > 0).then_some(GapCause::Unknown);
        save_segment(core, patrol, scope, number as u32, gap, &segment, taken)?;
    }
    Ok(())
}

fn save_segment(
    core: &Core,
    patrol: EntityId,
    scope: Scope,
    number: u32,
    gap: Option<GapCause>,
    fixes: &[Fix],
    taken: &mut GpxImported,
) -> Result<()> {
    for (at, part) in fixes.chunks(BLOCK_FIXES).enumerate() {
        let chunk = Chunk::keep(core, number, gap.filter(|_| at == 0), part)?;
        let saved = core.store.save(|batch| chunk.add(batch, patrol, scope))?;
        taken.records.push(saved.to_string());
    }
    Ok(())
}

fn new_patrol(
    core: &Core,
    name: &str,
    file_name: &str,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    scope: Scope,
) -> Result<EntityId> {
    // A file without times says nothing of when it was walked.
    let ended_ms = ended_ms.unwrap_or_else(|| core.now().wall_ms);
    let fields = sets([
        (FieldNo::NAME, Some(Value::text(clip(name)))),
        (FieldNo::STARTED, started_ms.map(Value::int)),
        (FieldNo::ENDED, Some(Value::int(ended_ms))),
        (FieldNo::FILE_NAME, Some(Value::text(clip(file_name)))),
    ]);
    Ok(core.store.save(|batch| batch.add(create(RecordKind::PATROL, scope, fields)))?.entity)
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
            Err(error @ crate::GridpatrolError::Storage { .. }) => return Err(error),
            Err(error) => taken.rejected.push(Rejected { path: path.clone(), reason: error.to_string() }),
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
    let prepared = Prepared::keep(core, Path::new(path))?;
    let taken_ms = prepared.imported.taken.as_ref().and_then(|taken| taken.utc_ms());
    let parent = match taken_ms.and_then(|ms| walk_at(walks, ms)) {
        Some(walk) => walk,
        None => own_patrol(core, name, scope, taken)?,
    };
    let id = prepared.save(core, parent, scope, true, None)?;
    taken.with_position += u64::from(prepared.imported.position.is_some());
    taken.photos.push((id, path.to_owned()));
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
    let patrol = new_patrol(core, name, name, None, None, scope)?;
    // It has no time of its own: nothing says when these were taken.
    let view = core.record(patrol)?;
    let started = author::edit(&view.record, FieldNo::STARTED, Value::int(core.now().wall_ms));
    core.change(&view, OpKind::Set, vec![started])?;
    taken.patrol = Some(patrol.to_string());
    Ok(patrol)
}
