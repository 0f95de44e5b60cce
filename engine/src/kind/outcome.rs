//! What a step asks for when it is reached: an effect, a pause, a word from outside, a body to run, or the end.
//!
//! These are plain data. Nothing here performs anything.

use super::Promise;
use crate::document::OUT;
use crate::failure::Failure;
use crate::kind::Port;
use crate::run::{Change, Reply};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// An effect a step asks the gate for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Who performs it.
    pub performer: Performer,
    /// What is asked of the performer.
    pub action: Cow<'static, str>,
    /// The rendered input.
    pub input: Value,
    /// Whether it changes anything.
    pub access: Access,
    /// What it promises when its outcome is lost.
    pub promise: Promise,
    /// Whom it sends a message to. Nothing leaves while they must not be written to, whatever the workflow says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends_to: Option<Recipient>,
}

impl Operation {
    /// The connection whose credentials it is sent with, by its id; none when it is sent as it is.
    #[must_use]
    pub fn connection(&self) -> Option<&str> {
        self.input.get(CONNECTION)?.as_str().filter(|id| !id.is_empty())
    }
}

/// The part of an operation's input that names the connection it is sent with, and the setting of steps that does.
pub const CONNECTION: &str = "connection";

/// Somebody who is sent a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// How they are reached.
    pub channel: Channel,
    /// Where.
    pub address: String,
    /// What for.
    pub purpose: Purpose,
}

/// How somebody is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    #[default]
    Email,
    /// By telephone or text message.
    Phone,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Advertising, in the widest sense.
    #[default]
    Marketing,
    /// What somebody asked for or has to know, such as an invoice.
    Service,
}

/// The port that a step which sends a message leaves by when the message was held back.
pub const SUPPRESSED: &str = "suppressed";

/// Who performs an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Performer {
    /// The lead store; commits in the transaction that journals it.
    Leads,
    /// Data tables and counters; commits in the transaction that journals it.
    Tables,
    /// Who must not be written to; commits in the transaction that journals it.
    Suppressions,
    /// The guarded HTTP client.
    Http,
    /// An action of a connected app, by its manifest.
    App,
    /// A step of an installed plugin, in its sandbox.
    Plugin,
}

impl Performer {
    /// Whether its effects live in our own store, and so commit together with their journal entry.
    #[must_use]
    pub fn is_internal(self) -> bool {
        matches!(self, Self::Leads | Self::Tables | Self::Suppressions)
    }
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It only looks.
    Read,
    /// It changes something.
    Write,
}

/// What a step decided.
#[derive(Debug)]
pub enum Outcome {
    /// It is finished.
    Done(Done),
    /// It needs an effect; [`Step::resume`] gets the result.
    Perform(Operation),
    /// It needs an effect that is one of several; [`Step::answered`](super::Step::answered) gets what came of it.
    Exchange(Exchange),
    /// It sleeps until this moment, then leaves by `out`.
    WaitUntil(DateTime<Utc>),
    /// It waits for a word from outside.
    Await(Await),
    /// It runs its body once per item.
    Loop(LoopPlan),
    /// It runs its body again and again until [`Step::goes_on`](super::Step::goes_on) says no.
    Repeat {
        /// Most rounds (1 or more).
        most: u32,
    },
    /// It runs its body once and leaves by `out`, or by `error` when a step inside fails for good.
    Try,
    /// It ends the loop around it: no further item begins.
    Break,
    /// It starts another workflow.
    Call(Call),
    /// It answers the caller of the webhook, then leaves by `out`.
    Respond(Reply),
    /// It ends the whole run.
    Stop {
        /// `None` ends it as completed.
        failure: Option<Failure>,
        /// What the run's history says.
        why: String,
    },
}

/// One of several effects of a step that has to remember something from one to the next, and that goes on also when one
/// fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The effect.
    pub operation: Operation,
    /// Not before this moment; at once when it has passed.
    pub not_before: Option<DateTime<Utc>>,
    /// What the step wants to be told again with the answer. It is worked out anew on replay and never journaled.
    pub memo: Value,
}

/// A finished step.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The port it leaves by.
    pub port: String,
    /// What later steps see.
    pub output: Value,
    /// Why it came out so, in one plain sentence.
    pub why: Option<String>,
    /// What it wrote.
    pub written: Vec<Change>,
}

impl Done {
    /// Finished by the usual port with `output`.
    #[must_use]
    pub fn out(output: Value) -> Self {
        Self::by(OUT, output)
    }

    /// Finished by `port` with `output`.
    pub fn by(port: impl Into<String>, output: Value) -> Self {
        Self { port: port.into(), output, why: None, written: Vec::new() }
    }

