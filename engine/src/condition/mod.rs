//! Conditions as data: a field, an operator and a value, nested in "all of" and "any of". People build them by clicking.
//!
//! A condition never fails on the data it looks at: what is missing is empty, and a value that does not fit simply does
//! not hold (the rules are in `compare`). Only an expression in it, or a search pattern made from data, can fail.
//!
//! ```json
//! {"all": [
//!   {"field": "{{ steps.score.score }}", "op": "at_least", "value": 70},
//!   {"any": [{"field": "{{ trigger.body.country }}", "op": "one_of", "value": "DE, AT, CH"}]}
//! ]}
//! ```

mod compare;
mod op;
mod read;
mod words;

pub use op::Op;

use crate::expression::filters::{compile_pattern, is_free_mailbox};
use crate::expression::{Dynamic, Scope};
use crate::failure::Failure;
use crate::kind::ConfigProblem;
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Deepest nesting of groups.
pub const MAX_DEPTH: usize = 8;
/// Most comparisons in one condition.
pub const MAX_COMPARISONS: usize = 200;

/// Something that holds or does not.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Holds when every member does; with no members it always holds.
    All(Vec<Condition>),
    /// Holds when at least one member does; with no members it never holds.
    Any(Vec<Condition>),
    /// One comparison.
    Compare(Comparison),
}

impl Default for Condition {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// A field compared with a value.
#[derive(Debug, Clone)]
pub struct Comparison {
    field: Dynamic,
    op: Op,
    value: Dynamic,
    /// The pattern of `matches`, when it is no expression.
    pattern: Option<Result<Regex, String>>,
    name: String,
}

/// Whether a condition held, and what decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Whether it held.
    pub holds: bool,
    /// The comparisons that decided it, such as `score is at least 70 (it was 85)`.
    pub why: String,
}

