//! `/rulebooks/{kind}`: whatever people lay down with versions, as drafts, in force, and as it was: routing tables, service
//! levels, calendars, enrichments, scoring models, the lifecycle and segments.
//!
//! Scores, stages and segments follow by themselves: a job looks at every lead when such a rulebook changes.

use super::body::{Json, Path};
use super::jobs::{self, Job};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::rulebook_view::{
    Held, Rulebook, RulebookVersions, compared, find, known_kind, moves_leads, read, shown, unpublishable,
};
use super::team::named;
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{AssessPlan, Order, Plan};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_leads::standing::Document;
use trunkline_leads::{lifecycle, segment};
use trunkline_store::ports::{Drafted, NewDefinition, PublishDefinition, SaveDefinition};
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(show, save, remove))
        .routes(routes!(publish))
        .routes(routes!(versions))
        .routes(routes!(assess))
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
    /// A new name; left out, it stays. Leads and workflows call scoring models, the lifecycle and segments by their names,
    /// so those stay.
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

/// What was put in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedRulebook {
    /// The rulebook.
    #[serde(flatten)]
    pub rulebook: Rulebook,
    /// The job that looks at every lead again, where leads are moved by it; leads that change meanwhile follow the new
    /// version at once.
    pub job: Option<Job>,
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedRulebook {
    /// The job that takes back what followed from it: leads leave the segment; scores and stages stay as they are.
    pub job: Option<Job>,
}

/// List rulebooks of a kind
#[utoipa::path(get, path = "/rulebooks/{kind}", tag = "rules", operation_id = "listRulebooks",
    params(("kind" = String, Path,
        description = "`routing_table`, `sla_policy`, `calendar`, `enrichment_waterfall`, `scoring_model`, `lifecycle` or `segment`.")),
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
        let in_force = in_force.iter().find(|one| one.id == rule.id).map(|one| one.document().clone());
        shown(Held { rule, in_force })
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
    if [lifecycle::KIND, segment::KIND].contains(&kind) {
        let known = app.store.definitions.list(caller.workspace, kind.to_owned()).await?.len();
        if kind == lifecycle::KIND && known > 0 {
            return Err(problem::CONFLICT.because("a workspace has one lifecycle; change that one"));
        }
        if kind == segment::KIND && known >= segment::MAX_SEGMENTS {
            let most = segment::MAX_SEGMENTS;
            return Err(
                problem::INVALID.because(format!("there are {most} segments already, which is the most"))
            );
        }
    }
    let new = NewDefinition { id, kind: kind.to_owned(), name, draft: wanted.draft, at: Utc::now() };
    app.store.definitions.create(caller.workspace, new).await?;
    let made = find(&app, &caller, kind, id).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(made))))
}

/// One rulebook
#[utoipa::path(get, path = "/rulebooks/{kind}/{id}", tag = "rules", operation_id = "getRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = Rulebook)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<Rulebook>> {
    find(&app, &caller, &kind, id).await.map(shown).map(axum::Json)
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
    let Held { rule, .. } = find(&app, &caller, &kind, id).await?;
    let name = match wanted.name {
        Some(name) => named("name", &name)?,
        None => rule.name.clone(),
    };
    if name != rule.name && moves_leads(&kind) {
        return Err(problem::INVALID.because("leads and workflows call it by its name, which stays"));
    }
    let save =
        SaveDefinition { name, draft: wanted.draft, base_revision: wanted.base_revision, at: Utc::now() };
    app.store.definitions.save(caller.workspace, id, save).await?;
    find(&app, &caller, &kind, id).await.map(shown).map(axum::Json)
}

/// Put the draft of a rulebook in force
///
/// From the next change of a lead on the new version counts. Where leads are moved by it, a job looks at all others.
#[utoipa::path(post, path = "/rulebooks/{kind}/{id}/publish", tag = "rules", operation_id = "publishRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), request_body = PublishRulebook,
    responses((status = 200, body = PublishedRulebook)))]
