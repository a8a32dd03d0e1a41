//! The hub's view of a record as it lies on the disk: all of it, in half the bytes of its canonical form.
//!
//! A phone holds tens of thousands of records, nearly all with one author, one op and no dispute. So long names
//! are numbers (`names`), the entity and `asof` are columns and not repeated, and the tag of the write that
//! created a record is not stored, since it is the head of the entity id. Form 1, a sequence of CBOR items:
//!
//! ```text
//! form, kind?, scope?, author?, lock?,
//! 2 × sources + (first one created it), sources: replica, rseq, bits, [tag], eff ms, [author]
//! fields, each: 2 × number + (has more than one plain write), then
//!         plain: [source if there are several], value        else: see `write_field`
//! children: replica, rseq, tag        held: canonical
//! ```

use std::collections::BTreeMap;

use gridpatrol_model::ids::{ActorId, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::op::FieldKey;
use gridpatrol_model::record::{Created, FieldState, Record, Write};
use gridpatrol_model::row::rank;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use minicbor::data::Type;
use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encode, Encoder};

use crate::error::{Result, StoreError};
use crate::names::{Db, Name};

const FORM: u64 = 1;

/// Bits of a source; its time quality stands above them.
const TAG_IS_ENTITY: u8 = 1;
const OTHER_AUTHOR: u8 = 2;
const QUALITY_SHIFT: u8 = 2;

/// Bits of a field that is not one plain write.
const HAS_ITEM: u8 = 1;
const HAS_BASE: u8 = 2;

type Source = (Dot, EffectiveTime, ActorId);

pub(crate) fn encode(db: Db<'_>, record: &Record) -> Result<Vec<u8>> {
    let sources = sources(record);
    let index: BTreeMap<Dot, u64> = sources.iter().map(|(dot, _, _)| *dot).zip(0..).collect();
    let mut out = Out(Encoder::new(Vec::with_capacity(256)));
    out.put(FORM);
    out.put(record.kind);
    out.put(record.scope.map(|scope| db.number(&scope)).transpose()?);
    out.put(record.author.as_ref().map(|author| db.number(author)).transpose()?);
    out.put(record.lock);
    out.put(2 * sources.len() as u64 + u64::from(record.created.is_some()));
    for (dot, eff, author) in &sources {
        let is_entity = dot.tag == record.entity.0[..8];
        let other = record.author.as_ref() != Some(*author);
        let mut bits = eff.quality.code() << QUALITY_SHIFT;
        bits |= if is_entity { TAG_IS_ENTITY } else { 0 } | if other { OTHER_AUTHOR } else { 0 };
        out.put(db.number(&dot.replica)?);
        out.put(dot.rseq);
        out.put(bits);
        if !is_entity {
            out.bytes(&dot.tag);
        }
        out.put(eff.ms);
        if other {
            out.put(db.number(*author)?);
        }
    }
    out.put(record.fields.len() as u64);
    for (key, state) in &record.fields {
        write_field(&mut out, db, key, state, &index)?;
    }
    out.put(record.children.len() as u64);
    for dot in &record.children {
        write_dot(&mut out, db, dot)?;
    }
    out.put(record.held.len() as u64);
    record.held.iter().for_each(|work| out.put(work));
    Ok(out.0.into_writer())
}

pub(crate) fn decode(db: Db<'_>, entity: EntityId, asof: HubSeq, bytes: &[u8]) -> Result<Record> {
    let mut input = Input { d: Decoder::new(bytes), db };
    if input.get::<u64>()? != FORM {
        return Err(StoreError::Damaged("a record of an unknown form".into()));
    }
    let mut record = Record::new(entity);
    record.asof = asof;
    record.kind = input.get::<Option<RecordKind>>()?;
    record.scope = input.get::<Option<i64>>()?.map(|no| db.name(no)).transpose()?;
    record.author = input.get::<Option<i64>>()?.map(|no| db.name(no)).transpose()?;
    record.lock = input.get()?;
    let count: u64 = input.get()?;
    let sources = read_sources(&mut input, count / 2, &record)?;
    if count % 2 == 1 {
        let (dot, eff, _) = source(&sources, 0)?;
        record.created = Some(Created { dot: *dot, eff: *eff });
    }
    for _ in 0..input.get::<u64>()? {
        let (key, state) = read_field(&mut input, &sources)?;
        record.fields.insert(key, state);
    }
    for _ in 0..input.get::<u64>()? {
        record.children.insert(input.dot()?);
    }
    for _ in 0..input.get::<u64>()? {
        record.held.push(input.get()?);
    }
    Ok(record)
}

/// The ops whose writes are alive, that which created the record first.
fn sources(record: &Record) -> Vec<(Dot, EffectiveTime, &ActorId)> {
    let writes = record.fields.values().flat_map(|state| &state.live);
    let mut others: BTreeMap<Dot, (EffectiveTime, &ActorId)> =
        writes.map(|write| (write.dot, (write.eff, &write.author))).collect();
    let mut all = Vec::with_capacity(others.len() + 1);
    if let (Some(created), Some(author)) = (&record.created, &record.author) {
        others.remove(&created.dot);
        all.push((created.dot, created.eff, author));
    }
    all.extend(others.into_iter().map(|(dot, (eff, author))| (dot, eff, author)));
    all
}

