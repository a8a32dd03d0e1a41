//! `gridpatrol-bench grid DIR [--json] [--out FILE]`: which cell owns each point of a folder.
//!
//! DIR has `poly_off.bin` (u32: where each ring begins, and where the last one ends), `poly_xy.bin`, `pts_uniform.bin`
//! and `pts_track.bin` (f64 pairs, longitude first), all little-endian. FILE gets the number of the owner of each
//! uniform point, then of each point of the walks, as little-endian i32, −1 for none.
//!
//! Coordinates are taken as whole units of 1e-7 degrees. A file that is finer than that is rounded, and the program
//! says so, since then another program may answer differently within a centimetre of a border.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gridpatrol_geo::crs::{E7, Wgs84};
use gridpatrol_geo::grid::{GridIndex, Polygon};
use gridpatrol_model::area::GridCode;
use serde::Serialize;

/// Rounds whose median is shown.
const ROUNDS: usize = 9;

#[derive(Serialize)]
struct Figures {
    uniform_mps: f64,
    walk_mps: f64,
    load_ms: f64,
    index_mb: f64,
    points: usize,
    cells: usize,
}

pub fn run(words: &[&str]) -> Result<String, String> {
    let (dir, out) = arguments(words)?;
    let dir = Path::new(dir);
    let (cells, index) = index(dir)?;
    let file = Scratch::new(index.as_bytes())?;
    let load_ms = median(|| {
        let bytes = fs::read(&file.0).expect("it was just written");
        std::hint::black_box(GridIndex::from_bytes(bytes).expect("it was just written"));
    }) * 1e3;

    let (uniform, walk) = (points(&dir.join("pts_uniform.bin"))?, points(&dir.join("pts_track.bin"))?);
    let speed = |points: &[E7]| {
        let mut owners = vec![0_i32; points.len()];
        let seconds = median(|| own(&index, points, &mut owners));
        (points.len() as f64 / seconds / 1e6, owners)
    };
    let ((uniform_mps, uniform_owners), (walk_mps, walk_owners)) = (speed(&uniform), speed(&walk));
    if let Some(out) = out {
        let owners = uniform_owners.iter().chain(&walk_owners).flat_map(|owner| owner.to_le_bytes());
        fs::write(out, owners.collect::<Vec<u8>>()).map_err(|error| format!("cannot write {out}: {error}"))?;
    }
    let figures = Figures {
        uniform_mps,
        walk_mps,
        load_ms,
        index_mb: index.as_bytes().len() as f64 / 1e6,
        points: uniform.len() + walk.len(),
        cells,
    };
    Ok(serde_json::to_string(&figures).expect("figures are plain data"))
}

#[inline(never)]
fn own(index: &GridIndex, points: &[E7], owners: &mut [i32]) {
    for (owner, point) in owners.iter_mut().zip(points) {
        *owner = index.owner_number(*point).map_or(-1, |number| number as i32);
    }
}

fn arguments<'a>(words: &[&'a str]) -> Result<(&'a str, Option<&'a str>), String> {
    match words.iter().copied().filter(|word| *word != "--json").collect::<Vec<_>>()[..] {
        [dir] => Ok((dir, None)),
        [dir, "--out", out] => Ok((dir, Some(out))),
        _ => Err("usage: gridpatrol-bench grid DIR [--json] [--out FILE]".into()),
    }
}

/// The cells of a folder by number, as codes that ascend with it.
fn index(dir: &Path) -> Result<(usize, GridIndex), String> {
    let path = dir.join("poly_off.bin");
    let starts: Vec<usize> = values::<4>(&path)?.into_iter().map(|start| u32::from_le_bytes(start) as usize).collect();
    let corners = points(&dir.join("poly_xy.bin"))?;
    if starts.len() < 2 || starts.first() != Some(&0) || starts.last() != Some(&corners.len()) || !starts.is_sorted() {
        return Err(format!(
            "{}: offsets must rise from 0 to the {} corners of poly_xy.bin",
            path.display(),
            corners.len()
        ));
    }
    let mut grids = Vec::new();
    for (number, ring) in starts.windows(2).map(|pair| &corners[pair[0]..pair[1]]).enumerate() {
        let polygon = Polygon::new(ring.to_vec(), Vec::new())
            .map_err(|error| format!("{}: cell {number}: {error}", dir.join("poly_xy.bin").display()))?;
        let text = format!("440783108{:03}{:03}", number / 999 + 1, number % 999 + 1);
        grids.push((GridCode::parse(&text).map_err(|error| format!("too many cells ({number}): {error}"))?, polygon));
    }
    Ok((grids.len(), GridIndex::build(grids)))
}

fn points(path: &Path) -> Result<Vec<E7>, String> {
    let mut points = Vec::new();
    let mut rounded = 0_usize;
    for [lon, lat] in pairs(path)? {
        let point =
            Wgs84::new(lon, lat).map_err(|error| format!("{}: point {}: {error}", path.display(), points.len()))?;
        let stored = point.to_e7();
        rounded += usize::from((f64::from(stored.lon()) / 1e7, f64::from(stored.lat()) / 1e7) != (lon, lat));
        points.push(stored);
    }
    if rounded > 0 {
        eprintln!("{}: {rounded} of {} points are finer than 1e-7 degrees: rounded", path.display(), points.len());
    }
    Ok(points)
}

/// A file of pairs of f64, each a finite number.
pub fn pairs(path: &Path) -> Result<Vec<[f64; 2]>, String> {
    let value = |half: &[u8]| f64::from_le_bytes(half.try_into().expect("eight bytes"));
    let pairs: Vec<[f64; 2]> = values::<16>(path)?.iter().map(|pair| [value(&pair[..8]), value(&pair[8..])]).collect();
    match pairs.iter().position(|pair| !pair.iter().all(|value| value.is_finite())) {
        Some(at) => Err(format!("{}: point {at} is no number", path.display())),
        None => Ok(pairs),
    }
}

/// A file as records of `N` bytes.
fn values<const N: usize>(path: &Path) -> Result<Vec<[u8; N]>, String> {
    let bytes = fs::read(path)
        .map_err(|error| format!("cannot read {}: {error}: name a folder that the generator wrote", path.display()))?;
    match bytes.as_chunks() {
        ([], _) => Err(format!("{} is empty", path.display())),
        (_, [_, ..]) => Err(format!("{} is cut short: {} bytes are no multiple of {N}", path.display(), bytes.len())),
        (records, []) => Ok(records.to_vec()),
    }
}

/// Seconds of the middle one of several rounds.
pub fn median(mut round: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[ROUNDS / 2]
}

/// A file that goes when the run ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("gridpatrol-bench-{}.index", std::process::id()));
        fs::write(&path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A file left behind in the folder for such files harms nobody.
        let _ = fs::remove_file(&self.0);
    }
}
