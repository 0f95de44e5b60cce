//! Triggers of apps: how far those have come that ask, where those listen that are sent to, and the secrets that prove it.

use super::body::{Json, Path};
use super::erasures::only_admins;
use super::problem::{self, Error, Result};
use super::routes::{Routes, routes};
use super::{app_hooks, workflows};
use crate::app::Shared;
use crate::auth::Caller;
use crate::connections::Trouble;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use trunkline_connectors::interpreter::look::Position;
use trunkline_connectors::interpreter::signature::secret_name;
use trunkline_connectors::manifest::Manifest;
use trunkline_engine::trigger::{AppRule, Trigger};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{DeliveryCount, Look};
use utoipa::ToSchema;
use uuid::Uuid;

/// Events without a run that are counted.
const MOST_COUNTED: u32 = 1_000;
/// Longest secret, in bytes.
const LONGEST_SECRET: usize = 4 * 1024;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(of_workflow))
        .routes(routes!(look_now))
        .routes(routes!(addresses))
        .routes(routes!(enter_secrets))
}

/// The triggers of apps in a workflow's draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppTriggerList {
    /// In the order of the document.
    pub items: Vec<AppTrigger>,
    /// Events that were accepted and have no run yet; at most 1,000 are counted.
    pub waiting: usize,
}

/// A trigger of an app.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppTrigger {
    /// The trigger step.
    pub step: String,
    /// Whether the published version listens now.
    pub live: bool,
    /// How far it has come, if it asks the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<TriggerLooks>,
    /// Where it hears from the app, if the app sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<WebhookAddress>,
}

/// How far a trigger has come that asks an app again and again.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriggerLooks {
    /// Seconds from one look to the next.
    pub every_seconds: u32,
    /// When it last looked with success.
    pub last_at: Option<DateTime<Utc>>,
    /// When it looks next.
    pub next_at: Option<DateTime<Utc>>,
    /// Whether a look of several pages is under way.
    pub going_on: bool,
    /// How far it has come: a moment, a number or a word of the app.
    #[schema(value_type = Option<String>)]
    pub position: Value,
    /// Records that were read.
    pub seen: u64,
    /// Runs that were started.
    pub started: u64,
    /// Looks that failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// An address that an app sends to.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAddress {
    /// The connection.
    pub connection_id: Uuid,
    /// Its name in the app's manifest.
    pub webhook: String,
    /// What people call it.
    pub title: String,
    /// Where it is entered at the app, in Markdown.
    pub help: String,
    /// The address to paste there.
    pub url: String,
    /// What proves deliveries.
    pub secrets: Vec<WebhookSecret>,
    /// What came.
    pub counts: DeliveryCounts,
}

/// Something that proves deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookSecret {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Where it is found, in Markdown.
    pub help: String,
    /// Whether it has been entered.
    pub entered: bool,
}

/// What came to an address.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct DeliveryCounts {
    /// Events that were accepted.
    pub accepted: u64,
    /// Events that had come before; they started nothing.
    pub repeated: u64,
    /// Deliveries whose proof did not fit.
    pub forged: u64,
    /// Deliveries that were too old.
    pub too_old: u64,
    /// Deliveries that could not be read.
    pub unreadable: u64,
    /// When the last one was accepted.
    pub last_at: Option<DateTime<Utc>>,
    /// When the last one was refused.
    pub refused_at: Option<DateTime<Utc>>,
}

impl From<DeliveryCount> for DeliveryCounts {
    fn from(count: DeliveryCount) -> Self {
        let DeliveryCount { accepted, repeated, forged, too_old, unreadable, last_at, refused_at, .. } =
            count;
        Self { accepted, repeated, forged, too_old, unreadable, last_at, refused_at }
    }
}

/// The addresses of a connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAddresses {
    /// As in the app's manifest.
    pub items: Vec<WebhookAddress>,
}

/// What proves deliveries, as the app shows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterSecrets {
    /// By name; what is absent stays.
    pub secrets: BTreeMap<String, String>,
}

/// Show triggers of apps: how far they have come and where they listen
#[utoipa::path(get, path = "/workflows/{id}/app-triggers", tag = "workflows", operation_id = "getAppTriggers",
    params(("id" = Uuid, Path)), responses((status = 200, body = AppTriggerList)))]
