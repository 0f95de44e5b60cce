//! Fires schedule triggers, and notes what became of every moment.
//!
//! A tick is noted to have started its run in the transaction that keeps the run, and the run's event carries a key made
//! of the step and the moment: whenever a server stops, and however many there are, a tick fires once and is noted. A tick
//! that no server was there for is missed: the trigger says what then.

use super::routes::Bound;
use super::{Await, Origin, Runner};
use crate::intake::payload::stamp;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::document::StepId;
use trunkline_engine::expression::Datum;
use trunkline_engine::run::Event;
use trunkline_engine::schedule::Schedule;
use trunkline_engine::trigger::{Missed, Overlap, ScheduleRule};
use trunkline_store::Error;
use trunkline_store::ports::{DueTick, Tick, TickOutcome};
use uuid::Uuid;

/// How often schedules are looked at; they are exact to the minute.
const LOOK: Duration = Duration::from_secs(1);
/// How late a tick may be without being missed: a quick restart misses nothing.
const LATE: TimeDelta = TimeDelta::seconds(90);
/// Most missed ticks that are noted, or run, after one pause; the newest.
const MOST_MISSED: usize = 1_000;
/// Ticks looked through after one pause.
const MOST_SEEN: usize = 100_000;

/// A schedule as it stands in a published version. Another cron text is another schedule: it has missed nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    workflow: Uuid,
    step: StepId,
    cron: String,
    timezone: String,
}

/// How far each schedule has come, and which wait for a run to end.
type Known = BTreeMap<Name, Seen>;

#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Everything due until then has been dealt with.
    until: DateTime<Utc>,
    /// Whether ticks of it may be queued.
    queued: bool,
}

