//! A hub and its phones in memory: just enough of both to say on the wire what real ones would say.

use std::collections::BTreeMap;

use ed25519_dalek::{SigningKey, VerifyingKey};
use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::intake::{Author, Found, Grant, Log, judge};
use gridpatrol_model::op::{FieldKey, Op, OpKind, chain_next, chain_seed};
use gridpatrol_model::page::Item;
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::time::{SyncMoment, TimeEvidence, effective_time};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::Head;
use gridpatrol_protocol::frame::{FrameHead, Start};
use gridpatrol_protocol::page::{Held, OwnOps, PageWriter};
use gridpatrol_protocol::refs::{Expand, Shorten};

pub type Records = BTreeMap<EntityId, Record>;

#[derive(Default)]
pub struct Hub {
    pub rows: Vec<Row>,
    pub records: Records,
    verdicts: BTreeMap<Dot, (Verdict, usize)>,
    places: BTreeMap<(ReplicaId, u64), Dot>,
    creates: BTreeMap<EntityId, Dot>,
    chains: BTreeMap<Dot, ChainHash>,
}

pub struct Phone {
    pub replica: ReplicaId,
    pub key: SigningKey,
    pub author: Author,
    pub ops: Vec<(Op, ChainHash)>,
    pub acked: u64,
    pub mirror: Records,
    creates: BTreeMap<(ReplicaId, u64), EntityId>,
    places: BTreeMap<EntityId, (ReplicaId, u64)>,
    pub boot_ms: i64,
    pub seen: HubSeq,
}

impl Phone {
    pub fn new(number: u8, role: Role, county: Scope) -> Self {
        let actor = ActorId::new(format!("m-440783108224-{number:02}")).expect("short");
        let areas = vec![Grant { scope: county, until: None }];
        let key = SigningKey::from_bytes(&[number; 32]);
        let replica = ReplicaId(chain_seed(ReplicaId([number; 16])).entity().0);
        Phone {
            replica,
            key,
            author: Author { actor, role, areas, revoked: false },
            ops: Vec::new(),
            acked: 0,
            mirror: Records::new(),
            creates: BTreeMap::new(),
            places: BTreeMap::new(),
            boot_ms: 1_735_600_000_000 + i64::from(number) * 7_654_321,
            seen: HubSeq::ZERO,
        }
    }

    /// The phone's two clocks are read one after the other, so they differ by a millisecond now and then.
    pub fn clocks(&self, wall_ms: i64) -> TimeEvidence {
        let jitter = i64::from(wall_ms % 7 == 0);
        let mono_ms = (wall_ms - self.boot_ms + jitter) as u64;
        TimeEvidence { wall_ms, boot_id: 0x5eed_0000_0000_0001 ^ self.boot_ms as u64, mono_ms, gnss_ms: None }
    }

    pub fn write(&mut self, op: Op) {
        let bytes = op.encode().expect("small");
        let chain = chain_next(self.head(), &bytes);
        self.ops.push((op, chain));
    }

    pub fn head(&self) -> ChainHash {
        self.chain_at(self.ops.len() as u64)
    }

    /// Where a frame behind so many ops begins.
    pub fn start(&self, after: u64) -> Start {
        Start { replica: self.replica, rseq: after + 1, prev: self.chain_at(after), lost: 0 }
    }

    pub fn chain_at(&self, rseq: u64) -> ChainHash {
        match rseq.checked_sub(1) {
            None => chain_seed(self.replica),
            Some(at) => self.ops[at as usize].1,
        }
    }

    /// Stands where the hub stands.
    pub fn catch_up(&mut self, hub: &Hub) {
        self.mirror = hub.records.clone();
        self.creates = hub.creates.iter().map(|(entity, dot)| ((dot.replica, dot.rseq), *entity)).collect();
        self.places = self.creates.iter().map(|(place, entity)| (*entity, *place)).collect();
        self.seen = hub.end();
    }

    pub fn fold(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Row(row) = item {
                for entity in row.touched() {
                    fold(self.mirror.entry(entity).or_insert_with(|| Record::new(entity)), row);
                }
                self.seen = row.seq;
            }
        }
    }
}

impl Shorten for Phone {
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)> {
        self.places.get(&entity).copied()
    }

    fn known(&self, _: &Dot) -> bool {
        true
    }

    fn chain(&self, _: &Dot) -> Option<ChainHash> {
        None
    }
}

impl Expand for Phone {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId> {
        self.creates.get(&(replica, rseq)).copied()
    }

