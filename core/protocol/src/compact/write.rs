use std::collections::BTreeMap;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set};
use gridpatrol_model::value::Value;
use minicbor::Encoder;

use super::{About, COLUMNS, Column, Context, OP_PARTS, Place, Said, WHOLE, differs, dot, kind, set};
use crate::limits::PARTS;
use crate::refs::Shorten;

type Out = Encoder<Vec<u8>>;

/// Writing to memory does not fail.
macro_rules! put {
    ($out:expr, $($call:ident($($arg:expr),*)),+) => {{
        $($out.$call($($arg),*).expect("writing to memory does not fail");)+
    }};
}
pub(crate) use put;

/// Writes ops one after the other.
pub(crate) struct OpWriter<'s, S> {
    columns: [Out; COLUMNS],
    shorten: &'s S,
    replicas: Numbers<ReplicaId>,
    actors: Numbers<ActorId>,
    scopes: Numbers<Scope>,
    context: Context,
    /// Where the entities of this frame or page were created.
    created: BTreeMap<EntityId, (ReplicaId, u64)>,
}

/// Names get a number at their first use.
struct Numbers<T>(BTreeMap<T, u64>);

impl<T: Ord> Numbers<T> {
    /// The number of a name, and whether this is its first use.
    fn number(&mut self, name: T) -> (u64, bool) {
        let next = self.0.len() as u64;
        let number = *self.0.entry(name).or_insert(next);
        (number, number == next)
    }
}

impl<'s, S: Shorten> OpWriter<'s, S> {
    pub fn new(shorten: &'s S) -> Self {
        OpWriter {
            columns: std::array::from_fn(|_| Encoder::new(Vec::new())),
            shorten,
            replicas: Numbers(BTreeMap::new()),
            actors: Numbers(BTreeMap::new()),
            scopes: Numbers(BTreeMap::new()),
            context: Context::new(),
            created: BTreeMap::new(),
        }
    }

    /// Whether another op might go over a cap.
    pub fn is_full(&self, bytes: usize) -> bool {
        let written: usize = self.columns.iter().map(|column| column.writer().len()).sum();
        written >= bytes || self.context.parts + OP_PARTS > PARTS
    }

