//! `gridpatrol grids`: from a survey office's file to the log of a hub.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use crate::town::Town;
use gridpatrol_hub::cell::people::NewAccount;
use gridpatrol_hub::cell::{Cell, Ports};
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use tempfile::TempDir;

/// Two neighbours; the third lies a metre into the second and has the code of the first.
const FILE: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"grid_code":"440783108224001","name":"一格"},"geometry":{"type":"Polygon","coordinates":[[[112.58,22.36],[112.59,22.36],[112.59,22.37],[112.58,22.37],[112.58,22.36]]]}},
{"type":"Feature","properties":{"grid_code":"440783108224002","name":"二格"},"geometry":{"type":"Polygon","coordinates":[[[112.59,22.36],[112.6,22.36],[112.6,22.37],[112.59,22.37],[112.59,22.36]]]}},
{"type":"Feature","properties":{"grid_code":"440783108224001","name":"三格"},"geometry":{"type":"Polygon","coordinates":[[[112.59999,22.36],[112.61,22.36],[112.61,22.37],[112.59999,22.37],[112.59999,22.36]]]}}
]}"#;

struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("drawn.geojson"), FILE).expect("a folder of our own");
        let mended = FILE.replace("440783108224001\",\"name\":\"三格", "440783108224003\",\"name\":\"三格");
        std::fs::write(folder.path().join("mended.geojson"), mended).expect("a folder of our own");
        Office { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn grids(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_gridpatrol");
        let done = Command::new(program).current_dir(self.folder.path()).arg("grids").args(arguments).output();
        done.expect("the program runs")
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.grids(arguments);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.grids(arguments);
        assert!(!output.status.success(), "{}", said(&output));
        said(&output)
    }

    fn pack(&self) {
        let about = ["--name", "塘口镇网格", "--source", "镇街网格办", "--out", "town.grids"];
        self.done(
            &[&["pack", "mended.geojson", "--crs", "cgcs2000", "--repair", "snap", "--snap-metres", "2"], &about[..]]
                .concat(),
        );
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn ports() -> Ports {
    Ports { now_ms: Arc::new(|| 1_795_500_000_000), random: Arc::new(|bytes| bytes.fill(7)) }
}

/// A hub with one operator, stopped.
fn hub(dir: &Path, area: &'static str) {
    let cell = Cell::open(dir, ports()).expect("an empty folder");
    let put = move |batch: &mut gridpatrol_hub::cell::Batch<'_>| {
        let actor = ActorId::new("s-office").expect("short");
        let areas = [area.parse().expect("a code")];
        let account =
            NewAccount { name: "office", actor: &actor, label: "网格办", role: Role::Supervisor, areas: &areas };
        batch.put_account(&account, "no password")
    };
    cell.write(put).expect("stored");
}

fn stored(dir: &Path) -> Vec<Record> {
    let cell = Cell::open(dir, ports()).expect("the hub's folder");
    let county = "440783".parse().expect("a county");
    let all = cell.read(|state| gridpatrol_hub::cell::read::records_of(state, &county, None, 1_000));
    all.expect("readable").into_iter().filter(|record| record.kind == Some(RecordKind::GRID)).collect()
}

#[test]
fn a_check_names_the_faults_writes_them_for_a_map_and_ends_with_an_error() {
    let office = Office::new();
    let check = ["check", "drawn.geojson", "--crs", "wgs84", "--faults", "faults.geojson"];
    let english = office.refused(&check);
    assert!(english.contains("duplicate_code (feature 1, 3): The code 440783108224001 occurs"), "{english}");
    assert!(english.contains("overlap (feature 2, 3): Grids 440783108224002 440783108224001 overlap by"), "{english}");
    assert!(english.contains("faults: 2"), "{english}");
    let chinese = office.refused(&[&check[..], &["--lang", "zh"]].concat());
    assert!(chinese.contains("重叠"), "{chinese}");
    let map = Command::new("ogrinfo").args(["-so", "-al"]).arg(office.path("faults.geojson")).output();
    let map = said(&map.expect("gdal-bin is installed"));
    assert!(map.contains("Feature Count: 2") && map.contains("square_metres"), "{map}");
    let metres = office.refused(&["check", "drawn.geojson", "--crs", "gauss"]);
    assert!(metres.contains("wgs84, cgcs2000"), "{metres}");
}

#[test]
fn a_repair_is_told_grid_by_grid_and_faults_stop_a_pack() {
    let office = Office::new();
    let about = ["--name", "塘口镇网格", "--source", "镇街网格办", "--out", "town.grids"];
    let stopped = office.refused(&[&["pack", "mended.geojson", "--crs", "wgs84"], &about[..]].concat());
    assert!(stopped.contains("faults left: 1") && !office.path("town.grids").exists(), "{stopped}");
    let accepted = [&["pack", "mended.geojson", "--crs", "wgs84", "--accept", "overlap"], &about[..]].concat();
    office.done(&accepted);
    let never = [&["pack", "drawn.geojson", "--crs", "wgs84", "--accept", "duplicate_code"], &about[..]].concat();
    assert!(office.refused(&never).contains("a pack cannot hold duplicate_code"));
    let snapped = office.done(&["check", "mended.geojson", "--crs", "wgs84", "--repair", "snap", "--snap-metres", "2"]);
    assert!(snapped.contains("440783108224003 (feature 3): moved 2, at most 1.03 m"), "{snapped}");
}

#[test]
fn a_pack_is_shown_changed_and_opened_by_a_gis() {
    let office = Office::new();
    office.pack();
    let line = "112.5795,22.365 112.5905,22.365";
    let split = ["split", "town.grids", "--code", "440783108224001", "--line", line, "--names", "南", "北"];
    let said = office.done(&[&split[..], &["--out", "new.grids"]].concat());
    assert!(said.contains("made 440783108224004 440783108224005"), "{said}");
    assert!(said.contains("440783108224002 got a corner"), "{said}");
    let merge =
        ["merge", "new.grids", "--codes", "440783108224002", "440783108224003", "--name", "东", "--out", "new.grids"];
    office.done(&merge);
    let shown = office.done(&["show", "new.grids"]);
    for line in [
        "came as cgcs2000",
        "grids   3, superseded 3",
        "440783108224001 4 corners 一格 -> 440783108224004 440783108224005",
        "440783108224006 7 corners 东",
    ] {
        assert!(shown.contains(line), "{line} is missing in {shown}");
    }
    for format in ["geojson", "gpkg", "kml", "csv"] {
        let file = format!("new.{format}");
        office.done(&["export", "new.grids", "--format", format, "--out", &file]);
        let read = Command::new("ogrinfo").args(["-so", "-al"]).arg(office.path(&file)).output();
        let read = read.expect("gdal-bin is installed");
        assert!(String::from_utf8_lossy(&read.stdout).contains("Feature Count: 3"), "{format}");
    }
    let gpkg = office.done(&["check", "new.gpkg", "--crs", "wgs84"]);
    assert!(gpkg.contains("3 grids"), "{gpkg}");
    std::fs::write(office.path("broken.grids"), b"gpgrids\x01....").expect("a folder of our own");
    assert!(office.refused(&["show", "broken.grids"]).contains("broken.grids: the grid pack is damaged"));
}

#[test]
fn a_loaded_pack_is_in_the_log_and_loading_it_again_changes_nothing() {
    let office = Office::new();
    office.pack();
    hub(&office.path("hub"), "440783");
    let load = |pack| ["load", pack, "--dir", "hub", "--as", "office"];
    assert!(office.refused(&["load", "town.grids", "--dir", "hub", "--as", "nobody"]).contains("nobody logs in"));
    assert!(office.done(&load("town.grids")).contains("3 grids created, 0 changed, 0 as they were"));
    assert!(office.done(&load("town.grids")).contains("0 grids created, 0 changed, 3 as they were"));
    let line = "112.5795,22.365 112.5905,22.365";
    let split = ["split", "town.grids", "--code", "440783108224001", "--line", line, "--names", "南", "北"];
    office.done(&[&split[..], &["--out", "new.grids"]].concat());
    let said = office.done(&load("new.grids"));
    assert!(said.contains("2 grids created, 2 changed, 1 as they were"), "{said}");
    let records = stored(&office.path("hub"));
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(|record| !record.disputed()), "an edit of what was displayed is no conflict");
    let old = records.iter().find(|record| record.text(FieldNo::GRID_CODE) == Some("440783108224001"));
    let old = old.expect("it stays");
    assert_eq!(old.text(FieldNo::SUPERSEDED_BY), Some("440783108224004 440783108224005"));
    assert!(old.is_superseded());
    assert!(office.done(&load("town.grids")).contains("0 grids created, 2 changed, 1 as they were; 2 of the hub"));
}

