//! `/duplicates/learning` and `/duplicates/settings/versions`: whether answers correct the weights, what they taught, and
//! how duplicates were looked for before.

use super::body::{Json, Path};
use super::duplicates::{DuplicateSettingsBody, body_of};
use super::erasures::only_admins;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::leads::identity::{self, ChangedBy};
use axum::extract::State;
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use trunkline_leads::linkage::{DuplicateSettings, FEWEST_ANSWERS, FEWEST_OF_EACH, Level, Role, Taught};
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(show, set)).routes(routes!(versions)).routes(routes!(restore))
}

/// What answers teach.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateLearning {
    /// Whether weights are corrected by what people answer.
    pub is_on: bool,
    /// Pairs that people merged out of the queue.
    pub merged: u32,
    /// Pairs that people said are two.
    pub different: u32,
    /// Fewest answers that anything is learned from.
    pub fewest: u32,
    /// Fewest of each sort.
    pub fewest_of_each: u32,
    /// What was learned last; `null` before the first time and while answers teach nothing.
    pub taught: Option<DuplicateLesson>,
}

/// What was learned.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateLesson {
    /// Answers that two leads are one person.
    pub merged: u32,
    /// Answers that they are two.
    pub different: u32,
    /// The share of answers that the weights alone would have given.
    pub right_before: f64,
    /// The share of answers that are given with corrections learned from the others.
    pub right_after: f64,
    /// When it was learned.
    pub at: DateTime<Utc>,
    /// The corrections, the largest first.
    pub weights: Vec<DuplicateWeight>,
}

/// How a weight is corrected.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateWeight {
    /// In words, such as `same company`.
    pub text: String,
    /// In bits: one more is twice as likely.
    pub bits: f64,
}

/// Whether answers are learned from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDuplicateLearning {
    /// Whether they are.
    is_on: bool,
}

/// A version of the settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateSettingsVersion {
    /// Its number, from 1.
    pub version: i64,
    /// Whether it is in force.
    pub is_in_force: bool,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// By whom.
    pub published_by: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// Whether answers corrected the weights.
    pub learns: bool,
    /// From how many answers; none while nothing was learned.
    pub answers: u32,
    /// The settings.
    pub settings: DuplicateSettingsBody,
}

/// All versions of the settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicateSettingsVersions {
    /// The newest first.
    pub items: Vec<DuplicateSettingsVersion>,
}

fn lesson(taught: &Taught) -> DuplicateLesson {
    let corrections = &taught.corrections;
    let told = |role: &Role, level: &Level, bits: &f64| DuplicateWeight {
        text: format!("{} {role}", level.label()),
        bits: *bits,
    };
    let mut weights: Vec<DuplicateWeight> = corrections
        .roles
        .iter()
        .flat_map(|(role, levels)| levels.iter().map(move |(level, bits)| told(role, level, bits)))
        .collect();
    weights.push(DuplicateWeight { text: "every pair".into(), bits: corrections.all });
    weights.sort_by(|a, b| b.bits.abs().total_cmp(&a.bits.abs()).then_with(|| a.text.cmp(&b.text)));
    DuplicateLesson {
        merged: taught.merged,
        different: taught.different,
        right_before: taught.right_before,
        right_after: taught.right_after,
        at: taught.at,
        weights,
    }
}

/// What answers teach about duplicates
#[utoipa::path(get, path = "/duplicates/learning", tag = "leads", operation_id = "getDuplicateLearning",
    responses((status = 200, body = DuplicateLearning)))]
