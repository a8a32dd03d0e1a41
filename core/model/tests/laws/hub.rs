//! A hub in memory: one log in commit order, driving the real `intake` and `fold`.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::intake::{Found, Log, judge, judge_again, release, send_back};
use gridpatrol_model::op::{Op, OpKind, chain_next, chain_seed};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Decision, Row, Verdict};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use sha2::{Digest, Sha256};

use crate::cast::{self, OFFICE, seq_at};
use crate::fault::Fault;
use crate::pull::Cursor;
use crate::spoil;

pub struct Hub {
    pub fault: Fault,
    pub rows: Vec<Row>,
    /// Log hash after each row, and in front of the first.
    pub hashes: Vec<[u8; 32]>,
    /// What each row did to the place of its record: where it stood before.
    pub stood: Vec<Option<Scope>>,
    pub records: BTreeMap<EntityId, Record>,
    /// First and latest row of each dot.
    pub found: BTreeMap<Dot, (usize, usize)>,
    /// Chains as far as they are in the log without a hole.
    pub chains: BTreeMap<(ReplicaId, u64), BTreeSet<ChainHash>>,
    /// Index at which each epoch began.
    pub epochs: Vec<usize>,
    /// Lengths of the log at which a transaction ended: a release of several ops is one.
    commits: BTreeSet<usize>,
    /// Rows that survive a restore.
    pub durable: usize,
    /// Who each replica belongs to: certificates outlive the database.
    pub members: BTreeMap<ReplicaId, usize>,
    pub revoked: BTreeSet<usize>,
    /// Whether a row came behind the lock of its record; one that was handed back, whether it did on its old log.
    pub late: BTreeMap<(Dot, HubSeq), bool>,
    own: (ReplicaId, u64, ChainHash),
}

/// Ops of a phone, each with the chain in front of it, and rows that a restored hub has lost.
#[derive(Clone)]
pub struct Push {
    pub ops: Vec<(ReplicaId, u64, ChainHash, Op)>,
    pub handed_back: Vec<Row>,
    pub replicas: BTreeSet<ReplicaId>,
    pub cursor: Cursor,
}

pub struct PushReply {
    /// Every position of the phone's chains that the hub has; a real reply names branches by their ends.
    pub have: BTreeSet<Dot>,
    /// Nothing to a phone that has yet to hear of a restore: its seqs mean rows of another log.
    pub durable: HubSeq,
    pub head: HubSeq,
    pub epoch: usize,
}

impl Log for Hub {
    fn record(&self, entity: EntityId) -> Option<Record> {
        self.records.get(&entity).cloned()
    }

    fn find(&self, dot: Dot) -> Option<Found> {
        let row = &self.rows[self.found.get(&dot)?.1];
        Some(Found { verdict: row.verdict, op: row.op.clone() })
    }

    fn lay_in(&self, entity: EntityId, scope: &Scope) -> bool {
        self.rows.iter().any(|row| row.entity == entity && row.scopes.contains(scope))
    }
}

impl Hub {
    pub fn new(fault: Fault) -> Self {
        let mut hub = Hub {
            fault,
            rows: Vec::new(),
            hashes: vec![[0; 32]],
            stood: Vec::new(),
            records: BTreeMap::new(),
            found: BTreeMap::new(),
            chains: BTreeMap::new(),
            epochs: vec![0],
            commits: BTreeSet::from([0]),
            durable: 0,
            members: BTreeMap::new(),
            revoked: BTreeSet::new(),
            late: BTreeMap::new(),
            own: (ReplicaId([0; 16]), 0, ChainHash([0; 32])),
        };
        hub.new_incarnation();
        hub
    }

    pub fn seq(&self, rows: usize) -> HubSeq {
        rows.checked_sub(1).map_or(HubSeq::ZERO, |at| seq_at(&self.epochs, at))
    }

    pub fn head(&self) -> HubSeq {
        self.seq(self.rows.len())
    }

    pub fn latest(&self, dot: Dot) -> Option<&Row> {
        Some(&self.rows[self.found.get(&dot)?.1])
    }