impl Runner {
    /// Fires schedules until the server stops.
    pub async fn keep_schedules(self) {
        let mut known = Known::new();
        // Schedules that were there before the server stopped. Whether their first look succeeds or not, what they have
        // missed stays theirs until one does.
        let mut there: BTreeSet<Name> = self.inner.routes.schedules().iter().map(name).collect();
        loop {
            self.look_at_schedules(&mut known, &mut there).await;
            tokio::select! {
                biased;
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Deals with everything that is due. A schedule that is `there` and not known yet was there before the server
    /// stopped; any other that turns up has just been published or switched on.
    async fn look_at_schedules(&self, known: &mut Known, there: &mut BTreeSet<Name>) {
        let now = self.now();
        let bound = self.inner.routes.schedules();
        let names: Vec<Name> = bound.iter().map(name).collect();
        known.retain(|name, _| names.contains(name));
        for (name, bound) in names.into_iter().zip(bound) {
            let mut seen = known.remove(&name);
            if let Err(error) = self.look_at(&bound, &mut seen, there.contains(&name), now).await {
                let workflow = &bound.version.name;
                tracing::error!(%error, workflow, "a schedule could not be followed; trying again");
            }
            // However far it came counts: what was dealt with must not be dealt with otherwise a minute later.
            if let Some(seen) = seen {
                there.remove(&name);
                known.insert(name, seen);
            }
        }
    }

    async fn look_at(
        &self,
        bound: &Bound<ScheduleRule>,
        seen: &mut Option<Seen>,
        was_there: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let (workflow, step) = (bound.version.workflow, &bound.step);
        let seen = match seen {
            Some(seen) => seen,
            None => {
                let fired = self.inner.store.workflows.fired(workflow, step.clone()).await?;
                let fired = fired.filter(|_| was_there);
                if fired.is_none() {
                    // From now on it counts, also for a server that starts again.
                    self.inner.store.workflows.mark_fired(workflow, step.clone(), now - LOOK).await?;
                }
                seen.insert(Seen { until: fired.unwrap_or(now - LOOK), queued: true })
            }
        };
        let Ok(schedule) = Schedule::parse_in(&bound.rule.cron, &bound.rule.timezone) else { return Ok(()) };
        if seen.queued {
            seen.queued = self.start_queued(bound, now).await?;
        }
        let (missed, fire) = split(due(&schedule, seen.until, now), bound.rule.missed, now);
        if !missed.is_empty() {
            let ticks = missed.into_iter().map(|at| Tick { at, outcome: TickOutcome::Missed, run: None });
            self.note(bound, ticks.collect()).await?;
        }
        for at in fire {
            self.fire(bound, at, seen, now).await?;
        }
        seen.until = now;
        Ok(())
    }

    /// Starts the oldest queued tick if nothing of its schedule is going on; says whether any are left.
    async fn start_queued(&self, bound: &Bound<ScheduleRule>, now: DateTime<Utc>) -> Result<bool, Error> {
        let ticks = &self.inner.store.ticks;
        let queued = ticks.queued(bound.version.workflow, bound.step.clone(), 2).await?;
        let Some(&at) = queued.first() else { return Ok(false) };
        if bound.rule.overlap != Overlap::Parallel && self.last_is_going_on(bound).await? {
            return Ok(true);
        }
        self.start_tick(bound, at, now).await?;
        Ok(queued.len() > 1)
    }

    /// Does with one due tick what the trigger says, and notes it. Where another server was quicker, the store keeps to what
    /// that one did.
    async fn fire(
        &self,
        bound: &Bound<ScheduleRule>,
        at: DateTime<Utc>,
        seen: &mut Seen,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let outcome = match bound.rule.overlap {
            Overlap::Parallel => TickOutcome::Ran,
            Overlap::Skip if self.last_is_going_on(bound).await? => TickOutcome::Skipped,
            Overlap::Queue if seen.queued || self.last_is_going_on(bound).await? => TickOutcome::Queued,
            Overlap::Skip | Overlap::Queue => TickOutcome::Ran,
        };
        match outcome {
            TickOutcome::Ran => self.start_tick(bound, at, now).await?,
            _ => self.note(bound, vec![Tick { at, outcome, run: None }]).await?,
        }
        (seen.until, seen.queued) = (at, seen.queued || outcome == TickOutcome::Queued);
        Ok(())
    }

    /// Starts the run of a tick, and notes it; one that has been started stays as it is.
    async fn start_tick(
        &self,
        bound: &Bound<ScheduleRule>,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let step = &bound.step;
        let output = json!({ "scheduled_at": stamp(due), "received_at": stamp(now) });
        let first = Event::Started { trigger: step.clone(), output: Datum::new(output), at: now };
        let origin = Origin {
            kind: "schedule",
            key: Some(format!("schedule:{step}:{}", due.timestamp())),
            parent: None,
            tick: Some(DueTick { step: step.clone(), at: due }),
        };
        self.begin(&bound.version, first, origin, Await::Nothing).await?;
        Ok(())
    }

    /// Whether the run that the schedule started last is still unfinished.
    async fn last_is_going_on(&self, bound: &Bound<ScheduleRule>) -> Result<bool, Error> {
        let (version, store) = (&bound.version, &self.inner.store);
        let Some(run) = store.ticks.last_run(version.workflow, bound.step.clone()).await? else {
            return Ok(false);
        };
        let row = store.runs.get(version.workspace, run).await?;
        Ok(row.is_some_and(|row| !row.state.status.is_final()))
    }

    async fn note(&self, bound: &Bound<ScheduleRule>, ticks: Vec<Tick>) -> Result<(), Error> {
        self.inner.store.ticks.note(bound.version.workflow, bound.step.clone(), ticks).await
    }
}

fn name(bound: &Arc<Bound<ScheduleRule>>) -> Name {
    Name {
        workflow: bound.version.workflow,
        step: bound.step.clone(),
        cron: bound.rule.cron.clone(),
        timezone: bound.rule.timezone.clone(),
    }
}

/// Ticks after `from` up to `now`, in order; of very many the newest.
fn due(schedule: &Schedule, from: DateTime<Utc>, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    // A minute apart at least, so the span bounds them before they are looked for.
    let from = from.max(now - TimeDelta::minutes(MOST_SEEN as i64));
    let mut ticks = Vec::new();
    let mut last = from;
    while let Some(tick) = schedule.next_after(last).filter(|tick| *tick <= now) {
        ticks.push(tick);
        last = tick;
    }
    ticks
}

/// Of ticks that are `due`, those to note as missed and those to fire, each in order.
fn split(
    due: Vec<DateTime<Utc>>,
    rule: Missed,
    now: DateTime<Utc>,
) -> (Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) {
    let (mut missed, mut fire): (Vec<_>, Vec<_>) = due.into_iter().partition(|at| *at < now - LATE);
    missed.drain(..missed.len().saturating_sub(MOST_MISSED));
    match rule {
        Missed::Skip => {}
        // A tick that fires now does for those before it too.
        Missed::Once if !fire.is_empty() => {}
        Missed::Once => fire.extend(missed.pop()),
        Missed::Each => {
            missed.append(&mut fire);
            return (Vec::new(), missed);
        }
    }
    (missed, fire)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_pause_of_three_hours_is_dealt_with_as_the_trigger_says() {
        let hourly = Schedule::parse_in("0 * * * *", "UTC").unwrap();
        let (from, now) = (at("2026-03-05T08:00:00Z"), at("2026-03-05T11:30:00Z"));
        let due = due(&hourly, from, now);
        let hours = |hours: &[&str]| -> Vec<_> {
            hours.iter().map(|hour| at(&format!("2026-03-05T{hour}:00:00Z"))).collect()
        };
        assert_eq!(due, hours(&["09", "10", "11"]));
        assert_eq!(split(due.clone(), Missed::Skip, now), (hours(&["09", "10", "11"]), hours(&[])));
        assert_eq!(split(due.clone(), Missed::Once, now), (hours(&["09", "10"]), hours(&["11"])));
        assert_eq!(split(due.clone(), Missed::Each, now), (hours(&[]), hours(&["09", "10", "11"])));
        // A minute after the full hour, the tick of that hour is on time and does for the others.
        let now = at("2026-03-05T11:01:00Z");
        assert_eq!(split(due.clone(), Missed::Skip, now), (hours(&["09", "10"]), hours(&["11"])));
        assert_eq!(split(due, Missed::Once, now), (hours(&["09", "10"]), hours(&["11"])));
    }

    #[test]
    fn a_year_away_costs_a_bounded_search() {
        let every_minute = Schedule::parse_in("* * * * *", "UTC").unwrap();
        let now = at("2026-03-05T11:30:00Z");
        let due = due(&every_minute, at("2025-03-05T11:30:00Z"), now);
        assert!(due.len() <= MOST_SEEN);
        let (missed, fire) = split(due, Missed::Each, now);
        assert!(missed.is_empty());
        assert!(fire.len() <= MOST_MISSED + 2, "{}", fire.len());
        assert_eq!(fire.last(), Some(&now));
    }
}
