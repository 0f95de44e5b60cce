//! Bringing a turn back to where it stood before a batch that failed. The journal is the truth: the machine is made
//! anew from the turns on disk and the events that were handed in.

use super::database::Database;
use super::pending::Pending;
use crate::error::Error;
use crate::payloads::Payloads;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use trunkline_engine::run::Machine;

/// The machine of `turn` as it was when the turn was handed in, or when an earlier batch made part of it durable.
pub(super) async fn machine<D: Database>(
    database: &mut D,
    turn: &Pending,
    payloads: &Payloads,
) -> Result<Machine, Error> {
    let mut durable = Vec::new();
    if !turn.is_new() && !turn.is_lost() {
        for column in database.journal(turn.header.id).await? {
            durable.extend(payloads.events(&column).await?);
        }
    }
    let mut machine = Machine::new(Arc::clone(turn.machine.compiled()), turn.machine.facts().clone());
    if turn.machine.record().is_some() {
        machine = machine.with_record();
    }
    let replayed = catch_unwind(AssertUnwindSafe(|| {
        durable.iter().chain(turn.fresh_given()).for_each(|event| drop(machine.apply(event)));
        machine
    }));
    // These events were applied before without a panic, so this cannot fail but by a bug that depends on chance.
    replayed.map_err(|_| Error::Database("the run cannot be replayed".into()))
}
