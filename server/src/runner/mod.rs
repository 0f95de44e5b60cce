//! Runs: started here, driven here, ended here.
//!
//! A run moves in turns. Each turn is durable before anything it asks of the outside world is done, and before anyone
//! is told about it. Only one turn of a run is under way at a time. A run whose steps all finish within its first turn
//! takes the short way: no task, no map, no message.

pub mod calls;
mod drive;
pub mod gate;
pub mod links;
pub mod recovery;
pub mod routes;
pub mod schedules;
mod slots;
pub mod sources;
mod subject;
pub mod timer;
pub mod versions;

use crate::live::Live;
use chrono::{DateTime, Utc};
use drive::Drive;
use gate::Gate;
use links::Links;
use parking_lot::Mutex;
use routes::Routes;
use serde_json::Value;
use slots::{Handed, Slots};
use sources::Sources;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_engine::expression::RunFacts;
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Reply, RunId, Verdict};
use trunkline_store::Store;
use trunkline_store::ports::{Done, RunHeader, Settled, Turn};
use versions::{Version, Versions};

/// Pause before an event is offered again to a run that has many waiting.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// Starts and drives runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Runner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    versions: Versions,
    routes: Arc<Routes>,
    gate: Gate,
    live: Live,
    sources: Arc<dyn Sources>,
    links: Links,
    slots: Slots,
    /// Who waits for what, by run; only runs that go on after their first turn come here.
    waiting: Mutex<HashMap<RunId, Waiting>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    /// Told when a run goes to sleep, so that the timer looks at the clock again.
    asleep: Notify,
}

/// What a runner works with.
#[derive(Debug)]
pub struct Parts {
    /// Everything durable.
    pub store: Store,
    /// Compiled versions.
    pub versions: Versions,
    /// Which workflow listens where.
    pub routes: Arc<Routes>,
    /// What performs operations outside.
    pub gate: Gate,
    /// Who watches runs.
    pub live: Live,
    /// Time and ids.
    pub sources: Arc<dyn Sources>,
    /// Links for people and systems without an account.
    pub links: Links,
    /// Cancelled when the server begins to stop.
    pub stopping: CancellationToken,
}

/// What starts a run.
#[derive(Debug)]
pub struct NewRun {
    /// The trigger step.
    pub trigger: String,
    /// Kind of the trigger, such as `webhook`.
    pub kind: &'static str,
    /// What expressions see as `trigger`.
    pub output: Value,
    /// The sender's key of the event.
    pub key: Option<String>,
    /// The run and effect that called it.
    pub parent: Option<(RunId, EffectKey)>,
    /// When it came in.
    pub at: DateTime<Utc>,
}

/// What the one who starts a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Await {
    /// That the event is safe.
    Nothing,
    /// The answer of a respond step, or the end without one.
    Reply,
    /// The end.
    End,
}

/// What the one who started a run is told.
#[derive(Debug)]
pub enum Answer {
    /// A respond step answered.
    Reply(Reply),
    /// The run ended.
    Ended(Verdict),
}

/// A run whose event is safe.
#[derive(Debug)]
pub struct Started {
    /// Its id; for a duplicate, that of the run that has the event already.
    pub id: RunId,
    /// Whether the event had been accepted before.
    pub duplicate: bool,
    /// What was waited for, when the first turn brought it.
    pub answer: Option<Answer>,
    /// Brings it later.
    pub later: Option<oneshot::Receiver<Answer>>,
}

/// Someone who waits for an answer.
#[derive(Debug)]
struct Waiting {
    what: Await,
    to: oneshot::Sender<Answer>,
}

impl Runner {
    /// A runner that drives nothing yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, versions, routes, gate, live, sources, links, stopping } = parts;
        let (slots, waiting) = (Slots::default(), Mutex::default());
        let (tasks, asleep) = (TaskTracker::new(), Notify::new());
        let inner = Inner {
            store,
            versions,
            routes,
            gate,
            live,
            sources,
            links,
            slots,
            waiting,
            tasks,
            stopping,
            asleep,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The moment it is.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.inner.sources.now()
    }

