//! Columns and what may stand in them.

use super::MAX_TEXT;
use super::failures;
use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use trunkline_engine::failure::Failure;

/// Characters of a cell that rows are looked up by; what follows is compared once the row is at hand.
const CELL: usize = 200;
/// Longest technical name of a column, in bytes.
const MAX_KEY: usize = 40;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its technical name, by which expressions and steps know it; it never changes.
    pub key: String,
    /// What people read above it.
    pub label: String,
    /// What may stand in it.
    pub kind: ColumnKind,
}

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A day, or a moment.
    Date,
    /// Yes or no.
    YesNo,
    /// Any JSON value.
    Json,
}

impl ColumnKind {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::YesNo => "yes or no",
            Self::Json => "JSON",
        }
    }
}

impl Column {
    /// Whether `key` can be a technical name: small letters, digits and underscores, a letter first.
    #[must_use]
    pub fn is_key(key: &str) -> bool {
        key.len() <= MAX_KEY
            && key.starts_with(|first: char| first.is_ascii_lowercase())
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }

    /// A technical name made of `label` that none of `taken` has.
    #[must_use]
    pub fn key_of(label: &str, taken: &[&str]) -> String {
        let mut key = String::new();
        for letter in label.to_lowercase().chars() {
            if letter.is_ascii_alphanumeric() {
                key.push(letter);
            } else if !key.is_empty() && !key.ends_with('_') {
                key.push('_');
            }
        }
        key.truncate(MAX_KEY - 4);
        let key = key.trim_end_matches('_');
        let key = match key {
            "" | "id" => format!("column_{key}").trim_end_matches('_').to_owned(),
            key if !Self::is_key(key) => format!("c_{key}"),
            key => key.to_owned(),
        };
        let numbered = (2..).map(|number| format!("{key}_{number}"));
        std::iter::once(key.clone())
            .chain(numbered)
            .find(|key| !taken.contains(&key.as_str()))
            .expect("there are more numbers than names that are taken")
    }

    /// `value` as this column holds it; `null` for what is blank.
    ///
    /// # Errors
    /// `TABLE-0003` when it does not fit, `TABLE-0007` when it is too long.
    pub fn read(&self, value: &Value) -> Result<Value, Failure> {
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(Value::Null);
        }
        let read = match self.kind {
            ColumnKind::Text => text(value),
            ColumnKind::Number => number(value),
            ColumnKind::Date => value.as_str().and_then(|text| date(text.trim())).map(Value::from),
            ColumnKind::YesNo => yes_no(value).map(Value::from),
            ColumnKind::Json => Some(value.clone()),
        };
        let read = read.ok_or_else(|| failures::wrong_value(self, value))?;
        match &read {
            Value::String(text) if text.chars().nth(MAX_TEXT).is_some() => Err(failures::text_too_long(self)),
            _ => Ok(read),
        }
    }
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.into()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok().map(Value::from);
            whole.or_else(|| Number::from_f64(text.parse().ok()?).map(Value::Number))
        }
        _ => None,
    }
}

fn yes_no(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "y" => Some(true),
            "no" | "false" | "0" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A day as `2026-01-31`, a moment as `2026-01-31T08:30:00Z`; a moment without a zone is taken as UTC.
fn date(text: &str) -> Option<String> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.to_string());
    }
    let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.with_timezone(&Utc)).ok();
    let plain = || {
        let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
        formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| at.and_utc())
    };
    Some(moment.or_else(plain)?.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// What a row is looked up by: the same text for values that count as equal. JSON is not looked up by.
pub(super) fn cell(kind: ColumnKind, value: &Value) -> Option<String> {
    Some(match (kind, value) {
        (ColumnKind::Json, _) | (_, Value::Null) => return None,
        (_, Value::String(text)) => text.trim().to_lowercase().chars().take(CELL).collect(),
        (_, Value::Bool(flag)) => flag.to_string(),
        (_, Value::Number(number)) => match number.as_f64() {
            Some(real) if real.fract() == 0.0 && real.abs() < 9e15 => format!("{real:.0}"),
            _ => number.to_string(),
        },
        (_, other) => other.to_string().chars().take(CELL).collect(),
    })
}

/// Whether two values of a column count as equal: capitals, and blanks around text, make no difference.
pub(super) fn is_equal(kind: ColumnKind, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            one.trim().to_lowercase() == other.trim().to_lowercase()
        }
        _ => match (cell(kind, one), cell(kind, other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        },
    }
}

