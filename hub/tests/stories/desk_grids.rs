//! A file from a survey office, checked in the console: each fault with its place, and nothing kept.

use crate::town::{Office, Town};
use axum::body::Body;
use axum::http::Request;
use gridpatrol_model::workflow::Role;
use serde_json::{Value as Json, json};

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

/// What a GIS writes beside a `.shp`, by ending, with texts in GBK and nothing that says so.
fn shapefile(grids: &[Json]) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let drawing = folder.path().join("drawing.geojson");
    std::fs::write(&drawing, file(grids).to_string()).expect("a file");
    let shp = folder.path().join("grids.shp");
    let written = std::process::Command::new("ogr2ogr")
        .args(["-f", "ESRI Shapefile", "-lco", "ENCODING=CP936"])
        .args([&shp, &drawing])
        .output()
        .expect("gdal-bin is installed");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let part = |ending: &str| (ending.to_owned(), std::fs::read(shp.with_extension(ending)).expect("written"));
    ["shp", "shx", "dbf", "prj"].map(part).into()
}

fn sound() -> [Json; 2] {
    [drawn(1, [0.0, 0.0, 5.0, 5.0]), drawn(2, [5.0, 0.0, 10.0, 5.0])]
}

fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packing = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(name.as_str(), packing).expect("a name of its own");
        std::io::Write::write_all(&mut archive, bytes).expect("in memory");
    }
    archive.finish().expect("in memory").into_inner()
}

/// The parts under one name.
fn called(name: &str, parts: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    parts.iter().map(|(ending, bytes)| (format!("{name}.{ending}"), bytes.clone())).collect()
}

const ZIP: &str = "/api/grids/check?format=zip&crs=wgs84&encoding=gbk";

#[tokio::test]
async fn a_shapefile_in_an_archive_is_read_as_a_gis_and_a_chinese_system_pack_it() {
    let (_town, office) = office().await;
    let parts = shapefile(&sound());
    let mut files = called("town/WGWG", &parts);
    // What a Mac adds.
    files.extend(called("__MACOSX/town/._WGWG", &parts[..1]));
    files.push(("town/read me.txt".into(), b"by the survey office".to_vec()));
    let archive = zipped(&files);
    // 网格 in GBK, as Windows writes it: four bytes for four, and nothing that says so.
    let gbk = [0xcd, 0xf8, 0xb8, 0xf1];
    let mut chinese = archive.clone();
    for at in 0..chinese.len() - 4 {
        if &chinese[at..at + 4] == b"WGWG" {
            chinese[at..at + 4].copy_from_slice(&gbk);
        }
    }
    assert_ne!(archive, chinese);
    for archive in [archive, chinese] {
        let (status, answer) = office.post_bytes(ZIP, &archive).await;
        assert_eq!((status.as_u16(), &answer["faults"]), (200, &json!([])), "{answer}");
        let grids = &answer["grids"]["features"];
        assert_eq!(grids[1]["properties"], json!({"feature": 2, "code": "440783108224002", "name": "第2网格"}));
    }
}

#[tokio::test]
async fn an_archive_that_cannot_be_read_says_what_to_pack() {
    let (_town, office) = office().await;
    let parts = shapefile(&sound());
    let refused = async |path: &str, archive: &[u8]| {
        let (status, problem) = office.post_bytes(path, archive).await;
        assert_eq!((status.as_u16(), &problem["next"]), (422, &json!("correct")), "{problem}");
        let text = problem["text_zh"].as_str().expect("a text").to_owned();
        (problem["code"].as_str().expect("an id").to_owned(), text)
    };
    for (left_out, ending) in [(0, ".shp"), (1, ".shx"), (2, ".dbf")] {
        let mut some = parts.clone();
        some.remove(left_out);
        let (code, text) = refused(ZIP, &zipped(&called("网格", &some))).await;
        assert_eq!(code, "error-grids-zip-lacks");
        assert!(text.contains(&format!("缺少 {ending} ")), "{text}");
    }
    let two = zipped(&[called("去年", &parts), called("今年", &parts)].concat());
    let (code, text) = refused(ZIP, &two).await;
    assert_eq!(code, "error-grids-which-layer");
    assert!(text.contains("去年, 今年"), "{text}");
    let this_year = format!("{ZIP}&layer=%E4%BB%8A%E5%B9%B4");
    assert_eq!(office.post_bytes(&this_year, &two).await.0.as_u16(), 200);

    let whole = zipped(&called("网格", &parts));
    assert_eq!(refused(&ZIP.replace("&encoding=gbk", ""), &whole).await.0, "error-grids-encoding");
    assert_eq!(refused(ZIP, &whole[..whole.len() / 2]).await.0, "error-grids-unreadable");
    assert_eq!(refused(ZIP, b"no archive").await.0, "error-grids-unreadable");
    let mut locked = whole.clone();
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        for at in 0..locked.len() - 4 {
            if &locked[at..at + 4] == mark {
                locked[at + flags] |= 1;
            }
        }
    }
    assert_eq!(refused(ZIP, &locked).await.0, "error-grids-zip-locked");
}

