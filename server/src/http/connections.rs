//! `/connections`: accounts in other systems. Secrets go in and never come out.

use super::body::{Json, Path, Query};
use super::erasures::only_admins;
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::connections::{AppField, Connections, FieldList, Trouble};
use crate::runner::WARN_OF_END;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_connectors::credentials::Secrets;
use trunkline_connectors::interpreter::signature::secret_name;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::auth::{Auth, Grant};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{Connection as Row, ConnectionUse};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Longest secret, in bytes: a private key fits.
const LONGEST_SECRET: usize = 16 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(test))
        .routes(routes!(authorize))
        .routes(routes!(used_by))
        .routes(routes!(fields))
}

/// An account in another system, without what proves who we are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connection {
    /// Id.
    pub id: Uuid,
    /// The app.
    pub app: String,
    /// What people call it.
    pub name: String,
    /// The way to sign in.
    pub auth: String,
    /// What is known of the account and is no secret.
    pub settings: Value,
    /// How it is.
    pub status: ConnectionStatus,
    /// What the account is called at the app, as the last test found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When a person has to connect it again; `null` while it goes on by itself.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was last tested.
    pub tested_at: Option<DateTime<Utc>>,
    /// Why it did not work when it was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// The app's calls of the day, if it allows only so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<CallsOfTheDay>,
    /// Counts changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// It works, for all anyone knows.
    Connected,
    /// An administrator still has to allow access at the app.
    Pending,
    /// A person has to connect it again soon.
    EndsSoon,
    /// It did not work when it was last used.
    Broken,
}

/// An app's calls of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsOfTheDay {
    /// Calls so far.
    pub used: u64,
    /// Calls allowed.
    pub of: u64,
    /// Calls at midnight UTC if it goes on like this.
    pub expected: u64,
    /// When they will be used up, if that is today.
    pub used_up_at: Option<DateTime<Utc>>,
}

/// All connections of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionList {
    /// By name.
    pub items: Vec<Connection>,
}

/// An account to be connected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConnection {
    /// The app.
    pub app: String,
    /// What people call it.
    pub name: String,
    /// The way to sign in.
    pub auth: String,
    /// What the app's manifest asks and is no secret.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub settings: Map<String, Value>,
    /// What the way to sign in asks.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// When what is entered ends, if it does: people and error workflows are warned before.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
}

/// A change of a connection. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeConnection {
    /// What people call it.
    pub name: Option<String>,
    /// All of what the way to sign in asks, anew.
    pub secrets: Option<BTreeMap<String, String>>,
    /// All of what the manifest asks and is no secret. Comes with `secrets`, because it may say where they go, unless
    /// only limits change.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    pub settings: Option<Map<String, Value>>,
    /// When what was entered ends; `null` when it does not. Other secrets have no end unless it is said with them.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub ends_at: Option<Option<DateTime<Utc>>>,
}

/// Tells what is `null` from what is absent.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<DateTime<Utc>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Where an administrator allows access.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authorization {
    /// The app's page; good for 15 minutes.
    pub url: String,
}

/// What uses a connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionUses {
    /// By name.
    pub items: Vec<UseOfConnection>,
}

/// Something that uses a connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseOfConnection {
    /// `workflow` or `enrichment_waterfall`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether its live version uses it, and not only the draft.
    pub live: bool,
}

/// Fields of an app.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppFields {
    /// By label.
    pub items: Vec<AppField>,
    /// When they were read from the app.
    pub read_at: DateTime<Utc>,
    /// Why they could not be read anew; what is given is older than it was meant to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// How fields of an app are read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FieldQuery {
    /// Whether they are read from the app even if they are known.
    #[serde(default)]
    pub anew: bool,
    /// What the form holds so far, as JSON, for fields that depend on it, such as the columns of a table.
    #[serde(default)]
    pub given: String,
}

