//! Held work: what the hub could not take as it came, with its reason. It is released or sent back, never lost.

use super::{
    Answer, Asked, Asks, Body, Decides, Query,
    cases::{Change, Step},
    common::{DotText, FieldValue, GridRef, MemberRef, Moment, Page, Paging, RecordRef, Text},
};
use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HeldQuery {
    /// Area or grid code.
    pub area: Option<String>,
    /// Message id of the reason.
    pub reason: Option<String>,
}

/// A held write with its content; oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeldItem {
    pub dot: DotText,
    pub record: RecordRef,
    pub grid: Option<GridRef>,
    pub reason: Text,
    pub author: MemberRef,
    pub at: Moment,
    pub received_ms: i64,
    /// What it would change; `before` is what stands now.
    pub changes: Vec<Change>,
    /// The step it would take.
    pub step: Option<Step>,
    pub deletes: bool,
    /// What a deletion would take away: the record's fields, and how many records are under it.
    pub loses: Option<Loses>,
    /// Other held writes of this author on this record: a release takes them along, in order.
    pub along: u32,
    /// Whether this session may release it; it may always be sent back.
    pub can_release: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Loses {
    /// Fields that are not empty, as they stand now.
    pub fields: Vec<FieldShown>,
    /// Photos, cases, notes under it, which would be left without it. Within the session's areas.
    pub under: Vec<RecordRef>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldShown {
    pub field: String,
    pub value: FieldValue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Released {
    /// Writes released, this one included.
    pub released: u32,
    /// Fields of the record in conflict now.
    pub conflicts: u32,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SendBack {
    /// What the author reads on her phone; 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// When it should be done, milliseconds UTC.
    pub due_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SentBack {
    /// The row that carries the decision to the phone.
    pub dot: DotText,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(release)).routes(routes!(send_back))
}

/// Held work.
#[utoipa::path(get, operation_id = "held", path = "/api/held", tag = "held", params(HeldQuery, Paging),
    responses((status = 200, body = Page<HeldItem>), Asks))]
async fn list(
    asked: Asked,
    Query(query): Query<HeldQuery>,
    Query(paging): Query<Paging>,
) -> Answer<Json<Page<HeldItem>>> {
    asked.json(move |desk, session| desk.held(session, &query, &paging)).await
}

/// Takes held work as if it had been in order.
#[utoipa::path(post, path = "/api/held/{dot}/release", tag = "held", params(("dot" = String, Path)),
    responses((status = 200, body = Released), Decides))]
async fn release(asked: Asked, Path(dot): Path<String>) -> Answer<Json<Released>> {
    asked.json(move |desk, session| desk.release(session, &dot)).await
}

/// Sends held work back to its author with a reason.
#[utoipa::path(post, path = "/api/held/{dot}/send-back", tag = "held", params(("dot" = String, Path)),
    request_body = SendBack, responses((status = 200, body = SentBack), Decides))]
async fn send_back(asked: Asked, Path(dot): Path<String>, Body(body): Body<SendBack>) -> Answer<Json<SentBack>> {
    asked.json(move |desk, session| desk.send_back(session, &dot, &body)).await
}
