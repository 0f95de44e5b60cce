//! Wait: the run sleeps and goes on later.

use super::problem;
use crate::expression::Dynamic;
use crate::expression::filters::number_in;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest wait, in seconds: a year.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;

/// Settings of `wait`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// How long to wait; at most a year in all. It may come from the data.
    #[schemars(title = "Wait for", extend("x-placeholder" = "2"))]
    amount: Dynamic,
    /// What the number counts.
    #[serde(default)]
    #[schemars(
        title = "Unit",
        extend("x-labels" = {"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days"})
    )]
    unit: Unit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
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

pub(super) fn kind() -> StepKind {
    StepKind::new::<Wait>(About {
        kind: "wait",
        title: "Wait",
        summary: "Lets the run sleep for a while and then go on.",
        help: HELP,
        icon: "wait",
        category: Category::Logic,
        keywords: &["delay", "pause", "sleep", "later", "timer", "nurture", "days"],
        default_config: json!({ "amount": 1, "unit": "hours" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "Survives a restart: the moment of waking is kept on disk.",
        has_error_port: true,
        example: Example {
            config: json!({ "amount": 2, "unit": "days" }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "waited_until": "2026-03-07T09:00:00.000Z" }),
        summary_template: "{amount} {unit}",
    })
}

const HELP: &str = r"
A run that waits costs nothing: it leaves the memory and is woken when its time has come, also after a restart. A hundred
thousand runs can wait at once.
";

impl Wait {
    /// The time that `amount` stands for, when it is one a run can wait.
    fn length(&self, amount: &Value) -> Option<TimeDelta> {
        let seconds = number_in(amount)? * self.unit.seconds();
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
        (0.0..=MAX_SECONDS).contains(&seconds).then(|| TimeDelta::milliseconds((seconds * 1_000.0) as i64))
    }
}

impl Step for Wait {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let amount = self.amount.value(context.scope)?;
        let length = self.length(&amount).ok_or_else(|| {
            Failure::bad_input(
                "RUN-0102",
                "the time to wait is not a number, is negative or is more than a year".to_string(),
                "Look at the field the time comes from, or write a number.",
            )
        })?;
        Ok(Outcome::WaitUntil(context.now + length))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        match &self.amount {
            Dynamic::Literal(amount) if self.length(amount).is_none() => {
                let message = "the time to wait is not a number, is negative or is more than a year";
                vec![problem(
                    "DOC-0025",
                    "/amount",
                    message,
                    "Write a number such as 2, and choose its unit.",
                )]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, compiled, start};
    use crate::kind::Outcome;
    use chrono::TimeDelta;
    use serde_json::json;

    #[test]
    fn it_counts_from_the_moment_of_the_event() {
        for (amount, unit, seconds) in [
            (json!(90), "seconds", 90),
            (json!("1.5"), "minutes", 90),
            (json!("{{ trigger }}"), "hours", 7_200),
            (json!(2), "days", 172_800),
        ] {
            let step = compiled("wait", &json!({"amount": amount, "unit": unit}));
            let Ok(Outcome::WaitUntil(at)) = start(step.as_ref(), &json!({"trigger": 2})) else {
                panic!("a wait")
            };
            assert_eq!(at, NOW + TimeDelta::seconds(seconds), "{amount} {unit}");
        }
    }

    #[test]
    fn impossible_times_are_refused_early_or_late() {
        for amount in [json!(-1), json!("soon"), json!(367), json!(null), json!(1e300)] {
            let step = compiled("wait", &json!({"amount": amount, "unit": "days"}));
            assert_eq!(step.check()[0].code, "DOC-0025", "{amount}");
            let late = compiled("wait", &json!({"amount": "{{ trigger }}", "unit": "days"}));
            assert_eq!(start(late.as_ref(), &json!({"trigger": amount})).unwrap_err().code, "RUN-0102");
        }
    }
}
