//! `/connectors`: connectors that administrators install, upgrade, switch off and remove.

use super::apps::{ConnectableApp, shown as app_shown};
use super::body::{Json, Path};
use super::documents::{Problem, Severity};
use super::erasures::only_admins;
use super::plugins::{digest, plain_address, signature};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::apps::Installed;
use crate::apps::install::{Approval, Candidate, InstallError};
use crate::apps::reading::load;
use crate::apps::trying::{With, attempt};
use crate::apps::vouched::Vouched;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_connectors::credentials::Secrets;
use trunkline_connectors::manifest::action::Repeat;
use trunkline_connectors::manifest::compare::{ActionNote, Difference};
use trunkline_connectors::manifest::{Manifest, Refused};
use trunkline_engine::failure::Failure;
use trunkline_store::ports::{ConnectorUse, ConnectorUser};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest request that carries a manifest, in bytes; the manifest itself may have 4 MiB.
pub(super) const WITH_MANIFEST: usize = 10 * 1024 * 1024;

/// The secret that calls with a token go by.
const ACCESS_TOKEN: &str = "access_token";

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, install))
        .routes(routes!(check))
        .routes(routes!(fetch))
        .routes(routes!(attempted))
        .routes(routes!(show, change, remove))
}

/// An installed connector.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstalledConnector {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The manifest's own version.
    pub version: String,
    /// The edition that new work goes by.
    pub edition: i64,
    /// Whether its steps are offered and run.
    pub enabled: bool,
    /// How many actions it has.
    pub actions: usize,
    /// Why it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Where it came from, and what was chosen then.
    pub origin: Value,
    /// When it was installed first.
    pub installed_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Installed connectors.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstalledConnectorList {
    /// By name.
    pub items: Vec<InstalledConnector>,
}

/// An installed connector with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorDetail {
    /// The connector.
    pub connector: InstalledConnector,
    /// The text of its manifest.
    pub manifest: String,
    /// Editions that are still there, the newest first.
    pub editions: Vec<ConnectorEdition>,
    /// What uses it.
    pub used_by: Vec<UsedBy>,
}

/// An edition of a connector.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorEdition {
    /// Its number.
    pub edition: i64,
    /// The manifest's own version.
    pub version: String,
    /// What changed since the one before.
    pub changes: Vec<String>,
    /// Who installed it, if that person is still here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed_by: Option<String>,
    /// When.
    pub installed_at: DateTime<Utc>,
}

/// What uses a connector.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedBy {
    /// What it is.
    pub kind: UserKind,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What sort of thing uses a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConnectorUserKind)]
pub enum UserKind {
    /// The live version of a workflow.
    Live,
    /// The draft of a workflow.
    Draft,
    /// Unfinished runs of an older version of a workflow.
    Runs,
    /// A connected account.
    Connection,
}

/// A manifest to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckConnector {
    /// Its text.
    pub manifest: String,
}

/// A manifest elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchManifest {
    /// Its address.
    pub url: String,
}

/// A manifest that was fetched; nothing is installed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FetchedManifest {
    /// Its text.
    pub manifest: String,
    /// Where it came from, without what may be a key.
    pub source: String,
}

/// What installing a manifest would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorPreview {
    /// The app as people would see it.
    pub app: ConnectableApp,
    /// The edition that is installed now; `null` for a new connector.
    pub base_edition: Option<i64>,
    /// What would change; `null` for a new connector.
    pub difference: Option<ConnectorDifference>,
    /// What uses it now.
    pub used_by: Vec<UsedBy>,
    /// What its actions are given, to try them out.
    pub actions: Vec<ActionInputs>,
}

/// What an action is given.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionInputs {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Whether it changes something in the app.
    pub writes: bool,
    /// What a write promises.
    pub promise: String,
    /// The properties of a JSON Schema.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub properties: Map<String, Value>,
    /// Those that must be given.
    pub required: Vec<String>,
    /// An example of what is given.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub example: Map<String, Value>,
}

/// What changes from one manifest to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorDifference {
    /// Actions that are new.
    pub added: Vec<ActionChange>,
    /// Actions that go.
    pub removed: Vec<ActionChange>,
    /// Actions that are another.
    pub changed: Vec<ActionChange>,
    /// Hosts that would get the credentials and do not get them now. They have to be confirmed.
    pub new_hosts: Vec<String>,
    /// What else changes.
    pub other: Vec<String>,
}

/// An action of a difference.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionChange {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What changes.
    pub changes: Vec<String>,
    /// Whether steps that use it have to be looked at.
    pub breaks: bool,
}

