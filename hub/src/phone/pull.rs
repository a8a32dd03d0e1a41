//! The pull part: the next page of the log for this phone, or the next records of a scope that is new to it.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{EntityId, HubSeq, ReplicaId};
use gridpatrol_model::page::Item;
use gridpatrol_model::row::Row;
use gridpatrol_protocol::limits::PAGE_ITEMS;
use gridpatrol_protocol::page::{Held, PageWriter};
use gridpatrol_protocol::request::Request;
use gridpatrol_protocol::{Cursor, LogTag};
use rusqlite::Connection;

use super::Refusal;
use super::known::KnownToPhone;
use super::sync::view_of;
use crate::cell::people::Device;
use crate::cell::{Cell, CellError, Result, read};

pub struct Pulled {
    pub durable: HubSeq,
    pub rewind: Option<Cursor>,
    /// Scopes that are whole on the phone once it has applied the page.
    pub view: Vec<Scope>,
    pub entering: Option<(Scope, EntityId)>,
    pub page: Vec<u8>,
    pub log: LogTag,
}

/// `before` is where the log ended when the request came: a new phone starts there, with its own rows behind.
pub fn page(cell: &Cell, device: &Device, request: &Request, before: HubSeq) -> std::result::Result<Pulled, Refusal> {
    let rewind = cell.read(|state| read::common(state, &request.cursor))?;
    if rewind.is_some() {
        // Rows to come must not be mistaken for those that the phone saw on the lost log.
        let epoch = request.cursor.seq.epoch;
        cell.write(move |batch| if batch.head().epoch <= epoch { batch.new_epoch(epoch).map(drop) } else { Ok(()) })?;
    }
    let cursor = rewind.unwrap_or(request.cursor);
    let areas = view_of(device);
    Ok(cell.read(|state| {
        let durable = read::head(state)?.0;
        let has: Vec<Scope> = request.view.iter().copied().filter(|scope| areas.contains(scope)).collect();
        let next = areas.iter().copied().find(|area| !has.contains(area));
        // Of two branches the phone holds one: a number alone would name the wrong op.
        let forked = read::forked(state, request.replica)?;
        let from_rseq = if forked { u64::MAX } else { request.holds_from };
        let held = Held { replica: request.replica, from_rseq };
        match next {
            Some(scope) => enter(state, request, cursor, before, held, has, scope, durable, rewind),
            None => follow(state, cursor, held, has, durable, rewind, request.full_ids),
        }
    })?)
}

#[expect(clippy::too_many_arguments, reason = "one call; the parts of the request that it needs")]
fn enter(
    state: &Connection,
    request: &Request,
    cursor: Cursor,
    before: HubSeq,
    held: Held,
    mut has: Vec<Scope>,
    scope: Scope,
    durable: HubSeq,
    rewind: Option<Cursor>,
) -> Result<Pulled> {
    let after = request.entering.filter(|(entering, _)| *entering == scope).map(|(_, entity)| entity);
    // A phone without any scope starts where the log stood; others go on from their cursor afterwards.
    let to = if request.view.is_empty() && after.is_none() { before.max(cursor.seq) } else { cursor.seq };
    let records = read::records_of(state, &scope, after, PAGE_ITEMS)?;
    let known = KnownToPhone { state, from: cursor.seq, full_ids: true };
    let mut writer = PageWriter::new(cursor.seq, held, &known);
    let mut last = None;
    for record in &records {
        if writer.is_full() {
            break;
        }
        last = Some(record.entity);
        writer.push(&Item::Enter(record.clone()));
    }
    let done = last == records.last().map(|record| record.entity) && records.len() < PAGE_ITEMS;
    if done {
        has.push(scope);
    }
    Ok(Pulled {
        durable,
        rewind,
        view: has,
        entering: if done { None } else { last.map(|entity| (scope, entity)) },
        page: writer.finish(to, true),
        log: read::log_tag(state, to.n)?.ok_or(CellError::Damaged)?,
    })
}

fn follow(
    state: &Connection,
    cursor: Cursor,
    held: Held,
    view: Vec<Scope>,
    durable: HubSeq,
    rewind: Option<Cursor>,
    full_ids: bool,
) -> Result<Pulled> {
    let numbers = read::rows_for(state, &view, held.replica, cursor.seq.n, PAGE_ITEMS)?;
    let known = KnownToPhone { state, from: cursor.seq, full_ids };
    let mut writer = PageWriter::new(cursor.seq, held, &known);
    let mut to = cursor.seq;
    let mut taken = 0;
    for n in &numbers {
        if writer.is_full() {
            break;
        }
        let row = read::row_at(state, *n)?.ok_or(CellError::Damaged)?;
        to = row.seq;
        taken += 1;
        for item in items(state, row, &view, held.replica)? {
            writer.push(&item);
        }
    }
    let more = taken < numbers.len() || numbers.len() == PAGE_ITEMS;
    if !more {
        to = durable;
    }
    let log = read::log_tag(state, to.n)?.ok_or(CellError::Damaged)?;
    Ok(Pulled { durable, rewind, view, entering: None, page: writer.finish(to, more), log })
}

/// What a row is for a phone: it depends on where the record was and where it is now.
fn items(state: &Connection, row: Row, view: &[Scope], replica: ReplicaId) -> Result<Vec<Item>> {
    let inside = |scope: Option<&Scope>| scope.is_some_and(|scope| view.iter().any(|mine| mine.contains(scope)));
    let (was_in, is_in) = (inside(row.scopes.first()), inside(row.scopes.last()));
    if was_in && is_in {
        return Ok(vec![Item::Row(row)]);
    }
    let (entity, seq) = (row.entity, row.seq);
    let mut items = Vec::new();
    if row.dot.replica == replica {
        items.push(Item::Receipt(row));
    }
    if was_in {
        items.push(Item::Leave { entity, seq });
    } else if is_in {
        items.extend(read::record(state, entity)?.map(Item::Enter));
    }
    Ok(items)
}
