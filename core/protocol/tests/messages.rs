//! Request, reply and certificate: what was signed is what is read, and what a newer version adds is passed over.

mod support;

use ed25519_dalek::SigningKey;
use gridpatrol_model::ids::{ChainHash, HubSeq};
use gridpatrol_model::op::{MAX_OP_BYTES, Op};
use gridpatrol_model::page::Item;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::WireError;
use gridpatrol_protocol::auth::{CERTIFICATE_BYTES, Certificate};
use gridpatrol_protocol::frame::Start;
use gridpatrol_protocol::keep;
use gridpatrol_protocol::limits::{FRAME_OPS, FRAMES, RUN_BYTES};
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_protocol::push::{Ack, Pace, judge, plan};
use gridpatrol_protocol::refs::FullIds;
use gridpatrol_protocol::reply::{PushError, Reply};
use gridpatrol_protocol::request::{Request, Sealed, key_id};
use gridpatrol_protocol::{Cursor, Head};
use support::*;

const CHALLENGE: [u8; 16] = [0x11; 16];

fn request() -> Request {
    Request {
        replica: replica(8),
        head: Head { rseq: 12, chain: known_chain(replica(8), 12) },
        holds_from: 3,
        boot_id: u64::MAX,
        mono_ms: 86_400_000,
        wall_ms: -NOON,
        cursor: Cursor { seq: HubSeq { epoch: 2, n: 900 }, log: [5; 8] },
        view: vec![scope("440783108"), scope("440783108224001")],
        entering: Some((scope("440783109"), known_chain(replica(1), 1).entity())),
        full_ids: true,
        frames: vec![vec![1, 2, 3], vec![]],
        handed_back: vec![vec![4, 5], vec![6]],
    }
}

fn reply() -> Reply {
    Reply {
        challenge: [9; 16],
        hub_now_ms: NOON,
        have: Head { rseq: 12, chain: known_chain(replica(8), 12) },
        forked: false,
        durable: HubSeq { epoch: 1, n: 890 },
        push_error: Some(PushError::Gap),
        rewind: Some(Cursor { seq: HubSeq { epoch: 1, n: 700 }, log: [6; 8] }),
        view: vec![scope("440783108")],
        entering: Some((scope("440783109"), known_chain(replica(1), 1).entity())),
        page: vec![7; 40],
        log: [8; 8],
        keep: vec![[1; 16], [2; 16]],
    }
}

