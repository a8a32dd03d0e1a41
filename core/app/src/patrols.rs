//! Patrols: start, walk, pause, resume, end. Each is saved at once, so leaving the app or a dead battery changes
//! nothing: a patrol that was on is on again when the app is opened.
//!
//! A pause is an item of `pauses`, called by the time at which it began; its value is when it ended, and the same
//! time again while it goes on.

use std::sync::Arc;

use gridpatrol_model::area::Scope;
use gridpatrol_model::author;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::{Query, View};

use crate::core::{Core, checked, create, sets};
use crate::error::{Result, Rule};
use crate::import::{self, GpxImported, PhotosImported};
use crate::round::{Patrol, Round};
use crate::types::{Moment, ReceiptCounts};
use crate::walk::{Fix, GapCause, SamplingAdvice, SamplingSigns, Walk};

pub struct Patrols {
    pub(crate) core: Arc<Core>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum PatrolState {
    Running,
    Paused,
    Ended,
}

/// The patrol that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Running {
    pub id: String,
    pub scope: String,
    pub state: PatrolState,
    pub started: Moment,
    /// Since when it is paused.
    pub paused_since_ms: Option<i64>,
}

/// A patrol in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PatrolRow {
    pub id: String,
    pub title: String,
    pub member: String,
    /// Whether this phone's member walked it.
    pub own: bool,
    pub scope: Option<String>,
    pub state: PatrolState,
    pub started: Moment,
    pub ended: Option<Moment>,
    /// Read from a file instead of walked with the app.
    pub imported: bool,
    pub places_seen: u32,
    pub problems: u32,
    pub cases: u32,
    pub photos: u32,
    pub marks: u32,
    pub gaps: u32,
    /// The patrol and all that belongs to it, as far as it is own work.
    pub receipts: ReceiptCounts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PatrolPage {
    pub items: Vec<PatrolRow>,
    /// Cursor of the next page; None at the end.
    pub next: Option<String>,
}

impl Patrols {
    /// Starts a patrol of a grid or area and gives its id. One at a time.
    pub fn start(&self, scope: &str, name: Option<String>) -> Result<String> {
        let scope = Scope::parse(scope)?;
        let mut known = self.core.walk()?;
        if known.walk.is_some() {
            return Err(Rule::PatrolRunning.into());
        }
        let now_ms = self.core.now().wall_ms;
        let fields = checked(sets([
            (FieldNo::NAME, name.map(|name| Value::text(&name))),
            (FieldNo::STARTED, Some(Value::int(now_ms))),
        ]))?;
        let saved = self.core.store.save(|batch| batch.add(create(RecordKind::PATROL, scope, fields)))?;
        known.walk = Some(Walk::start(saved.entity, scope));
        Ok(saved.entity.to_string())
    }

    /// The patrol of this member that is on, also after the app was closed in the middle of it.
    pub fn running(&self) -> Result<Option<Running>> {
        let Some(patrol) = self.core.walk()?.walk.as_ref().map(|walk| walk.patrol) else { return Ok(None) };
        let record = self.core.record(patrol)?.record;
        let paused_since_ms = paused_since(&record).map(|(_, since_ms)| since_ms);
        Ok(Some(Running {
            id: patrol.to_string(),
            scope: record.scope.map(|scope| scope.to_string()).unwrap_or_default(),
            state: state_of(&record),
            started: started(&record),
            paused_since_ms,
        }))
    }

    /// How the shell should ask for positions now, by what it knows of the moment: to be asked whenever that changes,
    /// and when fixes have come. None: no patrol is on, or it is paused, and then no position is asked for at all.
    pub fn sampling(&self, signs: SamplingSigns) -> Result<Option<SamplingAdvice>> {
        match self.core.walk()?.walk.as_mut() {
            Some(walk) => walk.advise(&self.core, signs),
            None => Ok(None),
        }
    }

    /// Saves fixes in walking order. To be called with what the phone's receiver gave, at least every ten seconds
    /// while it gives any, and before a pause; what came in a call is safe from a killed app when the call returns.
    /// What comes in a pause is left out: a pause is a promise not to record.
    pub fn add_fixes(&self, patrol: &str, fixes: Vec<Fix>) -> Result<()> {
        self.on_walk(patrol, |core, walk| walk.add(core, &fixes))
    }

    /// Positions stop coming, for a reason that the shell knows. The next fix begins a new segment.
    pub fn fixes_stopped(&self, patrol: &str, cause: GapCause) -> Result<()> {
        self.on_walk(patrol, |core, walk| walk.stop(core, cause))
    }

    /// Pausing twice is pausing once.
    pub fn pause(&self, patrol: &str) -> Result<()> {
        self.on_walk(patrol, |core, walk| {
            let view = core.record(walk.patrol)?;
            if paused_since(&view.record).is_some() {
                return Ok(());
            }
            let now_ms = core.now().wall_ms;
            let begun = author::edit(&view.record, pause_key(now_ms), Value::int(now_ms));
            core.change(&view, OpKind::Set, vec![begun])?;
            walk.pause(core)
        })
    }

    /// Going on with what is not paused changes nothing.
    pub fn resume(&self, patrol: &str) -> Result<()> {
        self.on_walk(patrol, |core, walk| {
            let view = core.record(walk.patrol)?;
            if let Some(ended) = pause_end(&view.record, core.now().wall_ms) {
                core.change(&view, OpKind::Set, vec![ended])?;
            }
            walk.resume();
            Ok(())
        })
    }

