//! A day without signal.

use std::sync::{Arc, Mutex};

use gridpatrol_model::author;
use gridpatrol_model::fold::fold;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::Life;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;
use gridpatrol_store::{Draft, Key, ListKey, Notice, Query, Receipt, Store, StoreError};
use tempfile::tempdir;

use crate::support::*;

#[test]
fn a_day_offline_is_there_after_the_app_was_killed() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "水库溢洪道有裂缝");
    edit(&store, case.entity, FieldNo::DESCRIPTION, Value::text("水库溢洪道有裂缝，长约两米"));
    // Killed: nothing is closed.
    std::mem::forget(store);

    let store = phone(dir.path(), 3);
    let view = store.record(case.entity).expect("readable").expect("it was saved");
    assert_eq!(view.record.text(FieldNo::DESCRIPTION), Some("水库溢洪道有裂缝，长约两米"));
    assert_eq!(view.record.stage(), Some(Stage::Reported));
    assert_eq!((view.pending, view.receipt), (true, Some(Receipt::Saved)));
    let waiting = store.waiting().expect("readable");
    assert_eq!((waiting.records, waiting.photos, waiting.bytes), (1, 0, 0));
    assert_eq!(store.head().expect("readable").rseq, 2);
}

#[test]
fn several_ops_are_saved_together_or_not_at_all() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let stage = || author::first(FieldNo::STAGE, Value::int(Stage::Reported.code().into()));
    let case = store
        .save(|batch| {
            let case = batch.add(create(RecordKind::CASE, vec![stage()]))?;
            let shown = batch.record(case.entity)?.expect("just added").record;
            let kind = author::step(&shown, Stage::SelfHandled, None).expect("it has a stage");
            batch.add(Draft { kind, entity: Some(case.entity), scope: grid(), sets: vec![] })
        })
        .expect("there is room");
    let view = store.record(case.entity).expect("readable").expect("saved");
    assert_eq!(view.record.stage(), Some(Stage::SelfHandled));

    let before = store.head().expect("readable");
    let too_long = Value::text(&"长".repeat(20_000));
    let failed = store.save(|batch| {
        let case = batch.add(create(RecordKind::CASE, vec![stage()]))?;
        let sets = vec![author::first(FieldNo::DESCRIPTION, too_long)];
        batch.add(Draft { kind: OpKind::Set, entity: Some(case.entity), scope: grid(), sets })
    });
    assert!(matches!(failed, Err(StoreError::BadOp(_))));
    assert_eq!(store.head().expect("readable"), before);
    assert_eq!(store.list(&Query::default()).expect("readable").items.len(), 1);
}

#[test]
fn a_list_is_read_in_pages_newest_first() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut saved: Vec<_> = (0..25).map(|number| report(&store, &format!("第{number}件")).entity).collect();
    let place = store.save(|batch| batch.add(create(RecordKind::PLACE, vec![]))).expect("there is room");
    saved.reverse();

    let mut read = Vec::new();
    let mut after: Option<ListKey> = None;
    loop {
        let query = Query { kind: Some(RecordKind::CASE), after, limit: 10, ..Query::default() };
        let page = store.list(&query).expect("readable");
        read.extend(page.items.iter().map(|view| view.record.entity));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, saved);
    let village = Query { scope: Some("440783108224".parse().expect("a village")), ..Query::default() };
    assert_eq!(store.list(&village).expect("readable").items.len(), 26);
    let elsewhere = Query { scope: Some("440783109".parse().expect("a town")), ..Query::default() };
    assert_eq!(store.list(&elsewhere).expect("readable").items.len(), 0);
    let head = store.head().expect("readable").replica;
    assert_eq!(store.entity_at(head, 26).expect("readable"), Some(place.entity));
    assert_eq!(store.entity_at(head, 27).expect("readable"), None);
}

#[test]
fn a_photo_added_to_a_deleted_case_brings_the_delete_into_dispute() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "路灯不亮").entity;
    let shown = store.record(case).expect("readable").expect("saved").record;
    let draft = Draft { kind: author::delete(&shown), entity: Some(case), scope: grid(), sets: vec![] };
    store.save(|batch| batch.add(draft)).expect("there is room");
    assert_eq!(store.list(&Query::default()).expect("readable").items.len(), 0);

    let parent = author::first(FieldNo::PARENT, Value::entity(case));
    store.save(|batch| batch.add(create(RecordKind::PHOTO, vec![parent]))).expect("there is room");
    let query = Query { kind: Some(RecordKind::CASE), ..Query::default() };
    let cases = store.list(&query).expect("readable").items;
    assert_eq!(cases.len(), 1, "back in the list, for somebody to decide");
    assert_eq!(cases[0].record.life(), Life::Disputed);
    let children = Query { parent: Some(case), ..Query::default() };
    assert_eq!(store.list(&children).expect("readable").items.len(), 1);
}

