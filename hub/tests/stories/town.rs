//! A town office with a real cell in a folder of its own: phones write into the log, supervisors ask through
//! the routes with a real log-in and cookie.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use ed25519_dalek::{Signer, SigningKey};
use gridpatrol_hub::api::base_map::BaseMaps;
use gridpatrol_hub::blobs::Blobs;
use gridpatrol_hub::cell::people::{NewAccount, hash_password};
use gridpatrol_hub::cell::{Cell, Ports, read};
use gridpatrol_hub::desk::Desk;
use gridpatrol_hub::door::Door;
use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set, chain_next, chain_seed};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::{BlobRef, Position, Value};
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_photo::{DHash, Manifest, Origin};
use gridpatrol_protocol::frame::{Frame, FramedOp, Start};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

/// 2026-11-24 09:00 in China.
pub const NINE: i64 = 1_795_482_000_000;
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 86_400_000;
pub const GRID: &str = "440783108224001";
pub const PASSWORD: &str = "一个够长的口令";

pub struct Town {
    pub cell: Arc<Cell>,
    pub blobs: Blobs,
    router: Router,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// A supervisor's browser.
pub struct Office {
    router: Router,
    cookie: String,
}

/// One incarnation of a member's app, always in touch.
pub struct Phone {
    author: Author,
    replica: ReplicaId,
    device: [u8; 32],
    key: SigningKey,
    rseq: u64,
    chain: ChainHash,
    /// Where its next writes are.
    pub at: Scope,
}

pub fn scope(code: &str) -> Scope {
    Scope::parse(code).expect("a code of the stories")
}

impl Town {
    /// The office of Tangkou, and the one of a town in another county.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the cell");
        let clock = Arc::new(AtomicI64::new(NINE));
        let (now, drawn) = (clock.clone(), AtomicU64::new(1));
        let ports = Ports {
            now_ms: Arc::new(move || now.load(Ordering::SeqCst)),
            random: Arc::new(move |bytes| {
                let digest: [u8; 32] = Sha256::digest(drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes()).into();
                bytes.iter_mut().zip(digest.iter().cycle()).for_each(|(byte, random)| *byte = *random);
            }),
        };
        let cell = Arc::new(Cell::open(folder.path(), ports).expect("a new cell"));
        let blobs = Blobs::local(&folder.path().join("blobs")).expect("a folder for blobs");
        let door = Door { address: "https://hub.example".into(), key: None };
        let desk = Desk::new(cell.clone(), blobs.clone(), door);
        let (router, _) = gridpatrol_hub::api::router(Arc::new(desk));
        let town = Town { cell, blobs, router, clock, folder };
        town.account("tangkou", Role::Supervisor, "440783108");
        town.account("enping", Role::Supervisor, "440785");
        town
    }

