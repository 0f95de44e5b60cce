//! `/stages/report` and `/segments`: where leads stand, and how they came there.

use super::body::Query;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use axum::Json;
use axum::extract::State;
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Days that are reported on unless others are asked for.
const USUAL_DAYS: u32 = 90;
/// Most days that can be reported on.
const MOST_DAYS: u32 = 3_650;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(report)).routes(routes!(segments))
}

/// Which time to report on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Stays that ended within the last days (1 to 3,650; 90 when absent).
    days: Option<u32>,
}

/// How leads go through the stages.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageReport {
    /// Stays that ended within the last days count.
    pub days: u32,
    /// All stages, from the first to the last; stages that the lifecycle no longer has come last.
    pub stages: Vec<StageFigures>,
}

/// How leads go through a stage.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageFigures {
    /// The stage.
    pub stage: String,
    /// Leads in it now.
    pub now: u64,
    /// Stays in it that ended.
    pub left: u64,
    /// How long the stay in the middle lasted, in seconds.
    pub median_seconds: Option<i64>,
    /// Of the stays that ended, how many went on to a later stage.
    pub went_on: u64,
    /// Where leads went, the most frequent first.
    pub next: Vec<StageStep>,
}

/// How many leads went from one stage to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct StageStep {
    /// Where to.
    pub stage: String,
    /// How many times.
    pub count: u64,
}

/// A segment and how many leads belong to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentSize {
    /// Its id; none when it was removed and leads are still leaving it.
    pub id: Option<Uuid>,
    /// Name.
    pub name: String,
    /// Leads that belong to it now.
    pub count: u64,
}

/// All segments in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentSizes {
    /// By name.
    pub items: Vec<SegmentSize>,
}

/// How leads go through the stages
#[utoipa::path(get, path = "/stages/report", tag = "rules", operation_id = "reportStages", params(ReportQuery),
    responses((status = 200, body = StageReport)))]
async fn report(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<ReportQuery>,
) -> Result<Json<StageReport>> {
    let days = query.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(problem::WRONG_PARAMETER.because(format!("`days` must be from 1 to {MOST_DAYS}")));
    }
    let since = Utc::now() - TimeDelta::days(i64::from(days));
    let ladder = app.store.leads.stages(caller.workspace).await?;
    let mut now: HashMap<String, u64> =
        app.store.leads.summary(caller.workspace).await?.by_stage.into_iter().collect();
    let stays = app.store.standing.stays(caller.workspace, since).await?;
    let mut stays: HashMap<String, _> = stays.into_iter().map(|stay| (stay.stage.clone(), stay)).collect();
    let rank = |name: &str| ladder.iter().find(|stage| stage.name == name).map(|stage| stage.rank);
    let mut names: Vec<String> = ladder.iter().map(|stage| stage.name.clone()).collect();
    let mut gone: Vec<String> =
        now.keys().chain(stays.keys()).filter(|name| rank(name).is_none()).cloned().collect();
    gone.sort_unstable();
    gone.dedup();
    names.extend(gone);
    let figures = |name: String| {
        let stay = stays.remove(&name);
        let next = stay.as_ref().map(|stay| stay.next.clone()).unwrap_or_default();
        let here = rank(&name);
        let is_further = |to: &str| here.zip(rank(to)).is_some_and(|(here, there)| there > here);
        StageFigures {
            now: now.remove(&name).unwrap_or(0),
            left: stay.as_ref().map_or(0, |stay| stay.ended),
            median_seconds: stay.map(|stay| stay.median.num_seconds()),
            went_on: next.iter().filter(|(to, _)| is_further(to)).map(|(_, count)| count).sum(),
            next: next.into_iter().map(|(stage, count)| StageStep { stage, count }).collect(),
            stage: name,
        }
    };
    Ok(Json(StageReport { days, stages: names.into_iter().map(figures).collect() }))
}

/// Segments in force, and how many leads belong to each
#[utoipa::path(get, path = "/segments", tag = "rules", operation_id = "listSegments",
    responses((status = 200, body = SegmentSizes)))]
async fn segments(State(app): State<Shared>, caller: Caller) -> Result<Json<SegmentSizes>> {
    let kind = trunkline_leads::segment::KIND.to_owned();
    let published = app.store.definitions.published(caller.workspace, kind).await?;
    let mut counts: HashMap<String, u64> =
        app.store.standing.segment_counts(caller.workspace).await?.into_iter().collect();
    let mut items: Vec<SegmentSize> = published
        .into_iter()
        .map(|segment| SegmentSize {
            id: Some(segment.id),
            count: counts.remove(&segment.name).unwrap_or(0),
            name: segment.name,
        })
        .collect();
    items.extend(counts.into_iter().map(|(name, count)| SegmentSize { id: None, name, count }));
    items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(SegmentSizes { items }))
}
