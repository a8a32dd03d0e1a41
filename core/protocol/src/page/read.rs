use std::collections::BTreeMap;

use gridpatrol_model::fold::writes;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{FieldKey, Op, chain_next};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Effect, Row, Verdict};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};

use super::{Clock, Last, OwnOps, effect, has, plain_effects, reading, tag};
use crate::compact::{About, Column, OpReader};
use crate::limits::PAGE_ITEMS;
use crate::parts::{array, end};
use crate::refs::Expand;
use crate::{Result, WireError, malformed};

const MOST_ITEMS: usize = 2 * PAGE_ITEMS;

/// Reads a page; own rows come from the phone's outbox.
pub fn decode(bytes: &[u8], own: &impl OwnOps, expand: &impl Expand) -> Result<Page> {
    let mut d = minicbor::Decoder::new(bytes);
    array(&mut d, 4)?;
    let (from, to, more) = (d.decode()?, d.decode()?, d.bool()?);
    let ops = OpReader::new(d.bytes()?)?;
    end(&d)?;
    let mut reader = PageReader {
        ops,
        own,
        expand,
        items: Vec::new(),
        seq: from,
        own_rseq: 0,
        clock: Clock::START,
        chains: BTreeMap::new(),
    };
    while reader.ops.more() {
        reader.item()?;
        if reader.items.len() > MOST_ITEMS {
            return Err(malformed("a page over its cap"));
        }
    }
    reader.ops.end()?;
    Ok(Page { from, to, items: reader.items, more })
}

struct PageReader<'b, 's, O, E> {
    ops: OpReader<'b>,
    own: &'s O,
    expand: &'s E,
    items: Vec<Item>,
    seq: HubSeq,
    own_rseq: u64,
    clock: Clock,
    chains: BTreeMap<ReplicaId, Last>,
}

impl<O: OwnOps, E: Expand> PageReader<'_, '_, O, E> {
    fn item(&mut self) -> Result<()> {
        let token = self.ops.from(Column::Flags).u32()?;
        if token > has::ALL {
            return Err(malformed("an item of another shape"));
        }
        match token & tag::BITS {
            tag::OWN_RUN => self.run(token)?,
            tag::OWN | tag::ROW => {
                let row = self.row(token)?;
                self.take(row, token);
            }
            tag::ENTER => {
                let bytes = self.ops.from(Column::Values).bytes()?;
                let record = Record::decode(bytes)?;
                if record.encode() != bytes {
                    return Err(malformed("not the canonical form of a record"));
                }
                self.items.push(Item::Enter(record));
            }
            tag::LEAVE => {
                let entity = self.ops.entity(self.expand)?.entity;
                let seq = self.ops.from(Column::Values).decode()?;
                self.items.push(Item::Leave { entity, seq });
            }
            _ => return Err(malformed("no such item of a page")),
        }
        Ok(())
    }

    fn head(&mut self, token: u32) -> Result<()> {
        if token & has::EPOCH != 0 {
            let epoch = self.ops.number(Column::Drifts)?;
            self.seq.epoch = u32::try_from(epoch).map_err(|_| malformed("no such epoch"))?;
        }
        self.seq.n = self.ops.step(Column::Drifts, self.seq.n)?;
        if token & has::TIME != 0 {
            let offset_ms = self.clock.offset_ms.wrapping_add(self.ops.signed(Column::Drifts)?);
            let quality = TimeQuality::from_code(self.ops.from(Column::Flags).u8()?);
            self.clock = Clock { offset_ms, quality: quality.ok_or_else(|| malformed("unknown time quality"))? };
        }
        Ok(())
    }

    fn own_rseq(&mut self) -> Result<u64> {
        self.own_rseq = self.ops.step(Column::Drifts, self.own_rseq)?;
        Ok(self.own_rseq)
    }

    fn run(&mut self, token: u32) -> Result<()> {
        self.head(token)?;
        self.own_rseq()?;
        let count = self.ops.from(Column::Shapes).u64()?;
        if count == 0 || count > (MOST_ITEMS - self.items.len()) as u64 {
            return Err(malformed("a run over the cap of a page"));
        }
        for at in 0..count {
            if at > 0 {
                self.seq.n = self.seq.n.wrapping_add(1);
                self.own_rseq = self.own_rseq.wrapping_add(1);
            }
            let (dot, entity, op) = self.own_op(self.own_rseq)?;
            let row = self.usual(dot, entity, op);
            self.take(row, token);
        }
        Ok(())
    }

