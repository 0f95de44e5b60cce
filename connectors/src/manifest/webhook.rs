//! What an app sends by itself: how a delivery proves where it comes from, how events lie in it, and what is answered.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use trunkline_engine::expression::{Dynamic, Template};

/// An address that an app sends to: one for every connection, shared by all triggers that listen there.
///
/// Texts see `request` (`method`, `url`, `query`, `headers` with their names in small letters, `body`), `settings` and,
/// where one is meant, `event`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// What people call it.
    pub title: String,
    /// Where the address is entered at the app and where its secrets are found, in Markdown; shown beside the address.
    pub help: String,
    /// What an administrator enters, by name. Two webhooks that name the same secret share it.
    pub secrets: IndexMap<String, SecretEntry>,
    /// How a delivery proves where it comes from.
    pub check: Check,
    /// Questions by which the app makes sure that the address is ours.
    #[serde(default)]
    pub challenges: Vec<Challenge>,
    /// How the body is written.
    #[serde(default)]
    pub body: BodyForm,
    /// Where the events lie in the body: a JSON Pointer in which `*` stands for every item of a list, such as
    /// `/entry/*/changes/*`. Empty for the body itself. Where it ends at a list, every item is an event.
    #[serde(default)]
    pub events: String,
    /// What makes an event be the same as another one: it then starts nothing. Where nothing does, every delivery counts.
    #[serde(default)]
    pub id: Dynamic,
    /// Events that answer a question which a run has put to people.
    #[serde(default)]
    pub answers: Option<Answers>,
    /// Recorded deliveries that no trigger shows: challenges and what is refused.
    #[serde(default)]
    pub examples: Vec<WebhookExample>,
}

/// How an event answers a question of a run, such as a button that was pressed. Texts see `event` and `request`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Which events do.
    #[serde(default)]
    pub when: Option<Dynamic>,
    /// The link that the question came with.
    pub link: Template,
    /// The answer: the id of one of the question's options.
    pub answer: Template,
    /// Who gave it.
    pub by: Template,
    /// What is said back where the question stands; sees `said` as well: `answered`, `closed` (somebody was quicker, or
    /// the time is over) or `unknown`.
    #[serde(default)]
    pub tell: Option<TellBack>,
}

/// What is said back to an address that came with the event. No credentials go there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellBack {
    /// The address.
    pub url: Template,
    /// The only hosts it may lead to.
    pub hosts: Vec<String>,
    /// The body of the POST.
    pub json: Dynamic,
}

/// What an administrator enters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretEntry {
    /// What people call it.
    pub title: String,
    /// Where it is found.
    #[serde(default)]
    pub help: String,
}

/// How a delivery proves where it comes from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// A signature over parts of the request.
    Hmac(Box<Signature>),
    /// A word that only the app and we know.
    Token {
        /// Name of the secret.
        secret: String,
        /// Where it stands.
        at: Spot,
        /// What stands before it, such as `Bearer `.
        #[serde(default)]
        prefix: String,
    },
    /// A user name and a password in the header `Authorization`.
    Basic {
        /// Name of the secret that is the user name.
        username: String,
        /// Name of the secret that is the password.
        password: String,
    },
}

/// A signature over parts of the request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name of the secret that is its key.
    pub secret: String,
    /// How the key is written.
    #[serde(default)]
    pub key: Key,
    /// The digest.
    #[serde(default)]
    pub digest: Digest,
    /// What is signed, byte by byte: `{method}`, `{url}`, `{path}`, `{query}`, `{body}`, `{timestamp}`, `{form}` (the
    /// fields of a form by name, each followed by its value), `{header.NAME}` and `{/pointer/into/the/body}` stand for
    /// parts of the request; everything else for itself.
    #[serde(default = "body")]
    pub over: String,
    /// Where the signature stands.
    pub at: Spot,
    /// What stands before it, such as `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// The place holds several things, such as `t=1492774577,v1=5257a8`.
    #[serde(default)]
    pub parts: Option<Parts>,
    /// How it is written.
    #[serde(default)]
    pub written: Written,
    /// Where the moment of sending stands, when it is not one of the `parts`.
    #[serde(default)]
    pub timestamp: Option<Stamp>,
    /// Seconds after which a delivery is too old, or too far ahead of our clock. Needs a moment of sending.
    #[serde(default)]
    pub max_age: Option<u32>,
}

