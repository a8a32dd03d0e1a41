//! Phones and the hub over real HTTP: what was written arrives, once, and what became of it comes back.

mod field;
mod frozen;
mod pinned;
mod restored;

use field::{Field, GRID, NEXT_VILLAGE, VILLAGE};
use gridpatrol_hub::cell::{CellError, Draft, HeldDecision};
use gridpatrol_model::author;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::OpKind;
use gridpatrol_model::record::{HeldState, Life};
use gridpatrol_model::row::{HeldReason, Verdict};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_protocol::reply::{PushError, Reply};
use gridpatrol_store::{Receipt, Report, StoreError};
use gridpatrol_sync::{Answer, Http, SyncError, Transport, TransportError};

#[test]
fn a_day_without_signal_arrives_in_one_sync() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let cases: Vec<_> = (0..40).map(|at| phone.report(&format!("第 {at} 处积水"))).collect();
    assert_eq!(phone.store.waiting().expect("readable").records, 40);
    let done = phone.sync(&field);
    assert_eq!(done.records_up, 40);
    for case in &cases {
        let view = phone.store.record(*case).expect("readable").expect("it is there");
        assert_eq!(view.receipt, Some(Receipt::Accepted));
        assert!(!view.pending);
    }
    field.assert_converged(&[&phone]);
    let again = phone.sync(&field);
    assert_eq!((again.records_up, again.records_down), (0, 0), "nothing is sent twice");
    assert_eq!(again.requests, 1, "nothing to do is one request, by an app that was closed in between too");
}

#[test]
fn two_phones_change_one_field_and_both_values_stand_until_somebody_settles_it() {
    let field = Field::new();
    let (one, two) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let case = one.report("水库溢洪道有裂缝");
    one.sync(&field);
    two.sync(&field);
    one.describe(case, "裂缝长两米");
    two.describe(case, "裂缝长三米,在渗水");
    one.sync(&field);
    two.sync(&field);
    one.sync(&field);
    field.assert_converged(&[&one, &two]);
    let key = FieldNo::DESCRIPTION.into();
    let record = one.shown(case);
    let conflict = record.conflict(&key).expect("two people saw two things");
    assert_eq!(conflict.base.and_then(Value::as_text), Some("水库溢洪道有裂缝"));
    assert_eq!(conflict.values.len(), 2);

    let seen = conflict.values.iter().map(|write| write.dot).collect();
    let sets = vec![author::settle(FieldNo::DESCRIPTION, seen, Value::text("裂缝长三米,在渗水"))];
    let supervisor = field.supervisor();
    let scope = GRID.parse().expect("a grid");
    field.write(move |batch| {
        batch.write(&supervisor, Draft { kind: OpKind::Resolve, entity: Some(case), scope, sets }).map(drop)
    });
    one.sync(&field);
    two.sync(&field);
    for phone in [&one, &two] {
        assert!(!phone.shown(case).disputed());
        assert_eq!(phone.description(case).as_deref(), Some("裂缝长三米,在渗水"));
    }
    field.assert_converged(&[&one, &two]);
}

#[test]
fn a_delete_that_had_not_seen_an_edit_hides_nothing() {
    let field = Field::new();
    let (one, two) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let case = one.report("路灯不亮");
    one.sync(&field);
    two.sync(&field);
    one.write(case, author::delete(&one.shown(case)), vec![]);
    two.describe(case, "路灯不亮,电线外露");
    one.sync(&field);
    two.sync(&field);
    one.sync(&field);
    assert_eq!(one.shown(case).life(), Life::Disputed);
    assert_eq!(one.description(case).as_deref(), Some("路灯不亮,电线外露"));
    field.assert_converged(&[&one, &two]);
}

#[test]
fn held_work_is_sent_back_with_a_reason_that_reaches_the_phone() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let outside = phone.report_in(&format!("{NEXT_VILLAGE}001"), "邻村河道有垃圾");
    phone.sync(&field);
    let view = phone.store.record(outside).expect("readable").expect("it stays on her phone");
    assert_eq!(view.receipt, Some(Receipt::Held(HeldReason::OutOfArea)));
    let held = field.at_hub(outside).expect("the hub has it").held[0].dot;
    let supervisor = field.supervisor();
    field.write(move |batch| {
        let decision = HeldDecision::SendBack { reason: "请改报本村网格".into(), due_ms: None };
        batch.decide(&supervisor.actor, held, &decision).map(drop)
    });
    phone.sync(&field);
    let view = phone.store.record(outside).expect("readable").expect("it stays on her phone");
    let Some(Receipt::SentBack(decision)) = view.receipt else { panic!("sent back, not {:?}", view.receipt) };
    assert_eq!(decision.reason.as_deref(), Some("请改报本村网格"));
}

