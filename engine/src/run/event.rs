//! What happens to a run. Events are the journal: the same events always rebuild the same state.

use crate::document::StepId;
use crate::failure::Failure;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

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

/// One entry of a run's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins.
    Started {
        /// The trigger step that fired.
        trigger: StepId,
        /// What expressions see as `trigger`.
        output: Value,
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
            | Self::Performed { at, .. }
            | Self::Woke { at, .. }
            | Self::Returned { at, .. }
            | Self::Cancelled { at, .. } => *at,
        }
    }
}
