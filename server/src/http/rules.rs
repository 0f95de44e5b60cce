//! `/rules/{kind}`: scoring models, the lifecycle and segments, as drafts, in force, and as they were.

use super::body::{Json, Path};
use super::jobs::{self, Job};
use super::problem::{self, Result};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{AssessPlan, Order, Plan};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_engine::kind::ConfigProblem;
use trunkline_leads::standing::{Document, Rules};
use trunkline_leads::{lifecycle, segment};
use trunkline_store::ports::{Drafted, NewDefinition, PublishDefinition, SaveDefinition};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Longest name of a definition, in characters.
const MAX_NAME: usize = 100;

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, save, remove))
        .routes(routes!(publish))
        .routes(routes!(versions))
        .routes(routes!(assess))
}

/// A rule as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSummary {
    /// Id.
    pub id: Uuid,
    /// Name; it is how workflows and leads call it, and stays.
    pub name: String,
    /// Number of the version in force.
    pub version: Option<i64>,
    /// Whether the draft says something else.
    pub changed: bool,
    /// What is in force or, before that, the draft, a sentence each.
    pub words: Vec<String>,
    /// When the draft last changed.
    pub updated_at: DateTime<Utc>,
}

/// All rules of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    /// By name.
    pub items: Vec<RuleSummary>,
}

/// A rule with its draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule {
    /// Id.
    pub id: Uuid,
    /// `scoring_model`, `lifecycle` or `segment`.
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
    /// What is in force.
    #[schema(value_type = Option<Object>)]
    pub published: Option<Value>,
    /// What the draft says, a sentence each.
    pub words: Vec<String>,
    /// What the draft would change of what is in force, a sentence each.
    pub changes: Vec<String>,
    /// What is wrong with the draft.
    pub problems: Vec<RuleProblem>,
    /// When the draft last changed.
    pub updated_at: DateTime<Utc>,
}

/// Something that is wrong with a rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleProblem {
    /// Where, as a JSON Pointer.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub action: String,
}

/// A rule to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRule {
    /// Name.
    pub name: String,
    /// What it says so far.
    #[schema(value_type = Object)]
    pub draft: Value,
}

/// An edit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRule {
    /// The revision it was made on.
    pub base_revision: i64,
    /// What it says now.
    #[schema(value_type = Object)]
    pub draft: Value,
}

/// A draft to be put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRule {
    /// The revision that was looked at.
    pub base_revision: i64,
    /// Why, in the publisher's words.
    #[serde(default)]
    pub note: Option<String>,
}

/// What was put in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedRule {
    /// Its number.
    pub version: i64,
    /// The job that looks at every lead again; leads that change meanwhile follow the new version at once.
    pub job: Job,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleVersion {
    /// Its number.
    pub version: i64,
    /// What it says, a sentence each.
    pub words: Vec<String>,
    /// What it changed of the version before, a sentence each.
    pub changes: Vec<String>,
    /// Why, in the publisher's words.
    pub note: Option<String>,
    /// Who.
    pub published_by: Option<String>,
    /// When.
    pub published_at: DateTime<Utc>,
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
}

/// All versions of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleVersions {
    /// The newest first.
    pub items: Vec<RuleVersion>,
}

impl From<ConfigProblem> for RuleProblem {
    fn from(problem: ConfigProblem) -> Self {
        Self { field: problem.field, message: problem.message, action: problem.action }
    }
}

/// `kind`, when it is one of rules.
fn known_kind(kind: &str) -> Result<&'static str> {
    let known = Rules::KINDS.into_iter().find(|known| *known == kind);
    known.ok_or_else(|| problem::NOT_FOUND.because(format!("there is no kind of rules called {kind}")))
}

/// A rule as it is written and, when it was published, as it is in force.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) rule: Drafted,
    pub(super) in_force: Option<Value>,
}

/// The rule `id` of `kind`.
pub(super) async fn find(app: &Shared, caller: &Caller, kind: &str, id: Uuid) -> Result<Held> {
    let kind = known_kind(kind)?;
    let found = app.store.definitions.get(caller.workspace, id).await?;
    let rule = found
        .filter(|rule| rule.kind == kind)
        .ok_or_else(|| problem::NOT_FOUND.because("there is no such rule; it may have been deleted"))?;
    let in_force = app.store.definitions.published(caller.workspace, kind.to_owned()).await?;
    let in_force = in_force.iter().find(|one| one.id == id).map(|one| one.document().clone());
    Ok(Held { rule, in_force })
}

