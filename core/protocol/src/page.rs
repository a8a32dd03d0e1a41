//! A page of the log on the wire. What the phone wrote itself comes back as a run of numbers while it still
//! holds the ops; everything else in the compact form.

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::Op;
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Effect, Row, Verdict, rank};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};

use crate::compact::{OpReader, OpWriter, put};
use crate::limits::{PAGE_BYTES, PAGE_ITEMS};
use crate::refs::{Expand, Shorten};
use crate::{Result, WireError, malformed};

/// The ops that a phone can supply itself.
pub trait OwnOps {
    /// An op of the phone's own replica, while it still holds it.
    fn own(&self, rseq: u64) -> Option<(Dot, EntityId, Op)>;
}

/// Which rows may come back as numbers: those of this replica from this rseq on.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub replica: ReplicaId,
    pub from_rseq: u64,
}

mod tag {
    /// Consecutive own rows, accepted as they were written.
    pub const OWN_RUN: u32 = 0;
    pub const OWN: u32 = 1;
    pub const ROW: u32 = 2;
    pub const ENTER: u32 = 3;
    pub const LEAVE: u32 = 4;
}

/// Bits above the tag of an item.
mod has {
    pub const RECEIPT: u32 = 8;
    pub const EPOCH: u32 = 16;
    pub const SCOPES: u32 = 32;
    pub const VERDICT: u32 = 64;
    pub const DECISION: u32 = 128;
    /// At least one effect is not simply "kills what its author was shown".
    pub const EFFECTS: u32 = 256;
}

/// Writes a page item by item until it is full.
pub struct PageWriter<'s, S> {
    ops: OpWriter<'s, S>,
    from: HubSeq,
    held: Held,
    run: Option<Run>,
    items: usize,
    /// Where the last written row stood.
    seq: HubSeq,
    eff_ms: i64,
}

/// Own rows that differ only in their numbers.
#[derive(Clone, Copy)]
struct Run {
    first: HubSeq,
    first_rseq: u64,
    count: u64,
    /// Effective time minus the phone's wall clock.
    offset_ms: i64,
    quality: TimeQuality,
    receipt: bool,
}

impl<'s, S: Shorten> PageWriter<'s, S> {
    pub fn new(from: HubSeq, held: Held, shorten: &'s S) -> Self {
        PageWriter { ops: OpWriter::new(shorten), from, held, run: None, items: 0, seq: from, eff_ms: 0 }
    }

    pub fn is_full(&self) -> bool {
        self.items >= PAGE_ITEMS || self.ops.len() >= PAGE_BYTES
    }

    pub fn push(&mut self, item: &Item) {
        self.items += 1;
        match item {
            Item::Row(row) => self.row(row, false),
            Item::Receipt(row) => self.row(row, true),
            Item::Enter(record) => {
                self.end_run();
                put!(self.ops.out(), u32(tag::ENTER), bytes(&record.encode()));
            }
            Item::Leave { entity, seq } => {
                self.end_run();
                put!(self.ops.out(), u32(tag::LEAVE), encode(entity), encode(seq));
            }
        }
    }

    pub fn finish(mut self, to: HubSeq, more: bool) -> Vec<u8> {
        self.end_run();
        let body = self.ops.finish();
        let mut out = minicbor::Encoder::new(Vec::with_capacity(body.len() + 32));
        put!(out, array(4), encode(self.from), encode(to), bool(more), bytes(&body));
        out.into_writer()
    }

    fn row(&mut self, row: &Row, receipt: bool) {
        let own = row.dot.replica == self.held.replica && row.dot.rseq >= self.held.from_rseq;
        let flags = flags(row) | if receipt { has::RECEIPT } else { 0 };
        if own && flags & !has::RECEIPT == 0 {
            return self.extend_run(row, receipt);
        }
        self.end_run();
        let epoch = if row.seq.epoch != self.seq.epoch { has::EPOCH } else { 0 };
        put!(self.ops.out(), u32((if own { tag::OWN } else { tag::ROW }) | flags | epoch));
        self.seq(row.seq, epoch != 0);
        if own {
            put!(self.ops.out(), u64(row.dot.rseq));
        } else {
            self.identity(row);
        }
        let eff = row.eff.ms.wrapping_sub(self.eff_ms);
        put!(self.ops.out(), i64(eff), u8(row.eff.quality.code()));
        self.eff_ms = row.eff.ms;
        self.rest(row, flags);
    }

