//! A cell: a test of one value, written as people write in a sheet.
//!
//! | Kind of column | Written | Meaning |
//! |---|---|---|
//! | any | nothing or `*` | anything |
//! | any | `empty`, `filled` | there is nothing, there is something |
//! | any but yes or no | `not ...` | none of what follows, nothing at all included |
//! | text | `DE, AT`, `acme*`, `*bank`, `*data*` | one of these; capital letters do not matter |
//! | list | as text | one of these is among the values |
//! | number | `50-199`, `1000+`, `<50`, `>=10`, `7, 9` | within one of these; both ends are included |
//! | postal code | `10000-19999`, `80*`, `10115` | as many characters as are written are compared |
//! | yes or no | `yes`, `no` | nothing at all is no |
//!
//! Cells also know which values they share, for lints: [`Cell::covers`] says yes only when it is certain, and
//! [`Cell::meets`] says no only when it is certain.

use super::spans::{Spans, number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Longest text of a cell in characters.
pub(super) const MAX_CELL: usize = 2_000;

/// How the values of a column are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// One text, such as a country.
    #[default]
    Text,
    /// Several texts, such as segments.
    List,
    /// A number, such as a number of employees.
    Number,
    /// A postal code.
    PostalCode,
    /// Yes or no.
    YesNo,
}

/// A test of one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Anything, also nothing.
    Any,
    /// Nothing.
    Empty,
    /// Something.
    Filled,
    /// One of these texts, or none of them.
    Text {
        /// Whether none of them may be.
        not: bool,
        /// The texts.
        patterns: Vec<Pattern>,
        /// Whether the value is a list of texts.
        list: bool,
    },
    /// Within one of these spans.
    Number {
        /// Whether it may be within none of them.
        not: bool,
        /// The spans.
        spans: Spans,
    },
    /// Within one of these ranges of postal codes.
    Postal {
        /// Whether it may be within none of them.
        not: bool,
        /// First and last of each, of the same length.
        ranges: Vec<(String, String)>,
    },
    /// Yes or no.
    YesNo(bool),
}

/// A text that may begin or end with anything; in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    any_before: bool,
    any_after: bool,
}

/// Why a cell cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// It is too long.
    #[error("the cell is longer than {MAX_CELL} characters")]
    TooLong,
    /// A part of a list is missing.
    #[error("there is a comma with nothing beside it")]
    NothingListed,
    /// No number.
    #[error("\"{0}\" is no number or range; write 200, 50-199, 1000+ or <50")]
    NoNumber(String),
    /// A range that ends before it begins.
    #[error("\"{0}\" ends before it begins")]
    Backwards(String),
    /// No postal code.
    #[error("\"{0}\" is no postal code or range; write 10115, 10000-19999 or 80*")]
    NoPostalCode(String),
    /// Neither yes nor no.
    #[error("\"{0}\" is neither yes nor no")]
    NeitherYesNorNo(String),
}

