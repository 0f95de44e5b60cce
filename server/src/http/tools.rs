//! Asking without changing anything: validation, previews of expressions and of schedules.

use super::body::{self, Json};
use super::documents::{self, Problem, document_schema, optional_document_schema};
use super::problem::Result;
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::document::Document;
use trunkline_engine::expression;
use trunkline_engine::schedule::Schedule;
use utoipa::ToSchema;

/// Due times shown.
const NEXT_TIMES: usize = 10;

/// The routes of these tools.
pub fn router() -> Routes {
    Routes::new().routes(routes!(validate)).routes(routes!(preview)).routes(routes!(preview_schedule))
}

/// A document to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateDocument {
    /// The document.
    #[schema(schema_with = document_schema)]
    pub document: Document,
}

/// What is wrong with a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemList {
    /// Errors and warnings.
    pub problems: Vec<Problem>,
}

/// An expression to be computed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewExpression {
    /// The field's text.
    pub template: String,
    /// What expressions see: `trigger`, `steps`, `item`, `index`, `vars`, `run`.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub context: Map<String, Value>,
    /// Where constants and pinned samples come from, when the context has none.
    #[serde(default)]
    #[schema(schema_with = optional_document_schema, required = false)]
    pub document: Option<Document>,
}

/// What a field would yield.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// Whether it could be computed.
    pub ok: bool,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Its type in words people use.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
    /// Paths that the data does not have.
    pub missing: Vec<String>,
    /// Why it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PreviewError>,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A list.
    List,
    /// A record.
    Record,
    /// Nothing.
    Empty,
}

/// Why something could not be computed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewError {
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub action: String,
}

/// A schedule to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewSchedule {
    /// Five-field cron text.
    pub cron: String,
    /// IANA time zone name.
    #[serde(default)]
    pub timezone: Option<String>,
}

/// When a schedule fires.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct SchedulePreview {
    /// Whether it can be understood.
    pub ok: bool,
    /// The schedule in words.
    pub words: String,
    /// The next ten times, in the schedule's zone.
    pub next: Vec<String>,
    /// The same in words.
    pub next_words: Vec<String>,
    /// Why it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PreviewError>,
}

/// Check a document
#[utoipa::path(post, path = "/workflows/validate", tag = "workflows", operation_id = "validateDocument",
    request_body = ValidateDocument, responses((status = 200, body = ProblemList)))]
async fn validate(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<ValidateDocument, { body::DOCUMENT }>,
) -> axum::Json<ProblemList> {
    axum::Json(ProblemList { problems: documents::problems(&app.apps, caller.workspace, &wanted.document) })
}

/// What expressions see: `context`, with constants and pinned samples of `document` where it has none.
pub(super) fn data(
    mut context: Map<String, Value>,
    document: Option<&Document>,
    now: DateTime<Utc>,
) -> Value {
    if let Some(document) = document {
        let steps = context.entry("steps").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(steps) = steps {
            for (id, sample) in &document.samples {
                steps.entry(id).or_insert_with(|| sample.clone());
            }
        }
        context.entry("vars").or_insert_with(|| Value::Object(document.vars.clone()));
    }
    context.entry("run").or_insert_with(|| {
        let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let workflow = document.map(|document| document.name.clone());
        serde_json::json!({ "id": "sample", "workflow": workflow, "version": null, "started_at": now, "now": now })
    });
    Value::Object(context)
}

/// Compute an expression on sample data
#[utoipa::path(post, path = "/expressions/preview", tag = "workflows", operation_id = "previewExpression",
    request_body = PreviewExpression, responses((status = 200, body = Preview)))]
async fn preview(
    _: Caller,
    Json(wanted): Json<PreviewExpression, { body::DOCUMENT }>,
) -> axum::Json<Preview> {
    let data = data(wanted.context, wanted.document.as_ref(), Utc::now());
    axum::Json(match expression::preview(&wanted.template, &data) {
        Ok(preview) => Preview {
            ok: true,
            value: Some(preview.value),
            value_type: Some(match preview.kind {
                expression::ValueType::Text => ValueType::Text,
                expression::ValueType::Number => ValueType::Number,
                expression::ValueType::YesNo => ValueType::YesNo,
                expression::ValueType::List => ValueType::List,
                expression::ValueType::Record => ValueType::Record,
                expression::ValueType::Empty => ValueType::Empty,
            }),
            missing: preview.missing,
            error: None,
        },
        Err(failure) => {
            let error = PreviewError {
                code: failure.code.into_owned(),
                message: failure.message,
                action: failure.action,
            };
            Preview { ok: false, value: None, value_type: None, missing: Vec::new(), error: Some(error) }
        }
    })
}

/// When a schedule fires next
#[utoipa::path(post, path = "/schedules/preview", tag = "workflows", operation_id = "previewSchedule",
    request_body = PreviewSchedule, responses((status = 200, body = SchedulePreview)))]
async fn preview_schedule(
    _: Caller,
    Json(wanted): Json<PreviewSchedule>,
) -> Result<axum::Json<SchedulePreview>> {
    let zone = wanted.timezone.filter(|zone| !zone.trim().is_empty()).unwrap_or_else(|| "UTC".into());
    let now = Utc::now();
    Ok(axum::Json(match Schedule::parse_in(&wanted.cron, &zone) {
        Ok(schedule) => {
            let next: Vec<_> = schedule
                .upcoming(now, NEXT_TIMES)
                .into_iter()
                .map(|at| at.with_timezone(&schedule.zone()))
                .collect();
            SchedulePreview {
                ok: true,
                words: schedule.in_words(),
                next_words: next
                    .iter()
                    .map(|at| in_words(*at, now.with_timezone(&schedule.zone())))
                    .collect(),
                next: next.iter().map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).collect(),
                error: None,
            }
        }
        Err(error) => SchedulePreview {
            error: Some(PreviewError {
                code: error.code().into(),
                message: error.to_string(),
                action: error.action().into(),
            }),
            ..SchedulePreview::default()
        },
    }))
}

fn in_words(at: DateTime<Tz>, now: DateTime<Tz>) -> String {
    let time = at.format("%H:%M");
    let days = at.date_naive().signed_duration_since(now.date_naive()).num_days();
    match days {
        0 => format!("Today at {time}"),
        1 => format!("Tomorrow at {time}"),
        _ if at.year() == now.year() => format!("{} at {time}", at.format("%A, %-d %B")),
        _ => format!("{} at {time}", at.format("%A, %-d %B %Y")),
    }
}
