//! Cases: self-handle in two taps, edit, take a step, delete.

use std::sync::Arc;

use gridpatrol_model::author;
use gridpatrol_model::ids::Dot;
use gridpatrol_model::op::{FieldKey, OpKind, Set};
use gridpatrol_model::record::{Life, Record};
use gridpatrol_model::schema::{self, FieldNo, Policy, RecordKind};
use gridpatrol_model::workflow::{ParkReason, Ruling, Stage, offered, rule};
use gridpatrol_store::{Only, Query, View};

use crate::core::Core;
use crate::error::{Result, Rule};
use crate::field::{Field, FieldValue};
use crate::labels;
use crate::photos::{self, Photo};
use crate::types::{Moment, Receipt, RecordRef, dots};

pub struct Cases {
    pub(crate) core: Arc<Core>,
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
