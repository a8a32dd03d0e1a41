//! Measures the figures of docs/benchmarks.md. `gridpatrol-bench [wire|sync|save|size|open|hub|coverage|coords]... [--json]`;
//! without a name, all of them. `gridpatrol-bench [grid|packs|cover|simplify|track] DIR …` measures on the files of a folder, `photo FILE…`
//! on the photos that are given: lines of JSON.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are this program's output")]

mod case;
mod child;
mod coords;
mod county;
mod cover;
mod coverage;
mod disk;
mod grid;
mod hub;
mod hub_process;
mod open;
mod packs;
mod photo;
mod report;
mod save;
mod simplify;
mod size;
mod sync;
mod synced;
mod track;
mod wire;
mod workload;

use std::path::Path;
use std::process::ExitCode;

use report::{Goal, Line};

const FIGURES: [&str; 8] = ["wire", "sync", "save", "size", "open", "hub", "coverage", "coords"];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["open-once", dir] => println!("{}", open::once(Path::new(dir))),
        ["hub-process", dir] => hub_process::run(Path::new(dir), |address| println!("{address}")),
        ["grid", ref words @ ..] => return shown(grid::run(words)),
        ["packs", ref words @ ..] => return shown(packs::run(words)),
        ["cover", ref words @ ..] => return shown(cover::run(words)),
        ["simplify", ref words @ ..] => return shown(simplify::run(words)),
        [photo::ONCE, ref words @ ..] => return shown(photo::once(words).map_err(|error| error.to_string())),
        ["photo", ref words @ ..] => return shown(photo::run(words)),
        ["track", ref words @ ..] => return shown(track::run(words)),
        _ => return figures(&words),
    }
    ExitCode::SUCCESS
}

fn shown(line: Result<String, String>) -> ExitCode {
    match line {
        Ok(line) => println!("{line}"),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn figures(words: &[&str]) -> ExitCode {
    let names: Vec<&str> = words.iter().copied().filter(|word| *word != "--json").collect();
    if let Some(other) = names.iter().find(|name| !FIGURES.contains(name)) {
        println!("no figure is called {other}: {}, or --json", FIGURES.join(", "));
        return ExitCode::FAILURE;
    }
    let asked = |name: &str| names.is_empty() || names.contains(&name);
    let mut all = Vec::new();
    let mut show = |lines: Vec<Line>| {
        lines.iter().for_each(|line| println!("{}", line.row()));
        all.extend(lines);
    };
    if asked("wire") {
        show(wire());
    }
    if asked("sync") {
        show(sync::measure());
    }
    if asked("save") {
        show(save::measure());
    }
    if asked("size") || asked("open") {
        let synced = synced::Synced::new();
        if asked("size") {
            show(size::measure(&synced));
        }
        if asked("open") {
            show(open::measure(&synced));
        }
    }
    if asked("hub") {
        show(hub::measure());
    }
    if asked("coverage") {
        show(coverage::measure());
    }
    if asked("coords") {
        show(coords::measure());
    }
    if words.contains(&"--json") {
        println!("{}", serde_json::to_string(&all).expect("figures are plain data"));
    }
    ExitCode::SUCCESS
}

/// The median of five seeds: bytes differ by the words that the seed draws, and by nothing else.
fn wire() -> Vec<Line> {
    let runs: Vec<_> = (1..=5).map(wire::measure).collect();
    let line = |(at, figure): (usize, &wire::Figure)| {
        let bytes = runs.iter().map(|run| run[at].bytes as f64).collect();
        let line = Line::new("wire", figure.what, report::median(bytes), "bytes");
        match figure.goal {
            Some(goal) => line.goal(Goal::AtMost(goal as f64)),
            None => line,
        }
    };
    runs[0].iter().enumerate().map(line).collect()
}
