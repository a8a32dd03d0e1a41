//! A file from a survey office, checked in the console: each fault with its place, and nothing kept.

mod town;

use axum::body::Body;
use axum::http::Request;
use gridpatrol_model::workflow::Role;
use serde_json::{Value as Json, json};
use town::{Office, Town};

const PATH: &str = "/api/grids/check";
const WGS84: &str = "/api/grids/check?format=geojson&crs=wgs84";

/// A rectangle in Zhonghe, in 1e-3 degrees east of 112.58 and north of 22.36.
fn drawn(serial: u32, [west, south, east, north]: [f64; 4]) -> Json {
    let at = |x: f64, y: f64| json!([112.58 + x / 1e3, 22.36 + y / 1e3]);
    let ring = [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)];
    let code = format!("440783108224{serial:03}");
    json!({"type": "Feature", "properties": {"grid_code": code, "name": format!("第{serial}网格")},
        "geometry": {"type": "Polygon", "coordinates": [ring]}})
}

fn file(grids: &[Json]) -> Json {
    json!({"type": "FeatureCollection", "features": grids})
}

/// Four around a yard that is nobody's, the fifth a metre over the border of the fourth.
fn faulty() -> Json {
    file(&[
        drawn(1, [0.0, 0.0, 10.0, 3.0]),
        drawn(2, [0.0, 7.0, 10.0, 10.0]),
        drawn(3, [0.0, 3.0, 4.0, 7.0]),
        drawn(4, [6.0, 3.0, 10.0, 7.0]),
        drawn(5, [9.99, 0.0, 14.0, 10.0]),
    ])
}

async fn office() -> (Town, Office) {
    let town = Town::new();
    town.phone("s-1", "镇街网格办·塘口·01", Role::Supervisor, "440783108");
    let office = town.log_in("tangkou").await;
    (town, office)
}

