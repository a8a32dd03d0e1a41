//! What the hub put on a page is what the phone reads, whoever wrote the rows and whatever was decided.

mod support;

use gridpatrol_model::area::Scope;
use gridpatrol_model::fold::{fold, writes};
use gridpatrol_model::ids::{ChainHash, HubSeq};
use gridpatrol_model::op::Op;
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Decision, Effect, HeldReason, Row, Verdict, rank};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_protocol::WireError;
use gridpatrol_protocol::limits::PAGE_ITEMS;
use gridpatrol_protocol::page::{Held, PageWriter, decode};
use gridpatrol_protocol::refs::{FullIds, Shorten};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use support::*;

type Chain = [(Op, ChainHash)];

/// The phone that asks is replica 8; replica 9 is somebody else.
const HELD: Held = Held { replica: gridpatrol_model::ids::ReplicaId([8; 16]), from_rseq: 1 };
const FROM: HubSeq = HubSeq { epoch: 1, n: 40 };

fn write(items: &[Item], to: HubSeq, shorten: &impl Shorten) -> Vec<u8> {
    let mut writer = PageWriter::new(FROM, HELD, shorten);
    items.iter().for_each(|item| writer.push(item));
    writer.finish(to, true)
}

fn last_seq(items: &[Item]) -> HubSeq {
    let seqs = items.iter().map(|item| match item {
        Item::Row(row) | Item::Receipt(row) => row.seq,
        Item::Enter(record) => record.asof,
        Item::Leave { seq, .. } => *seq,
    });
    seqs.max().unwrap_or(FROM)
}

fn assert_reads_back(items: Vec<Item>, world: &World) {
    let to = last_seq(&items);
    let page = decode(&write(&items, to, world), world, world).expect("short references resolve");
    let full = decode(&write(&items, to, &FullIds), world, &FullIds).expect("needs nobody's memory");
    assert_eq!(full, page);
    assert_eq!(page, Page { from: FROM, to, items, more: true });
}

/// An accepted row as the hub writes most of them.
fn usual(chain: &Chain, at: usize, number: u8, n: u64) -> Row {
    let op = chain[at].0.clone();
    let kills = |preds| Some(Effect { rank: rank::ORDINARY, kills: preds, ..Effect::default() });
    Row {
        seq: HubSeq { epoch: 1, n },
        dot: dot_at(replica(number), chain, at),
        entity: entity_at(chain, at),
        scopes: vec![op.scope],
        eff: EffectiveTime { ms: op.time.wall_ms + 5, quality: TimeQuality::Wall },
        verdict: Verdict::Accepted,
        effects: writes(&op).map(|(_, _, preds)| kills(preds)).collect(),
        op,
        decision: None,
    }
}

fn world(own: &Chain, others: &Chain) -> World {
    let places = 0..own.len();
    let ops = places.map(|at| (at as u64 + 1, (dot_at(replica(8), own, at), entity_at(own, at), own[at].0.clone())));
    let chains = (0..others.len()).map(|at| (dot_at(replica(9), others, at), others[at].1));
    World { own: ops.collect(), chains: chains.collect(), lies: false }
}

fn sample_ops() -> Vec<Op> {
    samples().into_iter().map(|(_, op)| op).collect()
}

#[test]
fn own_work_comes_back_as_a_run_of_numbers() {
    let own = chained(replica(8), sample_ops().into_iter().cycle().take(400).collect());
    let world = world(&own, &[]);
    let items: Vec<Item> = (0..400).map(|at| Item::Row(usual(&own, at, 8, 41 + at as u64))).collect();
    let bytes = write(&items, last_seq(&items), &world);
    assert!(bytes.len() < 80, "{} bytes for 400 rows", bytes.len());
    assert_reads_back(items, &world);
    assert!(matches!(decode(&bytes, &World::default(), &World::default()), Err(WireError::NeedsFullIds)));
}

