//! The studio's files: hashed ones are kept by browsers for ever, the page itself is asked for every time.

use super::problem;
use crate::assets::Studio;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::EmbeddedFile;

const PAGE: &str = "index.html";

/// Shown when the server was compiled without its web app.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Trunkline</title>\
<h1>The studio is not built yet</h1>\
<p>This server was compiled without its web app. Run <code>cargo xtask run</code>, which builds both.</p>\
<p>The API is described at <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>";

/// Everything that is no other address: a file of the studio, or its page, which finds the route itself.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return problem::NO_ROUTE.because(format!("nothing takes {method} {}", uri.path())).into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Studio::get(path).filter(|_| !path.is_empty()) {
        return send(path, &file, &headers);
    }
    // A file that is gone must not be answered with the page: browsers would run it as a script.
    if path.starts_with("assets/") || path.starts_with("api/") {
        return problem::NO_ROUTE.because(format!("there is nothing at /{path}")).into_response();
    }
    match Studio::get(PAGE) {
        Some(page) => send(PAGE, &page, &headers),
        None => axum::response::Html(NOT_BUILT).into_response(),
    }
}

fn send(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let tag = HeaderValue::from_str(&tag).expect("hex within quotes is a header value");
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| {
        known.as_bytes().split(|&byte| byte == b',').any(|one| one.trim_ascii().ends_with(tag.as_bytes()))
    });
    // Vite puts a hash of the content into the name of everything under assets/.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fixed = [(header::CACHE_CONTROL, HeaderValue::from_static(keep)), (header::ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = HeaderValue::from_str(kind.as_ref()).expect("media types are header values");
    (fixed, [(header::CONTENT_TYPE, kind)], file.data.clone().into_owned()).into_response()
}
