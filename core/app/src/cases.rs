//! Cases: report, self-handle in two taps, edit, take a step, delete.

use std::sync::Arc;

use gridpatrol_model::author;
use gridpatrol_model::ids::Dot;
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::pack::Category;
use gridpatrol_model::photo_rule::NoPhoto;
use gridpatrol_model::record::{Life, Record};
use gridpatrol_model::schema::{self, FieldNo, Policy, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{ParkReason, Ruling, Stage, offered, rule};
use gridpatrol_store::{Draft, Only, Query, View};

use crate::catalogue::{self, CategoryChoice, CategoryId};
use crate::core::{Core, checked, create, sets};
use crate::error::{Result, Rule};
use crate::field::{Field, FieldValue};
use crate::import::Rejected;
use crate::labels;
use crate::photos::{self, NewPhoto, Photo, PhotoAdded, Photos};
use crate::types::{Moment, Position, Receipt, RecordRef, dots};

/// Cases among which recent categories are looked for.
const LATEST_CASES: usize = 200;

pub struct Cases {
    pub(crate) core: Arc<Core>,
}

/// A case as it is reported. Everything but the words may be missing; saving never waits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewCase {
    pub category: Option<CategoryId>,
    pub description: String,
    pub location_text: Option<String>,
    pub position: Option<Position>,
    /// The place where it was found.
    pub place: Option<String>,
    pub severity: Option<i64>,
    /// Why no photo is taken of it: a person asked, or it is about minors.
    pub no_photo: Option<NoPhoto>,
    /// Solved on the spot: reported and self-handled in one save.
    pub self_handled: bool,
    /// Taken in once the case is saved.
    pub photos: Vec<CasePhoto>,
}

/// A photo of a case that is being reported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CasePhoto {
    /// The file; it stays untouched.
    pub path: String,
    /// Chosen from the library, not taken now: labelled so.
    pub library: bool,
    /// Where the phone was when the shell took it.
    pub position: Option<Position>,
}

