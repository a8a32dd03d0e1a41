//! What the hub says: how much it has, one page of the log, and the next challenge. A push that failed does
//! not stop the page. On the wire `[version, zstd(body)]`.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{EntityId, HubSeq};
use minicbor::{Decoder, Encoder};

use crate::Result;
use crate::compact::put;
use crate::keep::Tag;
use crate::limits::{RUNS, VERSION};
use crate::parts::{
    Challenge, Cursor, Head, LogTag, Out, at_most, each_key, end, fixed, need, pack, put_entering, put_scopes,
    take_entering, take_scopes, unpack, versioned,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub challenge: Challenge,
    /// Milliseconds UTC.
    pub hub_now_ms: i64,
    /// What the hub has of the asking replica: its furthest op on the branch that the phone named.
    pub have: Head,
    /// Another phone works from an image of this one: new ops belong in a new incarnation.
    pub forked: bool,
    /// Up to here the log survives the loss of the hub's machine.
    pub durable: HubSeq,
    /// Why frames were not taken; the rest of the reply is good all the same.
    pub push_error: Option<PushError>,
    /// Set when the hub was restored: the phone's log and the hub's agree up to here.
    pub rewind: Option<Cursor>,
    /// Scopes that the member has now.
    pub view: Vec<Scope>,
    /// While a new scope goes out: the last record of this page.
    pub entering: Option<(Scope, EntityId)>,
    /// Encoded page, to be read with what the phone knows.
    pub page: Vec<u8>,
    /// The hub's log at the end of the page.
    pub log: LogTag,
    /// Tags of the page's runs, if the phone is to keep them.
    pub keep: Vec<Tag>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// A short reference did not resolve: the same frames with full ids.
    NeedsFullIds,
    /// The frames do not continue what the hub has: from `have` on again.
    Gap,
    /// A frame is damaged.
    Damaged,
    /// The hub could not store it now (disk full): later again. Also what a newer hub says in other words.
    NotStored,
}

mod key {
    pub const CHALLENGE: u64 = 0;
    pub const NOW: u64 = 1;
    pub const HAVE: u64 = 2;
    pub const DURABLE: u64 = 3;
    pub const PUSH_ERROR: u64 = 4;
    pub const REWIND: u64 = 5;
    pub const VIEW: u64 = 6;
    pub const ENTERING: u64 = 7;
    pub const PAGE: u64 = 8;
    pub const LOG: u64 = 9;
    pub const FORKED: u64 = 10;
    pub const KEEP: u64 = 11;
}

impl PushError {
    pub const ALL: [PushError; 4] = [PushError::NeedsFullIds, PushError::Gap, PushError::Damaged, PushError::NotStored];

    fn from_code(code: u64) -> Self {
        let at = usize::try_from(code).unwrap_or(usize::MAX);
        Self::ALL.get(at).copied().unwrap_or(PushError::NotStored)
    }
}

impl Reply {
    pub fn encode(&self) -> Vec<u8> {
        let body = pack(&self.encode_body());
        let mut out = Encoder::new(Vec::with_capacity(body.len() + 16));
        put!(out, array(2), u16(VERSION), bytes(&body));
        out.into_writer()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        versioned(&mut d, 2)?;
        let body = d.bytes()?;
        end(&d)?;
        Self::decode_body(&unpack(body)?)
    }

    fn encode_body(&self) -> Vec<u8> {
        let mut out: Out = Encoder::new(Vec::new());
        let (kept, forked) = (!self.keep.is_empty(), self.forked);
        let optional = [self.push_error.is_some(), self.rewind.is_some(), self.entering.is_some(), forked, kept];
        put!(out, map(7 + optional.into_iter().filter(|there| *there).count() as u64));
        put!(out, u64(key::CHALLENGE), bytes(&self.challenge), u64(key::NOW), i64(self.hub_now_ms), u64(key::HAVE));
        self.have.put(&mut out);
        put!(out, u64(key::DURABLE), encode(self.durable));
        if let Some(error) = self.push_error {
            put!(out, u64(key::PUSH_ERROR), u8(error as u8));
        }
        if let Some(rewind) = self.rewind {
            put!(out, u64(key::REWIND));
            rewind.put(&mut out);
        }
        put!(out, u64(key::VIEW));
        put_scopes(&mut out, &self.view);
        if let Some(entering) = self.entering {
            put!(out, u64(key::ENTERING));
            put_entering(&mut out, entering);
        }
        put!(out, u64(key::PAGE), bytes(&self.page), u64(key::LOG), bytes(&self.log));
        if forked {
            put!(out, u64(key::FORKED), bool(true));
        }
        if kept {
            put!(out, u64(key::KEEP), array(self.keep.len() as u64));
            for tag in &self.keep {
                put!(out, bytes(tag));
            }
        }
        out.into_writer()
    }

    fn decode_body(bytes: &[u8]) -> Result<Self> {
        let (mut challenge, mut now, mut have, mut durable, mut push_error) = (None, None, None, None, None);
        let (mut rewind, mut view, mut entering, mut page, mut log) = (None, None, None, None, None);
        let (mut forked, mut keep) = (false, Vec::new());
        each_key(&mut Decoder::new(bytes), |key, d| {
            match key {
                key::CHALLENGE => challenge = Some(fixed(d)?),
                key::NOW => now = Some(d.i64()?),
                key::HAVE => have = Some(Head::take(d)?),
                key::DURABLE => durable = Some(d.decode()?),
                key::PUSH_ERROR => push_error = Some(PushError::from_code(d.u64()?)),
                key::REWIND => rewind = Some(Cursor::take(d)?),
                key::VIEW => view = Some(take_scopes(d)?),
                key::ENTERING => entering = Some(take_entering(d)?),
                key::PAGE => page = Some(d.bytes()?.to_vec()),
                key::FORKED => forked = d.bool()?,
                key::LOG => log = Some(fixed(d)?),
                key::KEEP => keep = take_tags(d)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Reply {
            challenge: need(challenge)?,
            hub_now_ms: need(now)?,
            have: need(have)?,
            forked,
            durable: need(durable)?,
            push_error,
            rewind,
            view: need(view)?,
            entering,
            page: need(page)?,
            log: need(log)?,
            keep,
        })
    }
}

fn take_tags(d: &mut Decoder<'_>) -> Result<Vec<Tag>> {
    let count = at_most(d.array()?, RUNS)?;
    (0..count).map(|_| fixed(d)).collect()
}
