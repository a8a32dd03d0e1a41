//! Measures the figures of docs/benchmarks.md. `gridpatrol-bench [wire]`; without a name, all of them.
#![allow(clippy::print_stdout, reason = "figures are this program's output")]

mod county;
mod wire;
mod workload;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None | Some("wire") => wire(),
        Some(other) => {
            println!("no figure is called {other}: wire");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The median of five seeds: bytes differ by the words that the seed draws, and by nothing else.
fn wire() {
    let runs: Vec<_> = (1..=5).map(wire::measure).collect();
    for (at, figure) in runs[0].iter().enumerate() {
        let mut bytes: Vec<usize> = runs.iter().map(|run| run[at].bytes).collect();
        bytes.sort_unstable();
        let median = bytes[bytes.len() / 2];
        let goal = figure.goal.map(|goal| format!("goal {goal:>7}: {:.2}", median as f64 / goal as f64));
        println!("{:<34}{median:>9} bytes  {}", figure.what, goal.unwrap_or_default());
    }
}
