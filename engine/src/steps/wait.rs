//! Wait: the run sleeps and goes on later: after a while, at a moment, or when people are at work.

use super::business_hours::{Hours, WorkDays};
use super::duration::{self, Unit};
use super::problem;
use crate::expression::filters::moment;
use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest wait: a year.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Settings of `wait`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// What the run waits for.
    #[serde(default)]
    #[schemars(
        title = "Wait",
        extend("x-labels" = {"for": "For a while", "until": "Until a moment", "business_hours": "For business hours"})
    )]
    mode: Mode,
    /// How long to wait; at most a year in all. It may come from the data.
    #[serde(default)]
    #[schemars(title = "Wait for", extend("x-placeholder" = "2", "x-when" = {"mode": "for"}))]
    amount: Dynamic,
    /// What the number counts.
    #[serde(default)]
    #[schemars(
        title = "Unit",
        extend(
            "x-labels" = {"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days"},
            "x-when" = {"mode": "for"}
        )
    )]
    unit: Unit,
    /// The moment to wait for, such as `2026-12-01 09:00` or a date from the data; at most a year ahead. A moment that
    /// has passed is not waited for.
    #[serde(default)]
    #[schemars(
        title = "Until",
        extend("x-placeholder" = "2026-12-01T09:00:00Z", "x-when" = {"mode": "until"})
    )]
    until: Dynamic,
    /// The days people work.
    #[serde(default)]
    #[schemars(
        title = "Days",
        extend(
            "x-labels" = {
                "monday_to_friday": "Monday to Friday", "monday_to_saturday": "Monday to Saturday",
                "sunday_to_thursday": "Sunday to Thursday", "every_day": "Every day"
            },
            "x-when" = {"mode": "business_hours"}
        )
    )]
    days: WorkDays,
    /// When work begins.
    #[serde(default = "nine")]
    #[schemars(title = "From", extend("x-placeholder" = "09:00", "x-when" = {"mode": "business_hours"}))]
    opens: String,
    /// When work ends.
    #[serde(default = "seventeen")]
    #[schemars(title = "To", extend("x-placeholder" = "17:00", "x-when" = {"mode": "business_hours"}))]
    closes: String,
    /// The clock these hours go by; it may come from the data, such as the owner's.
    #[serde(default)]
    #[schemars(
        title = "Time zone",
        extend("x-placeholder" = "Europe/Berlin", "x-when" = {"mode": "business_hours"})
    )]
    timezone: Dynamic,
    /// Dates on which nobody works, such as `2026-12-25`.
    #[serde(default)]
    #[schemars(
        title = "Days off",
        extend("x-when" = {"mode": "business_hours"}, "x-advanced" = true)
    )]
    days_off: Vec<String>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// A while.
    #[default]
    For,
    /// A moment.
    Until,
    /// The next moment at which people are at work.
    BusinessHours,
}

fn nine() -> String {
    "09:00".into()
}

fn seventeen() -> String {
    "17:00".into()
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Wait>(About {
        kind: "wait",
        title: "Wait",
        summary: "Lets the run sleep for a while, until a moment, or until people are at work.",
        help: HELP,
        icon: "wait",
        category: Category::Logic,
        keywords: &[
            "delay",
            "pause",
            "sleep",
            "later",
            "timer",
            "nurture",
            "days",
            "business hours",
            "until",
            "date",
        ],
        default_config: json!({ "mode": "for", "amount": 1, "unit": "hours" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "Survives a restart: the moment of waking is kept on disk.",
        has_error_port: true,
        example: Example {
            config: json!({ "mode": "for", "amount": 2, "unit": "days" }),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "waited_until": "2026-03-07T09:00:00.000Z" }),
        summary_template: "{mode} {amount} {unit}",
    })
}

const HELP: &str = r"
A run that waits costs nothing: it leaves the memory and is woken when its time has come, also after a restart. A hundred
thousand runs can wait at once.

- **For a while** counts from the moment the run comes here.
- **Until a moment** takes a date and time; a time without a zone is taken as UTC.
- **For business hours** goes on at once during working hours, and otherwise when they next begin. Summer and winter time
  are taken care of.

To wait for a person, use **Ask a person**; for another system, **Wait for a callback**; for a lead, **Wait for a lead**.
";

impl Wait {
    fn hours(&self, zone: &str) -> Result<Hours, ConfigProblem> {
        let time = |text: &str, field: &str| {
            NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| {
                let message = format!("\"{text}\" is not a time of the day");
                problem("DOC-0025", field, message, "Write it as 09:00.")
            })
        };
        let (opens, closes) = (time(&self.opens, "/opens")?, time(&self.closes, "/closes")?);
        if closes <= opens {
            let message = "work ends before it begins";
            return Err(problem("DOC-0025", "/closes", message, "Choose a later end."));
        }
        let zone = if zone.trim().is_empty() { "UTC" } else { zone.trim() };
        let zone = zone.parse().map_err(|_| {
            let message = format!("there is no time zone \"{zone}\"");
            problem("DOC-0025", "/timezone", message, "Write it as Europe/Berlin.")
        })?;
        let date = |(at, text): (usize, &String)| {
            text.trim().parse::<NaiveDate>().map_err(|_| {
                let message = format!("\"{text}\" is not a date");
                problem("DOC-0025", format!("/days_off/{at}"), message, "Write it as 2026-12-25.")
            })
        };
        let days_off = self.days_off.iter().enumerate().map(date).collect::<Result<_, _>>()?;
        Ok(Hours { days: self.days, opens, closes, zone, days_off })
    }

    fn moment(&self, now: DateTime<Utc>, scope: &Scope) -> Result<DateTime<Utc>, Failure> {
        let at = moment(&self.until.value(scope)?).ok_or_else(|| {
            Failure::bad_input(
                "RUN-0105",
                "the moment to wait for is not a date and time",
                "Look at the field it comes from; dates are written as 2026-12-01T09:00:00Z.",
            )
        })?;
        if at - now > LONGEST {
            return Err(Failure::bad_input(
                "RUN-0105",
                "the moment to wait for is more than a year ahead",
                "Look at the field it comes from.",
            ));
        }
        Ok(at)
    }
}

