//! What there is besides the server: the disk, the world outside, time, and what everyone remembers. It outlives every
//! life of the server, and it is where a life ends: at any point where something is read, committed or called.

use crate::chance::Chance;
use crate::clock::Clock;
use crate::fate::{self, Fate, What};
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{Operation, Promise};
use trunkline_engine::run::{EffectKey, Event, Performed, RunId};
use trunkline_leads::table::{Row, Table};
use trunkline_server::runner::gate::World;
use trunkline_store::memory::{Medium, Point, Written};
use trunkline_store::ports::{CounterRow, LeadView, Tick};
use trunkline_store::{Answer, Error};
use uuid::Uuid;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Universe {
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    state: Mutex<State>,
    /// Whether the server is dead: nothing it does matters any more.
    down: AtomicBool,
    fell: Notify,
    /// Whether commits may be lost.
    forgetful: bool,
    /// Held by whoever changes something by hand, and by who looks at everything once it is quiet.
    pub(crate) hands: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    chance: Chance,
    /// Points left until the server dies.
    fuse: Option<u64>,
    /// Whether there is trouble at all.
    calm: bool,
    trace: Sha256,
    told: Option<Vec<String>>,
    /// Journaled answers by run and effect.
    answered: BTreeMap<(RunId, String), usize>,
    happened: BTreeMap<String, Vec<Happened>>,
    /// Every call that was begun.
    begun: Vec<Begun>,
    remembered: BTreeMap<String, Performed>,
    commits: Vec<Commit>,
    transactions: usize,
    /// Pauses that were confirmed, by run.
    paused: BTreeMap<RunId, usize>,
    /// Whether the schedules were switched off for good.
    schedules_off: bool,
    /// The leads and the turns dealt, as they are when all is quiet.
    leads: Option<Leads>,
}

/// What the leads are in the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leads {
    pub(crate) all: Vec<LeadView>,
    /// Turns that the pool counts.
    pub(crate) dealt: u64,
    /// What is noted of every schedule, by workflow.
    pub(crate) ticks: Vec<(Uuid, Tick)>,
    /// Data tables, with their rows.
    pub(crate) tables: Vec<(Table, Vec<Row>)>,
    pub(crate) counters: Vec<CounterRow>,
}

/// Something that really happened outside.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) promise: Promise,
}

/// A call that was begun.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    /// Whose.
    pub(crate) identity: String,
    /// Whether it changes anything.
    pub(crate) writes: bool,
    /// How many transactions were written by then.
    pub(crate) transactions: usize,
}

/// A turn, in the order of commits.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    /// Number of the transaction.
    pub(crate) transaction: usize,
    pub(crate) run: RunId,
    pub(crate) events: Vec<Event>,
}

impl Universe {
    pub(crate) fn new(seed: u64, forgetful: bool) -> Arc<Self> {
        let told = std::env::var_os("TRACE").map(|_| Vec::new());
        let state = State {
            chance: Chance::of(seed, "universe"),
            fuse: None,
            calm: true,
            trace: Sha256::new(),
            told,
            answered: BTreeMap::new(),
            happened: BTreeMap::new(),
            begun: Vec::new(),
            remembered: BTreeMap::new(),
            commits: Vec::new(),
            transactions: 0,
            paused: BTreeMap::new(),
            schedules_off: false,
            leads: None,
        };
        Arc::new(Self {
            seed,
            clock: Clock::new(),
            state: Mutex::new(state),
            down: AtomicBool::new(false),
            fell: Notify::new(),
            forgetful,
            hands: tokio::sync::Mutex::default(),
        })
    }

    /// Begins a life in which there is trouble unless it is `calm`, and which ends after `fuse` points.
    pub(crate) fn begin_life(&self, calm: bool, fuse: Option<u64>) {
        let mut state = self.state.lock().unwrap();
        (state.calm, state.fuse) = (calm, fuse);
        self.down.store(false, Ordering::Relaxed);
    }

    /// Kills the server.
    pub(crate) fn fall(&self) {
        if !self.down.swap(true, Ordering::Relaxed) {
            self.tell("the server dies");
            self.fell.notify_one();
        }
    }

    /// Waits until the server is dead.
    pub(crate) async fn fallen(&self) {
        self.fell.notified().await;
    }

