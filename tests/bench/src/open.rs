//! Opening the app: a new process opens the store and reads the first page of a list over 100,000 records.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gridpatrol_model::schema::RecordKind;
use gridpatrol_store::Query;

use crate::report::{Goal, Line, median};
use crate::synced::{RECORDS, Synced};
use crate::{child, disk};

const RUNS: usize = 15;
/// Records of the first page: several screens.
const PAGE: usize = 100;

pub fn measure(synced: &Synced) -> Vec<Line> {
    let warm = (0..RUNS).map(|_| run(synced)).collect();
    let mut lines = vec![Line::new("open", format!("first {PAGE} of {RECORDS}, file in memory"), median(warm), "ms")];
    if (0..RUNS).all(|_| out_of_memory(&synced.records())) {
        let cold = (0..RUNS).map(|_| {
            out_of_memory(&synced.records());
            run(synced)
        });
        let cold = median(cold.collect());
        lines.push(Line::new("open", format!("first {PAGE} of {RECORDS}, file on disk"), cold, "ms"));
    }
    let last = lines.pop().expect("one at least").goal(Goal::AtMost(50.0));
    lines.push(last);
    lines
}

/// Milliseconds in a new process, its own start not counted.
fn run(synced: &Synced) -> f64 {
    let output = child::command("open-once").arg(synced.dir.path()).output().expect("this program runs");
    let text = String::from_utf8(output.stdout).expect("a number");
    text.trim().parse().expect("a number")
}

/// What the new process does.
pub fn once(dir: &Path) -> f64 {
    let began = Instant::now();
    let store = disk::store(dir);
    let query = Query { kind: Some(RecordKind::CASE), limit: PAGE, ..Query::default() };
    let page = store.list(&query).expect("readable");
    let ms = began.elapsed().as_secs_f64() * 1_000.0;
    assert_eq!(page.items.len(), PAGE);
    ms
}

/// Asks the system to forget the pages of a file; nobody needs privileges for a file of theirs. False where
/// there is no GNU dd.
fn out_of_memory(file: &Path) -> bool {
    let mut input = std::ffi::OsString::from("if=");
    input.push(file);
    let forget = Command::new("dd").arg(input).args(["iflag=nocache", "count=0", "status=none"]).status();
    forget.is_ok_and(|status| status.success())
}
