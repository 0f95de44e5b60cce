//! Running one step on sample data. Nothing is written: lead steps work on a copy in memory, and calls that would
//! change something elsewhere are not made.

use super::body::{self, Json, Path};
use super::documents::{self, document_schema};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::runs::StepError;
use super::{tools, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::plugins;
use crate::rehearse::{Leads, Surroundings, Unperformed};
use crate::runner::providers;
use axum::extract::State;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use trunkline_engine::document::{Document, Step};
use trunkline_engine::expression::{Dynamic, Scope};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    Access, Context, Done, Exchange, LoopPlan, Operation, Outcome, Performer, Source,
};
use trunkline_engine::run::Performed;
use trunkline_leads::Lead;
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest time a tested step may take.
const LONGEST: Duration = Duration::from_secs(30);

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(test))
}

/// A step to be tested, as it is in the editor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestStep {
    /// The document, saved or not.
    #[schema(schema_with = document_schema)]
    pub document: Document,
    /// What expressions see: `trigger`, `steps`, `item`, `index`.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub context: Map<String, Value>,
}

/// What a step did with sample data.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepTest {
    /// How it ended.
    pub status: StepTestStatus,
    /// The port it would leave by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Its settings with every expression computed.
    pub input: Value,
    /// What it put out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StepError>,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// Why it came out so, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What is different from a real run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a tested step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepTestStatus {
    /// Well.
    Done,
    /// Not.
    Failed,
}

/// Test one step
#[utoipa::path(post, path = "/workflows/{id}/steps/{step}/test", tag = "workflows", operation_id = "testStep",
    params(("id" = Uuid, Path), ("step" = String, Path)), request_body = TestStep,
    responses((status = 200, body = StepTest)))]
async fn test(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
    Json(wanted): Json<TestStep, { body::DOCUMENT }>,
) -> Result<axum::Json<StepTest>> {
    workflows::find(&app, &caller, id).await?;
    let settings = documents::find_step(&wanted.document.steps, &step)
        .ok_or_else(|| problem::NO_STEP.because(format!("the document has no step \"{step}\"")))?;
    if documents::is_trigger(&app.apps.registry(caller.workspace), &settings.kind) {
        let sample = wanted.document.samples.get(&step).or_else(|| wanted.context.get("trigger"));
        return Ok(axum::Json(of_trigger(sample.cloned().unwrap_or_default())));
    }
    let data = tools::data(wanted.context, Some(&wanted.document), Utc::now());
    let scope = Scope::sample(&data);
    let input = shown_input(&settings.config, &scope);
    let begun = Instant::now();
    let outcome = run(&app, &caller, settings, &step, &scope).await?;
    let duration_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (mut test, note) = match outcome {
        Ok((done, note)) => (finished(done), note),
        Err(failure) => (failed(&failure), None),
    };
    (test.input, test.duration_us, test.note) = (input, duration_us, note);
    Ok(axum::Json(test))
}

fn blank(status: StepTestStatus) -> StepTest {
    StepTest {
        status,
        port: None,
        input: Value::Null,
        output: None,
        error: None,
        duration_us: 0,
        why: None,
        note: None,
    }
}

fn of_trigger(sample: Value) -> StepTest {
    StepTest {
        port: Some(trunkline_engine::document::OUT.into()),
        output: Some(sample),
        note: Some("A trigger puts out what comes in; this is its sample.".into()),
        ..blank(StepTestStatus::Done)
    }
}

fn finished(done: Done) -> StepTest {
    StepTest {
        port: Some(done.port),
        output: Some(done.output),
        why: done.why,
        ..blank(StepTestStatus::Done)
    }
}

fn failed(failure: &Failure) -> StepTest {
    StepTest { error: Some(StepError::from(failure)), ..blank(StepTestStatus::Failed) }
}

fn shown_input(config: &Value, scope: &Scope) -> Value {
    let Value::Object(fields) = config else { return config.clone() };
    let computed = |field| Dynamic::compile(field).ok()?.value(scope).ok();
    fields.iter().map(|(name, field)| (name.clone(), computed(field).unwrap_or_default())).collect()
}

type Tested = std::result::Result<(Done, Option<String>), Failure>;

async fn run(app: &Shared, caller: &Caller, step: &Step, id: &str, scope: &Scope) -> Result<Tested> {
    let registry = app.apps.registry(caller.workspace);
    let kind = registry.get(&step.kind);
    let kind =
        kind.ok_or_else(|| problem::INVALID.because(format!("there is no step kind \"{}\"", step.kind)))?;
    let compiled = kind.compile(&step.config).map_err(|wrong| {
        problem::HAS_PROBLEMS.because(format!("{}: {}", wrong.field, wrong.message)).advising(wrong.action)
    })?;
    let context = Context { scope, now: Utc::now(), idempotency_key: format!("test:{id}") };
    let mut outcome = compiled.start(&context);
    let mut note = None;
    // A step may ask for several operations, one after the other.
    for _ in 0..64 {
        match outcome {
            Ok(Outcome::Perform(operation)) => {
                let performed = match perform(app, caller, &operation).await? {
                    Ok((performed, said)) => {
                        note = Some(said.to_owned());
                        performed
                    }
                    Err(failure) => return Ok(Err(failure)),
                };
                outcome = compiled.resume(&context, performed);
            }
            // Pauses between questions are not waited for.
            Ok(Outcome::Exchange(Exchange { operation, memo, .. })) => {
                let result = perform(app, caller, &operation).await?.map(|(performed, said)| {
                    note = Some(said.to_owned());
                    performed
                });
                outcome = compiled.answered(&context, &memo, result);
            }
            other => return described(other, note),
        }
    }
    Err(problem::NOT_TESTABLE.because("the step asks for more operations than a test makes"))
}