async fn checked(office: &Office, path: &str, file: &Json) -> (u16, Json) {
    let (status, answer) = office.post_bytes(path, file.to_string().as_bytes()).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn an_overlap_and_a_gap_are_named_where_they_are_and_nothing_is_kept() {
    let (town, office) = office().await;
    let before = town.head();
    let (status, answer) = checked(&office, WGS84, &faulty()).await;
    assert_eq!(status, 200, "{answer}");
    let grids = answer["grids"]["features"].as_array().expect("grids");
    assert_eq!(grids.len(), 5);
    assert_eq!(grids[4]["properties"], json!({"feature": 5, "code": "440783108224005", "name": "第5网格"}));
    assert_eq!(grids[0]["geometry"]["coordinates"][0][1], json!([112.59, 22.36]));
    assert_eq!(answer["bounds"], json!([112.58, 22.36, 112.594, 22.37]));
    assert_eq!(answer["counts"], json!([{"kind": "overlap", "count": 3}, {"kind": "gap", "count": 1}]));

    let faults = answer["faults"].as_array().expect("faults");
    let overlap = &faults[0];
    assert_eq!((&overlap["kind"], &overlap["features"]), (&json!("overlap"), &json!([1, 5])));
    assert_eq!(overlap["codes"], json!(["440783108224001", "440783108224005"]));
    assert_eq!(overlap["bounds"], json!([112.58999, 22.36, 112.59, 22.363]));
    let gap = &faults[3];
    assert_eq!((&gap["kind"], &gap["geometry"]["type"]), (&json!("gap"), &json!("Polygon")));
    assert_eq!(gap["bounds"], json!([112.584, 22.363, 112.586, 22.367]));
    // About 206 m by 443 m.
    assert!((gap["square_metres"].as_f64().expect("a number") / 91_300.0 - 1.0).abs() < 0.01, "{gap}");
    assert_eq!(gap["text"]["id"], "grid-fault-gap");
    assert!(gap["text"]["zh"].as_str().is_some_and(|text| text.contains("不属于任何网格")), "{gap}");
    assert!(gap["text"]["en"].as_str().is_some_and(|text| text.contains("belong to none")), "{gap}");
    assert_eq!(town.head(), before);
}

#[tokio::test]
async fn a_file_with_every_grid_on_every_other_is_not_compared_to_the_end_and_says_so() {
    let (_town, office) = office().await;
    let heap: Vec<Json> = (1..=200).map(|serial| drawn(serial, [0.0, 0.0, 5.0, 5.0])).collect();
    let (status, answer) = checked(&office, WGS84, &file(&heap)).await;
    assert_eq!((status, &answer["stopped"]), (200, &json!(true)));
    assert_eq!(checked(&office, WGS84, &faulty()).await.1["stopped"], false);
}

#[tokio::test]
async fn a_file_without_faults_says_so_in_any_format_and_system() {
    let (_town, office) = office().await;
    let sound = file(&[drawn(1, [0.0, 0.0, 5.0, 5.0]), drawn(2, [5.0, 0.0, 10.0, 5.0])]);
    let (status, answer) = checked(&office, WGS84, &sound).await;
    assert_eq!((status, &answer["faults"], &answer["counts"]), (200, &json!([]), &json!([])));

    let csv =
        "编号,name,wkt\n440783108224001,一格,\"POLYGON((112.58 22.36,112.59 22.36,112.59 22.37,112.58 22.36))\"\n";
    let path = format!("{PATH}?format=csv&crs=gcj02&code_column=%E7%BC%96%E5%8F%B7");
    let (status, answer) = office.post_bytes(&path, csv.as_bytes()).await;
    assert_eq!((status.as_u16(), &answer["faults"]), (200, &json!([])), "{answer}");
    let corner = &answer["grids"]["features"][0]["geometry"]["coordinates"][0][0];
    let shift = 112.58 - corner[0].as_f64().expect("a longitude");
    assert!((0.004..0.006).contains(&shift), "some 500 m west of where the map of Amap has it: {corner}");
}

#[tokio::test]
async fn a_file_that_is_not_what_was_said_is_refused_with_what_to_do() {
    let (_town, office) = office().await;
    let refused = async |path: &str, file: &Json| {
        let (status, problem) = checked(&office, path, file).await;
        assert_eq!((status, &problem["next"]), (422, &json!("correct")), "{problem}");
        let text = problem["text_zh"].as_str().expect("a text").to_owned();
        (problem["code"].as_str().expect("an id").to_owned(), text)
    };
    let mut labelled = faulty();
    labelled["crs"] = json!({"type": "name", "properties": {"name": "EPSG:4326"}});
    let amap = format!("{PATH}?format=geojson&crs=gcj02");
    let (code, text) = refused(&amap, &labelled).await;
    assert_eq!(code, "error-grids-crs-differs");
    assert!(text.contains("加偏坐标（高德、腾讯）") && text.contains("WGS-84"), "{text}");
    assert_eq!(checked(&office, &format!("{amap}&ignore_label=true"), &labelled).await.0, 200);

    let (code, text) = refused(&format!("{WGS84}&code_column=bh"), &faulty()).await;
    assert_eq!(code, "error-grids-no-column");
    assert!(text.contains("\"bh\"") && text.contains("grid_code"), "{text}");
    let mut line = faulty();
    line["features"][1]["geometry"]["type"] = json!("LineString");
    let (code, text) = refused(WGS84, &line).await;
    assert_eq!(code, "error-grids-not-polygon");
    assert!(text.contains("第 2 个"), "{text}");
    assert_eq!(refused(WGS84, &file(&[])).await.0, "error-grids-none");
    assert_eq!(refused(WGS84, &json!("no grids")).await.0, "error-grids-unreadable");
    let large = office.post_bytes(WGS84, &vec![b' '; (32 << 20) + 1]).await;
    assert_eq!((large.0.as_u16(), &large.1["code"]), (422, &json!("error-grids-too-large")));
}

#[tokio::test]
async fn the_system_is_never_guessed() {
    let (_town, office) = office().await;
    for query in ["format=geojson", "format=geojson&crs=", "format=geojson&crs=beijing54", "crs=wgs84"] {
        assert_eq!(checked(&office, &format!("{PATH}?{query}"), &faulty()).await.0, 422, "{query}");
    }
}

#[tokio::test]
async fn a_stranger_is_told_to_log_in() {
    let (town, _) = office().await;
    let request = Request::post(WGS84).header("origin", "https://hub.example");
    let answer = town.ask(request, Body::from(faulty().to_string())).await;
    assert_eq!(answer.status(), 401);
}