#[test]
fn held_work_that_is_released_becomes_a_record_like_any_other() {
    let field = Field::new();
    let (one, two) = (field.phone("03", &[VILLAGE]), field.phone("09", &[NEXT_VILLAGE]));
    let case = one.report_in(&format!("{NEXT_VILLAGE}001"), "邻村河道有垃圾");
    one.describe(case, "邻村河道有大量垃圾");
    one.sync(&field);
    let record = field.at_hub(case).expect("the hub has it");
    assert_eq!(record.kind, None);
    let reasons: Vec<_> = record.held.iter().map(|work| work.state.clone()).collect();
    assert!(reasons.iter().all(|state| matches!(state, HeldState::Held(_))), "{reasons:?}");
    let (supervisor, dot) = (field.supervisor(), record.held[0].dot);
    let decided = field.write(move |batch| batch.decide(&supervisor.actor, dot, &HeldDecision::Release));
    assert_eq!(decided.rows, 2, "what follows it goes along");
    two.sync(&field);
    assert_eq!(two.description(case).as_deref(), Some("邻村河道有大量垃圾"));
    one.sync(&field);
    assert_eq!(one.store.waiting().expect("readable").records, 0);
    field.assert_converged(&[&two]);
}

#[test]
fn a_case_that_another_phone_moved_on_parks_a_blind_order_and_keeps_its_words() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("占用消防通道");
    phone.sync(&field);
    let supervisor = field.supervisor();
    let shown = field.at_hub(case).expect("there");
    let accept = author::step(&shown, Stage::Accepted, None).expect("it has a stage");
    let scope = GRID.parse().expect("a grid");
    field.write(move |batch| {
        let draft = Draft { kind: accept, entity: Some(case), scope, sets: vec![] };
        batch.write(&supervisor, draft).map(drop)
    });
    let shown = phone.shown(case);
    let late = author::edit(&shown, FieldNo::DESCRIPTION, Value::text("车已开走"));
    phone.write(case, author::step(&shown, Stage::SelfHandled, None).expect("a stage"), vec![late]);
    phone.sync(&field);
    let record = phone.shown(case);
    assert_eq!(record.stage(), Some(Stage::Accepted));
    assert!(matches!(record.held[0].state, HeldState::Held(HeldReason::BadTransition)));
    let texts: Vec<_> =
        record.live(&FieldNo::DESCRIPTION.into()).iter().filter_map(|write| write.value.as_text()).collect();
    assert!(texts.contains(&"车已开走") && texts.contains(&"占用消防通道"), "an amendment replaces nothing: {texts:?}");
}

#[test]
fn two_phones_from_one_image_lose_nothing() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let first = phone.report("镜像之前");
    phone.sync(&field);
    let twin = phone.clone_image(&field.dir.path().join("twin"));
    let (left, right) = (phone.report("左"), twin.report("右"));
    phone.sync(&field);
    twin.sync(&field);
    phone.report("之后·左");
    twin.report("之后·右");
    twin.sync(&field);
    phone.sync(&field);
    twin.sync(&field);
    for entity in [first, left, right] {
        assert!(field.at_hub(entity).expect("it arrived").kind.is_some());
    }
    assert_ne!(phone.store.head().expect("readable").replica, twin.store.head().expect("readable").replica);
    field.assert_converged(&[&phone, &twin]);
}

#[test]
fn what_was_written_after_a_damaged_op_still_arrives() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let cases: Vec<_> = (1..=6).map(|number| phone.report(&format!("第 {number} 处积水"))).collect();
    phone.damage_op(3, "x'00ff'");
    assert!(phone.store.record(cases[2]).is_err(), "the damage shows");
    phone.store.pause();
    let reports = phone.store.resume().expect("it is salvaged");
    assert!(matches!(reports[..], [Report::Damaged { complete: false, .. }]), "{reports:?}");
    let later = phone.report("修好以后又一处积水");
    phone.sync(&field);
    assert_eq!(phone.store.waiting().expect("readable").records, 0, "every queue drains");
    let arrived: Vec<_> = cases.iter().map(|case| field.at_hub(*case).is_some()).collect();
    assert_eq!(arrived, [true, true, false, true, true, true]);
    assert!(field.at_hub(later).is_some());
    phone.sync(&field);
    field.assert_converged(&[&phone]);
    assert_eq!(field.lost(), 1, "the hub knows that one is missing");
}

