//! Examples made from schemas: small, and of the right types.

use super::schema::{Kind, Meaning, meaning};
use super::walk::{Spot, Walk};
use serde_json::{Map, Value, json};

/// What an example is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is sent: nothing that may only be read is in it, and nothing that need not be.
    Sent,
    /// It is an answer.
    Answered,
}

/// Deepest example.
const DEEPEST: usize = 5;
/// Most values of an example.
const MOST_VALUES: usize = 60;
/// Longest text in an example.
const LONGEST_TEXT: usize = 80;
/// Most fields of a record in an answer.
const MOST_FIELDS: usize = 20;

/// An example of `schema`.
pub(super) fn sample<'a>(walk: &Walk<'a>, schema: Spot<'a>, used: Use) -> Value {
    let mut left = MOST_VALUES;
    made(walk, &meaning(walk, schema), "", used, 0, &mut left)
}

/// An example of what is called `name`.
pub(super) fn sample_of(walk: &Walk<'_>, name: &str, known: &Meaning<'_>, used: Use) -> Value {
    let mut left = MOST_VALUES;
    made(walk, known, name, used, 0, &mut left)
}

/// A given example made small; `None` when it has another type than it should.
pub(super) fn given(value: &Value, kind: Kind) -> Option<Value> {
    let mut left = MOST_VALUES;
    kind.fits(value).then(|| cut(value, 0, &mut left))
}

fn made<'a>(
    walk: &Walk<'a>,
    known: &Meaning<'a>,
    name: &str,
    used: Use,
    depth: usize,
    left: &mut usize,
) -> Value {
    *left = left.saturating_sub(1);
    let kind = known.kind();
    let choice =
        known.choices.as_deref().and_then(|choices| choices.iter().find(|choice| kind.fits(choice)).copied());
    let told = [known.example, choice, known.default].into_iter().flatten().find(|value| {
        // An example that is none of the choices is a mistake of the document.
        kind.fits(value)
            && (choice.is_none() || known.choices.as_deref().is_some_and(|all| all.contains(value)))
    });
    let is_empty = |value: &Value| match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if let Some(told) = told.filter(|told| !is_empty(told))
        // What is sent is built of what the form asks for.
        && !(used == Use::Sent && kind == Kind::Record && !known.properties.is_empty())
    {
        return cut(told, depth, left);
    }
    match kind {
        Kind::YesNo => true.into(),
        Kind::Integer => whole(known).into(),
        Kind::Number => known.minimum.cloned().filter(Value::is_number).unwrap_or_else(|| json!(1)),
        Kind::Text | Kind::Any => text(name, known.format).into(),
        Kind::List => {
            let items = known.items.clone().filter(|_| depth < DEEPEST && *left > 0);
            match items.map(|items| meaning(walk, items)) {
                Some(items) => json!([made(walk, &items, name, used, depth + 1, left)]),
                None => json!([]),
            }
        }
        Kind::Record => record(walk, known, used, depth, left),
    }
}

fn record<'a>(walk: &Walk<'a>, known: &Meaning<'a>, used: Use, depth: usize, left: &mut usize) -> Value {
    let mut fields = Map::new();
    for (name, property) in &known.properties {
        let is_needed = known.required.contains(name);
        if used == Use::Sent && !is_needed && (depth > 0 || fields.len() >= 3) {
            continue;
        }
        if depth >= DEEPEST || *left == 0 || fields.len() >= MOST_FIELDS {
            // What must be there is there, however deep.
            if used == Use::Answered || !is_needed || depth >= 2 * DEEPEST {
                break;
            }
        }
        let inner = meaning(walk, property.clone());
        if (used == Use::Sent && inner.read_only) || (used == Use::Answered && inner.write_only) {
            continue;
        }
        fields.insert((*name).to_owned(), made(walk, &inner, name, used, depth + 1, left));
    }
    Value::Object(fields)
}

fn whole(known: &Meaning<'_>) -> i64 {
    let least = known.minimum.and_then(Value::as_i64).unwrap_or(1);
    let most = known.maximum.and_then(Value::as_i64).unwrap_or(i64::MAX);
    1.max(least).min(most)
}

fn text(name: &str, format: Option<&str>) -> String {
    let name = name.to_ascii_lowercase();
    let text = match format {
        Some("date") => "2026-01-31",
        Some("date-time") => "2026-01-31T09:30:00Z",
        Some("email") => "ada@analytical.example",
        Some("uri" | "url") => "https://analytical.example",
        Some("uuid") => "0b5ce4b6-3f2f-4f0e-9c55-2f8d1f6f3c10",
        _ if name.contains("email") => "ada@analytical.example",
        _ if name.contains("first") => "Ada",
        _ if name.contains("last") && name.contains("name") => "Lovelace",
        _ if name.contains("company") => "Analytical Engines",
        _ if name.contains("phone") => "+44 20 7946 0000",
        _ if name.contains("country") => "GB",
        _ if name.contains("city") => "London",
        _ if name.contains("url") || name.contains("website") => "https://analytical.example",
        _ if name.ends_with("date") || name.ends_with("_at") => "2026-01-31",
        _ if name == "id" || name.ends_with("id") => "123",
        _ if name.contains("name") || name.contains("title") => "Example",
        _ => "text",
    };
    text.to_owned()
}

/// `value` with no more than there is room for.
fn cut(value: &Value, depth: usize, left: &mut usize) -> Value {
    *left = left.saturating_sub(1);
    match value {
        Value::String(text) => text.chars().take(LONGEST_TEXT).collect::<String>().into(),
        Value::Array(items) => {
            let few = items.iter().take(2).take_while(|_| depth < DEEPEST);
            let mut list = Vec::new();
            for item in few {
                if *left == 0 {
                    break;
                }
                list.push(cut(item, depth + 1, left));
            }
            Value::Array(list)
        }
        Value::Object(fields) => {
            let mut record = Map::new();
            for (name, field) in fields.iter().take(MOST_FIELDS) {
                if *left == 0 || depth >= DEEPEST {
                    break;
                }
                record.insert(name.clone(), cut(field, depth + 1, left));
            }
            Value::Object(record)
        }
        plain => plain.clone(),
    }
}
