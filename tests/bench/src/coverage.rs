//! What the coverage desk costs: the synthetic county, 30 days of walks of each of its members, and the answers of a real
//! hub's routes. A walk has a fix every five seconds and two to four segments.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode};
use gridpatrol_geo::block::encode_compact;
use gridpatrol_geo::track::Segment;
use gridpatrol_hub::blobs::Blobs;
use gridpatrol_hub::cell::people::{NewAccount, hash_password};
use gridpatrol_hub::cell::{Cell, CellError, Draft, Ports};
use gridpatrol_hub::desk::Desk;
use gridpatrol_hub::door::Door;
use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Position, Value};
use gridpatrol_model::workflow::Role;
use gridpatrol_world::World;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::disk;
use crate::report::{Line, median};

const DAYS: u32 = 30;
const DAY_MS: i64 = 86_400_000;
const PASSWORD: &str = "一个够长的口令";
const HOST: &str = "hub.example";
/// Times that each answer is asked for again.
const AGAIN: usize = 5;

pub fn measure() -> Vec<Line> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = disk::memory();
        let world = World::new(7);
        let county = County::new(folder.path(), &world);
        let walks = county.walk(&world).await;
        let office = county.office().await;
        let all = "/api/coverage";
        let town = format!("/api/coverage?area={}", world.towns[0].code);
        let first = office.seconds(all).await;
        let line = |what: String, value: f64, unit| Line::new("coverage", what, value, unit);
        vec![
            line(format!("{} grids, {} places: walks", world.grids.len(), world.places.len()), walks as f64, ""),
            line("the county the first time, a walk".to_owned(), first * 1e3 / walks as f64, "ms"),
            line("the county again".to_owned(), office.again(all).await, "s"),
            line("a town again".to_owned(), office.again(&town).await, "s"),
        ]
    })
}

struct County {
    cell: Arc<Cell>,
    blobs: Blobs,
    router: axum::Router,
    scope: Scope,
}

impl County {
    /// With its grids and places, on the evening of the last day.
    fn new(folder: &std::path::Path, world: &World) -> Self {
        let now = world.first_day_ms + i64::from(DAYS) * DAY_MS - 1;
        let ports = Ports { now_ms: Arc::new(move || now), random: Arc::new(|bytes| rand::fill(bytes)) };
        let cell = Arc::new(Cell::open(folder, ports).expect("a new cell"));
        let blobs = Blobs::local(&folder.join("blobs")).expect("a folder for blobs");
        let door = Door { address: format!("https://{HOST}"), key: None };
        let desk = Desk::new(cell.clone(), blobs.clone(), door);
        let (router, _) = gridpatrol_hub::api::router(Arc::new(desk));
        let county = County { cell, blobs, router, scope: world.county.code.scope() };
        let grids = world.grids.iter().map(|grid| {
            let ring = grid.polygon.iter().flat_map(|at| [at.lon(), at.lat()]).map(|e7| Value::int(e7.into()));
            let ring = Value::list(&ring.collect::<Vec<_>>());
            let sets = vec![first(FieldNo::GRID_CODE, Value::text(grid.code.as_str())), first(FieldNo::RING, ring)];
            (grid.code.scope(), RecordKind::GRID, sets)
        });
        let places = world.places.iter().map(|place| {
            let at = Position { lon_e7: place.position.lon(), lat_e7: place.position.lat(), accuracy_dm: None };
            let name = first(FieldNo::NAME, Value::text(&place.name));
            (place.grid.scope(), RecordKind::PLACE, vec![name, first(FieldNo::POSITION, Value::position(at))])
        });
        county.write(Role::Supervisor, grids.chain(places).collect());
        county
    }

    fn write(&self, role: Role, records: Vec<(Scope, RecordKind, Vec<Set>)>) -> Vec<EntityId> {
        let areas = vec![Grant { scope: self.scope, until: None }];
        let author = Author { actor: ActorId::new("s-county").expect("short"), role, areas, revoked: false };
        let written = self.cell.write(move |batch| {
            let mut create = |(scope, kind, sets)| {
                let (_, row) =
                    batch.write(&author, Draft { kind: OpKind::Create { kind }, entity: None, scope, sets })?;
                Ok(row.touched().next())
            };
            records.into_iter().filter_map(|record| create(record).transpose()).collect::<Result<Vec<_>, CellError>>()
        });
        written.expect("the author may")
    }

