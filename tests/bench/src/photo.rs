//! What taking a photo in costs: `gridpatrol-bench photo FILE… [--json] [--out DIR] [--pure]`.
//!
//! A line for each file, also for one that is refused. The chain runs in a process of its own for each file: the peak is
//! that of a process that takes in one photo, what it needs for itself included; CPU and wall time are the medians of
//! that run and four more. The comparison with a full decode is made afterwards, in this process. `--out` keeps
//! derivative and thumbnail as `FILE.derivative.jpg` and `FILE.thumbnail.jpg`. Fingerprint, manifest and stamp are part of it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_photo::stamp::{Label, Time, draw};
use gridpatrol_photo::{
    Coder, DHash, Detail, Import, Imported, Limits, Manifest, Origin, PhotoError, Place, Planes, WGS_84, picture,
};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// The word by which this program calls itself.
pub const ONCE: &str = "photo-once";

const RUNS: usize = 5;
/// Pixels of the derivative's longer side.
const LONG_SIDE: usize = 1600;
/// What two equal pictures score: JSON has no infinity.
const SAME: f64 = 99.0;

#[derive(Serialize)]
struct Line<'a> {
    file: &'a Path,
    #[serde(flatten)]
    cost: Cost,
    /// Decibels in luma, before stamp and encoding, against a full decode with the same resize.
    psnr_vs_full: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Cost {
    cpu_ms: Option<f64>,
    wall_ms: Option<f64>,
    peak_rss_mb: Option<f64>,
    /// Of the derivative, like `height` and `out_bytes`.
    width: Option<u32>,
    height: Option<u32>,
    out_bytes: Option<usize>,
    /// Why there is no derivative.
    refused: Option<String>,
}

struct Task {
    files: Vec<PathBuf>,
    out: Option<PathBuf>,
    coder: Coder,
    json: bool,
}

/// `words` are those behind `photo`. The text is what to print.
pub fn run(words: &[&str]) -> Result<String, String> {
    let task = Task::parse(words)?;
    if task.files.is_empty() {
        return Err("which photos? usage: photo FILE... [--json] [--out DIR] [--pure]".to_owned());
    }
    if let Some(dir) = &task.out {
        std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    Ok(task.files.iter().map(|file| task.line(file)).collect::<Vec<_>>().join("\n"))
}

/// What the process for one file does, and prints.
pub fn once(words: &[&str]) -> Result<String, Box<dyn Error>> {
    let task = Task::parse(words)?;
    let file = task.files.first().ok_or("no file")?;
    let (mut cpu, mut wall, mut peak, mut last) = (Vec::new(), Vec::new(), None, None);
    let messages = Messages::new(Lang::Zh);
    for _ in 0..RUNS {
        // One photo at a time, as in the app.
        drop(last.take());
        let (began, used) = (Instant::now(), processor_ms());
        let mut stamp = |photo: &Imported, planes: &mut Planes| stamp_as_the_app_does(photo, planes, &messages);
        last = Some(Import { coder: task.coder, stamp: Some(&mut stamp), ..Import::default() }.file(file));
        cpu.push(processor_ms() - used);
        wall.push(began.elapsed().as_secs_f64() * 1e3);
        peak = peak.or_else(peak_mb);
    }
    let photo = last.ok_or("no run")?;
    let cost = Cost {
        cpu_ms: Some(median(cpu)),
        wall_ms: Some(median(wall)),
        peak_rss_mb: peak,
        width: derivative(&photo).map(|jpeg| jpeg.width),
        height: derivative(&photo).map(|jpeg| jpeg.height),
        out_bytes: derivative(&photo).map(|jpeg| jpeg.bytes.len()),
        refused: match &photo {
            Ok(photo) => photo.no_preview.map(|reason| reason.code().to_owned()),
            Err(error) => Some(error.code().to_owned()),
        },
    };
    if let (Some(dir), Ok(photo)) = (&task.out, &photo) {
        keep(dir, file, photo)?;
    }
    Ok(serde_json::to_string(&cost)?)
}

impl Task {
    fn parse(words: &[&str]) -> Result<Task, String> {
        let mut task = Task { files: Vec::new(), out: None, coder: Coder::Turbo, json: false };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--json" => task.json = true,
                "--pure" => task.coder = Coder::Pure,
                "--out" => task.out = Some(words.next().ok_or("--out needs a folder")?.into()),
                option if option.starts_with("--") => return Err(format!("no option is called {option}")),
                file => task.files.push(file.into()),
            }
        }
        Ok(task)
    }

    fn line(&self, file: &Path) -> String {
        let cost = self.cost(file).unwrap_or_else(|error| refused(&error.to_string()));
        let psnr_vs_full = if cost.refused.is_none() { self.psnr(file) } else { None };
        let line = Line { file, cost, psnr_vs_full };
        if self.json { serde_json::to_string(&line).unwrap_or_default() } else { line.row() }
    }

    fn cost(&self, file: &Path) -> Result<Cost, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ONCE).arg(file);
        if let Some(dir) = &self.out {
            command.arg("--out").arg(dir);
        }
        if self.coder == Coder::Pure {
            command.arg("--pure");
        }
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("the process ended with {}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn psnr(&self, file: &Path) -> Option<f64> {
        let bytes = std::fs::read(file).ok()?;
        let luma = |detail| {
            let planes = picture(&bytes, LONG_SIDE, (self.coder, detail), &Limits::default()).ok()?;
            Some(planes.y)
        };
        let (scaled, full) = (luma(Detail::Scaled)?, luma(Detail::Full)?);
        let squares: f64 = scaled.iter().zip(&full).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
        let mean = squares / scaled.len() as f64;
        Some(if mean == 0.0 { SAME } else { (10.0 * (255.0 * 255.0 / mean).log10()).min(SAME) })
    }
}

