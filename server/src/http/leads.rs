//! `/leads/{id}` and `/leads/summary`: one lead with its timeline, and where all leads stand.

use super::body::Path;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use trunkline_store::ports::{self, Named};
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(summary)).routes(routes!(show))
}

/// An id and what people call it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedId {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

impl From<Named> for NamedId {
    fn from(named: Named) -> Self {
        Self { id: named.id, name: named.name }
    }
}

/// What a score is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreReason {
    /// The rule.
    pub label: String,
    /// Its points.
    pub points: i64,
}

/// A lead with everything known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lead {
    /// Id.
    pub id: Uuid,
    /// The id another system gave it.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The best name there is.
    pub name: String,
    /// Job title.
    pub job_title: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// People who work there.
    pub company_size: Option<u32>,
    /// Industry.
    pub industry: Option<String>,
    /// Website.
    pub website: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// `utm_source` of its visit.
    pub utm_source: Option<String>,
    /// `utm_medium` of its visit.
    pub utm_medium: Option<String>,
    /// `utm_campaign` of its visit.
    pub utm_campaign: Option<String>,
    /// `utm_term` of its visit.
    pub utm_term: Option<String>,
    /// `utm_content` of its visit.
    pub utm_content: Option<String>,
    /// Whether it may be written to; `null` when nobody asked.
    pub consent: Option<bool>,
    /// When it said so.
    pub consent_at: Option<DateTime<Utc>>,
    /// Where it said so.
    pub consent_source: Option<String>,
    /// Stage.
    pub stage: String,
    /// Score.
    pub score: Option<i64>,
    /// What the score is made of.
    pub score_reasons: Vec<ScoreReason>,
    /// Who owns it.
    pub owner: Option<NamedId>,
    /// Why they do.
    pub owner_reason: Option<String>,
    /// The account it belongs to.
    pub account_id: Option<Uuid>,
    /// Why it belongs there.
    pub account_reason: Option<String>,
    /// Lists it is on.
    pub lists: Vec<NamedId>,
    /// The workspace's own fields.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub fields: Map<String, Value>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// What happened to it, the newest first.
    pub timeline: Vec<Activity>,
}

/// Something that happened to a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// Id, unique within the workspace.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What sort of thing.
    pub kind: ActivityKind,
    /// What happened, in a few words.
    pub title: String,
    /// Why, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The value before.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub old: Value,
    /// The value after.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub new: Value,
    /// The run that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// The step of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The name of the person who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Of a touch, what sort it was, such as `form` or `call`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touch: Option<String>,
    /// Of a touch, where it happened or what brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Of an enrichment: `fields` with who gave them, the `trace` of whom it asked, and the `cost`.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object)]
    pub enrichment: Value,
    /// What else decided it: of an assignment the rows and members that were passed over, of a clock its times.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

/// What sort of thing happened to a lead.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// It was seen for the first time.
    Created,
    /// Fields changed.
    Updated,
    /// Its score changed.
    Scored,
    /// It was given to an owner.
    Assigned,
    /// Its stage changed.
    StageChanged,
    /// It was put on a list.
    Listed,
    /// It was taken off a list.
    Unlisted,
    /// The person did something, or something was done with them.
    Touched,
    /// It was matched to an account, or taken from one.
    Matched,
    /// Fields were filled from providers of data.
    Enriched,
    /// Another lead was merged into it.
    Merged,
    /// A merge was taken back.
    Unmerged,
    /// It entered a segment.
    SegmentEntered,
    /// It left a segment.
    SegmentLeft,
    /// A clock for its owner began to run.
    SlaStarted,
    /// The clock is about to run out.
    SlaWarned,
    /// The clock has run out.
    SlaBreached,
    /// What the clock was for happened in time.
    SlaMet,
    /// A message to it was held back.
    Suppressed,
    /// What it agreed to changed.
    ConsentChanged,
    /// It came in with a file.
    Imported,
}

/// Where all leads stand: every lead is counted once by owner and once by stage.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadsSummary {
    /// All leads.
    pub total: u64,
    /// By owner; `null` is nobody.
    pub by_owner: Vec<OwnerCount>,
    /// By stage.
    pub by_stage: Vec<StageCount>,
    /// By list; a lead may be on several or none.
    pub by_list: Vec<ListCount>,
}

/// Leads of one owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnerCount {
    /// Who; `null` is nobody.
    pub owner: Option<NamedId>,
    /// How many.
    pub count: u64,
}

/// Leads in one stage.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageCount {
    /// Which.
    pub stage: String,
    /// How many.
    pub count: u64,
}

/// Leads on one list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListCount {
    /// Which.
    pub list: NamedId,
    /// How many.
    pub count: u64,
}

/// Where all leads stand
#[utoipa::path(get, path = "/leads/summary", tag = "leads", operation_id = "summarizeLeads",
    responses((status = 200, body = LeadsSummary)))]
