//! `/workflows/{id}/events`: many events at once, as JSON or CSV. Each is a run of its own; each is safe before it is
//! counted as accepted; a key that was seen before makes a duplicate and no second run.

use super::body::{self, Path, Query};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::runs;
use crate::app::Shared;
use crate::auth::Caller;
use crate::intake::columns::Mapping;
use crate::intake::{csv, payload};
use crate::runner::versions::Version;
use crate::runner::{Await, NewRun};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use trunkline_engine::trigger::Trigger;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most events in one request.
pub const MOST_EVENTS: usize = 1000;
/// Most rows of a CSV body; they are taken in slices of [`MOST_EVENTS`].
const MOST_ROWS: usize = 100_000;
/// Longest key, in characters.
pub const LONGEST_KEY: usize = 255;
/// Most reasons returned for refused rows; all are counted.
const MOST_REASONS: usize = 1000;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(take))
}

/// Events for one workflow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventBatch {
    /// The trigger step; the first webhook, manual or form trigger when absent.
    #[serde(default)]
    pub trigger: Option<String>,
    /// The events, at most 1,000.
    pub events: Vec<BatchEvent>,
}

/// One event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchEvent {
    /// A key of the sender's; a second event with the same key is a duplicate.
    #[serde(default)]
    pub key: Option<String>,
    /// What the trigger puts out as `body`.
    pub body: Value,
}

/// What became of a batch. Every event is in exactly one of the three.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BatchResult {
    /// Events that started a run; they are safe on disk.
    pub accepted: u64,
    /// Events whose key had been accepted before.
    pub duplicates: u64,
    /// Events that were refused, the first 1,000 with their reason.
    pub rejected: Vec<RejectedEvent>,
    /// How many were refused.
    pub rejected_count: u64,
    /// Runs of accepted events and duplicates, in the order of the events; left out for CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_ids: Option<Vec<Option<Uuid>>>,
}

/// An event that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectedEvent {
    /// Its place, from 1; for CSV, its row after the header.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// How a CSV body is read.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// For CSV: the trigger step.
    trigger: Option<String>,
    /// For CSV: choices of the form `Column=field`, separated by `;`.
    map: Option<String>,
    /// For CSV: the column whose value is the event's key; without one, rows have no key.
    key: Option<String>,
}

/// Send many events
///
/// A JSON body holds at most 1,000 events. A `text/csv` body has a header row; each row is one event.
#[utoipa::path(post, path = "/workflows/{id}/events", tag = "runs", operation_id = "sendEvents",
    params(("id" = Uuid, Path), EventQuery), request_body = EventBatch,
    responses((status = 200, body = BatchResult)))]
async fn take(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<EventQuery>,
    request: Request,
) -> Result<Json<BatchResult>> {
    let (parts, content) = request.into_parts();
    let version = runs::published(&app, &caller, id).await?;
    if !app.routes.is_active(id) {
        return Err(problem::SWITCHED_OFF.plain());
    }
    let bytes = body::read(&parts.headers, content, app.config.max_event_bytes).await?;
    let _room = app.reserve(bytes.len())?;
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/csv") {
        return take_csv(&app, &version, &query, &bytes).await.map(Json);
    }
    if !body::is_json(&parts.headers) {
        return Err(problem::WRONG_TYPE.because("this address reads application/json and text/csv"));
    }
    let batch: EventBatch = body::parse(&bytes)?;
    if batch.events.len() > MOST_EVENTS {
        return Err(problem::TOO_MANY_EVENTS.because(format!("{} events in one request", batch.events.len())));
    }
    let trigger = runs::trigger(&version, batch.trigger.as_deref(), true)?;
    let mut result = BatchResult::default();
    let events = batch.events.into_iter().enumerate().map(|(place, event)| (place as u64 + 1, event));
    let ids = start_all(&app, &version, &trigger, events.collect(), &mut result).await?;
    result.run_ids = Some(ids);
    Ok(Json(result))
}

