//! Which places a walk has seen.

use super::area::{NotTheSame, Share};
use super::bytes::BadCoverage;
use crate::crs::E7;
use crate::distance::Radii;

const MAGIC: &[u8; 8] = b"gpplc\x00\x01\x00";

/// Places with the radius within which each is seen, ready for the fixes of a walk.
#[derive(Clone, Debug)]
pub struct Places {
    /// By latitude.
    sorted: Vec<Place>,
    /// The largest radius, in units northwards.
    reach: i64,
    count: usize,
    /// Of the list, so that only coverages of one list become one.
    checksum: u32,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: E7,
    /// In the list that was given.
    number: usize,
    radius_m: f64,
    /// Metres per unit at the place.
    east: f64,
    north: f64,
}

/// Which of the places were seen: a bit for each, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacesSeen {
    seen: Vec<bool>,
    checksum: u32,
}

/// What is seen of the places, growing with the fixes of a walk.
#[derive(Clone, Debug)]
pub struct PlacesWalker<'a> {
    places: &'a Places,
    seen: PlacesSeen,
    last: Option<E7>,
}

impl Places {
    /// Each place with its radius in metres, from 0.1 m to 1 km.
    pub fn new(places: &[(E7, f64)]) -> Self {
        let radius_dm = |metres: f64| (metres * 10.0).round().clamp(1.0, 10_000.0);
        let bytes = places.iter().flat_map(|(at, radius)| [at.lon(), at.lat(), radius_dm(*radius) as i32]);
        let checksum = crc32fast::hash(&bytes.flat_map(i32::to_le_bytes).collect::<Vec<u8>>());
        let mut sorted: Vec<Place> = places
            .iter()
            .enumerate()
            .map(|(number, (at, radius))| {
                let (sin, cos) = at.to_wgs84().lat().to_radians().sin_cos();
                let Radii { parallel, meridian, .. } = Radii::at(sin, cos);
                let unit = |radians: f64| radians.to_radians() * 1e-7;
                Place {
                    at: *at,
                    number,
                    radius_m: radius_dm(*radius) * 0.1,
                    east: unit(parallel),
                    north: unit(meridian),
                }
            })
            .collect();
        sorted.sort_by_key(|place| (place.at.lat(), place.number));
        let reach = sorted.iter().map(|place| (place.radius_m / place.north).ceil() as i64).max().unwrap_or(0);
        Self { sorted, reach, count: places.len(), checksum }
    }

    pub fn unseen(&self) -> PlacesSeen {
        PlacesSeen { seen: vec![false; self.count], checksum: self.checksum }
    }

    /// Goes on from what is seen of these places with the fixes of a walk.
    pub fn walker(&self, seen: PlacesSeen) -> Result<PlacesWalker<'_>, NotTheSame> {
        let same = (self.checksum, self.count) == (seen.checksum, seen.seen.len());
        same.then_some(PlacesWalker { places: self, seen, last: None }).ok_or(NotTheSame)
    }
}

impl PlacesWalker<'_> {
    /// The next fix: a place is seen when the line from the fix before it, or this fix after a gap, passes within its
    /// radius.
    pub fn fix(&mut self, at: E7) {
        let from = self.last.replace(at).unwrap_or(at);
        let Places { sorted, reach, .. } = self.places;
        let low = i64::from(from.lat().min(at.lat())) - reach;
        let high = i64::from(from.lat().max(at.lat())) + reach;
        let first = sorted.partition_point(|place| i64::from(place.at.lat()) < low);
        for place in sorted[first..].iter().take_while(|place| i64::from(place.at.lat()) <= high) {
            let seen = &mut self.seen.seen[place.number];
            *seen = *seen || place.sees(from, at);
        }
    }

    /// The next fix begins a new line.
    pub fn gap(&mut self) {
        self.last = None;
    }

    pub fn seen(&self) -> &PlacesSeen {
        &self.seen
    }

    pub fn into_seen(self) -> PlacesSeen {
        self.seen
    }
}

impl PlacesSeen {
    /// In the order of the list.
    pub fn seen(&self) -> &[bool] {
        &self.seen
    }

    pub fn share(&self) -> Share {
        Share { seen: self.seen.iter().filter(|seen| **seen).count() as u64, all: self.seen.len() as u64 }
    }

    /// Takes over what another phone has seen. The result does not depend on the order.
    pub fn merge(&mut self, other: &Self) -> Result<(), NotTheSame> {
        if (self.checksum, self.seen.len()) != (other.checksum, other.seen.len()) {
            return Err(NotTheSame);
        }
        self.seen.iter_mut().zip(&other.seen).for_each(|(own, other)| *own |= other);
        Ok(())
    }

    /// Magic, checksum of the list u32, count u32, a bit a place, the lowest bit of a byte first. Little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bits =
            self.seen.chunks(8).map(|eight| eight.iter().rev().fold(0, |byte, seen| byte << 1 | u8::from(*seen)));
        let words = [self.checksum, self.seen.len() as u32].map(u32::to_le_bytes);
        MAGIC.iter().copied().chain(words.into_iter().flatten()).chain(bits).collect()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadCoverage> {
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(BadCoverage::Unknown)?;
        if magic != MAGIC {
            return Err(BadCoverage::Unknown);
        }
        let (words, bits) = rest.split_at_checked(8).ok_or(BadCoverage::Damaged("cut short"))?;
        let words = words.as_chunks::<4>().0;
        let (checksum, count) = (u32::from_le_bytes(words[0]), u32::from_le_bytes(words[1]) as usize);
        let unused = if count.is_multiple_of(8) { 0 } else { bits.last().map_or(0, |last| last >> (count % 8)) };
        if bits.len() != count.div_ceil(8) || unused != 0 {
            return Err(BadCoverage::Damaged("places"));
        }
        Ok(Self { seen: (0..count).map(|place| bits[place / 8] >> (place % 8) & 1 == 1).collect(), checksum })
    }
}

impl Place {
    fn sees(&self, from: E7, to: E7) -> bool {
        let metres = |point: E7| {
            let offset = |at: i32, from: i32| f64::from(at) - f64::from(from);
            [offset(point.lon(), self.at.lon()) * self.east, offset(point.lat(), self.at.lat()) * self.north]
        };
        crate::fence::squared_to_segment(metres(from), metres(to)) <= self.radius_m * self.radius_m
    }
}
