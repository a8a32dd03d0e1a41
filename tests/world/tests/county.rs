//! What everything else relies on: the land is divided without gap or overlap, what lies in a grid lies in
//! it, and the same seed gives the same world.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::{GridIndex, Polygon};
use gridpatrol_model::area::{AreaCode, GridCode};
use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_model::workflow::Role;
use gridpatrol_world::{Grid, PlaceKind, World};

/// Twice the area in square units, positive if counter-clockwise. Exact.
fn area2(ring: &[E7]) -> i128 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i128::from(a.lon()) * i128::from(b.lat()) - i128::from(b.lon()) * i128::from(a.lat()))
        .sum()
}

fn polygon(ring: &[E7]) -> Polygon {
    Polygon::new(ring.to_vec(), Vec::new()).expect("it has an area")
}

/// The same numbers on every run, and not those of the world.
fn points_in(bounds: (E7, E7), count: u64) -> impl Iterator<Item = E7> {
    let (low, high) = bounds;
    let span = |low: i32, high: i32| (i64::from(high) - i64::from(low)) as u64;
    (1..=count).map(move |n| {
        let mix = |k: u64| (n.wrapping_mul(k) ^ n.wrapping_mul(k).rotate_left(29)).wrapping_mul(k) >> 16;
        let lon = low.lon() + (mix(0x9e37_79b9_7f4a_7c15) % span(low.lon(), high.lon())) as i32;
        let lat = low.lat() + (mix(0xc2b2_ae3d_27d4_eb4f) % span(low.lat(), high.lat())) as i32;
        E7::new(lon, lat).expect("within the county")
    })
}

fn bounds(ring: &[E7]) -> (E7, E7) {
    let lons = || ring.iter().map(|at| at.lon());
    let lats = || ring.iter().map(|at| at.lat());
    let corner = |lon: Option<i32>, lat: Option<i32>| {
        E7::new(lon.expect("a ring has points"), lat.expect("a ring has points")).expect("within the county")
    };
    (corner(lons().min(), lats().min()), corner(lons().max(), lats().max()))
}

/// Whether it can lie inside at all, so that the question is asked of a few grids only.
fn near((low, high): &(E7, E7), point: E7) -> bool {
    (low.lon()..=high.lon()).contains(&point.lon()) && (low.lat()..=high.lat()).contains(&point.lat())
}

#[test]
fn the_grids_tile_the_county_without_gap_or_overlap() {
    for seed in [1, 2, 77] {
        let world = World::new(seed);
        assert!(world.grids.iter().all(|grid| area2(&grid.polygon) > 0), "each ring turns left");
        let sum: i128 = world.grids.iter().map(|grid| area2(&grid.polygon)).sum();
        assert_eq!(sum, area2(&world.outline), "the areas of the grids add up to the area of the county");

        let outline = polygon(&world.outline);
        let grids: Vec<((E7, E7), Polygon)> =
            world.grids.iter().map(|grid| (bounds(&grid.polygon), polygon(&grid.polygon))).collect();
        let mut inside = 0;
        for point in points_in(bounds(&world.outline), 3_000) {
            let owners = grids.iter().filter(|(bounds, grid)| near(bounds, point) && grid.covers(point)).count();
            assert_eq!(owners, usize::from(outline.covers(point)), "{point:?}");
            inside += owners;
        }
        assert!(inside > 1_000, "only {inside} of 3,000 points fell into the county");
    }
}