async fn take_csv(
    app: &Shared,
    version: &Arc<Version>,
    query: &EventQuery,
    bytes: &[u8],
) -> Result<BatchResult> {
    let trigger = runs::trigger(version, query.trigger.as_deref(), true)?;
    let rows = csv::open(bytes).map_err(|error| problem::CSV_UNREADABLE.because(error.to_string()))?;
    let mut mapping = Mapping::guess(rows.header());
    let wrong =
        |error: crate::intake::columns::MappingError| problem::WRONG_PARAMETER.because(error.to_string());
    for choice in query.map.iter().flat_map(|map| map.split(';')).filter(|choice| !choice.trim().is_empty()) {
        mapping.choose(choice).map_err(wrong)?;
    }
    let key = query.key.as_deref().map(|column| mapping.position(column)).transpose().map_err(wrong)?;
    let mut result = BatchResult::default();
    let mut slice = Vec::with_capacity(MOST_EVENTS);
    for (count, row) in rows.enumerate() {
        if count >= MOST_ROWS {
            result.reject(
                count as u64 + 1,
                format!("a request may have {MOST_ROWS} rows; send the rest in another"),
            );
            break;
        }
        match row {
            Err(broken) => result.reject(broken.number, format!("line {}: {}", broken.line, broken.reason)),
            Ok(row) => {
                let key = key.map(|place| row.cells[place].clone()).filter(|key| !key.is_empty());
                let body = mapping.event(row.cells.iter().map(String::as_str));
                slice.push((row.number, BatchEvent { key, body }));
            }
        }
        if slice.len() == MOST_EVENTS {
            start_all(app, version, &trigger, std::mem::take(&mut slice), &mut result).await?;
        }
    }
    start_all(app, version, &trigger, slice, &mut result).await?;
    Ok(result)
}

impl BatchResult {
    fn reject(&mut self, row: u64, reason: String) {
        self.rejected_count += 1;
        if self.rejected.len() < MOST_REASONS {
            self.rejected.push(RejectedEvent { row, reason });
        }
    }
}

/// Runs started at once; the store commits them together.
const AT_ONCE: usize = 256;

/// Starts a run per event; gives their ids in order. Refusals that concern one event do not stop the others.
async fn start_all(
    app: &Shared,
    version: &Arc<Version>,
    trigger: &(String, Trigger),
    events: Vec<(u64, BatchEvent)>,
    result: &mut BatchResult,
) -> Result<Vec<Option<Uuid>>> {
    let started = events.into_iter().map(|(row, event)| async move {
        if event.key.as_ref().is_some_and(|key| key.is_empty() || key.chars().count() > LONGEST_KEY) {
            return (row, Ok(Err(format!("the key must have 1 to {LONGEST_KEY} characters"))));
        }
        let at = Utc::now();
        let new = NewRun {
            trigger: trigger.0.clone(),
            kind: payload::kind_word(&trigger.1),
            output: payload::output_for(&trigger.1, event.body, at),
            key: event.key,
            parent: None,
            at,
        };
        (row, app.runner.start(version, new, Await::Nothing).await.map(Ok))
    });
    let started: Vec<_> = stream::iter(started).buffered(AT_ONCE).collect().await;
    let mut ids = Vec::with_capacity(started.len());
    let mut failed = None;
    for (row, outcome) in started {
        ids.push(match outcome {
            Ok(Ok(run)) => {
                *if run.duplicate { &mut result.duplicates } else { &mut result.accepted } += 1;
                Some(run.id)
            }
            Ok(Err(reason)) => {
                result.reject(row, reason);
                None
            }
            Err(error) => {
                failed = Some(Error::from(error));
                None
            }
        });
    }
    // The whole request is refused: the sender repeats it, and keys keep what was accepted from happening twice.
    failed.map_or(Ok(ids), Err)
}