fn row_of(chain: &[(Op, ChainHash)], at: usize) -> Row {
    let op = chain[at].0.clone();
    Row {
        seq: HubSeq { epoch: 1, n: at as u64 + 1 },
        dot: dot_at(replica(9), chain, at),
        entity: entity_at(chain, at),
        scopes: vec![op.scope],
        eff: EffectiveTime { ms: NOON, quality: TimeQuality::Wall },
        verdict: Verdict::Accepted,
        effects: op.sets.iter().map(|_| Some(Default::default())).collect(),
        op,
        decision: None,
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

#[test]
fn a_request_is_read_as_it_was_signed() {
    let sparse =
        Request { entering: None, full_ids: false, frames: vec![], handed_back: vec![], view: vec![], ..request() };
    for request in [request(), sparse] {
        let sent = request.seal(&key(), CHALLENGE);
        let sealed = Sealed::decode(&sent).expect("a request");
        assert_eq!((sealed.key, sealed.challenge), (key_id(&key().verifying_key()), CHALLENGE));
        assert_eq!(sealed.open(&key().verifying_key()).expect("signed"), request);
    }
}

#[test]
fn what_a_page_brings_is_kept_in_runs_that_give_the_same_rows_back() {
    let chain = chained(replica(9), vec![samples().remove(1).1; 400]);
    let rows: Vec<Row> = (0..chain.len()).map(|at| row_of(&chain, at)).collect();
    let items = rows.iter().cloned().map(|row| if row.seq.n % 3 == 0 { Item::Receipt(row) } else { Item::Row(row) });
    let entity = rows[0].entity;
    let items: Vec<Item> = items.chain([Item::Leave { entity, seq: HubSeq { epoch: 1, n: 999 } }]).collect();
    let runs = keep::runs(&items);
    assert!(runs.len() > 1, "more than a run takes");
    assert!(runs.iter().all(|run| run.len() < RUN_BYTES + MAX_OP_BYTES));
    let mut back = Vec::new();
    for run in &runs {
        let (tag, run) = keep::open(&keep::seal([5; 16], run)).expect("as it was kept");
        assert_eq!(tag, [5; 16]);
        back.extend(keep::rows(&run).expect("sound rows"));
    }
    assert_eq!(back, rows);
}

#[test]
fn a_request_that_was_changed_or_replayed_under_another_challenge_is_refused() {
    let sent = request().seal(&key(), CHALLENGE);
    let challenge_at = 2 + 9 + 1;
    assert_eq!(sent[challenge_at], CHALLENGE[0]);
    for at in challenge_at..sent.len() {
        let mut changed = sent.clone();
        changed[at] ^= 1;
        let opened = Sealed::decode(&changed).and_then(|sealed| sealed.open(&key().verifying_key()));
        assert!(opened.is_err(), "byte {at}");
    }
    let stranger = SigningKey::from_bytes(&[8; 32]).verifying_key();
    assert!(matches!(Sealed::decode(&sent).expect("a request").open(&stranger), Err(WireError::Signature)));
}

#[test]
fn a_reply_reads_back_with_and_without_its_optional_parts() {
    let sparse = Reply { push_error: None, rewind: None, entering: None, page: vec![], keep: vec![], ..reply() };
    for reply in [reply(), sparse].into_iter().chain(PushError::ALL.map(|e| Reply { push_error: Some(e), ..reply() })) {
        assert_eq!(Reply::decode(&reply.encode()).expect("as sent"), reply);
    }
}

#[test]
fn another_version_says_so_before_anything_else_is_read() {
    let (mut request, mut reply) = (request().seal(&key(), CHALLENGE), reply().encode());
    (request[1], reply[1]) = (2, 2);
    assert!(matches!(Sealed::decode(&request), Err(WireError::Version(2))));
    assert!(matches!(Reply::decode(&reply), Err(WireError::Version(2))));
    assert!(matches!(Reply::decode(&[0x83, 0x18, 77]), Err(WireError::Version(77))), "whatever follows");
}

/// A reply with another body, as a newer hub would send it.
fn with_body(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let sent = reply().encode();
    let mut d = minicbor::Decoder::new(&sent);
    let (_, _) = (d.array().expect("parts"), d.u64().expect("version"));
    let mut body = zstd::bulk::decompress(d.bytes().expect("body"), 1 << 20).expect("zstd");
    change(&mut body);
    let mut out = minicbor::Encoder::new(Vec::new());
    let packed = zstd::bulk::compress(&body, 3).expect("in memory");
    out.array(2).and_then(|e| e.u8(1)).and_then(|e| e.bytes(&packed)).expect("in memory");
    out.into_writer()
}

#[test]
fn keys_of_a_newer_version_are_passed_over() {
    let newer = with_body(|body| {
        assert_eq!(body[0], 0xab, "eleven keys");
        body[0] += 2;
        body.extend([0x18, 99, 0x82, 1, 0x61, b'x', 0x19, 1, 0, 0xa1, 1, 2]);
    });
    assert_eq!(Reply::decode(&newer).expect("as sent, and more"), reply());
}

#[test]
fn an_error_of_a_newer_hub_means_later_again() {
    let code_at = |body: &[u8]| body.windows(2).rposition(|pair| pair == [4, 1]).expect("key and code") + 1;
    let newer = with_body(|body| {
        let at = code_at(body);
        body[at] = 17;
    });
    assert_eq!(Reply::decode(&newer).expect("as sent").push_error, Some(PushError::NotStored));
}

#[test]
fn a_certificate_is_known_again_and_cannot_be_changed() {
    let issuer = SigningKey::from_bytes(&[3; 32]);
    let signed = certificate().sign(&issuer);
    assert_eq!(Certificate::verify(&signed, &issuer.verifying_key()).expect("signed"), certificate());
    assert_eq!(Certificate::read(&signed).expect("a certificate"), certificate());
    assert!(matches!(Certificate::verify(&signed, &key().verifying_key()), Err(WireError::Signature)));
    for at in 0..signed.len() {
        let mut changed = signed.clone();
        changed[at] ^= 4;
        assert!(Certificate::verify(&changed, &issuer.verifying_key()).is_err(), "byte {at}");
        assert!(Certificate::verify(&signed[..at], &issuer.verifying_key()).is_err(), "cut at {at}");
    }
    let endless = vec![0; CERTIFICATE_BYTES + 1];
    assert!(matches!(Certificate::read(&endless), Err(WireError::TooLarge { .. })));
}

#[test]
fn a_push_grows_while_the_line_is_good_and_starts_over_after_a_failure() {
    let mut pace = Pace::default();
    assert_eq!(pace.frames(), 1);
    (0..10).for_each(|_| pace.succeeded());
    assert_eq!(pace.frames(), FRAMES);
    pace.failed();
    assert_eq!(pace.frames(), 1);
}

#[test]
fn a_plan_carries_consecutive_frames_up_to_the_pace() {
    let op = samples().remove(1).1;
    let chain = chained(replica(8), vec![op; 3 * FRAME_OPS]);
    let start = Start::of(replica(8));
    let mut pace = Pace::default();
    pace.succeeded();
    let outbox = || chain.iter().map(|(op, chain)| (op, *chain));
    let two = plan(start, outbox(), pace, &FullIds, &key());
    pace.succeeded();
    let all = plan(start, outbox(), pace, &FullIds, &key());
    assert_eq!((two.len(), all.len()), (2, 3));
    let mut end = Head { rseq: 0, chain: start.prev };
    for bytes in &all {
        let head = gridpatrol_protocol::frame::FrameHead::decode(bytes).expect("a frame");
        assert_eq!((head.start.rseq, head.start.prev), (end.rseq + 1, end.chain));
        end = head.open(&FullIds, &key().verifying_key()).expect("signed").end();
    }
    assert_eq!(end, Head { rseq: 3 * FRAME_OPS as u64, chain: chain[chain.len() - 1].1 });
    assert_eq!(plan(start, std::iter::empty(), pace, &FullIds, &key()), Vec::<Vec<u8>>::new());
}

#[test]
fn an_ack_is_believed_only_for_the_same_chain() {
    let own = |rseq| (rseq <= 12).then(|| known_chain(replica(8), rseq));
    let have = |rseq, chain| judge(Head { rseq, chain }, 12, own);
    assert_eq!(have(7, known_chain(replica(8), 7)), Ack::UpTo(7));
    assert_eq!(have(12, known_chain(replica(8), 12)), Ack::UpTo(12));
    assert_eq!(have(7, known_chain(replica(9), 7)), Ack::Forked, "another branch got there first");
    assert_eq!(have(13, known_chain(replica(8), 13)), Ack::Forked, "a clone wrote on");
}

#[test]
fn an_enrolment_link_reads_back_whole_also_when_somebody_pasted_it_with_spaces_and_a_newer_hub_wrote_more() {
    let link = EnrolLink { hub: "https://hub.example:8740".into(), key: Some([0xfb; 32]), code: "7K3M-9Q2X-AB".into() };
    let text = link.write();
    let key = "-_v7".repeat(10) + "-_s";
    assert_eq!(text, format!("gridpatrol:enrol?hub=https%3A%2F%2Fhub.example%3A8740&key={key}&code=7K3M-9Q2X-AB"));
    assert_eq!(EnrolLink::read(&format!("  {text}&later=1\n")).expect("a link"), link);
    let bare = EnrolLink { key: None, ..link };
    assert_eq!(EnrolLink::read(&bare.write()).expect("a link"), bare);
}

#[test]
fn half_an_enrolment_link_is_none() {
    let texts = [
        "",
        "https://hub.example",
        "gridpatrol:enrol?hub=https://hub.example",
        "gridpatrol:enrol?code=7K3M",
        "gridpatrol:enrol?hub=https://hub.example&code=7K3M&key=AAAA",
        "gridpatrol:enrol?hub=https://hub.example&code=7K3M&key=",
    ];
    for text in texts {
        assert!(EnrolLink::read(text).is_err(), "{text}");
    }
    let endless = format!("gridpatrol:enrol?hub={}&code=7K3M", "a".repeat(10_000));
    assert!(EnrolLink::read(&endless).is_err());
}