    pub fn end(&self, patrol: &str) -> Result<()> {
        self.on_walk(patrol, |core, walk| {
            // The fixes first: should the app end in between, the patrol is still on.
            walk.close(core)?;
            let view = core.record(walk.patrol)?;
            let now_ms = core.now().wall_ms;
            let ended = author::edit(&view.record, FieldNo::ENDED, Value::int(now_ms));
            let sets = pause_end(&view.record, now_ms).into_iter().chain([ended]).collect();
            core.change(&view, OpKind::Set, sets)
        })?;
        self.core.forget_walk();
        Ok(())
    }

    /// Newest first; `scope` leaves out what lies elsewhere.
    pub fn list(&self, scope: Option<String>, cursor: Option<String>, limit: u32) -> Result<PatrolPage> {
        let scope = scope.map(|code| Scope::parse(&code)).transpose()?;
        let query = Query { kind: Some(RecordKind::PATROL), scope, ..Query::default() };
        let page = self.core.page(query, cursor.as_deref(), limit, |_| true)?;
        let waiting = self.core.waiting_files()?;
        let rows =
            page.items.into_iter().map(|patrol| Ok(Round::gather(&self.core, patrol)?.row(&self.core, &waiting)));
        Ok(PatrolPage { items: rows.collect::<Result<_>>()?, next: page.next })
    }

    /// All of one patrol: its track with the gaps, places looked at and missed, photos, cases, marks.
    pub fn detail(&self, patrol: &str) -> Result<Patrol> {
        let patrol = self.core.record_of(patrol, RecordKind::PATROL)?;
        Round::gather(&self.core, patrol)?.detail(&self.core)
    }

    /// Takes a GPX file in as a patrol that has ended. `scope`: the area to whose office it goes; its points may lie
    /// anywhere.
    pub fn import_gpx(&self, bytes: &[u8], file_name: &str, scope: &str) -> Result<GpxImported> {
        import::gpx(&self.core, bytes, file_name, Scope::parse(scope)?)
    }

    /// Takes photos of a library in: each joins the imported patrol in whose time it was taken, the others a patrol
    /// of their own that is called `name`. What cannot be used is listed with the reason.
    pub fn import_photos(&self, paths: Vec<String>, name: &str, scope: &str) -> Result<PhotosImported> {
        import::photos(&self.core, &paths, name, Scope::parse(scope)?)
    }

    fn on_walk(&self, patrol: &str, act: impl FnOnce(&Core, &mut Walk) -> Result<()>) -> Result<()> {
        let patrol: EntityId = patrol.parse()?;
        let mut known = self.core.walk()?;
        let walk = known.walk.as_mut().filter(|walk| walk.patrol == patrol);
        act(&self.core, walk.ok_or(Rule::PatrolNotRunning)?)
    }
}

fn pause_key(begun_ms: i64) -> FieldKey {
    FieldKey::item(FieldNo::PAUSES, &begun_ms.to_string())
}

fn pause_end(patrol: &Record, now_ms: i64) -> Option<Set> {
    let (key, since_ms) = paused_since(patrol)?;
    // A clock that went back would leave the pause open.
    Some(author::edit(patrol, key, Value::int(now_ms.max(since_ms + 1))))
}

/// The pause that goes on, and since when.
pub(crate) fn paused_since(patrol: &Record) -> Option<(FieldKey, i64)> {
    patrol.items(FieldNo::PAUSES).find_map(|(item, value)| {
        let begun_ms: i64 = item.parse().ok()?;
        (value.as_int() == Some(begun_ms)).then(|| (FieldKey::item(FieldNo::PAUSES, item), begun_ms))
    })
}

pub(crate) fn is_running(core: &Core, patrol: &Record) -> bool {
    patrol.author.as_ref() == Some(core.member()) && patrol.value(FieldNo::ENDED).is_none()
}

pub(crate) fn is_imported(patrol: &Record) -> bool {
    patrol.value(FieldNo::FILE_NAME).is_some()
}

fn state_of(patrol: &Record) -> PatrolState {
    if patrol.value(FieldNo::ENDED).is_some() {
        PatrolState::Ended
    } else if paused_since(patrol).is_some() {
        PatrolState::Paused
    } else {
        PatrolState::Running
    }
}

/// A file knows when its patrol was walked; else the best time of the record does, which the hub may correct.
fn started(patrol: &Record) -> Moment {
    let of_file = patrol.int(FieldNo::STARTED).filter(|_| is_imported(patrol));
    of_file.map_or_else(|| Moment::created(patrol), Moment::unchecked)
}

fn ended(patrol: &Record) -> Option<Moment> {
    let write = patrol.shown(&FieldNo::ENDED.into()).filter(|write| !write.value.is_null())?;
    Some(if is_imported(patrol) { Moment::unchecked(write.value.as_int()?) } else { Moment::of(write.eff) })
}

impl PatrolRow {
    /// With no count yet.
    pub(crate) fn of(core: &Core, view: &View) -> PatrolRow {
        let record = &view.record;
        PatrolRow {
            id: record.entity.to_string(),
            title: crate::types::RecordRef::of(record).title,
            member: record.author.as_ref().map(|author| author.to_string()).unwrap_or_default(),
            own: record.author.as_ref() == Some(core.member()),
            scope: record.scope.map(|scope| scope.to_string()),
            state: state_of(record),
            started: started(record),
            ended: ended(record),
            imported: is_imported(record),
            places_seen: 0,
            problems: 0,
            cases: 0,
            photos: 0,
            marks: 0,
            gaps: 0,
            receipts: ReceiptCounts::default(),
        }
    }
}
