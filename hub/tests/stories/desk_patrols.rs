//! A patrol day is read on Monday: where she went, what she looked at, what came of it, and what has not
//! arrived yet.

use crate::town::{DAY, GRID, MINUTE, NINE, Office, Phone, Town, blob};
use axum::body::to_bytes;
use gridpatrol_geo::block::encode_compact;
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::gpx;
use gridpatrol_geo::track::Fix;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::Set;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::Role;
use serde_json::Value as Json;

/// Fixes northwards from inside the grid, one a minute.
fn fixes(from_ms: i64, steps: i32, lat_e7: i32) -> Vec<u8> {
    let fix = |step: i32| Fix {
        time_ms: Some(from_ms + i64::from(step) * MINUTE),
        accuracy_dm: Some(50),
        ..Fix::at(E7::new(1_125_790_000, lat_e7 + step * 1_000).expect("in Kaiping"))
    };
    encode_compact(&(0..steps).map(fix).collect::<Vec<_>>()).expect("few fixes")
}

fn of(parent: EntityId) -> Set {
    first(FieldNo::PARENT, Value::entity(parent))
}

struct Day {
    town: Town,
    office: Office,
    phone: Phone,
    patrol: EntityId,
    reservoir: EntityId,
}

/// A walk with two segments, the permission lost between them; the reservoir fine, the pond not looked at.
async fn day() -> Day {
    let town = Town::new();
    let mut desk = town.phone("s-1", "镇街网格办·塘口·01", Role::Supervisor, "440783108");
    town.grid(&mut desk);
    let reservoir = town.place(&mut desk, "仲和水库", 7);
    town.place(&mut desk, "=仲和鱼塘", 14);
    town.pass(MINUTE);
    let mut phone = town.phone("m-3", "网格员·仲和·03", Role::Member, GRID);
    let (_, patrol) = phone.create(&town, RecordKind::PATROL, vec![first(FieldNo::STARTED, Value::int(town.now()))]);
    for (segment, gap, from_ms) in [(1, None, NINE), (2, Some("permission"), NINE + 20 * MINUTE)] {
        let block = fixes(from_ms, 5, 223_700_000);
        town.upload(&block).await;
        chunk(&town, &mut phone, patrol, segment, gap, from_ms, &block);
    }
    town.pass(30 * MINUTE);
    let at = Position { lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(45) };
    let looked = vec![
        of(patrol),
        first(FieldNo::PLACE, Value::entity(reservoir)),
        first(FieldNo::RESULT, Value::text("normal")),
        first(FieldNo::POSITION, Value::position(at)),
    ];
    phone.create(&town, RecordKind::INSPECTION, looked);
    let office = town.log_in("tangkou").await;
    Day { town, office, phone, patrol, reservoir }
}

fn chunk(
    town: &Town,
    phone: &mut Phone,
    patrol: EntityId,
    segment: i64,
    gap: Option<&str>,
    from_ms: i64,
    block: &[u8],
) {
    let mut sets = vec![
        of(patrol),
        first(FieldNo::BLOCK, blob(block, "application/octet-stream")),
        first(FieldNo::SEGMENT, Value::int(segment)),
        first(FieldNo::FROM, Value::int(from_ms)),
        first(FieldNo::TO, Value::int(from_ms + 4 * MINUTE)),
    ];
    sets.extend(gap.map(|gap| first(FieldNo::GAP_BEFORE, Value::text(gap))));
    phone.create(town, RecordKind::TRACK_CHUNK, sets);
}

fn lengths(page: &Json) -> Vec<usize> {
    let segments = page["track"]["segments"].as_array().expect("segments");
    segments.iter().map(|segment| segment["points"].as_array().map_or(0, Vec::len)).collect()
}

