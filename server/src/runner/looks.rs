//! Asks apps what they have new or changed, for triggers that look.
//!
//! What a page brought and where the next one goes on become durable together, so a look that is cut off anywhere loses
//! nothing and reports nothing twice. Only one look of a trigger is under way; of several servers the database lets one
//! write. A backfill waits while many of its events have no run yet, so it fills neither memory nor disk.

use super::Runner;
use super::routes::Bound;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use trunkline_connectors::interpreter::look::{Page, Position};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::trigger::{AppRule, Begin, PollRule};
use trunkline_store::Error;
use trunkline_store::ports::{Look, NewAppEvent};
use uuid::Uuid;

/// How often it is looked which triggers are due.
const TICK: Duration = Duration::from_millis(250);
/// Looks under way at the same time.
const AT_ONCE: usize = 16;
/// Longest time one page may take, waiting for the app's limits included.
const PATIENCE: Duration = Duration::from_secs(120);
/// Events without a run above which no further page is asked for.
const MOST_WAITING: u32 = 1_000;
/// Longest pause after looks that failed.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

/// Tells those apart who write events and those who start runs for them.
#[derive(Debug, Default)]
pub(super) struct AppEventNews {
    /// Events were written.
    pub(super) arrived: Notify,
    /// Runs were started for some.
    pub(super) started: Notify,
    /// Somebody wants a trigger to look at once.
    pub(super) wanted: parking_lot::Mutex<HashSet<(Uuid, String)>>,
}

type Name = (Uuid, String);
/// What is asked, as [`source`] says it, and when.
type Due = (String, DateTime<Utc>);

