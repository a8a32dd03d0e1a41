//! The columns of a record that lists filter and sort by, read from its state at every fold.

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::{HeldState, Life, Record};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use rusqlite::{Connection, params};

use super::{Result, seen};

/// Writes a record over its row, or as a new one; gives its number.
pub(super) fn store(connection: &Connection, no: Option<i64>, record: &Record) -> Result<i64> {
    let held = record.held.iter().any(|work| matches!(work.state, HeldState::Held(_)));
    // A child that is held whole is still looked for under its parent.
    let parent = record.value(FieldNo::PARENT).and_then(|value| value.as_entity()).or_else(|| held_parent(record));
    seen::forget(connection, no, record, parent)?;
    let place = record.value(FieldNo::PLACE).and_then(|value| value.as_entity());
    let photo = record.value(FieldNo::PHOTO).and_then(|value| value.as_blob());
    let life = match record.life() {
        Life::Alive => 0,
        Life::Deleted => 1,
        Life::Disputed => 2,
    };
    connection
        .prepare_cached(
            "INSERT INTO record
             (no, entity, kind, scope, author, parent, place, stage, holder, photo, sort_ms, ended, life, disputed, held,
              asof, state)
             VALUES (?17, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (no) DO UPDATE SET
             kind = ?2, scope = ?3, author = ?4, parent = ?5, place = ?6, stage = ?7, holder = ?8, photo = ?9,
             sort_ms = ?10, ended = ?11, life = ?12, disputed = ?13, held = ?14, asof = ?15, state = ?16",
        )?
        .execute(params![
            record.entity.0,
            record.kind.map(|kind| kind.0),
            scope_of(record),
            record.author.as_ref().map(|author| author.as_str()),
            parent.map(|id| id.0),
            place.map(|id| id.0),
            record.stage().map(|stage| stage.code()),
            record.text(FieldNo::HOLDER),
            photo.map(|photo| photo.hash),
            began_ms(record),
            record.value(FieldNo::ENDED).is_some(),
            life,
            record.disputed(),
            held,
            record.asof.n as i64,
            record.encode(),
            no,
        ])?;
    Ok(no.unwrap_or_else(|| connection.last_insert_rowid()))
}

fn held_parent(record: &Record) -> Option<EntityId> {
    record.held.iter().find_map(|work| work.op.parent())
}

/// Held work alone has a scope too: the one it was written for.
fn scope_of(record: &Record) -> String {
    let held = || record.held.first().map(|work| work.op.scope);
    record.scope.or_else(held).map(|scope| scope.to_string()).unwrap_or_default()
}

/// When it began. A phone's own word counts only where there is no better one (an imported file, a photo's
/// camera, a block of fixes): its clock may be years wrong, and the effective time of the write is not.
pub fn began_ms(record: &Record) -> i64 {
    let said = match record.kind {
        Some(RecordKind::PATROL) if record.value(FieldNo::FILE_NAME).is_some() => record.int(FieldNo::STARTED),
        Some(RecordKind::PHOTO) => record.int(FieldNo::TAKEN_AT),
        Some(RecordKind::TRACK_CHUNK) => record.int(FieldNo::FROM),
        _ => None,
    };
    let written = record.created.as_ref().map(|created| created.eff.ms);
    said.or(written).or_else(|| record.held.first().map(|work| work.eff.ms)).unwrap_or(0)
}
