//! A hub on port 0 and phones that talk to it over real HTTP.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ed25519_dalek::{Signer, SigningKey};
use gridpatrol_hub::cell::{Batch, Cell, CellError, Ports};
use gridpatrol_hub::phone::normal_code;
use gridpatrol_hub::serve::{Hub, Options};
use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::ids::{ActorId, ChainHash, EntityId, ReplicaId};
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::{OpKind, Set, chain_next};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_protocol::auth::upload_message;
use gridpatrol_protocol::frame::{Frame, FramedOp, Start};
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_protocol::request::key_id;
use gridpatrol_store::{Clock, Draft, Key, Report, Rng, Store};
use gridpatrol_sync::{Cancel, Done, Engine, Http, SyncError, Transport, TransportError};
use tempfile::TempDir;

pub const VILLAGE: &str = "440783108224";
pub const NEXT_VILLAGE: &str = "440783108225";
pub const GRID: &str = "440783108224001";

pub struct Field {
    pub dir: TempDir,
    pub runtime: tokio::runtime::Runtime,
    pub hub: Option<Hub>,
    seed: AtomicU64,
}

/// A phone's clock that the test turns by hand.
pub struct TestClock {
    wall_ms: AtomicI64,
    mono_ms: AtomicU64,
    boot_id: AtomicU64,
}

pub struct Phone {
    pub store: Store,
    pub clock: Arc<TestClock>,
    dir: std::path::PathBuf,
    member: ActorId,
    seed: u64,
}

struct Seeded(AtomicU64);

impl Rng for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed >> 56) as u8;
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> TimeEvidence {
        self.pass(1_000);
        TimeEvidence {
            wall_ms: self.wall_ms.load(Ordering::Relaxed),
            boot_id: self.boot_id.load(Ordering::Relaxed),
            mono_ms: self.mono_ms.load(Ordering::Relaxed),
            gnss_ms: None,
        }
    }
}

impl TestClock {
    pub fn pass(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::Relaxed);
        self.mono_ms.fetch_add(ms.unsigned_abs(), Ordering::Relaxed);
    }
}

impl Field {
    pub fn new() -> Self {
        let mut field = Self::not_started();
        field.start();
        field
    }

    /// A hub that goes on from a copy of a folder, with a phone of it and what its store reports.
    pub fn copied_from(folder: &Path, name: &str) -> (Self, Phone, Vec<Report>) {
        let mut field = Self::not_started();
        copy(folder, field.dir.path());
        field.start();
        let (member, seed) = (Self::member(name), 77);
        let (phone, reports) = reopen(&field.dir.path().join("phone"), member, clock(seed), seed);
        (field, phone, reports)
    }

    fn not_started() -> Self {
        Field {
            dir: TempDir::new().expect("a temporary folder"),
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
            hub: None,
            seed: AtomicU64::new(1),
        }
    }

    fn member(name: &str) -> ActorId {
        ActorId::new(format!("m-{VILLAGE}-{name}")).expect("short")
    }

    /// Leaves the hub's folder and a phone's, closed, in a folder.
    pub fn freeze(&mut self, phone: &Phone, to: &Path) {
        phone.store.pause();
        self.stop();
        copy(&self.dir.path().join("hub"), &to.join("hub"));
        copy(&phone.dir, &to.join("phone"));
    }

    pub fn start(&mut self) {
        let options = Options::loopback(self.dir.path().join("hub"), "440783");
        self.hub = Some(self.runtime.block_on(Hub::start(options, ports())).expect("the hub starts"));
    }

    pub fn stop(&mut self) {
        let hub = self.hub.take().expect("a running hub");
        self.runtime.block_on(hub.stop());
    }

    /// Copies the hub's folder while it is stopped.
    pub fn back_up(&mut self) {
        self.stop();
        copy(&self.dir.path().join("hub"), &self.dir.path().join("backup"));
        self.start();
    }

