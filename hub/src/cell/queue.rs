//! Where a case stands in the queue of the desk, worked out at every fold of it.

use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::{Life, Record};
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::schema::RecordKind;
use gridpatrol_model::workflow::Stage;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, index};
use crate::deadlines::{Deadlines, length_ms};

/// Whether somebody still has to do something about a case at this stage.
pub fn is_open(stage: Stage) -> bool {
    use Stage::{Closed, Declined, Merged, Rated, Revisited};
    !matches!(stage, Closed | Rated | Revisited | Merged | Declined)
}

pub(super) fn store(
    connection: &Connection,
    no: i64,
    record: &Record,
    row: &Row,
    now_ms: i64,
    deadlines: &Deadlines,
) -> Result<()> {
    if record.kind != Some(RecordKind::CASE) || record.entity != row.entity {
        return Ok(());
    }
    let before: Option<Option<i64>> = connection
        .prepare_cached("SELECT dispatched_ms FROM case_queue WHERE record = ?1")?
        .query_row([no], |row| row.get(0))
        .optional()?;
    let dispatched = if begins_clock(row, before.flatten()) { Some(now_ms) } else { before.flatten() };
    let open = record.life() != Life::Deleted && record.stage().is_some_and(is_open);
    let length = deadlines.of(record).and_then(length_ms).filter(|_| open);
    let due = dispatched.zip(length).map(|(from, length)| from.saturating_add(length));
    let began = index::began_ms(record);
    let (part, at) = match (open, due) {
        (true, Some(due)) => (0, due),
        (true, None) => (1, began),
        (false, _) => (2, began.saturating_neg()),
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO case_queue (record, part, at_ms, dispatched_ms, due_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![no, part, at, dispatched, due])?;
    Ok(())
}

/// The first dispatch of a round. A dispatch to another level goes on with the clock that runs.
fn begins_clock(row: &Row, running: Option<i64>) -> bool {
    let OpKind::Transition { from, to, .. } = row.op.kind else { return false };
    let again = matches!(from, Stage::Checked | Stage::Closed | Stage::Rated | Stage::Revisited);
    row.verdict == Verdict::Accepted
        && matches!(to, Stage::Dispatched | Stage::Reopened)
        && (running.is_none() || again)
}
