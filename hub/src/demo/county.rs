//! What the hub knows before the day begins: grids, places, members, and two supervisors who can log in.

use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::{Position, Value};
use gridpatrol_model::workflow::Role;
use gridpatrol_world::World;

use super::Result;
use crate::cell::people::{NewAccount, hash_password, office_name};
use crate::cell::{Cell, Draft};
use crate::phone::normal_code;

/// A log-in of this run.
#[derive(Clone)]
pub struct LogIn {
    pub name: String,
    pub password: String,
    pub label: String,
}

/// Grids and places of the played villages, written by the county's supervisor.
pub fn furnish(cell: &Cell, world: &World) -> Result<()> {
    let county = world.county.code.scope();
    let author = office(county)?;
    let grids = world.grids.iter().map(|grid| (grid.code.scope(), RecordKind::GRID, grid_sets(grid)));
    let places = world.places.iter().map(|place| (place.grid.scope(), RecordKind::PLACE, place_sets(place)));
    let drafts: Vec<Draft> = grids
        .chain(places)
        .map(|(scope, kind, sets)| Draft { kind: OpKind::Create { kind }, entity: None, scope, sets })
        .collect();
    cell.write(move |batch| drafts.into_iter().try_for_each(|draft| batch.write(&author, draft).map(drop)))?;
    Ok(())
}

/// The county's supervisor, who writes what everybody starts with.
pub fn office(county: Scope) -> Result<Author> {
    let areas = vec![Grant { scope: county, until: None }];
    Ok(Author { actor: ActorId::new("s-county")?, role: Role::Supervisor, areas, revoked: false })
}

fn grid_sets(grid: &gridpatrol_world::Grid) -> Vec<Set> {
    let ring: Vec<Value> =
        grid.polygon.iter().flat_map(|at| [Value::int(at.lon().into()), Value::int(at.lat().into())]).collect();
    vec![
        first(FieldNo::NAME, Value::text(&grid.name)),
        first(FieldNo::SYNTHETIC, Value::bool(true)),
        first(FieldNo::RING, Value::list(&ring)),
        first(FieldNo::GRID_CODE, Value::text(grid.code.as_str())),
        first(FieldNo::HOUSEHOLDS, Value::int(grid.households.into())),
    ]
}

fn place_sets(place: &gridpatrol_world::Place) -> Vec<Set> {
    let at = Position { lon_e7: place.position.lon(), lat_e7: place.position.lat(), accuracy_dm: None };
    vec![
        first(FieldNo::POSITION, Value::position(at)),
        first(FieldNo::NAME, Value::text(&place.name)),
        first(FieldNo::SYNTHETIC, Value::bool(true)),
        first(FieldNo::PLACE_KIND, Value::text(place.kind.as_str())),
        first(FieldNo::INTERVAL_DAYS, Value::int(place.interval_days.into())),
    ]
}

/// The county's supervisor and one of the first village's town, with passwords of this run.
pub fn supervisors(cell: &Cell, world: &World, password: impl Fn() -> String) -> Result<Vec<LogIn>> {
    let town = world.towns.first().ok_or("the county has towns")?;
    let desks = [("county", world.county.code, &world.county.name), ("town", town.code, &town.name)];
    desks
        .into_iter()
        .map(|(name, area, place)| {
            let log_in =
                LogIn { name: name.into(), password: password(), label: office_name(place, area.level()) + "(演示)" };
            let hash = hash_password(&log_in.password)?;
            let (actor, kept) = (ActorId::new(format!("s-{name}"))?, log_in.clone());
            cell.write(move |batch| {
                let account = NewAccount {
                    name: &kept.name,
                    actor: &actor,
                    label: &kept.label,
                    role: Role::Supervisor,
                    areas: &[area.scope()],
                };
                batch.put_account(&account, &hash)
            })?;
            Ok(log_in)
        })
        .collect()
}

/// Makes a member known and issues the code with which a phone is enrolled.
pub fn issue_code(cell: &Cell, member: &ActorId, label: &str, area: Scope, code: &str) -> Result<()> {
    let (member, label, code) = (member.clone(), label.to_owned(), normal_code(code));
    cell.write(move |batch| {
        batch.put_member(&member, &label, Role::Member, &[area])?;
        batch.put_code(&member, &code)
    })?;
    Ok(())
}
