//! Waits and letters of a batch: what runs wait for now, and what happened for runs that are elsewhere.

use super::database::Database;
use super::pending::Pending;
use super::queue::LetGo;
use super::tables::{NewLetter, NewWait, Words};
use crate::columns::to_json;
use crate::error::Error;
use crate::ports::{Letter, RunState, RunStatus, WaitKind};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Awaited;
use trunkline_engine::run::{Effect, EffectKey, Event, RunId, Verdict};
use trunkline_leads::Activity;
use uuid::Uuid;

/// The port by which a wait for an event of a lead ends.
const OUT: &str = "out";
/// Runs of error workflows start no error workflow themselves.
const ERROR_TRIGGER: &str = "error";

/// Letters of a batch, each with the place of the turn that caused it.
#[derive(Default)]
pub(super) struct Post(Vec<(usize, RunId, Option<Event>)>);

/// Removes the letters that the turns of a batch take in. All of them must be there: one that is gone was taken in
/// before.
pub(super) async fn take<D: Database>(database: &mut D, turns: &[Pending]) -> Result<(), Error> {
    let taken: Vec<(i64, RunId)> = turns
        .iter()
        .filter(|turn| turn.is_moving())
        .flat_map(|turn| turn.taken.iter().map(|id| (*id, turn.header.id)))
        .collect();
    if taken.is_empty()
        || usize::try_from(database.connection().take_letters(&taken).await?) == Ok(taken.len())
    {
        return Ok(());
    }
    Err(Error::Fenced)
}

/// Brings the open waits of a batch up to date; gives whether any of them is for an event of a lead.
pub(super) async fn set_waits<D: Database>(database: &mut D, turns: &[Pending]) -> Result<bool, Error> {
    let (mut runs, mut waits) = (Vec::new(), Vec::new());
    for turn in turns.iter().filter(|turn| turn.is_moving()) {
        let before = waits.len();
        for effect in &turn.open_waits() {
            if let Effect::Await { key, what, until } = effect {
                waits.push(wait(turn, key, what, *until)?);
            }
        }
        if waits.len() > before || turn.header.waits > 0 {
            runs.push(turn.header.id);
        }
    }
    if runs.is_empty() {
        return Ok(false);
    }
    let for_leads = waits.iter().any(|wait| wait.lead.is_some());
    database.connection().set_waits(runs, waits).await?;
    Ok(for_leads)
}

fn wait(
    turn: &Pending,
    key: &EffectKey,
    what: &Awaited,
    until: Option<DateTime<Utc>>,
) -> Result<NewWait, Error> {
    let lead = match what {
        Awaited::LeadEvent { lead, event } => Uuid::try_parse(lead).ok().map(|lead| (lead, event.as_str())),
        _ => None,
    };
    Ok(NewWait {
        run: turn.header.id,
        key: key.to_string(),
        workspace: turn.header.workspace,
        kind: WaitKind::of(what),
        lead,
        what: to_json(what)?,
        asked_at: turn.last_moment(),
        due_at: until.map(|until| until.trunc_subsecs(6)),
    })
}