fn described(outcome: std::result::Result<Outcome, Failure>, note: Option<String>) -> Result<Tested> {
    let waits = |why: String| Ok(Ok((Done::out(Value::Null).because(why), note.clone())));
    match outcome {
        Err(failure) => Ok(Err(failure)),
        Ok(Outcome::Done(done)) => Ok(Ok((done, note))),
        Ok(Outcome::WaitUntil(at)) => {
            waits(format!("A run would wait until {}.", at.format("%-d %B %Y, %H:%M:%S UTC")))
        }
        Ok(Outcome::Respond(reply)) => {
            let why = format!("A run would answer the caller with status {}.", reply.status);
            let output = serde_json::to_value(&reply).unwrap_or_default();
            Ok(Ok((Done::out(output).because(why), note)))
        }
        Ok(Outcome::Stop { failure: Some(failure), .. }) => Ok(Err(failure)),
        Ok(Outcome::Stop { why, .. }) => waits(why),
        Ok(Outcome::Await(_)) => waits("A run would wait here for a word from outside.".into()),
        Ok(Outcome::Repeat { .. } | Outcome::Try) => waits("A run would do the steps inside.".into()),
        Ok(Outcome::Break) => waits("A run would end the loop around it.".into()),
        Ok(Outcome::Loop(LoopPlan { source: Source::Items(items), .. })) => {
            let why = format!("A run would repeat the steps inside for {} items.", items.len());
            Ok(Ok((Done::out(Value::Array(items)).because(why), note)))
        }
        Ok(Outcome::Loop(LoopPlan { source: Source::Stream(_), .. })) => {
            waits("A run would read the items slice by slice and repeat the steps inside for each.".into())
        }
        Ok(Outcome::Call(_)) => {
            Err(problem::NOT_TESTABLE.because("calling another workflow would start a real run of it"))
        }
        Ok(Outcome::Perform(_) | Outcome::Exchange(_)) => Err(problem::NOT_TESTABLE.plain()),
    }
}

type Rehearsed = std::result::Result<(Performed, &'static str), Failure>;

async fn perform(app: &Shared, caller: &Caller, operation: &Operation) -> Result<Rehearsed> {
    match operation.performer {
        Performer::Leads => {
            let performed = on_leads(app, caller, operation).await?;
            Ok(performed
                .map(|performed| (performed, "Nothing was written: the lead was changed in memory only.")))
        }
        Performer::Tables | Performer::Suppressions => {
            let performed = on_leads(app, caller, operation).await?;
            let note = match operation.access {
                Access::Read => "What is kept was read as it is now.",
                Access::Write => "Nothing was written: it was changed in memory only.",
            };
            Ok(performed.map(|performed| (performed, note)))
        }
        Performer::Http | Performer::App if operation.access == Access::Read => {
            if let Some(unasked) = providers::unasked(operation) {
                return Ok(Ok((unasked, "Providers that cost money were not asked.")));
            }
            let signed = match providers::signed(&app.store, caller.workspace, operation.clone()).await {
                Ok(signed) => signed,
                Err(failure) => return Ok(Err(failure)),
            };
            let performed = app.runner.gate().perform(Some(caller.workspace), &signed, LONGEST).await;
            Ok(performed.map(|performed| (performed, "The call was made for real; it only reads.")))
        }
        Performer::Plugin if operation.access == Access::Read => {
            let performed = app.runner.gate().perform(Some(caller.workspace), operation, LONGEST).await;
            let note = match plugins::is_pure(operation) {
                true => "The plugin was called for real; the step only computes.",
                false => "The plugin was called for real; the step only reads.",
            };
            Ok(performed.map(|performed| (performed, note)))
        }
        Performer::Plugin => Err(problem::NOT_TESTABLE
            .because("this step of a plugin may change something elsewhere, so a test does not call it")
            .advising("Run the whole draft to call it for real.")),
        Performer::App => {
            let sent = app.connections.preview(caller.workspace, operation).await;
            let shown =
                |sent| Performed { output: json!({ "would_send": sent }), why: None, written: Vec::new() };
            Ok(sent.map(|sent| (shown(sent), "Nothing was sent: this is what a run would send first.")))
        }
        Performer::Http => Err(problem::NOT_TESTABLE
            .because("this call may change something in the other system, so a test does not make it")
            .advising("Run the whole draft to make the call for real.")),
    }
}

/// Performs an operation on leads or tables on a copy of what the store knows.
async fn on_leads(
    app: &Shared,
    caller: &Caller,
    operation: &Operation,
) -> Result<std::result::Result<Performed, Failure>> {
    let mut ledger = Surroundings::of(&app.store, caller.workspace).await?.ledger(Leads::Today);
    let about = operation.input.get("lead_id").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    if let Some(id) = about
        && app.store.leads.get(caller.workspace, id).await?.is_none()
    {
        // A lead that an earlier test made up is not in the store; a blank one stands in for it.
        ledger.seed_lead(id, Some(Lead::new(id, "Known", Utc::now())));
    }
    Ok(ledger.perform(operation, Utc::now(), "test", None).await.map_err(|error| match error {
        Unperformed::Failed(failure) => failure,
        Unperformed::NotKnown(what) => Failure::bad_input("RUN-0030", what, "Run the whole draft instead."),
    }))
}
