//! The law of suppression at the point where messages leave: whoever must not be written to is not, whatever the workflow
//! says.
//!
//! It is asked right before a message is sent, at every attempt, on what is committed at that moment; so an opt-out that
//! was committed before is obeyed. When it cannot be asked, nothing leaves.

use super::Runner;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Operation, Recipient};
use trunkline_engine::run::{EffectKey, Performed};
use trunkline_leads::suppression::{self, Refusal};
use trunkline_store::ports::{HeldBack, RunHeader};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// On whose behalf something is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) workspace: WorkspaceId,
    pub(super) run: Uuid,
    pub(super) workflow: Uuid,
}

impl Sender {
    /// The run of `header`.
    pub(super) fn of(header: &RunHeader) -> Self {
        Self { workspace: header.workspace, run: header.id, workflow: header.workflow }
    }
}

/// Why a message to `recipient` must not leave, if it must not.
///
/// # Errors
/// `SUP-0002` when it is no address, `SUP-0005` when it cannot be looked up.
pub(crate) async fn refusal(
    store: &Store,
    workspace: WorkspaceId,
    recipient: &Recipient,
) -> Result<Option<Refusal>, Failure> {
    let addresses = suppression::addresses_of(recipient)?;
    let known = store.suppressions.find(workspace, addresses).await;
    let known = known.map_err(|error| suppression::not_known(FailureKind::Temporary, &error.to_string()))?;
    Ok(suppression::judge(recipient, &known))
}

impl Runner {
    /// What the step is told instead of sending `operation`, when it sends a message that must not leave. Proof of it is
    /// kept on the timelines of the leads with the address.
    pub(super) async fn held_back(
        &self,
        sender: Option<Sender>,
        key: &EffectKey,
        operation: &Operation,
    ) -> Option<Result<Performed, Failure>> {
        let recipient = operation.sends_to.as_ref()?;
        let Some(sender) = sender else {
            let failure =
                suppression::not_known(FailureKind::Fatal, "nobody says on whose behalf it is sent");
            return Some(Err(failure));
        };
        let store = &self.inner.store;
        let refusal = match refusal(store, sender.workspace, recipient).await {
            Ok(refusal) => refusal?,
            Err(failure) => return Some(Err(failure)),
        };
        let performed = refusal.performed();
        if let Some(address) =
            suppression::addresses_of(recipient).ok().and_then(|all| all.into_iter().next())
        {
            let held = HeldBack {
                address,
                why: refusal.why(),
                evidence: performed.output.clone(),
                run: sender.run,
                step: key.step.clone(),
                at: self.now(),
            };
            if let Err(error) = store.suppressions.note_held_back(sender.workspace, held).await {
                return Some(Err(suppression::not_known(FailureKind::Temporary, &error.to_string())));
            }
        }
        metrics::counter!("trunkline_messages_held_back_total").increment(1);
        Some(Ok(performed))
    }
}
