//! Working a batch out: which of its turns count, and the operations of all of them in rounds.
//!
//! The first batch after a pause is worked out within its transaction. While it is written, the next is worked out
//! beside it, as its turns arrive, on a connection that only reads: by books that know what the batch before changes.
//! What these books cannot know is asked for when that batch is durable.
//!
//! What it must never do: write, or believe the database about something that is being written.

use super::batch::Batch;
use super::database::{Claim, Database};
use super::flight::Flight;
use super::in_force::InForce;
use super::listeners;
use super::pending::{Aside, Pending};
use super::queue::{self, Decided};
use super::round::Round;
use super::supply::{self, Books};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::settings::Sources;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use trunkline_engine::document::StepId;
use trunkline_engine::run::RunId;

/// What working out needs from one batch to the next.
pub(super) struct Planning {
    /// Gives back journals that are too large.
    pub(super) payloads: Payloads,
    /// What is defined, and who listens to leads.
    pub(super) in_force: InForce,
    pub(super) sources: Sources,
    /// Lead operations of one turn in one batch; the rest follows in the next.
    pub(super) effects_per_turn: usize,
}

/// A batch that is being worked out.
#[derive(Default)]
pub(super) struct Plan {
    turns: Vec<Pending>,
    /// How many of them are worked out.
    worked: usize,
    books: Books,
    /// What runs of the batch before have, and of this one.
    claimed_before: HashMap<Claim, RunId>,
    claimed: HashMap<Claim, RunId>,
    decided: Decided,
}

/// What a batch that is not durable yet changes, for the one after it.
pub(super) struct Sequel {
    books: Books,
    claimed: HashMap<Claim, RunId>,
}

impl Plan {
    /// The batch after the one of `sequel`.
    pub(super) fn after(sequel: Sequel) -> Self {
        Self { books: sequel.books, claimed_before: sequel.claimed, ..Self::default() }
    }

    /// How many turns it has.
    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    /// Its turns as they stand, when nothing comes of it.
    pub(super) fn into_turns(self) -> Vec<Pending> {
        self.turns
    }

    /// Takes `turns` in.
    pub(super) fn take(&mut self, turns: Vec<Pending>) {
        self.turns.extend(turns);
    }

    /// Works out the turns that were taken in since. `before` is the batch that is being written; without one, `database`
    /// is in the transaction in which this batch will be, and only then rules may have to decide on turns.
    ///
    /// After an error the machines of all its turns have moved and must be rebuilt.
    pub(super) async fn work<D: Database>(
        &mut self,
        database: &mut D,
        mut before: Option<&mut Flight<D>>,
        planning: &mut Planning,
    ) -> Result<(), Error> {
        self.mark_duplicates(database).await?;
        let known = std::mem::replace(&mut self.worked, self.turns.len());
        let turns = &mut self.turns[known..];
        self.decided = queue::decide(database, turns).await?;
        for turn in turns.iter_mut() {
            turn.budget = planning.effects_per_turn;
        }
        planning.in_force.refresh();
        while let Some(round) = Round::gather(turns) {
            let in_force = &mut planning.in_force;
            let books = &mut self.books;
            supply::satisfy(database, books, in_force, &round.on_leads(), before.as_deref_mut()).await?;
            supply::stock(database, books, &round.on_tables(), before.as_deref_mut()).await?;
            supply::look_up(database, books, &round.on_suppression(), before.as_deref_mut()).await?;
            if let Err(step) = round.perform(turns, books, &planning.sources)? {
                // Our own code failed half-way through an operation, so nothing in the books can be trusted.
                if turns.len() > 1 || before.is_some() {
                    return Err(Error::Database(format!("a lead operation of step {step} panicked")));
                }
                *books = Books::default();
                break_off(database, &mut turns[0], step, &planning.payloads).await?;
            }
        }
        let moving = self.turns[known..].iter().filter(|turn| turn.is_moving());
        self.claimed.extend(moving.filter_map(|turn| Some((Claim::of(turn)?, turn.header.id))));
        Ok(())
    }

    /// Finds new runs whose event key, or calling effect, another run has already: on disk, in the batch before, or
    /// earlier in this one.
    async fn mark_duplicates<D: Database>(&mut self, database: &mut D) -> Result<(), Error> {
        let claims: HashSet<Claim> = self.turns[self.worked..].iter().filter_map(Claim::of).collect();
        if claims.is_empty() {
            return Ok(());
        }
        let mut taken = database.claimed(&claims).await?;
        for claim in claims {
            if let Some(run) = self.claimed_before.get(&claim).or_else(|| self.claimed.get(&claim)) {
                taken.insert(claim, *run);
            }
        }
        for turn in &mut self.turns[self.worked..] {
            let Some(claim) = Claim::of(turn) else { continue };
            match taken.entry(claim) {
                Entry::Occupied(first) => turn.aside = Some(Aside::Duplicate(*first.get())),
                Entry::Vacant(free) => drop(free.insert(turn.header.id)),
            }
        }
        Ok(())
    }

    /// What is to be written, and what the batch after it has to know meanwhile, if that can be said at all.
    pub(super) async fn finish<D: Database>(
        &mut self,
        database: &mut D,
        in_force: &mut InForce,
    ) -> Result<(Batch, Option<Sequel>), Error> {
        let mut batch = Batch { decided: std::mem::take(&mut self.decided), ..Batch::default() };
        for (workspace, shelf) in &mut self.books.shelves {
            let changes = shelf.take_changes();
            if !changes.is_empty() {
                batch.tables.push((*workspace, changes));
            }
        }
        let workflows = self.turns.iter().map(|turn| (turn.header.id, turn.header.workflow)).collect();
        let mut next = Some(Books::default());
        for (workspace, book) in &mut self.books.open {
            if !book.activities().is_empty() {
                let who = in_force.listeners(database, *workspace).await?;
                batch.heard.extend(listeners::heard(&who, *workspace, book, &workflows)?);
            }
            match (&mut next, book.successor()) {
                (Some(next), Some(successor)) => drop(next.open.insert(*workspace, successor)),
                _ => next = None,
            }
            let changes = book.take_changes();
            if !changes.is_empty() {
                batch.leads.push((*workspace, changes));
            }
        }
        for (workspace, register) in &mut self.books.registers {
            let entries = register.take_changes();
            if !entries.is_empty() {
                // An entry is noted at leads that no book knows.
                next = None;
                batch.suppressions.push((*workspace, entries));
            }
        }
        batch.turns = std::mem::take(&mut self.turns);
        let claimed = std::mem::take(&mut self.claimed);
        Ok((batch, next.map(|books| Sequel { books, claimed })))
    }
}

/// Gives the run of `turn`, the only one of its batch, up at `step`.
async fn break_off<D: Database>(
    database: &mut D,
    turn: &mut Pending,
    step: StepId,
    payloads: &Payloads,
) -> Result<(), Error> {
    let machine = super::rebuild::machine(database, turn, payloads).await?;
    turn.restart(machine)?;
    turn.break_off(step);
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
