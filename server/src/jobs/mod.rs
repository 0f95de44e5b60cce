//! Jobs: long work that a person started and watches, such as running a thousand runs again or trying a draft against
//! the past.
//!
//! A job is durable: what it needs is written down when it is started, its results piece by piece, and a restart goes on
//! with it. Runs that are started again are told apart by a key, so that none starts twice; rehearsals begin anew, for
//! they change nothing.
//!
//! What it must never do: hold up live runs. Few jobs work at once, each on one thing at a time, and all of them pause
//! while the store is busy.

pub mod again;
mod back_test;
mod change_leads;
mod dry_run;
pub(crate) mod find_duplicates;
mod import_preview;
mod import_read;
mod import_undo;
mod match_again;
mod run_again;
pub mod runs;
mod standing;

pub use back_test::BackTestPlan;
pub use change_leads::{ChangeLeadsPlan, CountLeadsPlan};
pub use dry_run::{DryEvent, DryRunPlan};
pub use find_duplicates::FindDuplicatesPlan;
pub use import_preview::ImportPreviewPlan;
pub use import_read::ImportReadPlan;
pub use import_undo::ImportUndoPlan;
pub use match_again::{MatchAgainPlan, settings as match_settings};
pub use run_again::RunAgainPlan;
pub use runs::Span;
pub use standing::{AssessPlan, MOST_SHOWN, ScoreTrialPlan, SegmentTrialPlan};

use crate::app::Shared;
use chrono::Utc;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trunkline_engine::failure::Failure;
use trunkline_store::ports::{Job, JobEnd, JobItem, JobStatus, NewJob, Progress};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

/// Jobs that work at once; others wait for their turn.
const AT_ONCE: usize = 2;
/// Results that are written down together at most.
const TOGETHER: usize = 25;
/// Longest time results wait to be written down.
const PATIENCE: Duration = Duration::from_millis(500);

/// The jobs that this process works at.
#[derive(Debug, Clone)]
pub struct Jobs {
    room: Arc<Semaphore>,
    stops: Arc<Mutex<HashMap<Uuid, CancellationToken>>>,
    tasks: TaskTracker,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(AT_ONCE)), stops: Arc::default(), tasks: TaskTracker::new() }
    }
}

/// What a job does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Plan {
    /// Run many runs again.
    RunAgain(RunAgainPlan),
    /// Try a version on what old runs were told.
    BackTest(BackTestPlan),
    /// Try a version on events.
    DryRun(DryRunPlan),
    /// Match all leads to accounts again.
    MatchAgain(MatchAgainPlan),
    /// Read a list.
    ImportRead(ImportReadPlan),
    /// Tell what importing a list would do.
    ImportPreview(ImportPreviewPlan),
    /// Turn back what an import did.
    ImportUndo(ImportUndoPlan),
    /// Look for leads that may be one person.
    FindDuplicates(FindDuplicatesPlan),
    /// Look at every lead again.
    Assess(AssessPlan),
    /// Try a scoring model on every lead.
    ScoreTrial(ScoreTrialPlan),
    /// Try a segment on every lead.
    SegmentTrial(SegmentTrialPlan),
    /// Count the leads that fit a filter.
    CountLeads(CountLeadsPlan),
    /// Change many leads.
    ChangeLeads(Box<ChangeLeadsPlan>),
}

impl Plan {
    /// Its word in the API.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RunAgain(_) => "run_again",
            Self::BackTest(_) => "back_test",
            Self::DryRun(_) => "dry_run",
            Self::MatchAgain(_) => "match_again",
            Self::ImportRead(_) => "import_read",
            Self::ImportPreview(_) => "import_preview",
            Self::ImportUndo(_) => "import_undo",
            Self::FindDuplicates(_) => "find_duplicates",
            Self::Assess(_) => "assess",
            Self::ScoreTrial(_) => "score_trial",
            Self::SegmentTrial(_) => "segment_trial",
            Self::CountLeads(_) => "count_leads",
            Self::ChangeLeads(_) => "change_leads",
        }
    }
}