#[test]
fn a_receipt_stays_a_receipt_and_breaks_the_run() {
    let own = chained(replica(8), sample_ops());
    let rows = (0..own.len()).map(|at| usual(&own, at, 8, 41 + at as u64));
    let items = rows.enumerate().map(|(at, row)| if at % 3 == 0 { Item::Receipt(row) } else { Item::Row(row) });
    assert_reads_back(items.collect(), &world(&own, &[]));
}

#[test]
fn ops_that_follow_each_other_need_no_hash_of_their_own() {
    let others = chained(replica(9), sample_ops().into_iter().cycle().take(100).collect());
    let world = world(&[], &others);
    let items: Vec<Item> = (0..100).map(|at| Item::Row(usual(&others, at, 9, 41 + at as u64))).collect();
    let chained = write(&items, last_seq(&items), &world).len();
    let forgotten = write(&items, last_seq(&items), &World::default()).len();
    assert!(forgotten - chained > 98 * 8, "{forgotten} to {chained} bytes");
    assert_reads_back(items, &world);
}

#[test]
fn every_verdict_decision_and_effect_reads_back() {
    let (own, others) = (chained(replica(8), sample_ops()), chained(replica(9), sample_ops()));
    let mut n = 40;
    let mut items = Vec::new();
    for (number, chain) in [(8, &own), (9, &others)] {
        for (at, verdict) in verdicts().into_iter().enumerate() {
            n += 1;
            let mut row = usual(chain, at % chain.len(), number, n);
            row.verdict = verdict;
            row.decision = decisions()[at % 3].clone().or_else(|| decided_by_need(verdict));
            if matches!(verdict, Verdict::Quarantined(_) | Verdict::SentBack) {
                row.effects.iter_mut().for_each(|effect| *effect = None);
            } else if let Some(Some(effect)) = row.effects.first_mut() {
                effect.owed = vec![known_dot(replica(2), 5)];
                effect.base = row.op.sets.first().map(|set| set.value.clone());
            }
            row.scopes.push(scope("440783108224002"));
            items.push(Item::Row(row));
        }
    }
    assert_reads_back(items, &world(&own, &others));
}

#[test]
fn records_come_in_whole_and_leave_by_name() {
    let others = chained(replica(9), sample_ops());
    let row = usual(&others, 0, 9, 41);
    let mut record = Record::new(row.entity);
    fold(&mut record, &row);
    let leaves = [known_chain(replica(2), 4).entity(), known_chain(replica(4), 4).entity()];
    let leave = |entity| Item::Leave { entity, seq: HubSeq { epoch: 1, n: 44 } };
    let items = vec![Item::Row(row), Item::Enter(record), leave(leaves[0]), leave(leaves[1])];
    assert_reads_back(items, &world(&[], &others));
}

#[test]
fn a_page_says_when_it_is_full() {
    let own = chained(replica(8), vec![sample_ops().remove(1)]);
    let item = Item::Row(usual(&own, 0, 8, 41));
    let mut writer = PageWriter::new(FROM, HELD, &FullIds);
    let pushed = (0..).take_while(|_| {
        let room = !writer.is_full();
        writer.push(&item);
        room
    });
    assert_eq!(pushed.count(), PAGE_ITEMS);
}

#[test]
fn a_row_whose_parts_do_not_fit_is_refused() {
    let others = chained(replica(9), sample_ops());
    let mut undecided = usual(&others, 1, 9, 41);
    undecided.verdict = Verdict::SentBack;
    let mut renamed = usual(&others, 0, 9, 41);
    renamed.dot.tag = [1; 8];
    for row in [undecided, renamed] {
        assert!(Row::decode(&row.encode()).is_err());
        // On a page the tag of a Create cannot even be said apart from its entity.
        let read = decode(&write(&[Item::Row(row.clone())], row.seq, &FullIds), &World::default(), &FullIds);
        assert!(read.is_err() || row.verdict == Verdict::Accepted);
    }
}