    fn seq(&mut self, seq: HubSeq, new_epoch: bool) {
        if new_epoch {
            put!(self.ops.out(), u32(seq.epoch));
        }
        put!(self.ops.out(), i64(seq.n.wrapping_sub(self.seq.n) as i64));
        self.seq = seq;
    }

    /// The op of somebody else, its dot, and for a Create the rest of its entity.
    fn identity(&mut self, row: &Row) {
        self.ops.op(&row.op);
        put!(self.ops.out(), bytes(&row.dot.replica.0), u64(row.dot.rseq));
        if row.op.entity.is_none() {
            // The tag is the beginning of the entity.
            put!(self.ops.out(), bytes(&row.entity.0));
        } else {
            put!(self.ops.out(), bytes(&row.dot.tag));
        }
    }

    fn rest(&mut self, row: &Row, flags: u32) {
        if flags & has::SCOPES != 0 {
            put!(self.ops.out(), u64(row.scopes.len() as u64));
            for scope in &row.scopes {
                put!(self.ops.out(), encode(scope));
            }
        }
        if flags & has::VERDICT != 0 {
            put!(self.ops.out(), encode(row.verdict));
        }
        if flags & has::DECISION != 0 {
            put!(self.ops.out(), encode(&row.decision));
        }
        if flags & has::EFFECTS != 0 {
            put!(self.ops.out(), u64(row.effects.len() as u64));
            for effect in &row.effects {
                put!(self.ops.out(), encode(effect));
            }
        }
    }

    fn extend_run(&mut self, row: &Row, receipt: bool) {
        let offset_ms = row.eff.ms.wrapping_sub(row.op.time.wall_ms);
        if let Some(run) = &mut self.run
            && row.seq == (HubSeq { epoch: run.first.epoch, n: run.first.n + run.count })
            && row.dot.rseq == run.first_rseq + run.count
            && (offset_ms, row.eff.quality, receipt) == (run.offset_ms, run.quality, run.receipt)
        {
            run.count += 1;
            return;
        }
        self.end_run();
        let (first, first_rseq, quality) = (row.seq, row.dot.rseq, row.eff.quality);
        self.run = Some(Run { first, first_rseq, count: 1, offset_ms, quality, receipt });
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        let receipt = if run.receipt { has::RECEIPT } else { 0 };
        let epoch = if run.first.epoch != self.seq.epoch { has::EPOCH } else { 0 };
        put!(self.ops.out(), u32(tag::OWN_RUN | receipt | epoch));
        self.seq(run.first, epoch != 0);
        self.seq.n += run.count - 1;
        put!(self.ops.out(), u64(run.first_rseq), u64(run.count), i64(run.offset_ms), u8(run.quality.code()));
    }
}