    /// Puts the copy in place of what the hub has.
    pub fn restore(&mut self) {
        self.stop();
        std::fs::remove_dir_all(self.dir.path().join("hub")).expect("a folder");
        copy(&self.dir.path().join("backup"), &self.dir.path().join("hub"));
        self.start();
    }

    pub fn cell(&self) -> &Cell {
        &self.hub.as_ref().expect("a running hub").cell
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.hub.as_ref().expect("a running hub").address)
    }

    pub fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Batch<'_>) -> gridpatrol_hub::cell::Result<T> + Send + 'static,
    ) -> T {
        self.cell().write(job).expect("the hub takes it")
    }

    /// A phone that is enrolled for some areas.
    pub fn phone(&self, name: &str, areas: &[&str]) -> Phone {
        let phone = self.unenrolled(&Self::member(name));
        self.enrol(&phone, areas);
        phone
    }

    pub fn unenrolled(&self, member: &ActorId) -> Phone {
        let seed = self.seed.fetch_add(1_000_003, Ordering::Relaxed);
        let dir = self.dir.path().join(format!("phone-{seed}"));
        open(&dir, member.clone(), clock(seed), seed)
    }

    pub fn enrol(&self, phone: &Phone, areas: &[&str]) {
        let code = self.code(&phone.member, areas);
        let http = Http::new(&self.url(), None).expect("a client");
        let link = EnrolLink { hub: self.url(), key: None, code };
        gridpatrol_sync::enrol(&phone.store, &http, &link, &Seeded(AtomicU64::new(phone.seed + 7)))
            .expect("the code is good");
    }

    /// A one-time code for a member.
    pub fn code(&self, member: &ActorId, areas: &[&str]) -> String {
        let code = format!("CODE-{}", self.seed.fetch_add(1, Ordering::Relaxed));
        let areas: Vec<Scope> = areas.iter().map(|area| area.parse().expect("a scope")).collect();
        let (member, normal) = (member.clone(), normal_code(&code));
        self.write(move |batch| {
            batch.put_member(&member, "网格员·仲和·03", Role::Member, &areas)?;
            batch.put_code(&member, &normal)
        });
        code
    }

    pub fn supervisor(&self) -> Author {
        Author {
            actor: ActorId::new("s-kaiping").expect("short"),
            role: Role::Supervisor,
            areas: vec![Grant { scope: "440783".parse().expect("a county"), until: None }],
            revoked: false,
        }
    }

    /// A record as the hub has it.
    pub fn at_hub(&self, entity: EntityId) -> Option<gridpatrol_model::record::Record> {
        self.cell().read(|state| gridpatrol_hub::cell::read::record(state, entity)).expect("the hub answers")
    }

    /// While it is held, the hub can read its database and not write.
    pub fn locked(&self) -> rusqlite::Connection {
        let other = rusqlite::Connection::open(self.dir.path().join("hub/cell.db")).expect("a database");
        other.execute_batch("BEGIN IMMEDIATE").expect("nobody writes just now");
        other
    }

    /// Ops that phones said they lost.
    pub fn lost(&self) -> i64 {
        let sum = "SELECT coalesce(sum(to_rseq - from_rseq + 1), 0) FROM lost";
        self.cell().read(|state| Ok(state.query_row(sum, [], |row| row.get(0))?)).expect("the hub answers")
    }

    /// Every record of the hub in a phone's areas is byte-equal on the phone, and nothing waits there.
    pub fn assert_converged(&self, phones: &[&Phone]) {
        for phone in phones {
            assert_eq!(phone.store.waiting().expect("readable").records, 0, "an empty outbox");
            for scope in phone.store.view().expect("readable") {
                let records = self
                    .cell()
                    .read(|state| gridpatrol_hub::cell::read::records_of(state, &scope, None, 100_000))
                    .expect("the hub answers");
                assert!(!records.is_empty(), "there is something to compare");
                for record in records {
                    let mirror = phone.store.mirror_bytes(record.entity).expect("readable");
                    assert_eq!(mirror, Some(record.encode()), "record {} of {scope}", record.entity);
                }
            }
        }
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        if self.hub.is_some() {
            self.stop();
        }
    }
}