fn verdicts() -> Vec<Verdict> {
    let held = HeldReason::ALL.into_iter();
    let held = held.flat_map(|reason| [Verdict::Parked(reason), Verdict::Quarantined(reason)]);
    [Verdict::Accepted, Verdict::Agreed, Verdict::SentBack].into_iter().chain(held).collect()
}

fn decisions() -> Vec<Option<Decision>> {
    let by =
        |id, reason: Option<&str>, due_ms| Some(Decision { by: actor(id), reason: reason.map(str::to_owned), due_ms });
    vec![None, by("s-440783-01", None, None), by("s-440783-02", Some("照片看不清，请补拍"), Some(NOON + 86_400_000))]
}

fn decided_by_need(verdict: Verdict) -> Option<Decision> {
    if verdict == Verdict::SentBack { decisions()[1].clone() } else { None }
}

fn any_effect() -> impl Strategy<Value = Option<Effect>> {
    option::weighted(
        0.8,
        (0u8..=255, vec(any_dot(), 0..3), vec(any_dot(), 0..2), option::of(any_value()))
            .prop_map(|(rank, kills, owed, base)| Effect { rank, kills, owed, base }),
    )
}

#[derive(Clone, Debug)]
struct Unusual {
    verdict: Verdict,
    decision: Option<Decision>,
    effects: Option<Vec<Option<Effect>>>,
    scopes: Vec<Scope>,
    eff: EffectiveTime,
}

fn any_unusual() -> impl Strategy<Value = Unusual> {
    let code = select(vec!["440783", "440783108", "440783108224002"]);
    let quality = select(TimeQuality::ALL.to_vec());
    (select(verdicts()), select(decisions()), option::of(vec(any_effect(), 6)), vec(code, 0..3), any::<i64>(), quality)
        .prop_map(|(verdict, decision, effects, codes, ms, quality)| Unusual {
            verdict,
            decision: decision.or_else(|| decided_by_need(verdict)),
            effects,
            scopes: codes.into_iter().map(scope).collect(),
            eff: EffectiveTime { ms, quality },
        })
}

/// Rows of both authors in any order, with gaps, repeats and epochs.
fn any_items() -> impl Strategy<Value = (Vec<Item>, World)> {
    let pick = (any::<bool>(), any::<proptest::sample::Index>(), 0u64..4, any::<bool>(), option::of(any_unusual()));
    (any_chain(replica(8), 1..8), any_chain(replica(9), 1..8), vec(pick, 0..20), any::<bool>()).prop_map(
        |(own, others, picks, remembered)| {
            let (mut items, mut seq) = (Vec::new(), FROM);
            for (mine, at, gap, receipt, unusual_parts) in picks {
                let (chain, number): (&Chain, u8) = if mine { (&own, 8) } else { (&others, 9) };
                let in_order = items.len() % chain.len();
                let at = if gap == 0 { at.index(chain.len()) } else { in_order };
                seq = if gap == 3 {
                    HubSeq { epoch: seq.epoch + 1, n: 1 }
                } else {
                    HubSeq { n: seq.n + gap.max(1), ..seq }
                };
                let mut row = Row { seq, ..usual(chain, at, number, 0) };
                if let Some(parts) = unusual_parts {
                    row.verdict = parts.verdict;
                    row.decision = parts.decision;
                    row.eff = parts.eff;
                    row.scopes = parts.scopes;
                    let effects = parts.effects.unwrap_or_default().into_iter();
                    row.effects = effects.chain(row.effects.clone()).take(row.effects.len()).collect();
                }
                items.push(if receipt { Item::Receipt(row) } else { Item::Row(row) });
            }
            (items, world(&own, if remembered { &others } else { &[] }))
        },
    )
}

proptest! {
    #[test]
    fn any_page_reads_back((items, world) in any_items()) {
        assert_reads_back(items, &world);
    }
}