    pub fn account(&self, name: &'static str, role: Role, area: &str) {
        let hash = hash_password(PASSWORD).expect("it hashes");
        let (actor, areas) = (ActorId::new(format!("s-{name}")).expect("short"), [scope(area)]);
        self.cell
            .write(move |batch| {
                let account = NewAccount { name, actor: &actor, label: name, role, areas: &areas };
                batch.put_account(&account, &hash)
            })
            .expect("an account");
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// The hub was started with these maps.
    pub fn with_base_maps(mut self, maps: BaseMaps) -> Self {
        self.router = self.router.layer(axum::Extension(maps));
        self
    }

    /// Enrols a member and their phone.
    pub fn phone(&self, id: &str, label: &'static str, role: Role, area: &str) -> Phone {
        let actor = ActorId::new(id).expect("short");
        let (member, areas) = (actor.clone(), [scope(area)]);
        let key = SigningKey::from_bytes(&Sha256::digest(id).into());
        let device = key.verifying_key().to_bytes();
        let replica = ReplicaId(device[..16].try_into().expect("half of it"));
        self.cell
            .write(move |batch| {
                batch.put_member(&member, label, role, &areas)?;
                batch.put_code(&member, label)?;
                batch.use_code(label, device, "440783").map(drop)
            })
            .expect("a member with a phone");
        let areas = vec![Grant { scope: scope(area), until: None }];
        let author = Author { actor, role, areas, revoked: false };
        Phone { author, replica, device, key, rseq: 0, chain: chain_seed(replica), at: scope(GRID) }
    }

    /// Drops what the hub has worked out of walks.
    pub fn forget_walks(&self) {
        let database = rusqlite::Connection::open(self.folder.path().join("cell.db")).expect("the cell's");
        database.execute("DELETE FROM walk_seen", []).expect("it is no part of the log");
    }

    pub fn record(&self, entity: EntityId) -> Record {
        self.cell.read(|state| read::record(state, entity)).expect("it reads").expect("it is there")
    }

    pub fn head(&self) -> HubSeq {
        self.cell.read(|state| Ok(read::head(state)?.0)).expect("it reads")
    }

    /// Brings content as an upload would.
    pub async fn upload(&self, bytes: &[u8]) -> [u8; 32] {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        self.blobs.put(&hash, Bytes::copy_from_slice(bytes)).await.expect("it is kept");
        let size = bytes.len() as u64;
        self.cell.write(move |batch| batch.put_blob(&hash, size)).expect("it is known");
        hash
    }

    pub async fn ask(&self, request: axum::http::request::Builder, body: Body) -> Response<Body> {
        let request = request.header("host", "hub.example").body(body).expect("a request");
        self.router.clone().oneshot(request).await.expect("routes are infallible")
    }

    pub async fn log_in(&self, name: &str) -> Office {
        let answer = self.log_in_with(name, PASSWORD).await;
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().expect("the value comes first").to_owned();
        Office { router: self.router.clone(), cookie }
    }

    pub async fn log_in_with(&self, name: &str, password: &str) -> Response<Body> {
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
        let request = Request::post("/api/session").header("content-type", "application/json");
        self.ask(request.header("origin", "https://hub.example"), Body::from(body)).await
    }

    /// A place of the grid with its interval, written by the office.
    pub fn place(&self, office: &mut Phone, name: &str, days: i64) -> EntityId {
        let at = Position { lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: None };
        let sets = vec![
            first(FieldNo::NAME, Value::text(name)),
            first(FieldNo::PLACE_KIND, Value::text("reservoir")),
            first(FieldNo::INTERVAL_DAYS, Value::int(days)),
            first(FieldNo::POSITION, Value::position(at)),
        ];
        office.create(self, RecordKind::PLACE, sets).1
    }

    /// A square grid of about a kilometre around the place.
    pub fn grid(&self, office: &mut Phone) -> EntityId {
        let (west, south, east, north) = (1_125_740_000, 223_640_000, 1_125_840_000, 223_730_000);
        let ring = [west, south, east, south, east, north, west, north].map(Value::int);
        let sets = vec![
            first(FieldNo::NAME, Value::text("仲和第01网格")),
            first(FieldNo::GRID_CODE, Value::text(GRID)),
            first(FieldNo::RING, Value::list(&ring)),
            first(FieldNo::SYNTHETIC, Value::bool(true)),
        ];
        office.create(self, RecordKind::GRID, sets).1
    }
}

impl Phone {
    /// Writes an op and pushes it at once. Says its dot and its record.
    pub fn write(&mut self, town: &Town, kind: OpKind, entity: Option<EntityId>, sets: Vec<Set>) -> (Dot, EntityId) {
        self.write_seen(town, town.head(), kind, entity, sets)
    }

    pub fn write_seen(
        &mut self,
        town: &Town,
        seen: HubSeq,
        kind: OpKind,
        entity: Option<EntityId>,
        sets: Vec<Set>,
    ) -> (Dot, EntityId) {
        let time = TimeEvidence { wall_ms: town.now(), boot_id: 1, mono_ms: town.now() as u64, gnss_ms: None };
        let (v, schema, extra) = (OP_VERSION, SCHEMA_VERSION, Vec::new());
        let actor = self.author.actor.clone();
        let op = Op { v, kind, actor, entity, scope: self.at, seen, schema, time, sets, extra };
        let bytes = op.encode().expect("small");
        let chain = chain_next(self.chain, &bytes);
        let frame = Frame {
            start: Start { replica: self.replica, rseq: self.rseq + 1, prev: self.chain, lost: 0 },
            ops: vec![FramedOp { op, bytes, chain }],
        };
        (self.rseq, self.chain) = (self.rseq + 1, chain);
        let said = (frame.dot(0), frame.entity(0));
        let (author, device, mono_ms) = (self.author.clone(), self.device, town.now() as u64);
        let pushed = town.cell.write(move |batch| batch.push(&author, device, 1, mono_ms, &frame)).expect("stored");
        assert_eq!(pushed.new_rows, 1);
        said
    }

