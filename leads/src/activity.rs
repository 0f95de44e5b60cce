//! The timeline of a lead: what happened to it, when, why, and by which run.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// The lead was seen for the first time.
    Created,
    /// Some of its fields changed.
    Updated,
    /// Its score changed.
    Scored,
    /// It got an owner.
    Assigned,
    /// It moved to another stage.
    StageChanged,
    /// It was put on a list.
    Listed,
}

impl ActivityKind {
    const ALL: [Self; 6] =
        [Self::Created, Self::Updated, Self::Scored, Self::Assigned, Self::StageChanged, Self::Listed];

    /// Its name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Scored => "scored",
            Self::Assigned => "assigned",
            Self::StageChanged => "stage_changed",
            Self::Listed => "listed",
        }
    }
}

impl fmt::Display for ActivityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no kind of activity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a kind of activity")]
pub struct UnknownActivity(pub String);

impl FromStr for ActivityKind {
    type Err = UnknownActivity;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownActivity(name.to_owned()))
    }
}

/// One entry of a lead's timeline. The store numbers them; their order within [`crate::Changes`] is the order in which
/// they happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Whose timeline.
    pub lead_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What sort of thing.
    pub kind: ActivityKind,
    /// What people read first, such as `Assigned to Ana Moreau`.
    pub title: String,
    /// Why, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it was before; `null` when there was nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub old: Value,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub new: Value,
    /// The run that did it; `None` when a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// The step of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for kind in ActivityKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("merged".parse::<ActivityKind>().is_err());
    }
}
