//! A hub that was restored from a backup: what phones saw since returns, also what only supervisors had decided.

use gridpatrol_hub::cell::people::NewAccount;
use gridpatrol_hub::cell::{Draft, HeldDecision, read};
use gridpatrol_model::author;
use gridpatrol_model::ids::{Dot, EntityId, HubSeq};
use gridpatrol_model::op::OpKind;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};
use gridpatrol_protocol::keep;
use gridpatrol_store::Receipt;

use super::field::{Field, GRID, NEXT_VILLAGE, Phone, VILLAGE};

/// A field whose supervisor has an account, which the backup has too.
fn staffed() -> Field {
    let field = Field::new();
    let supervisor = field.supervisor();
    field.write(move |batch| {
        let areas: Vec<_> = supervisor.areas.iter().map(|grant| grant.scope).collect();
        let role = Role::Supervisor;
        let account = NewAccount { name: "kaiping", actor: &supervisor.actor, label: "开平", role, areas: &areas };
        batch.put_account(&account, "no password")
    });
    field
}

fn decide(field: &Field, case: EntityId, kind: OpKind, sets: Vec<gridpatrol_model::op::Set>) -> Dot {
    let (supervisor, scope) = (field.supervisor(), GRID.parse().expect("a grid"));
    let draft = Draft { kind, entity: Some(case), scope, sets };
    field.write(move |batch| batch.write(&supervisor, draft).map(|(dot, _)| dot))
}

fn accept(field: &Field, case: EntityId) -> Dot {
    let record = field.at_hub(case).expect("there");
    decide(field, case, author::step(&record, Stage::Accepted, None).expect("a case"), Vec::new())
}

fn rows_with(field: &Field, dot: Dot) -> usize {
    let of_replica = |row: &Row| row.dot == dot && row.decision.is_none();
    let rows = field.cell().read(|state| {
        let head = read::head(state)?.0;
        (1..=head.n).map(|n| Ok(read::row_at(state, n)?.expect("no gap"))).collect::<Result<Vec<Row>, _>>()
    });
    rows.expect("readable").iter().filter(|row| of_replica(row)).count()
}

fn sync_until_quiet(field: &Field, phones: &[&Phone]) {
    for _ in 0..2 {
        for phone in phones {
            phone.sync(field);
        }
    }
}

#[test]
fn what_a_supervisor_decided_after_the_backup_returns_with_the_phones_that_saw_it() {
    let mut field = staffed();
    let (one, two) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let old = one.report("备份之前");
    sync_until_quiet(&field, &[&one, &two]);
    field.back_up();

    let new = one.report("备份之后报告的");
    one.describe(old, "备份之后,一号改的");
    two.describe(old, "备份之后,二号改的");
    sync_until_quiet(&field, &[&one, &two]);
    let seen = one.shown(old).live(&FieldNo::DESCRIPTION.into()).iter().map(|write| write.dot).collect();
    let settled = author::settle(FieldNo::DESCRIPTION, seen, Value::text("以二号为准"));
    let settled = decide(&field, old, OpKind::Resolve, vec![settled]);
    let accepted = accept(&field, new);
    let severity = author::edit(&field.at_hub(new).expect("there"), FieldNo::SEVERITY, Value::int(3));
    let severity = decide(&field, new, OpKind::Set, vec![severity]);
    // Only one of the phones hears of it before the hub's disk dies.
    two.sync(&field);
    field.restore();
    assert!(field.at_hub(new).is_none(), "the backup does not have it");

    sync_until_quiet(&field, &[&two, &one]);
    for dot in [settled, accepted, severity] {
        assert_eq!(rows_with(&field, dot), 1, "once, under the name that it always had");
    }
    let case = field.at_hub(new).expect("it is back");
    assert_eq!(case.stage(), Some(Stage::Accepted));
    assert_eq!(case.live(&FieldNo::SEVERITY.into()).len(), 1, "no amendment, no dispute");
    assert!(!case.disputed() && case.held.is_empty());
    assert_eq!(field.at_hub(old).expect("there").text(FieldNo::DESCRIPTION), Some("以二号为准"));
    assert!(!field.at_hub(old).expect("there").disputed());
    field.assert_converged(&[&one, &two]);
}

