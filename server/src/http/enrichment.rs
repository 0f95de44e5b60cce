//! `/enrichment` and where values of leads came from: a draft tried on a lead, what was spent, and who said what.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::runner::providers;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::run::Performed;
use trunkline_leads::activity::By;
use trunkline_leads::definition::WATERFALL;
use trunkline_leads::enrichment::{Meter, Progress, Tally, Waterfall, label, place};
use trunkline_leads::operation::{Enrich, Operation, TrialOf};
use trunkline_leads::steps::enrich::{answer_of, question};
use trunkline_store::ports::LeadQuery;
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest time one question of a trial may take.
const LONGEST: Duration = Duration::from_secs(10);
/// Longest pause of a trial, in seconds; a provider whose turn comes later is left out.
const LONGEST_PAUSE: u64 = 5;
/// Most words between the book and a trial: twenty providers, five attempts and a few pauses each.
const MOST_WORDS: usize = 300;
/// Longest time a trial may take.
const TRIAL: Duration = Duration::from_secs(60);

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(attempt)).routes(routes!(spending)).routes(routes!(provenance))
}

/// A draft to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryEnrichment {
    /// What it says.
    #[schema(value_type = Object)]
    pub document: Value,
    /// On which lead; the newest when absent.
    #[serde(default)]
    pub lead_id: Option<Uuid>,
}

/// What a draft would do for a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedEnrichment {
    /// The lead.
    pub lead_id: Uuid,
    /// What people call it.
    pub lead_name: String,
    /// `filled`, `complete` or `not_found`.
    pub outcome: String,
    /// Why it came out so, in one sentence.
    pub why: String,
    /// What would be written: `field`, `label`, `old`, `new`, `provider`, `provider_name`, `trust`.
    #[schema(value_type = Vec<Object>)]
    pub filled: Value,
    /// Wanted fields that nobody gave, as people call them.
    #[schema(value_type = Vec<String>)]
    pub missing: Value,
    /// Who was asked, who was skipped, and why: `provider`, `name`, `what`, `text`, `fields`, `cost`, `at`.
    #[schema(value_type = Vec<Object>)]
    pub trace: Value,
    /// Calls that were made.
    pub asked: u64,
    /// What they cost.
    pub cost: f64,
    /// In which currency.
    pub currency: String,
}

/// What an enrichment has spent.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrichmentSpending {
    /// By provider; the one without an id is all of them together.
    pub items: Vec<ProviderSpending>,
}

/// What a provider has cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderSpending {
    /// Id of the provider; empty for all of them together.
    pub provider: String,
    /// Today, by UTC.
    pub day: Spent,
    /// This month, by UTC.
    pub month: Spent,
    /// It is not asked before this moment.
    pub next_at: Option<DateTime<Utc>>,
}

/// Calls and money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Spent {
    /// Calls.
    pub calls: u64,
    /// Calls that found something.
    pub hits: u64,
    /// Money, in the currency of the enrichment.
    pub money: f64,
}

/// Where the values of a lead came from.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadProvenance {
    /// By field. A value that was changed since has no origin.
    pub items: Vec<ValueOrigin>,
}

/// Who said what.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueOrigin {
    /// Name of the field.
    pub field: String,
    /// What people call it.
    pub label: String,
    /// Id of the provider.
    pub provider: String,
    /// What people call it.
    pub provider_name: String,
    /// How far it was trusted (0 to 100).
    pub trust: u8,
    /// When it said so.
    pub at: DateTime<Utc>,
    /// From then on it is asked again; never when absent.
    pub stale_at: Option<DateTime<Utc>>,
    /// The run that wrote it.
    pub run_id: Option<Uuid>,
}

/// Try an enrichment on one lead
///
/// Providers are asked for real: what that costs is counted and what they answer is remembered. The lead is not changed.
/// The document need not be saved.
#[utoipa::path(post, path = "/enrichment/{id}/try", tag = "rules", operation_id = "tryEnrichment",
    params(("id" = Uuid, Path)), request_body = TryEnrichment, responses((status = 200, body = TriedEnrichment)))]
async fn attempt(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<TryEnrichment>,
) -> Result<axum::Json<TriedEnrichment>> {
    let name = found(&app, &caller, id).await?;
    let mut document = wanted.document;
    let waterfall = Waterfall::deserialize(&document)
        .map_err(|error| problem::INVALID.because(format!("the enrichment cannot be read: {error}")))?;
    if let Some((_, first)) = waterfall.problems().into_iter().next() {
        return Err(problem::INVALID.because(first));
    }
    document["max_wait_seconds"] = LONGEST_PAUSE.into();
    let lead_id = match wanted.lead_id {
        Some(id) => id,
        None => newest(&app, &caller).await?,
    };
    let lead = app.store.leads.get(caller.workspace, lead_id).await?;
    let lead = lead.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?.lead;
    let trial =
        Trial { app: &app, caller: &caller, name, waterfall, of: TrialOf { waterfall: id, document } };
    let performed = tokio::time::timeout(TRIAL, trial.play(lead_id)).await.unwrap_or_else(|_| Err(endless()));
    let Performed { mut output, why, .. } =
        performed.map_err(|failure| problem::INVALID.because(failure.message).advising(failure.action))?;
    Ok(axum::Json(TriedEnrichment {
        lead_id,
        lead_name: lead.name(),
        outcome: output["outcome"].as_str().unwrap_or_default().to_owned(),
        why: why.unwrap_or_default(),
        filled: output["filled"].take(),
        missing: output["missing"].take(),
        trace: output["trace"].take(),
        asked: output["asked"].as_u64().unwrap_or_default(),
        cost: output["cost"].as_f64().unwrap_or_default(),
        currency: output["currency"].as_str().unwrap_or_default().to_owned(),
    }))
}

