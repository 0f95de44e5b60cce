//! Schedule trigger: the run starts at set times.

use super::problem;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::schedule::{Schedule as Times, ScheduleError};
use crate::trigger::{Missed, Overlap, ScheduleRule, Trigger};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `schedule`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Schedule {
    /// When to start: minute, hour, day of the month, month and weekday. `0 8 * * 1-5` is 08:00 from Monday to Friday.
    #[schemars(title = "When", extend("x-ui" = "cron", "x-placeholder" = "0 8 * * 1-5"))]
    cron: String,
    /// The clock it goes by. Summer and winter time are taken care of.
    #[serde(default = "utc")]
    #[schemars(title = "Time zone", extend("x-placeholder" = "Europe/Berlin"))]
    timezone: String,
    /// Times that passed while the server was switched off. They are shown in the calendar in any case.
    #[serde(default)]
    #[schemars(
        title = "After a pause of the server",
        extend(
            "x-labels" = {"skip": "Skip what was missed", "once": "Run once for all of it", "each": "Run for each time missed"},
            "x-advanced" = true
        )
    )]
    missed: Missed,
    /// When the time has come and the run before is still going on.
    #[serde(default)]
    #[schemars(
        title = "When the run before is not over",
        extend(
            "x-labels" = {"skip": "Skip this time", "queue": "Wait for it", "parallel": "Run side by side"},
            "x-advanced" = true
        )
    )]
    overlap: Overlap,
}

fn utc() -> String {
    "UTC".into()
}

pub(super) fn kind() -> StepKind {
    let event =
        json!({ "scheduled_at": "2026-03-05T08:00:00.000Z", "received_at": "2026-03-05T08:00:00.120Z" });
    StepKind::new::<Schedule>(About {
        kind: "schedule",
        title: "Schedule",
        summary: "Starts at set times, such as every weekday at 8.",
        help: HELP,
        icon: "clock",
        category: Category::Trigger,
        keywords: &["cron", "time", "daily", "weekly", "hourly", "timer", "every", "interval", "recurring"],
        default_config: json!({ "cron": "0 8 * * 1-5", "timezone": "UTC" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "Each due time starts exactly one run.",
        has_error_port: false,
        example: Example {
            config: json!({ "cron": "0 8 * * 1-5", "timezone": "Europe/Berlin" }),
            context: json!({ "trigger": event }),
            output: Some(event.clone()),
            port: "out".into(),
        },
        output_sample: event,
        summary_template: "{cron} · {timezone}",
    })
}

const HELP: &str = r"
Click the times together, or write them as cron does: *minute hour day month weekday*. The next ten times are shown below
the field, in words.

When clocks go forward and skip the time, the run starts at the next minute there is. When they go back, a run at a set
time starts once. `trigger.scheduled_at` says which time was due.

Times that pass while the server is off are noted. When it is back, the last of them starts one run, unless you choose
otherwise; the calendar of the workflow shows what ran, what was skipped and what was missed.
";

impl Step for Schedule {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        super::pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Schedule(ScheduleRule {
            cron: self.cron.clone(),
            timezone: self.timezone.clone(),
            missed: self.missed,
            overlap: self.overlap,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let Err(error) = Times::parse_in(&self.cron, &self.timezone) else { return Vec::new() };
        let field = if matches!(error, ScheduleError::TimeZone { .. }) { "/timezone" } else { "/cron" };
        vec![problem(error.code(), field, error.to_string(), error.action())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_point_at_the_field() {
        for (cron, timezone, code, field) in [
            ("0 8 * *", "UTC", "SCH-0001", "/cron"),
            ("61 8 * * *", "UTC", "SCH-0002", "/cron"),
            ("0 8 30 2 *", "UTC", "SCH-0003", "/cron"),
            ("0 8 * * *", "Berlin", "SCH-0004", "/timezone"),
        ] {
            let problems = kind().compile(&json!({"cron": cron, "timezone": timezone})).unwrap().check();
            assert_eq!((problems[0].code, problems[0].field.as_str()), (code, field), "{cron} {timezone}");
        }
    }
}
