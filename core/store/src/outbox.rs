//! What the hub may still need from this phone: the ops of each incarnation with their chain.
//!
//! An op stays until it is durable at the hub *and* the row that carries it has been applied here. An
//! acknowledgement is believed only if it names our own chain hash: of two phones from one image each would
//! else take the other's ops for its own. When it does not, new ops start a new incarnation and the old ones
//! still drain; no op ever gets another dot.
//!
//! After damage ops may be missing in the middle. Where the op behind such a hole proves the chain hash at the end
//! of it, a row without an op keeps that hash (`salvage`), and sending goes on behind the hole.

use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{Op, chain_next, chain_seed};
use gridpatrol_model::schema::RecordKind;
use rusqlite::OptionalExtension;

use crate::error::{Result, StoreError};
use crate::names::Db;
use crate::observe::Notice;
use crate::records::entity_of;
use crate::store::{Store, Work};

/// Bits of `outbox.at` that hold the rseq; the number of the replica stands above them.
pub(crate) const RSEQ_BITS: u32 = 40;
const MAX_RSEQ: u64 = (1 << RSEQ_BITS) - 1;

/// The end of a replica's chain on this phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub replica: ReplicaId,
    /// 0 before its first op.
    pub rseq: u64,
    pub c: ChainHash,
}

/// A replica of this install with ops that the hub is not known to have, or the one that takes new ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlet {
    pub head: Head,
    /// First op to send.
    pub next: u64,
    /// First op that is still here.
    pub holds_from: u64,
}

/// Consecutive ops of one replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub replica: ReplicaId,
    /// rseq of the first op.
    pub first_rseq: u64,
    /// Chain hash before the first op.
    pub prev_c: ChainHash,
    /// So many ops before the first one were lost to a damaged disk.
    pub lost: u64,
    /// Canonical bytes.
    pub ops: Vec<Vec<u8>>,
}

/// Up to where the hub says it has a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Have {
    pub replica: ReplicaId,
    pub rseq: u64,
    pub c: ChainHash,
    /// Another phone works from an image of this one.
    pub forked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckOutcome {
    /// The hub has our ops up to there.
    Believed,
    /// The hub has another branch of an older replica: what is left of ours still drains.
    Disbelieved,
    /// The hub has another branch of the replica that took new ops, or knows more of it than this phone does:
    /// new ops go to a new replica.
    NewIncarnation(Head),
}

pub(crate) struct Incarnation {
    pub no: i64,
    pub head: Head,
    base_rseq: u64,
    base_c: ChainHash,
    sent_rseq: u64,
}

/// Key of an op. A number beyond all that this phone will write names none of its ops.
pub(crate) fn key(no: i64, rseq: u64) -> i64 {
    no << RSEQ_BITS | rseq.min(MAX_RSEQ) as i64
}

pub(crate) fn dot_at(db: Db<'_>, at: i64, c: ChainHash) -> Result<Dot> {
    Ok(Dot { replica: db.name(at >> RSEQ_BITS)?, rseq: at as u64 & MAX_RSEQ, tag: c.tag() })
}

/// The incarnation that takes new ops; None before the first one.
pub(crate) fn head(db: Db<'_>) -> Result<Option<Incarnation>> {
    let newest = "SELECT max(replica) FROM incarnation";
    let no: Option<i64> = db.conn.prepare_cached(newest)?.query_row([], |row| row.get(0))?;
    no.map(|no| incarnation(db, no)).transpose()
}

fn incarnation(db: Db<'_>, no: i64) -> Result<Incarnation> {
    let replica = db.name(no)?;
    let mut find = db.conn.prepare_cached("SELECT base_rseq, base_c, sent_rseq FROM incarnation WHERE replica = ?1")?;
    let (base_rseq, base_c, sent_rseq) = find.query_row([no], |row| {
        Ok((row.get::<_, i64>(0)? as u64, ChainHash(row.get(1)?), row.get::<_, i64>(2)? as u64))
    })?;
    let mut last =
        db.conn.prepare_cached("SELECT at, c FROM outbox WHERE at BETWEEN ?1 AND ?2 ORDER BY at DESC LIMIT 1")?;
    let last: Option<(i64, ChainHash)> =
        last.query_row([key(no, 0), key(no, MAX_RSEQ)], |row| Ok((row.get(0)?, ChainHash(row.get(1)?)))).optional()?;
    let (rseq, c) = last.map_or((base_rseq, base_c), |(at, c)| (at as u64 & MAX_RSEQ, c));
    Ok(Incarnation { no, head: Head { replica, rseq, c }, base_rseq, base_c, sent_rseq })
}

/// Every incarnation of this install, oldest first.
pub(crate) fn incarnations(db: Db<'_>) -> Result<Vec<Incarnation>> {
    let mut all = db.conn.prepare_cached("SELECT replica FROM incarnation ORDER BY replica")?;
    let numbers: Vec<i64> = all.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    numbers.into_iter().map(|no| incarnation(db, no)).collect()
}

fn find(db: Db<'_>, replica: ReplicaId) -> Result<Option<Incarnation>> {
    Ok(incarnations(db)?.into_iter().find(|own| own.head.replica == replica))
}

