//! The nearest place, and the round that is offered.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::snap::{nearest, offered_round};
use proptest::prelude::*;

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(1_126_000_000 + lon, 223_000_000 + lat).expect("in Kaiping")
}

#[test]
fn the_nearest_place_comes_with_its_distance() {
    let places = [at(0, 0), at(5_000, 0), at(0, 9_000)];
    let (place, distance) = nearest(&places, at(4_000, 0)).expect("there are places");
    assert_eq!(place, 1);
    assert!((distance - metres(at(4_000, 0), at(5_000, 0))).abs() < 0.01);
    assert_eq!(nearest(&[], at(0, 0)), None);
}

#[test]
fn a_round_begins_nearby_and_equal_places_keep_their_order() {
    let places = [at(9_000, 0), at(1_000, 0), at(5_000, 0), at(1_000, 0)];
    assert_eq!(offered_round(&places, at(0, 0)), [1, 3, 2, 0]);
    assert_eq!(offered_round(&places, at(10_000, 0)), [0, 2, 1, 3], "from elsewhere it is another one");
    assert!(offered_round(&[], at(0, 0)).is_empty());
}

proptest! {
    #[test]
    fn a_round_visits_every_place_once_and_always_the_nearest_next(
        spots in prop::collection::vec((-90_000..90_000_i32, -90_000..90_000_i32), 0..40),
    ) {
        let places: Vec<E7> = spots.iter().map(|(lon, lat)| at(*lon, *lat)).collect();
        let order = offered_round(&places, at(0, 0));
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..places.len()).collect::<Vec<_>>());
        let mut here = at(0, 0);
        for (step, place) in order.iter().enumerate() {
            let far = |place: &usize| metres(here, places[*place]);
            prop_assert!(order[step..].iter().all(|other| far(place) <= far(other) + 1e-3));
            here = places[*place];
        }
    }
}
