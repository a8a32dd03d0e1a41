//! Bytes on the wire: 10,000 creates pushed, 2,000 edits of two phones converged, nothing to do.

use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::HubSeq;
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_protocol::page::{self, Held};
use gridpatrol_protocol::push;
use gridpatrol_protocol::reply::Reply;
use gridpatrol_protocol::request::{Request, Sealed};
use gridpatrol_protocol::{Cursor, Head};

use crate::case;
use crate::county::{Hub, Phone};
use crate::workload::{Edit, Event, Workload};

/// Milliseconds UTC at which the phones find a network.
const EVENING_MS: i64 = 1_736_100_000_000;

pub struct Figure {
    pub what: &'static str,
    pub bytes: usize,
    pub goal: Option<usize>,
}

pub fn measure(seed: u64) -> Vec<Figure> {
    let load = Workload::new(seed, 10_000, 1_000);
    let county = Scope::parse("440783").expect("Kaiping");
    let mut hub = Hub::default();
    let mut writer = Phone::new(3, Role::Member, county);
    for event in &load.events {
        create(&mut writer, event);
    }
    let pushed = push_all(&mut writer, &mut hub);

    let (mut a, mut b) = (Phone::new(1, Role::Member, county), Phone::new(2, Role::Lead, county));
    a.catch_up(&hub);
    b.catch_up(&hub);
    let idle = round_trip(&mut a, &mut hub);
    let entities: Vec<_> = hub.rows.iter().map(|row| row.entity).collect();
    for (phone, edits) in [(&mut a, &load.by_a), (&mut b, &load.by_b)] {
        for change in edits {
            let record = hub.records[&entities[change.event]].clone();
            write_edit(phone, &record, change);
        }
    }
    let a_push = round_trip(&mut a, &mut hub);
    let b_both = round_trip(&mut b, &mut hub);
    let a_pull = round_trip(&mut a, &mut hub);
    assert!(a.mirror == hub.records && b.mirror == hub.records, "both phones end where the hub is");

    let edits = [a_push, b_both, a_pull].iter().map(|trip| trip.up + trip.down).sum();
    let part = |what, bytes| Figure { what, bytes, goal: None };
    vec![
        Figure { what: "10,000 creates: bodies pushed", bytes: pushed.up, goal: Some(650_000) },
        part("  replies with receipts", pushed.down),
        Figure { what: "2,000 edits: all legs", bytes: edits, goal: Some(60_000) },
        part("  A push", a_push.up),
        part("  A receipts", a_push.down),
        part("  B push", b_both.up),
        part("  B pull and receipts", b_both.down),
        part("  A asks", a_pull.up),
        part("  A pull", a_pull.down),
        Figure { what: "nothing to do: request", bytes: idle.up, goal: Some(300) },
        Figure { what: "nothing to do: reply", bytes: idle.down, goal: Some(300) },
    ]
}

fn grid(number: u32) -> Scope {
    Scope::parse(&format!("440783108224{:03}", number + 1)).expect("a grid of the village")
}

fn op(phone: &Phone, wall_ms: i64, scope: Scope) -> Op {
    Op {
        v: OP_VERSION,
        kind: OpKind::Set,
        actor: phone.author.actor.clone(),
        entity: None,
        scope,
        seen: phone.seen,
        schema: SCHEMA_VERSION,
        time: phone.clocks(wall_ms),
        sets: Vec::new(),
        extra: Vec::new(),
    }
}

fn create(phone: &mut Phone, event: &Event) {
    let at = Position { lon_e7: event.lon_e7, lat_e7: event.lat_e7, accuracy_dm: None };
    let text = Value::text;
    let category = [text("GB/T 34300-2017"), text("event"), text(event.category), text(event.category)];
    let sets = vec![
        first(FieldNo::POSITION, Value::position(at)),
        first(FieldNo::NAME, text(event.reporter)),
        first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
        first(FieldNo::CATEGORY, Value::list(&category)),
        first(FieldNo::DESCRIPTION, text(&event.description)),
        first(FieldNo::LOCATION_TEXT, text(&event.address)),
        first(FieldNo::SEVERITY, Value::int(event.severity)),
        first(FieldNo::FOUND_AT, Value::int(event.created_ms)),
        first(FieldNo::TITLE, text(&event.title)),
    ];
    let kind = OpKind::Create { kind: RecordKind::CASE };
    let op = Op { kind, sets, ..op(phone, event.created_ms, grid(event.grid)) };
    phone.write(op);
}

