//! What has to hold: on every phone after every action, and everywhere once the network is back.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::fold::fold;
use gridpatrol_model::ids::{Dot, EntityId};
use gridpatrol_model::op::FieldKey;
use gridpatrol_model::record::{HeldState, Record};
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::schema::{FieldNo, Policy};

use crate::action::Action;
use crate::fault::Fault;
use crate::history::World;
use crate::oracle::{Oracle, Shown};
use crate::spoil;

/// The law that was broken, and where.
pub type Broken = String;

macro_rules! law {
    ($holds:expr, $($said:tt)*) => {
        if !$holds {
            return Err(format!($($said)*));
        }
    };
}

/// Plays a history, heals the network and checks every law.
pub fn play(fault: Fault, actions: &[Action]) -> Result<World, Broken> {
    let mut world = World::new(fault);
    for action in actions {
        world.act(action);
        own_work_stays_in_sight(&world)?;
    }
    law!(world.heal(), "queues do not drain: {}", queues(&world));
    nothing_is_lost_or_doubled(&world)?;
    decisions_stand(&world)?;
    nothing_overtakes_a_held_create(&world)?;
    everybody_has_the_same(&world)?;
    the_log_says_it_all(&world)?;
    let oracle = Oracle::new(&world.written, &world.hub.rows, &world.hub.late);
    for record in world.hub.records.values() {
        values_are_as_shown(&oracle, record)?;
        workflow_has_one_value(&oracle, record)?;
    }
    Ok(world)
}

fn queues(world: &World) -> String {
    let queue = |phone: &crate::phone::Phone| {
        format!("{} ops and {} rows, at {:?}", phone.outbox.len(), phone.hand_back.len(), phone.cursor.seq)
    };
    format!("{:?}, hub at {:?}", world.phones.iter().map(queue).collect::<Vec<_>>(), world.hub.head())
}

/// What a member saved is pending on her phone, or in the record that she sees.
fn own_work_stays_in_sight(world: &World) -> Result<(), Broken> {
    for (at, phone) in world.phones.iter().enumerate() {
        for pending in &phone.outbox {
            let Some(record) = phone.records.get(&pending.entity) else { continue };
            let shows = record.fields.values().flat_map(|state| &state.live).any(|write| write.dot == pending.dot);
            let meant = world.written.get(&pending.dot).is_none_or(|written| !written.op.sets.is_empty());
            let folded = phone.is_folded(pending, pending.entity);
            let overwritten =
                phone.outbox.iter().any(|later| later.entity == pending.entity && later.dot != pending.dot);
            law!(shows || folded || !meant || overwritten, "phone {at} does not show its own {}", pending.dot);
            let shown = world.written.get(&pending.dot).map_or(&[][..], |written| &written.shown);
            let stays = |shown: &Shown| record.live(&shown.key).iter().any(|write| shown.dots.contains(&write.dot));
            law!(folded || !shown.iter().any(stays), "phone {at} still shows what {} replaced", pending.dot);
            let read = Record::decode(&record.encode()).map_err(|error| format!("record: {error}"))?;
            law!(read == *record, "{} does not read back on phone {at}", pending.entity);
        }
        for (entity, record) in &phone.records {
            let own = |dot: Dot| phone.outbox.iter().any(|pending| pending.dot == dot);
            let mut writes = record.fields.values().flat_map(|state| &state.live);
            law!(
                writes.all(|write| !write.pending || own(write.dot)),
                "phone {at} shows a pending write on {entity} that is in no outbox"
            );
        }
    }
    Ok(())
}

/// Every op that was saved is in the log, once, and nothing else is.
fn nothing_is_lost_or_doubled(world: &World) -> Result<(), Broken> {
    let mut times: BTreeMap<Dot, usize> = BTreeMap::new();
    for row in world.hub.rows.iter().filter(|row| row.decision.is_none()) {
        *times.entry(row.dot).or_default() += 1;
    }
    for dot in world.written.keys().filter(|dot| !world.excused.contains(dot)) {
        law!(times.contains_key(dot), "{dot} is lost");
    }
    for (dot, times) in times {
        law!(world.written.contains_key(&dot), "{dot} was saved by nobody");
        law!(times == 1, "{dot} came into the log {times} times");
    }
    Ok(())
}

/// Decisions that a phone knew came back after a restore; held work stays on its record until decided; and a
/// release takes the author's other held work along.
fn decisions_stand(world: &World) -> Result<(), Broken> {
    for dot in &world.to_return {
        let latest = world.hub.latest(*dot);
        law!(latest.is_none_or(|row| row.verdict.held().is_none()), "the decision about {dot} did not come back");
    }
    for (dot, (first, latest)) in &world.hub.found {
        let row = &world.hub.rows[*latest];
        let record = &world.hub.records[&row.entity];
        let shown = record.held.iter().find(|work| work.dot == *dot).map(|work| &work.state);
        let right = match row.verdict {
            Verdict::Parked(reason) | Verdict::Quarantined(reason) => shown == Some(&HeldState::Held(reason)),
            Verdict::SentBack => matches!(shown, Some(HeldState::SentBack(_))),
            Verdict::Accepted | Verdict::Agreed => shown.is_none(),
        };
        law!(right, "{dot} is {:?} and its record says {shown:?}", row.verdict);
        let later = world.hub.rows[*first..].iter().filter(|later| later.decision.is_some());
        let mut released = later.filter(|later| later.verdict == Verdict::Accepted && later.entity == row.entity);
        law!(
            row.verdict.held().is_none() || !released.any(|later| later.op.actor == row.op.actor),
            "{dot} was left behind by a release"
        );
    }
    Ok(())
}

