//! Looks at leads whose score or segments may have changed by the passing of time alone: something they did fades, or is
//! too long ago by now. Each such lead has a moment in the store; nothing else is read.
//!
//! And at leads whose account changed while rules look at accounts: in slices, with what was reached noted after each, so
//! that an account of a hundred thousand leads neither holds up the change nor a restart.

use super::Runner;
use std::collections::BTreeMap;
use std::time::Duration;
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_leads::operation::Assess;
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

/// Leads looked at per look at the store.
const SLICE: u32 = 200;
/// Pause when nothing is due. What fades does so over days; a minute more or less is no matter.
const PAUSE: Duration = Duration::from_secs(20);
/// Pause between slices, so that live runs come first.
const BREATH: Duration = Duration::from_millis(20);
/// Pause when no account changed: people who change one look at its leads next.
const ACCOUNTS_PAUSE: Duration = Duration::from_secs(1);
/// Accounts that are looked at per look at the store.
const ACCOUNTS: u32 = 50;
/// What is named where a changed account changed a lead.
const BY_ACCOUNT: &str = "Change of the account";
/// What is named where the passing of time changed a lead.
const BY: &str = "Passing of time";

impl Runner {
    /// Looks at leads that are due until the server stops.
    pub async fn keep_standing(self) {
        loop {
            let pause = match self.look_at_due().await {
                Ok(0) => PAUSE,
                Ok(_) => BREATH,
                Err(error) => {
                    tracing::error!(%error, "leads that are due could not be looked at; trying again");
                    PAUSE
                }
            };
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks at some of the leads that are due, and says at how many.
    async fn look_at_due(&self) -> Result<usize, Error> {
        let due = self.inner.store.standing.due(self.now(), SLICE).await?;
        let found = due.len();
        let mut by_workspace: BTreeMap<WorkspaceId, Vec<Operation>> = BTreeMap::new();
        for (workspace, lead_id) in due {
            by_workspace.entry(workspace).or_default().push(Operation::Assess(Assess { lead_id }));
        }
        for (workspace, looks) in by_workspace {
            self.look_again(workspace, looks, BY).await?;
        }
        Ok(found)
    }

    /// Looks at the leads of accounts that changed until the server stops.
    pub async fn follow_accounts(self) {
        loop {
            let pause = match self.settle_accounts().await {
                Ok(false) => ACCOUNTS_PAUSE,
                Ok(true) => BREATH,
                Err(error) => {
                    tracing::error!(%error, "leads of changed accounts could not be looked at; trying again");
                    PAUSE
                }
            };
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks at a slice of the leads of each account that changed, and says whether there was any.
    async fn settle_accounts(&self) -> Result<bool, Error> {
        let standing = &self.inner.store.standing;
        let accounts = standing.unsettled(ACCOUNTS).await?;
        for account in &accounts {
            let leads = standing.leads_to_settle(*account, SLICE).await?;
            let reached = leads.last().copied().filter(|_| leads.len() == SLICE as usize);
            let looks = leads.into_iter().map(|lead_id| Operation::Assess(Assess { lead_id })).collect();
            self.look_again(account.workspace, looks, BY_ACCOUNT).await?;
            standing.settle(*account, reached).await?;
        }
        Ok(!accounts.is_empty())
    }

    async fn look_again(&self, workspace: WorkspaceId, looks: Vec<Operation>, by: &str) -> Result<(), Error> {
        let by = By { id: Uuid::nil(), name: by.to_owned() };
        for outcome in self.perform_by_hand(workspace, looks, by).await? {
            if let Err(failure) = outcome {
                tracing::warn!(code = %failure.code, "a lead could not be looked at again");
            }
        }
        Ok(())
    }
}
