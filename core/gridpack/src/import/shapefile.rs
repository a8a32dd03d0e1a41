//! Shapefile: `.shp`, `.shx` and `.dbf`, with `.prj` and `.cpg` where they are there. The encoding of the texts is
//! what the `.cpg` or the caller says.

use std::io::Cursor;

use gridpatrol_export::Area;
use shapefile::dbase::{self, FieldValue};
use shapefile::{PolygonRing, Shape, ShapeReader};

use super::rings::Rings;
use super::{Drawn, FeatureError, ImportError, MAX_GRIDS, Options, Picked, ShapefileParts, TextEncoding};
use crate::crs::{Crs, Stated};

pub(super) fn read(parts: ShapefileParts<'_>, options: &Options) -> Result<Vec<Drawn>, ImportError> {
    options.check_label(parts.prj.and_then(Stated::well_known_text))?;
    let encoding = encoding(parts.cpg, options.encoding)?;
    let mut table = dbase::ReaderBuilder::new()
        .with_encoding(dbase::encoding::EncodingRs::from(match encoding {
            TextEncoding::Utf8 => encoding_rs::UTF_8,
            TextEncoding::Gbk => encoding_rs::GBK,
        }))
        .build(Cursor::new(parts.dbf))
        .map_err(|error| unreadable(&error))?;
    let have: Vec<String> = table.fields().iter().map(|field| field.name().to_owned()).collect();
    let picked = options.columns.pick(&have)?;
    let mut shapes =
        ShapeReader::with_shx(Cursor::new(parts.shp), Cursor::new(parts.shx)).map_err(|error| unreadable(&error))?;
    let mut grids = Vec::new();
    let mut records = table.iter_records();
    for shape in shapes.iter_shapes() {
        if grids.len() == MAX_GRIDS {
            return Err(ImportError::TooMany);
        }
        let number = grids.len() as u64 + 1;
        let wrong = |error: &dyn std::fmt::Display| unreadable(error);
        let record = records.next().ok_or_else(|| wrong(&"the .dbf has fewer records than the .shp"))?;
        let record = record.map_err(|error| wrong(&error))?;
        let areas = areas(shape.map_err(|error| wrong(&error))?, options.crs).map_err(|why| why.of(number))?;
        grids.push(drawn(number, &record, &have, &picked, encoding, areas)?);
    }
    Ok(grids)
}

fn unreadable(error: &dyn std::fmt::Display) -> ImportError {
    ImportError::Unreadable { format: "Shapefile", why: error.to_string().chars().take(200).collect() }
}

fn encoding(cpg: Option<&str>, named: Option<TextEncoding>) -> Result<TextEncoding, ImportError> {
    let stated = cpg.filter(|cpg| !cpg.trim().is_empty());
    let known = stated.map(str::parse::<TextEncoding>).transpose();
    match (known, named) {
        (Ok(Some(stated)), Some(named)) if stated != named => {
            Err(ImportError::EncodingDiffers { stated: stated.name().to_owned(), named: named.name() })
        }
        (Ok(Some(stated)), _) => Ok(stated),
        (Ok(None), named) => named.ok_or(ImportError::NoEncoding),
        (Err(unknown), _) => Err(unknown),
    }
}

fn drawn(
    number: u64,
    record: &dbase::Record,
    have: &[String],
    picked: &Picked,
    encoding: TextEncoding,
    areas: Vec<Area>,
) -> Result<Drawn, ImportError> {
    let text = |at: usize| {
        let text = record.get(&have[at]).map(shown).unwrap_or_default();
        // The reader puts this in the place of bytes that the encoding does not have.
        let sound = !text.contains('\u{fffd}');
        sound.then_some(text).ok_or_else(|| FeatureError::NotEncoded(encoding.name()).of(number))
    };
    let name = picked.name.map(text).transpose()?.unwrap_or_default();
    let village = picked.village.map(text).transpose()?;
    Drawn::new(number, &text(picked.code)?, &name, village.as_deref(), areas)
}

/// A code of 15 digits is exact in a `double`.
fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Character(text) => text.clone().unwrap_or_default(),
        FieldValue::Numeric(Some(number)) => format!("{number}"),
        FieldValue::Double(number) => format!("{number}"),
        FieldValue::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}

fn areas(shape: Shape, crs: Crs) -> Result<Vec<Area>, FeatureError> {
    match shape {
        Shape::Polygon(polygon) => rings(polygon.into_inner(), crs, |at| (at.x, at.y)),
        Shape::PolygonM(polygon) => rings(polygon.into_inner(), crs, |at| (at.x, at.y)),
        Shape::PolygonZ(polygon) => rings(polygon.into_inner(), crs, |at| (at.x, at.y)),
        Shape::NullShape => Err(FeatureError::NoGeometry),
        other => Err(FeatureError::NotPolygon(other.to_string().chars().take(40).collect())),
    }
}

/// The direction of a ring says what it is; holes follow their outer ring. A file with its only ring the other way
/// round means an outer one nevertheless.
fn rings<P>(rings: Vec<PolygonRing<P>>, crs: Crs, xy: impl Fn(&P) -> (f64, f64)) -> Result<Vec<Area>, FeatureError> {
    let mut read = Rings::new(crs);
    for ring in rings {
        let (is_outer, points) = match ring {
            PolygonRing::Outer(points) => (true, points),
            PolygonRing::Inner(points) => (false, points),
        };
        for point in &points {
            let (x, y) = xy(point);
            read.corner(x, y)?;
        }
        read.end_ring(is_outer)?;
    }
    Ok(read.finish())
}
