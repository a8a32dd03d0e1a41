//! The records lane: the one round trip, and what the phone does with each part of the reply.

use gridpatrol_model::ids::{ChainHash, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::{FieldKey, Op, chain_next};
use gridpatrol_model::page::Page;
use gridpatrol_protocol::frame::Start;
use gridpatrol_protocol::keep;
use gridpatrol_protocol::limits::{FRAME_BYTES, FRAME_OPS};
use gridpatrol_protocol::page::{self, OwnOps};
use gridpatrol_protocol::push;
use gridpatrol_protocol::refs::{Expand, FullIds, Shorten};
use gridpatrol_protocol::reply::{PushError, Reply};
use gridpatrol_protocol::request::Request;
use gridpatrol_protocol::{Cursor, Head};
use gridpatrol_protocol::{WireError, limits};
use gridpatrol_store::{Applied, Have, Outgoing, Outlet, Store};

use crate::engine::{Engine, Step};
use crate::transport::{Answer, Transport};
use crate::{Result, SyncError};

/// A line that damages everything is not worth its bytes.
const DAMAGED_IN_A_ROW: u32 = 3;

/// Challenges are single-use, so a second one in a row means that somebody else answers in the hub's name.
const CHALLENGES_IN_A_ROW: u32 = 3;

pub fn step<T: Transport>(engine: &mut Engine<'_, T>) -> Result<Step> {
    let outlets = engine.store.outlets()?;
    let outlet = *outlets.first().expect("a store has an incarnation that takes new ops");
    let owed = match engine.stuck {
        None => engine.store.owed_back(engine.handed_back, limits::HANDED_BACK, limits::HANDED_BACK_BYTES)?,
        Some(_) => Vec::new(),
    };
    // What the hub has lost comes first: own work may build on it.
    let outgoing = if owed.is_empty() && engine.stuck.is_none() { outgoing(engine, &outlet)? } else { None };
    let ops = outgoing.as_ref().map_or(0, |outgoing| outgoing.ops.len() as u64);
    let handed_back = owed.last().map(|kept| kept.id);
    let request = Request {
        handed_back: owed.into_iter().map(|kept| kept.run).collect(),
        ..request(engine, &outlet, outgoing.as_ref())?
    };
    let sent = !request.frames.is_empty() || !request.handed_back.is_empty();
    let reply = ask(engine, &request)?;
    let page = take(engine, &outlet, &reply, sent)?;
    if reply.push_error.is_none() {
        engine.progress.records_up += ops;
    }
    if page.is_some() && engine.stuck.is_none() {
        engine.handed_back = handed_back.unwrap_or(engine.handed_back);
    }
    let to_send = engine.stuck.is_none() && (sent || outlets.len() > 1);
    let more = page.as_ref().is_none_or(|page| page.more) || reply.rewind.is_some() || to_send;
    if !more && let Some(error) = engine.stuck.take() {
        return Err(error);
    }
    if let Some(page) = page.filter(|_| !more && engine.handed_back > 0) {
        engine.store.handed_back(engine.handed_back, page.to)?;
    }
    Ok(if more { Step::Moved } else { Step::Quiet })
}

/// What the next request carries: as many ops as its frames may hold.
fn outgoing<T: Transport>(engine: &Engine<'_, T>, outlet: &Outlet) -> Result<Option<Outgoing>> {
    let frames = engine.pace.frames();
    let (ops, bytes) = (frames * FRAME_OPS, frames * FRAME_BYTES);
    Ok(engine.store.outgoing(outlet.head.replica, outlet.next, ops, bytes)?)
}

fn request<T: Transport>(engine: &Engine<'_, T>, outlet: &Outlet, outgoing: Option<&Outgoing>) -> Result<Request> {
    let cursor = engine.store.cursor()?;
    let now = engine.clock.now();
    Ok(Request {
        replica: outlet.head.replica,
        head: Head { rseq: outlet.head.rseq, chain: outlet.head.c },
        holds_from: outlet.holds_from,
        boot_id: now.boot_id,
        mono_ms: now.mono_ms,
        wall_ms: now.wall_ms,
        cursor: Cursor { seq: cursor.seq, log: cursor.log },
        view: engine.store.view()?,
        entering: engine.entering,
        full_ids: engine.full_ids_down,
        frames: outgoing.map(|outgoing| frames(engine, outgoing)).transpose()?.unwrap_or_default(),
        handed_back: Vec::new(),
    })
}

fn frames<T: Transport>(engine: &Engine<'_, T>, outgoing: &Outgoing) -> Result<Vec<Vec<u8>>> {
    let mut chain = outgoing.prev_c;
    let mut ops: Vec<(Op, ChainHash)> = Vec::with_capacity(outgoing.ops.len());
    for bytes in &outgoing.ops {
        chain = chain_next(chain, bytes);
        ops.push((Op::decode(bytes).map_err(gridpatrol_store::StoreError::from)?, chain));
    }
    let Outgoing { replica, first_rseq: rseq, prev_c: prev, lost, .. } = *outgoing;
    let start = Start { replica, rseq, prev, lost };
    let ops = ops.iter().map(|(op, chain)| (op, *chain));
    Ok(if engine.full_ids_up {
        push::plan(start, ops, engine.pace, &FullIds, &engine.key)
    } else {
        push::plan(start, ops, engine.pace, &KnownToHub(engine.store), &engine.key)
    })
}

/// Sends the request, answering a challenge and showing the certificate where the hub asks for it.
fn ask<T: Transport>(engine: &mut Engine<'_, T>, request: &Request) -> Result<Reply> {
    let mut show = false;
    for _ in 0..CHALLENGES_IN_A_ROW {
        let body = request.seal(&engine.key, engine.challenge);
        engine.progress.requests += 1;
        engine.progress.push_bytes += body.len() as u64;
        let certificate = show.then_some(&engine.certificate[..]);
        match engine.transport.sync(body, certificate) {
            Ok(Answer::Reply(bytes)) => {
                engine.progress.pull_bytes += bytes.len() as u64;
                let reply = Reply::decode(&bytes)?;
                engine.challenge = reply.challenge;
                return Ok(reply);
            }
            Ok(Answer::Challenge(challenge)) => engine.challenge = challenge,
            Ok(Answer::UnknownDevice) => show = true,
            Err(error) => {
                engine.pace.failed();
                return Err(error.into());
            }
        }
    }
    Err(SyncError::Refused)
}

/// Takes a reply apart: a restored hub first, then the page, then what became of the push.
fn take<T: Transport>(engine: &mut Engine<'_, T>, outlet: &Outlet, reply: &Reply, sent: bool) -> Result<Option<Page>> {
    let replica = outlet.head.replica;
    if let Some(common) = reply.rewind {
        engine.store.rewind(gridpatrol_store::Cursor { seq: common.seq, log: common.log })?;
    }
    let have = Have { replica, rseq: reply.have.rseq, c: reply.have.chain, forked: reply.forked };
    engine.store.acked(have)?;
    engine.store.set_durable(reply.durable)?;
    engine.store.note_reply(reply.hub_now_ms, &reply.challenge)?;
    pushed(engine, reply.push_error, sent);
    if reply.rewind.is_some() {
        // The rest of the reply is for the view that the phone had; now it has none and enters its scopes again.
        engine.entering = None;
        // The hub may have lost again what this sync gave it.
        engine.handed_back = 0;
        return Ok(None);
    }
    let page = match page::decode(&reply.page, &Outbox { store: engine.store, replica }, &OnPhone(engine.store)) {
        Ok(page) => page,
        // Ops that the page names by number were let go, or a short reference is unknown here.
        Err(WireError::NeedsFullIds) if !engine.full_ids_down => {
            engine.full_ids_down = true;
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    engine.full_ids_down = false;
    // Without tags there is nothing to keep: a backup has it.
    let tagged = reply.keep.iter().zip(if reply.keep.is_empty() { Vec::new() } else { keep::runs(&page.items) });
    let runs: Vec<Vec<u8>> = tagged.map(|(tag, run)| keep::seal(*tag, &run)).collect();
    if let Applied::New { .. } = engine.store.apply(&page, reply.log, &runs)? {
        engine.progress.records_down += page.items.len() as u64;
    }
    engine.store.set_view(&reply.view, !page.more)?;
    engine.entering = reply.entering;
    Ok(Some(page))
}

fn pushed<T: Transport>(engine: &mut Engine<'_, T>, error: Option<PushError>, sent: bool) {
    engine.full_ids_up = error == Some(PushError::NeedsFullIds);
    match error {
        None if sent => {
            engine.pace.succeeded();
            engine.damaged = 0;
        }
        // `acked` already went back to what the hub has.
        None | Some(PushError::NeedsFullIds | PushError::Gap) => {}
        Some(PushError::NotStored) => engine.stuck = Some(SyncError::HubFull),
        Some(PushError::Damaged) => {
            engine.pace.failed();
            engine.damaged += 1;
            if engine.damaged >= DAMAGED_IN_A_ROW {
                engine.stuck = Some(SyncError::Damaged(WireError::TooLarge { cap: limits::MESSAGE_BYTES }));
            }
        }
    }
}

/// The ops that a page names by number.
struct Outbox<'s> {
    store: &'s Store,
    replica: ReplicaId,
}

impl OwnOps for Outbox<'_> {
    fn own(&self, rseq: u64) -> Option<(Dot, EntityId, Op)> {
        self.store.outbox_op(self.replica, rseq).ok().flatten()
    }
}

/// What the hub may name in short: where a record was created.
struct OnPhone<'s>(&'s Store);

impl Expand for OnPhone<'_> {
    fn entity(&self, replica: ReplicaId, rseq: u64) -> Option<EntityId> {
        self.0.entity_at(replica, rseq).ok().flatten()
    }

    fn dot(&self, entity: EntityId, key: &FieldKey, replica: ReplicaId, rseq: u64) -> Option<Dot> {
        let mirror = self.0.mirror(entity).ok()??;
        let live = mirror.live(key).iter().map(|write| write.dot);
        live.into_iter().find(|dot| (dot.replica, dot.rseq) == (replica, rseq))
    }
}

/// What the hub can look up: this phone's own ops, and what came from the hub.
struct KnownToHub<'s>(&'s Store);

impl Shorten for KnownToHub<'_> {
    fn created(&self, entity: EntityId) -> Option<(ReplicaId, u64)> {
        let view = self.0.record(entity).ok()??;
        view.record.created.map(|created| (created.dot.replica, created.dot.rseq))
    }

    fn known(&self, _: &Dot) -> bool {
        true
    }

    fn chain(&self, _: &Dot) -> Option<ChainHash> {
        None
    }
}