fn clock(boot_id: u64) -> Arc<TestClock> {
    Arc::new(TestClock {
        wall_ms: AtomicI64::new(1_795_500_000_000),
        mono_ms: AtomicU64::new(5_000_000),
        boot_id: AtomicU64::new(boot_id),
    })
}

fn open(dir: &Path, member: ActorId, clock: Arc<TestClock>, seed: u64) -> Phone {
    let (phone, reports) = reopen(dir, member, clock, seed);
    assert!(reports.is_empty(), "{reports:?}");
    phone
}

fn reopen(dir: &Path, member: ActorId, clock: Arc<TestClock>, seed: u64) -> (Phone, Vec<Report>) {
    let ports =
        gridpatrol_store::Ports { clock: clock.clone(), rng: Arc::new(Seeded(AtomicU64::new(seed))), vfs: None };
    let opened = Store::open(dir, &member, Key::Plain, ports).expect("the store opens");
    (Phone { store: opened.store, clock, dir: dir.to_owned(), member, seed }, opened.reports)
}

impl Phone {
    pub fn sync(&self, field: &Field) -> Done {
        self.try_sync(field).expect("the sync runs through")
    }

    pub fn try_sync(&self, field: &Field) -> Result<Done, SyncError> {
        self.sync_with(Http::new(&field.url(), None).expect("a client"))
    }

    pub fn sync_with(&self, transport: impl Transport) -> Result<Done, SyncError> {
        Engine::new(&self.store, transport, &*self.clock)?.run(&Cancel::default(), |_| ())
    }

    /// Asks for an upload in this phone's name.
    pub fn open_upload(&self, field: &Field, entity: EntityId, blob: &BlobRef) -> Result<String, TransportError> {
        let enrolment = self.store.enrolment().expect("readable").expect("enrolled");
        let key = SigningKey::from_bytes(&enrolment.device_key.try_into().expect("32 bytes"));
        let signature = key.sign(&upload_message(&entity, &blob.hash, blob.size)).to_bytes();
        let key_id = key_id(&key.verifying_key());
        let metadata: [(&str, &[u8]); 4] =
            [("entity", &entity.0), ("sha256", &blob.hash), ("key", &key_id), ("signature", &signature)];
        Http::new(&field.url(), None).expect("a client").create_upload(blob.size, &metadata)
    }

    /// Pushes an op as if a replica were this phone's and had lost what came before.
    pub fn push_in_the_name_of(&self, field: &Field, replica: ReplicaId) -> Result<(), CellError> {
        let enrolment = self.store.enrolment().expect("readable").expect("enrolled");
        let key = SigningKey::from_bytes(&enrolment.device_key.try_into().expect("32 bytes"));
        let head = self.store.head().expect("readable");
        let (_, _, op) = self.store.outbox_op(head.replica, 1).expect("readable").expect("an op of her own");
        let bytes = op.encode().expect("small");
        let start = Start { replica, rseq: 9, prev: ChainHash([7; 32]), lost: 7 };
        let chain = chain_next(start.prev, &bytes);
        let frame = Frame { start, ops: vec![FramedOp { op, bytes, chain }] };
        let areas = vec![Grant { scope: NEXT_VILLAGE.parse().expect("a village"), until: None }];
        let author = Author { actor: self.member.clone(), role: Role::Member, areas, revoked: false };
        let device = key.verifying_key().to_bytes();
        field.cell().write(move |batch| batch.push(&author, device, 1, 1, &frame).map(drop))
    }

    /// Overwrites one op that waits, as a bad sector would. `with` is SQL over the column `op`.
    pub fn damage_op(&self, rseq: u64, with: &str) {
        let update = format!("UPDATE outbox SET op = {with} WHERE at & 1099511627775 = ?1");
        self.behind_its_back(|records| assert_eq!(records.execute(&update, [rseq as i64]).expect("writable"), 1));
    }

