//! Wire version 1, frozen: the files under `tests/vectors` at the root of the repository, for every language
//! that reads or writes these bytes. `valid` says what the bytes read as, `invalid` which error they are.
//!
//! `GRIDPATROL_WRITE_VECTORS=1 cargo test -p gridpatrol-protocol --test vectors` writes them anew, which a
//! released version never does: later versions add files.

mod support;

use std::fmt::Debug;
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use gridpatrol_model::fold::{fold, writes};
use gridpatrol_model::ids::{ChainHash, HubSeq};
use gridpatrol_model::op::{Op, OpKind};
use gridpatrol_model::page::Item;
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Decision, Effect, HeldReason, Row, Verdict, rank};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::frame::{self, FrameHead, Start};
use gridpatrol_protocol::keep;
use gridpatrol_protocol::limits::MESSAGE_BYTES;
use gridpatrol_protocol::page::{self, Held, PageWriter};
use gridpatrol_protocol::refs::{FullIds, Shorten};
use gridpatrol_protocol::reply::{PushError, Reply};
use gridpatrol_protocol::request::{Request, Sealed};
use gridpatrol_protocol::{Cursor, Head, WireError};
use serde_json::{Value as Json, json};
use support::*;

type Chain = Vec<(Op, ChainHash)>;

const CHALLENGE: [u8; 16] = [0x11; 16];

/// Bytes, and what they are for people.
struct Case {
    name: String,
    bytes: Vec<u8>,
}

fn case(name: impl Into<String>, bytes: Vec<u8>) -> Case {
    Case { name: name.into(), bytes }
}

/// What a type's bytes read as, or the name of the error.
fn read(wire_type: &str, bytes: &[u8]) -> Result<String, String> {
    let (key, world) = (key().verifying_key(), world());
    let shown = |value: &dyn Debug| format!("{value:?}");
    match wire_type {
        "op" => Op::decode(bytes).map(|op| shown(&op)).map_err(|_| "Malformed".into()),
        "row" => Row::decode(bytes).map(|row| shown(&row)).map_err(|_| "Malformed".into()),
        "record" => Record::decode(bytes).map(|record| shown(&record)).map_err(|_| "Malformed".into()),
        "frame" => {
            FrameHead::decode(bytes).and_then(|head| head.open(&world, &key)).map(|it| shown(&it)).map_err(error)
        }
        "page" => page::decode(bytes, &world, &world).map(|page| shown(&page)).map_err(error),
        "request" | "request_handing_back" => {
            Sealed::decode(bytes).and_then(|sealed| sealed.open(&key)).map(|it| shown(&it)).map_err(error)
        }
        "reply" | "reply_to_keep" => Reply::decode(bytes).map(|reply| shown(&reply)).map_err(error),
        "kept" => {
            keep::open(bytes).and_then(|(tag, run)| Ok((tag, keep::rows(&run)?))).map(|it| shown(&it)).map_err(error)
        }
        "certificate" => Certificate::verify(bytes, &key).map(|it| shown(&it)).map_err(error),
        other => unreachable!("no type {other}"),
    }
}

fn error(error: WireError) -> String {
    match error {
        WireError::Malformed(_) => "Malformed",
        WireError::TooLarge { .. } => "TooLarge",
        WireError::Version(_) => "Version",
        WireError::NeedsFullIds => "NeedsFullIds",
        WireError::Signature => "Signature",
        WireError::TooManyOps { .. } => "TooManyOps",
    }
    .into()
}

fn chain(number: u8) -> Chain {
    chained(replica(number), samples().into_iter().map(|(_, op)| op).collect())
}

/// The asking phone is replica 8; replica 9 is somebody else.
fn world() -> World {
    let (own, others) = (chain(8), chain(9));
    let ops = (0..own.len())
        .map(|at| (at as u64 + 1, (dot_at(replica(8), &own, at), entity_at(&own, at), own[at].0.clone())));
    let chains = (0..others.len()).map(|at| (dot_at(replica(9), &others, at), others[at].1));
    World { own: ops.collect(), chains: chains.collect(), lies: false }
}

