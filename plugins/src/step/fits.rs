//! Whether settings fit their form once everything is computed: what an expression gives, nobody saw before.

use serde_json::{Map, Value};

/// Checks `input` against the `properties` and `required` of `schema`. A text that stands where a number or a yes or no is
/// wanted is read as one, because forms and expressions give texts.
///
/// # Errors
/// What does not fit, in words.
pub(super) fn check(schema: &Value, input: &mut Map<String, Value>) -> Result<(), String> {
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if input.get(name).is_none_or(Value::is_null) {
            return Err(format!("{} is missing", title(schema, name)));
        }
    }
    let names: Vec<String> = input.keys().cloned().collect();
    for name in names {
        let Some(field) = schema["properties"].get(&name) else { continue };
        let value = &mut input[&name];
        if value.is_null() {
            input.shift_remove(&name);
            continue;
        }
        read_as(field, value);
        one(field, value).map_err(|wrong| format!("{} {wrong}", title(schema, &name)))?;
    }
    Ok(())
}

fn title<'a>(schema: &'a Value, name: &'a str) -> &'a str {
    schema["properties"][name]["title"].as_str().unwrap_or(name)
}

fn read_as(field: &Value, value: &mut Value) {
    let Value::String(text) = &*value else { return };
    let read = match field["type"].as_str() {
        Some("integer") => text.trim().parse::<i64>().ok().map(Value::from),
        Some("number") => text.trim().parse::<f64>().ok().map(Value::from),
        Some("boolean") => text.trim().parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    if let Some(read) = read {
        *value = read;
    }
}

fn one(field: &Value, value: &Value) -> Result<(), String> {
    let fits = match field["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    if !fits {
        return Err(format!("must be {}", in_words(field["type"].as_str().unwrap_or_default())));
    }
    if let Some(choices) = field.get("enum").and_then(Value::as_array)
        && !choices.contains(value)
    {
        return Err("is none of its choices".into());
    }
    let number = value.as_f64();
    let out_of = |bound: &str, is_beyond: fn(f64, f64) -> bool| {
        field
            .get(bound)
            .and_then(Value::as_f64)
            .filter(|bound| number.is_some_and(|number| is_beyond(number, *bound)))
    };
    if let Some(least) = out_of("minimum", |number, least| number < least) {
        return Err(format!("must be {least} or more"));
    }
    if let Some(most) = out_of("maximum", |number, most| number > most) {
        return Err(format!("must be {most} or less"));
    }
    let longest = field.get("maxLength").and_then(Value::as_u64);
    if longest.is_some_and(|longest| value.as_str().is_some_and(|text| text.chars().count() as u64 > longest))
    {
        return Err(format!("must have at most {} characters", longest.unwrap_or_default()));
    }
    Ok(())
}

fn in_words(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "yes or no",
        "array" => "a list",
        "object" => "a record",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(input: &Value) -> Result<Value, String> {
        let schema = json!({"type": "object", "required": ["n"], "properties": {
            "n": {"type": "integer", "title": "Number", "minimum": 1, "maximum": 10},
            "yes": {"type": "boolean"}, "list": {"type": "array"},
            "one": {"type": "string", "enum": ["a", "b"]}, "any": {"maxLength": 3},
        }});
        let mut input = input.as_object().unwrap().clone();
        check(&schema, &mut input).map(|()| Value::Object(input))
    }

    #[test]
    fn what_an_expression_gives_has_to_fit() {
        assert_eq!(
            checked(&json!({"n": " 7 ", "yes": "true", "list": null})),
            Ok(json!({"n": 7, "yes": true}))
        );
        for (input, wrong) in [
            (json!({}), "Number is missing"),
            (json!({"n": "x"}), "Number must be a whole number"),
            (json!({"n": 1.5}), "Number must be a whole number"),
            (json!({"n": 0}), "Number must be 1 or more"),
            (json!({"n": 11}), "Number must be 10 or less"),
            (json!({"n": 1, "one": "c"}), "one is none of its choices"),
            (json!({"n": 1, "list": {}}), "list must be a list"),
            (json!({"n": 1, "any": "1234"}), "any must have at most 3 characters"),
        ] {
            assert_eq!(checked(&input), Err(wrong.to_owned()));
        }
    }
}
