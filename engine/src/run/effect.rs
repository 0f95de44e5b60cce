//! What a run asks of the world. Only the gate performs these.

use super::event::EffectKey;
use crate::expression::{Datum, Outputs};
use crate::failure::Failure;
use crate::kind::{Awaited, Call, Operation, StreamFrom};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Something the machine asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Perform an operation and answer with `Event::Performed`.
    Perform {
        /// Whose.
        key: EffectKey,
        /// What; the machine keeps it as well, until it is answered.
        operation: Arc<Operation>,
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
    /// Answer with `Event::Signalled` when the word comes, or with `Event::Woke` once `until` has passed.
    Await {
        /// Whose.
        key: EffectKey,
        /// What is waited for.
        what: Awaited,
        /// Until when.
        until: Option<DateTime<Utc>>,
    },
    /// Read the next stretch of a stream and run it as a run of its own; answer with `Event::Returned` when it ends.
    Slice {
        /// Whose; the last of its items is the number of the slice.
        key: EffectKey,
        /// What to read and with what to begin.
        slice: Box<Slice>,
    },
    /// Nobody waits for this any more. Reads and timers are dropped, called runs are cancelled, a write that is under way
    /// runs to its end and its result is ignored.
    Abandon {
        /// What.
        key: EffectKey,
    },
    /// Answer the caller of the webhook.
    Respond(Reply),
    /// The run is over.
    Finish(Verdict),
}

impl Effect {
    /// The key that an event answers it by; none for what is not answered.
    #[must_use]
    pub fn key(&self) -> Option<&EffectKey> {
        match self {
            Self::Perform { key, .. }
            | Self::Wake { key, .. }
            | Self::Call { key, .. }
            | Self::Await { key, .. }
            | Self::Slice { key, .. }
            | Self::Abandon { key } => Some(key),
            Self::Respond(_) | Self::Finish(_) => None,
        }
    }
}

/// The next stretch of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Where the items come from.
    pub from: StreamFrom,
    /// Where the stretch begins, in the source's own terms; `None` at the beginning.
    pub cursor: Option<String>,
    /// Number of its first item within the whole stream.
    pub first: u64,
    /// Most items.
    pub size: u32,
    /// What expressions see as `trigger`.
    pub trigger: Arc<Datum>,
    /// Outputs of the steps before.
    pub outputs: Arc<Outputs>,
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