/// A connector to be installed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallConnector {
    /// The text of its manifest.
    pub manifest: String,
    /// The edition it takes the place of, as the preview said; absent for a new connector.
    pub base_edition: Option<i64>,
    /// New hosts that get the credentials, as the preview listed them.
    #[serde(default)]
    pub confirm_hosts: Vec<String>,
    /// What the SHA-256 of the manifest has to be, in hex.
    pub sha256: Option<String>,
    /// The key that signed it, in base64.
    pub key: Option<String>,
    /// Its signature, in base64.
    pub signature: Option<String>,
    /// Whether it may be older than what was installed before.
    #[serde(default)]
    pub allow_older: bool,
    /// Where it comes from: what is needed to import it again.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub origin: Map<String, Value>,
}

/// A change of a connector.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeConnector {
    /// Whether its steps are offered and run.
    pub enabled: bool,
}

/// An action to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryAction {
    /// The text of the manifest.
    pub manifest: String,
    /// The action's name.
    pub action: String,
    /// What it is given.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub input: Map<String, Value>,
    /// An account that is connected; otherwise credentials are typed in.
    pub connection: Option<Uuid>,
    /// The way to sign in.
    #[serde(default)]
    pub auth: String,
    /// What the manifest asks and is no secret.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub settings: Map<String, Value>,
    /// What the way to sign in asks. It is used for this one call and forgotten.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

/// What came of trying an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedAction {
    /// What was sent first, without what proves who we are.
    pub request: Value,
    /// Whether the app accepted it.
    pub ok: bool,
    /// What a step would put out.
    pub output: Value,
    /// Why a step would fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<TrialError>,
}

/// Why a step would fail.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialError {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub action: String,
}

fn shown(one: Installed) -> InstalledConnector {
    let Installed { row, manifest, .. } = one;
    let (title, version, actions, trouble) = match &manifest {
        Ok(manifest) => (manifest.name.clone(), manifest.version.clone(), manifest.actions.len(), None),
        Err(trouble) => (row.name.clone(), String::new(), 0, Some(trouble.clone())),
    };
    InstalledConnector {
        name: row.name,
        title,
        version,
        edition: row.edition,
        enabled: row.enabled,
        actions,
        trouble,
        origin: row.origin,
        installed_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn user(used: ConnectorUse) -> UsedBy {
    let kind = match used.kind {
        ConnectorUser::Live => UserKind::Live,
        ConnectorUser::Draft => UserKind::Draft,
        ConnectorUser::Runs => UserKind::Runs,
        ConnectorUser::Connection => UserKind::Connection,
    };
    UsedBy { kind, id: used.id, name: used.name }
}

fn difference(difference: Difference) -> ConnectorDifference {
    let change = |note: ActionNote| ActionChange {
        name: note.name,
        title: note.title,
        changes: note.changes,
        breaks: note.breaks,
    };
    ConnectorDifference {
        added: difference.added.into_iter().map(change).collect(),
        removed: difference.removed.into_iter().map(change).collect(),
        changed: difference.changed.into_iter().map(change).collect(),
        new_hosts: difference.new_hosts,
        other: difference.other,
    }
}

/// What installing `candidate` would do.
pub(super) async fn preview(app: &Shared, caller: &Caller, candidate: Candidate) -> Result<ConnectorPreview> {
    let used_by = app.store.connectors.used_by(caller.workspace, candidate.manifest.id.clone()).await?;
    Ok(ConnectorPreview {
        app: app_shown(&candidate.manifest),
        base_edition: candidate.base,
        difference: candidate.difference.map(difference),
        used_by: used_by.into_iter().map(user).collect(),
        actions: candidate
            .manifest
            .actions
            .iter()
            .map(|(name, action)| ActionInputs {
                name: name.clone(),
                title: action.title.clone(),
                writes: !action.only_reads(),
                promise: action.write.as_ref().map_or("Only reads.", Repeat::in_words).to_owned(),
                properties: action.input.properties.clone().into_iter().collect(),
                required: action.input.required.iter().cloned().collect(),
                example: action.examples.first().map(|example| example.input.clone()).unwrap_or_default(),
            })
            .collect(),
    })
}

/// The problems of a manifest, each with its place.
pub(super) fn refused(refused: &Refused) -> Error {
    let problems = refused.0.iter().take(100).map(|found| Problem {
        code: "CONN-0001".into(),
        severity: Severity::Error,
        step: None,
        field: Some(found.path.clone()),
        message: if found.line > 0 {
            format!("line {}, column {}: {}", found.line, found.column, found.message)
        } else {
            found.message.clone()
        },
        action: "Correct this line.".into(),
    });
    let first = refused.0.first().map(ToString::to_string).unwrap_or_default();
    let more = refused.0.len().saturating_sub(1);
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    problem::MANIFEST_PROBLEMS.because(format!("{first}{more}")).listing(problems.collect())
}

pub(super) fn not_installed(error: InstallError) -> Error {
    use trunkline_store::Error as Store;
    match error {
        InstallError::Refused(found) => refused(&found),
        InstallError::Taken(_) => problem::CONNECTOR_NAME.because(error.to_string()),
        InstallError::NewHosts(_) => problem::NEW_HOSTS.because(error.to_string()),
        InstallError::Unvouched(failure) => Error::from_failure(&failure),
        InstallError::Older { .. } => problem::PLUGIN_OLDER.because(error.to_string()),
        InstallError::Store(Store::Stale { .. } | Store::Conflict(_)) => problem::CONFLICT
            .because("another edition of the connector was installed meanwhile")
            .advising("Look at the difference again, then install it."),
        InstallError::Store(Store::NotFound(_)) => problem::CONFLICT
            .because("the connector was removed meanwhile")
            .advising("Look at the difference again, then install it."),
        InstallError::Store(other) => other.into(),
    }
}

fn find(app: &Shared, caller: &Caller, name: &str) -> Result<Installed> {
    let found = app.apps.one_installed(caller.workspace, name);
    found.ok_or_else(|| problem::NOT_FOUND.because(format!("no connector called {name} is installed")))
}

/// List installed connectors
#[utoipa::path(get, path = "/connectors", tag = "connectors", operation_id = "listConnectors",
    responses((status = 200, body = InstalledConnectorList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<InstalledConnectorList>> {
    let items = app.apps.installed(caller.workspace).into_iter().map(shown).collect();
    Ok(axum::Json(InstalledConnectorList { items }))
}

/// Read a manifest from an address; it is checked and installed like one that was uploaded
#[utoipa::path(post, path = "/connectors/fetch", tag = "connectors", operation_id = "fetchManifest",
    request_body = FetchManifest, responses((status = 200, body = FetchedManifest)))]
async fn fetch(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<FetchManifest>,
) -> Result<axum::Json<FetchedManifest>> {
    only_admins(&app, &caller).await?;
    let manifest = load(app.connections.client(), wanted.url.trim()).await;
    let manifest = manifest.map_err(|error| Error::from_failure(&error.into_failure(Utc::now(), true)))?;
    Ok(axum::Json(FetchedManifest { manifest, source: plain_address(&wanted.url) }))
}

/// See what installing a manifest would do
#[utoipa::path(post, path = "/connectors/check", tag = "connectors", operation_id = "checkConnector",
    request_body = CheckConnector, responses((status = 200, body = ConnectorPreview)))]
