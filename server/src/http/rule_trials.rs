//! `/rulebooks/{kind}/try` and `/trial`: a draft on one lead at once, and on every lead as a job.

use super::body::{Json, Path};
use super::jobs::{self, Job};
use super::leads::ScoreReason;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::rulebook_view::{self, Held, RulebookProblem};
use crate::app::Shared;
use crate::auth::Caller;
use crate::jobs::{Order, Plan, ScoreTrialPlan, SegmentTrialPlan};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_leads::criteria::{Facts, Watch};
use trunkline_leads::standing::Document;
use trunkline_store::ports::{Drafted, LeadQuery, Walked};
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(try_one)).routes(routes!(try_all))
}

/// A document to be tried on a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryRule {
    /// What it says.
    #[schema(value_type = Object)]
    pub document: Value,
    /// On which lead; the newest when absent.
    #[serde(default)]
    pub lead_id: Option<Uuid>,
}

/// What a document says of a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedRule {
    /// What it says, a sentence each.
    pub words: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<RulebookProblem>,
    /// The lead; none when there is no lead at all.
    pub lead: Option<TriedLead>,
    /// Of a scoring model: what the lead scores.
    pub score: Option<TriedScore>,
    /// Of a segment: whether the lead belongs to it, and why.
    pub belongs: Option<Belongs>,
}

/// The lead a document was tried on.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedLead {
    /// Id.
    pub id: Uuid,
    /// The best name there is.
    pub name: String,
}

/// A score.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedScore {
    /// The score.
    pub score: i64,
    /// The highest there is.
    pub maximum: i64,
    /// What the fit table counts.
    pub fit: i64,
    /// What the behaviour table counts.
    pub behaviour: i64,
    /// The grade, such as `B2`.
    pub grade: Option<String>,
    /// The highest threshold reached.
    pub reached: Option<String>,
    /// What it is made of; the points add up to the score.
    pub reasons: Vec<ScoreReason>,
}

/// Whether a lead belongs to a segment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Belongs {
    /// Whether it does.
    pub holds: bool,
    /// What decided it.
    pub why: String,
}

/// Try a document on one lead
///
/// Nothing is written. The document need not be saved.
#[utoipa::path(post, path = "/rulebooks/{kind}/try", tag = "rules", operation_id = "tryRule",
    params(("kind" = String, Path)), request_body = TryRule, responses((status = 200, body = TriedRule)))]
async fn try_one(
    State(app): State<Shared>,
    caller: Caller,
    Path(kind): Path<String>,
    Json(wanted): Json<TryRule>,
) -> Result<axum::Json<TriedRule>> {
    let read = Document::read(&kind, &wanted.document)
        .ok_or_else(|| problem::NOT_FOUND.because(format!("there is no kind of rules called {kind}")))?;
    let document = match read {
        Ok(document) => document,
        Err(problem) => {
            let problems = vec![problem.into()];
            return Ok(axum::Json(TriedRule {
                words: Vec::new(),
                problems,
                lead: None,
                score: None,
                belongs: None,
            }));
        }
    };
    let watch = Watch::new(match &document {
        Document::Scoring(model) => model.dependencies().activities,
        Document::Lifecycle(lifecycle) => lifecycle.dependencies().activities,
        Document::Segment(segment) => segment.dependencies().activities,
    });
    let walked = sample(&app, &caller, wanted.lead_id, &watch).await?;
    let mut tried = TriedRule {
        words: document.in_words(),
        problems: document.problems().into_iter().map(RulebookProblem::from).collect(),
        lead: None,
        score: None,
        belongs: None,
    };
    if let Some(Walked { lead, traces, account }) = walked {
        let history = watch.history(&traces);
        let account = account.map(|profile| profile.record());
        let facts = Facts::new(&lead, &history, Utc::now()).with_account(account.as_ref());
        match &document {
            Document::Scoring(model) => {
                let score = model.score(&facts);
                let reasons = score.reasons.into_iter();
                tried.score = Some(TriedScore {
                    score: score.score,
                    maximum: model.maximum,
                    fit: score.fit,
                    behaviour: score.behaviour,
                    grade: score.grade,
                    reached: score.reached,
                    reasons: reasons
                        .map(|reason| ScoreReason { label: reason.label, points: reason.points })
                        .collect(),
                });
            }
            Document::Segment(segment) => {
                let verdict = segment.rule.judge(&facts);
                tried.belongs = Some(Belongs { holds: verdict.holds, why: verdict.why });
            }
            Document::Lifecycle(_) => {}
        }
        tried.lead = Some(TriedLead { id: lead.id, name: lead.name() });
    }
    Ok(axum::Json(tried))
}

/// The lead to try on: the one that is named, or the newest.
async fn sample(app: &Shared, caller: &Caller, id: Option<Uuid>, watch: &Watch) -> Result<Option<Walked>> {
    let id = match id {
        Some(id) => id,
        None => {
            let query = LeadQuery { limit: 1, ..LeadQuery::default() };
            let newest = app.store.leads.list(caller.workspace, query).await?.items.into_iter().next();
            let Some(newest) = newest else { return Ok(None) };
            newest.lead.id
        }
    };
    let found = app.store.standing.look_at(caller.workspace, id, watch.kinds()).await?;
    found.map(Some).ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))
}

/// Try the draft on every lead
///
/// Compares the draft with what is in force and counts who would reach or cease to reach each threshold, or would enter
/// or leave the segment. Nothing is written.
#[utoipa::path(post, path = "/rulebooks/{kind}/{id}/trial", tag = "rules", operation_id = "startRuleTrial",
    params(("kind" = String, Path), ("id" = Uuid, Path)), responses((status = 202, body = Job)))]
async fn try_all(
    State(app): State<Shared>,
    caller: Caller,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<(StatusCode, axum::Json<Job>)> {
    let Held { rule: Drafted { name, draft, .. }, in_force: before } =
        rulebook_view::find(&app, &caller, &kind, id).await?;
    let (title, plan) = match rulebook_view::read(&kind, &draft) {
        Some(Document::Scoring(_)) => {
            (format!("Back-test of {name}"), Plan::ScoreTrial(ScoreTrialPlan { before, after: draft }))
        }
        Some(Document::Segment(_)) => {
            (format!("Preview of {name}"), Plan::SegmentTrial(SegmentTrialPlan { before, after: draft }))
        }
        Some(Document::Lifecycle(_)) => {
            return Err(
                problem::INVALID.because("a lifecycle moves nobody by itself, so there is nothing to try")
            );
        }
        None => return Err(problem::RULE_HAS_PROBLEMS.because("the draft cannot be read")),
    };
    let order = Order {
        workspace: caller.workspace,
        workflow: None,
        title,
        plan,
        request: json!({ "kind": kind, "rule": id }),
        total: None,
        by: caller.name.clone(),
    };
    let job = app.jobs.start(&app, order).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(jobs::shown(&app, job).await?)))
}
