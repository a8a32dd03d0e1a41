//! A phone in memory: what its user sees, the hub's view of records with pending ops, and the outbox.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::with_pending;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{Op, OpKind, chain_next, chain_seed};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;

use crate::cast;
use crate::fault::Fault;
use crate::hub::{Push, PushReply};
use crate::pull::{Cursor, Pull};

#[derive(Clone)]
pub struct Phone {
    pub fault: Fault,
    pub member: usize,
    pub scopes: Vec<Scope>,
    replica: ReplicaId,
    rseq: u64,
    chain: ChainHash,
    /// Every op that this phone wrote, of all its incarnations.
    pub wrote: BTreeSet<Dot>,
    forked: bool,
    pub outbox: Vec<Pending>,
    /// What the user sees.
    pub records: BTreeMap<EntityId, Record>,
    /// The hub's view, of records with pending ops only.
    pub mirror: BTreeMap<EntityId, Record>,
    /// Records that left the scopes of the phone and stay until their ops are through.
    pub left: BTreeSet<EntityId>,
    /// Records that left above `durable`: a restored hub may have them here again.
    pub gone: Vec<(EntityId, HubSeq)>,
    /// Records of a log that was lost, until they are fetched again.
    pub aside: BTreeSet<EntityId>,
    pub cursor: Cursor,
    pub durable: HubSeq,
    epoch: usize,
    /// Rows above `durable`.
    pub kept: Vec<Row>,
    /// Rows that a restored hub has lost, with the point of the new log behind which they are in again.
    pub hand_back: Vec<(Row, Option<HubSeq>)>,
}

#[derive(Clone)]
pub struct Pending {
    pub dot: Dot,
    before: ChainHash,
    pub entity: EntityId,
    pub op: Op,
    pub acked: bool,
    /// Its row in the log, once that came back.
    pub row: Option<HubSeq>,
    /// The row came as a receipt: the record is not in the phone's scopes.
    pub outside: bool,
}

impl Phone {
    pub fn new(fault: Fault, member: usize, replica: ReplicaId) -> Self {
        Phone {
            fault,
            member,
            scopes: cast::scopes(member),
            replica,
            rseq: 0,
            chain: chain_seed(replica),
            wrote: BTreeSet::new(),
            forked: false,
            outbox: Vec::new(),
            records: BTreeMap::new(),
            mirror: BTreeMap::new(),
            left: BTreeSet::new(),
            gone: Vec::new(),
            aside: BTreeSet::new(),
            cursor: Cursor::default(),
            durable: HubSeq::ZERO,
            epoch: 1,
            kept: Vec::new(),
            hand_back: Vec::new(),
        }
    }

    /// Saves an op; `fresh` names a new incarnation in case one is due.
    pub fn write(&mut self, op: Op, fresh: ReplicaId) -> Dot {
        if std::mem::take(&mut self.forked) {
            self.start(fresh);
        }
        let dot = self.enqueue(op);
        self.refresh_around(self.outbox.len() - 1);
        dot
    }

    fn start(&mut self, replica: ReplicaId) {
        (self.replica, self.rseq, self.chain) = (replica, 0, chain_seed(replica));
    }

    fn enqueue(&mut self, op: Op) -> Dot {
        let before = self.chain;
        self.chain = chain_next(before, &op.encode().expect("small"));
        self.rseq += 1;
        let dot = Dot { replica: self.replica, rseq: self.rseq, tag: self.chain.tag() };
        let entity = op.entity.unwrap_or(self.chain.entity());
        self.wrote.insert(dot);
        self.outbox.push(Pending { dot, before, entity, op, acked: false, row: None, outside: false });
        dot
    }

    /// The hub's view of a record; what is only pending has none.
    pub fn base(&self, entity: EntityId) -> Option<&Record> {
        self.mirror.get(&entity).or_else(|| self.records.get(&entity)).filter(|record| record.asof > HubSeq::ZERO)
    }

    pub fn replicas(&self) -> BTreeSet<ReplicaId> {
        self.outbox.iter().map(|pending| pending.dot.replica).chain([self.replica]).collect()
    }

    pub fn push(&self, limit: usize) -> Push {
        let waiting = self.outbox.iter().filter(|pending| !pending.acked).take(limit);
        Push {
            ops: waiting
                .map(|pending| (pending.dot.replica, pending.dot.rseq, pending.before, pending.op.clone()))
                .collect(),
            handed_back: self.hand_back.iter().filter(|(_, seen)| seen.is_none()).map(|(row, _)| row.clone()).collect(),
            replicas: self.replicas(),
            cursor: self.cursor,
        }
    }