impl Pattern {
    fn read(text: &str) -> Self {
        let lower = text.to_lowercase();
        let (any_before, rest) = lower.strip_prefix('*').map_or((false, lower.as_str()), |rest| (true, rest));
        let (any_after, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        Self { text: rest.trim().to_owned(), any_before, any_after }
    }

    fn matches(&self, lower: &str) -> bool {
        match (self.any_before, self.any_after) {
            (false, false) => lower == self.text,
            (false, true) => lower.starts_with(&self.text),
            (true, false) => lower.ends_with(&self.text),
            (true, true) => lower.contains(&self.text),
        }
    }

    /// Whether everything that matches `other` certainly matches this.
    fn covers(&self, other: &Self) -> bool {
        if (!self.any_before && other.any_before) || (!self.any_after && other.any_after) {
            return false;
        }
        self.matches(&other.text)
    }

    fn meets(&self, other: &Self) -> bool {
        match (self.any_before || self.any_after, other.any_before || other.any_after) {
            (false, _) => other.matches(&self.text),
            (_, false) => self.matches(&other.text),
            _ if !self.any_before && !other.any_before => {
                self.text.starts_with(&other.text) || other.text.starts_with(&self.text)
            }
            _ if !self.any_after && !other.any_after => {
                self.text.ends_with(&other.text) || other.text.ends_with(&self.text)
            }
            _ => true,
        }
    }
}

impl Cell {
    /// Reads `text` as a cell of a column of `kind`.
    ///
    /// # Errors
    /// When it cannot be read as such; the error says how to write it.
    pub fn read(text: &str, kind: ColumnKind) -> Result<Self, CellError> {
        let text = text.trim();
        if text.chars().count() > MAX_CELL {
            return Err(CellError::TooLong);
        }
        match text.to_lowercase().as_str() {
            "" | "*" => return Ok(Self::Any),
            "empty" => return Ok(Self::Empty),
            "filled" => return Ok(Self::Filled),
            "yes" | "true" if kind == ColumnKind::YesNo => return Ok(Self::YesNo(true)),
            "no" | "false" if kind == ColumnKind::YesNo => return Ok(Self::YesNo(false)),
            _ => {}
        }
        let negated = text.get(..4).filter(|word| word.eq_ignore_ascii_case("not "));
        let (not, list) = negated.map_or((false, text), |_| (true, &text[4..]));
        let parts: Vec<&str> = list.split([',', ';', '\n']).map(str::trim).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(CellError::NothingListed);
        }
        match kind {
            ColumnKind::Text | ColumnKind::List => {
                let patterns = parts.into_iter().map(Pattern::read).collect();
                Ok(Self::Text { not, patterns, list: kind == ColumnKind::List })
            }
            ColumnKind::Number => {
                let spans = parts.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
                Ok(Self::Number { not, spans: Spans::of(spans) })
            }
            ColumnKind::PostalCode => {
                let ranges = parts.into_iter().map(postal_range).collect::<Result<_, _>>()?;
                Ok(Self::Postal { not, ranges })
            }
            ColumnKind::YesNo => Err(CellError::NeitherYesNorNo(text.into())),
        }
    }

    /// Whether `value` passes.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Empty => is_blank(value),
            Self::Filled => !is_blank(value),
            Self::Text { not, patterns, list } => {
                let is = |value: &Value| {
                    let lower = text_of(value).trim().to_lowercase();
                    !lower.is_empty() && patterns.iter().any(|pattern| pattern.matches(&lower))
                };
                let found = match value {
                    Value::Array(items) if *list => items.iter().any(is),
                    Value::Array(_) | Value::Object(_) => false,
                    single => is(single),
                };
                found != *not
            }
            Self::Number { not, spans } => number_of(value).is_some_and(|number| spans.has(number)) != *not,
            Self::Postal { not, ranges } => {
                let code = postal_code(&text_of(value));
                ranges.iter().any(|range| is_in(&code, range)) != *not
            }
            Self::YesNo(yes) => is_yes(value) == *yes,
        }
    }

    /// Whether every value that passes `other` certainly passes this.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let all = |parts: &[(String, String)], by: &[(String, String)]| {
            parts.iter().all(|part| by.iter().any(|range| range_covers(range, part)))
        };
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Empty, Self::Empty) | (Self::Filled, Self::Filled) => true,
            (Self::Filled, other) => match other {
                Self::Text { not, .. } | Self::Number { not, .. } | Self::Postal { not, .. } => !not,
                Self::YesNo(yes) => *yes,
                _ => false,
            },
            (
                Self::Text { not: true, .. }
                | Self::Number { not: true, .. }
                | Self::Postal { not: true, .. },
                Self::Empty,
            )
            | (Self::YesNo(false), Self::Empty) => true,
            (Self::Text { not: a, patterns: mine, list }, Self::Text { not: b, patterns: theirs, .. }) => {
                match (a, b) {
                    (false, false) => theirs.iter().all(|one| mine.iter().any(|own| own.covers(one))),
                    (true, true) => mine.iter().all(|own| theirs.iter().any(|one| one.covers(own))),
                    (true, false) => !list && theirs.iter().all(|one| mine.iter().all(|own| !own.meets(one))),
                    (false, true) => false,
                }
            }
            (Self::Number { not: a, spans: mine }, Self::Number { not: b, spans: theirs }) => match (a, b) {
                (false, false) => mine.cover(theirs),
                (true, true) => theirs.cover(mine),
                (true, false) => !mine.meet(theirs),
                (false, true) => false,
            },
            (Self::Postal { not: a, ranges: mine }, Self::Postal { not: b, ranges: theirs }) => {
                match (a, b) {
                    (false, false) => all(theirs, mine),
                    (true, true) => all(mine, theirs),
                    (true, false) => theirs.iter().all(|one| mine.iter().all(|own| !ranges_meet(own, one))),
                    (false, true) => false,
                }
            }
            (Self::YesNo(a), Self::YesNo(b)) => a == b,
            _ => false,
        }
    }

    /// Whether some value may pass both; `false` only when none can.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Filled) | (Self::Filled, Self::Empty) => false,
            (Self::Empty, other) | (other, Self::Empty) => match other {
                Self::Text { not, .. } | Self::Number { not, .. } | Self::Postal { not, .. } => *not,
                Self::YesNo(yes) => !yes,
                _ => true,
            },
            (
                Self::Text { not: false, patterns: a, list: false },
                Self::Text { not: false, patterns: b, .. },
            ) => a.iter().any(|one| b.iter().any(|two| one.meets(two))),
            (Self::Number { not: false, spans: a }, Self::Number { not: false, spans: b }) => a.meet(b),
            (Self::Postal { not: false, ranges: a }, Self::Postal { not: false, ranges: b }) => {
                a.iter().any(|one| b.iter().any(|two| ranges_meet(one, two)))
            }
            (
                positive,
                Self::Text { not: true, .. }
                | Self::Number { not: true, .. }
                | Self::Postal { not: true, .. },
            ) => !positive.affirmed_by(other),
            (
                Self::Text { not: true, .. }
                | Self::Number { not: true, .. }
                | Self::Postal { not: true, .. },
                positive,
            ) => !positive.affirmed_by(self),
            (Self::YesNo(a), Self::YesNo(b)) => a == b,
            _ => true,
        }
    }

    /// Whether everything this asks for is what `denying` denies.
    fn affirmed_by(&self, denying: &Self) -> bool {
        let affirmed = match denying {
            Self::Text { patterns, list, .. } if !list => {
                Self::Text { not: false, patterns: patterns.clone(), list: *list }
            }
            Self::Number { spans, .. } => Self::Number { not: false, spans: spans.clone() },
            Self::Postal { ranges, .. } => Self::Postal { not: false, ranges: ranges.clone() },
            _ => return false,
        };
        affirmed.covers(self)
    }
}