    pub fn receive(&mut self, push: &Push) -> PushReply {
        for row in &push.handed_back {
            self.take_back(row);
        }
        for (replica, rseq, before, op) in &push.ops {
            let known = *before == chain_seed(*replica)
                || rseq
                    .checked_sub(1)
                    .is_some_and(|at| self.chains.get(&(*replica, at)).is_some_and(|c| c.contains(before)));
            if !known {
                break;
            }
            let c = chain_next(*before, &op.encode().expect("the phone wrote it"));
            let dot = Dot { replica: *replica, rseq: *rseq, tag: c.tag() };
            self.take(dot, op.entity.unwrap_or(c.entity()), op.clone());
            self.chains.entry((*replica, *rseq)).or_default().insert(c);
        }
        let mine = self.chains.iter().filter(|((replica, _), _)| push.replicas.contains(replica));
        let have = mine
            .flat_map(|((replica, rseq), chains)| {
                chains.iter().map(|c| Dot { replica: *replica, rseq: *rseq, tag: c.tag() })
            })
            .collect();
        let durable = if self.is_on_log(&push.cursor) { self.seq(self.durable) } else { HubSeq::ZERO };
        PushReply { have, durable, head: self.head(), epoch: self.epochs.len() }
    }

    /// A row of the log before a restore: its op if that is gone, and what was decided about it.
    fn take_back(&mut self, row: &Row) {
        if !self.found.contains_key(&row.dot) {
            let author = cast::author(self.members[&row.dot.replica], false);
            let again = judge_again(self, &author, seq_at(&self.epochs, self.rows.len()), row.clone());
            let again = spoil::judged(self, &author, again);
            self.late.insert((row.dot, again.seq), self.late[&(row.dot, row.seq)]);
            self.take_in(again);
        }
        let held = self.latest(row.dot).is_some_and(|latest| latest.verdict.held().is_some());
        if let (true, Some(decision)) = (held, &row.decision) {
            self.decide(row.dot, decision.clone(), row.verdict == Verdict::SentBack);
        }
    }

    fn take(&mut self, dot: Dot, entity: EntityId, op: Op) {
        if self.found.contains_key(&dot) {
            return;
        }
        let member = self.members[&dot.replica];
        let author = cast::author(member, self.revoked.contains(&member));
        let eff = EffectiveTime { ms: op.time.wall_ms, quality: TimeQuality::Wall };
        let row = judge(self, &author, seq_at(&self.epochs, self.rows.len()), dot, entity, eff, op);
        let row = spoil::judged(self, &author, row);
        self.take_in(row);
    }

    fn take_in(&mut self, row: Row) {
        let replica = row.dot.replica;
        self.append(row);
        self.follow_chain(replica);
        self.commits.insert(self.rows.len());
    }

    /// An op of the hub's own replica, from what a page of the console showed.
    pub fn write(&mut self, op: Op) -> Dot {
        let (replica, rseq, before) = self.own;
        let c = chain_next(before, &op.encode().expect("small"));
        self.own = (replica, rseq + 1, c);
        let dot = Dot { replica, rseq: rseq + 1, tag: c.tag() };
        self.take(dot, op.entity.unwrap_or(c.entity()), op);
        dot
    }

    pub fn held(&self) -> Vec<Dot> {
        let latest = self.found.values().map(|(_, latest)| &self.rows[*latest]);
        let mut held: Vec<&Row> = latest.filter(|row| row.verdict.held().is_some()).collect();
        held.sort_by_key(|row| self.found[&row.dot].0);
        held.iter().map(|row| row.dot).collect()
    }

    pub fn decide(&mut self, dot: Dot, decision: Decision, back: bool) {
        let row = self.latest(dot).expect("held work is in the log").clone();
        if back {
            self.append(send_back(self, seq_at(&self.epochs, self.rows.len()), &row, decision));
            self.commits.insert(self.rows.len());
            return;
        }
        // The author's other held work on the record comes along, in its order.
        let along = |other: &Dot| {
            let held = self.latest(*other).expect("held work is in the log");
            held.entity == row.entity && held.op.actor == row.op.actor
        };
        let mut along: Vec<Dot> = self.held().into_iter().filter(along).collect();
        if self.fault == Fault::ReleaseAlone {
            along = vec![dot];
        }
        for dot in along {
            let held = self.latest(dot).expect("held work is in the log");
            let role = cast::author(self.members[&dot.replica], false).role;
            let row = release(self, role, seq_at(&self.epochs, self.rows.len()), held, decision.clone());
            match self.fault {
                Fault::FlipInPlace => spoil::flip(self, row),
                _ => self.append(row),
            }
        }
        self.commits.insert(self.rows.len());
    }

