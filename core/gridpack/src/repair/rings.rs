//! Each ring by itself: without corners that add nothing, closed, outer ones counterclockwise and holes clockwise.

use gridpatrol_geo::crs::E7;

use super::{Mended, rings_of};
use crate::check::ring::cleaned;
use crate::import::Drawn;
use crate::plane::{doubled_area, opened};

pub fn mend_rings(grids: &mut [Drawn]) -> Vec<Mended> {
    let mend = |grid: &mut Drawn| {
        let mut mended = Mended::new(grid);
        rings_of(grid).for_each(|(ring, is_outer)| mend_ring(ring, is_outer, &mut mended));
        mended.is_something().then_some(mended)
    };
    grids.iter_mut().filter_map(mend).collect()
}

/// A ring that encloses nothing stays as it is: there is nothing to make of it.
fn mend_ring(ring: &mut Vec<E7>, is_outer: bool, mended: &mut Mended) {
    let mut clean = cleaned(ring);
    if clean.is_empty() {
        return;
    }
    let area = doubled_area(&clean);
    mended.closed += u64::from(ring.first() != ring.last());
    mended.removed += (opened(ring).len() - clean.len()) as u64;
    // A ring that crosses itself may have as much on its left as on its right.
    if area != 0 && (area > 0) != is_outer {
        clean.reverse();
        mended.turned += 1;
    }
    clean.extend(clean.first().copied());
    *ring = clean;
}
