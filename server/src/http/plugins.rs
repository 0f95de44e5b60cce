//! `/plugins`: what administrators install, approve, upgrade and remove. A file comes in as it is, and nothing of it runs
//! before it was approved.

use super::body::{self, Json, Path, Query};
use super::erasures::only_admins;
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::plugins::{Incoming, Installed, Refused, Release, Seen};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::{Method, Request};
use trunkline_plugins::description::Effect;
use trunkline_plugins::limits::LARGEST_FILE;
use trunkline_plugins::signature::Signature;
use trunkline_store::ports::PluginUse;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Longest time a file may take to come from elsewhere.
const FETCHING: Duration = Duration::from_secs(60);
/// Workflows that a refusal names.
const NAMED: usize = 5;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, install))
        .routes(routes!(fetch))
        .routes(routes!(show, adjust, remove))
        .routes(routes!(upgrade))
        .routes(routes!(approve, turn_down))
        .routes(routes!(used_by))
}

/// An installed plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plugin {
    /// Id.
    pub id: Uuid,
    /// Its name in documents.
    pub name: String,
    /// How it is.
    pub status: PluginStatus,
    /// The release that runs.
    pub live: Option<PluginRelease>,
    /// The release that waits for an approval.
    pub pending: Option<PluginRelease>,
    /// How much a call may take.
    pub limits: PluginLimits,
    /// What it did since the server started.
    pub figures: Seen,
    /// Counts changes.
    pub revision: i64,
    /// When it was installed.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a plugin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PluginStatus {
    /// Its steps run.
    Active,
    /// It never ran: an administrator has to approve it.
    Waiting,
    /// It was switched off.
    Disabled,
}

/// A release of a plugin, as people judge it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginRelease {
    /// Its version.
    pub version: String,
    /// The SHA-256 of its file, in hex.
    pub sha256: String,
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// More, in Markdown.
    pub help: String,
    /// Name of its icon.
    pub icon: String,
    /// What it does and wants to reach, in plain words.
    pub reaches: Vec<String>,
    /// What of it was not approved yet, in plain words.
    pub asks_for: Vec<String>,
    /// Its steps.
    pub steps: Vec<PluginStep>,
    /// The key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A step of a plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginStep {
    /// Its kind in documents.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// What it does to the world: `pure`, `read` or `write`.
    pub effect: String,
}

/// How much a call of a plugin may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginLimits {
    /// Memory, in MiB (1 to 512).
    pub memory_mib: u32,
    /// Computing, in milliseconds (10 to 60,000). Waiting for other systems does not count.
    pub compute_ms: u32,
    /// The whole call, in milliseconds (100 to 300,000).
    pub whole_ms: u32,
    /// What it puts out, in KiB (1 to 16,384).
    pub output_kib: u32,
    /// Lines in the log (0 to 10,000).
    pub log_lines: u32,
    /// Calls under way at once (1 to 32).
    pub at_once: u32,
}

impl From<trunkline_plugins::Limits> for PluginLimits {
    fn from(limits: trunkline_plugins::Limits) -> Self {
        let trunkline_plugins::Limits { memory_mib, compute_ms, whole_ms, output_kib, log_lines, at_once } =
            limits;
        Self { memory_mib, compute_ms, whole_ms, output_kib, log_lines, at_once }
    }
}

impl From<PluginLimits> for trunkline_plugins::Limits {
    fn from(limits: PluginLimits) -> Self {
        let PluginLimits { memory_mib, compute_ms, whole_ms, output_kib, log_lines, at_once } = limits;
        Self { memory_mib, compute_ms, whole_ms, output_kib, log_lines, at_once }
    }
}

/// All plugins of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginList {
    /// By name.
    pub items: Vec<Plugin>,
    /// Whether every plugin has to be signed by a key that this server trusts.
    pub signatures_needed: bool,
}