async fn check(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CheckConnector, WITH_MANIFEST>,
) -> Result<axum::Json<ConnectorPreview>> {
    only_admins(&app, &caller).await?;
    let candidate = app.apps.candidate(caller.workspace, &wanted.manifest).map_err(not_installed)?;
    Ok(axum::Json(preview(&app, &caller, candidate).await?))
}

/// Install or upgrade a connector
#[utoipa::path(post, path = "/connectors", tag = "connectors", operation_id = "installConnector",
    request_body = InstallConnector, responses((status = 201, body = InstalledConnector)))]
async fn install(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<InstallConnector, WITH_MANIFEST>,
) -> Result<(StatusCode, axum::Json<InstalledConnector>)> {
    only_admins(&app, &caller).await?;
    let candidate = app.apps.candidate(caller.workspace, &wanted.manifest).map_err(not_installed)?;
    let name = candidate.manifest.id.clone();
    let origin = Value::Object(wanted.origin);
    if origin.to_string().len() > 1024 * 1024 {
        return Err(problem::INVALID.because("`origin` is larger than 1 MiB"));
    }
    let sha256 = wanted.sha256.as_deref().map(digest).transpose()?;
    let vouched = Vouched { sha256, signature: signature(wanted.key, wanted.signature)? };
    let approval = Approval {
        base: wanted.base_edition,
        hosts: wanted.confirm_hosts,
        vouched,
        allow_older: wanted.allow_older,
        origin,
        by: caller.user,
    };
    let edition = app.apps.install(caller.workspace, candidate, approval).await.map_err(not_installed)?;
    tracing::info!(connector = name, edition, by = caller.name, "a connector was installed");
    // What could not run for want of this connector runs now.
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(find(&app, &caller, &name)?))))
}