#[test]
fn observers_hear_of_a_transaction_once_and_may_read_at_once() {
    let dir = tempdir().expect("a folder");
    let store = Arc::new(phone(dir.path(), 3));
    let heard: Arc<Mutex<Vec<Vec<Notice>>>> = Arc::default();
    let subscription = {
        let (heard, store) = (Arc::clone(&heard), Arc::downgrade(&store));
        store.upgrade().expect("open").observe(move |notices: &[Notice]| {
            let store = store.upgrade().expect("open");
            assert!(store.record(notices[0].entity).expect("no lock is held").is_some(), "committed");
            heard.lock().expect("whole").push(notices.to_vec());
        })
    };
    let case = report(&store, "积水").entity;
    let notice = Notice { entity: case, kind: Some(RecordKind::CASE) };
    assert_eq!(*heard.lock().expect("whole"), [vec![notice]]);

    refused(store.save(|batch| {
        batch.add(create(RecordKind::PLACE, vec![]))?;
        Err::<(), _>(StoreError::Paused)
    }));
    assert_eq!(heard.lock().expect("whole").len(), 1, "nothing was committed");

    drop(subscription);
    report(&store, "垃圾");
    assert_eq!(heard.lock().expect("whole").len(), 1, "nobody listens any more");
}

#[test]
fn a_paused_store_says_so_and_goes_on_after_resume() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "井盖缺失").entity;
    store.pause();
    let error = refused(store.record(case));
    assert!(matches!(error, StoreError::Paused), "{error}");
    assert!(error.to_string().contains("resume()"));
    assert!(matches!(refused(store.append_fixes(case, 0, b"x")), StoreError::Paused));
    assert_eq!(store.resume().expect("the folder is there"), []);
    assert_eq!(words(&store, case).as_deref(), Some("井盖缺失"));
}

#[test]
fn two_members_share_a_phone_and_no_data() {
    let dir = tempdir().expect("a folder");
    let (first, second) = (phone(dir.path(), 3), phone(dir.path(), 4));
    let case = report(&first, "围墙倾斜").entity;
    assert_eq!(second.record(case).expect("readable"), None);
    assert_ne!(first.head().expect("readable").replica, second.head().expect("readable").replica);
    let key = Key::Raw([7; 32]);
    assert!(matches!(refused(Store::open(dir.path(), &member(3), key, ports())), StoreError::KeyNotSupported));
}

#[test]
fn what_is_asked_of_nothing_is_refused() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "坑洼").entity;
    let aimed = Draft { entity: Some(case), ..create(RecordKind::CASE, vec![]) };
    assert!(matches!(refused(store.save(|batch| batch.add(aimed.clone()))), StoreError::WrongTarget));
    let nowhere = Draft { kind: OpKind::Set, entity: Some(gridpatrol_model::ids::EntityId([9; 16])), ..aimed };
    assert!(matches!(refused(store.save(|batch| batch.add(nowhere.clone()))), StoreError::NoSuchRecord(_)));
}

#[test]
fn what_the_hub_knows_is_stored_without_loss() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "山塘渗漏").entity;
    edit(&store, case, FieldNo::SEVERITY, Value::int(2));
    edit(&store, case, FieldNo(9_999), Value::list([&Value::int(1), &Value::text("新")]));
    let sets = ["护栏", "警示牌"].map(|item| {
        let key = gridpatrol_model::op::FieldKey::item(FieldNo::CHECKLIST, item);
        author::first(key, Value::text("好"))
    });
    store.save(|batch| batch.add(create(RecordKind::INSPECTION, sets.to_vec()))).expect("there is room");
    hub.sync(&store);
    hub.assert_equal(&store);
    // The same through a fold from nothing.
    let mut again = gridpatrol_model::record::Record::new(case);
    hub.rows.iter().filter(|row| row.entity == case).for_each(|row| fold(&mut again, row));
    assert_eq!(store.mirror(case).expect("readable"), Some(again));
}
