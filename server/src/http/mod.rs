//! The HTTP face. One file per resource: its routes, its bodies, its handlers.
//!
//! What holds here:
//! - Everything under `/api/v1` passes [`guard`]; nothing is open unless it is listed there.
//! - Every error is a [`problem::Error`] with a code; every body is read by [`body`], capped.
//! - No handler writes run state: it asks the runner, which asks the store.
//! - What may change something is carried out [to its end](to_the_end), also when the sender hangs up.

pub mod account_import;
pub mod account_matches;
pub mod accounts;
pub mod again;
pub mod app_hooks;
pub mod app_triggers;
pub mod approvals;
pub mod apps;
pub mod back_tests;
pub mod body;
pub mod callbacks;
pub mod changes;
pub mod connect_back;
pub mod connections;
pub mod connector_imports;
pub mod connectors;
pub mod counters;
pub mod decisions;
pub mod documents;
pub mod dry_runs;
pub mod duplicate_learning;
pub mod duplicates;
pub mod enrichment;
pub mod erasures;
pub mod error_pages;
pub mod events;
pub mod example;
pub mod fields;
pub mod files;
pub mod form_page;
pub mod forms;
pub mod guard;
pub mod health;
pub mod hook_lines;
pub mod hooks;
pub(crate) mod import_work;
pub mod imports;
pub mod inbox;
pub mod jobs;
pub mod lead_bulk;
pub mod lead_changes;
pub mod lead_list;
mod lead_loops;
pub mod lead_views;
pub mod leads;
pub mod live;
pub mod matching;
pub mod merges;
pub mod openapi;
pub mod pausing;
pub mod pins;
pub mod plugin_index;
pub mod plugins;
pub mod pools;
pub mod problem;
pub mod publishing;
pub mod routes;
pub mod routing;
pub mod routing_sheets;
pub mod rule_trials;
pub mod rulebook_view;
pub mod rulebooks;
pub mod run_view;
pub mod runs;
pub mod schedule_calendar;
pub mod segment_runs;
pub mod service_levels;
pub mod session;
pub mod standing;
pub mod step_kinds;
pub mod step_test;
pub mod storage;
pub mod studio;
pub mod suppressions;
pub mod syncs;
pub mod table_files;
pub mod table_rows;
pub mod tables;
pub mod team;
mod to_the_end;
pub mod tokens;
pub mod tools;
pub mod undo;
pub mod uploads;
pub mod workflows;

pub use hook_lines::method_word;

use crate::app::Shared;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use routes::Routes;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// What the studio may load: itself and nothing else.
const STUDIO_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
     script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// The routes of `/api/v1`, without their prefix.
pub(crate) fn api() -> Routes {
    Routes::new()
        .merge(session::router())
        .merge(tokens::router())
        .merge(apps::router())
        .merge(connections::router())
        .merge(app_triggers::router())
        .merge(syncs::router())
        .merge(connectors::router())
        .merge(connector_imports::router())
        .merge(plugins::router())
        .merge(plugin_index::router())
        .merge(step_kinds::router())
        .merge(workflows::router())
        .merge(publishing::router())
        .merge(step_test::router())
        .merge(tools::router())
        .merge(events::router())
        .merge(runs::router())
        .merge(again::router())
        .merge(undo::router())
        .merge(pins::router())
        .merge(dry_runs::router())
        .merge(back_tests::router())
        .merge(jobs::router())
        .merge(schedule_calendar::router())
        .merge(pausing::router())
        .merge(inbox::router())
        .merge(live::router())
        .merge(leads::router())
        .merge(fields::router())
        .merge(lead_bulk::router())
        .merge(lead_changes::router())
        .merge(lead_list::router())
        .merge(lead_views::router())
        .merge(accounts::router())
        .merge(account_import::router())
        .merge(account_matches::router())
        .merge(matching::router())
        .merge(duplicates::router())
        .merge(duplicate_learning::router())
        .merge(merges::router())
        .merge(rule_trials::router())
        .merge(standing::router())
        .merge(segment_runs::router())
        .merge(erasures::router())
        .merge(example::router())
        .merge(files::router())
        .merge(imports::router())
        .merge(uploads::router())
        .merge(storage::router())
        .merge(team::router())
        .merge(pools::router())
        .merge(rulebooks::router())
        .merge(decisions::router())
        .merge(routing::router())
        .merge(routing_sheets::router())
        .merge(service_levels::router())
        .merge(enrichment::router())
        .merge(tables::router())
        .merge(table_rows::router())
        .merge(suppressions::router())
        .merge(table_files::router())
        .merge(counters::router())
}

/// The whole server.
pub fn router(app: Shared) -> Router {
    let api = api()
        .served()
        .fallback(no_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), guard::check));
    // Live streams must not wait for a compressor's buffer to fill.
    let worthwhile = DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"));
    let pages = Router::new()
        .nest("/api/v1", api)
        .route("/api/openapi.json", get(openapi::show))
        .route("/docs/errors/{code}", get(error_pages::show))
        .route("/forms/{*path}", get(forms::show).post(forms::send))
        .route("/connect/back", get(connect_back::take))
        .route("/approvals/{token}", get(approvals::show).post(approvals::send))
        .fallback(studio::serve)
        .layer(CompressionLayer::new().compress_when(worthwhile))
        .layer(middleware::from_fn(secure));
    Router::new()
        .route("/hooks/apps/{connection}/{webhook}", any(app_hooks::take))
        .route("/hooks/{*path}", any(hooks::take))
        .route("/callbacks/{token}", get(callbacks::take).post(callbacks::take))
        .route("/callbacks/{token}/{step}", get(callbacks::take).post(callbacks::take))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::figures))
        .merge(pages)
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

async fn no_route(method: Method, uri: axum::extract::OriginalUri) -> problem::Error {
    problem::NO_ROUTE.because(format!("nothing takes {method} {}", uri.path()))
}

async fn wrong_method(method: Method, uri: axum::extract::OriginalUri) -> problem::Error {
    problem::WRONG_METHOD.because(format!("{} does not take {method}", uri.path()))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(message, "a request panicked; this is a fault of Trunkline");
    problem::INTERNAL.plain().into_response()
}

/// Headers that keep browsers from doing more with an answer than they should.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let policy = HeaderValue::from_static(STUDIO_POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

/// Counts requests by area, and logs those that failed on our side. Never logs a query, header or body.
async fn observe(State(_): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let area = match path.split('/').nth(1) {
        Some("api") => "api",
        Some("hooks") => "hooks",
        Some("forms") => "forms",
        Some("approvals") => "approvals",
        Some("callbacks") => "callbacks",
        Some("connect") => "connect",
        _ => "pages",
    };
    let failed_at = (area == "api").then(|| (request.method().clone(), path.to_owned()));
    let begun = Instant::now();
    // Reads are not worth anything without someone to read them; addresses of pages only read when asked to.
    let only_reads = request.method().is_safe() && matches!(area, "api" | "pages");
    let response =
        if only_reads { next.run(request).await } else { to_the_end::to_the_end(next.run(request)).await };
    let class = match response.status().as_u16() {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    metrics::histogram!("trunkline_http_seconds", "area" => area, "status" => class).record(begun.elapsed());
    if let (Some((method, path)), true) = (failed_at, response.status().is_server_error()) {
        tracing::error!(%method, path, status = response.status().as_u16(), "a request failed");
    }
    response
}
