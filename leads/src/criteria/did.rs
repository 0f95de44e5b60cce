//! Something a lead did, or did not do: activities of a sort, at least so many times, in the last days.

use super::history::{MAX_COUNTED, Signature};
use super::{Facts, Verdict};
use crate::activity::ActivityKind;
use chrono::{DateTime, TimeDelta, Utc};
use trunkline_engine::kind::ConfigProblem;

/// Most days that a rule looks back.
const MAX_DAYS: u32 = 3_650;

/// Whether a lead did something often enough of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Did {
    /// What sort of activity.
    pub kind: ActivityKind,
    /// Only activities called so, whatever the capitals; empty for all of the kind.
    pub named: String,
    /// Only those of the last days: an activity counts while it is less than so many times 24 hours old.
    pub within_days: Option<u32>,
    /// How many times at least; 1 or more.
    pub at_least: u32,
    /// Whether the rule holds for leads that did not.
    pub not: bool,
}

impl Did {
    /// The sort of activity it counts.
    #[must_use]
    pub fn signature(&self) -> Signature {
        Signature::new(self.kind, &self.named)
    }

    /// Moments that count at the moment of `facts`, the newest first.
    pub(crate) fn moments<'f>(&self, facts: &'f Facts<'_>) -> &'f [DateTime<Utc>] {
        let all = facts.history().moments(&self.signature());
        match self.window() {
            None => all,
            Some(window) => &all[..all.partition_point(|at| *at > facts.at() - window)],
        }
    }

    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        (self.moments(facts).len() >= self.at_least as usize) != self.not
    }

    pub(super) fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let times = self.moments(facts).len();
        let found = match times {
            0 => "never".into(),
            1 => "once".into(),
            MAX_COUNTED => format!("at least {MAX_COUNTED} times"),
            _ => format!("{times} times"),
        };
        Verdict { holds: self.holds(facts), why: format!("{} (it happened {found})", self.in_words()) }
    }

    /// When it comes out otherwise because something is too long ago.
    pub(super) fn next_change(&self, facts: &Facts<'_>) -> Option<DateTime<Utc>> {
        let window = self.window()?;
        let deciding = self.moments(facts).get(self.at_least as usize - 1)?;
        Some(*deciding + window)
    }

    pub(crate) fn window(&self) -> Option<TimeDelta> {
        self.within_days.map(|days| TimeDelta::days(i64::from(days)))
    }

    /// How it reads: `"Visited pricing" at least 2 times in the last 14 days`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let named = self.named.trim();
        let mut words = if named.is_empty() {
            self.kind.in_words().to_owned()
        } else {
            format!("\u{201c}{named}\u{201d}")
        };
        if self.not {
            words.insert_str(0, "not ");
        }
        if self.at_least > 1 {
            words.push_str(&format!(" at least {} times", self.at_least));
        }
        match self.within_days {
            Some(1) => words.push_str(" in the last day"),
            Some(days) => words.push_str(&format!(" in the last {days} days")),
            None => {}
        }
        words
    }

    pub(crate) fn problems(&self, at: &str) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let mut add = |field: &str, message: String| {
            let action = "Choose a number in between.".into();
            problems.push(ConfigProblem {
                code: "DOC-0007",
                field: format!("{at}/{field}"),
                message,
                action,
            });
        };
        if !(1..=MAX_COUNTED).contains(&(self.at_least as usize)) {
            add("at_least", format!("a rule counts between 1 and {MAX_COUNTED} times"));
        }
        if self.within_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            add("within_days", format!("a rule looks back between 1 and {MAX_DAYS} days"));
        }
        problems
    }
}