async fn show(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<DuplicateLearning>> {
    let settings = identity::in_force(&app, caller.workspace).await?;
    let tally = identity::tally(&app, caller.workspace).await?;
    Ok(axum::Json(DuplicateLearning {
        is_on: settings.learns,
        merged: tally.merged,
        different: tally.different,
        fewest: FEWEST_ANSWERS,
        fewest_of_each: FEWEST_OF_EACH,
        taught: settings.taught.as_deref().map(lesson),
    }))
}

/// Learn from answers about duplicates, or stop
///
/// Turned on, it learns at once when there are answers enough, and again with every search. Turned off, weights are as
/// learned from the leads alone. Either way a version of the settings is published. Administrators only.
#[utoipa::path(put, path = "/duplicates/learning", tag = "leads", operation_id = "setDuplicateLearning",
    request_body = SetDuplicateLearning, responses((status = 200, body = DuplicateLearning)))]
async fn set(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<SetDuplicateLearning>,
) -> Result<axum::Json<DuplicateLearning>> {
    only_admins(&app, &caller).await?;
    let before = identity::in_force(&app, caller.workspace).await?;
    let mut settings = DuplicateSettings { learns: wanted.is_on, ..before.clone() };
    let mut note = "Answers no longer correct the weights.".to_owned();
    if wanted.is_on {
        let at = Utc::now().trunc_subsecs(6);
        settings = identity::taught(&app, caller.workspace, settings, at).await?;
        note = identity::note(&settings);
    }
    if settings != before {
        let by = ChangedBy { name: caller.name.clone(), note: Some(note) };
        identity::publish(&app, caller.workspace, &settings, by).await?;
    }
    show(State(app), caller).await
}

/// How duplicates were looked for before
#[utoipa::path(get, path = "/duplicates/settings/versions", tag = "leads",
    operation_id = "listDuplicateSettingsVersions", responses((status = 200, body = DuplicateSettingsVersions)))]
async fn versions(
    State(app): State<Shared>,
    caller: Caller,
) -> Result<axum::Json<DuplicateSettingsVersions>> {
    let Some(known) = identity::definition(&app, caller.workspace).await? else {
        return Ok(axum::Json(DuplicateSettingsVersions { items: Vec::new() }));
    };
    let versions = app.store.definitions.versions(caller.workspace, known.id).await?;
    let shown = |version: trunkline_store::ports::DefinitionVersion| {
        let settings: DuplicateSettings = serde_json::from_value(version.document).unwrap_or_default();
        let taught = settings.taught.as_deref().filter(|_| settings.learns);
        DuplicateSettingsVersion {
            version: version.number,
            is_in_force: known.published == Some(version.number),
            published_at: version.published_at,
            published_by: version.published_by,
            note: version.note,
            learns: settings.learns,
            answers: taught.map_or(0, |taught| taught.merged + taught.different),
            settings: body_of(settings),
        }
    };
    Ok(axum::Json(DuplicateSettingsVersions { items: versions.into_iter().map(shown).collect() }))
}

/// Look for duplicates as a version says
///
/// Publishes what that version said as the next one, the weights included. Administrators only.
#[utoipa::path(post, path = "/duplicates/settings/versions/{version}/restore", tag = "leads",
    operation_id = "restoreDuplicateSettings", params(("version" = i64, Path)),
    responses((status = 200, body = DuplicateSettingsBody)))]
async fn restore(
    State(app): State<Shared>,
    caller: Caller,
    Path(version): Path<i64>,
) -> Result<axum::Json<DuplicateSettingsBody>> {
    only_admins(&app, &caller).await?;
    let missing = || problem::NOT_FOUND.because("there is no such version");
    let known = identity::definition(&app, caller.workspace).await?.ok_or_else(missing)?;
    let versions = app.store.definitions.versions(caller.workspace, known.id).await?;
    let wanted = versions.into_iter().find(|known| known.number == version).ok_or_else(missing)?;
    let settings: DuplicateSettings = serde_json::from_value(wanted.document)
        .map_err(|_| problem::CONFLICT.because("that version cannot be read any more"))?;
    let note = Some(format!("As in version {version}."));
    identity::publish(&app, caller.workspace, &settings, ChangedBy { name: caller.name.clone(), note })
        .await?;
    Ok(axum::Json(body_of(settings)))
}
