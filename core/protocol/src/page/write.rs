use std::collections::BTreeMap;

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{ChainHash, Dot, HubSeq, ReplicaId};
use gridpatrol_model::op::chain_next;
use gridpatrol_model::page::Item;
use gridpatrol_model::row::{Effect, Row, Verdict};

use super::{Clock, Held, Last, effect, has, plain_effects, reading, tag};
use crate::compact::{About, Column, OpWriter, Place, put};
use crate::limits::{PAGE_BYTES, PAGE_ITEMS};
use crate::refs::Shorten;

/// Writes a page item by item until it is full.
pub struct PageWriter<'s, S> {
    ops: OpWriter<'s, S>,
    shorten: &'s S,
    from: HubSeq,
    held: Held,
    run: Option<Run>,
    items: usize,
    /// Where the last written row stood, and the last own op.
    seq: HubSeq,
    own_rseq: u64,
    clock: Clock,
    chains: BTreeMap<ReplicaId, Last>,
}

/// Own rows that differ only in their numbers.
#[derive(Clone, Copy)]
struct Run {
    first: HubSeq,
    first_rseq: u64,
    count: u64,
    clock: Clock,
    receipt: bool,
}

impl<'s, S: Shorten> PageWriter<'s, S> {
    pub fn new(from: HubSeq, held: Held, shorten: &'s S) -> Self {
        let (ops, chains) = (OpWriter::new(shorten), BTreeMap::new());
        PageWriter {
            ops,
            shorten,
            from,
            held,
            run: None,
            items: 0,
            seq: from,
            own_rseq: 0,
            clock: Clock::START,
            chains,
        }
    }

    pub fn is_full(&self) -> bool {
        self.items >= PAGE_ITEMS || self.ops.is_full(PAGE_BYTES)
    }

    pub fn push(&mut self, item: &Item) {
        self.items += 1;
        match item {
            Item::Row(row) => self.row(row, false),
            Item::Receipt(row) => self.row(row, true),
            Item::Enter(record) => {
                self.end_run();
                put!(self.ops.to(Column::Flags), u32(tag::ENTER));
                put!(self.ops.to(Column::Values), bytes(&record.encode()));
            }
            Item::Leave { entity, seq } => {
                self.end_run();
                put!(self.ops.to(Column::Flags), u32(tag::LEAVE));
                self.ops.entity(*entity);
                put!(self.ops.to(Column::Values), encode(seq));
            }
        }
    }

    pub fn finish(mut self, to: HubSeq, more: bool) -> Vec<u8> {
        self.end_run();
        let mut out = minicbor::Encoder::new(Vec::new());
        put!(out, array(4), encode(self.from), encode(to), bool(more), bytes(&self.ops.finish()));
        out.into_writer()
    }

    fn row(&mut self, row: &Row, receipt: bool) {
        let own = row.dot.replica == self.held.replica && row.dot.rseq >= self.held.from_rseq;
        let flags = unusual(row);
        let offset_ms = row.eff.ms.wrapping_sub(reading(&row.op.time, row.eff.quality));
        let clock = Clock { offset_ms, quality: row.eff.quality };
        if own && flags == 0 {
            self.extend_run(row, clock, receipt);
        } else {
            self.end_run();
            let about =
                if own { self.own(row, flags, receipt, clock) } else { self.others(row, flags, receipt, clock) };
            self.rest(row, flags, &about);
        }
        self.ops.say(row.dot, row.entity, &row.op);
    }

    /// What every row or run begins with.
    fn head(&mut self, flags: u32, receipt: bool, seq: HubSeq, clock: Clock) {
        let epoch = if seq.epoch != self.seq.epoch { has::EPOCH } else { 0 };
        let time = if clock != self.clock { has::TIME } else { 0 };
        let receipt = if receipt { has::RECEIPT } else { 0 };
        put!(self.ops.to(Column::Flags), u32(flags | epoch | time | receipt));
        if epoch != 0 {
            self.ops.number(Column::Drifts, seq.epoch.into());
        }
        self.ops.step(Column::Drifts, seq.n, self.seq.n);
        if time != 0 {
            self.ops.signed(Column::Drifts, clock.offset_ms.wrapping_sub(self.clock.offset_ms));
            put!(self.ops.to(Column::Flags), u8(clock.quality.code()));
        }
        (self.seq, self.clock) = (seq, clock);
    }

    fn own(&mut self, row: &Row, flags: u32, receipt: bool, clock: Clock) -> About {
        self.head(tag::OWN | flags, receipt, row.seq, clock);
        self.ops.step(Column::Drifts, row.dot.rseq, self.own_rseq);
        self.own_rseq = row.dot.rseq;
        About { entity: row.entity, created: None }
    }

