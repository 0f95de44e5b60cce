//! Counting and changing all leads that fit a filter.
//!
//! Leads are walked from the newest to the oldest. A lead that no longer fits because it was changed lies behind, and one
//! that comes in meanwhile lies before the start, so each is met at most once. What is done with a page of leads and how
//! far the job is are one transaction: a server that is killed goes on exactly where it was. Runs that are started have
//! keys made of the job and the lead, and erasing twice erases once.

use super::{Found, Halt, MOST_SHOWN, Work};
use crate::http::erasures::erase_leads;
use crate::http::problem;
use crate::intake::payload;
use crate::leads::{LeadChange, LeadSelection, UnusableFilter};
use crate::runner::versions::Version;
use crate::runner::{Await, NewRun};
use chrono::Utc;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_engine::trigger::Trigger;
use trunkline_leads::{By, Lead, Operation};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{JobItem, JobNote, LeadPlace, LeadQuery, Progress};
use uuid::Uuid;

/// Leads counted at once.
const COUNTED: u32 = 500;
/// Leads changed in one transaction.
const TOGETHER: u32 = 200;

/// Counting leads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountLeadsPlan {
    /// Which.
    pub which: LeadSelection,
}

/// Changing leads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeLeadsPlan {
    /// Which.
    pub which: LeadSelection,
    /// What is done with them.
    pub change: LeadChange,
    /// Who asked.
    pub by: By,
}

/// How far it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    /// The lead that was looked at last.
    place: Option<LeadPlace>,
    /// Leads met so far.
    met: u64,
    /// How many of them came to what.
    counts: BTreeMap<String, u64>,
    /// Results listed so far.
    shown: i64,
}

impl From<UnusableFilter> for Halt {
    fn from(unusable: UnusableFilter) -> Self {
        Self::Failed(format!("LEAD-0100: {unusable}"))
    }
}

impl State {
    fn of(work: &Work) -> Self {
        serde_json::from_value(work.job.progress.state.clone()).unwrap_or_default()
    }

    fn count(&mut self, group: &'static str) {
        self.met += 1;
        *self.counts.entry(group.to_owned()).or_default() += 1;
    }

    /// Counts a lead that could not be changed, and gives it as a result while there is room.
    fn refuse(&mut self, (id, name): &(Uuid, String), code: &str, message: &str) -> Option<JobItem> {
        self.count("failed");
        let (seq, group) = (self.shown, "failed".to_owned());
        (seq < MOST_SHOWN).then(|| {
            self.shown += 1;
            let detail = json!({ "lead_id": id, "code": code, "message": message });
            JobItem { seq, run: None, subject: Some(name.clone()), group, detail }
        })
    }

    /// What came of a page: results, and how far the job is with it.
    fn take(
        &mut self,
        leads: &[(Uuid, String)],
        outcomes: &[Result<Performed, Failure>],
        total: Option<u64>,
    ) -> (Vec<JobItem>, Progress) {
        let mut items = Vec::new();
        for (lead, outcome) in leads.iter().zip(outcomes) {
            match outcome {
                Err(failure) => items.extend(self.refuse(lead, &failure.code, &failure.message)),
                Ok(done) if !done.written.is_empty() || done.output["changed"] == true => {
                    self.count("changed");
                }
                Ok(_) => self.count("already"),
            }
        }
        let state = serde_json::to_value(&*self).unwrap_or_default();
        (items, Progress { done: self.met, total, state })
    }
}

/// Counts the leads that fit.
pub(super) async fn count(work: &mut Work, plan: CountLeadsPlan) -> Result<(), Halt> {
    let query = plan.which.query(work.job.created_at)?;
    let mut state = State::of(work);
    loop {
        work.may_go_on().await?;
        let (store, workspace) = (&work.app.store, work.job.workspace);
        let page = LeadSelection::page(store, workspace, &query, state.place, COUNTED).await?;
        state.met += page.items.len() as u64;
        state.counts.insert("found".into(), state.met);
        state.place = page.next;
        let is_last = page.next.is_none();
        work.looked_at(state.met, serde_json::to_value(&state).unwrap_or_default());
        work.write_down().await?;
        if is_last {
            return Ok(());
        }
    }
}

/// Changes the leads that fit.
pub(super) async fn change(work: &mut Work, plan: ChangeLeadsPlan) -> Result<(), Halt> {
    let query = plan.which.query(work.job.created_at)?;
    // Leads that come in from now on are not meant.
    let newest = LeadPlace::from(first_id_after(work));
    let query = LeadQuery { before: Some(newest), ..query };
    let starter = match &plan.change {
        LeadChange::StartWorkflow { workflow } => Some(Starter::of(work, *workflow)?),
        _ => None,
    };
    let mut state = State::of(work);
    loop {
        work.may_go_on().await?;
        let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
        let page = LeadSelection::page(&app.store, workspace, &query, state.place, TOGETHER).await?;
        let leads: Vec<Lead> = page.items.into_iter().map(|row| row.lead).collect();
        let before = state.clone();
        state.place = page.next;
        match &plan.change {
            LeadChange::StartWorkflow { .. } => {
                let Some(starter) = &starter else { return Ok(()) };
                starter.start(work, &mut state, &leads).await?;
            }
            LeadChange::Delete => erase(work, &mut state, &plan.by, &leads).await?,
            change => {
                let operations = leads.iter().filter_map(|lead| change.operation(lead.id)).collect();
                let before = State { place: page.next, ..before };
                state = perform(work, before, &plan.by, workspace, &leads, operations).await?;
            }
        }
        if page.next.is_none() {
            return Ok(());
        }
    }
}

