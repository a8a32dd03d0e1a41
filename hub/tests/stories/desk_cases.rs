//! The life of a case at the desk: its steps, who holds it, and the order in which cases wait.

use crate::town::{DAY, GRID, MINUTE, Office, Phone, Town};
use gridpatrol_model::author::first;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::pack::{CategoryKey, Pack};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};
use serde_json::{Value as Json, json};

fn category(code: &str) -> Value {
    let city = Pack::city();
    let key = CategoryKey { standard_ref: &city.standard_ref, kind: "matter", code };
    city.snapshot(key).expect("a category of the city").to_value()
}

fn reported(phone: &mut Phone, town: &Town, description: &str, code: &str) -> EntityId {
    let sets = vec![
        first(FieldNo::DESCRIPTION, Value::text(description)),
        first(FieldNo::CATEGORY, category(code)),
        first(FieldNo::STAGE, Value::int(Stage::Reported.code().into())),
    ];
    phone.create(town, RecordKind::CASE, sets).1
}

async fn step(office: &Office, case: EntityId, step: Json) -> (u16, Json) {
    let page = office.get(&format!("/api/cases/{case}")).await;
    let mut body = json!({ "seen": page["stage_dot"] });
    body.as_object_mut().expect("an object").extend(step.as_object().expect("an object").clone());
    let (status, answer) = office.post(&format!("/api/cases/{case}/transition"), body).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn a_case_goes_its_way_with_one_holder_at_a_time() {
    let town = Town::new();
    let mut member = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let case = reported(&mut member, &town, "道路破损", "06013");
    for (name, role) in [("handler", Role::Handler), ("checker", Role::Checker)] {
        town.account(name, role, "440783108");
    }
    let (office, handler, checker) =
        (town.log_in("tangkou").await, town.log_in("handler").await, town.log_in("checker").await);
    let path = format!("/api/cases/{case}");
    let holder = async || office.get(&path).await["summary"]["holder"]["id"].clone();

    assert_eq!(office.get("/api/cases?only=mine").await["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(step(&office, case, json!({ "to": "accepted" })).await.0, 200);
    assert_eq!(holder().await, "s-tangkou");
    let page = office.get(&path).await;
    assert_eq!(page["summary"]["due"]["estimate"], true);
    let dispatch = page["allowed"].as_array().expect("steps").iter().find(|step| step["to"] == "dispatched").cloned();
    assert_eq!(dispatch.expect("offered")["holders"], json!([{ "id": "s-handler", "label": "handler" }]));

    assert_eq!(step(&office, case, json!({ "to": "dispatched" })).await.0, 422, "to whom?");
    assert_eq!(step(&office, case, json!({ "to": "dispatched", "holder": "m-1" })).await.0, 422);
    assert_eq!(step(&office, case, json!({ "to": "dispatched", "holder": "s-handler" })).await.0, 200);
    assert_eq!(holder().await, "s-handler");
    let due = office.get(&path).await["summary"]["due"].clone();
    assert_eq!((&due["estimate"], &due["ms"]), (&false.into(), &(town.now() + 7 * DAY).into()));
    assert_eq!(handler.get("/api/cases?only=mine").await["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(office.get("/api/cases?only=mine").await["items"], json!([]));

    assert_eq!(step(&handler, case, json!({ "to": "signed" })).await.0, 200);
    assert_eq!(step(&handler, case, json!({ "to": "handled", "holder": "s-checker" })).await.0, 200);
    assert_eq!(step(&handler, case, json!({ "to": "checked" })).await.0, 403);
    assert_eq!(step(&checker, case, json!({ "to": "checked" })).await.0, 200);
    assert_eq!(holder().await, "s-tangkou", "it comes back to who sent it out");
    assert_eq!(step(&office, case, json!({ "to": "dispatched", "holder": "s-handler" })).await.0, 422, "why again?");
    let again = json!({ "to": "dispatched", "holder": "s-handler", "reason": "没有补平" });
    assert_eq!(step(&office, case, again).await.0, 200);
    assert_eq!(office.get(&path).await["summary"]["round"], 2);
    let stages: Vec<Json> = (office.get(&path).await["timeline"].as_array().expect("entries"))
        .iter()
        .filter(|entry| entry["what"] == "step")
        .map(|entry| entry["step"]["to"].clone())
        .collect();
    assert_eq!(json!(stages), json!(["accepted", "dispatched", "signed", "handled", "checked", "dispatched"]));
}

#[tokio::test]
async fn an_order_on_an_old_page_is_not_carried_out() {
    let town = Town::new();
    let mut member = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let (created, case) = member.report(&town, "路灯不亮");
    let office = town.log_in("tangkou").await;
    let page = office.get(&format!("/api/cases/{case}")).await;
    let kind = OpKind::Transition { from: Stage::Reported, to: Stage::SelfHandled, seen: created, reason: None };
    member.write(&town, kind, Some(case), vec![]);
    let stale = json!({ "to": "accepted", "seen": page["stage_dot"] });
    let (status, problem) = office.post(&format!("/api/cases/{case}/transition"), stale).await;
    assert_eq!((status.as_u16(), &problem["next"]), (409, &"reload".into()));
    assert_eq!(town.record(case).stage(), Some(Stage::SelfHandled));
    assert_eq!(town.record(case).held.len(), 0, "and it does not wait for anybody either");
}

#[tokio::test]
async fn the_nearest_deadline_comes_first_and_closed_cases_last() {
    let town = Town::new();
    let mut member = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    town.account("handler", Role::Handler, "440783108");
    let office = town.log_in("tangkou").await;
    let mut cases = Vec::new();
    for (description, code) in
        [("甲 道路破损", "06013"), ("乙 架空线缆脱落", "10002"), ("丙 暴露垃圾", "06010"), ("丁 乱堆杂物", "06036")]
    {
        cases.push(reported(&mut member, &town, description, code));
        town.pass(MINUTE);
    }
    for case in &cases[..2] {
        step(&office, *case, json!({ "to": "accepted" })).await;
        assert_eq!(step(&office, *case, json!({ "to": "dispatched", "holder": "s-handler" })).await.0, 200);
    }
    step(&office, cases[2], json!({ "to": "accepted" })).await;
    assert_eq!(step(&office, cases[2], json!({ "to": "declined", "reason": "不属于本镇" })).await.0, 200);
    let titles = async |path: &str| -> Vec<String> {
        let list = office.get(path).await;
        let items = list["items"].as_array().expect("rows").iter();
        items.map(|row| row["title"].as_str().expect("a title").chars().take(1).collect()).collect()
    };
    assert_eq!(titles("/api/cases").await, ["乙", "甲", "丁", "丙"]);
    assert_eq!(titles("/api/cases?only=open").await, ["乙", "甲", "丁"]);
    assert_eq!(titles("/api/cases?stage=declined").await, ["丙"]);
    assert_eq!(titles("/api/cases?q=%E6%9D%82%E7%89%A9").await, ["丁"]);
    let first = office.get("/api/cases?limit=3").await;
    let next = first["next"].as_str().expect("more");
    assert_eq!(titles(&format!("/api/cases?limit=3&cursor={next}")).await, ["丙"]);
    // Fallen cables are urgent: two hours.
    town.pass(3 * 60 * MINUTE);
    let counts = office.get("/api/status").await["desks"].clone();
    assert_eq!((&counts["cases_open"], &counts["cases_overdue"]), (&3.into(), &1.into()));
}

#[tokio::test]
async fn what_arrives_after_the_acceptance_is_kept_as_an_addition() {
    let town = Town::new();
    let mut member = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let (created, case) = member.report(&town, "路灯不亮");
    let before = town.head();
    let office = town.log_in("tangkou").await;
    step(&office, case, json!({ "to": "accepted" })).await;
    let late =
        vec![Set {
            key: FieldNo::DESCRIPTION.into(), preds: vec![created], value: Value::text("路灯和变压器都坏了")
        }];
    town.pass(MINUTE);
    member.write_seen(&town, before, OpKind::Set, Some(case), late);
    let page = office.get(&format!("/api/cases/{case}")).await;
    let last = page["timeline"].as_array().and_then(|entries| entries.last()).expect("a line");
    assert_eq!((&last["verdict"], &last["reason"]["id"]), (&"amendment".into(), &"verdict-amendment".into()));
    assert_eq!(last["changes"][0]["before"]["text"], "路灯不亮");
    let description = page["fields"].as_array().expect("fields").iter().find(|field| field["field"] == "description");
    assert_eq!(description.expect("listed")["value"]["text"], "路灯不亮", "nothing was replaced");
}