    fn row(&mut self, token: u32) -> Result<Row> {
        self.head(token)?;
        let (dot, op, about) = if token & tag::BITS == tag::OWN {
            let rseq = self.own_rseq()?;
            let (dot, entity, op) = self.own_op(rseq)?;
            (dot, op, About { entity, created: None })
        } else {
            self.others(token)?
        };
        let mut row = self.usual(dot, about.entity, op);
        if token & has::SCOPES != 0 {
            row.scopes = (0..self.ops.count()?).map(|_| self.ops.scope()).collect::<Result<_>>()?;
        }
        if token & has::VERDICT != 0 {
            row.verdict = self.ops.from(Column::Shapes).decode()?;
        }
        if token & has::DECISION != 0 {
            row.decision = self.ops.from(Column::Texts).decode()?;
        }
        if token & has::EFFECTS != 0 {
            let wall_ms = row.op.time.wall_ms;
            let written = writes(&row.op).map(|(key, _, preds)| self.effect(&key, preds, &about, wall_ms));
            row.effects = written.collect::<Result<_>>()?;
        }
        if row.is_sound() { Ok(row) } else { Err(malformed("a row whose parts do not fit")) }
    }

    /// A row of which nothing more is said.
    fn usual(&self, dot: Dot, entity: EntityId, op: Op) -> Row {
        let Clock { offset_ms, quality } = self.clock;
        Row {
            seq: self.seq,
            dot,
            entity,
            scopes: vec![op.scope],
            eff: EffectiveTime { ms: reading(&op.time, quality).wrapping_add(offset_ms), quality },
            verdict: Verdict::Accepted,
            effects: plain_effects(&op),
            op,
            decision: None,
        }
    }

    /// The op of somebody else and its identity.
    fn others(&mut self, token: u32) -> Result<(Dot, Op, About)> {
        let (op, about) = self.ops.op(self.expand)?;
        let number = self.ops.from(Column::Shapes).u64()?;
        let replica = self.ops.replica(number)?;
        let last = self.chains.get(&replica).copied();
        let rseq = self.ops.step(Column::Drifts, last.map_or(0, |last| last.dot.rseq))?;
        let (tag, entity, chain) = if token & has::CHAINED != 0 {
            let chain = self.chained(token, last, &op)?;
            (chain.tag(), chain.entity(), Some(chain))
        } else {
            let (tag, entity) = self.identity(about.is_none())?;
            (tag, entity, None)
        };
        let dot = Dot { replica, rseq, tag };
        self.chains.insert(replica, Last { dot, chain });
        Ok((dot, op, about.unwrap_or(About { entity, created: Some((replica, rseq)) })))
    }

    /// The chain hash of an op that follows the last one of its author.
    fn chained(&mut self, token: u32, last: Option<Last>, op: &Op) -> Result<ChainHash> {
        let before = match token & has::ANCHOR {
            0 => last.and_then(|last| last.chain),
            _ => Some(self.ops.from(Column::Ids).decode()?),
        };
        let before = before.ok_or_else(|| malformed("no chain to follow"))?;
        let bytes = op.encode().map_err(|_| malformed("an op over its limit"))?;
        Ok(chain_next(before, &bytes))
    }

    /// The entity that a Create makes, which begins with its tag; else a tag.
    fn identity(&mut self, create: bool) -> Result<([u8; 8], EntityId)> {
        let mut entity = [0; 16];
        let said = if create { &mut entity[..] } else { &mut entity[..8] };
        let bytes = self.ops.from(Column::Ids).bytes()?;
        if bytes.len() != said.len() {
            return Err(malformed("an identity of another length"));
        }
        said.copy_from_slice(bytes);
        let mut tag = [0; 8];
        tag.copy_from_slice(&entity[..8]);
        Ok((tag, EntityId(entity)))
    }

    fn effect(&mut self, key: &FieldKey, preds: Vec<Dot>, about: &About, wall_ms: i64) -> Result<Option<Effect>> {
        let token = self.ops.from(Column::Shapes).u32()?;
        if token == effect::NOTHING {
            return Ok(None);
        }
        let rank = u8::try_from(token / effect::RANK).map_err(|_| malformed("no such rank"))?;
        let mut effect = Effect { rank, ..Effect::default() };
        if token & effect::PREDS != 0 {
            effect.kills = preds;
        }
        if token & effect::KILLS != 0 {
            effect.kills = self.ops.dots(Some(about), key, self.expand)?;
        }
        if token & effect::OWED != 0 {
            effect.owed = self.ops.dots(Some(about), key, self.expand)?;
        }
        if token & effect::BASE != 0 {
            effect.base = Some(self.ops.value((token & effect::PLACES) / effect::PLACE, wall_ms)?);
        }
        Ok(Some(effect))
    }

    fn own_op(&self, rseq: u64) -> Result<(Dot, EntityId, Op)> {
        self.own.own(rseq).ok_or(WireError::NeedsFullIds)
    }

    fn take(&mut self, row: Row, token: u32) {
        self.ops.say(row.dot, row.entity);
        self.items.push(if token & has::RECEIPT != 0 { Item::Receipt(row) } else { Item::Row(row) });
    }
}
