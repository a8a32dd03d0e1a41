//! The console's files, from inside the binary.

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "console/dist"]
// `cargo test` passes before the console is built.
#[allow_missing = true]
struct Files;

/// The same line that the console's own server uses while it is developed.
const POLICY: &str = include_str!("../console/csp.txt");

/// A file of the console, or its first page for an address that the console itself understands.
pub async fn file(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("v1/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (name, found) = match Files::get(path) {
        Some(found) => (path, Some(found)),
        None => ("index.html", Files::get("index.html")),
    };
    let Some(found) = found else {
        return (
            StatusCode::NOT_FOUND,
            "The console was not built into this binary: run `make demo`, or `npm run build` in hub/console.",
        )
            .into_response();
    };
    // Names of assets carry a hash of their content.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mime = found.metadata.mimetype().to_owned();
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, cache.to_owned())], found.data).into_response()
}

/// What every answer says to the browser.
pub async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(POLICY.trim_ascii_end());
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