async fn summary(State(app): State<Shared>, caller: Caller) -> Result<Json<LeadsSummary>> {
    let summary = app.store.leads.summary(caller.workspace).await?;
    let by_owner = summary.by_owner.into_iter();
    let by_stage = summary.by_stage.into_iter();
    let by_list = summary.by_list.into_iter();
    Ok(Json(LeadsSummary {
        total: summary.total,
        by_owner: by_owner
            .map(|(owner, count)| OwnerCount { owner: owner.map(NamedId::from), count })
            .collect(),
        by_stage: by_stage.map(|(stage, count)| StageCount { stage, count }).collect(),
        by_list: by_list.map(|(list, count)| ListCount { list: list.into(), count }).collect(),
    }))
}

/// One lead with its timeline
///
/// The id of a lead that was merged into another leads to that one.
#[utoipa::path(get, path = "/leads/{id}", tag = "leads", operation_id = "getLead", params(("id" = Uuid, Path)),
    responses((status = 200, body = Lead), (status = 307, description = "It was merged into the lead at `Location`.")))]
async fn show(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<Response> {
    if let Some(view) = app.store.leads.get(caller.workspace, id).await? {
        return Ok(Json(lead(view)).into_response());
    }
    // Not for good: a merge can be taken back.
    match app.store.duplicates.redirect(caller.workspace, id).await? {
        Some(survivor) => Ok(Redirect::temporary(&format!("/api/v1/leads/{survivor}")).into_response()),
        None => Err(problem::NOT_FOUND.because("there is no such lead")),
    }
}

fn lead(view: ports::LeadView) -> Lead {
    let name = view.lead.name();
    let lead = view.lead;
    let reasons = lead.score_reasons.into_iter();
    Lead {
        id: lead.id,
        external_id: lead.external_id,
        email: lead.email,
        phone: lead.phone,
        first_name: lead.first_name,
        last_name: lead.last_name,
        name,
        job_title: lead.job_title,
        company: lead.company,
        company_size: lead.company_size,
        industry: lead.industry,
        website: lead.website,
        country: lead.country,
        city: lead.city,
        region: lead.region,
        postal_code: lead.postal_code,
        source: lead.source,
        utm_source: lead.utm_source,
        utm_medium: lead.utm_medium,
        utm_campaign: lead.utm_campaign,
        utm_term: lead.utm_term,
        utm_content: lead.utm_content,
        consent: lead.consent,
        consent_at: lead.consent_at,
        consent_source: lead.consent_source,
        stage: lead.stage,
        score: lead.score,
        score_reasons: reasons
            .map(|reason| ScoreReason { label: reason.label, points: reason.points })
            .collect(),
        owner: view.owner.map(NamedId::from),
        owner_reason: lead.owner_reason,
        account_id: lead.account_id,
        account_reason: lead.account_reason,
        lists: view.lists.into_iter().map(NamedId::from).collect(),
        fields: lead.fields,
        created_at: lead.created_at,
        updated_at: lead.updated_at,
        timeline: view.timeline.into_iter().map(activity).collect(),
    }
}

fn activity(entry: ports::TimelineEntry) -> Activity {
    use trunkline_leads::ActivityKind as Kind;
    let activity = entry.activity;
    let touch = activity.touch.map(|touch| (touch.kind, touch.channel));
    let (touch, channel) = touch.map_or((None, None), |(kind, channel)| (Some(kind), channel));
    let (enrichment, detail) = match activity.kind {
        Kind::Enriched => (activity.detail, Value::Null),
        _ => (Value::Null, activity.detail),
    };
    Activity {
        id: entry.id.to_string(),
        enrichment,
        detail,
        at: activity.at,
        kind: match activity.kind {
            Kind::Created => ActivityKind::Created,
            Kind::Updated => ActivityKind::Updated,
            Kind::Scored => ActivityKind::Scored,
            Kind::Assigned => ActivityKind::Assigned,
            Kind::StageChanged => ActivityKind::StageChanged,
            Kind::Listed => ActivityKind::Listed,
            Kind::Unlisted => ActivityKind::Unlisted,
            Kind::Touched => ActivityKind::Touched,
            Kind::Matched => ActivityKind::Matched,
            Kind::Enriched => ActivityKind::Enriched,
            Kind::Merged => ActivityKind::Merged,
            Kind::Unmerged => ActivityKind::Unmerged,
            Kind::SegmentEntered => ActivityKind::SegmentEntered,
            Kind::SegmentLeft => ActivityKind::SegmentLeft,
            Kind::SlaStarted => ActivityKind::SlaStarted,
            Kind::SlaWarned => ActivityKind::SlaWarned,
            Kind::SlaBreached => ActivityKind::SlaBreached,
            Kind::SlaMet => ActivityKind::SlaMet,
            Kind::Suppressed => ActivityKind::Suppressed,
            Kind::ConsentChanged => ActivityKind::ConsentChanged,
            Kind::Imported => ActivityKind::Imported,
        },
        title: activity.title,
        why: activity.why,
        old: activity.old,
        new: activity.new,
        run_id: activity.run_id,
        step: activity.step,
        by: activity.by.map(|by| by.name),
        touch,
        channel,
    }
}