    /// The last end of a transaction in the first `rows` rows: what a backup of about then has.
    pub fn committed(&self, rows: usize) -> usize {
        *self.commits.range(..=rows).next_back().expect("an empty log is one")
    }

    pub fn append(&mut self, row: Row) {
        let row = spoil::numbered(self, row);
        let locks = |row: &&Row| matches!(row.op.kind, OpKind::Transition { to, .. } if to.locks());
        let of_record = |other: &&Row| other.entity == row.entity && other.verdict == Verdict::Accepted;
        let lock = self.rows.iter().filter(of_record).filter(locks).map(|locking| locking.seq).max();
        self.late.entry((row.dot, row.seq)).or_insert(lock.is_some_and(|lock| row.op.seen < lock));
        self.stood.push(self.records.get(&row.entity).and_then(|record| record.scope));
        for entity in row.touched() {
            let record = self.records.entry(entity).or_insert_with(|| Record::new(entity));
            spoil::fold(self.fault, record, &row);
        }
        let before = self.hashes[self.rows.len()];
        self.hashes.push(Sha256::new().chain_update(before).chain_update(row.encode()).finalize().into());
        let at = self.rows.len();
        self.found.entry(row.dot).or_insert((at, at)).1 = at;
        self.rows.push(row);
    }

    /// The database of a backup: everything behind `kept` rows is gone, and a new epoch begins.
    pub fn restore(&mut self, kept: usize) {
        let rows: Vec<Row> = self.rows.drain(..).take(kept).collect();
        self.hashes.truncate(1);
        self.stood.clear();
        self.records.clear();
        self.found.clear();
        self.epochs.push(kept);
        self.commits.retain(|end| *end <= kept);
        let fault = std::mem::replace(&mut self.fault, Fault::None);
        rows.into_iter().for_each(|row| self.append(row));
        self.fault = fault;
        let found = &self.found;
        for ((replica, rseq), chains) in &mut self.chains {
            chains.retain(|c| found.contains_key(&Dot { replica: *replica, rseq: *rseq, tag: c.tag() }));
        }
        self.new_incarnation();
    }

    fn new_incarnation(&mut self) {
        let replica = ReplicaId([0x80 + self.epochs.len() as u8; 16]);
        self.members.insert(replica, OFFICE);
        self.own = (replica, 0, chain_seed(replica));
    }

    /// Verifies rows that were handed back by others as soon as the chain in front of them is known.
    fn follow_chain(&mut self, replica: ReplicaId) {
        let seed = BTreeSet::from([chain_seed(replica)]);
        let of_replica = self.found.range(Dot { replica, rseq: 0, tag: [0; 8] }..);
        for (dot, (at, _)) in of_replica.take_while(|(dot, _)| dot.replica == replica) {
            let before = if dot.rseq == 1 { Some(&seed) } else { self.chains.get(&(replica, dot.rseq - 1)) };
            let known = self.chains.get(&(replica, dot.rseq)).is_some_and(|c| c.iter().any(|c| c.tag() == dot.tag));
            if known {
                continue;
            }
            let bytes = self.rows[*at].op.encode().expect("it was written");
            let found = before.into_iter().flatten().map(|c| chain_next(*c, &bytes)).find(|c| c.tag() == dot.tag);
            if let Some(c) = found {
                self.chains.entry((replica, dot.rseq)).or_default().insert(c);
            }
        }
    }

    pub fn refold(&mut self) {
        self.records.clear();
        for row in &self.rows {
            for entity in row.touched() {
                fold(self.records.entry(entity).or_insert_with(|| Record::new(entity)), row);
            }
        }
    }

    /// Whether the row moved its record out of where it stood.
    pub fn moved(&self, at: usize) -> Option<Scope> {
        let row = &self.rows[at];
        let creates = matches!(row.op.kind, OpKind::Create { .. });
        let to = *row.scopes.last()?;
        self.stood[at].filter(|from| !creates && *from != to)
    }
}
