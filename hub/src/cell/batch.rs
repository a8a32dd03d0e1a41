//! A group of jobs in one transaction: the hub's intake. The decisions are `gridpatrol_model::intake`; here
//! they are looked up, applied and stored.

use std::collections::HashMap;

use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::intake::{self, Author, Found, Log};
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set, chain_next, chain_seed};
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::{Decision, Row};
use gridpatrol_model::time::{EffectiveTime, SyncMoment, TimeEvidence, TimeQuality, effective_time};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::frame::{Frame, Start};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::{CellError, Ports, Result, index, queue, read};
use crate::deadlines::Deadlines;

/// Records kept decoded within a group: a morning's phones touch the same cases again and again.
const CACHE: usize = 4_096;

/// Where the log ends.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub seq: HubSeq,
    /// h_n
    pub log: [u8; 32],
    own: OwnReplica,
}

/// The hub writes ops too: of a replica of its own.
#[derive(Clone, Copy, Debug)]
struct OwnReplica {
    id: ReplicaId,
    rseq: u64,
    chain: ChainHash,
}

pub struct Batch<'t> {
    pub(super) transaction: &'t Transaction<'t>,
    head: &'t mut Head,
    ports: &'t Ports,
    deadlines: &'t Deadlines,
    records: HashMap<EntityId, (i64, Record)>,
    /// Why the database undid the whole group by itself, which it does when the disk is full.
    undone: Option<CellError>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    pub new_rows: u64,
    pub held: u64,
}

/// A console action before it is an op.
pub struct Draft {
    pub kind: OpKind,
    pub entity: Option<EntityId>,
    pub scope: Scope,
    pub sets: Vec<Set>,
}

/// What a supervisor decides about held work.
pub enum HeldDecision {
    Release,
    SendBack { reason: String, due_ms: Option<i64> },
}

/// Rows that a decision made, the decided work's first.
pub struct Decided {
    pub rows: u64,
    pub entity: EntityId,
}

impl Head {
    pub(super) fn load(connection: &Connection, ports: &Ports) -> Result<Self> {
        let (seq, log) = read::head(connection)?;
        let id = own_replica(connection, ports)?;
        let last = connection
            .query_row(
                "SELECT op.rseq, op.chain FROM op JOIN replica ON replica.no = op.replica
                 WHERE replica.id = ?1 AND op.unproven = 0 ORDER BY op.rseq DESC LIMIT 1",
                [id.0],
                |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, [u8; 32]>(1)?)),
            )
            .optional()?;
        let (rseq, chain) = last.map_or((0, chain_seed(id)), |(rseq, chain)| (rseq, ChainHash(chain)));
        Ok(Head { seq, log, own: OwnReplica { id, rseq, chain } })
    }
}

fn own_replica(connection: &Connection, ports: &Ports) -> Result<ReplicaId> {
    let kept = connection
        .query_row("SELECT value FROM meta WHERE key = 'replica'", [], |row| row.get::<_, [u8; 16]>(0))
        .optional()?;
    if let Some(id) = kept {
        return Ok(ReplicaId(id));
    }
    new_replica(connection, ports)
}

fn new_replica(connection: &Connection, ports: &Ports) -> Result<ReplicaId> {
    let mut id = [0; 16];
    (ports.random)(&mut id);
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('replica', ?1)", [id])?;
    Ok(ReplicaId(id))
}

impl<'t> Batch<'t> {
    pub(super) fn new(
        transaction: &'t Transaction<'t>,
        head: &'t mut Head,
        ports: &'t Ports,
        deadlines: &'t Deadlines,
    ) -> Self {
        Batch { transaction, head, ports, deadlines, records: HashMap::new(), undone: None }
    }