/// The document, when it can be read.
pub(super) fn read(kind: &str, document: &Value) -> Option<Document> {
    Document::read(kind, document)?.ok()
}

/// What is wrong with the document.
fn problems(kind: &str, document: &Value) -> Vec<ConfigProblem> {
    match Document::read(kind, document) {
        Some(Ok(document)) => document.problems(),
        Some(Err(problem)) => vec![problem],
        None => Vec::new(),
    }
}

/// What `after` changed of `before`, a sentence each; everything when there was nothing.
fn changes(kind: &str, before: Option<&Value>, after: &Value) -> Vec<String> {
    let Some(after) = read(kind, after) else { return Vec::new() };
    match before.and_then(|before| read(kind, before)) {
        Some(before) => after.changes_since(&before),
        None => after.in_words(),
    }
}

fn words(kind: &str, document: &Value) -> Vec<String> {
    read(kind, document).map(|document| document.in_words()).unwrap_or_default()
}

fn shown(Held { rule, in_force }: Held) -> Rule {
    let kind = rule.kind;
    Rule {
        id: rule.id,
        name: rule.name,
        words: words(&kind, &rule.draft),
        changes: changes(&kind, in_force.as_ref(), &rule.draft),
        problems: problems(&kind, &rule.draft).into_iter().map(RuleProblem::from).collect(),
        draft: rule.draft,
        revision: rule.revision,
        version: rule.published,
        published: in_force,
        updated_at: rule.updated_at,
        kind,
    }
}

/// List rules of a kind
#[utoipa::path(get, path = "/rules/{kind}", tag = "rules", operation_id = "listRules",
    params(("kind" = String, Path, description = "`scoring_model`, `lifecycle` or `segment`.")),
    responses((status = 200, body = RuleList)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Result<axum::Json<RuleList>> {
    let kind = known_kind(&kind)?;
    let found = app.store.definitions.list(caller.workspace, kind.to_owned()).await?;
    let in_force = app.store.definitions.published(caller.workspace, kind.to_owned()).await?;
    let items = found.into_iter().map(|rule| {
        let in_force = in_force.iter().find(|one| one.id == rule.id).map(|one| one.document());
        RuleSummary {
            id: rule.id,
            changed: in_force != Some(&rule.draft),
            words: words(kind, in_force.unwrap_or(&rule.draft)),
            name: rule.name,
            version: rule.published,
            updated_at: rule.updated_at,
        }
    });
    Ok(axum::Json(RuleList { items: items.collect() }))
}

/// Make a rule
///
/// It is a draft until it is published.
#[utoipa::path(post, path = "/rules/{kind}", tag = "rules", operation_id = "createRule",
    params(("kind" = String, Path)), request_body = CreateRule, responses((status = 201, body = Rule)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    Json(wanted): Json<CreateRule>,
) -> Result<(StatusCode, axum::Json<Rule>)> {
    let kind = known_kind(&kind)?;
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().nth(MAX_NAME).is_some() {
        return Err(problem::INVALID.because(format!("a name has 1 to {MAX_NAME} characters")));
    }
    let known = app.store.definitions.list(caller.workspace, kind.to_owned()).await?;
    if kind == lifecycle::KIND && !known.is_empty() {
        return Err(problem::CONFLICT.because("a workspace has one lifecycle; change that one"));
    }
    if kind == segment::KIND && known.len() >= segment::MAX_SEGMENTS {
        let most = segment::MAX_SEGMENTS;
        return Err(problem::INVALID.because(format!("there are {most} segments already, which is the most")));
    }
    let id = Uuid::now_v7();
    let new = NewDefinition { id, kind: kind.to_owned(), name, draft: wanted.draft, at: Utc::now() };
    app.store.definitions.create(caller.workspace, new).await?;
    let made = find(&app, &caller, kind, id).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(made))))
}

/// One rule
#[utoipa::path(get, path = "/rules/{kind}/{id}", tag = "rules", operation_id = "getRule",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = Rule)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<Rule>> {
    find(&app, &caller, &kind, id).await.map(shown).map(axum::Json)
}

/// Save the draft of a rule
#[utoipa::path(put, path = "/rules/{kind}/{id}", tag = "rules", operation_id = "saveRule",
    params(("kind" = String, Path), ("id" = Uuid, Path)), request_body = SaveRule,
    responses((status = 200, body = Rule)))]
