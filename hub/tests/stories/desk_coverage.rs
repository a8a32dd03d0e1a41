//! What was walked past, over some days and all phones: land and places, and nobody's name.

use crate::town::{DAY, GRID, MINUTE, Office, Phone, Town, blob, scope};
use axum::body::to_bytes;
use gridpatrol_geo::block::encode_compact;
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::Fix;
use gridpatrol_model::author::{delete, first};
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::Role;
use serde_json::Value as Json;

/// About 1,027 m by 997 m.
const GRID_M2: f64 = 1_026_000.0;

struct Walker {
    phone: Phone,
    patrol: EntityId,
    segments: i64,
}

fn walker(town: &Town, id: &str, label: &'static str) -> Walker {
    let mut phone = town.phone(id, label, Role::Member, GRID);
    let (_, patrol) = phone.create(town, RecordKind::PATROL, vec![first(FieldNo::STARTED, Value::int(town.now()))]);
    Walker { phone, patrol, segments: 0 }
}

impl Walker {
    /// Straight from south to north through the whole grid, a fix each 55 m.
    fn line(&mut self, town: &Town, lon: i32) -> Vec<u8> {
        let fix = |step: i32| Fix {
            time_ms: Some(town.now() + i64::from(step) * MINUTE),
            ..Fix::at(E7::new(lon, 223_640_000 + step * 5_000).expect("in Kaiping"))
        };
        self.walk(town, &(0..19).map(fix).collect::<Vec<_>>())
    }

    fn walk(&mut self, town: &Town, fixes: &[Fix]) -> Vec<u8> {
        let block = encode_compact(fixes).expect("few fixes");
        self.segments += 1;
        let sets = vec![
            first(FieldNo::PARENT, Value::entity(self.patrol)),
            first(FieldNo::BLOCK, blob(&block, "application/octet-stream")),
            first(FieldNo::SEGMENT, Value::int(self.segments)),
            first(FieldNo::FROM, Value::int(town.now())),
            first(FieldNo::TO, Value::int(town.now() + 18 * MINUTE)),
        ];
        self.phone.create(town, RecordKind::TRACK_CHUNK, sets);
        block
    }
}

async fn opened() -> (Town, Phone, Office) {
    let town = Town::new();
    let mut desk = town.phone("s-1", "镇街网格办·塘口·01", Role::Supervisor, "440783108");
    town.grid(&mut desk);
    let office = town.log_in("tangkou").await;
    (town, desk, office)
}

fn place(town: &Town, desk: &mut Phone, name: &str, lon_e7: i32) {
    let at = Position { lon_e7, lat_e7: 223_686_000, accuracy_dm: None };
    let sets = vec![first(FieldNo::NAME, Value::text(name)), first(FieldNo::POSITION, Value::position(at))];
    desk.create(town, RecordKind::PLACE, sets);
}

fn seen_m2(coverage: &Json) -> f64 {
    coverage["land"]["seen_m2"].as_f64().expect("a number")
}

