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

fn wire() {
    for figure in wire::measure(1) {
        let goal = figure.goal.map(|goal| format!("goal {goal:>7}: {:.2}", figure.bytes as f64 / goal as f64));
        println!("{:<34}{:>9} bytes  {}", figure.what, figure.bytes, goal.unwrap_or_default());
    }
}