impl Line<'_> {
    fn row(&self) -> String {
        let Cost { cpu_ms, wall_ms, peak_rss_mb, width, height, out_bytes, refused } = &self.cost;
        let number = |value: &Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let size = width.zip(*height).map_or("-".to_owned(), |(width, height)| format!("{width} × {height}"));
        format!(
            "{}: {} ms CPU, {} ms, {} MB, {size}, {} bytes, {} dB, {}",
            self.file.display(),
            number(cpu_ms),
            number(wall_ms),
            number(peak_rss_mb),
            out_bytes.unwrap_or(0),
            number(&self.psnr_vs_full),
            refused.as_deref().unwrap_or("taken in"),
        )
    }
}

fn refused(reason: &str) -> Cost {
    Cost {
        cpu_ms: None,
        wall_ms: None,
        peak_rss_mb: None,
        width: None,
        height: None,
        out_bytes: None,
        refused: Some(reason.to_owned()),
    }
}

/// Fingerprint, manifest, code and all lines of the stamp.
fn stamp_as_the_app_does(photo: &Imported, planes: &mut Planes, messages: &Messages) {
    let place = Place { crs: WGS_84, lon_e7: 1_125_800_000, lat_e7: 223_700_000, accuracy_dm: Some(60) };
    let manifest = Manifest {
        sha256: photo.sha256,
        record: EntityId([7; 16]),
        device: [7; 32],
        time: TimeEvidence { wall_ms: 1_795_500_000_000, boot_id: 1, mono_ms: 1, gnss_ms: None },
        last_hub_ms: None,
        place: Some(place),
        category: None,
        app_version: "bench".to_owned(),
        origin: Origin::Captured,
        dhash: Some(DHash::of(&planes.y, planes.width, planes.height)),
        later: Default::default(),
    };
    let label = Label {
        category: "暴露垃圾",
        time: Some(Time { utc_ms: 1_795_500_000_000, offset_min: 480, verified: true }),
        place: "塘口镇仲和村委会水库坝顶东侧",
        grid_code: "440783108224001",
        position: Some(place),
        code: manifest.code(),
        library: false,
        damaged: photo.damage.is_some(),
    };
    draw(planes, &label, messages, &|_, _| None);
}

fn derivative(photo: &Result<Imported, PhotoError>) -> Option<&gridpatrol_photo::Jpeg> {
    photo.as_ref().ok()?.derivative.as_ref()
}

fn keep(dir: &Path, file: &Path, photo: &Imported) -> std::io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    for (jpeg, what) in [(&photo.derivative, "derivative"), (&photo.thumbnail, "thumbnail")] {
        if let Some(jpeg) = jpeg {
            std::fs::write(dir.join(format!("{name}.{what}.jpg")), &jpeg.bytes)?;
        }
    }
    Ok(())
}

fn processor_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The most memory that this process ever had resident; nothing where there is no /proc.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Of an odd number of values the middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