fn row(number: u8, chain: &Chain, at: usize, n: u64) -> Row {
    let op = chain[at].0.clone();
    let kills = |preds| Some(Effect { rank: rank::ORDINARY, kills: preds, ..Effect::default() });
    Row {
        seq: HubSeq { epoch: 1, n },
        dot: dot_at(replica(number), chain, at),
        entity: entity_at(chain, at),
        scopes: vec![op.scope],
        eff: EffectiveTime { ms: op.time.wall_ms + 250, quality: TimeQuality::Wall },
        verdict: Verdict::Accepted,
        effects: writes(&op).map(|(_, _, preds)| kills(preds)).collect(),
        op,
        decision: None,
    }
}

fn rows() -> Vec<(String, Row)> {
    let others = chain(9);
    let mut rows: Vec<(String, Row)> = samples()
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (format!("accepted_{name}"), row(9, &others, at, 41 + at as u64)))
        .collect();
    let held = HeldReason::ALL.into_iter();
    let held = held.flat_map(|reason| [Verdict::Parked(reason), Verdict::Quarantined(reason)]);
    for verdict in [Verdict::Agreed, Verdict::SentBack].into_iter().chain(held) {
        let mut row = row(9, &others, 4, 60);
        row.verdict = verdict;
        row.effects = vec![None];
        if verdict == Verdict::SentBack {
            let reason = Some("照片看不清，请补拍".into());
            row.decision = Some(Decision { by: actor("s-440783-01"), reason, due_ms: Some(NOON + 86_400_000) });
        }
        rows.push((format!("{verdict:?}"), row));
    }
    let mut late = row(9, &others, 2, 70);
    let owed = vec![known_dot(replica(2), 3)];
    let base = Some(Value::text("原来的标题"));
    late.effects = vec![Some(Effect { rank: rank::SUPERVISOR, kills: vec![known_dot(replica(1), 2)], owed, base })];
    late.scopes.push(scope("440783108224002"));
    late.eff.quality = TimeQuality::Clamped;
    rows.push(("moved_with_owed_pred_and_base".into(), late));
    rows
}

fn records() -> Vec<(&'static str, Record)> {
    let rows: Vec<Row> = rows().into_iter().map(|(_, row)| row).collect();
    let folded = |rows: &[&Row]| {
        let mut record = Record::new(rows[0].entity);
        rows.iter().for_each(|row| fold(&mut record, row));
        record
    };
    let sent_back = rows.iter().find(|row| row.verdict == Verdict::SentBack).expect("one of them");
    let owing = rows.last().expect("many");
    vec![
        ("created", folded(&[&rows[0]])),
        ("edited_before_its_create", folded(&[&rows[1], &rows[2]])),
        ("deleted", folded(&[&rows[1], &rows[3]])),
        ("with_work_sent_back", folded(&[sent_back])),
        ("with_an_owed_write", folded(&[owing])),
    ]
}

fn frame(shorten: &impl Shorten) -> Vec<u8> {
    let ops = chain(9);
    let ops = ops.iter().map(|(op, chain)| (op, *chain));
    frame::encode(Start::of(replica(9)), ops, shorten, &key()).0
}

