//! How a phone takes in what it pulled.

use gridpatrol_model::ids::{EntityId, HubSeq};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;

use crate::fault::Fault;
use crate::phone::Phone;
use crate::pull::{Cursor, PullReply};
use crate::spoil;

impl Phone {
    pub fn pulled(&mut self, reply: PullReply) {
        match reply {
            PullReply::Restored(cursor) => self.go_back(cursor),
            PullReply::Page { page, end, again, durable, epoch } => {
                if page.to <= self.cursor.seq || page.from != self.cursor.seq {
                    // Repeated or from elsewhere; an empty page still says what is durable.
                    if page.to != self.cursor.seq || page.from != page.to {
                        return;
                    }
                }
                self.in_epoch(epoch);
                self.durable = self.durable.max(durable);
                for (entity, record) in again {
                    self.fetched(entity, record);
                }
                self.apply(page);
                self.cursor = end;
                self.settle();
            }
        }
    }

    /// The hub lost what it had told this phone above the cursor that it now names.
    fn go_back(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        let entities = self.records.keys().chain(self.mirror.keys()).copied();
        let lost = entities.filter(|entity| self.base(*entity).is_some_and(|base| base.asof > cursor.seq));
        let left = self.gone.iter().filter(|(_, seq)| *seq > cursor.seq).map(|(entity, _)| *entity);
        self.aside = lost.chain(left).chain(self.aside.iter().copied()).collect();
        for pending in self.outbox.iter_mut().filter(|pending| pending.row.is_some_and(|row| row > cursor.seq)) {
            (pending.row, pending.outside) = (None, false);
        }
        self.hand_back.iter_mut().filter(|(_, seen)| *seen > Some(cursor.seq)).for_each(|(_, seen)| *seen = None);
        let (lost, kept): (Vec<Row>, Vec<Row>) = self.kept.drain(..).partition(|row| row.seq > cursor.seq);
        self.kept = kept;
        if self.fault != Fault::NoHandBack {
            self.hand_back.extend(lost.into_iter().map(|row| (row, None)));
        }
        let waiting = self.outbox.iter().flat_map(|pending| [Some(pending.entity), pending.op.parent()]).flatten();
        let changed: Vec<EntityId> = waiting.chain(self.aside.iter().copied()).collect();
        changed.into_iter().for_each(|entity| self.refresh(entity));
    }

    fn fetched(&mut self, entity: EntityId, record: Option<Record>) {
        if !self.aside.remove(&entity) {
            return;
        }
        match record {
            Some(record) => {
                self.left.remove(&entity);
                self.set_base(entity, record);
            }
            None => {
                self.mirror.remove(&entity);
                self.records.remove(&entity);
                self.left.remove(&entity);
                self.let_go(entity);
            }
        }
        self.refresh(entity);
    }

    fn apply(&mut self, page: Page) {
        for item in page.items {
            match item {
                Item::Row(row) => {
                    for entity in row.touched().collect::<Vec<_>>() {
                        if self.scopes.contains(&row.home(entity)) {
                            self.fold(entity, &row);
                        }
                    }
                    let outside = !self.scopes.contains(&row.home(row.entity));
                    self.note(row, outside);
                }
                Item::Receipt(row) => self.note(row, true),
                Item::Enter(record) => self.enter(record),
                Item::Leave { entity, seq } => self.leave(entity, seq),
            }
        }
    }

    fn fold(&mut self, entity: EntityId, row: &Row) {
        if self.aside.contains(&entity) {
            return;
        }
        let mut base = self.base(entity).cloned().unwrap_or_else(|| Record::new(entity));
        spoil::fold(self.fault, &mut base, row);
        self.set_base(entity, base);
        self.refresh(entity);
    }

    fn note(&mut self, row: Row, outside: bool) {
        for pending in self.outbox.iter_mut().filter(|pending| pending.dot == row.dot && pending.row.is_none()) {
            (pending.row, pending.outside) = (Some(row.seq), outside);
        }
        let touched: Vec<EntityId> = row.touched().collect();
        touched.into_iter().for_each(|entity| self.refresh(entity));
        // The rows that are kept would save what left too early; a phone may not lean on them for its own.
        if self.fault != Fault::LeavesBeforeDurable || !self.wrote.contains(&row.dot) {
            self.kept.push(row);
        }
    }

    fn enter(&mut self, record: Record) {
        let entity = record.entity;
        if self.aside.contains(&entity)
            || self.base(entity).is_some_and(|base| base.asof >= record.asof) && !self.left.contains(&entity)
        {
            return;
        }
        self.left.remove(&entity);
        self.set_base(entity, record);
        self.refresh(entity);
    }

    /// Leaving is not a delete: what has pending ops stays until they are through.
    fn leave(&mut self, entity: EntityId, seq: HubSeq) {
        if self.aside.contains(&entity) || self.base(entity).is_some_and(|base| base.asof > seq) {
            return;
        }
        self.gone.push((entity, seq));
        self.left.insert(entity);
        self.let_go(entity);
        self.refresh(entity);
    }

    /// Ops whose rows are known need no record any more: it had passed them.
    fn let_go(&mut self, entity: EntityId) {
        let known = self.outbox.iter_mut().filter(|pending| pending.entity == entity && pending.row.is_some());
        known.for_each(|pending| pending.outside = true);
    }

    fn set_base(&mut self, entity: EntityId, base: Record) {
        if self.mirror.contains_key(&entity)
            || self.outbox.iter().any(|p| p.entity == entity || p.op.parent() == Some(entity))
        {
            self.mirror.insert(entity, base);
        } else {
            self.records.insert(entity, base);
        }
    }
}
