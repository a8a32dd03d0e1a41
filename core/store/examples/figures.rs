//! Rough figures of the store on this machine: rate of durable saves against a bare insert, size of the
//! database against a plain table, and the time to the first page of a long list.
//!
//! `cargo run --release -p gridpatrol-store --example figures [RECORDS]`

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::fold::{fold, writes};
use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq};
use gridpatrol_model::op::{FieldKey, Op, OpKind, Set, chain_next};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Effect, Row, Verdict};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_store::{Clock, Draft, Key, Moment, Ports, Query, Rng, Store};
use rusqlite::Connection;

const NOW: i64 = 1_795_500_000_000;
/// Saves that are timed, and how many before the other side has its turn.
const SAVES: i64 = 4_000;
const TURN: usize = 50;
/// Rows of one page of a pull.
const PAGE: usize = 500;

struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Moment {
        let tick = self.0.fetch_add(1_000, Ordering::Relaxed);
        Moment { wall_ms: NOW + tick, boot_id: 1, mono_ms: tick as u64, gnss_ms: None }
    }
}

impl Rng for Ticking {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let records: i64 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let dir = tempfile::tempdir_in(".")?;
    let mut out = std::io::stdout().lock();

    let (ours, bare) = save_rates(dir.path())?;
    writeln!(out, "durable saves: {ours:.0}/s, bare insert {bare:.0}/s, ratio {:.2}", ours / bare)?;

    let folder = dir.path().join("synced");
    let store = open(&folder)?;
    let started = Instant::now();
    fill(&store, records)?;
    writeln!(out, "{records} records pulled in {:.1} s", started.elapsed().as_secs_f64())?;
    drop(store);
    let file = folder.read_dir()?.next().ok_or("no member")??.path().join("records.db");
    Connection::open(&file)?.execute_batch("VACUUM")?;
    let plain = plain_table(&dir.path().join("plain.db"), records)?;
    let size = file.metadata()?.len();
    writeln!(out, "database: {size} bytes, plain table {plain}, ratio {:.3}", size as f64 / plain as f64)?;

    let started = Instant::now();
    let store = open(&folder)?;
    let opened = started.elapsed();
    let query = Query { kind: Some(RecordKind::CASE), limit: 100, ..Query::default() };
    assert_eq!(store.list(&query)?.items.len(), 100);
    writeln!(out, "open: {opened:.1?}, open and first 100 of the list: {:.1?}", started.elapsed())?;
    let started = Instant::now();
    store.counts()?;
    writeln!(out, "counts: {:.1?}", started.elapsed())?;
    Ok(())
}

fn open(dir: &Path) -> Result<Store, Box<dyn std::error::Error>> {
    let world = Arc::new(Ticking(AtomicI64::new(0)));
    let ports = Ports { clock: world.clone(), rng: world, vfs: None };
    Ok(Store::open(dir, &ActorId::new("m-440783108224-03")?, Key::Plain, ports)?.store)
}

fn scope() -> Scope {
    Scope::parse("440783108224001").expect("a grid")
}

fn sets(number: i64) -> Vec<Set> {
    let category = ["GB/T 30428.2", "E", "0203", "道路破损"].map(Value::text);
    let at = Position { lon_e7: 1_125_793_000 + number as i32, lat_e7: 223_686_000, accuracy_dm: Some(52) };
    vec![
        first(FieldNo::STAGE, Value::int(1)),
        first(FieldNo::TITLE, Value::text(&format!("路面塌陷 {number}"))),
        first(FieldNo::DESCRIPTION, Value::text("村道转弯处路面塌陷约一米，雨后积水，夜间行车危险，已用雪糕筒围蔽。")),
        first(FieldNo::LOCATION_TEXT, Value::text("仲和村委会以东二百米，鱼塘旁")),
        first(FieldNo::CATEGORY, Value::list(&category)),
        first(FieldNo::SEVERITY, Value::int(2)),
        first(FieldNo::FOUND_AT, Value::int(NOW + number)),
        first(FieldNo::POSITION, Value::position(at)),
        first(FieldNo::HOLDER, Value::text("m-440783108224-03")),
        first(FieldNo::ROUND, Value::int(1)),
        first(FieldNo::PLACE, Value::entity(EntityId([number as u8; 16]))),
        first(FieldNo::SYNTHETIC, Value::bool(true)),
    ]
}

fn draft(number: i64) -> Draft {
    Draft { kind: OpKind::Create { kind: RecordKind::CASE }, entity: None, scope: scope(), sets: sets(number) }
}