#[test]
fn work_of_a_phone_that_is_gone_returns_with_a_neighbours_and_is_not_doubled_when_the_phone_turns_up() {
    let mut field = staffed();
    let (lost, neighbour) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    lost.report("备份之前");
    sync_until_quiet(&field, &[&lost, &neighbour]);
    field.back_up();
    let cases: Vec<_> = (0..5).map(|at| lost.report(&format!("第 {at} 处裂缝"))).collect();
    lost.describe(cases[0], "裂缝在渗水");
    sync_until_quiet(&field, &[&lost, &neighbour]);
    field.restore();

    neighbour.sync(&field);
    for case in &cases {
        assert!(field.at_hub(*case).is_some(), "the neighbour had it");
    }
    // Its own phone was only in a drawer, with more work on it.
    let more = lost.report("抽屉里的手机");
    let replica = lost.store.head().expect("readable").replica;
    sync_until_quiet(&field, &[&lost, &neighbour, &lost]);
    assert!(field.at_hub(more).is_some());
    assert_eq!(field.at_hub(cases[0]).expect("there").text(FieldNo::DESCRIPTION), Some("裂缝在渗水"));
    assert_eq!(lost.store.head().expect("readable").replica, replica, "nobody was taken for a clone");
    let doubled = "SELECT count(*) FROM (SELECT 1 FROM row GROUP BY replica, rseq HAVING count(*) > 1)";
    let doubled = field.cell().read(|state| Ok(state.query_row(doubled, [], |row| row.get::<_, i64>(0))?));
    assert_eq!(doubled.expect("readable"), 0, "each op has one row");
    let unproven = "SELECT count(*) FROM op WHERE unproven = 1";
    let unproven = field.cell().read(|state| Ok(state.query_row(unproven, [], |row| row.get::<_, i64>(0))?));
    assert_eq!(unproven.expect("readable"), 0, "its own phone proved them");
    field.assert_converged(&[&lost, &neighbour]);
}