    /// The op of somebody else and its identity.
    fn others(&mut self, row: &Row, flags: u32, receipt: bool, clock: Clock) -> About {
        let (anchor, chain) = self.chained(row);
        let chained = if chain.is_some() { has::CHAINED } else { 0 };
        let anchored = if anchor.is_some() { has::ANCHOR } else { 0 };
        self.head(tag::ROW | flags | chained | anchored, receipt, row.seq, clock);
        let about = self.ops.op(&row.op);
        self.ops.replica(row.dot.replica, |number| number);
        let last = self.chains.insert(row.dot.replica, Last { dot: row.dot, chain });
        self.ops.step(Column::Drifts, row.dot.rseq, last.map_or(0, |last| last.dot.rseq));
        if let Some(anchor) = anchor {
            put!(self.ops.to(Column::Ids), bytes(&anchor.0));
        }
        if chain.is_none() {
            // The tag is the beginning of the entity that a Create makes.
            let identity = if about.is_none() { &row.entity.0[..] } else { &row.dot.tag[..] };
            put!(self.ops.to(Column::Ids), bytes(identity));
        }
        about.unwrap_or(About { entity: row.entity, created: Some((row.dot.replica, row.dot.rseq)) })
    }

    /// The chain hash of a row's op if the receiver can work it out, and the one before if that has to be
    /// said first: from the second op in a row on, for a lone one would pay 32 bytes to save 8.
    fn chained(&self, row: &Row) -> (Option<ChainHash>, Option<ChainHash>) {
        let last = self.chains.get(&row.dot.replica).filter(|last| last.dot.rseq + 1 == row.dot.rseq);
        let Some((last, bytes)) = last.zip(row.op.encode().ok()) else { return (None, None) };
        let anchor = if last.chain.is_none() { self.shorten.chain(&last.dot) } else { None };
        let chain = last.chain.or(anchor).map(|before| chain_next(before, &bytes));
        let fits =
            |chain: &ChainHash| chain.tag() == row.dot.tag && (row.op.entity.is_some() || chain.entity() == row.entity);
        match chain.filter(fits) {
            Some(chain) => (anchor, Some(chain)),
            None => (None, None),
        }
    }

    fn rest(&mut self, row: &Row, flags: u32, about: &About) {
        if flags & has::SCOPES != 0 {
            self.ops.count(row.scopes.len());
            for scope in &row.scopes {
                self.ops.scope(*scope);
            }
        }
        if flags & has::VERDICT != 0 {
            put!(self.ops.to(Column::Shapes), encode(row.verdict));
        }
        if flags & has::DECISION != 0 {
            put!(self.ops.to(Column::Texts), encode(&row.decision));
        }
        if flags & has::EFFECTS != 0 {
            for ((_, _, preds), effect) in writes(&row.op).zip(&row.effects) {
                self.effect(effect.as_ref(), &preds, about, row.op.time.wall_ms);
            }
        }
    }

    fn effect(&mut self, effect: Option<&Effect>, preds: &[Dot], about: &About, wall_ms: i64) {
        let Some(effect) = effect else {
            put!(self.ops.to(Column::Shapes), u32(effect::NOTHING));
            return;
        };
        let same = !preds.is_empty() && effect.kills == preds;
        let bits = [
            (same, effect::PREDS),
            (!same && !effect.kills.is_empty(), effect::KILLS),
            (!effect.owed.is_empty(), effect::OWED),
            (effect.base.is_some(), effect::BASE),
        ];
        let bits: u32 = bits.into_iter().filter_map(|(there, bit)| there.then_some(bit)).sum();
        let place = effect.base.as_ref().map(|base| Place::of(base, wall_ms));
        let bits = bits + place.map_or(0, Place::code) * effect::PLACE;
        put!(self.ops.to(Column::Shapes), u32(effect::SOME + bits + u32::from(effect.rank) * effect::RANK));
        if bits & effect::KILLS != 0 {
            self.ops.dots(&effect.kills, Some(about));
        }
        if bits & effect::OWED != 0 {
            self.ops.dots(&effect.owed, Some(about));
        }
        if let (Some(base), Some(place)) = (&effect.base, place) {
            self.ops.value(base, place);
        }
    }

    fn extend_run(&mut self, row: &Row, clock: Clock, receipt: bool) {
        if let Some(run) = &mut self.run
            && row.seq == (HubSeq { epoch: run.first.epoch, n: run.first.n + run.count })
            && row.dot.rseq == run.first_rseq + run.count
            && (clock, receipt) == (run.clock, run.receipt)
        {
            run.count += 1;
            return;
        }
        self.end_run();
        self.run = Some(Run { first: row.seq, first_rseq: row.dot.rseq, count: 1, clock, receipt });
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        self.head(tag::OWN_RUN, run.receipt, run.first, run.clock);
        self.ops.step(Column::Drifts, run.first_rseq, self.own_rseq);
        put!(self.ops.to(Column::Shapes), u64(run.count));
        self.seq.n += run.count - 1;
        self.own_rseq = run.first_rseq + run.count - 1;
    }
}

/// What of a row has to be said because it is not the usual.
fn unusual(row: &Row) -> u32 {
    [
        (row.scopes != [row.op.scope], has::SCOPES),
        (row.verdict != Verdict::Accepted, has::VERDICT),
        (row.decision.is_some(), has::DECISION),
        (row.effects != plain_effects(&row.op), has::EFFECTS),
    ]
    .into_iter()
    .filter_map(|(unusual, flag)| unusual.then_some(flag))
    .sum()
}
