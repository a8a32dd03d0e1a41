//! `gridpatrol grids`: from the file of a survey office to grids on phones. See docs/grid-packs.md.

mod file;
mod pack;

use std::path::PathBuf;

use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::TextEncoding;
use gridpatrol_model::area::{GridCode, Scope};
use gridpatrol_model::message::Lang;

use super::Outcome;

#[derive(clap::Subcommand)]
pub enum Grids {
    /// Name every fault of a file, with its place. Ends with an error if there is one.
    Check(Check),
    /// Make a pack of a file without faults.
    Pack(Make),
    /// Divide a grid along a line; the old code stays as superseded.
    Split(Split),
    /// Join neighbours; the old codes stay as superseded.
    Merge(Merge),
    /// Say what is in a pack.
    Show {
        /// The pack.
        pack: PathBuf,
    },
    /// Write a pack's grids for other people's tools.
    Export(Export),
    /// Put a pack's grids into the folder of a hub that does not run.
    Load(Load),
}

/// A file with the borders of grids, and what is known about it.
#[derive(clap::Args)]
pub struct Input {
    /// GeoJSON (.geojson, .json), GeoPackage (.gpkg), Shapefile (.shp, with its .shx and .dbf, or a .zip of them) or
    /// CSV (.csv).
    file: PathBuf,
    /// Reference system of the coordinates: wgs84, cgcs2000 (degrees), gcj02 or bd09. Never guessed.
    #[arg(long)]
    crs: Crs,
    /// The file's own label of its system is known to be wrong.
    #[arg(long)]
    ignore_label: bool,
    /// Column of the grid codes; grid_code, code or 网格编码 if left out.
    #[arg(long)]
    code_column: Option<String>,
    /// Column of the names; name or 网格名称 if left out.
    #[arg(long)]
    name_column: Option<String>,
    /// Column of the village codes, to compare with the grid codes; village, village_code or 村级代码 if left out.
    #[arg(long)]
    village_column: Option<String>,
    /// Encoding of a Shapefile's texts where there is no .cpg: utf-8 or gbk.
    #[arg(long)]
    encoding: Option<TextEncoding>,
    /// Layer of a GeoPackage that has several, or name of a Shapefile in an archive that has several.
    #[arg(long)]
    layer: Option<String>,
    /// Mend before checking: ring (close and turn rings, drop needless corners) or snap (close slivers between
    /// neighbours). What was changed is listed.
    #[arg(long, value_enum)]
    repair: Vec<Repair>,
    /// How far snap reaches, in metres, at most 10.
    #[arg(long, default_value_t = 1.0)]
    snap_metres: f64,
    /// Area code in which all grids should lie.
    #[arg(long)]
    area: Option<Scope>,
    /// List of the areas that exist, lines of code,name; that of Jiangmen if left out.
    #[arg(long, conflicts_with = "any_village")]
    villages: Option<PathBuf>,
    /// Do not look whether the villages exist.
    #[arg(long)]
    any_village: bool,
    /// Language of the faults.
    #[arg(long, default_value = "en", value_parser = language)]
    lang: Lang,
    /// Write the faults as GeoJSON, for a map.
    #[arg(long)]
    faults: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Repair {
    Ring,
    Snap,
}

#[derive(clap::Args)]
pub struct Check {
    #[command(flatten)]
    input: Input,
}

#[derive(clap::Args)]
pub struct Make {
    #[command(flatten)]
    input: Input,
    /// What the pack is called.
    #[arg(long)]
    name: String,
    /// Who drew the grids, and when.
    #[arg(long)]
    source: String,
    /// A kind of fault to put up with, as the check names it: overlap, gap, unknown_village, wrong_village,
    /// outside_area.
    #[arg(long)]
    accept: Vec<String>,
    /// The new file.
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct Split {
    pack: PathBuf,
    #[arg(long)]
    code: GridCode,
    /// WGS-84 points from outside to outside, across the grid once: "LON,LAT LON,LAT …".
    #[arg(long)]
    line: String,
    /// Name of the part on the right of the line, then of the one on the left.
    #[arg(long, num_args = 2)]
    names: Vec<String>,
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct Merge {
    pack: PathBuf,
    /// Two codes or more.
    #[arg(long, num_args = 2..)]
    codes: Vec<GridCode>,
    #[arg(long)]
    name: String,
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct Export {
    pack: PathBuf,
    #[arg(long, value_enum)]
    format: Format,
    /// The superseded grids too.
    #[arg(long)]
    all: bool,
    /// The new file.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Format {
    Geojson,
    Gpkg,
    Kml,
    Csv,
}

#[derive(clap::Args)]
pub struct Load {
    pack: PathBuf,
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The operator in whose name the grids are drawn: the name to log in with.
    #[arg(long = "as")]
    operator: String,
}

pub fn run(asked: &Grids) -> Outcome {
    match asked {
        Grids::Check(asked) => file::check(&asked.input),
        Grids::Pack(asked) => file::pack(asked),
        Grids::Split(asked) => pack::split(asked),
        Grids::Merge(asked) => pack::merge(asked),
        Grids::Show { pack } => pack::show(pack),
        Grids::Export(asked) => pack::export(asked),
        Grids::Load(asked) => pack::load(asked),
    }
}

fn language(text: &str) -> Result<Lang, String> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("zh or en".to_owned()),
    }
}