    /// Writes a line into the trace.
    pub(crate) fn tell(&self, line: &str) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        let line = format!("{} {line}\n", now.format("%H:%M:%S%.6f"));
        state.trace.update(line.as_bytes());
        if let Some(told) = &mut state.told {
            told.push(line);
        }
    }

    /// What tells one history from another, and the history itself if `TRACE` is set.
    pub(crate) fn trace(&self) -> (String, Option<Vec<String>>) {
        let state = self.state.lock().unwrap();
        (hex::encode(state.trace.clone().finalize()), state.told.clone())
    }

    /// What happened outside, by whose call it was.
    pub(crate) fn happened(&self) -> BTreeMap<String, Vec<Happened>> {
        self.state.lock().unwrap().happened.clone()
    }

    /// Every call that was begun, in that order.
    pub(crate) fn begun(&self) -> Vec<Begun> {
        self.state.lock().unwrap().begun.clone()
    }

    /// Every turn in the order of commits.
    pub(crate) fn commits(&self) -> Vec<Commit> {
        self.state.lock().unwrap().commits.clone()
    }

    /// Notes that somebody was told that the run rests.
    pub(crate) fn note_pause(&self, run: RunId) {
        *self.state.lock().unwrap().paused.entry(run).or_default() += 1;
    }

    /// How often somebody was told that a run rests.
    pub(crate) fn pauses(&self) -> BTreeMap<RunId, usize> {
        self.state.lock().unwrap().paused.clone()
    }

    /// Notes that the schedules are off.
    pub(crate) fn note_schedules_off(&self) {
        self.state.lock().unwrap().schedules_off = true;
    }

    /// Whether the schedules are off.
    pub(crate) fn schedules_are_off(&self) -> bool {
        self.state.lock().unwrap().schedules_off
    }

    /// Notes how the leads are in the end.
    pub(crate) fn note_leads(&self, leads: Leads) {
        self.state.lock().unwrap().leads = Some(leads);
    }

    /// How the leads are in the end; nothing when it did not come to one.
    pub(crate) fn leads(&self) -> Option<Leads> {
        self.state.lock().unwrap().leads.clone()
    }

    fn answered(&self, identity: &str) -> usize {
        let (run, step) = identity.split_once('/').unwrap_or((identity, ""));
        let key = step.replacen('/', "[", 1) + if step.contains('/') { "]" } else { "" };
        let run = run.parse().unwrap_or_default();
        self.state.lock().unwrap().answered.get(&(run, key)).copied().unwrap_or(0)
    }

    /// Passes a point where the server may die, or others may go first.
    async fn pass(&self) {
        if self.down.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let (dies, yields, pause) = {
            let mut state = self.state.lock().unwrap();
            let dies = match &mut state.fuse {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
                None => false,
            };
            if state.calm {
                (dies, 0, 0)
            } else {
                let yields = if state.chance.percent(30) { state.chance.between(1, 4) } else { 0 };
                let pause = if state.chance.percent(8) { state.chance.between(1, 20) } else { 0 };
                (dies, yields, pause)
            }
        };
        if dies {
            self.fall();
            return std::future::pending().await;
        }
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        if pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        if self.down.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    fn disk_refuses(&self) -> Option<Error> {
        let mut state = self.state.lock().unwrap();
        if state.calm || !state.chance.percent(2) {
            return None;
        }
        let errors = [Error::Full, Error::Io("input/output error".into()), Error::Database("odd".into())];
        Some(state.chance.pick(&errors).clone())
    }

    async fn call(&self, operation: &Operation, timeout: Duration) -> Result<Performed, Failure> {
        let identity = fate::identity(operation);
        {
            let mut state = self.state.lock().unwrap();
            let (writes, transactions) = (fate::writes(operation), state.transactions);
            state.begun.push(Begun { identity: identity.clone(), writes, transactions });
        }
        self.pass().await;
        if let Some(page) = fate::page(operation) {
            self.tell(&format!("called {identity}"));
            tokio::time::sleep(Duration::from_millis(40)).await;
            self.pass().await;
            return Ok(page);
        }
        let fate = Fate::of(self.seed, &identity, self.answered(&identity));
        self.tell(&format!("called {identity}: {:?}", fate.what));
        tokio::time::sleep(fate.arrives_after).await;
        self.pass().await;
        if fate::writes(operation) && !matches!(fate.what, What::Fails(_)) {
            self.happen(&identity, operation);
        }
        self.pass().await;
        if fate.what == What::Lost {
            // The gate's own time-out ends this; what it says then is what `Fate::result` says.
            return std::future::pending().await;
        }
        tokio::time::sleep(fate.answers_after).await;
        self.pass().await;
        fate.result(&identity, operation, timeout)
    }

    /// Lets a write happen, unless the other side knows its key.
    fn happen(&self, identity: &str, operation: &Operation) {
        let mut state = self.state.lock().unwrap();
        if operation.promise == Promise::Once {
            let Some(key) = fate::sent_key(operation) else { return };
            if state.remembered.insert(key, fate::value(identity)).is_some() {
                return;
            }
        }
        let happened = state.happened.entry(identity.to_owned()).or_default();
        happened.push(Happened { promise: operation.promise });
    }
}

/// The world outside.
#[derive(Debug)]
pub(crate) struct Outside(pub(crate) Arc<Universe>);

impl World for Outside {
    fn perform<'a>(
        &'a self,
        operation: &'a Operation,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Performed, Failure>> {
        Box::pin(self.0.call(operation, timeout))
    }
}

/// What the disk is made of.
#[derive(Debug)]
pub(crate) struct Platter(pub(crate) Arc<Universe>);

impl Medium for Platter {
    fn reach(&self, point: Point) -> Answer<'_, ()> {
        Box::pin(async move {
            self.0.pass().await;
            match point {
                Point::Read | Point::Commit => self.0.disk_refuses().map_or(Ok(()), Err),
                Point::Begin | Point::Write | Point::Committed => Ok(()),
            }
        })
    }

    fn wrote(&self, turns: &[Written]) {
        let transaction = {
            let mut state = self.0.state.lock().unwrap();
            state.transactions += 1;
            state.transactions
        };
        for turn in turns {
            let events = turn.events().expect("the writer wrote it");
            let spelled = serde_json::to_string(&events).expect("events are JSON");
            self.0.tell(&format!("turn {} {} {spelled}", turn.run, turn.seq));
            let mut state = self.0.state.lock().unwrap();
            for event in &events {
                if let Event::Performed { key, result, .. } = event
                    && !result.as_ref().is_err_and(|failure| failure.code == "RUN-0009")
                {
                    *state.answered.entry((turn.run, spell(key))).or_default() += 1;
                }
            }
            state.commits.push(Commit { transaction, run: turn.run, events });
        }
    }

    fn keeps(&self) -> bool {
        !self.0.forgetful || self.0.state.lock().unwrap().chance.percent(50)
    }
}

fn spell(key: &EffectKey) -> String {
    key.to_string()
}
