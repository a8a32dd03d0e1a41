//! `gridpatrol-bench simplify DIR --metres M [--json] [--out FILE]`: the points of `line1m.bin` (f64 pairs in metres,
//! little-endian) that are left at a tolerance. FILE gets their numbers as little-endian u32.
//!
//! The error is measured apart from the code that bounds it: for every dropped point the distance to its segment.

use std::fs;
use std::path::Path;

use gridpatrol_geo::simplify::simplify;
use serde::Serialize;

use crate::grid::{median, pairs};

#[derive(Serialize)]
struct Figures {
    metres: f64,
    points: usize,
    kept: usize,
    ms: f64,
    mps: f64,
    max_error_m: f64,
}

pub fn run(words: &[&str]) -> Result<String, String> {
    let (dir, metres, out) = arguments(words)?;
    let line = pairs(&Path::new(dir).join("line1m.bin"))?;
    let mut kept = Vec::new();
    let seconds = median(|| kept = simplify(&line, metres));
    if let Some(out) = out {
        let numbers = kept.iter().flat_map(|number| (*number as u32).to_le_bytes());
        fs::write(out, numbers.collect::<Vec<u8>>()).map_err(|error| format!("cannot write {out}: {error}"))?;
    }
    let figures = Figures {
        metres,
        points: line.len(),
        kept: kept.len(),
        ms: seconds * 1e3,
        mps: line.len() as f64 / seconds / 1e6,
        max_error_m: kept.windows(2).map(|ends| worst(&line[ends[0]..=ends[1]])).fold(0.0, f64::max),
    };
    Ok(serde_json::to_string(&figures).expect("figures are plain data"))
}

fn arguments<'a>(words: &[&'a str]) -> Result<(&'a str, f64, Option<&'a str>), String> {
    let usage = || "usage: gridpatrol-bench simplify DIR --metres M [--json] [--out FILE]".to_string();
    let (mut dir, mut metres, mut out) = (None, None, None);
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "--json" => {}
            "--metres" => metres = words.next().and_then(|metres| metres.parse().ok()).filter(|metres| *metres >= 0.0),
            "--out" => out = Some(words.next().ok_or_else(usage)?),
            _ if dir.is_none() && !word.starts_with('-') => dir = Some(word),
            _ => return Err(usage()),
        }
    }
    Ok((dir.ok_or_else(usage)?, metres.ok_or_else(usage)?, out))
}

/// The farthest of some points from the segment between the first and the last of them.
fn worst(points: &[[f64; 2]]) -> f64 {
    let (Some(a), Some(b)) = (points.first(), points.last()) else { return 0.0 };
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let far = points.iter().map(|point| {
        let (x, y) = (point[0] - a[0], point[1] - a[1]);
        let along = if length2 > 0.0 { ((x * dx + y * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        (x - along * dx).hypot(y - along * dy)
    });
    far.fold(0.0, f64::max)
}
