//! A phone after its first sync: other members' records, accepted by the hub's intake, and an empty outbox.

use std::path::PathBuf;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{Dot, EntityId, HubSeq};
use gridpatrol_model::intake::{Found, Log, judge};
use gridpatrol_model::page::{Item, Page};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Row, Verdict};
use gridpatrol_model::time::{SyncMoment, effective_time};
use gridpatrol_model::workflow::Role;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::county::Phone;
use crate::workload::{Event, Workload};
use crate::{case, disk};

pub const RECORDS: usize = 100_000;
/// Members who wrote them.
const AUTHORS: usize = 20;
/// Rows of a page of the pull.
const PAGE: usize = 500;

pub struct Synced {
    pub dir: TempDir,
    pub events: Vec<Event>,
}

/// The log of a hub that is asked about new records only.
struct Fresh;

impl Log for Fresh {
    fn record(&self, _: EntityId) -> Option<Record> {
        None
    }

    fn find(&self, _: Dot) -> Option<Found> {
        None
    }

    fn lay_in(&self, _: EntityId, _: &Scope) -> bool {
        false
    }
}

impl Synced {
    pub fn new() -> Self {
        let dir = disk::folder();
        let events = Workload::new(1, RECORDS, RECORDS / 10).events;
        let synced = Synced { dir, events };
        synced.pull();
        let file = Connection::open(synced.records()).expect("the store made it");
        file.execute_batch("VACUUM").expect("there is room");
        synced
    }

    /// The store's database of records.
    pub fn records(&self) -> PathBuf {
        let member = self.dir.path().read_dir().expect("the store's folder").flatten();
        let mut files = member.map(|folder| folder.path().join("records.db"));
        files.find(|file| file.exists()).expect("one member's folder")
    }

    fn pull(&self) {
        let store = disk::store(self.dir.path());
        let county = Scope::parse("440783").expect("Kaiping");
        let mut authors: Vec<Phone> =
            (1..=AUTHORS as u8).map(|number| Phone::new(number, Role::Member, county)).collect();
        let rows: Vec<Row> = self
            .events
            .iter()
            .enumerate()
            .map(|(number, event)| row(&mut authors[number % AUTHORS], event, number))
            .collect();
        for page in rows.chunks(PAGE) {
            let from = store.cursor().expect("readable").seq;
            let to = page[page.len() - 1].seq;
            let items = page.iter().cloned().map(Item::Row).collect();
            store.apply(&Page { from, to, items, more: true }, [7; 8], &[]).expect("the page follows");
        }
    }
}

/// What the hub makes of a Create that reaches it at the end of the day.
fn row(author: &mut Phone, event: &Event, number: usize) -> Row {
    let op = case::create(author, event, number, case::grid(event.grid));
    let evening = author.clocks(event.created_ms + 4 * 3_600_000);
    let moment = SyncMoment {
        hub_now_ms: evening.wall_ms,
        phone_boot_id: evening.boot_id,
        phone_mono_ms: evening.mono_ms,
        seen_ms: i64::MIN,
    };
    let eff = effective_time(&op.time, &moment);
    author.write(op.clone());
    let chain = author.head();
    let dot = Dot { replica: author.replica, rseq: author.ops.len() as u64, tag: chain.tag() };
    let seq = HubSeq { epoch: 1, n: number as u64 + 1 };
    let row = judge(&Fresh, &author.author, seq, dot, chain.entity(), eff, op);
    assert!(row.verdict == Verdict::Accepted, "a member may report: {:?}", row.verdict);
    row
}