impl Step for Wait {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let (now, scope) = (context.now, context.scope);
        let at = match self.mode {
            Mode::For => now + duration::read(&self.amount, self.unit, scope)?,
            Mode::Until => self.moment(now, scope)?,
            Mode::BusinessHours => {
                let zone = self.timezone.value(scope)?;
                let unusable =
                    |problem: ConfigProblem| Failure::bad_input("RUN-0106", problem.message, problem.action);
                let hours = self.hours(zone.as_str().unwrap_or_default()).map_err(unusable)?;
                hours.next_open(now).ok_or_else(|| {
                    let message = "there are no working hours within a year";
                    Failure::bad_input("RUN-0106", message, "Look at the days off in the settings.")
                })?
            }
        };
        if at <= now && self.mode != Mode::For {
            let why = if self.mode == Mode::Until { "The moment has passed." } else { "People are at work." };
            return Ok(Done::out(json!({ "waited_until": now })).because(why).into());
        }
        Ok(Outcome::WaitUntil(at))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        match self.mode {
            Mode::For => duration::check(&self.amount, self.unit, "/amount"),
            Mode::Until => match &self.until {
                Dynamic::Literal(until) if moment(until).is_none() => {
                    let message = "the moment to wait for is not a date and time";
                    let action = "Write it as 2026-12-01T09:00:00Z, or pick a field.";
                    vec![problem("DOC-0025", "/until", message, action)]
                }
                _ => Vec::new(),
            },
            Mode::BusinessHours => {
                let zone = match &self.timezone {
                    Dynamic::Literal(Value::String(zone)) => zone.as_str(),
                    _ => "",
                };
                self.hours(zone).err().into_iter().collect()
            }
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

    #[test]
    fn a_moment_is_waited_for_unless_it_has_passed() {
        let step = compiled("wait", &json!({"mode": "until", "until": "{{ trigger }}"}));
        let later = NOW + TimeDelta::hours(5);
        match start(step.as_ref(), &json!({ "trigger": later })) {
            Ok(Outcome::WaitUntil(at)) => assert_eq!(at, later),
            other => panic!("a wait: {other:?}"),
        }
        assert!(matches!(start(step.as_ref(), &json!({"trigger": "1969-07-20"})), Ok(Outcome::Done(_))));
        for wrong in [json!("soon"), json!(null), json!("2099-01-01")] {
            assert_eq!(start(step.as_ref(), &json!({"trigger": wrong})).unwrap_err().code, "RUN-0105");
        }
        assert_eq!(compiled("wait", &json!({"mode": "until", "until": "soon"})).check()[0].field, "/until");
    }

    #[test]
    fn hours_that_make_no_sense_are_pointed_at() {
        for (setting, value, field) in [
            ("opens", json!("nine"), "/opens"),
            ("closes", json!("08:00"), "/closes"),
            ("timezone", json!("Berlin"), "/timezone"),
            ("days_off", json!(["Christmas"]), "/days_off/0"),
        ] {
            let mut config = json!({"mode": "business_hours"});
            config[setting] = value;
            assert_eq!(compiled("wait", &config).check()[0].field, field);
        }
        assert!(compiled("wait", &json!({"mode": "business_hours"})).check().is_empty());
    }
}
