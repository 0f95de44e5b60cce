//! Whether two values stand in a relation. Everything here is total: a value that does not fit is never an error.
//!
//! Missing, `null`, blank text and empty lists and records are all *empty*, and equal to one another. Text is compared
//! without regard to capital letters and to spaces around it. A number and a text are compared as numbers when the text
//! reads as one. Larger and smaller are asked of numbers first and of moments second; of anything else they do not hold.

use crate::expression::filters::{NO_WORDS, YES_WORDS, moment, number_in};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Whether there is nothing in `value`.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether both mean the same.
pub(super) fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => same_text(left, right),
        (Value::Bool(answer), other) | (other, Value::Bool(answer)) => yes_no(other) == Some(*answer),
        (Value::Number(_), _) | (_, Value::Number(_)) => match (number_in(left), number_in(right)) {
            (Some(left), Some(right)) => left.total_cmp(&right) == Ordering::Equal || left == right,
            _ => false,
        },
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equals(left, right))
        }
        _ => left == right || (is_empty(left) && is_empty(right)),
    }
}

/// Whether `needle` occurs in the text `whole`, is an item of the list or a field of the record. Nothing occurs nowhere.
pub(super) fn contains(whole: &Value, needle: &Value) -> bool {
    if is_empty(needle) {
        return false;
    }
    match whole {
        Value::Array(items) => items.iter().any(|item| equals(item, needle)),
        Value::Object(fields) => fields.contains_key(text(needle).trim()),
        _ => folded(whole).contains(&folded(needle)),
    }
}

/// Whether the text `whole` begins with `part`.
pub(super) fn starts_with(whole: &Value, part: &Value) -> bool {
    !is_empty(part) && folded(whole).starts_with(&folded(part))
}

/// Whether the text `whole` ends with `part`.
pub(super) fn ends_with(whole: &Value, part: &Value) -> bool {
    !is_empty(part) && folded(whole).ends_with(&folded(part))
}

/// Whether `value`, or an item of it when it is a list, equals one of `choices`.
pub(super) fn one_of(value: &Value, choices: &Value) -> bool {
    let choices = listed(choices);
    let chosen = |value: &Value| choices.iter().any(|choice| equals(value, choice));
    match value {
        Value::Array(items) => items.iter().any(chosen),
        _ => chosen(value),
    }
}

/// The members of a list, or of a text with commas between them.
pub(super) fn listed(choices: &Value) -> Cow<'_, [Value]> {
    match choices {
        Value::Array(items) => Cow::Borrowed(items),
        Value::Null => Cow::Borrowed(&[]),
        Value::String(text) => Cow::Owned(
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect(),
        ),
        other => Cow::Borrowed(std::slice::from_ref(other)),
    }
}

/// How two numbers or two moments stand to one another.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (number_in(left), number_in(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => moments(left, right),
    }
}

/// How two moments stand to one another.
pub(super) fn moments(left: &Value, right: &Value) -> Option<Ordering> {
    Some(moment(left)?.cmp(&moment(right)?))
}

/// Yes or no; `None` when it is neither.
pub(super) fn yes_no(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(answer) => Some(*answer),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        Value::String(text) => {
            let word = text.trim().to_lowercase();
            let yes = YES_WORDS.contains(&word.as_str());
            (yes || NO_WORDS.contains(&word.as_str())).then_some(yes)
        }
        _ => None,
    }
}

/// `value` as text to search in.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn folded(value: &Value) -> String {
    text(value).trim().to_lowercase()
}

fn same_text(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim(), right.trim());
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase())
}
