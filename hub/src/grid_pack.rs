//! A grid pack into the log: the grids as ops of the hub's own replica, in the name of somebody who may draw them.
//!
//! A code that the hub knows is edited, with what it displays now as the value that is replaced; only fields that
//! differ are written, so loading a pack twice changes nothing. Grids that the pack does not have are left alone.

use std::collections::BTreeMap;
use std::path::Path;

use gridpatrol_gridpack::{Grid, Pack};
use gridpatrol_model::area::GridCode;
use gridpatrol_model::author::{edit, first};
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use rusqlite::{Connection, OptionalExtension};

use crate::cell::{Cell, CellError, Draft, Ports};
use crate::folder::Folder;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Grids of the hub that the pack does not have.
    pub left_alone: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Cell(#[from] CellError),
    #[error("{0} is not a hub's folder")]
    NoHub(String),
    #[error("nobody logs in to this hub as {0:?}: name an operator, or make one with `gridpatrol operator`")]
    NoAccount(String),
    #[error("{actor} may not draw grid {code}: load the pack as somebody of its county or town")]
    NotTheirs { actor: String, code: GridCode },
}

/// Loads a pack into the folder of a hub that does not run, in the name of one of its operators.
pub fn load(dir: &Path, ports: Ports, account: &str, pack: &Pack) -> Result<Loaded, LoadError> {
    if !dir.join("cell.db").is_file() {
        return Err(LoadError::NoHub(dir.display().to_string()));
    }
    let _folder = Folder::open(dir)?;
    let cell = Cell::open(dir, ports)?;
    let found = cell.read(|state| author(state, account))?;
    let author = found.ok_or_else(|| LoadError::NoAccount(account.to_owned()))?;
    put(&cell, &author, pack)
}

/// Writes a pack into a cell, in the name of somebody who works at the console. All of it or nothing.
pub fn put(cell: &Cell, author: &Author, pack: &Pack) -> Result<Loaded, LoadError> {
    let may = |code: GridCode| author.areas.iter().any(|grant| grant.scope.contains(&code.scope()));
    if let Some(other) = pack.grids().find(|grid| !may(grid.code)) {
        return Err(LoadError::NotTheirs { actor: author.actor.to_string(), code: other.code });
    }
    let stored = cell.read(stored)?;
    let plan = Plan::new(pack, &stored);
    let (loaded, author) = (plan.loaded, author.clone());
    cell.write(move |batch| {
        for draft in plan.drafts {
            let scope = draft.scope;
            let (_, row) = batch.write(&author, draft)?;
            if row.verdict.held().is_some() {
                return Err(CellError::NotStored(format!("grid {scope} would have been held")));
            }
        }
        Ok(())
    })?;
    Ok(loaded)
}

fn author(state: &Connection, account: &str) -> Result<Option<Author>, CellError> {
    let row = state
        .query_row("SELECT actor, role, areas FROM account WHERE name = ?1", [account], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u8>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((actor, role, areas)) = row else { return Ok(None) };
    let areas = areas.split(' ').map(|code| Some(Grant { scope: code.parse().ok()?, until: None }));
    Ok(Some(Author {
        actor: ActorId::new(actor).map_err(|_| CellError::Damaged)?,
        role: Role::from_code(role).ok_or(CellError::Damaged)?,
        areas: areas.collect::<Option<_>>().ok_or(CellError::Damaged)?,
        revoked: false,
    }))
}

/// The grids of the hub that were not deleted.
fn stored(state: &rusqlite::Transaction<'_>) -> Result<BTreeMap<GridCode, Record>, CellError> {
    let mut statement = state.prepare("SELECT state FROM record WHERE kind = ?1 AND life <> 1 ORDER BY no")?;
    let mut rows = statement.query([RecordKind::GRID.0])?;
    let mut grids = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let record = Record::decode(&row.get::<_, Vec<u8>>(0)?)?;
        if let Some(code) = record.text(FieldNo::GRID_CODE).and_then(|code| GridCode::parse(code).ok()) {
            grids.insert(code, record);
        }
    }
    Ok(grids)
}

/// What is to be written, before anything is.
struct Plan {
    drafts: Vec<Draft>,
    loaded: Loaded,
}

impl Plan {
    fn new(pack: &Pack, stored: &BTreeMap<GridCode, Record>) -> Self {
        let mut plan = Plan { drafts: Vec::new(), loaded: Loaded::default() };
        for grid in pack.grids() {
            let scope = grid.code.scope();
            let Some(record) = stored.get(&grid.code) else {
                let sets = fields(grid).into_iter().map(|(no, value)| first(no, value)).collect();
                let kind = OpKind::Create { kind: RecordKind::GRID };
                plan.drafts.push(Draft { kind, entity: None, scope, sets });
                plan.loaded.created += 1;
                continue;
            };
            let sets = changes(grid, record);
            if sets.is_empty() {
                plan.loaded.unchanged += 1;
                continue;
            }
            // Where it stands now, should somebody have moved it.
            let scope = record.scope.unwrap_or(scope);
            plan.drafts.push(Draft { kind: OpKind::Set, entity: Some(record.entity), scope, sets });
            plan.loaded.changed += 1;
        }
        plan.loaded.left_alone = stored.keys().filter(|code| pack.grid(**code).is_none()).count() as u64;
        plan
    }
}

fn changes(grid: &Grid, record: &Record) -> Vec<Set> {
    let differs = |(no, value): &(FieldNo, Value)| record.value(*no) != Some(value);
    let mut sets: Vec<Set> =
        fields(grid).into_iter().filter(differs).map(|(no, value)| edit(record, no, value)).collect();
    if grid.is_live() && record.is_superseded() {
        sets.push(edit(record, FieldNo::SUPERSEDED_BY, Value::null()));
    }
    sets
}

/// What a pack says about a grid.
fn fields(grid: &Grid) -> Vec<(FieldNo, Value)> {
    let ring: Vec<Value> =
        grid.ring().iter().flat_map(|at| [Value::int(at.lon().into()), Value::int(at.lat().into())]).collect();
    let name = if grid.name.is_empty() { grid.code.as_str() } else { &grid.name };
    let mut fields = vec![
        (FieldNo::NAME, Value::text(name)),
        (FieldNo::GRID_CODE, Value::text(grid.code.as_str())),
        (FieldNo::RING, Value::list(&ring)),
    ];
    if !grid.is_live() {
        let codes: Vec<&str> = grid.superseded_by.iter().map(GridCode::as_str).collect();
        fields.push((FieldNo::SUPERSEDED_BY, Value::text(&codes.join(" "))));
    }
    fields
}
