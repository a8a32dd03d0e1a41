//! The committed OpenAPI document is the one that the routes give (`UPDATE_OPENAPI=1` writes it anew), and
//! no route answers without a session or for another site.

use axum::{body::Body, http::Request};
use gridpatrol_hub::{
    blobs::Blobs,
    cell::{Cell, Ports},
    desk::Desk,
    door::Door,
};
use std::{fs, path::Path, sync::Arc};
use tower::ServiceExt;

#[test]
fn the_committed_document_is_the_one_that_the_routes_give() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("console/openapi.json");
    let mut document = gridpatrol_hub::api::document().to_pretty_json().expect("plain data");
    document.push('\n');
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(&path, &document).expect("the console's folder is writable");
    }
    let committed = fs::read_to_string(&path).expect("console/openapi.json is committed");
    assert!(committed == document, "run UPDATE_OPENAPI=1 cargo test -p gridpatrol-hub contract");
}

#[tokio::test]
async fn a_mutation_sent_by_another_sites_page_is_refused_before_anything_is_read() {
    let answer = ask("POST", "/api/held/whatever/release", "http://elsewhere.example").await;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn our_own_page_without_a_session_is_told_to_log_in() {
    let answer = ask("POST", "/api/held/whatever/release", "http://hub.example:8080").await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

async fn ask(method: &str, path: &str, origin: &str) -> axum::response::Response {
    let folder = tempfile::tempdir().expect("a folder for the cell");
    let ports = Ports { now_ms: Arc::new(|| 0), random: Arc::new(|bytes| bytes.fill(7)) };
    let cell = Cell::open(folder.path(), ports).expect("a new cell");
    let blobs = Blobs::local(&folder.path().join("blobs")).expect("a folder for blobs");
    let door = Door { address: "https://hub.example".into(), key: None };
    let desk = Desk::new(Arc::new(cell), blobs, door);
    let (router, _) = gridpatrol_hub::api::router(Arc::new(desk));
    let request =
        Request::builder().method(method).uri(path).header("host", "hub.example:8080").header("origin", origin);
    router.oneshot(request.body(Body::empty()).expect("a well-formed request")).await.expect("routes are infallible")
}