impl Condition {
    /// Whether it holds in `scope`.
    ///
    /// # Errors
    /// An expression in it cannot be computed (`EXP-0002` to `EXP-0004`), or a pattern made from data cannot be used
    /// (`EXP-0020`).
    pub fn holds(&self, scope: &Scope) -> Result<bool, Failure> {
        match self {
            Self::All(members) => {
                for member in members {
                    if !member.holds(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(members) => {
                for member in members {
                    if member.holds(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Compare(comparison) => comparison.evaluate(scope).map(|(holds, ..)| holds),
        }
    }

    /// Whether it holds in `scope`, with the sentence that says why.
    ///
    /// # Errors
    /// As [`Condition::holds`].
    pub fn judge(&self, scope: &Scope) -> Result<Evidence, Failure> {
        match self {
            Self::All(members) => judge_group(members, scope, true),
            Self::Any(members) => judge_group(members, scope, false),
            Self::Compare(comparison) => comparison.judge(scope),
        }
    }

    /// Whether it compares nothing, and so says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::All(members) | Self::Any(members) => members.iter().all(Self::is_empty),
            Self::Compare(_) => false,
        }
    }

    /// How it reads on a card or an edge: `score is at least 70 and country is one of DE, AT`.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.phrase(true)
    }

    /// What is wrong with it, with `at` as the JSON Pointer of the condition within the settings.
    #[must_use]
    pub fn problems(&self, at: &str) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let comparisons = self.collect_problems(at, 0, &mut problems);
        if comparisons > MAX_COMPARISONS {
            problems.push(ConfigProblem {
                code: "DOC-0022",
                field: at.into(),
                message: format!(
                    "the condition has {comparisons} comparisons, and {MAX_COMPARISONS} is the limit"
                ),
                action: "Use \"is one of\" with a list, or split the condition over several steps.".into(),
            });
        }
        problems
    }

    fn phrase(&self, outermost: bool) -> String {
        let (members, by, nothing) = match self {
            Self::Compare(comparison) => return comparison.in_words(),
            Self::All(members) => (members, " and ", "always"),
            Self::Any(members) => (members, " or ", "never"),
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

    /// Adds its problems and gives the number of comparisons in it.
    fn collect_problems(&self, at: &str, depth: usize, into: &mut Vec<ConfigProblem>) -> usize {
        let (group, members) = match self {
            Self::Compare(comparison) => {
                comparison.problems(at, into);
                return 1;
            }
            Self::All(members) => ("all", members),
            Self::Any(members) => ("any", members),
        };
        if depth == MAX_DEPTH {
            into.push(ConfigProblem {
                code: "DOC-0022",
                field: at.into(),
                message: format!("the groups of this condition are nested more than {MAX_DEPTH} deep"),
                action: "Split the condition over several steps.".into(),
            });
            return 0;
        }
        let members = members.iter().enumerate();
        members
            .map(|(index, member)| member.collect_problems(&format!("{at}/{group}/{index}"), depth + 1, into))
            .sum()
    }
}

/// The verdict on a group: the member that settles it, or all of them when none does.
fn judge_group(members: &[Condition], scope: &Scope, all: bool) -> Result<Evidence, Failure> {
    let mut whys = Vec::with_capacity(members.len());
    for member in members {
        let evidence = member.judge(scope)?;
        if evidence.holds != all {
            return Ok(evidence);
        }
        whys.push(evidence.why);
    }
    let why = if whys.is_empty() { "nothing is asked".into() } else { words::joined(&whys, " and ") };
    Ok(Evidence { holds: all, why })
}

impl Comparison {
    fn new(field: Dynamic, op: Op, value: Dynamic) -> Self {
        let pattern = match (&value, op) {
            (Dynamic::Literal(pattern), Op::Matches) => Some(compile_pattern(&compare::text(pattern))),
            _ => None,
        };
        Self { name: words::name(&field), field, op, value, pattern }
    }

    fn judge(&self, scope: &Scope) -> Result<Evidence, Failure> {
        let (holds, was, value) = self.evaluate(scope)?;
        let words = if holds { self.op.words() } else { self.op.denied() };
        let mut why = format!("{} {words}", self.name);
        if self.op.takes_value() {
            why.push_str(&format!(" {}", operand_words(self.op, &value)));
        }
        // "country is empty (it was empty)" says nothing twice.
        let said = (self.op == Op::IsEmpty && holds) || (self.op == Op::IsNotEmpty && !holds);
        let said = said
            || (words == "is"
                && compare::equals(&was, &value)
                && words::value_words(&was) == words::value_words(&value));
        if !said {
            why.push_str(&format!(" (it was {})", words::value_words(&was)));
        }
        Ok(Evidence { holds, why })
    }

    fn in_words(&self) -> String {
        if !self.op.takes_value() {
            return format!("{} {}", self.name, self.op.words());
        }
        let value = match &self.value {
            Dynamic::Literal(value) => operand_words(self.op, value),
            computed => words::name(computed),
        };
        format!("{} {} {value}", self.name, self.op.words())
    }

    /// Whether it holds, with both values.
    fn evaluate<'a>(&'a self, scope: &'a Scope) -> Result<(bool, Cow<'a, Value>, Cow<'a, Value>), Failure> {
        let field = self.field.seen(scope)?;
        let value = if self.op.takes_value() { self.value.seen(scope)? } else { Cow::Owned(Value::Null) };
        let is =
            |wanted: &[Ordering]| compare::order(&field, &value).is_some_and(|order| wanted.contains(&order));
        let holds = match self.op {
            Op::Equals => compare::equals(&field, &value),
            Op::NotEquals => !compare::equals(&field, &value),
            Op::Contains => compare::contains(&field, &value),
            Op::NotContains => !compare::contains(&field, &value),
            Op::StartsWith => compare::starts_with(&field, &value),
            Op::EndsWith => compare::ends_with(&field, &value),
            Op::OneOf => compare::one_of(&field, &value),
            Op::NotOneOf => !compare::one_of(&field, &value),
            Op::GreaterThan => is(&[Ordering::Greater]),
            Op::AtLeast => is(&[Ordering::Greater, Ordering::Equal]),
            Op::LessThan => is(&[Ordering::Less]),
            Op::AtMost => is(&[Ordering::Less, Ordering::Equal]),
            Op::Between => between(&field, &value),
            Op::Matches => self.matches(&field, &value)?,
            Op::IsEmpty => compare::is_empty(&field),
            Op::IsNotEmpty => !compare::is_empty(&field),
            Op::IsTrue => compare::yes_no(&field) == Some(true),
            Op::IsFalse => compare::is_empty(&field) || compare::yes_no(&field) == Some(false),
            Op::Before => compare::moments(&field, &value) == Some(Ordering::Less),
            Op::After => compare::moments(&field, &value) == Some(Ordering::Greater),
            Op::IsFreeMailbox => is_free_mailbox(&compare::text(&field)) == Some(true),
            Op::IsNotFreeMailbox => is_free_mailbox(&compare::text(&field)) == Some(false),
        };
        Ok((holds, field, value))
    }

    fn matches(&self, field: &Value, value: &Value) -> Result<bool, Failure> {
        let from_data;
        let compiled = match &self.pattern {
            Some(compiled) => compiled,
            None => {
                from_data = compile_pattern(&compare::text(value));
                &from_data
            }
        };
        match compiled {
            Ok(regex) => Ok(regex.is_match(&compare::text(field))),
            Err(why) => Err(Failure::bad_input(
                "EXP-0020",
                format!("the search pattern \"{}\" cannot be used: {why}", words::value_words(value)),
                "Correct the pattern, or use \"contains\" to look for plain text.",
            )),
        }
    }

    fn problems(&self, at: &str, into: &mut Vec<ConfigProblem>) {
        let mut add = |code, field: &str, message: String, action: &str| {
            into.push(ConfigProblem { code, field: format!("{at}/{field}"), message, action: action.into() });
        };
        if let Dynamic::Literal(field) = &self.field
            && compare::is_empty(field)
        {
            let action = "Drag a field from the Input tab into the comparison, or remove it.";
            add("DOC-0020", "field", "this comparison does not say which field it looks at".into(), action);
        }
        if let Some(Err(why)) = &self.pattern {
            let action = "Correct the pattern, or use \"contains\" to look for plain text.";
            add("DOC-0021", "value", format!("the search pattern cannot be used: {why}"), action);
        }
        if let (Op::Between, Dynamic::Literal(value)) = (self.op, &self.value)
            && compare::listed(value).iter().filter(|bound| !compare::is_empty(bound)).count() != 2
        {
            let action = "Give the lowest and the highest value.";
            add("DOC-0020", "value", "\"is between\" compares with two values".into(), action);
        }
    }
}

fn between(field: &Value, bounds: &Value) -> bool {
    match compare::listed(bounds).as_ref() {
        [low, high] => {
            compare::order(field, low).is_some_and(Ordering::is_ge)
                && compare::order(field, high).is_some_and(Ordering::is_le)
        }
        _ => false,
    }
}

/// The right-hand side in words: a range has an "and" between its ends.
fn operand_words(op: Op, value: &Value) -> String {
    match (op, compare::listed(value).as_ref()) {
        (Op::Between, [low, high]) => format!("{} and {}", words::value_words(low), words::value_words(high)),
        _ => words::value_words(value),
    }
}

#[cfg(test)]
mod tests;
