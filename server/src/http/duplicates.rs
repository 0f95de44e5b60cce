//! `/duplicates`: pairs of leads that may be one person, what people decide, and how they are looked for.

use super::body::{Json, Path, Query};
use super::jobs::{self, Job};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{FindDuplicatesPlan, Order, Plan, find_duplicates::in_words};
use crate::leads::identity::{self, ChangedBy};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use trunkline_leads::activity::By;
use trunkline_leads::linkage::DuplicateSettings;
use trunkline_leads::operation::{MergeLeads, Operation};
use trunkline_store::ports::{self, Decision, JobStatus, PairQuery, PairState};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list))
        .routes(routes!(search))
        .routes(routes!(settings, set_settings))
        .routes(routes!(preview))
        .routes(routes!(show))
        .routes(routes!(merge))
        .routes(routes!(decide))
}

/// Which pairs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PairListQuery {
    /// `waiting` (when absent), `later`, `merged` or `different`.
    state: Option<String>,
    /// Where the page starts, as `next` of the page before said.
    cursor: Option<Uuid>,
    /// Most rows (1 to 200; 50 when absent).
    limit: Option<u32>,
}

/// Two leads that may be one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePair {
    /// Id.
    pub id: Uuid,
    /// From 0 to 1.
    pub probability: f64,
    /// Why, the strongest first.
    pub reasons: Vec<DuplicateReason>,
    /// `waiting`, `later`, `merged` or `different`.
    pub state: String,
    /// The older lead, as expressions see it.
    #[schema(value_type = Object)]
    pub left: Value,
    /// The younger lead, as expressions see it.
    #[schema(value_type = Object)]
    pub right: Value,
    /// When they were found.
    pub found_at: DateTime<Utc>,
    /// When somebody decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who.
    pub decided_by: Option<String>,
}

/// One reason for two leads to be one person, or two.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DuplicateReason {
    /// What the values are, such as `email`.
    pub role: String,
    /// How alike they are: `different`, `near`, `close`, `swapped` or `same`.
    pub level: String,
    /// What that is worth in bits: one more is twice as likely; below zero speaks against.
    pub weight: f64,
    /// In words, such as `same e-mail +9.2`.
    pub text: String,
}

/// A page of pairs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePairs {
    /// The most probable first.
    pub items: Vec<DuplicatePair>,
    /// Where the next page starts; `null` on the last.
    pub next: Option<Uuid>,
    /// How many there are on all pages.
    pub total: u64,
}

/// How the leads of a pair are merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergePair {
    /// The lead that stays; the older one when absent.
    #[serde(default)]
    survivor_id: Option<Uuid>,
    /// Fields (own ones as `fields.NAME`), `stage`, `score`, `owner` and `account`, each with the lead whose value stays.
    #[serde(default)]
    choices: BTreeMap<String, Uuid>,
}

/// What a merge came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeDone {
    /// The lead that stayed.
    pub lead_id: Uuid,
    /// The merge, by which it can be taken back.
    pub merge_id: Uuid,
}

/// What a person says of a pair.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecidePair {
    /// `different`, `later`, or `waiting` to take a decision back.
    state: String,
}

/// How duplicates are looked for and merged.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateSettingsBody {
    /// Pairs at least this probable wait for a person (0.05 to below 1).
    review_above: f64,
    /// Pairs at least this probable are merged without asking; nobody is when `null`.
    merge_above: Option<f64>,
    /// Whose value stays: `keep`, `newest`, `complete` or `trusted`.
    #[schema(value_type = String)]
    wins: trunkline_leads::merge::Survivorship,
    /// Sources from the most trusted down.
    #[serde(default)]
    trusted_sources: Vec<String>,
}

/// Which thresholds to count for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// From which probability pairs would be shown.
    review_above: f64,
    /// From which probability they would be merged.
    merge_above: Option<f64>,
}

/// How many of the pairs that wait now are at or above thresholds.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePreview {
    /// Would be shown or merged.
    pub shown: u64,
    /// Of these, would be merged without asking.
    pub merged: u64,
}

fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Who a request comes from, as timelines name them.
pub(super) fn by(caller: &Caller) -> By {
    By { id: caller.user.unwrap_or_default(), name: caller.name.clone() }
}

