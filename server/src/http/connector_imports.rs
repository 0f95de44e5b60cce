//! `/connectors/imports`: OpenAPI documents that somebody makes a connector of.

use super::body::{Json, Path, Query};
use super::connectors::{ConnectorPreview, preview, refused};
use super::erasures::only_admins;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::apps::reading::{Reading, load};
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use trunkline_connectors::openapi::{self, Choice, DraftError};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Largest request that carries a document: JSON escapes what stands in it.
const WITH_DOCUMENT: usize = 2 * openapi::MOST_BYTES + 64 * 1024;
/// Largest request that carries a choice.
const WITH_CHOICE: usize = 2 * 1024 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(begin)).routes(routes!(show)).routes(routes!(draft))
}

/// A document to make a connector of: its text, or where it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginConnectorImport {
    /// The text: JSON or YAML.
    pub text: Option<String>,
    /// The name of the file it comes from.
    #[serde(default)]
    pub name: String,
    /// Where it is loaded from instead; only public addresses, and those an administrator allowed.
    pub url: Option<String>,
    /// The installed connector that this is a newer document of. Without it, one from the same place or with the same title
    /// is looked for.
    pub again: Option<String>,
}

/// What a document is looked at for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// The installed connector that this is a newer document of.
    pub again: Option<String>,
}

/// A document and what was guessed of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectorImport {
    /// Its id.
    pub id: Uuid,
    /// Where it came from.
    pub source: String,
    /// Whether that is an address.
    pub loaded: bool,
    /// The specification it follows.
    pub specification: String,
    /// What the API is called.
    pub title: String,
    /// Its own version.
    pub api_version: String,
    /// What it is for.
    pub summary: String,
    /// A name for the connector that no other app has.
    pub name: String,
    /// Addresses the document proposes. None is trusted before it is confirmed.
    pub servers: Vec<ProposedServer>,
    /// Ways to sign in, the usual one first.
    pub auth: Vec<ProposedAuth>,
    /// Whether the ways to sign in are guesses, because the document says nothing of them.
    pub auth_is_guess: bool,
    /// Where errors are read from, as an expression.
    pub says: String,
    /// What errors mean, as rules of a manifest.
    pub faults: Vec<Value>,
    /// What it can do.
    pub operations: Vec<ImportOperation>,
    /// What could not be used as it stands.
    pub problems: Vec<ImportRemark>,
    /// The connector that there is of an earlier document, and what was chosen of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierImport>,
}

/// An address that a document proposes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedServer {
    /// The address; may use `settings`.
    pub url: String,
    /// What the document says about it.
    pub about: String,
    /// The hosts it leads to.
    pub hosts: Vec<String>,
    /// What is asked when the app is connected.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub settings: Map<String, Value>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// A way to sign in that was guessed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedAuth {
    /// As a manifest says it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub auth: Value,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// An operation of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOperation {
    /// Method and path, which name it.
    pub key: String,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// A name for the action.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// What it belongs to.
    pub tags: Vec<String>,
    /// Where it lives, when that is elsewhere than the rest of the API. A connector has one address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// Why it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// Names of what it is given.
    pub inputs: Vec<String>,
    /// Names of what it must be given.
    pub required: Vec<String>,
    /// What a write promises, as a manifest says it; `null` for what only reads.
    pub write: Value,
    /// How its list comes in pages, as a manifest says it; `null` for what has none.
    pub paging: Value,
    /// What could not be used as it stands.
    pub problems: Vec<ImportRemark>,
}

/// Something in a document that could not be used as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportRemark {
    /// Where, as a JSON Pointer.
    pub at: String,
    /// The line, where the document has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What, and what was done about it.
    pub message: String,
}

/// What was chosen earlier.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarlierImport {
    /// The connector.
    pub name: String,
    /// What was chosen, as `draft` takes it.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub choice: Value,
}

/// What was chosen of a document, confirmed and corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftConnector {
    /// The choice: `id`, `name`, `base_url`, `hosts`, `settings`, `auth`, `operations` and more.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub choice: Value,
}

/// A manifest made of a choice.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftedConnector {
    /// Its text.
    pub manifest: String,
    /// What was left out, and what could not be used as it stands.
    pub problems: Vec<ImportRemark>,
    /// What installing it would do.
    pub preview: ConnectorPreview,
}

fn problem_shown(problem: &openapi::Problem) -> ImportRemark {
    ImportRemark { at: problem.at.clone(), line: problem.line, message: problem.message.clone() }
}

fn shown(app: &Shared, caller: &Caller, reading: &Reading, again: Option<&str>) -> ConnectorImport {
    let survey = &reading.survey;
    let operation = |found: &openapi::FoundOperation| ImportOperation {
        key: found.key.clone(),
        method: found.method.clone(),
        path: found.path.clone(),
        name: found.name.clone(),
        title: found.title.clone(),
        summary: found.summary.clone(),
        tags: found.tags.clone(),
        address: found.address.clone(),
        deprecated: found.deprecated,
        unsupported: found.unsupported.clone(),
        inputs: found.inputs.clone(),
        required: found.required.clone(),
        write: found.write.clone(),
        paging: found.paging.clone(),
        problems: found.problems.iter().map(problem_shown).collect(),
    };
    let server = |found: &openapi::Proposal| ProposedServer {
        url: found.url.clone(),
        about: found.about.clone(),
        hosts: found.hosts.clone(),
        settings: found.settings.clone(),
        notes: found.notes.clone(),
    };
    let auth = |found: &openapi::WayIn| ProposedAuth { auth: found.auth.clone(), notes: found.notes.clone() };
    ConnectorImport {
        id: reading.id,
        source: reading.source.clone(),
        loaded: reading.loaded,
        specification: survey.version.clone(),
        title: survey.title.clone(),
        api_version: survey.api_version.clone(),
        summary: survey.summary.clone(),
        name: app.apps.free_name(caller.workspace, &survey.id),
        servers: survey.servers.iter().map(server).collect(),
        auth: survey.auth.iter().map(auth).collect(),
        auth_is_guess: survey.auth_is_guess,
        says: survey.says.clone(),
        faults: survey.faults.clone(),
        operations: survey.operations.iter().map(operation).collect(),
        problems: survey.problems.iter().map(problem_shown).collect(),
        earlier: earlier(app, caller, reading, again),
    }
}