fn pages() -> Vec<Case> {
    let (own, from) = (chain(8), HubSeq { epoch: 1, n: 40 });
    let held = Held { replica: replica(8), from_rseq: 1 };
    let page = |items: &[Item], shorten: &World| {
        let mut writer = PageWriter::new(from, held, shorten);
        items.iter().for_each(|item| writer.push(item));
        writer.finish(HubSeq { epoch: 1, n: 99 }, false)
    };
    let others: Vec<Item> = rows().into_iter().map(|(_, row)| Item::Row(row)).collect();
    let run: Vec<Item> = (0..own.len()).map(|at| Item::Row(row(8, &own, at, 41 + at as u64))).collect();
    let mut held_back = row(8, &own, 1, 50);
    held_back.verdict = Verdict::Quarantined(HeldReason::OutOfArea);
    held_back.effects = vec![None];
    let record = records().remove(0).1;
    let leave = Item::Leave { entity: known_chain(replica(2), 4).entity(), seq: HubSeq { epoch: 1, n: 52 } };
    let mut later = row(8, &own, 2, 1);
    later.seq.epoch = 2;
    vec![
        case("empty", page(&[], &world())),
        case("own_rows_as_a_run", page(&run, &world())),
        case(
            "own_row_held_as_a_receipt_then_another_epoch",
            page(&[Item::Receipt(held_back), Item::Row(later)], &world()),
        ),
        case("rows_of_another_with_every_verdict", page(&others, &world())),
        case("rows_of_another_without_chains", page(&others, &World::default())),
        case("a_record_enters_and_one_leaves", page(&[Item::Enter(record), leave], &world())),
    ]
}

fn request() -> Request {
    Request {
        replica: replica(9),
        head: Head { rseq: 8, chain: chain(9)[7].1 },
        holds_from: 1,
        boot_id: 0x1234_5678_9abc_def0,
        mono_ms: 3_700_000,
        wall_ms: NOON + 100_000,
        cursor: Cursor { seq: HubSeq { epoch: 1, n: 40 }, log: [5; 8] },
        view: vec![scope("440783108224001")],
        entering: None,
        full_ids: false,
        frames: vec![frame(&world())],
        handed_back: vec![],
    }
}

fn reply() -> Reply {
    Reply {
        challenge: [0x22; 16],
        hub_now_ms: NOON + 100_200,
        have: Head { rseq: 8, chain: chain(9)[7].1 },
        forked: false,
        durable: HubSeq { epoch: 1, n: 38 },
        push_error: None,
        rewind: None,
        view: vec![scope("440783108224001")],
        entering: None,
        page: pages().remove(1).bytes,
        log: [6; 8],
        keep: vec![],
    }
}

fn certificate() -> Certificate {
    Certificate {
        cell: "440783".into(),
        member: actor("m-440783108224-03"),
        label: "网格员·仲和·03".into(),
        role: Role::Member,
        areas: vec![scope("440783108224001")],
        device: key().verifying_key().to_bytes(),
        issued_ms: NOON,
    }
}

/// The ops from the fourth on: the phone's disk lost the second and the third.
fn frame_behind_a_hole() -> Vec<u8> {
    let chain = chain(9);
    let start = Start { rseq: 4, prev: chain[2].1, lost: 2, ..Start::of(replica(9)) };
    frame::encode(start, chain[3..].iter().map(|(op, chain)| (op, *chain)), &FullIds, &key()).0
}

/// A page's rows as a phone keeps them.
fn kept() -> Vec<u8> {
    let items: Vec<Item> = rows().into_iter().map(|(_, row)| Item::Row(row)).collect();
    let runs = keep::runs(&items);
    assert_eq!(runs.len(), 1, "a few rows are one run");
    keep::seal([0x33; 16], &runs[0])
}