fn body() -> String {
    "{body}".into()
}

/// Several things in one place.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// What stands between them.
    #[serde(default = "comma")]
    pub between: String,
    /// What stands between a name and its value.
    #[serde(default = "equals")]
    pub after_name: String,
    /// Name of the signature; there may be several of it, and one that fits is enough.
    pub signature: String,
    /// Name of the moment of sending, in seconds since 1970.
    #[serde(default)]
    pub timestamp: Option<String>,
}

fn comma() -> String {
    ",".into()
}

fn equals() -> String {
    "=".into()
}

/// Where the moment of sending stands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Where.
    pub at: Spot,
    /// In which unit.
    #[serde(default)]
    pub unit: Unit,
}

/// How a moment of sending is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// As text, such as `2026-03-02T09:12:01Z`.
    Text,
}

/// A digest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// SHA-1, for apps that know nothing better.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// Hexadecimal digits, small or capital.
    #[default]
    Hex,
    /// Base64.
    Base64,
}

/// How a key is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What stands before it and is no part of it, such as `whsec_`.
    #[serde(default)]
    pub prefix: String,
    /// It is base64 of the key's bytes, and not the key itself.
    #[serde(default)]
    pub base64: bool,
}

/// A place in what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Spot {
    /// A header.
    Header(String),
    /// A parameter of the address.
    Query(String),
    /// A place in the body (JSON Pointer).
    Body(String),
}

/// A question by which the app makes sure that the address is ours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// Whether a request is one; sees `request`.
    pub when: Dynamic,
    /// How it proves where it comes from.
    #[serde(default)]
    pub proof: Proof,
    /// What is signed with the key of the check, written as signatures are; the answer sees it as `signed`.
    #[serde(default)]
    pub signs: Option<Template>,
    /// The answer as text; sees `request` and `signed`.
    #[serde(default)]
    pub text: Option<Template>,
    /// The answer as JSON; sees the same.
    #[serde(default)]
    pub json: Option<Dynamic>,
}

/// How a challenge proves where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// As deliveries do.
    #[default]
    Check,
    /// It carries a secret.
    Token {
        /// Name of the secret.
        secret: String,
        /// Where it stands.
        at: Spot,
    },
    /// Not at all: what is answered tells nobody anything.
    Nothing,
}

/// How a body is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BodyForm {
    /// JSON.
    #[default]
    Json,
    /// Fields of a form.
    Form,
    /// A form, one field of which is JSON: that is the body.
    FormField(String),
}

/// What an app sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenDelivery {
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// The address it was sent to.
    #[serde(default = "address")]
    pub url: String,
    /// Headers.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The body, to the letter.
    #[serde(default)]
    pub body: String,
    /// The secrets it was sent with.
    pub secrets: IndexMap<String, String>,
}

fn post() -> String {
    "POST".into()
}

fn address() -> String {
    "https://trunkline.example/hooks/apps/01890000-0000-7000-8000-000000000000/events".into()
}

/// A recorded delivery that no trigger shows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookExample {
    /// What it shows.
    pub title: String,
    /// When it came.
    #[serde(default = "super::trigger::noon")]
    pub at: DateTime<Utc>,
    /// What was sent.
    pub delivery: GivenDelivery,
    /// What a challenge is answered with: a text, or JSON.
    #[serde(default)]
    pub answer: Option<Value>,
    /// What answers questions of runs, in order.
    #[serde(default)]
    pub answers: Option<Vec<GivenAnswer>>,
    /// Why it is refused.
    #[serde(default)]
    pub refused: Option<Refusal>,
}

/// An answer to a question of a run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswer {
    /// The link that the question came with.
    pub link: String,
    /// The id of one of its options.
    pub answer: String,
    /// Who gave it.
    pub by: String,
}

/// Why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Its proof does not fit.
    Forged,
    /// It was sent too long ago.
    TooOld,
    /// It cannot be read.
    Unreadable,
    /// The secret that would prove it has not been entered.
    NoSecret,
}

impl Refusal {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::TooOld => "too_old",
            Self::Unreadable => "unreadable",
            Self::NoSecret => "no_secret",
        }
    }
}

impl Check {
    /// Names of the secrets it needs.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Hmac(signature) => vec![&signature.secret],
            Self::Token { secret, .. } => vec![secret],
            Self::Basic { username, password } => vec![username, password],
        }
    }
}
