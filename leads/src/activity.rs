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
    /// It was taken off a list.
    Unlisted,
    /// The person did something: a visit, a form, an answer, a call, a meeting. [`Activity::touch`] says what.
    Touched,
    /// It was matched to an account, or taken from one.
    Matched,
    /// Fields were filled from providers of data.
    Enriched,
    /// Another lead was merged into it.
    Merged,
    /// A merge was taken back.
    Unmerged,
    /// It entered a segment.
    SegmentEntered,
    /// It left a segment.
    SegmentLeft,
    /// A clock for its owner began to run.
    SlaStarted,
    /// The clock is about to run out.
    SlaWarned,
    /// The clock has run out.
    SlaBreached,
    /// What the clock was for happened in time.
    SlaMet,
    /// A message to it was held back because it must not be written to.
    Suppressed,
    /// What it agreed to changed.
    ConsentChanged,
    /// It came in with a file.
    Imported,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Created,
        Self::Updated,
        Self::Scored,
        Self::Assigned,
        Self::StageChanged,
        Self::Listed,
        Self::Unlisted,
        Self::Touched,
        Self::Matched,
        Self::Enriched,
        Self::Merged,
        Self::Unmerged,
        Self::SegmentEntered,
        Self::SegmentLeft,
        Self::SlaStarted,
        Self::SlaWarned,
        Self::SlaBreached,
        Self::SlaMet,
        Self::Suppressed,
        Self::ConsentChanged,
        Self::Imported,
    ];

    /// How rules call it: `company size is at least 200 and was put on a list`.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Created => "was created",
            Self::Updated => "was updated",
            Self::Scored => "was scored",
            Self::Assigned => "got an owner",
            Self::StageChanged => "changed its stage",
            Self::Listed => "was put on a list",
            Self::Unlisted => "was taken off a list",
            Self::Touched => "did something",
            Self::Matched => "was matched to an account",
            Self::Enriched => "was enriched",
            Self::Merged => "was merged",
            Self::Unmerged => "was taken apart again",
            Self::SegmentEntered => "entered a segment",
            Self::SegmentLeft => "left a segment",
            Self::SlaStarted => "had a clock started",
            Self::SlaWarned => "had a clock about to run out",
            Self::SlaBreached => "had a clock run out",
            Self::SlaMet => "was handled in time",
            Self::Suppressed => "had a message held back",
            Self::ConsentChanged => "changed what it agreed to",
            Self::Imported => "came with a file",
        }
    }

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
            Self::Unlisted => "unlisted",
            Self::Touched => "touched",
            Self::Matched => "matched",
            Self::Enriched => "enriched",
            Self::Merged => "merged",
            Self::Unmerged => "unmerged",
            Self::SegmentEntered => "segment_entered",
            Self::SegmentLeft => "segment_left",
            Self::SlaStarted => "sla_started",
            Self::SlaWarned => "sla_warned",
            Self::SlaBreached => "sla_breached",
            Self::SlaMet => "sla_met",
            Self::Suppressed => "suppressed",
            Self::ConsentChanged => "consent_changed",
            Self::Imported => "imported",
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
    /// Everything else that is kept about it, such as the decision behind an assignment.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
    /// The run that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
    /// The step of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The person who did it; `None` when a run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Of [`ActivityKind::Touched`], what the person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch: Option<Touch>,
}

/// The person behind a change: somebody who signed in, or whoever holds a key for programs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct By {
    /// The id of the user or key.
    pub id: Uuid,
    /// What people call them.
    pub name: String,
}

/// Something a lead did, or that was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// What it was, such as `form` or `call`; see [`TOUCH_TYPES`] for the ones people are offered.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it happened or what brought it, such as `Webinar` or `Paid search`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// What a lead can do, as people are offered it: the name in records, and what it is called. Others are welcome.
pub const TOUCH_TYPES: [(&str, &str); 12] = [
    ("page_view", "Visited a page"),
    ("form", "Filled in a form"),
    ("email_opened", "Opened an e-mail"),
    ("email_clicked", "Clicked in an e-mail"),
    ("email_replied", "Replied to an e-mail"),
    ("email_sent", "Was sent an e-mail"),
    ("call", "Call"),
    ("meeting", "Meeting"),
    ("event", "Attended an event"),
    ("download", "Downloaded something"),
    ("chat", "Chatted"),
    ("note", "Note"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for kind in ActivityKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("juggled".parse::<ActivityKind>().is_err());
    }
}