fn shown(row: ports::PairRow) -> DuplicatePair {
    DuplicatePair {
        id: row.id,
        probability: row.probability as f64 / 1e6,
        reasons: serde_json::from_value(row.reasons).unwrap_or_default(),
        state: row.state.as_str().to_owned(),
        left: row.left.record(),
        right: row.right.record(),
        found_at: row.found_at,
        decided_at: row.decided_at,
        decided_by: row.decided_by,
    }
}

fn state_called(name: &str) -> Result<PairState> {
    name.parse()
        .map_err(|_| problem::WRONG_PARAMETER.because("`state` must be waiting, later, merged or different"))
}

async fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<ports::PairRow> {
    let pair = app.store.duplicates.get(caller.workspace, id).await?;
    pair.ok_or_else(|| problem::NOT_FOUND.because("there is no such pair, or one of its leads is gone"))
}

/// List pairs of leads that may be one person
#[utoipa::path(get, path = "/duplicates", tag = "leads", operation_id = "listDuplicates", params(PairListQuery),
    responses((status = 200, body = DuplicatePairs)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<PairListQuery>,
) -> Result<axum::Json<DuplicatePairs>> {
    let query = PairQuery {
        state: query.state.as_deref().map_or(Ok(PairState::Waiting), state_called)?,
        after: query.cursor,
        limit: query.limit.unwrap_or(50).clamp(1, 200),
    };
    let page = app.store.duplicates.list(caller.workspace, query).await?;
    let items = page.items.into_iter().map(shown).collect();
    Ok(axum::Json(DuplicatePairs { items, next: page.next, total: page.total }))
}

/// One pair
#[utoipa::path(get, path = "/duplicates/{id}", tag = "leads", operation_id = "getDuplicate",
    params(("id" = Uuid, Path)), responses((status = 200, body = DuplicatePair)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<DuplicatePair>> {
    Ok(axum::Json(shown(find(&app, &caller, id).await?)))
}

/// Merge a pair
///
/// The other lead goes into the one that stays: its keys, lists and history, and its values wherever they win.
#[utoipa::path(post, path = "/duplicates/{id}/merge", tag = "leads", operation_id = "mergeDuplicate",
    params(("id" = Uuid, Path)), request_body = MergePair, responses((status = 200, body = MergeDone)))]
async fn merge(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<MergePair>,
) -> Result<axum::Json<MergeDone>> {
    let pair = find(&app, &caller, id).await?;
    let both = [pair.left.id, pair.right.id];
    let survivor = wanted.survivor_id.unwrap_or(pair.left.id);
    let Some(merged) = both.into_iter().find(|lead| *lead != survivor).filter(|_| both.contains(&survivor))
    else {
        return Err(problem::WRONG_FIELD.because("`survivor_id` must be one of the two leads of the pair"));
    };
    if let Some((field, _)) = wanted.choices.iter().find(|(_, lead)| !both.contains(lead)) {
        return Err(problem::WRONG_FIELD
            .because(format!("the choice of {field} names a lead that is not of the pair")));
    }
    let mut rules = identity::in_force(&app, caller.workspace).await?.rules();
    rules.choices = wanted.choices;
    let operation = Operation::Merge(MergeLeads {
        lead_id: survivor,
        merged: vec![merged],
        rules,
        why: Some(in_words(&pair.reasons)),
    });
    let done = super::merges::perform(&app, &caller, operation).await?;
    let merge_id = done.output.pointer("/merged/0/merge_id").and_then(Value::as_str);
    let merge_id = merge_id.and_then(|id| id.parse().ok());
    let merge_id = merge_id.ok_or_else(|| problem::CONFLICT.because("the two are one lead already"))?;
    // Who merges out of the queue answers its question; that is what is learned from.
    let decision = Decision { state: PairState::Merged, by: caller.name.clone(), at: now() };
    app.store.duplicates.decide(caller.workspace, id, decision).await?;
    Ok(axum::Json(MergeDone { lead_id: survivor, merge_id }))
}

/// Decide that a pair is two people, or put it off
#[utoipa::path(post, path = "/duplicates/{id}/decide", tag = "leads", operation_id = "decideDuplicate",
    params(("id" = Uuid, Path)), request_body = DecidePair, responses((status = 204)))]
