//! How runs of a workflow are ordered, limited and kept, and how a step is tried again.

use crate::failure::FailureKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most days a finished run may stay in the history.
pub(crate) const MAX_KEEP_DAYS: u32 = 3_650;
/// Most minutes a run may be given.
pub(crate) const MAX_TIMEOUT_MINUTES: u32 = 525_600;
/// Most runs at the same time that a limit may allow.
pub(crate) const MAX_AT_ONCE: u32 = 1_000;

/// How runs of a workflow are ordered, limited and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Days a finished run stays in the history (1 to 3650).
    #[serde(default = "default_keep_days")]
    #[schemars(range(min = 1, max = 3650))]
    pub keep_days: u32,
    /// Days after which a completed run is thinned to a summary (1 to 3650). Absent keeps it whole as long as it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub thin_after_days: Option<u32>,
    /// Minutes a run may take, waits included (1 to 525600). Absent gives it all the time it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 525_600))]
    pub timeout_minutes: Option<u32>,
    /// Runs about the same thing go one after the other, in the order of their events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<OrderBy>,
    /// Most runs at the same time (1 to 1000); later ones queue. Absent sets no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub most_at_once: Option<u32>,
    /// Who goes first when much is to be done.
    #[serde(default, skip_serializing_if = "Priority::is_normal")]
    pub priority: Priority,
    /// Of several events about the same thing within moments, one run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debounce: Option<Burst>,
    /// Repeats of an event are recognised and not run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<Repeats>,
    /// Id of the workflow that is started when a run fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_workflow: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keep_days: default_keep_days(),
            thin_after_days: None,
            timeout_minutes: None,
            order_by: None,
            most_at_once: None,
            priority: Priority::Normal,
            debounce: None,
            dedupe: None,
            error_workflow: None,
        }
    }
}

fn default_keep_days() -> u32 {
    30
}

/// Runs about the same thing go one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBy {
    /// What makes two events be about the same thing, such as `{{ trigger.body.email|lower }}`. An empty result is not
    /// ordered.
    pub key: String,
    /// Workflows that name the same space wait for one another. Empty means this workflow alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub space: String,
}

/// Who goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others.
    High,
    /// In between.
    #[default]
    Normal,
    /// After the others, but never starved.
    Low,
}

impl Priority {
    fn is_normal(&self) -> bool {
        *self == Self::Normal
    }
}

/// Of several events about the same thing within moments, one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// What makes two events be about the same thing. An empty result starts a run at once.
    pub key: String,
    /// How long it must be quiet before the run begins, in seconds (1 to 86400).
    #[schemars(range(min = 1, max = 86_400))]
    pub seconds: u32,
    /// Which of the events the run gets.
    #[serde(default)]
    pub keep: KeepEvent,
}

/// Which event of a burst is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepEvent {
    /// The last one.
    #[default]
    Last,
    /// The first one.
    First,
}

/// Repeats of an event are recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// What makes two events the same. An empty result is never a repeat.
    pub key: String,
    /// For how many hours a repeat is recognised (1 to 8760).
    #[schemars(range(min = 1, max = 8_760))]
    pub hours: u32,
}

/// Trying again after a failure that may pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// How many more times (0 to 10).
    #[schemars(range(max = 10))]
    pub times: u32,
    /// Seconds before the first retry (1 to 3600); each further wait is twice as long.
    #[serde(default = "default_retry_wait")]
    #[schemars(range(min = 1, max = 3600))]
    pub wait_seconds: u32,
    /// Longest pause between two attempts, in seconds (1 to 86400, a day).
    #[serde(default = "default_longest_pause", skip_serializing_if = "is_default_longest_pause")]
    #[schemars(range(min = 1, max = 86_400))]
    pub most_seconds: u32,
    /// Which failures are tried again. Empty means those that may pass: asked to slow down, not able to answer now, no
    /// answer in time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<FailureKind>,
}

impl Retry {
    /// Whether a failure of `kind` is tried again. A write of unknown outcome never is.
    #[must_use]
    pub fn covers(&self, kind: FailureKind) -> bool {
        match kind {
            FailureKind::UnknownOutcome => false,
            _ if self.kinds.is_empty() => kind.may_pass(),
            _ => self.kinds.contains(&kind),
        }
    }
}

fn default_retry_wait() -> u32 {
    5
}

fn default_longest_pause() -> u32 {
    86_400
}

fn is_default_longest_pause(seconds: &u32) -> bool {
    *seconds == default_longest_pause()
}
