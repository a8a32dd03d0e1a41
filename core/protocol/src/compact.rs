//! The compact form of ops in frames and pages: no keys, no repetition of what the op before said, names
//! said once in a table, times as differences. Written and read in one order; expanded to the same op.

use std::collections::BTreeMap;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{FieldKey, OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;
use minicbor::{Decoder, Encoder};

use crate::refs::{Expand, Shorten};
use crate::{Result, WireError, malformed};

type Out = Encoder<Vec<u8>>;

/// Which parts of an op differ from the usual or from the op before.
mod differs {
    pub const VERSION: u32 = 1;
    pub const SCHEMA: u32 = 2;
    pub const SEEN: u32 = 4;
    pub const ACTOR: u32 = 8;
    pub const SCOPE: u32 = 16;
    pub const BOOT: u32 = 32;
    pub const GNSS: u32 = 64;
    pub const EXTRA: u32 = 128;
    pub const ENTITY: u32 = 256;
}

/// What the ops before have said, the same on both sides.
struct Context {
    seen: HubSeq,
    actor: Option<ActorId>,
    scope: Option<Scope>,
    time: TimeEvidence,
}

impl Context {
    fn new() -> Self {
        Context {
            seen: HubSeq::ZERO,
            actor: None,
            scope: None,
            time: TimeEvidence { wall_ms: 0, boot_id: 0, mono_ms: 0, gnss_ms: None },
        }
    }

    fn follow(&mut self, op: &Op) {
        self.seen = op.seen;
        self.actor = Some(op.actor.clone());
        self.scope = Some(op.scope);
        self.time = op.time;
    }
}

/// Writes ops one after the other.
pub struct OpWriter<'s, S> {
    out: Out,
    shorten: &'s S,
    replicas: Names<ReplicaId>,
    context: Context,
}

/// Reads what an [`OpWriter`] wrote.
pub struct OpReader<'b> {
    pub(crate) input: Decoder<'b>,
    replicas: Vec<ReplicaId>,
    context: Context,
}

/// Names get a number at their first use.
struct Names<T> {
    numbers: BTreeMap<T, u64>,
}

impl<T: Ord> Names<T> {
    /// The number of a name, and whether this is its first use.
    fn number(&mut self, name: T) -> (u64, bool) {
        let next = self.numbers.len() as u64;
        let number = *self.numbers.entry(name).or_insert(next);
        (number, number == next)
    }
}

/// Writing to memory does not fail.
macro_rules! put {
    ($out:expr, $($call:ident($($arg:expr),*)),+) => {{
        $($out.$call($($arg),*).expect("writing to memory does not fail");)+
    }};
}
pub(crate) use put;

