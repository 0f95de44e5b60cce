//! What an app's errors mean: which class they belong to, also when they hide in a 200.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_engine::expression::{Dynamic, Template};
use trunkline_engine::failure::FailureKind;

/// One rule. It fits when every part that is given fits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Statuses: `404`, or `5xx` for all that begin so.
    #[serde(default)]
    pub status: Vec<StatusSpan>,
    /// A condition that sees `answer`, such as `{{ not answer.body.success }}`.
    #[serde(default)]
    pub when: Option<Dynamic>,
    /// What it means.
    pub class: FaultClass,
    /// What the app says; sees `answer`.
    #[serde(default)]
    pub message: Option<Template>,
    /// Seconds to wait before the next call; sees `answer`. Without it, the header `Retry-After`.
    #[serde(default)]
    pub retry_after: Option<Dynamic>,
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// The proof of who we are was refused.
    Auth,
    /// The token is too old: a new one is got, once, and the request sent again.
    TokenExpired,
    /// Too many calls in a short time.
    RateLimited,
    /// The calls of the day are used up.
    QuotaUsedUp,
    /// The app does not accept what it was given.
    BadInput,
    /// It may work later, and nothing was done.
    Temporary,
    /// It may work later; whether anything was done, nobody knows.
    TemporaryUnsure,
    /// Nothing anyone retries will mend it.
    Fatal,
    /// No error at all: there is nothing there. The body is then nothing.
    Nothing,
}

impl FaultClass {
    /// The engine's word for it; `None` when it is none.
    #[must_use]
    pub fn kind(self) -> Option<FailureKind> {
        Some(match self {
            Self::Auth | Self::TokenExpired => FailureKind::Auth,
            Self::RateLimited | Self::QuotaUsedUp => FailureKind::RateLimited,
            Self::BadInput => FailureKind::BadInput,
            Self::Temporary | Self::TemporaryUnsure => FailureKind::Temporary,
            Self::Fatal => FailureKind::Fatal,
            Self::Nothing => return None,
        })
    }
}

/// One status, or all that begin with the same digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusSpan {
    /// Exactly this.
    One(u16),
    /// All of this hundred, such as 5 for 500 to 599.
    Hundred(u16),
}

impl StatusSpan {
    /// Whether `status` is in it.
    #[must_use]
    pub fn holds(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Hundred(hundred) => status / 100 == hundred,
        }
    }
}

impl<'de> Deserialize<'de> for StatusSpan {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let wrong = || D::Error::custom("a status is a number from 100 to 599, or such as 5xx");
        let value = serde_json::Value::deserialize(deserializer)?;
        if let Some(number) = value.as_u64() {
            let number = u16::try_from(number).ok().filter(|number| (100..600).contains(number));
            return number.map(Self::One).ok_or_else(wrong);
        }
        let hundred =
            value.as_str().and_then(|text| text.strip_suffix("xx")).and_then(|digit| digit.parse().ok());
        hundred.filter(|digit| (1..6).contains(digit)).map(Self::Hundred).ok_or_else(wrong)
    }
}

impl JsonSchema for StatusSpan {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StatusSpan".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "integer", "minimum": 100, "maximum": 599 }, { "type": "string", "pattern": "^[1-5]xx$" }]
        })
    }
}
