//! A small known world and random ops in it, for the tests of the wire.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{FieldKey, OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set, chain_next, chain_seed};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::{BlobRef, Position, Value};
use gridpatrol_model::workflow::Stage;
use gridpatrol_protocol::page::OwnOps;
use gridpatrol_protocol::refs::{Expand, Shorten};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub const NOON: i64 = 1_795_500_000_000;

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub fn replica(number: u8) -> ReplicaId {
    ReplicaId([number; 16])
}

pub fn scope(code: &str) -> Scope {
    Scope::parse(code).expect("a code of the county")
}

pub fn actor(id: &str) -> ActorId {
    ActorId::new(id).expect("short")
}

/// The write at a place of the known world: what both sides have.
pub fn known_chain(replica: ReplicaId, rseq: u64) -> ChainHash {
    chain_next(chain_seed(replica), &rseq.to_be_bytes())
}

pub fn known_dot(replica: ReplicaId, rseq: u64) -> Dot {
    Dot { replica, rseq, tag: known_chain(replica, rseq).tag() }
}

/// Replicas 1 to 3, places 1 to 9. Every place is a Create.
#[derive(Debug, Default)]
pub struct World {
    /// Ops of the phone that asks.
    pub own: BTreeMap<u64, (Dot, EntityId, Op)>,
    pub chains: BTreeMap<Dot, ChainHash>,
    /// Says something wrong about every write.
    pub lies: bool,
}

fn places() -> impl Iterator<Item = (ReplicaId, u64)> {
    (1..=3).flat_map(|number| (1..=9).map(move |rseq| (replica(number), rseq)))
}

impl Shorten for World {
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)> {
        places().find(|(replica, rseq)| known_chain(*replica, *rseq).entity() == entity)
    }

    fn known(&self, dot: &Dot) -> bool {
        places().any(|(replica, rseq)| known_dot(replica, rseq) == *dot)
    }

    fn chain(&self, dot: &Dot) -> Option<ChainHash> {
        self.chains.get(dot).copied()
    }
}

impl Expand for World {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId> {
        let place = if self.lies { (replica, rseq + 1) } else { (replica, rseq) };
        places().find(|known| *known == (replica, rseq)).map(|_| known_chain(place.0, place.1).entity())
    }

