//! Open conflicts: what stood before, what each author saw instead, and the two clicks that settle it.

use super::{
    Answer, Asked, Asks, Body, Decides, Query,
    common::{DotText, FieldValue, GridRef, MemberRef, Moment, Page, Paging, Position, RecordRef},
};
use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConflictQuery {
    /// Area or grid code.
    pub area: Option<String>,
}

/// A record with at least one open conflict; oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConflictRow {
    pub record: RecordRef,
    pub grid: Option<GridRef>,
    /// Fields in conflict.
    pub fields: Vec<String>,
    /// Somebody deleted what somebody else was editing.
    pub deletion: bool,
    pub authors: Vec<MemberRef>,
    /// When the hub first had both sides.
    pub since_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    pub record: RecordRef,
    pub grid: Option<GridRef>,
    pub position: Option<Position>,
    /// Empty once everything is settled.
    pub questions: Vec<Question>,
}

/// One thing to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Question {
    Field(FieldQuestion),
    Deletion(DeletionQuestion),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldQuestion {
    pub field: String,
    /// Item of a checklist, where the field has items.
    pub item: Option<String>,
    /// The last value that both authors were shown; nothing if there was none.
    pub base: Option<Side>,
    /// Two or more, in the order of their time.
    pub values: Vec<Side>,
    /// The one that lists show meanwhile.
    pub shown: DotText,
    /// All live writes: `seen` of the decision.
    pub seen: Vec<DotText>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeletionQuestion {
    pub deleted: Side,
    pub reason: Option<String>,
    /// The writes that the deletion had not seen.
    pub edits: Vec<EditUnseen>,
    pub seen: Vec<DotText>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EditUnseen {
    /// Nothing where a record was added (photo, note).
    pub field: Option<String>,
    pub child: Option<RecordRef>,
    pub side: Side,
}

/// What one author wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Side {
    pub dot: DotText,
    pub value: FieldValue,
    pub author: MemberRef,
    pub at: Moment,
    /// Written with a supervisor's rank: an ordinary edit does not replace it.
    pub by_supervisor: bool,
    /// What else this author did to the record around then.
    pub also: Vec<AlsoDid>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlsoDid {
    pub at: Moment,
    /// Field that was written, if it was a field.
    pub field: Option<String>,
    /// New value, or the stage a step led to.
    pub value: Option<FieldValue>,
    /// Record that was added.
    pub child: Option<RecordRef>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Settle {
    /// Field of the question; left out for a deletion.
    pub field: Option<String>,
    pub item: Option<String>,
    /// `seen` of the question as it was shown.
    pub seen: Vec<DotText>,
    pub decision: Decision,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Decision {
    /// One of the values, or both written together.
    Take { value: FieldValue },
    /// The record stays deleted.
    KeepDeleted,
    /// The record stays.
    KeepRecord,
}

/// The decision is in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Settled {
    pub dot: DotText,
    /// Questions of this record that are open still or, if a new write came in between, again.
    pub open: u32,
    pub next: Option<RecordRef>,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(settle))
}

/// Records with open conflicts.
#[utoipa::path(get, operation_id = "conflicts", path = "/api/conflicts", tag = "conflicts", params(ConflictQuery, Paging),
    responses((status = 200, body = Page<ConflictRow>), Asks))]
async fn list(
    asked: Asked,
    Query(query): Query<ConflictQuery>,
    Query(paging): Query<Paging>,
) -> Answer<Json<Page<ConflictRow>>> {
    asked.json(move |desk, session| desk.conflicts(session, &query, &paging)).await
}

/// All open questions of one record.
#[utoipa::path(get, operation_id = "conflict", path = "/api/conflicts/{entity}", tag = "conflicts", params(("entity" = String, Path)),
    responses((status = 200, body = Conflict), Asks))]
async fn one(asked: Asked, Path(entity): Path<String>) -> Answer<Json<Conflict>> {
    asked.json(move |desk, session| desk.conflict(session, &entity)).await
}

/// Settles one question.
#[utoipa::path(post, path = "/api/conflicts/{entity}/settle", tag = "conflicts", params(("entity" = String, Path)),
    request_body = Settle, responses((status = 200, body = Settled), Decides))]
async fn settle(asked: Asked, Path(entity): Path<String>, Body(body): Body<Settle>) -> Answer<Json<Settled>> {
    asked.json(move |desk, session| desk.settle(session, &entity, &body)).await
}