#[tokio::test]
async fn an_archive_that_unpacks_without_end_is_not_unpacked() {
    let (_town, office) = office().await;
    let mut parts = shapefile(&sound());
    parts[2].1 = vec![b' '; (128 << 20) + 1];
    let bomb = zipped(&called("网格", &parts));
    assert!(bomb.len() < 1 << 20);
    assert_eq!(office.post_bytes(ZIP, &bomb).await.1["code"], "error-grids-too-large");
    let crowd: Vec<(String, Vec<u8>)> = (0..1_001).map(|number| (format!("{number}.txt"), Vec::new())).collect();
    assert_eq!(office.post_bytes(ZIP, &zipped(&crowd)).await.1["code"], "error-grids-unreadable");
}

#[tokio::test]
async fn a_repair_is_made_only_when_asked_for_and_says_what_it_did() {
    let (town, office) = office().await;
    let before = town.head();
    // The second lies half a metre over the first, and repeats a corner.
    let mut over = drawn(2, [4.995, 0.0, 10.0, 5.0]);
    let ring = over["geometry"]["coordinates"][0].as_array_mut().expect("a ring");
    ring.insert(1, ring[1].clone());
    let drawing = file(&[drawn(1, [0.0, 0.0, 5.0, 5.0]), over]);
    let as_it_is = checked(&office, WGS84, &drawing).await.1;
    assert_eq!(as_it_is["mended"], json!([]));
    let kinds = |answer: &Json| -> Vec<String> {
        let counts = answer["counts"].as_array().expect("counts");
        counts.iter().map(|each| each["kind"].as_str().expect("a kind").to_owned()).collect()
    };
    assert_eq!(kinds(&as_it_is), ["repeated_corner", "overlap"]);

    let rings = checked(&office, &format!("{WGS84}&repair_rings=true"), &drawing).await.1;
    assert_eq!(kinds(&rings), ["overlap"]);
    assert_eq!((&rings["mended"][0]["code"], &rings["mended"][0]["removed"]), (&"440783108224002".into(), &1.into()));
    let all = format!("{WGS84}&repair_rings=true&snap_metres=1");
    let both = checked(&office, &all, &drawing).await.1;
    assert_eq!(kinds(&both), [""; 0], "{both}");
    let snapped = &both["mended"][1];
    assert!(snapped["feature"] == 2 && snapped["moved"].as_u64() > Some(0), "{both}");
    let way = snapped["furthest_metres"].as_f64().expect("a way");
    assert!((0.5..0.53).contains(&way), "0.000005 degrees of longitude: {way}");

    // The file for the GIS is what was checked, and is read again as the same grids.
    let repaired = all.replace("check", "repaired");
    let (status, mended) = office.post_bytes(&repaired, drawing.to_string().as_bytes()).await;
    assert_eq!((status.as_u16(), &mended["type"]), (200, &"FeatureCollection".into()), "{mended}");
    let again = checked(&office, WGS84, &mended).await.1;
    assert_eq!((&again["faults"], &again["mended"]), (&json!([]), &json!([])));
    assert_eq!(again["grids"]["features"], both["grids"]["features"]);
    assert_eq!(town.head(), before);

    for metres in ["0", "-1", "11", "NaN"] {
        let far = format!("{WGS84}&snap_metres={metres}");
        assert_eq!(checked(&office, &far, &drawing).await.0, 422, "{metres}");
    }
    let flat = file(&[drawn(1, [0.0, 0.0, 5.0, 5.0]), drawn(2, [5.0, 0.0, 5.0, 0.0])]);
    assert_eq!(checked(&office, &repaired, &flat).await.1["code"], "error-grids-no-area");
}
