//! This program once more, as a process of its own.

use std::process::Command;

pub fn command(task: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the system knows its programs"));
    command.arg(task);
    command
}

/// Processor seconds that a process has used, user and system; nothing where there is no /proc.
pub fn cpu_seconds(pid: u32) -> Option<f64> {
    /// Linux counts them in hundredths, whatever its timer.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces; user and system time are the 12th and 13th field behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS)
}
