//! What can start a run. The server listens; this module only says to what.

mod app;

pub use app::{AppRule, Begin, PollRule};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// What a trigger step listens to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trigger {
    /// A person, the API, the CLI or another workflow.
    Manual,
    /// An HTTP request to `/hooks/<path>`.
    Webhook(Webhook),
    /// A moment in time.
    Schedule(ScheduleRule),
    /// A hosted page at `/forms/<path>`.
    Form(HostedForm),
    /// Something that happens to a lead.
    LeadEvent(LeadEventRule),
    /// Something that happens in a connected app.
    App(AppRule),
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleRule {
    /// Five-field cron expression.
    pub cron: String,
    /// IANA time zone name.
    pub timezone: String,
    /// What happens to times that passed while the server was not there.
    pub missed: Missed,
    /// What happens when the run before is still going on.
    pub overlap: Overlap,
}

/// What happens to times of a schedule that passed while the server was not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are only noted.
    Skip,
    /// The last of them starts a run.
    #[default]
    Once,
    /// Each starts a run, in order.
    Each,
}

/// What happens when a schedule is due and the run before is still going on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Nothing starts this time.
    Skip,
    /// The new run starts when the one before has ended.
    Queue,
    /// Both go on side by side.
    #[default]
    Parallel,
}

/// An HTTP request that starts a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// Path below `/hooks/`.
    pub path: String,
    /// Method it answers.
    pub method: Method,
    /// When the caller is answered.
    pub reply: ReplyRule,
    /// How the caller proves itself.
    pub check: Check,
}

/// HTTP methods a webhook answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// When the caller of a webhook is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyRule {
    /// As soon as the event is safe on disk.
    AtOnce,
    /// When the run has finished, with the last step's output.
    WhenFinished,
    /// By a respond step.
    ByStep,
}

/// How the caller of a webhook proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// It does not.
    #[schemars(title = "None")]
    Nothing,
    /// A header carries a shared secret.
    #[schemars(title = "A secret in a header")]
    SharedSecret {
        /// Name of the header.
        #[schemars(title = "Header", extend("x-placeholder" = "X-Secret"))]
        header: String,
        /// The secret it must equal.
        #[schemars(title = "Secret", extend("x-ui" = "secret"))]
        secret: Secret,
    },
    /// A header carries the hex HMAC-SHA256 of the body.
    #[schemars(title = "A signature of the body (HMAC-SHA256)")]
    Hmac {
        /// Name of the header; `sha256=` before the digest is accepted.
        #[schemars(title = "Header", extend("x-placeholder" = "X-Signature"))]
        header: String,
        /// The key.
        #[schemars(title = "Key", extend("x-ui" = "secret"))]
        secret: Secret,
    },
}

/// What only a sender and the server know: typed, or kept by the server and named here, so that it is in no document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Secret {
    /// As it was typed. The server takes it out when the document is saved; older documents may hold it.
    Typed(String),
    /// Sealed by the server.
    Kept(Kept),
}

/// Names a secret that the server keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its id there, or [`Secret::IN_DOCUMENT`].
    pub kept: String,
}

impl Secret {
    /// What stands for a typed secret of an older document wherever that is shown: saving it changes nothing.
    pub const IN_DOCUMENT: &str = "document";

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Typed(text) => text.is_empty(),
            Self::Kept(kept) => kept.kept.is_empty(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(_) => f.write_str("Typed"),
            Self::Kept(kept) => kept.fmt(f),
        }
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "object"],
            "properties": { "kept": { "type": "string" } },
            "required": ["kept"],
            "additionalProperties": false,
        })
    }
}

/// A hosted page that starts a run when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostedForm {
    /// Path below `/forms/`.
    pub path: String,
    /// Heading of the page.
    pub title: String,
    /// Text below the heading.
    pub intro: String,
    /// Text of the button.
    pub button: String,
    /// What the page says afterwards.
    pub thanks: String,
    /// What it asks.
    pub fields: Vec<FormField>,
}

/// A question of a hosted form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// The name later steps see.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What may be typed.
    #[serde(default, rename = "type")]
    pub kind: FormFieldKind,
    /// Whether it must be answered.
    #[serde(default)]
    pub required: bool,
    /// The choices of a `choice` field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// What may be typed into a form field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormFieldKind {
    /// One line of text.
    #[default]
    Text,
    /// Several lines of text.
    LongText,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A number.
    Number,
    /// One of `options`.
    Choice,
    /// A tick.
    Checkbox,
}

