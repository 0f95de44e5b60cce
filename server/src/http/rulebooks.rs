//! `/rulebooks/{kind}`: routing tables, service levels, calendars and enrichments, as drafts, in force, and as they were.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::team::named;
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_leads::definition::{CALENDAR, ROUTING, SLA, WATERFALL};
use trunkline_leads::enrichment::Waterfall;
use trunkline_leads::hours::Calendar;
use trunkline_leads::routing::{Lint, RoutingTable};
use trunkline_leads::sla::SlaPolicy;
use trunkline_store::ports::{Drafted, NewDefinition, PublishDefinition, SaveDefinition};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

const KINDS: [&str; 4] = [ROUTING, SLA, CALENDAR, WATERFALL];

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, save, remove))
        .routes(routes!(publish))
        .routes(routes!(versions))
}

/// A rulebook with its draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rulebook {
    /// Id.
    pub id: Uuid,
    /// `routing_table`, `sla_policy`, `calendar` or `enrichment_waterfall`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// What is being written.
    #[schema(value_type = Object)]
    pub draft: Value,
    /// Counts edits; send it back as `base_revision`.
    pub revision: i64,
    /// Number of the version in force.
    pub version: Option<i64>,
    /// Whether the draft says something else than what is in force.
    pub changed: bool,
    /// What the draft says, a sentence each.
    pub words: Vec<String>,
    /// What is in force, a sentence each.
    pub published_words: Vec<String>,
    /// What has to be mended before it can be published.
    pub problems: Vec<RulebookProblem>,
    /// What may be wrong with a routing table: `kind`, `row`, `other`, `column`, `message`.
    #[schema(value_type = Vec<Object>)]
    pub lints: Vec<Lint>,
    /// When the draft last changed.
    pub updated_at: DateTime<Utc>,
}

/// Something that has to be mended.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookProblem {
    /// Where, as a JSON Pointer into the draft.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// All rulebooks of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookList {
    /// By name.
    pub items: Vec<Rulebook>,
}

/// A rulebook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRulebook {
    /// Name.
    pub name: String,
    /// What it says so far.
    #[schema(value_type = Object)]
    pub draft: Value,
}

/// An edit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRulebook {
    /// The revision it was made on.
    pub base_revision: i64,
    /// A new name; left out, it stays.
    #[serde(default)]
    pub name: Option<String>,
    /// What it says now.
    #[schema(value_type = Object)]
    pub draft: Value,
}

/// A draft to be put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRulebook {
    /// The revision that was looked at.
    pub base_revision: i64,
    /// Why, in the publisher's words.
    #[serde(default)]
    pub note: Option<String>,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookVersion {
    /// Its number.
    pub version: i64,
    /// What it says, a sentence each.
    pub words: Vec<String>,
    /// Sentences that the version before did not have.
    pub added: Vec<String>,
    /// Sentences of the version before that it no longer has.
    pub removed: Vec<String>,
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
    /// Why, in the publisher's words.
    pub note: Option<String>,
    /// Who.
    pub published_by: Option<String>,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// All versions of a rulebook.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookVersions {
    /// The newest first.
    pub items: Vec<RulebookVersion>,
}

/// What a document says, and what is wrong with it.
#[derive(Default)]
struct Look {
    words: Vec<String>,
    problems: Vec<(String, String)>,
    lints: Vec<Lint>,
}

fn known_kind(kind: &str) -> Result<&'static str> {
    let known = KINDS.into_iter().find(|known| *known == kind);
    known.ok_or_else(|| problem::NOT_FOUND.because(format!("there is no kind of rulebook called {kind}")))
}

fn look(kind: &str, document: &Value) -> Look {
    fn read<T: DeserializeOwned>(document: &Value, look: impl FnOnce(T) -> Look) -> Look {
        match T::deserialize(document) {
            Ok(read) => look(read),
            Err(error) => Look { problems: vec![(String::new(), error.to_string())], ..Look::default() },
        }
    }
    match kind {
        ROUTING => read(document, |table: RoutingTable| Look {
            words: table.in_words(),
            problems: table.problems(),
            lints: table.lints(),
        }),
        SLA => read(document, |policy: SlaPolicy| Look {
            words: policy.in_words(),
            problems: policy.problems(),
            lints: Vec::new(),
        }),
        WATERFALL => read(document, |waterfall: Waterfall| Look {
            words: waterfall.in_words(),
            problems: waterfall.problems(),
            lints: Vec::new(),
        }),
        _ => read(document, |calendar: Calendar| Look {
            words: calendar
                .days
                .iter()
                .map(|days| format!("{} to {}: {}.", days.from, days.to, days.why))
                .collect(),
            problems: calendar.problems(),
            lints: Vec::new(),
        }),
    }
}

fn shown(rule: Drafted, in_force: Option<&Value>) -> Rulebook {
    let Look { words, problems, lints } = look(&rule.kind, &rule.draft);
    let problems = problems.into_iter().map(|(field, message)| RulebookProblem { field, message }).collect();
    Rulebook {
        id: rule.id,
        changed: in_force != Some(&rule.draft),
        published_words: in_force.map(|document| look(&rule.kind, document).words).unwrap_or_default(),
        kind: rule.kind,
        name: rule.name,
        draft: rule.draft,
        revision: rule.revision,
        version: rule.published,
        words,
        problems,
        lints,
        updated_at: rule.updated_at,
    }
}

async fn found(app: &Shared, caller: &Caller, kind: &str, id: Uuid) -> Result<Drafted> {
    let kind = known_kind(kind)?;
    let found = app.store.definitions.get(caller.workspace, id).await?;
    found
        .filter(|rule| rule.kind == kind)
        .ok_or_else(|| problem::NOT_FOUND.because("there is no such rulebook"))
}