#[tokio::test]
async fn a_walk_is_read_with_its_gap_its_places_and_its_receipts() {
    let day = day().await;
    let list = day.office.get("/api/patrols?day=2026-11-24&state=walking").await;
    let row = &list["items"][0];
    assert_eq!(row["id"], day.patrol.to_string());
    assert_eq!((&row["member"]["label"], &row["grid"]["name"]), (&"网格员·仲和·03".into(), &"仲和第01网格".into()));
    assert_eq!((&row["places_seen"], &row["places_due"], &row["gaps"]), (&1.into(), &2.into(), &1.into()));
    assert_eq!(
        row["receipts"],
        serde_json::json!({ "saved": 0, "sent": 0, "accepted": 4, "held": 0, "sent_back": 0, "total": 4 })
    );

    let page = day.office.get(&format!("/api/patrols/{}", day.patrol)).await;
    assert_eq!(&page["summary"], row);
    assert_eq!(lengths(&page), [5, 5]);
    let gap = serde_json::json!({ "after": 0, "cause": "permission",
        "from_ms": NINE + 4 * MINUTE, "to_ms": NINE + 20 * MINUTE });
    assert_eq!(page["track"]["gaps"], serde_json::json!([gap]));
    assert_eq!(page["places"][0]["place"]["id"], day.reservoir.to_string());
    assert_eq!(page["places"][0]["inspection"]["result"], "normal");
    assert_eq!(
        (&page["places"][1]["place"]["name"], &page["places"][1]["inspection"]),
        (&"=仲和鱼塘".into(), &Json::Null)
    );
    assert_eq!(page["receipts"].as_array().map(Vec::len), Some(4));
}

#[tokio::test]
async fn a_block_that_has_not_arrived_is_a_gap_and_nothing_is_drawn_in_its_place() {
    let mut day = day().await;
    let late = fixes(NINE + 25 * MINUTE, 3, 223_729_000);
    chunk(&day.town, &mut day.phone, day.patrol, 2, None, NINE + 25 * MINUTE, &late);
    let path = format!("/api/patrols/{}", day.patrol);
    let page = day.office.get(&path).await;
    assert_eq!(lengths(&page), [5, 5]);
    assert_eq!(
        (&page["track"]["gaps"][1]["cause"], &page["track"]["gaps"][1]["after"]),
        (&"awaited".into(), &1.into())
    );
    assert_eq!((&page["summary"]["receipts"]["sent"], &page["summary"]["outside"]), (&1.into(), &false.into()));

    day.town.upload(&late).await;
    let page = day.office.get(&path).await;
    assert_eq!(lengths(&page), [5, 8]);
    // The last of them has crossed the northern border.
    assert_eq!(page["track"]["segments"][1]["outside"], serde_json::json!([[7, 7]]));
    assert_eq!((&page["summary"]["receipts"]["sent"], &page["summary"]["outside"]), (&0.into(), &true.into()));
}

/// A walk of one segment, beside the pond.
async fn walked(fixes: &[Fix]) -> (Day, Json) {
    let mut day = day().await;
    let (_, patrol) = day.phone.create(&day.town, RecordKind::PATROL, vec![]);
    let block = encode_compact(fixes).expect("it fits a block");
    day.town.upload(&block).await;
    chunk(&day.town, &mut day.phone, patrol, 1, None, NINE, &block);
    let page = day.office.get(&format!("/api/patrols/{patrol}")).await;
    (Day { patrol, ..day }, page)
}

fn a_second(second: i32, lon: i32, lat: i32) -> Fix {
    let at = E7::new(1_125_793_000 + lon, 223_686_000 + lat).expect("in Kaiping");
    Fix { time_ms: Some(NINE + i64::from(second) * 1_000), accuracy_dm: Some(50), ..Fix::at(at) }
}

