//! What comes back from the hub.

use std::collections::BTreeSet;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ChainHash, HubSeq};
use gridpatrol_model::op::{Op, OpKind};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::HeldState;
use gridpatrol_model::row::Verdict;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::{AckOutcome, Applied, ByReceipt, Cursor, Have, Only, Query, Receipt, StoreError, Why};
use tempfile::tempdir;

use crate::support::*;

#[test]
fn work_goes_from_saved_to_sent_to_accepted_and_then_leaves_the_outbox() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "路面塌陷").entity;
    let receipt = || store.record(case).expect("readable").expect("here").receipt;
    let own = |by: ByReceipt| assert_eq!(store.counts().expect("readable").records, by);
    own(ByReceipt { saved: 1, ..ByReceipt::default() });

    hub.take(&store);
    assert_eq!(receipt(), Some(Receipt::Sent));
    own(ByReceipt { sent: 1, ..ByReceipt::default() });
    assert_eq!(store.waiting().expect("readable").records, 0);

    hub.give(&store);
    assert_eq!(receipt(), Some(Receipt::Accepted));
    own(ByReceipt { accepted: 1, ..ByReceipt::default() });
    let replica = store.head().expect("readable").replica;
    assert!(store.outbox_op(replica, 1).expect("readable").is_some(), "the hub has it on one disk only");

    store.set_durable(hub.seq()).expect("writable");
    assert!(store.outbox_op(replica, 1).expect("readable").is_none());
    assert_eq!(store.chain_hash(replica, 1).expect("readable"), Some(store.head().expect("readable").c));
    hub.assert_equal(&store);

    edit(&store, case, FieldNo::DESCRIPTION, Value::text("路面塌陷，已围蔽"));
    hub.sync(&store);
    assert_eq!(store.head().expect("readable").rseq, 2);
    hub.assert_equal(&store);
}

#[test]
fn durable_is_not_enough_to_leave_the_outbox() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "河道漂浮物").entity;
    hub.take(&store);
    store.set_durable(hub.seq()).expect("writable");
    assert_eq!(words(&store, case).as_deref(), Some("河道漂浮物"), "its row has not come back yet");
    let replica = store.head().expect("readable").replica;
    assert!(store.outbox_op(replica, 1).expect("readable").is_some());
    hub.give(&store);
    assert!(store.outbox_op(replica, 1).expect("readable").is_none());
}

#[test]
fn a_page_twice_changes_nothing_and_a_page_from_elsewhere_is_refused() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "电线下垂").entity;
    hub.take(&store);
    let page = hub.page(HubSeq::ZERO);
    assert_eq!(store.apply(&page, [1; 8], &[]).expect("it follows"), Applied::New { records: 1 });
    edit(&store, case, FieldNo::DESCRIPTION, Value::text("电线下垂，离地两米"));
    assert_eq!(store.apply(&page, [1; 8], &[]).expect("harmless"), Applied::Repeated);
    assert_eq!(words(&store, case).as_deref(), Some("电线下垂，离地两米"));

    let ahead = Page { from: HubSeq { epoch: 1, n: 7 }, to: HubSeq { epoch: 1, n: 8 }, items: vec![], more: false };
    let error = refused(store.apply(&ahead, [2; 8], &[]));
    assert!(matches!(error, StoreError::PageElsewhere { .. }), "{error}");
    assert_eq!(store.cursor().expect("readable"), Cursor { seq: hub.seq(), log: [1; 8] });
}