fn shown(app: &Shared, workspace: WorkspaceId, row: Row) -> Connection {
    let ends_at = Connections::ends_at(&row);
    let trouble: Option<Trouble> =
        row.trouble.clone().and_then(|trouble| serde_json::from_value(trouble).ok());
    let ends_soon = ends_at.is_some_and(|end| end <= Utc::now() + WARN_OF_END);
    let status = match (row.pending, trouble.is_some(), ends_soon) {
        (true, ..) => ConnectionStatus::Pending,
        (_, true, _) => ConnectionStatus::Broken,
        (_, _, true) => ConnectionStatus::EndsSoon,
        _ => ConnectionStatus::Connected,
    };
    let calls = app.connections.forecast(workspace, &row).map(|forecast| CallsOfTheDay {
        used: forecast.used,
        of: forecast.of,
        expected: forecast.expected,
        used_up_at: forecast.used_up_at,
    });
    let Row { id, app, name, auth, settings, account, tested_at, revision, created_at, updated_at, .. } = row;
    Connection {
        id,
        app,
        name,
        auth,
        settings,
        status,
        account,
        ends_at,
        tested_at,
        trouble,
        calls,
        revision,
        created_at,
        updated_at,
    }
}

async fn find(app: &Shared, caller: &Caller, id: Uuid) -> Result<Row> {
    let row = app.store.connections.get(caller.workspace, id).await?;
    row.ok_or_else(|| problem::NOT_FOUND.because("there is no such connection"))
}

pub(super) fn way<'a>(manifest: &'a Manifest, auth: &str) -> Result<&'a Auth> {
    let way = manifest.auth(auth);
    way.ok_or_else(|| {
        problem::INVALID.because(format!("{} has no way to sign in called {auth}", manifest.name))
    })
}

