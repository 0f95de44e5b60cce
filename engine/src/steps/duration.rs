//! Lengths of time as people set them: a number, which may come from the data, and what it counts.

use super::problem;
use crate::expression::filters::number_in;
use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::ConfigProblem;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest wait, in seconds: a year.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;

/// A unit of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    #[default]
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
}

impl Unit {
    fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3_600.0,
            Self::Days => 86_400.0,
        }
    }
}

/// The time that `amount` of `unit` stands for, when it is one a run can wait.
pub(super) fn length(amount: &Value, unit: Unit) -> Option<TimeDelta> {
    let seconds = number_in(amount)? * unit.seconds();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    (0.0..=MAX_SECONDS).contains(&seconds).then(|| TimeDelta::milliseconds((seconds * 1_000.0) as i64))
}

/// As [`length`], of what `amount` yields in `scope`.
///
/// # Errors
/// `RUN-0102` when it is not a time that a run can wait.
pub(super) fn read(amount: &Dynamic, unit: Unit, scope: &Scope) -> Result<TimeDelta, Failure> {
    length(&amount.value(scope)?, unit).ok_or_else(|| {
        Failure::bad_input(
            "RUN-0102",
            "the time to wait is not a number, is negative or is more than a year",
            "Look at the field the time comes from, or write a number.",
        )
    })
}

/// What is wrong with the number in the settings field `field`.
pub(super) fn check(amount: &Dynamic, unit: Unit, field: &str) -> Vec<ConfigProblem> {
    match amount {
        Dynamic::Literal(amount) if length(amount, unit).is_none() => {
            let message = "the time to wait is not a number, is negative or is more than a year";
            vec![problem("DOC-0025", field, message, "Write a number such as 2, and choose its unit.")]
        }
        _ => Vec::new(),
    }
}

/// How long somebody is waited for; absent waits as long as it takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Patience {
    /// How long; at most a year.
    #[schemars(title = "Wait at most", extend("x-placeholder" = "2"))]
    amount: Dynamic,
    /// What the number counts.
    #[serde(default)]
    #[schemars(
        title = "Unit",
        extend("x-labels" = {"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days"})
    )]
    unit: Unit,
}

impl Patience {
    /// Until when, counted from `now`.
    ///
    /// # Errors
    /// As [`read`].
    pub(super) fn until(
        patience: Option<&Self>,
        now: chrono::DateTime<chrono::Utc>,
        scope: &Scope,
    ) -> Result<Option<chrono::DateTime<chrono::Utc>>, Failure> {
        patience.map(|patience| Ok(now + read(&patience.amount, patience.unit, scope)?)).transpose()
    }

    /// What is wrong with it, in the settings field `field`.
    pub(super) fn problems(patience: Option<&Self>, field: &str) -> Vec<ConfigProblem> {
        patience.map_or_else(Vec::new, |patience| {
            check(&patience.amount, patience.unit, &format!("{field}/amount"))
        })
    }
}
