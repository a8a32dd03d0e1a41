//! Geometry blobs of a GeoPackage (OGC 12-128r18, clause 2.1.3): a header with envelope, then well-known binary, all
//! little-endian.

use gridpatrol_geo::crs::E7;

use crate::layer::{Area, Bounds, Line, Shape};

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_LINE_STRING: u32 = 5;
const MULTI_POLYGON: u32 = 6;

pub(crate) const EPSG_WGS84: i32 = 4326;

/// The blob and what it spans; `None` where there is no place. A point has no envelope, it would say the same again.
pub(crate) fn blob(shape: &Shape) -> Option<(Vec<u8>, Bounds)> {
    let bounds = bounds(shape)?;
    let mut wkb = Wkb(Vec::new());
    wkb.header((!matches!(shape, Shape::Point(_))).then_some(bounds));
    match shape {
        Shape::Nowhere => {}
        Shape::Point(at) => {
            wkb.begin(POINT);
            wkb.position(*at);
        }
        Shape::Lines(lines) => {
            wkb.begin(MULTI_LINE_STRING);
            wkb.count(lines.len());
            for line in lines {
                wkb.begin(LINE_STRING);
                wkb.positions(&line.points);
            }
        }
        Shape::Areas(areas) => {
            wkb.begin(MULTI_POLYGON);
            wkb.count(areas.len());
            for Area { outer, holes } in areas {
                wkb.begin(POLYGON);
                wkb.count(1 + holes.len());
                std::iter::once(outer).chain(holes).for_each(|ring| wkb.positions(ring));
            }
        }
    }
    Some((wkb.0, bounds))
}

fn bounds(shape: &Shape) -> Option<Bounds> {
    match shape {
        Shape::Nowhere => None,
        Shape::Point(at) => Bounds::around([*at]),
        Shape::Lines(lines) => Bounds::around(lines.iter().flat_map(|Line { points, .. }| points).copied()),
        Shape::Areas(areas) => Bounds::around(areas.iter().flat_map(|area| &area.outer).copied()),
    }
}

/// West, south, east, north in degrees.
pub(crate) fn sides(bounds: Bounds) -> [f64; 4] {
    let (low, high) = (bounds.south_west.to_wgs84(), bounds.north_east.to_wgs84());
    [low.lon(), low.lat(), high.lon(), high.lat()]
}

struct Wkb(Vec<u8>);

impl Wkb {
    fn header(&mut self, envelope: Option<Bounds>) {
        // Flags: little-endian, and envelope kind 1 (xy) or 0 (none) from the second bit on.
        let flags = if envelope.is_some() { 0b11 } else { 0b01 };
        self.0.extend([b'G', b'P', 0, flags]);
        self.0.extend(EPSG_WGS84.to_le_bytes());
        if let Some(bounds) = envelope {
            let [west, south, east, north] = sides(bounds);
            [west, east, south, north].into_iter().for_each(|side| self.0.extend(side.to_le_bytes()));
        }
    }

    fn begin(&mut self, kind: u32) {
        self.0.push(1);
        self.0.extend(kind.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        let count = u32::try_from(count).expect("SQLite refuses a blob long before that");
        self.0.extend(count.to_le_bytes());
    }

    fn positions(&mut self, positions: &[E7]) {
        self.count(positions.len());
        self.0.reserve(positions.len() * 16);
        positions.iter().for_each(|at| self.position(*at));
    }

    fn position(&mut self, at: E7) {
        let at = at.to_wgs84();
        self.0.extend(at.lon().to_le_bytes());
        self.0.extend(at.lat().to_le_bytes());
    }
}
