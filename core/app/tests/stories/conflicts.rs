//! Two people saw two things; and what the office does with work that it cannot take as it is.

use gridpatrol_core::{CaseFilter, CaseQuery, CaseRow, Decision, Field, FieldValue, Gridpatrol, ReceiptState};

use crate::support::*;

fn text(words: &str) -> FieldValue {
    FieldValue::Text { text: words.to_owned() }
}

fn description(app: &Gridpatrol, case: &str) -> Field {
    let fields = app.cases().detail(case).expect("readable").fields;
    fields.into_iter().find(|field| field.field == "description").expect("it was reported with one")
}

fn describe(app: &Gridpatrol, case: &str, words: &str) {
    let shown = description(app, case).dot;
    app.cases().edit(case, "description", Some(shown), text(words)).expect("saved");
}

fn list(app: &Gridpatrol, filter: CaseFilter) -> Vec<CaseRow> {
    let query = CaseQuery { filter, stage: None, cursor: None, limit: 50 };
    app.cases().list(query).expect("readable").items
}

/// Two phones that both have a case of the first one.
fn shared(words: &str) -> (Hub, Phone, Phone, String) {
    let mut hub = Hub::with_grid(&world());
    let (mut mine, mut other) = (ready(&mut hub, ME), ready(&mut hub, OTHER));
    mine.app().patrols().start(GRID, None).expect("nothing else is on");
    let case = mine.app().cases().report(case(words)).expect("saved").id;
    mine.sync(&mut hub);
    other.sync(&mut hub);
    (hub, mine, other, case)
}

#[test]
fn both_values_are_shown_with_their_base_and_settled_for_both() {
    let (mut hub, mut mine, mut other, case) = shared("护栏松动");
    describe(mine.app(), &case, "护栏松动三米");
    describe(other.app(), &case, "护栏倒了一根");
    mine.sync(&mut hub);
    other.sync(&mut hub);
    mine.sync(&mut hub);

    let app = mine.app();
    let rows = app.conflicts().list(None, 10).expect("readable").items;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].record.id.as_str(), rows[0].about.as_slice()),
        (case.as_str(), &["field-description".to_owned()][..])
    );
    assert_eq!(list(app, CaseFilter::Disputed).len(), 1);
    let question = app.conflicts().questions(&case).expect("readable").remove(0);
    assert_eq!(question.base, text("护栏松动"));
    let mut sides: Vec<(FieldValue, bool)> = question.sides.iter().map(|side| (side.value.clone(), side.own)).collect();
    sides.sort_by_key(|(_, own)| !own);
    assert_eq!(sides, [(text("护栏松动三米"), true), (text("护栏倒了一根"), false)]);
    assert!(question.sides.iter().all(|side| side.at.quality == "time-same-boot"), "how sure each time is");
    let why: Vec<String> = app.changes(0, 100).expect("readable").into_iter().map(|change| change.why).collect();
    assert_eq!(why.last().map(String::as_str), Some("change-disputed"));

    let both = Decision::Use { value: text("护栏松动三米，其中一根倒了") };
    app.conflicts().settle(&case, question, both).expect("saved");
    assert_eq!(app.conflicts().list(None, 10).expect("readable").items, []);
    mine.sync(&mut hub);
    other.sync(&mut hub);
    assert_eq!(description(other.app(), &case).value, text("护栏松动三米，其中一根倒了"));
    assert!(!description(other.app(), &case).disputed);
}

#[test]
fn a_decision_settles_what_was_on_the_screen_and_nothing_that_came_later() {
    let (mut hub, mut mine, mut other, case) = shared("护栏松动");
    describe(mine.app(), &case, "三米");
    describe(other.app(), &case, "五米");
    mine.sync(&mut hub);
    other.sync(&mut hub);
    mine.sync(&mut hub);
    let question = mine.app().conflicts().questions(&case).expect("readable").remove(0);
    // While she looks at the two, the other one corrects himself.
    describe(other.app(), &case, "七米");
    other.sync(&mut hub);
    mine.sync(&mut hub);
    mine.app().conflicts().settle(&case, question.clone(), Decision::Use { value: text("三米") }).expect("saved");
    let question = mine.app().conflicts().questions(&case).expect("readable").remove(0);
    let mut words: Vec<FieldValue> = question.sides.into_iter().map(|side| side.value).collect();
    words.sort_by_key(|value| format!("{value:?}"));
    assert_eq!(words, [text("七米"), text("三米")], "his new words are not lost");
}

