//! Long work that a person started and watches: running a thousand runs again, trying a draft against the past.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt::Debug;
use trunkline_engine::run::RunId;
use uuid::Uuid;

/// Jobs as the server needs them. A job is only a record: whoever does the work writes down how far it is, in pieces,
/// so that a restart can go on.
pub trait Jobs: Debug + Send + Sync {
    /// Keeps a new job, which is under way from now on.
    fn create(&self, workspace: WorkspaceId, job: NewJob) -> Answer<'_, ()>;

    /// One job.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Job>>;

    /// The newest jobs, at most `limit` (1 to 500).
    fn list(&self, workspace: WorkspaceId, limit: u32) -> Answer<'_, Vec<Job>>;

    /// Adds results and notes how far the job is, together, so that a restart neither repeats nor forgets a result.
    /// A result whose number is there already is replaced.
    fn advance(&self, id: Uuid, items: Vec<JobItem>, progress: Progress) -> Answer<'_, ()>;

    /// Notes how the job ended. A job that has ended stays as it is.
    fn finish(&self, id: Uuid, end: JobEnd) -> Answer<'_, ()>;

    /// Asks for the job to be stopped; whoever works at it sees [`Job::cancel_requested`].
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when it is unknown or over.
    fn request_cancel(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;

    /// Jobs that have not ended, the oldest first: for the start of the server.
    fn unfinished(&self) -> Answer<'_, Vec<Job>>;

    /// Results with a number greater than `after`, of one group or of all, in order; at most `limit` (1 to 500).
    fn items(
        &self,
        id: Uuid,
        group: Option<String>,
        after: Option<i64>,
        limit: u32,
    ) -> Answer<'_, Vec<JobItem>>;

    /// How many results each group has, the largest first.
    fn groups(&self, id: Uuid) -> Answer<'_, Vec<(String, u64)>>;
}

/// A job to be begun.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What it does, such as `back_test`.
    pub kind: String,
    /// What people read.
    pub title: String,
    /// The workflow it is about.
    pub workflow: Option<Uuid>,
    /// What it needs to begin, and to go on after a restart.
    pub params: Value,
    /// How many results there will be, when that is known.
    pub total: Option<u64>,
    /// E-mail address or name of who started it.
    pub by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Results so far.
    pub done: u64,
    /// How many there will be, when that is known.
    pub total: Option<u64>,
    /// What the worker wants to know after a restart.
    pub state: Value,
}

/// How a job ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEnd {
    /// Whether it was done, failed or was stopped.
    pub status: JobStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What it does.
    pub kind: String,
    /// What people read.
    pub title: String,
    /// The workflow it is about.
    pub workflow: Option<Uuid>,
    /// What that is called now.
    pub workflow_name: Option<String>,
    /// What it needs to begin, and to go on.
    pub params: Value,
    /// How it stands.
    pub status: JobStatus,
    /// How far it is.
    pub progress: Progress,
    /// Whether somebody wants it stopped.
    pub cancel_requested: bool,
    /// Who started it.
    pub by: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error: Option<String>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// It is under way.
    Running,
    /// It is done.
    Completed,
    /// It could not be done.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobStatus {
    /// Its word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Completed, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// A result of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobItem {
    /// Its number within the job.
    pub seq: i64,
    /// The run it is about.
    pub run: Option<RunId>,
    /// What people read.
    pub subject: Option<String>,
    /// What it is counted under.
    pub group: String,
    /// All there is to say about it.
    pub detail: Value,
}