#[test]
fn a_flipped_bit_never_speaks_in_a_members_name() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let (good, flipped) = (phone.report("水位正常"), phone.report("水位 1"));
    phone.damage_op(2, "CAST(substr(op, 1, length(op) - 1) || '9' AS BLOB)");
    let error = phone.try_sync(&field).expect_err("it is noticed before it is sent");
    assert!(matches!(error, SyncError::Store(StoreError::Damaged(_))), "{error}");
    phone.store.pause();
    let reports = phone.store.resume().expect("it is salvaged");
    assert!(matches!(reports[..], [Report::Damaged { complete: false, .. }]), "{reports:?}");
    phone.sync(&field);
    assert!(field.at_hub(good).is_some());
    assert!(field.at_hub(flipped).is_none(), "nobody wrote that");
    assert_eq!(phone.store.waiting().expect("readable").records, 0);
}

#[test]
fn a_record_that_moves_leaves_one_phone_and_enters_the_other_whole() {
    let field = Field::new();
    let (one, two) = (field.phone("03", &[VILLAGE]), field.phone("09", &[NEXT_VILLAGE]));
    let case = one.report("界河边的违建");
    one.sync(&field);
    two.sync(&field);
    let (supervisor, shown) = (field.supervisor(), field.at_hub(case).expect("there"));
    let there = format!("{NEXT_VILLAGE}001");
    let sets = vec![author::edit(&shown, FieldNo::SCOPE, Value::text(&there))];
    let scope = GRID.parse().expect("a grid");
    field.write(move |batch| {
        batch.write(&supervisor, Draft { kind: OpKind::Set, entity: Some(case), scope, sets }).map(drop)
    });
    one.sync(&field);
    two.sync(&field);
    assert!(one.store.record(case).expect("readable").is_none(), "it left");
    assert_eq!(two.description(case).as_deref(), Some("界河边的违建"));
    assert_eq!(one.store.waiting().expect("readable").records, 0);
}

#[test]
fn a_village_that_was_handed_over_leaves_the_phone_but_for_work_that_waits() {
    let field = Field::new();
    let (one, two) = (field.phone("03", &[VILLAGE, NEXT_VILLAGE]), field.phone("04", &[VILLAGE]));
    let (kept, given) = (two.report("本村路灯不亮"), two.report("河道漂浮物"));
    let own = one.report_in(&format!("{NEXT_VILLAGE}001"), "邻村水渠堵塞");
    two.sync(&field);
    one.sync(&field);
    one.describe(given, "河道漂浮物很多");
    let member = ActorId::new(format!("m-{VILLAGE}-03")).expect("short");
    let smaller = [NEXT_VILLAGE.parse().expect("a village")];
    field.write(move |batch| batch.put_member(&member, "网格员·仲和·03", Role::Member, &smaller));
    one.sync(&field);
    assert!(one.store.record(kept).expect("readable").is_none(), "the village is somebody else's now");
    assert_eq!(one.description(own).as_deref(), Some("邻村水渠堵塞"));
    two.sync(&field);
    assert_eq!(two.description(given).as_deref(), Some("河道漂浮物很多"), "written before the hand-over");
    let late = two.report("又一处漂浮物");
    two.sync(&field);
    one.sync(&field);
    assert!(one.store.record(late).expect("readable").is_none());
    field.assert_converged(&[&one, &two]);
}

#[test]
fn a_hub_that_goes_away_in_the_middle_costs_nothing() {
    let mut field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let cases: Vec<_> = (0..30).map(|at| phone.report(&format!("案件 {at}"))).collect();
    let url = field.url();
    field.stop();
    let http = gridpatrol_sync::Http::new(&url, None).expect("a client");
    let gone = gridpatrol_sync::Engine::new(&phone.store, http, &*phone.clock)
        .expect("enrolled")
        .run(&gridpatrol_sync::Cancel::default(), |_| ());
    assert!(matches!(gone, Err(SyncError::HubAway(_))), "{gone:?}");
    assert_eq!(phone.store.waiting().expect("readable").records, 30);
    field.start();
    phone.sync(&field);
    assert!(cases.iter().all(|case| field.at_hub(*case).is_some()));
    field.assert_converged(&[&phone]);
}

