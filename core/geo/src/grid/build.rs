//! Polygons into the bytes of an index.
//!
//! The parity of a polygon at a point is the number of its edges west of the point. Seen from one raster cell, an
//! edge lies wholly west (it counts by its latitudes alone), wholly east (it does not count) or in the columns of the
//! cell (it is kept as it is). The western ones, walked row by row, add up to a parity at the cell's southern side
//! and a few latitudes at which it flips; a flip is kept as an upright edge just west of the cell. So a cell knows
//! everything about its points, exactly, and most flips of a chain of edges cancel.

use std::collections::BTreeSet;

use gridpatrol_model::area::GridCode;

use super::edge::Edge;
use super::format::{HEADER, MAGIC, MIXED, MORE, PARTS, Raster, WIDE};
use super::polygon::Polygon;

/// 91 m from south to north: the finest raster, where 5,000 town and country grids take 7 MB.
const FINEST: u32 = 13;
/// A raster is coarser when it would have more cells than this, or twice the number of edges.
const FEW_CELLS: u64 = 1 << 12;
/// … or when its cells would keep more edges than this, or eight times as many as there are.
const FEW_KEPT: u64 = 1 << 16;

/// A part of a grid: the number of its code and its edges.
struct Part {
    code: u32,
    edges: Vec<Edge>,
}

/// What one part does in one cell.
struct Piece {
    cell: u32,
    part: u32,
    /// Whether the part holds what lies just south-west of everything kept here.
    inside: bool,
    edges: Vec<Edge>,
}

/// Equal grids give equal bytes, in whatever order they come.
pub(super) fn bytes(mut grids: Vec<(GridCode, Polygon)>) -> Vec<u8> {
    grids.sort();
    let codes: Vec<GridCode> = grids.iter().map(|(code, _)| *code).collect::<BTreeSet<_>>().into_iter().collect();
    let number = |code: &GridCode| codes.binary_search(code).map_or(0, |at| at as u32);
    let parts: Vec<Part> =
        grids.iter().map(|(code, polygon)| Part { code: number(code), edges: polygon.edges().collect() }).collect();
    let raster = raster(&parts);

    // The lowest part that covers a cell from side to side hides those above it there.
    let mut covered = vec![u32::MAX; raster.cells() as usize];
    let mut pieces = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        Sweep { raster, part: at as u32, covered: &mut covered, pieces: &mut pieces }.run(&part.edges);
    }
    pieces.sort_by_key(|piece| (piece.cell, piece.part));

    let mut cells: Vec<u32> =
        covered.iter().map(|&part| parts.get(part as usize).map_or(0, |part| part.code + 1)).collect();
    let mut mixed = Vec::new();
    for here in pieces.chunk_by(|a, b| a.cell == b.cell) {
        let cell = here[0].cell;
        let full = covered[cell as usize];
        let mut seen: Vec<&Piece> = here.iter().filter(|piece| piece.part < full).collect();
        if seen.is_empty() {
            continue;
        }
        let whole = Piece { cell, part: full, inside: true, edges: Vec::new() };
        seen.extend((full != u32::MAX).then_some(&whole));
        cells[cell as usize] = MIXED | (mixed.len() / 4) as u32;
        let corner = raster.corner(cell % raster.columns, cell / raster.columns);
        let groups = seen.chunks(PARTS);
        let last = groups.len() - 1;
        for (at, group) in groups.enumerate() {
            write_group(&mut mixed, raster, corner, &parts, group, at < last);
        }
    }
    file(&codes, raster, &cells, &mixed)
}

fn file(codes: &[GridCode], raster: Raster, cells: &[u32], mixed: &[u8]) -> Vec<u8> {
    let Raster { west, south, columns, rows, shift } = raster;
    let mut body = Vec::with_capacity(HEADER + codes.len() * 8 + cells.len() * 4 + mixed.len());
    for word in [west as u32, south as u32, codes.len() as u32, columns, rows, shift, (mixed.len() / 4) as u32] {
        body.extend(word.to_le_bytes());
    }
    for code in codes {
        body.extend(digits(code).to_le_bytes());
    }
    body.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
    body.extend(mixed);
    [MAGIC.as_slice(), &crc32fast::hash(&body).to_le_bytes(), &body].concat()
}

