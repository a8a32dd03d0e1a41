//! `gridpatrol-bench packs DIR [--json]`: a survey office's file becomes a pack.
//!
//! DIR has `poly_off.bin` (u32: where each ring begins, and where the last one ends) and `poly_xy.bin` (f64 pairs,
//! longitude first), both little-endian. The cells are written as GeoJSON in memory, imported, checked, snapped, packed
//! (those without a fault that prevents it) and loaded. Milliseconds of processor time, medians.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use gridpatrol_gridpack::check::{Expected, FaultKind, Tolerance};
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Drawn, Options, Source, import};
use gridpatrol_gridpack::repair::snap;
use gridpatrol_gridpack::{About, Pack, PackFile, check};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

const ROUNDS: usize = 5;
/// How far borders are snapped.
const SNAP_METRES: f64 = 1.0;

#[derive(Serialize)]
struct Figures {
    grids: usize,
    corners: usize,
    geojson_mb: f64,
    import_ms: f64,
    check_ms: f64,
    snap_ms: f64,
    write_ms: f64,
    load_ms: f64,
    pack_mb: f64,
    crossing_grids: usize,
    overlaps: usize,
    overlap_m2: f64,
    rounding: u64,
}

pub fn run(words: &[&str]) -> Result<String, String> {
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "--json").collect();
    let [dir] = words[..] else { return Err("usage: gridpatrol-bench packs DIR [--json]".into()) };
    let file = geojson(Path::new(dir))?;
    let read = || import(Source::GeoJson(file.as_bytes()), &Options::new(Crs::Wgs84));
    let (import_ms, grids) = timed(read);
    let grids = grids.map_err(|error| error.to_string())?;
    let (check_ms, report) = timed(|| check(&grids, &Expected::default()));
    // Every sliver, to compare with another program.
    let tolerance = Tolerance { square_metres: 0.0, metres_wide: 0.0 };
    let strict = check(&grids, &Expected { tolerance, ..Expected::default() }).faults;
    let overlaps = strict.iter().filter(|fault| fault.kind == FaultKind::Overlap);
    let (snap_ms, _) = timed(|| snap(&mut grids.clone(), SNAP_METRES));

    let prevents = report.faults.iter().filter(|fault| fault.kind.prevents_a_pack());
    let faulty: BTreeSet<u64> = prevents.flat_map(|fault| &fault.features).copied().collect();
    let sound: Vec<Drawn> = grids.iter().filter(|grid| !faulty.contains(&grid.feature)).cloned().collect();
    let about = About { name: "bench".into(), source: dir.into(), crs: Crs::Wgs84, made_ms: 0 };
    let pack = Pack::new(about, &sound).map_err(|error| error.to_string())?;
    let (write_ms, bytes) = timed(|| pack.to_bytes());
    let (load_ms, loaded) = timed(|| PackFile::from_bytes(bytes.as_slice()).map(|file| file.pack));
    if loaded.as_ref() != Ok(&pack) {
        return Err("the pack did not come back".into());
    }
    let figures = Figures {
        grids: grids.len(),
        corners: grids.iter().flat_map(|grid| &grid.areas).map(|area| area.outer.len() - 1).sum(),
        geojson_mb: file.len() as f64 / 1e6,
        import_ms,
        check_ms,
        snap_ms,
        write_ms,
        load_ms,
        pack_mb: bytes.len() as f64 / 1e6,
        crossing_grids: faulty.len(),
        overlaps: overlaps.clone().count(),
        overlap_m2: overlaps.filter_map(|fault| fault.square_metres).sum(),
        rounding: report.rounding,
    };
    Ok(serde_json::to_string(&figures).expect("figures are plain data"))
}

/// Median of the processor time, and the last outcome.
fn timed<T>(mut act: impl FnMut() -> T) -> (f64, T) {
    let now = || {
        let at = clock_gettime(ClockId::ProcessCPUTime);
        at.tv_sec as f64 * 1e3 + at.tv_nsec as f64 / 1e6
    };
    let mut all = Vec::new();
    loop {
        let start = now();
        let outcome = act();
        all.push(now() - start);
        if all.len() == ROUNDS {
            all.sort_by(f64::total_cmp);
            return (all[ROUNDS / 2], outcome);
        }
    }
}

fn geojson(dir: &Path) -> Result<String, String> {
    let read = |name: &str| std::fs::read(dir.join(name)).map_err(|error| format!("cannot read {name}: {error}"));
    let (offsets, corners) = (read("poly_off.bin")?, read("poly_xy.bin")?);
    let offsets: Vec<usize> = offsets.as_chunks().0.iter().map(|at| u32::from_le_bytes(*at) as usize).collect();
    let corners: Vec<f64> = corners.as_chunks().0.iter().map(|at| f64::from_le_bytes(*at)).collect();
    let mut file = r#"{"type":"FeatureCollection","features":["#.to_owned();
    for (number, ends) in offsets.windows(2).enumerate() {
        let ring = corners.get(ends[0] * 2..ends[1] * 2).ok_or("the offsets lie behind the corners")?;
        let positions = ring.chunks_exact(2).chain(ring.chunks_exact(2).take(1));
        let positions: Vec<String> = positions.map(|at| format!("[{:.7},{:.7}]", at[0], at[1])).collect();
        let (village, serial) = (200 + number / 900, number % 900 + 1);
        let comma = if number == 0 { "" } else { "," };
        write!(
            file,
            r#"{comma}{{"type":"Feature","properties":{{"code":"440783108{village:03}{serial:03}","name":"{number}"}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
            positions.join(",")
        )
        .expect("a string takes what it is given");
    }
    Ok(file + "]}")
}
