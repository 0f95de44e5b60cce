//! Rules about leads as data: fields of the lead and of its account, and what the lead did. Scoring models, stages and
//! segments are made of them; people build them by clicking.
//!
//! ```json
//! {"all": [
//!   {"field": "company_size", "op": "at_least", "value": 200},
//!   {"any": [
//!     {"field": "account.named", "op": "is_true"},
//!     {"did": "touched", "named": "Visited pricing", "within_days": 14, "at_least": 2}
//!   ]}
//! ]}
//! ```
//!
//! A field is a plain name: a core field of the lead, `account.` and a field of its account, or else one of the
//! workspace's own fields. Expressions are refused, so that what a rule depends on can be read off it.
//!
//! What these rules must never do: fail on the data they look at, look at anything but the [`Facts`] handed in, or read
//! a clock. The moment comes with the facts.

mod did;
mod facts;
mod field_path;
mod history;
mod read;
#[cfg(test)]
mod tests;

pub use did::Did;
pub use facts::Facts;
pub use history::{History, MAX_COUNTED, Signature, Trace, Watch};

pub(crate) use field_path::on_lead;

use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use trunkline_engine::condition::Condition;
use trunkline_engine::kind::ConfigProblem;

/// Deepest nesting of groups.
pub const MAX_DEPTH: usize = 8;
/// Most tests in one rule.
pub const MAX_TESTS: usize = 200;

/// A rule about a lead, which holds or does not.
#[derive(Debug, Clone)]
pub enum Criteria {
    /// Holds when every member does; with no members it always holds.
    All(Vec<Criteria>),
    /// Holds when at least one member does; with no members it never holds.
    Any(Vec<Criteria>),
    /// One comparison of a field.
    Field(FieldTest),
    /// Something the lead did, or did not do.
    Did(Did),
}

/// A comparison of one field.
#[derive(Debug, Clone)]
pub struct FieldTest {
    /// The field as it was written, such as `company_size` or `account.named`.
    name: String,
    condition: Condition,
}

/// What a rule looks at, so that it need not be asked when nothing of that has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Fields, by the name of the record's part: `company_size`, `fields.plan`, `account`, `stage`.
    pub fields: BTreeSet<String>,
    /// Activities.
    pub activities: BTreeSet<Signature>,
}

/// Whether a rule held, what decided it, and until when that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it held.
    pub holds: bool,
    /// What decided it, such as `score is at least 71 (it was 64)`.
    pub why: String,
}