#[test]
fn two_phones_that_edit_one_field_both_see_both_values() {
    let dir = tempdir().expect("a folder");
    let (left, right) = (phone(dir.path(), 3), phone(dir.path(), 4));
    let mut hub = Hub::default();
    let case = report(&left, "鱼塘边护栏松动").entity;
    hub.sync(&left);
    hub.give(&right);
    assert_eq!(right.changes(0, 10).expect("readable")[0].why, Why::Arrived);

    edit(&left, case, FieldNo::DESCRIPTION, Value::text("护栏松动三米"));
    edit(&right, case, FieldNo::DESCRIPTION, Value::text("护栏已倒"));
    hub.sync(&left);
    hub.take(&right);
    assert_eq!(words(&right, case).as_deref(), Some("护栏已倒"), "an acknowledgement changes no record");
    hub.give(&right);
    hub.give(&left);
    for store in [&left, &right] {
        let record = store.record(case).expect("readable").expect("here").record;
        let conflict = record.conflict(&FieldNo::DESCRIPTION.into()).expect("open");
        let values: BTreeSet<_> = conflict.values.iter().filter_map(|write| write.value.as_text()).collect();
        assert_eq!(values, BTreeSet::from(["护栏已倒", "护栏松动三米"]));
        assert_eq!(conflict.base.and_then(|base| base.as_text()), Some("鱼塘边护栏松动"));
        let disputed = Query { only: Some(Only::Disputed), ..Query::default() };
        assert_eq!(store.list(&disputed).expect("readable").items.len(), 1);
        let news = store.changes(0, 10).expect("readable");
        assert_eq!(news.last().map(|change| (change.entity, change.why)), Some((case, Why::Disputed)));
        hub.assert_equal(store);
    }
}

#[test]
fn a_reason_reaches_the_author_whose_work_was_sent_back() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "别村的井盖");
    let mut stranger = Hub::author(store.member());
    stranger.areas.clear();
    hub.take_as(&store, &stranger);
    hub.give(&store);
    let view = || store.record(case.entity).expect("readable").expect("it does not vanish");
    assert!(matches!(view().receipt, Some(Receipt::Held(_))));
    assert_eq!(words(&store, case.entity).as_deref(), Some("别村的井盖"), "still shown to its author");
    hub.assert_equal(&store);

    hub.send_back(case.dot, "请转给潭边村");
    hub.give(&store);
    let Some(Receipt::SentBack(decision)) = view().receipt else { panic!("sent back") };
    assert_eq!(decision.reason.as_deref(), Some("请转给潭边村"));
    let counts = store.counts().expect("readable").records;
    assert_eq!((counts.sent_back, counts.total()), (1, 1));
    let query = Query { kind: Some(RecordKind::CASE), only: Some(Only::SentBack), ..Query::default() };
    assert_eq!(store.list(&query).expect("readable").items.len(), 1);
    let whys: Vec<_> = store.changes(0, 10).expect("readable").iter().map(|change| change.why).collect();
    assert_eq!(whys, [Why::Held, Why::SentBack]);
    hub.assert_equal(&store);
}

#[test]
fn a_record_that_moved_away_leaves_unless_work_on_it_is_pending() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let (idle, busy) = (report(&store, "空闲").entity, report(&store, "在写").entity);
    hub.sync(&store);
    edit(&store, busy, FieldNo::DESCRIPTION, Value::text("在写，还没上传"));
    let at = hub.seq();
    let to = HubSeq { n: at.n + 1, ..at };
    let items = [idle, busy].map(|entity| Item::Leave { entity, seq: to });
    store.apply(&Page { from: at, to, items: items.to_vec(), more: false }, [2; 8], &[]).expect("it follows");
    assert_eq!(store.record(idle).expect("readable"), None);
    let view = store.record(busy).expect("readable").expect("her words stay");
    assert!(view.left && view.pending);
    assert_eq!(words(&store, busy).as_deref(), Some("在写，还没上传"));

    // The receipt says that the hub took it; nothing keeps the record here any more.
    hub.take(&store);
    let row = hub.rows.last().expect("taken").clone();
    assert_eq!(row.verdict, Verdict::Accepted);
    let (from, to) = (to, HubSeq { n: to.n + 1, ..to });
    let row = gridpatrol_model::row::Row { seq: to, ..row };
    store.apply(&Page { from, to, items: vec![Item::Receipt(row)], more: false }, [3; 8], &[]).expect("it follows");
    assert_eq!(store.record(busy).expect("readable"), None);
    let whys: Vec<_> = store.changes(0, 10).expect("readable").iter().map(|change| change.why).collect();
    assert_eq!(whys, [Why::Left, Why::Left]);
}

