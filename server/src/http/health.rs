//! `/healthz`, `/readyz`, `/metrics`: for whatever watches the server. They say nothing about anyone's data.

use crate::app::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;

/// Whether the process lives.
pub async fn alive() -> impl IntoResponse {
    Json(json!({ "status": "alive" }))
}

/// Whether it can take events: the store answers, there is room, and it is not stopping.
pub async fn ready(State(app): State<Shared>) -> impl IntoResponse {
    let load = app.store.upkeep.load();
    let reason = if app.stopping.is_cancelled() {
        Some("stopping")
    } else if load.queued >= load.capacity {
        Some("full")
    } else if app.store.runs.next_wake().await.is_err() {
        Some("store")
    } else {
        None
    };
    match reason {
        None => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready", "reason": reason })))
        }
    }
}

/// The figures, in the text format of Prometheus.
pub async fn figures(State(app): State<Shared>) -> impl IntoResponse {
    let queued = u32::try_from(app.store.upkeep.load().queued).unwrap_or(u32::MAX);
    metrics::gauge!("trunkline_turns_in_flight").set(f64::from(queued));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.figures.render())
}
