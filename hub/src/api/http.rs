//! What all routes share: who asks, from where, and on which thread the answer is found.

use super::{Answer, Desk, Session, problem::Problem};
use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use std::sync::Arc;
use utoipa::{
    IntoResponses, Modify, ToSchema,
    openapi::{
        OpenApi,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

pub(super) const COOKIE: &str = "gridpatrol_session";

/// The desk, shared by all handlers.
#[derive(Clone)]
pub(crate) struct Desks(Arc<Desk>);

impl Desks {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }

    /// Asks on a blocking thread: the store is SQLite. A question that panicked answers "unavailable".
    pub(super) async fn run<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Desk) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let desk = self.0.clone();
        tokio::task::spawn_blocking(move || ask(&desk)).await.unwrap_or_else(|_| Err(Problem::unavailable()))
    }
}

/// A JSON body; one that cannot be read is a [`Problem`] like any other.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Problem))]
pub(crate) struct Body<T>(pub(super) T);

/// Filters and paging; a filter that cannot be read is a [`Problem`] like any other.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(crate) struct Query<T>(pub(super) T);

impl From<JsonRejection> for Problem {
    fn from(_: JsonRejection) -> Self {
        Problem::unreadable()
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Self {
        Problem::unreadable()
    }
}

/// A request with a valid session. A handler that takes one cannot forget to check.
pub(crate) struct Asked {
    pub(super) session: Session,
    desks: Desks,
}

impl Asked {
    pub(super) async fn run<T: Send + 'static>(
        self,
        ask: impl FnOnce(&Desk, &Session) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        self.desks.run(move |desk| ask(desk, &self.session)).await
    }

    pub(super) async fn json<T: Send + 'static>(
        self,
        ask: impl FnOnce(&Desk, &Session) -> Answer<T> + Send + 'static,
    ) -> Answer<Json<T>> {
        self.run(ask).await.map(Json)
    }
}

impl FromRequestParts<Desks> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desks: &Desks) -> Result<Self, Problem> {
        let jar = CookieJar::from_headers(&parts.headers);
        let token = jar.get(COOKIE).ok_or_else(Problem::no_session)?.value().to_owned();
        let session = desks.run(move |desk| desk.session(&token)).await?;
        Ok(Self { session, desks: desks.clone() })
    }
}

pub(super) fn log_in_cookie(token: String) -> Cookie<'static> {
    Cookie::build((COOKIE, token)).path("/").http_only(true).same_site(SameSite::Strict).build()
}

/// Refuses mutations that another site's page sent.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || from_our_page(request.headers()) {
        return next.run(request).await;
    }
    Problem::foreign_origin().into_response()
}

fn from_our_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some((origin, host)) = text(header::ORIGIN).zip(text(header::HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

/// Bytes as they are, for the document only.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "describes responses in the document only")]
pub(crate) struct Binary(Vec<u8>);

/// The failures of a question.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "describes responses in the document only")]
pub(crate) enum Asks {
    #[response(status = 401, content_type = "application/problem+json")]
    NoSession(#[to_schema] Problem),
    /// Not there, or outside the session's areas.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
    /// A filter, cursor or limit that does not exist.
    #[response(status = 422, content_type = "application/problem+json")]
    Unusable(#[to_schema] Problem),
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Problem),
}

/// The failures of a decision.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "describes responses in the document only")]
pub(crate) enum Decides {
    #[response(status = 401, content_type = "application/problem+json")]
    NoSession(#[to_schema] Problem),
    /// Another site's page, or a role that may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] Problem),
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
    /// Already decided by somebody else, or no longer possible in this stage.
    #[response(status = 409, content_type = "application/problem+json")]
    Overtaken(#[to_schema] Problem),
    /// What was typed cannot be taken; `text_*` says what to change.
    #[response(status = 422, content_type = "application/problem+json")]
    Unusable(#[to_schema] Problem),
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Problem),
}

pub(super) struct SessionCookie;

impl Modify for SessionCookie {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
        document.components.get_or_insert_default().add_security_scheme("session", scheme);
    }
}
