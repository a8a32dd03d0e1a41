//! `gridpatrol grids check` and `pack`: other people's files.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use gridpatrol_export::geojson;
use gridpatrol_gridpack::check::{self as faults, Expected, Fault, FaultKind, Report, check as faults_of};
use gridpatrol_gridpack::import::{Columns, Drawn, MAX_FILE, Options, ShapefileParts, Source, import};
use gridpatrol_gridpack::repair::{Mended, mend_rings, snap};
use gridpatrol_gridpack::{About, Pack};
use gridpatrol_hub::grid_file::GridFormat;
use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::message::Messages;

use super::super::{Outcome, ports};
use super::pack::save;
use super::{Input, Make, Repair};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub fn check(asked: &Input) -> Outcome {
    let (_, report) = looked_at(asked)?;
    match report.faults.len() {
        0 if !report.stopped => Ok(()),
        faults => Err(format!("faults: {faults}").into()),
    }
}

pub fn pack(asked: &Make) -> Outcome {
    let accepted = asked.accept.iter().map(|name| acceptable(name)).collect::<Fallible<Vec<FaultKind>>>()?;
    let (drawn, report) = looked_at(&asked.input)?;
    let left = report.faults.iter().filter(|fault| !accepted.contains(&fault.kind)).count();
    if left > 0 || report.stopped {
        let what = "mend them, ask for a --repair, or put up with a kind of them with --accept KIND";
        return Err(format!("faults left: {left}. Before there is a pack, {what}").into());
    }
    let about = About {
        name: asked.name.clone(),
        source: asked.source.clone(),
        crs: asked.input.crs,
        made_ms: (ports().now_ms)(),
    };
    let pack = Pack::new(about, &drawn)?;
    save(&asked.out, &pack)?;
    Ok(writeln!(std::io::stdout(), "{} grids in {}", pack.grids().len(), asked.out.display())?)
}

fn acceptable(name: &str) -> Fallible<FaultKind> {
    let kind = FaultKind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| format!("there is no kind of fault called {name:?}"))?;
    if kind.prevents_a_pack() { Err(format!("a pack cannot hold {name}: mend it").into()) } else { Ok(kind) }
}

/// Reads, repairs as asked, checks, and says what there is to say.
fn looked_at(asked: &Input) -> Fallible<(Vec<Drawn>, Report)> {
    let mut drawn = read(asked)?;
    let out = &mut std::io::stdout().lock();
    writeln!(out, "{}: {} grids", asked.file.display(), drawn.len())?;
    if asked.repair.contains(&Repair::Ring) {
        tell(out, "ring", &mend_rings(&mut drawn))?;
    }
    if asked.repair.contains(&Repair::Snap) {
        tell(out, "snap", &snap(&mut drawn, asked.snap_metres)?)?;
    }
    let villages = villages(asked)?;
    let expected = Expected { villages: villages.as_ref(), within: asked.area, ..Expected::default() };
    let report = faults_of(&drawn, &expected);
    let messages = Messages::new(asked.lang);
    for fault in &report.faults {
        let features: Vec<String> = fault.features.iter().map(u64::to_string).collect();
        writeln!(out, "{} (feature {}): {}", fault.kind.name(), features.join(", "), fault.text(&messages))?;
    }
    if report.stopped {
        writeln!(out, "too many grids lie on one another to compare them all: mend these first, then check again")?;
    }
    if report.rounding > 0 {
        writeln!(out, "{} slivers are rounding and no fault", report.rounding)?;
    }
    if let Some(path) = &asked.faults {
        write_faults(path, &report.faults)?;
    }
    Ok((drawn, report))
}

fn tell(out: &mut impl Write, repair: &str, mended: &[Mended]) -> std::io::Result<()> {
    writeln!(out, "repair {repair}: {} grids changed", mended.len())?;
    for one in mended {
        let counts = [
            ("closed", one.closed),
            ("turned", one.turned),
            ("corners removed", one.removed),
            ("added", one.added),
            ("moved", one.moved),
        ];
        let counts = counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{what} {count}"));
        let counts: Vec<String> = counts.collect();
        let way = if one.moved > 0 { format!(", at most {:.2} m", one.furthest_metres) } else { String::new() };
        writeln!(out, "  {} (feature {}): {}{way}", one.code, one.feature, counts.join(", "))?;
    }
    Ok(())
}

fn write_faults(path: &Path, found: &[Fault]) -> Outcome {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(geojson(file, &faults::layer(), faults::features(found).map(Ok))?)
}

fn villages(asked: &Input) -> Fallible<Option<Divisions>> {
    match &asked.villages {
        _ if asked.any_village => Ok(None),
        None => Ok(Some(Divisions::jiangmen())),
        Some(path) => {
            let text = String::from_utf8(bytes(path)?)?;
            Ok(Some(Divisions::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?))
        }
    }
}

fn read(asked: &Input) -> Fallible<Vec<Drawn>> {
    let path = &asked.file;
    let options = Options {
        crs: asked.crs,
        ignore_label: asked.ignore_label,
        columns: Columns {
            code: asked.code_column.clone(),
            name: asked.name_column.clone(),
            village: asked.village_column.clone(),
        },
        encoding: asked.encoding,
    };
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let file = bytes(path)?;
    Ok(match ending.as_str() {
        "shp" => {
            let [shx, dbf] = [bytes(&beside(path, "shx")?)?, bytes(&beside(path, "dbf")?)?];
            let text = |ending| beside(path, ending).ok().map(|path| bytes(&path)).transpose();
            let [prj, cpg] =
                [text("prj")?, text("cpg")?].map(|text| text.map(|text| String::from_utf8_lossy(&text).into_owned()));
            let parts = ShapefileParts { shp: &file, shx: &shx, dbf: &dbf, prj: prj.as_deref(), cpg: cpg.as_deref() };
            import(Source::Shapefile(parts), &options).map_err(|error| format!("{}: {error}", path.display()))?
        }
        other => {
            let format = GridFormat::of_ending(other).ok_or_else(|| {
                format!("{}: a file of grids ends in .geojson, .gpkg, .shp, .zip or .csv", path.display())
            })?;
            if format == GridFormat::Gpkg {
                still_open(path)?;
            }
            let read = format.read(&file, asked.layer.as_deref(), &options);
            read.map_err(|error| format!("{}: {error}", path.display()))?
        }
    })
}

/// What a GIS has written and not yet put into the file would be missing.
fn still_open(path: &Path) -> Outcome {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let open = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    if open {
        Err(format!("{} is open in another program: close it there first", path.display()).into())
    } else {
        Ok(())
    }
}

/// A part of a Shapefile, whose ending may be in capitals.
fn beside(path: &Path, ending: &str) -> Fallible<std::path::PathBuf> {
    let found = [ending.to_owned(), ending.to_ascii_uppercase()].map(|ending| path.with_extension(ending));
    let found = found.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| format!("{}: a Shapefile needs its .{ending} beside it", path.display()).into())
}

/// One byte more than is read tells that a file is too large.
fn bytes(path: &Path) -> Fallible<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
