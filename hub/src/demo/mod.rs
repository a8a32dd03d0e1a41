//! `gridpatrol demo`: a day without signal, played through the real core, synced over real HTTP.

mod check;
pub mod child;
mod clock;
mod county;
mod day;
mod import;
mod incidents;
mod journal;
mod phone;
mod report;
mod stage;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use gridpatrol_core::{CancelSync, SyncProgress};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cell::Ports;
use crate::serve::{Hub, Options, StartError};
use clock::{Dice, HubClock};
use journal::Journal;
use phone::Phone;
use report::{Learned, Report};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Where the console is looked for; any free port if it is taken.
const CONSOLE: &str = "127.0.0.1:8740";

/// Between two syncs of the phones while the console is looked at.
const AGAIN: Duration = Duration::from_secs(4);

/// Syncs until everybody knows everything: one to bring, one to learn.
const ROUNDS: usize = 2;

#[derive(clap::Args)]
pub struct Demo {
    /// Stop after the report instead of leaving the console open.
    #[arg(long)]
    exit: bool,
    /// The report as one line of JSON, the last on stdout.
    #[arg(long)]
    json: bool,
    /// Seed of the county and the day; the same seed plays the same day.
    #[arg(long, default_value_t = 440_783)]
    seed: u64,
    /// Phones, at least 2.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=60))]
    phones: u32,
    /// Days without signal before the one sync.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
    days: u32,
    /// Keep hub and phones in this folder; it must not hold a demo already.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Take the tracks and photos of a folder as one more member's work.
    #[arg(long)]
    import: Option<PathBuf>,
    /// MBTiles or PMTiles file to show under the grid in the console; may be given more than once.
    #[arg(long = "base-map", value_name = "FILE")]
    base_maps: Vec<PathBuf>,
}