async fn save(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
    Json(wanted): Json<SaveRule>,
) -> Result<axum::Json<Rule>> {
    let Held { rule, .. } = find(&app, &caller, &kind, id).await?;
    let edit = SaveDefinition {
        name: rule.name,
        draft: wanted.draft,
        base_revision: wanted.base_revision,
        at: Utc::now(),
    };
    app.store.definitions.save(caller.workspace, id, edit).await?;
    find(&app, &caller, &kind, id).await.map(shown).map(axum::Json)
}

/// Put the draft of a rule in force
///
/// From the next change of a lead on the new version counts; a job looks at all other leads.
#[utoipa::path(post, path = "/rules/{kind}/{id}/publish", tag = "rules", operation_id = "publishRule",
    params(("kind" = String, Path), ("id" = Uuid, Path)), request_body = PublishRule,
    responses((status = 200, body = PublishedRule)))]
async fn publish(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
    Json(wanted): Json<PublishRule>,
) -> Result<axum::Json<PublishedRule>> {
    let Held { rule: definition, .. } = find(&app, &caller, &kind, id).await?;
    let found = problems(&definition.kind, &definition.draft);
    if let Some(first) = found.first() {
        let rest = match found.len() - 1 {
            0 => String::new(),
            1 => "; and 1 more".to_owned(),
            more => format!("; and {more} more"),
        };
        return Err(problem::RULE_HAS_PROBLEMS.because(format!("{}{rest}", first.message)));
    }
    refuse_second_automatic(&app, &caller, &definition).await?;
    let note = wanted.note.map(|note| note.trim().chars().take(1_000).collect());
    let publish = PublishDefinition {
        base_revision: wanted.base_revision,
        note: note.filter(|note: &String| !note.is_empty()),
        by: Some(caller.name.clone()),
        at: Utc::now(),
    };
    let version = app.store.definitions.publish(caller.workspace, id, publish).await?;
    if let Some(Document::Lifecycle(lifecycle)) = read(&definition.kind, &definition.draft) {
        // Lists and pickers read the ladder by itself.
        app.store.leads.set_stages(caller.workspace, lifecycle.ladder().to_vec()).await?;
    }
    let job = look_at_all(&app, &caller, format!("{} version {version}", definition.name)).await?;
    Ok(axum::Json(PublishedRule { version, job }))
}

/// Two models that each score every lead would undo one another.
async fn refuse_second_automatic(app: &Shared, caller: &Caller, definition: &Drafted) -> Result<()> {
    let Some(Document::Scoring(model)) = read(&definition.kind, &definition.draft) else { return Ok(()) };
    if !model.automatic {
        return Ok(());
    }
    for other in app.store.definitions.published(caller.workspace, definition.kind.clone()).await? {
        let is_automatic = matches!(read(&definition.kind, other.document()), Some(Document::Scoring(model)) if model.automatic);
        if other.id != definition.id && is_automatic {
            let says = format!("the model {} scores every lead already", other.name);
            return Err(problem::SECOND_SCORE.because(says));
        }
    }
    Ok(())
}

/// Versions of a rule
#[utoipa::path(get, path = "/rules/{kind}/{id}/versions", tag = "rules", operation_id = "listRuleVersions",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = RuleVersions)))]
async fn versions(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<RuleVersions>> {
    let Held { rule: definition, .. } = find(&app, &caller, &kind, id).await?;
    let found = app.store.definitions.versions(caller.workspace, id).await?;
    let before = found.iter().skip(1).map(|version| Some(version.document.clone())).chain([None]);
    let before: Vec<Option<Value>> = before.collect();
    let items = found.into_iter().zip(before).map(|(version, before)| RuleVersion {
        version: version.number,
        words: words(&definition.kind, &version.document),
        changes: changes(&definition.kind, before.as_ref(), &version.document),
        note: version.note,
        published_by: version.published_by,
        published_at: version.published_at,
        document: version.document,
    });
    Ok(axum::Json(RuleVersions { items: items.collect() }))
}

/// Remove a rule with its versions
///
/// What followed from it is taken back by a job: leads leave the segment; scores and stages stay as they are.
#[utoipa::path(delete, path = "/rules/{kind}/{id}", tag = "rules", operation_id = "removeRule",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 200, body = Job)))]
async fn remove(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<axum::Json<Job>> {
    let Held { rule: definition, .. } = find(&app, &caller, &kind, id).await?;
    app.store.definitions.remove(caller.workspace, id).await?;
    look_at_all(&app, &caller, format!("{} removed", definition.name)).await.map(axum::Json)
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
