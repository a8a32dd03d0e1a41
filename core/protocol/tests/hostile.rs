//! What a stranger sends is an error, never a panic, and never takes more memory than the caps allow.
//! One test in a binary of its own, so that nobody else allocates while it measures.
#![allow(unsafe_code)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{ChainHash, HubSeq};
use gridpatrol_model::op::Op;
use gridpatrol_model::page::Item;
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::frame::{self, FrameHead, Start};
use gridpatrol_protocol::keep;
use gridpatrol_protocol::limits::{FRAME_CAP, MESSAGE_BYTES};
use gridpatrol_protocol::page::{self, Held, PageWriter};
use gridpatrol_protocol::reply::Reply;
use gridpatrol_protocol::request::{Request, Sealed};
use gridpatrol_protocol::{Cursor, Head, WireError};
use support::*;

/// Counts the bytes that live, and the most that ever did.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system allocator with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that lived at once during `work`, beyond those before it.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    work();
    PEAK.load(Ordering::Relaxed) - before
}

/// Every decoder that faces a stranger, and the first thing that is done with what it lets through.
fn decode_everything(bytes: &[u8]) {
    let (key, world) = (key().verifying_key(), World::default());
    let _ = FrameHead::decode(bytes).and_then(|head| head.open(&world, &key).map(drop));
    if let Ok(page) = page::decode(bytes, &world, &world) {
        page.items.iter().for_each(take);
    }
    let _ = Sealed::decode(bytes).and_then(|sealed| sealed.open(&key).map(drop));
    let _ = Reply::decode(bytes);
    let _ = Certificate::read(bytes);
    let _ = Op::decode(bytes);
    let _ = Row::decode(bytes).map(|row| take(&Item::Row(row)));
    let _ = keep::open(bytes).and_then(|(_, run)| keep::rows(&run)).map(drop);
    let _ = Record::decode(bytes).map(|record| take(&Item::Enter(record)));
}

fn take(item: &Item) {
    match item {
        Item::Row(row) | Item::Receipt(row) => fold(&mut Record::new(row.entity), row),
        Item::Enter(record) => drop((record.encode(), record.disputed())),
        Item::Leave { .. } => {}
    }
}

/// A good message of every type.
fn messages() -> Vec<Vec<u8>> {
    let chain = chained(replica(9), samples().into_iter().map(|(_, op)| op).collect());
    let ops = chain.iter().map(|(op, chain)| (op, *chain));
    let frame = frame::encode(Start::of(replica(9)), ops, &World::default(), &key()).0;
    let row = row(&chain);
    let mut record = Record::new(row.entity);
    fold(&mut record, &row);
    let chains = (0..chain.len()).map(|at| (dot_at(replica(9), &chain, at), chain[at].1)).collect();
    let world = World { chains, ..World::default() };
    let mut page = PageWriter::new(HubSeq::ZERO, Held { replica: replica(8), from_rseq: 1 }, &world);
    page.push(&Item::Row(row.clone()));
    page.push(&Item::Enter(record.clone()));
    let page = page.finish(row.seq, false);
    let head = Head { rseq: 1, chain: ChainHash([1; 32]) };
    let cursor = Cursor { seq: HubSeq::ZERO, log: [1; 8] };
    let view = vec![scope("440783")];
    let request = Request {
        replica: replica(9),
        head,
        holds_from: 1,
        boot_id: 1,
        mono_ms: 1,
        wall_ms: NOON,
        cursor,
        view: view.clone(),
        entering: None,
        full_ids: false,
        frames: vec![frame.clone()],
        handed_back: vec![],
    };
    let reply = Reply {
        challenge: [1; 16],
        hub_now_ms: NOON,
        have: head,
        forked: false,
        durable: HubSeq::ZERO,
        push_error: None,
        rewind: None,
        view: view.clone(),
        entering: None,
        page: page.clone(),
        log: [1; 8],
        keep: vec![],
    };
    let certificate = Certificate {
        cell: "440783".into(),
        member: actor("m"),
        label: "网格员".into(),
        role: Role::Member,
        areas: view,
        device: [1; 32],
        issued_ms: NOON,
    };
    let op = chain[0].0.encode().expect("small");
    let kept = keep::seal([3; 16], &row.encode());
    let (request, certificate) = (request.seal(&key(), [1; 16]), certificate.sign(&key()));
    vec![frame, page, request, reply.encode(), kept, certificate, op, row.encode(), record.encode()]
}