#[test]
fn phones_of_a_restored_hub_agree_with_it_again() {
    let mut field = Field::new();
    let (left, right) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let old = left.report("备份之前");
    left.sync(&field);
    right.sync(&field);
    field.back_up();
    left.describe(old, "备份之后改的");
    left.report("备份之后");
    left.sync(&field);
    right.sync(&field);
    assert_eq!(right.description(old).as_deref(), Some("备份之后改的"));

    field.restore();
    let new = right.report("恢复之后");
    for phone in [&left, &right, &left] {
        phone.sync(&field);
    }
    assert_eq!(left.description(new).as_deref(), Some("恢复之后"));
    field.assert_converged(&[&left, &right]);
    for phone in [&left, &right] {
        assert!(phone.store.set_aside(1).expect("readable").is_empty(), "nothing of the lost log is left");
    }
}

#[test]
fn a_hub_that_can_store_nothing_still_gives_what_it_has() {
    let field = Field::new();
    let (left, right) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    left.sync(&field);
    let news = right.report("水库溢洪道有裂缝");
    right.sync(&field);
    let waits = left.report("路灯不亮");

    let full = left.sync_with(FullHub(Http::new(&field.url(), None).expect("a client")));
    assert!(matches!(full, Err(SyncError::HubFull)), "{full:?}");
    assert_eq!(left.description(news).as_deref(), Some("水库溢洪道有裂缝"), "a stuck upload stops no download");
    assert!(left.store.record(waits).is_ok_and(|record| record.is_some()), "and her own work is kept");
    left.sync(&field);
    field.assert_converged(&[&left]);
}

#[test]
fn a_hub_whose_database_is_locked_for_writing_still_gives_what_it_has() {
    let field = Field::new();
    let (left, right) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    left.sync(&field);
    let news = right.report("水库溢洪道有裂缝");
    right.sync(&field);
    left.report("路灯不亮");
    let locked = field.locked();
    let stuck = left.try_sync(&field);
    assert!(matches!(stuck, Err(SyncError::HubFull)), "{stuck:?}");
    assert_eq!(left.description(news).as_deref(), Some("水库溢洪道有裂缝"));
    assert_eq!(left.store.waiting().expect("readable").records, 1);
    drop(locked);
    left.sync(&field);
    field.assert_converged(&[&left]);
}

/// A hub that says with every reply that it could not store.
struct FullHub(Http);

impl Transport for FullHub {
    fn sync(&self, body: Vec<u8>, certificate: Option<&[u8]>) -> Result<Answer, TransportError> {
        Ok(match self.0.sync(body, certificate)? {
            Answer::Reply(reply) => {
                let reply = Reply::decode(&reply).expect("the hub's own");
                Answer::Reply(Reply { push_error: Some(PushError::NotStored), ..reply }.encode())
            }
            other => other,
        })
    }

    fn enrol(&self, code: &str, device: &[u8; 32]) -> Result<Vec<u8>, TransportError> {
        self.0.enrol(code, device)
    }

    fn create_upload(&self, size: u64, metadata: &[(&str, &[u8])]) -> Result<String, TransportError> {
        self.0.create_upload(size, metadata)
    }

    fn upload_offset(&self, url: &str) -> Result<Option<u64>, TransportError> {
        self.0.upload_offset(url)
    }

    fn upload_part(&self, url: &str, at: u64, part: Vec<u8>, sum: &[u8; 32]) -> Result<Option<u64>, TransportError> {
        self.0.upload_part(url, at, part, sum)
    }
}

#[test]
fn a_code_works_once_and_only_for_its_member() {
    let field = Field::new();
    let member = ActorId::new("m-440783108224-07").expect("short");
    let phone = field.unenrolled(&member);
    let code = field.code(&member, &[VILLAGE]);
    let http = gridpatrol_sync::Http::new(&field.url(), None).expect("a client");
    let rng = gridpatrol_store_rng();
    let link = EnrolLink { hub: field.url(), key: None, code: code.to_lowercase() };
    gridpatrol_sync::enrol(&phone.store, &http, &link, &rng).expect("typed in lower case");
    let again = gridpatrol_sync::enrol(&phone.store, &http, &EnrolLink { code, ..link }, &rng);
    assert!(matches!(again, Err(SyncError::BadCode)), "{again:?}");
}

fn gridpatrol_store_rng() -> impl gridpatrol_store::Rng {
    struct Counting(std::sync::atomic::AtomicU8);
    impl gridpatrol_store::Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }
    Counting(std::sync::atomic::AtomicU8::new(3))
}

