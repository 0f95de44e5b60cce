//! One transaction: the lead operations of all its turns in rounds, then everything they changed in sets.

use super::database::{Claim, Database};
use super::flush;
use super::in_force::InForce;
use super::job::Job;
use super::listeners::{self, Heard};
use super::merging;
use super::pending::{Aside, Pending};
use super::queue;
use super::registers::Registers;
use super::round::Round;
use super::shelves::Shelves;
use super::supply::{self, Books};
use super::words::{self, Post};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::settings::Sources;
use futures_util::FutureExt;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::panic::AssertUnwindSafe;

/// What one transaction may take on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Lead operations of one turn; the rest follows in the next.
    pub(super) effects_per_turn: usize,
}

/// What the writer keeps from one transaction to the next.
pub(super) struct Tools {
    /// Takes journals that are too large.
    pub(super) payloads: Payloads,
    /// Whether a run may wait for an event of a lead; when none does, nothing is asked for.
    pub(super) lead_waits: bool,
    /// What is defined, and who listens to leads.
    pub(super) in_force: InForce,
    /// Whom to tell of events of leads.
    pub(super) heard: Heard,
}

/// Makes `turns` durable, or nothing of them. After an error their machines have moved and must be rebuilt.
pub(super) async fn commit<D: Database>(
    database: &mut D,
    turns: &mut [Pending],
    tools: &mut Tools,
    sources: &Sources,
    limits: Limits,
) -> Result<(), Error> {
    database.begin().await?;
    let outcome = fill(database, turns, tools, sources, limits).await;
    let outcome = end(database, outcome).await;
    tools.heard.tell(outcome.is_ok());
    outcome
}

/// Runs `jobs`, each in a part of its own, and commits what succeeded.
pub(super) async fn jobs<D: Database>(
    database: &mut D,
    jobs: &mut [Box<dyn Job<D::Connection>>],
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    database.begin().await?;
    let mut outcome = Ok(());
    for job in jobs {
        outcome = in_part(database, job.as_mut(), outcomes).await;
        if outcome.is_err() {
            break;
        }
    }
    end(database, outcome).await
}

/// Runs `job` between two transactions.
pub(super) async fn alone<D: Database>(database: &mut D, mut job: Box<dyn Job<D::Connection>>) {
    let run = AssertUnwindSafe(job.run(database.connection())).catch_unwind().await;
    let outcome = run.unwrap_or_else(|_| Err(Error::Database("a write panicked".into())));
    job.settle(outcome);
}

/// The error of the result is the transaction's; the job's own goes to `outcomes`.
async fn in_part<D: Database>(
    database: &mut D,
    job: &mut dyn Job<D::Connection>,
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    database.begin_part().await?;
    let run = AssertUnwindSafe(job.run(database.connection())).catch_unwind().await;
    let outcome = run.unwrap_or_else(|_| Err(Error::Database("a write panicked".into())));
    if let Err(error) = &outcome
        && error.is_of_store()
    {
        // The database has given up the whole transaction, this part and all.
        return outcome;
    }
    database.end_part(outcome.is_ok()).await?;
    outcomes.push(outcome);
    Ok(())
}

/// Makes what was done durable, or gives it up.
pub(super) async fn end<D: Database, T>(database: &mut D, outcome: Result<T, Error>) -> Result<T, Error> {
    let outcome = match outcome {
        Ok(done) => database.commit().await.map(|()| done),
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        database.roll_back().await;
    }
    outcome
}

async fn fill<D: Database>(
    database: &mut D,
    turns: &mut [Pending],
    Tools { payloads, lead_waits, in_force, heard }: &mut Tools,
    sources: &Sources,
    limits: Limits,
) -> Result<(), Error> {
    mark_duplicates(database, turns).await?;
    let decided = queue::decide(database, turns).await?;
    words::take(database, turns).await?;
    for turn in turns.iter_mut() {
        turn.budget = limits.effects_per_turn;
    }
    in_force.refresh();
    let mut books = Books::default();
    while let Some(round) = Round::gather(turns) {
        supply::satisfy(database, &mut books, in_force, &round.on_leads()).await?;
        supply::stock(database, &mut books, &round.on_tables()).await?;
        supply::look_up(database, &mut books, &round.on_suppression()).await?;
        if let Err(step) = round.perform(turns, &mut books, sources)? {
            // Our own code failed half-way through an operation, so nothing in the books can be trusted.
            if turns.len() > 1 {
                return Err(Error::Database(format!("a lead operation of step {step} panicked")));
            }
            books = Books::default();
            let turn = &mut turns[0];
            let machine = super::rebuild::machine(database, turn, payloads).await?;
            turn.restart(machine)?;
            turn.break_off(step);
        }
    }
    flush::runs(database, turns, payloads).await?;
    let mut post = Post::default();
    let let_go = queue::settle(database, turns, decided, payloads).await?;
    post.release(let_go, turns);
    *lead_waits |= words::set_waits(database, turns).await?;
    for (workspace, shelf) in &mut books.shelves {
        let changes = shelf.take_changes();
        if !changes.is_empty() {
            database.connection().write_tables(*workspace, changes, sources.now()).await?;
        }
    }
    let workflows = turns.iter().map(|turn| (turn.header.id, turn.header.workflow)).collect();
    let mut events = Vec::new();
    for (workspace, book) in &mut books.open {
        if !book.activities().is_empty() {
            let who = in_force.listeners(database, *workspace).await?;
            events.extend(listeners::heard(&who, *workspace, book, &workflows)?);
        }
        let changes = book.take_changes();
        if !changes.is_empty() {
            if *lead_waits {
                *lead_waits = post.tell_of_leads(database, turns, &changes.activities).await?;
            }
            merging::write_leads(database, *workspace, changes, sources.now()).await?;
        }
    }
    // After the leads: an entry is noted on the timelines of those that came with it as well.
    for (workspace, register) in &mut books.registers {
        let entries = register.take_changes();
        if !entries.is_empty() {
            database.connection().write_suppressions(*workspace, entries).await?;
        }
    }
    listeners::write(database, heard, events).await?;
    post.report_ends(database, turns).await?;
    post.write(database, turns).await
}

/// Finds new runs whose event key, or calling effect, another run has already: on disk or earlier in the batch.
async fn mark_duplicates<D: Database>(database: &mut D, turns: &mut [Pending]) -> Result<(), Error> {
    let claims: HashSet<Claim> = turns.iter().filter_map(Claim::of).collect();
    if claims.is_empty() {
        return Ok(());
    }
    let mut taken = database.claimed(&claims).await?;
    for turn in turns.iter_mut() {
        let Some(claim) = Claim::of(turn) else { continue };
        match taken.entry(claim) {
            Entry::Occupied(first) => turn.aside = Some(Aside::Duplicate(*first.get())),
            Entry::Vacant(free) => drop(free.insert(turn.header.id)),
        }
    }
    Ok(())
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
