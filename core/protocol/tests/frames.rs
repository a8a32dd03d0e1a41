//! What a phone wrote arrives at the hub as the same ops with the same identities, however it was cut.

mod support;

use gridpatrol_model::ids::ChainHash;
use gridpatrol_model::op::{Op, OpKind, chain_seed};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_protocol::WireError;
use gridpatrol_protocol::frame::{self, Frame, FrameHead, Start};
use gridpatrol_protocol::limits::{FRAME_BYTES, FRAME_OPS};
use gridpatrol_protocol::refs::{Expand, FullIds, Shorten};
use proptest::prelude::*;
use support::*;

type Chain = [(Op, ChainHash)];

/// Frames over a chain, each of at most `cut` ops.
fn frames(chain: &Chain, cut: usize, shorten: &impl Shorten) -> Vec<Vec<u8>> {
    let (mut at, mut prev, mut frames) = (0, chain_seed(replica(9)), Vec::new());
    while at < chain.len() {
        let ops = chain[at..].iter().take(cut).map(|(op, chain)| (op, *chain));
        let (bytes, taken) =
            frame::encode(Start { replica: replica(9), rseq: at as u64 + 1, prev, lost: 0 }, ops, shorten, &key());
        frames.push(bytes);
        at += taken;
        prev = chain[at - 1].1;
    }
    frames
}

fn open(bytes: &[u8], expand: &impl Expand) -> Result<Frame, WireError> {
    FrameHead::decode(bytes)?.open(expand, &key().verifying_key())
}

fn assert_arrives(chain: &Chain, frames: &[Vec<u8>], expand: &impl Expand) {
    let opened: Vec<Frame> = frames.iter().map(|bytes| open(bytes, expand).expect("as sent")).collect();
    let arrived: Vec<_> = opened.iter().flat_map(|frame| (0..frame.ops.len()).map(move |at| (frame, at))).collect();
    assert_eq!(arrived.len(), chain.len());
    for (n, (frame, at)) in arrived.into_iter().enumerate() {
        let framed = &frame.ops[at];
        assert_eq!(framed.op, chain[n].0);
        assert_eq!(framed.bytes, chain[n].0.encode().expect("small"));
        assert_eq!(framed.chain, chain[n].1);
        assert_eq!((frame.dot(at), frame.entity(at)), (dot_at(replica(9), chain, n), entity_at(chain, n)));
        assert_eq!(Op::decode(&framed.bytes).expect("canonical"), framed.op, "the hub reads its own bytes alike");
    }
}

#[test]
fn every_kind_of_op_and_value_arrives_byte_for_byte() {
    let chain = chained(replica(9), samples().into_iter().map(|(_, op)| op).collect());
    let short = frames(&chain, FRAME_OPS, &World::default());
    let full = frames(&chain, FRAME_OPS, &FullIds);
    assert_arrives(&chain, &short, &World::default());
    assert_arrives(&chain, &full, &FullIds);
    assert!(short[0].len() + 100 < full[0].len(), "short references are worth their while");
}

#[test]
fn a_frame_takes_no_more_ops_or_bytes_than_the_caps() {
    let op = samples().remove(1).1;
    let many = chained(replica(9), vec![op.clone(); FRAME_OPS + 1]);
    assert_eq!(frames(&many, usize::MAX, &World::default()).len(), 2);

    let mut long = op;
    long.sets[0].value = Value::bytes(&[0x5a; 30_000]);
    let long = chained(replica(9), vec![long; 10]);
    let cut = frames(&long, usize::MAX, &World::default());
    assert_eq!(cut.len(), 4, "three ops reach the {FRAME_BYTES} bytes after which no other is taken");
    assert_arrives(&long, &cut, &World::default());
}

#[test]
fn a_reference_that_does_not_resolve_asks_for_full_ids() {
    let chain = chained(replica(9), samples().into_iter().map(|(_, op)| op).collect());
    let short = frames(&chain, FRAME_OPS, &World::default());
    assert!(matches!(open(&short[0], &FullIds), Err(WireError::NeedsFullIds)));
}

#[test]
fn a_wrong_expansion_does_not_pass_the_signature() {
    let lies = World { lies: true, ..World::default() };
    for (name, op) in samples().into_iter().filter(|(_, op)| op.entity.is_some()) {
        let chain = chained(replica(9), vec![op]);
        let sent = frames(&chain, FRAME_OPS, &World::default());
        assert!(matches!(open(&sent[0], &lies), Err(WireError::Signature)), "{name}");
    }
}

#[test]
fn another_key_a_moved_place_and_another_replica_do_not_pass() {
    let chain = chained(replica(9), vec![samples().remove(0).1]);
    let sent = frames(&chain, FRAME_OPS, &FullIds).remove(0);
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key();
    let head = FrameHead::decode(&sent).expect("a frame");
    assert!(matches!(head.open(&FullIds, &stranger), Err(WireError::Signature)));

    let place = 1 + 17;
    assert_eq!(sent[place], 1, "the first op stands here");
    let mut moved = sent.clone();
    moved[place] = 2;
    assert!(matches!(open(&moved, &FullIds), Err(WireError::Signature)));
    let mut renamed = sent;
    renamed[2] ^= 1;
    assert!(matches!(open(&renamed, &FullIds), Err(WireError::Signature)));
}

#[test]
fn nothing_known_can_pose_as_something_newer() {
    let about = samples()[1].1.entity;
    let body = Value::list([&Value::int(1)]);
    let posing = plain(OpKind::Opaque { body }, about, vec![]);
    let mut shadow = plain(OpKind::Set, about, vec![set(FieldNo::TITLE, vec![], Value::text("a"))]);
    shadow.extra = vec![(2, Value::text("somebody else"))];
    for op in [posing, shadow] {
        let sent = frames(&chained(replica(9), vec![op]), FRAME_OPS, &FullIds);
        assert!(matches!(open(&sent[0], &FullIds), Err(WireError::Malformed(_))));
    }
}

#[test]
fn two_branches_of_one_replica_are_told_apart() {
    // A clone's op at the place that this frame also fills.
    let mut op = samples().remove(1).1;
    let (mine, clone) = (chained(replica(9), vec![op.clone()]), known_dot(replica(9), 1));
    op.sets[0].preds = vec![dot_at(replica(9), &mine, 0), clone];
    let chain = chained(replica(9), vec![mine[0].0.clone(), op]);
    assert_arrives(&chain, &frames(&chain, FRAME_OPS, &World::default()), &World::default());
}

proptest! {
    #[test]
    fn any_history_arrives_however_it_is_cut(chain in any_chain(replica(9), 1..24), cut in 1usize..24) {
        let whole = frames(&chain, FRAME_OPS, &World::default());
        assert_arrives(&chain, &whole, &World::default());
        assert_arrives(&chain, &frames(&chain, cut, &World::default()), &World::default());
        assert_arrives(&chain, &frames(&chain, cut, &FullIds), &FullIds);
    }

    #[test]
    fn a_flipped_bit_never_changes_what_arrives(
        chain in any_chain(replica(9), 1..6),
        bit in any::<proptest::sample::Index>(),
    ) {
        let mut sent = frames(&chain, FRAME_OPS, &World::default()).remove(0);
        let bit = bit.index(sent.len() * 8);
        sent[bit / 8] ^= 1 << (bit % 8);
        if let Ok(frame) = open(&sent, &World::default()) {
            prop_assert_eq!(frame.end().rseq, chain.len() as u64);
            prop_assert_eq!(frame.end().chain, chain[chain.len() - 1].1);
        }
    }
}