fn row(chain: &[(Op, ChainHash)]) -> Row {
    let op = chain[0].0.clone();
    Row {
        seq: HubSeq { epoch: 0, n: 1 },
        dot: dot_at(replica(9), chain, 0),
        entity: entity_at(chain, 0),
        scopes: vec![op.scope],
        eff: EffectiveTime { ms: NOON, quality: TimeQuality::Wall },
        verdict: Verdict::Accepted,
        effects: op.sets.iter().map(|_| Some(Default::default())).collect(),
        op,
        decision: None,
    }
}

/// A zstd frame of `blocks` × 128 KB zeros, 4 bytes each, with the size that it declares.
fn bomb(blocks: u32, declared: Option<u32>) -> Vec<u8> {
    let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd];
    match declared {
        // Four bytes of content size; a window of 128 KB.
        Some(size) => bytes.extend([[0x80, 0x38].to_vec(), size.to_le_bytes().to_vec()].concat()),
        None => bytes.extend([0x00, 0x38]),
    }
    for at in 0..blocks {
        let header = (128 << 10) << 3 | 1 << 1 | u32::from(at + 1 == blocks);
        bytes.extend([&header.to_le_bytes()[..3], &[0]].concat());
    }
    bytes
}

fn reply_with(body: &[u8]) -> Vec<u8> {
    let mut out = minicbor::Encoder::new(Vec::new());
    out.array(2).and_then(|e| e.u8(1)).and_then(|e| e.bytes(body)).expect("in memory");
    out.into_writer()
}

/// A frame whose columns are these; its signature is nobody's.
fn frame_of(count: u64, columns: [&[u8]; 9]) -> Vec<u8> {
    let mut inner = minicbor::Encoder::new(Vec::new());
    for column in columns {
        inner.bytes(column).expect("in memory");
    }
    let mut out = minicbor::Encoder::new(Vec::new());
    let head = out.array(6).and_then(|e| e.bytes(&[9; 16])).and_then(|e| e.u8(1)).and_then(|e| e.bytes(&[0; 32]));
    let ops = head.and_then(|e| e.u64(count)).and_then(|e| e.bytes(inner.writer()));
    ops.and_then(|e| e.bytes(&[0; 64])).expect("in memory");
    out.into_writer()
}

#[test]
fn hostile_input_is_an_error_and_takes_bounded_memory() {
    truncated_and_flipped();
    random_bytes();
    endless_lengths_and_depths();
    zip_bombs();
    many_small_parts();
}

fn truncated_and_flipped() {
    let messages = messages();
    let peak = peak_of(|| {
        for message in &messages {
            for cut in 0..message.len() {
                decode_everything(&message[..cut]);
            }
            for at in 0..message.len() {
                let mut flipped = message.clone();
                flipped[at] ^= 1 << (at % 8);
                decode_everything(&flipped);
            }
        }
    });
    assert!(peak < 4 << 20, "{peak} bytes");
    for message in &messages {
        let longer = [&message[..], &[0]].concat();
        let (key, world) = (key().verifying_key(), World::default());
        assert!(FrameHead::decode(&longer).is_err() && page::decode(&longer, &world, &world).is_err());
        assert!(Sealed::decode(&longer).is_err() && Reply::decode(&longer).is_err());
        assert!(Certificate::verify(&longer, &key).is_err() && Op::decode(&longer).is_err());
        assert!(Row::decode(&longer).is_err() && Record::decode(&longer).is_err());
    }
}

fn random_bytes() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let peak = peak_of(|| {
        for _ in 0..20_000 {
            let len = next() % 64;
            let bytes: Vec<u8> = (0..len).map(|_| next() as u8).collect();
            decode_everything(&bytes);
        }
    });
    assert!(peak < 1 << 20, "{peak} bytes");
}

