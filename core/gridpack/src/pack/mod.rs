//! A pack: the grids of an area, and the file that holds them together with their index.
//!
//! [`Pack`] is what people work on: it is made from checked drawings, split and merged, and written. [`PackFile`] is
//! what machines answer from: the bytes of the file, with the index used where it lies, so that a phone may map the
//! file. The same pack gives the same bytes, everywhere.

mod format;

use std::collections::BTreeMap;

use gridpatrol_export::{Area, Feature, Kind, Layer, Shape, Shapes, Value};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::{BadIndex, GridIndex, Polygon};
use gridpatrol_model::area::GridCode;

use crate::check::{Fault, FaultKind, ring::check as check_ring};
use crate::crs::Crs;
use crate::import::{Drawn, MAX_GRIDS, MAX_TEXT};
use crate::plane::{doubled_area, opened};
pub use format::{PackFile, Tail};

/// Where a pack comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// For people, at most [`MAX_TEXT`] bytes, like the source.
    pub name: String,
    /// Who drew it, or from which file it was made.
    pub source: String,
    /// In which system it came; the pack itself is WGS-84.
    pub crs: Crs,
    /// Milliseconds UTC, as the caller says.
    pub made_ms: i64,
}

/// One grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    pub code: GridCode,
    pub name: String,
    /// Open, counterclockwise, from its smallest corner: equal borders are equal.
    ring: Vec<E7>,
    /// What took its place, ascending; empty while it lives. A code is never used again.
    pub superseded_by: Vec<GridCode>,
}

/// The grids of an area, the superseded ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    pub about: About,
    grids: BTreeMap<GridCode, Grid>,
}

/// Why drawings are no pack yet.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPack {
    /// Faults that a pack cannot hold.
    #[error("{} faults must be mended first: look at them on the map (`gridpatrol grids check`)", .0.len())]
    Faults(Vec<Fault>),
    #[error("the {0} has at most {MAX_TEXT} bytes: shorten it")]
    TextTooLong(&'static str),
    #[error("there is no grid in it")]
    Empty,
    #[error("there are more than {MAX_GRIDS} grids: make a pack for each county")]
    TooMany,
}

/// Why bytes are no pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPack {
    #[error("this is no grid pack, or one of a version that this program does not know: fetch it again, or upgrade")]
    Unknown,
    #[error("the grid pack is damaged ({0}): fetch it again")]
    Damaged(&'static str),
    #[error(transparent)]
    Index(#[from] BadIndex),
}

impl FaultKind {
    /// Whether a pack cannot hold it. Overlaps, gaps and villages are a matter of judgement: every point has one owner
    /// all the same.
    pub fn prevents_a_pack(self) -> bool {
        !matches!(
            self,
            FaultKind::UnknownVillage
                | FaultKind::WrongVillage
                | FaultKind::OutsideArea
                | FaultKind::Overlap
                | FaultKind::Gap
        )
    }
}

impl Grid {
    pub(crate) fn new(code: GridCode, name: String, ring: &[E7], superseded_by: Vec<GridCode>) -> Self {
        Grid { code, name, ring: formed(ring), superseded_by }
    }

    /// Open, counterclockwise, from its smallest corner.
    pub fn ring(&self) -> &[E7] {
        &self.ring
    }

    pub fn is_live(&self) -> bool {
        self.superseded_by.is_empty()
    }

    fn polygon(&self) -> Option<Polygon> {
        Polygon::new(self.ring.clone(), Vec::new()).ok()
    }
}

/// The one form of a ring.
fn formed(ring: &[E7]) -> Vec<E7> {
    let mut ring = opened(ring).to_vec();
    if doubled_area(&ring) < 0 {
        ring.reverse();
    }
    let first = ring.iter().enumerate().min_by_key(|(_, at)| **at).map_or(0, |(place, _)| place);
    ring.rotate_left(first);
    ring
}

impl Pack {
    /// From drawings without a fault that [`FaultKind::prevents_a_pack`]. Rings get their one form; nothing else is
    /// changed.
    pub fn new(about: About, drawn: &[Drawn]) -> Result<Self, NoPack> {
        let mut faults = Vec::new();
        let mut grids = BTreeMap::new();
        for one in drawn {
            check_ring(one, &mut faults);
            let Ok(code) = GridCode::parse(&one.code) else {
                faults.push(Fault::whole(FaultKind::BadCode, one));
                continue;
            };
            let ring = one.areas.first().map_or(&[][..], |area| &area.outer);
            if grids.insert(code, Grid::new(code, one.name.clone(), ring, Vec::new())).is_some() {
                faults.push(Fault::whole(FaultKind::DuplicateCode, one));
            }
        }
        if !faults.is_empty() {
            return Err(NoPack::Faults(faults));
        }
        let names = grids.values().map(|grid: &Grid| ("name of a grid", &grid.name));
        let mut texts = [("name", &about.name), ("source", &about.source)].into_iter().chain(names);
        let too_long = texts.find(|(_, text)| text.len() > MAX_TEXT).map(|(what, _)| what);
        drop(texts);
        if let Some(what) = too_long {
            return Err(NoPack::TextTooLong(what));
        }
        match grids.len() {
            0 => Err(NoPack::Empty),
            1..=MAX_GRIDS => Ok(Pack { about, grids }),
            _ => Err(NoPack::TooMany),
        }
    }

    /// All grids by ascending code.
    pub fn grids(&self) -> impl ExactSizeIterator<Item = &Grid> {
        self.grids.values()
    }

    /// Those that own points.
    pub fn live(&self) -> impl Iterator<Item = &Grid> {
        self.grids.values().filter(|grid| grid.is_live())
    }

    pub fn grid(&self, code: GridCode) -> Option<&Grid> {
        self.grids.get(&code)
    }

    pub(crate) fn put(&mut self, grid: Grid) {
        self.grids.insert(grid.code, grid);
    }

    /// The index of the live grids.
    pub fn index(&self) -> GridIndex {
        GridIndex::build(self.live().filter_map(|grid| Some((grid.code, grid.polygon()?))))
    }

    /// The live grids as drawings, for a check.
    pub fn drawn(&self) -> Vec<Drawn> {
        let drawn = |(feature, grid): (u64, &Grid)| {
            let mut outer = grid.ring.clone();
            outer.extend(grid.ring.first().copied());
            Drawn {
                feature,
                code: grid.code.to_string(),
                name: grid.name.clone(),
                village: None,
                areas: vec![Area { outer, holes: Vec::new() }],
            }
        };
        (1..).zip(self.live()).map(drawn).collect()
    }

    /// The columns of [`Pack::features`]; an import finds the code and the name by these names.
    pub fn layer(&self) -> Layer {
        let fields = [("grid_code", Kind::Text), ("name", Kind::Text), ("superseded_by", Kind::Texts)];
        Layer::new("grids", Shapes::Areas, &fields)
    }

    /// Grids for other people's tools, as `gridpatrol_export` writes them.
    pub fn features(&self, superseded_too: bool) -> impl Iterator<Item = Feature> + '_ {
        self.grids().filter(move |grid| superseded_too || grid.is_live()).map(|grid| Feature {
            shape: Shape::Areas(vec![Area { outer: grid.ring.clone(), holes: Vec::new() }]),
            values: vec![
                Value::Text(grid.code.to_string()),
                Value::Text(grid.name.clone()),
                Value::Texts(grid.superseded_by.iter().map(GridCode::to_string).collect()),
            ],
        })
    }
}
