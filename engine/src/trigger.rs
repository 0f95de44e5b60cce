//! What can start a run. The server listens; this module only says to what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        secret: String,
    },
    /// A header carries the hex HMAC-SHA256 of the body.
    #[schemars(title = "A signature of the body (HMAC-SHA256)")]
    Hmac {
        /// Name of the header; `sha256=` before the digest is accepted.
        #[schemars(title = "Header", extend("x-placeholder" = "X-Signature"))]
        header: String,
        /// The key.
        #[schemars(title = "Key", extend("x-ui" = "secret"))]
        secret: String,
    },
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