/// Name of the enrichment.
async fn found(app: &Shared, caller: &Caller, id: Uuid) -> Result<String> {
    let found = app.store.definitions.get(caller.workspace, id).await?;
    let found = found.filter(|rule| rule.kind == WATERFALL);
    Ok(found.ok_or_else(|| problem::NOT_FOUND.because("there is no such enrichment"))?.name)
}

async fn newest(app: &Shared, caller: &Caller) -> Result<Uuid> {
    let query = LeadQuery { limit: 1, ..LeadQuery::default() };
    let page = app.store.leads.list(caller.workspace, query).await?;
    let first = page.items.into_iter().next();
    Ok(first.ok_or_else(|| problem::NOT_FOUND.because("there is no lead to try it on"))?.lead.id)
}

/// A draft that is played to its end.
struct Trial<'a> {
    app: &'a Shared,
    caller: &'a Caller,
    name: String,
    waterfall: Waterfall,
    of: TrialOf,
}

impl Trial<'_> {
    async fn play(&self, lead_id: Uuid) -> std::result::Result<Performed, Failure> {
        let (mut progress, mut answer) = (Progress::default(), None);
        for _ in 0..MOST_WORDS {
            let operation = Operation::Enrich(Box::new(Enrich {
                lead_id,
                waterfall: self.name.clone(),
                progress,
                answer: answer.take(),
                trial: Some(self.of.clone()),
            }));
            let mut performed = self.perform(operation).await?;
            let word = &mut performed.output;
            progress = Progress::deserialize(word["progress"].take()).unwrap_or_default();
            if word["ask"].is_object() {
                let ask = word["ask"].take();
                pause_until(&ask["at"]).await;
                let operation = question(&ask);
                let provider = ask["provider"].as_str().and_then(|id| self.waterfall.provider(id));
                let operation = match provider {
                    Some(provider) => providers::signed_by(provider, operation),
                    None => operation,
                };
                let answered =
                    self.app.runner.gate().perform(Some(self.caller.workspace), &operation, LONGEST).await;
                answer = Some(answer_of(answered));
            } else if word["look_again_at"].is_string() {
                pause_until(&word["look_again_at"]).await;
            } else {
                return Ok(performed);
            }
        }
        Err(endless())
    }

    async fn perform(&self, operation: Operation) -> std::result::Result<Performed, Failure> {
        let by = By { id: self.caller.user.unwrap_or_default(), name: self.caller.name.clone() };
        let done = self.app.runner.perform_by_hand(self.caller.workspace, vec![operation], by).await;
        let outcomes = done.map_err(|error| {
            let action = "Try again; if it stays, look at what the message says of the store.";
            Failure::new(
                "ENR-0004",
                FailureKind::Temporary,
                format!("the trial was cut off: {error}"),
                action,
            )
        })?;
        outcomes.into_iter().next().unwrap_or_else(|| Err(endless()))
    }
}

async fn pause_until(at: &Value) {
    let at = at.as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    if let Some(rest) = at.and_then(|at| (at - Utc::now()).to_std().ok()) {
        tokio::time::sleep(rest.min(Duration::from_secs(LONGEST_PAUSE + 1))).await;
    }
}

fn endless() -> Failure {
    Failure::new(
        "ENR-0004",
        FailureKind::Timeout,
        "the trial took too long",
        "Try it again; look at which provider is slow, or try with fewer providers.",
    )
}

/// What an enrichment has spent
#[utoipa::path(get, path = "/enrichment/{id}/spending", tag = "rules", operation_id = "enrichmentSpending",
    params(("id" = Uuid, Path)), responses((status = 200, body = EnrichmentSpending)))]
async fn spending(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<EnrichmentSpending>> {
    found(&app, &caller, id).await?;
    let now = Utc::now();
    let meters = app.store.enrichment.spending(caller.workspace, id).await?;
    let items = meters.into_iter().map(|meter| {
        let (day, month) = (spent(&meter.on_day(now)), spent(&meter.in_month(now)));
        let Meter { provider, next_at, .. } = meter;
        ProviderSpending { provider, day, month, next_at: next_at.filter(|at| *at > now) }
    });
    Ok(axum::Json(EnrichmentSpending { items: items.collect() }))
}

fn spent(tally: &Tally) -> Spent {
    Spent { calls: tally.calls, hits: tally.hits, money: tally.spent.as_units() }
}

/// Where the values of a lead came from
#[utoipa::path(get, path = "/leads/{id}/provenance", tag = "leads", operation_id = "leadProvenance",
    params(("id" = Uuid, Path)), responses((status = 200, body = LeadProvenance)))]
async fn provenance(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<LeadProvenance>> {
    let lead = app.store.leads.get(caller.workspace, id).await?;
    let lead = lead.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?.lead;
    let all = app.store.enrichment.provenance(caller.workspace, id).await?;
    let standing = all.into_iter().filter(|origin| place(&origin.field).get(&lead) == origin.value);
    let items = standing.map(|origin| ValueOrigin {
        label: label(&origin.field),
        stale_at: (origin.fresh_days > 0).then(|| origin.at + TimeDelta::days(origin.fresh_days.into())),
        field: origin.field,
        provider: origin.provider,
        provider_name: origin.name,
        trust: origin.trust,
        at: origin.at,
        run_id: origin.run_id,
    });
    Ok(axum::Json(LeadProvenance { items: items.collect() }))
}