    /// All walks of all members; says how many.
    async fn walk(&self, world: &World) -> usize {
        for member in 0..world.members.len() {
            let scope = world.grids[member].code.scope();
            let walks: Vec<_> = (0..DAYS).map(|day| world.walk(member, day)).collect();
            let patrols = walks.iter().map(|walk| {
                let sets = vec![first(FieldNo::STARTED, Value::int(walk.started_ms))];
                (scope, RecordKind::PATROL, sets)
            });
            let patrols = self.write(Role::Member, patrols.collect());
            let (mut chunks, mut blocks) = (Vec::new(), Vec::new());
            for (walk, patrol) in walks.iter().zip(patrols) {
                for (number, segment) in (1..).zip(&walk.track.segments) {
                    let (block, sets) = self.chunk(patrol, number, segment).await;
                    blocks.push(block);
                    chunks.push((scope, RecordKind::TRACK_CHUNK, sets));
                }
            }
            let known = self
                .cell
                .write(move |batch| blocks.iter().try_for_each(|block| batch.put_blob(&block.hash, block.size)));
            known.expect("they are kept");
            self.write(Role::Member, chunks);
        }
        world.members.len() * DAYS as usize
    }

    async fn chunk(&self, patrol: EntityId, number: i64, segment: &Segment) -> (BlobRef, Vec<Set>) {
        let block = encode_compact(&segment.fixes).expect("a few thousand fixes");
        let kept = BlobRef {
            hash: Sha256::digest(&block).into(),
            size: block.len() as u64,
            mime: "application/octet-stream".to_owned(),
        };
        self.blobs.put(&kept.hash, Bytes::from(block)).await.expect("300 MB of room");
        let time = |fix: Option<&gridpatrol_geo::track::Fix>| fix.and_then(|fix| fix.time_ms).unwrap_or_default();
        let sets = vec![
            first(FieldNo::PARENT, Value::entity(patrol)),
            first(FieldNo::BLOCK, Value::blob(&kept)),
            first(FieldNo::SEGMENT, Value::int(number)),
            first(FieldNo::FROM, Value::int(time(segment.fixes.first()))),
            first(FieldNo::TO, Value::int(time(segment.fixes.last()))),
        ];
        (kept, sets)
    }

    async fn office(&self) -> Office {
        let (hash, scope) = (hash_password(PASSWORD).expect("it hashes"), self.scope);
        let account = self.cell.write(move |batch| {
            let actor = ActorId::new("s-county").expect("short");
            let (name, label, role) = ("kaiping", "县网格办", Role::Supervisor);
            batch.put_account(&NewAccount { name, actor: &actor, label, role, areas: &[scope] }, &hash)
        });
        account.expect("a new name");
        let body = serde_json::json!({ "name": "kaiping", "password": PASSWORD }).to_string();
        let asked = Request::post("/api/session").header("origin", format!("https://{HOST}"));
        let asked = asked.header("content-type", "application/json").header("host", HOST).body(Body::from(body));
        let answer = self.router.clone().oneshot(asked.expect("a request")).await.expect("routes are infallible");
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
        Office { router: self.router.clone(), cookie }
    }
}

struct Office {
    router: axum::Router,
    cookie: String,
}

impl Office {
    /// Until the answer is there.
    async fn seconds(&self, path: &str) -> f64 {
        let asked = Request::get(path).header("host", HOST).header("cookie", &self.cookie).body(Body::empty());
        let began = Instant::now();
        let answer = self.router.clone().oneshot(asked.expect("a request")).await.expect("routes are infallible");
        assert_eq!(answer.status(), StatusCode::OK);
        to_bytes(answer.into_body(), usize::MAX).await.expect("the whole answer");
        began.elapsed().as_secs_f64()
    }

    async fn again(&self, path: &str) -> f64 {
        let mut seconds = Vec::new();
        for _ in 0..AGAIN {
            seconds.push(self.seconds(path).await);
        }
        median(seconds)
    }
}
