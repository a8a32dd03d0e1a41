//! Places by distance: which one a fix belongs to, and an order in which to walk the rest.

use crate::crs::E7;
use crate::ruler::Ruler;

/// The nearest place: its number in the list and the metres to it. Of equally near ones the first.
pub fn nearest(places: &[E7], from: E7) -> Option<(usize, f64)> {
    nearest_of(places.iter().copied(), from)
}

/// An order for the places that are left of a round: always the nearest one next. The first of it is the next place.
///
/// An offer and no more: it is worked out anew from wherever the member goes, nothing is recorded of whether it was
/// followed, and nothing may be made to depend on it. The way it gives is not the shortest, but a person sees at once
/// why each step is there. The work grows with the square of the number of places.
pub fn offered_round(places: &[E7], from: E7) -> Vec<usize> {
    let mut left: Vec<(usize, E7)> = places.iter().copied().enumerate().collect();
    let mut here = from;
    let mut order = Vec::with_capacity(places.len());
    while let Some((at, _)) = nearest_of(left.iter().map(|(_, place)| *place), here) {
        // Keeps the order of the list, by which equals are settled.
        let (number, place) = left.remove(at);
        order.push(number);
        here = place;
    }
    order
}

fn nearest_of(places: impl Iterator<Item = E7>, from: E7) -> Option<(usize, f64)> {
    let ruler = Ruler::near(from);
    places.map(|place| ruler.metres(from, place)).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))
}
