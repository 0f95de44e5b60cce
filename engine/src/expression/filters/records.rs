//! Filters between records and their JSON text.

use super::{FilterDoc, text_of, wrong};
use crate::expression::{into_text, limits};
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value as View};
use serde_json::{Value, json};

/// Longest text that is read as JSON.
const MAX_JSON_TEXT: usize = 1024 * 1024;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("from_json", from_json);
    environment.add_filter("items", items);
    environment.add_filter("tojson", to_json_text);
    environment.add_filter("string", string);
    environment.add_filter("records", records);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc =
        |name, summary, example, result: Value| FilterDoc::new("record", name, summary, example, result);
    vec![
        doc(
            "from_json",
            "The value written as JSON in a text; nothing when the text is not JSON.",
            "{{ '{\"a\": [1]}'|from_json }}",
            json!({"a": [1]}),
        ),
        doc("tojson", "The value as JSON text.", "{{ {'a': [1]}|tojson }}", "{\"a\":[1]}".into()),
        doc("string", "The value as text; lists and records as JSON.", "{{ 7|string }}", "7".into()),
        doc(
            "items",
            "The fields of a record as pairs of name and value.",
            "{{ {'a': 1}|items }}",
            json!([["a", 1]]),
        ),
        doc(
            "records",
            "A list of rows, the first of which holds names, as a list of records.",
            "{{ [['name', 'age'], ['Ada', 36]]|records }}",
            json!([{"name": "Ada", "age": 36}]),
        ),
    ]
}

fn from_json(value: &View) -> Result<View, Error> {
    let Some(text) = text_of(value)? else { return Ok(View::from(())) };
    if text.len() > MAX_JSON_TEXT {
        return Err(wrong("the text is too long to be read as JSON"));
    }
    let parsed: Option<Value> = serde_json::from_str(&text).ok();
    Ok(parsed.map_or_else(|| View::from(()), |parsed| View::from(Serde(parsed))))
}

fn items(value: &View) -> Result<View, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(View::from_iter(Vec::<View>::new()));
    }
    minijinja::filters::items(value)
}

fn records(value: &View) -> Result<View, Error> {
    let Value::Array(rows) = limits::to_json(value)? else { return Ok(View::from(())) };
    let mut rows = rows.into_iter().filter_map(|row| match row {
        Value::Array(cells) => Some(cells),
        _ => None,
    });
    let names: Vec<String> = rows.next().unwrap_or_default().into_iter().map(into_text).collect();
    let record = |cells: Vec<Value>| {
        // Rows end with their last cell that holds something.
        let cells = cells.into_iter().chain(std::iter::repeat(Value::Null));
        names.iter().cloned().zip(cells).filter(|(name, _)| !name.is_empty()).collect::<Value>()
    };
    Ok(View::from(Serde(rows.map(record).collect::<Value>())))
}

fn to_json_text(value: &View) -> Result<String, Error> {
    limits::to_json(value).map(|value| value.to_string())
}

fn string(value: &View) -> Result<String, Error> {
    limits::to_json(value).map(into_text)
}
