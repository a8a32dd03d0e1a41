//! CSV in UTF-8: well-known text in a column, or a line for each corner of a ring.

use std::collections::BTreeMap;

use geozero::wkt::Wkt;
use gridpatrol_export::Area;
use gridpatrol_geo::crs::E7;

use super::rings::{Rings, corner};
use super::{Drawn, FeatureError, ImportError, MAX_GRIDS, MAX_RING, Options, Picked, no_column};
use crate::crs::{Crs, Stated};

/// The second names its system.
const WKT: &[&str] = &["wkt", "wkt_wgs84", "geom"];
const LON: &[&str] = &["lon", "lng", "longitude", "lon_wgs84", "经度"];
const LAT: &[&str] = &["lat", "latitude", "lat_wgs84", "纬度"];

pub(super) fn read(file: &[u8], options: &Options) -> Result<Vec<Drawn>, ImportError> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut lines = csv::Reader::from_reader(file);
    let have: Vec<String> = lines.headers().map_err(|error| unreadable(&error))?.iter().map(str::to_owned).collect();
    let at = |names: &[&str]| names.iter().find_map(|name| have.iter().position(|column| column == name));
    let picked = options.columns.pick(&have)?;
    if let Some(wkt) = at(WKT) {
        options.check_label(labelled(&have[wkt]))?;
        return (1..).zip(lines.records()).map(|(number, line)| polygon(number, line, wkt, &picked, options)).collect();
    }
    match (at(LON), at(LAT)) {
        (Some(lon), Some(lat)) => {
            options.check_label(labelled(&have[lon]))?;
            corners(lines, (lon, lat), &picked, options)
        }
        _ => Err(no_column("borders (wkt), or of the corners (lon and lat)", "wkt, lon, lat", &have)),
    }
}

/// Our own exports say their system in the name of the column.
fn labelled(column: &str) -> Option<Stated> {
    column.ends_with("_wgs84").then_some(Stated::Known(Crs::Wgs84))
}

fn unreadable(error: &csv::Error) -> ImportError {
    let why = error.to_string().chars().take(200).collect::<String>();
    ImportError::Unreadable { format: "CSV", why: why + " (save it as UTF-8)" }
}

type Line = Result<csv::StringRecord, csv::Error>;

fn polygon(number: u64, line: Line, wkt: usize, picked: &Picked, options: &Options) -> Result<Drawn, ImportError> {
    if number > MAX_GRIDS as u64 {
        return Err(ImportError::TooMany);
    }
    let line = line.map_err(|error| unreadable(&error))?;
    let areas = areas(line.get(wkt).unwrap_or_default(), options.crs).map_err(|why| why.of(number))?;
    drawn(number, &line, picked, areas)
}

/// A cell that a spreadsheet would run begins with an apostrophe in our own exports; codes are often so, too.
fn drawn(number: u64, line: &csv::StringRecord, picked: &Picked, areas: Vec<Area>) -> Result<Drawn, ImportError> {
    let cell = |at: usize| line.get(at).unwrap_or_default().trim().trim_start_matches('\'');
    let name = picked.name.map(cell).unwrap_or_default();
    Drawn::new(number, cell(picked.code), name, picked.village.map(cell), areas)
}

/// Only polygons go to the reader: a collection of collections could nest without end.
fn areas(text: &str, crs: Crs) -> Result<Vec<Area>, FeatureError> {
    let text = text.trim();
    let kind: String = text.chars().take(40).take_while(char::is_ascii_alphabetic).collect();
    match kind.to_ascii_uppercase().as_str() {
        "" if text.is_empty() => Err(FeatureError::NoGeometry),
        "POLYGON" | "MULTIPOLYGON" => Rings::read(crs, Wkt(text)),
        _ => Err(FeatureError::NotPolygon(if kind.is_empty() { "no well-known text".into() } else { kind })),
    }
}

/// Lines of one code are one ring, in their order. No format says whether such a list repeats its first corner, so
/// it is closed here.
fn corners(
    mut lines: csv::Reader<&[u8]>,
    (lon, lat): (usize, usize),
    picked: &Picked,
    options: &Options,
) -> Result<Vec<Drawn>, ImportError> {
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    let mut grids: Vec<(Drawn, Vec<E7>)> = Vec::new();
    for (number, line) in (1..).zip(lines.records()) {
        let line = line.map_err(|error| unreadable(&error))?;
        let degrees = |at: usize| {
            let cell = line.get(at).unwrap_or_default();
            cell.trim().parse::<f64>().map_err(|_| {
                FeatureError::Unreadable(format!("{:?} is no number", cell.chars().take(40).collect::<String>()))
            })
        };
        let at = degrees(lon).and_then(|lon| corner(options.crs, lon, degrees(lat)?)).map_err(|why| why.of(number))?;
        let code = line.get(picked.code).unwrap_or_default().trim();
        let grid = match place.get(code) {
            Some(grid) => *grid,
            None if grids.len() == MAX_GRIDS => return Err(ImportError::TooMany),
            None => {
                let area = Area { outer: vec![at], holes: Vec::new() };
                grids.push((drawn(number, &line, picked, vec![area])?, Vec::new()));
                place.insert(code.to_owned(), grids.len() - 1);
                grids.len() - 1
            }
        };
        let ring = &mut grids[grid].1;
        if ring.len() >= MAX_RING {
            return Err(FeatureError::RingTooLong.of(number));
        }
        ring.push(at);
    }
    let closed = |(mut grid, mut ring): (Drawn, Vec<E7>)| {
        if ring.first() != ring.last() {
            ring.extend(ring.first().copied());
        }
        grid.areas = vec![Area { outer: ring, holes: Vec::new() }];
        grid
    };
    Ok(grids.into_iter().map(closed).collect())
}
