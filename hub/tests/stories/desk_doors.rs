//! Who gets in, and what they see of what is not theirs.

use crate::town::{GRID, MINUTE, PASSWORD, Town, scope};
use axum::body::Body;
use axum::http::Request;
use gridpatrol_model::workflow::Role;

#[tokio::test]
async fn nobody_asks_without_a_session_and_a_wrong_password_makes_none() {
    let town = Town::new();
    for path in ["/api/session", "/api/status", "/api/patrols", "/api/cases/00", "/api/people"] {
        assert_eq!(town.ask(Request::get(path), Body::empty()).await.status(), 401, "{path}");
    }
    assert_eq!(town.log_in_with("tangkou", "a guess").await.status(), 401);
    assert_eq!(town.log_in_with("nobody", PASSWORD).await.status(), 401);
    let forged = Request::get("/api/status").header("cookie", "gridpatrol_session=AAAA");
    assert_eq!(town.ask(forged, Body::empty()).await.status(), 401);
}

#[tokio::test]
async fn guessing_goes_on_only_slowly_and_for_that_name_alone() {
    let town = Town::new();
    let mut last = 401;
    for _ in 0..11 {
        last = town.log_in_with("tangkou", "a guess").await.status().as_u16();
    }
    assert_eq!(last, 429);
    assert_eq!(town.log_in_with("tangkou", PASSWORD).await.status(), 429, "not even the right one now");
    assert_eq!(town.log_in_with("enping", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn a_session_ends_with_the_log_out_and_with_the_day() {
    let town = Town::new();
    let office = town.log_in("tangkou").await;
    let session = office.get("/api/session").await;
    assert_eq!((&session["role"], &session["areas"][0]["name"]), (&"supervisor".into(), &"塘口镇".into()));
    town.pass(13 * 60 * MINUTE);
    assert_eq!(office.refused("/api/session").await.0, 401);
}

#[tokio::test]
async fn records_of_another_county_do_not_exist_here() {
    let town = Town::new();
    let mut phone = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let (_, case) = phone.report(&town, "水库溢洪道有裂缝");
    let (ours, theirs) = (town.log_in("tangkou").await, town.log_in("enping").await);
    assert_eq!(ours.get(&format!("/api/cases/{case}")).await["summary"]["title"], "水库溢洪道有裂缝");
    let unknown = theirs.refused("/api/cases/00000000000000000000000000000000").await;
    for path in [format!("/api/cases/{case}"), format!("/api/conflicts/{case}"), "/api/cases?area=440783".into()] {
        assert_eq!(theirs.refused(&path).await, unknown, "{path}");
    }
    assert_eq!(unknown.0, 404);
    for path in ["/api/cases", "/api/held", "/api/conflicts", "/api/people"] {
        assert_eq!(theirs.get(path).await["items"].as_array().map(Vec::len), Some(0), "{path}");
    }
    let set = serde_json::json!({ "field": "description", "seen": [], "value": { "type": "text", "text": "没有" } });
    assert_eq!(theirs.post(&format!("/api/records/{case}/set"), set).await.0, 404);
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let town = Town::new();
    let mut phone = town.phone("m-1", "网格员·仲和·01", Role::Member, GRID);
    let (_, case) = phone.report(&town, "水库溢洪道有裂缝");
    let office = town.log_in("tangkou").await;
    let page = office.get(&format!("/api/cases/{case}")).await;
    let step = serde_json::json!({ "to": "accepted", "seen": page["stage_dot"] });
    let path = format!("/api/cases/{case}/transition");
    assert_eq!(office.post_from("https://elsewhere.example", &path, step.clone()).await.0, 403);
    assert_eq!(office.get(&format!("/api/cases/{case}")).await["summary"]["stage"], "reported");
    assert_eq!(office.post(&path, step).await.0, 200);
}

#[tokio::test]
async fn a_new_member_gets_a_code_that_works_once_and_only_inside_the_areas() {
    let town = Town::new();
    let office = town.log_in("tangkou").await;
    let enrol =
        |area: &str, role: &str| serde_json::json!({ "member": "网格员·仲和·07", "role": role, "areas": [area] });
    assert_eq!(office.post("/api/enrolments", enrol("440785100201", "member")).await.0, 404);
    assert_eq!(office.post("/api/enrolments", enrol(GRID, "supervisor")).await.0, 403);
    let (status, made) = office.post("/api/enrolments", enrol(GRID, "member")).await;
    assert_eq!(status, 201);
    let link = format!("gridpatrol:enrol?hub=https%3A%2F%2Fhub.example&code={}", made["code"].as_str().expect("text"));
    assert_eq!(made["link"], link, "what the phone scans");
    let people = office.get("/api/people").await;
    assert_eq!(people["items"][0]["label"], "网格员·仲和·07");
    assert_eq!((&people["items"][0]["phones"], &people["items"][0]["id"]), (&0.into(), &made["member"]));
    let code = made["code"].as_str().expect("text").replace('-', "");
    let used = |key| {
        let code = code.clone();
        town.cell.write(move |batch| batch.use_code(&code, [key; 32], "440783"))
    };
    assert_eq!(used(1).expect("the first time").areas, [scope(GRID)]);
    assert!(used(2).is_err());
    assert_eq!(office.get("/api/people").await["items"][0]["phones"], 1);
}