pub(crate) fn new_incarnation(work: &Work<'_>) -> Result<Head> {
    let mut id = [0; 16];
    work.ports.rng.fill(&mut id);
    let replica = ReplicaId(id);
    let head = Head { replica, rseq: 0, c: chain_seed(replica) };
    let no = work.db.number(&replica)?;
    work.db
        .conn
        .prepare_cached("INSERT INTO incarnation (replica, base_rseq, base_c, sent_rseq) VALUES (?1, 0, ?2, 0)")?
        .execute((no, head.c.0))?;
    Ok(head)
}

pub(crate) fn append(
    db: Db<'_>,
    own: &Incarnation,
    entity: EntityId,
    parent: Option<EntityId>,
    op: &[u8],
) -> Result<()> {
    db.conn.prepare_cached("INSERT INTO outbox (at, c, entity, parent, op) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
        key(own.no, own.head.rseq),
        own.head.c.0,
        &entity.0[..],
        parent.map(|id| id.0),
        op,
    ))?;
    Ok(())
}

/// The first op at or behind a place that was not lost.
fn first_from(db: Db<'_>, own: &Incarnation, rseq: u64) -> Result<Option<u64>> {
    let mut find = db.conn.prepare_cached("SELECT min(at) FROM outbox WHERE at BETWEEN ?1 AND ?2 AND op <> x''")?;
    let first: Option<i64> = find.query_row([key(own.no, rseq), key(own.no, own.head.rseq)], |row| row.get(0))?;
    Ok(first.map(|at| at as u64 & MAX_RSEQ))
}

/// What the row of an op holds. Only damage makes it another.
pub(crate) fn decode(op: &[u8]) -> Result<Op> {
    Op::decode(op).map_err(|error| StoreError::Damaged(format!("an unsent entry: {error}")))
}

/// Own chain hash at an op, while it is known.
fn chain_at(db: Db<'_>, own: &Incarnation, rseq: u64) -> Result<Option<ChainHash>> {
    if rseq == own.base_rseq {
        return Ok(Some(own.base_c));
    }
    let mut find = db.conn.prepare_cached("SELECT c FROM outbox WHERE at = ?1")?;
    Ok(find.query_row([key(own.no, rseq)], |row| Ok(ChainHash(row.get(0)?))).optional()?)
}

/// Notes which row of the log carries an own op: from now on the hub's view has it.
pub(crate) fn mark_returned(db: Db<'_>, own: &[Incarnation], dot: Dot, packed_seq: i64) -> Result<()> {
    let Some(own) = own.iter().find(|own| own.head.replica == dot.replica) else { return Ok(()) };
    // On another branch of a cloned replica the tag is another, and the op not ours.
    db.conn
        .prepare_cached(
            "UPDATE outbox SET seq = ?2 WHERE at = ?1 AND substr(c, 1, 8) = ?3 AND (seq IS NULL OR seq < ?2)",
        )?
        .execute((key(own.no, dot.rseq), packed_seq, dot.tag))?;
    Ok(())
}

/// Lets go of the ops that the hub has for good and that came back, from the front.
pub(crate) fn prune(db: Db<'_>) -> Result<()> {
    let durable = db.durable()?;
    for own in incarnations(db)? {
        let (first, last) = (key(own.no, own.base_rseq), key(own.no, own.head.rseq));
        let mut needed = db
            .conn
            .prepare_cached("SELECT min(at) FROM outbox WHERE at BETWEEN ?1 AND ?2 AND (seq IS NULL OR seq > ?3)")?;
        let needed: Option<i64> = needed.query_row((first, last, durable), |row| row.get(0))?;
        let end = needed.map_or(own.head.rseq, |at| (at as u64 & MAX_RSEQ) - 1);
        if end <= own.base_rseq {
            continue;
        }
        if let Some(c) = chain_at(db, &own, end)? {
            db.conn
                .prepare_cached("UPDATE incarnation SET base_rseq = ?2, base_c = ?3 WHERE replica = ?1")?
                .execute((own.no, end as i64, c.0))?;
            db.conn
                .prepare_cached("DELETE FROM outbox WHERE at BETWEEN ?1 AND ?2")?
                .execute((first, key(own.no, end)))?;
        }
    }
    Ok(())
}

impl Store {
    /// The end of the chain that new ops go to.
    pub fn head(&self) -> Result<Head> {
        let own = self.read(head)?;
        Ok(own.expect("opening a store makes its first incarnation").head)
    }

    /// What is to be sent, oldest replica first; the last one takes new ops.
    pub fn outlets(&self) -> Result<Vec<Outlet>> {
        let mut all = self.read(incarnations)?;
        let newest = all.pop().into_iter();
        let unsent = all.into_iter().filter(|own| own.sent_rseq.max(own.base_rseq) < own.head.rseq);
        Ok(unsent
            .chain(newest)
            .map(|own| Outlet {
                head: own.head,
                next: own.sent_rseq.max(own.base_rseq) + 1,
                holds_from: own.base_rseq + 1,
            })
            .collect())
    }

