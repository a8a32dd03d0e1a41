//! Questions to one committed state of the cell.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;
use gridpatrol_protocol::{Cursor, Head, LogTag};
use rusqlite::{Connection, OptionalExtension, params};

use super::Result;

/// Where the log ends, with h_n.
pub fn head(connection: &Connection) -> Result<(HubSeq, [u8; 32])> {
    let row = connection
        .prepare_cached("SELECT epoch, n, log FROM row ORDER BY n DESC LIMIT 1")?
        .query_row([], |row| Ok((seq(row.get(0)?, row.get(1)?), row.get(2)?)))
        .optional()?;
    let epoch: u32 =
        connection.prepare_cached("SELECT coalesce(max(epoch), 0) FROM epoch")?.query_row([], |row| row.get(0))?;
    let (mut seq, log) = row.unwrap_or((HubSeq::ZERO, [0; 32]));
    seq.epoch = seq.epoch.max(epoch);
    Ok((seq, log))
}

fn seq(epoch: u32, n: i64) -> HubSeq {
    HubSeq { epoch, n: n as u64 }
}

/// The tag of the log at a row; all noughts before the first.
pub fn log_tag(connection: &Connection, n: u64) -> Result<Option<LogTag>> {
    if n == 0 {
        return Ok(Some(LogTag::default()));
    }
    let log: Option<[u8; 32]> = connection
        .prepare_cached("SELECT log FROM row WHERE n = ?1")?
        .query_row([n as i64], |row| row.get(0))
        .optional()?;
    Ok(log.map(|log| tag_of(&log)))
}

pub fn tag_of(log: &[u8; 32]) -> LogTag {
    let mut tag = LogTag::default();
    tag.copy_from_slice(&log[..8]);
    tag
}

/// Commit time of a row, `i64::MIN` where there is none.
pub fn commit_ms(connection: &Connection, seen: HubSeq) -> Result<i64> {
    let at: Option<i64> = connection
        .prepare_cached("SELECT at_ms FROM row WHERE n = ?1")?
        .query_row([seen.n as i64], |row| row.get(0))
        .optional()?;
    Ok(at.unwrap_or(i64::MIN))
}

/// Up to where the last backup has the log. What is above it would be gone with this machine, so phones keep it.
pub fn durable(connection: &Connection) -> Result<HubSeq> {
    let n: Option<i64> = connection.prepare_cached("SELECT max(n) FROM backup")?.query_row([], |row| row.get(0))?;
    let n = n.map_or(0, |n| n as u64);
    Ok(HubSeq { epoch: epoch_of(connection, n)?, n })
}

/// The epoch of a row; 0 before the first.
pub fn epoch_of(connection: &Connection, n: u64) -> Result<u32> {
    let epoch: Option<u32> = connection
        .prepare_cached("SELECT epoch FROM row WHERE n = ?1")?
        .query_row([n as i64], |row| row.get(0))
        .optional()?;
    Ok(epoch.unwrap_or(0))
}

/// Where a phone's log and this one still agree, if its cursor is not on this log.
pub fn common(connection: &Connection, cursor: &Cursor) -> Result<Option<Cursor>> {
    if log_tag(connection, cursor.seq.n)? == Some(cursor.log) {
        return Ok(None);
    }
    // The phone's epoch ended where the next one began; without such a mark only the beginning is sure.
    let end: Option<i64> = connection
        .prepare_cached("SELECT min(from_n) - 1 FROM epoch WHERE epoch > ?1")?
        .query_row([cursor.seq.epoch], |row| row.get(0))?;
    let n = end.map_or(0, |end| end as u64);
    let n = if n < cursor.seq.n { n } else { 0 };
    Ok(Some(Cursor {
        seq: HubSeq { epoch: if n == 0 { 0 } else { cursor.seq.epoch }, n },
        log: log_tag(connection, n)?.unwrap_or_default(),
    }))
}

pub fn record(connection: &Connection, entity: EntityId) -> Result<Option<Record>> {
    Ok(stored(connection, entity)?.map(|(_, record)| record))
}

/// A record with its number.
pub fn stored(connection: &Connection, entity: EntityId) -> Result<Option<(i64, Record)>> {
    let found: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT no, state FROM record WHERE entity = ?1")?
        .query_row([entity.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(no, state)| Ok((no, Record::decode(&state)?))).transpose()
}

/// The latest row that carries a write.
pub fn latest_row(connection: &Connection, dot: Dot) -> Result<Option<Row>> {
    let Some(chain) = chain_of(connection, dot)? else { return Ok(None) };
    let Some(replica) = replica_no(connection, dot.replica)? else { return Ok(None) };
    let body: Vec<u8> = connection
        .prepare_cached(
            "SELECT row.body FROM op JOIN row ON row.n = op.n WHERE op.replica = ?1 AND op.rseq = ?2 AND op.chain = ?3",
        )?
        .query_row(params![replica, dot.rseq as i64, chain.0], |row| row.get(0))?;
    Ok(Some(Row::decode(&body)?))
}

pub fn row_at(connection: &Connection, n: u64) -> Result<Option<Row>> {
    let body: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM row WHERE n = ?1")?
        .query_row([n as i64], |row| row.get(0))
        .optional()?;
    Ok(body.map(|body| Row::decode(&body)).transpose()?)
}

/// All rows of a record, in hub order.
pub fn rows_about(connection: &Connection, entity: EntityId) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM row JOIN record ON record.no = row.record WHERE record.entity = ?1 ORDER BY n",
    )?;
    let found = statement.query_map([entity.0], |row| row.get::<_, Vec<u8>>(0))?;
    let mut rows = Vec::new();
    for body in found {
        rows.push(Row::decode(&body?)?);
    }
    Ok(rows)
}