fn read_sources(input: &mut Input<'_, '_>, count: u64, record: &Record) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for _ in 0..count {
        let replica: ReplicaId = input.name()?;
        let rseq = input.get()?;
        let bits: u8 = input.get()?;
        let tag = if bits & TAG_IS_ENTITY != 0 { head(&record.entity) } else { input.tag()? };
        let ms = input.get()?;
        let quality = TimeQuality::from_code(bits >> QUALITY_SHIFT).ok_or_else(damaged)?;
        let author =
            if bits & OTHER_AUTHOR != 0 { input.name()? } else { record.author.clone().ok_or_else(damaged)? };
        sources.push((Dot { replica, rseq, tag }, EffectiveTime { ms, quality }, author));
    }
    Ok(sources)
}

fn write_field(
    out: &mut Out,
    db: Db<'_>,
    key: &FieldKey,
    state: &FieldState,
    index: &BTreeMap<Dot, u64>,
) -> Result<()> {
    let plain = state.base.is_none() && state.owed.is_empty() && key.item.is_none();
    if let ([write], true) = (&state.live[..], plain)
        && write.rank == rank::ORDINARY
    {
        out.put(2 * u64::from(key.no.0));
        if index.len() > 1 {
            out.put(index[&write.dot]);
        }
        out.put(&write.value);
        return Ok(());
    }
    out.put(2 * u64::from(key.no.0) + 1);
    out.put(if key.item.is_some() { HAS_ITEM } else { 0 } | if state.base.is_some() { HAS_BASE } else { 0 });
    key.item.as_deref().into_iter().for_each(|item| out.put(item));
    out.put(state.live.len() as u64);
    for write in &state.live {
        out.put(index[&write.dot]);
        out.put(write.rank);
        out.put(&write.value);
    }
    state.base.iter().for_each(|base| out.put(base));
    out.put(state.owed.len() as u64);
    for (dot, rank) in &state.owed {
        write_dot(out, db, dot)?;
        out.put(*rank);
    }
    Ok(())
}

fn read_field(input: &mut Input<'_, '_>, sources: &[Source]) -> Result<(FieldKey, FieldState)> {
    let code: u64 = input.get()?;
    let no = FieldNo(u16::try_from(code / 2).map_err(|_| damaged())?);
    let mut state = FieldState::default();
    if code.is_multiple_of(2) {
        let at = if sources.len() > 1 { input.get()? } else { 0 };
        state.live.push(read_write(input, sources, at, rank::ORDINARY)?);
        return Ok((no.into(), state));
    }
    let bits: u8 = input.get()?;
    let item = if bits & HAS_ITEM != 0 { Some(input.get::<&str>()?.into()) } else { None };
    for _ in 0..input.get::<u64>()? {
        let (at, rank) = (input.get()?, input.get()?);
        state.live.push(read_write(input, sources, at, rank)?);
    }
    state.base = if bits & HAS_BASE != 0 { Some(input.get()?) } else { None };
    for _ in 0..input.get::<u64>()? {
        state.owed.insert(input.dot()?, input.get()?);
    }
    Ok((FieldKey { no, item }, state))
}

fn read_write(input: &mut Input<'_, '_>, sources: &[Source], at: u64, rank: u8) -> Result<Write> {
    let (dot, eff, author) = source(sources, at)?.clone();
    Ok(Write { dot, rank, eff, author, value: input.get()?, pending: false })
}

fn source(sources: &[Source], at: u64) -> Result<&Source> {
    usize::try_from(at).ok().and_then(|at| sources.get(at)).ok_or_else(damaged)
}

fn write_dot(out: &mut Out, db: Db<'_>, dot: &Dot) -> Result<()> {
    out.put(db.number(&dot.replica)?);
    out.put(dot.rseq);
    out.bytes(&dot.tag);
    Ok(())
}

fn head(entity: &EntityId) -> [u8; 8] {
    let mut tag = [0; 8];
    tag.copy_from_slice(&entity.0[..8]);
    tag
}

fn damaged() -> StoreError {
    StoreError::Damaged("a record does not decode".into())
}

struct Out(Encoder<Vec<u8>>);

impl Out {
    fn put(&mut self, item: impl Encode<()>) {
        self.0.encode(item).map(drop).expect("writing to memory does not fail");
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.bytes(bytes).map(drop).expect("writing to memory does not fail");
    }
}

struct Input<'b, 'd> {
    d: Decoder<'b>,
    db: Db<'d>,
}

impl<'b> Input<'b, '_> {
    fn get<T: minicbor::Decode<'b, ()>>(&mut self) -> Result<T> {
        self.d.decode().map_err(StoreError::from)
    }

    /// A name that stands here as its number.
    fn name<T: Name>(&mut self) -> Result<T> {
        let no = self.get()?;
        self.db.name(no)
    }

    fn tag(&mut self) -> Result<[u8; 8]> {
        if self.d.datatype()? != Type::Bytes {
            return Err(damaged());
        }
        self.d.bytes()?.try_into().map_err(|_| damaged())
    }

    fn dot(&mut self) -> Result<Dot> {
        Ok(Dot { replica: self.name()?, rseq: self.get()?, tag: self.tag()? })
    }
}

impl From<DecodeError> for StoreError {
    fn from(error: DecodeError) -> Self {
        StoreError::Damaged(error.to_string())
    }
}
