//! One transaction: the lead operations of all its turns in rounds, then everything they changed in sets.

use super::Job;
use super::flush;
use super::journal::Press;
use super::pending::Pending;
use super::supply::{self, Books};
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use sqlx::Executor;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use trunkline_engine::document::StepId;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind;
use trunkline_engine::run::{EffectKey, Event, Performed};
use trunkline_leads::{Book, Need, Occasion, Operation};
use uuid::Uuid;

/// Makes `turns` durable, or nothing of them. After an error their machines have moved and must be rebuilt.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    turns: &mut [Pending],
    press: &mut Press,
    effects_per_turn: usize,
) -> Result<(), Error> {
    begin(connection).await?;
    let outcome = fill(connection, turns, press, effects_per_turn).await;
    end(connection, outcome).await
}

/// Runs `jobs`, each in a savepoint, and commits what succeeded.
pub(super) async fn jobs(
    connection: &mut SqliteConnection,
    jobs: &mut [Box<dyn Job>],
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    begin(connection).await?;
    let mut outcome = Ok(());
    for job in jobs {
        outcome = in_savepoint(connection, job.as_mut(), outcomes).await;
        if outcome.is_err() {
            break;
        }
    }
    end(connection, outcome).await
}

/// The error of the result is the transaction's; the job's own goes to `outcomes`.
async fn in_savepoint(
    connection: &mut SqliteConnection,
    job: &mut dyn Job,
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    connection.execute("SAVEPOINT job").await?;
    let run = AssertUnwindSafe(job.run(connection)).catch_unwind().await;
    let outcome = run.unwrap_or_else(|_| Err(Error::Database("a write panicked".into())));
    if let Err(error) = &outcome {
        if error.is_of_disk() {
            // SQLite has given up the whole transaction, savepoint and all.
            return outcome;
        }
        connection.execute("ROLLBACK TO job").await?;
    }
    connection.execute("RELEASE job").await?;
    outcomes.push(outcome);
    Ok(())
}

async fn begin(connection: &mut SqliteConnection) -> Result<(), Error> {
    if connection.execute("BEGIN IMMEDIATE").await.is_err() {
        // A transaction that could not even be rolled back, on a disk that was full, may still be open.
        let _ = connection.execute("ROLLBACK").await;
        connection.execute("BEGIN IMMEDIATE").await?;
    }
    Ok(())
}

async fn end(connection: &mut SqliteConnection, outcome: Result<(), Error>) -> Result<(), Error> {
    let outcome = match outcome {
        Ok(()) => connection.execute("COMMIT").await.map(drop).map_err(Error::from),
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        // After some errors, a full disk among them, SQLite has rolled back by itself and this one is refused.
        let _ = connection.execute("ROLLBACK").await;
    }
    outcome
}

async fn fill(
    connection: &mut SqliteConnection,
    turns: &mut [Pending],
    press: &mut Press,
    effects_per_turn: usize,
) -> Result<(), Error> {
    mark_duplicates(connection, turns).await?;
    for turn in turns.iter_mut() {
        turn.budget = effects_per_turn;
    }
    let mut books = Books::default();
    while let Some(round) = Round::gather(turns) {
        supply::satisfy(connection, &mut books, &round).await?;
        if let Err(step) = round.perform(turns, &mut books)? {
            // Our own code failed half-way through an operation, so nothing in the books can be trusted.
            if turns.len() > 1 {
                return Err(Error::Database(format!("a lead operation of step {step} panicked")));
            }
            books = Books::default();
            let turn = &mut turns[0];
            let machine = super::rebuild::machine(connection, turn).await?;
            turn.restart(machine)?;
            turn.break_off(step);
        }
    }
    flush::runs(connection, turns, press).await?;
    for (workspace, book) in &mut books.open {
        flush::leads(connection, *workspace, book.take_changes()).await?;
    }
    Ok(())
}

/// The lead operations that can be performed now, each with the place of its turn, in the order of the turns.
pub(super) struct Round {
    pub(super) asked: Vec<Asked>,
}

/// One of them.
pub(super) struct Asked {
    pub(super) turn: usize,
    pub(super) workspace: WorkspaceId,
    key: EffectKey,
    pub(super) operation: Result<Operation, Failure>,
}