#[test]
fn an_edit_from_a_stale_screen_is_a_conflict_and_a_step_from_one_is_refused() {
    let (mut hub, mut mine, mut other, case) = shared("路灯不亮");
    let screen = mine.app().cases().detail(&case).expect("readable");
    let stale = description(mine.app(), &case).dot;
    let stage = screen.stage_dot.expect("a case has a stage");
    describe(other.app(), &case, "路灯不亮，灯杆倾斜");
    other.app().cases().self_handle(&case).expect("a fact");
    other.sync(&mut hub);
    mine.sync(&mut hub);

    let app = mine.app();
    app.cases().edit(&case, "description", Some(stale), text("路灯不亮，已三天")).expect("saved all the same");
    assert_eq!(app.conflicts().questions(&case).expect("readable")[0].sides.len(), 2);
    assert_eq!(refused(app.cases().step(&case, &stage, "stage-closed", None)), "error-stage-changed");
    app.cases().self_handle(&case).expect("both say the same");
    let stage = app.cases().detail(&case).expect("readable").stage_dot.expect("a case has a stage");
    assert_eq!(refused(app.cases().step(&case, &stage, "stage-closed", None)), "error-not-allowed");
}

#[test]
fn a_delete_of_what_was_not_seen_asks_and_can_be_decided_either_way() {
    for keep in [true, false] {
        let (mut hub, mut mine, mut other, case) = shared("垃圾堆积");
        let shown = mine.app().cases().detail(&case).expect("readable").shown;
        describe(other.app(), &case, "垃圾堆积，已有异味");
        other.sync(&mut hub);
        mine.sync(&mut hub);
        // The screen was drawn before the sync.
        mine.app().cases().delete(&case, shown).expect("her own case");
        let question = mine.app().conflicts().questions(&case).expect("readable").remove(0);
        assert_eq!((question.field.as_str(), question.sides[0].own), ("life", true));
        let decision = if keep { Decision::Keep } else { Decision::Delete };
        mine.app().conflicts().settle(&case, question, decision).expect("saved");
        mine.sync(&mut hub);
        other.sync(&mut hub);
        for phone in [&mut mine, &mut other] {
            let app = phone.app();
            assert_eq!(app.conflicts().list(None, 10).expect("readable").items, [], "keep: {keep}");
            assert_eq!(list(app, CaseFilter::All).len(), usize::from(keep));
        }
    }
}

#[test]
fn held_and_sent_back_work_is_told_to_its_author_with_the_reason() {
    let (mut hub, mut mine, mut other, case) = shared("电线垂落");
    let shown = other.app().cases().detail(&case).expect("readable").shown;
    other.app().cases().delete(&case, shown).expect("the office decides about it");
    other.sync(&mut hub);
    let held = other.app().held().expect("readable");
    assert_eq!(held.len(), 1);
    assert_eq!(
        (held[0].receipt.state, held[0].receipt.reason.as_deref()),
        (ReceiptState::Held, Some("held-no-rights"))
    );
    assert_eq!(list(other.app(), CaseFilter::All).len(), 1, "it is not deleted");

    hub.send_back(&case, "请先拍照说明");
    other.sync(&mut hub);
    let held = other.app().held().expect("readable");
    let words = held[0].receipt.sent_back.as_ref().and_then(|back| back.words.as_deref());
    assert_eq!((held.len(), held[0].receipt.state, words), (1, ReceiptState::SentBack, Some("请先拍照说明")));
    assert_eq!(list(other.app(), CaseFilter::SentBack).len(), 1);
    let last = other.app().changes(0, 100).expect("readable").pop().expect("something changed");
    assert_eq!((last.why.as_str(), last.record.id), ("change-sent-back", case));
    mine.sync(&mut hub);
    assert_eq!(mine.app().held().expect("readable"), [], "it is not her work");
}

#[test]
fn a_value_that_its_field_cannot_hold_is_refused_before_it_is_saved() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    assert_eq!(refused(app.cases().report(case("没有区域"))), "error-area-missing");
    app.patrols().start(GRID, None).expect("nothing else is on");
    assert_eq!(refused(app.cases().report(case(&"长".repeat(3_000)))), "error-value-unfit");
    let id = app.cases().report(case("井盖破损")).expect("saved").id;
    let shown = Some(description(app, &id).dot);
    let edit = |field: &str, value| app.cases().edit(&id, field, shown.clone(), value);
    assert_eq!(refused(edit("description", FieldValue::Number { number: 3 })), "error-value-unfit");
    assert_eq!(refused(edit("description", text(&"长".repeat(3_000)))), "error-value-unfit");
    assert_eq!(refused(edit("stage", FieldValue::Number { number: 15 })), "error-value-unfit", "steps are no edits");
    assert_eq!(refused(edit("ring", text("x"))), "error-value-unfit", "not a field of cases");
    assert_eq!(description(app, &id).value, text("井盖破损"));
    assert_eq!(list(app, CaseFilter::Mine).len(), 1);
}
