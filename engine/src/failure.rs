//! Why a step did not do what it was asked. A failure is data: it is journaled, shown and matched on, never thrown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What sort of failure this is, which decides whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The data handed to the step cannot be worked with. Trying again gives the same answer.
    BadInput,
    /// The other side refused our credentials.
    Auth,
    /// The other side asked us to slow down; `retry_at` says until when, if it said so.
    RateLimited,
    /// The other side was not able to answer now and may be later.
    Temporary,
    /// Nothing anyone retries will mend this.
    Fatal,
    /// No answer came in the time allowed.
    Timeout,
    /// A write was begun and nobody knows whether it happened. It is never repeated blindly.
    UnknownOutcome,
}

impl FailureKind {
    /// Whether a retry may end differently.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(self, Self::RateLimited | Self::Temporary | Self::Timeout)
    }
}

/// A step's failure: a stable code, what happened, and what the reader can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// Stable code such as `RUN-0003`; each has a page under `docs/errors/`.
    pub code: Cow<'static, str>,
    /// What sort of failure this is.
    pub kind: FailureKind,
    /// What happened, in one sentence without secrets.
    pub message: String,
    /// What to do now, in one sentence.
    pub action: String,
    /// Not before this moment, when the other side said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<DateTime<Utc>>,
}

impl Failure {
    /// A failure of `kind` with its code, message and advice.
    pub fn new(
        code: &'static str,
        kind: FailureKind,
        message: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            code: Cow::Borrowed(code),
            kind,
            message: message.into(),
            action: action.into(),
            retry_at: None,
        }
    }

    /// A failure of the data handed in.
    pub fn bad_input(code: &'static str, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self::new(code, FailureKind::BadInput, message, action)
    }
}