#[tokio::test]
async fn a_doubted_fix_stays_where_it_is_and_says_why() {
    // Northwards at 1.1 m/s; one fix 1.1 km off, then three that an app made up.
    let fix = |step: i32| Fix {
        mock: (8..=10).contains(&step).then_some(true),
        ..a_second(step * 10, if step == 4 { 107_000 } else { 0 }, step * 1_000)
    };
    let (day, page) = walked(&(0..20).map(fix).collect::<Vec<_>>()).await;
    let segment = &page["track"]["segments"][0];
    assert_eq!(lengths(&page), [20], "nothing is left out");
    assert_eq!(
        segment["doubted"],
        serde_json::json!([{ "doubt": "jump", "first": 4, "last": 4 }, { "doubt": "mock", "first": 8, "last": 10 }])
    );
    assert!((segment["points"][4][0].as_f64().expect("degrees") - 112.59).abs() < 1e-9);
    assert_eq!(
        page["track"]["doubts"],
        serde_json::json!([{ "doubt": "jump", "fixes": 1, "first_ms": NINE + 40_000 },
            { "doubt": "mock", "fixes": 3, "first_ms": NINE + 80_000 }])
    );
    let answer = day.office.raw(&format!("/api/patrols/{}/track.gpx", day.patrol)).await;
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    assert_eq!(gpx::import(&bytes).expect("our own format").tracks[0].segments[0].len(), 20);
}

#[tokio::test]
async fn a_long_track_is_drawn_with_fewer_points_and_exported_with_all() {
    // Six hours, a fix each five seconds, to and fro along a street of 400 m.
    let fix = |step: i32| a_second(step * 5, 0, ((step * 500) % 72_000 - 36_000).abs());
    let all: Vec<Fix> = (0..4_320).map(fix).collect();
    let (day, page) = walked(&all).await;
    let track = &page["track"];
    assert_eq!((&track["fixes"], &track["simplified_m"]), (&4_320.into(), &2.0.into()));
    let drawn = lengths(&page)[0];
    assert!((300..1_000).contains(&drawn), "a point a minute, and every turn: {drawn}");
    let times = track["segments"][0]["times"].as_array().expect("times");
    assert_eq!((times.first(), times.last()), (Some(&NINE.into()), Some(&(NINE + 4_319 * 5_000).into())));
    let answer = day.office.raw(&format!("/api/patrols/{}/track.gpx", day.patrol)).await;
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    assert_eq!(gpx::import(&bytes).expect("our own format").tracks[0].segments[0].len(), 4_320);
}

#[tokio::test]
async fn a_place_says_whether_the_walk_went_there_beside_whether_it_was_looked_at() {
    let passed = async |lon: i32, accuracy_dm: Option<u32>| {
        let fix = |step: i32| Fix { accuracy_dm, ..a_second(step * 10, lon, (step - 10) * 1_000) };
        let (_, page) = walked(&(0..20).map(fix).collect::<Vec<_>>()).await;
        let pond = page["places"].as_array().expect("places").iter().find(|row| row["place"]["name"] == "=仲和鱼塘");
        let pond = pond.expect("it was due").clone();
        assert_eq!(pond["inspection"], Json::Null);
        (pond["passed"]["fence"].clone(), pond["passed"]["metres"].clone())
    };
    assert_eq!(passed(0, Some(50)).await, ("inside".into(), 0.into()));
    // 206 m west of it.
    assert_eq!(passed(-20_000, Some(50)).await, ("outside".into(), 206.into()));
    assert_eq!(passed(-20_000, Some(3_000)).await, ("unsure".into(), 206.into()));
    assert_eq!(passed(-20_000, None).await, ("unsure".into(), 206.into()));
}