    fn dot(&self, _: EntityId, _: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot> {
        let tag = known_dot(replica, if self.lies { rseq + 1 } else { rseq }).tag;
        places().find(|known| *known == (replica, rseq)).map(|_| Dot { replica, rseq, tag })
    }
}

impl OwnOps for World {
    fn own(&self, rseq: u64) -> Option<(Dot, EntityId, Op)> {
        self.own.get(&rseq).cloned()
    }
}

pub fn plain(kind: OpKind, entity: Option<EntityId>, sets: Vec<Set>) -> Op {
    Op {
        v: OP_VERSION,
        kind,
        actor: actor("m-440783108224-03"),
        entity,
        scope: scope("440783108224001"),
        seen: HubSeq { epoch: 1, n: 900 },
        schema: SCHEMA_VERSION,
        time: TimeEvidence { wall_ms: NOON, boot_id: 0x1234_5678_9abc_def0, mono_ms: 3_600_000, gnss_ms: None },
        sets,
        extra: Vec::new(),
    }
}

pub fn set(key: impl Into<FieldKey>, preds: Vec<Dot>, value: Value) -> Set {
    Set { key: key.into(), preds, value }
}

/// One op of every kind, with every type of value, by name.
pub fn samples() -> Vec<(&'static str, Op)> {
    let about = Some(known_chain(replica(1), 2).entity());
    let (seen, branch) = (known_dot(replica(1), 2), Dot { tag: [9; 8], ..known_dot(replica(2), 3) });
    let at = Position { lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(47) };
    let photo = BlobRef { hash: [0xab; 32], size: 3_141_592, mime: "image/jpeg".into() };
    let category = ["GB/T 34300-2017", "event", "0203", "井盖缺失"].map(Value::text);
    let values = vec![
        set(FieldNo::POSITION, vec![], Value::position(at)),
        set(FieldNo::STAGE, vec![], Value::int(1)),
        set(FieldNo::CATEGORY, vec![], Value::list(&category)),
        set(FieldNo::DESCRIPTION, vec![], Value::text("水库溢洪道有裂缝，已拍照上报。")),
        set(FieldNo::FOUND_AT, vec![], Value::int(NOON - 60_000)),
        set(FieldNo::PHOTO, vec![], Value::blob(&photo)),
        set(FieldNo::SYNTHETIC, vec![], Value::bool(true)),
        set(FieldNo::PARENT, vec![], Value::entity(known_chain(replica(2), 1).entity())),
        set(FieldKey::item(FieldNo::CHECKLIST, "fence"), vec![], Value::text("ok")),
        set(FieldNo(60_000), vec![], Value::list([&Value::int(-1), &Value::null()])),
    ];
    let edit = set(FieldNo::TITLE, vec![seen], Value::text("幸福路井盖缺失"));
    let settle = set(FieldNo::TITLE, vec![seen, branch], Value::text("两处都缺"));
    let step = |reason| OpKind::Transition { from: Stage::Reported, to: Stage::SelfHandled, seen, reason };
    let newer = Value::list([&Value::int(77), &Value::text("新")]);
    let mut with_extra = plain(OpKind::Set, about, vec![edit.clone()]);
    with_extra.extra = vec![(9, Value::bool(true)), (200, Value::list([&Value::int(1)]))];
    with_extra.v = 2;
    with_extra.schema = 9;
    with_extra.time.gnss_ms = Some(NOON + 12);
    vec![
        ("create", plain(OpKind::Create { kind: RecordKind::CASE }, None, values)),
        ("set", plain(OpKind::Set, about, vec![edit])),
        ("resolve", plain(OpKind::Resolve, about, vec![settle])),
        ("delete", plain(OpKind::Delete { saw: vec![seen, branch] }, about, vec![])),
        ("transition", plain(step(None), about, vec![])),
        ("transition_with_reason", plain(step(Some("已当场处理".into())), about, vec![])),
        ("newer_kind", plain(OpKind::Opaque { body: newer }, about, vec![])),
        ("newer_keys", with_extra),
    ]
}

/// The chain of a replica over these ops.
pub fn chained(replica: ReplicaId, ops: Vec<Op>) -> Vec<(Op, ChainHash)> {
    let mut end = chain_seed(replica);
    let link = |op: Op| {
        end = chain_next(end, &op.encode().expect("small"));
        (op, end)
    };
    ops.into_iter().map(link).collect()
}

pub fn dot_at(replica: ReplicaId, chain: &[(Op, ChainHash)], at: usize) -> Dot {
    Dot { replica, rseq: at as u64 + 1, tag: chain[at].1.tag() }
}

pub fn entity_at(chain: &[(Op, ChainHash)], at: usize) -> EntityId {
    chain[at].0.entity.unwrap_or_else(|| chain[at].1.entity())
}

pub fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::null()),
        any::<bool>().prop_map(Value::bool),
        any::<i64>().prop_map(Value::int),
        (-100_000_000i64..100_000_000).prop_map(|ms| Value::int(NOON + ms)),
        ".{0,12}".prop_map(|text| Value::text(&text)),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Value::bytes(&bytes)),
        // Longer than it need be, a float, and a map: forms that this version writes nowhere.
        select(vec![
            vec![0x1b, 0, 0, 1, 0xa2, 0, 0, 0, 1],
            vec![0x18, 5],
            vec![0x78, 1, b'a'],
            vec![0xf9, 0x3c, 0],
            vec![0xa1, 1, 2]
        ])
        .prop_map(|bytes| Value::from_encoded(&bytes).expect("one item")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| vec(inner, 0..3).prop_map(|items| Value::list(&items)))
}

/// A write that both sides know, or one of a branch that the other side does not know.
pub fn any_dot() -> impl Strategy<Value = Dot> {
    (1u8..=4, 1u64..=9, any::<bool>()).prop_map(|(number, rseq, branch)| {
        let dot = known_dot(replica(number), rseq);
        if branch { Dot { tag: [number; 8], ..dot } } else { dot }
    })
}