/// The installed connector called `again`; without that, the one that came from the same place, or whose document had the
/// same title.
fn earlier(app: &Shared, caller: &Caller, reading: &Reading, again: Option<&str>) -> Option<EarlierImport> {
    use crate::apps::Installed;
    let installed = app.apps.installed(caller.workspace);
    let is_said = |one: &Installed, field: &str, value: &str| {
        one.row.origin.get(field).and_then(Value::as_str) == Some(value)
    };
    let found = match again {
        Some(name) => installed.iter().find(|one| one.row.name == name),
        None => {
            let from_here = |one: &&Installed| reading.loaded && is_said(one, "source", &reading.source);
            let titled = |one: &&Installed| is_said(one, "title", &reading.survey.title);
            installed.iter().find(from_here).or_else(|| installed.iter().find(titled))
        }
    }?;
    let kept = found.row.origin.get("choice").cloned();
    let kept = kept.and_then(|choice| serde_json::from_value::<Choice>(choice).ok());
    // One that was installed as a manifest says itself what was chosen.
    let choice = kept.or_else(|| Choice::like(&found.text, &reading.survey))?;
    Some(EarlierImport { name: found.row.name.clone(), choice: serde_json::to_value(choice).ok()? })
}

async fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<Arc<Reading>> {
    app.apps.import(caller.workspace, id).await?.ok_or_else(|| problem::IMPORT_GONE.plain())
}

/// Read an OpenAPI document
#[utoipa::path(post, path = "/connectors/imports", tag = "connectors", operation_id = "beginConnectorImport",
    request_body = BeginConnectorImport, responses((status = 201, body = ConnectorImport)))]
async fn begin(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<BeginConnectorImport, WITH_DOCUMENT>,
) -> Result<(StatusCode, axum::Json<ConnectorImport>)> {
    only_admins(&app, &caller).await?;
    let (source, loaded, text) = match (wanted.text, wanted.url) {
        (Some(text), None) => {
            let name: String = wanted.name.trim().chars().take(200).collect();
            (if name.is_empty() { "openapi".into() } else { name }, false, text)
        }
        (None, Some(url)) => {
            let url = url.trim().to_owned();
            if url.len() > 2_000 {
                return Err(problem::INVALID.because("`url` is longer than 2,000 letters"));
            }
            let text = load(app.connections.client(), &url).await;
            let text = text.map_err(|error| problem::NOT_LOADED.because(error.to_string()))?;
            (url, true, text)
        }
        _ => return Err(problem::INVALID.because("say either `text` or `url`")),
    };
    let reading = app.apps.begin_import(caller.workspace, source, loaded, text).await?;
    let reading = reading.map_err(|error| problem::NO_DOCUMENT.because(error.to_string()))?;
    let shown = shown(&app, &caller, &reading, wanted.again.as_deref());
    Ok((StatusCode::CREATED, axum::Json(shown)))
}

/// Show an OpenAPI document that was read
#[utoipa::path(get, path = "/connectors/imports/{id}", tag = "connectors", operation_id = "getConnectorImport",
    params(("id" = Uuid, Path), ImportQuery), responses((status = 200, body = ConnectorImport)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(wanted): Query<ImportQuery>,
) -> Result<axum::Json<ConnectorImport>> {
    only_admins(&app, &caller).await?;
    let reading = find(&app, &caller, id).await?;
    Ok(axum::Json(shown(&app, &caller, &reading, wanted.again.as_deref())))
}

/// Make a manifest of what was chosen
#[utoipa::path(post, path = "/connectors/imports/{id}/draft", tag = "connectors", operation_id = "draftConnector",
    params(("id" = Uuid, Path)), request_body = DraftConnector, responses((status = 200, body = DraftedConnector)))]
async fn draft(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<DraftConnector, WITH_CHOICE>,
) -> Result<axum::Json<DraftedConnector>> {
    only_admins(&app, &caller).await?;
    let choice: Choice = serde_json::from_value(wanted.choice)
        .map_err(|error| problem::WRONG_FIELD.because(format!("`choice`: {error}")))?;
    let reading = find(&app, &caller, id).await?;
    let drafted = tokio::task::spawn_blocking(move || reading.document.draft(&choice)).await;
    let drafted = drafted.map_err(|error| problem::INTERNAL.because(error.to_string()))?;
    let drafted = drafted.map_err(|error| match error {
        DraftError::Refused(found) => refused(&found),
        other => problem::NO_CONNECTOR.because(other.to_string()),
    })?;
    let candidate =
        app.apps.candidate(caller.workspace, &drafted.yaml).map_err(super::connectors::not_installed)?;
    let preview = preview(&app, &caller, candidate).await?;
    let problems = drafted.problems.iter().map(problem_shown).collect();
    Ok(axum::Json(DraftedConnector { manifest: drafted.yaml, problems, preview }))
}