/// How a file is to be taken in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BringQuery {
    /// What the SHA-256 of the file has to be, in hex.
    sha256: Option<String>,
    /// The Ed25519 key that signed it, in base64.
    key: Option<String>,
    /// Its signature, in base64.
    signature: Option<String>,
    /// Name of the file, to be shown.
    name: Option<String>,
    /// Whether it may be older than what was approved before.
    #[serde(default)]
    allow_older: bool,
}

/// A file elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchPlugin {
    /// Its address.
    pub url: String,
    /// What its SHA-256 has to be, in hex.
    pub sha256: Option<String>,
    /// The Ed25519 key that signed it, in base64.
    pub key: Option<String>,
    /// Its signature, in base64.
    pub signature: Option<String>,
    /// The plugin that it is a release of; without it, it is a new one.
    pub plugin: Option<Uuid>,
    /// Whether it may be older than what was approved before.
    #[serde(default)]
    pub allow_older: bool,
}

/// What an administrator approves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovePlugin {
    /// The SHA-256 of the release that was looked at, in hex.
    pub sha256: String,
}

/// A change of a plugin. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePlugin {
    /// The revision it is based on.
    pub revision: i64,
    /// Whether its steps run.
    pub enabled: Option<bool>,
    /// How much a call may take.
    pub limits: Option<PluginLimits>,
}

/// Workflows that use a plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginUses {
    /// By name.
    pub items: Vec<UsingWorkflow>,
}

/// A workflow that uses a plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsingWorkflow {
    /// The workflow.
    pub workflow_id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether its live version or a run that has not ended uses it, and not only the draft.
    pub live: bool,
}

pub(super) fn shown(installed: &Installed) -> Plugin {
    let status = match (&installed.live, installed.row.enabled) {
        (None, _) => PluginStatus::Waiting,
        (Some(_), true) => PluginStatus::Active,
        (Some(_), false) => PluginStatus::Disabled,
    };
    Plugin {
        id: installed.row.id,
        name: installed.row.name.clone(),
        status,
        live: installed.live.as_ref().map(|release| release_shown(installed, release)),
        pending: installed.pending.as_ref().map(|release| release_shown(installed, release)),
        limits: installed.limits.into(),
        figures: installed.figures.seen(),
        revision: installed.row.revision,
        created_at: installed.row.created_at,
        updated_at: installed.row.updated_at,
    }
}

fn release_shown(installed: &Installed, release: &Release) -> PluginRelease {
    let about = &release.description;
    let step = |step: &trunkline_plugins::description::StepAbout| PluginStep {
        kind: about.kind_of(&step.name),
        title: step.title.clone(),
        summary: step.summary.clone(),
        effect: match step.effect {
            Effect::Pure => "pure",
            Effect::Read => "read",
            Effect::Write => "write",
        }
        .into(),
    };
    PluginRelease {
        version: about.version.clone(),
        sha256: hex::encode(release.sha256),
        title: about.title.clone(),
        summary: about.summary.clone(),
        help: about.help.clone(),
        icon: about.icon.clone(),
        reaches: about.in_words(),
        asks_for: release.asks_for(&installed.approved, installed.live.as_ref()),
        steps: about.steps.iter().map(step).collect(),
        signed_by: release.signature.as_ref().map(|signature| signature.key.to_string()),
        source: release.source.clone(),
        by: release.by.clone(),
        at: release.at,
    }
}

pub(super) fn refused(refused: Refused) -> Error {
    match refused {
        Refused::File(failure) => Error::from_failure(&failure),
        Refused::Older { brought, newest } => problem::PLUGIN_OLDER
            .because(format!("it is version {brought}, and version {newest} was approved before")),
        Refused::Otherwise(why) => problem::PLUGIN_OTHERWISE.because(why),
        Refused::InUse { what, by } => {
            problem::PLUGIN_IN_USE.because(format!("{what}: used by {}", named(&by)))
        }
        Refused::Store(trunkline_store::Error::Stale { .. }) => problem::CONFLICT
            .because("the plugin was changed a moment ago")
            .advising("Load the page again and repeat the change."),
        Refused::Store(error) => error.into(),
    }
}