    /// Runs of rows that the phone keeps for the hub.
    pub fn kept(&self) -> i64 {
        let mut kept = 0;
        self.behind_its_back(|records| {
            kept = records.query_row("SELECT count(*) FROM kept", [], |row| row.get(0)).expect("readable");
        });
        kept
    }

    /// Puts other bytes in place of every run that the phone keeps.
    pub fn change_kept(&self, change: impl Fn(&[u8]) -> Vec<u8>) {
        self.behind_its_back(|records| {
            let mut list = records.prepare("SELECT id, run FROM kept").expect("readable");
            let rows = list.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
            let rows: Vec<_> = rows.expect("readable").collect::<Result<_, _>>().expect("readable");
            assert!(!rows.is_empty(), "there is something to change");
            for (id, run) in rows {
                records.execute("UPDATE kept SET run = ?2 WHERE id = ?1", (id, change(&run))).expect("writable");
            }
        });
    }

    fn behind_its_back(&self, work: impl FnOnce(&rusqlite::Connection)) {
        self.store.pause();
        let folder = std::fs::read_dir(&self.dir).expect("a folder").next().expect("one member").expect("readable");
        let records = rusqlite::Connection::open(folder.path().join("records.db")).expect("a database");
        work(&records);
        drop(records);
        self.store.resume().expect("nothing shows yet");
    }

    /// A second phone from an image of this one, with randomness of its own.
    pub fn clone_image(&self, to: &Path) -> Phone {
        self.store.pause();
        copy(&self.dir, to);
        self.store.resume().expect("it opens again");
        let (now, seed) = (self.clock.now(), self.seed + 99);
        let clock = TestClock {
            wall_ms: AtomicI64::new(now.wall_ms),
            mono_ms: AtomicU64::new(now.mono_ms),
            boot_id: AtomicU64::new(now.boot_id),
        };
        open(to, self.member.clone(), Arc::new(clock), seed)
    }

    pub fn report(&self, description: &str) -> EntityId {
        self.report_in(GRID, description)
    }

    pub fn report_in(&self, scope: &str, description: &str) -> EntityId {
        let sets = vec![
            author::first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
            author::first(FieldNo::DESCRIPTION, Value::text(description)),
        ];
        self.create(RecordKind::CASE, scope, sets)
    }

    pub fn create(&self, kind: RecordKind, scope: &str, sets: Vec<Set>) -> EntityId {
        let scope = scope.parse().expect("a scope");
        let draft = Draft { kind: OpKind::Create { kind }, entity: None, scope, sets };
        self.store.save(|batch| batch.add(draft)).expect("it is saved").entity
    }

    pub fn write(&self, entity: EntityId, kind: OpKind, sets: Vec<Set>) {
        let scope = self.shown(entity).scope.expect("a record with a scope");
        let draft = Draft { kind, entity: Some(entity), scope, sets };
        self.store.save(|batch| batch.add(draft)).expect("it is saved");
    }

    pub fn describe(&self, entity: EntityId, text: &str) {
        let set = author::edit(&self.shown(entity), FieldNo::DESCRIPTION, Value::text(text));
        self.write(entity, OpKind::Set, vec![set]);
    }

    pub fn shown(&self, entity: EntityId) -> gridpatrol_model::record::Record {
        self.store.record(entity).expect("readable").expect("the record is on the phone").record
    }

    pub fn description(&self, entity: EntityId) -> Option<String> {
        self.shown(entity).text(FieldNo::DESCRIPTION).map(str::to_owned)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

pub fn ports() -> Ports {
    Ports {
        now_ms: Arc::new(|| jiff::Timestamp::now().as_millisecond()),
        random: Arc::new(|bytes| getrandom::fill(bytes).expect("the system has randomness")),
    }
}
