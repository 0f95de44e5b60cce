//! Runs: started here, driven here, ended here.
//!
//! A run moves in turns. Each turn is durable before anything it asks of the outside world is changed, and before anyone
//! is told about it. Only one turn of a run is under way at a time. A run whose steps all finish within its first turn
//! takes the short way: no task, no map, no message.

mod ahead;
pub mod answers;
mod app_events;
pub mod calls;
mod connection_ends;
mod deliver;
mod drive;
pub mod error_workflow;
pub mod gate;
pub mod hosts;
pub(crate) mod law;
mod lead_events;
mod letters;
pub mod links;
pub(crate) mod looks;
mod pages;
mod perform;
pub mod providers;
pub mod recovery;
pub mod routes;
pub mod schedules;
mod service_levels;
mod slices;
mod slots;
pub mod sources;
mod standing;
mod start;
mod subject;
pub mod timer;
mod under_way;
pub mod versions;

pub use connection_ends::WARN as WARN_OF_END;
pub use start::{Answer, Await, NewRun, Origin, Started};
pub use subject::of as subject_of;

use crate::imports::blocks::Blocks;
use crate::live::Live;
use chrono::{DateTime, Utc};
use gate::Gate;
use hosts::{HostLimits, Hosts};
use letters::Mail;
use links::Links;
use parking_lot::Mutex;
use routes::Routes;
use slots::Slots;
use sources::Sources;
use start::Waiting;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_engine::expression::RunFacts;
use trunkline_engine::run::{EffectKey, RunId};
use trunkline_store::Store;
use trunkline_store::ports::{Settled, Turn};
use versions::{Version, Versions};

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
    hosts: Hosts,
    /// Where uploaded files lie.
    files: PathBuf,
    /// Stretches of imports.
    blocks: Blocks,
    slots: Slots,
    mail: Mutex<Mail>,
    /// What is being answered right now, so that of two answers one is told that it came second.
    answering: Mutex<HashSet<(RunId, EffectKey)>>,
    /// Who waits for what, by run; only runs that go on after their first turn come here.
    waiting: Mutex<HashMap<RunId, Waiting>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    /// Told when a run goes to sleep that wakes before the alarm, so that the timer looks at the clock again.
    asleep: Notify,
    /// Events of apps that come and go.
    app_events: looks::AppEventNews,
    /// For when the timer has set its alarm, in microseconds since 1970.
    alarm: AtomicI64,
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
    /// How hard other systems may be called.
    pub host_limits: HostLimits,
    /// Folder of uploaded files.
    pub files: PathBuf,
    /// Cancelled when the server begins to stop.
    pub stopping: CancellationToken,
}

impl Runner {
    /// A runner that drives nothing yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, versions, routes, gate, live, sources, links, host_limits, files, stopping } =
            parts;
        let blocks = Blocks::new(files.parent().unwrap_or(&files).to_owned());
        let (slots, waiting, answering) = (Slots::default(), Mutex::default(), Mutex::default());
        let (tasks, asleep) = (TaskTracker::new(), Notify::new());
        let inner = Inner {
            store,
            versions,
            routes,
            gate,
            live,
            sources,
            links,
            hosts: Hosts::new(host_limits),
            files,
            blocks,
            slots,
            mail: Mutex::default(),
            answering,
            waiting,
            tasks,
            stopping,
            asleep,
            app_events: looks::AppEventNews::default(),
            alarm: AtomicI64::new(i64::MAX),
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

    /// What expressions see of the run `id` of `version`.
    #[must_use]
    pub fn facts(&self, version: &Version, id: RunId, started_at: DateTime<Utc>) -> RunFacts {
        RunFacts {
            id: id.to_string(),
            workflow: version.name.clone(),
            version: version.number,
            started_at,
            callback_url: self.inner.links.callback(id),
        }
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

    /// Makes a turn durable, counts it and announces it.
    async fn turn(&self, turn: Turn) -> Result<Settled, trunkline_store::Error> {
        let (workspace, run) = (turn.header.workspace, turn.header.id);
        let begun = Instant::now();
        let mut settled = self.inner.store.runs.turn(turn).await?;
        metrics::histogram!("trunkline_turn_seconds").record(begun.elapsed());
        if let Settled::Done(done) = &mut settled {
            self.inner.live.announce(workspace, run);
            self.send_out(std::mem::take(&mut done.letters));
        }
        Ok(settled)
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
