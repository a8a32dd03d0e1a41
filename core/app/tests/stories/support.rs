//! A phone with a clock that a story sets, and an office that is the model's intake and fold over a list.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use gridpatrol_core::{Clock, ClockReading, Config, Fix, Gridpatrol, GridpatrolError, Key, NewCase, Ports, Rng};
use gridpatrol_model::area::Scope;
use gridpatrol_model::author::{edit, first};
use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq};
use gridpatrol_model::intake::{Author, Found, Grant, Log, judge, send_back};
use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_model::op::{Op, OpKind, Set, chain_next};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::{Decision, Row};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::Role;
use gridpatrol_store::{Draft, Have, Store};
use gridpatrol_world::World;

pub const MORNING: i64 = 1_795_478_400_000;
pub const MINUTE: i64 = 60_000;
pub const ME: &str = "网格员·仲和·01";
pub const OTHER: &str = "网格员·仲和·02";
const OFFICE: &str = "塘口镇·网格办";

/// Wall clock and monotonic clock, apart as on a phone.
pub struct Hands {
    wall_ms: AtomicI64,
    mono_ms: AtomicI64,
}

impl Hands {
    pub fn pass(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::Relaxed);
        self.mono_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Somebody sets the wall clock.
    pub fn set_wall(&self, by_ms: i64) {
        self.wall_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    pub fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::Relaxed)
    }
}

impl Clock for Hands {
    fn now(&self) -> ClockReading {
        // No two writes happen in one millisecond.
        self.pass(1);
        let mono_ms = self.mono_ms.load(Ordering::Relaxed) as u64;
        ClockReading { wall_ms: self.wall_ms(), boot_id: 1, mono_ms, gnss_ms: None }
    }
}

pub struct Counting;

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
    }
}

/// One member's phone: it can be killed and opened again.
pub struct Phone {
    pub dir: tempfile::TempDir,
    pub clock: Arc<Hands>,
    member: &'static str,
    app: Option<Gridpatrol>,
}

impl Phone {
    pub fn of(member: &'static str) -> Phone {
        let dir = tempfile::tempdir().expect("a folder for the phone");
        let clock = Arc::new(Hands { wall_ms: AtomicI64::new(MORNING), mono_ms: AtomicI64::new(1_000) });
        Phone { dir, clock, member, app: None }
    }

    /// Opens the app if it is not open.
    pub fn app(&mut self) -> &Gridpatrol {
        let ports = self.ports();
        self.app.get_or_insert_with(|| {
            let config = Config { dir: ports.1, member: self.member.to_owned(), key: Key::Plain };
            Gridpatrol::open(config, ports.0).expect("the folder can be used").0
        })
    }

    fn ports(&self) -> (Ports, std::path::PathBuf) {
        let ports = Ports { clock: self.clock.clone(), rng: Arc::new(Counting), vfs: None };
        (ports, self.dir.path().to_owned())
    }

    /// The system ends the app: nothing is said to it before.
    pub fn kill(&mut self) {
        self.app = None;
    }

    /// Reaches the store below, as a sync does.
    pub fn below<T>(&mut self, act: impl FnOnce(&Store) -> T) -> T {
        self.kill();
        let (ports, dir) = self.ports();
        let member = ActorId::new(self.member).expect("short");
        act(&Store::open(&dir, &member, Key::Plain, ports).expect("the folder can be used").store)
    }

    pub fn sync(&mut self, hub: &mut Hub) {
        let role = Role::Member;
        self.below(|store| {
            hub.take(store, role);
            hub.give(store);
        });
    }
}

/// Decides and folds as the hub does.
#[derive(Default)]
pub struct Hub {
    records: BTreeMap<EntityId, Record>,
    ops: BTreeMap<Dot, Found>,
    rows: Vec<Row>,
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
    /// An office that has entered one grid of the synthetic county with its places.
    pub fn with_grid(world: &World) -> Hub {
        let mut office = Phone::of(OFFICE);
        let mut hub = Hub::default();
        office.below(|store| {
            let grid = &world.grids[0];
            let ring: Vec<Value> =
                grid.polygon.iter().flat_map(|at| [at.lon(), at.lat()]).map(|part| Value::int(part.into())).collect();
            let sets = vec![
                first(FieldNo::NAME, Value::text(&grid.name)),
                first(FieldNo::GRID_CODE, Value::text(grid.code.as_str())),
                first(FieldNo::RING, Value::list(&ring)),
            ];
            store.save(|batch| batch.add(create(RecordKind::GRID, sets))).expect("there is room");
            for place in world.places.iter().filter(|place| place.grid == grid.code) {
                let at = Position { lon_e7: place.position.lon(), lat_e7: place.position.lat(), accuracy_dm: None };
                let sets = vec![
                    first(FieldNo::NAME, Value::text(&place.name)),
                    first(FieldNo::PLACE_KIND, Value::text(place.kind.as_str())),
                    first(FieldNo::INTERVAL_DAYS, Value::int(place.interval_days.into())),
                    first(FieldNo::POSITION, Value::position(at)),
                ];
                store.save(|batch| batch.add(create(RecordKind::PLACE, sets))).expect("there is room");
            }
            hub.take(store, Role::Supervisor);
        });
        hub
    }

