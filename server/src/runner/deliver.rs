//! Words to runs: events from outside, the end of a called run, a person's answer. A run is reached in memory or asleep.

use super::Runner;
use super::slots::{self, Handed, Post};
use std::time::Duration;
use tokio::sync::oneshot;
use trunkline_engine::run::{EffectKey, Event, RunId, Verdict};
use trunkline_store::Error;

/// Pause before an event is offered again to a run that has many waiting.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// Pause before a store that refused to be read is asked again.
pub(super) const READ_PAUSE: Duration = Duration::from_secs(1);

impl Runner {
    /// Counts the end of a run.
    pub(super) fn ended(&self, verdict: &Verdict) {
        let word = match verdict {
            Verdict::Completed { .. } => "completed",
            Verdict::Failed { .. } => "failed",
            Verdict::Cancelled { .. } => "cancelled",
        };
        metrics::counter!("trunkline_runs_finished_total", "verdict" => word).increment(1);
    }

    /// Hands `event` to a run, in memory or asleep. Events for runs that are over change nothing.
    pub async fn deliver(&self, id: RunId, event: Event) {
        self.post(id, event.into()).await;
    }

    /// Hands `event` to a run and waits until the turn that takes it in is durable; false when the run was over.
    pub async fn deliver_for_good(&self, id: RunId, event: Event) -> bool {
        let (taken, durable) = oneshot::channel();
        self.post(id, Post { event, letter: None, taken: Some(taken) }).await;
        durable.await.is_ok()
    }

    pub(super) async fn post(&self, id: RunId, mut post: Post) {
        loop {
            match self.inner.slots.hand(id, post) {
                Handed::Over => return,
                Handed::Claimed(inbox, post) => return self.wake_with(id, inbox, post).await,
                Handed::Busy(unsent) => {
                    post = unsent;
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
            }
        }
    }

    /// Takes a run from the store into memory because of an event. The event waits until the store can be read.
    async fn wake_with(&self, id: RunId, inbox: slots::Inbox, post: Post) {
        loop {
            match self.inner.store.runs.stored(id).await {
                Ok(Some(stored)) if !stored.state.status.is_final() => {
                    self.revive(stored, inbox, |_| vec![post]).await;
                    return;
                }
                Ok(_) => {
                    self.inner.slots.release(id);
                    return self.discard(post.letter.into_iter().collect()).await;
                }
                Err(Error::Closed) => return self.inner.slots.release(id),
                Err(error) if error.is_of_one_run() => {
                    tracing::error!(%error, run = %id, "a run cannot take in what has happened");
                    // A letter stays, and is delivered when the file is back.
                    if matches!(post.event, Event::Cancelled { .. }) {
                        self.give_up(id).await;
                    }
                    return self.inner.slots.release(id);
                }
                Err(error) => {
                    tracing::warn!(%error, run = %id, "an event could not be handed to its run; trying again");
                    tokio::time::sleep(READ_PAUSE).await;
                }
            }
        }
    }

    /// Ends a run on behalf of `by`.
    pub async fn cancel(&self, id: RunId, by: String) {
        self.deliver(id, Event::Cancelled { by, at: self.now() }).await;
    }

    /// Ends the run that `key` of `parent` called, if it did and nobody waits for it any more.
    pub(super) async fn cancel_child(&self, parent: RunId, key: EffectKey) {
        match self.inner.store.runs.child(parent, key).await {
            Ok(Some(child)) if !child.state.status.is_final() => {
                self.cancel(child.id, "the workflow that called it".into()).await;
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, run = %parent, "a called run could not be cancelled"),
        }
    }
}