async fn decide(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<DecidePair>,
) -> Result<StatusCode> {
    let state = state_called(&wanted.state)?;
    if state == PairState::Merged {
        return Err(problem::WRONG_FIELD.because("a pair is merged at /duplicates/{id}/merge"));
    }
    let decision = Decision { state, by: caller.name.clone(), at: now() };
    app.store.duplicates.decide(caller.workspace, id, decision).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look for duplicates among all leads
///
/// Starts a job. One at a time: while one is under way, that one is answered.
#[utoipa::path(post, path = "/duplicates/search", tag = "leads", operation_id = "searchDuplicates",
    responses((status = 202, body = Job)))]
async fn search(State(app): State<Shared>, caller: Caller) -> Result<(StatusCode, axum::Json<Job>)> {
    let under_way = app.store.jobs.list(caller.workspace, 100).await?.into_iter();
    let mut under_way =
        under_way.filter(|job| job.kind == "find_duplicates" && job.status == JobStatus::Running);
    let job = match under_way.next() {
        Some(job) => job,
        None => {
            let settings = identity::in_force(&app, caller.workspace).await?;
            let order = Order {
                workspace: caller.workspace,
                workflow: None,
                title: "Search for duplicates".into(),
                request: json!({ "review_above": settings.review_above, "merge_above": settings.merge_above }),
                plan: Plan::FindDuplicates(FindDuplicatesPlan { settings }),
                total: None,
                by: caller.name.clone(),
            };
            app.jobs.start(&app, order).await?
        }
    };
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}

/// How duplicates are looked for and merged
#[utoipa::path(get, path = "/duplicates/settings", tag = "leads", operation_id = "getDuplicateSettings",
    responses((status = 200, body = DuplicateSettingsBody)))]
async fn settings(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<DuplicateSettingsBody>> {
    Ok(axum::Json(body_of(identity::in_force(&app, caller.workspace).await?)))
}

/// Set how duplicates are looked for and merged
#[utoipa::path(put, path = "/duplicates/settings", tag = "leads", operation_id = "setDuplicateSettings",
    request_body = DuplicateSettingsBody, responses((status = 200, body = DuplicateSettingsBody)))]
async fn set_settings(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<DuplicateSettingsBody>,
) -> Result<axum::Json<DuplicateSettingsBody>> {
    let DuplicateSettingsBody { review_above, merge_above, wins, trusted_sources } = wanted;
    let before = identity::in_force(&app, caller.workspace).await?;
    let settings = DuplicateSettings { review_above, merge_above, wins, trusted_sources, ..before };
    if let Some(wrong) = settings.problem() {
        return Err(problem::INVALID.because(wrong));
    }
    let by = ChangedBy { name: caller.name.clone(), note: None };
    identity::publish(&app, caller.workspace, &settings, by).await?;
    Ok(axum::Json(body_of(settings)))
}

/// What people set of them.
pub(super) fn body_of(settings: DuplicateSettings) -> DuplicateSettingsBody {
    let DuplicateSettings { review_above, merge_above, wins, trusted_sources, .. } = settings;
    DuplicateSettingsBody { review_above, merge_above, wins, trusted_sources }
}

/// Count what thresholds would do
#[utoipa::path(get, path = "/duplicates/preview", tag = "leads", operation_id = "previewDuplicates",
    params(PreviewQuery), responses((status = 200, body = DuplicatePreview)))]
async fn preview(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<PreviewQuery>,
) -> Result<axum::Json<DuplicatePreview>> {
    #[expect(clippy::cast_possible_truncation, reason = "a probability is from 0 to 1")]
    let millionths = |share: f64| (share.clamp(0.0, 2.0) * 1e6).round() as i64;
    let thresholds = vec![millionths(query.review_above), query.merge_above.map_or(i64::MAX, millionths)];
    let counts = app.store.duplicates.waiting_above(caller.workspace, thresholds).await?;
    let count = |at: usize| counts.get(at).copied().unwrap_or_default();
    Ok(axum::Json(DuplicatePreview { shown: count(0), merged: count(1) }))
}