/// Which of two values of a column comes first; empty cells come last.
pub(super) fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => shown(one).to_lowercase().cmp(&shown(other).to_lowercase()),
    }
}

/// A value as text.
pub(super) fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn column(kind: ColumnKind) -> Column {
        Column { key: "it".into(), label: "It".into(), kind }
    }

    #[test]
    fn values_become_what_their_column_holds() {
        for (kind, given, held) in [
            (ColumnKind::Text, json!(" Ada "), json!(" Ada ")),
            (ColumnKind::Text, json!(7), json!("7")),
            (ColumnKind::Number, json!("1250"), json!(1250)),
            (ColumnKind::Number, json!(" 12.5 "), json!(12.5)),
            (ColumnKind::Date, json!("2026-01-31"), json!("2026-01-31")),
            (ColumnKind::Date, json!("2026-01-31T10:00:00+02:00"), json!("2026-01-31T08:00:00Z")),
            (ColumnKind::Date, json!("2026-01-31 10:00"), json!("2026-01-31T10:00:00Z")),
            (ColumnKind::YesNo, json!("Yes"), json!(true)),
            (ColumnKind::YesNo, json!(0), json!(false)),
            (ColumnKind::Json, json!({"a": [1]}), json!({"a": [1]})),
            (ColumnKind::Number, json!("  "), Value::Null),
            (ColumnKind::Json, Value::Null, Value::Null),
        ] {
            assert_eq!(column(kind).read(&given).unwrap(), held, "{kind:?} {given}");
            let again = column(kind).read(&held).unwrap();
            assert_eq!(again, held, "what is held stays as it is");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (kind, given) in [
            (ColumnKind::Text, json!([1])),
            (ColumnKind::Number, json!("many")),
            (ColumnKind::Number, json!("NaN")),
            (ColumnKind::Date, json!("31.1.2026")),
            (ColumnKind::Date, json!("2026-02-30")),
            (ColumnKind::YesNo, json!("perhaps")),
        ] {
            assert_eq!(column(kind).read(&given).unwrap_err().code, "TABLE-0003", "{kind:?} {given}");
        }
        let long = json!("x".repeat(MAX_TEXT + 1));
        assert_eq!(column(ColumnKind::Text).read(&long).unwrap_err().code, "TABLE-0007");
    }

    #[test]
    fn equal_values_have_the_same_cell() {
        let same = |kind, one: Value, other: Value| {
            assert_eq!(cell(kind, &one), cell(kind, &other));
            assert!(is_equal(kind, &one, &other));
        };
        same(ColumnKind::Text, json!("ACME "), json!("acme"));
        same(ColumnKind::Number, json!(1), json!(1.0));
        assert_ne!(cell(ColumnKind::Number, &json!(1.5)), cell(ColumnKind::Number, &json!(1.25)));
        assert!(!is_equal(ColumnKind::Text, &json!("a"), &json!("b")));
    }

    #[test]
    fn technical_names_follow_from_labels_and_are_unique() {
        assert_eq!(Column::key_of("Company name", &[]), "company_name");
        assert_eq!(Column::key_of("Name", &["name", "name_2"]), "name_3");
        assert_eq!(Column::key_of("Größe (m²)", &[]), "gr_e_m");
        assert_eq!(Column::key_of("ID", &[]), "column_id");
        assert_eq!(Column::key_of("2nd", &[]), "c_2nd");
        assert_eq!(Column::key_of("???", &[]), "column");
        for label in ["a", "2", "Ünï", "x".repeat(90).as_str(), "日本"] {
            assert!(Column::is_key(&Column::key_of(label, &[])), "{label}");
        }
    }
}
