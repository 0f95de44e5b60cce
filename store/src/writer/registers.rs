//! Suppression: what the writer needs of a connection, and performing operations on it.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::settings::Sources;
use std::collections::HashSet;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::suppression::{Address, Answer, Entry, Register, SuppressionOperation};
use trunkline_leads::{By, Occasion};

/// Entries of a database.
pub(crate) trait Registers: Send {
    /// What is known of each of the addresses.
    fn suppressions(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<Address>,
    ) -> impl Future<Output = Result<Vec<Answer>, Error>> + Send;

    /// Writes entries, and notes each on the timelines of the leads that have the address.
    fn write_suppressions(
        &mut self,
        workspace: WorkspaceId,
        entries: Vec<Entry>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Performs `operations` for a person, within a transaction that is open.
pub(crate) async fn perform<C: Registers>(
    connection: &mut C,
    workspace: WorkspaceId,
    operations: &[SuppressionOperation],
    by: &By,
    sources: &Sources,
) -> Result<Vec<Result<Performed, Failure>>, Error> {
    let mut register = Register::default();
    let needs: HashSet<Address> = operations.iter().flat_map(|operation| register.needs(operation)).collect();
    if !needs.is_empty() {
        register.supply(connection.suppressions(workspace, &needs).await?);
    }
    let at = sources.now();
    let mut results = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut new_id = || sources.new_id();
        let mut occasion = Occasion { at, run_id: None, step: None, by: Some(by), new_id: &mut new_id };
        results.push(register.perform(operation, &mut occasion));
    }
    let entries = register.take_changes();
    if !entries.is_empty() {
        connection.write_suppressions(workspace, entries).await?;
    }
    Ok(results)
}
