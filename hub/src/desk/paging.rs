//! Pages by key: a list goes on behind the last row that was shown, whatever was added before it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gridpatrol_model::area::Scope;
use gridpatrol_model::record::Record;
use rusqlite::types::Value as SqlValue;

use super::view::{View, decode};
use crate::api::{
    Answer,
    common::{Page, Paging},
    problem::Problem,
};

const ROWS: u32 = 50;
const MOST_ROWS: u32 = 200;
/// Rows read at once when a filter that SQL cannot see is set.
const STRETCH: usize = 400;

/// Orders in which lists of records are shown.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// Of one kind: `record.kind = …` is among the conditions.
    NewestFirst,
    /// Of records in dispute: `record.disputed = 1` is among the conditions.
    OldestFirst,
    /// Of the desk of cases: `case_queue`.
    Queue,
}

impl Order {
    fn table(self) -> &'static str {
        match self {
            // Named, because without statistics the planner takes the index of scopes and reads a county.
            Order::NewestFirst => "record INDEXED BY record_of_kind",
            Order::OldestFirst => "record INDEXED BY record_disputed",
            // In the order of the queue, so that a page reads no more than itself.
            Order::Queue => "case_queue CROSS JOIN record ON record.no = case_queue.record",
        }
    }
}

/// Where a row stands in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    part: i64,
    at: i64,
    no: i64,
}

/// Conditions of a list, as SQL with its arguments.
pub(super) struct List {
    order: Order,
    conditions: Vec<String>,
    args: Vec<SqlValue>,
}

impl List {
    /// Records that are not deleted, within some of the session's areas.
    pub fn within(order: Order, scopes: &[Scope]) -> Self {
        let mut list = List { order, conditions: vec!["record.life <> 1".into()], args: Vec::new() };
        let parts: Vec<String> = scopes
            .iter()
            .map(|scope| {
                // The codes below a prefix end before the prefix followed by what sorts behind every digit.
                let (from, to) = (list.arg(scope.to_string()), list.arg(format!("{scope}:")));
                format!("record.scope >= {from} AND record.scope < {to}")
            })
            .collect();
        list.conditions.push(format!("({})", parts.join(" OR ")));
        list
    }

    /// A place in the text for a value.
    pub fn arg(&mut self, value: impl Into<SqlValue>) -> String {
        self.args.push(value.into());
        format!("?{}", self.args.len())
    }

    pub fn only(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// `column = value`
    pub fn equal(&mut self, column: &str, value: impl Into<SqlValue>) {
        let at = self.arg(value);
        self.only(format!("{column} = {at}"));
    }

    fn sql(&self, after: Option<Key>, limit: usize) -> (String, Vec<SqlValue>) {
        let (key, order, behind) = match self.order {
            Order::NewestFirst => (
                "0, record.sort_ms",
                "record.sort_ms DESC, record.no",
                "(record.sort_ms < :at OR record.sort_ms = :at AND record.no > :no)",
            ),
            Order::OldestFirst => {
                ("0, record.sort_ms", "record.sort_ms, record.no", "(record.sort_ms, record.no) > (:at, :no)")
            }
            Order::Queue => (
                "part, at_ms",
                "part, at_ms, case_queue.record",
                "(part, at_ms, case_queue.record) > (:part, :at, :no)",
            ),
        };
        let from = self.order.table();
        let (args, mut conditions) = (self.args.clone(), self.conditions.join(" AND "));
        if let Some(key) = after {
            let behind = behind.replace(":part", &key.part.to_string()).replace(":at", &key.at.to_string());
            conditions = format!("{conditions} AND {}", behind.replace(":no", &key.no.to_string()));
        }
        let sql = format!(
            "SELECT {key}, record.no, record.state FROM {from} WHERE {conditions} ORDER BY {order} LIMIT {limit}"
        );
        (sql, args)
    }
}

impl View<'_> {
    /// The areas that a filter leaves of the session's own.
    pub fn filter(&self, area: Option<&str>) -> Answer<Vec<Scope>> {
        let asked = area.map(Scope::parse).transpose().map_err(|_| Problem::unreadable())?;
        let scopes = self.areas().narrow(asked);
        if scopes.is_empty() {
            tracing::warn!(role = self.role().name(), "an area that is not of the session was asked for");
            return Err(Problem::not_found());
        }
        Ok(scopes)
    }

    /// One page of what `take` makes of the records of a list; it leaves out those it answers `None` for.
    pub fn page<T>(
        &self,
        list: &List,
        paging: &Paging,
        mut take: impl FnMut(Record) -> Answer<Option<T>>,
    ) -> Answer<Page<T>> {
        let limit = limit(paging)?;
        let mut after = paging.cursor.as_deref().map(Key::read).transpose()?;
        let (mut items, mut last) = (Vec::new(), None);
        loop {
            let stretch = self.stretch(list, after, STRETCH.min(limit + 1))?;
            let Some((end, _)) = stretch.last() else { return Ok(Page { items, next: None }) };
            after = Some(*end);
            for (key, state) in stretch {
                let Some(item) = take(decode(&state)?)? else { continue };
                if items.len() == limit {
                    return Ok(Page { items, next: last.map(|key: Key| key.text()) });
                }
                items.push(item);
                last = Some(key);
            }
        }
    }

    pub fn count(&self, list: &List) -> Answer<u32> {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", list.order.table(), list.conditions.join(" AND "));
        let args = rusqlite::params_from_iter(&list.args);
        Ok(self.state.prepare(&sql)?.query_row(args, |row| row.get(0))?)
    }

    fn stretch(&self, list: &List, after: Option<Key>, limit: usize) -> Answer<Vec<(Key, Vec<u8>)>> {
        let (sql, args) = list.sql(after, limit);
        let mut statement = self.state.prepare(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(args), |row| {
            Ok((Key { part: row.get(0)?, at: row.get(1)?, no: row.get(2)? }, row.get(3)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn limit(paging: &Paging) -> Answer<usize> {
    match paging.limit.unwrap_or(ROWS) {
        limit @ 1..=MOST_ROWS => Ok(limit as usize),
        _ => Err(Problem::unreadable()),
    }
}

/// One page of items that were sorted by a key of their own.
pub(super) fn slice<T>(items: Vec<(String, T)>, paging: &Paging) -> Answer<Page<T>> {
    let limit = limit(paging)?;
    let after = paging.cursor.as_deref().map(cursor_text).transpose()?;
    let mut rest = items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page: Vec<(String, T)> = rest.by_ref().take(limit).collect();
    let next = rest.next().and(page.last()).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    Ok(Page { items: page.into_iter().map(|(_, item)| item).collect(), next })
}

fn cursor_text(cursor: &str) -> Answer<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Problem::unreadable())?;
    String::from_utf8(bytes).map_err(|_| Problem::unreadable())
}

/// A number as a text that sorts like it.
pub(super) fn sortable(number: i64) -> String {
    format!("{:016x}", (number as u64) ^ (1 << 63))
}

impl Key {
    fn text(&self) -> String {
        let parts = [self.part, self.at, self.no].map(i64::to_be_bytes).concat();
        URL_SAFE_NO_PAD.encode(parts)
    }

    fn read(text: &str) -> Answer<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::unreadable())?;
        let bytes: [u8; 24] = bytes.try_into().map_err(|_| Problem::unreadable())?;
        let number = |at: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[at..at + 8]);
            i64::from_be_bytes(eight)
        };
        Ok(Key { part: number(0), at: number(8), no: number(16) })
    }
}
