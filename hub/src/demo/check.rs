//! Phones against the hub, from the outside: nothing lost, nothing different.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::Row;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;

use super::Result;
use super::journal::{Journal, Saved};
use super::phone::Phone;
use super::report::Report;
use crate::blobs::Blobs;
use crate::cell::{Cell, read};

/// Everything that the hub has of a county.
const ALL: usize = 10_000_000;

/// Fills in what is found by comparing.
pub async fn compare(
    report: &mut Report,
    phones: &[Phone],
    journal: &Journal,
    photos: &[(String, PathBuf)],
    cell: &Cell,
    blobs: &Blobs,
    county: Scope,
) -> Result<()> {
    let records = cell.read(|state| read::records_of(state, &county, None, ALL))?;
    let mut saved: BTreeSet<EntityId> = journal.records().into_iter().collect();
    for phone in phones {
        saved.extend(phone.app.audit().own_records()?.iter().filter_map(|id| id.parse::<EntityId>().ok()));
    }
    report.records_saved = saved.len() as u64;
    report.records_on_hub = records.iter().filter(|record| is_members(record)).count() as u64;
    report.conflicts_open = records.iter().filter(|record| record.disputed()).count() as u64;
    let held = records.iter().flat_map(|record| &record.held);
    report.held = held.filter(|work| matches!(work.state, HeldState::Held(_))).count() as u64;
    report.lost = lost(journal, cell)?;
    report.diverged = diverged(phones, &records)?;
    (report.photos_on_hub, report.photo_bytes_equal) = photos_on_hub(photos, &records, blobs).await?;
    report.photos_saved = photos.len() as u64;
    Ok(())
}

/// Written by a member and not by the office.
fn is_members(record: &Record) -> bool {
    let author = record.author.as_ref().or_else(|| record.held.first().map(|work| &work.op.actor));
    author.is_some_and(|author| author.as_str().starts_with("m-"))
}

/// Saves that returned and of which the hub has no row.
pub fn lost(journal: &Journal, cell: &Cell) -> Result<u64> {
    let mut lost = 0;
    for saved in journal.saves() {
        lost += u64::from(!arrived(&saved, cell)?);
    }
    Ok(lost)
}

fn arrived(saved: &Saved, cell: &Cell) -> Result<bool> {
    let Ok(entity) = saved.entity.parse::<EntityId>() else { return Ok(false) };
    let rows = cell.read(|state| read::rows_about(state, entity))?;
    let wrote = |row: &Row| row.op.actor.as_str() == saved.member && writes(row, saved.text.as_deref());
    Ok(rows.iter().any(wrote))
}

fn writes(row: &Row, text: Option<&str>) -> bool {
    match text {
        None => row.op.entity.is_none(),
        Some(text) => row.op.sets.iter().any(|set| set.value.as_text() == Some(text)),
    }
}

/// Pairs of record and phone whose bytes differ, within the phone's areas and with nothing pending.
pub fn diverged(phones: &[Phone], records: &[Record]) -> Result<u64> {
    let mut diverged = 0;
    for phone in phones {
        if phone.app.handback()?.records_waiting > 0 {
            // What still waits is not in the hub's view; the next sync decides.
            continue;
        }
        for record in records.iter().filter(|record| record.scope.is_some_and(|scope| phone.area.contains(&scope))) {
            let view = phone.app.audit().hub_view(&record.entity.to_string())?;
            diverged += u64::from(view != Some(record.encode()));
        }
    }
    Ok(diverged)
}

/// Photos whose original is on the hub, and whether each has the bytes of the file that was taken in.
async fn photos_on_hub(photos: &[(String, PathBuf)], records: &[Record], blobs: &Blobs) -> Result<(u64, bool)> {
    let (mut there, mut equal) = (0, true);
    for (id, path) in photos {
        let record = records.iter().find(|record| record.entity.to_string() == *id);
        let held = record.and_then(|record| record.value(FieldNo::PHOTO)).and_then(Value::as_blob);
        let bytes = match held {
            Some(blob) => blobs.get(&blob.hash).await?,
            None => None,
        };
        there += u64::from(bytes.is_some());
        equal &= bytes.is_some_and(|bytes| std::fs::read(path).is_ok_and(|file| file == bytes));
    }
    Ok((there, equal))
}
