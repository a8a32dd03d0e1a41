//! The demo as a newcomer runs it: the binary, its report, and what it does with files it is given.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn demo(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gridpatrol"))
        .arg("demo")
        .args(args)
        .env("RUST_LOG", "error")
        .output()
        .expect("the binary runs")
}

/// The report: the last line on stdout, and the only one.
fn report(args: &[&str]) -> Value {
    let output = demo(&[&["--exit", "--json"], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).expect("text");
    assert_eq!(stdout.lines().count(), 1, "everything else goes to stderr");
    serde_json::from_str(&stdout).expect("one line of JSON")
}

fn assert_nothing_missing(report: &Value) {
    assert_eq!(report["lost"], 0, "{report}");
    assert_eq!(report["diverged"], 0, "{report}");
    assert_eq!(report["records_saved"], report["records_on_hub"], "{report}");
    assert_eq!(report["photos_saved"], report["photos_on_hub"], "{report}");
    assert_eq!(report["photo_bytes_equal"], true, "{report}");
}

#[test]
fn a_day_of_three_phones_loses_nothing_and_shows_its_conflicts() {
    let report = report(&["--seed", "11"]);
    assert_nothing_missing(&report);
    assert_eq!((&report["phones"], &report["days"]), (&3.into(), &1.into()));
    assert_eq!(report["conflicts_open"], 2, "one field edited twice, one deleted unseen: {report}");
    assert_eq!(report["held"], 1, "a delete of somebody else's case: {report}");
    assert!(report["photos_saved"].as_u64().expect("a number") > 0);
}

#[test]
fn weeks_without_signal_arrive_in_one_sync() {
    let report = report(&["--seed", "12", "--phones", "2", "--days", "7"]);
    assert_nothing_missing(&report);
    assert!(report["records_saved"].as_u64().expect("a number") > 100, "{report}");
}

const GPX: &str = r#"<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="22.36" lon="112.57"><name>桥</name></wpt>
<trk><trkseg/><trkseg><trkpt lat="22.3600" lon="112.5700"><time>2026-05-01T01:00:00Z</time></trkpt>
<trkpt lat="22.3605" lon="112.5705"/></trkseg>
<trkseg><trkpt lat="22.3700" lon="112.5800"><ele>NaN</ele><time>2026-05-01T02:00:00Z</time></trkpt></trkseg></trk></gpx>"#;

#[test]
fn files_of_a_folder_are_taken_in_and_what_cannot_be_used_is_named() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("writable");
    write("walk.GPX", GPX.as_bytes());
    write("empty.gpx", b"<gpx xmlns='http://www.topografix.com/GPX/1/1'/>");
    write("notes.txt", b"not looked at");
    write("broken.jpg", b"not a photo");
    let world = gridpatrol_world::World::with_villages(1, 1);
    write("plain.jpeg", &world.photo_of(1, gridpatrol_world::Shot { position: None, taken_ms: None }));
    let before = snapshot(folder.path());
    let report = report(&["--import", folder.path().to_str().expect("a plain path")]);
    assert_nothing_missing(&report);
    let imported = &report["imported"];
    let counts = ["tracks", "segments", "points", "untimed", "marks", "photos", "photos_with_position"];
    let counts: Vec<u64> = counts.iter().map(|key| imported[key].as_u64().expect("a number")).collect();
    assert_eq!(counts, [1, 2, 3, 1, 1, 1, 0]);
    let rejected = imported["rejected"].as_array().expect("a list");
    let files: Vec<&str> = rejected.iter().filter_map(|file| file["file"].as_str()).collect();
    assert_eq!(files, ["empty.gpx", "broken.jpg"]);
    assert!(rejected.iter().all(|file| !file["reason"].as_str().unwrap_or_default().is_empty()));
    assert_eq!(snapshot(folder.path()), before, "the files stay untouched");
}

fn snapshot(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name(), std::fs::read(entry.path()).expect("readable"))).collect();
    files.sort();
    files
}

#[test]
fn a_folder_that_holds_a_demo_already_is_left_alone() {
    let dir = tempfile::TempDir::new().expect("a folder");
    std::fs::create_dir(dir.path().join("hub")).expect("writable");
    let output = demo(&["--exit", "--dir", dir.path().to_str().expect("a plain path")]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds a demo already"));
}