    pub fn create(&mut self, town: &Town, kind: RecordKind, sets: Vec<Set>) -> (Dot, EntityId) {
        self.write(town, OpKind::Create { kind }, None, sets)
    }

    pub fn report(&mut self, town: &Town, description: &str) -> (Dot, EntityId) {
        let sets = vec![
            first(FieldNo::DESCRIPTION, Value::text(description)),
            first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
        ];
        self.create(town, RecordKind::CASE, sets)
    }

    /// Edits a field as if the writes in `shown` were on the screen.
    pub fn edit(&mut self, town: &Town, entity: EntityId, field: FieldNo, shown: Vec<Dot>, value: Value) -> Dot {
        self.write(town, OpKind::Set, Some(entity), vec![Set { key: field.into(), preds: shown, value }]).0
    }

    /// What this phone says about a photo of a record.
    pub fn manifest(&self, original: &[u8], record: EntityId) -> Value {
        self.manifest_of(original, record, None)
    }

    /// And what the photo looks like.
    pub fn manifest_of(&self, original: &[u8], record: EntityId, dhash: Option<DHash>) -> Value {
        let manifest = Manifest {
            sha256: Sha256::digest(original).into(),
            record,
            device: self.device,
            time: TimeEvidence { wall_ms: NINE, boot_id: 1, mono_ms: 1, gnss_ms: None },
            last_hub_ms: None,
            place: None,
            category: None,
            app_version: "test".into(),
            origin: Origin::Captured,
            dhash,
            later: Default::default(),
        };
        Value::bytes(&manifest.sign(|message| self.key.sign(message).to_bytes()).encode())
    }

    pub fn actor(&self) -> &str {
        self.author.actor.as_str()
    }
}

pub fn blob(bytes: &[u8], mime: &str) -> Value {
    Value::blob(&BlobRef { hash: Sha256::digest(bytes).into(), size: bytes.len() as u64, mime: mime.into() })
}

impl Office {
    pub async fn raw(&self, path: &str) -> Response<Body> {
        self.raw_with(path, "accept", "*/*").await
    }

    pub async fn raw_with(&self, path: &str, header: &str, value: &str) -> Response<Body> {
        let request = Request::get(path).header("cookie", &self.cookie).header(header, value);
        let request = request.body(Body::empty()).expect("a request");
        self.router.clone().oneshot(request).await.expect("routes are infallible")
    }

    pub async fn get(&self, path: &str) -> Json {
        let (status, body) = parts(self.raw(path).await).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The status and the problem of a question that is not answered.
    pub async fn refused(&self, path: &str) -> (StatusCode, Json) {
        parts(self.raw(path).await).await
    }

    pub async fn post(&self, path: &str, body: Json) -> (StatusCode, Json) {
        self.post_from("https://hub.example", path, body).await
    }

    /// Sends a file as it is.
    pub async fn post_bytes(&self, path: &str, bytes: &[u8]) -> (StatusCode, Json) {
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("host", "hub.example")
            .header("origin", "https://hub.example")
            .header("content-type", "application/octet-stream")
            .body(Body::from(bytes.to_vec()))
            .expect("a request");
        parts(self.router.clone().oneshot(request).await.expect("routes are infallible")).await
    }

    pub async fn post_from(&self, origin: &str, path: &str, body: Json) -> (StatusCode, Json) {
        let request = Request::post(path)
            .header("cookie", &self.cookie)
            .header("host", "hub.example")
            .header("origin", origin)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        parts(self.router.clone().oneshot(request).await.expect("routes are infallible")).await
    }
}

async fn parts(answer: Response<Body>) -> (StatusCode, Json) {
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
}
