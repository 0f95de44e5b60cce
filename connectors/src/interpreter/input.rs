//! What a step gives, made what the action's schema says: present, of its type, one of its choices.

use super::failures;
use crate::manifest::action::Input;
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;

/// `given` in the types of `input`; what is empty counts as not given.
///
/// # Errors
/// `CONN-0002` for what is missing or has another type.
pub(super) fn settle(input: &Input, given: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
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
        let value = typed(value, schema, title)?;
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

/// `value` as a whole number, also when it is written as text.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