fn write_edit(phone: &mut Phone, record: &Record, change: &Edit) {
    let (kind, sets) = case::change(record, change, phone.author.role);
    let scope = record.scope.expect("created");
    let wall_ms = EVENING_MS - 50_000_000 + change.after_ms;
    let op = Op { kind, sets, entity: Some(record.entity), ..op(phone, wall_ms, scope) };
    phone.write(op);
}

#[derive(Clone, Copy, Default)]
struct Trip {
    up: usize,
    down: usize,
}

fn push_all(phone: &mut Phone, hub: &mut Hub) -> Trip {
    let mut sum = Trip::default();
    let mut pace = push::Pace::default();
    while phone.acked < phone.ops.len() as u64 {
        let trip = exchange(phone, hub, &mut pace);
        sum = Trip { up: sum.up + trip.up, down: sum.down + trip.down };
    }
    sum
}

fn round_trip(phone: &mut Phone, hub: &mut Hub) -> Trip {
    // After a few good requests.
    let mut pace = push::Pace::default();
    (0..3).for_each(|_| pace.succeeded());
    exchange(phone, hub, &mut pace)
}

/// One request and its reply, each read back from its bytes.
fn exchange(phone: &mut Phone, hub: &mut Hub, pace: &mut push::Pace) -> Trip {
    let now = phone.clocks(EVENING_MS);
    let outbox = phone.ops[phone.acked as usize..].iter().map(|(op, chain)| (op, *chain));
    let plan = push::plan(phone.start(phone.acked), outbox, *pace, phone, &phone.key);
    let head = Head { rseq: phone.ops.len() as u64, chain: phone.head() };
    let village = Scope::parse("440783108224").expect("a village");
    let request = Request {
        replica: phone.replica,
        head,
        holds_from: 1,
        boot_id: now.boot_id,
        mono_ms: now.mono_ms,
        wall_ms: now.wall_ms,
        cursor: Cursor { seq: phone.seen, log: [7; 8] },
        view: vec![village],
        entering: None,
        full_ids: false,
        frames: plan,
        handed_back: vec![],
    };
    let sent = request.seal(&phone.key, *b"\x93\x11\xf0\x5e\x08\x77\x21\xab\xcd\x34\x4a\x56\x90\x01\xfe\x02");
    let got = Sealed::decode(&sent).and_then(|sealed| sealed.open(&phone.key.verifying_key())).expect("as sent");
    for frame in &got.frames {
        hub.take(frame, &phone.author, &phone.key.verifying_key(), EVENING_MS, now);
    }
    let have = hub.have(phone);
    let held = Held { replica: phone.replica, from_rseq: got.holds_from };
    let reply = Reply {
        challenge: *b"\x13\x71\xf2\x51\x28\x07\x24\x9b\xc5\x3e\x4f\x5a\x9d\x06\xf7\x08",
        hub_now_ms: EVENING_MS,
        have,
        forked: false,
        durable: hub.end(),
        push_error: None,
        rewind: None,
        view: vec![village],
        entering: None,
        page: hub.page(got.cursor.seq, held),
        log: [0x9c, 0x1e, 0x55, 0x02, 0xf3, 0x8a, 0x61, 0x7d],
        keep: vec![],
    };
    let replied = reply.encode();
    let reply = Reply::decode(&replied).expect("as sent");
    let page = page::decode(&reply.page, phone, phone).expect("short references resolve");
    let own = |rseq: u64| (rseq <= phone.ops.len() as u64).then(|| phone.chain_at(rseq));
    let push::Ack::UpTo(acked) = push::judge(reply.have, head.rseq, own) else { unreachable!("nobody was cloned") };
    phone.acked = acked;
    phone.fold(&page.items);
    if page.to == HubSeq::ZERO {
        phone.seen = page.to;
    }
    pace.succeeded();
    Trip { up: sent.len(), down: replied.len() }
}
