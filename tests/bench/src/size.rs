//! Bytes of the phone's database after a sync, against a plain table of the same values.

use std::path::Path;

use rusqlite::Connection;

use crate::case;
use crate::report::{Goal, Line};
use crate::synced::{RECORDS, Synced};
use crate::workload::Event;

const PLAIN: &str = include_str!("../sql/plain_table.sql");
const PLAIN_ROW: &str = "INSERT INTO cases VALUES (?1, ?2, 2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

pub fn measure(synced: &Synced) -> Vec<Line> {
    let ours = length(&synced.records());
    let file = synced.dir.path().join("plain.db");
    plain_table(&file, &synced.events);
    let theirs = length(&file);
    let mut lines = vec![
        Line::new("size", format!("database of {RECORDS} records"), ours, "bytes"),
        Line::new("size", "plain table of the same", theirs, "bytes"),
        Line::new("size", "database / plain table", ours / theirs, "").goal(Goal::AtMost(1.2)),
    ];
    lines.extend(shares(&synced.records()));
    lines
}

fn length(file: &Path) -> f64 {
    file.metadata().expect("a database").len() as f64
}

fn plain_table(file: &Path, events: &[Event]) {
    let mut conn = Connection::open(file).expect("a new file");
    conn.execute_batch(PLAIN).expect("the table is new");
    let transaction = conn.transaction().expect("nobody else writes");
    let mut insert = transaction.prepare(PLAIN_ROW).expect("the table is there");
    for (number, event) in events.iter().enumerate() {
        let category = [case::STANDARD[0], case::STANDARD[1], event.category, event.category].join("/");
        // A random uuid is spread over its index as our ids are.
        let id = uuid((number as u128 + 1).wrapping_mul(0xd605_bbb5_8c8a_bbc5_9e37_79b9_7f4a_7c15));
        let place = uuid(u128::from_be_bytes(case::place(number).0));
        insert
            .execute((
                id,
                case::grid(event.grid).as_str(),
                category,
                event.severity,
                &event.title,
                &event.description,
                &event.address,
                event.lat_e7,
                event.lon_e7,
                event.reporter,
                place,
                event.created_ms,
            ))
            .expect("a new row");
    }
    drop(insert);
    transaction.commit().expect("there is room");
    conn.execute_batch("VACUUM").expect("there is room");
}

fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Where the bytes of our database are.
fn shares(file: &Path) -> Vec<Line> {
    let conn = Connection::open(file).expect("a database");
    let sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name HAVING sum(pgsize) > 100000 ORDER BY 2 DESC";
    let Ok(mut shares) = conn.prepare(sql) else { return Vec::new() };
    let lines = shares.query_map([], |row| {
        Ok(Line::new("size", format!("  in {}", row.get::<_, String>(0)?), row.get::<_, i64>(1)? as f64, "bytes"))
    });
    lines.expect("a question without parameters").flatten().collect()
}
