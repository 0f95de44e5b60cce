//! Lead operations that a person asked for: the same book, the same transaction, but no run and no journal.
//!
//! An errand is a transaction of its own, so that a mistake in it is nobody else's. Each of its operations is whole or
//! nothing; one that fails does not undo the others.

use super::batch::Writing;
use super::database::Database;
use super::flight::Pen;
use super::in_force::InForce;
use super::listeners;
use super::merging;
use super::plan::Planning;
use super::supply::{self, Books};
use super::tables::JobTables as _;
use super::transaction;
use super::words::Post;
use crate::error::Error;
use crate::ports::{JobNote, PerformedByHand, WorkspaceId};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;
use trunkline_leads::activity::By;
use trunkline_leads::{Occasion, Operation};

/// What a person wants done with leads.
pub(super) struct Errand {
    pub(super) workspace: WorkspaceId,
    pub(super) operations: Vec<Operation>,
    /// Who.
    pub(super) by: By,
    /// The job it belongs to, which notes how far it is with it.
    pub(super) note: Option<JobNote>,
    pub(super) answer: oneshot::Sender<Result<PerformedByHand, Error>>,
}

/// Does the errand, or nothing of it.
pub(super) async fn commit<D: Database>(
    pen: &mut Pen<D>,
    errand: &Errand,
    planning: &mut Planning,
) -> Result<PerformedByHand, Error> {
    let outcome = match pen.database.begin().await {
        Ok(()) => {
            let outcome = perform(&mut pen.database, errand, &mut planning.in_force, &mut pen.writing).await;
            transaction::end(&mut pen.database, outcome).await
        }
        Err(error) => Err(error),
    };
    pen.writing.heard.tell(outcome.is_ok());
    pen.count(outcome.is_ok());
    outcome
}

async fn perform<D: Database>(
    database: &mut D,
    Errand { workspace, operations, by, note, .. }: &Errand,
    in_force: &mut InForce,
    Writing { lead_waits, heard, sources, .. }: &mut Writing,
) -> Result<PerformedByHand, Error> {
    let mut books = Books::default();
    let asked: Vec<_> = operations.iter().map(|operation| (*workspace, operation)).collect();
    in_force.refresh();
    supply::satisfy(database, &mut books, in_force, &asked, None).await?;
    let book = books.of(*workspace);
    let mut outcomes = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut new_id = || sources.new_id();
        let occasion =
            Occasion { at: sources.now(), run_id: None, step: None, by: Some(by), new_id: &mut new_id };
        let outcome = catch_unwind(AssertUnwindSafe(|| book.perform(operation, occasion)));
        outcomes.push(outcome.map_err(|_| Error::Database("a lead operation panicked".into()))?);
    }
    let mut events = Vec::new();
    if !book.activities().is_empty() {
        let who = in_force.listeners(database, *workspace).await?;
        events = listeners::heard(&who, *workspace, books.of(*workspace), &HashMap::new())?;
    }
    listeners::write(database, heard, events).await?;
    let changes = books.of(*workspace).take_changes();
    let mut post = Post::default();
    if !changes.is_empty() {
        if *lead_waits {
            *lead_waits = post.tell_of_leads(database, &[], &changes.activities).await?;
        }
        merging::write_leads(database, *workspace, changes, sources.now()).await?;
    }
    if let Some(note) = note {
        let (items, progress) = (note.tell)(&outcomes);
        database.connection().advance_job(note.job, items, progress).await?;
    }
    let letters = post.keep(database).await?.into_iter().map(|(_, letter)| letter).collect();
    Ok(PerformedByHand { outcomes, letters })
}
