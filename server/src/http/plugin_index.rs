//! `/plugins/index`: what the index that an administrator chose offers, and bringing a release of it.

use super::body::Json;
use super::erasures::only_admins;
use super::plugins::{Plugin, follow, refused, shown};
use super::problem::{self, Error, Result};
use crate::app::Shared;
use crate::auth::Caller;
use crate::plugins::Incoming;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_plugins::index::is_older;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(browse, bring))
}

/// A plugin that is offered, in its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPlugin {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// The newest version that is offered.
    pub version: String,
    /// The SHA-256 of its file, in hex.
    pub sha256: String,
    /// Whether somebody signed it.
    pub signed: bool,
    /// The version that is installed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed: Option<String>,
    /// Whether what is offered is newer than what is installed.
    pub is_newer: bool,
}

/// What is offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginIndex {
    /// Whether there is an index (TRUNKLINE_PLUGIN_INDEX).
    pub chosen: bool,
    /// By title.
    pub items: Vec<OfferedPlugin>,
}

/// A release of the index.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BringOffered {
    /// Its name in documents.
    pub name: String,
    /// The version; the newest one without it.
    pub version: Option<String>,
    /// Whether it may be older than what was approved before.
    #[serde(default)]
    pub allow_older: bool,
}

/// Browse the plugins of the index
#[utoipa::path(get, path = "/plugins/index", tag = "plugins", operation_id = "browsePlugins",
    responses((status = 200, body = PluginIndex)))]
async fn browse(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<PluginIndex>> {
    let index = app.plugins.index().await.map_err(|failure| Error::from_failure(&failure))?;
    let chosen = index.is_some();
    let installed = app.plugins.list(caller.workspace);
    let offered = |entry: &trunkline_plugins::index::Entry| {
        let known = installed.iter().find(|one| one.row.name == entry.name);
        let release = known.and_then(|one| one.live.as_ref().or(one.pending.as_ref()));
        let version = release.map(|release| release.description.version.clone());
        OfferedPlugin {
            name: entry.name.clone(),
            title: entry.title.clone(),
            summary: entry.summary.clone(),
            version: entry.version.clone(),
            sha256: entry.sha256.clone(),
            signed: entry.signature.is_some(),
            is_newer: version.as_ref().is_some_and(|version| is_older(version, &entry.version)),
            installed: version,
        }
    };
    let items = index.iter().flat_map(|index| index.newest().into_iter().map(offered)).collect();
    Ok(axum::Json(PluginIndex { chosen, items }))
}

/// Install or upgrade a plugin from the index
#[utoipa::path(post, path = "/plugins/index", tag = "plugins", operation_id = "bringOfferedPlugin",
    request_body = BringOffered, responses((status = 201, body = Plugin)))]
async fn bring(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<BringOffered>,
) -> Result<(StatusCode, axum::Json<Plugin>)> {
    only_admins(&app, &caller).await?;
    let index = app.plugins.index().await.map_err(|failure| Error::from_failure(&failure))?;
    let entry = index.as_ref().and_then(|index| match &wanted.version {
        Some(version) => index.find(&wanted.name, version),
        None => index.newest().into_iter().find(|entry| entry.name == wanted.name),
    });
    let entry = entry.ok_or_else(|| problem::NOT_FOUND.because("the index offers no such plugin"))?;
    let file = app.plugins.offered_file(entry).await.map_err(|failure| Error::from_failure(&failure))?;
    let incoming = Incoming {
        file,
        signature: entry.signature.clone(),
        sha256: Some(entry.digest()),
        source: format!("the index ({})", entry.file),
        by: caller.name.clone(),
        allow_older: wanted.allow_older,
    };
    let known = app.plugins.list(caller.workspace).into_iter().find(|one| one.row.name == entry.name);
    let brought = match known {
        None => app.plugins.install(caller.workspace, incoming).await,
        Some(known) => app.plugins.upgrade(caller.workspace, known.row.id, incoming).await,
    };
    let installed = brought.map_err(refused)?;
    follow(&app).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&installed))))
}
