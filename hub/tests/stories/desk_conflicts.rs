//! Two people saw two things: both values stand side by side until somebody decides, and a decision on an old
//! page overwrites nothing.

use crate::town::{GRID, MINUTE, Office, Phone, Town};
use gridpatrol_model::author::first;
use gridpatrol_model::ids::{Dot, EntityId};
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::record::Life;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use serde_json::{Value as Json, json};

struct Dispute {
    town: Town,
    office: Office,
    first: Phone,
    second: Phone,
    case: EntityId,
    created: Dot,
}

/// A case of one member, of which two change the description without seeing each other.
async fn dispute() -> Dispute {
    let town = Town::new();
    let mut first = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let mut second = town.phone("m-2", "网格员·仲和·02", Role::Member, GRID);
    let (created, case) = first.report(&town, "水库边有裂缝");
    town.pass(MINUTE);
    first.edit(&town, case, FieldNo::DESCRIPTION, vec![created], Value::text("溢洪道有裂缝"));
    first.edit(&town, case, FieldNo::LOCATION_TEXT, vec![], Value::text("仲和水库东侧"));
    town.pass(MINUTE);
    second.edit(&town, case, FieldNo::DESCRIPTION, vec![created], Value::text("坝顶有裂缝"));
    let office = town.log_in("tangkou").await;
    Dispute { town, office, first, second, case, created }
}

fn text(side: &Json) -> &str {
    side["value"]["text"].as_str().expect("a text")
}

fn take(question: &Json, words: &str) -> Json {
    let value = json!({ "type": "text", "text": words });
    json!({ "field": question["field"], "seen": question["seen"], "decision": { "type": "take", "value": value } })
}

#[tokio::test]
async fn both_values_are_shown_and_settled_in_one_decision() {
    let dispute = dispute().await;
    let list = dispute.office.get("/api/conflicts").await;
    let row = &list["items"][0];
    assert_eq!((&row["record"]["id"], &row["fields"]), (&dispute.case.to_string().into(), &json!(["description"])));
    assert_eq!(row["since_ms"], dispute.town.now());

    let path = format!("/api/conflicts/{}", dispute.case);
    let page = dispute.office.get(&path).await;
    let question = &page["questions"][0];
    assert_eq!(text(&question["base"]), "水库边有裂缝");
    let sides: Vec<(&str, &str)> = (question["values"].as_array().expect("two"))
        .iter()
        .map(|side| (text(side), side["author"]["label"].as_str().expect("a label")))
        .collect();
    assert_eq!(sides, [("溢洪道有裂缝", "网格员·仲和·01"), ("坝顶有裂缝", "网格员·仲和·02")]);
    let also = question["values"][0]["also"].as_array().expect("what else she did");
    assert!(
        also.iter().any(|did| did["field"] == "location_text" && did["value"]["text"] == "仲和水库东侧"),
        "{also:?}"
    );

    let (status, settled) =
        dispute.office.post(&format!("{path}/settle"), take(question, "溢洪道和坝顶都有裂缝")).await;
    assert_eq!((status.as_u16(), &settled["open"], &settled["next"]), (200, &0.into(), &Json::Null));
    let record = dispute.town.record(dispute.case);
    assert_eq!(record.text(FieldNo::DESCRIPTION), Some("溢洪道和坝顶都有裂缝"));
    assert_eq!(record.live(&FieldNo::DESCRIPTION.into()).len(), 1);
    assert_eq!(dispute.office.get("/api/status").await["desks"]["conflicts"], 0);
    let case = dispute.office.get(&format!("/api/cases/{}", dispute.case)).await;
    let last = case["timeline"].as_array().and_then(|entries| entries.last()).expect("a line");
    assert_eq!((&last["what"], &last["author"]["label"]), (&"settle".into(), &"tangkou".into()));
}

#[tokio::test]
async fn a_decision_on_an_old_page_leaves_the_newer_value_alive() {
    let mut dispute = dispute().await;
    let path = format!("/api/conflicts/{}", dispute.case);
    let page = dispute.office.get(&path).await;
    let question = page["questions"][0].clone();
    let left: Dot = question["values"][0]["dot"].as_str().expect("a dot").parse().expect("a dot");
    dispute.first.edit(&dispute.town, dispute.case, FieldNo::DESCRIPTION, vec![left], Value::text("裂缝已渗水"));

    let (status, settled) = dispute.office.post(&format!("{path}/settle"), take(&question, "坝顶有裂缝")).await;
    assert_eq!((status.as_u16(), &settled["open"]), (200, &1.into()));
    let page = dispute.office.get(&path).await;
    let mut values: Vec<&str> = page["questions"][0]["values"].as_array().expect("two").iter().map(text).collect();
    values.sort_unstable();
    assert_eq!(values, ["坝顶有裂缝", "裂缝已渗水"]);
}

