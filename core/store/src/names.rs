//! Long names as small numbers. A record names replicas, authors and scopes again and again; a phone knows a
//! few dozen of them. Numbers are given once and never change, so what a reader has cached stays true.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, ReplicaId};
use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Result, StoreError};

/// A connection, the names that were met on it, and whose store it is.
#[derive(Clone, Copy)]
pub(crate) struct Db<'a> {
    pub conn: &'a Connection,
    pub names: &'a Names,
    pub member: &'a ActorId,
}

#[derive(Default)]
pub(crate) struct Names(RefCell<Cache>);

#[derive(Default)]
pub(crate) struct Cache {
    replicas: Pairs<ReplicaId>,
    actors: Pairs<ActorId>,
    scopes: Pairs<Scope>,
}

pub(crate) struct Pairs<T> {
    name: HashMap<i64, T>,
    no: HashMap<T, i64>,
}

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Pairs { name: HashMap::new(), no: HashMap::new() }
    }
}

pub(crate) trait Name: Clone + Eq + Hash {
    const FIND: &'static str;
    const ADD: &'static str;
    const READ: &'static str;
    fn stored(&self) -> impl ToSql + '_;
    fn read(stored: ValueRef<'_>) -> Option<Self>;
    fn pairs(cache: &mut Cache) -> &mut Pairs<Self>;
}

macro_rules! name {
    ($type:ty, $table:literal, $pairs:ident, $stored:expr, $read:expr) => {
        impl Name for $type {
            const FIND: &'static str = concat!("SELECT id FROM ", $table, " WHERE name = ?1");
            const ADD: &'static str = concat!("INSERT INTO ", $table, " (name) VALUES (?1)");
            const READ: &'static str = concat!("SELECT name FROM ", $table, " WHERE id = ?1");

            fn stored(&self) -> impl ToSql + '_ {
                let stored: for<'n> fn(&'n $type) -> &'n _ = $stored;
                stored(self)
            }

            fn read(stored: ValueRef<'_>) -> Option<Self> {
                let read: fn(ValueRef<'_>) -> Option<Self> = $read;
                read(stored)
            }

            fn pairs(cache: &mut Cache) -> &mut Pairs<Self> {
                &mut cache.$pairs
            }
        }
    };
}

name!(ReplicaId, "replica", replicas, |id| &id.0, |stored| Some(ReplicaId(stored.as_blob().ok()?.try_into().ok()?)));
name!(ActorId, "actor", actors, |id| id.as_str(), |stored| ActorId::new(stored.as_str().ok()?).ok());
name!(Scope, "scope", scopes, |scope| scope.as_str(), |stored| Scope::parse(stored.as_str().ok()?).ok());

impl Db<'_> {
    /// The number of a name, if it has one.
    pub fn find<T: Name>(&self, name: &T) -> Result<Option<i64>> {
        if let Some(no) = T::pairs(&mut self.names.0.borrow_mut()).no.get(name) {
            return Ok(Some(*no));
        }
        let no = self.conn.prepare_cached(T::FIND)?.query_row([name.stored()], |row| row.get(0)).optional()?;
        if let Some(no) = no {
            self.names.remember(no, name.clone());
        }
        Ok(no)
    }

    /// The number of a name, given now if it has none. Only the writer may call it.
    pub fn number<T: Name>(&self, name: &T) -> Result<i64> {
        if let Some(no) = self.find(name)? {
            return Ok(no);
        }
        let no = self.conn.prepare_cached(T::ADD)?.insert([name.stored()])?;
        self.names.remember(no, name.clone());
        Ok(no)
    }

    pub fn name<T: Name>(&self, no: i64) -> Result<T> {
        if let Some(name) = T::pairs(&mut self.names.0.borrow_mut()).name.get(&no) {
            return Ok(name.clone());
        }
        let unknown = || StoreError::Damaged(format!("nothing has the number {no}: {}", T::READ));
        let name = self
            .conn
            .prepare_cached(T::READ)?
            .query_row([no], |row| Ok(T::read(row.get_ref(0)?)))
            .optional()?
            .flatten()
            .ok_or_else(unknown)?;
        self.names.remember(no, name.clone());
        Ok(name)
    }
}

impl Names {
    fn remember<T: Name>(&self, no: i64, name: T) {
        let cache = &mut self.0.borrow_mut();
        let pairs = T::pairs(cache);
        pairs.name.insert(no, name.clone());
        pairs.no.insert(name, no);
    }

    /// After a rollback: numbers given in it were never given.
    pub fn forget(&self) {
        *self.0.borrow_mut() = Cache::default();
    }
}