pub fn any_set() -> impl Strategy<Value = Set> {
    let key = (0u16..=u16::MAX, option::of("[a-z网]{0,6}"))
        .prop_map(|(no, item)| FieldKey { no: FieldNo(no), item: item.map(String::into_boxed_str) });
    (key, vec(any_dot(), 0..3), any_value()).prop_map(|(key, preds, value)| Set { key, preds, value })
}

pub fn any_kind() -> impl Strategy<Value = OpKind> {
    let stage = || select(Stage::ALL.to_vec());
    prop_oneof![
        3 => any::<u16>().prop_map(|kind| OpKind::Create { kind: RecordKind(kind) }),
        3 => Just(OpKind::Set),
        1 => Just(OpKind::Resolve),
        1 => vec(any_dot(), 0..4).prop_map(|saw| OpKind::Delete { saw }),
        1 => (stage(), stage(), any_dot(), option::of(".{0,9}"))
            .prop_map(|(from, to, seen, reason)| OpKind::Transition { from, to, seen, reason }),
        1 => (5i64..1_000_000, any_value())
            .prop_map(|(tag, value)| OpKind::Opaque { body: Value::list([&Value::int(tag), &value]) })
            .prop_filter("as deep as a value may be", |kind| match kind {
                OpKind::Opaque { body } => Value::from_encoded(body.encoded()).is_ok(),
                _ => true,
            }),
    ]
}

fn any_time() -> impl Strategy<Value = TimeEvidence> {
    let near = (0i64..9_000_000, 0i64..3).prop_map(|(ms, jitter)| TimeEvidence {
        wall_ms: NOON + ms,
        boot_id: 5,
        mono_ms: (ms + jitter) as u64,
        gnss_ms: None,
    });
    let far = (any::<i64>(), any::<u64>(), any::<u64>(), option::of(any::<i64>()))
        .prop_map(|(wall_ms, boot_id, mono_ms, gnss_ms)| TimeEvidence { wall_ms, boot_id, mono_ms, gnss_ms });
    prop_oneof![3 => near, 1 => far]
}

pub fn any_op() -> impl Strategy<Value = Op> {
    let entity = (1u8..=4, 1u64..=9).prop_map(|(number, rseq)| known_chain(replica(number), rseq).entity());
    let head =
        (select(vec!["440783", "440783108", "440783108224001", "440783108224002"]), select(vec!["a", "b", "丙"]));
    let seen = (0u32..3, prop_oneof![0u64..50, any::<u64>()]).prop_map(|(epoch, n)| HubSeq { epoch, n });
    let extra = vec((9u64..=u64::MAX, any_value()), 0..2);
    let version = prop_oneof![4 => Just((OP_VERSION, SCHEMA_VERSION)), 1 => any::<(u8, u32)>()];
    (any_kind(), entity, head, seen, any_time(), vec(any_set(), 0..4), extra, version).prop_map(
        |(kind, entity, (code, name), seen, time, sets, extra, (v, schema))| {
            let entity = if matches!(kind, OpKind::Create { .. }) { None } else { Some(entity) };
            Op { v, kind, actor: actor(name), entity, scope: scope(code), seen, schema, time, sets, extra }
        },
    )
}

/// Ops of one replica, some of which refer to what the same replica wrote before.
pub fn any_chain(replica: ReplicaId, len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(Op, ChainHash)>> {
    vec((any_op(), option::of(any::<proptest::sample::Index>())), len).prop_map(move |drafts| {
        let mut ops: Vec<Op> = Vec::new();
        for (mut op, earlier) in drafts {
            if let (Some(earlier), Some(_), false) = (earlier, op.entity, ops.is_empty()) {
                let chain = chained(replica, ops.clone());
                let at = earlier.index(chain.len());
                op.entity = Some(entity_at(&chain, at));
                if let Some(set) = op.sets.first_mut() {
                    set.preds.push(dot_at(replica, &chain, at));
                }
            }
            ops.push(op);
        }
        chained(replica, ops)
    })
}