/// A job to be started.
#[derive(Debug)]
pub struct Order {
    /// Whose.
    pub workspace: WorkspaceId,
    /// The workflow it is about, if it is about one.
    pub workflow: Option<Uuid>,
    /// What people read.
    pub title: String,
    /// What it does.
    pub plan: Plan,
    /// What was asked for, as it was asked.
    pub request: Value,
    /// How many results there will be, when that is known.
    pub total: Option<u64>,
    /// Who asked.
    pub by: String,
}

impl Jobs {
    /// Starts a job; it survives a restart once this returns.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(&self, app: &Shared, order: Order) -> Result<Job, Error> {
        let Order { workspace, workflow, title, plan, request, total, by } = order;
        let params = json!({ "request": request, "plan": plan });
        let id = Uuid::now_v7();
        let job = NewJob {
            id,
            kind: plan.kind().into(),
            title,
            workflow,
            params,
            total,
            by: Some(by),
            created_at: Utc::now(),
        };
        app.store.jobs.create(workspace, job).await?;
        let job = app.store.jobs.get(workspace, id).await?.ok_or(Error::NotFound("the job"))?;
        self.work_at(app, job.clone());
        Ok(job)
    }

    /// Goes on with the jobs that a restart interrupted.
    pub async fn resume(&self, app: &Shared) {
        match app.store.jobs.unfinished().await {
            Ok(jobs) => jobs.into_iter().for_each(|job| self.work_at(app, job)),
            Err(error) => {
                tracing::error!(%error, "unfinished jobs could not be read; they go on at the next start");
            }
        }
    }

    /// Asks the job to stop.
    ///
    /// # Errors
    /// The store's, when there is none or it is over.
    pub async fn cancel(&self, app: &Shared, workspace: WorkspaceId, id: Uuid) -> Result<(), Error> {
        app.store.jobs.request_cancel(workspace, id).await?;
        if let Some(stop) = self.stops.lock().get(&id) {
            stop.cancel();
        }
        Ok(())
    }

    /// Waits until no job works any more; the server is stopping.
    pub async fn drain(&self, limit: Duration) {
        self.tasks.close();
        // What is cut off goes on at the next start.
        let _ = tokio::time::timeout(limit, self.tasks.wait()).await;
    }

    fn work_at(&self, app: &Shared, job: Job) {
        let stop = app.stopping.child_token();
        if job.cancel_requested {
            stop.cancel();
        }
        self.stops.lock().insert(job.id, stop.clone());
        let (jobs, app) = (self.clone(), Arc::clone(app));
        self.tasks.spawn(async move {
            let id = job.id;
            let room = tokio::select! {
                room = jobs.room.acquire() => room.ok(),
                () = stop.cancelled() => None,
            };
            let work = Work::new(Arc::clone(&app), job, stop.clone());
            let ended = if room.is_some() { work.go().await } else { Err(Halt::Stopped) };
            jobs.stops.lock().remove(&id);
            // A server that stops leaves its jobs to the next start.
            if app.stopping.is_cancelled() {
                return;
            }
            let (status, error) = match ended {
                Ok(()) => (JobStatus::Completed, None),
                Err(Halt::Stopped) => (JobStatus::Cancelled, None),
                Err(Halt::Failed(why)) => (JobStatus::Failed, Some(why)),
            };
            if let Err(error) = app.store.jobs.finish(id, JobEnd { status, error, at: Utc::now() }).await {
                tracing::error!(%error, job = %id, "the end of a job could not be written down");
            }
        });
    }
}

/// Why a job ended before all was done.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Somebody stopped it, or the server stops.
    Stopped,
    /// It cannot be done; in words.
    Failed(String),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(format!("{}: {error}", error.code()))
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.to_string())
    }
}