/// What of leads starts a run. Also the settings of the trigger step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadEventRule {
    /// What must happen to a lead.
    #[schemars(
        title = "When a lead",
        extend("x-labels" = {
            "created": "is seen for the first time", "updated": "has a field changed",
            "stage_changed": "moves to another stage", "scored": "has another score",
            "assigned": "gets another owner", "listed": "is put on a list", "unlisted": "is taken off a list",
            "touched": "does something", "segment_entered": "enters a segment", "segment_left": "leaves a segment",
            "sla_warned": "is about to miss its clock", "sla_breached": "has missed its clock",
            "sla_met": "is answered in time", "merged": "takes in a duplicate", "matched": "is matched to an account",
            "enriched": "is enriched", "consent_changed": "changes its consent"
        })
    )]
    pub event: LeadHappening,
    /// Only when it comes to this stage; any when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Stage", extend("x-ui" = "stage", "x-when" = {"event": "stage_changed"}))]
    pub stage: Option<String>,
    /// Only when the score comes to this number or more, from below; every new score when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "At least", extend("x-placeholder" = "71", "x-when" = {"event": "scored"}))]
    pub score: Option<i64>,
    /// Only this field, by its name in records, such as company or plan; any when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Field", extend("x-placeholder" = "company", "x-when" = {"event": "updated"}))]
    pub field: Option<String>,
    /// Only this list, by name; any when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "List", extend("x-ui" = "list", "x-when" = {"event": ["listed", "unlisted"]}))]
    pub list: Option<String>,
    /// Only this segment, by name; any when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Segment", extend("x-when" = {"event": ["segment_entered", "segment_left"]}))]
    pub segment: Option<String>,
    /// Only this type of activity, such as form or email_replied; any when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Activity", extend("x-placeholder" = "form", "x-when" = {"event": "touched"}))]
    pub activity: Option<String>,
    /// Also start for what this workflow did itself. Make sure that it comes to an end.
    #[serde(default)]
    #[schemars(title = "Also for its own changes", extend("x-advanced" = true))]
    pub own_changes: bool,
}

/// What can happen to a lead; the words of its timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadHappening {
    /// It was seen for the first time.
    Created,
    /// Fields changed.
    Updated,
    /// It came to another stage.
    StageChanged,
    /// Its score changed.
    Scored,
    /// It got an owner, or lost one.
    Assigned,
    /// It was put on a list.
    Listed,
    /// It was taken off a list.
    Unlisted,
    /// It did something.
    Touched,
    /// It entered a segment.
    SegmentEntered,
    /// It left a segment.
    SegmentLeft,
    /// A clock for its owner is about to run out.
    SlaWarned,
    /// The clock has run out.
    SlaBreached,
    /// What the clock was for happened in time.
    SlaMet,
    /// Another lead was merged into it.
    Merged,
    /// It was matched to an account.
    Matched,
    /// Fields were filled from providers of data.
    Enriched,
    /// What it agreed to changed.
    ConsentChanged,
}

impl LeadHappening {
    /// Its word, as in documents and on timelines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::StageChanged => "stage_changed",
            Self::Scored => "scored",
            Self::Assigned => "assigned",
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
            Self::Touched => "touched",
            Self::SegmentEntered => "segment_entered",
            Self::SegmentLeft => "segment_left",
            Self::SlaWarned => "sla_warned",
            Self::SlaBreached => "sla_breached",
            Self::SlaMet => "sla_met",
            Self::Merged => "merged",
            Self::Matched => "matched",
            Self::Enriched => "enriched",
            Self::ConsentChanged => "consent_changed",
        }
    }
}

impl LeadEventRule {
    /// Whether it hears of an entry of a timeline: its kind, the values before and after, and of something that the lead
    /// did, what.
    #[must_use]
    pub fn hears(&self, kind: &str, old: &Value, new: &Value, activity: Option<&str>) -> bool {
        if self.event.as_str() != kind {
            return false;
        }
        let is_called = |wanted: &Option<String>, found: Option<&str>| {
            let wanted = wanted.as_deref().map(str::trim).filter(|wanted| !wanted.is_empty());
            wanted.is_none_or(|wanted| found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
        };
        match self.event {
            LeadHappening::StageChanged => is_called(&self.stage, new.as_str()),
            LeadHappening::Scored => self.score.is_none_or(|least| {
                old.as_i64().is_none_or(|old| old < least) && new.as_i64().is_some_and(|new| new >= least)
            }),
            LeadHappening::Updated => {
                let field = self.field.as_deref().map(str::trim).filter(|field| !field.is_empty());
                field.is_none_or(|field| new.get(field).is_some() || old.get(field).is_some())
            }
            LeadHappening::Listed => is_called(&self.list, new.as_str()),
            LeadHappening::Unlisted => is_called(&self.list, old.as_str()),
            LeadHappening::SegmentEntered => is_called(&self.segment, new.as_str()),
            LeadHappening::SegmentLeft => is_called(&self.segment, old.as_str()),
            LeadHappening::Touched => is_called(&self.activity, activity),
            _ => true,
        }
    }
}
