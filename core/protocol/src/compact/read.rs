use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::{FieldKey, OP_VERSION, Op, OpKind, SCHEMA_VERSION, Set};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;
use minicbor::Decoder;

use super::{About, COLUMNS, Column, Context, OP_PARTS, Place, Said, WHOLE, differs, dot, kind, set};
use crate::limits::PARTS;
use crate::parts::end;
use crate::refs::Expand;
use crate::{Result, WireError, malformed};

/// Reads what an [`OpWriter`](super::OpWriter) wrote.
pub(crate) struct OpReader<'b> {
    columns: [Decoder<'b>; COLUMNS],
    replicas: Vec<ReplicaId>,
    actors: Vec<ActorId>,
    scopes: Vec<Scope>,
    context: Context,
}

impl<'b> OpReader<'b> {
    pub fn new(bytes: &'b [u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let mut columns = std::array::from_fn(|_| Decoder::new(&[]));
        for column in &mut columns {
            *column = Decoder::new(d.bytes()?);
        }
        end(&d)?;
        let (replicas, actors, scopes) = (Vec::new(), Vec::new(), Vec::new());
        Ok(OpReader { columns, replicas, actors, scopes, context: Context::new() })
    }

    /// Whether another op or item begins.
    pub fn more(&self) -> bool {
        let flags = &self.columns[Column::Flags as usize];
        flags.position() < flags.input().len()
    }

    /// Nothing may be left over.
    pub fn end(&self) -> Result<()> {
        self.columns.iter().try_for_each(end)
    }

