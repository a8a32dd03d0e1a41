//! The demo's own figures can be non-zero: what counts losses and differences is itself tried with a fault.

use std::path::Path;

use gridpatrol_model::area::Scope;
use gridpatrol_model::author::edit;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;

use super::check::{diverged, lost};
use super::county;
use super::journal::{Journal, Saved};
use super::stage::{Morning, Stage};
use super::{Hub, start};
use crate::cell::{Draft, Ports, read};

fn ports() -> Ports {
    Ports {
        now_ms: std::sync::Arc::new(|| jiff::Timestamp::now().as_millisecond()),
        random: std::sync::Arc::new(|bytes| getrandom::fill(bytes).expect("the system has randomness")),
    }
}

fn morning(dir: &Path, hub: &Hub, journal: &Journal) -> Stage {
    Morning { seed: 3, days: 1, dir, hub, journal }.set(2, false).expect("the morning is set up")
}

#[test]
fn a_save_that_the_hub_never_got_counts_as_lost() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let hub = runtime.block_on(start(dir.path(), &[], &ports())).expect("the hub starts");
    let journal = Journal::default();
    let stage = morning(dir.path(), &hub, &journal);
    assert_eq!(lost(&journal, &hub.cell).expect("countable"), 0);

    let member = stage.phones[0].member.clone();
    let real = journal.saves()[0].clone();
    let never = Saved { member: member.clone(), entity: "0".repeat(32), text: None };
    let other_words = Saved { text: Some("这句话从未到达".into()), ..real };
    journal.adopt(vec![never, other_words]);
    assert_eq!(lost(&journal, &hub.cell).expect("countable"), 2);
    runtime.block_on(hub.stop());
}

#[test]
fn a_record_that_differs_between_hub_and_phone_counts_as_diverged() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let hub = runtime.block_on(start(dir.path(), &[], &ports())).expect("the hub starts");
    let journal = Journal::default();
    let stage = morning(dir.path(), &hub, &journal);
    let county = stage.world.county.code.scope();
    let records = || hub.cell.read(|state| read::records_of(state, &county, None, 10_000)).expect("the hub answers");
    let sync = |at: usize| stage.phones[at].app.sync().run(&Default::default(), |_| ()).expect("it syncs");
    for at in 0..2 {
        sync(at);
    }
    assert_eq!(diverged(&stage.phones, &records()).expect("countable"), 0);

    // The hub knows more than the phones: one record, two phones.
    let place = nearby(&records(), stage.phones[0].area);
    let sets = vec![edit(&place, FieldNo::NAME, Value::text("改过的名称"))];
    let (entity, scope) = (Some(place.entity), place.scope.expect("it lies somewhere"));
    let author = county::office(county).expect("a supervisor of the county");
    hub.cell
        .write(move |batch| batch.write(&author, Draft { kind: OpKind::Set, entity, scope, sets }).map(drop))
        .expect("the hub takes it");
    let both = stage.phones.iter().filter(|phone| phone.area.contains(&scope)).count() as u64;
    assert_eq!(diverged(&stage.phones, &records()).expect("countable"), both);
    assert!(both > 0);
    runtime.block_on(hub.stop());
}

/// A grid or place of the office, inside an area.
fn nearby(records: &[Record], area: Scope) -> Record {
    let named = |record: &&Record| record.text(FieldNo::NAME).is_some();
    let inside = |record: &&Record| record.scope.is_some_and(|scope| area.contains(&scope));
    records.iter().filter(named).find(inside).expect("the area has places").clone()
}