#[tokio::test]
async fn the_files_hold_the_same_walk_and_run_nothing() {
    let day = day().await;
    let answer = day.office.raw(&format!("/api/patrols/{}/track.gpx", day.patrol)).await;
    assert_eq!(answer.headers()["content-type"], "application/gpx+xml");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    let file = gpx::import(&bytes).expect("our own format");
    let segments: Vec<usize> = file.tracks[0].segments.iter().map(Vec::len).collect();
    assert_eq!(segments, [5, 5]);

    let page = day.office.get(&format!("/api/patrols/{}/track.geojson", day.patrol)).await;
    let track = &page["features"][0];
    assert_eq!(track["geometry"]["type"], "MultiLineString");
    let lines: Vec<usize> = track["geometry"]["coordinates"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line.as_array().expect("a line").len())
        .collect();
    assert_eq!(lines, [5, 5], "a gap is no line");
    let answer = day.office.raw(&format!("/api/patrols/{}/track.kml", day.patrol)).await;
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    assert_eq!(String::from_utf8_lossy(&bytes).matches("<LineString>").count(), 2);

    let answer = day.office.raw(&format!("/api/patrols/{}/patrol.gpkg", day.patrol)).await;
    assert_eq!(answer.headers()["content-type"], "application/geopackage+sqlite3");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("patrol.gpkg");
    std::fs::write(&path, &bytes).expect("writable");
    let file = rusqlite::Connection::open(&path).expect("it is SQLite");
    let count = |layer: &str| {
        file.query_row(&format!("SELECT count(*) FROM {layer}"), [], |row| row.get::<_, i64>(0)).expect("a layer")
    };
    assert_eq!([count("track"), count("fixes"), count("places")], [1, 10, 2]);

    let answer = day.office.raw(&format!("/api/patrols/{}/places.csv", day.patrol)).await;
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a file");
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}名称,点位类型,"), "{text}");
    assert!(lines[1].starts_with("仲和水库,水库,440783108224001,一切正常,2026-11-24 09:31:00,"), "{text}");
    assert!(lines[2].starts_with("'=仲和鱼塘,"), "{text}");
}

#[tokio::test]
async fn a_signature_is_good_for_its_own_photo_record_and_author_alone() {
    let mut day = day().await;
    let other = day.town.phone("m-4", "网格员·仲和·04", Role::Member, GRID);
    let original = b"an original".as_slice();
    let manifests = [
        ("good", Some(day.phone.manifest(original, day.patrol))),
        ("missing", None),
        ("bad", Some(day.phone.manifest(b"another original", day.patrol))),
        ("bad", Some(day.phone.manifest(original, day.reservoir))),
        ("bad", Some(other.manifest(original, day.patrol))),
        ("bad", Some(Value::bytes(b"rubbish"))),
    ];
    for (at, (_, manifest)) in (0..).zip(&manifests) {
        let taken = first(FieldNo::TAKEN_AT, Value::int(NINE + at));
        let mut sets = vec![of(day.patrol), first(FieldNo::PHOTO, blob(original, "image/jpeg")), taken];
        sets.extend(manifest.iter().map(|manifest| first(FieldNo::MANIFEST, manifest.clone())));
        day.phone.create(&day.town, RecordKind::PHOTO, sets);
    }
    let page = day.office.get(&format!("/api/patrols/{}", day.patrol)).await;
    let photos = page["photos"].as_array().expect("photos");
    let said: Vec<&str> = photos.iter().map(|photo| photo["signature"].as_str().expect("a word")).collect();
    assert_eq!(said, manifests.map(|(wanted, _)| wanted));
    assert!(photos[0]["code"].is_string() && photos[1]["code"].is_null() && photos[5]["code"].is_null());
}