    pub fn from(&mut self, column: Column) -> &mut Decoder<'b> {
        &mut self.columns[column as usize]
    }

    pub fn number(&mut self, column: Column) -> Result<u64> {
        let d = self.from(column);
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *d.input().get(d.position()).ok_or_else(|| malformed("a column ends early"))?;
            d.set_position(d.position() + 1);
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(malformed("a number over 64 bits"))
    }

    pub fn signed(&mut self, column: Column) -> Result<i64> {
        let number = self.number(column)?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub fn step(&mut self, column: Column, from: u64) -> Result<u64> {
        Ok(from.wrapping_add(self.signed(column)? as u64))
    }

    /// Tells the ops to come that this write has arrived.
    pub fn say(&mut self, dot: Dot, entity: EntityId) {
        self.context.say(dot, entity);
    }

    /// An op and what it is about.
    pub fn op(&mut self, expand: &impl Expand) -> Result<(Op, Option<About>)> {
        let flags = self.from(Column::Flags).u32()?;
        if flags > differs::ALL {
            return Err(malformed("an op of another shape"));
        }
        let on = |flag| flags & flag != 0;
        let v = if on(differs::VERSION) { self.from(Column::Values).u8()? } else { OP_VERSION };
        let schema = if on(differs::SCHEMA) { self.from(Column::Values).u32()? } else { SCHEMA_VERSION };
        let seen = if on(differs::SEEN) { self.seen()? } else { self.context.seen };
        let actor = if on(differs::ACTOR) { Some(self.actor()?) } else { self.context.actor.clone() };
        let scope = if on(differs::SCOPE) { Some(self.scope()?) } else { self.context.scope };
        let time = self.time(on(differs::BOOT), on(differs::GNSS))?;
        let about = if on(differs::ENTITY) { Some(self.entity(expand)?) } else { None };
        let kind = self.kind(about.as_ref(), expand)?;
        let sets = self.sets(about.as_ref(), time.wall_ms, expand)?;
        let extra = if on(differs::EXTRA) { self.extra()? } else { Vec::new() };
        let op = Op {
            v,
            kind,
            actor: actor.ok_or_else(|| malformed("the first op names no actor"))?,
            entity: about.map(|about| about.entity),
            scope: scope.ok_or_else(|| malformed("the first op names no scope"))?,
            seen,
            schema,
            time,
            sets,
            extra,
        };
        if !op.is_sound() {
            return Err(malformed("a part that poses as one of a newer version"));
        }
        self.context.follow(&op);
        Ok((op, about))
    }

    fn seen(&mut self) -> Result<HubSeq> {
        let epoch = u32::try_from(self.number(Column::Times)?).map_err(|_| malformed("no such epoch"))?;
        Ok(HubSeq { epoch, n: self.step(Column::Times, self.context.seen.n)? })
    }

    fn time(&mut self, new_boot: bool, gnss: bool) -> Result<TimeEvidence> {
        let before = self.context.time;
        let boot_id = if new_boot { self.from(Column::Ids).u64()? } else { before.boot_id };
        let wall = self.signed(Column::Times)?;
        let mono = self.signed(Column::Drifts)?.wrapping_add(wall);
        let wall_ms = before.wall_ms.wrapping_add(wall);
        let gnss_ms = if gnss { Some(self.signed(Column::Drifts)?.wrapping_add(wall_ms)) } else { None };
        Ok(TimeEvidence { wall_ms, boot_id, mono_ms: before.mono_ms.wrapping_add(mono as u64), gnss_ms })
    }

    fn kind(&mut self, about: Option<&About>, expand: &impl Expand) -> Result<OpKind> {
        Ok(match self.from(Column::Shapes).u8()? {
            kind::CREATE => OpKind::Create { kind: RecordKind(self.from(Column::Shapes).u16()?) },
            kind::SET => OpKind::Set,
            kind::RESOLVE => OpKind::Resolve,
            kind::DELETE => OpKind::Delete { saw: self.dots(about, &FieldNo::LIFE.into(), expand)? },
            kind::TRANSITION => OpKind::Transition {
                from: self.stage()?,
                to: self.stage()?,
                seen: self.dot(about, &FieldNo::STAGE.into(), expand)?,
                reason: self.from(Column::Texts).decode()?,
            },
            kind::OPAQUE => OpKind::Opaque { body: self.from(Column::Values).decode()? },
            _ => return Err(malformed("no such kind of op")),
        })
    }

    fn stage(&mut self) -> Result<Stage> {
        let code = self.from(Column::Shapes).u8()?;
        Stage::from_code(code.into()).ok_or_else(|| malformed("no such stage"))
    }

    fn sets(&mut self, about: Option<&About>, wall_ms: i64, expand: &impl Expand) -> Result<Vec<Set>> {
        let count = self.count()?;
        let mut sets = Vec::new();
        for _ in 0..count {
            let token = self.from(Column::Shapes).u32()?;
            let no = FieldNo(u16::try_from(token >> set::BITS).map_err(|_| malformed("no such field"))?);
            let item = if token & set::ITEM != 0 { Some(self.from(Column::Texts).str()?.into()) } else { None };
            let key = FieldKey { no, item };
            let preds = if token & set::PREDS != 0 { self.dots(about, &key, expand)? } else { Vec::new() };
            let value = self.value((token & set::PLACES) / set::PLACE, wall_ms)?;
            sets.push(Set { key, preds, value });
        }
        Ok(sets)
    }

    pub fn value(&mut self, place: u32, wall_ms: i64) -> Result<Value> {
        match place {
            Place::VALUES => Ok(self.from(Column::Values).decode()?),
            Place::TEXTS => Ok(self.from(Column::Texts).decode()?),
            Place::TIMES => Ok(Value::int(self.signed(Column::Drifts)?.wrapping_add(wall_ms))),
            _ => Err(malformed("no such place of a value")),
        }
    }

    fn extra(&mut self) -> Result<Vec<(u64, Value)>> {
        let count = self.count()?;
        let values = self.from(Column::Values);
        let mut extra = Vec::new();
        for _ in 0..count {
            extra.push((values.u64()?, values.decode()?));
        }
        Ok(extra)
    }

    pub fn count(&mut self) -> Result<u64> {
        let count = self.from(Column::Shapes).u64()?;
        self.context.parts = self.context.parts.saturating_add(count);
        if count <= OP_PARTS && self.context.parts <= PARTS {
            Ok(count)
        } else {
            Err(malformed("more parts than the cap"))
        }
    }

    pub fn actor(&mut self) -> Result<ActorId> {
        let number = self.number(Column::Names)?;
        named(&mut self.actors, number, || self.columns[Column::Texts as usize].decode())
    }

    pub fn scope(&mut self) -> Result<Scope> {
        let number = self.number(Column::Names)?;
        named(&mut self.scopes, number, || self.columns[Column::Texts as usize].decode())
    }

    pub fn replica(&mut self, number: u64) -> Result<ReplicaId> {
        named(&mut self.replicas, number, || self.columns[Column::Ids as usize].decode())
    }

    pub fn dots(&mut self, about: Option<&About>, key: &FieldKey, expand: &impl Expand) -> Result<Vec<Dot>> {
        let count = self.count()?;
        let mut dots = Vec::new();
        for _ in 0..count {
            dots.push(self.dot(about, key, expand)?);
        }
        Ok(dots)
    }

    /// A write of a field of the record that the op is about.
    pub fn dot(&mut self, about: Option<&About>, key: &FieldKey, expand: &impl Expand) -> Result<Dot> {
        let token = self.from(Column::Shapes).u64()?;
        if token == dot::CREATE {
            return about.and_then(About::create).ok_or_else(|| malformed("no place of a Create"));
        }
        let token = token - dot::OTHER;
        let replica = self.replica(token >> 1)?;
        let rseq = self.number(Column::Places)?;
        if token & 1 == 0 {
            let tag = self.from(Column::Ids).bytes()?;
            let tag = tag.try_into().map_err(|_| malformed("a tag has 8 bytes"))?;
            return Ok(Dot { replica, rseq, tag });
        }
        let found = match (self.context.said.get(&(replica, rseq)), about) {
            (Some(Said::Once { tag, .. }), _) => Some(Dot { replica, rseq, tag: *tag }),
            (None, Some(about)) => expand.dot(about.entity, key, replica, rseq),
            _ => None,
        };
        found.ok_or(WireError::NeedsFullIds)
    }

    pub fn entity(&mut self, expand: &impl Expand) -> Result<About> {
        let number = self.from(Column::Shapes).u64()?;
        if number == WHOLE {
            return Ok(About { entity: self.from(Column::Ids).decode()?, created: None });
        }
        let replica = self.replica(number - 1)?;
        let rseq = self.number(Column::Places)?;
        let entity = match self.context.said.get(&(replica, rseq)) {
            Some(Said::Once { entity, .. }) => Some(*entity),
            Some(Said::Twice) => None,
            None => expand.entity(replica, rseq),
        };
        Ok(About { entity: entity.ok_or(WireError::NeedsFullIds)?, created: Some((replica, rseq)) })
    }
}

/// A number just beyond the names so far introduces the next one.
fn named<T: Clone>(
    names: &mut Vec<T>,
    number: u64,
    read: impl FnOnce() -> std::result::Result<T, minicbor::decode::Error>,
) -> Result<T> {
    let unknown = || malformed("no such name");
    let at = usize::try_from(number).map_err(|_| unknown())?;
    if at == names.len() {
        names.push(read()?);
    }
    names.get(at).cloned().ok_or_else(unknown)
}