impl Default for Criteria {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Criteria {
    /// Whether it holds for the lead.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.holds(facts)),
            Self::Any(members) => members.iter().any(|member| member.holds(facts)),
            Self::Field(test) => test.holds(facts),
            Self::Did(did) => did.holds(facts),
        }
    }

    /// Whether it holds, with the words that say why: the test that settles it, or all of them when none does alone.
    #[must_use]
    pub fn judge(&self, facts: &Facts<'_>) -> Verdict {
        match self {
            Self::All(members) => judge_group(members, facts, true),
            Self::Any(members) => judge_group(members, facts, false),
            Self::Field(test) => test.judge(facts),
            Self::Did(did) => did.judge(facts),
        }
    }

    /// The next moment after that of `facts` at which it may come out otherwise by the passing of time alone.
    #[must_use]
    pub fn next_change(&self, facts: &Facts<'_>) -> Option<DateTime<Utc>> {
        match self {
            Self::All(members) | Self::Any(members) => {
                members.iter().filter_map(|member| member.next_change(facts)).min()
            }
            Self::Field(_) => None,
            Self::Did(did) => did.next_change(facts),
        }
    }

    /// Whether it asks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().all(Self::is_empty),
            Self::Field(_) | Self::Did(_) => false,
        }
    }

    /// How it reads: `company size is at least 200 and country is one of DE, AT`.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.phrase(true)
    }

    /// Adds what it looks at to `into`.
    pub fn depend(&self, into: &mut Dependencies) {
        match self {
            Self::All(members) | Self::Any(members) => {
                members.iter().for_each(|member| member.depend(into));
            }
            Self::Field(test) => drop(into.fields.insert(field_path::part(&test.name))),
            Self::Did(did) => drop(into.activities.insert(did.signature())),
        }
    }

    /// What is wrong with it, with `at` as the JSON Pointer of the rule within its document.
    #[must_use]
    pub fn problems(&self, at: &str) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let tests = self.collect_problems(at, 0, &mut problems);
        if tests > MAX_TESTS {
            problems.push(ConfigProblem {
                code: "DOC-0022",
                field: at.into(),
                message: format!("the rule has {tests} tests, and {MAX_TESTS} is the limit"),
                action: "Use \"is one of\" with a list instead of a test per value.".into(),
            });
        }
        problems
    }

    fn phrase(&self, outermost: bool) -> String {
        let (members, by, nothing) = match self {
            Self::Field(test) => return test.in_words(),
            Self::Did(did) => return did.in_words(),
            Self::All(members) => (members, " and ", "everybody"),
            Self::Any(members) => (members, " or ", "nobody"),
        };
        match members.as_slice() {
            [] => nothing.into(),
            [only] => only.phrase(outermost),
            _ => {
                let parts: Vec<String> = members.iter().map(|member| member.phrase(false)).collect();
                let joined = parts.join(by);
                if outermost { joined } else { format!("({joined})") }
            }
        }
    }

    /// Adds its problems and gives the number of tests in it.
    fn collect_problems(&self, at: &str, depth: usize, into: &mut Vec<ConfigProblem>) -> usize {
        let (group, members) = match self {
            Self::Field(test) => {
                into.extend(test.condition.problems(at));
                return 1;
            }
            Self::Did(did) => {
                into.extend(did.problems(at));
                return 1;
            }
            Self::All(members) => ("all", members),
            Self::Any(members) => ("any", members),
        };
        if depth == MAX_DEPTH {
            into.push(ConfigProblem {
                code: "DOC-0022",
                field: at.into(),
                message: format!("the groups of this rule are nested more than {MAX_DEPTH} deep"),
                action: "Make the rule simpler, or split it in two.".into(),
            });
            return 0;
        }
        let members = members.iter().enumerate();
        members
            .map(|(index, member)| member.collect_problems(&format!("{at}/{group}/{index}"), depth + 1, into))
            .sum()
    }
}

impl FieldTest {
    fn holds(&self, facts: &Facts<'_>) -> bool {
        // A field test holds no expression but a plain path, which has nothing to fail on.
        self.condition.holds(facts.scope()).unwrap_or_default()
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        match self.condition.judge(facts.scope()) {
            Ok(evidence) => Verdict { holds: evidence.holds, why: self.of_account(evidence.why) },
            Err(failure) => Verdict { holds: false, why: failure.message },
        }
    }

    fn in_words(&self) -> String {
        self.of_account(self.condition.in_words())
    }

    fn of_account(&self, words: String) -> String {
        if field_path::is_of_account(&self.name) { format!("account {words}") } else { words }
    }
}

/// The verdict on a group: the member that settles it, or all of them when none does.
fn judge_group(members: &[Criteria], facts: &Facts<'_>, all: bool) -> Verdict {
    let mut whys = Vec::with_capacity(members.len());
    for member in members {
        let verdict = member.judge(facts);
        if verdict.holds != all {
            return verdict;
        }
        whys.push(verdict.why);
    }
    let why = if whys.is_empty() { "nothing is asked".into() } else { whys.join(" and ") };
    Verdict { holds: all, why }
}

impl Dependencies {
    /// The kinds of activities among them.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.activities.iter().map(Signature::kind).collect()
    }

    /// Adds those of another rule.
    pub fn merge(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().cloned());
        self.activities.extend(other.activities.iter().cloned());
    }
}
