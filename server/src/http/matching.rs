//! `/matching`: how leads are matched to accounts, and matching all of them again.

use super::accounts::by;
use super::body::Json;
use super::jobs::{self, Job};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{MatchAgainPlan, Order, Plan};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_leads::definition::ACCOUNT_MATCHING;
use trunkline_leads::matching::{Matching, NAME, TieBreaker};
use trunkline_store::ports::{Drafted, NewDefinition, PublishDefinition, SaveDefinition};
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(show, publish)).routes(routes!(again))
}

/// Settings of matching leads to accounts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchingSettings {
    /// Confidence from which on a lead is matched without asking, 0.5 to 1.
    pub accept_from: f64,
    /// Confidence from which on an account is suggested, 0.2 to `accept_from`.
    pub suggest_from: f64,
    /// Accounts whose confidence is within this much of the best one fit alike, 0 to 0.3.
    pub margin: f64,
    /// What decides between accounts that fit alike, in this order: `open_opportunity`, `named_account`, `region`,
    /// `most_recent_activity`, `most_leads`, `top_of_hierarchy`.
    pub tie_breakers: Vec<String>,
    /// Domains where anybody can have a mailbox, besides those Trunkline knows.
    pub mailbox_providers: Vec<String>,
}

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingInForce {
    /// The settings.
    pub settings: MatchingSettings,
    /// The number of the published version; `null` as long as the defaults hold.
    pub version: Option<i64>,
    /// The settings as sentences.
    pub words: Vec<String>,
    /// All tie-breakers there are.
    pub tie_breakers: Vec<String>,
}

/// Settings to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishMatching {
    /// The settings.
    pub settings: MatchingSettings,
    /// The version they were made from; `null` when none was published.
    #[serde(default)]
    pub base_version: Option<i64>,
}

/// Whether leads are only looked at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchAgain {
    /// Only say what would change.
    #[serde(default)]
    pub preview: bool,
}

/// How leads are matched to accounts
#[utoipa::path(get, path = "/matching", tag = "accounts", operation_id = "getMatching",
    responses((status = 200, body = MatchingInForce)))]
async fn show(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<MatchingInForce>> {
    let published = app.store.definitions.published(caller.workspace, ACCOUNT_MATCHING.into()).await?;
    let settings = crate::jobs::match_settings(&app.store, caller.workspace).await?;
    Ok(axum::Json(MatchingInForce {
        words: settings.in_words(),
        settings: shown(&settings),
        version: published.first().map(|settings| settings.version),
        tie_breakers: TieBreaker::ALL.iter().filter_map(|breaker| word(*breaker)).collect(),
    }))
}

/// Change how leads are matched to accounts
///
/// The settings are in force for every lead that is matched from then on.
#[utoipa::path(put, path = "/matching", tag = "accounts", operation_id = "publishMatching",
    request_body = PublishMatching, responses((status = 200, body = MatchingInForce)))]
async fn publish(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<PublishMatching>,
) -> Result<axum::Json<MatchingInForce>> {
    let document = serde_json::to_value(&wanted.settings).unwrap_or_default();
    let settings: Matching = serde_json::from_value(document.clone())
        .map_err(|error| problem::WRONG_FIELD.because(error.to_string()))?;
    if let Some(found) = settings.problems().into_iter().next() {
        return Err(problem::INVALID.because(format!(
            "{}: {}",
            found.path.trim_start_matches('/'),
            found.message
        )));
    }
    let at = Utc::now().trunc_subsecs(6);
    let known = app.store.definitions.list(caller.workspace, ACCOUNT_MATCHING.into()).await?;
    let known = known.into_iter().next();
    if known.as_ref().and_then(|known| known.published) != wanted.base_version {
        return Err(problem::STALE_DRAFT
            .because("somebody else has changed the settings meanwhile")
            .advising("Load the page again and repeat your change."));
    }
    let (id, base_revision) = keep(&app, &caller, known, document, at).await?;
    let publish = PublishDefinition { base_revision, by: Some(caller.name.clone()), note: None, at };
    app.store.definitions.publish(caller.workspace, id, publish).await?;
    show(State(app), caller).await
}

/// Saves the draft and gives its id and revision.
async fn keep(
    app: &Shared,
    caller: &Caller,
    known: Option<Drafted>,
    draft: Value,
    at: chrono::DateTime<Utc>,
) -> Result<(Uuid, i64)> {
    let definitions = &app.store.definitions;
    let Some(known) = known else {
        let id = Uuid::now_v7();
        let new = NewDefinition { id, kind: ACCOUNT_MATCHING.into(), name: NAME.into(), draft, at };
        definitions.create(caller.workspace, new).await?;
        return Ok((id, 1));
    };
    let save = SaveDefinition { name: known.name, draft, base_revision: known.revision, at };
    Ok((known.id, definitions.save(caller.workspace, known.id, save).await?))
}

/// Match all leads to accounts again
///
/// What a person decided stays. With `preview` nothing is written, and the job lists what would change.
#[utoipa::path(post, path = "/account-matches/again", tag = "accounts", operation_id = "matchAccountsAgain",
    request_body = MatchAgain, responses((status = 202, body = Job)))]
async fn again(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<MatchAgain>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let title = if wanted.preview { "What matching again would change" } else { "Matching all leads again" };
    let order = Order {
        workspace: caller.workspace,
        workflow: None,
        title: title.into(),
        plan: Plan::MatchAgain(MatchAgainPlan { preview: wanted.preview, by: by(&caller) }),
        request: serde_json::to_value(&wanted).unwrap_or_default(),
        total: None,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(&app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}

fn word(breaker: TieBreaker) -> Option<String> {
    serde_json::to_value(breaker).ok()?.as_str().map(str::to_owned)
}

fn shown(settings: &Matching) -> MatchingSettings {
    MatchingSettings {
        accept_from: settings.accept_from,
        suggest_from: settings.suggest_from,
        margin: settings.margin,
        tie_breakers: settings.tie_breakers.iter().filter_map(|breaker| word(*breaker)).collect(),
        mailbox_providers: settings.mailbox_providers.clone(),
    }
}