fn valid() -> Vec<(&'static str, Vec<Case>)> {
    let nothing = Request { frames: vec![], ..request() };
    let all = Request {
        entering: Some((scope("440783109"), known_chain(replica(1), 1).entity())),
        full_ids: true,
        ..request()
    };
    let rewind = Some(Cursor { seq: HubSeq { epoch: 1, n: 30 }, log: [7; 8] });
    let restored = Reply { push_error: Some(PushError::Gap), rewind, entering: all.entering, ..reply() };
    let handing_back = Request { handed_back: vec![kept()], ..request() };
    let sealed = |request: &Request| request.seal(&key(), CHALLENGE);
    vec![
        ("op", samples().into_iter().map(|(name, op)| case(name, op.encode().expect("small"))).collect()),
        ("row", rows().into_iter().map(|(name, row)| case(name, row.encode())).collect()),
        ("record", records().into_iter().map(|(name, record)| case(name, record.encode())).collect()),
        (
            "frame",
            vec![
                case("short_references", frame(&world())),
                case("full_ids", frame(&FullIds)),
                case("behind_a_hole", frame_behind_a_hole()),
            ],
        ),
        ("page", pages()),
        (
            "request",
            vec![
                case("nothing_to_push", sealed(&nothing)),
                case("with_a_frame", sealed(&request())),
                case("every_part", sealed(&all)),
            ],
        ),
        (
            "reply",
            vec![
                case("a_page", reply().encode()),
                case("restored_hub", restored.encode()),
                case("forked", Reply { forked: true, ..reply() }.encode()),
            ],
        ),
        ("certificate", vec![case("of_a_member", certificate().sign(&key()))]),
        ("kept", vec![case("a_run", kept())]),
        ("request_handing_back", vec![case("before_a_frame", sealed(&handing_back))]),
        ("reply_to_keep", vec![case("a_page", Reply { keep: vec![[0x33; 16], [0x44; 16]], ..reply() }.encode())]),
    ]
}