impl Post {
    /// Adds what those who wait for something that happened to a lead get to know. Gives whether any run waits so.
    pub(super) async fn tell_of_leads<D: Database>(
        &mut self,
        database: &mut D,
        turns: &[Pending],
        activities: &[Activity],
    ) -> Result<bool, Error> {
        let asked: HashSet<(Uuid, &'static str)> =
            activities.iter().map(|activity| (activity.lead_id, activity.kind.as_str())).collect();
        let waits =
            if asked.is_empty() { Vec::new() } else { database.connection().lead_waits(&asked).await? };
        if waits.is_empty() {
            return database.connection().any_lead_wait().await;
        }
        let places: HashMap<RunId, usize> =
            turns.iter().enumerate().map(|(place, turn)| (turn.header.id, place)).collect();
        let mut answered = Vec::new();
        for wait in waits {
            // What the run itself did in the turn in which it began to wait came before that.
            let is_news = |activity: &&Activity| {
                let at = activity.at.trunc_subsecs(6);
                activity.lead_id == wait.lead
                    && activity.kind.as_str() == wait.event
                    && (at > wait.asked_at || (at == wait.asked_at && activity.run_id != Some(wait.run)))
            };
            let Some(activity) = activities.iter().find(is_news) else { continue };
            let by = activity.run_id.and_then(|run| places.get(&run)).copied().unwrap_or_default();
            let key = crate::records::read_key(&wait.key)?;
            let (port, output) = (OUT.to_owned(), told(activity));
            self.0.push((
                by,
                wait.run,
                Some(Event::Signalled { key, port, output, by: None, at: activity.at }),
            ));
            answered.push(wait.place);
        }
        if !answered.is_empty() {
            database.connection().lead_waits_answered(answered).await?;
        }
        Ok(true)
    }

    /// Adds the release of runs that may begin now.
    pub(super) fn release(&mut self, let_go: Vec<LetGo>, turns: &[Pending]) {
        for LetGo { run, by } in let_go {
            let at = turns[by].last_moment();
            self.0.push((by, run, Some(Event::Released { at })));
        }
    }

    /// Adds what callers get to know of runs that ended, and the wish for error workflows.
    pub(super) async fn report_ends<D: Database>(
        &mut self,
        database: &mut D,
        turns: &[Pending],
    ) -> Result<(), Error> {
        let mut parents = HashSet::new();
        let mut returns = Vec::new();
        for (place, turn) in turns.iter().enumerate().filter(|(_, turn)| turn.is_moving()) {
            let header = &turn.header;
            let wants_error_workflow = header.trigger_kind != ERROR_TRIGGER
                && turn.machine.compiled().document().settings.error_workflow.is_some();
            if header.parent.is_none() && !wants_error_workflow {
                continue;
            }
            let state = turn.state();
            let Some(at) = state.finished_at else { continue };
            if wants_error_workflow && state.status == RunStatus::Failed {
                self.0.push((place, header.id, None));
            }
            // Nobody waits for what a step with an exclamation mark calls: it is no step of a document.
            if let Some((parent, key)) = &header.parent
                && !key.step.contains('!')
            {
                parents.insert(*parent);
                let result = result(turn.machine.verdict(), &state);
                returns.push((place, *parent, Event::Returned { key: key.clone(), result, at }));
            }
        }
        if !parents.is_empty() {
            let unfinished = database.connection().unfinished_of(&parents).await?;
            returns.retain(|(_, parent, _)| unfinished.contains(parent));
            self.0.extend(returns.into_iter().map(|(place, parent, event)| (place, parent, Some(event))));
        }
        Ok(())
    }

    /// Keeps the letters, and hands each to the turn that caused it.
    pub(super) async fn write<D: Database>(
        self,
        database: &mut D,
        turns: &mut [Pending],
    ) -> Result<(), Error> {
        for (place, letter) in self.keep(database).await? {
            turns[place].letters.push(letter);
        }
        Ok(())
    }

    /// Keeps the letters; each comes back with the place of the turn that caused it.
    pub(super) async fn keep<D: Database>(self, database: &mut D) -> Result<Vec<(usize, Letter)>, Error> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = Vec::with_capacity(self.0.len());
        for (_, run, event) in &self.0 {
            rows.push(NewLetter { run: *run, event: event.as_ref().map(to_json).transpose()? });
        }
        let ids = database.connection().write_letters(&rows).await?;
        let kept = ids.into_iter().zip(self.0);
        Ok(kept.map(|(id, (place, run, event))| (place, Letter { id, run, event })).collect())
    }
}

/// What a run that waits for `activity` gets.
fn told(activity: &Activity) -> Value {
    json!({
        "lead_id": activity.lead_id, "event": activity.kind.as_str(), "title": activity.title,
        "why": activity.why, "old": activity.old, "new": activity.new, "run_id": activity.run_id,
    })
}

/// What the caller of a run that ended so gets.
fn result(verdict: Option<&Verdict>, state: &RunState) -> Result<Value, Failure> {
    match (verdict, &state.error) {
        (_, Some((step, failure))) => Err(Failure {
            message: format!("the called workflow failed at {step}: {}", failure.message),
            ..failure.clone()
        }),
        (Some(Verdict::Cancelled { by }), None) => Err(Failure::new(
            "RUN-0011",
            FailureKind::Fatal,
            format!("the called workflow was cancelled by {by}"),
            "Start it again, or give this step an error path.",
        )),
        (Some(Verdict::Completed { output }), None) => Ok(output.clone()),
        (Some(Verdict::Failed { .. }) | None, None) => Ok(Value::Null),
    }
}