async fn of_workflow(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<AppTriggerList>> {
    let workflow = workflows::find(&app, &caller, id).await?;
    let looks = app.store.app_events.looks(vec![id]).await?;
    let registry = app.apps.registry(caller.workspace);
    let mut items = Vec::new();
    for (step, described) in workflow.draft.steps.iter().filter(|(_, step)| !step.disabled) {
        let compiled = registry.get(&described.kind).and_then(|kind| kind.compile(&described.config).ok());
        let Some(Trigger::App(rule)) = compiled.and_then(|step| step.trigger()) else { continue };
        let live = app.routes.is_live(id, step, &Trigger::App(rule.clone()));
        let Some(manifest) = app.apps.get(caller.workspace, &rule.app) else { continue };
        let (mut of_looks, mut address) = (None, None);
        if rule.poll.is_some() {
            let look = looks.iter().find(|look| look.step == *step);
            of_looks = Some(shown_looks(&manifest, &rule, look));
        } else if let Some(listen) = &manifest.triggers[&rule.trigger].webhook {
            address = of_rule(&app, &caller, &rule, &listen.at).await?;
        }
        items.push(AppTrigger { step: step.clone(), live, looks: of_looks, address });
    }
    let waiting = app.store.app_events.list(MOST_COUNTED).await?;
    let waiting = waiting.iter().filter(|event| event.event.workflow == id).count();
    Ok(axum::Json(AppTriggerList { items, waiting }))
}

pub(super) fn shown_looks(manifest: &Manifest, rule: &AppRule, look: Option<&Look>) -> TriggerLooks {
    let every_seconds = rule.poll.as_ref().map_or(0, |poll| poll.every_seconds);
    // What another connection or another input has brought says nothing of this one.
    let look = look.filter(|look| look.source == crate::runner::looks::source(rule));
    let position: Option<Position> = look.and_then(|look| serde_json::from_value(look.position.clone()).ok());
    let poll = manifest.triggers[&rule.trigger].poll.as_ref();
    TriggerLooks {
        every_seconds,
        last_at: look.and_then(|look| look.looked_at),
        next_at: look.map(|look| look.next_at),
        going_on: position.as_ref().is_some_and(Position::is_within),
        position: position.zip(poll).map_or(Value::Null, |(position, poll)| position.shown(poll)),
        seen: look.map_or(0, |look| look.seen),
        started: look.map_or(0, |look| look.started),
        failures: look.map_or(0, |look| look.failures),
        trouble: look
            .and_then(|look| look.trouble.clone())
            .and_then(|trouble| serde_json::from_value(trouble).ok()),
    }
}

async fn of_rule(
    app: &Shared,
    caller: &Caller,
    rule: &AppRule,
    webhook: &str,
) -> Result<Option<WebhookAddress>> {
    let Ok(id) = rule.connection.parse() else { return Ok(None) };
    let of_connection = addresses_of(app, caller, id).await?.unwrap_or_default();
    Ok(of_connection.into_iter().find(|address| address.webhook == webhook))
}

/// The addresses of a connection; `None` when it is not there.
async fn addresses_of(app: &Shared, caller: &Caller, id: Uuid) -> Result<Option<Vec<WebhookAddress>>> {
    let Some(row) = app.store.connections.get(caller.workspace, id).await? else { return Ok(None) };
    let Some(manifest) = app.apps.get(caller.workspace, &row.app) else {
        return Ok(Some(Vec::new()));
    };
    let entered = app.connections.webhook_secrets(caller.workspace, &row);
    app.connections.write_refusals(Utc::now()).await?;
    let mut counts = app.store.app_events.deliveries(id).await?;
    let address = |(name, webhook): (&String, &trunkline_connectors::manifest::webhook::Webhook)| {
        let counted = counts.iter().position(|count| count.webhook == *name);
        let secret =
            |(name, entry): (&String, &trunkline_connectors::manifest::webhook::SecretEntry)| WebhookSecret {
                entered: entered.contains(name),
                name: name.clone(),
                title: entry.title.clone(),
                help: entry.help.clone(),
            };
        WebhookAddress {
            connection_id: id,
            webhook: name.clone(),
            title: webhook.title.clone(),
            help: webhook.help.clone(),
            url: app_hooks::address(app, id, name),
            secrets: webhook.secrets.iter().map(secret).collect(),
            counts: counted.map(|at| counts.swap_remove(at).into()).unwrap_or_default(),
        }
    };
    Ok(Some(manifest.webhooks.iter().map(address).collect()))
}

/// Let a trigger look at its app at once
#[utoipa::path(post, path = "/workflows/{id}/app-triggers/{step}/look", tag = "workflows", operation_id = "lookNow",
    params(("id" = Uuid, Path), ("step" = String, Path)), responses((status = 202)))]