/// Try an action out with one real call
#[utoipa::path(post, path = "/connectors/try", tag = "connectors", operation_id = "tryAction",
    request_body = TryAction, responses((status = 200, body = TriedAction)))]
async fn attempted(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<TryAction, WITH_MANIFEST>,
) -> Result<axum::Json<TriedAction>> {
    only_admins(&app, &caller).await?;
    let manifest = Arc::new(Manifest::read(&wanted.manifest).map_err(|found| refused(&found))?);
    let with = match wanted.connection {
        Some(id) => With::Connection(id),
        None => {
            let auth = super::connections::way(&manifest, &wanted.auth)?;
            let mut secrets = Secrets::default();
            if auth.grant.token().is_none() {
                secrets = super::connections::acceptable_secrets(auth, &wanted.secrets)?;
            } else if let Some(token) = wanted.secrets.get(ACCESS_TOKEN) {
                // Signing in takes the app's own page; a token that it gave elsewhere does for a trial.
                secrets.set(ACCESS_TOKEN, token.trim());
            }
            let settings = super::connections::acceptable_settings(&manifest, auth, &wanted.settings)?;
            With::Typed { auth: wanted.auth, settings, secrets }
        }
    };
    let tried =
        attempt(&app.connections, caller.workspace, &manifest, &wanted.action, wanted.input, with).await;
    let tried = tried.map_err(|failure| Error::from_failure(&failure))?;
    let (output, error) = match tried.outcome {
        Ok(output) => (output, None),
        Err(Failure { code, message, action, .. }) => {
            let (code, message, action) = (code.to_string(), message, action);
            (Value::Null, Some(TrialError { code, message, action }))
        }
    };
    Ok(axum::Json(TriedAction { request: tried.request, ok: error.is_none(), output, error }))
}

/// Show an installed connector
#[utoipa::path(get, path = "/connectors/{name}", tag = "connectors", operation_id = "getConnector",
    params(("name" = String, Path)), responses((status = 200, body = ConnectorDetail)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<axum::Json<ConnectorDetail>> {
    let found = find(&app, &caller, &name)?;
    let editions = app.store.connectors.editions(caller.workspace, name.clone()).await?;
    let used_by = app.store.connectors.used_by(caller.workspace, name).await?;
    Ok(axum::Json(ConnectorDetail {
        manifest: found.text.to_string(),
        connector: shown(found),
        editions: editions
            .into_iter()
            .map(|edition| ConnectorEdition {
                edition: edition.id,
                version: edition.version,
                changes: edition.changes,
                installed_by: edition.installed_by,
                installed_at: edition.created_at,
            })
            .collect(),
        used_by: used_by.into_iter().map(user).collect(),
    }))
}

/// Switch a connector on or off
#[utoipa::path(patch, path = "/connectors/{name}", tag = "connectors", operation_id = "changeConnector",
    params(("name" = String, Path)), request_body = ChangeConnector, responses((status = 200, body = InstalledConnector)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
    Json(wanted): Json<ChangeConnector>,
) -> Result<axum::Json<InstalledConnector>> {
    only_admins(&app, &caller).await?;
    find(&app, &caller, &name)?;
    app.store.connectors.switch(caller.workspace, name.clone(), wanted.enabled).await?;
    app.apps.reload(caller.workspace).await?;
    tracing::info!(connector = name, enabled = wanted.enabled, by = caller.name, "a connector was switched");
    Ok(axum::Json(shown(find(&app, &caller, &name)?)))
}

/// Remove a connector that nothing uses
#[utoipa::path(delete, path = "/connectors/{name}", tag = "connectors", operation_id = "removeConnector",
    params(("name" = String, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode> {
    only_admins(&app, &caller).await?;
    find(&app, &caller, &name)?;
    let uses = app.store.connectors.remove(caller.workspace, name.clone()).await?;
    if uses.is_empty() {
        app.apps.reload(caller.workspace).await?;
        tracing::info!(connector = name, by = caller.name, "a connector was removed");
        return Ok(StatusCode::NO_CONTENT);
    }
    let words = |used: &ConnectorUse| match used.kind {
        ConnectorUser::Live => format!("the workflow {}", used.name),
        ConnectorUser::Draft => format!("the draft of {}", used.name),
        ConnectorUser::Runs => format!("unfinished runs of {}", used.name),
        ConnectorUser::Connection => format!("the connection {}", used.name),
    };
    let few: Vec<String> = uses.iter().take(5).map(words).collect();
    let more =
        if uses.len() > few.len() { format!(" and {} more", uses.len() - few.len()) } else { String::new() };
    Err(problem::CONNECTOR_IN_USE.because(format!("it is used by {}{more}", few.join(", "))))
}
