//! Logging in and out. The cookie is `HttpOnly; SameSite=Strict`; it is worth nothing to another site, and
//! every mutation checks `Origin` besides.

use super::{
    Answer, Asked, Body, Decides, Desks,
    common::AreaRef,
    http::{COOKIE, log_in_cookie},
    problem::Problem,
};
use axum::{Json, extract::State, http::StatusCode};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Deserialize, ToSchema)]
pub struct LogIn {
    pub name: String,
    #[schema(format = Password)]
    pub password: String,
}

/// Who is logged in and what they may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    pub name: String,
    /// `supervisor`, `lead`, `auditor`, … as in the domain's roles.
    pub role: String,
    pub areas: Vec<AreaRef>,
}

pub(super) fn routes() -> OpenApiRouter<Desks> {
    OpenApiRouter::new().routes(routes!(current, log_in, log_out))
}

/// Who am I?
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = SessionInfo),
    (status = 401, body = Problem, content_type = "application/problem+json")))]
async fn current(asked: Asked) -> Json<SessionInfo> {
    Json(asked.session.info)
}

/// Logs in and sets the session cookie.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = LogIn, security(()),
    responses((status = 200, body = SessionInfo, headers(("set-cookie" = String))),
    (status = 429, body = Problem, content_type = "application/problem+json"), Decides))]
async fn log_in(
    State(desks): State<Desks>,
    jar: CookieJar,
    Body(body): Body<LogIn>,
) -> Answer<(CookieJar, Json<SessionInfo>)> {
    let session = desks.run(move |desk| desk.log_in(&body)).await?;
    Ok((jar.add(log_in_cookie(session.token)), Json(session.info)))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204), Decides))]
async fn log_out(asked: Asked, jar: CookieJar) -> Answer<(CookieJar, StatusCode)> {
    asked.run(|desk, session| desk.log_out(session)).await?;
    Ok((jar.remove(Cookie::build(COOKIE).path("/")), StatusCode::NO_CONTENT))
}
