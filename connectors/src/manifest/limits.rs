//! How hard an app may be called. The limits belong to a connection and are shared by every workflow that uses it.

use schemars::JsonSchema;
use serde::Deserialize;

/// How hard an app may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// So many calls in so many seconds.
    #[serde(default)]
    pub bucket: Option<Bucket>,
    /// Most calls under way at the same time.
    #[serde(default)]
    pub at_once: Option<u32>,
    /// Most calls of one day, counted from midnight UTC.
    #[serde(default)]
    pub daily: Option<u64>,
}

/// So many calls in so many seconds. What was not used is saved up to `calls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Calls (1 or more).
    pub calls: u32,
    /// Seconds (1 or more).
    pub seconds: u32,
}