#[test]
fn nobody_loads_grids_into_a_running_hub_or_into_areas_that_are_not_theirs() {
    let office = Office::new();
    office.pack();
    hub(&office.path("hub"), "440783109");
    let load = ["load", "town.grids", "--dir", "hub", "--as", "office"];
    assert!(office.refused(&load).contains("may not draw grid 440783108224001"));
    assert_eq!(stored(&office.path("hub")).len(), 0);
    let lock = std::fs::File::create(office.path("hub").join("lock")).expect("the hub's folder");
    lock.try_lock().expect("nobody else");
    assert!(office.refused(&load).contains("another hub uses"));
}

#[tokio::test]
async fn a_superseded_grid_is_not_drawn_and_keeps_its_name_for_old_work() {
    let town = Town::new();
    town.account("wang", Role::Supervisor, "440783");
    let mut lead = town.phone("m-lead", "网格长", Role::Lead, "440783108");
    let grid = town.grid(&mut lead);
    let office = town.log_in("wang").await;
    let drawn = async || office.get("/api/map").await["grids"]["features"].as_array().map(Vec::len);
    assert_eq!(drawn().await, Some(1));
    let successors = Value::text("440783108224002 440783108224003");
    let dot = lead.edit(&town, grid, FieldNo::SUPERSEDED_BY, vec![], successors);
    assert_eq!(drawn().await, Some(0));
    let areas = office.get("/api/areas").await;
    assert_eq!(areas["grids"][0]["name"], "仲和第01网格", "{areas}");
    assert!(town.record(grid).is_superseded());
    lead.edit(&town, grid, FieldNo::SUPERSEDED_BY, vec![dot], Value::null());
    assert_eq!(drawn().await, Some(1), "taken back");
}