#[tokio::test]
async fn a_decision_names_only_writes_of_its_question() {
    let dispute = dispute().await;
    let path = format!("/api/conflicts/{}/settle", dispute.case);
    let page = dispute.office.get(&format!("/api/conflicts/{}", dispute.case)).await;
    let mut invented = take(&page["questions"][0], "都不对");
    invented["seen"] = json!([format!("{}.9.{}", "00".repeat(16), "00".repeat(8))]);
    let mut elsewhere = take(&page["questions"][0], "都不对");
    elsewhere["field"] = json!("location_text");
    let mut nothing = take(&page["questions"][0], "都不对");
    nothing["seen"] = json!([]);
    for wrong in [invented, elsewhere, nothing] {
        assert_eq!(dispute.office.post(&path, wrong.clone()).await.0, 422, "{wrong}");
    }
    let mut number = take(&page["questions"][0], "");
    number["decision"]["value"] = json!({ "type": "number", "number": 7 });
    assert_eq!(dispute.office.post(&path, number).await.0, 422);
    assert_eq!(dispute.town.record(dispute.case).live(&FieldNo::DESCRIPTION.into()).len(), 2);
}

#[tokio::test]
async fn a_page_that_shows_an_old_value_makes_a_conflict_and_no_overwrite() {
    let mut dispute = dispute().await;
    let set = |seen: Dot, words: &str| json!({ "field": "title", "seen": [seen.to_string()], "value": { "type": "text", "text": words } });
    let old = dispute.second.edit(&dispute.town, dispute.case, FieldNo::TITLE, vec![], Value::text("裂缝"));
    let path = format!("/api/records/{}/set", dispute.case);
    let (_, fresh) = dispute.office.post(&path, set(old, "水库裂缝")).await;
    assert_eq!((&fresh["verdict"], &fresh["conflicts"]), (&"accepted".into(), &1.into()), "the description alone");
    let (status, stale) = dispute.office.post(&path, set(old, "坝体裂缝")).await;
    assert_eq!((status.as_u16(), &stale["conflicts"]), (200, &2.into()));
    let titles = dispute.town.record(dispute.case);
    assert_eq!(titles.live(&FieldNo::TITLE.into()).len(), 2);
    assert_eq!(dispute.office.post(&path, set(dispute.created, "别的写入")).await.0, 422, "not a write of the title");
}

#[tokio::test]
async fn a_contested_deletion_is_decided_either_way() {
    for (decision, life) in [("keep_record", Life::Alive), ("keep_deleted", Life::Deleted)] {
        let town = Town::new();
        let mut author = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
        let mut other = town.phone("m-2", "网格员·仲和·02", Role::Member, GRID);
        let (created, case) = author.report(&town, "路灯不亮");
        author.write(&town, OpKind::Delete { saw: vec![created] }, Some(case), vec![]);
        other.edit(&town, case, FieldNo::LOCATION_TEXT, vec![], Value::text("村口"));
        let photo = vec![first(FieldNo::PARENT, Value::entity(case))];
        let (_, photo) = other.create(&town, RecordKind::PHOTO, photo);
        assert_eq!(town.record(case).life(), Life::Disputed);

        let office = town.log_in("tangkou").await;
        let path = format!("/api/conflicts/{case}");
        let page = office.get(&path).await;
        let question = &page["questions"][0];
        assert_eq!(
            (&question["type"], &question["deleted"]["author"]["id"]),
            (&"deletion".into(), &author.actor().into())
        );
        let edits = question["edits"].as_array().expect("edits");
        assert!(
            edits.iter().any(|edit| edit["field"] == "location_text" && text(&edit["side"]) == "村口"),
            "{edits:?}"
        );
        assert!(edits.iter().any(|edit| edit["child"]["id"] == photo.to_string()), "{edits:?}");
        let settle = json!({ "seen": question["seen"], "decision": { "type": decision } });
        let (status, settled) = office.post(&format!("{path}/settle"), settle).await;
        assert_eq!((status.as_u16(), &settled["open"]), (200, &0.into()));
        assert_eq!(town.record(case).life(), life);
    }
}

#[tokio::test]
async fn a_checklist_item_is_a_question_of_its_own() {
    let town = Town::new();
    let mut phones = [
        town.phone("m-1", "网格员·仲和·01", Role::Member, GRID),
        town.phone("m-2", "网格员·仲和·02", Role::Member, GRID),
    ];
    let (_, inspection) = phones[0].create(&town, RecordKind::INSPECTION, vec![]);
    for (phone, answer) in phones.iter_mut().zip(["好", "破损"]) {
        let key = gridpatrol_model::op::FieldKey::item(FieldNo::CHECKLIST, "护栏");
        let set = Set { key, preds: vec![], value: Value::text(answer) };
        phone.write(&town, OpKind::Set, Some(inspection), vec![set]);
    }
    let office = town.log_in("tangkou").await;
    let path = format!("/api/conflicts/{inspection}");
    let page = office.get(&path).await;
    let question = &page["questions"][0];
    assert_eq!((&question["field"], &question["item"]), (&"checklist".into(), &"护栏".into()));
    let mut settle = take(question, "破损");
    settle["item"] = question["item"].clone();
    assert_eq!(office.post(&format!("{path}/settle"), settle).await.1["open"], 0);
}
