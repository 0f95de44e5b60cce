//! What a step gives, made what the action's schema says: present, of its type, one of its choices.

use super::failures;
use crate::manifest::action::Input;
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;

/// `given` in the types of `input`; what is empty counts as not given.
///
/// # Errors
/// `CONN-0002` for what is missing or has another type.
pub(crate) fn settle(input: &Input, given: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let mut given = given;
    let mut settled = Map::with_capacity(input.properties.len());
    for (name, schema) in &input.properties {
        let value = given.shift_remove(name).filter(|value| !is_empty(value));
        let value = value.or_else(|| schema.get("default").cloned());
        let title = schema.get("title").and_then(Value::as_str).unwrap_or(name);
        let Some(value) = value else {
            if input.required.contains(name) {
                return Err(failures::missing(title));
            }
            continue;
        };
        let mut value = typed(value, schema, title)?;
        // A record none of whose fields is filled was not given.
        if let Some(properties) = schema.get("properties").and_then(Value::as_object)
            && is_unfilled(&value, schema)
        {
            if !input.required.contains(name) {
                continue;
            }
            value = Value::Object(completed(Map::new(), properties, schema)?);
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array)
            && !choices.contains(&value)
        {
            let choices = choices.iter().map(|choice| choice.as_str().unwrap_or_default());
            return Err(failures::wrong_type(
                title,
                &format!("one of {}", choices.collect::<Vec<_>>().join(", ")),
            ));
        }
        settled.insert(name.clone(), value);
    }
    Ok(settled)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn typed(value: Value, schema: &Value, title: &str) -> Result<Value, Failure> {
    let wrong = |wanted: &str| failures::wrong_type(title, wanted);
    match schema.get("type").and_then(Value::as_str).unwrap_or_default() {
        "string" => match value {
            Value::String(_) => Ok(value),
            Value::Number(_) | Value::Bool(_) => Ok(value.to_string().into()),
            _ => Err(wrong("a text")),
        },
        "integer" => whole(&value).map(Value::from).ok_or_else(|| wrong("a whole number")),
        "number" => match &value {
            Value::Number(_) => Ok(value),
            Value::String(text) => {
                let number = text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64);
                number.map(Value::Number).ok_or_else(|| wrong("a number"))
            }
            _ => Err(wrong("a number")),
        },
        "boolean" => match &value {
            Value::Bool(_) => Ok(value),
            Value::String(text) if text.trim() == "true" => Ok(true.into()),
            Value::String(text) if text.trim() == "false" => Ok(false.into()),
            _ => Err(wrong("yes or no")),
        },
        "array" => {
            let Value::Array(items) = value else { return Err(wrong("a list")) };
            match schema.get("items") {
                Some(items_schema) if items_schema.get("type").is_some() => {
                    items.into_iter().map(|item| typed(item, items_schema, title)).collect()
                }
                _ => Ok(Value::Array(items)),
            }
        }
        "object" => {
            let Value::Object(fields) = value else { return Err(wrong("a record of fields")) };
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                return record(fields, properties, schema).map(Value::Object);
            }
            let Some(field_schema) = schema.get("additionalProperties").filter(|schema| schema.is_object())
            else {
                return Ok(Value::Object(fields));
            };
            // A field that is empty on purpose empties it in the app.
            let typed_field = |(name, value): (String, Value)| match value {
                Value::Null => Ok((name, Value::String(String::new()))),
                value => Ok((name, typed(value, field_schema, title)?)),
            };
            fields.into_iter().map(typed_field).collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        _ => Ok(value),
    }
}

/// A record whose fields are described; nothing when none of them is filled. Those that are not described stay.
fn record(
    fields: Map<String, Value>,
    properties: &Map<String, Value>,
    schema: &Value,
) -> Result<Map<String, Value>, Failure> {
    let mut given = fields;
    let mut settled = Map::with_capacity(given.len());
    for (name, inner) in properties {
        let Some(value) = given.shift_remove(name).filter(|value| !is_empty(value)) else { continue };
        let title = inner.get("title").and_then(Value::as_str).unwrap_or(name);
        let value = typed(value, inner, title)?;
        if !is_unfilled(&value, inner) {
            settled.insert(name.clone(), value);
        }
    }
    if settled.is_empty() && given.is_empty() {
        return Ok(settled);
    }
    settled.extend(given);
    completed(settled, properties, schema)
}

/// A record with what stands for empty fields, and everything that must be there.
fn completed(
    settled: Map<String, Value>,
    properties: &Map<String, Value>,
    schema: &Value,
) -> Result<Map<String, Value>, Failure> {
    let mut settled = settled;
    let required = schema.get("required").and_then(Value::as_array);
    let is_needed = |name: &str| required.is_some_and(|names| names.iter().any(|needed| needed == name));
    for (name, inner) in properties {
        if settled.contains_key(name) {
            continue;
        }
        if let Some(default) = inner.get("default") {
            settled.insert(name.clone(), default.clone());
        } else if is_needed(name) {
            let inner_fields = inner.get("properties").and_then(Value::as_object);
            let Some(inner_fields) = inner_fields else {
                return Err(failures::missing(inner.get("title").and_then(Value::as_str).unwrap_or(name)));
            };
            settled.insert(name.clone(), Value::Object(completed(Map::new(), inner_fields, inner)?));
        }
    }
    Ok(settled)
}

/// Whether `value` is a record of described fields of which none is filled.
fn is_unfilled(value: &Value, schema: &Value) -> bool {
    schema.get("properties").is_some() && value.as_object().is_some_and(Map::is_empty)
}

/// `value` as a whole number, also when it is written as text.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