fn named(by: &[PluginUse]) -> String {
    let names: Vec<&str> = by.iter().take(NAMED).map(|used| used.name.as_str()).collect();
    let more = by.len().saturating_sub(names.len());
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

pub(super) fn digest(text: &str) -> Result<[u8; 32]> {
    let bytes = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| problem::INVALID.because("`sha256` must be 64 hexadecimal digits"))
}

pub(super) fn signature(key: Option<String>, signature: Option<String>) -> Result<Option<Signature>> {
    match (key, signature) {
        (None, None) => Ok(None),
        (Some(key), Some(signature)) => {
            let key = key.parse().map_err(|wrong| problem::INVALID.because(format!("`key`: {wrong}")))?;
            Ok(Some(Signature { key, signature }))
        }
        _ => Err(problem::INVALID.because("`key` and `signature` come together")),
    }
}

fn incoming(caller: &Caller, file: Vec<u8>, query: BringQuery) -> Result<Incoming> {
    Ok(Incoming {
        file,
        signature: signature(query.key, query.signature)?,
        sha256: query.sha256.as_deref().map(digest).transpose()?,
        source: trunkline_plugins::failures::said(&query.name.unwrap_or_else(|| "a file".into())),
        by: caller.name.clone(),
        allow_older: query.allow_older,
    })
}

fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<Arc<Installed>> {
    let found = app.plugins.get(caller.workspace, id);
    found.ok_or_else(|| problem::NOT_FOUND.because("there is no such plugin"))
}

/// Published workflows are compiled again with the steps there are now.
pub(super) async fn follow(app: &Shared) -> Result<()> {
    Ok(app.routes.rebuild(&app.store, app.runner.versions()).await?)
}

/// List plugins
#[utoipa::path(get, path = "/plugins", tag = "plugins", operation_id = "listPlugins",
    responses((status = 200, body = PluginList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<PluginList>> {
    let items = app.plugins.list(caller.workspace).iter().map(|one| shown(one)).collect();
    Ok(axum::Json(PluginList { items, signatures_needed: !app.config.plugin_keys.is_empty() }))
}

/// Install a plugin (at most 32 MiB); it waits for an approval
#[utoipa::path(post, path = "/plugins", tag = "plugins", operation_id = "installPlugin", params(BringQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, body = Plugin)))]
async fn install(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<BringQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, axum::Json<Plugin>)> {
    only_admins(&app, &caller).await?;
    let file = body::read(&headers, body, LARGEST_FILE).await?;
    let incoming = incoming(&caller, file.to_vec(), query)?;
    let installed = app.plugins.install(caller.workspace, incoming).await.map_err(refused)?;
    Ok((StatusCode::CREATED, axum::Json(shown(&installed))))
}

/// Bring a release of an installed plugin; it runs at once when it wants nothing new
#[utoipa::path(post, path = "/plugins/{id}/releases", tag = "plugins", operation_id = "upgradePlugin",
    params(("id" = Uuid, Path), BringQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = Plugin)))]
async fn upgrade(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<BringQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<axum::Json<Plugin>> {
    only_admins(&app, &caller).await?;
    find(&app, &caller, id)?;
    let file = body::read(&headers, body, LARGEST_FILE).await?;
    let incoming = incoming(&caller, file.to_vec(), query)?;
    let installed = app.plugins.upgrade(caller.workspace, id, incoming).await.map_err(refused)?;
    follow(&app).await?;
    Ok(axum::Json(shown(&installed)))
}

/// Install or upgrade a plugin from an address
#[utoipa::path(post, path = "/plugins/fetch", tag = "plugins", operation_id = "fetchPlugin",
    request_body = FetchPlugin, responses((status = 201, body = Plugin)))]
