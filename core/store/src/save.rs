//! What the user did, written with its effect in one transaction.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{Dot, EntityId};
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set, chain_next};

use crate::error::{Result, StoreError};
use crate::observe::Notice;
use crate::outbox::{self, Head};
use crate::query::{View, view_of};
use crate::records::{self, Columns, Flags, Pending, is_create};
use crate::store::{Store, Work};
use crate::tracks::BlockId;

/// An op without what the store knows better: author, time, what had been seen, its place in the chain.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kind: OpKind,
    /// None for a Create, and for nothing else.
    pub entity: Option<EntityId>,
    pub scope: Scope,
    /// With the writes that the author was shown: see `gridpatrol_model::author`.
    pub sets: Vec<Set>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub dot: Dot,
    pub entity: EntityId,
}

/// A transaction in progress: several ops that are saved together or not at all. What was added can be read
/// back, so that a second op can build on the first.
pub struct Batch<'b, 'w> {
    pub(crate) work: &'b mut Work<'w>,
    pub(crate) blocks: Vec<BlockId>,
}

impl Store {
    /// Saves all that `fill` adds, durably, or nothing: an error that `fill` returns takes everything back.
    ///
    /// ```no_run
    /// # use gridpatrol_model::{area::Scope, author, op::OpKind, schema::{FieldNo, RecordKind}, value::Value, workflow::Stage};
    /// # use gridpatrol_store::{Draft, Store, StoreError};
    /// # fn report(store: &Store, scope: Scope) -> Result<(), StoreError> {
    /// let case = store.save(|batch| {
    ///     let sets = vec![author::first(FieldNo::STAGE, Value::int(Stage::Reported.code().into()))];
    ///     let kind = OpKind::Create { kind: RecordKind::CASE };
    ///     let case = batch.add(Draft { kind, entity: None, scope, sets })?;
    ///     let shown = batch.record(case.entity)?.expect("just added").record;
    ///     let kind = author::step(&shown, Stage::SelfHandled, None).expect("it has a stage");
    ///     batch.add(Draft { kind, entity: Some(case.entity), scope, sets: vec![] })
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn save<T>(&self, fill: impl FnOnce(&mut Batch<'_, '_>) -> Result<T>) -> Result<T> {
        let (value, blocks) = self.write(|work| {
            let mut batch = Batch { work, blocks: Vec::new() };
            let value = fill(&mut batch)?;
            Ok((value, batch.blocks))
        })?;
        // The chunks are saved; should this fail, the next opening does it.
        if !blocks.is_empty() {
            let _ = self.forget_blocks(&blocks);
        }
        Ok(value)
    }
}

impl Batch<'_, '_> {
    /// A record as it is shown now, with what this batch added.
    pub fn record(&self, entity: EntityId) -> Result<Option<View>> {
        records::load(self.work.db, entity)?.map(|stored| view_of(self.work.db, entity, stored)).transpose()
    }

    pub fn add(&mut self, draft: Draft) -> Result<Saved> {
        let db = self.work.db;
        if matches!(draft.kind, OpKind::Create { .. }) != draft.entity.is_none() {
            return Err(StoreError::WrongTarget);
        }
        let target = draft.entity.map(|entity| {
            let stored = records::load(db, entity)?.ok_or(StoreError::NoSuchRecord(entity))?;
            Ok::<_, StoreError>((entity, stored))
        });
        let target = target.transpose()?;
        let op = Op {
            v: OP_VERSION,
            kind: draft.kind,
            actor: db.member.clone(),
            entity: draft.entity,
            scope: draft.scope,
            seen: db.cursor()?.seq,
            schema: SCHEMA_VERSION,
            time: self.work.ports.clock.now(),
            sets: draft.sets,
            extra: Vec::new(),
        };
        let bytes = op.encode()?;
        let mut own = outbox::head(db)?.expect("opening a store makes its first incarnation");
        let c = chain_next(own.head.c, &bytes);
        own.head = Head { rseq: own.head.rseq + 1, c, ..own.head };
        let entity = draft.entity.unwrap_or_else(|| c.entity());
        let parent = op.parent();
        outbox::append(db, &own, entity, parent, &bytes)?;

        let dot = Dot { replica: own.head.replica, rseq: own.head.rseq, tag: c.tag() };
        let shown = match target {
            Some((entity, stored)) => {
                records::refresh(db, entity, &stored, stored.columns.flags.with(Flags::OWN, true))?
            }
            None => {
                debug_assert!(is_create(&op));
                let pending = Pending { own: vec![(dot, op)], ..Pending::default() };
                let shown = records::shown(db, entity, None, &pending);
                records::insert(db, entity, &Columns::of(db, &shown, Flags::OWN)?, None)?;
                shown
            }
        };
        self.work.notices.push(Notice { entity, kind: shown.kind });
        parent.map(|parent| self.child_added(parent)).transpose()?;
        Ok(Saved { dot, entity })
    }

    /// Of a parent's columns only the marks of deletion depend on its children: a delete that had not seen this
    /// one is in dispute now.
    fn child_added(&mut self, parent: EntityId) -> Result<()> {
        let Some(stored) = records::load(self.work.db, parent)? else { return Ok(()) };
        let flags = stored.columns.flags;
        if flags.has(Flags::DELETED) || flags.has(Flags::DISPUTED) {
            records::refresh(self.work.db, parent, &stored, flags)?;
        }
        self.work.notices.push(Notice { entity: parent, kind: stored.columns.kind });
        Ok(())
    }
}
