//! Cases: the list, one case with the story of every write, and the steps that can be taken.

use super::{
    Answer, Asked, Asks, Body, Decides, Query,
    common::{DotText, EntityText, FieldValue, GridRef, MemberRef, Moment, Page, Paging, Position, RecordRef, Text},
    photos::Photo,
};
use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseQuery {
    /// Area or grid code.
    pub area: Option<String>,
    /// `stage-{stage}` is its message, hyphens for underscores.
    pub stage: Option<String>,
    #[param(inline)]
    pub only: Option<CasesOnly>,
    /// Words in the description, place or category.
    pub q: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CasesOnly {
    /// The next step is this session's.
    Mine,
    Open,
    Overdue,
    Conflict,
    Held,
}

/// One line of the list; those whose deadline is nearest first, those without one by age.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseRow {
    pub id: EntityText,
    /// First words of the description.
    pub title: String,
    /// Name of the category as it was when the case was written.
    pub category: Option<String>,
    pub stage: String,
    pub grid: Option<GridRef>,
    pub place: Option<RecordRef>,
    /// Found at, by the reporter's phone.
    pub found: Moment,
    /// Received at, by the hub's clock.
    pub received_ms: i64,
    pub reporter: MemberRef,
    /// Exactly one at any moment; nobody once closed.
    pub holder: Option<MemberRef>,
    /// 1, and one more each time a check fails or the case is reopened.
    pub round: u32,
    pub due: Option<Due>,
    pub photos: u32,
    /// Fields with an open conflict, a contested deletion counting as one.
    pub conflicts: u32,
    pub held: u32,
}

/// A deadline by the hub's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Due {
    pub ms: i64,
    /// Not dispatched yet: what it would be if dispatched now.
    pub estimate: bool,
    /// Deadline key: `urgent`, `instant`, `general`, …
    pub key: String,
    pub overdue: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Case {
    pub summary: CaseRow,
    pub deleted: bool,
    pub position: Option<Position>,
    pub patrol: Option<RecordRef>,
    pub fields: Vec<CaseField>,
    pub photos: Vec<Photo>,
    /// Oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The live write of the stage: `seen` of a transition.
    pub stage_dot: DotText,
    /// What this session may do now.
    pub allowed: Vec<AllowedStep>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseField {
    /// Name in the field table; its label is the message `field-{name}`, hyphens for underscores.
    pub field: String,
    /// The value shown.
    pub value: FieldValue,
    /// The write that is shown: `seen` of an edit.
    pub dot: Option<DotText>,
    /// Number of different live values; two or more are a conflict.
    pub values: u32,
    pub form: FieldForm,
}

/// How this session may write a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldForm {
    /// Not here, or not by this session.
    Fixed,
    /// At most so many bytes.
    Text { most: u32 },
    /// One of these messages.
    Choice { options: Vec<String> },
}

/// One write of the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    pub dot: DotText,
    pub what: TimelineKind,
    pub author: MemberRef,
    pub at: Moment,
    pub received_ms: i64,
    pub changes: Vec<Change>,
    pub step: Option<Step>,
    /// A record that was added: photo, note, visit.
    pub child: Option<RecordRef>,
    pub verdict: Verdict,
    /// Why it is held, amended, or what was decided.
    pub reason: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    Create,
    Edit,
    /// A conflict was settled.
    Settle,
    Step,
    Delete,
    Child,
    Release,
    SendBack,
    /// Of a newer version: kept, not understood here.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Accepted,
    /// After the lock of an accepted or closed case: kept, shown, replaces nothing.
    Amendment,
    Held,
    SentBack,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    pub field: String,
    /// What the author was shown; nothing for a first value.
    pub before: Option<FieldValue>,
    pub after: FieldValue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    pub from: String,
    pub to: String,
    pub reason: Option<String>,
    pub holder: Option<MemberRef>,
}

/// A step that the workflow and the session's role allow in this stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AllowedStep {
    /// Target stage; `stage-{to}` is its message.
    pub to: String,
    pub needs_reason: bool,
    /// Whom it may go to; empty if the step chooses nobody.
    pub holders: Vec<MemberRef>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TakeStep {
    pub to: String,
    /// `stage_dot` of the page on which the button stood.
    pub seen: DotText,
    pub reason: Option<String>,
    /// One of `holders`.
    pub holder: Option<String>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SetField {
    pub field: String,
    /// The writes that the page showed for this field.
    pub seen: Vec<DotText>,
    pub value: FieldValue,
}

/// What became of a write: it is in the log, and this is how it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Written {
    pub dot: DotText,
    pub verdict: Verdict,
    pub reason: Option<Text>,
    /// Fields of the record that are in conflict now: a stale page makes a conflict, never an overwrite.
    pub conflicts: u32,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(step)).routes(routes!(set))
}

/// The list of cases.
#[utoipa::path(get, operation_id = "cases", path = "/api/cases", tag = "cases", params(CaseQuery, Paging),
    responses((status = 200, body = Page<CaseRow>), Asks))]
async fn list(
    asked: Asked,
    Query(query): Query<CaseQuery>,
    Query(paging): Query<Paging>,
) -> Answer<Json<Page<CaseRow>>> {
    asked.json(move |desk, session| desk.cases(session, &query, &paging)).await
}

/// One case.
#[utoipa::path(get, operation_id = "case", path = "/api/cases/{id}", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = Case), Asks))]
async fn one(asked: Asked, Path(id): Path<String>) -> Answer<Json<Case>> {
    asked.json(move |desk, session| desk.case(session, &id)).await
}

/// Takes a step of the workflow.
#[utoipa::path(post, operation_id = "take_step", path = "/api/cases/{id}/transition", tag = "cases", params(("id" = String, Path)),
    request_body = TakeStep, responses((status = 200, body = Written), Decides))]
async fn step(asked: Asked, Path(id): Path<String>, Body(body): Body<TakeStep>) -> Answer<Json<Written>> {
    asked.json(move |desk, session| desk.take_step(session, &id, &body)).await
}

/// Edits one field of a record of any kind.
#[utoipa::path(post, operation_id = "set_field", path = "/api/records/{id}/set", tag = "cases", params(("id" = String, Path)),
    request_body = SetField, responses((status = 200, body = Written), Decides))]
async fn set(asked: Asked, Path(id): Path<String>, Body(body): Body<SetField>) -> Answer<Json<Written>> {
    asked.json(move |desk, session| desk.set_field(session, &id, &body)).await
}