async fn fetch(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<FetchPlugin>,
) -> Result<(StatusCode, axum::Json<Plugin>)> {
    only_admins(&app, &caller).await?;
    let FetchPlugin { url, sha256, key, signature, plugin, allow_older } = wanted;
    let mut request = Request::new(Method::GET, url.clone());
    (request.timeout, request.max_response_bytes) = (FETCHING, LARGEST_FILE as u64);
    let fetched = app.plugins.client().send(request).await.and_then(|answer| answer.into_success());
    let fetched = fetched.map_err(|error| Error::from_failure(&error.into_failure(Utc::now(), true)))?;
    let name = Some(plain_address(&url));
    let query = BringQuery { sha256, key, signature, name, allow_older };
    let incoming = incoming(&caller, fetched.body.to_vec(), query)?;
    let brought = match plugin {
        None => app.plugins.install(caller.workspace, incoming).await,
        Some(id) => app.plugins.upgrade(caller.workspace, id, incoming).await,
    };
    let installed = brought.map_err(refused)?;
    follow(&app).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&installed))))
}

/// The address without what may be a key: a name before the host, or what stands behind a question mark.
pub(super) fn plain_address(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address.trim()) else { return "an address".into() };
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// Show a plugin
#[utoipa::path(get, path = "/plugins/{id}", tag = "plugins", operation_id = "getPlugin",
    params(("id" = Uuid, Path)), responses((status = 200, body = Plugin)))]
async fn show(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<axum::Json<Plugin>> {
    let found = find(&app, &caller, id)?;
    Ok(axum::Json(shown(&found)))
}

/// Let the release that waits run
#[utoipa::path(post, path = "/plugins/{id}/approval", tag = "plugins", operation_id = "approvePlugin",
    params(("id" = Uuid, Path)), request_body = ApprovePlugin, responses((status = 200, body = Plugin)))]
async fn approve(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<ApprovePlugin>,
) -> Result<axum::Json<Plugin>> {
    only_admins(&app, &caller).await?;
    let sha256 = digest(&wanted.sha256)?;
    let installed = app.plugins.approve(caller.workspace, id, sha256).await.map_err(refused)?;
    tracing::info!(plugin = installed.row.name, by = caller.name, "a plugin was approved");
    follow(&app).await?;
    Ok(axum::Json(shown(&installed)))
}

/// Turn the release that waits down
#[utoipa::path(delete, path = "/plugins/{id}/approval", tag = "plugins", operation_id = "turnDownPlugin",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn turn_down(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    only_admins(&app, &caller).await?;
    app.plugins.turn_down(caller.workspace, id).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switch a plugin on or off, or set its limits
#[utoipa::path(patch, path = "/plugins/{id}", tag = "plugins", operation_id = "changePlugin",
    params(("id" = Uuid, Path)), request_body = ChangePlugin, responses((status = 200, body = Plugin)))]
async fn adjust(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<ChangePlugin>,
) -> Result<axum::Json<Plugin>> {
    only_admins(&app, &caller).await?;
    let limits = wanted.limits.map(trunkline_plugins::Limits::from);
    if let Some(limits) = limits {
        limits.check().map_err(|wrong| problem::INVALID.because(wrong))?;
    }
    let changed = app.plugins.adjust(caller.workspace, id, wanted.revision, wanted.enabled, limits).await;
    let changed = changed.map_err(refused)?;
    Ok(axum::Json(shown(&changed)))
}

/// Remove a plugin that no workflow uses
#[utoipa::path(delete, path = "/plugins/{id}", tag = "plugins", operation_id = "deletePlugin",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    only_admins(&app, &caller).await?;
    app.plugins.remove(caller.workspace, id).await.map_err(refused)?;
    follow(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the workflows that use a plugin
#[utoipa::path(get, path = "/plugins/{id}/uses", tag = "plugins", operation_id = "listPluginUses",
    params(("id" = Uuid, Path)), responses((status = 200, body = PluginUses)))]
async fn used_by(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<PluginUses>> {
    let installed = find(&app, &caller, id)?;
    let uses = app.plugins.used_by(&installed).await?;
    let shown =
        |used: PluginUse| UsingWorkflow { workflow_id: used.workflow, name: used.name, live: used.live };
    Ok(axum::Json(PluginUses { items: uses.into_iter().map(shown).collect() }))
}