impl From<crate::runner::versions::VersionError> for Halt {
    fn from(error: crate::runner::versions::VersionError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A job under way.
pub(crate) struct Work {
    pub(crate) app: Shared,
    pub(crate) job: Job,
    pub(crate) stop: CancellationToken,
    waiting: Vec<JobItem>,
    written_at: Instant,
    next: i64,
    /// Whether it counts what it looked at instead of its results.
    looks: bool,
}

impl Work {
    fn new(app: Shared, job: Job, stop: CancellationToken) -> Self {
        Self { app, job, stop, waiting: Vec::new(), written_at: Instant::now(), next: 0, looks: false }
    }

    async fn go(mut self) -> Result<(), Halt> {
        let plan = self.job.params["plan"].take();
        let plan = serde_json::from_value(plan)
            .map_err(|error| Halt::Failed(format!("its plan cannot be read: {error}")))?;
        let ended = match plan {
            Plan::RunAgain(plan) => run_again::work(&mut self, plan).await,
            Plan::BackTest(plan) => back_test::work(&mut self, plan).await,
            Plan::DryRun(plan) => dry_run::work(&mut self, plan).await,
            Plan::MatchAgain(plan) => match_again::work(&mut self, plan).await,
            Plan::ImportRead(plan) => import_read::work(&mut self, plan).await,
            Plan::ImportPreview(plan) => import_preview::work(&mut self, plan).await,
            Plan::ImportUndo(plan) => import_undo::work(&mut self, plan).await,
            Plan::FindDuplicates(plan) => find_duplicates::work(&mut self, plan).await,
            Plan::Assess(plan) => standing::assess(&mut self, plan).await,
            Plan::ScoreTrial(plan) => standing::try_scores(&mut self, plan).await,
            Plan::SegmentTrial(plan) => standing::try_segment(&mut self, plan).await,
            Plan::CountLeads(plan) => change_leads::count(&mut self, plan).await,
            Plan::ChangeLeads(plan) => change_leads::change(&mut self, *plan).await,
        };
        // What was found before a stop is worth keeping.
        let kept = self.write_down().await;
        ended.and(kept)
    }

    /// Whether to go on; waits while the store is busy with live runs.
    pub(crate) async fn may_go_on(&mut self) -> Result<(), Halt> {
        loop {
            if self.stop.is_cancelled() {
                return Err(Halt::Stopped);
            }
            let load = self.app.store.upkeep.load();
            if load.queued * 4 <= load.capacity {
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Notes how many results there will be.
    pub(crate) fn expect(&mut self, total: u64) {
        self.job.progress.total = Some(total);
    }

    /// Begins after the results that are there already.
    pub(crate) fn go_on_after(&mut self, done: u64) {
        self.next = i64::try_from(done).unwrap_or(i64::MAX);
    }

    /// Notes how far it is, where there is no result to add.
    pub(crate) async fn reached(&mut self, done: u64) -> Result<(), Halt> {
        self.go_on_after(done);
        if self.written_at.elapsed() >= PATIENCE { self.write_down().await } else { Ok(()) }
    }

    /// Adds a result, and notes with it from where a restart goes on.
    pub(crate) async fn add(&mut self, found: Found, state: Value) -> Result<(), Halt> {
        self.keep(found);
        self.job.progress.state = state;
        if self.waiting.len() >= TOGETHER || self.written_at.elapsed() >= PATIENCE {
            self.write_down().await?;
        }
        Ok(())
    }

    /// Adds a result that the next [`Work::write_down`] makes durable.
    pub(crate) fn keep(&mut self, Found { run, subject, group, detail }: Found) {
        self.waiting.push(JobItem { seq: self.next, run, subject, group: group.into_owned(), detail });
        self.next += 1;
    }

    /// Notes how much was looked at, where that is not the number of results, and from where a restart goes on.
    pub(crate) fn looked_at(&mut self, done: u64, state: Value) {
        self.job.progress.done = done;
        self.job.progress.state = state;
        self.looks = true;
    }

    pub(crate) async fn write_down(&mut self) -> Result<(), Halt> {
        let items = std::mem::take(&mut self.waiting);
        let results = u64::try_from(self.next).unwrap_or_default();
        let done = if self.looks { self.job.progress.done } else { results };
        let progress =
            Progress { done, total: self.job.progress.total, state: self.job.progress.state.clone() };
        self.app.store.jobs.advance(self.job.id, items, progress).await?;
        self.written_at = Instant::now();
        Ok(())
    }
}

/// A result of a job.
#[derive(Debug)]
pub(crate) struct Found {
    /// The run it is about.
    pub(crate) run: Option<Uuid>,
    /// What people read.
    pub(crate) subject: Option<String>,
    /// What it is counted under.
    pub(crate) group: Cow<'static, str>,
    /// All there is to say about it.
    pub(crate) detail: Value,
}

/// A failure as results tell it.
pub(crate) fn told(failure: &Failure) -> Value {
    json!({ "code": failure.code, "step": "", "message": failure.message, "action": failure.action })
}
