//! Reading values as the types of own fields. Each gives `None` for what is of another type.

use crate::cleaning::{self, DateOrder};
use crate::field;
use serde_json::{Number, Value};

/// What separates choices in a text.
pub(super) const BETWEEN: [char; 2] = [',', ';'];

/// A single value as text.
pub(super) fn text(value: &Value) -> Option<Value> {
    plain(value).map(Value::from)
}

/// A number: as JSON has it, or as people write it: `1250`, `1,250.5`, `1 250`.
pub(super) fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
            let text = without_thousands(&text)?;
            let whole = text.parse::<i64>().ok().map(Value::from);
            whole.or_else(|| Number::from_f64(text.parse().ok()?).map(Value::Number))
        }
        _ => None,
    }
}

/// A day as `2026-03-05`, a moment as `2026-03-05T14:30:00`; a date that could be two is none.
pub(super) fn date(value: &Value) -> Option<Value> {
    cleaning::date(&plain(value)?, DateOrder::Auto).map(Value::from)
}

/// Yes or no, as the consent of a lead is read.
pub(super) fn yes_no(value: &Value) -> Option<Value> {
    field::yes_or_no(&plain(value)?).map(Value::from)
}

/// One of `options`, as it is written there; capitals make no difference.
pub(super) fn choice(value: &Value, options: &[String]) -> Option<Value> {
    let asked = plain(value)?;
    options.iter().find(|option| is_same(option, &asked)).map(|option| option.as_str().into())
}

/// Some of `options`, each once and in their order; of a list, or of a text with commas or semicolons.
pub(super) fn choices(value: &Value, options: &[String]) -> Option<Value> {
    let asked: Vec<String> = match value {
        Value::Array(items) => items.iter().map(plain).collect::<Option<_>>()?,
        other => plain(other)?.split(BETWEEN).map(|part| part.trim().to_owned()).collect(),
    };
    let asked: Vec<&String> = asked.iter().filter(|asked| !asked.is_empty()).collect();
    let known = |asked: &&String| options.iter().any(|option| is_same(option, asked));
    let chosen = |option: &&String| asked.iter().any(|asked| is_same(option, asked));
    asked.iter().all(known).then(|| options.iter().filter(chosen).cloned().collect::<Vec<_>>().into())
}

/// Whether two texts mean the same choice.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `1,250` as `1250`; `None` when a comma stands where no thousands end, for it may be a decimal one.
fn without_thousands(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let in_order = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    let whole = whole.replace(',', "");
    in_order.then(|| rest.map_or(whole.clone(), |rest| format!("{whole}.{rest}")))
}
