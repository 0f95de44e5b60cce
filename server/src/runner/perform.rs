//! One operation in the world outside: a place among the calls to its host, the law of suppression, the gate, and what
//! its answer says about when to call again.

use super::Runner;
use super::gate::{too_late, unknown_outcome};
use super::hosts::Admission;
use super::law::Sender;
use super::providers;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Access, Operation};
use trunkline_engine::run::{EffectKey, Event, Performed};

/// How long after its own time-out an operation is given up from here.
const GRACE: Duration = Duration::from_secs(2);

impl Runner {
    /// Performs `operation` within `timeout`, counted from when its host may be called, and tells how it went. Dropping
    /// this drops a read, and a write that was not begun; a write that was begun runs to its end.
    pub(super) async fn perform(
        self,
        sender: Option<Sender>,
        key: EffectKey,
        operation: Arc<Operation>,
        timeout: Duration,
    ) -> Event {
        let admission = self.inner.hosts.admit(&operation).await;
        let result = match operation.access {
            Access::Read => self.send(sender, &key, operation, timeout, admission).await,
            Access::Write => {
                let (runner, whose) = (self.clone(), key.clone());
                let task = self
                    .inner
                    .tasks
                    .spawn(async move { runner.send(sender, &whose, operation, timeout, admission).await });
                // Only a panic ends the task otherwise, and nobody knows how far it came.
                task.await.unwrap_or_else(|_| Err(unknown_outcome()))
            }
        };
        Event::Performed { key, result, at: self.now() }
    }

    async fn send(
        &self,
        sender: Option<Sender>,
        key: &EffectKey,
        operation: Arc<Operation>,
        timeout: Duration,
        admission: Admission,
    ) -> Result<Performed, Failure> {
        if let Some(result) = self.held_back(sender, key, &operation).await {
            return result;
        }
        let operation = match sender {
            Some(sender) => {
                let operation = Arc::unwrap_or_clone(operation);
                let operation = providers::signed(&self.inner.store, sender.workspace, operation).await?;
                Arc::new(crate::plugins::of_workflow(sender.workflow, operation))
            }
            None => operation,
        };
        let workspace = sender.map(|sender| sender.workspace);
        let performing = self.inner.gate.perform(workspace, &operation, timeout);
        let result = match tokio::time::timeout(timeout + GRACE, performing).await {
            Ok(result) => result,
            Err(_) => Err(too_late(&operation, timeout)),
        };
        drop(admission);
        // What a connection has to keep to is the connection's matter; others may call the host meanwhile.
        if let Err(failure) = &result
            && operation.connection().is_none()
            && failure.kind == FailureKind::RateLimited
            && let Some(rest) = failure.retry_at.and_then(|until| (until - self.now()).to_std().ok())
        {
            // The host said so to one run; every other would hear the same.
            self.inner.hosts.rest(&operation, rest);
        }
        result
    }

    /// The event of a write that was begun before a crash: the machine decides by its promise.
    pub(super) fn lost(&self, key: EffectKey) -> Event {
        Event::Performed { key, result: Err(unknown_outcome()), at: self.now() }
    }
}