    pub fn now_ms(&self) -> i64 {
        (self.ports.now_ms)()
    }

    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.ports.random)(&mut bytes);
        bytes
    }

    pub fn head(&self) -> HubSeq {
        self.head.seq
    }

    pub(super) fn is_undone(&self) -> bool {
        self.undone.is_some()
    }

    pub(super) fn undone(self) -> Option<CellError> {
        self.undone
    }

    /// A job that fails leaves nothing of itself, and the group goes on, unless the database undid all of it: what
    /// came after would be committed by itself, behind rows that are not there.
    pub(super) fn in_savepoint<T>(&mut self, job: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = *self.head;
        let say = |what| self.transaction.prepare_cached(what)?.execute([]);
        say("SAVEPOINT job")?;
        let outcome = job(self);
        if self.transaction.is_autocommit() {
            let why = outcome.err().unwrap_or_else(|| CellError::NotStored("the database undid it".into()));
            self.undone = Some(why);
            return Err(CellError::Stopped);
        }
        if outcome.is_err() {
            say("ROLLBACK TO job")?;
            *self.head = before;
            self.records.clear();
        }
        say("RELEASE job")?;
        outcome
    }

    /// Takes a frame into the log: ops that it has are passed over, so a repeat is harmless.
    pub fn push(
        &mut self,
        author: &Author,
        device: [u8; 32],
        boot_id: u64,
        mono_ms: u64,
        frame: &Frame,
    ) -> Result<Pushed> {
        let replica = self.replica_no(frame.start.replica, Some(device))?;
        self.check_theirs(replica, device, author)?;
        self.check_continues(replica, frame.start)?;
        let mut pushed = Pushed::default();
        for (at, framed) in frame.ops.iter().enumerate() {
            let dot = frame.dot(at);
            if self.has(replica, dot.rseq, framed.chain)? || self.prove(replica, dot.rseq, framed.chain)? {
                continue;
            }
            self.note_fork(replica, dot.rseq)?;
            let moment = SyncMoment {
                hub_now_ms: self.now_ms(),
                phone_boot_id: boot_id,
                phone_mono_ms: mono_ms,
                seen_ms: read::commit_ms(self.transaction, framed.op.seen)?,
            };
            let eff = effective_time(&framed.op.time, &moment);
            let row = intake::judge(self, author, self.next(), dot, frame.entity(at), eff, framed.op.clone());
            pushed.new_rows += 1;
            pushed.held += u64::from(row.verdict.held().is_some());
            self.append(replica, framed.chain, row)?;
        }
        Ok(pushed)
    }

    /// Writes an op of the hub's own replica: an action of a supervisor on the console.
    pub fn write(&mut self, author: &Author, draft: Draft) -> Result<(Dot, Row)> {
        let now = self.now_ms();
        let op = Op {
            v: OP_VERSION,
            kind: draft.kind,
            actor: author.actor.clone(),
            entity: draft.entity,
            scope: draft.scope,
            seen: self.head.seq,
            schema: SCHEMA_VERSION,
            time: TimeEvidence { wall_ms: now, boot_id: 0, mono_ms: 0, gnss_ms: None },
            sets: draft.sets,
            extra: Vec::new(),
        };
        let bytes = op.encode().map_err(|_| CellError::TooLarge)?;
        let own = self.head.own;
        let chain = chain_next(own.chain, &bytes);
        let dot = Dot { replica: own.id, rseq: own.rseq + 1, tag: chain.tag() };
        let entity = op.entity.unwrap_or_else(|| chain.entity());
        let eff = EffectiveTime { ms: now, quality: TimeQuality::SameBoot };
        let row = intake::judge(self, author, self.next(), dot, entity, eff, op);
        let replica = self.replica_no(own.id, None)?;
        self.append(replica, chain, row.clone())?;
        self.head.own = OwnReplica { id: own.id, rseq: dot.rseq, chain };
        Ok((dot, row))
    }

    /// Releases held work or sends it back. The author's other held work on the record goes along, in order.
    pub fn decide(&mut self, by: &ActorId, dot: Dot, what: &HeldDecision) -> Result<Decided> {
        let held = self.held_row(dot)?;
        let record = self.record(held.entity).ok_or(CellError::NotFound)?;
        let along = record.held.iter().filter(|work| {
            work.dot == dot || work.op.actor == held.op.actor && matches!(work.state, HeldState::Held(_))
        });
        let along: Vec<Dot> = match what {
            HeldDecision::Release => along.map(|work| work.dot).collect(),
            HeldDecision::SendBack { .. } => vec![dot],
        };
        for dot in &along {
            let held = self.held_row(*dot)?;
            let row = match what {
                HeldDecision::Release => {
                    let decision = Decision { by: by.clone(), reason: None, due_ms: None };
                    intake::release(self, self.role_of(&held)?, self.next(), &held, decision)
                }
                HeldDecision::SendBack { reason, due_ms } => {
                    let decision = Decision { by: by.clone(), reason: Some(reason.clone()), due_ms: *due_ms };
                    intake::send_back(self, self.next(), &held, decision)
                }
            };
            let replica = self.replica_no(dot.replica, None)?;
            let chain = read::chain_of(self.transaction, *dot)?.ok_or(CellError::Damaged)?;
            self.append(replica, chain, row)?;
        }
        Ok(Decided { rows: along.len() as u64, entity: held.entity })
    }

    pub fn put_meta_text(&mut self, key: &str, value: &str) -> Result<()> {
        self.transaction
            .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", params![key, value.as_bytes()])?;
        Ok(())
    }

    /// Opens an upload. Gives the ids of those that ran out, whose parts can go.
    pub fn put_upload(&mut self, id: &str, hash: &[u8; 32], size: u64, life_ms: i64) -> Result<Vec<String>> {
        let now = self.now_ms();
        let mut clear = self.transaction.prepare_cached("DELETE FROM upload WHERE expires_ms <= ?1 RETURNING id")?;
        let expired = clear.query_map([now], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
        self.transaction.execute(
            "INSERT INTO upload (id, hash, size, expires_ms) VALUES (?1, ?2, ?3, ?4)",
            params![id, hash, size as i64, now + life_ms],
        )?;
        Ok(expired)
    }

    /// A backup was finished: what its log has survives the loss of this machine.
    pub fn note_backup(&mut self, end: HubSeq) -> Result<()> {
        self.transaction
            .execute("INSERT INTO backup (at_ms, n) VALUES (?1, ?2)", params![self.now_ms(), end.n as i64])?;
        Ok(())
    }

    /// The content is on the disk.
    pub fn put_blob(&mut self, hash: &[u8; 32], size: u64) -> Result<()> {
        self.transaction.execute(
            "INSERT OR IGNORE INTO blob (hash, size, stored_ms) VALUES (?1, ?2, ?3)",
            params![hash, size as i64, self.now_ms()],
        )?;
        Ok(())
    }

    /// Begins a new epoch: the phones' log and this one part here. The hub's own ops go to a new replica, since those
    /// that it wrote after the backup may come back.
    pub fn new_epoch(&mut self, at_least: u32) -> Result<u32> {
        let epoch = self.head.seq.epoch.max(at_least) + 1;
        self.transaction
            .execute("INSERT INTO epoch (epoch, from_n) VALUES (?1, ?2)", params![epoch, self.head.seq.n as i64 + 1])?;
        self.head.seq.epoch = epoch;
        let id = new_replica(self.transaction, self.ports)?;
        self.head.own = OwnReplica { id, rseq: 0, chain: chain_seed(id) };
        Ok(epoch)
    }

    fn held_row(&self, dot: Dot) -> Result<Row> {
        let row = read::latest_row(self.transaction, dot)?.ok_or(CellError::NotFound)?;
        if row.verdict.held().is_some() { Ok(row) } else { Err(CellError::Overtaken) }
    }

    /// Released work counts as its author's, not as the supervisor's.
    fn role_of(&self, held: &Row) -> Result<Role> {
        let role: Option<u8> = self
            .transaction
            .prepare_cached("SELECT role FROM member WHERE id = ?1")?
            .query_row([held.op.actor.as_str()], |row| row.get(0))
            .optional()?;
        Ok(role.and_then(Role::from_code).unwrap_or(Role::Member))
    }

    pub(super) fn next(&self) -> HubSeq {
        HubSeq { epoch: self.head.seq.epoch, n: self.head.seq.n + 1 }
    }

    pub(super) fn append(&mut self, replica: i64, chain: ChainHash, row: Row) -> Result<()> {
        let body = row.encode();
        let log: [u8; 32] = Sha256::new().chain_update(self.head.log).chain_update(&body).finalize().into();
        let (n, now_ms) = (row.seq.n as i64, self.now_ms());
        let about = self.fold(&row, now_ms)?;
        self.transaction
            .prepare_cached(
                "INSERT INTO row (n, epoch, replica, rseq, record, at_ms, body, log)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![n, row.seq.epoch, replica, row.dot.rseq as i64, about, now_ms, body, log])?;
        self.transaction
            .prepare_cached(
                "INSERT INTO op (replica, rseq, chain, n) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET n = excluded.n",
            )?
            .execute(params![replica, row.dot.rseq as i64, chain.0, n])?;
        for scope in &row.scopes {
            self.transaction
                .prepare_cached("INSERT OR IGNORE INTO scope (code) VALUES (?1)")?
                .execute([scope.as_str()])?;
            self.transaction
                .prepare_cached("INSERT OR IGNORE INTO scope_row (scope, n) VALUES (?1, ?2)")?
                .execute(params![scope.as_str(), n])?;
        }
        self.head.seq = row.seq;
        self.head.log = log;
        Ok(())
    }

    /// Brings the records up to a row; gives the number of the one that it is about.
    fn fold(&mut self, row: &Row, now_ms: i64) -> Result<i64> {
        let mut about = 0;
        for entity in row.touched() {
            let (no, mut record) = match self.stored(entity) {
                Some((no, record)) => (Some(no), record),
                None => (None, Record::new(entity)),
            };
            fold(&mut record, row);
            let no = index::store(self.transaction, no, &record)?;
            queue::store(self.transaction, no, &record, row, now_ms, self.deadlines)?;
            if entity == row.entity {
                about = no;
            }
            if self.records.len() >= CACHE {
                self.records.clear();
            }
            self.records.insert(entity, (no, record));
        }
        Ok(about)
    }

    fn stored(&self, entity: EntityId) -> Option<(i64, Record)> {
        match self.records.get(&entity) {
            Some(stored) => Some(stored.clone()),
            // A row that does not decode must stop the writer rather than be folded over.
            None => read::stored(self.transaction, entity).expect("the database answers and its records decode"),
        }
    }

    /// A replica is its member's, on whichever phone: nobody else may make a branch of it, and nobody one of the
    /// hub's own.
    fn check_theirs(&self, replica: i64, device: [u8; 32], author: &Author) -> Result<()> {
        let (owner, theirs): (Option<[u8; 32]>, bool) = self
            .transaction
            .prepare_cached(
                "SELECT device, coalesce(member, (SELECT member FROM device WHERE key = replica.device)) IS ?2
                 FROM replica WHERE no = ?1",
            )?
            .query_row(params![replica, author.actor.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if theirs && owner.is_none() {
            // Others brought its ops back; now its phone is here.
            self.transaction.execute("UPDATE replica SET device = ?2 WHERE no = ?1", params![replica, device])?;
        }
        if theirs || owner == Some(device) { Ok(()) } else { Err(CellError::NotTheirs) }
    }

    /// A frame has to continue a branch that the hub has, begin one, or say how many ops the phone lost in between.
    fn check_continues(&self, replica: i64, start: Start) -> Result<()> {
        if start == Start::of(start.replica) || self.has(replica, start.rseq - 1, start.prev)? {
            return Ok(());
        }
        let before = start.rseq - 1 - start.lost;
        if start.lost == 0 || before > 0 && !self.any_at(replica, before)? {
            return Err(CellError::Gap);
        }
        tracing::error!(ops = start.lost, "a phone's disk was damaged: work that had not been sent is lost there");
        self.transaction.execute(
            "INSERT OR IGNORE INTO lost (replica, from_rseq, to_rseq, at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![replica, before as i64 + 1, start.rseq as i64 - 1, self.now_ms()],
        )?;
        Ok(())
    }

    fn any_at(&self, replica: i64, rseq: u64) -> Result<bool> {
        let mut find = self.transaction.prepare_cached("SELECT 1 FROM op WHERE replica = ?1 AND rseq = ?2")?;
        Ok(find.exists(params![replica, rseq as i64])?)
    }

    fn has(&self, replica: i64, rseq: u64, chain: ChainHash) -> Result<bool> {
        Ok(self
            .transaction
            .prepare_cached("SELECT 1 FROM op WHERE replica = ?1 AND rseq = ?2 AND chain = ?3")?
            .exists(params![replica, rseq as i64, chain.0])?)
    }

    /// Another op at the same place: an image of the phone was cloned.
    pub(super) fn note_fork(&self, replica: i64, rseq: u64) -> Result<()> {
        if self.any_at(replica, rseq)? {
            self.transaction.execute("UPDATE replica SET forked = 1 WHERE no = ?1", [replica])?;
        }
        Ok(())
    }

    pub(super) fn replica_no(&self, id: ReplicaId, device: Option<[u8; 32]>) -> Result<i64> {
        if let Some(no) = read::replica_no(self.transaction, id)? {
            return Ok(no);
        }
        self.transaction.execute("INSERT INTO replica (id, device) VALUES (?1, ?2)", params![id.0, device])?;
        Ok(self.transaction.last_insert_rowid())
    }
}

impl Log for Batch<'_> {
    fn record(&self, entity: EntityId) -> Option<Record> {
        self.stored(entity).map(|(_, record)| record)
    }

    fn find(&self, dot: Dot) -> Option<Found> {
        let row = read::latest_row(self.transaction, dot).expect("the database answers and its rows decode");
        row.map(|row| Found { verdict: row.verdict, op: row.op })
    }

    fn lay_in(&self, entity: EntityId, scope: &Scope) -> bool {
        read::lay_in(self.transaction, entity, scope).expect("the database answers")
    }
}
