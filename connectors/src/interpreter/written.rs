//! Lists and records where only texts can stand: in an address and in a form.

use crate::manifest::written::Written;
use serde_json::Value;
use trunkline_engine::expression::into_text;

/// Writes `value` under `name` as `written` says.
pub(super) fn write(name: &str, value: Value, written: Written, into: &mut Vec<(String, String)>) {
    let joined = |items: Vec<Value>, by: &str| items.into_iter().map(into_text).collect::<Vec<_>>().join(by);
    let text = match (written, value) {
        (Written::Comma, Value::Array(items)) => joined(items, ","),
        (Written::Space, Value::Array(items)) => joined(items, " "),
        (Written::Pipe, Value::Array(items)) => joined(items, "|"),
        (Written::Repeat, Value::Array(items)) => {
            return into.extend(items.into_iter().map(|item| (name.to_owned(), into_text(item))));
        }
        (Written::Deep, Value::Array(items)) => {
            let inner = items.into_iter().enumerate();
            return inner.for_each(|(at, item)| write(&format!("{name}[{at}]"), item, written, into));
        }
        (Written::Deep, Value::Object(fields)) => {
            let inner = fields.into_iter().filter(|(_, field)| !field.is_null());
            return inner.for_each(|(field, item)| write(&format!("{name}[{field}]"), item, written, into));
        }
        (Written::Fields, Value::Object(fields)) => {
            let inner = fields.into_iter().filter(|(_, field)| !field.is_null());
            return inner.for_each(|(field, item)| write(&field, item, Written::Comma, into));
        }
        (Written::Json, value @ (Value::Array(_) | Value::Object(_))) => value.to_string(),
        (_, value) => into_text(value),
    };
    into.push((name.to_owned(), text));
}
