//! Canonical bytes of a record: what the phone and the hub store, and what "byte-equal" compares.
//!
//! Most records have one author and one op, so what a write shares with its op (dot, time, author) is said
//! once in a table and fields point into it: 12 fields cost 48 bytes of bookkeeping instead of 800.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write as CborWrite};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::codec::{decode_all, definite, encode_all, expect_array, from_bytes, to_bytes};
use crate::ids::{ActorId, Dot};
use crate::op::FieldKey;
use crate::record::{Created, FieldState, HeldState, HeldWork, Record, Write};
use crate::row::{HeldReason, rank};
use crate::time::EffectiveTime;

/// High bit of a stored rank: the write is this phone's own and not folded by the hub.
const PENDING: u8 = 0x80;

type Source = (Dot, EffectiveTime, ActorId);

impl Record {
    pub fn encode(&self) -> Vec<u8> {
        to_bytes(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        from_bytes(bytes)
    }

    /// The ops whose writes are alive, by dot.
    fn sources(&self) -> BTreeMap<Dot, (EffectiveTime, &ActorId)> {
        let writes = self.fields.values().flat_map(|state| &state.live);
        let mut sources: BTreeMap<_, _> = writes.map(|write| (write.dot, (write.eff, &write.author))).collect();
        if let (Some(created), Some(author)) = (&self.created, &self.author) {
            sources.insert(created.dot, (created.eff, author));
        }
        sources
    }
}

impl<C> Encode<C> for Record {
    fn encode<W: CborWrite>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        let sources = self.sources();
        let index: BTreeMap<Dot, u64> = sources.keys().copied().zip(0..).collect();
        e.array(11)?.encode(self.entity)?.encode(self.kind)?.encode(self.scope)?.encode(&self.author)?;
        e.encode(self.created.as_ref().map(|created| index[&created.dot]))?;
        e.encode(self.asof)?.encode(self.lock)?;
        e.array(sources.len() as u64)?;
        for (dot, (eff, author)) in &sources {
            e.array(3)?.encode(dot)?.encode(eff)?;
            e.encode((self.author.as_ref() != Some(author)).then_some(*author))?;
        }
        e.array(self.fields.len() as u64)?;
        for (key, state) in &self.fields {
            encode_field(e, key, state, &index)?;
        }
        encode_all(e, self.children.iter())?;
        encode_all(e, self.held.iter())
    }
}

impl<'b, C> Decode<'b, C> for Record {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        expect_array(d, 11)?;
        let mut record = Record::new(d.decode()?);
        record.kind = d.decode()?;
        record.scope = d.decode()?;
        record.author = d.decode()?;
        let created: Option<usize> = d.decode()?;
        record.asof = d.decode()?;
        record.lock = d.decode()?;
        let sources = decode_sources(d, record.author.as_ref())?;
        record.created = created
            .map(|at| source(&sources, at, d).map(|(dot, eff, _)| Created { dot: *dot, eff: *eff }))
            .transpose()?;
        if record.created.is_some() && record.author.is_none() {
            return Err(DecodeError::message("created by nobody").at(d.position()));
        }
        for _ in 0..definite(d.array()?, d)? {
            let (key, state) = decode_field(d, &sources)?;
            record.fields.insert(key, state);
        }
        record.children = decode_all(d)?.into_iter().collect::<BTreeSet<Dot>>();
        record.held = decode_all(d)?;
        Ok(record)
    }
}

fn decode_sources(d: &mut Decoder<'_>, author: Option<&ActorId>) -> Result<Vec<Source>, DecodeError> {
    let mut sources = Vec::new();
    for _ in 0..definite(d.array()?, d)? {
        expect_array(d, 3)?;
        let (dot, eff): (Dot, EffectiveTime) = (d.decode()?, d.decode()?);
        let other: Option<ActorId> = d.decode()?;
        let by = other.or_else(|| author.cloned()).ok_or_else(|| DecodeError::message("a write without author"))?;
        sources.push((dot, eff, by));
    }
    Ok(sources)
}

fn source<'s>(sources: &'s [Source], at: usize, d: &Decoder<'_>) -> Result<&'s Source, DecodeError> {
    sources.get(at).ok_or_else(|| DecodeError::message("no such source").at(d.position()))
}

/// `[key, source, value]` for the one ordinary write of a clean field, else `[key, writes, base, owed]`.
fn encode_field<W: CborWrite>(
    e: &mut Encoder<W>,
    key: &FieldKey,
    state: &FieldState,
    index: &BTreeMap<Dot, u64>,
) -> Result<(), EncodeError<W::Error>> {
    if let ([write], None, true) = (&state.live[..], &state.base, state.owed.is_empty())
        && stored_rank(write) == rank::ORDINARY
    {
        return e.array(3)?.encode(key)?.u64(index[&write.dot])?.encode(&write.value)?.ok();
    }
    e.array(4)?.encode(key)?.array(state.live.len() as u64)?;
    for write in &state.live {
        e.array(3)?.u64(index[&write.dot])?.u8(stored_rank(write))?.encode(&write.value)?;
    }
    e.encode(&state.base)?.array(state.owed.len() as u64)?;
    for (dot, rank) in &state.owed {
        e.array(2)?.encode(dot)?.u8(*rank)?;
    }
    Ok(())
}

fn stored_rank(write: &Write) -> u8 {
    write.rank | if write.pending { PENDING } else { 0 }
}

fn decode_field(d: &mut Decoder<'_>, sources: &[Source]) -> Result<(FieldKey, FieldState), DecodeError> {
    let len = definite(d.array()?, d)?;
    let key = d.decode()?;
    let mut state = FieldState::default();
    if len == 3 {
        let at = d.u64()? as usize;
        let (dot, eff, author) = source(sources, at, d)?.clone();
        state.live.push(Write { dot, rank: rank::ORDINARY, eff, author, value: d.decode()?, pending: false });
        return Ok((key, state));
    }
    for _ in 0..definite(d.array()?, d)? {
        expect_array(d, 3)?;
        let at = d.u64()? as usize;
        let (dot, eff, author) = source(sources, at, d)?.clone();
        let stored = d.u8()?;
        let (rank, pending) = (stored & !PENDING, stored & PENDING != 0);
        state.insert(Write { dot, rank, eff, author, value: d.decode()?, pending });
    }
    state.base = d.decode()?;
    for _ in 0..definite(d.array()?, d)? {
        expect_array(d, 2)?;
        state.owed.insert(d.decode()?, d.u8()?);
    }
    Ok((key, state))
}

impl<C> Encode<C> for HeldWork {
    fn encode<W: CborWrite>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        let (reason, decision) = match &self.state {
            HeldState::Held(reason) => (Some(*reason as u8), None),
            HeldState::SentBack(decision) => (None, Some(decision)),
        };
        e.array(5)?.encode(self.dot)?.encode(self.eff)?.encode(reason)?.encode(decision)?.encode(&self.op)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for HeldWork {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let start = d.position();
        expect_array(d, 5)?;
        let (dot, eff) = (d.decode()?, d.decode()?);
        let (reason, decision): (Option<u8>, _) = (d.decode()?, d.decode()?);
        let state = match (reason.map(|code| HeldReason::ALL.get(usize::from(code))), decision) {
            (Some(Some(reason)), None) => HeldState::Held(*reason),
            (None, Some(decision)) => HeldState::SentBack(decision),
            _ => return Err(DecodeError::message("held for no known reason").at(start)),
        };
        Ok(HeldWork { dot, eff, state, op: d.decode()? })
    }
}
