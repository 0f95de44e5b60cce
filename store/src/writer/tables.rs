//! The small tables the writer keeps beside runs: rules of runs that have not ended, events seen lately, open waits,
//! letters. A batch in which no run has rules, waits, was called or failed touches none of them.

use crate::error::Error;
use crate::payloads::PayloadRow;
use crate::ports::{JobItem, OrderKey, Progress, Rules, WaitKind, WorkspaceId};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use trunkline_engine::run::{HeldFor, RunId};
use uuid::Uuid;

/// Which turns lie in files.
pub(crate) trait PayloadTables: Send {
    /// Notes turns that lie in files, and the files.
    fn add_payloads(&mut self, rows: Vec<PayloadRow>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What tells activities apart where they come from.
pub(crate) trait ActivityKeys: Send {
    /// Those of `keys` that were noted.
    fn known_activities(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<String>,
    ) -> impl Future<Output = Result<HashSet<String>, Error>> + Send;

    /// Notes keys of new activities, each with its lead.
    fn add_activity_keys(
        &mut self,
        workspace: WorkspaceId,
        keys: Vec<(String, Uuid)>,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// How far jobs are.
pub(crate) trait JobTables: Send {
    /// Adds results and notes how far the job is. A result whose number is there already is replaced.
    fn advance_job(
        &mut self,
        id: Uuid,
        items: Vec<JobItem>,
        progress: Progress,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Rules of runs, and events seen lately.
pub(crate) trait RuleTables: Send {
    /// For each key the run that comes first: the one under way, or else the one that was accepted first. Runs held
    /// because of a burst have no place yet and are left out.
    fn first_of_keys(
        &mut self,
        keys: &HashSet<(WorkspaceId, OrderKey)>,
    ) -> impl Future<Output = Result<Vec<RuleRow>, Error>> + Send;

    /// How many runs with a limit are under way, by workflow; a workflow without any may be left out.
    fn under_way(
        &mut self,
        workflows: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<HashMap<Uuid, u64>, Error>> + Send;

    /// Runs that are held for nothing but the limit of these workflows, in the order they were accepted, at most `most`
    /// of each.
    fn held_by_limit(
        &mut self,
        workflows: &HashSet<Uuid>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<RuleRow>, Error>> + Send;

    /// The run that is held for each burst.
    fn bursts(
        &mut self,
        asked: &HashSet<(Uuid, String)>,
    ) -> impl Future<Output = Result<Vec<BurstRow>, Error>> + Send;

    /// Which run each event was last taken for, and when.
    fn seen(
        &mut self,
        asked: &HashSet<SeenKey>,
    ) -> impl Future<Output = Result<HashMap<SeenKey, (RunId, DateTime<Utc>)>, Error>> + Send;

    /// Notes events, replacing what was noted of them.
    fn note_seen(&mut self, rows: Vec<SeenRow>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps the rules of new runs, in this order.
    fn add_rules(&mut self, rows: Vec<NewRule>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Forgets the rules of runs.
    fn remove_rules(&mut self, runs: Vec<RunId>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Notes why runs are held; `None` lets them begin.
    fn set_held(
        &mut self,
        held: Option<HeldFor>,
        runs: Vec<RunId>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Lets held bursts wait longer, in their rules and in their runs.
    fn extend_bursts(
        &mut self,
        bursts: Vec<(RunId, DateTime<Utc>)>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Open waits and letters.
pub(crate) trait Words: Send {
    /// Makes `waits` the open waits of `runs`. A wait that is there already stays as it is.
    fn set_waits(
        &mut self,
        runs: Vec<RunId>,
        waits: Vec<NewWait>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Unanswered waits for these events of leads.
    fn lead_waits(
        &mut self,
        asked: &HashSet<(Uuid, &'static str)>,
    ) -> impl Future<Output = Result<Vec<LeadWait>, Error>> + Send;

    /// Whether any run waits for an event of a lead.
    fn any_lead_wait(&mut self) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Notes that the event of these waits has come.
    fn lead_waits_answered(&mut self, places: Vec<i64>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Which of `runs` have not ended.
    fn unfinished_of(
        &mut self,
        runs: &HashSet<RunId>,
    ) -> impl Future<Output = Result<HashSet<RunId>, Error>> + Send;

    /// Keeps letters and answers with their numbers, in their order.
    fn write_letters(
        &mut self,
        letters: &[NewLetter],
    ) -> impl Future<Output = Result<Vec<i64>, Error>> + Send;

    /// Removes letters, each of the run it is for, and answers how many were there.
    fn take_letters(&mut self, taken: &[(i64, RunId)]) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// An event as it is recognised again: workflow, and SHA-256 of its key.
pub(crate) type SeenKey = (Uuid, [u8; 32]);

/// Rules of a run that has not ended.
#[derive(Debug, Clone)]
pub(crate) struct RuleRow {
    /// The run.
    pub(crate) run: RunId,
    /// Whose it is.
    pub(crate) workspace: WorkspaceId,
    /// What it runs.
    pub(crate) workflow: Uuid,
    /// Its place in an order.
    pub(crate) order: Option<OrderKey>,
    /// Its limit.
    pub(crate) most_at_once: Option<u32>,
    /// Why it has not begun.
    pub(crate) held: Option<HeldFor>,
}

/// Rules of a new run.
#[derive(Debug)]
pub(crate) struct NewRule {
    /// The run.
    pub(crate) run: RunId,
    /// Whose it is.
    pub(crate) workspace: WorkspaceId,
    /// What it runs.
    pub(crate) workflow: Uuid,
    /// What it keeps to.
    pub(crate) rules: Rules,
    /// Why it has not begun.
    pub(crate) held: Option<HeldFor>,
}

/// A run that waits for a quiet moment.
#[derive(Debug, Clone)]
pub(crate) struct BurstRow {
    /// Its workflow.
    pub(crate) workflow: Uuid,
    /// What its events have in common.
    pub(crate) burst: String,
    /// The run.
    pub(crate) run: RunId,
    /// The number of its next turn.
    pub(crate) next_seq: i64,
    /// When it may begin.
    pub(crate) until: DateTime<Utc>,
}

/// An event that makes later ones repeats.
#[derive(Debug)]
pub(crate) struct SeenRow {
    /// Which.
    pub(crate) key: SeenKey,
    /// The run it was taken for.
    pub(crate) run: RunId,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// How long the note is of use.
    pub(crate) until: DateTime<Utc>,
}

/// A wait that is open after a turn.
#[derive(Debug)]
pub(crate) struct NewWait {
    /// The run.
    pub(crate) run: RunId,
    /// The effect, as text.
    pub(crate) key: String,
    /// Whose it is.
    pub(crate) workspace: WorkspaceId,
    /// What sort of word is waited for.
    pub(crate) kind: WaitKind,
    /// The lead and the event that end it.
    pub(crate) lead: Option<(Uuid, &'static str)>,
    /// What the step asked, as JSON.
    pub(crate) what: String,
    /// When it was asked.
    pub(crate) asked_at: DateTime<Utc>,
    /// Until when it waits.
    pub(crate) due_at: Option<DateTime<Utc>>,
}

/// An unanswered wait for an event of a lead.
#[derive(Debug)]
pub(crate) struct LeadWait {
    /// Its place.
    pub(crate) place: i64,
    /// The run.
    pub(crate) run: RunId,
    /// The effect, as text.
    pub(crate) key: String,
    /// The lead.
    pub(crate) lead: Uuid,
    /// The event.
    pub(crate) event: String,
    /// When it was asked.
    pub(crate) asked_at: DateTime<Utc>,
}

/// A letter to be kept.
#[derive(Debug)]
pub(crate) struct NewLetter {
    /// For which run.
    pub(crate) run: RunId,
    /// The event, as JSON.
    pub(crate) event: Option<String>,
}
