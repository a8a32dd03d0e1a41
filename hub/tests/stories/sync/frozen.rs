//! What was written by a released version is still all there after every later one. `tests/frozen/v1` is the folder of
//! a hub and of one of its phones as version 1 left them, in the middle of work; a later version adds a folder.
//! `GRIDPATROL_WRITE_FROZEN=1` plays the story again, which is for a version that was never released.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::field::{Field, NEXT_VILLAGE, Phone, VILLAGE};
use gridpatrol_hub::cell::{Draft, HeldDecision};
use gridpatrol_model::author;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::{HeldState, Life};
use gridpatrol_model::row::HeldReason;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{BlobRef, Value};
use gridpatrol_store::{Lane, Only, Query, Receipt, Report};

const PICTURE: &[u8] = b"not really a picture";

fn folder(version: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/frozen").join(version)
}

/// A phone that has synced, works on and goes under in the middle of a walk.
fn play() -> (Field, Phone) {
    let field = Field::new();
    let (phone, other) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let [crack, lamp, litter, dam] =
        ["水渠开裂", "路灯不亮", "河道漂浮物", "堤坝渗水"].map(|words| phone.report(words));
    phone.sync(&field);
    other.sync(&field);
    phone.describe(crack, "水渠开裂，约两米");
    other.describe(crack, "水渠开裂，约五米");
    phone.write(litter, author::delete(&phone.shown(litter)), Vec::new());
    other.sync(&field);
    let moved = vec![author::edit(&field.at_hub(lamp).expect("there"), FieldNo::SCOPE, Value::text(NEXT_VILLAGE))];
    let (supervisor, scope) = (field.supervisor(), VILLAGE.parse().expect("a village"));
    let move_it = Draft { kind: OpKind::Set, entity: Some(lamp), scope, sets: moved };
    field.write(move |batch| batch.write(&supervisor, move_it).map(drop));
    let [outside, back] = ["邻村违建", "邻村积水"].map(|words| phone.report_in(NEXT_VILLAGE, words));
    phone.sync(&field);
    field.write(|batch| batch.note_backup(batch.head()));
    let held = field.at_hub(back).expect("there").held[0].dot;
    let supervisor = field.supervisor();
    field.write(move |batch| {
        let decision = HeldDecision::SendBack { reason: "请改报本村网格".into(), due_ms: None };
        batch.decide(&supervisor.actor, held, &decision).map(drop)
    });
    phone.sync(&field);
    phone.describe(dam, "堤坝渗水，已拉警戒线");
    phone.describe(outside, "邻村违建，三层");
    let patrol = phone.create(RecordKind::PATROL, VILLAGE, vec![]);
    for piece in [&[1; 40], &[2; 40]] {
        phone.store.append_fixes(patrol, 0, piece).expect("there is room");
    }
    let blob = phone.store.keep_file(PICTURE, "image/jpeg").expect("there is room");
    photo(&phone, &blob);
    (field, phone)
}

fn photo(phone: &Phone, blob: &BlobRef) {
    let sets = vec![author::first(FieldNo::PHOTO, Value::blob(blob))];
    let draft = gridpatrol_store::Draft {
        kind: OpKind::Create { kind: RecordKind::PHOTO },
        entity: None,
        scope: VILLAGE.parse().expect("a village"),
        sets,
    };
    let saved = phone.store.save(|batch| {
        let saved = batch.add(draft)?;
        batch.attach(blob, Lane::Original, saved.entity)?;
        Ok(saved)
    });
    saved.expect("there is room");
}

/// Descriptions of the cases that a phone lists.
fn words(phone: &Phone, only: Option<Only>) -> BTreeSet<String> {
    let query = Query { kind: Some(RecordKind::CASE), only, limit: 100, ..Default::default() };
    let items = phone.store.list(&query).expect("readable").items;
    items.iter().map(|view| view.record.text(FieldNo::DESCRIPTION).unwrap_or_default().to_owned()).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_phone_and_a_hub_of_version_1_lose_nothing() {
    if std::env::var_os("GRIDPATROL_WRITE_FROZEN").is_some() {
        let (mut field, phone) = play();
        field.freeze(&phone, &folder("v1"));
    }
    let (field, phone, reports) = Field::copied_from(&folder("v1"), "03");
    assert!(matches!(reports[..], [Report::OrphanBlock { segment: 0, .. }]), "{reports:?}");

    // What she sees before any sync.
    assert_eq!(words(&phone, Some(Only::Disputed)), set(&["水渠开裂，约两米"]));
    assert_eq!(words(&phone, Some(Only::SentBack)), set(&["邻村积水"]));
    assert_eq!(words(&phone, Some(Only::Held)), set(&["邻村违建，三层"]));
    assert_eq!(words(&phone, Some(Only::Deleted)), set(&["河道漂浮物"]));
    assert!(words(&phone, None).contains("堤坝渗水，已拉警戒线"), "{:?}", words(&phone, None));
    let blocks = phone.store.closed_blocks().expect("readable");
    assert_eq!(blocks.len(), 1, "the walk in which the phone went under");
    assert_eq!(blocks[0].pieces, [vec![1; 40], vec![2; 40]]);
    let waiting = phone.store.waiting().expect("readable");
    assert_eq!((waiting.records, waiting.photos), (4, 1));

    phone.sync(&field);
    field.assert_converged(&[&phone]);
    let waiting = phone.store.waiting().expect("readable");
    assert_eq!((waiting.records, waiting.photos), (0, 0), "every queue drains");

    // What the hub has, from before and from now.
    let scope = "440783".parse().expect("a county");
    let records = field.cell().read(|state| gridpatrol_hub::cell::read::records_of(state, &scope, None, 100));
    let records = records.expect("readable");
    let told: BTreeSet<String> =
        records.iter().filter_map(|record| record.text(FieldNo::DESCRIPTION).map(str::to_owned)).collect();
    assert_eq!(told, set(&["水渠开裂，约两米", "路灯不亮", "河道漂浮物", "堤坝渗水，已拉警戒线"]));
    let count = |which: &dyn Fn(&gridpatrol_model::record::Record) -> bool| records.iter().filter(|r| which(r)).count();
    assert_eq!(count(&|record| record.life() == Life::Deleted), 1);
    assert_eq!(count(&|record| record.disputed()), 1);
    assert_eq!(count(&|record| record.kind == Some(RecordKind::PHOTO)), 1);
    let held: Vec<_> = records.iter().flat_map(|record| &record.held).map(|work| &work.state).collect();
    let waits =
        held.iter().filter(|state| matches!(state, HeldState::Held(HeldReason::OutOfArea | HeldReason::AfterHeld)));
    assert_eq!((held.len(), waits.count()), (3, 2));
    let all = Query { limit: 100, ..Default::default() };
    let back = phone.store.list(&all).expect("readable").items;
    assert!(back.iter().any(|view| matches!(&view.receipt, Some(Receipt::SentBack(why)) if why.reason.is_some())));
}
