//! The model that all writers share: features of one shape, with the same fields.

use std::collections::BTreeSet;

use gridpatrol_geo::crs::E7;

use crate::{Error, text};

/// What the features of one file or table have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    pub name: String,
    pub fields: Vec<Field>,
    pub shapes: Shapes,
    /// Around all features, where that is known before they are written.
    pub bounds: Option<Bounds>,
}

/// A column. A map shows the first `Text` of a feature as its name, and the first `Time` as its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Texts,
    Int,
    Real,
    Bool,
    Time,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    /// An array where the format has arrays, else joined by "; ".
    Texts(Vec<String>),
    Int(i64),
    /// What is not finite is written as if it were `Null`.
    Real(f64),
    Bool(bool),
    /// Milliseconds UTC. A time outside the years 1 to 9999 is written as if it were `Null`.
    Time(i64),
    Null,
}

/// What all features of a layer are, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    Points,
    Lines,
    Areas,
    /// Each of its own kind. Not every program edits such a layer, all show it.
    Mixed,
}

/// One thing, with one value for each field of its layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    pub shape: Shape,
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The place is not known.
    Nowhere,
    Point(E7),
    /// Lines that are apart.
    Lines(Vec<Line>),
    /// Parts that do not overlap.
    Areas(Vec<Area>),
}

/// A single point is written as a line of no length: readers refuse a line of one point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub points: Vec<E7>,
    /// When it was walked, milliseconds UTC. Only KML has a place for it.
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
}

/// Rings may be open or closed, in either direction; they are written closed, by the right-hand rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub outer: Vec<E7>,
    pub holes: Vec<Vec<E7>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub south_west: E7,
    pub north_east: E7,
}

impl Layer {
    pub fn new(name: impl Into<String>, shapes: Shapes, fields: &[(&str, Kind)]) -> Self {
        let fields = fields.iter().map(|&(name, kind)| Field { name: name.to_owned(), kind }).collect();
        Layer { name: name.into(), fields, shapes, bounds: None }
    }

    /// Column names that every format can hold, equal in letter case or not.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut taken = BTreeSet::from(["fid".to_owned(), "geom".to_owned()]);
        for Field { name, .. } in &self.fields {
            if !text::is_name(name) || !taken.insert(name.to_lowercase()) {
                return Err(Error::ColumnName(name.clone()));
            }
        }
        Ok(())
    }

    /// The features one by one, each checked and with its shape in the form that is written.
    pub(crate) fn ready(
        &self,
        features: impl IntoIterator<Item = Result<Feature, Error>>,
    ) -> impl Iterator<Item = Result<Feature, Error>> {
        (0..).zip(features).map(|(number, feature)| self.ready_one(number, feature?))
    }

    fn ready_one(&self, number: u64, feature: Feature) -> Result<Feature, Error> {
        let kinds = self.fields.iter().map(|field| field.kind);
        let fit = feature.values.iter().zip(kinds).all(|(value, kind)| value.is_of(kind));
        if !fit || feature.values.len() != self.fields.len() {
            return Err(Error::Values { feature: number });
        }
        let shape = match (self.shapes, feature.shape) {
            (_, Shape::Nowhere) => Shape::Nowhere,
            (Shapes::Points | Shapes::Mixed, Shape::Point(at)) => Shape::Point(at),
            (Shapes::Lines | Shapes::Mixed, Shape::Lines(lines)) => drawn_lines(lines),
            (Shapes::Areas | Shapes::Mixed, Shape::Areas(areas)) => {
                drawn_areas(areas).ok_or(Error::Ring { feature: number })?
            }
            _ => return Err(Error::Shape { feature: number }),
        };
        Ok(Feature { shape, values: feature.values })
    }
}

impl Value {
    fn is_of(&self, kind: Kind) -> bool {
        let own = match self {
            Value::Null => return true,
            Value::Text(_) => Kind::Text,
            Value::Texts(_) => Kind::Texts,
            Value::Int(_) => Kind::Int,
            Value::Real(_) => Kind::Real,
            Value::Bool(_) => Kind::Bool,
            Value::Time(_) => Kind::Time,
        };
        own == kind
    }
}

impl Bounds {
    /// `None` around nothing.
    pub fn around(points: impl IntoIterator<Item = E7>) -> Option<Self> {
        points.into_iter().map(|at| Bounds { south_west: at, north_east: at }).reduce(Bounds::with)
    }

    pub(crate) fn with(self, other: Self) -> Self {
        let corner = |pick: fn(i32, i32) -> i32, a: E7, b: E7| {
            E7::new(pick(a.lon(), b.lon()), pick(a.lat(), b.lat())).expect("each number is one of a position")
        };
        Bounds {
            south_west: corner(i32::min, self.south_west, other.south_west),
            north_east: corner(i32::max, self.north_east, other.north_east),
        }
    }
}

fn drawn_lines(mut lines: Vec<Line>) -> Shape {
    lines.retain(|line| !line.points.is_empty());
    for Line { points, .. } in &mut lines {
        if let [only] = points[..] {
            points.push(only);
        }
    }
    if lines.is_empty() { Shape::Nowhere } else { Shape::Lines(lines) }
}

/// `None` where a ring encloses nothing.
fn drawn_areas(mut areas: Vec<Area>) -> Option<Shape> {
    for area in &mut areas {
        wind(&mut area.outer, true)?;
        area.holes.iter_mut().try_for_each(|hole| wind(hole, false))?;
    }
    Some(if areas.is_empty() { Shape::Nowhere } else { Shape::Areas(areas) })
}

/// Closes a ring and gives it its direction.
fn wind(ring: &mut Vec<E7>, counterclockwise: bool) -> Option<()> {
    if ring.first() != ring.last() {
        ring.push(*ring.first()?);
    }
    let area = doubled_area(ring);
    if area == 0 {
        return None;
    }
    if (area > 0) != counterclockwise {
        ring.reverse();
    }
    Some(())
}

/// Twice the area, positive when counterclockwise, in square units of 1e-7 degrees.
fn doubled_area(ring: &[E7]) -> i128 {
    let cross = |a: E7, b: E7| i128::from(a.lon()) * i128::from(b.lat()) - i128::from(b.lon()) * i128::from(a.lat());
    ring.windows(2).map(|side| cross(side[0], side[1])).sum()
}