#[test]
fn every_village_of_kaiping_has_grids_numbered_from_one() {
    let (world, divisions) = (World::new(1), Divisions::jiangmen());
    let county = AreaCode::parse("440783").expect("Kaiping");
    let real: BTreeSet<AreaCode> = divisions.children(county).flat_map(|town| divisions.children(town)).collect();
    let mut serials: BTreeMap<AreaCode, Vec<GridCode>> = BTreeMap::new();
    for grid in &world.grids {
        serials.entry(grid.code.village()).or_default().push(grid.code);
    }
    assert_eq!(serials.keys().copied().collect::<BTreeSet<_>>(), real);
    assert_eq!((world.towns.len(), world.villages.len()), (16, 270));
    for (village, codes) in serials {
        let expected: Vec<String> = (1..=codes.len()).map(|serial| format!("{village}{serial:03}")).collect();
        assert_eq!(codes.iter().map(GridCode::to_string).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn the_land_of_a_village_hangs_together() {
    for seed in [1, 2, 3] {
        let world = World::new(seed);
        let mut villages: BTreeMap<AreaCode, Vec<&Grid>> = BTreeMap::new();
        for grid in &world.grids {
            villages.entry(grid.code.village()).or_default().push(grid);
        }
        let apart = villages.values().filter(|grids| !hangs_together(grids)).count();
        // One cut in hundreds finds no way to leave both sides whole.
        assert!(apart <= 2, "{apart} of {} villages are in pieces", villages.len());
    }
}

fn hangs_together(grids: &[&Grid]) -> bool {
    let touch = |a: &Grid, b: &Grid| a.polygon.iter().filter(|at| b.polygon.contains(at)).count() > 1;
    let mut reached = vec![grids[0]];
    let mut at = 0;
    while at < reached.len() {
        let more = grids.iter().filter(|grid| touch(reached[at], grid) && !reached.iter().any(|r| r.code == grid.code));
        let more: Vec<&Grid> = more.copied().collect();
        reached.extend(more);
        at += 1;
    }
    reached.len() == grids.len()
}

#[test]
fn places_lie_in_their_grid_and_are_owned_by_it() {
    let world = World::new(3);
    let index = GridIndex::build(world.grids.iter().map(|grid| (grid.code, polygon(&grid.polygon))));
    for place in &world.places {
        assert_eq!(index.owner(place.position), Some(place.grid), "{}", place.name);
    }
    let ids: BTreeSet<&str> = world.places.iter().map(|place| place.id.as_str()).collect();
    assert_eq!(ids.len(), world.places.len());
    let names: BTreeSet<(AreaCode, &str)> =
        world.places.iter().map(|place| (place.grid.village(), place.name.as_str())).collect();
    assert_eq!(names.len(), world.places.len(), "a name is unique in its village");
}

#[test]
fn kinds_of_places_have_a_text_in_both_languages() {
    for messages in Lang::ALL.map(Messages::new) {
        assert!(PlaceKind::ALL.iter().all(|kind| messages.has(&format!("place-kind-{}", kind.as_str()))));
    }
}

#[test]
fn people_are_roles_with_numbers_and_fit_actor_ids() {
    let world = World::with_villages(5, 3);
    assert_eq!(world.members.len(), world.grids.len());
    for (member, grid) in world.members.iter().zip(&world.grids) {
        assert_eq!(member.scope, grid.code.scope());
    }
    assert_eq!((world.members[0].id.as_str(), world.members[0].name.as_str()), ("m-440783108224-01", "网格员·仲和·01"));
    let supervisors: Vec<&str> =
        world.staff.iter().filter(|one| one.role == Role::Supervisor).map(|one| one.name.as_str()).collect();
    assert_eq!(supervisors, ["镇街网格办·塘口·01", "镇街网格办·塘口·02"]);
    let everybody: Vec<_> = world.members.iter().chain(&world.staff).collect();
    assert!(everybody.iter().all(|one| one.synthetic && ActorId::new(&*one.id).is_ok()));
    assert_eq!(everybody.iter().map(|one| &one.id).collect::<BTreeSet<_>>().len(), everybody.len());
}

#[test]
fn a_small_world_is_a_part_of_the_whole() {
    let (small, whole) = (World::with_villages(9, 3), World::new(9));
    assert_eq!(small.villages.len(), 3);
    assert_eq!((small.outline.as_slice(), &small.county), (whole.outline.as_slice(), &whole.county));
    assert_eq!(small.grids, whole.grids[..small.grids.len()]);
    assert_eq!(small.places, whole.places[..small.places.len()]);
    assert_eq!(small.towns, whole.towns.iter().filter(|town| town.name == "塘口镇").cloned().collect::<Vec<_>>());
    assert_eq!(small.walk(2, 1), whole.walk(2, 1));
}