    /// Ops of a replica from `from_rseq` on, at least one if there is one; none of a replica that is not ours.
    /// A lost reply may make the hub ask for ops again that it had acknowledged: what is still here is given.
    pub fn outgoing(
        &self,
        replica: ReplicaId,
        from_rseq: u64,
        max_ops: usize,
        max_bytes: usize,
    ) -> Result<Option<Outgoing>> {
        self.read(|db| {
            let Some(own) = find(db, replica)? else { return Ok(None) };
            let wanted = from_rseq.max(own.base_rseq + 1);
            let Some(first_rseq) = first_from(db, &own, wanted)? else { return Ok(None) };
            let Some(prev_c) = chain_at(db, &own, first_rseq - 1)? else { return Ok(None) };
            let mut read =
                db.conn.prepare_cached("SELECT at, op, c FROM outbox WHERE at BETWEEN ?1 AND ?2 ORDER BY at")?;
            let first = key(own.no, first_rseq);
            let mut rows = read.query([first, key(own.no, own.head.rseq)])?;
            let (mut ops, mut bytes, mut chain): (Vec<Vec<u8>>, usize, ChainHash) = (Vec::new(), 0, prev_c);
            while let Some(row) = rows.next()? {
                let (at, op): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
                bytes += op.len();
                let follows = at == first + ops.len() as i64 && !op.is_empty();
                if !follows || !ops.is_empty() && (ops.len() >= max_ops || bytes > max_bytes) {
                    break;
                }
                chain = chain_next(chain, &op);
                if chain != ChainHash(row.get(2)?) {
                    return Err(StoreError::Damaged("an unsent entry is not what was written".into()));
                }
                ops.push(op);
            }
            Ok(Some(Outgoing { replica, first_rseq, prev_c, lost: first_rseq - wanted, ops }))
        })
    }

    /// An own op that the hub names by its number, while it is here, and the record it is about.
    pub fn outbox_op(&self, replica: ReplicaId, rseq: u64) -> Result<Option<(Dot, EntityId, Op)>> {
        self.read(|db| {
            let Some(own) = find(db, replica)? else { return Ok(None) };
            let mut read = db.conn.prepare_cached("SELECT at, c, op, entity FROM outbox WHERE at = ?1")?;
            let found = read.query_row([key(own.no, rseq)], |row| {
                Ok((row.get(0)?, ChainHash(row.get(1)?), row.get::<_, Vec<u8>>(2)?, EntityId(row.get(3)?)))
            });
            let Some((at, c, op, entity)) = found.optional()? else { return Ok(None) };
            Ok(Some((dot_at(db, at, c)?, entity, decode(&op)?)))
        })
    }

    /// Own chain hash after `rseq` ops, while it is known.
    pub fn chain_hash(&self, replica: ReplicaId, rseq: u64) -> Result<Option<ChainHash>> {
        self.read(|db| find(db, replica)?.map_or(Ok(None), |own| chain_at(db, &own, rseq)))
    }

    /// Takes note of what the hub says it has of one of our replicas; None is said of one that is not ours.
    pub fn acked(&self, have: Have) -> Result<Option<AckOutcome>> {
        self.write(|work| {
            let Some(own) = find(work.db, have.replica)? else { return Ok(None) };
            let believed = chain_at(work.db, &own, have.rseq)? == Some(have.c);
            if believed {
                set_sent(work, &own, have.rseq)?;
            }
            if believed && !have.forked {
                return Ok(Some(AckOutcome::Believed));
            }
            let newest = head(work.db)?.is_some_and(|newest| newest.no == own.no);
            Ok(Some(match (newest, believed) {
                (true, _) => AckOutcome::NewIncarnation(new_incarnation(work)?),
                (false, true) => AckOutcome::Believed,
                (false, false) => AckOutcome::Disbelieved,
            }))
        })
    }

    /// Takes note of how far the hub's log is replicated or in a backup.
    pub fn set_durable(&self, durable: HubSeq) -> Result<()> {
        self.write(|work| {
            work.db.set_durable(durable)?;
            prune(work.db)
        })
    }
}

/// May go back: a restored hub has less than it had.
fn set_sent(work: &mut Work<'_>, own: &Incarnation, rseq: u64) -> Result<()> {
    if rseq == own.sent_rseq {
        return Ok(());
    }
    let db = work.db;
    db.conn
        .prepare_cached("UPDATE incarnation SET sent_rseq = ?2 WHERE replica = ?1")?
        .execute((own.no, rseq as i64))?;
    let (low, high) = (own.sent_rseq.min(rseq), own.sent_rseq.max(rseq));
    let mut touched = db.conn.prepare_cached(
        "SELECT DISTINCT record.entity, record.kind FROM outbox JOIN record ON record.entity = outbox.entity
         WHERE at > ?1 AND at <= ?2",
    )?;
    let mut rows = touched.query([key(own.no, low), key(own.no, high)])?;
    while let Some(row) = rows.next()? {
        let kind = row.get::<_, Option<u16>>(1)?.map(RecordKind);
        work.notices.push(Notice { entity: entity_of(row, 0)?, kind });
    }
    Ok(())
}
