//! The columns of a record that lists filter and sort by, read from its state at every fold.

use gridpatrol_model::record::{HeldState, Life, Record};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use rusqlite::{Connection, params};

use super::Result;

pub(super) fn store(connection: &Connection, record: &Record) -> Result<()> {
    let held = record.held.iter().any(|work| matches!(work.state, HeldState::Held(_)));
    let parent = record.value(FieldNo::PARENT).and_then(|value| value.as_entity());
    let place = record.value(FieldNo::PLACE).and_then(|value| value.as_entity());
    let life = match record.life() {
        Life::Alive => 0,
        Life::Deleted => 1,
        Life::Disputed => 2,
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO record
             (entity, kind, scope, author, parent, place, stage, holder, sort_ms, ended, life, disputed, held, asof, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
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
            began_ms(record),
            record.value(FieldNo::ENDED).is_some(),
            life,
            record.disputed(),
            held,
            record.asof.n as i64,
            record.encode(),
        ])?;
    Ok(())
}

/// Held work alone has a scope too: the one it was written for.
fn scope_of(record: &Record) -> String {
    let held = || record.held.first().map(|work| work.op.scope);
    record.scope.or_else(held).map(|scope| scope.to_string()).unwrap_or_default()
}

fn began_ms(record: &Record) -> i64 {
    let said = match record.kind {
        Some(RecordKind::PATROL) => record.int(FieldNo::STARTED),
        Some(RecordKind::CASE) => record.int(FieldNo::FOUND_AT),
        Some(RecordKind::INSPECTION) => record.int(FieldNo::INSPECTED_AT),
        Some(RecordKind::PHOTO) => record.int(FieldNo::TAKEN_AT),
        Some(RecordKind::TRACK_CHUNK) => record.int(FieldNo::FROM),
        _ => None,
    };
    let written = record.created.as_ref().map(|created| created.eff.ms);
    said.or(written).or_else(|| record.held.first().map(|work| work.eff.ms)).unwrap_or(0)
}
