//! Checks of a workflow's own settings: how its runs are ordered, limited and kept.

use super::{Checker, Problem, Severity};
use crate::document::{MAX_AT_ONCE, MAX_KEEP_DAYS, MAX_TIMEOUT_MINUTES, Settings};
use crate::expression::Template;

impl Checker<'_> {
    pub(super) fn settings(&mut self, settings: &Settings) {
        let ranges = [
            ("keep_days", Some(settings.keep_days), MAX_KEEP_DAYS, "days"),
            ("thin_after_days", settings.thin_after_days, MAX_KEEP_DAYS, "days"),
            ("timeout_minutes", settings.timeout_minutes, MAX_TIMEOUT_MINUTES, "minutes"),
            ("most_at_once", settings.most_at_once, MAX_AT_ONCE, "runs"),
            ("debounce/seconds", settings.debounce.as_ref().map(|burst| burst.seconds), 86_400, "seconds"),
            ("dedupe/hours", settings.dedupe.as_ref().map(|repeats| repeats.hours), 8_760, "hours"),
        ];
        for (field, value, most, unit) in ranges {
            if value.is_some_and(|value| !(1..=most).contains(&value)) {
                let message = format!("the setting \"{field}\" is outside of 1 to {most} {unit}");
                self.setting("DOC-0040", field, message, "Choose a number in that range.");
            }
        }
        let keys = [
            ("order_by/key", settings.order_by.as_ref().map(|order| &order.key)),
            ("debounce/key", settings.debounce.as_ref().map(|burst| &burst.key)),
            ("dedupe/key", settings.dedupe.as_ref().map(|repeats| &repeats.key)),
        ];
        for (field, key) in keys {
            let Some(key) = key else { continue };
            if key.trim().is_empty() {
                let message = format!("the setting \"{field}\" says nothing");
                self.setting(
                    "DOC-0040",
                    field,
                    message,
                    "Choose a field of the trigger, such as its e-mail address.",
                );
            } else if let Err(error) = Template::compile(key) {
                let failure = error.into_failure();
                self.setting("EXP-0001", field, failure.message, &failure.action);
            }
        }
    }

    fn setting(&mut self, code: &str, field: &str, message: String, action: &str) {
        self.problems.push(Problem {
            code: code.into(),
            severity: Severity::Error,
            step: None,
            field: Some(format!("/settings/{field}")),
            message,
            action: action.into(),
        });
    }
}
