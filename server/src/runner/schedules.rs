//! Fires schedule triggers. Each tick's event carries a key made of the step and the moment, so that it fires once even
//! when the server is stopped between firing and noting it.

use super::routes::Bound;
use super::{Await, NewRun, Runner};
use crate::intake::payload::stamp;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::time::Duration;
use trunkline_engine::schedule::Schedule;
use trunkline_engine::trigger::ScheduleRule;

/// How often schedules are looked at; they are exact to the minute.
const LOOK: Duration = Duration::from_secs(1);
/// How late a tick may still fire, after a restart for example. Older ones are skipped.
const LATEST: TimeDelta = TimeDelta::minutes(5);

impl Runner {
    /// Fires schedules until the server stops.
    pub async fn keep_schedules(self) {
        let mut last = Utc::now() - LATEST;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.inner.stopping.cancelled() => return,
            }
            let now = Utc::now();
            for bound in self.inner.routes.schedules() {
                self.fire_if_due(&bound, last, now).await;
            }
            last = now;
        }
    }

    async fn fire_if_due(&self, bound: &Bound<ScheduleRule>, last: DateTime<Utc>, now: DateTime<Utc>) {
        let Ok(schedule) = Schedule::parse_in(&bound.rule.cron, &bound.rule.timezone) else { return };
        let Some(due) = schedule.next_after(last).filter(|due| *due <= now) else { return };
        // Ticks from before the version was there are not its own.
        match self.inner.store.workflows.fired(bound.version.workflow, bound.step.clone()).await {
            Ok(Some(fired)) if fired >= due => return,
            Ok(None) if due < now - TimeDelta::seconds(90) => return,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the last tick of a schedule could not be read"),
        }
        let new = NewRun {
            trigger: bound.step.clone(),
            kind: "schedule",
            output: json!({ "scheduled_at": stamp(due), "received_at": stamp(now) }),
            key: Some(format!("schedule:{}:{}", bound.step, due.timestamp())),
            parent: None,
            at: now,
        };
        let started = self.start(&bound.version, new, Await::Nothing).await;
        let noted = match started {
            Ok(_) => {
                self.inner.store.workflows.mark_fired(bound.version.workflow, bound.step.clone(), due).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            tracing::error!(%error, workflow = bound.version.name, "a scheduled run could not be started");
        }
    }
}