/// A case that is saved, whatever became of its photos.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Reported {
    pub id: String,
    pub photos: Vec<PhotoAdded>,
    /// Those that are not saved; each can be added again by itself.
    pub rejected: Vec<Rejected>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CaseFilter {
    All,
    /// Reported by this member.
    Mine,
    /// Own ones that came back with a reason.
    SentBack,
    Held,
    Disputed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CaseQuery {
    pub filter: CaseFilter,
    /// `stage-reported`, …
    pub stage: Option<String>,
    pub cursor: Option<String>,
    pub limit: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CaseRow {
    pub id: String,
    pub title: String,
    pub category: Option<String>,
    /// `stage-reported`, …
    pub stage: Option<String>,
    pub scope: Option<String>,
    pub found: Moment,
    pub disputed: bool,
    pub deleted: bool,
    pub receipt: Option<Receipt>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CasePage {
    pub items: Vec<CaseRow>,
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Case {
    pub row: CaseRow,
    pub fields: Vec<Field>,
    pub photos: Vec<Photo>,
    /// Steps that this member may take now, as `stage-…`.
    pub steps: Vec<String>,
    /// The write of the stage that is shown; goes back with a step.
    pub stage_dot: Option<String>,
    /// All writes and additions that are shown; they go back with a delete.
    pub shown: Vec<String>,
    /// What this phone knows of the course of the case, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TimelineEntry {
    pub at: Moment,
    pub author: String,
    /// `timeline-create`, `timeline-edit`, `timeline-step`, `timeline-delete`
    pub what: String,
    /// Message ids of the fields or of the stage.
    pub about: Vec<String>,
    pub pending: bool,
}

impl Cases {
    /// Categories to choose from.
    pub fn categories(&self) -> Vec<CategoryChoice> {
        catalogue::choices(&self.core)
    }

    /// The active categories of this member's latest cases, the latest first, each once.
    pub fn recent_categories(&self, limit: u32) -> Result<Vec<CategoryChoice>> {
        let latest = Query { kind: Some(RecordKind::CASE), limit: LATEST_CASES, ..Query::default() };
        let cases = self.core.store.list(&latest)?.items;
        let own = cases.iter().filter(|view| view.record.author.as_ref() == Some(self.core.member()));
        let used = own.filter_map(|view| Category::from_value(view.record.value(FieldNo::CATEGORY)?));
        let offered = catalogue::choices(&self.core);
        let mut recent: Vec<CategoryChoice> = Vec::new();
        for category in used {
            let choice = offered.iter().find(|choice| choice.id.key() == category.key());
            let fresh = choice.filter(|choice| !recent.contains(choice));
            recent.extend(fresh.cloned());
        }
        recent.truncate(limit as usize);
        Ok(recent)
    }

    /// Saves a case, then its photos. On a patrol it belongs to that patrol. A photo that cannot be taken in loses
    /// neither the case nor the others.
    pub fn report(&self, mut case: NewCase) -> Result<Reported> {
        let photos = std::mem::take(&mut case.photos);
        let id = self.save(case)?;
        let mut reported = Reported { id, photos: Vec::new(), rejected: Vec::new() };
        let adding = Photos { core: self.core.clone() };
        for CasePhoto { path, library, position } in photos {
            let photo = NewPhoto { path: path.clone(), of: reported.id.clone(), library, position };
            match adding.add(photo) {
                Ok(added) => reported.photos.push(added),
                Err(error) => reported.rejected.push(Rejected::of(path, &error)),
            }
        }
        Ok(reported)
    }

    fn save(&self, case: NewCase) -> Result<String> {
        let core = &self.core;
        let place = case.place.as_deref().map(|id| core.record_of(id, RecordKind::PLACE)).transpose()?;
        let scope = core.scope_for(place.as_ref().map(|place| &place.record), case.position)?;
        let category = case.category.as_ref().map(|id| catalogue::snapshot(core, id)).transpose()?;
        let patrol = core.walk()?.walk.as_ref().map(|walk| walk.patrol);
        let position = case.position.or_else(|| place.as_ref()?.record.value(FieldNo::POSITION)?.as_position());
        let fields = checked(sets([
            (FieldNo::PARENT, patrol.map(Value::entity)),
            (FieldNo::POSITION, position.map(Value::position)),
            (FieldNo::PLACE, place.map(|place| Value::entity(place.record.entity))),
            (FieldNo::STAGE, Some(Value::int(Stage::Reported.code().into()))),
            (FieldNo::CATEGORY, category.map(|category| category.to_value())),
            (FieldNo::DESCRIPTION, Some(Value::text(&case.description))),
            (FieldNo::LOCATION_TEXT, case.location_text.as_deref().map(Value::text)),
            (FieldNo::SEVERITY, case.severity.map(Value::int)),
            (FieldNo::NO_PHOTO, case.no_photo.map(|no| Value::text(no.word()))),
            (FieldNo::FOUND_AT, Some(Value::int(core.now().wall_ms))),
        ]))?;
        let saved = core.store.save(|batch| {
            let saved = batch.add(create(RecordKind::CASE, scope, fields))?;
            if case.self_handled {
                let shown = batch.record(saved.entity)?.expect("it was added in this batch").record;
                let kind = author::step(&shown, Stage::SelfHandled, None).expect("it was reported");
                batch.add(Draft { kind, entity: Some(saved.entity), scope, sets: Vec::new() })?;
            }
            Ok(saved)
        })?;
        Ok(saved.entity.to_string())
    }

    /// Solved on the spot. That is a fact whatever the screen showed.
    pub fn self_handle(&self, case: &str) -> Result<()> {
        let view = self.core.record_of(case, RecordKind::CASE)?;
        self.take_step(view, Stage::SelfHandled, None)
    }

    /// Takes a step that `Case::steps` offers. `shown` is `Case::stage_dot`: from a stage that stands no more, no step
    /// is taken blindly.
    pub fn step(&self, case: &str, shown: &str, stage: &str, reason: Option<String>) -> Result<()> {
        let to = stage_of(stage).ok_or(Rule::NoSuchStep)?;
        let shown: Dot = shown.parse()?;
        let view = self.core.record_of(case, RecordKind::CASE)?;
        if view.record.shown(&FieldNo::STAGE.into()).is_none_or(|write| write.dot != shown) {
            return Err(Rule::StageChanged.into());
        }
        self.take_step(view, to, reason)
    }

    fn take_step(&self, view: View, to: Stage, reason: Option<String>) -> Result<()> {
        let now = view.record.stage().ok_or(Rule::NoSuchStep)?;
        match rule(now, to, self.core.role()?, true) {
            Ruling::Apply => {}
            Ruling::Agreement => return Ok(()),
            Ruling::Park(ParkReason::NoRights) => return Err(Rule::NotAllowed.into()),
            Ruling::Park(_) | Ruling::Rebase => return Err(Rule::NoSuchStep.into()),
        }
        let kind = author::step(&view.record, to, reason).ok_or(Rule::NoSuchStep)?;
        self.core.change(&view, kind, Vec::new())
    }

    /// Writes a field over the value that was shown: `shown` is the dot of `Field`, none for an empty field.
    pub fn edit(&self, case: &str, field: &str, shown: Option<String>, value: FieldValue) -> Result<()> {
        let view = self.core.record_of(case, RecordKind::CASE)?;
        let key = FieldKey::from(self.editable(field)?);
        let value = value.to_value(&key)?;
        let preds: Vec<Dot> = shown.iter().map(|dot| dot.parse()).collect::<Result<_, _>>()?;
        self.core.change(&view, OpKind::Set, vec![Set { key, preds, value }])
    }

    /// A field of cases that this member may write; steps are no edits.
    fn editable(&self, field: &str) -> Result<FieldNo> {
        let row = labels::field_no(field).and_then(FieldNo::field);
        let of_cases = |row: &&schema::Field| {
            row.kinds.contains(&RecordKind::CASE) && !matches!(row.policy, Policy::Workflow | Policy::Life)
        };
        let row = row.filter(of_cases).ok_or_else(|| Rule::ValueUnfit(field.to_owned()))?;
        if row.writers.contains(&self.core.role()?) { Ok(row.no) } else { Err(Rule::NotAllowed.into()) }
    }

    /// Deletes what was on the screen: `shown` is that of `Case`. Another's work that was not on it stays, and is
    /// shown to both. Whether this member may delete it is decided at the office: otherwise it is held there.
    pub fn delete(&self, case: &str, shown: Vec<String>) -> Result<()> {
        let view = self.core.record_of(case, RecordKind::CASE)?;
        self.core.change(&view, OpKind::Delete { saw: dots(&shown)? }, Vec::new())
    }

    /// Newest first.
    pub fn list(&self, query: CaseQuery) -> Result<CasePage> {
        let only = match query.filter {
            CaseFilter::All | CaseFilter::Mine => None,
            CaseFilter::SentBack => Some(Only::SentBack),
            CaseFilter::Held => Some(Only::Held),
            CaseFilter::Disputed => Some(Only::Disputed),
        };
        let stage = query.stage.as_deref().map(|id| stage_of(id).ok_or(Rule::NoSuchStep)).transpose()?;
        let asked = Query { kind: Some(RecordKind::CASE), stage, only, ..Query::default() };
        let mine = |view: &View| view.record.author.as_ref() == Some(self.core.member());
        let wanted = |view: &View| query.filter != CaseFilter::Mine || mine(view);
        let page = self.core.page(asked, query.cursor.as_deref(), query.limit, wanted)?;
        Ok(CasePage { items: page.items.iter().map(CaseRow::of).collect(), next: page.next })
    }

    pub fn detail(&self, case: &str) -> Result<Case> {
        let view = self.core.record_of(case, RecordKind::CASE)?;
        let role = self.core.role()?;
        let steps = view.record.stage().into_iter().flat_map(|stage| offered(stage, role));
        Ok(Case {
            steps: steps.map(|stage| labels::id("stage", stage.name())).collect(),
            stage_dot: view.record.shown(&FieldNo::STAGE.into()).map(|write| write.dot.to_string()),
            shown: view.record.to_be_seen().iter().map(Dot::to_string).collect(),
            fields: Field::all(&view.record),
            photos: photos::of(&self.core, view.record.entity)?,
            timeline: timeline(&view.record),
            row: CaseRow::of(&view),
        })
    }
}

impl CaseRow {
    pub(crate) fn of(view: &View) -> Self {
        let record = &view.record;
        CaseRow {
            id: record.entity.to_string(),
            title: RecordRef::of(record).title,
            category: labels::category_name(record),
            stage: record.stage().map(|stage| labels::id("stage", stage.name())),
            scope: record.scope.map(|scope| scope.to_string()),
            found: Moment::created(record),
            disputed: record.disputed(),
            deleted: record.life() == Life::Deleted,
            receipt: Receipt::of(view, false),
        }
    }
}

fn stage_of(id: &str) -> Option<Stage> {
    Stage::ALL.into_iter().find(|stage| labels::id("stage", stage.name()) == id)
}

/// Live writes gathered by the op that wrote them.
fn timeline(record: &Record) -> Vec<TimelineEntry> {
    let created = record.created.as_ref().map(|created| created.dot);
    let mut entries: Vec<(Dot, TimelineEntry)> = Vec::new();
    for (key, state) in &record.fields {
        for write in &state.live {
            let about = match key.no {
                FieldNo::STAGE => {
                    let stage = write.value.as_int().and_then(Stage::from_code);
                    stage.map_or_else(String::new, |stage| labels::id("stage", stage.name()))
                }
                no => labels::id("field", &labels::field_name(no)),
            };
            if let Some((_, entry)) = entries.iter_mut().find(|(dot, _)| *dot == write.dot) {
                entry.about.push(about);
                continue;
            }
            let what = match key.no {
                _ if created == Some(write.dot) => "timeline-create",
                FieldNo::STAGE => "timeline-step",
                FieldNo::LIFE => "timeline-delete",
                _ => "timeline-edit",
            };
            let (at, author) = (Moment::of(write.eff), write.author.to_string());
            let entry = TimelineEntry { at, author, what: what.to_owned(), about: vec![about], pending: write.pending };
            entries.push((write.dot, entry));
        }
    }
    entries.sort_by_key(|(dot, entry)| (entry.at.ms, *dot));
    entries.into_iter().map(|(_, entry)| entry).collect()
}