async fn publish(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
    Json(wanted): Json<PublishRulebook>,
) -> Result<axum::Json<PublishedRulebook>> {
    let Held { rule, .. } = find(&app, &caller, &kind, id).await?;
    if let Some(error) = unpublishable(&kind, &rule.draft) {
        return Err(error);
    }
    refuse_second_automatic(&app, &caller, &rule).await?;
    let note = wanted.note.map(|note| note.trim().chars().take(1_000).collect::<String>());
    let publish = PublishDefinition {
        base_revision: wanted.base_revision,
        by: Some(caller.name.clone()),
        note: note.filter(|note| !note.is_empty()),
        at: Utc::now(),
    };
    let version = app.store.definitions.publish(caller.workspace, id, publish).await?;
    if let Some(Document::Lifecycle(lifecycle)) = read(&kind, &rule.draft) {
        // Lists and pickers read the ladder by itself.
        app.store.leads.set_stages(caller.workspace, lifecycle.ladder().to_vec()).await?;
    }
    let job = if moves_leads(&kind) {
        Some(look_at_all(&app, &caller, format!("{} version {version}", rule.name)).await?)
    } else {
        None
    };
    let rulebook = shown(find(&app, &caller, &kind, id).await?);
    Ok(axum::Json(PublishedRulebook { rulebook, job }))
}

/// Two models that each score every lead would undo one another.
async fn refuse_second_automatic(app: &Shared, caller: &Caller, rule: &Drafted) -> Result<()> {
    let Some(Document::Scoring(model)) = read(&rule.kind, &rule.draft) else { return Ok(()) };
    if !model.automatic {
        return Ok(());
    }
    for other in app.store.definitions.published(caller.workspace, rule.kind.clone()).await? {
        let is_automatic =
            matches!(read(&rule.kind, other.document()), Some(Document::Scoring(model)) if model.automatic);
        if other.id != rule.id && is_automatic {
            let says = format!("the model {} scores every lead already", other.name);
            return Err(problem::SECOND_SCORE.because(says));
        }
    }
    Ok(())
}

/// Versions of a rulebook
#[utoipa::path(get, path = "/rulebooks/{kind}/{id}/versions", tag = "rules", operation_id = "listRulebookVersions",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = RulebookVersions)))]
async fn versions(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<RulebookVersions>> {
    find(&app, &caller, &kind, id).await?;
    let all = app.store.definitions.versions(caller.workspace, id).await?;
    Ok(axum::Json(compared(&kind, all)))
}

/// Delete a rulebook with its versions
///
/// Nothing is in force under its name any more.
#[utoipa::path(delete, path = "/rulebooks/{kind}/{id}", tag = "rules", operation_id = "deleteRulebook",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = RemovedRulebook)))]
async fn remove(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<RemovedRulebook>> {
    let Held { rule, .. } = find(&app, &caller, &kind, id).await?;
    app.store.definitions.remove(caller.workspace, id).await?;
    let job = if moves_leads(&kind) {
        Some(look_at_all(&app, &caller, format!("{} removed", rule.name)).await?)
    } else {
        None
    };
    Ok(axum::Json(RemovedRulebook { job }))
}

/// Look at every lead again
///
/// Scores, stages and segments are brought to where the rules in force put them. Nothing changes for leads that stand
/// there already.
#[utoipa::path(post, path = "/leads/assess", tag = "rules", operation_id = "assessLeads",
    responses((status = 202, body = Job)))]
async fn assess(State(app): State<Shared>, caller: Caller) -> Result<(StatusCode, axum::Json<Job>)> {
    let job = look_at_all(&app, &caller, "all rules".to_owned()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(job)))
}

async fn look_at_all(app: &Shared, caller: &Caller, why: String) -> Result<Job> {
    let order = Order {
        workspace: caller.workspace,
        workflow: None,
        title: format!("Every lead by {why}"),
        plan: Plan::Assess(AssessPlan {}),
        request: json!({}),
        total: None,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(app, order).await?;
    jobs::shown(app, job).await
}