impl Runner {
    /// Looks at apps until the server stops.
    pub async fn keep_looks(self) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let under_way: Arc<parking_lot::Mutex<HashSet<Name>>> = Arc::default();
        // When each trigger looks next; one that is not here is asked of the store.
        let next: Arc<parking_lot::Mutex<HashMap<Name, Due>>> = Arc::default();
        loop {
            let now = self.now();
            self.write_refusals(now).await;
            let bound: Vec<_> =
                self.inner.routes.apps().into_iter().filter(|bound| bound.rule.poll.is_some()).collect();
            let names: HashSet<Name> = bound.iter().map(name).collect();
            next.lock().retain(|name, _| names.contains(name));
            for bound in bound {
                let name = name(&bound);
                let source = source(&bound.rule);
                let wanted = self.inner.app_events.wanted.lock().remove(&name);
                let is_due =
                    next.lock().get(&name).is_none_or(|(known, at)| *known != source || *at <= now) || wanted;
                if !is_due {
                    continue;
                }
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
                if !under_way.lock().insert(name.clone()) {
                    continue;
                }
                let (runner, under_way, next) = (self.clone(), Arc::clone(&under_way), Arc::clone(&next));
                self.inner.tasks.spawn(async move {
                    let at = tokio::select! {
                        biased;
                        () = runner.inner.stopping.cancelled() => None,
                        at = runner.look_to_the_end(&bound, wanted) => Some(at),
                    };
                    if let Some(at) = at {
                        next.lock().insert(name.clone(), (source, at));
                    }
                    under_way.lock().remove(&name);
                    drop(place);
                });
            }
            tokio::select! {
                biased;
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Lets a trigger look at once.
    pub fn look_now(&self, workflow: Uuid, step: &str) {
        self.inner.app_events.wanted.lock().insert((workflow, step.to_owned()));
    }

    async fn write_refusals(&self, now: DateTime<Utc>) {
        if let Some(connections) = self.inner.gate.connections()
            && let Err(error) = connections.write_refusals(now).await
        {
            tracing::warn!(%error, "refused deliveries could not be counted");
        }
    }

    /// Looks page by page until nothing is left; when to look again.
    async fn look_to_the_end(&self, bound: &Bound<AppRule>, wanted: bool) -> DateTime<Utc> {
        let Some(poll) = &bound.rule.poll else { return self.now() + LONGEST_PAUSE };
        match self.look_pages(bound, poll, wanted).await {
            Ok(at) => at,
            // Another server was quicker; it says when to look again.
            Err(Error::Stale { .. }) => self.now() + TimeDelta::seconds(1),
            Err(error) => {
                tracing::error!(%error, workflow = bound.version.name, "a look at an app could not be noted; trying again");
                self.now() + TimeDelta::seconds(5)
            }
        }
    }

    async fn look_pages(
        &self,
        bound: &Bound<AppRule>,
        poll: &PollRule,
        wanted: bool,
    ) -> Result<DateTime<Utc>, Error> {
        let now = self.now();
        let mut look = match self.begun(bound, poll, now).await? {
            Begun::At(look) => *look,
            Begun::Broken(at) => return Ok(at),
        };
        if look.next_at > now && !wanted {
            return Ok(look.next_at);
        }
        loop {
            self.wait_for_room().await?;
            let asked = self.ask_page(bound, &look).await;
            let now = self.now();
            let mut events = Vec::new();
            let more = match asked {
                Ok(Page { found, position, more, read }) => {
                    events.extend(found.into_iter().map(|found| NewAppEvent {
                        workspace: bound.version.workspace,
                        workflow: bound.version.workflow,
                        step: bound.step.clone(),
                        output: found.output,
                        at: now,
                    }));
                    look.position = serde_json::to_value(position).unwrap_or_default();
                    look.seen += read as u64;
                    look.started += events.len() as u64;
                    (look.looked_at, look.failures, look.trouble) = (Some(now), 0, None);
                    look.next_at =
                        if more { now } else { now + TimeDelta::seconds(poll.every_seconds.into()) };
                    more
                }
                Err(failure) => {
                    look.failures = look.failures.saturating_add(1);
                    look.trouble = Some(json!({
                        "code": failure.code, "message": failure.message, "action": failure.action, "at": now,
                    }));
                    look.next_at = now + pause(&failure, poll, look.failures, now);
                    false
                }
            };
            let (brought, next_at) = (!events.is_empty(), look.next_at);
            self.inner.store.app_events.looked(look.clone(), events).await?;
            look.revision += 1;
            if brought {
                self.app_events_arrived();
            }
            if !more {
                return Ok(next_at);
            }
        }
    }

    /// How far the trigger has come; a new one, or one that asks something else than before, begins now.
    async fn begun(
        &self,
        bound: &Bound<AppRule>,
        poll: &PollRule,
        now: DateTime<Utc>,
    ) -> Result<Begun, Error> {
        let (workflow, source) = (bound.version.workflow, source(&bound.rule));
        let kept = self.inner.store.app_events.looks(vec![workflow]).await?;
        let kept = kept.into_iter().find(|look| look.step == bound.step);
        let begin = serde_json::to_value(poll.begin).unwrap_or_default();
        let is_same = |look: &Look| {
            // Whoever is under way already, and is now to begin with what comes, goes on: nothing in between is lost.
            look.source == source && (look.begin == begin || poll.begin == Begin::Now)
        };
        if let Some(look) = kept.clone().filter(is_same) {
            return Ok(Begun::At(Box::new(Look { begin, ..look })));
        }
        let manifest = self.inner.gate.connections().and_then(|connections| {
            let manifest = connections.manifest(bound.version.workspace, &bound.rule.app)?;
            manifest.triggers.get(&bound.rule.trigger)?.poll.as_ref().map(|described| {
                serde_json::to_value(Position::new(described, poll.begin, now)).unwrap_or_default()
            })
        });
        // An app that this server does not know any more: nothing can be looked at.
        let Some(position) = manifest else { return Ok(Begun::Broken(now + LONGEST_PAUSE)) };
        let revision = kept.map_or(0, |look| look.revision);
        let look = Look {
            workflow,
            step: bound.step.clone(),
            source,
            begin,
            revision,
            position,
            looked_at: None,
            next_at: now,
            failures: 0,
            trouble: None,
            seen: 0,
            started: 0,
        };
        // From now on it counts, also for a server that starts again before the first look succeeds.
        self.inner.store.app_events.looked(look.clone(), Vec::new()).await?;
        Ok(Begun::At(Box::new(Look { revision: revision + 1, ..look })))
    }

    async fn ask_page(&self, bound: &Bound<AppRule>, look: &Look) -> Result<Page, Failure> {
        let unreadable = |_| {
            Failure::new(
                "CONN-0007",
                FailureKind::Fatal,
                "how far the trigger has come cannot be read",
                "Let it begin anew in its settings and publish the workflow again.",
            )
        };
        let position: Position = serde_json::from_value(look.position.clone()).map_err(unreadable)?;
        let connections = self.inner.gate.connections().ok_or_else(|| {
            Failure::new(
                "CONN-0010",
                FailureKind::Fatal,
                "this server has no connections",
                "Start it with a store.",
            )
        })?;
        connections.look(bound.version.workspace, &bound.rule, position, PATIENCE).await
    }

    /// Waits while many events have no run yet.
    async fn wait_for_room(&self) -> Result<(), Error> {
        loop {
            let started = self.inner.app_events.started.notified();
            if self.inner.store.app_events.list(MOST_WAITING).await?.len() < MOST_WAITING as usize {
                return Ok(());
            }
            // Whoever is told a moment too early looks again a moment later.
            let _ = tokio::time::timeout(Duration::from_secs(1), started).await;
        }
    }
}

enum Begun {
    At(Box<Look>),
    Broken(DateTime<Utc>),
}

fn name(bound: &Arc<Bound<AppRule>>) -> Name {
    (bound.version.workflow, bound.step.clone())
}

/// What is asked, as a digest. Another trigger, account or input is another question.
pub(crate) fn source(rule: &AppRule) -> String {
    let AppRule { app, trigger, connection, input, .. } = rule;
    let whole = Value::from(vec![
        app.as_str().into(),
        trigger.as_str().into(),
        connection.as_str().into(),
        Value::Object(input.clone()),
    ]);
    hex::encode(Sha256::digest(whole.to_string()))
}

/// How long to wait after a look that failed: as long as the app asks for, else twice as long each time.
fn pause(failure: &Failure, poll: &PollRule, failures: u32, now: DateTime<Utc>) -> TimeDelta {
    let asked = failure.retry_at.map(|at| at - now).filter(|wait| *wait > TimeDelta::zero());
    let doubled = i64::from(poll.every_seconds.min(60)) << failures.saturating_sub(1).min(10);
    asked.unwrap_or_else(|| TimeDelta::seconds(doubled).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_and_the_app_s_own_word_holds() {
        let now = Utc::now();
        let poll = PollRule { every_seconds: 300, begin: Begin::Now };
        let failure = Failure::new("CONN-0006", FailureKind::Temporary, "x", "y");
        let pauses: Vec<i64> =
            [1, 2, 3, 20].into_iter().map(|n| pause(&failure, &poll, n, now).num_seconds()).collect();
        assert_eq!(pauses, [60, 120, 240, 3_600]);
        let asked = Failure { retry_at: Some(now + TimeDelta::hours(5)), ..failure };
        assert_eq!(pause(&asked, &poll, 1, now), TimeDelta::hours(5));
    }
}