pub fn run(asked: &Demo, ports: &Ports) -> Result<()> {
    let kept = tempfile::TempDir::new()?;
    let dir = asked.dir.clone().unwrap_or_else(|| kept.path().to_owned());
    if dir.join("hub").exists() {
        return Err(format!("{} holds a demo already: name another folder, or delete it", dir.display()).into());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let hub_clock = HubClock::default();
    hub_clock.set(stage::morning_ms(asked.days));
    let hub = runtime.block_on(start(&dir, &asked.base_maps, &hub_clock.ports(ports)))?;
    let journal = Journal::default();
    let morning = stage::Morning { seed: asked.seed, days: asked.days, dir: &dir, hub: &hub, journal: &journal };
    let mut stage = morning.set(asked.phones, asked.import.is_some())?;
    say(&format!("演示县 {}：{} 部手机，{} 天没有信号", stage.world.county.name, asked.phones, asked.days));
    let mut report = Report { phones: asked.phones, days: asked.days, ..Report::default() };
    let mut photos = stage::play(&mut stage, asked.days, &journal, &dir)?;
    if let Some(folder) = &asked.import {
        let phone = stage.phones.last().ok_or("the importing member has a phone")?;
        report.imported = import::import(folder, phone, &journal, &mut photos)?;
    }

    // The signal is back, and it is now.
    hub_clock.is_right();
    let began = Instant::now();
    for round in 0..ROUNDS {
        sync_all(&stage.phones, round == 0, &mut report)?;
    }
    report.sync_ms = u64::try_from(began.elapsed().as_millis())?;
    runtime.block_on(check::compare(
        &mut report,
        &stage.phones,
        &journal,
        &photos,
        &hub.cell,
        &hub.blobs,
        stage.world.county.code.scope(),
    ))?;
    report.save_p50_us = journal.percentile_us(0.5);
    report.save_p99_us = journal.percentile_us(0.99);
    report.learned = stage.phones.iter().map(learned).collect::<Result<_>>()?;
    report.peak_rss_mb = peak_rss_mb();
    report.print(&mut std::io::stderr())?;
    if !asked.exit {
        leave_open(asked.json, &report, &hub, &stage, &runtime)?;
    }
    runtime.block_on(hub.stop());
    if asked.json && asked.exit {
        print_json(&report)?;
    }
    Ok(())
}

async fn start(dir: &std::path::Path, base_maps: &[PathBuf], ports: &Ports) -> Result<Hub> {
    let free_port = || Options { base_maps: base_maps.to_vec(), ..Options::loopback(dir.join("hub"), "440783") };
    match Hub::start(Options { listen: CONSOLE.parse()?, ..free_port() }, ports.clone()).await {
        Err(StartError::Listen(..)) => Ok(Hub::start(free_port(), ports.clone()).await?),
        other => Ok(other?),
    }
}

/// Every phone syncs, each on a thread of its own, with a bar of what it brings.
fn sync_all(phones: &[Phone], show: bool, report: &mut Report) -> Result<()> {
    let bars =
        MultiProgress::with_draw_target(if show { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let done: Vec<Result<SyncProgress>> = std::thread::scope(|threads| {
        let running: Vec<_> = phones
            .iter()
            .map(|phone| {
                let bar = bars.add(bar(phone));
                threads.spawn(move || {
                    phone.clock.set(now_ms);
                    let done = phone.app.sync().run(&CancelSync::default(), |progress| advance(&bar, progress));
                    bar.finish();
                    Ok(done?)
                })
            })
            .collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined.map(|done| done.unwrap_or_else(|_| Err("a phone's sync died".into()))).collect()
    });
    for done in done {
        let done = done?;
        report.push_bytes += done.push_bytes;
        report.pull_bytes += done.pull_bytes;
    }
    Ok(())
}

fn bar(phone: &Phone) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:24} {bar:28} {bytes:>10}/{total_bytes:<10} {msg}");
    let bar = ProgressBar::new(0).with_prefix(phone.label.clone());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn advance(bar: &ProgressBar, progress: &SyncProgress) {
    let done = progress.push_bytes + progress.file_bytes;
    bar.set_length(done + progress.file_bytes_waiting);
    bar.set_position(done);
    bar.set_message(format!("记录 {} ↑ {} ↓ · 文件 {}", progress.records_up, progress.records_down, progress.files_up));
}

fn learned(phone: &Phone) -> Result<Learned> {
    let handback = phone.app.handback()?;
    let conflicts = phone.app.conflicts().list(None, 1_000)?.items.len() as u64;
    Ok(Learned {
        who: phone.label.clone(),
        note: phone.note,
        saved: handback.records.total + handback.photos.total,
        accepted: handback.records.accepted + handback.photos.accepted,
        held: handback.records.held + handback.photos.held,
        conflicts,
        changed: phone.app.changes(0, 1_000)?.len() as u64,
        waiting: handback.records_waiting + handback.photos_waiting,
    })
}

/// Shows where to look, and lets the phones go on syncing so that they learn what is decided at the console.
fn leave_open(
    json: bool,
    report: &Report,
    hub: &Hub,
    stage: &stage::Stage,
    runtime: &tokio::runtime::Runtime,
) -> Result<()> {
    say("");
    say(&format!("控制台 console: http://{}", hub.address));
    for log_in in &stage.log_ins {
        say(&format!("  用户 name: {:<8} 口令 password: {}   {}", log_in.name, log_in.password, log_in.label));
    }
    say("按 Ctrl-C 结束。手机每几秒同步一次，控制台上的处理结果会在这里显示。");
    if json {
        print_json(report)?;
    }
    let mut known: Vec<i64> =
        stage.phones.iter().map(|phone| phone.app.last_change()).collect::<std::result::Result<_, _>>()?;
    runtime.block_on(async {
        loop {
            tokio::select! {
                stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
                () = tokio::time::sleep(AGAIN) => {}
            }
            tokio::task::block_in_place(|| tell_news(&stage.phones, &mut known))?;
        }
    })
}

/// What each phone learned since the last look, in the words that its member sees.
fn tell_news(phones: &[Phone], known: &mut [i64]) -> Result<()> {
    sync_all(phones, false, &mut Report::default())?;
    for (phone, seen) in phones.iter().zip(known) {
        for change in phone.app.changes(*seen, 100)? {
            let labels = phone.app.labels();
            let why = labels.text(&change.why, gridpatrol_core::Lang::Zh, &[]);
            say(&format!("{} 的手机：{} — {}", phone.label, change.record.title, why));
            *seen = change.number;
        }
    }
    Ok(())
}

/// For people; stdout belongs to the report.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn print_json(report: &Report) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(report)?)?;
    Ok(out.flush()?)
}

/// Most memory that hub and phones of this process ever had, with that of the phone that died beside it.
fn peak_rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    kb.div_ceil(1024)
}

/// A password that can be read off a screen and typed.
fn password(dice: &Dice) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 12];
    dice.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
}
