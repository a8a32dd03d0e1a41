//! The bytes of `wire` again, through the product: real stores, the sync engine and a real hub over HTTP. A sync asks
//! until both sides are quiet, so this counts requests too.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gridpatrol_hub::cell::Ports as HubPorts;
use gridpatrol_hub::phone::normal_code;
use gridpatrol_hub::serve::{Hub, Options};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::op::OpKind;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_store::{Clock, Draft, Key, Moment, Ports, Rng, Store};
use gridpatrol_sync::{Cancel, Done, Engine, Http, enrol};
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use crate::report::{Goal, Line};
use crate::workload::{Edit, Event, Workload};
use crate::{case, disk};

const CREATES: usize = 10_000;
const EDITS: usize = 1_000;
/// Milliseconds UTC at which the phones find a network.
const EVENING_MS: i64 = 1_736_100_000_000;

pub fn measure() -> Vec<Line> {
    let load = Workload::new(1, CREATES, EDITS);
    let county = County::start();
    let writer = county.phone(3, Role::Member);
    let ids = writer.create_all(&load.events);
    let pushed = writer.sync(&county);
    let (a, b) = (county.phone(1, Role::Member), county.phone(2, Role::Lead));
    a.sync(&county);
    b.sync(&county);
    let idle = a.sync(&county);
    for (phone, edits) in [(&a, &load.by_a), (&b, &load.by_b)] {
        edits.iter().for_each(|change| phone.edit(ids[change.event], change));
    }
    let legs = [a.sync(&county), b.sync(&county), a.sync(&county)];
    county.assert_converged(&ids, &[&a, &b]);

    let (all, requests) = legs.iter().fold((0, 0), |sum, leg| (sum.0 + bytes(leg), sum.1 + leg.requests));
    let line = |what: &str, value: u64| Line::new("sync", what, value as f64, "bytes");
    let count = |what: &str, value: u64| Line::new("sync", what, value as f64, "");
    vec![
        line("10,000 creates: bodies pushed", pushed.push_bytes).goal(Goal::AtMost(650_000.0)),
        count("  requests", pushed.requests),
        line("2,000 edits: all legs", all).goal(Goal::AtMost(60_000.0)),
        count("  requests", requests),
        line("nothing to do: request", idle.push_bytes).goal(Goal::AtMost(300.0)),
        line("nothing to do: reply", idle.pull_bytes).goal(Goal::AtMost(300.0)),
        count("  requests", idle.requests).goal(Goal::AtMost(1.0)),
    ]
}

fn bytes(done: &Done) -> u64 {
    done.push_bytes + done.pull_bytes
}

struct County {
    dir: TempDir,
    runtime: tokio::runtime::Runtime,
    hub: Option<Hub>,
}

struct Phone {
    store: Store,
    world: Arc<World>,
    role: Role,
}

/// A phone's clock, which the workload sets, and chance from a seed.
struct World {
    wall_ms: AtomicI64,
    seed: u64,
    drawn: AtomicI64,
}

impl Clock for World {
    fn now(&self) -> Moment {
        let wall_ms = self.wall_ms.load(Ordering::Relaxed);
        Moment { wall_ms, boot_id: self.seed, mono_ms: wall_ms.unsigned_abs() % 1_000_000_000, gnss_ms: None }
    }
}

impl Rng for World {
    fn fill(&self, bytes: &mut [u8]) {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed << 32 | self.drawn.fetch_add(1, Ordering::Relaxed) as u64);
        rng.fill_bytes(bytes);
    }
}

impl County {
    fn start() -> Self {
        let dir = disk::folder();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let options = Options::loopback(dir.path().join("hub"), "440783");
        let ports = HubPorts { now_ms: Arc::new(|| EVENING_MS), random: Arc::new(|bytes| rand::fill(bytes)) };
        let hub = runtime.block_on(Hub::start(options, ports)).expect("an empty folder");
        County { dir, runtime, hub: Some(hub) }
    }

    fn hub(&self) -> &Hub {
        self.hub.as_ref().expect("it runs until it is dropped")
    }

    fn url(&self) -> String {
        format!("http://{}", self.hub().address)
    }

    fn phone(&self, number: u8, role: Role) -> Phone {
        let member = ActorId::new(format!("m-440783108224-{number:02}")).expect("short");
        let world = World { wall_ms: EVENING_MS.into(), seed: number.into(), drawn: 0.into() };
        let world = Arc::new(world);
        let ports = Ports { clock: world.clone(), rng: world.clone(), vfs: None };
        let dir = self.dir.path().join(format!("phone-{number}"));
        let store = Store::open(&dir, &member, Key::Plain, ports).expect("an empty folder").store;
        let (code, county) = (format!("BENCH{number}"), Scope::parse("440783").expect("Kaiping"));
        let normal = normal_code(&code);
        let known = self.hub().cell.write(move |batch| {
            batch.put_member(&member, "网格员·仲和", role, &[county])?;
            batch.put_code(&member, &normal)
        });
        known.expect("a new member");
        let http = Http::new(&self.url(), None).expect("a client");
        enrol(&store, &http, &EnrolLink { hub: self.url(), key: None, code }, &*world).expect("the code is good");
        Phone { store, world, role }
    }

    fn assert_converged(&self, ids: &[EntityId], phones: &[&Phone]) {
        for id in ids {
            let record = self.hub().cell.read(|state| gridpatrol_hub::cell::read::record(state, *id));
            let bytes = record.expect("readable").expect("the hub has it").encode();
            for phone in phones {
                assert!(phone.store.mirror_bytes(*id).expect("readable").as_ref() == Some(&bytes), "both end alike");
            }
        }
    }
}

impl Drop for County {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.take() {
            self.runtime.block_on(hub.stop());
        }
    }
}

impl Phone {
    fn create_all(&self, events: &[Event]) -> Vec<EntityId> {
        let mut ids = Vec::new();
        for (number, event) in events.iter().enumerate() {
            self.world.wall_ms.store(event.created_ms, Ordering::Relaxed);
            let draft = Draft {
                kind: OpKind::Create { kind: RecordKind::CASE },
                entity: None,
                scope: case::grid(event.grid),
                // As in `wire`: cases without a place.
                sets: case::sets(event, number).into_iter().filter(|set| set.key.no != FieldNo::PLACE).collect(),
            };
            ids.push(self.store.save(|batch| batch.add(draft)).expect("there is room").entity);
        }
        self.world.wall_ms.store(EVENING_MS, Ordering::Relaxed);
        ids
    }

    fn edit(&self, entity: EntityId, change: &Edit) {
        let record = self.store.record(entity).expect("readable").expect("it was pulled").record;
        let (kind, sets) = case::change(&record, change, self.role);
        self.world.wall_ms.store(EVENING_MS - 50_000_000 + change.after_ms, Ordering::Relaxed);
        let scope = record.scope.expect("created");
        let draft = Draft { kind, entity: Some(entity), scope, sets };
        self.store.save(|batch| batch.add(draft)).expect("there is room");
        self.world.wall_ms.store(EVENING_MS, Ordering::Relaxed);
    }

    fn sync(&self, county: &County) -> Done {
        let http = Http::new(&county.url(), None).expect("a client");
        let mut engine = Engine::new(&self.store, http, &*self.world).expect("enrolled");
        engine.run(&Cancel::default(), |_| ()).expect("the hub answers")
    }
}