impl Round {
    fn gather(turns: &mut [Pending]) -> Option<Self> {
        let mut asked = Vec::new();
        for (place, turn) in turns.iter_mut().enumerate() {
            let count = if turn.is_moving() { turn.todo.len().min(turn.budget) } else { 0 };
            turn.budget -= count;
            let workspace = turn.header.workspace;
            asked.extend(turn.todo.drain(..count).map(|(key, operation)| {
                let operation = read(&operation);
                Asked { turn: place, workspace, key, operation }
            }));
        }
        (!asked.is_empty()).then_some(Self { asked })
    }

    /// Performs the round. The inner error names the step in which our own code failed.
    fn perform(self, turns: &mut [Pending], books: &mut Books) -> Result<Result<(), StepId>, Error> {
        for Asked { turn, workspace, key, operation } in self.asked {
            let turn = &mut turns[turn];
            // A step that failed earlier in the round may have ended the run.
            if turn.machine.verdict().is_some() || turn.is_broken() {
                continue;
            }
            let at = Utc::now();
            let run = turn.header.id;
            let book = books.of(workspace);
            let step = key.step.clone();
            let perform = || operation.and_then(|operation| perform(book, &operation, run, &step, at));
            let Ok(result) = catch_unwind(AssertUnwindSafe(perform)) else { return Ok(Err(step)) };
            if turn.lead.is_none()
                && let Ok(performed) = &result
            {
                turn.lead = subject(performed);
            }
            turn.apply(Event::Performed { key, result, at })?;
        }
        Ok(Ok(()))
    }
}

fn read(operation: &kind::Operation) -> Result<Operation, Failure> {
    Operation::read(&operation.action, &operation.input)
}

fn perform(
    book: &mut Book,
    operation: &Operation,
    run: Uuid,
    step: &str,
    at: DateTime<Utc>,
) -> Result<Performed, Failure> {
    let mut new_id = Uuid::now_v7;
    let occasion = Occasion { at, run_id: Some(run), step: Some(step), new_id: &mut new_id };
    book.perform(operation, occasion)
}

/// The lead an operation was about, as its output names it.
fn subject(performed: &Performed) -> Option<Uuid> {
    let id = performed.output.pointer("/lead/id").or_else(|| performed.output.get("lead_id"))?;
    Uuid::try_parse(id.as_str()?).ok()
}

/// Finds new runs whose event key, or calling effect, another run has already: on disk or earlier in the batch.
async fn mark_duplicates(connection: &mut SqliteConnection, turns: &mut [Pending]) -> Result<(), Error> {
    let claims: HashSet<Claim> = turns.iter().filter_map(Claim::of).collect();
    if claims.is_empty() {
        return Ok(());
    }
    let mut taken = supply::claimed(connection, &claims).await?;
    for turn in turns.iter_mut() {
        let Some(claim) = Claim::of(turn) else { continue };
        match taken.entry(claim) {
            Entry::Occupied(first) => turn.duplicate_of = Some(*first.get()),
            Entry::Vacant(free) => drop(free.insert(turn.header.id)),
        }
    }
    Ok(())
}

/// What only one run can have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    /// A key of an event of a workflow.
    Event(Uuid, String),
    /// An effect of a parent run.
    Child(Uuid, String),
}

impl Claim {
    fn of(turn: &Pending) -> Option<Self> {
        if !turn.is_new() {
            return None;
        }
        let header = &turn.header;
        match (&header.parent, &header.event_key) {
            (Some((parent, key)), _) => Some(Self::Child(*parent, key.to_string())),
            (None, Some(key)) => Some(Self::Event(header.workflow, key.clone())),
            (None, None) => None,
        }
    }
}

/// Everything `round` still has to know, by workspace.
pub(super) fn needs(round: &Round, books: &mut Books) -> HashMap<WorkspaceId, HashSet<Need>> {
    let mut all: HashMap<_, HashSet<Need>> = HashMap::new();
    for asked in &round.asked {
        if let Ok(operation) = &asked.operation {
            let needs = books.of(asked.workspace).needs(operation);
            if !needs.is_empty() {
                all.entry(asked.workspace).or_default().extend(needs);
            }
        }
    }
    all
}
