//! Words from outside for runs that wait: a person's choice or finding, a callback. Of two answers one counts, and the
//! other is told so.

use super::Runner;
use serde_json::Value;
use trunkline_engine::document::OUT;
use trunkline_engine::kind::{Awaited, DID_NOT, HAPPENED, SKIP};
use trunkline_engine::run::{Effect, EffectKey, Event, RunId};
use trunkline_store::Error;
use trunkline_store::ports::WaitRow;

/// Why a word could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Nothing waits for it: it was answered before, its time is over, or the run has ended.
    #[error("nothing waits for this answer any more")]
    Gone,
    /// It is not among the answers to choose from.
    #[error("\"{0}\" is not one of the answers to choose from")]
    NoSuchOption(String),
    /// It may or may not have been kept.
    #[error(transparent)]
    Store(#[from] Error),
}

/// An answer that is being given. Others to the same question wait behind it in vain.
struct Claim<'a> {
    runner: &'a Runner,
    question: (RunId, EffectKey),
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.runner.inner.answering.lock().remove(&self.question);
    }
}

impl Runner {
    /// Gives the answer `port` to what `key` of `run` waits for; durable when this returns.
    ///
    /// # Errors
    /// When nothing waits for it, or it is none of the answers.
    pub async fn answer_wait(
        &self,
        run: RunId,
        key: EffectKey,
        port: String,
        output: Value,
        by: Option<String>,
    ) -> Result<(), AnswerError> {
        let question = (run, key.clone());
        if !self.inner.answering.lock().insert(question.clone()) {
            return Err(AnswerError::Gone);
        }
        let _claim = Claim { runner: self, question };
        let wait = self.inner.store.waits.find(run, key.clone()).await?.ok_or(AnswerError::Gone)?;
        if !options(&wait).contains(&port.as_str()) {
            return Err(AnswerError::NoSuchOption(port));
        }
        let event = Event::Signalled { key, port, output, by, at: self.now() };
        if self.deliver_for_good(run, event).await { Ok(()) } else { Err(AnswerError::Gone) }
    }

    /// Takes a callback for a step that `run` has not reached yet; durable when this returns.
    ///
    /// # Errors
    /// When the run is over, has no such step, or has had this callback.
    pub async fn answer_early(&self, run: RunId, key: EffectKey, output: Value) -> Result<(), AnswerError> {
        let question = (run, key.clone());
        if !self.inner.answering.lock().insert(question.clone()) {
            return Err(AnswerError::Gone);
        }
        let _claim = Claim { runner: self, question };
        let stored = self.inner.store.runs.stored(run).await?.ok_or(AnswerError::Gone)?;
        let answered = |event: &Event| matches!(event, Event::Signalled { .. }) && event.key() == Some(&key);
        if stored.state.status.is_final() || stored.events.iter().any(answered) {
            return Err(AnswerError::Gone);
        }
        let version = self.version_of(&stored).await.ok_or(AnswerError::Gone)?;
        if !version.compiled.is_callback(&key.step) {
            return Err(AnswerError::Gone);
        }
        let event = Event::Signalled { key, port: OUT.into(), output, by: None, at: self.now() };
        if self.deliver_for_good(run, event).await { Ok(()) } else { Err(AnswerError::Gone) }
    }

    /// Pauses a run, and the stretch of a list it works on; durable when this returns. False when it is over.
    pub async fn pause(&self, run: RunId, by: String) -> bool {
        self.hold(run, Event::Paused { by, at: self.now() }).await
    }

    /// Lets a paused run go on; durable when this returns. False when it is over.
    pub async fn resume(&self, run: RunId, by: String) -> bool {
        self.hold(run, Event::Resumed { by, at: self.now() }).await
    }

    async fn hold(&self, run: RunId, event: Event) -> bool {
        let held = self.deliver_for_good(run, event.clone()).await;
        for stretch in self.stretches(run).await {
            Box::pin(self.hold(stretch, event.clone())).await;
        }
        held
    }

    /// The runs that work on stretches of lists for `run` right now.
    async fn stretches(&self, run: RunId) -> Vec<RunId> {
        let Ok(Some(stored)) = self.inner.store.runs.stored(run).await else { return Vec::new() };
        if stored.state.status.is_final() {
            return Vec::new();
        }
        let Some(version) = self.version_of(&stored).await else { return Vec::new() };
        let machine = self.replay(&version, &stored);
        let mut found = Vec::new();
        for effect in machine.outstanding() {
            if let Effect::Slice { key, .. } = effect
                && let Ok(Some(child)) = self.inner.store.runs.child(run, key).await
                && !child.state.status.is_final()
            {
                found.push(child.id);
            }
        }
        found
    }
}

/// What may be answered.
fn options(wait: &WaitRow) -> Vec<&str> {
    match &wait.what {
        Awaited::Approval { options, .. } => options.iter().map(|option| option.id.as_ref()).collect(),
        Awaited::Decision { .. } => vec![HAPPENED, DID_NOT, SKIP],
        Awaited::Callback | Awaited::LeadEvent { .. } => vec![OUT],
    }
}
