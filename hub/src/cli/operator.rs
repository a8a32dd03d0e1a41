//! `gridpatrol operator`

use std::io::{IsTerminal, Read};

use gridpatrol_hub::cell::people::{self, NewAccount};
use gridpatrol_hub::cell::{Cell, read};
use gridpatrol_model::area::{AreaCode, AreaLevel};
use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::workflow::Role;

use super::{Operator, Outcome, ports};

/// Long enough that guessing at the log-in's pace is hopeless.
const SHORTEST: usize = 10;

pub fn run(asked: &Operator) -> Outcome {
    let area = AreaCode::parse(&asked.area)?;
    let divisions = Divisions::jiangmen();
    divisions.check(area)?;
    let county = county_of(area).ok_or("an operator's area is a county (6 digits), town (9) or village (12)")?;
    let cell = Cell::open(&asked.dir, ports())?;
    let kept = cell.read(|state| read::meta_text(state, "county"))?;
    if let Some(kept) = kept.filter(|kept| kept != county.as_str()) {
        return Err(format!("this hub is the hub of {kept}: an area of {county} belongs to another hub").into());
    }
    let password = password(asked)?;
    if password.chars().count() < SHORTEST {
        return Err(format!("a password has at least {SHORTEST} characters").into());
    }
    let hash = people::hash_password(&password)?;
    let label = asked
        .label
        .clone()
        .unwrap_or_else(|| people::office_name(divisions.name(area).unwrap_or_default(), area.level()));
    let (name, actor) = (asked.name.clone(), ActorId::new(format!("s-{}", asked.name))?);
    cell.write(move |batch| {
        batch.put_meta_text("county", county.as_str())?;
        let areas = [area.scope()];
        let account = NewAccount { name: &name, actor: &actor, label: &label, role: Role::Supervisor, areas: &areas };
        batch.put_account(&account, &hash)
    })?;
    Ok(())
}

fn county_of(area: AreaCode) -> Option<AreaCode> {
    std::iter::successors(Some(area), AreaCode::parent).find(|area| area.level() == AreaLevel::County)
}

fn password(asked: &Operator) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    if asked.password_stdin {
        let mut line = String::new();
        std::io::stdin().read_to_string(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err("no terminal to ask for the password: pipe it in with --password-stdin".into());
    }
    Ok(rpassword::prompt_password(format!("Password for {}: ", asked.name))?)
}
