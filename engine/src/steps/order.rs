//! The order of values in a column: numbers by size, dates by time, text as in a dictionary, empties last.
//!
//! How a column is read is decided once for all its values, so that there is one order and not one per pair.

use super::accents;
use super::aggregate::is_empty;
use crate::expression::filters::{moment, number_in};
use crate::expression::into_text;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// How the values of a column are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// Numbers when all are numbers, dates when all are dates, otherwise text.
    #[default]
    Auto,
    /// By size.
    Number,
    /// As in a dictionary, and `item 2` before `item 10`.
    Text,
    /// By time.
    Date,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// Small numbers, early dates and A first.
    #[default]
    Ascending,
    /// Large numbers, late dates and Z first.
    Descending,
}

/// The place of a value in its column. The variants stand in the order in which they come, whatever the direction.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rank {
    Number(f64),
    Moment(DateTime<Utc>),
    Text(String),
    Empty,
}

/// The places of `values`, read as `reading` says.
pub(super) fn ranks(values: &[Value], reading: Reading) -> Vec<Rank> {
    let filled = || values.iter().filter(|value| !is_empty(value));
    let reading = match reading {
        Reading::Auto if filled().all(|value| number_in(value).is_some()) => Reading::Number,
        Reading::Auto if filled().all(|value| moment(value).is_some()) => Reading::Date,
        Reading::Auto => Reading::Text,
        chosen => chosen,
    };
    values.iter().map(|value| rank(value, reading)).collect()
}

fn rank(value: &Value, reading: Reading) -> Rank {
    if is_empty(value) {
        return Rank::Empty;
    }
    let typed = match reading {
        Reading::Number => number_in(value).map(Rank::Number),
        Reading::Date => moment(value).map(Rank::Moment),
        Reading::Text | Reading::Auto => None,
    };
    typed.unwrap_or_else(|| Rank::Text(accents::removed(&into_text(value.clone()).to_lowercase())))
}

impl Rank {
    /// How this place stands to another one of the same column. What does not fit the column comes behind what does,
    /// and what is empty comes last, in either direction.
    pub(super) fn against(&self, other: &Self, direction: Direction) -> Ordering {
        let within = match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
            (Self::Moment(left), Self::Moment(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => natural(left, right),
            _ => return self.class().cmp(&other.class()),
        };
        match direction {
            Direction::Ascending => within,
            Direction::Descending => within.reverse(),
        }
    }

    fn class(&self) -> u8 {
        match self {
            Self::Number(_) | Self::Moment(_) => 0,
            Self::Text(_) => 1,
            Self::Empty => 2,
        }
    }
}

/// Text order in which digits count as the number they spell.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.trim().chars().peekable(), right.trim().chars().peekable());
    loop {
        let step = match (left.peek().copied(), right.peek().copied()) {
            (None, None) => return Ordering::Equal,
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.is_ascii_digit(), b.is_ascii_digit()) {
                (true, true) => {
                    let (a, b) = (digits(&mut left), digits(&mut right));
                    a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
                }
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => {
                    left.next();
                    right.next();
                    a.cmp(&b)
                }
            },
        };
        if step.is_ne() {
            return step;
        }
    }
}

/// The run of digits at the front, without leading zeros.
fn digits(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut run = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        if digit != '0' || !run.is_empty() {
            run.push(digit);
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn sorted(values: &Value, reading: Reading, direction: Direction) -> Value {
        let values = values.as_array().cloned().unwrap();
        let ranks = ranks(&values, reading);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| ranks[a].against(&ranks[b], direction));
        order.into_iter().map(|at| values[at].clone()).collect()
    }

    #[test]
    fn a_column_is_read_as_a_whole() {
        use Direction::{Ascending, Descending};
        for (values, direction, expected) in [
            (json!([10, "9", 1.5]), Ascending, json!([1.5, "9", 10])),
            (json!(["1,000", "$ 20", ""]), Ascending, json!(["$ 20", "1,000", ""])),
            (json!(["10", "9", "x"]), Ascending, json!(["9", "10", "x"])),
            (
                json!(["5 March 2026", "2026-03-01", null]),
                Descending,
                json!(["5 March 2026", "2026-03-01", null]),
            ),
            (json!(["Zoe", "äpfel", "Apple", "b"]), Ascending, json!(["äpfel", "Apple", "b", "Zoe"])),
            (json!(["item 10", "Item 2", "item 02b"]), Ascending, json!(["Item 2", "item 02b", "item 10"])),
            (json!(["b", "", "a", null]), Descending, json!(["b", "a", "", null])),
        ] {
            assert_eq!(sorted(&values, Reading::Auto, direction), expected, "{values}");
        }
    }

    #[test]
    fn what_does_not_fit_a_chosen_reading_comes_behind() {
        assert_eq!(
            sorted(&json!(["n/a", 3, null, "1"]), Reading::Number, Direction::Descending),
            json!([3, "1", "n/a", null])
        );
        assert_eq!(
            sorted(&json!(["soon", "2026-03-05"]), Reading::Date, Direction::Ascending),
            json!(["2026-03-05", "soon"])
        );
    }

    proptest! {
        #[test]
        fn natural_order_is_an_order(a in "[a-b0-2]{0,6}", b in "[a-b0-2]{0,6}", c in "[a-b0-2]{0,6}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le(), "{} {} {}", a, b, c);
            }
        }
    }
}