fn digits(code: &GridCode) -> u64 {
    code.as_str().bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// The finest raster that stays in proportion to the edges.
fn raster(parts: &[Part]) -> Raster {
    let ends = || parts.iter().flat_map(|part| &part.edges).flat_map(|edge| [edge.low, edge.high]);
    let bound = |axis: usize| {
        let along = || ends().map(move |end| end[axis]);
        (along().min().unwrap_or(0), along().max().unwrap_or(0))
    };
    let ((west, east), (south, north)) = (bound(0), bound(1));
    let edges = parts.iter().map(|part| part.edges.len() as u64).sum::<u64>();
    let span = |from: i32, to: i32, shift: u32| (i64::from(to) - i64::from(from)).unsigned_abs() >> shift;
    let mut shift = FINEST;
    loop {
        let (columns, rows) = (span(west, east, shift) + 1, span(south, north, shift) + 1);
        let reach = |edge: &Edge| span(edge.low[0], edge.high[0], shift) + span(edge.low[1], edge.high[1], shift) + 1;
        let kept: u64 = parts.iter().flat_map(|part| &part.edges).map(reach).sum();
        if columns * rows <= FEW_CELLS.max(2 * edges) && kept <= FEW_KEPT.max(8 * edges) {
            return match edges {
                0 => Raster { west, south, columns: 0, rows: 0, shift },
                _ => Raster { west, south, columns: columns as u32, rows: rows as u32, shift },
            };
        }
        shift += 1;
    }
}

/// One part over all rows that it touches.
struct Sweep<'a> {
    raster: Raster,
    part: u32,
    covered: &'a mut [u32],
    pieces: &'a mut Vec<Piece>,
}

/// An edge in one row: the columns in which it lies there.
#[derive(Clone, Copy)]
struct Run {
    first: u32,
    last: u32,
    edge: Edge,
}

impl Sweep<'_> {
    fn run(&mut self, edges: &[Edge]) {
        let mut rows: Vec<(u32, Run)> = edges.iter().flat_map(|edge| runs(self.raster, *edge)).collect();
        rows.sort_by_key(|(row, run)| (*row, run.first));
        for row in rows.chunk_by(|a, b| a.0 == b.0) {
            self.row(row[0].0, row.iter().map(|(_, run)| *run));
        }
    }

    /// From west to east: edges enter, stay for their columns, and leave into what lies west.
    fn row(&mut self, row: u32, runs: impl Iterator<Item = Run>) {
        let mut coming = runs.peekable();
        let mut here: Vec<Run> = Vec::new();
        let mut west = West::new(self.raster, row);
        let mut column = 0;
        loop {
            if here.is_empty() && west.flips.is_empty() {
                let Some(next) = coming.peek() else { return };
                if west.inside {
                    self.cover(row, column, next.first);
                }
                column = next.first;
            }
            while let Some(run) = coming.next_if(|run| run.first <= column) {
                here.push(run);
            }
            let edges =
                here.iter().map(|run| run.edge).chain(west.upright(self.raster.corner(column, row)[0])).collect();
            let cell = row * self.raster.columns + column;
            self.pieces.push(Piece { cell, part: self.part, inside: west.inside, edges });
            here.retain(|run| {
                let stays = run.last > column;
                if !stays {
                    west.take(run.edge);
                }
                stays
            });
            column += 1;
        }
    }

    fn cover(&mut self, row: u32, from: u32, to: u32) {
        let start = row as usize * self.raster.columns as usize;
        for cell in &mut self.covered[start + from as usize..start + to as usize] {
            *cell = (*cell).min(self.part);
        }
    }
}