/// The smallest id that no lead had when the job was made.
fn first_id_after(work: &Work) -> Uuid {
    // Ids begin with the millisecond; the job's own is the newest of its moment.
    let millis = u128::try_from(work.job.created_at.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128((millis + 1) << 80)
}

/// Performs the operations on a page of leads and notes it, both or neither.
async fn perform(
    work: &mut Work,
    before: State,
    by: &By,
    workspace: WorkspaceId,
    leads: &[Lead],
    operations: Vec<Operation>,
) -> Result<State, Halt> {
    let named: Arc<[(Uuid, String)]> = leads.iter().map(|lead| (lead.id, lead.name())).collect();
    let total = work.job.progress.total;
    let (start, told) = (before.clone(), Arc::clone(&named));
    let tell = move |outcomes: &[Result<Performed, Failure>]| start.clone().take(&told, outcomes, total);
    let note = JobNote { job: work.job.id, tell: Arc::new(tell) };
    let outcomes = work.app.runner.perform_for_job(workspace, operations, by.clone(), note).await?;
    let mut after = before;
    let (_, progress) = after.take(&named, &outcomes, total);
    // It is written down already; what the job writes last must say the same.
    work.looked_at(progress.done, progress.state);
    work.go_on_after(u64::try_from(after.shown).unwrap_or_default());
    Ok(after)
}

/// Starts runs of one workflow.
struct Starter {
    version: Arc<Version>,
    trigger: (String, Trigger),
}

impl Starter {
    fn of(work: &Work, workflow: Uuid) -> Result<Self, Halt> {
        let version = work.app.routes.published(work.job.workspace, workflow);
        let version = version.ok_or_else(|| Halt::Failed("WF-0006: the workflow is not published".into()))?;
        let takes_data = |(_, trigger): &(String, Trigger)| !matches!(trigger, Trigger::Schedule(_));
        let trigger = version.compiled.triggers().into_iter().find(takes_data);
        let trigger = trigger
            .ok_or_else(|| Halt::Failed("WF-0003: the workflow has no trigger that takes events".into()))?;
        Ok(Self { version, trigger })
    }

    /// Starts a run for each lead; the key sees to it that no lead gets two.
    async fn start(&self, work: &mut Work, state: &mut State, leads: &[Lead]) -> Result<(), Halt> {
        let app = Arc::clone(&work.app);
        let job = work.job.id;
        let mut runs = Vec::with_capacity(leads.len());
        for lead in leads {
            let at = Utc::now();
            let record = lead.record();
            let body = match self.trigger.1 {
                Trigger::LeadEvent(_) => json!({ "lead": record, "event": "by_hand" }),
                _ => json!({ "lead": record, "lead_id": lead.id }),
            };
            let new = NewRun {
                trigger: self.trigger.0.clone(),
                kind: payload::kind_word(&self.trigger.1),
                output: payload::output_for(&self.trigger.1, body, at),
                key: Some(format!("leads:{job}:{}", lead.id)),
                parent: None,
                at,
            };
            runs.push(app.runner.start(&self.version, new, Await::Nothing));
        }
        // A page at once: the store commits them together.
        for outcome in join_all(runs).await {
            outcome?;
            state.count("started");
        }
        note(work, state, Vec::new()).await
    }
}

/// Erases a page of leads, each with all that is known of it.
async fn erase(work: &mut Work, state: &mut State, by: &By, leads: &[Lead]) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let mut items = Vec::new();
    let ids: Vec<Uuid> = leads.iter().map(|lead| lead.id).collect();
    let broken =
        |error: problem::Error| Halt::Failed(format!("{}: {}", error.code(), error.details().detail));
    let erased = erase_leads(&app, workspace, &by.name, &ids).await.map_err(broken)?;
    for (lead, erased) in leads.iter().zip(erased) {
        match erased {
            Ok(()) => state.count("erased"),
            // It went a moment ago.
            Err(error) if error.code() == problem::NOT_FOUND.code => state.count("erased"),
            Err(error) if error.code() == problem::LEAD_UNDER_WAY.code => {
                let why = "a run or an import that names this lead has not ended";
                items.extend(state.refuse(&(lead.id, lead.name()), error.code(), why));
            }
            Err(error) => return Err(broken(error)),
        }
    }
    note(work, state, items).await
}

/// Writes down how far the job is.
async fn note(work: &mut Work, state: &State, items: Vec<JobItem>) -> Result<(), Halt> {
    for item in items {
        let JobItem { seq, run, subject, group, detail } = item;
        work.go_on_after(u64::try_from(seq).unwrap_or_default());
        work.keep(Found { run, subject, group: group.into(), detail });
    }
    work.looked_at(state.met, serde_json::to_value(state).unwrap_or(Value::Null));
    work.write_down().await
}