#[tokio::test]
async fn two_phones_cover_together_what_neither_covers_alone() {
    let (town, mut desk, office) = opened().await;
    place(&town, &mut desk, "仲和水库", 1_125_760_000);
    place(&town, &mut desk, "仲和鱼塘", 1_125_800_000);
    place(&town, &mut desk, "仲和山塘", 1_125_830_000);
    let nothing = office.get("/api/coverage").await;
    assert_eq!((seen_m2(&nothing), &nothing["places_all"]), (0.0, &3.into()));
    assert!((nothing["land"]["all_m2"].as_f64().expect("a number") / GRID_M2 - 1.0).abs() < 0.01, "{nothing}");

    let (mut one, mut other) = (walker(&town, "m-1", "网格员·仲和·01"), walker(&town, "m-2", "网格员·仲和·02"));
    town.upload(&one.line(&town, 1_125_760_000)).await;
    let first = office.get("/api/coverage").await;
    // 60 m wide, from border to border.
    assert!((seen_m2(&first) / (60.0 * 997.0) - 1.0).abs() < 0.02, "{first}");
    let late = other.line(&town, 1_125_800_000);
    let waiting = office.get("/api/coverage").await;
    assert_eq!((seen_m2(&waiting), &waiting["awaited"]), (seen_m2(&first), &true.into()));
    town.upload(&late).await;
    let both = office.get("/api/coverage").await;
    assert!((seen_m2(&both) / seen_m2(&first) - 2.0).abs() < 0.02, "{both}");
    assert_eq!((&both["places_seen"], &both["awaited"]), (&2.into(), &false.into()));
    let missed: Vec<&str> = both["places"]
        .as_array()
        .expect("places")
        .iter()
        .filter(|place| place["seen"] == false)
        .map(|place| place["place"]["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(missed, ["仲和山塘"]);

    // The same line again, by whomever, adds nothing.
    let mut third = walker(&town, "m-3", "网格员·仲和·03");
    town.upload(&third.line(&town, 1_125_800_000)).await;
    assert_eq!(seen_m2(&office.get("/api/coverage").await), seen_m2(&both));
}

#[tokio::test]
async fn a_position_that_an_app_made_up_has_seen_nothing() {
    let (town, _, office) = opened().await;
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    let fix = |step: i32| Fix {
        time_ms: Some(town.now() + i64::from(step) * MINUTE),
        mock: Some(true),
        ..Fix::at(E7::new(1_125_760_000, 223_640_000 + step * 5_000).expect("in Kaiping"))
    };
    let block = one.walk(&town, &(0..19).map(fix).collect::<Vec<_>>());
    town.upload(&block).await;
    let coverage = office.get("/api/coverage").await;
    assert_eq!((seen_m2(&coverage), &coverage["awaited"]), (0.0, &false.into()));
}

#[tokio::test]
async fn a_period_takes_in_the_walks_that_began_in_it() {
    let (town, _, _) = opened().await;
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    town.upload(&one.line(&town, 1_125_760_000)).await;
    town.pass(DAY);
    let mut other = walker(&town, "m-2", "网格员·仲和·02");
    town.upload(&other.line(&town, 1_125_800_000)).await;
    let office = town.log_in("tangkou").await;
    let all = office.get("/api/coverage").await;
    assert_eq!((&all["from"], &all["to"]), (&"2026-10-27".into(), &"2026-11-25".into()));
    let day = office.get("/api/coverage?from=2026-11-24&to=2026-11-24").await;
    assert!((seen_m2(&all) / seen_m2(&day) - 2.0).abs() < 0.02);
    assert_eq!(seen_m2(&office.get("/api/coverage?from=2026-11-01&to=2026-11-23").await), 0.0);
    for query in ["from=soon", "from=2026-11-25&to=2026-11-24", "to=2026-02-30"] {
        assert_eq!(office.refused(&format!("/api/coverage?{query}")).await.0, 422, "{query}");
    }
    let (_, problem) = office.refused("/api/coverage?from=2026-11-25&to=2026-11-24").await;
    assert_eq!((&problem["code"], &problem["next"]), (&"error-days-reversed".into(), &"correct".into()));
}

#[tokio::test]
async fn no_question_about_coverage_is_about_a_person() {
    let (town, _, office) = opened().await;
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    town.upload(&one.line(&town, 1_125_760_000)).await;
    for query in ["member=m-1", "author=m-1", "patrol=00", "by=member"] {
        assert_eq!(office.refused(&format!("/api/coverage?{query}")).await.0, 422, "{query}");
        assert_eq!(office.refused(&format!("/api/coverage/{GRID}/heat.png?{query}")).await.0, 422, "{query}");
    }
    let said = office.get("/api/coverage").await.to_string();
    for word in ["m-1", "网格员", "member", "author", "patrol", &one.patrol.to_string()] {
        assert!(!said.contains(word), "{word}: {said}");
    }
}

#[tokio::test]
async fn another_office_sees_neither_the_land_nor_the_picture() {
    let (town, _, ours) = opened().await;
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    town.upload(&one.line(&town, 1_125_760_000)).await;
    let theirs = town.log_in("enping").await;
    assert_eq!(theirs.refused("/api/coverage?area=440783108").await.0, 404);
    assert_eq!(theirs.get("/api/coverage").await["grids"], serde_json::json!([]));
    let path = format!("/api/coverage/{GRID}/heat.png");
    assert_eq!(theirs.refused(&path).await.0, 404);
    assert_eq!(ours.refused("/api/coverage/440783108224009/heat.png").await.0, 404);
    assert_eq!(ours.raw(&path).await.status(), 200);
}

#[tokio::test]
async fn the_picture_shows_where_nobody_was() {
    let (town, _, office) = opened().await;
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    town.upload(&one.line(&town, 1_125_790_000)).await;
    let answer = office.raw(&format!("/api/coverage/{GRID}/heat.png")).await;
    assert_eq!(answer.headers()["content-type"], "image/png");
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a picture");
    let picture = image::load_from_memory(&bytes).expect("a PNG").into_rgba8();
    let (middle, west) = (picture.width() / 2, picture.width() / 8);
    let row = picture.height() / 2;
    assert_eq!(picture.get_pixel(middle, row).0, [0, 114, 178, 128], "walked");
    assert_eq!(picture.get_pixel(west, row).0, [230, 159, 0, 128], "not walked");
}

/// How many walks are kept.
fn kept(town: &Town) -> i64 {
    let count = town.cell.read(|state| Ok(state.query_row("SELECT count(*) FROM walk_seen", [], |row| row.get(0))?));
    count.expect("it reads")
}

/// What is kept must never show: emptied, the answer is the same.
async fn assert_as_if_new(town: &Town, office: &Office) -> Json {
    let as_kept = office.get("/api/coverage").await;
    town.forget_walks();
    assert_eq!(office.get("/api/coverage").await, as_kept);
    as_kept
}

#[tokio::test]
async fn what_a_walk_has_seen_is_kept_and_a_late_block_is_seen_nevertheless() {
    let (town, mut desk, office) = opened().await;
    place(&town, &mut desk, "仲和水库", 1_125_760_000);
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    let block = one.line(&town, 1_125_760_000);
    office.get("/api/coverage").await;
    assert_eq!(kept(&town), 0, "its bytes have not arrived");
    town.upload(&block).await;
    let first = office.get("/api/coverage").await;
    assert_eq!((kept(&town), &first["places_seen"]), (1, &1.into()));
    assert_eq!(office.get("/api/coverage").await, first);

    // The same walk goes on, in a block that comes an hour later.
    town.pass(60 * MINUTE);
    let late = one.line(&town, 1_125_800_000);
    assert_eq!(kept(&town), 0, "what was worked out is over");
    town.upload(&late).await;
    let both = assert_as_if_new(&town, &office).await;
    assert!((seen_m2(&both) / seen_m2(&first) - 2.0).abs() < 0.02, "{both}");
}

#[tokio::test]
async fn a_grid_or_place_that_changes_is_measured_anew() {
    let town = Town::new();
    let mut desk = town.phone("s-1", "镇街网格办·塘口·01", Role::Supervisor, "440783108");
    let (grid, office) = (town.grid(&mut desk), town.log_in("tangkou").await);
    let near = town.place(&mut desk, "仲和水库", 30);
    let mut one = walker(&town, "m-1", "网格员·仲和·01");
    // Past the place of the stories, which lies at 112.5793.
    town.upload(&one.line(&town, 1_125_793_000)).await;
    let before = assert_as_if_new(&town, &office).await;
    assert_eq!((&before["places_seen"], &before["places_all"]), (&1.into(), &1.into()));

    // It was drawn 400 m too far west.
    let shown = town.record(near).live(&FieldNo::POSITION.into()).iter().map(|write| write.dot).collect();
    let at = Position { lon_e7: 1_125_833_000, lat_e7: 223_686_000, accuracy_dm: None };
    desk.edit(&town, near, FieldNo::POSITION, shown, Value::position(at));
    assert_eq!(assert_as_if_new(&town, &office).await["places_seen"], 0);
    let new = town.place(&mut desk, "仲和鱼塘", 30);
    assert_eq!(assert_as_if_new(&town, &office).await["places_seen"], 1, "a new place on the way");
    desk.write(&town, delete(&town.record(new)), Some(new), Vec::new());
    assert_eq!(assert_as_if_new(&town, &office).await["places_all"], 1);

    // The grid ends half way up.
    let shown = town.record(grid).live(&FieldNo::RING.into()).iter().map(|write| write.dot).collect();
    let (west, south, east, north) = (1_125_740_000, 223_640_000, 1_125_840_000, 223_685_000);
    let ring = [west, south, east, south, east, north, west, north].map(Value::int);
    desk.edit(&town, grid, FieldNo::RING, shown, Value::list(&ring));
    let half = assert_as_if_new(&town, &office).await;
    assert!((seen_m2(&half) / seen_m2(&before) - 0.5).abs() < 0.05, "{half}");
}

#[tokio::test]
async fn what_is_kept_is_shown_to_those_who_may_see_all_its_blocks() {
    let (town, _, office) = opened().await;
    let mut phone = town.phone("m-1", "网格员·仲和·01", Role::Member, "4407");
    let (_, patrol) = phone.create(&town, RecordKind::PATROL, vec![first(FieldNo::STARTED, Value::int(town.now()))]);
    let mut one = Walker { phone, patrol, segments: 0 };
    town.upload(&one.line(&town, 1_125_760_000)).await;
    let ours = office.get("/api/coverage").await;
    assert_eq!(kept(&town), 1);
    // A block of the same walk that is of another county.
    one.phone.at = scope("440785");
    town.upload(&one.line(&town, 1_125_800_000)).await;
    assert_eq!(assert_as_if_new(&town, &office).await, ours);
    assert_eq!(kept(&town), 0, "we do not see all of it");
    town.account("city", Role::Supervisor, "4407");
    let city = town.log_in("city").await;
    let all = city.get("/api/coverage?area=440783108").await;
    assert!((seen_m2(&all) / seen_m2(&ours) - 2.0).abs() < 0.02, "{all}");
    assert_eq!((kept(&town), office.get("/api/coverage").await), (1, ours));
}