fn acceptable_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(problem::INVALID.because("`name` must have 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

pub(super) fn acceptable_settings(
    manifest: &Manifest,
    auth: &Auth,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    manifest.settings_from(given, &auth.id).map_err(|what| problem::INVALID.because(what))
}

/// Settings that differ from those of `row` in limits alone: any other may say where secrets go, which are then entered
/// together with it.
fn other_limits(
    manifest: &Manifest,
    auth: &Auth,
    row: &Row,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let new = acceptable_settings(manifest, auth, given)?;
    let is_limit = |schema: &Value| schema.get("x-limit").is_some();
    let mut others = manifest.settings.iter().filter(|(_, schema)| !is_limit(schema));
    if others.all(|(name, _)| row.settings.get(name) == new.get(name)) {
        Ok(new)
    } else {
        Err(problem::INVALID
            .because("`settings` may say where secrets go, so they are entered again with it"))
    }
}

pub(super) fn acceptable_secrets(auth: &Auth, given: &BTreeMap<String, String>) -> Result<Secrets> {
    let entries = auth.entries();
    let mut secrets = Secrets::default();
    for (name, value) in given {
        if !entries.iter().any(|entry| entry.name == *name) {
            return Err(problem::INVALID.because(format!("`secrets.{name}` is not known")));
        }
        if value.len() > LONGEST_SECRET {
            return Err(problem::INVALID.because(format!("`secrets.{name}` is too long")));
        }
    }
    for entry in entries {
        let value = given.get(&entry.name).map(|value| value.trim()).filter(|value| !value.is_empty());
        match value {
            Some(value) => secrets.set(&entry.name, value),
            None if entry.is_optional => {}
            None => return Err(problem::INVALID.because(format!("`secrets.{}` is missing", entry.name))),
        }
    }
    Ok(secrets)
}

/// List connections
#[utoipa::path(get, path = "/connections", tag = "connections", operation_id = "listConnections",
    responses((status = 200, body = ConnectionList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<ConnectionList>> {
    let rows = app.store.connections.list(caller.workspace).await?;
    Ok(axum::Json(ConnectionList {
        items: rows.into_iter().map(|row| shown(&app, caller.workspace, row)).collect(),
    }))
}

/// Connect an account
#[utoipa::path(post, path = "/connections", tag = "connections", operation_id = "createConnection",
    request_body = CreateConnection, responses((status = 201, body = Connection)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateConnection>,
) -> Result<(StatusCode, axum::Json<Connection>)> {
    only_admins(&app, &caller).await?;
    let manifest = app.apps.get(caller.workspace, &wanted.app);
    let manifest =
        manifest.ok_or_else(|| problem::INVALID.because(format!("there is no app {}", wanted.app)))?;
    let auth = way(&manifest, &wanted.auth)?;
    let secrets = acceptable_secrets(auth, &wanted.secrets)?;
    let settings = acceptable_settings(&manifest, auth, &wanted.settings)?;
    let now = Utc::now();
    let mut row = Row {
        id: Uuid::now_v7(),
        app: wanted.app,
        name: acceptable_name(&wanted.name)?,
        auth: wanted.auth,
        settings: Value::Object(settings),
        sealed: Vec::new(),
        seal_key: Vec::new(),
        pending: matches!(auth.grant, Grant::AuthorizationCode { .. }),
        revision: 1,
        expires_at: None,
        renews: auth.grant.token().is_some(),
        ends_at: wanted.ends_at,
        warned: None,
        account: None,
        tested_at: None,
        trouble: None,
        calls: None,
        created_at: now,
        updated_at: now,
    };
    app.connections.seal(caller.workspace, &mut row, &secrets);
    app.store.connections.add(caller.workspace, row.clone()).await?;
    tracing::info!(connection = %row.id, app = row.app, "an account was connected");
    Ok((StatusCode::CREATED, axum::Json(shown(&app, caller.workspace, row))))
}

/// Show a connection
#[utoipa::path(get, path = "/connections/{id}", tag = "connections", operation_id = "getConnection",
    params(("id" = Uuid, Path)), responses((status = 200, body = Connection)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Connection>> {
    let row = find(&app, &caller, id).await?;
    Ok(axum::Json(shown(&app, caller.workspace, row)))
}

/// Rename a connection, change its limits, or enter its secrets anew
#[utoipa::path(patch, path = "/connections/{id}", tag = "connections", operation_id = "changeConnection",
    params(("id" = Uuid, Path)), request_body = ChangeConnection, responses((status = 200, body = Connection)))]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<ChangeConnection>,
) -> Result<axum::Json<Connection>> {
    only_admins(&app, &caller).await?;
    let mut row = find(&app, &caller, id).await?;
    if let Some(name) = wanted.name {
        row.name = acceptable_name(&name)?;
    }
    if wanted.settings.is_some() || wanted.secrets.is_some() {
        enter(&app, &caller, &mut row, wanted.settings.as_ref(), wanted.secrets.as_ref())?;
    }
    if let Some(end) = wanted.ends_at {
        row.ends_at = end;
    }
    row.updated_at = Utc::now();
    app.store.connections.change(caller.workspace, row.revision, row.clone()).await.map_err(stale)?;
    // After the change: what is read from now on is the new account's.
    app.connections.forget_account(id);
    let row = find(&app, &caller, id).await?;
    Ok(axum::Json(shown(&app, caller.workspace, row)))
}

/// Enters settings, secrets or both into `row`.
fn enter(
    app: &Shared,
    caller: &Caller,
    row: &mut Row,
    settings: Option<&Map<String, Value>>,
    secrets: Option<&BTreeMap<String, String>>,
) -> Result<()> {
    let manifest = app.apps.get(caller.workspace, &row.app);
    let manifest =
        manifest.ok_or_else(|| problem::INVALID.because(format!("there is no app {}", row.app)))?;
    let auth = way(&manifest, &row.auth)?;
    let Some(given) = secrets else {
        if let Some(settings) = settings {
            row.settings = Value::Object(other_limits(&manifest, auth, row, settings)?);
        }
        return Ok(());
    };
    let mut secrets = acceptable_secrets(auth, given)?;
    // What proves the app's deliveries has nothing to do with how we sign in.
    let proofs = app.connections.webhook_secrets(caller.workspace, row);
    if !proofs.is_empty() {
        let held = app.connections.secrets(caller.workspace, row);
        let held = held.map_err(|failure| Error::from_failure(&failure))?;
        for name in proofs.iter().map(|name| secret_name(name)) {
            held.get(&name).into_iter().for_each(|value| secrets.set(&name, value));
        }
    }
    if let Some(settings) = settings {
        row.settings = Value::Object(acceptable_settings(&manifest, auth, settings)?);
    }
    row.pending = matches!(auth.grant, Grant::AuthorizationCode { .. });
    (row.expires_at, row.trouble, row.tested_at, row.account) = (None, None, None, None);
    row.ends_at = None;
    app.connections.seal(caller.workspace, row, &secrets);
    Ok(())
}

pub(super) fn stale(error: trunkline_store::Error) -> Error {
    match error {
        trunkline_store::Error::Stale { .. } => problem::CONFLICT
            .because("the connection was changed a moment ago, perhaps because its token was renewed")
            .advising("Load the page again and repeat the change."),
        other => other.into(),
    }
}

/// Remove a connection that nothing uses
#[utoipa::path(delete, path = "/connections/{id}", tag = "connections", operation_id = "deleteConnection",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    only_admins(&app, &caller).await?;
    let uses = app.store.connections.remove(caller.workspace, id).await?;
    if uses.is_empty() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let names: Vec<&str> = uses.iter().take(5).map(|used| used.name.as_str()).collect();
    let more = if uses.len() > names.len() {
        format!(" and {} more", uses.len() - names.len())
    } else {
        String::new()
    };
    Err(problem::CONNECTION_IN_USE.because(format!("it is used by {}{more}", names.join(", "))))
}

/// Test a connection
#[utoipa::path(post, path = "/connections/{id}/test", tag = "connections", operation_id = "testConnection",
    params(("id" = Uuid, Path)), responses((status = 200, body = Connection)))]
