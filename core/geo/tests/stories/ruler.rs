//! The ruler against Karney's geodesic.

use geo::{Distance, Geodesic, Point};
use gridpatrol_geo::crs::{E7, Wgs84};
use gridpatrol_geo::distance::metres;
use gridpatrol_geo::ruler::Ruler;
use proptest::prelude::*;

fn point(lon: f64, lat: f64) -> E7 {
    Wgs84::new(lon, lat).expect("in range").to_e7()
}

fn geodesic(a: E7, b: E7) -> f64 {
    let degrees = |p: E7| Point::new(p.to_wgs84().lon(), p.to_wgs84().lat());
    Geodesic.distance(degrees(a), degrees(b))
}

#[test]
fn a_track_is_as_long_as_its_steps_however_many_they_are() {
    let zigzag: Vec<E7> = (0..11).map(|n| point(112.5 + f64::from(n) * 1e-4, 22.3 + f64::from(n % 3) * 2e-4)).collect();
    for count in 0..zigzag.len() {
        let track = &zigzag[..count];
        let ruler = Ruler::for_track(track);
        let by_steps: f64 = track.windows(2).map(|step| geodesic(step[0], step[1])).sum();
        assert!((ruler.length(track) - by_steps).abs() <= 1e-5 * by_steps, "{count} points");
    }
    assert_eq!(format!("{}", Ruler::for_track(&[]).length(&[])), "0", "an empty float sum would be -0");
}

#[test]
fn a_flight_and_a_walk_at_the_pole_are_measured_all_the_same() {
    let flight =
        [point(112.5, 22.3), point(116.4, 39.9), point(116.4, 39.9001), point(179.9999, 0.0), point(-180.0, 0.0)];
    let ruler = Ruler::for_track(&flight);
    let expected: f64 = flight.windows(2).map(|step| metres(step[0], step[1])).sum();
    assert!((ruler.length(&flight) / expected - 1.0).abs() < 1e-6);
    let pole = [point(10.0, 89.9), point(10.0, 89.9001)];
    assert_eq!(Ruler::for_track(&pole).length(&pole), metres(pole[0], pole[1]));
}

proptest! {
    #[test]
    fn a_step_within_a_degree_of_the_ruler_is_within_a_hundred_thousandth_of_the_geodesic(
        lon in -179.0..179.0, lat in -73.9..73.9_f64, away in -0.9..0.9, turn in 0.0..6.3_f64, far in -7.0..-1.0_f64,
    ) {
        let ruler = Ruler::near(point(0.0, lat));
        let length = 10_f64.powf(far);
        let (a, b) = (point(lon, lat + away), point(lon + length * turn.cos(), lat + away + length * turn.sin()));
        let (measured, expected) = (ruler.metres(a, b), geodesic(a, b));
        prop_assert!((measured - expected).abs() <= 1e-5 * expected + 1e-7, "{} for {}", measured, expected);
        prop_assert_eq!(measured, ruler.metres(b, a));
        prop_assert!((ruler.length(&[a, b, a, b, a, b]) - 5.0 * measured).abs() <= 1e-9 * measured);
    }

    #[test]
    fn the_plane_round_a_point_is_true_to_two_ten_thousandths(
        lon in -179.0..179.0, lat in -60.0..60.0_f64, east in -0.01..0.01, north in -0.01..0.01,
    ) {
        let (origin, other) = (point(lon, lat), point(lon + east, lat + north));
        let [x, y] = Ruler::near(origin).plane(origin, other);
        let expected = geodesic(origin, other);
        prop_assert!((x.hypot(y) - expected).abs() <= 2e-4 * expected + 1e-7);
    }
}
