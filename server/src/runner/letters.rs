//! Letters: what the store says has happened for a run. Each was durable with what caused it, so none is lost by a crash,
//! and counts once.

use super::Runner;
use super::slots::Post;
use std::collections::HashSet;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_store::ports::{JobNote, Letter};
use trunkline_store::{Error, WorkspaceId};

/// Letters read from the store at a time.
const SLICE: u32 = 1_000;
/// Pause before the store is asked again after it refused.
const PAUSE: Duration = Duration::from_secs(1);

/// Which letters are on their way while those from before a restart are being read: the same letter must not be
/// delivered from both sides.
#[derive(Debug, Default)]
pub(super) struct Mail {
    known: HashSet<i64>,
    recovered: bool,
}

impl Mail {
    /// Whether letter `id` is not on its way yet; from now on it is.
    fn is_new(&mut self, id: i64) -> bool {
        // Afterwards every letter comes once, from the turn that caused it; only what the reading met is remembered.
        if self.recovered { !self.known.contains(&id) } else { self.known.insert(id) }
    }
}

impl Runner {
    /// Performs lead operations for a person; what runs waited for is delivered to them.
    ///
    /// # Errors
    /// The store's; nothing was changed then.
    pub async fn perform_by_hand(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
    ) -> Result<Vec<Result<Performed, Failure>>, Error> {
        let done = self.inner.store.leads.perform(workspace, operations, by).await?;
        self.send_out(done.letters);
        Ok(done.outcomes)
    }

    /// As [`Runner::perform_by_hand`], with how far the job is that does it in the same transaction.
    ///
    /// # Errors
    /// The store's; nothing was changed then.
    pub async fn perform_for_job(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
        note: JobNote,
    ) -> Result<Vec<Result<Performed, Failure>>, Error> {
        let done = self.inner.store.leads.perform_for_job(workspace, operations, by, note).await?;
        self.send_out(done.letters);
        Ok(done.outcomes)
    }

    /// Delivers what a turn, or a person, caused.
    pub(super) fn send_out(&self, letters: Vec<Letter>) {
        if letters.is_empty() {
            return;
        }
        let runner = self.clone();
        self.inner.tasks.spawn(async move { runner.deliver_letters(letters).await });
    }

    /// Delivers what was on its way when the server stopped.
    pub(super) async fn recover_letters(&self) {
        let mut after = 0;
        loop {
            match self.inner.store.letters.list(after, SLICE).await {
                Ok(letters) => {
                    let Some(last) = letters.last() else { break };
                    after = last.id;
                    self.deliver_letters(letters).await;
                }
                Err(Error::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "words to runs could not be read; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.inner.mail.lock().recovered = true;
    }

    async fn deliver_letters(&self, letters: Vec<Letter>) {
        for Letter { id, run, event } in letters {
            if !self.inner.mail.lock().is_new(id) {
                continue;
            }
            match event {
                Some(event) => self.post(run, Post { event, letter: Some(id), taken: None }).await,
                None => self.start_error_workflow(run, id).await,
            }
        }
    }

    /// Throws letters away that nobody will take in.
    pub(super) async fn discard(&self, letters: Vec<i64>) {
        if letters.is_empty() {
            return;
        }
        if let Err(error) = self.inner.store.letters.discard(letters).await {
            tracing::warn!(%error, "a letter that nobody will take in stays until the next start");
        }
    }
}