/// What the edges wholly west of a cell add up to.
struct West {
    south: i32,
    north: i64,
    inside: bool,
    /// Latitudes at which it flips.
    flips: BTreeSet<i32>,
}

impl West {
    fn new(raster: Raster, row: u32) -> Self {
        let south = raster.corner(0, row)[1];
        Self { south, north: i64::from(south) + (1 << raster.shift), inside: false, flips: BTreeSet::new() }
    }

    fn take(&mut self, edge: Edge) {
        let (low, high) = (edge.low[1].max(self.south), edge.high[1]);
        if low < high {
            self.flip(low);
            self.flip(high);
        }
    }

    fn flip(&mut self, lat: i32) {
        if lat == self.south {
            self.inside = !self.inside;
        } else if i64::from(lat) < self.north && !self.flips.remove(&lat) {
            self.flips.insert(lat);
        }
    }

    fn upright(&self, x: i32) -> impl Iterator<Item = Edge> {
        let north = self.north.min(i64::from(i32::MAX)) as i32;
        self.flips.iter().map(move |&lat| Edge { low: [x - 1, lat], high: [x - 1, north] })
    }
}

/// The rows of the raster that an edge touches, and its columns in each. Rounding down to whole units leaves an edge
/// on its side of every border between columns, since those lie at whole units. Products stay below 6.5e18.
fn runs(raster: Raster, edge: Edge) -> impl Iterator<Item = (u32, Run)> {
    let ([lx, ly], [hx, hy]) = (edge.low.map(i64::from), edge.high.map(i64::from));
    let south = i64::from(raster.south);
    let column = move |x: i64| ((x - i64::from(raster.west)) >> raster.shift) as u32;
    ((ly - south) >> raster.shift..=(hy - south) >> raster.shift).map(move |row| {
        let x_at = |y: i64| lx + ((hx - lx) * (y - ly)).div_euclid(hy - ly);
        let (from, to) = (south + (row << raster.shift), south + ((row + 1) << raster.shift));
        let (a, b) = if ly == hy { (lx, hx) } else { (x_at(ly.max(from)), x_at(hy.min(to))) };
        (row as u32, Run { first: column(a.min(b)), last: column(a.max(b)), edge })
    })
}

fn write_group(out: &mut Vec<u8>, raster: Raster, corner: [i32; 2], parts: &[Part], pieces: &[&Piece], more: bool) {
    let mut edges: Vec<(Edge, u8)> =
        (0..).zip(pieces).flat_map(|(at, piece)| piece.edges.iter().map(move |edge| (*edge, 1_u8 << at))).collect();
    edges.sort_unstable();
    // A border that several parts share is one edge; a part that draws an edge twice has it twice.
    edges.dedup_by(|next, kept| {
        let shared = next.0 == kept.0 && next.1 & kept.1 == 0;
        kept.1 |= if shared { next.1 } else { 0 };
        shared
    });
    let narrow: Option<Vec<[i16; 4]>> = edges.iter().map(|(edge, _)| raster.narrows(corner, *edge)).collect();

    let state = (0..).zip(pieces).fold(0, |state, (at, piece)| state | u8::from(piece.inside) << at);
    let flags = if narrow.is_none() { WIDE } else { 0 } | if more { MORE } else { 0 };
    out.extend((edges.len() as u32).to_le_bytes());
    out.extend([state, pieces.len() as u8, flags, 0]);
    out.extend(pieces.iter().flat_map(|piece| parts[piece.part as usize].code.to_le_bytes()));
    out.extend(edges.iter().map(|(_, bits)| bits));
    out.resize(out.len().next_multiple_of(4), 0);
    match narrow {
        Some(ends) => out.extend(ends.iter().flatten().flat_map(|end| end.to_le_bytes())),
        None => {
            out.extend(edges.iter().flat_map(|(edge, _)| [edge.low, edge.high]).flatten().flat_map(i32::to_le_bytes))
        }
    }
}