/// Whether there is nothing: missing, blank text, an empty list or record.
pub(super) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            ["yes", "true", "on", "1", "y"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// A postal code without spaces and dashes, in capital letters.
fn postal_code(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn postal_range(text: &str) -> Result<(String, String), CellError> {
    let no_code = || CellError::NoPostalCode(text.into());
    let (low, high) = text.split_once('-').map_or((text, text), |(low, high)| (low, high));
    let end = |part: &str| {
        let code = postal_code(part.trim().trim_end_matches('*'));
        if code.is_empty() || part.trim_end_matches('*').contains('*') { Err(no_code()) } else { Ok(code) }
    };
    let (low, high) = (end(low)?, end(high)?);
    if low.chars().count() != high.chars().count() {
        return Err(no_code());
    }
    if high < low { Err(CellError::Backwards(text.into())) } else { Ok((low, high)) }
}

/// The first `count` characters, or none when there are fewer.
fn head(text: &str, count: usize) -> Option<&str> {
    match text.char_indices().nth(count) {
        Some((end, _)) => Some(&text[..end]),
        None => (text.chars().count() == count).then_some(text),
    }
}

fn is_in(code: &str, (low, high): &(String, String)) -> bool {
    head(code, low.chars().count()).is_some_and(|head| low.as_str() <= head && head <= high.as_str())
}

fn range_covers((low, high): &(String, String), (other_low, other_high): &(String, String)) -> bool {
    let length = low.chars().count();
    head(other_low, length)
        .zip(head(other_high, length))
        .is_some_and(|(first, last)| low.as_str() <= first && last <= high.as_str())
}

fn ranges_meet((low, high): &(String, String), (other_low, other_high): &(String, String)) -> bool {
    let length = low.chars().count().min(other_low.chars().count());
    let cut = |text| head(text, length);
    cut(low) <= cut(other_high) && cut(other_low) <= cut(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn cell(text: &str, kind: ColumnKind) -> Cell {
        Cell::read(text, kind).unwrap()
    }

    #[test]
    fn cells_are_read_as_people_write_them() {
        use ColumnKind::{List, Number, PostalCode, Text, YesNo};
        for (text, kind, value, expected) in [
            ("DE, AT", Text, json!("at"), true),
            ("DE, AT", Text, json!("CH"), false),
            ("not DE, AT", Text, json!("CH"), true),
            ("not DE", Text, Value::Null, true),
            ("acme*", Text, json!("ACME Corp"), true),
            ("*bank", Text, json!("Commerzbank"), true),
            ("*data*", Text, json!("Big Data Ltd"), true),
            ("", Text, Value::Null, true),
            ("empty", Text, json!(" "), true),
            ("filled", Number, json!(0), true),
            ("50-199", Number, json!(199), true),
            ("50-199", Number, json!("200"), false),
            ("1000+", Number, json!(1000), true),
            (">1000", Number, json!(1000), false),
            ("<50, 1000+", Number, json!(49.5), true),
            ("not 1-5", Number, json!(6), true),
            ("10000-19999", PostalCode, json!("10115"), true),
            ("10000-19999", PostalCode, json!("10115-1234"), true),
            ("80*", PostalCode, json!("80331"), true),
            ("80*", PostalCode, json!("8"), false),
            ("SW1A", PostalCode, json!("sw1a 1aa"), true),
            ("yes", YesNo, json!("on"), true),
            ("no", YesNo, Value::Null, true),
            ("Enterprise", List, json!(["SMB", "enterprise"]), true),
            ("not Enterprise", List, json!(["SMB", "enterprise"]), false),
        ] {
            assert_eq!(cell(text, kind).holds(&value), expected, "{text} on {value}");
        }
        for (text, kind) in [
            ("a,,b", Text),
            ("ten", Number),
            ("9-1", Number),
            ("1*1", PostalCode),
            ("1-22", PostalCode),
            ("maybe", YesNo),
        ] {
            assert!(Cell::read(text, kind).is_err(), "{text}");
        }
    }

    /// Cells and values small enough to try all of.
    fn written(kind: ColumnKind) -> impl Strategy<Value = String> {
        let parts = match kind {
            ColumnKind::Number => vec!["1", "2-4", "3+", "<2", ">=4", "1-5"],
            ColumnKind::PostalCode => vec!["1", "12", "1-3", "12-21", "2*", "20-29"],
            _ => vec!["a", "b", "ab", "a*", "*b", "*a*", "ba"],
        };
        let list = proptest::collection::vec(proptest::sample::select(parts), 1..3)
            .prop_map(|parts| parts.join(", "));
        prop_oneof![
            5 => list.clone(),
            3 => list.prop_map(|list| format!("not {list}")),
            1 => Just(String::new()),
            1 => Just("empty".to_owned()),
            1 => Just("filled".to_owned()),
        ]
    }

    fn values(kind: ColumnKind) -> Vec<Value> {
        let mut values = vec![Value::Null];
        match kind {
            ColumnKind::Number => values.extend((0..8).map(Value::from)),
            ColumnKind::PostalCode => values.extend((0..40).map(|code| code.to_string().into())),
            ColumnKind::List => {
                values.extend([json!(["a"]), json!(["a", "b"]), json!(["ab", "c"]), json!([])]);
            }
            _ => values.extend(["a", "b", "c", "ab", "ba", "aab", "bab", "abc"].map(Value::from)),
        }
        values
    }

    fn pair() -> impl Strategy<Value = (ColumnKind, String, String)> {
        use ColumnKind::{List, Number, PostalCode, Text};
        proptest::sample::select(vec![Text, List, Number, PostalCode])
            .prop_flat_map(|kind| (Just(kind), written(kind), written(kind)))
    }

    proptest! {
        #[test]
        fn what_is_said_of_two_cells_holds_for_every_value((kind, one, two) in pair()) {
            let (a, b) = (cell(&one, kind), cell(&two, kind));
            for value in values(kind) {
                if a.covers(&b) {
                    prop_assert!(!b.holds(&value) || a.holds(&value), "{one} covers {two}, but not {value}");
                }
                if !a.meets(&b) {
                    prop_assert!(!(a.holds(&value) && b.holds(&value)), "{one} and {two} share {value}");
                }
            }
            prop_assert!(a.covers(&a));
        }
    }
}
