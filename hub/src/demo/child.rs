//! A phone whose app dies in the middle of a save: a process of its own, aborted between the two ops of a
//! self-handled case, while its transaction is open. The parent opens the phone again.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use gridpatrol_core::NewCase;

use super::Result;
use super::clock::DayClock;
use super::journal::Saved;
use super::phone::Kept;

/// Readings of the clock in a report that is self-handled at once: for the form, for the first op, for the second.
const SECOND_OP: u32 = 3;

/// What it was that the dying save would have written.
pub const UNSAVED: &str = "这一条在保存到一半时断电";

#[derive(clap::Args, Clone)]
pub struct Child {
    #[arg(long)]
    dir: PathBuf,
    #[arg(long)]
    member: String,
    #[arg(long)]
    seed: u64,
    /// Milliseconds UTC.
    #[arg(long)]
    boot_ms: i64,
    #[arg(long)]
    boot_id: u64,
    #[arg(long)]
    now_ms: i64,
}

/// Runs a phone in a process of its own until it dies, and gives what it said was saved.
pub fn spawn(
    dir: &std::path::Path,
    member: &str,
    seed: u64,
    boot_ms: i64,
    boot_id: u64,
    now_ms: i64,
) -> Result<Vec<Saved>> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("demo-child")
        .args(["--dir".as_ref(), dir.as_os_str()])
        .args(["--member", member, "--seed", &seed.to_string()])
        .args(["--boot-ms", &boot_ms.to_string(), "--boot-id", &boot_id.to_string(), "--now-ms", &now_ms.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("the child has an output")?;
    let mut saves = Vec::new();
    for line in BufReader::new(stdout).lines() {
        saves.push(serde_json::from_str(&line?)?);
    }
    let status = child.wait()?;
    if status.success() { Err("the child should have died in the middle of a save".into()) } else { Ok(saves) }
}

/// The child's side.
pub fn run(asked: &Child) -> Result<()> {
    let clock = Arc::new(DayClock::new(asked.boot_ms, asked.boot_id, 0));
    clock.set(asked.now_ms);
    let kept = Kept { dir: &asked.dir, member: &asked.member, seed: asked.seed, stream: 9_000 };
    let app = kept.open(clock.clone())?;
    let place = app.places().due(None, 1)?.into_iter().next().ok_or("a place is due")?;
    let saved = app.places().normal(&place.id, None)?;
    let said = Saved { member: asked.member.clone(), entity: saved, text: None };
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&said)?)?;
    out.flush()?;
    clock.abort_after(SECOND_OP);
    app.cases().report(NewCase {
        category: None,
        description: UNSAVED.to_owned(),
        location_text: None,
        position: None,
        place: Some(place.id),
        severity: None,
        no_photo: None,
        self_handled: true,
        photos: Vec::new(),
    })?;
    Ok(())
}