async fn test(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Connection>> {
    find(&app, &caller, id).await?;
    app.connections.test(caller.workspace, id).await.map_err(|failure| Error::from_failure(&failure))?;
    let row = find(&app, &caller, id).await?;
    Ok(axum::Json(shown(&app, caller.workspace, row)))
}

/// Begin to allow access at the app
#[utoipa::path(post, path = "/connections/{id}/authorize", tag = "connections", operation_id = "authorizeConnection",
    params(("id" = Uuid, Path)), responses((status = 200, body = Authorization)))]
async fn authorize(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Authorization>> {
    only_admins(&app, &caller).await?;
    find(&app, &caller, id).await?;
    let back = super::connect_back::address(&app);
    let url = app.connections.send_away(caller.workspace, id, caller.user, &back).await;
    Ok(axum::Json(Authorization { url: url.map_err(|failure| Error::from_failure(&failure))? }))
}

/// List what uses a connection
#[utoipa::path(get, path = "/connections/{id}/used-by", tag = "connections", operation_id = "getConnectionUses",
    params(("id" = Uuid, Path)), responses((status = 200, body = ConnectionUses)))]
async fn used_by(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ConnectionUses>> {
    find(&app, &caller, id).await?;
    let uses = app.store.connections.used_by(caller.workspace, id).await?;
    let shown = |used: ConnectionUse| {
        let ConnectionUse { kind, id, name, live } = used;
        UseOfConnection { kind, id, name, live }
    };
    Ok(axum::Json(ConnectionUses { items: uses.into_iter().map(shown).collect() }))
}

/// Longest text of a form's settings.
const LONGEST_FORM: usize = 16 * 1024;

/// List the fields that the customer made in the app
#[utoipa::path(get, path = "/connections/{id}/fields/{source}", tag = "connections", operation_id = "getAppFields",
    params(("id" = Uuid, Path), ("source" = String, Path), FieldQuery), responses((status = 200, body = AppFields)))]
async fn fields(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, source)): Path<(Uuid, String)>,
    Query(how): Query<FieldQuery>,
) -> Result<axum::Json<AppFields>> {
    find(&app, &caller, id).await?;
    let given = match how.given.len() {
        0 => Map::new(),
        1..=LONGEST_FORM => serde_json::from_str(&how.given)
            .map_err(|_| problem::INVALID.because("`given` must be a record in JSON"))?,
        _ => return Err(problem::INVALID.because(format!("`given` has more than {LONGEST_FORM} bytes"))),
    };
    let read = app.connections.fields(caller.workspace, id, &source, &given, how.anew).await;
    let FieldList { items, read_at, trouble } = read.map_err(|failure| Error::from_failure(&failure))?;
    let trouble = trouble.map(|failure| Trouble::of(failure, Utc::now()));
    Ok(axum::Json(AppFields { items: Arc::unwrap_or_clone(items), read_at, trouble }))
}
