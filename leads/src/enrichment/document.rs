//! What people lay down: the wanted fields, the providers in their order, and what may be spent.
//!
//! A provider's [`Source`] says how it is asked. For now that is an HTTP request, signed by a connection or with what
//! stands here; an action of a connected app is another variant, and nothing but [`request`](super::request) and the
//! server's signing looks inside.

use super::Money;
use serde::Deserialize;
use trunkline_engine::expression::{Dynamic, Template};

/// Most providers of a waterfall.
pub const MAX_PROVIDERS: usize = 20;
/// Most wanted fields, and most fields that one provider fills.
pub(super) const MAX_FIELDS: usize = 50;
/// Longest time a value or an answer counts, in days: ten years.
pub(super) const MAX_DAYS: u32 = 3_650;
/// Most calls of a provider in a minute.
pub(super) const MAX_PER_MINUTE: u32 = 6_000;
/// Most times a provider is asked for one lead in one go.
pub(super) const MAX_ATTEMPTS: u32 = 5;
/// Longest pause, in seconds: an hour.
pub(super) const MAX_PAUSE: u32 = 3_600;

/// Providers in their order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Waterfall {
    /// What people read about it.
    pub description: String,
    /// The fields it is there for. When all of them are filled, nobody else is asked.
    pub fields: Vec<Wanted>,
    /// How far a value is trusted that no provider gave: one that the lead itself, a person or a list brought (0 to
    /// 100). Such a value does not grow old.
    pub trust_of_own: u8,
    /// Who is asked, the first first.
    pub providers: Vec<Provider>,
    /// The currency of all its amounts, such as `EUR`.
    pub currency: String,
    /// What all providers together may cost.
    pub budget: Budget,
    /// Longest time a run waits for its turn at one provider, in seconds; then the next is asked.
    pub max_wait_seconds: u32,
}

impl Default for Waterfall {
    fn default() -> Self {
        Self {
            description: String::new(),
            fields: Vec::new(),
            trust_of_own: 100,
            providers: Vec::new(),
            currency: "EUR".into(),
            budget: Budget::default(),
            max_wait_seconds: 60,
        }
    }
}

/// A wanted field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// A core field, or an own field by its name.
    pub field: String,
    /// It counts as filled from this trust on (0 to 100).
    #[serde(default)]
    pub enough: u8,
}

/// Someone who knows something about people or companies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Stays the same whatever it is called: money, turns and answers are kept under it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it is left out for now.
    #[serde(default)]
    pub off: bool,
    /// How it is asked.
    pub source: Source,
    /// Fields that the lead must have before asking makes sense, such as `email`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What it knows.
    pub fills: Vec<Fill>,
    /// The answer is about nobody when nothing stands here, as a path such as `data.person`. Left empty, it is about
    /// nobody when none of the fields is in it.
    #[serde(default)]
    pub found_at: String,
    /// Statuses that say that it knows nobody.
    #[serde(default = "not_there")]
    pub not_found_statuses: Vec<u16>,
    /// How long it is remembered that it did not know, in days; 0 asks every time.
    #[serde(default = "a_month")]
    pub not_found_days: u32,
    /// What a call costs.
    #[serde(default)]
    pub cost_per_call: Money,
    /// What a call costs beside that when it found something.
    #[serde(default)]
    pub cost_per_hit: Money,
    /// What it may cost.
    #[serde(default)]
    pub budget: Budget,
    /// Most calls in any minute; they are spread evenly.
    #[serde(default)]
    pub per_minute: Option<u32>,
    /// How often it is asked when it has passing trouble, before the next provider is (1 or more).
    #[serde(default = "once")]
    pub attempts: u32,
    /// Pause before it is asked again, in seconds; longer when it says so itself.
    #[serde(default = "two_seconds")]
    pub wait_seconds: u32,
}

fn not_there() -> Vec<u16> {
    vec![404]
}

fn a_month() -> u32 {
    30
}

fn once() -> u32 {
    1
}

fn two_seconds() -> u32 {
    2
}

/// How a provider is asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// Over HTTP.
    Http(HttpSource),
}

/// An HTTP request in which expressions see the lead as `lead`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSource {
    /// `GET` or `POST`. Either only asks.
    #[serde(default)]
    pub method: Method,
    /// The whole address.
    pub url: Template,
    /// Parameters that are added to the address. Those without a value are left out.
    #[serde(default)]
    pub query: Vec<Line>,
    /// Headers without credentials.
    #[serde(default)]
    pub headers: Vec<Line>,
    /// What is sent as JSON.
    #[serde(default)]
    pub body: Option<Dynamic>,
    /// How we prove who we are.
    #[serde(default)]
    pub sign_in: SignIn,
}

/// How a question is put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// In the address.
    #[default]
    Get,
    /// In the body.
    Post,
}

impl Method {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A named text in an address or among headers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(default)]
    pub value: Template,
}

/// How we prove who we are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum SignIn {
    /// Not at all.
    #[default]
    None,
    /// By an account that an administrator connected: nothing of it stands here.
    Connection {
        /// Which, by its id.
        connection: String,
    },
    /// `Authorization: Bearer` with a token.
    Bearer {
        /// The token.
        token: String,
    },
    /// HTTP basic authentication.
    Basic {
        /// The user name.
        username: String,
        /// The password.
        #[serde(default)]
        password: String,
    },
    /// A header of its own.
    Header {
        /// Its name.
        name: String,
        /// The key.
        value: String,
    },
}

/// A field that a provider knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// A core field, or an own field by its name.
    pub field: String,
    /// Where it stands in the answer, such as `company.employees` or `results.0.title`.
    pub path: String,
    /// How far it is trusted (0 to 100).
    #[serde(default = "middling")]
    pub trust: u8,
    /// How long it counts, in days; then it is asked again. 0 for always.
    #[serde(default = "half_a_year")]
    pub fresh_days: u32,
}

fn middling() -> u8 {
    50
}

fn half_a_year() -> u32 {
    180
}

/// What may be spent; what is not set has no bound. Days and months are those of UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Most calls in a day.
    pub calls_per_day: Option<u64>,
    /// Most calls in a month.
    pub calls_per_month: Option<u64>,
    /// Most money in a day.
    pub money_per_day: Option<Money>,
    /// Most money in a month.
    pub money_per_month: Option<Money>,
}

impl Waterfall {
    /// The provider with this id.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }
}

impl Provider {
    /// What it knows of `field`.
    #[must_use]
    pub fn fill(&self, field: &str) -> Option<&Fill> {
        self.fills.iter().find(|fill| fill.field == field)
    }

    /// The most that a call can cost.
    #[must_use]
    pub fn price(&self) -> Money {
        self.cost_per_call.and(self.cost_per_hit)
    }
}
