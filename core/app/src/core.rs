//! What all parts share: the store, the clock, the packs, and the few questions that each of them asks.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::grid::{Polygon, owner_among};
use gridpatrol_model::area::{GridCode, Scope};
use gridpatrol_model::author;
use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::intake;
use gridpatrol_model::op::{OpKind, Set};
use gridpatrol_model::pack::Pack;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_store::{Clock, Draft, Query, Store, View};

use crate::basemap::BaseMaps;
use crate::error::{Result, Rule};
use crate::labels::{self, Labels};
use crate::patrols;
use crate::types::Position;
use crate::walk::Walk;

/// Records of a page while all of a list is read.
const PAGE: usize = 200;

/// Rows of a page that a shell asks for, at most (a page of 1,000 costs what 15 single calls cost).
pub(crate) const MAX_PAGE: u32 = 1_000;

pub(crate) struct Core {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub packs: Vec<Pack>,
    pub labels: Labels,
    pub base_maps: BaseMaps,
    walk: Mutex<Known>,
}

/// What is known of the walk in progress; looking it up reads all patrols.
#[derive(Default)]
pub(crate) struct Known {
    looked_up: bool,
    pub walk: Option<Walk>,
}

impl Core {
    pub fn new(store: Store, clock: Arc<dyn Clock>, base_maps: BaseMaps) -> Self {
        let packs = vec![Pack::city(), Pack::village()];
        Core { store, clock, packs, labels: Labels::new(), base_maps, walk: Mutex::default() }
    }

    pub fn now(&self) -> TimeEvidence {
        self.clock.now()
    }

    pub fn member(&self) -> &ActorId {
        self.store.member()
    }

    /// What the member is by her certificate. Before the enrolment, a member: that is who walks.
    pub fn role(&self) -> Result<Role> {
        let enrolment = self.store.enrolment()?;
        Ok(enrolment.and_then(|own| Certificate::read(&own.certificate).ok()).map_or(Role::Member, |read| read.role))
    }

