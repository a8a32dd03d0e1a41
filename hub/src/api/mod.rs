//! The console's HTTP contract: one file a desk, each with its shapes and its routes. The same definitions
//! give `console/openapi.json`, from which the web app's client is generated.
//!
//! Handlers decide nothing. They take a request apart, ask the [`Desk`] on a blocking thread and put the
//! answer together; every question carries the [`Session`], which alone says what may be seen.

pub mod areas;
pub mod base_map;
pub mod cases;
pub mod common;
pub mod conflicts;
pub mod coverage;
pub mod grids;
pub mod held;
mod http;
pub mod map;
pub mod patrols;
pub mod people;
pub mod photos;
pub mod places;
pub mod problem;
pub mod session;
pub mod status;

use crate::desk::{Desk, Session};
use problem::Problem;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use http::SessionCookie;
pub(crate) use http::{Asked, Asks, Binary, Body, Decides, Desks, Query};

/// What every question to a desk comes back with.
pub type Answer<T> = Result<T, Problem>;

#[derive(OpenApi)]
#[openapi(
    info(title = "Gridpatrol console", version = "1"),
    modifiers(&SessionCookie),
    security(("session" = [])),
)]
struct Document;

/// The routes of the console and the document that describes them.
pub fn router(desk: Arc<Desk>) -> (axum::Router, utoipa::openapi::OpenApi) {
    let (router, document) = routes().split_for_parts();
    let router = router.layer(axum::middleware::from_fn(http::same_origin)).with_state(Desks::new(desk));
    (router, document)
}

/// The document alone, for the drift check.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Desks> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(session::routes())
        .merge(status::routes())
        .merge(areas::routes())
        .merge(map::routes())
        .merge(base_map::routes())
        .merge(patrols::routes())
        .merge(cases::routes())
        .merge(conflicts::routes())
        .merge(held::routes())
        .merge(places::routes())
        .merge(coverage::routes())
        .merge(grids::routes())
        .merge(photos::routes())
        .merge(people::routes())
}