#[test]
fn a_phone_that_the_backup_never_heard_of_goes_on_where_others_brought_its_work_back() {
    let mut field = staffed();
    let (new, neighbour) = (field.phone("05", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    neighbour.report("备份之前");
    neighbour.sync(&field);
    field.back_up();
    let case = new.report("新手机的第一条");
    sync_until_quiet(&field, &[&new, &neighbour]);
    field.restore();
    neighbour.sync(&field);
    assert!(field.at_hub(case).is_some(), "the neighbour had it");
    let of_nobody = || {
        let of_nobody = "SELECT count(*) FROM replica WHERE device IS NULL AND member IS NOT NULL";
        field.cell().read(|state| Ok(state.query_row(of_nobody, [], |row| row.get::<_, i64>(0))?)).expect("readable")
    };
    assert_eq!(of_nobody(), 1, "whose phone wrote it, only its member is known");
    let replica = new.store.head().expect("readable").replica;
    new.report("第二条");
    sync_until_quiet(&field, &[&new, &neighbour]);
    assert_eq!(of_nobody(), 0, "and now its phone is");
    assert_eq!(new.store.head().expect("readable").replica, replica, "nobody was taken for a clone");
    field.assert_converged(&[&new, &neighbour]);
}

#[test]
fn what_became_of_held_work_returns() {
    let mut field = staffed();
    let (member, neighbour) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    let ours = member.report("路灯不亮");
    sync_until_quiet(&field, &[&member, &neighbour]);
    // Outside her area, so both wait for the office.
    let (far, farther) = (format!("{NEXT_VILLAGE}001"), format!("{NEXT_VILLAGE}002"));
    let (good, bad) = (member.report_in(&far, "邻村河道有垃圾"), member.report_in(&farther, "不知道在哪里"));
    sync_until_quiet(&field, &[&member, &neighbour]);
    field.back_up();
    let dot_of = |entity: EntityId| field.at_hub(entity).expect("there").held[0].dot;
    let (release, send_back) = (dot_of(good), dot_of(bad));
    let supervisor = field.supervisor().actor;
    field.write(move |batch| {
        batch.decide(&supervisor, release, &HeldDecision::Release)?;
        let what = HeldDecision::SendBack { reason: "请写明地点".into(), due_ms: None };
        batch.decide(&supervisor, send_back, &what).map(drop)
    });
    member.sync(&field);
    field.restore();
    assert!(!field.at_hub(good).expect("held").held.is_empty(), "the backup is from before");

    sync_until_quiet(&field, &[&member, &neighbour]);
    assert!(field.at_hub(good).expect("there").held.is_empty(), "released again");
    let verdict = field.cell().read(|state| Ok(read::latest_row(state, send_back)?.expect("there").verdict));
    assert_eq!(verdict.expect("readable"), Verdict::SentBack);
    let receipt = member.store.record(bad).expect("readable").expect("her own").receipt;
    let Some(Receipt::SentBack(decision)) = receipt else { panic!("{receipt:?}") };
    assert_eq!(decision.reason.as_deref(), Some("请写明地点"));
    assert_eq!(member.description(ours).as_deref(), Some("路灯不亮"));
}

#[test]
fn a_hub_that_dies_twice_before_a_backup_gets_everything_twice() {
    let mut field = staffed();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("水库溢洪道有裂缝");
    phone.sync(&field);
    field.back_up();
    let accepted = accept(&field, case);
    phone.sync(&field);
    for _ in 0..2 {
        field.restore();
        phone.sync(&field);
        assert_eq!(rows_with(&field, accepted), 1);
        assert_eq!(field.at_hub(case).expect("there").stage(), Some(Stage::Accepted));
        field.assert_converged(&[&phone]);
    }
}

#[test]
fn nobody_makes_up_what_a_supervisor_decided() {
    let mut field = staffed();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("水库溢洪道有裂缝");
    phone.sync(&field);
    field.back_up();
    accept(&field, case);
    phone.sync(&field);
    field.restore();
    // A changed row under the tag of the true one.
    phone.change_kept(|run| {
        let (tag, rows) = keep::open(run).expect("as it was kept");
        let mut rows = keep::rows(&rows).expect("sound");
        rows.last_mut().expect("a row").seq = HubSeq { epoch: 0, n: 77 };
        let rows: Vec<u8> = rows.iter().flat_map(Row::encode).collect();
        keep::seal(tag, &rows)
    });
    phone.sync(&field);
    assert_eq!(field.at_hub(case).expect("there").stage(), Some(Stage::Reported), "the hub believes its own tag only");
    field.assert_converged(&[&phone]);
}

#[test]
fn bytes_that_are_no_run_at_all_stop_no_sync() {
    let mut field = staffed();
    let (phone, neighbour) = (field.phone("03", &[VILLAGE]), field.phone("04", &[VILLAGE]));
    phone.report("备份之前");
    sync_until_quiet(&field, &[&phone, &neighbour]);
    field.back_up();
    let case = phone.report("备份之后");
    sync_until_quiet(&field, &[&phone, &neighbour]);
    field.restore();
    // A run that was damaged on the way or on the phone's disk, and one that says it is gigabytes.
    phone.change_kept(|_| vec![0xff; 40]);
    neighbour.change_kept(|run| {
        let mut bomb = vec![0x82, 0x50];
        bomb.extend(&run[2..18]);
        bomb.extend([0x4d, 0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x38, 0, 0, 0, 0x40, 1, 0, 0]);
        bomb
    });
    sync_until_quiet(&field, &[&neighbour, &phone, &neighbour]);
    assert!(field.at_hub(case).is_some(), "from its own phone");
    field.assert_converged(&[&phone, &neighbour]);
}

#[test]
fn what_a_backup_has_leaves_the_phone() {
    let field = staffed();
    let phone = field.phone("03", &[VILLAGE]);
    let case = phone.report("水库溢洪道有裂缝");
    phone.sync(&field);
    accept(&field, case);
    phone.sync(&field);
    assert!(phone.kept() > 0);
    let end = field.cell().read(|state| Ok(read::head(state)?.0)).expect("readable");
    field.write(move |batch| batch.note_backup(end));
    phone.sync(&field);
    phone.sync(&field);
    assert_eq!(phone.kept(), 0);
}