#[test]
fn held_work_outside_the_scopes_of_the_phone_stays_visible_to_its_author() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let case = report(&store, "邻镇的事");
    let mut stranger = Hub::author(store.member());
    stranger.areas.clear();
    hub.take_as(&store, &stranger);
    let receipt = |hub: &Hub| {
        let row = hub.rows.last().expect("taken").clone();
        let from = HubSeq { n: row.seq.n - 1, ..row.seq };
        let from = if from.n == 0 { HubSeq::ZERO } else { from };
        Page { from, to: row.seq, items: vec![Item::Receipt(row)], more: false }
    };
    store.apply(&receipt(&hub), [1; 8], &[]).expect("it follows");
    let view = store.record(case.entity).expect("readable").expect("it does not vanish");
    assert!(matches!(view.receipt, Some(Receipt::Held(_))) && !view.pending);
    assert_eq!(words(&store, case.entity).as_deref(), Some("邻镇的事"));
    assert_eq!(store.mirror(case.entity).expect("readable"), None, "the phone does not follow it");

    hub.send_back(case.dot, "不属于本镇");
    store.apply(&receipt(&hub), [2; 8], &[]).expect("it follows");
    let record = store.record(case.entity).expect("readable").expect("with its reason").record;
    assert!(matches!(record.held[..], [ref work] if matches!(work.state, HeldState::SentBack(_))));
}

#[test]
fn a_cloned_phone_starts_a_new_incarnation_and_its_old_work_still_drains() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "一号").entity;
    let old = store.head().expect("readable");
    let other = Have { replica: old.replica, rseq: 1, c: ChainHash([9; 32]), forked: false };
    let Some(AckOutcome::NewIncarnation(head)) = store.acked(other).expect("writable") else {
        panic!("another chain at the same place is another phone")
    };
    assert_eq!(store.head().expect("readable"), head);
    assert_ne!(head.replica, old.replica);
    assert_eq!(store.acked(other).expect("writable"), Some(AckOutcome::Disbelieved), "one is enough");

    let saved = edit(&store, case, FieldNo::DESCRIPTION, Value::text("二号"));
    assert_eq!((saved.dot.replica, saved.dot.rseq), (head.replica, 1));
    let outlets = store.outlets().expect("readable");
    assert_eq!(
        outlets.iter().map(|outlet| (outlet.head.replica, outlet.next)).collect::<Vec<_>>(),
        [(old.replica, 1), (head.replica, 1)]
    );
    let mut hub = Hub::default();
    hub.sync(&store);
    assert_eq!(words(&store, case).as_deref(), Some("二号"));
    hub.assert_equal(&store);
    assert_eq!(store.outlets().expect("readable").len(), 1, "the old replica has nothing left");
}

#[test]
fn a_hub_that_knows_more_than_the_phone_makes_it_start_anew() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    report(&store, "一号");
    let head = store.head().expect("readable");
    let more = Have { rseq: 5, c: ChainHash([5; 32]), replica: head.replica, forked: false };
    assert!(matches!(store.acked(more).expect("writable"), Some(AckOutcome::NewIncarnation(_))));
    let foreign = Have { replica: gridpatrol_model::ids::ReplicaId([8; 16]), ..more };
    assert_eq!(store.acked(foreign).expect("writable"), None);
}

