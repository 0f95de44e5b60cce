//! What the run list calls a run: whom its event is about, or the event's first words.

use serde_json::Value;

/// Longest subject, in characters.
const LONGEST: usize = 80;

/// Names for the whole of a person or thing, best first.
const WHOLE: [&str; 5] = ["name", "full_name", "email", "company", "external_id"];

/// The subject of the event in a trigger's output.
pub fn of(output: &Value) -> Option<String> {
    let body = output.get("body").unwrap_or(output);
    let text =
        |name: &str| body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let person = match (text("first_name"), text("last_name")) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    };
    let subject = person.or_else(|| WHOLE.iter().find_map(|name| text(name)).map(str::to_owned));
    let subject = subject.or_else(|| first_words(body))?;
    Some(subject.chars().take(LONGEST).collect())
}

fn first_words(body: &Value) -> Option<String> {
    match body {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(fields) => fields.values().find_map(|field| match field {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_come_before_other_words() {
        for (body, subject) in [
            (json!({"id": "7", "first_name": "Ada", "last_name": "Lovelace"}), Some("Ada Lovelace")),
            (json!({"email": "ada@example.com", "first_name": " "}), Some("ada@example.com")),
            (json!({"order": 12, "note": "x"}), Some("12")),
            (json!("hello"), Some("hello")),
            (json!([1]), None),
        ] {
            assert_eq!(of(&json!({ "body": body })).as_deref(), subject, "{body}");
        }
    }
}