#[tokio::test]
async fn a_photo_comes_through_its_record_once_its_bytes_are_here() {
    let mut day = day().await;
    let (original, small) = (b"an original".as_slice(), b"a small one".as_slice());
    let sets = vec![
        of(day.patrol),
        first(FieldNo::PHOTO, blob(original, "text/html")),
        first(FieldNo::PREVIEW, blob(small, "image/jpeg")),
        first(FieldNo::THUMBNAIL, blob(small, "image/jpeg")),
        first(FieldNo::TAKEN_AT, Value::int(NINE)),
    ];
    let (_, photo) = day.phone.create(&day.town, RecordKind::PHOTO, sets);
    let path = format!("/api/photos/{photo}/original");
    let (status, problem) = day.office.refused(&path).await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &"error-bytes-awaited".into()));
    let page = day.office.get(&format!("/api/patrols/{}", day.patrol)).await;
    let shown = &page["photos"][0];
    assert_eq!(
        (&shown["hash"], &shown["has_preview"], &shown["receipt"]["state"]),
        (&"awaited".into(), &false.into(), &"sent".into())
    );
    assert_eq!(day.office.get("/api/status").await["hub"]["photos_awaited"], 1);

    day.town.upload(original).await;
    day.town.upload(small).await;
    let answer = day.office.raw(&path).await;
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(
        (header("content-type"), header("x-content-type-options")),
        ("application/octet-stream".into(), "nosniff".into())
    );
    assert!(header("content-disposition").starts_with("attachment;"), "what a phone calls HTML never runs");
    assert_eq!(to_bytes(answer.into_body(), usize::MAX).await.expect("bytes"), original);
    let page = day.office.get(&format!("/api/patrols/{}", day.patrol)).await;
    assert_eq!((&page["photos"][0]["hash"], &page["photos"][0]["has_preview"]), (&"intact".into(), &true.into()));
    assert_eq!(day.office.get("/api/status").await["hub"]["photos_awaited"], 0);
}

#[tokio::test]
async fn the_log_goes_on_by_key_and_finds_a_member_and_a_day() {
    let mut day = day().await;
    for _ in 0..4 {
        day.town.pass(DAY);
        day.phone.create(&day.town, RecordKind::PATROL, vec![]);
    }
    day.office = day.town.log_in("tangkou").await;
    let mut seen = Vec::new();
    let mut path = "/api/patrols?limit=2&member=m-3".to_owned();
    loop {
        let page = day.office.get(&path).await;
        seen.extend(page["items"].as_array().expect("rows").iter().map(|row| row["start"]["ms"].as_i64()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/patrols?limit=2&member=m-3&cursor={next}");
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once: {seen:?}");
    let second = day.office.get("/api/patrols?day=2026-11-25").await;
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(day.office.refused("/api/patrols?cursor=nonsense").await.0, 422);
    assert_eq!(day.office.refused("/api/patrols?day=soon").await.0, 422);
}

#[tokio::test]
async fn a_place_is_seen_then_due_then_overdue() {
    let mut day = day().await;
    let states = async |office: &Office| {
        let list = office.get("/api/places").await;
        let row = list["items"].as_array().expect("rows").iter().find(|row| row["name"] == "仲和水库").cloned();
        let counts = office.get("/api/status").await["desks"].clone();
        (row.expect("the reservoir")["state"].clone(), counts["places_due"].clone(), counts["places_overdue"].clone())
    };
    // The pond was never looked at: due from its first day.
    assert_eq!(states(&day.office).await, ("seen".into(), 1.into(), 0.into()));
    day.town.pass(6 * DAY + 60 * MINUTE);
    day.office = day.town.log_in("tangkou").await;
    assert_eq!(states(&day.office).await, ("due".into(), 2.into(), 0.into()));
    day.town.pass(DAY);
    day.office = day.town.log_in("tangkou").await;
    assert_eq!(states(&day.office).await, ("overdue".into(), 1.into(), 1.into()));
    let sets =
        vec![first(FieldNo::PLACE, Value::entity(day.reservoir)), first(FieldNo::RESULT, Value::text("unreachable"))];
    day.phone.create(&day.town, RecordKind::INSPECTION, sets);
    day.town.pass(MINUTE);
    assert_eq!(states(&day.office).await.0, "unreachable");
    let map = day.office.get("/api/map").await;
    assert_eq!(map["grids"]["features"].as_array().map(Vec::len), Some(1));
    assert_eq!(map["bounds"], serde_json::json!([112.574, 22.364, 112.584, 22.373]));
    assert_eq!(map["villages"]["features"][0]["properties"]["name"], "仲和村委会");
}