    pub fn pushed(&mut self, handed_back: usize, reply: &PushReply, fresh: ReplicaId) {
        self.in_epoch(reply.epoch);
        self.durable = self.durable.max(reply.durable);
        let sent = self.hand_back.iter_mut().filter(|(_, seen)| seen.is_none()).take(handed_back);
        sent.for_each(|(_, seen)| *seen = Some(reply.head));
        for pending in &mut self.outbox {
            pending.acked = match self.fault {
                Fault::AckByNumber => {
                    reply.have.iter().any(|dot| dot.replica == pending.dot.replica && dot.rseq >= pending.dot.rseq)
                }
                _ => reply.have.contains(&pending.dot),
            };
        }
        if reply.have.iter().any(|dot| dot.replica == self.replica && !self.wrote.contains(dot)) {
            self.forked = true;
            if self.fault == Fault::Restamp {
                self.restamp(fresh);
            }
        }
        if self.fault == Fault::LeavesWhenDurable {
            self.outbox.retain(|pending| !(pending.acked && reply.durable == reply.head));
            self.mirror.retain(|entity, _| self.outbox.iter().any(|pending| pending.entity == *entity));
        }
        self.settle();
    }

    fn restamp(&mut self, fresh: ReplicaId) {
        self.forked = false;
        self.start(fresh);
        let (old, kept) = self.outbox.drain(..).partition(|pending| !pending.acked);
        self.outbox = kept;
        let old: Vec<Pending> = old;
        for pending in old {
            self.enqueue(pending.op);
        }
    }

    /// Where rows that were handed back are means nothing in another epoch: they may be lost once more.
    pub fn in_epoch(&mut self, epoch: usize) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.hand_back.iter_mut().for_each(|(_, seen)| *seen = None);
        }
    }

    pub fn pull(&self, limit: usize) -> Pull {
        Pull {
            cursor: self.cursor,
            scopes: self.scopes.clone(),
            replicas: self.replicas(),
            aside: self.aside.clone(),
            limit,
        }
    }

    /// Lets go of what is safe: ops that are durable and whose record has passed them, and rows below `durable`.
    pub fn settle(&mut self) {
        let durable = self.durable;
        self.kept.retain(|row| row.seq > durable);
        self.gone.retain(|(_, seq)| *seq > durable);
        self.hand_back.retain(|(_, seen)| seen.is_none_or(|seen| seen > durable));
        let through = self.outbox.iter().filter(|pending| self.is_through(pending));
        let gone: Vec<EntityId> = through.flat_map(|p| [Some(p.entity), p.op.parent()]).flatten().collect();
        let mut outbox = std::mem::take(&mut self.outbox);
        outbox.retain(|pending| !self.is_through(pending));
        self.outbox = outbox;
        gone.into_iter().for_each(|entity| self.refresh(entity));
    }

    fn is_through(&self, pending: &Pending) -> bool {
        let durable = self.fault == Fault::LeavesBeforeDurable || pending.row.is_some_and(|row| row <= self.durable);
        durable && self.is_folded(pending, pending.entity)
    }

    /// Whether the hub's view of the record has passed the op.
    pub fn is_folded(&self, pending: &Pending, entity: EntityId) -> bool {
        pending.row.is_some_and(|row| {
            pending.outside
                || self.base(entity).is_some_and(|record| record.asof >= row && !self.aside.contains(&entity))
        })
    }

    /// Shows the record anew after its mirror or its pending ops changed.
    pub fn refresh(&mut self, entity: EntityId) {
        let base = self.base(entity).cloned();
        let waiting = |pending: &&Pending| !self.is_folded(pending, entity);
        let own: Vec<&Pending> = self.outbox.iter().filter(|p| p.entity == entity).filter(waiting).collect();
        let is_child = |p: &&Pending| p.op.parent() == Some(entity) && matches!(p.op.kind, OpKind::Create { .. });
        let children: Vec<&Pending> = self.outbox.iter().filter(is_child).filter(waiting).collect();
        let stays = !self.left.contains(&entity) || !own.is_empty() || !children.is_empty();
        let pending = !own.is_empty() || !children.is_empty();
        let shown = (pending || base.is_some()) && stays;
        let record = shown.then(|| {
            let own = own.iter().map(|pending| (pending.dot, &pending.op));
            with_pending(entity, base.as_ref(), own, children.iter().map(|pending| pending.dot))
        });
        match record {
            Some(record) => self.records.insert(entity, record),
            None => self.records.remove(&entity),
        };
        if !stays {
            self.left.remove(&entity);
        }
        match base.filter(|_| pending) {
            Some(base) => self.mirror.insert(entity, base),
            None => self.mirror.remove(&entity),
        };
    }

    fn refresh_around(&mut self, at: usize) {
        let entity = self.outbox[at].entity;
        self.refresh(entity);
        if let Some(parent) = self.outbox[at].op.parent() {
            self.refresh(parent);
        }
    }
}