    /// The walk in progress, found again after the app was closed.
    pub fn walk(&self) -> Result<MutexGuard<'_, Known>> {
        let mut known = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.looked_up {
            *known = Known { looked_up: true, walk: Walk::recover(self)? };
        }
        Ok(known)
    }

    /// After a sync the patrols may be others. A walk that is still on goes on without a gap.
    pub fn look_at_walk_again(&self) -> Result<()> {
        let patrol = self.walk.lock().unwrap_or_else(PoisonError::into_inner).walk.as_ref().map(|walk| walk.patrol);
        let record = patrol.map(|patrol| self.store.record(patrol)).transpose()?.flatten();
        if !record.is_some_and(|patrol| patrols::is_running(self, &patrol.record)) {
            self.forget_walk();
        }
        Ok(())
    }

    /// It ended, or the files were closed.
    pub fn forget_walk(&self) {
        *self.walk.lock().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    pub fn record(&self, entity: EntityId) -> Result<View> {
        let view = self.store.record(entity)?;
        Ok(view.ok_or_else(|| Rule::RecordMissing(entity.to_string()))?)
    }

    pub fn record_of(&self, id: &str, kind: RecordKind) -> Result<View> {
        let view = self.record(id.parse()?)?;
        if view.record.kind == Some(kind) { Ok(view) } else { Err(Rule::RecordMissing(id.to_owned()).into()) }
    }

    /// All of a list, newest first.
    pub fn all(&self, query: Query) -> Result<Vec<View>> {
        let mut query = Query { limit: PAGE, ..query };
        let mut all = Vec::new();
        loop {
            let page = self.store.list(&query)?;
            all.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    pub fn children(&self, parent: EntityId) -> Result<Vec<View>> {
        self.all(Query { parent: Some(parent), ..Query::default() })
    }

    /// The next page of a list of which only a part is wanted: as far as one with an item in it, or the end. It may
    /// be shorter than the limit without being the last.
    pub fn page(&self, query: Query, cursor: Option<&str>, limit: u32, keep: impl Fn(&View) -> bool) -> Result<Listed> {
        let after = cursor.map(str::parse).transpose()?;
        let mut query = Query { after, limit: limit.clamp(1, MAX_PAGE) as usize, ..query };
        loop {
            let page = self.store.list(&query)?;
            let items: Vec<View> = page.items.into_iter().filter(|view| keep(view)).collect();
            match page.next {
                Some(next) if items.is_empty() => query.after = Some(next),
                next => return Ok(Listed { items, next: next.map(|key| key.to_string()) }),
            }
        }
    }

    /// Records whose files are not at the hub for good.
    pub fn waiting_files(&self) -> Result<BTreeSet<EntityId>> {
        Ok(self.store.uploads(usize::MAX >> 1)?.into_iter().map(|upload| upload.entity).collect())
    }

    /// Saves one op on a record that is there.
    pub fn change(&self, view: &View, kind: OpKind, sets: Vec<Set>) -> Result<()> {
        let scope = view.record.scope.ok_or(Rule::AreaMissing)?;
        self.store.save(|batch| batch.add(Draft { kind, entity: Some(view.record.entity), scope, sets }))?;
        Ok(())
    }

    /// Where something new belongs: to its place, else to the patrol that is on, else to the grid of this phone in
    /// which it lies, else to the phone's first area. A step over the border on the walk changes nothing.
    pub fn scope_for(&self, place: Option<&Record>, at: Option<Position>) -> Result<Scope> {
        if let Some(scope) = place.and_then(|place| place.scope) {
            return Ok(scope);
        }
        if let Some(walk) = &self.walk()?.walk {
            return Ok(walk.scope);
        }
        let view = self.store.view()?;
        let owner = at.map(|at| self.owner(at)).transpose()?.flatten().map(|grid| grid.scope());
        let inside = owner.filter(|grid| view.iter().any(|scope| scope.contains(grid)));
        Ok(inside.or(view.first().copied()).ok_or(Rule::AreaMissing)?)
    }

    /// The grid that owns a position, among those on this phone.
    pub fn owner(&self, at: Position) -> Result<Option<GridCode>> {
        let grids = self.all(Query { kind: Some(RecordKind::GRID), ..Query::default() })?;
        let known = grids.iter().filter(|grid| !grid.record.is_superseded()).filter_map(|grid| {
            let code = GridCode::parse(grid.record.text(FieldNo::GRID_CODE)?).ok()?;
            Some((code, Polygon::new(ring(&grid.record)?, Vec::new()).ok()?))
        });
        let known: Vec<(GridCode, Polygon)> = known.collect();
        let at = E7::new(at.lon_e7, at.lat_e7)?;
        Ok(owner_among(known.iter().map(|(code, polygon)| (*code, polygon)), at))
    }
}

/// Part of a list.
pub(crate) struct Listed {
    pub items: Vec<View>,
    pub next: Option<String>,
}

/// The border of a grid.
pub(crate) fn ring(grid: &Record) -> Option<Vec<E7>> {
    let numbers = grid.value(FieldNo::RING)?.as_list()?;
    let part = |value: &Value| value.as_int().and_then(|number| i32::try_from(number).ok());
    numbers.chunks_exact(2).map(|pair| E7::new(part(&pair[0])?, part(&pair[1])?).ok()).collect()
}

/// The sets of a new record, without those that have no value.
pub(crate) fn sets<const N: usize>(fields: [(FieldNo, Option<Value>); N]) -> Vec<Set> {
    fields.into_iter().filter_map(|(no, value)| Some(author::first(no, value?))).collect()
}

/// Refuses what the hub could only hold: a text that is too long, a number of no meaning.
pub(crate) fn checked(sets: Vec<Set>) -> Result<Vec<Set>> {
    match sets.iter().find(|set| !intake::fits(&set.key, &set.value)) {
        Some(unfit) => Err(Rule::ValueUnfit(labels::field_name(unfit.key.no)).into()),
        None => Ok(sets),
    }
}

pub(crate) fn create(kind: RecordKind, scope: Scope, sets: Vec<Set>) -> Draft {
    Draft { kind: OpKind::Create { kind }, entity: None, scope, sets }
}
