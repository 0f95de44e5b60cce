//! `/apps`: the gallery of what can be connected, as the manifests say.

use super::problem::Result;
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::apps::Installed;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::manifest::auth::{Auth, Entry};
use utoipa::ToSchema;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list))
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
    /// Its version.
    pub version: String,
    /// Where it comes from.
    pub origin: AppOrigin,
    /// Whether its steps are offered and run.
    pub enabled: bool,
    /// Why it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
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
    /// What can start a workflow.
    pub triggers: Vec<AppEventKind>,
    /// Records that can be kept in step with those of another app.
    pub records: Vec<AppRecords>,
}

/// Where an app comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppOrigin {
    /// It is part of Trunkline, or lies in the folder the server was started with.
    BuiltIn,
    /// An administrator installed it.
    Installed,
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

/// A kind of records that can be kept in step.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppRecords {
    /// Its name, such as `contact`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The field that a record is usually known by.
    pub known_by: String,
    /// Where their fields are listed.
    pub fields: Option<String>,
}

/// Something that can start a workflow.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppEventKind {
    /// Its step kind.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// When it starts.
    pub summary: String,
    /// Whether the app sends by itself.
    pub sent: bool,
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
async fn list(State(app): State<Shared>, caller: Caller) -> Result<Json<AppList>> {
    let mut items: Vec<ConnectableApp> = app.apps.built_in().map(|manifest| shown(manifest)).collect();
    items.extend(app.apps.installed(caller.workspace).into_iter().map(installed));
    items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(AppList { items, redirect_url: super::connect_back::address(&app) }))
}

fn installed(one: Installed) -> ConnectableApp {
    let enabled = one.row.enabled;
    match one.manifest {
        Ok(manifest) => ConnectableApp { origin: AppOrigin::Installed, enabled, ..shown(&manifest) },
        Err(trouble) => ConnectableApp {
            name: one.row.name.clone(),
            id: one.row.name,
            version: String::new(),
            origin: AppOrigin::Installed,
            enabled,
            trouble: Some(trouble),
            summary: "This version of Trunkline cannot use it.".into(),
            help: String::new(),
            icon: "plug".into(),
            shelf: "other".into(),
            keywords: Vec::new(),
            settings: serde_json::Map::new(),
            auth: Vec::new(),
            actions: Vec::new(),
            triggers: Vec::new(),
            records: Vec::new(),
        },
    }
}

pub(super) fn shown(manifest: &Manifest) -> ConnectableApp {
    ConnectableApp {
        id: manifest.id.clone(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        origin: AppOrigin::BuiltIn,
        enabled: true,
        trouble: None,
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
        triggers: manifest
            .triggers
            .iter()
            .map(|(name, trigger)| AppEventKind {
                kind: manifest.kind_of(name),
                title: trigger.title.clone(),
                summary: trigger.summary.clone(),
                sent: trigger.webhook.is_some(),
            })
            .collect(),
        records: manifest
            .records
            .iter()
            .map(|(name, records)| AppRecords {
                name: name.clone(),
                title: records.title.clone(),
                known_by: records.known_by.clone(),
                fields: records.fields.clone(),
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
