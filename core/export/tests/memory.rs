//! A million points in any format need less than 100 MB, in a process of their own so that its peak is theirs.

mod support;

use std::fs::File;
use std::path::Path;
use std::process::Command;

use gridpatrol_export::track::{FIX_FIELDS, LINE_FIELDS, fixes, lines};
use gridpatrol_export::{CsvStyle, Error, Feature, GeoPackage, Layer, Shapes, csv, geojson, gpx, kml};
use gridpatrol_geo::gpx::Mark;
use gridpatrol_geo::track::{Fix, Segment};
use support::{MORNING_MS, e7};

const POINTS: usize = 1_000_000;
const SEGMENTS: usize = 100;
const LIMIT_KB: u64 = 100_000;
/// The fixes as features, and the whole track as one.
const FILES: [&str; 9] = [
    "track.gpx",
    "fixes.geojson",
    "fixes.gpkg",
    "fixes.kml",
    "fixes.csv",
    "track.geojson",
    "track.gpkg",
    "track.kml",
    "track.csv",
];

const FILE: &str = "GRIDPATROL_EXPORT_FILE";

#[test]
fn a_million_points_stay_below_100_mb() {
    // On the disk of the build: the system's temporary folder may be in memory, and a file has up to 400 MB.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    for name in FILES {
        let file = folder.path().join(name);
        let program = std::env::current_exe().expect("this test");
        let run = Command::new(program).args(["--exact", "writes_a_million", "--ignored"]).env(FILE, &file).output();
        let run = run.expect("this test can run itself");
        assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stdout));
        let size = file.metadata().expect("the file was written").len();
        assert!(size > 16 * POINTS as u64, "{name} has {size} bytes for {POINTS} points");
        let peak = std::fs::read_to_string(file.with_extension("peak")).expect("the other process wrote it");
        let peak: u64 = peak.parse().expect("a number");
        assert!(peak < LIMIT_KB, "{name} took {peak} kB");
        std::fs::remove_file(&file).expect("it is there");
    }
}

#[test]
#[ignore = "the other process of the test above"]
fn writes_a_million() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let file = Path::new(&file);
    write(file).expect("there is space");
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says what a process took");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is among it");
    let peak = peak.trim().trim_end_matches(" kB");
    std::fs::write(file.with_extension("peak"), peak).expect("there is space");
}

fn write(file: &Path) -> Result<(), Error> {
    let part = |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).unwrap_or_default().to_owned();
    let (what, format) = (part(file.file_stem()), part(file.extension()));
    if format == "gpx" {
        return gpx(File::create(file)?, Some("巡查"), std::iter::empty::<Result<Mark, Error>>(), walk());
    }
    if what == "track" {
        let layer = Layer::new("track", Shapes::Lines, &LINE_FIELDS);
        return write_layer(file, &format, &layer, std::iter::once_with(|| lines("巡查", walk())));
    }
    write_layer(file, &format, &Layer::new("fixes", Shapes::Points, &FIX_FIELDS), fixes(walk()))
}

fn write_layer(
    file: &Path,
    format: &str,
    layer: &Layer,
    features: impl Iterator<Item = Result<Feature, Error>>,
) -> Result<(), Error> {
    match format {
        "geojson" => geojson(File::create(file)?, layer, features),
        "kml" => kml(File::create(file)?, layer, features),
        "csv" => csv(File::create(file)?, layer, &CsvStyle::default(), features),
        _ => {
            let mut package = GeoPackage::create(file, MORNING_MS)?;
            package.add(layer, features)?;
            package.finish()
        }
    }
}

fn walk() -> impl Iterator<Item = Result<Segment, Error>> {
    let each = POINTS / SEGMENTS;
    (0..SEGMENTS).map(move |segment| {
        let fix = |number: usize| {
            let east = i32::try_from(number).expect("a million fits");
            Fix {
                time_ms: Some(MORNING_MS + 1_000 * i64::from(east)),
                accuracy_dm: Some(45),
                speed_cms: Some(120),
                ..Fix::at(e7(1_126_000_000 + east * 10, 223_000_000 + east % 1_000))
            }
        };
        Ok(Segment { gap_before: None, fixes: (segment * each..(segment + 1) * each).map(fix).collect() })
    })
}