    fn dot(&self, entity: EntityId, key: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot> {
        let live = self.mirror.get(&entity)?.live(key);
        live.iter().map(|write| write.dot).find(|dot| (dot.replica, dot.rseq) == (replica, rseq))
    }
}

impl OwnOps for Phone {
    fn own(&self, rseq: u64) -> Option<(Dot, EntityId, Op)> {
        let (op, chain) = self.ops.get(rseq.checked_sub(1)? as usize)?;
        let dot = Dot { replica: self.replica, rseq, tag: chain.tag() };
        Some((dot, op.entity.unwrap_or_else(|| chain.entity()), op.clone()))
    }
}

impl Hub {
    pub fn end(&self) -> HubSeq {
        self.rows.last().map_or(HubSeq { epoch: 1, n: 0 }, |row| row.seq)
    }

    pub fn have(&self, phone: &Phone) -> Head {
        let last = self.places.range((phone.replica, 0)..=(phone.replica, u64::MAX)).next_back();
        let rseq = last.map_or(0, |((_, rseq), _)| *rseq);
        Head { rseq, chain: phone.chain_at(rseq) }
    }

    pub fn take(&mut self, frame: &[u8], author: &Author, key: &VerifyingKey, now_ms: i64, phone: TimeEvidence) {
        let frame = FrameHead::decode(frame).expect("a frame").open(self, key).expect("signed");
        for at in 0..frame.ops.len() {
            let (dot, entity, op) = (frame.dot(at), frame.entity(at), frame.ops[at].op.clone());
            let moment = SyncMoment {
                hub_now_ms: now_ms,
                phone_boot_id: phone.boot_id,
                phone_mono_ms: phone.mono_ms,
                seen_ms: i64::MIN,
            };
            let eff = effective_time(&op.time, &moment);
            let seq = HubSeq { epoch: 1, n: self.rows.len() as u64 + 1 };
            self.chains.insert(dot, frame.ops[at].chain);
            let row = judge(&*self, author, seq, dot, entity, eff, op);
            self.append(row);
        }
    }

    fn append(&mut self, row: Row) {
        for entity in row.touched() {
            fold(self.records.entry(entity).or_insert_with(|| Record::new(entity)), &row);
        }
        self.verdicts.insert(row.dot, (row.verdict, self.rows.len()));
        self.places.insert((row.dot.replica, row.dot.rseq), row.dot);
        if let OpKind::Create { .. } = row.op.kind {
            self.creates.insert(row.entity, row.dot);
        }
        self.rows.push(row);
    }

    /// Everything after a cursor, for a phone that still holds its own ops.
    pub fn page(&self, from: HubSeq, held: Held) -> Vec<u8> {
        let rows = &self.rows[from.n as usize..];
        let shown = Shown { hub: self, from };
        let mut writer = PageWriter::new(from, held, &shown);
        let mut to = from;
        for row in rows {
            if writer.is_full() {
                break;
            }
            writer.push(&Item::Row(row.clone()));
            to = row.seq;
        }
        writer.finish(to, to != self.end())
    }
}

/// What a phone at a cursor can look up: records it has, and no write that may have been replaced since.
struct Shown<'h> {
    hub: &'h Hub,
    from: HubSeq,
}

impl Shorten for Shown<'_> {
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)> {
        let dot = self.hub.creates.get(&entity)?;
        let (_, at) = self.hub.verdicts[dot];
        (self.hub.rows[at].seq <= self.from).then_some((dot.replica, dot.rseq))
    }

    fn known(&self, _: &Dot) -> bool {
        false
    }

    fn chain(&self, dot: &Dot) -> Option<ChainHash> {
        self.hub.chains.get(dot).copied()
    }
}

impl Expand for Hub {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId> {
        let dot = self.places.get(&(replica, rseq))?;
        Some(self.rows[self.verdicts[dot].1].entity)
    }

    fn dot(&self, _: EntityId, _: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot> {
        self.places.get(&(replica, rseq)).copied()
    }
}

impl Log for Hub {
    fn record(&self, entity: EntityId) -> Option<Record> {
        self.records.get(&entity).cloned()
    }

    fn find(&self, dot: Dot) -> Option<Found> {
        let (verdict, at) = self.verdicts.get(&dot)?;
        Some(Found { verdict: *verdict, op: self.rows[*at].op.clone() })
    }

    fn lay_in(&self, entity: EntityId, scope: &Scope) -> bool {
        self.rows.iter().any(|row| row.entity == entity && row.scopes.contains(scope))
    }
}
