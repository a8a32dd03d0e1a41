//! Who may do what: members and their phones, supervisors and their sessions, one-time codes.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use gridpatrol_model::area::{AreaLevel, Scope};
use gridpatrol_model::ids::{ActorId, HubSeq};
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::request::KeyId;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{Batch, CellError, Result};

/// A code is typed at a desk within the shift in which it was issued.
pub const CODE_LIFE_MS: i64 = 24 * 3_600_000;

/// A session ends with the working day.
pub const SESSION_LIFE_MS: i64 = 12 * 3_600_000;

/// Which areas a question may see. Only a session (or a phone's certificate) makes one.
#[derive(Clone, Debug)]
pub struct AreaScope {
    scopes: Vec<Scope>,
}

impl AreaScope {
    pub fn covers(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|mine| mine.contains(scope))
    }

    /// The part of an asked-for area that may be seen: the area itself, or nothing.
    pub fn narrow(&self, asked: Option<Scope>) -> Vec<Scope> {
        match asked {
            None => self.scopes.clone(),
            Some(asked) if self.covers(&asked) => vec![asked],
            Some(asked) => self.scopes.iter().copied().filter(|mine| asked.contains(mine)).collect(),
        }
    }

    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

/// A supervisor at a console.
#[derive(Clone, Debug)]
pub struct Supervisor {
    pub actor: ActorId,
    pub label: String,
    pub role: Role,
    pub areas: AreaScope,
}

impl Supervisor {
    /// As whom their actions enter the log.
    pub fn author(&self) -> Author {
        let areas = self.areas.scopes.iter().map(|scope| Grant { scope: *scope, until: None }).collect();
        Author { actor: self.actor.clone(), role: self.role, areas, revoked: false }
    }
}

/// A phone that was enrolled.
pub struct Device {
    pub key: [u8; 32],
    pub author: Author,
    /// Areas that the member has now.
    pub areas: Vec<Scope>,
}

pub struct NewAccount<'a> {
    pub name: &'a str,
    pub actor: &'a ActorId,
    pub label: &'a str,
    pub role: Role,
    pub areas: &'a [Scope],
}

