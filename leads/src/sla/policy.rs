//! What people agree on: which leads, how quickly, and what happens otherwise.

use super::clock::ClockKind;
use crate::routing::Criterion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest target, warning and pause between reminders, in minutes of work: some twelve weeks.
pub(super) const MAX_MINUTES: u32 = 30_000;
/// Most reminders of one clock.
pub(super) const MAX_REMINDERS: u32 = 20;
/// Most times a lead is handed on.
pub(super) const MAX_HANDOVERS: u32 = 10;

/// How quickly owners have to take care of some leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SlaPolicy {
    /// What people read about it.
    pub description: String,
    /// Of several policies that fit a lead the one with the lowest rank counts, then the first by name.
    pub rank: i32,
    /// Which leads: all of these hold. Nothing asked is every lead.
    pub when: Vec<Criterion>,
    /// How soon the owner has to accept the lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Target>,
    /// How soon the owner has to answer for the first time: call, write or meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond: Option<Target>,
    /// Whether all hours count, also those at which the owner is not at work.
    pub around_the_clock: bool,
    /// Minutes of work between reminders after the warning; without it nobody is reminded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_every: Option<u32>,
    /// Most reminders.
    pub reminders: u32,
    /// What happens at a breach.
    pub on_breach: OnBreach,
}

/// How soon something has to happen, in minutes of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Within this many minutes.
    pub within: u32,
    /// The owner is warned this many minutes before; 0 for no warning.
    #[serde(default)]
    pub warn_before: u32,
}

/// What happens at a breach, apart from being written down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OnBreach {
    /// Who gets the lead instead.
    pub reassign: Reassign,
    /// Most times a lead is handed on.
    pub at_most: u32,
    /// Name, e-mail address or id of the owner who is told, such as the head of the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate_to: Option<String>,
}

/// Who gets a lead that was not taken care of; never somebody who had it already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reassign {
    /// Nobody: it stays with its owner.
    #[default]
    Nobody,
    /// The next in the pool it came from; nobody when it came from none.
    NextInPool,
    /// The next in this pool.
    Pool {
        /// Name or id.
        name: String,
    },
    /// The next in the team of the owner who had it; nobody when they belong to none.
    SameTeam,
    /// The next in this team.
    Team {
        /// Its name.
        name: String,
    },
}

impl SlaPolicy {
    /// Whether it is about the lead of `record`.
    #[must_use]
    pub fn fits(&self, record: &Value) -> bool {
        self.when.iter().all(|criterion| criterion.holds(record))
    }

    /// The target of a sort of clock.
    #[must_use]
    pub fn target(&self, kind: ClockKind) -> Option<Target> {
        match kind {
            ClockKind::Accept => self.accept,
            ClockKind::Respond => self.respond,
        }
    }

    /// What has to be mended before it can be published, each with the JSON Pointer of what it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut add = |at: &str, what: String| problems.push((at.to_owned(), what));
        if self.accept.is_none() && self.respond.is_none() {
            add("/respond", "it sets no target: say how soon a lead is accepted or answered".into());
        }
        for (at, target) in [("/accept", self.accept), ("/respond", self.respond)] {
            let Some(Target { within, warn_before }) = target else { continue };
            if within == 0 || within > MAX_MINUTES {
                add(at, format!("a target is 1 to {MAX_MINUTES} minutes of work"));
            } else if warn_before >= within {
                add(
                    at,
                    "the warning has to come after the clock starts: make it shorter than the target".into(),
                );
            }
        }
        if self.remind_every.is_some_and(|every| every == 0 || every > MAX_MINUTES) {
            add("/remind_every", format!("reminders are 1 to {MAX_MINUTES} minutes of work apart"));
        }
        if self.reminders > MAX_REMINDERS {
            add("/reminders", format!("there are at most {MAX_REMINDERS} reminders"));
        }
        if self.on_breach.at_most > MAX_HANDOVERS {
            add("/on_breach/at_most", format!("a lead is handed on at most {MAX_HANDOVERS} times"));
        }
        let unnamed = match &self.on_breach.reassign {
            Reassign::Pool { name } if name.trim().is_empty() => Some("no pool is chosen"),
            Reassign::Team { name } if name.trim().is_empty() => Some("no team is chosen"),
            _ => None,
        };
        if let Some(what) = unnamed {
            add("/on_breach/reassign", what.into());
        }
        for (place, criterion) in self.when.iter().enumerate() {
            if let Some(problem) = criterion.problem() {
                add(&format!("/when/{place}"), problem);
            }
        }
        problems
    }

    /// The policy as a document, one sentence for each thing agreed on.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let asked: Vec<String> = self.when.iter().map(Criterion::in_words).collect();
        let mut sentences = vec![if asked.is_empty() {
            "It is about every lead that gets an owner.".to_owned()
        } else {
            format!(
                "It is about leads whose {}, from the moment they get an owner.",
                asked.join(" and whose ")
            )
        }];
        let hours = if self.around_the_clock { "" } else { " of the owner's working time" };
        for (target, what) in
            [(self.accept, "accepts the lead"), (self.respond, "answers for the first time")]
        {
            if let Some(Target { within, warn_before }) = target {
                let warn = match warn_before {
                    0 => String::new(),
                    before => format!(", and is warned {} before", minutes(before)),
                };
                sentences.push(format!("The owner {what} within {}{hours}{warn}.", minutes(within)));
            }
        }
        if let Some(every) = self.remind_every.filter(|_| self.reminders > 0) {
            let times = if self.reminders == 1 { "once".into() } else { format!("{} times", self.reminders) };
            sentences.push(format!(
                "After the warning the owner is reminded every {}, {times} at most.",
                minutes(every)
            ));
        }
        let times = if self.on_breach.at_most == 1 {
            "once".into()
        } else {
            format!("{} times", self.on_breach.at_most)
        };
        let next = match &self.on_breach.reassign {
            Reassign::Nobody => None,
            Reassign::NextInPool => Some("the next in the pool it came from".to_owned()),
            Reassign::Pool { name } => Some(format!("the next in the pool {name}")),
            Reassign::SameTeam => Some("somebody else in the owner's team".to_owned()),
            Reassign::Team { name } => Some(format!("the next in the team {name}")),
        };
        if let Some(next) = next.filter(|_| self.on_breach.at_most > 0) {
            sentences.push(format!("At a breach {next} gets the lead, {times} at most."));
        }
        if let Some(told) = self.on_breach.escalate_to.as_deref().filter(|told| !told.trim().is_empty()) {
            sentences.push(format!("At a breach {} is told.", told.trim()));
        }
        sentences
    }
}

/// `90` as `1 h 30 min`.
pub(super) fn minutes(count: u32) -> String {
    match (count / 60, count % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The policy that counts for the lead of `record`, of those with their names.
#[must_use]
pub fn first_that_fits<'a, T>(
    policies: impl Iterator<Item = (&'a str, &'a SlaPolicy, T)>,
    record: &Value,
) -> Option<(&'a str, &'a SlaPolicy, T)> {
    policies
        .filter(|(_, policy, _)| policy.fits(record))
        .min_by(|(a, one, _), (b, two, _)| one.rank.cmp(&two.rank).then_with(|| a.cmp(b)))
}