/// Bytes with one of them changed.
fn changed(mut bytes: Vec<u8>, at: usize, to: u8) -> Vec<u8> {
    bytes[at] = to;
    bytes
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

fn longer(bytes: &[u8]) -> Vec<u8> {
    [bytes, &[0]].concat()
}

fn reply_with(body: &[u8]) -> Vec<u8> {
    let mut out = minicbor::Encoder::new(Vec::new());
    out.array(2).and_then(|e| e.u8(1)).and_then(|e| e.bytes(body)).expect("in memory");
    out.into_writer()
}

fn framed(op: Op) -> Vec<u8> {
    let ops = chained(replica(9), vec![op]);
    let ops = ops.iter().map(|(op, chain)| (op, *chain));
    frame::encode(Start::of(replica(9)), ops, &FullIds, &key()).0
}

fn invalid() -> Vec<(&'static str, Vec<Case>)> {
    let mut invalid: Vec<(&str, Vec<Case>)> = valid()
        .into_iter()
        .map(|(wire_type, cases)| {
            let bytes = &cases[0].bytes;
            (wire_type, vec![case("empty", vec![]), case("cut", cut(bytes)), case("longer", longer(bytes))])
        })
        .collect();
    let mut add = |wire_type: &str, case| {
        let (_, cases) = invalid.iter_mut().find(|(name, _)| *name == wire_type).expect("every type is there");
        cases.push(case);
    };
    let create = samples()[0].1.encode().expect("small");
    add("op", case("indefinite_map", [&[0xbf][..], &create[1..], &[0xff]].concat()));
    add("op", case("longer_integer_than_needed", [&create[..1], &[0x18, 0], &create[2..]].concat()));
    add("row", case("sent_back_by_nobody", Row { verdict: Verdict::SentBack, ..rows()[1].1.clone() }.encode()));
    add("row", case("an_effect_too_few", Row { effects: vec![], ..rows()[1].1.clone() }.encode()));

    let about = samples()[1].1.entity;
    let posing = plain(OpKind::Opaque { body: Value::list([&Value::int(1)]) }, about, vec![]);
    let mut shadow = plain(OpKind::Set, about, vec![set(FieldNo::TITLE, vec![], Value::text("a"))]);
    shadow.extra = vec![(2, Value::text("somebody else"))];
    let good = frame(&FullIds);
    add("frame", case("known_kind_posing_as_newer", framed(posing)));
    add("frame", case("known_key_posing_as_newer", framed(shadow)));
    add("frame", case("moved_in_its_chain", changed(good.clone(), 18, 2)));
    add("frame", case("another_signature", changed(good.clone(), good.len() - 40, !good[good.len() - 40])));
    let many = [&good[..53], &[0x19, 0x01, 0xf5], &good[54..]].concat();
    assert_eq!(good[53], 8, "the count of ops stands here");
    add("frame", case("more_ops_than_the_cap", many));
    let sealed = request().seal(&key(), CHALLENGE);
    add("request", case("version_2", changed(sealed.clone(), 1, 2)));
    add("request", case("another_challenge", changed(sealed.clone(), 12, 0x12)));
    add("reply", case("version_2", changed(reply().encode(), 1, 2)));
    add(
        "reply",
        case("declares_a_gigabyte", reply_with(&[0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x38, 0, 0, 0, 0x40, 1, 0, 0])),
    );
    add("reply", case("declares_no_size", reply_with(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, 1, 0, 0])));
    let zeros = zstd::bulk::compress(&vec![0; MESSAGE_BYTES + 1], 1).expect("in memory");
    add("reply", case("a_byte_over_the_cap", reply_with(&zeros)));
    let stranger = SigningKey::from_bytes(&[8; 32]);
    add("certificate", case("signed_by_a_stranger", certificate().sign(&stranger)));
    invalid
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn file(folder: &str, wire_type: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    root.join(folder).join(format!("{wire_type}.json"))
}

/// Compares a file with what this version writes; `byte_equal` unless a compressor had a hand in it.
fn check(folder: &str, wire_type: &str, cases: &[Case], byte_equal: bool) {
    let path = file(folder, wire_type);
    let said = |read: Result<String, String>| match read {
        Ok(text) => json!({ "reads": text }),
        Err(kind) => json!({ "error": kind }),
    };
    let entry = |case: &Case| {
        let mut entry = json!({ "name": case.name, "hex": hex(&case.bytes) });
        entry
            .as_object_mut()
            .expect("an object")
            .extend(said(read(wire_type, &case.bytes)).as_object().cloned().expect("an object"));
        entry
    };
    if std::env::var_os("GRIDPATROL_WRITE_VECTORS").is_some() {
        let entries: Vec<Json> = cases.iter().map(entry).collect();
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable checkout");
        let text = serde_json::to_string_pretty(&entries).expect("plain json") + "\n";
        std::fs::write(&path, text).expect("a writable checkout");
    }
    let text = std::fs::read_to_string(&path).expect("vectors are committed");
    let frozen: Vec<Json> = serde_json::from_str(&text).expect("json");
    assert_eq!(frozen.len(), cases.len(), "{folder}/{wire_type}");
    for (frozen, case) in frozen.iter().zip(cases) {
        let name = format!("{folder}/{wire_type}: {}", case.name);
        let bytes = from_hex(frozen["hex"].as_str().expect("hex"));
        assert_eq!(frozen["name"], case.name, "{name}");
        match (folder, read(wire_type, &bytes)) {
            // What it reads as stands in the file for people; its words may change with the code.
            ("valid", found) => assert_eq!(found, Ok(read(wire_type, &case.bytes).expect("just written")), "{name}"),
            (_, found) => assert_eq!(found, Err(frozen["error"].as_str().expect("an error").into()), "{name}"),
        }
        assert!(!byte_equal || bytes == case.bytes, "{name}: this version writes other bytes");
    }
}

#[test]
fn every_valid_vector_reads_as_it_always_did_and_is_still_written_so() {
    let packed = ["request", "reply", "kept"];
    for (wire_type, cases) in valid() {
        check("valid", wire_type, &cases, !packed.iter().any(|packed| wire_type.starts_with(packed)));
    }
}

#[test]
fn every_invalid_vector_is_the_same_error_as_ever() {
    for (wire_type, cases) in invalid() {
        check("invalid", wire_type, &cases, false);
    }
}