impl Batch<'_> {
    /// Makes a member known, or changes what they are called and may do.
    pub fn put_member(&mut self, id: &ActorId, label: &str, role: Role, areas: &[Scope]) -> Result<()> {
        self.transaction.execute(
            "INSERT INTO member (id, label, role, created_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET label = excluded.label, role = excluded.role",
            params![id.as_str(), label, role.code(), self.now_ms()],
        )?;
        let head = self.head();
        // What is no longer theirs was handed over now: work from before the hand-over is still accepted.
        self.transaction.execute(
            "UPDATE area_grant SET until_epoch = ?2, until_n = ?3 WHERE member = ?1 AND until_n IS NULL",
            params![id.as_str(), head.epoch, head.n as i64 + 1],
        )?;
        for area in areas {
            self.transaction.execute(
                "INSERT OR REPLACE INTO area_grant (member, scope) VALUES (?1, ?2)",
                params![id.as_str(), area.as_str()],
            )?;
        }
        Ok(())
    }

    /// Keeps only a hash of a one-time code.
    pub fn put_code(&mut self, member: &ActorId, code: &str) -> Result<()> {
        self.transaction.execute(
            "INSERT INTO enrolment_code (hash, member, expires_ms) VALUES (?1, ?2, ?3)",
            params![hash(code.as_bytes()), member.as_str(), self.now_ms() + CODE_LIFE_MS],
        )?;
        Ok(())
    }

    /// Uses up a code for a phone. A code that was used already, even by the same phone, is refused.
    pub fn use_code(&mut self, code: &str, device: [u8; 32], cell: &str) -> Result<Certificate> {
        let now = self.now_ms();
        let member: Option<String> = self
            .transaction
            .query_row(
                "UPDATE enrolment_code SET used_ms = ?2 WHERE hash = ?1 AND used_ms IS NULL AND expires_ms > ?2
                 RETURNING member",
                params![hash(code.as_bytes()), now],
                |row| row.get(0),
            )
            .optional()?;
        let member = ActorId::new(member.ok_or(CellError::BadCode)?).map_err(|_| CellError::Damaged)?;
        self.put_device(&member, device)?;
        let (label, role) = member_of(self.transaction, &member)?;
        let areas = areas_now(self.transaction, &member)?;
        Ok(Certificate { cell: cell.to_owned(), member, label, role, areas, device, issued_ms: now })
    }

    /// A phone that a certificate names and this database does not: the hub was restored from before.
    pub fn admit(&mut self, certificate: &Certificate) -> Result<()> {
        if device(self.transaction, &short(&certificate.device))?.is_some() {
            return Ok(());
        }
        if !member_exists(self.transaction, &certificate.member)? {
            self.put_member(&certificate.member, &certificate.label, certificate.role, &certificate.areas)?;
        }
        self.put_device(&certificate.member, certificate.device)
    }

    fn put_device(&mut self, member: &ActorId, key: [u8; 32]) -> Result<()> {
        self.transaction.execute(
            "INSERT OR IGNORE INTO device (key, key_id, member, enrolled_ms) VALUES (?1, ?2, ?3, ?4)",
            params![key, short(&key), member.as_str(), self.now_ms()],
        )?;
        Ok(())
    }

    /// A revoked phone may still push: its work is held.
    pub fn revoke(&mut self, key: &[u8; 32]) -> Result<()> {
        self.transaction.execute("UPDATE device SET revoked_ms = ?2 WHERE key = ?1", params![key, self.now_ms()])?;
        Ok(())
    }

    pub fn note_sync(&mut self, key: &[u8; 32]) -> Result<()> {
        self.transaction
            .prepare_cached("UPDATE device SET last_sync_ms = ?2 WHERE key = ?1")?
            .execute(params![key, self.now_ms()])?;
        Ok(())
    }

    pub fn put_account(&mut self, account: &NewAccount<'_>, password_hash: &str) -> Result<()> {
        let areas: Vec<&str> = account.areas.iter().map(Scope::as_str).collect();
        self.transaction.execute(
            "INSERT INTO account (name, actor, label, role, password, areas) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (name) DO UPDATE SET password = excluded.password, areas = excluded.areas,
                label = excluded.label, role = excluded.role",
            params![
                account.name,
                account.actor.as_str(),
                account.label,
                account.role.code(),
                password_hash,
                areas.join(" ")
            ],
        )?;
        Ok(())
    }

    /// Begins a session; only a hash of its token is kept.
    pub fn put_session(&mut self, account: &str, token: &str) -> Result<()> {
        let now = self.now_ms();
        self.transaction.execute("DELETE FROM session WHERE expires_ms <= ?1", [now])?;
        self.transaction.execute(
            "INSERT INTO session (hash, account, expires_ms) VALUES (?1, ?2, ?3)",
            params![hash(token.as_bytes()), account, now + SESSION_LIFE_MS],
        )?;
        Ok(())
    }

    pub fn end_session(&mut self, token: &str) -> Result<()> {
        self.transaction.execute("DELETE FROM session WHERE hash = ?1", [hash(token.as_bytes())])?;
        Ok(())
    }
}

/// What the office of an area is called: a county has a centre, a town and a village an office.
pub fn office_name(name: &str, level: AreaLevel) -> String {
    match level {
        AreaLevel::County | AreaLevel::City | AreaLevel::Province => format!("{name}综治中心"),
        AreaLevel::Town | AreaLevel::Village => format!("{name}网格办"),
    }
}

/// Argon2id with the library's defaults (19 MiB, two passes). Slow on purpose: not inside the writer.
pub fn hash_password(password: &str) -> Result<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| CellError::Damaged)
}