fn endless_lengths_and_depths() {
    let endless: Vec<Vec<u8>> = [0x9b, 0xbb, 0x5b, 0x7b].map(|kind| [&[kind][..], &[0xff; 8]].concat()).into();
    let deep = [[0x81; 1 << 16], [0x9f; 1 << 16], [0xbf; 1 << 16], [0xc1; 1 << 16]].map(Vec::from);
    let heads: [&[u8]; 6] = [&[], &[0x82, 1], &[0x85, 1], &[0x84], &[0xa1, 0x18, 99], &[0xa1, 9]];
    let peak = peak_of(|| {
        for tail in endless.iter().chain(&deep) {
            for head in heads {
                decode_everything(&[head, tail].concat());
                let body = zstd::bulk::compress(&[head, tail].concat(), 1).expect("in memory");
                assert!(Reply::decode(&reply_with(&body)).is_err());
            }
        }
    });
    assert!(peak < 4 << 20, "{peak} bytes");
}

fn zip_bombs() {
    let gigabyte = 8_192;
    let cases = [
        (bomb(gigabyte, Some(1 << 30)), "declares a gigabyte", 1 << 20),
        (bomb(gigabyte, None), "declares nothing", 1 << 20),
        (bomb(gigabyte, Some(1_000)), "declares a thousand bytes", 1 << 20),
        (bomb(16, Some(2 << 20)), "two megabytes, as declared", MESSAGE_BYTES + (1 << 20)),
    ];
    for (bomb, name, cap) in cases {
        let sent = reply_with(&bomb);
        let peak = peak_of(|| assert!(Reply::decode(&sent).is_err(), "{name}"));
        assert!(peak < cap, "{name}: {peak} bytes");
    }
    let sent = reply_with(&bomb(gigabyte, Some(1 << 30)));
    assert!(matches!(Reply::decode(&sent), Err(WireError::TooLarge { cap: MESSAGE_BYTES })));
}

/// A byte can stand for a whole set or dot: a frame of nothing else stays within a hundred times its cap.
fn many_small_parts() {
    let world = World::default();
    let names = [0x61, b'a', 0x62, b'4', b'4'];
    let next = |first: &[u8], ops: usize| [first, &vec![first[0] & 1; ops - 1]].concat();
    // Five ops of 7,000 empty sets: a token and a null each.
    let sets = [&[1, 0x19, 0x1b, 0x58][..], &[0; 7_000]].concat().repeat(5);
    let many_sets = frame_of(5, [&next(&[10], 5), &[0; 5], &[0; 5], &[0, 0], &sets, &[], &[], &names, &[0; 35_000]]);
    // A hundred ops that name the Create of their record 900 times.
    let preds = [&[1, 1, 1, 2, 0x19, 0x03, 0x84][..], &[0; 900]].concat().repeat(100);
    let ids = [[0x50].as_slice(), &[1; 16]].concat();
    let times = [0; 100];
    let many_dots =
        frame_of(100, [&next(&[11], 100), &times, &times, &[0, 0], &preds, &[2; 100], &ids, &names, &[0; 100]]);
    for bytes in [many_sets, many_dots] {
        let key = key().verifying_key();
        let open = || FrameHead::decode(&bytes).and_then(|head| head.open(&world, &key).map(drop));
        let peak = peak_of(|| assert!(matches!(open(), Err(WireError::Signature)), "read to its end"));
        assert!(peak < 100 * FRAME_CAP, "{peak} bytes");
        assert!(peak > 10 * FRAME_CAP, "the parts are there: {peak} bytes");
    }
    let large = frame_of(1, [&[0; FRAME_CAP], &[], &[], &[], &[], &[], &[], &[], &[]]);
    assert!(matches!(FrameHead::decode(&large), Err(WireError::TooLarge { cap: FRAME_CAP })));
    let many = frame_of(501, [&[]; 9]);
    assert!(matches!(FrameHead::decode(&many), Err(WireError::TooManyOps { .. })));
}