    /// The columns, one byte string each.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        for column in self.columns {
            put!(out, bytes(column.writer()));
        }
        out.into_writer()
    }

    pub fn to(&mut self, column: Column) -> &mut Out {
        &mut self.columns[column as usize]
    }

    /// Seven bits a byte, low ones first, the high bit set on all but the last: in a column of numbers of one
    /// size shorter than CBOR, which spends a byte on the size of each.
    pub fn number(&mut self, column: Column, mut number: u64) {
        let out = self.to(column).writer_mut();
        while number >= 0x80 {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
    }

    /// Small numbers of either sign are short.
    pub fn signed(&mut self, column: Column, number: i64) {
        self.number(column, (number << 1 ^ number >> 63) as u64);
    }

    pub fn step(&mut self, column: Column, to: u64, from: u64) {
        self.signed(column, to.wrapping_sub(from) as i64);
    }

    /// Tells the ops to come that the receiver has this write by now.
    pub fn say(&mut self, dot: Dot, entity: EntityId, op: &Op) {
        self.context.say(dot, entity);
        if op.entity.is_none() {
            self.created.insert(entity, (dot.replica, dot.rseq));
        }
    }

    /// Writes an op; what it is about, for dots that belong to its row.
    pub fn op(&mut self, op: &Op) -> Option<About> {
        let flags = self.flags(op);
        put!(self.to(Column::Flags), u32(flags));
        self.heading(op, flags);
        let about = op.entity.map(|entity| self.entity(entity));
        self.kind(&op.kind, about.as_ref());
        self.count(op.sets.len());
        for set in &op.sets {
            self.set(set, about.as_ref(), op.time.wall_ms);
        }
        if flags & differs::EXTRA != 0 {
            self.count(op.extra.len());
            for (key, value) in &op.extra {
                put!(self.to(Column::Values), u64(*key), encode(value));
            }
        }
        self.context.follow(op);
        about
    }

    fn flags(&self, op: &Op) -> u32 {
        let before = &self.context;
        [
            (op.entity.is_some(), differs::ENTITY),
            (before.scope != Some(op.scope), differs::SCOPE),
            (op.seen != before.seen, differs::SEEN),
            (before.actor.as_ref() != Some(&op.actor), differs::ACTOR),
            (op.time.gnss_ms.is_some(), differs::GNSS),
            (op.time.boot_id != before.time.boot_id, differs::BOOT),
            (op.v != OP_VERSION, differs::VERSION),
            (op.schema != SCHEMA_VERSION, differs::SCHEMA),
            (!op.extra.is_empty(), differs::EXTRA),
        ]
        .into_iter()
        .filter_map(|(differs, flag)| differs.then_some(flag))
        .sum()
    }

    fn heading(&mut self, op: &Op, flags: u32) {
        let on = |flag| flags & flag != 0;
        if on(differs::VERSION) {
            put!(self.to(Column::Values), u8(op.v));
        }
        if on(differs::SCHEMA) {
            put!(self.to(Column::Values), u32(op.schema));
        }
        if on(differs::SEEN) {
            self.number(Column::Times, op.seen.epoch.into());
            self.step(Column::Times, op.seen.n, self.context.seen.n);
        }
        if on(differs::ACTOR) {
            self.actor(&op.actor);
        }
        if on(differs::SCOPE) {
            self.scope(op.scope);
        }
        if on(differs::BOOT) {
            put!(self.to(Column::Ids), u64(op.time.boot_id));
        }
        let before = self.context.time;
        let wall = op.time.wall_ms.wrapping_sub(before.wall_ms);
        // Both clocks of a phone tick alike, so their difference is nearly always nought.
        let mono = (op.time.mono_ms.wrapping_sub(before.mono_ms) as i64).wrapping_sub(wall);
        self.signed(Column::Times, wall);
        self.signed(Column::Drifts, mono);
        if let Some(gnss) = op.time.gnss_ms {
            self.signed(Column::Drifts, gnss.wrapping_sub(op.time.wall_ms));
        }
    }

    fn kind(&mut self, op_kind: &OpKind, about: Option<&About>) {
        match op_kind {
            OpKind::Create { kind } => put!(self.to(Column::Shapes), u8(kind::CREATE), u16(kind.0)),
            OpKind::Set => put!(self.to(Column::Shapes), u8(kind::SET)),
            OpKind::Resolve => put!(self.to(Column::Shapes), u8(kind::RESOLVE)),
            OpKind::Delete { saw } => {
                put!(self.to(Column::Shapes), u8(kind::DELETE));
                self.count(saw.len());
                for dot in saw {
                    self.dot_as(dot, about, false);
                }
            }
            OpKind::Transition { from, to, seen, reason } => {
                put!(self.to(Column::Shapes), u8(kind::TRANSITION), u8(from.code()), u8(to.code()));
                self.dot(seen, about);
                put!(self.to(Column::Texts), encode(reason.as_deref()));
            }
            OpKind::Opaque { body } => {
                put!(self.to(Column::Shapes), u8(kind::OPAQUE));
                put!(self.to(Column::Values), encode(body));
            }
        }
    }

    fn set(&mut self, set: &Set, about: Option<&About>, wall_ms: i64) {
        let (item, preds) = (set.key.item.is_some(), !set.preds.is_empty());
        let place = Place::of(&set.value, wall_ms);
        let shape = u32::from(item) * set::ITEM + u32::from(preds) * set::PREDS + place.code() * set::PLACE;
        put!(self.to(Column::Shapes), u32(u32::from(set.key.no.0) << set::BITS | shape));
        if let Some(item) = &set.key.item {
            put!(self.to(Column::Texts), str(item));
        }
        if preds {
            self.dots(&set.preds, about);
        }
        self.value(&set.value, place);
    }

    pub fn value(&mut self, value: &Value, place: Place) {
        match place {
            Place::Values => put!(self.to(Column::Values), encode(value)),
            Place::Texts => put!(self.to(Column::Texts), encode(value)),
            Place::Times(ms) => self.signed(Column::Drifts, ms),
        }
    }

    pub fn count(&mut self, parts: usize) {
        self.context.parts += parts as u64;
        put!(self.to(Column::Shapes), u64(parts as u64));
    }

    pub fn actor(&mut self, actor: &ActorId) {
        let (number, first) = self.actors.number(actor.clone());
        self.number(Column::Names, number);
        if first {
            put!(self.to(Column::Texts), encode(actor));
        }
    }

    pub fn scope(&mut self, scope: Scope) {
        let (number, first) = self.scopes.number(scope);
        self.number(Column::Names, number);
        if first {
            put!(self.to(Column::Texts), encode(scope));
        }
    }

    pub fn dots(&mut self, dots: &[Dot], about: Option<&About>) {
        self.count(dots.len());
        for dot in dots {
            self.dot(dot, about);
        }
    }

    pub fn dot(&mut self, dot: &Dot, about: Option<&About>) {
        let short = match self.context.said.get(&(dot.replica, dot.rseq)) {
            Some(Said::Once { tag, .. }) => *tag == dot.tag,
            Some(Said::Twice) => false,
            None => about.is_some() && self.shorten.known(dot),
        };
        self.dot_as(dot, about, short);
    }

    fn dot_as(&mut self, dot: &Dot, about: Option<&About>, short: bool) {
        if about.and_then(About::create) == Some(*dot) {
            put!(self.to(Column::Shapes), u64(dot::CREATE));
            return;
        }
        self.replica(dot.replica, |number| dot::OTHER + (number << 1 | u64::from(short)));
        self.number(Column::Places, dot.rseq);
        if !short {
            put!(self.to(Column::Ids), bytes(&dot.tag));
        }
    }

    pub fn entity(&mut self, entity: EntityId) -> About {
        let created = match self.created.get(&entity) {
            Some(place) => matches!(self.context.said.get(place), Some(Said::Once { .. })).then_some(*place),
            None => self.shorten.created(entity).filter(|place| !self.context.said.contains_key(place)),
        };
        match created {
            None => {
                put!(self.to(Column::Shapes), u64(WHOLE));
                put!(self.to(Column::Ids), bytes(&entity.0));
            }
            Some((replica, rseq)) => {
                self.replica(replica, |number| number + 1);
                self.number(Column::Places, rseq);
            }
        }
        About { entity, created }
    }

    /// The number of a replica, in the form that `token` gives it, and its name at its first use.
    pub fn replica(&mut self, replica: ReplicaId, token: impl FnOnce(u64) -> u64) {
        let (number, first) = self.replicas.number(replica);
        put!(self.to(Column::Shapes), u64(token(number)));
        if first {
            put!(self.to(Column::Ids), bytes(&replica.0));
        }
    }
}
