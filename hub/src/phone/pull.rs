//! The pull part: the next page of the log for this phone, or the next records of a scope that is new to it.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{EntityId, HubSeq, ReplicaId};
use gridpatrol_model::page::Item;
use gridpatrol_model::row::Row;
use gridpatrol_protocol::keep::{self, Tag};
use gridpatrol_protocol::limits::PAGE_ITEMS;
use gridpatrol_protocol::page::{Held, PageWriter};
use gridpatrol_protocol::request::Request;
use gridpatrol_protocol::{Cursor, LogTag};
use rusqlite::Connection;

use super::keep::Keeper;
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
    /// Tags of the rows that the phone is to keep.
    pub keep: Vec<Tag>,
}

/// Where the phone has to go back to, if its log and this one have parted.
pub fn rewind(cell: &Cell, cursor: &Cursor) -> Result<Option<Cursor>> {
    let rewind = cell.read(|state| read::common(state, cursor))?;
    if rewind.is_some() {
        // Rows to come must not be mistaken for those that the phone saw on the lost log.
        let epoch = cursor.seq.epoch;
        cell.write(move |batch| if batch.head().epoch <= epoch { batch.new_epoch(epoch).map(drop) } else { Ok(()) })?;
    }
    Ok(rewind)
}

/// `before` is where the log ended when the request came: a new phone starts there, with its own rows behind.
pub fn page(
    state: &Connection,
    keeper: &Keeper,
    device: &Device,
    request: &Request,
    rewind: Option<Cursor>,
    before: HubSeq,
) -> Result<Pulled> {
    let areas = view_of(device);
    let cursor = rewind.unwrap_or(request.cursor);
    let has: Vec<Scope> = request.view.iter().copied().filter(|scope| areas.contains(scope)).collect();
    let pull = Pull { state, keeper, request, cursor, rewind, held: held(state, request)? };
    match areas.iter().copied().find(|area| !has.contains(area)) {
        Some(scope) => pull.enter(has, scope, before),
        None => pull.follow(has),
    }
}

/// Of two branches the phone holds one: a number alone would name the wrong op.
fn held(state: &Connection, request: &Request) -> Result<Held> {
    let forked = read::forked(state, request.replica)?;
    let from_rseq = if forked { u64::MAX } else { request.holds_from };
    Ok(Held { replica: request.replica, from_rseq })
}

/// One committed state of the cell, asked for one phone.
struct Pull<'r> {
    state: &'r Connection,
    keeper: &'r Keeper,
    request: &'r Request,
    cursor: Cursor,
    rewind: Option<Cursor>,
    held: Held,
}

impl Pull<'_> {
    /// The next records of a scope that is new to the phone.
    fn enter(&self, mut has: Vec<Scope>, scope: Scope, before: HubSeq) -> Result<Pulled> {
        let entering = self.request.entering.filter(|(entering, _)| *entering == scope);
        let after = entering.map(|(_, entity)| entity);
        let records = read::records_of(self.state, &scope, after, PAGE_ITEMS)?;
        let known = self.known(true);
        let mut writer = PageWriter::new(self.cursor.seq, self.held, &known);
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
        let entering = if done { None } else { last.map(|entity| (scope, entity)) };
        // A phone without any scope starts where the log stood; others go on from their cursor afterwards.
        let starts = self.request.view.is_empty() && after.is_none();
        let to = if starts { self.start(before)? } else { self.cursor.seq };
        self.pulled(writer.finish(to, true), to, has, entering)
    }

    /// The end of the log as it was, but before the first row of the phone's own replica: each of those is a
    /// receipt that it waits for, also when the reply to its first push was lost.
    fn start(&self, before: HubSeq) -> Result<HubSeq> {
        let own = read::rows_for(self.state, &[], self.held.replica, self.cursor.seq.n, 1)?;
        let n = own.first().map_or(before.n, |first| (first - 1).min(before.n)).max(self.cursor.seq.n);
        Ok(HubSeq { epoch: if n == before.n { before.epoch } else { read::epoch_of(self.state, n)? }, n })
    }

    /// The next rows of the log.
    fn follow(&self, view: Vec<Scope>) -> Result<Pulled> {
        let numbers = read::rows_for(self.state, &view, self.held.replica, self.cursor.seq.n, PAGE_ITEMS)?;
        let known = self.known(self.request.full_ids);
        let mut writer = PageWriter::new(self.cursor.seq, self.held, &known);
        let (mut to, mut taken, mut all) = (self.cursor.seq, 0, Vec::new());
        for n in &numbers {
            if writer.is_full() {
                break;
            }
            let row = read::row_at(self.state, *n)?.ok_or(CellError::Damaged)?;
            to = row.seq;
            taken += 1;
            for item in items(self.state, row, &view, self.held.replica)? {
                writer.push(&item);
                all.push(item);
            }
        }
        let more = taken < numbers.len() || numbers.len() == PAGE_ITEMS;
        if !more {
            to = read::head(self.state)?.0;
        }
        let pulled = self.pulled(writer.finish(to, more), to, view, None)?;
        Ok(Pulled { keep: self.tags(&all, pulled.durable), ..pulled })
    }

    /// A phone keeps what no backup has.
    fn tags(&self, items: &[Item], durable: HubSeq) -> Vec<Tag> {
        let safe = |item: &Item| matches!(item, Item::Row(row) | Item::Receipt(row) if row.seq <= durable);
        if items.last().is_none_or(safe) {
            return Vec::new();
        }
        keep::runs(items).iter().map(|run| self.keeper.tag(run)).collect()
    }

    fn known(&self, full_ids: bool) -> KnownToPhone<'_> {
        KnownToPhone { state: self.state, from: self.cursor.seq, full_ids }
    }

    fn pulled(
        &self,
        page: Vec<u8>,
        to: HubSeq,
        view: Vec<Scope>,
        entering: Option<(Scope, EntityId)>,
    ) -> Result<Pulled> {
        Ok(Pulled {
            durable: read::durable(self.state)?,
            rewind: self.rewind,
            view,
            entering,
            page,
            log: read::log_tag(self.state, to.n)?.ok_or(CellError::Damaged)?,
            keep: Vec::new(),
        })
    }
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
