//! What a run asks of the world. Only the gate performs these.

use super::event::EffectKey;
use crate::failure::Failure;
use crate::kind::{Call, Operation};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Something the machine asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Perform an operation and answer with `Event::Performed`.
    Perform {
        /// Whose.
        key: EffectKey,
        /// What.
        operation: Operation,
        /// Longest time it may take.
        timeout: Duration,
    },
    /// Answer with `Event::Woke` at this moment.
    Wake {
        /// Whose.
        key: EffectKey,
        /// When.
        at: DateTime<Utc>,
    },
    /// Start another workflow; answer with `Event::Returned`.
    Call {
        /// Whose.
        key: EffectKey,
        /// What to start.
        call: Call,
    },
    /// Answer the caller of the webhook.
    Respond(Reply),
    /// The run is over.
    Finish(Verdict),
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Status code (200 to 599).
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body: text as it is, anything else as JSON.
    pub body: Value,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Every step ended well, was skipped, or failed where failure was provided for.
    Completed {
        /// Output of the step that finished last.
        output: Value,
    },
    /// A step failed for good.
    Failed {
        /// Which step.
        step: String,
        /// Why.
        failure: Failure,
    },
    /// A person ended it.
    Cancelled {
        /// Who.
        by: String,
    },
}
