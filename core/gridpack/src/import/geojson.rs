//! GeoJSON, RFC 7946 and the older one of 2008 with its `crs` member. Without that member the file does not say which
//! system it is in; many Chinese files are GCJ-02 whatever the RFC demands, so silence counts as no answer.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::rings::Rings;
use super::{Drawn, FeatureError, ImportError, MAX_GRIDS, Options, Picked};
use crate::crs::{Crs, Stated};

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: String,
    crs: Option<Value>,
    #[serde(borrow, default)]
    features: Features<'a>,
}

/// Each feature as its text, so that a wrong one can be named by its number.
#[derive(Default)]
struct Features<'a>(Vec<&'a RawValue>);

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    #[serde(borrow)]
    geometry: Option<Geometry<'a>>,
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

pub(super) fn read(file: &[u8], options: &Options) -> Result<Vec<Drawn>, ImportError> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let collection: Collection = serde_json::from_slice(file).map_err(|error| unreadable(&error))?;
    if collection.kind != "FeatureCollection" {
        return Err(ImportError::Unreadable { format: "GeoJSON", why: "it is no FeatureCollection".into() });
    }
    options.check_label(stated(collection.crs.as_ref()))?;
    let features = &collection.features.0;
    if features.len() > MAX_GRIDS {
        return Err(ImportError::TooMany);
    }
    (1..).zip(features).map(|(number, feature)| read_feature(number, feature, options)).collect()
}

fn unreadable(error: &serde_json::Error) -> ImportError {
    ImportError::Unreadable { format: "GeoJSON", why: error.to_string().chars().take(200).collect() }
}

/// `{"type": "name", "properties": {"name": "EPSG:4490"}}` of the GeoJSON of 2008, or the name alone.
fn stated(crs: Option<&Value>) -> Option<Stated> {
    let crs = crs.filter(|crs| !crs.is_null())?;
    let name = crs.pointer("/properties/name").unwrap_or(crs);
    let code = crs.pointer("/properties/code").and_then(Value::as_i64);
    Some(match (code, name.as_str()) {
        (Some(code), _) => Stated::epsg(code),
        (None, Some(name)) => Stated::named(name),
        (None, None) => Stated::Other(crs.to_string().chars().take(80).collect()),
    })
}

fn read_feature(number: u64, text: &RawValue, options: &Options) -> Result<Drawn, ImportError> {
    let bad =
        |error: serde_json::Error| FeatureError::Unreadable(error.to_string().chars().take(200).collect()).of(number);
    let feature: Feature = serde_json::from_str(text.get()).map_err(bad)?;
    let properties = feature.properties.unwrap_or_default();
    let have: Vec<String> = properties.keys().cloned().collect();
    let Picked { code, name, village } = options.columns.pick(&have)?;
    let value = |at: usize| properties.get(&have[at]).map(shown).unwrap_or_default();
    let geometry = feature.geometry.ok_or_else(|| FeatureError::NoGeometry.of(number))?;
    let areas = read_geometry(&geometry, options.crs).map_err(|why| why.of(number))?;
    let name = name.map(value).unwrap_or_default();
    Drawn::new(number, &value(code), &name, village.map(value).as_deref(), areas)
}

/// A code is often written as a number.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

type Position = At;
type Ring = Vec<Position>;

/// Longitude and latitude; what follows them is left out.
struct At(f64, f64);

fn read_geometry(geometry: &Geometry, crs: Crs) -> Result<Vec<gridpatrol_export::Area>, FeatureError> {
    let text = geometry.coordinates.map_or("null", RawValue::get);
    let bad = |error: serde_json::Error| FeatureError::Unreadable(error.to_string().chars().take(200).collect());
    let polygons: Vec<Vec<Ring>> = match geometry.kind.as_str() {
        "Polygon" => vec![serde_json::from_str(text).map_err(bad)?],
        "MultiPolygon" => serde_json::from_str(text).map_err(bad)?,
        other => return Err(FeatureError::NotPolygon(other.chars().take(40).collect())),
    };
    let mut rings = Rings::new(crs);
    for polygon in &polygons {
        for (at, ring) in polygon.iter().enumerate() {
            ring.iter().try_for_each(|at| rings.corner(at.0, at.1))?;
            rings.end_ring(at == 0)?;
        }
    }
    Ok(rings.finish())
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = At;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a position, [longitude, latitude]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<At, A::Error> {
                let mut next = || numbers.next_element()?.ok_or_else(|| serde::de::Error::invalid_length(1, &self));
                let at = At(next()?, next()?);
                while numbers.next_element::<IgnoredAny>()?.is_some() {}
                Ok(at)
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}

impl<'a, 'de: 'a> Deserialize<'de> for Features<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Features<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of features")
            }

            /// One more than is allowed is enough to say that there are too many.
            fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<Features<'de>, A::Error> {
                let mut all = Vec::new();
                while all.len() <= MAX_GRIDS
                    && let Some(feature) = features.next_element()?
                {
                    all.push(feature);
                }
                while features.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Features(all))
            }
        }
        deserializer.deserialize_seq(Texts)
    }
}
