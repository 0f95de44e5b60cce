//! One operation of every step that waits for one, performed in the order of the turns.
//!
//! What it must never do: begin an operation of a turn before the one before it has been answered, or go on with books
//! that our own code left half-way.

use super::pending::Pending;
use super::supply::Books;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::settings::Sources;
use std::panic::{AssertUnwindSafe, catch_unwind};
use trunkline_engine::document::StepId;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{self, Performer};
use trunkline_engine::run::{EffectKey, Event, Performed};
use trunkline_leads::suppression::SuppressionOperation;
use trunkline_leads::table::TableOperation;
use trunkline_leads::{Occasion, Operation};
use uuid::Uuid;

/// The operations that can be performed now, each with the place of its turn, in the order of the turns.
pub(super) struct Round {
    asked: Vec<Asked>,
}

/// One of them.
struct Asked {
    turn: usize,
    workspace: WorkspaceId,
    key: EffectKey,
    operation: Result<Inward, Failure>,
}

/// An operation on what the store itself keeps.
enum Inward {
    Lead(Operation),
    Table(TableOperation),
    Suppression(SuppressionOperation),
}

impl Round {
    /// What `turns` ask for, as far as their budgets go; nothing when nobody asks.
    pub(super) fn gather(turns: &mut [Pending]) -> Option<Self> {
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

    /// What is asked of leads, and where; what cannot be read needs nothing.
    pub(super) fn on_leads(&self) -> Vec<(WorkspaceId, &Operation)> {
        self.on(|operation| if let Inward::Lead(operation) = operation { Some(operation) } else { None })
    }

    /// What is asked of tables and counters, and where.
    pub(super) fn on_tables(&self) -> Vec<(WorkspaceId, &TableOperation)> {
        self.on(|operation| if let Inward::Table(operation) = operation { Some(operation) } else { None })
    }

    /// What is asked of suppression, and where.
    pub(super) fn on_suppression(&self) -> Vec<(WorkspaceId, &SuppressionOperation)> {
        self.on(
            |operation| if let Inward::Suppression(operation) = operation { Some(operation) } else { None },
        )
    }

    fn on<'a, T>(&'a self, pick: impl Fn(&'a Inward) -> Option<&'a T>) -> Vec<(WorkspaceId, &'a T)> {
        let asked = self.asked.iter();
        asked.filter_map(|asked| Some((asked.workspace, pick(asked.operation.as_ref().ok()?)?))).collect()
    }

    /// Performs the round. The inner error names the step in which our own code failed.
    pub(super) fn perform(
        self,
        turns: &mut [Pending],
        books: &mut Books,
        sources: &Sources,
    ) -> Result<Result<(), StepId>, Error> {
        for Asked { turn, workspace, key, operation } in self.asked {
            let turn = &mut turns[turn];
            // A step that failed earlier in the round may have ended the run.
            if turn.machine.verdict().is_some() || turn.is_broken() {
                continue;
            }
            let at = sources.now();
            let run = turn.header.id;
            let step = key.step.clone();
            let mut new_id = || sources.new_id();
            let mut occasion =
                Occasion { at, run_id: Some(run), step: Some(&step), by: None, new_id: &mut new_id };
            let is_on_lead = matches!(operation, Ok(Inward::Lead(_)));
            let perform = || match operation? {
                Inward::Lead(operation) => books.of(workspace).perform(&operation, occasion),
                Inward::Table(operation) => books.shelf(workspace).perform(&operation, occasion),
                Inward::Suppression(operation) => {
                    books.register(workspace).perform(&operation, &mut occasion)
                }
            };
            let Ok(result) = catch_unwind(AssertUnwindSafe(perform)) else { return Ok(Err(step)) };
            if turn.lead.is_none()
                && is_on_lead
                && let Ok(performed) = &result
            {
                turn.lead = subject(performed);
            }
            turn.apply(Event::Performed { key, result, at })?;
        }
        Ok(Ok(()))
    }
}

fn read(operation: &kind::Operation) -> Result<Inward, Failure> {
    match operation.performer {
        Performer::Tables => TableOperation::read(&operation.action, &operation.input).map(Inward::Table),
        Performer::Suppressions => {
            SuppressionOperation::read(&operation.action, &operation.input).map(Inward::Suppression)
        }
        _ => Operation::read(&operation.action, &operation.input).map(Inward::Lead),
    }
}

/// The lead an operation was about, as its output names it.
fn subject(performed: &Performed) -> Option<Uuid> {
    let id = performed.output.pointer("/lead/id").or_else(|| performed.output.get("lead_id"))?;
    Uuid::try_parse(id.as_str()?).ok()
}