    fn next(&self) -> HubSeq {
        HubSeq { epoch: 1, n: self.rows.len() as u64 + 1 }
    }

    fn enter(&mut self, row: Row) {
        for entity in row.touched() {
            fold(self.records.entry(entity).or_insert_with(|| Record::new(entity)), &row);
        }
        self.ops.insert(row.dot, Found { verdict: row.verdict, op: row.op.clone() });
        self.rows.push(row);
    }

    fn take(&mut self, store: &Store, role: Role) {
        let areas = vec![Grant { scope: Scope::parse("440783108224").expect("a village"), until: None }];
        let author = Author { actor: store.member().clone(), role, areas, revoked: false };
        for outlet in store.outlets().expect("readable") {
            let replica = outlet.head.replica;
            let Some(out) = store.outgoing(replica, outlet.next, 500, 1 << 20).expect("readable") else { continue };
            let mut c = out.prev_c;
            for (bytes, rseq) in out.ops.iter().zip(out.first_rseq..) {
                c = chain_next(c, bytes);
                let dot = Dot { replica, rseq, tag: c.tag() };
                let op = Op::decode(bytes).expect("written by the store");
                let entity = op.entity.unwrap_or_else(|| c.entity());
                // The phones were started at one moment and not since: their wall clocks do not matter.
                let eff = EffectiveTime { ms: MORNING + op.time.mono_ms as i64, quality: TimeQuality::SameBoot };
                let row = judge(self, &author, self.next(), dot, entity, eff, op);
                self.enter(row);
            }
            let rseq = out.first_rseq + out.ops.len() as u64 - 1;
            store.acked(Have { replica, rseq, c, forked: false }).expect("writable");
        }
    }

    fn give(&self, store: &Store) {
        let from = store.cursor().expect("readable").seq;
        let items = self.rows.iter().filter(|row| row.seq > from).cloned().map(Item::Row).collect();
        let to = HubSeq { n: self.rows.len() as u64, epoch: 1 };
        store.apply(&Page { from, to, items, more: false }, [1; 8], &[]).expect("the page follows");
    }

    /// The office puts two new grids in the place of the one.
    pub fn supersede_grid(&mut self) {
        let mut office = Phone::of(OFFICE);
        office.below(|store| {
            self.give(store);
            let grid = self.records.values().find(|record| record.kind == Some(RecordKind::GRID));
            let grid = grid.expect("the office entered one");
            let sets = vec![edit(grid, FieldNo::SUPERSEDED_BY, Value::text("440783108224002 440783108224003"))];
            let scope = Scope::parse(GRID).expect("a grid");
            let draft = Draft { kind: OpKind::Set, entity: Some(grid.entity), scope, sets };
            store.save(|batch| batch.add(draft)).expect("there is room");
            self.take(store, Role::Supervisor);
        });
    }

    /// A supervisor sends back the held work on a record.
    pub fn send_back(&mut self, record: &str, words: &str) {
        let entity: EntityId = record.parse().expect("an id of the facade");
        let held = self.records[&entity].held.iter().find(|work| matches!(work.state, HeldState::Held(_)));
        let dot = held.expect("something of it is held").dot;
        let row = self.rows.iter().rfind(|row| row.dot == dot).expect("it is in the log").clone();
        let by = ActorId::new(OFFICE).expect("short");
        let decision = Decision { by, reason: Some(words.into()), due_ms: Some(MORNING) };
        let back = send_back(self, self.next(), &row, decision);
        self.enter(back);
    }
}

fn create(kind: RecordKind, sets: Vec<Set>) -> Draft {
    Draft { kind: OpKind::Create { kind }, entity: None, scope: Scope::parse(GRID).expect("a grid"), sets }
}

pub const GRID: &str = "440783108224001";

pub fn world() -> World {
    let world = World::with_villages(7, 1);
    assert_eq!(world.grids[0].code.as_str(), GRID);
    world
}

/// A phone that has the office's grid and places.
pub fn ready(hub: &mut Hub, member: &'static str) -> Phone {
    let mut phone = Phone::of(member);
    phone.sync(hub);
    phone
}

pub fn case(words: &str) -> NewCase {
    NewCase {
        category: None,
        description: words.to_owned(),
        location_text: None,
        position: None,
        place: None,
        severity: None,
        no_photo: None,
        self_handled: false,
        photos: Vec::new(),
    }
}

/// A fix `step` steps of ten metres on the way east.
pub fn fix(time_ms: i64, step: i32) -> Fix {
    Fix {
        time_ms: Some(time_ms),
        lon_e7: 1_125_800_000 + step * 1_000,
        lat_e7: 223_700_000,
        ele_dm: None,
        accuracy_dm: Some(60),
        speed_cms: None,
        heading_cdeg: None,
        mock: Some(false),
        moving: None,
    }
}

/// The message of a refusal, which must have its text in both languages.
pub fn refused<T>(result: Result<T, GridpatrolError>) -> String {
    let error = result.err().expect("refused");
    assert!(Lang::ALL.iter().all(|lang| Messages::new(*lang).has(error.message())), "{error}");
    error.message().to_owned()
}

pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("there is room");
    path.to_string_lossy().into_owned()
}