/// What of a row has to be said because it is not the usual.
fn flags(row: &Row) -> u32 {
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

/// The effects of an ordinary op whose preds have all arrived and were all merged.
fn plain_effects(op: &Op) -> Vec<Option<Effect>> {
    let plain = |preds| Some(Effect { rank: rank::ORDINARY, kills: preds, ..Effect::default() });
    writes(op).map(|(_, _, preds)| plain(preds)).collect()
}

/// Reads a page; own rows come from the phone's outbox.
pub fn decode(bytes: &[u8], own: &impl OwnOps, expand: &impl Expand) -> Result<Page> {
    let mut d = minicbor::Decoder::new(bytes);
    if d.array()? != Some(4) {
        return Err(malformed("a page has four parts"));
    }
    let (from, to, more) = (d.decode()?, d.decode()?, d.bool()?);
    let mut reader =
        PageReader { ops: OpReader::new(d.bytes()?), own, expand, items: Vec::new(), seq: from, eff_ms: 0 };
    while !reader.ops.at_end() {
        reader.item()?;
        if reader.items.len() > PAGE_ITEMS {
            return Err(malformed("a page over its cap"));
        }
    }
    Ok(Page { from, to, items: reader.items, more })
}

struct PageReader<'b, 's, O, E> {
    ops: OpReader<'b>,
    own: &'s O,
    expand: &'s E,
    items: Vec<Item>,
    seq: HubSeq,
    eff_ms: i64,
}

impl<O: OwnOps, E: Expand> PageReader<'_, '_, O, E> {
    fn item(&mut self) -> Result<()> {
        let token = self.ops.input.u32()?;
        match token & 7 {
            tag::OWN_RUN => self.run(token)?,
            tag::OWN | tag::ROW => {
                let row = self.row(token)?;
                self.items.push(item_of(row, token));
            }
            tag::ENTER => {
                let record = Record::decode(self.ops.input.bytes()?)?;
                self.items.push(Item::Enter(record));
            }
            tag::LEAVE => {
                let (entity, seq) = (self.ops.input.decode()?, self.ops.input.decode()?);
                self.items.push(Item::Leave { entity, seq });
            }
            _ => return Err(malformed("no such item of a page")),
        }
        Ok(())
    }

    fn seq(&mut self, token: u32) -> Result<HubSeq> {
        if token & has::EPOCH != 0 {
            self.seq.epoch = self.ops.input.u32()?;
        }
        self.seq.n = self.seq.n.wrapping_add(self.ops.input.i64()? as u64);
        Ok(self.seq)
    }

    fn run(&mut self, token: u32) -> Result<()> {
        let first = self.seq(token)?;
        let (first_rseq, count) = (self.ops.input.u64()?, self.ops.input.u64()?);
        let (offset_ms, quality) = (self.ops.input.i64()?, self.quality()?);
        if count == 0 || count > (PAGE_ITEMS - self.items.len()) as u64 {
            return Err(malformed("a run over the cap of a page"));
        }
        self.seq.n = first.n.saturating_add(count - 1);
        for at in 0..count {
            let (dot, entity, op) = self.own_op(first_rseq.saturating_add(at))?;
            let row = Row {
                seq: HubSeq { epoch: first.epoch, n: first.n.saturating_add(at) },
                dot,
                entity,
                scopes: vec![op.scope],
                eff: EffectiveTime { ms: op.time.wall_ms.wrapping_add(offset_ms), quality },
                verdict: Verdict::Accepted,
                effects: plain_effects(&op),
                op,
                decision: None,
            };
            self.items.push(item_of(row, token));
        }
        Ok(())
    }

    fn row(&mut self, token: u32) -> Result<Row> {
        let seq = self.seq(token)?;
        let (dot, entity, op) = if token & 7 == tag::OWN {
            let rseq = self.ops.input.u64()?;
            self.own_op(rseq)?
        } else {
            self.identity()?
        };
        self.eff_ms = self.eff_ms.wrapping_add(self.ops.input.i64()?);
        let eff = EffectiveTime { ms: self.eff_ms, quality: self.quality()? };
        let scopes = if token & has::SCOPES != 0 { self.list()? } else { vec![op.scope] };
        let verdict = if token & has::VERDICT != 0 { self.ops.input.decode()? } else { Verdict::Accepted };
        let decision = if token & has::DECISION != 0 { self.ops.input.decode()? } else { None };
        let effects = if token & has::EFFECTS != 0 { self.list()? } else { plain_effects(&op) };
        Ok(Row { seq, dot, entity, scopes, eff, verdict, op, effects, decision })
    }

    fn identity(&mut self) -> Result<(Dot, EntityId, Op)> {
        let op = self.ops.op(self.expand)?;
        let (replica, rseq): (ReplicaId, u64) = (self.ops.input.decode()?, self.ops.input.u64()?);
        let bytes = self.ops.input.bytes()?;
        let tag = bytes.get(..8).and_then(|tag| tag.try_into().ok()).ok_or_else(|| malformed("no tag"))?;
        let entity = match op.entity {
            Some(entity) => entity,
            None => EntityId(bytes.try_into().map_err(|_| malformed("an entity has 16 bytes"))?),
        };
        Ok((Dot { replica, rseq, tag }, entity, op))
    }

    fn own_op(&self, rseq: u64) -> Result<(Dot, EntityId, Op)> {
        self.own.own(rseq).ok_or(WireError::NeedsFullIds)
    }

    fn quality(&mut self) -> Result<TimeQuality> {
        TimeQuality::from_code(self.ops.input.u8()?).ok_or_else(|| malformed("unknown time quality"))
    }

    fn list<T: for<'b> minicbor::Decode<'b, ()>>(&mut self) -> Result<Vec<T>> {
        let count = self.ops.input.u64()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.ops.input.decode()?);
        }
        Ok(items)
    }
}

fn item_of(row: Row, token: u32) -> Item {
    if token & has::RECEIPT != 0 { Item::Receipt(row) } else { Item::Row(row) }
}
