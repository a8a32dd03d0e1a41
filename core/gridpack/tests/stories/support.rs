//! A small land of grids that share their borders exactly, with crooked corners.

use gridpatrol_export::Area;
use gridpatrol_geo::crs::E7;
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::Drawn;
use gridpatrol_gridpack::{About, Grid, Pack};
use gridpatrol_model::area::GridCode;

/// Grids along one side of the land.
pub const SIDE: i32 = 3;
/// About 100 m.
pub const STEP: i32 = 10_000;

pub fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

pub fn code(serial: usize) -> GridCode {
    GridCode::parse(&format!("440783108224{serial:03}")).expect("a grid of a real village")
}

/// Row by row from the south-west. `crooked` moves each inner corner, by less than a third of a grid.
pub fn land(crooked: &[(i32, i32)]) -> Vec<Drawn> {
    let corner = |column: i32, row: i32| {
        let inner = (1..SIDE).contains(&column) && (1..SIDE).contains(&row);
        let moved = crooked.get((row * SIDE + column) as usize % crooked.len().max(1)).copied().unwrap_or_default();
        let (east, north) = if inner { moved } else { (0, 0) };
        at(column * STEP + east, row * STEP + north)
    };
    let grid = |place: i32| {
        let (column, row) = (place % SIDE, place / SIDE);
        let ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)].map(|(east, north)| corner(column + east, row + north));
        Drawn {
            feature: place as u64 + 1,
            code: code(place as usize + 1).to_string(),
            name: format!("{}格", place + 1),
            areas: vec![Area { outer: ring.to_vec(), holes: Vec::new() }],
            ..Drawn::default()
        }
    };
    (0..SIDE * SIDE).map(grid).collect()
}

pub fn about() -> About {
    About {
        name: "塘口镇网格".into(),
        source: "镇街网格办,2026 年 11 月".into(),
        crs: Crs::Cgcs2000,
        made_ms: 1_795_500_000_000,
    }
}

pub fn pack(crooked: &[(i32, i32)]) -> Pack {
    Pack::new(about(), &land(crooked)).expect("no fault")
}

/// The live grids that hold a point, by the rule of `gridpatrol_geo::grid`.
pub fn holders(pack: &Pack, point: E7) -> Vec<GridCode> {
    let holds = |grid: &&Grid| {
        let polygon = gridpatrol_geo::grid::Polygon::new(grid.ring().to_vec(), Vec::new());
        polygon.expect("a grid has an area").holds(point)
    };
    pack.live().filter(holds).map(|grid| grid.code).collect()
}

/// Twice the area of all live grids, exactly.
pub fn doubled_area(pack: &Pack) -> i128 {
    let cross = |a: &E7, b: &E7| i128::from(a.lon()) * i128::from(b.lat()) - i128::from(b.lon()) * i128::from(a.lat());
    let area = |ring: &[E7]| ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| cross(a, b)).sum::<i128>();
    pack.live().map(|grid| area(grid.ring())).sum()
}
