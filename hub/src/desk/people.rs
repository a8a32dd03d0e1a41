//! Members with their last sync, and the one-time codes that enrol a phone. No counts of work, no totals.

use std::collections::BTreeSet;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::workflow::Role;
use rusqlite::{OptionalExtension, params};

use super::paging::slice;
use super::problems::{area_unknown, label_missing, not_allowed};
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::{Page, Paging},
    people::{Enrol, EnrolmentCode, Person},
    problem::Problem,
};
use crate::cell::people::CODE_LIFE_MS;
use crate::cell::{Batch, CellError};

/// Crockford's: none is mistaken for another when it is read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 60 bits in three groups.
const CODE_LETTERS: usize = 12;
const GROUP: usize = 4;
/// Bytes of what a member is called.
const LABEL_BYTES: usize = 120;

impl Desk {
    pub(crate) fn people(&self, session: &Session, paging: &Paging) -> Answer<Page<Person>> {
        self.ask(session, |view| {
            let mut people = Vec::new();
            for id in view.members()? {
                let person = view.person(&id)?;
                people.push((format!("{}\u{0}{id}", person.label), person));
            }
            people.sort_by(|a, b| a.0.cmp(&b.0));
            slice(people, paging)
        })
    }

    pub(crate) fn enrol(&self, session: &Session, enrol: &Enrol) -> Answer<EnrolmentCode> {
        let role = Role::ALL.into_iter().find(|role| role.name() == enrol.role).ok_or_else(Problem::unreadable)?;
        if !may_give(session.supervisor.role, role) {
            return Err(not_allowed());
        }
        let areas = self.ask(session, |view| view.inside(&enrol.areas))?;
        let known = self.ask(session, |view| view.known(&enrol.member))?;
        if known.is_none() && (enrol.member.trim().is_empty() || enrol.member.len() > LABEL_BYTES) {
            return Err(label_missing());
        }
        let label = enrol.member.trim().to_owned();
        let (id, code, expires_ms) = self.decide(move |batch| {
            let (id, label) = match known {
                Some((id, label)) => (id, label),
                None => (new_id(batch, role)?, label),
            };
            batch.put_member(&id, &label, role, &areas)?;
            let code = new_code(batch);
            batch.put_code(&id, &code)?;
            Ok((id, code, batch.now_ms() + CODE_LIFE_MS))
        })?;
        tracing::info!("an enrolment code was issued");
        let code = grouped(&code);
        let link = self.door.link(code.clone());
        Ok(EnrolmentCode { code, member: id.to_string(), expires_ms, link })
    }
}

/// Supervisors are made by the operator of the hub, not by each other.
fn may_give(giver: Role, role: Role) -> bool {
    match giver {
        Role::Supervisor => role != Role::Supervisor,
        Role::Lead => role == Role::Member,
        Role::Member | Role::Handler | Role::Checker | Role::Auditor => false,
    }
}

fn new_id(batch: &Batch<'_>, role: Role) -> Result<ActorId, CellError> {
    let number = u64::from_be_bytes(batch.random());
    ActorId::new(format!("{}-{number:016x}", role.name())).map_err(|_| CellError::Damaged)
}

fn new_code(batch: &Batch<'_>) -> String {
    let random: [u8; CODE_LETTERS] = batch.random();
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

impl View<'_> {
    /// Ids of members who have an area of the session now.
    pub fn members(&self) -> Answer<BTreeSet<String>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT member FROM area_grant WHERE until_n IS NULL AND scope >= ?1 AND scope < ?2")?;
        let mut members = BTreeSet::new();
        for scope in self.areas().scopes() {
            for member in statement.query_map(params![scope.as_str(), format!("{scope}:")], |row| row.get(0))? {
                members.insert(member?);
            }
        }
        Ok(members)
    }

    fn person(&self, id: &str) -> Answer<Person> {
        let (label, role) = self
            .state
            .prepare_cached("SELECT label, role FROM member WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u8>(1)?)))?;
        let (last_sync_ms, phones) = self
            .state
            .prepare_cached("SELECT max(last_sync_ms), count(*) FROM device WHERE member = ?1 AND revoked_ms IS NULL")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let code_expires_ms = self
            .state
            .prepare_cached(
                "SELECT max(expires_ms) FROM enrolment_code WHERE member = ?1 AND used_ms IS NULL AND expires_ms > ?2",
            )?
            .query_row(params![id, self.now_ms], |row| row.get(0))?;
        Ok(Person {
            id: id.to_owned(),
            label,
            role: Role::from_code(role).map(Role::name).unwrap_or_default().to_owned(),
            areas: self.areas_of(id)?.iter().map(|scope| self.desk.area(scope)).collect(),
            last_sync_ms,
            phones,
            code_expires_ms,
        })
    }

    fn areas_of(&self, member: &str) -> Answer<Vec<Scope>> {
        let mut statement = self
            .state
            .prepare_cached("SELECT scope FROM area_grant WHERE member = ?1 AND until_n IS NULL ORDER BY scope")?;
        let codes = statement.query_map([member], |row| row.get::<_, String>(0))?;
        let mut scopes = Vec::new();
        for code in codes {
            scopes.push(Scope::parse(&code?).map_err(|_| CellError::Damaged)?);
        }
        Ok(scopes)
    }

    /// The areas of an enrolment, each inside the session's.
    fn inside(&self, codes: &[String]) -> Answer<Vec<Scope>> {
        let scopes: Vec<Scope> =
            codes.iter().map(|code| Scope::parse(code).map_err(|_| area_unknown())).collect::<Answer<_>>()?;
        if scopes.is_empty() {
            return Err(area_unknown());
        }
        if !scopes.iter().all(|scope| self.areas().covers(scope)) {
            tracing::warn!(
                role = self.role().name(),
                "an enrolment for an area that is not of the session was asked for"
            );
            return Err(Problem::not_found());
        }
        Ok(scopes)
    }

    /// A member by id. One who also works elsewhere is not this session's to change.
    fn known(&self, id: &str) -> Answer<Option<(ActorId, String)>> {
        let label: Option<String> = self
            .state
            .prepare_cached("SELECT label FROM member WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let Some(label) = label else { return Ok(None) };
        if !self.areas_of(id)?.iter().all(|scope| self.areas().covers(scope)) {
            return Err(Problem::not_found());
        }
        Ok(Some((ActorId::new(id).map_err(|_| CellError::Damaged)?, label)))
    }
}
