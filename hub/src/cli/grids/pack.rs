//! `gridpatrol grids split`, `merge`, `show`, `export` and `load`: our own packs.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use gridpatrol_export::{CsvStyle, GeoPackage, csv, geojson, kml};
use gridpatrol_geo::crs::{E7, Wgs84};
use gridpatrol_gridpack::{Changed, Pack, PackFile};
use gridpatrol_hub::grid_pack;
use gridpatrol_model::area::GridCode;
use jiff::Timestamp;

use super::super::{Outcome, ports};
use super::{Export, Format, Load, Merge, Split};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub fn split(asked: &Split) -> Outcome {
    let mut pack = open(&asked.pack)?.pack;
    let line = asked.line.split_whitespace().map(point).collect::<Fallible<Vec<E7>>>()?;
    let [right, left] = &asked.names[..] else { return Err("--names takes two names: right, then left".into()) };
    let changed = pack.split(asked.code, &line, [right, left])?;
    save(&asked.out, &pack)?;
    tell(&changed)
}

pub fn merge(asked: &Merge) -> Outcome {
    let mut pack = open(&asked.pack)?.pack;
    let changed = pack.merge(&asked.codes, &asked.name)?;
    save(&asked.out, &pack)?;
    tell(&changed)
}

pub fn show(path: &Path) -> Outcome {
    let file = open(path)?;
    let about = &file.pack.about;
    let out = &mut std::io::stdout().lock();
    writeln!(out, "name    {}\nsource  {}\ncame as {}", about.name, about.source, about.crs)?;
    let made = Timestamp::from_millisecond(about.made_ms).map_or_else(|_| "?".to_owned(), |at| at.to_string());
    writeln!(out, "made    {made}")?;
    let live = file.pack.live().count();
    writeln!(out, "grids   {live}, superseded {}", file.pack.grids().len() - live)?;
    for grid in file.pack.grids() {
        let by = if grid.is_live() { String::new() } else { format!(" -> {}", codes(&grid.superseded_by)) };
        writeln!(out, "{} {} corners {}{by}", grid.code, grid.ring().len(), grid.name)?;
    }
    Ok(())
}

pub fn export(asked: &Export) -> Outcome {
    let pack = open(&asked.pack)?.pack;
    let (layer, features) = (pack.layer(), pack.features(asked.all).map(Ok));
    let file = || File::create(&asked.out).map_err(|error| format!("{}: {error}", asked.out.display()));
    match asked.format {
        Format::Geojson => geojson(file()?, &layer, features)?,
        Format::Kml => kml(file()?, &layer, features)?,
        Format::Csv => csv(file()?, &layer, &CsvStyle::default(), features)?,
        Format::Gpkg => {
            let mut package = GeoPackage::create(&asked.out, (ports().now_ms)())?;
            package.add(&layer, features)?;
            package.finish()?;
        }
    }
    Ok(())
}

pub fn load(asked: &Load) -> Outcome {
    let file = open(&asked.pack)?;
    let loaded = grid_pack::load(&asked.dir, ports(), &asked.operator, &file.pack)?;
    let grid_pack::Loaded { created, changed, unchanged, left_alone } = loaded;
    Ok(writeln!(
        std::io::stdout(),
        "{created} grids created, {changed} changed, {unchanged} as they were; {left_alone} of the hub are not in the pack and were left alone"
    )?)
}

/// A pack whose index is what its borders give: it may come from anywhere.
fn open(path: &Path) -> Fallible<PackFile> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|error| named(&error))?;
    let file = PackFile::from_bytes(bytes).map_err(|error| named(&error))?;
    let sound = file.is_true();
    sound.then_some(file).ok_or_else(|| named(&"its index is not of its grids: fetch it again").into())
}

/// Written whole or not at all, also over an old one.
pub fn save(path: &Path, pack: &Pack) -> Outcome {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| named(&error))?;
    file.write_all(&pack.to_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|error| named(&error))?;
    file.persist(path).map_err(|error| named(&error))?;
    Ok(())
}

fn tell(changed: &Changed) -> Outcome {
    let out = &mut std::io::stdout().lock();
    writeln!(out, "made {}", codes(&changed.made))?;
    if !changed.touched.is_empty() {
        writeln!(out, "{} got a corner where the new border meets theirs", codes(&changed.touched))?;
    }
    Ok(())
}

fn codes(codes: &[GridCode]) -> String {
    codes.iter().map(GridCode::to_string).collect::<Vec<_>>().join(" ")
}

fn point(text: &str) -> Fallible<E7> {
    let degrees = text.split_once(',').and_then(|(lon, lat)| Some((lon.parse().ok()?, lat.parse().ok()?)));
    let (lon, lat) = degrees.ok_or_else(|| format!("{text:?} is no point: write LON,LAT in degrees"))?;
    Ok(Wgs84::new(lon, lat)?.to_e7())
}