/// Whether a record ever lay in a scope.
pub fn lay_in(connection: &Connection, entity: EntityId, scope: &Scope) -> Result<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM record JOIN row ON row.record = record.no JOIN scope_row ON scope_row.n = row.n
             WHERE record.entity = ?1 AND scope_row.scope = ?2",
        )?
        .exists(params![entity.0, scope.as_str()])?)
}

/// The full chain hash of a write that has arrived.
pub fn chain_of(connection: &Connection, dot: Dot) -> Result<Option<ChainHash>> {
    Ok(branches(connection, dot.replica, dot.rseq)?.into_iter().find(|chain| chain.tag() == dot.tag))
}

/// Chain hashes at a place of a replica: one, or several where an image was cloned.
pub fn branches(connection: &Connection, replica: ReplicaId, rseq: u64) -> Result<Vec<ChainHash>> {
    let Some(no) = replica_no(connection, replica)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached("SELECT chain FROM op WHERE replica = ?1 AND rseq = ?2")?;
    let chains = statement.query_map(params![no, rseq as i64], |row| Ok(ChainHash(row.get(0)?)))?;
    Ok(chains.collect::<std::result::Result<_, _>>()?)
}

pub fn replica_no(connection: &Connection, id: ReplicaId) -> Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT no FROM replica WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?)
}

/// How far a replica goes: to the op that its phone named if that is here, else to the furthest of any branch. What
/// only others brought back does not count: there may be holes before it.
pub fn furthest(connection: &Connection, replica: ReplicaId, named: Head) -> Result<Option<Head>> {
    let Some(no) = replica_no(connection, replica)? else { return Ok(None) };
    if branches(connection, replica, named.rseq)?.contains(&named.chain) {
        return Ok(Some(named));
    }
    Ok(connection
        .prepare_cached("SELECT rseq, chain FROM op WHERE replica = ?1 AND unproven = 0 ORDER BY rseq DESC LIMIT 1")?
        .query_row([no], |row| Ok(Head { rseq: row.get::<_, i64>(0)? as u64, chain: ChainHash(row.get(1)?) }))
        .optional()?)
}

/// Whether two phones have written under one replica.
pub fn forked(connection: &Connection, replica: ReplicaId) -> Result<bool> {
    let forked: Option<bool> = connection
        .prepare_cached("SELECT forked FROM replica WHERE id = ?1")?
        .query_row([replica.0], |row| row.get(0))
        .optional()?;
    Ok(forked.unwrap_or(false))
}

/// Numbers of the rows that a phone gets next: of its scopes, and of its replica whatever scope. Ascending.
pub fn rows_for(
    connection: &Connection,
    view: &[Scope],
    replica: ReplicaId,
    after: u64,
    limit: usize,
) -> Result<Vec<u64>> {
    let mut numbers = std::collections::BTreeSet::new();
    for scope in known_scopes(connection, view)? {
        let mut statement =
            connection.prepare_cached("SELECT n FROM scope_row WHERE scope = ?1 AND n > ?2 ORDER BY n LIMIT ?3")?;
        let found = statement.query_map(params![scope, after as i64, limit as i64], |row| row.get::<_, i64>(0))?;
        for n in found {
            numbers.insert(n? as u64);
        }
    }
    if let Some(no) = replica_no(connection, replica)? {
        let mut statement =
            connection.prepare_cached("SELECT n FROM row WHERE replica = ?1 AND n > ?2 ORDER BY n LIMIT ?3")?;
        let found = statement.query_map(params![no, after as i64, limit as i64], |row| row.get::<_, i64>(0))?;
        for n in found {
            numbers.insert(n? as u64);
        }
    }
    Ok(numbers.into_iter().take(limit).collect())
}

/// Scopes that occur, at or below those of a view.
fn known_scopes(connection: &Connection, view: &[Scope]) -> Result<Vec<String>> {
    let mut scopes = Vec::new();
    let mut statement = connection.prepare_cached("SELECT code FROM scope WHERE code >= ?1 AND code < ?2")?;
    for scope in view {
        // The codes below a prefix end before the prefix followed by what sorts behind every digit.
        let found = statement.query_map(params![scope.as_str(), format!("{scope}:")], |row| row.get(0))?;
        for code in found {
            scopes.push(code?);
        }
    }
    Ok(scopes)
}

/// Records of a scope in the order in which the hub met them, behind `after`.
pub fn records_of(
    connection: &Connection,
    scope: &Scope,
    after: Option<EntityId>,
    limit: usize,
) -> Result<Vec<Record>> {
    let mut statement = connection.prepare_cached(
        // The numbers first: a county's records would not fit into a sort.
        "SELECT state FROM record WHERE no IN (
            SELECT no FROM record INDEXED BY record_of_scope
            WHERE scope >= ?1 AND scope < ?2 AND no > coalesce((SELECT no FROM record WHERE entity = ?3), 0)
            ORDER BY no LIMIT ?4)
         ORDER BY no",
    )?;
    let after = after.map(|entity| entity.0);
    let found = statement
        .query_map(params![scope.as_str(), format!("{scope}:"), after, limit as i64], |row| row.get::<_, Vec<u8>>(0))?;
    let mut records = Vec::new();
    for state in found {
        records.push(Record::decode(&state?)?);
    }
    Ok(records)
}

pub fn meta_text(connection: &Connection, key: &str) -> Result<Option<String>> {
    let value: Option<Vec<u8>> =
        connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()?;
    value.map(|value| String::from_utf8(value).map_err(|_| super::CellError::Damaged)).transpose()
}