#[test]
fn kinds_and_fields_of_a_newer_version_survive() {
    let dir = tempdir().expect("a folder");
    let (store, newer) = (phone(dir.path(), 3), phone(dir.path(), 4));
    let mut hub = Hub::default();
    let case = report(&newer, "来自新版本").entity;
    let body = Value::list([&Value::int(77), &Value::text("新操作")]);
    let draft = gridpatrol_store::Draft {
        kind: OpKind::Opaque { body: body.clone() },
        entity: Some(case),
        scope: Scope::parse("440783108224001").expect("a grid"),
        sets: vec![gridpatrol_model::author::first(FieldNo(5_000), Value::bool(true))],
    };
    newer.save(|batch| batch.add(draft)).expect("there is room");
    hub.take(&newer);
    assert!(matches!(hub.rows[1].op.kind, OpKind::Opaque { .. }));
    hub.give(&store);
    hub.give(&newer);
    hub.assert_equal(&store);
    let head = newer.head().expect("readable");
    let (_, entity, op) = newer.outbox_op(head.replica, 2).expect("readable").expect("not durable yet");
    assert_eq!((entity, &op.kind), (case, &OpKind::Opaque { body }));
    assert_eq!(Op::decode(&op.encode().expect("small")).expect("canonical"), op);
}

#[test]
fn after_a_restore_of_the_hub_the_phone_sends_again_and_fetches_again() {
    let dir = tempdir().expect("a folder");
    let (store, other) = (phone(dir.path(), 3), phone(dir.path(), 4));
    let mut hub = Hub::default();
    let old = report(&other, "旧案").entity;
    hub.sync(&other);
    hub.give(&store);
    let common = Cursor { seq: hub.seq(), log: [1; 8] };
    let restored = Hub { records: hub.records.clone(), rows: hub.rows.clone(), ..Hub::default() };
    edit(&other, old, FieldNo::DESCRIPTION, Value::text("旧案，补充"));
    let lost = report(&other, "别人的新案").entity;
    let new = report(&store, "新案").entity;
    store.set_view(&[grid()], true).expect("writable");
    hub.sync(&other);
    hub.sync(&store);
    assert_eq!(words(&store, old).as_deref(), Some("旧案，补充"));

    // The hub's disk was lost and its backup knows nothing of the last three ops.
    store.rewind(common).expect("writable");
    assert_eq!(store.cursor().expect("readable"), common);
    assert_eq!(store.set_aside(10).expect("readable"), [old, lost]);
    assert_eq!(store.view().expect("readable"), [], "all is entered again");
    let view = store.record(new).expect("readable").expect("her own work is in the outbox");
    assert!(view.pending);
    let to = HubSeq { n: common.seq.n + 1, ..common.seq };
    let items = vec![Item::Enter(restored.records[&old].clone())];
    store.apply(&Page { from: common.seq, to, items, more: false }, [2; 8], &[]).expect("it follows");
    assert_eq!(words(&store, old).as_deref(), Some("旧案"));
    assert_eq!(words(&store, lost).as_deref(), Some("别人的新案"), "shown until its scope is complete");
    store.set_view(&[grid()], true).expect("writable");
    assert_eq!(words(&store, lost), None, "its author sends it again");
    assert_eq!(store.set_aside(10).expect("readable"), []);
    assert_eq!(words(&store, new).as_deref(), Some("新案"));
    let head = store.head().expect("readable");
    assert!(store.outgoing(head.replica, 1, 10, 65_536).expect("readable").is_some(), "to be sent again");
}

#[test]
fn the_view_and_the_enrolment_are_kept() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    assert_eq!(store.enrolment().expect("readable"), None);
    let enrolment = gridpatrol_store::Enrolment {
        certificate: vec![1, 2, 3],
        hub_url: "https://127.0.0.1:8443".into(),
        hub_key: vec![4; 8],
        device_key: vec![5; 8],
    };
    store.set_enrolment(&enrolment).expect("writable");
    store.set_view(&[grid()], true).expect("writable");
    drop(store);
    let store = phone(dir.path(), 3);
    assert_eq!(store.enrolment().expect("readable"), Some(enrolment.clone()));
    assert_eq!(store.view().expect("readable"), [grid()]);
    assert!(!format!("{enrolment:?}").contains('5'), "no key in a log");
}
