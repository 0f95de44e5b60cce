//! Moments of schedules: the run that one started is noted with it, in one transaction.

use super::database::Database;
use super::pending::{Aside, Pending};
use crate::error::Error;
use crate::ports::{Tick, TickOutcome};
use uuid::Uuid;

/// What became of moments.
pub(crate) trait TickTables: Send {
    /// Notes what became of `ticks` of one schedule; see [`Ticks::note`](crate::ports::Ticks::note).
    fn note_ticks(
        &mut self,
        workflow: Uuid,
        step: &str,
        ticks: &[Tick],
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Notes the moments for which turns begin runs. One whose event another run has already started that one.
pub(super) async fn note<D: Database>(database: &mut D, turns: &[Pending]) -> Result<(), Error> {
    for turn in turns.iter().filter(|turn| turn.is_new()) {
        let Some(due) = &turn.tick else { continue };
        let run = match turn.aside {
            None => turn.header.id,
            Some(Aside::Duplicate(run)) => run,
            Some(Aside::Refused(_)) => continue,
        };
        let tick = Tick { at: due.at, outcome: TickOutcome::Ran, run: Some(run) };
        database.connection().note_ticks(turn.header.workflow, &due.step, &[tick]).await?;
    }
    Ok(())
}