#[test]
fn a_phone_that_nobody_enrolled_says_so() {
    let field = Field::new();
    let phone = field.unenrolled(&ActorId::new("m-440783108224-08").expect("short"));
    phone.report("没有登记的手机也能记录");
    assert!(matches!(phone.try_sync(&field), Err(SyncError::NotEnrolled)));
    assert_eq!(phone.store.waiting().expect("readable").records, 1);
}

#[test]
fn nobody_reaches_another_villages_record_by_claiming_their_own_village_for_it() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("水库溢洪道有裂缝");
    phone.sync(&field);
    let stranger = Author {
        actor: ActorId::new("m-440783108225-01").expect("short"),
        role: Role::Member,
        areas: vec![Grant { scope: NEXT_VILLAGE.parse().expect("a village"), until: None }],
        revoked: false,
    };
    let sets = vec![author::edit(&field.at_hub(case).expect("there"), FieldNo::DESCRIPTION, Value::text("没有裂缝"))];
    let scope = NEXT_VILLAGE.parse().expect("a village");
    let (_, row) =
        field.write(move |batch| batch.write(&stranger, Draft { kind: OpKind::Set, entity: Some(case), scope, sets }));
    assert_eq!(row.verdict, Verdict::Quarantined(HeldReason::OutOfArea));
    phone.sync(&field);
    assert_eq!(phone.description(case).as_deref(), Some("水库溢洪道有裂缝"));
}

#[test]
fn nobody_makes_a_branch_of_another_members_replica_or_of_the_hubs() {
    let field = Field::new();
    let (owner, stranger) = (field.phone("03", &[VILLAGE]), field.phone("09", &[NEXT_VILLAGE]));
    let case = owner.report("水库溢洪道有裂缝");
    owner.sync(&field);
    stranger.report_in(&format!("{NEXT_VILLAGE}001"), "邻村河道有垃圾");
    stranger.sync(&field);
    let supervisor = field.supervisor();
    let sets = vec![author::edit(&field.at_hub(case).expect("there"), FieldNo::DESCRIPTION, Value::text("已派人"))];
    let scope = GRID.parse().expect("a grid");
    let (of_the_hub, _) = field
        .write(move |batch| batch.write(&supervisor, Draft { kind: OpKind::Set, entity: Some(case), scope, sets }));

    let owners = owner.store.head().expect("readable").replica;
    for replica in [owners, of_the_hub.replica] {
        let refused = stranger.push_in_the_name_of(&field, replica).expect_err("it is not hers");
        assert!(matches!(refused, CellError::NotTheirs), "{refused}");
    }
    assert_eq!(field.lost(), 0, "and claims no loss for others");
    owner.report("又一处裂缝");
    owner.sync(&field);
    assert_eq!(owner.store.head().expect("readable").replica, owners, "no fork was made");
    field.assert_converged(&[&owner]);
}

#[test]
fn work_written_before_a_record_moved_away_is_taken_when_it_arrives_after() {
    let field = Field::new();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("界河边的违建");
    phone.sync(&field);
    phone.describe(case, "界河边的违建又加了一层");
    let (supervisor, shown) = (field.supervisor(), field.at_hub(case).expect("there"));
    let sets = vec![author::edit(&shown, FieldNo::SCOPE, Value::text(&format!("{NEXT_VILLAGE}001")))];
    let scope = GRID.parse().expect("a grid");
    field.write(move |batch| {
        batch.write(&supervisor, Draft { kind: OpKind::Set, entity: Some(case), scope, sets }).map(drop)
    });
    phone.sync(&field);
    let record = field.at_hub(case).expect("there");
    assert!(record.held.is_empty(), "{:?}", record.held);
    assert_eq!(record.text(FieldNo::DESCRIPTION), Some("界河边的违建又加了一层"));
}

#[test]
fn only_the_phone_whose_record_names_a_file_may_bring_it_or_learn_that_it_is_there() {
    let field = Field::new();
    let (owner, stranger) = (field.phone("03", &[VILLAGE]), field.phone("09", &[NEXT_VILLAGE]));
    let content = b"a picture of a crack";
    let blob = owner.store.keep_file(&content[..], "image/jpeg").expect("it is kept");
    let set = author::first(FieldNo::PHOTO, Value::blob(&blob));
    let photo = owner.create(RecordKind::PHOTO, GRID, vec![set]);
    owner.sync(&field);
    assert!(owner.open_upload(&field, photo, &blob).is_ok());
    let refused = stranger.open_upload(&field, photo, &blob).expect_err("not hers");
    assert!(matches!(refused, TransportError::Refused { status: 404, .. }), "{refused:?}");
}