async fn one(app: &Shared, caller: &Caller, kind: &str, id: Uuid) -> Result<axum::Json<Rulebook>> {
    let rule = found(app, caller, kind, id).await?;
    let in_force = app.store.definitions.published(caller.workspace, kind.to_owned()).await?;
    let document = in_force.iter().find(|one| one.id == id).map(|one| one.document());
    Ok(axum::Json(shown(rule, document)))
}

/// List rulebooks of a kind
#[utoipa::path(get, path = "/rulebooks/{kind}", tag = "rules", operation_id = "listRulebooks",
    params(("kind" = String, Path, description = "`routing_table`, `sla_policy`, `calendar` or `enrichment_waterfall`.")),
    responses((status = 200, body = RulebookList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<axum::Json<RulebookList>> {
    let kind = known_kind(&kind)?;
    let all = app.store.definitions.list(caller.workspace, kind.to_owned()).await?;
    let in_force = app.store.definitions.published(caller.workspace, kind.to_owned()).await?;
    let items = all.into_iter().map(|rule| {
        let document = in_force.iter().find(|one| one.id == rule.id).map(|one| one.document());
        shown(rule, document)
    });
    Ok(axum::Json(RulebookList { items: items.collect() }))
}

/// Make a rulebook
///
/// It is a draft until it is published.
#[utoipa::path(post, path = "/rulebooks/{kind}", tag = "rules", operation_id = "createRulebook",
    params(("kind" = String, Path)), request_body = CreateRulebook, responses((status = 201, body = Rulebook)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    Json(wanted): Json<CreateRulebook>,
) -> Result<(StatusCode, axum::Json<Rulebook>)> {
    let kind = known_kind(&kind)?;
    let (id, name) = (Uuid::now_v7(), named("name", &wanted.name)?);
    let new = NewDefinition { id, kind: kind.to_owned(), name, draft: wanted.draft, at: Utc::now() };
    app.store.definitions.create(caller.workspace, new).await?;
    Ok((StatusCode::CREATED, one(&app, &caller, kind, id).await?))
}

/// One rulebook
#[utoipa::path(get, path = "/rulebooks/{kind}/{id}", tag = "rules", operation_id = "getRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = Rulebook)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<Rulebook>> {
    one(&app, &caller, &kind, id).await
}

/// Save the draft of a rulebook
#[utoipa::path(put, path = "/rulebooks/{kind}/{id}", tag = "rules", operation_id = "saveRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), request_body = SaveRulebook,
    responses((status = 200, body = Rulebook)))]
async fn save(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
    Json(wanted): Json<SaveRulebook>,
) -> Result<axum::Json<Rulebook>> {
    let rule = found(&app, &caller, &kind, id).await?;
    let name = wanted.name.map_or(Ok(rule.name), |name| named("name", &name))?;
    let save =
        SaveDefinition { name, draft: wanted.draft, base_revision: wanted.base_revision, at: Utc::now() };
    app.store.definitions.save(caller.workspace, id, save).await?;
    one(&app, &caller, &kind, id).await
}

/// Put the draft of a rulebook in force
#[utoipa::path(post, path = "/rulebooks/{kind}/{id}/publish", tag = "rules", operation_id = "publishRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), request_body = PublishRulebook,
    responses((status = 200, body = Rulebook)))]
async fn publish(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
    Json(wanted): Json<PublishRulebook>,
) -> Result<axum::Json<Rulebook>> {
    let rule = found(&app, &caller, &kind, id).await?;
    if let Some((_, first)) = look(&kind, &rule.draft).problems.into_iter().next() {
        return Err(problem::INVALID.because(first));
    }
    let note = wanted.note.map(|note| note.trim().chars().take(1_000).collect::<String>());
    let publish = PublishDefinition {
        base_revision: wanted.base_revision,
        by: Some(caller.name.clone()),
        note: note.filter(|note| !note.is_empty()),
        at: Utc::now(),
    };
    app.store.definitions.publish(caller.workspace, id, publish).await?;
    one(&app, &caller, &kind, id).await
}

/// Versions of a rulebook
#[utoipa::path(get, path = "/rulebooks/{kind}/{id}/versions", tag = "rules", operation_id = "listRulebookVersions",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = RulebookVersions)))]
async fn versions(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<RulebookVersions>> {
    found(&app, &caller, &kind, id).await?;
    let all = app.store.definitions.versions(caller.workspace, id).await?;
    let words: Vec<Vec<String>> = all.iter().map(|version| look(&kind, &version.document).words).collect();
    let missing = |of: &[String], from: &[String]| -> Vec<String> {
        of.iter().filter(|sentence| !from.contains(sentence)).cloned().collect()
    };
    let items = all.into_iter().enumerate().map(|(place, version)| {
        let (now, before) = (&words[place], words.get(place + 1).map_or(&[][..], Vec::as_slice));
        RulebookVersion {
            version: version.number,
            words: now.clone(),
            added: missing(now, before),
            removed: missing(before, now),
            document: version.document,
            note: version.note,
            published_by: version.published_by,
            published_at: version.published_at,
        }
    });
    Ok(axum::Json(RulebookVersions { items: items.collect() }))
}

/// Delete a rulebook
///
/// Nothing is in force under its name any more.
#[utoipa::path(delete, path = "/rulebooks/{kind}/{id}", tag = "rules", operation_id = "deleteRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<StatusCode> {
    found(&app, &caller, &kind, id).await?;
    app.store.definitions.remove(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
