//! Durable saves of one record each, against bare inserts of the same bytes into the same indexes. The two take
//! turns, so that a busy disk slows both.

use std::path::Path;
use std::time::{Duration, Instant};

use gridpatrol_model::ids::ChainHash;
use gridpatrol_model::op::{OpKind, chain_next};
use gridpatrol_model::schema::RecordKind;
use gridpatrol_store::{Draft, Store};
use rusqlite::Connection;

use crate::report::{Goal, Line, median};
use crate::workload::{Event, Workload};
use crate::{case, disk};

const ROUNDS: usize = 5;
/// Saves of a round, and how many before the other side has its turn.
const SAVES: usize = 2_000;
const TURN: usize = 50;

const BARE: &str = include_str!("../sql/bare_save.sql");
const BARE_OP: &str = "INSERT INTO outbox (at, c, entity, op) VALUES (?1, ?2, ?3, ?4)";
const BARE_RECORD: &str = "INSERT INTO record (entity, kind, scope, stage, place, born, time, flags, asof)
                           VALUES (?1, 4, ?2, 2, ?3, ?4, ?5, 64, 0)";

pub fn measure() -> Vec<Line> {
    let events = Workload::new(1, SAVES, SAVES / 10).events;
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| round(&events)).collect();
    let rate = |side: fn(&(f64, f64)) -> f64| median(rounds.iter().map(side).collect());
    vec![
        Line::new("save", "records saved by the store", rate(|round| round.0), "/s"),
        Line::new("save", "records inserted bare", rate(|round| round.1), "/s"),
        Line::new("save", "rate of saves / rate of bare inserts", rate(|round| round.0 / round.1), "")
            .goal(Goal::AtLeast(0.8)),
    ]
}

/// Rates of both sides, a second.
fn round(events: &[Event]) -> (f64, f64) {
    let dir = disk::folder();
    let store = disk::store(&dir.path().join("store"));
    let mut bare = Bare::new(&dir.path().join("bare.db"));
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for (turn, events) in events.chunks(TURN).enumerate() {
        let first = turn * TURN;
        let drafts: Vec<Draft> = events.iter().zip(first..).map(|(event, number)| draft(event, number)).collect();
        let began = Instant::now();
        for draft in drafts {
            store.save(|batch| batch.add(draft)).expect("there is room");
        }
        ours += began.elapsed();
        theirs += bare.insert(&store, events, first);
    }
    (events.len() as f64 / ours.as_secs_f64(), events.len() as f64 / theirs.as_secs_f64())
}

fn draft(event: &Event, number: usize) -> Draft {
    let kind = OpKind::Create { kind: RecordKind::CASE };
    Draft { kind, entity: None, scope: case::grid(event.grid), sets: case::sets(event, number) }
}

struct Bare(Connection);

impl Bare {
    fn new(path: &Path) -> Self {
        let bare = Connection::open(path).expect("a new file");
        bare.execute_batch(BARE).expect("the tables are new");
        Bare(bare)
    }

    /// Inserts what the store has just written, one transaction for each record.
    fn insert(&mut self, store: &Store, events: &[Event], first: usize) -> Duration {
        let replica = store.head().expect("readable").replica;
        let out = store.outgoing(replica, first as u64 + 1, events.len(), usize::MAX).expect("readable");
        let out = out.expect("just saved");
        let chains = out.ops.iter().scan(out.prev_c, |chain, op| {
            *chain = chain_next(*chain, op);
            Some(*chain)
        });
        let rows: Vec<(ChainHash, &Vec<u8>)> = chains.zip(&out.ops).collect();
        let conn = &self.0;
        let mut outbox = conn.prepare(BARE_OP).expect("the table is there");
        let mut record = conn.prepare(BARE_RECORD).expect("the table is there");
        let began = Instant::now();
        for (((chain, op), event), number) in rows.iter().zip(events).zip(first..) {
            let (at, entity) = (1 << 40 | (number as i64 + 1), chain.entity());
            let transaction = conn.unchecked_transaction().expect("nobody else writes");
            outbox.execute((at, chain.0, entity.0, op)).expect("a new row");
            record.execute((entity.0, event.grid, case::place(number).0, at, event.created_ms)).expect("a new row");
            transaction.commit().expect("there is room");
        }
        began.elapsed()
    }
}
