//! The faults of a file of grids, each with its place. Pure but for the list of villages: nothing is kept.

use std::sync::{MutexGuard, PoisonError};

use axum::http::StatusCode;
use gridpatrol_export::{
    Area, Bounds, Error as ExportError, Feature as ExportFeature, Kind, Layer, Shape, Shapes, Value as ExportValue,
    geojson,
};
use gridpatrol_geo::crs::E7;
use gridpatrol_gridpack::check::{Expected, Fault, check};
use gridpatrol_gridpack::import::{Columns, Drawn, ImportError, Options};
use gridpatrol_gridpack::repair::{Mended, mend_rings, snap};
use gridpatrol_model::message::{Arg, Messages};
use serde_json::{Value, json};

use super::Desk;
use super::map::{closed, collection, feature};
use super::patrol_files::not_written;
use super::values::degrees;
use crate::api::{
    Answer,
    common::Text,
    grids::{DrawnGrid, FaultCount, GridCheck, GridFault, GridsQuery, MendedGrid},
    map::{Feature, Geometry},
    problem::{Next, Problem},
};
use crate::grid_file::GridFileError;

impl Desk {
    /// `file` is nothing where it had more bytes than are taken.
    pub(crate) fn check_grids(&self, asked: &GridsQuery, file: Option<&[u8]>) -> Answer<GridCheck> {
        let _alone = self.one_file_at_a_time();
        let (drawn, mended) = self.read_grids(asked, file)?;
        let report = check(&drawn, &Expected { villages: Some(&self.divisions), ..Expected::default() });
        Ok(GridCheck {
            bounds: bounds(drawn.iter().flat_map(|grid| &grid.areas).flat_map(|area| &area.outer)),
            grids: collection(drawn.iter().map(shown_grid).collect()),
            mended: mended.into_iter().map(shown_repair).collect(),
            faults: report.faults.iter().map(|fault| self.shown_fault(fault)).collect(),
            counts: counts(&report.faults),
            rounding: report.rounding,
            stopped: report.stopped,
        })
    }

    /// The repaired grids for a GIS.
    pub(crate) fn repaired_grids(&self, asked: &GridsQuery, file: Option<&[u8]>) -> Answer<Vec<u8>> {
        let _alone = self.one_file_at_a_time();
        let (drawn, _) = self.read_grids(asked, file)?;
        let fields = [("grid_code", Kind::Text), ("name", Kind::Text), ("village", Kind::Text)];
        let mut file = Vec::new();
        let written = geojson(
            &mut file,
            &Layer::new("grids", Shapes::Areas, &fields),
            drawn.into_iter().map(|grid| {
                let village = grid.village.map_or(ExportValue::Null, ExportValue::Text);
                let values = vec![ExportValue::Text(grid.code), ExportValue::Text(grid.name), village];
                Ok(ExportFeature { shape: Shape::Areas(grid.areas), values })
            }),
        );
        written.map(|()| file).map_err(|error| match error {
            ExportError::Ring { feature } => {
                let number = [("feature", Arg::Text(&(feature + 1).to_string()))];
                let id = "error-grids-no-area";
                self.unread(id, |messages| messages.text(id, &number))
            }
            other => not_written(other),
        })
    }

    /// It guards nothing but the time and the memory of a check, so one that failed stops no other.
    fn one_file_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.checking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The grids after the repairs that were asked for, and what these did.
    fn read_grids(&self, asked: &GridsQuery, file: Option<&[u8]>) -> Answer<(Vec<Drawn>, Vec<Mended>)> {
        let file = file.ok_or(GridFileError::Import(ImportError::TooLarge(0)));
        let drawn = file.and_then(|file| asked.format.read(file, said(&asked.layer), &options(asked)));
        let mut drawn = drawn.map_err(|error| self.unread(error.message_id(), |messages| error.text(messages)))?;
        if drawn.is_empty() {
            let none = "error-grids-none";
            return Err(self.unread(none, |messages| messages.text(none, &[])));
        }
        let mut mended = if asked.repair_rings { mend_rings(&mut drawn) } else { Vec::new() };
        if let Some(metres) = asked.snap_metres {
            mended.extend(snap(&mut drawn, metres).map_err(|_| Problem::unreadable())?);
        }
        Ok((drawn, mended))
    }

    fn unread(&self, id: &str, text: impl Fn(&Messages) -> String) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, id, &text(&self.zh), &text(&self.en), Next::Correct)
    }

    fn shown_fault(&self, fault: &Fault) -> GridFault {
        let text = Text { id: fault.kind.message_id(), zh: fault.text(&self.zh), en: fault.text(&self.en) };
        let (geometry, bounds) = match &fault.place {
            Shape::Point(at) => (Some(geometry("Point", json!(degrees(*at)))), bounds([at])),
            Shape::Areas(areas) => (Some(land(areas)), bounds(areas.iter().flat_map(|area| &area.outer))),
            Shape::Lines(_) | Shape::Nowhere => (None, None),
        };
        GridFault {
            kind: fault.kind.name().to_owned(),
            text,
            codes: fault.codes.clone(),
            features: fault.features.clone(),
            square_metres: fault.square_metres,
            geometry,
            bounds,
        }
    }
}

fn shown_repair(mended: Mended) -> MendedGrid {
    let Mended { feature, code, removed, added, moved, furthest_metres, closed, turned } = mended;
    MendedGrid { feature, code, closed, turned, removed, added, moved, furthest_metres }
}

fn options(asked: &GridsQuery) -> Options {
    let named = |column: &Option<String>| said(column).map(str::to_owned);
    let columns = Columns { code: named(&asked.code_column), name: named(&asked.name_column), ..Columns::default() };
    let encoding = asked.encoding.map(Into::into);
    Options { ignore_label: asked.ignore_label, columns, encoding, ..Options::new(asked.crs.into()) }
}

/// A field that was left empty says nothing.
fn said(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn shown_grid(grid: &Drawn) -> Feature<DrawnGrid> {
    let Geometry { kind, coordinates } = land(&grid.areas);
    let properties = DrawnGrid { feature: grid.feature, code: grid.code.clone(), name: grid.name.clone() };
    feature(&kind, coordinates, properties)
}

fn land(areas: &[Area]) -> Geometry {
    match areas {
        [area] => geometry("Polygon", rings(area)),
        areas => geometry("MultiPolygon", areas.iter().map(rings).collect()),
    }
}

fn rings(area: &Area) -> Value {
    std::iter::once(&area.outer).chain(&area.holes).map(|ring| json!(closed(ring))).collect()
}

fn geometry(kind: &str, coordinates: Value) -> Geometry {
    Geometry { kind: kind.to_owned(), coordinates }
}

fn bounds<'a>(corners: impl IntoIterator<Item = &'a E7>) -> Option<[f64; 4]> {
    let Bounds { south_west, north_east } = Bounds::around(corners.into_iter().copied())?;
    let ([west, south], [east, north]) = (degrees(south_west), degrees(north_east));
    Some([west, south, east, north])
}

fn counts(faults: &[Fault]) -> Vec<FaultCount> {
    let same = faults.chunk_by(|one, other| one.kind == other.kind);
    same.map(|same| FaultCount { kind: same[0].kind.name().to_owned(), count: same.len() as u64 }).collect()
}
