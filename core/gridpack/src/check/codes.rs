//! Codes: their form, their village, and that each is there once.

use std::collections::BTreeMap;

use super::{Expected, Fault, FaultKind, code_of, whole};
use crate::import::Drawn;

pub(super) fn check(grids: &[Drawn], expected: &Expected<'_>, faults: &mut Vec<Fault>) {
    for grid in grids {
        faults.extend(kinds(grid, expected).into_iter().map(|kind| Fault::of(kind, grid, whole(grid))));
    }
    let mut by_code: BTreeMap<&str, Vec<&Drawn>> = BTreeMap::new();
    for grid in grids.iter().filter(|grid| !grid.code.is_empty()) {
        by_code.entry(&grid.code).or_default().push(grid);
    }
    for (code, same) in by_code.into_iter().filter(|(_, same)| same.len() > 1) {
        // The first one keeps the code; each of the others is shown where it is.
        for again in &same[1..] {
            let features = vec![same[0].feature, again.feature];
            let (kind, codes) = (FaultKind::DuplicateCode, vec![code.to_owned()]);
            faults.push(Fault { kind, codes, features, place: whole(again), square_metres: None });
        }
    }
}

fn kinds(grid: &Drawn, expected: &Expected<'_>) -> Vec<FaultKind> {
    let Some(code) = code_of(grid) else { return vec![FaultKind::BadCode] };
    let village = code.village();
    let unknown = expected.villages.is_some_and(|villages| villages.check(village).is_err());
    let other = grid.village.as_deref().is_some_and(|said| said != village.as_str());
    let outside = expected.within.is_some_and(|within| !within.contains(&code.scope()));
    [(unknown, FaultKind::UnknownVillage), (other, FaultKind::WrongVillage), (outside, FaultKind::OutsideArea)]
        .into_iter()
        .filter_map(|(is, kind)| is.then_some(kind))
        .collect()
}