/// Saves a second by the store, and by a bare insert of the same bytes, key columns and indexes. The two take turns,
/// so that a busy disk slows both.
fn save_rates(dir: &Path) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let store = open(&dir.join("saves"))?;
    let bare = bare_database(&dir.join("bare.db"))?;
    let mut outbox = bare.prepare("INSERT INTO outbox VALUES (?1, ?2, ?3, ?4)")?;
    let mut record = bare.prepare("INSERT INTO record VALUES (NULL, ?1, 4, 1, 1, ?2, ?3, ?4, 64, 0)")?;
    let replica = store.head()?.replica;
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for turn in (0..SAVES).step_by(TURN) {
        let numbers = turn..turn + TURN as i64;
        let started = Instant::now();
        for number in numbers.clone() {
            store.save(|batch| batch.add(draft(number)))?;
        }
        ours += started.elapsed();

        let out = store.outgoing(replica, turn as u64 + 1, TURN, usize::MAX)?.ok_or("nothing saved")?;
        let mut c = out.prev_c;
        let started = Instant::now();
        for (op, number) in out.ops.iter().zip(numbers) {
            c = chain_next(c, op);
            let entity = c.entity();
            bare.execute_batch("BEGIN IMMEDIATE")?;
            outbox.execute((number, c.0, entity.0, op))?;
            record.execute((entity.0, [number as u8; 16], number, NOW + number))?;
            bare.execute_batch("COMMIT")?;
        }
        theirs += started.elapsed();
    }
    Ok((SAVES as f64 / ours.as_secs_f64(), SAVES as f64 / theirs.as_secs_f64()))
}

fn bare_database(path: &Path) -> Result<Connection, Box<dyn std::error::Error>> {
    let conn = Connection::open(path)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.execute_batch(
        "CREATE TABLE outbox (at INTEGER PRIMARY KEY, c BLOB, entity BLOB, op BLOB);
         CREATE INDEX outbox_pending ON outbox (entity);
         CREATE TABLE record (id INTEGER PRIMARY KEY, entity BLOB UNIQUE, kind, scope, stage, place BLOB, born, time,
             flags, asof);
         CREATE INDEX record_kind ON record (kind, time);
         CREATE INDEX record_stage ON record (stage, time);
         CREATE INDEX record_place ON record (place, time);
         CREATE INDEX record_born ON record (born);
         CREATE INDEX record_own ON record (kind, flags);",
    )?;
    Ok(conn)
}

/// Somebody else's records, as a pull brings them.
fn fill(store: &Store, records: i64) -> Result<(), Box<dyn std::error::Error>> {
    let replica = gridpatrol_model::ids::ReplicaId([3; 16]);
    let author = ActorId::new("m-440783108224-07")?;
    let mut c = gridpatrol_model::op::chain_seed(replica);
    let mut rows = Vec::new();
    for number in 1..=records {
        let moment = Moment { wall_ms: NOW + number, boot_id: 1, mono_ms: number as u64, gnss_ms: None };
        let op = Op {
            v: 1,
            kind: OpKind::Create { kind: RecordKind::CASE },
            actor: author.clone(),
            entity: None,
            scope: scope(),
            seen: HubSeq::ZERO,
            schema: 1,
            time: moment,
            sets: sets(number),
            extra: vec![],
        };
        c = chain_next(c, &op.encode()?);
        let effects = writes(&op).map(|_| Some(Effect { rank: 1, ..Effect::default() })).collect();
        rows.push(Row {
            seq: HubSeq { epoch: 1, n: number as u64 },
            dot: Dot { replica, rseq: number as u64, tag: c.tag() },
            entity: c.entity(),
            scopes: vec![scope()],
            eff: EffectiveTime { ms: NOW + number, quality: TimeQuality::SameBoot },
            verdict: Verdict::Accepted,
            op,
            effects,
            decision: None,
        });
    }
    if let Some(row) = rows.first() {
        let mut record = Record::new(row.entity);
        fold(&mut record, row);
        assert!(record.shown(&FieldKey::from(FieldNo::TITLE)).is_some());
    }
    for page in rows.chunks(PAGE) {
        let to = page[page.len() - 1].seq;
        let items = page.iter().cloned().map(Item::Row).collect();
        store.apply(&Page { from: store.cursor()?.seq, to, items, more: true }, [0; 8])?;
    }
    Ok(())
}

/// What an app without sync would have: a text uuid and twelve columns, with the indexes that the lists need.
fn plain_table(path: &Path, records: i64) -> Result<u64, Box<dyn std::error::Error>> {
    let mut conn = Connection::open(path)?;
    conn.execute_batch(
        "CREATE TABLE cases (id TEXT PRIMARY KEY, stage INTEGER, title TEXT, description TEXT, location_text TEXT,
             category TEXT, severity INTEGER, found_at INTEGER, position TEXT, holder TEXT, round INTEGER,
             place TEXT, synthetic INTEGER);
         CREATE INDEX by_time ON cases (found_at);
         CREATE INDEX by_stage ON cases (stage, found_at);
         CREATE INDEX by_place ON cases (place, found_at);",
    )?;
    let tx = conn.transaction()?;
    {
        let mut insert = tx.prepare(
            "INSERT INTO cases VALUES (?1, 1, ?2, '村道转弯处路面塌陷约一米，雨后积水，夜间行车危险，已用雪糕筒围蔽。',
                 '仲和村委会以东二百米，鱼塘旁', 'GB/T 30428.2/E/0203/道路破损', 2, ?3, ?4, 'm-440783108224-03', 1, ?5, 1)",
        )?;
        for number in 1..=records {
            let mix = (number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let uuid = |seed: u128| {
                let hex = format!("{seed:032x}");
                format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
            };
            let title = format!("路面塌陷 {number}");
            let position = format!("112.{}, 22.3686", 5_793_000 + number);
            insert.execute((uuid(mix), title, NOW + number, position, uuid(number as u128 % 256)))?;
        }
    }
    tx.commit()?;
    conn.execute_batch("VACUUM")?;
    drop(conn);
    Ok(path.metadata()?.len())
}
