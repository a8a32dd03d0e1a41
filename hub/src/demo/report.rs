//! What the demo reports, as a table for people and one line of JSON for programs.

use std::io::Write;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

/// Counts are of distinct entities of every kind, tombstones included.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub phones: u32,
    pub days: u32,
    pub records_saved: u64,
    pub records_on_hub: u64,
    pub photos_saved: u64,
    pub photos_on_hub: u64,
    /// Every original on the hub has the bytes that the phone took in.
    pub photo_bytes_equal: bool,
    pub conflicts_open: u64,
    pub held: u64,
    /// Saves that returned and that the hub does not have.
    pub lost: u64,
    /// Pairs of record and phone whose bytes differ.
    pub diverged: u64,
    pub push_bytes: u64,
    pub pull_bytes: u64,
    pub save_p50_us: u64,
    pub save_p99_us: u64,
    pub sync_ms: u64,
    pub peak_rss_mb: u64,
    pub imported: Imported,
    #[serde(skip)]
    pub learned: Vec<Learned>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Imported {
    pub tracks: u64,
    pub segments: u64,
    pub points: u64,
    pub untimed: u64,
    pub marks: u64,
    pub photos: u64,
    pub photos_with_position: u64,
    pub rejected: Vec<Rejected>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Rejected {
    pub file: String,
    pub reason: String,
}

/// What a phone knows after the sync.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    pub who: String,
    pub note: &'static str,
    pub saved: u64,
    pub accepted: u64,
    pub held: u64,
    pub conflicts: u64,
    pub changed: u64,
    pub waiting: u64,
}

impl Report {
    pub fn print(&self, to: &mut impl Write) -> std::io::Result<()> {
        let mut phones = table([
            "手机 phone",
            "存 saved",
            "收讫 accepted",
            "待处理 held",
            "冲突 conflicts",
            "有变化 changed",
            "未上传 waiting",
            "",
        ]);
        for learned in &self.learned {
            let numbers =
                [learned.saved, learned.accepted, learned.held, learned.conflicts, learned.changed, learned.waiting];
            let mut row = vec![learned.who.clone()];
            row.extend(numbers.iter().map(u64::to_string));
            row.push(learned.note.to_owned());
            phones.add_row(row);
        }
        for column in 1..=6 {
            if let Some(column) = phones.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        writeln!(to, "{phones}\n")?;
        let mut sums = table(["", "手机 saved on phones", "平台 on the hub", ""]);
        let equal = |ok: bool| if ok { "一致 equal" } else { "不一致 DIFFERENT" };
        sums.add_row([
            "记录 records".into(),
            self.records_saved.to_string(),
            self.records_on_hub.to_string(),
            equal(self.records_saved == self.records_on_hub).into(),
        ]);
        sums.add_row([
            "照片 photos".into(),
            self.photos_saved.to_string(),
            self.photos_on_hub.to_string(),
            equal(self.photo_bytes_equal).into(),
        ]);
        writeln!(to, "{sums}\n")?;
        writeln!(
            to,
            "丢失 lost {} · 不同步 diverged {} · 未决冲突 open conflicts {} · 待处理 held {}",
            self.lost, self.diverged, self.conflicts_open, self.held
        )?;
        writeln!(
            to,
            "上行 {} B · 下行 {} B (photos apart) · 保存 save p50 {} µs, p99 {} µs · 同步 sync {} ms · 内存 peak {} MB",
            self.push_bytes, self.pull_bytes, self.save_p50_us, self.save_p99_us, self.sync_ms, self.peak_rss_mb
        )?;
        self.print_imported(to)
    }

    fn print_imported(&self, to: &mut impl Write) -> std::io::Result<()> {
        let imported = &self.imported;
        if imported.tracks + imported.photos == 0 && imported.rejected.is_empty() {
            return Ok(());
        }
        writeln!(
            to,
            "导入 imported: {} tracks, {} segments, {} points ({} untimed), {} marks, {} photos ({} with a position)",
            imported.tracks,
            imported.segments,
            imported.points,
            imported.untimed,
            imported.marks,
            imported.photos,
            imported.photos_with_position
        )?;
        imported.rejected.iter().try_for_each(|file| writeln!(to, "  未导入 rejected {}: {}", file.file, file.reason))
    }
}

fn table<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(head);
    table
}