/// What is written to a record that is held from its beginning waits with it.
fn nothing_overtakes_a_held_create(world: &World) -> Result<(), Broken> {
    let mut held: BTreeSet<EntityId> = BTreeSet::new();
    for row in &world.hub.rows {
        if row.op.kind.creates() {
            match row.verdict.held() {
                Some(_) => drop(held.insert(row.entity)),
                None => drop(held.remove(&row.entity)),
            }
        }
        let waits = row.verdict.held().is_some() || row.decision.is_some() || !held.contains(&row.entity);
        law!(waits, "{} overtook the held beginning of its record", row.dot);
    }
    Ok(())
}

fn everybody_has_the_same(world: &World) -> Result<(), Broken> {
    for (at, phone) in world.phones.iter().enumerate() {
        law!(phone.mirror.is_empty(), "phone {at} keeps a mirror of nothing pending");
        for (entity, record) in &world.hub.records {
            let visible = record.scope.is_some_and(|scope| phone.scopes.contains(&scope));
            let theirs = phone.records.get(entity);
            law!(visible == theirs.is_some(), "phone {at} may see {entity}: {visible}, has it: {}", theirs.is_some());
            law!(
                theirs.is_none_or(|theirs| theirs.encode() == record.encode()),
                "phone {at} diverged on {entity}: {theirs:?} but the hub {record:?}"
            );
        }
        law!(phone.records.len() <= world.hub.records.len(), "phone {at} has records that the hub has not");
    }
    Ok(())
}

/// Folding the log from nothing gives the same bytes; any row that comes once more changes nothing; bytes read back.
fn the_log_says_it_all(world: &World) -> Result<(), Broken> {
    let mut anew: BTreeMap<EntityId, Record> = BTreeMap::new();
    for row in &world.hub.rows {
        let read = Row::decode(&row.encode()).map_err(|error| format!("row: {error}"))?;
        law!(read == *row, "{row:?} reads back as {read:?}");
        for entity in row.touched() {
            fold(anew.entry(entity).or_insert_with(|| Record::new(entity)), row);
            let record = world.hub.records.get(&entity).ok_or("a row touches no record")?;
            // Row by row: a replay of the whole log would kill again what its first rows brought back.
            let mut again = record.clone();
            spoil::fold(world.fault, &mut again, row);
            law!(again == *record, "{} of {entity} comes again and changes it", row.dot);
        }
    }
    for (entity, record) in &world.hub.records {
        let bytes = record.encode();
        law!(anew.get(entity).is_some_and(|anew| anew.encode() == bytes), "{entity} folds to something else");
        let read = Record::decode(&bytes).map_err(|error| format!("record: {error}"))?;
        law!(read == *record && read.encode() == bytes, "{entity} does not read back");
    }
    Ok(())
}

fn values_are_as_shown(oracle: &Oracle<'_>, record: &Record) -> Result<(), Broken> {
    let entity = record.entity;
    let alive = oracle.alive(entity);
    let keys = record.fields.keys().chain(alive.keys());
    for key in keys.filter(|key| key.no.policy() != Policy::Workflow) {
        let theirs = record.live(key).iter().map(|write| write.dot).collect();
        let ours = alive.get(key).cloned().unwrap_or_default();
        law!(ours == theirs, "{entity} {key:?}: alive are {ours:?}, the record has {theirs:?}");
        let values = oracle.values(&ours, key);
        law!(record.live(key).iter().all(|write| values.contains(&write.value)), "{entity} {key:?}: another value");
        let disputes = matches!(key.no.policy(), Policy::Register | Policy::SupervisorOwned | Policy::PerItem);
        let open = record.conflict(key).is_some();
        law!(open == (disputes && values.len() > 1), "{entity} {key:?}: conflict is {open}, values {values:?}");
    }
    let children = oracle.children.get(&entity).cloned().unwrap_or_default();
    law!(record.children == children, "{entity}: children {:?}, should be {children:?}", record.children);
    law!(record.life() == oracle.life(entity), "{entity}: {:?}, should be {:?}", record.life(), oracle.life(entity));
    Ok(())
}

/// One stage, one holder, one place: what took effect last.
fn workflow_has_one_value(oracle: &Oracle<'_>, record: &Record) -> Result<(), Broken> {
    for no in [FieldNo::STAGE, FieldNo::HOLDER, FieldNo::ROUND, FieldNo::SCOPE] {
        let key = FieldKey::from(no);
        let stands: Vec<Dot> = record.live(&key).iter().map(|write| write.dot).collect();
        let should: Vec<Dot> = oracle.stands.get(&(record.entity, key)).copied().into_iter().collect();
        law!(stands == should, "{} {no:?}: {stands:?} stand, should be {should:?}", record.entity);
    }
    let place = record.text(FieldNo::SCOPE).map(str::to_owned);
    law!(
        place.is_none() || place == record.scope.map(|scope| scope.as_str().to_owned()),
        "{} stands elsewhere than its scope says",
        record.entity
    );
    Ok(())
}
