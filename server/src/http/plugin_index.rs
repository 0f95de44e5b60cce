//! `/plugins/index`: what the index that an administrator chose offers, and bringing a release of it.

use super::body::{Json, Path};
use super::erasures::only_admins;
use super::plugins::{Plugin, follow, refused, shown};
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::plugins::Incoming;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use trunkline_plugins::index::{Entry, Kind, is_older};
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(browse, bring)).routes(routes!(manifest))
}

/// A plugin that is offered, in its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPlugin {
    /// What it is.
    pub kind: OfferedKind,
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

/// What an entry of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferedKind {
    /// A plugin.
    Plugin,
    /// A connector: its manifest is looked at and installed like one that was uploaded.
    Connector,
}

/// The manifest of a connector that is offered, and who vouches for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedManifest {
    /// Its text.
    pub manifest: String,
    /// What the index says its SHA-256 is, in hex.
    pub sha256: String,
    /// The key that signed it, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its signature, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Where it lies.
    pub source: String,
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
    let offered = |entry: &Entry| {
        let version = match entry.kind {
            Kind::Plugin => {
                let known = installed.iter().find(|one| one.row.name == entry.name);
                let release = known.and_then(|one| one.live.as_ref().or(one.pending.as_ref()));
                release.map(|release| release.description.version.clone())
            }
            Kind::Connector => {
                let known = app.apps.one_installed(caller.workspace, &entry.name);
                known.and_then(|one| one.manifest.ok()).map(|manifest| manifest.version.clone())
            }
        };
        OfferedPlugin {
            kind: match entry.kind {
                Kind::Plugin => OfferedKind::Plugin,
                Kind::Connector => OfferedKind::Connector,
            },
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
    let (entry, file) = offered(&app, Kind::Plugin, &wanted.name, wanted.version.as_deref()).await?;
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

/// The newest release of what is offered under this name, or the one in this version, with its file.
async fn offered(app: &Shared, kind: Kind, name: &str, version: Option<&str>) -> Result<(Entry, Vec<u8>)> {
    let index = app.plugins.index().await.map_err(|failure| Error::from_failure(&failure))?;
    let found = index.as_ref().and_then(|index| index.find(kind, name, version));
    let entry = found.ok_or_else(|| problem::NOT_FOUND.because("the index offers no such thing"))?;
    let file = app.plugins.offered_file(entry).await.map_err(|failure| Error::from_failure(&failure))?;
    Ok((entry.clone(), file))
}

/// Read the manifest of a connector in the index
#[utoipa::path(get, path = "/plugins/index/{name}/manifest", tag = "plugins", operation_id = "readOfferedManifest",
    params(("name" = String, Path, description = "Its name in documents.")),
    responses((status = 200, body = OfferedManifest)))]
async fn manifest(
    State(app): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<axum::Json<OfferedManifest>> {
    only_admins(&app, &caller).await?;
    let (entry, file) = offered(&app, Kind::Connector, &name, None).await?;
    let manifest =
        String::from_utf8(file).map_err(|_| problem::INVALID.because("its manifest is no text"))?;
    let (key, signature) = entry.signature.map(|by| (by.key.to_string(), by.signature)).unzip();
    Ok(axum::Json(OfferedManifest {
        manifest,
        key,
        signature,
        source: format!("the index ({})", entry.file),
        sha256: entry.sha256,
    }))
}
