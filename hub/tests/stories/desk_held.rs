//! Work that the hub could not take as it came waits with its reason, until somebody lets it through or sends
//! it back. Nobody decides twice.

use crate::town::{DAY, GRID, MINUTE, Office, Phone, Town};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};
use serde_json::{Value as Json, json};

struct Waiting {
    town: Town,
    office: Office,
    author: Phone,
    case: EntityId,
}

/// A member tries to close the case of another, and adds a word.
async fn waiting() -> Waiting {
    let town = Town::new();
    let mut reporter = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let mut author = town.phone("m-2", "网格员·仲和·02", Role::Member, GRID);
    let (created, case) = reporter.report(&town, "路灯不亮");
    town.pass(MINUTE);
    let kind =
        OpKind::Transition { from: Stage::Reported, to: Stage::Closed, seen: created, reason: Some("亮了".into()) };
    author.write(&town, kind, Some(case), vec![]);
    let office = town.log_in("tangkou").await;
    Waiting { town, office, author, case }
}

async fn first_held(office: &Office) -> Json {
    office.get("/api/held").await["items"][0].clone()
}

fn path(item: &Json, decision: &str) -> String {
    format!("/api/held/{}/{decision}", item["dot"].as_str().expect("a dot"))
}

#[tokio::test]
async fn held_work_shows_what_it_would_do_and_why_it_waits() {
    let waiting = waiting().await;
    let item = first_held(&waiting.office).await;
    assert_eq!((&item["record"]["title"], &item["author"]["label"]), (&"路灯不亮".into(), &"网格员·仲和·02".into()));
    assert_eq!(item["reason"]["id"], "held-no-rights");
    assert_ne!(item["reason"]["zh"], item["reason"]["en"]);
    assert_eq!(item["step"], json!({ "from": "reported", "to": "closed", "reason": "亮了", "holder": null }));
    assert_eq!(waiting.office.get("/api/status").await["desks"]["held"], 1);
    let other = waiting.office.get("/api/held?reason=held-revoked").await;
    assert_eq!(other["items"], json!([]));
}

#[tokio::test]
async fn a_held_deletion_shows_what_would_be_lost() {
    let mut waiting = waiting().await;
    let sets = vec![gridpatrol_model::author::first(FieldNo::PARENT, Value::entity(waiting.case))];
    let mut reporter = waiting.town.phone("m-5", "网格员·仲和·05", Role::Member, GRID);
    reporter.create(&waiting.town, gridpatrol_model::schema::RecordKind::PHOTO, sets);
    let delete = OpKind::Delete { saw: vec![] };
    waiting.author.write(&waiting.town, delete, Some(waiting.case), vec![]);
    let held = waiting.office.get("/api/held").await;
    let items = held["items"].as_array().expect("items");
    assert_eq!(items[0]["loses"], Json::Null);
    let loses = &items.iter().find(|item| item["deletes"] == true).expect("the deletion")["loses"];
    let fields: Vec<&str> = loses["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .map(|field| field["field"].as_str().expect("a name"))
        .collect();
    assert!(fields.contains(&"description") && fields.contains(&"stage"), "{fields:?}");
    assert_eq!(loses["under"].as_array().map(Vec::len), Some(1));
    assert_eq!(loses["under"][0]["kind"], "photo");
}

#[tokio::test]
async fn released_work_counts_as_if_it_had_been_in_order_and_only_once() {
    let waiting = waiting().await;
    let item = first_held(&waiting.office).await;
    let (status, released) = waiting.office.post(&path(&item, "release"), json!({})).await;
    assert_eq!((status.as_u16(), &released["released"]), (200, &1.into()));
    assert_eq!(waiting.town.record(waiting.case).stage(), Some(Stage::Closed));
    assert_eq!(waiting.office.get("/api/held").await["items"], json!([]));
    let again = waiting.office.post(&path(&item, "release"), json!({})).await;
    assert_eq!(again.0, 409);
    let back = json!({ "reason": "请补一张照片", "due_ms": null });
    assert_eq!(waiting.office.post(&path(&item, "send-back"), back).await.0, 409);
    let case = waiting.office.get(&format!("/api/cases/{}", waiting.case)).await;
    let story: Vec<(&str, &str)> = (case["timeline"].as_array().expect("entries"))
        .iter()
        .map(|entry| (entry["what"].as_str().expect("a word"), entry["author"]["label"].as_str().expect("a label")))
        .collect();
    let told = [("create", "网格员·仲和·01"), ("step", "网格员·仲和·02"), ("release", "tangkou")];
    assert_eq!(story, told);
}

#[tokio::test]
async fn work_is_sent_back_with_a_reason_that_stays_with_it() {
    let waiting = waiting().await;
    let item = first_held(&waiting.office).await;
    let path = path(&item, "send-back");
    assert_eq!(waiting.office.post(&path, json!({ "reason": "  " })).await.0, 422);
    let due = waiting.town.now() + DAY;
    let (status, sent) = waiting.office.post(&path, json!({ "reason": "请补一张照片", "due_ms": due })).await;
    assert_eq!((status.as_u16(), &sent["dot"]), (200, &item["dot"]));
    assert_eq!(waiting.office.post(&path, json!({ "reason": "再说一次" })).await.0, 409);
    assert_eq!(waiting.town.record(waiting.case).stage(), Some(Stage::Reported));
    let case = waiting.office.get(&format!("/api/cases/{}", waiting.case)).await;
    let last = case["timeline"].as_array().and_then(|entries| entries.last()).expect("a line");
    assert_eq!(
        (&last["what"], &last["verdict"], &last["reason"]["zh"]),
        (&"send_back".into(), &"sent_back".into(), &"请补一张照片".into())
    );
}

#[tokio::test]
async fn an_auditor_looks_and_decides_nothing() {
    let waiting = waiting().await;
    waiting.town.account("auditor", Role::Auditor, "440783");
    let auditor = waiting.town.log_in("auditor").await;
    let item = first_held(&auditor).await;
    assert_eq!(item["can_release"], false);
    assert_eq!(auditor.post(&path(&item, "release"), json!({})).await.0, 403);
    assert_eq!(auditor.post(&path(&item, "send-back"), json!({ "reason": "不行" })).await.0, 403);
    let set = json!({ "field": "description", "seen": [], "value": { "type": "text", "text": "不行" } });
    assert_eq!(auditor.post(&format!("/api/records/{}/set", waiting.case), set).await.0, 403);
    let case = auditor.get(&format!("/api/cases/{}", waiting.case)).await;
    assert_eq!(case["allowed"], json!([]));
}

#[tokio::test]
async fn a_record_that_is_held_whole_is_found_at_the_desk_too() {
    let mut waiting = waiting().await;
    let outside = vec![gridpatrol_model::author::first(FieldNo::RESULT, Value::int(7))];
    let kind = gridpatrol_model::schema::RecordKind::INSPECTION;
    waiting.author.create(&waiting.town, kind, outside);
    let held = waiting.office.get("/api/held?reason=held-unreadable").await;
    let item = &held["items"][0];
    assert_eq!((&item["record"]["kind"], &item["can_release"]), (&"inspection".into(), &false.into()));
    assert_eq!(item["changes"][0]["after"]["type"], "unknown");
    assert_eq!(waiting.office.post(&path(item, "release"), json!({})).await.0, 403);
    assert_eq!(waiting.office.post(&path(item, "send-back"), json!({ "reason": "看不懂" })).await.0, 200);
}
