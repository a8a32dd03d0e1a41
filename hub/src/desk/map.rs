//! Our own geometry: grid borders, places and village labels.

use std::collections::BTreeMap;

use gridpatrol_geo::crs::E7;
use gridpatrol_model::area::{AreaCode, Scope};
use serde_json::json;

use super::patrol_page::shown_position;
use super::places::{SO_FAR, due};
use super::values::degrees;
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    map::{Collection, Feature, Geometry, GridProperties, MapData, MapQuery, PlaceProperties, VillageProperties},
};

impl Desk {
    pub(crate) fn map(&self, session: &Session, query: &MapQuery) -> Answer<MapData> {
        self.ask(session, |view| {
            let scopes = view.filter(query.area.as_deref())?;
            let grids = view.grid_features(&scopes);
            let places = view.place_features(&scopes)?;
            let villages = view.village_features(&scopes);
            Ok(MapData {
                bounds: bounds(grids.iter().map(|grid| &grid.geometry), places.iter().map(|place| &place.geometry)),
                grids: collection(grids),
                places: collection(places),
                villages: collection(villages),
            })
        })
    }
}

impl View<'_> {
    fn grid_features(&self, scopes: &[Scope]) -> Vec<Feature<GridProperties>> {
        let drawn =
            self.grids.by_code.iter().filter(|(code, grid)| covers(scopes, &code.scope()) && !grid.ring.is_empty());
        let shown = drawn.map(|(code, grid)| {
            let properties =
                GridProperties { grid: self.grids.reference(&self.desk.divisions, *code), synthetic: grid.synthetic };
            feature("Polygon", json!([closed(&grid.ring)]), properties)
        });
        shown.collect()
    }

    fn place_features(&self, scopes: &[Scope]) -> Answer<Vec<Feature<PlaceProperties>>> {
        let mut features = Vec::new();
        for (place, last) in self.places_looked_at(scopes, SO_FAR)? {
            let Some(at) = shown_position(&place) else { continue };
            let of = self.place_ref(&place)?;
            let state = due(&place, last.as_ref(), self.now_ms).state.into();
            let properties = PlaceProperties { id: of.id, name: of.name, kind: of.kind, state };
            features.push(feature("Point", json!([at.lon, at.lat]), properties));
        }
        Ok(features)
    }

    /// A label stands in the middle of the grids of its village.
    fn village_features(&self, scopes: &[Scope]) -> Vec<Feature<VillageProperties>> {
        let mut middles: BTreeMap<AreaCode, Vec<[f64; 2]>> = BTreeMap::new();
        for (code, grid) in self.grids.by_code.iter().filter(|(code, _)| covers(scopes, &code.scope())) {
            middles.entry(code.village()).or_default().extend(grid.middle());
        }
        let label = |(village, middles): (AreaCode, Vec<[f64; 2]>)| {
            let mean = |part: usize| middles.iter().map(|at| at[part]).sum::<f64>() / middles.len() as f64;
            let area = self.desk.area(&village.scope());
            let properties = VillageProperties { code: area.code, name: area.name };
            (!middles.is_empty()).then(|| feature("Point", json!([mean(0), mean(1)]), properties))
        };
        middles.into_iter().filter_map(label).collect()
    }
}

fn covers(scopes: &[Scope], scope: &Scope) -> bool {
    scopes.iter().any(|mine| mine.contains(scope))
}

/// GeoJSON closes its rings.
pub(super) fn closed(ring: &[E7]) -> Vec<[f64; 2]> {
    let mut ring: Vec<[f64; 2]> = ring.iter().map(|at| degrees(*at)).collect();
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    ring
}

pub(super) fn collection<P>(features: Vec<Feature<P>>) -> Collection<P> {
    Collection { kind: "FeatureCollection".into(), features }
}

pub(super) fn feature<P>(kind: &str, coordinates: serde_json::Value, properties: P) -> Feature<P> {
    Feature { kind: "Feature".into(), geometry: Geometry { kind: kind.into(), coordinates }, properties }
}

/// West, south, east, north of the corners and points; all noughts where there are none.
fn bounds<'g>(grids: impl Iterator<Item = &'g Geometry>, places: impl Iterator<Item = &'g Geometry>) -> [f64; 4] {
    let rings = grids.filter_map(|grid| grid.coordinates.get(0)?.as_array()).flatten();
    let points = rings.chain(places.map(|place| &place.coordinates));
    let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let box_of = points.fold(nothing, |[west, south, east, north], at| {
        let part = |index: usize| at.get(index).and_then(serde_json::Value::as_f64).unwrap_or_default();
        [west.min(part(0)), south.min(part(1)), east.max(part(0)), north.max(part(1))]
    });
    if box_of[0].is_finite() { box_of } else { [0.0; 4] }
}
