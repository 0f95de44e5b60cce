//! What happens in a connected app. The server asks the app, or hears from it; this only says what is meant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happens in a connected app.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AppRule {
    /// The app.
    pub app: String,
    /// Its trigger.
    pub trigger: String,
    /// The connection, by its id; empty when none is chosen.
    pub connection: String,
    /// What the trigger is given.
    pub input: Map<String, Value>,
    /// How the app is asked; absent when it sends.
    pub poll: Option<PollRule>,
}

/// How an app is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollRule {
    /// Seconds from one look to the next.
    pub every_seconds: u32,
    /// What the first look is for.
    pub begin: Begin,
}

/// From when on records of an app are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// From now on.
    Now,
    /// Everything that is there.
    All,
    /// From a moment on. An app that knows no moments gives everything.
    Since(DateTime<Utc>),
}
