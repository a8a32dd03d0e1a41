//! Phones on real folders and a hub that is nothing but the model's intake and fold over a list.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq};
use gridpatrol_model::intake::{Author, Found, Grant, Log, judge, send_back};
use gridpatrol_model::op::{Op, OpKind, Set, chain_next};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Decision, Row};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_store::{AckOutcome, Clock, Draft, Have, Key, Moment, Opened, Ports, Rng, Saved, Store, StoreError};

pub const NOW: i64 = 1_795_500_000_000;

struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Moment {
        let tick = self.0.fetch_add(1_000, Ordering::Relaxed);
        Moment { wall_ms: NOW + tick, boot_id: 1, mono_ms: tick as u64, gnss_ms: None }
    }
}

/// Never the same bytes twice in a process, as from a real source.
struct Counting;

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
    }
}

pub fn ports() -> Ports {
    Ports { clock: Arc::new(Ticking(AtomicI64::new(0))), rng: Arc::new(Counting), vfs: None }
}

pub fn member(number: u8) -> ActorId {
    ActorId::new(format!("网格员·仲和·{number:02}")).expect("short")
}

pub fn grid() -> Scope {
    Scope::parse("440783108224001").expect("a grid")
}

pub fn open(dir: &Path, number: u8) -> Opened {
    Store::open(dir, &member(number), Key::Plain, ports()).expect("the folder can be used")
}

pub fn phone(dir: &Path, number: u8) -> Store {
    let opened = open(dir, number);
    assert_eq!(opened.reports, [], "nothing to report about a healthy folder");
    opened.store
}

pub fn create(kind: RecordKind, sets: Vec<Set>) -> Draft {
    Draft { kind: OpKind::Create { kind }, entity: None, scope: grid(), sets }
}

pub fn report(store: &Store, words: &str) -> Saved {
    let sets = vec![
        author::first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
        author::first(FieldNo::DESCRIPTION, Value::text(words)),
    ];
    store.save(|batch| batch.add(create(RecordKind::CASE, sets))).expect("there is room")
}

pub fn edit(store: &Store, entity: EntityId, no: FieldNo, value: Value) -> Saved {
    let shown = store.record(entity).expect("readable").expect("it is here").record;
    let sets = vec![author::edit(&shown, no, value)];
    let draft = Draft { kind: OpKind::Set, entity: Some(entity), scope: grid(), sets };
    store.save(|batch| batch.add(draft)).expect("there is room")
}

pub fn words(store: &Store, entity: EntityId) -> Option<String> {
    let view = store.record(entity).expect("readable")?;
    view.record.text(FieldNo::DESCRIPTION).map(str::to_owned)
}

#[derive(Default)]
pub struct Hub {
    pub records: BTreeMap<EntityId, Record>,
    pub ops: BTreeMap<Dot, Found>,
    pub rows: Vec<Row>,
    pub chains: BTreeMap<gridpatrol_model::ids::ReplicaId, (u64, ChainHash)>,
}

impl Log for Hub {
    fn record(&self, entity: EntityId) -> Option<Record> {
        self.records.get(&entity).cloned()
    }

    fn find(&self, dot: Dot) -> Option<Found> {
        self.ops.get(&dot).map(|found| Found { verdict: found.verdict, op: found.op.clone() })
    }

    fn lay_in(&self, entity: EntityId, scope: &Scope) -> bool {
        self.rows.iter().any(|row| row.entity == entity && row.scopes.contains(scope))
    }
}

impl Hub {
    pub fn seq(&self) -> HubSeq {
        HubSeq { epoch: 1, n: self.rows.len() as u64 }
    }

    fn next(&self) -> HubSeq {
        HubSeq { n: self.seq().n + 1, ..self.seq() }
    }

    pub fn author(actor: &ActorId) -> Author {
        let village = Scope::parse("440783108224").expect("a village");
        let areas = vec![Grant { scope: village, until: None }];
        Author { actor: actor.clone(), role: Role::Member, areas, revoked: false }
    }

    fn enter(&mut self, row: Row) {
        for entity in row.touched() {
            fold(self.records.entry(entity).or_insert_with(|| Record::new(entity)), &row);
        }
        self.ops.insert(row.dot, Found { verdict: row.verdict, op: row.op.clone() });
        self.rows.push(row);
    }

    /// Takes what the phone has to send, and acknowledges it.
    pub fn take(&mut self, store: &Store) {
        self.take_as(store, &Self::author(store.member()));
    }

    pub fn take_as(&mut self, store: &Store, author: &Author) {
        for outlet in store.outlets().expect("readable") {
            let replica = outlet.head.replica;
            let Some(out) = store.outgoing(replica, outlet.next, 500, 65_536).expect("readable") else { continue };
            let mut c = out.prev_c;
            for (bytes, rseq) in out.ops.iter().zip(out.first_rseq..) {
                c = chain_next(c, bytes);
                let dot = Dot { replica, rseq, tag: c.tag() };
                self.chains.insert(replica, (rseq, c));
                let op = Op::decode(bytes).expect("written by the store");
                let entity = op.entity.unwrap_or_else(|| c.entity());
                let eff = EffectiveTime { ms: op.time.wall_ms, quality: TimeQuality::SameBoot };
                let row = judge(self, author, self.next(), dot, entity, eff, op);
                self.enter(row);
            }
            self.acknowledge(store);
        }
    }

    pub fn acknowledge(&self, store: &Store) {
        for (replica, (rseq, c)) in &self.chains {
            let outcome = store.acked(Have { replica: *replica, rseq: *rseq, c: *c, forked: false }).expect("writable");
            assert!(matches!(outcome, None | Some(AckOutcome::Believed)), "the chains agree");
        }
    }

    pub fn send_back(&mut self, dot: Dot, reason: &str) {
        let held = self.rows.iter().rfind(|row| row.dot == dot).expect("it was sent").clone();
        let by = ActorId::new("塘口镇·主任").expect("short");
        let decision = Decision { by, reason: Some(reason.into()), due_ms: None };
        let row = send_back(self, self.next(), &held, decision);
        self.enter(row);
    }

    pub fn page(&self, from: HubSeq) -> Page {
        let items = self.rows.iter().filter(|row| row.seq > from).cloned().map(Item::Row).collect();
        Page { from, to: self.seq(), items, more: false }
    }

    /// Brings the phone up to date.
    pub fn give(&self, store: &Store) {
        let from = store.cursor().expect("readable").seq;
        store.apply(&self.page(from), [1; 8], &[]).expect("the page follows");
    }

    pub fn sync(&mut self, store: &Store) {
        self.take(store);
        self.give(store);
    }

    /// Everything that the phone mirrors is byte for byte what the hub has.
    pub fn assert_equal(&self, store: &Store) {
        let here = store.mirrored(None, 1_000).expect("readable");
        assert_eq!(here, self.records.keys().copied().collect::<Vec<_>>());
        for (entity, record) in &self.records {
            assert_eq!(store.mirror_bytes(*entity).expect("readable"), Some(record.encode()), "{entity}");
        }
    }
}

pub fn refused<T>(result: Result<T, StoreError>) -> StoreError {
    result.err().expect("refused")
}