    /// Links for people and systems without an account.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.inner.links
    }

    /// Compiled versions.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.inner.versions
    }

    /// What performs operations outside.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.inner.gate
    }

    /// Starts a run of `version`; durable when this returns.
    ///
    /// # Errors
    /// The store's; nothing was kept then.
    pub async fn start(
        &self,
        version: &Version,
        new: NewRun,
        wait: Await,
    ) -> Result<Started, trunkline_store::Error> {
        let id = self.inner.sources.run_id();
        let header = RunHeader {
            id,
            workspace: version.workspace,
            workflow: version.workflow,
            version: version.id,
            subject: subject::of(&new.output),
            trigger_kind: new.kind.into(),
            started_at: new.at,
            event_key: new.key,
            parent: new.parent,
            next_seq: 0,
        };
        let depth = calls::depth(&new.output);
        let mut machine = Machine::new(Arc::clone(&version.compiled), facts(version, id, new.at));
        let event = Event::Started { trigger: new.trigger, output: new.output, at: new.at };
        let effects = machine.apply(&event);
        // A run that may go on must be reachable before anyone can read its id in a list.
        let inbox = version.outlives_turn.then(|| self.inner.slots.claim(id)).flatten();
        let turn = Turn { header, machine, events: vec![event], effects };
        let done = match self.turn(turn).await {
            Ok(Settled::Done(done)) => done,
            other => {
                if inbox.is_some() {
                    self.inner.slots.release(id);
                }
                let Settled::Duplicate(id) = other? else { unreachable!("the other case is matched above") };
                metrics::counter!("trunkline_events_duplicate_total").increment(1);
                return Ok(Started { id, duplicate: true, answer: None, later: None });
            }
        };
        metrics::counter!("trunkline_runs_started_total", "trigger" => new.kind).increment(1);
        Ok(self.follow(*done, inbox, depth, wait))
    }

    /// Goes on after the first turn: ends the run, or leaves it to a task.
    fn follow(&self, mut done: Done, inbox: Option<slots::Inbox>, depth: u32, wait: Await) -> Started {
        let id = done.header.id;
        let mut answer = None;
        let mut ended = None;
        done.effects.retain_mut(|effect| match effect {
            Effect::Respond(reply) if wait == Await::Reply && answer.is_none() => {
                answer = Some(Answer::Reply(reply.clone()));
                false
            }
            Effect::Respond(_) => false,
            Effect::Finish(verdict) => {
                ended = Some(verdict.clone());
                false
            }
            _ => true,
        });
        if let Some(verdict) = ended {
            if inbox.is_some() {
                self.inner.slots.release(id);
            }
            self.ended(&done.header, &verdict);
            if answer.is_none() && wait != Await::Nothing {
                answer = Some(Answer::Ended(verdict));
            }
            return Started { id, duplicate: false, answer, later: None };
        }
        let later = (wait != Await::Nothing && answer.is_none()).then(|| {
            let (to, from) = oneshot::channel();
            self.inner.waiting.lock().insert(id, Waiting { what: wait, to });
            from
        });
        if let Some(inbox) = inbox.or_else(|| self.inner.slots.claim(id)) {
            let drive = Drive::new(self.clone(), done.header, done.machine, inbox, depth);
            self.inner.tasks.spawn(drive.run(done.effects));
        }
        Started { id, duplicate: false, answer, later }
    }

    /// Tells whoever waits for this of `run`.
    fn answer(&self, run: RunId, answer: Answer) {
        let mut waiting = self.inner.waiting.lock();
        let fits = |waiting: &Waiting| matches!(answer, Answer::Ended(_)) || waiting.what == Await::Reply;
        if waiting.get(&run).is_some_and(fits)
            && let Some(one) = waiting.remove(&run)
        {
            // An error means that the caller has gone, which changes nothing for the run.
            let _ = one.to.send(answer);
        }
    }

    /// Waits no longer for the answer of `run`.
    pub fn give_up_waiting(&self, run: RunId) {
        self.inner.waiting.lock().remove(&run);
    }

    /// Makes a turn durable, counts it and announces it.
    async fn turn(&self, turn: Turn) -> Result<Settled, trunkline_store::Error> {
        let (workspace, run) = (turn.header.workspace, turn.header.id);
        let begun = Instant::now();
        let settled = self.inner.store.runs.turn(turn).await?;
        metrics::histogram!("trunkline_turn_seconds").record(begun.elapsed());
        if matches!(settled, Settled::Done(_)) {
            self.inner.live.announce(workspace, run);
        }
        Ok(settled)
    }

    /// Counts the end of a run and tells the one that called it.
    fn ended(&self, header: &RunHeader, verdict: &Verdict) {
        let word = match verdict {
            Verdict::Completed { .. } => "completed",
            Verdict::Failed { .. } => "failed",
            Verdict::Cancelled { .. } => "cancelled",
        };
        metrics::counter!("trunkline_runs_finished_total", "verdict" => word).increment(1);
        if let Some((parent, key)) = header.parent.clone() {
            let event = Event::Returned { key, result: calls::result(verdict), at: self.now() };
            let runner = self.clone();
            self.inner.tasks.spawn(async move { runner.deliver(parent, event).await });
        }
    }

    /// Hands `event` to a run, in memory or asleep. Events for runs that are over change nothing.
    pub async fn deliver(&self, id: RunId, mut event: Event) {
        loop {
            match self.inner.slots.hand(id, event) {
                Handed::Over => return,
                Handed::Claimed(inbox, event) => return self.wake_with(id, inbox, event).await,
                Handed::Busy(unsent) => {
                    event = unsent;
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
            }
        }
    }

    /// Takes a run from the store into memory because of `event`.
    async fn wake_with(&self, id: RunId, inbox: slots::Inbox, event: Event) {
        match self.inner.store.runs.stored(id).await {
            Ok(Some(stored)) if !stored.state.status.is_final() => {
                self.revive(stored, inbox, |_| vec![event]).await;
            }
            Ok(_) => self.inner.slots.release(id),
            Err(error) => {
                self.inner.slots.release(id);
                tracing::error!(%error, run = %id, "an event could not be handed to its run; a restart will repeat it");
            }
        }
    }

    /// Ends a run on behalf of `by`.
    pub async fn cancel(&self, id: RunId, by: String) {
        self.deliver(id, Event::Cancelled { by, at: self.now() }).await;
    }

    /// Waits until every run in memory has ended or sleeps, at most `limit`. Called once intake has stopped; what is
    /// still under way then is taken up by the next start.
    pub async fn drain(&self, limit: Duration) {
        self.inner.tasks.close();
        if tokio::time::timeout(limit, self.inner.tasks.wait()).await.is_err() {
            tracing::warn!("some calls to other systems did not end in time; the next start takes them up");
        }
    }
}

fn facts(version: &Version, id: RunId, started_at: DateTime<Utc>) -> RunFacts {
    RunFacts { id: id.to_string(), workflow: version.name.clone(), version: version.number, started_at }
}
