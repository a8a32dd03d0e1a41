//! Polygons as the readers of the formats hand them over, checked and converted corner by corner.

use geozero::error::{GeozeroError, Result as Read};
use geozero::{GeomProcessor, GeozeroGeometry};
use gridpatrol_export::Area;
use gridpatrol_geo::crs::E7;

use super::{FeatureError, MAX_AREAS, MAX_RING};
use crate::crs::Crs;

/// Beyond what any angle in degrees is, so that a position that is only off by some degrees is not called metres.
const METRES: f64 = 1_000.0;

/// The areas of one feature while they are read. The first error stays, since the readers know no type for it.
pub(super) struct Rings {
    crs: Crs,
    areas: Vec<Area>,
    ring: Vec<E7>,
    rings: usize,
    error: Option<FeatureError>,
}

impl Rings {
    pub fn new(crs: Crs) -> Self {
        Rings { crs, areas: Vec::new(), ring: Vec::new(), rings: 0, error: None }
    }

    pub fn corner(&mut self, lon: f64, lat: f64) -> Result<(), FeatureError> {
        if self.ring.len() >= MAX_RING {
            return Err(FeatureError::RingTooLong);
        }
        self.ring.push(corner(self.crs, lon, lat)?);
        Ok(())
    }

    /// Ends the ring: an outer one begins an area.
    pub fn end_ring(&mut self, is_outer: bool) -> Result<(), FeatureError> {
        self.rings += 1;
        if self.rings > MAX_AREAS {
            return Err(FeatureError::TooManyParts);
        }
        let ring = std::mem::take(&mut self.ring);
        if ring.is_empty() {
            return Ok(());
        }
        match self.areas.last_mut() {
            Some(area) if !is_outer => area.holes.push(ring),
            _ => self.areas.push(Area { outer: ring, holes: Vec::new() }),
        }
        Ok(())
    }

    pub fn finish(self) -> Vec<Area> {
        self.areas
    }

    /// Reads well-known text or binary. The caller has made sure that it is a polygon or several.
    pub fn read(crs: Crs, geometry: impl GeozeroGeometry) -> Result<Vec<Area>, FeatureError> {
        let mut rings = Rings::new(crs);
        let outcome = geometry.process_geom(&mut rings);
        match (rings.error.take(), outcome) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(FeatureError::Unreadable(error.to_string().chars().take(200).collect())),
            (None, Ok(())) => Ok(rings.finish()),
        }
    }

    fn keep(&mut self, outcome: Result<(), FeatureError>) -> Read<()> {
        outcome.map_err(|error| {
            self.error.get_or_insert(error);
            GeozeroError::GeometryFormat
        })
    }
}

pub(super) fn corner(crs: Crs, lon: f64, lat: f64) -> Result<E7, FeatureError> {
    if lon.abs() > METRES || lat.abs() > METRES {
        return Err(FeatureError::Metres(lon, lat));
    }
    Ok(crs.to_e7(lon, lat)?)
}

impl GeomProcessor for Rings {
    fn xy(&mut self, x: f64, y: f64, _: usize) -> Read<()> {
        let outcome = self.corner(x, y);
        self.keep(outcome)
    }

    fn linestring_end(&mut self, tagged: bool, idx: usize) -> Read<()> {
        // The rings of a polygon are lines without a tag; the first one is the outer one.
        let outcome = if tagged { Err(FeatureError::NotPolygon("a line".into())) } else { self.end_ring(idx == 0) };
        self.keep(outcome)
    }
}