/// Whether name and password fit. An unknown name costs as much as a wrong password.
pub fn check_password(connection: &Connection, name: &str, password: &str) -> Result<bool> {
    let kept: Option<String> =
        connection.query_row("SELECT password FROM account WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    let known = kept.is_some();
    let kept = match kept {
        Some(kept) => kept,
        None => hash_password("nobody")?,
    };
    let parsed = PasswordHash::new(&kept).map_err(|_| CellError::Damaged)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
}

pub fn supervisor(connection: &Connection, token: &str, now_ms: i64) -> Result<Option<Supervisor>> {
    let row = connection
        .prepare_cached(
            "SELECT account.actor, account.label, account.role, account.areas
             FROM session JOIN account ON account.name = session.account
             WHERE session.hash = ?1 AND session.expires_ms > ?2",
        )?
        .query_row(params![hash(token.as_bytes()), now_ms], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, u8>(2)?, row.get::<_, String>(3)?))
        })
        .optional()?;
    let Some((actor, label, role, areas)) = row else { return Ok(None) };
    Ok(Some(Supervisor {
        actor: ActorId::new(actor).map_err(|_| CellError::Damaged)?,
        label,
        role: Role::from_code(role).ok_or(CellError::Damaged)?,
        areas: AreaScope { scopes: scopes(areas.split(' ').map(str::to_owned))? },
    }))
}

pub fn has_accounts(connection: &Connection) -> Result<bool> {
    Ok(connection.query_row("SELECT exists (SELECT 1 FROM account)", [], |row| row.get(0))?)
}

pub fn device(connection: &Connection, id: &KeyId) -> Result<Option<Device>> {
    let row = connection
        .prepare_cached("SELECT key, member, revoked_ms IS NOT NULL FROM device WHERE key_id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))
        .optional()?;
    let Some((key, member, revoked)) = row else { return Ok(None) };
    let actor = ActorId::new(member).map_err(|_| CellError::Damaged)?;
    let (_, role) = member_of(connection, &actor)?;
    let areas = grants(connection, &actor)?;
    let now = areas_now(connection, &actor)?;
    Ok(Some(Device { key, areas: now, author: Author { actor, role, areas, revoked } }))
}

/// What the hub knows of somebody by name alone: a supervisor's account, a member, or nobody, who may do nothing.
pub fn author(connection: &Connection, actor: &ActorId) -> Result<Author> {
    let account: Option<(u8, String)> = connection
        .prepare_cached("SELECT role, areas FROM account WHERE actor = ?1")?
        .query_row([actor.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (role, areas) = match account {
        Some((role, areas)) => {
            let areas = scopes(areas.split(' ').map(str::to_owned))?;
            let areas = areas.into_iter().map(|scope| Grant { scope, until: None }).collect();
            (Role::from_code(role).ok_or(CellError::Damaged)?, areas)
        }
        None if member_exists(connection, actor)? => (member_of(connection, actor)?.1, grants(connection, actor)?),
        None => (Role::Member, Vec::new()),
    };
    Ok(Author { actor: actor.clone(), role, areas, revoked: false })
}

fn member_exists(connection: &Connection, id: &ActorId) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM member WHERE id = ?1")?.exists([id.as_str()])?)
}

fn member_of(connection: &Connection, id: &ActorId) -> Result<(String, Role)> {
    let (label, role): (String, u8) = connection
        .prepare_cached("SELECT label, role FROM member WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((label, Role::from_code(role).ok_or(CellError::Damaged)?))
}

fn grants(connection: &Connection, member: &ActorId) -> Result<Vec<Grant>> {
    let mut statement =
        connection.prepare_cached("SELECT scope, until_epoch, until_n FROM area_grant WHERE member = ?1")?;
    let rows = statement.query_map([member.as_str()], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<u32>>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let mut grants = Vec::new();
    for row in rows {
        let (scope, epoch, n) = row?;
        let until = epoch.zip(n).map(|(epoch, n)| HubSeq { epoch, n: n as u64 });
        grants.push(Grant { scope: Scope::parse(&scope).map_err(|_| CellError::Damaged)?, until });
    }
    Ok(grants)
}

fn areas_now(connection: &Connection, member: &ActorId) -> Result<Vec<Scope>> {
    let grants = grants(connection, member)?;
    Ok(grants.into_iter().filter(|grant| grant.until.is_none()).map(|grant| grant.scope).collect())
}

fn scopes(codes: impl Iterator<Item = String>) -> Result<Vec<Scope>> {
    codes.filter(|code| !code.is_empty()).map(|code| Scope::parse(&code).map_err(|_| CellError::Damaged)).collect()
}

/// Codes and tokens are long and random, so a plain hash is enough.
fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// What a request names a device by.
pub fn short(key: &[u8; 32]) -> KeyId {
    let mut id = KeyId::default();
    id.copy_from_slice(&key[..8]);
    id
}
