//! `/apps`: the gallery of what can be connected, as the manifests say.

use super::problem::Result;
use crate::app::Shared;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::auth::{Auth, Entry};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Everything that can be connected.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppList {
    /// By name.
    pub items: Vec<ConnectableApp>,
    /// The address that an app sends administrators back to, for its own settings.
    pub redirect_url: String,
}

/// An app that can be connected.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectableApp {
    /// Its name in documents.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for, in one sentence.
    pub summary: String,
    /// How to connect it, in Markdown.
    pub help: String,
    /// Name of its icon.
    pub icon: String,
    /// The shelf of the gallery it stands on.
    pub shelf: String,
    /// Other words people search by.
    pub keywords: Vec<String>,
    /// What is asked when it is connected and is no secret: the properties of a JSON Schema.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub settings: serde_json::Map<String, Value>,
    /// The ways to sign in; the first is the usual one.
    pub auth: Vec<WayToSignIn>,
    /// What steps can do with it.
    pub actions: Vec<AppAction>,
}

/// A way to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct WayToSignIn {
    /// Its name in connections.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Where to find what is asked, in Markdown.
    pub help: String,
    /// Its kind: `api_key`, `entered`, `basic`, `authorization_code`, `client_credentials` or `jwt_bearer`.
    pub kind: String,
    /// What the administrator enters.
    pub entries: Vec<SignInEntry>,
}

/// Something the administrator enters.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInEntry {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Whether it is hidden while it is typed.
    pub hidden: bool,
    /// Whether it takes several lines.
    pub long: bool,
    /// Whether it may be left empty.
    pub optional: bool,
}

/// Something a step can do.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppAction {
    /// Its step kind.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// Whether it changes something in the app.
    pub writes: bool,
}

/// List apps that can be connected
#[utoipa::path(get, path = "/apps", tag = "connections", operation_id = "listApps",
    responses((status = 200, body = AppList)))]
async fn list(State(app): State<Shared>, _: Caller) -> Result<Json<AppList>> {
    let mut items: Vec<ConnectableApp> =
        app.connections.catalog().iter().map(|manifest| shown(manifest)).collect();
    items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(AppList { items, redirect_url: super::connect_back::address(&app) }))
}

fn shown(manifest: &Manifest) -> ConnectableApp {
    ConnectableApp {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        summary: manifest.summary.clone(),
        help: manifest.help.clone(),
        icon: manifest.icon.clone(),
        shelf: manifest.shelf.as_str().into(),
        keywords: manifest.keywords.clone(),
        settings: manifest.settings.clone().into_iter().collect(),
        auth: manifest.auth.iter().map(way).collect(),
        actions: manifest
            .actions
            .iter()
            .map(|(name, action)| AppAction {
                kind: manifest.kind_of(name),
                title: action.title.clone(),
                summary: action.summary.clone(),
                writes: !action.only_reads(),
            })
            .collect(),
    }
}

fn way(auth: &Auth) -> WayToSignIn {
    let entry = |entry: Entry| SignInEntry {
        name: entry.name,
        title: entry.title,
        hidden: entry.is_hidden,
        long: entry.is_long,
        optional: entry.is_optional,
    };
    WayToSignIn {
        id: auth.id.clone(),
        title: auth.title.clone(),
        help: auth.help.clone(),
        kind: auth.grant.kind().into(),
        entries: auth.entries().into_iter().map(entry).collect(),
    }
}
