//! Distance and the street map's shift: the ruler against Karney's geodesic on the same walk, and GCJ-02 undone.

use std::hint::black_box;
use std::time::Instant;

use geo::{Distance, Geodesic, Point};
use gridpatrol_geo::crs::{E7, Gcj02, Wgs84};
use gridpatrol_geo::ruler::Ruler;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::report::{Goal, Line, median};

/// A patrol of eight hours at a fix a second.
const STEPS: usize = 28_800;
const POINTS: usize = 200_000;
const ROUNDS: usize = 21;

pub fn measure() -> Vec<Line> {
    ruler().into_iter().chain(gcj02()).collect()
}

/// A walk through Kaiping of a metre or two a step.
fn walk() -> Vec<E7> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut lon, mut lat) = (1_125_800_000, 223_700_000);
    let mut walk = Vec::with_capacity(STEPS);
    for _ in 0..STEPS {
        (lon, lat) = (lon + rng.random_range(-150..=160), lat + rng.random_range(-150..=150));
        walk.push(E7::new(lon, lat).expect("in Kaiping"));
    }
    walk
}

fn ruler() -> Vec<Line> {
    let walk = walk();
    let points: Vec<Point> = walk.iter().map(|at| Point::new(at.to_wgs84().lon(), at.to_wgs84().lat())).collect();
    let ruler = Ruler::for_track(&walk);
    let (mut kept, mut made) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (_, kept_s) = timed(|| ruler.length(&walk));
        let (_, made_s) = timed(|| Ruler::for_track(&walk).length(&walk));
        let (_, karney_s) = timed(|| points.windows(2).map(|step| karney(step[0], step[1])).sum::<f64>());
        kept.push(karney_s / kept_s);
        made.push(karney_s / made_s);
    }
    // Of steps below a decimetre the whole distance is of the size of a unit of E7.
    let steps = walk.windows(2).zip(points.windows(2)).map(|(own, step)| (ruler.length(own), karney(step[0], step[1])));
    let off = steps.filter(|(_, karney)| *karney >= 0.1).map(|(own, karney)| (own / karney - 1.0).abs());
    let worst = off.fold(0.0, f64::max);
    vec![
        Line::new("coords", "ruler, times as fast as Karney's geodesic", median(kept), "×").goal(Goal::AtLeast(100.0)),
        Line::new("coords", "the same, with the ruler made for the track", median(made), "×"),
        Line::new("coords", "ruler, worst step, off by so many of 1e9", worst * 1e9, "").goal(Goal::AtMost(10_000.0)),
    ]
}

fn karney(from: Point, to: Point) -> f64 {
    Geodesic.distance(from, to)
}

fn gcj02() -> Vec<Line> {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let all_over_china = (0..POINTS).map(|_| Wgs84::new(rng.random_range(74.0..134.0), rng.random_range(18.5..53.0)));
    let truth: Vec<Wgs84> = all_over_china.map(|at| at.expect("in range")).collect();
    let shifted: Vec<Gcj02> = truth.iter().map(|at| at.to_gcj02()).collect();
    let mut rates = Vec::new();
    let mut undone = Vec::new();
    for _ in 0..ROUNDS {
        let (points, seconds) = timed(|| shifted.iter().map(|at| at.to_wgs84()).collect::<Vec<Wgs84>>());
        rates.push(POINTS as f64 / seconds / 1e6);
        undone = points;
    }
    // In degrees, since a tenth of a millimetre is below the unit of E7: one degree is 111 km at most.
    let off = |(a, b): (&Wgs84, &Wgs84)| (a.lon() - b.lon()).hypot(a.lat() - b.lat()) * 111_320_000.0;
    let worst = undone.iter().zip(&truth).map(off).fold(0.0, f64::max);
    vec![
        Line::new("coords", "GCJ-02 undone", median(rates), "M/s").goal(Goal::AtLeast(3.0)),
        Line::new("coords", "GCJ-02 undone, worst of 200,000 points", worst * 1e6, "nm").goal(Goal::AtMost(100_000.0)),
    ]
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let done = black_box(work());
    (done, began.elapsed().as_secs_f64())
}