    /// With the reason, in one plain sentence.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

impl From<Done> for Outcome {
    fn from(done: Done) -> Self {
        Self::Done(done)
    }
}

/// How a loop runs.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopPlan {
    /// What it works through.
    pub source: Source,
    /// How many items at once (1 or more).
    pub parallel: usize,
    /// Whether one failed item fails the loop.
    pub stop_on_error: bool,
    /// Whether results stand in the order of the items rather than in the order in which they ended.
    pub keep_order: bool,
}

/// What a loop works through.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A list that is at hand.
    Items(Vec<Value>),
    /// Something too large to hold, read and run slice by slice. Each slice is a run of its own, so that it is durable,
    /// bounded in memory, and never repeated once it has ended.
    Stream(Stream),
}

/// A list that is read slice by slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Where the items come from.
    pub from: StreamFrom,
    /// Items per slice (1 to 10,000).
    pub slice: u32,
}

/// Where the items of a stream come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum StreamFrom {
    /// The rows of an uploaded file (CSV, TSV or JSON lines).
    File {
        /// Id of the file.
        file: String,
    },
    /// Leads, by when they were made.
    Leads {
        /// Only those on this list (its name or id).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<String>,
        /// Only those in this stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        /// Only those in the segment of this name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        segment: Option<String>,
        /// Only those that this import (its id) was about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        import: Option<String>,
    },
    /// The rows of a data table, in the order in which they were made.
    Table {
        /// Its name or id.
        table: String,
    },
    /// The rows of an import, many to an item.
    Import {
        /// Id of the import.
        import: String,
    },
    /// The pages of another system's answer.
    Pages {
        /// Asks for the first page; the runner puts in the number or address of later ones.
        operation: Box<Operation>,
        /// JSON Pointer to the items within the answer's body; empty for the body itself.
        items: String,
        /// How to come to the next page.
        next: NextPage,
    },
}

/// How to come to the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum NextPage {
    /// This parameter of the address counts pages from `first`; an empty page is the last.
    Number {
        /// Name of the parameter.
        parameter: String,
        /// Number of the first page.
        first: u32,
    },
    /// The answer's body holds the whole address of the next page here (JSON Pointer); nothing there means the end.
    Address {
        /// Where.
        pointer: String,
    },
    /// The operation is told the place of a page as `page`, and its output holds that of the next one here (JSON Pointer).
    Word {
        /// Where.
        pointer: String,
    },
    /// The answer's body holds a token here (JSON Pointer) that goes into this parameter of the address.
    Token {
        /// Where.
        pointer: String,
        /// Name of the parameter.
        parameter: String,
    },
}

/// A wait for a word from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Await {
    /// What is waited for.
    pub what: Awaited,
    /// After this moment it leaves by the port [`TIMEOUT`].
    pub until: Option<DateTime<Utc>>,
}

/// The port a wait leaves by when nobody answered in time.
pub const TIMEOUT: &str = "timeout";

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Awaited {
    /// A person's choice.
    Approval {
        /// What is to be decided, in a few words.
        title: String,
        /// What the person should know.
        text: String,
        /// The answers to choose from; each is a port.
        options: Vec<Port>,
        /// How people are told, besides the inbox.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notify: Option<Notify>,
    },
    /// A call of the run's callback address for this step.
    Callback,
    /// Something that happens to a lead.
    LeadEvent {
        /// Id of the lead.
        lead: String,
        /// What.
        event: LeadEvent,
    },
    /// A person who finds out whether a write happened whose answer was lost.
    Decision {
        /// What was sent.
        operation: Box<Operation>,
        /// Why nobody knows.
        failure: Failure,
    },
}

/// What a person may say of a write whose outcome is unknown.
pub const HAPPENED: &str = "happened";
/// See [`HAPPENED`]: it did not, so it is done again.
pub const DID_NOT: &str = "did_not";
/// See [`HAPPENED`]: leave it, and go on.
pub const SKIP: &str = "skip";

/// How people are told that their word is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// Id of the workflow that is started with the link, the title and the text.
    pub workflow: String,
    /// Seconds between reminders; 0 sends none.
    pub every_seconds: u32,
    /// Most reminders after the first word (0 to 20).
    pub reminders: u32,
}

/// Something that happens to a lead; the words of its timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeadEvent {
    /// Its record changed.
    Updated,
    /// It was scored.
    Scored,
    /// It got an owner.
    Assigned,
    /// It came to another stage.
    StageChanged,
    /// It was put on a list.
    Listed,
}

impl LeadEvent {
    /// Its word, as in documents and on timelines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Scored => "scored",
            Self::Assigned => "assigned",
            Self::StageChanged => "stage_changed",
            Self::Listed => "listed",
        }
    }
}

/// A call of another workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Id of the workflow.
    pub workflow: String,
    /// What its manual trigger gets as `body`.
    pub input: Value,
    /// Whether to wait for its end.
    pub wait: bool,
}
