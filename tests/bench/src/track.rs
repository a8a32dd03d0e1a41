//! What a walk takes as blocks, and how fast they are written and read, beside GPX in zstd.
//!
//! `track DIR` reads `sim1hz.bin` in DIR: for each fix six little-endian f64, milliseconds UTC, latitude and
//! longitude in degrees, accuracy in metres, speed in m/s, heading in degrees (the last three may be NaN). `track
//! FILE.gpx` reads a walk of anybody's. `--json` prints one line of JSON. Rates are medians of repeated runs on one
//! thread.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use gridpatrol_geo::block::{decode_block, encode_compact, encode_live};
use gridpatrol_geo::crs::Wgs84;
use gridpatrol_geo::gpx;
use gridpatrol_geo::track::{Fix, Track};
use serde::Serialize;

/// Fixes of a segment: the least for which a size is promised.
const SEGMENT: usize = 900;
/// Fixes of a live block: ten seconds' at one a second.
const LIVE: usize = 10;
const RUNS: usize = 31;
/// As hard as zstd tries without special memory.
const PEER_LEVEL: i32 = 19;
const ROW: usize = 6 * 8;

#[derive(Serialize)]
struct Figures {
    points: usize,
    segment_points: usize,
    live_bytes_per_point: f64,
    compact_bytes_per_point: f64,
    gpx_zstd19_bytes_per_point: f64,
    ratio_to_gpx_zstd19: f64,
    encode_live_mps: f64,
    encode_mps: f64,
    decode_live_mps: f64,
    decode_mps: f64,
    exact: bool,
}

/// Prints the figures, or says what is wrong with the input.
pub fn run(words: &[&str]) -> Result<String, String> {
    let paths: Vec<&str> = words.iter().copied().filter(|word| *word != "--json").collect();
    let [path] = paths[..] else {
        return Err("track takes one folder with sim1hz.bin in it, or one GPX file, and --json".to_owned());
    };
    let path = Path::new(path);
    let segments =
        if path.extension().is_some_and(|extension| extension == "gpx") { walked(path) } else { simulated(path) }?;
    Ok(serde_json::to_string(&measure(&segments)).expect("figures are plain data"))
}

fn measure(fixes: &[Fix]) -> Figures {
    let points = fixes.len();
    let blocks =
        |size: usize, encode: &dyn Fn(&[Fix]) -> Vec<u8>| -> Vec<Vec<u8>> { fixes.chunks(size).map(encode).collect() };
    let compact_one = |fixes: &[Fix]| encode_compact(fixes).expect("a segment is far below the limit");
    let live_one = |fixes: &[Fix]| encode_live(fixes).expect("a live block is far below the limit");
    let (live, compact) = (blocks(LIVE, &live_one), blocks(segment(points), &compact_one));
    let decode = |blocks: &[Vec<u8>]| blocks.iter().map(|block| decode_block(black_box(block))).collect::<Vec<_>>();
    let exact = [&live, &compact].into_iter().all(|blocks| {
        let read: Result<Vec<_>, _> = decode(blocks).into_iter().collect();
        read.is_ok_and(|read| read.concat() == fixes)
    });
    let peer = gpx::export(None, &Track::from_apart([fixes.to_vec()]), &[]);
    let peer = zstd::bulk::compress(peer.as_bytes(), PEER_LEVEL).expect("memory to memory");
    let per_point = |bytes: usize| bytes as f64 / points as f64;
    let size = |blocks: &[Vec<u8>]| blocks.iter().map(Vec::len).sum();
    let mps = |work: &dyn Fn()| points as f64 / median_seconds(work) / 1e6;
    Figures {
        points,
        segment_points: segment(points),
        live_bytes_per_point: per_point(size(&live)),
        compact_bytes_per_point: per_point(size(&compact)),
        gpx_zstd19_bytes_per_point: per_point(peer.len()),
        ratio_to_gpx_zstd19: size(&compact) as f64 / peer.len() as f64,
        encode_live_mps: mps(&|| drop(black_box(blocks(LIVE, &live_one)))),
        encode_mps: mps(&|| drop(black_box(blocks(segment(points), &compact_one)))),
        decode_live_mps: mps(&|| live.iter().for_each(|block| drop(black_box(decode_block(black_box(block)))))),
        decode_mps: mps(&|| compact.iter().for_each(|block| drop(black_box(decode_block(black_box(block)))))),
        exact,
    }
}

/// Fixes of each segment so that none is shorter than [`SEGMENT`], if there are that many.
fn segment(points: usize) -> usize {
    points.div_ceil((points / SEGMENT).max(1))
}

fn median_seconds(work: &dyn Fn()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[RUNS / 2]
}

fn simulated(dir: &Path) -> Result<Vec<Fix>, String> {
    let path = dir.join("sim1hz.bin");
    let said = |what: &str| format!("{}: {what}", path.display());
    let bytes = fs::read(&path).map_err(|error| said(&format!("{error}; the walk to measure has to lie there")))?;
    if bytes.is_empty() || !bytes.len().is_multiple_of(ROW) {
        return Err(said(&format!("{} bytes are no whole number of fixes of {ROW}: it was cut off", bytes.len())));
    }
    let row = |(at, row): (usize, &[u8])| {
        let (numbers, _) = row.as_chunks::<8>();
        let numbers: Vec<f64> = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
        fix(&numbers).ok_or_else(|| said(&format!("fix {at} is no position on earth at a time: {numbers:?}")))
    };
    bytes.chunks(ROW).enumerate().map(row).collect()
}

fn fix(row: &[f64]) -> Option<Fix> {
    let whole = |value: f64| value.is_finite().then(|| value.round() as i64);
    let unsigned = |value: f64| whole(value).and_then(|value| u32::try_from(value).ok());
    // What the receiver did not say is no number.
    let said = |value: f64| if value.is_nan() { Some(None) } else { unsigned(value).map(Some) };
    Some(Fix {
        time_ms: Some(whole(row[0])?),
        accuracy_dm: said(row[3] * 10.0)?,
        speed_cms: said(row[4] * 100.0)?,
        heading_cdeg: said(row[5] * 100.0)?.map(|heading| heading % 36_000),
        ..Fix::at(Wgs84::new(row[2], row[1]).ok()?.to_e7())
    })
}

fn walked(path: &Path) -> Result<Vec<Fix>, String> {
    let said = |what: String| format!("{}: {what}", path.display());
    let bytes = fs::read(path).map_err(|error| said(error.to_string()))?;
    let file = gpx::import(&bytes).map_err(|error| said(error.to_string()))?;
    let fixes: Vec<Fix> = file.tracks.into_iter().flat_map(|track| track.segments).flatten().collect();
    if fixes.is_empty() { Err(said("no track point is in it".to_owned())) } else { Ok(fixes) }
}
