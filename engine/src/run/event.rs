//! What happens to a run. Events are the journal: the same events always rebuild the same state.

use crate::document::StepId;
use crate::expression::Datum;
use crate::failure::Failure;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Identifies a run; a time-ordered UUID.
pub type RunId = uuid::Uuid;

/// Names an effect: which step, and inside loops for which item. The same over attempts and restarts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectKey {
    /// The step that asked.
    pub step: StepId,
    /// Indices of the items of the loops around it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<u32>,
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step)?;
        self.items.iter().try_for_each(|item| write!(f, "[{item}]"))
    }
}

/// A field that a write changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What people call the field.
    pub label: String,
    /// Its value before; `null` when it had none.
    pub old: Value,
    /// Its value now.
    pub new: Value,
    /// Where the field is, when the change can be turned back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// A field of something in our own store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// What it belongs to, such as `lead`.
    pub kind: String,
    /// Id of that.
    pub id: String,
    /// Name of the field.
    pub field: String,
}

/// The result of an operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Performed {
    /// What it put out.
    pub output: Value,
    /// Why it came out so, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Change>,
}

/// Why an accepted event does not begin yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldFor {
    /// An earlier run with the same key has not ended.
    Order,
    /// As many runs of the workflow as may are under way.
    Limit,
    /// More events like it may follow within moments.
    Burst,
}

/// What a step of an earlier run left behind, for a run that begins further on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// What it put out.
    pub output: Value,
    /// The port it left by.
    pub port: String,
}

/// A stretch of a stream, to be worked through by a run of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// The loop that works through the stream.
    pub step: StepId,
    /// Number of the first item within the whole stream, from 0.
    pub first: u64,
    /// The items.
    pub items: Vec<Value>,
    /// What expressions see as `trigger`.
    pub trigger: Value,
    /// Outputs of the steps before the loop.
    pub outputs: IndexMap<StepId, Value>,
    /// Where the next stretch begins; `None` after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Items in the whole stream, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// One entry of a run's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins.
    Started {
        /// The trigger step that fired.
        trigger: StepId,
        /// What expressions see as `trigger`.
        output: Arc<Datum>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The event was accepted, and the run begins later. A second one replaces the event.
    Held {
        /// The trigger step that fired.
        trigger: StepId,
        /// What expressions will see as `trigger`.
        output: Arc<Datum>,
        /// Why it has to wait.
        why: HeldFor,
        /// When.
        at: DateTime<Utc>,
    },
    /// A held run begins.
    Released {
        /// When.
        at: DateTime<Utc>,
    },
    /// The run begins in the middle, with what an earlier run left behind.
    StartedFrom {
        /// The trigger step that fired in the earlier run.
        trigger: StepId,
        /// What expressions see as `trigger`.
        output: Arc<Datum>,
        /// The step it begins with.
        from: StepId,
        /// What the steps before left behind; those it does not name count as skipped.
        given: IndexMap<StepId, Given>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The run begins as a stretch of another run's stream.
    Sliced {
        /// Which.
        stretch: Box<Stretch>,
        /// When.
        at: DateTime<Utc>,
    },
    /// An operation was performed, or failed.
    Performed {
        /// Whose.
        key: EffectKey,
        /// How it went.
        result: Result<Performed, Failure>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The moment a step waited for has come: the end of a wait, or of the pause before a retry.
    Woke {
        /// Whose.
        key: EffectKey,
        /// When.
        at: DateTime<Utc>,
    },
    /// A called workflow ended.
    Returned {
        /// The step that called.
        key: EffectKey,
        /// Its last output, or why it failed.
        result: Result<Value, Failure>,
        /// When.
        at: DateTime<Utc>,
    },
    /// The word a step waited for has come.
    Signalled {
        /// Whose.
        key: EffectKey,
        /// The answer: a port of the step, or what a person found out about a write.
        port: String,
        /// What came with it.
        output: Value,
        /// Who answered, if it was a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// A person paused the run: what is under way ends, nothing new begins.
    Paused {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A person let a paused run go on.
    Resumed {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A person ended the run.
    Cancelled {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl Event {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Started { at, .. }
            | Self::Held { at, .. }
            | Self::Released { at }
            | Self::StartedFrom { at, .. }
            | Self::Sliced { at, .. }
            | Self::Performed { at, .. }
            | Self::Woke { at, .. }
            | Self::Returned { at, .. }
            | Self::Signalled { at, .. }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Cancelled { at, .. } => *at,
        }
    }

    /// The effect it answers, if it answers one.
    #[must_use]
    pub fn key(&self) -> Option<&EffectKey> {
        match self {
            Self::Performed { key, .. }
            | Self::Woke { key, .. }
            | Self::Returned { key, .. }
            | Self::Signalled { key, .. } => Some(key),
            _ => None,
        }
    }
}