async fn look_now(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
) -> Result<StatusCode> {
    workflows::find(&app, &caller, id).await?;
    let is_there = app
        .routes
        .apps()
        .iter()
        .any(|bound| bound.version.workflow == id && bound.step == step && bound.rule.poll.is_some());
    if !is_there {
        return Err(
            problem::NO_TRIGGER.because(format!("no published trigger of this workflow looks as \"{step}\""))
        );
    }
    app.runner.look_now(id, &step);
    Ok(StatusCode::ACCEPTED)
}

/// Show the addresses that an app sends to
#[utoipa::path(get, path = "/connections/{id}/addresses", tag = "connections", operation_id = "getWebhookAddresses",
    params(("id" = Uuid, Path)), responses((status = 200, body = WebhookAddresses)))]
async fn addresses(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<WebhookAddresses>> {
    let items = addresses_of(&app, &caller, id).await?;
    let items = items.ok_or_else(|| problem::NOT_FOUND.because("there is no such connection"))?;
    Ok(axum::Json(WebhookAddresses { items }))
}

/// Enter what proves deliveries
#[utoipa::path(put, path = "/connections/{id}/addresses/secrets", tag = "connections",
    operation_id = "enterWebhookSecrets", params(("id" = Uuid, Path)), request_body = EnterSecrets,
    responses((status = 200, body = WebhookAddresses)))]
async fn enter_secrets(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wanted): Json<EnterSecrets>,
) -> Result<axum::Json<WebhookAddresses>> {
    only_admins(&app, &caller).await?;
    let row = app.store.connections.get(caller.workspace, id).await?;
    let mut row = row.ok_or_else(|| problem::NOT_FOUND.because("there is no such connection"))?;
    let manifest = app.apps.get(caller.workspace, &row.app);
    let manifest =
        manifest.ok_or_else(|| problem::INVALID.because(format!("there is no app {}", row.app)))?;
    let mut secrets =
        app.connections.secrets(caller.workspace, &row).map_err(|failure| Error::from_failure(&failure))?;
    for (name, value) in &wanted.secrets {
        let is_known = manifest.webhooks.values().any(|webhook| webhook.secrets.contains_key(name));
        if !is_known {
            return Err(problem::INVALID.because(format!("`secrets.{name}` is not known")));
        }
        let value = value.trim();
        if value.is_empty() || value.len() > LONGEST_SECRET {
            return Err(problem::INVALID.because(format!("`secrets.{name}` is empty or too long")));
        }
        secrets.set(&secret_name(name), value);
    }
    app.connections.seal(caller.workspace, &mut row, &secrets);
    row.updated_at = Utc::now();
    app.store
        .connections
        .change(caller.workspace, row.revision, row)
        .await
        .map_err(super::connections::stale)?;
    addresses(State(app), caller, Path(id)).await
}

/// Refuses triggers that wait for deliveries which nobody could prove.
pub(super) async fn refuse_unproved(
    app: &Shared,
    workspace: WorkspaceId,
    triggers: &[(String, Trigger)],
) -> Result<()> {
    for (step, trigger) in triggers {
        let Trigger::App(AppRule { app: of, trigger, connection, poll: None, .. }) = trigger else {
            continue;
        };
        let manifest = app.apps.get(workspace, of);
        let listen = manifest.as_ref().and_then(|manifest| manifest.triggers.get(trigger)?.webhook.as_ref());
        let (Some(listen), Ok(connection)) = (listen, connection.parse()) else { continue };
        let missing = app.connections.missing_secrets(workspace, connection, &listen.at).await;
        let missing = missing.map_err(|failure| Error::from_failure(&failure))?;
        if !missing.is_empty() {
            let names = missing.join(", ");
            return Err(problem::TRIGGER_NO_SECRET.because(format!(
                "the trigger {step} needs what has not been entered at its connection: {names}"
            )));
        }
    }
    Ok(())
}
