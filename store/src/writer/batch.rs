//! A batch whose operations were performed, and writing all that they changed, in sets.
//!
//! What it must never do: decide anything that an operation depends on. By the time a batch is written, the next one may
//! have been worked out by what it changes.

use super::database::Database;
use super::flush;
use super::listeners::{self, Heard, NewLeadEvent};
use super::merging;
use super::pending::Pending;
use super::queue::{self, Decided};
use super::registers::Registers as _;
use super::shelves::Shelves as _;
use super::ticks;
use super::words::{self, Post};
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::WorkspaceId;
use crate::settings::Sources;
use trunkline_leads::suppression::Entry;
use trunkline_leads::{Changes, table};

/// What writing needs from one transaction to the next.
pub(super) struct Writing {
    /// Takes journals that are too large.
    pub(super) payloads: Payloads,
    /// Whether a run may wait for an event of a lead; when none does, nothing is asked for.
    pub(super) lead_waits: bool,
    /// Whom to tell of events of leads.
    pub(super) heard: Heard,
    pub(super) sources: Sources,
}

/// See the [module](self).
#[derive(Default)]
pub(super) struct Batch {
    pub(super) turns: Vec<Pending>,
    pub(super) decided: Decided,
    pub(super) tables: Vec<(WorkspaceId, table::Changes)>,
    pub(super) leads: Vec<(WorkspaceId, Changes)>,
    pub(super) suppressions: Vec<(WorkspaceId, Vec<Entry>)>,
    pub(super) heard: Vec<NewLeadEvent>,
}

impl Batch {
    /// Writes it into the transaction that is open, and ends that: it is durable, or nothing of it. After an error the
    /// machines of its turns have moved and must be rebuilt.
    pub(super) async fn commit<D: Database>(
        &mut self,
        database: &mut D,
        writing: &mut Writing,
    ) -> Result<(), Error> {
        let outcome = self.write(database, writing).await;
        let outcome = super::transaction::end(database, outcome).await;
        writing.heard.tell(outcome.is_ok());
        outcome
    }

    async fn write<D: Database>(&mut self, database: &mut D, writing: &mut Writing) -> Result<(), Error> {
        let Writing { payloads, lead_waits, heard, sources } = writing;
        let turns = &mut self.turns;
        words::take(database, turns).await?;
        flush::runs(database, turns, payloads).await?;
        ticks::note(database, turns).await?;
        let mut post = Post::default();
        let let_go = queue::settle(database, turns, std::mem::take(&mut self.decided), payloads).await?;
        post.release(let_go, turns);
        *lead_waits |= words::set_waits(database, turns).await?;
        for (workspace, changes) in self.tables.drain(..) {
            database.connection().write_tables(workspace, changes, sources.now()).await?;
        }
        for (workspace, changes) in self.leads.drain(..) {
            if *lead_waits {
                *lead_waits = post.tell_of_leads(database, turns, &changes.activities).await?;
            }
            merging::write_leads(database, workspace, changes, sources.now()).await?;
        }
        // After the leads: an entry is noted on the timelines of those that came with it as well.
        for (workspace, entries) in self.suppressions.drain(..) {
            database.connection().write_suppressions(workspace, entries).await?;
        }
        listeners::write(database, heard, std::mem::take(&mut self.heard)).await?;
        post.report_ends(database, turns).await?;
        post.write(database, turns).await
    }
}
