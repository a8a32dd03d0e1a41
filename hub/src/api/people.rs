//! Members with their last sync, and the one-time codes that enrol a phone. No counts, no totals, no ranking.

use super::{
    Answer, Asked, Asks, Body, Decides, Query,
    common::{AreaRef, Page, Paging},
};
use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    pub id: String,
    pub label: String,
    pub role: String,
    pub areas: Vec<AreaRef>,
    /// Latest of her phones; nothing before the first.
    pub last_sync_ms: Option<i64>,
    /// Phones enrolled and not revoked.
    pub phones: u32,
    /// A code that was issued and is not used yet.
    pub code_expires_ms: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Enrol {
    /// Id of a member, or the label of a new one.
    pub member: String,
    pub role: String,
    /// Area or grid codes, each inside the session's areas.
    pub areas: Vec<String>,
}

/// Shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentCode {
    /// Groups of letters and digits that can be read aloud.
    pub code: String,
    pub member: String,
    pub expires_ms: i64,
    /// What the phone is given besides: the hub's address and key, as one line of text.
    pub link: String,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(enrol))
}

/// Members of the session's areas, by label.
#[utoipa::path(get, operation_id = "people", path = "/api/people", tag = "people", params(Paging),
    responses((status = 200, body = Page<Person>), Asks))]
async fn list(asked: Asked, Query(paging): Query<Paging>) -> Answer<Json<Page<Person>>> {
    asked.json(move |desk, session| desk.people(session, &paging)).await
}

/// Issues a one-time code.
#[utoipa::path(post, path = "/api/enrolments", tag = "people", request_body = Enrol,
    responses((status = 201, body = EnrolmentCode), Decides))]
async fn enrol(asked: Asked, Body(body): Body<Enrol>) -> Answer<(StatusCode, Json<EnrolmentCode>)> {
    let code = asked.json(move |desk, session| desk.enrol(session, &body)).await?;
    Ok((StatusCode::CREATED, code))
}