impl<'s, S: Shorten> OpWriter<'s, S> {
    pub fn new(shorten: &'s S) -> Self {
        let replicas = Names { numbers: BTreeMap::new() };
        OpWriter { out: Encoder::new(Vec::new()), shorten, replicas, context: Context::new() }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.writer().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn finish(self) -> Vec<u8> {
        self.out.into_writer()
    }

    pub(crate) fn out(&mut self) -> &mut Out {
        &mut self.out
    }

    pub fn op(&mut self, op: &Op) {
        let flags = self.flags(op);
        put!(self.out, u32(flags));
        self.heading(op, flags);
        if let Some(entity) = op.entity {
            self.entity(entity);
        }
        self.kind(&op.kind);
        put!(self.out, u64(op.sets.len() as u64));
        for set in &op.sets {
            self.set(set);
        }
        if flags & differs::EXTRA != 0 {
            put!(self.out, u64(op.extra.len() as u64));
            for (key, value) in &op.extra {
                put!(self.out, u64(*key), encode(value));
            }
        }
        self.context.follow(op);
    }

    fn flags(&self, op: &Op) -> u32 {
        let before = &self.context;
        [
            (op.v != OP_VERSION, differs::VERSION),
            (op.schema != SCHEMA_VERSION, differs::SCHEMA),
            (op.seen != before.seen, differs::SEEN),
            (before.actor.as_ref() != Some(&op.actor), differs::ACTOR),
            (before.scope != Some(op.scope), differs::SCOPE),
            (op.time.boot_id != before.time.boot_id, differs::BOOT),
            (op.time.gnss_ms.is_some(), differs::GNSS),
            (!op.extra.is_empty(), differs::EXTRA),
            (op.entity.is_some(), differs::ENTITY),
        ]
        .into_iter()
        .filter_map(|(differs, flag)| differs.then_some(flag))
        .sum()
    }

    fn heading(&mut self, op: &Op, flags: u32) {
        let on = |flag| flags & flag != 0;
        if on(differs::VERSION) {
            put!(self.out, u8(op.v));
        }
        if on(differs::SCHEMA) {
            put!(self.out, u32(op.schema));
        }
        if on(differs::SEEN) {
            put!(self.out, encode(op.seen));
        }
        if on(differs::ACTOR) {
            put!(self.out, encode(&op.actor));
        }
        if on(differs::SCOPE) {
            put!(self.out, encode(op.scope));
        }
        if on(differs::BOOT) {
            put!(self.out, u64(op.time.boot_id));
        }
        let before = self.context.time;
        let wall = op.time.wall_ms.wrapping_sub(before.wall_ms);
        // Both clocks of a phone tick alike, so their difference is nearly always nought.
        let mono = (op.time.mono_ms.wrapping_sub(before.mono_ms) as i64).wrapping_sub(wall);
        put!(self.out, i64(wall), i64(mono));
        if let Some(gnss) = op.time.gnss_ms {
            put!(self.out, i64(gnss.wrapping_sub(op.time.wall_ms)));
        }
    }

    fn kind(&mut self, kind: &OpKind) {
        match kind {
            OpKind::Create { kind } => put!(self.out, u8(0), u16(kind.0)),
            OpKind::Set => put!(self.out, u8(1)),
            OpKind::Resolve => put!(self.out, u8(2)),
            OpKind::Delete { saw } => {
                put!(self.out, u8(3), u64(saw.len() as u64));
                for dot in saw {
                    self.dot_as(dot, false);
                }
            }
            OpKind::Transition { from, to, seen, reason } => {
                put!(self.out, u8(4), u8(from.code()), u8(to.code()));
                self.dot(seen);
                put!(self.out, encode(reason.as_deref()));
            }
            OpKind::Opaque { body } => put!(self.out, u8(5), encode(body)),
        }
    }

    fn set(&mut self, set: &Set) {
        let shape = u32::from(set.key.item.is_some()) << 1 | u32::from(!set.preds.is_empty());
        put!(self.out, u32(u32::from(set.key.no.0) << 2 | shape));
        if let Some(item) = &set.key.item {
            put!(self.out, str(item));
        }
        if !set.preds.is_empty() {
            self.dots(&set.preds);
        }
        put!(self.out, encode(&set.value));
    }

    pub(crate) fn dots(&mut self, dots: &[Dot]) {
        put!(self.out, u64(dots.len() as u64));
        for dot in dots {
            self.dot(dot);
        }
    }

    /// The number of the replica and whether the tag is left out, rseq, tag.
    pub(crate) fn dot(&mut self, dot: &Dot) {
        self.dot_as(dot, self.shorten.known(dot));
    }

    fn dot_as(&mut self, dot: &Dot, short: bool) {
        let (number, first) = self.replicas.number(dot.replica);
        put!(self.out, u64(number << 1 | u64::from(short)));
        if first {
            put!(self.out, bytes(&dot.replica.0));
        }
        put!(self.out, u64(dot.rseq));
        if !short {
            put!(self.out, bytes(&dot.tag));
        }
    }

    /// The place of its Create, or its 16 bytes.
    pub(crate) fn entity(&mut self, entity: EntityId) {
        match self.shorten.created(entity) {
            None => put!(self.out, bytes(&entity.0)),
            Some((replica, rseq)) => {
                let (number, first) = self.replicas.number(replica);
                put!(self.out, u64(number));
                if first {
                    put!(self.out, bytes(&replica.0));
                }
                put!(self.out, u64(rseq));
            }
        }
    }
}

impl<'b> OpReader<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        OpReader { input: Decoder::new(bytes), replicas: Vec::new(), context: Context::new() }
    }

    /// Whether all bytes were read.
    pub fn at_end(&self) -> bool {
        self.input.position() == self.input.input().len()
    }

    pub fn op(&mut self, expand: &impl Expand) -> Result<Op> {
        let flags = self.input.u32()?;
        let on = |flag| flags & flag != 0;
        let v = if on(differs::VERSION) { self.input.u8()? } else { OP_VERSION };
        let schema = if on(differs::SCHEMA) { self.input.u32()? } else { SCHEMA_VERSION };
        let seen = if on(differs::SEEN) { self.input.decode()? } else { self.context.seen };
        let actor = if on(differs::ACTOR) { Some(self.input.decode()?) } else { self.context.actor.clone() };
        let scope = if on(differs::SCOPE) { Some(self.input.decode()?) } else { self.context.scope };
        let time = self.time(on(differs::BOOT), on(differs::GNSS))?;
        let entity = if on(differs::ENTITY) { Some(self.entity(expand)?) } else { None };
        let kind = self.kind(entity, expand)?;
        let sets = self.sets(entity, expand)?;
        let extra = if on(differs::EXTRA) { self.extra()? } else { Vec::new() };
        let op = Op {
            v,
            kind,
            actor: actor.ok_or_else(|| malformed("the first op names no actor"))?,
            entity,
            scope: scope.ok_or_else(|| malformed("the first op names no scope"))?,
            seen,
            schema,
            time,
            sets,
            extra,
        };
        self.context.follow(&op);
        Ok(op)
    }

    fn kind(&mut self, entity: Option<EntityId>, expand: &impl Expand) -> Result<OpKind> {
        Ok(match self.input.u8()? {
            0 => OpKind::Create { kind: RecordKind(self.input.u16()?) },
            1 => OpKind::Set,
            2 => OpKind::Resolve,
            // What a Delete saw may be children and writes of any field: always full.
            3 => OpKind::Delete { saw: self.dots(None, &FieldNo::LIFE.into(), expand)? },
            4 => OpKind::Transition {
                from: self.stage()?,
                to: self.stage()?,
                seen: self.dot(entity, &FieldNo::STAGE.into(), expand)?,
                reason: self.input.decode()?,
            },
            5 => OpKind::Opaque { body: self.input.decode()? },
            _ => return Err(malformed("no such kind of op")),
        })
    }

    fn stage(&mut self) -> Result<Stage> {
        Stage::from_code(self.input.u8()?.into()).ok_or_else(|| malformed("no such stage"))
    }

    fn time(&mut self, new_boot: bool, gnss: bool) -> Result<TimeEvidence> {
        let before = self.context.time;
        let boot_id = if new_boot { self.input.u64()? } else { before.boot_id };
        let wall = self.input.i64()?;
        let mono = self.input.i64()?.wrapping_add(wall);
        let wall_ms = before.wall_ms.wrapping_add(wall);
        let gnss_ms = if gnss { Some(self.input.i64()?.wrapping_add(wall_ms)) } else { None };
        Ok(TimeEvidence { wall_ms, boot_id, mono_ms: before.mono_ms.wrapping_add(mono as u64), gnss_ms })
    }

    pub(crate) fn dot(&mut self, entity: Option<EntityId>, key: &FieldKey, expand: &impl Expand) -> Result<Dot> {
        let token = self.input.u64()?;
        let replica = self.replica(token >> 1)?;
        let rseq = self.input.u64()?;
        if token & 1 == 0 {
            let tag = self.input.bytes()?.try_into().map_err(|_| malformed("a tag has 8 bytes"))?;
            return Ok(Dot { replica, rseq, tag });
        }
        let entity = entity.ok_or(WireError::NeedsFullIds)?;
        expand.dot(entity, key, replica, rseq).ok_or(WireError::NeedsFullIds)
    }

    pub(crate) fn dots(&mut self, entity: Option<EntityId>, key: &FieldKey, expand: &impl Expand) -> Result<Vec<Dot>> {
        let count = self.input.u64()?;
        let mut dots = Vec::new();
        for _ in 0..count {
            dots.push(self.dot(entity, key, expand)?);
        }
        Ok(dots)
    }

    pub(crate) fn entity(&mut self, expand: &impl Expand) -> Result<EntityId> {
        if self.input.datatype()? == minicbor::data::Type::Bytes {
            return Ok(self.input.decode()?);
        }
        let number = self.input.u64()?;
        let replica = self.replica(number)?;
        let rseq = self.input.u64()?;
        expand.entity(replica, rseq).ok_or(WireError::NeedsFullIds)
    }

    /// A number just beyond the names so far introduces the next one.
    fn replica(&mut self, number: u64) -> Result<ReplicaId> {
        if number == self.replicas.len() as u64 {
            let replica = self.input.decode()?;
            self.replicas.push(replica);
        }
        let at = usize::try_from(number).map_err(|_| malformed("no such replica"))?;
        self.replicas.get(at).copied().ok_or_else(|| malformed("no such replica"))
    }

    fn sets(&mut self, entity: Option<EntityId>, expand: &impl Expand) -> Result<Vec<Set>> {
        let count = self.input.u64()?;
        let mut sets = Vec::new();
        for _ in 0..count {
            let token = self.input.u32()?;
            let no = FieldNo(u16::try_from(token >> 2).map_err(|_| malformed("no such field"))?);
            let item = if token & 2 != 0 { Some(self.input.str()?.into()) } else { None };
            let key = FieldKey { no, item };
            let preds = if token & 1 != 0 { self.dots(entity, &key, expand)? } else { Vec::new() };
            sets.push(Set { key, preds, value: self.input.decode()? });
        }
        Ok(sets)
    }

    fn extra(&mut self) -> Result<Vec<(u64, Value)>> {
        let count = self.input.u64()?;
        let mut extra = Vec::new();
        for _ in 0..count {
            extra.push((self.input.u64()?, self.input.decode()?));
        }
        Ok(extra)
    }
}
