//! What can start a workflow: records an app has new or changed, asked for again and again, or events that it sends.

use super::action::{Input, RequestTemplate};
use super::example::{Exchange, ExpectedFailure};
use super::fault::FaultRule;
use super::paging::Paging;
use super::webhook::GivenDelivery;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::expression::Dynamic;

/// Something that starts a workflow. It has either `poll` or `webhook`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// What people call it, such as `New or changed contact`.
    pub title: String,
    /// When it starts, in one sentence.
    pub summary: String,
    /// More, in Markdown.
    #[serde(default)]
    pub help: String,
    /// What it is given. The values are fixed: no run is there yet.
    #[serde(default)]
    pub input: Input,
    /// The app is asked again and again.
    #[serde(default)]
    pub poll: Option<Poll>,
    /// The app sends.
    #[serde(default)]
    pub webhook: Option<Listen>,
    /// Which records or events start a run; sees `input`, `settings` and `item` (with `since`, when it polls) or `event`.
    #[serde(default)]
    pub when: Option<Dynamic>,
    /// What a run sees as `trigger`; sees the same. Without it, the record or the event itself.
    #[serde(default)]
    pub output: Option<Dynamic>,
    /// Recorded looks or deliveries: they are tests, documentation and placeholder at once.
    pub examples: Vec<TriggerExample>,
}

/// Records that are asked for again and again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// What is asked; sees `input`, `settings` and, unless the cursor is `nothing`, `since`.
    pub request: RequestTemplate,
    /// How one comes to the next page.
    pub paging: Paging,
    /// What a record is called in the app; sees `item`. A record is never reported twice in the same state.
    pub id: Dynamic,
    /// From where the next look goes on.
    pub cursor: Cursor,
    /// In which order the records come.
    #[serde(default)]
    pub order: Order,
    /// Seconds from one look to the next, unless a workflow says otherwise (10 or more).
    #[serde(default = "five_minutes")]
    pub every: u32,
    /// What errors of this request mean, before the app's own rules.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

fn five_minutes() -> u32 {
    300
}

/// From where the next look goes on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cursor {
    /// A moment that every record carries. `since` is the newest moment seen, less the overlap; the request asks for
    /// records from it on, those at it among them.
    Time {
        /// The moment of a record; sees `item`. Seconds or milliseconds since 1970, or a date and time as text.
        at: Dynamic,
        /// How `since` is written.
        #[serde(default)]
        write: Moment,
        /// Seconds that each look reaches back before the newest moment seen, because records may show up late.
        #[serde(default = "a_minute")]
        overlap: u32,
        /// The app leaves out records that are exactly at `since`.
        #[serde(default)]
        exclusive: bool,
    },
    /// A whole number that every new record has greater than all before it. `since` is the greatest seen; the request asks
    /// for records above it.
    Number {
        /// The number of a record; sees `item`.
        at: Dynamic,
        /// How far each look reaches back, because numbers may show up late.
        #[serde(default)]
        overlap: u32,
    },
    /// A word that the app gives with each answer and wants back. `since` is that word.
    Token {
        /// Where it stands in an answer's body (JSON Pointer).
        at: String,
        /// The request that gives the first one; sees `from` (a moment, as `write` says). Without it, the first look
        /// has no `since`.
        #[serde(default)]
        first: Option<Box<FirstToken>>,
    },
    /// There is none: the whole list is read at every look and compared with the last one. For short lists (5,000 records).
    Nothing {
        /// What tells that a record has changed; sees `item`. Without it, only new ones are seen.
        #[serde(default)]
        version: Option<Dynamic>,
    },
}

fn a_minute() -> u32 {
    60
}

/// The request that gives the first word.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstToken {
    /// What is asked; sees `input`, `settings` and `from`.
    pub request: RequestTemplate,
    /// How `from` is written.
    #[serde(default)]
    pub write: Moment,
    /// Where the word stands in the answer's body (JSON Pointer).
    pub at: String,
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// `2026-03-02T09:12:01.115Z`.
    #[default]
    Rfc3339,
    /// `2026-03-02T09:12:01Z`.
    Rfc3339Seconds,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `2026-03-02`.
    Date,
}

/// In which order records come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The oldest first, by what the cursor goes by: best, because a look can be long and still lose nothing.
    OldestFirst,
    /// The newest first. Where pages are turned by place, a record that is deleted while a look goes on may hide another one.
    NewestFirst,
    /// None that holds. What is deleted meanwhile may hide another record, as above.
    #[default]
    Any,
}

/// Which events of a webhook start a run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// One of the manifest's `webhooks`.
    pub at: String,
    /// Which events it is about; sees `event`. A workflow hears of no other.
    #[serde(default)]
    pub when: Option<Dynamic>,
}

/// A recorded look, or a recorded delivery.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerExample {
    /// What it shows.
    pub title: String,
    /// What the trigger was given.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// What was known of the connection.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Of a trigger that polls: how far the look before had come, as a moment, a number or a word. Without it, it is the
    /// first look, from `from` on.
    #[serde(default)]
    pub since: Option<Value>,
    /// Of a first look: the moment from which records are wanted.
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    /// When it happened.
    #[serde(default = "noon")]
    pub at: DateTime<Utc>,
    /// Of a trigger that polls: what went over the wire, in order.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// Of a webhook: what the app sent.
    #[serde(default)]
    pub delivery: Option<GivenDelivery>,
    /// What the runs see as `trigger`, in order; empty when nothing starts.
    #[serde(default)]
    pub starts: Option<Vec<Value>>,
    /// Of a trigger that polls: how far the look came, written like `since`.
    #[serde(default)]
    pub next: Option<Value>,
    /// Why it failed, when it did.
    #[serde(default)]
    pub failure: Option<ExpectedFailure>,
}

/// The moment of examples that do not name one.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_452_800, 0).expect("a moment within range")
}

/// What a workflow says when it begins to listen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The app is asked.
    #[default]
    Poll,
    /// The app sends.
    Webhook,
}

impl Trigger {
    /// How it hears.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.poll.is_some() { Kind::Poll } else { Kind::Webhook }
    }
}
