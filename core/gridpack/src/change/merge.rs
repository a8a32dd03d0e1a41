//! Several grids into one.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_geo::crs::E7;
use gridpatrol_model::area::GridCode;

use super::{Changed, NoChange, sound};
use crate::import::MAX_TEXT;
use crate::pack::{Grid, Pack};
use crate::plane::sides;

impl Pack {
    /// Joins grids of one village that are neighbours. The new border is what they do not share: nothing is rounded.
    pub fn merge(&mut self, codes: &[GridCode], name: &str) -> Result<Changed, NoChange> {
        if name.len() > MAX_TEXT {
            return Err(NoChange::NameTooLong);
        }
        let (&first, rest) = codes.split_first().ok_or(NoChange::NotSeveral)?;
        if rest.is_empty() || codes.iter().collect::<BTreeSet<_>>().len() != codes.len() {
            return Err(NoChange::NotSeveral);
        }
        if let Some(other) = rest.iter().find(|code| code.village() != first.village()) {
            return Err(NoChange::TwoVillages(first, *other));
        }
        let rings = codes.iter().map(|code| self.changeable(*code)).collect::<Result<Vec<_>, _>>()?;
        let ring = joined(&rings).ok_or(NoChange::NotOneArea)?;
        sound(&ring)?;
        let made = self.next_codes(first.village(), 1)?;
        self.put(Grid::new(made[0], name.to_owned(), &ring, Vec::new()));
        codes.iter().for_each(|code| self.supersede(*code, &made));
        Ok(Changed { made, touched: Vec::new() })
    }
}

/// The one ring that is left when every side that two rings have, each its way, is taken out.
fn joined(rings: &[&[E7]]) -> Option<Vec<E7>> {
    let all: BTreeSet<(E7, E7)> = rings.iter().flat_map(|ring| sides(ring)).collect();
    let mut next: BTreeMap<E7, E7> = BTreeMap::new();
    for (a, b) in &all {
        // Two sides from one corner would be two borders that touch there.
        if !all.contains(&(*b, *a)) && next.insert(*a, *b).is_some() {
            return None;
        }
    }
    let (&start, _) = next.first_key_value()?;
    let mut ring = vec![start];
    while let Some(at) = next.remove(ring.last()?) {
        if at == start {
            break;
        }
        ring.push(at);
    }
    next.is_empty().then_some(ring)
}
