//! `/workflows/{id}/schedule`: a month of a workflow's schedules: what ran, was skipped, missed or waits, and what is
//! planned.

use super::body::{Path, Query};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use super::workflows;
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use trunkline_engine::schedule::Schedule;
use trunkline_engine::trigger::{ScheduleRule, Trigger};
use trunkline_store::ports::TickOutcome;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most moments shown of one day; the others are counted.
const MOST_A_DAY: usize = 48;
/// Most moments looked through; a schedule fires at most once a minute.
const MOST: usize = 31 * 24 * 60;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(show))
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// As `YYYY-MM`; the current month when absent.
    month: Option<String>,
}

/// A month of schedules.
#[derive(Debug, Serialize, ToSchema)]
pub struct Calendar {
    /// The time zone its days are days of.
    pub timezone: String,
    /// Days on which something is or was due, in order.
    pub days: Vec<CalendarDay>,
}

/// A day of schedules.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// Its moments in order, at most 48.
    pub ticks: Vec<CalendarTick>,
    /// How many more there are.
    pub more: usize,
}

/// A moment of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarTick {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The same on the schedule's clock, such as `08:00`.
    pub local: String,
    /// The trigger step.
    pub step: String,
    /// What became of it.
    pub outcome: CalendarOutcome,
    /// The run it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
}

/// What became of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarOutcome {
    /// It started a run.
    Ran,
    /// The run before it was still going on.
    Skipped,
    /// The server was not there.
    Missed,
    /// It waits for the run before it.
    Queued,
    /// It is still to come.
    Planned,
}

impl From<TickOutcome> for CalendarOutcome {
    fn from(outcome: TickOutcome) -> Self {
        match outcome {
            TickOutcome::Ran => Self::Ran,
            TickOutcome::Skipped => Self::Skipped,
            TickOutcome::Missed => Self::Missed,
            TickOutcome::Queued => Self::Queued,
        }
    }
}

/// A month of a workflow's schedules
///
/// What is planned comes from the published version while the workflow is switched on. What was reaches back 100 days.
#[utoipa::path(get, path = "/workflows/{id}/schedule", tag = "workflows", operation_id = "getScheduleCalendar",
    params(("id" = Uuid, Path), CalendarQuery), responses((status = 200, body = Calendar)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CalendarQuery>,
) -> Result<axum::Json<Calendar>> {
    workflows::find(&app, &caller, id).await?;
    let rules = rules(&app, &caller, id);
    let zone = rules.first().and_then(|(_, rule)| rule.timezone.parse().ok()).unwrap_or(Tz::UTC);
    let now = Utc::now();
    let first = match query.month.as_deref() {
        None => now.with_timezone(&zone).date_naive().with_day(1),
        Some(month) => NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok(),
    };
    let span =
        first.and_then(|first| Some((midnight(zone, first)?, midnight(zone, first + Months::new(1))?)));
    let (from, until) =
        span.ok_or_else(|| problem::WRONG_PARAMETER.because("`month` must be of the form 2026-03"))?;
    let noted = app.store.ticks.between(id, from, until).await?;
    let mut ticks: Vec<CalendarTick> = noted
        .into_iter()
        .map(|(step, tick)| CalendarTick {
            at: tick.at,
            local: clock(zone, tick.at),
            step,
            outcome: tick.outcome.into(),
            run_id: tick.run,
        })
        .collect();
    if app.routes.is_active(id) {
        for (step, rule) in &rules {
            ticks.extend(planned(step, rule, zone, now.max(from), until));
        }
    }
    ticks.sort_by(|one, other| (one.at, &one.step).cmp(&(other.at, &other.step)));
    Ok(axum::Json(Calendar { timezone: zone.name().into(), days: days(zone, ticks) }))
}

/// The schedules of the published version.
fn rules(app: &Shared, caller: &Caller, workflow: Uuid) -> Vec<(String, ScheduleRule)> {
    let version = app.routes.published(caller.workspace, workflow);
    let triggers = version.map(|version| version.compiled.triggers()).unwrap_or_default();
    let rule = |(step, trigger)| match trigger {
        Trigger::Schedule(rule) => Some((step, rule)),
        _ => None,
    };
    triggers.into_iter().filter_map(rule).collect()
}

/// The first moment of `date` in `zone`; where the clock skips midnight, the first there is.
fn midnight(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    let start = date.and_hms_opt(0, 0, 0)?;
    let found = (0..8).find_map(|quarter| {
        zone.from_local_datetime(&(start + chrono::TimeDelta::minutes(15 * quarter))).earliest()
    });
    found.map(|at| at.to_utc())
}

fn clock(zone: Tz, at: DateTime<Utc>) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

fn planned(
    step: &str,
    rule: &ScheduleRule,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<CalendarTick> {
    let Ok(schedule) = Schedule::parse_in(&rule.cron, &rule.timezone) else { return Vec::new() };
    // The first minute of the month belongs to it.
    let before = from - TimeDelta::seconds(1);
    let next = std::iter::successors(schedule.next_after(before), |last| schedule.next_after(*last));
    next.take_while(|at| *at < until)
        .take(MOST)
        .map(|at| CalendarTick {
            at,
            local: clock(zone, at),
            step: step.to_owned(),
            outcome: CalendarOutcome::Planned,
            run_id: None,
        })
        .collect()
}

fn days(zone: Tz, ticks: Vec<CalendarTick>) -> Vec<CalendarDay> {
    let mut days: Vec<CalendarDay> = Vec::new();
    for tick in ticks {
        let date = tick.at.with_timezone(&zone).date_naive();
        if days.last().is_none_or(|day| day.date != date) {
            days.push(CalendarDay { date, ticks: Vec::new(), more: 0 });
        }
        let day = days.last_mut().expect("one was pushed if there was none");
        if day.ticks.len() < MOST_A_DAY {
            day.ticks.push(tick);
        } else {
            day.more += 1;
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::SecondsFormat;

    #[test]
    fn days_are_those_of_the_schedules_clock_and_bounded() {
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        let rule = |cron: &str| ScheduleRule {
            cron: cron.into(),
            timezone: "Europe/Berlin".into(),
            missed: Default::default(),
            overlap: Default::default(),
        };
        let from = midnight(zone, NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()).unwrap();
        let until = midnight(zone, NaiveDate::from_ymd_opt(2026, 4, 1).unwrap()).unwrap();
        assert_eq!(from.to_rfc3339_opts(SecondsFormat::Secs, true), "2026-02-28T23:00:00Z");
        assert_eq!(until.to_rfc3339_opts(SecondsFormat::Secs, true), "2026-03-31T22:00:00Z");
        let daily = days(zone, planned("at_one", &rule("30 0 * * *"), zone, from, until));
        assert_eq!(daily.len(), 31);
        assert!(daily.iter().all(|day| day.ticks[0].local == "00:30"));
        let dense = days(zone, planned("often", &rule("* * * * *"), zone, from, until));
        assert_eq!(dense[0].ticks.len() + dense[0].more, 24 * 60);
        assert_eq!(dense[0].ticks.len(), MOST_A_DAY);
        let short = dense.iter().find(|day| day.date.day() == 29).unwrap();
        assert_eq!(short.ticks.len() + short.more, 23 * 60, "the clock goes forward that day");
    }
}
