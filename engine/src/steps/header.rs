//! HTTP headers in settings: ordered names with text that may hold expressions.

use super::problem;
use crate::expression::{Scope, Template};
use crate::failure::Failure;
use crate::kind::ConfigProblem;
use schemars::JsonSchema;
use serde::Deserialize;

/// Longest value of a header, in bytes.
const MAX_VALUE: usize = 8 * 1024;

/// One header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// Name of the header, such as `X-Source`.
    pub(super) name: String,
    /// Its value.
    #[serde(default)]
    pub(super) value: Template,
}

/// What is wrong with the names in `headers`, which stand in the settings field `field`.
pub(super) fn check(headers: &[Header], field: &str) -> Vec<ConfigProblem> {
    let bad = headers.iter().enumerate().filter(|(_, header)| !is_name(&header.name));
    bad.map(|(at, header)| {
        let message = format!("\"{}\" cannot be the name of a header", header.name);
        problem(
            "DOC-0026",
            format!("{field}/{at}/name"),
            message,
            "Use letters, digits and hyphens, for example X-Source.",
        )
    })
    .collect()
}

/// The headers with every expression computed; those without a value are left out.
///
/// # Errors
/// `RUN-0104` when data would break the header apart.
pub(super) fn read(headers: &[Header], scope: &Scope) -> Result<Vec<(String, String)>, Failure> {
    let mut lines = Vec::with_capacity(headers.len());
    for header in headers {
        let value = header.value.text(scope)?;
        if !value.trim().is_empty() {
            lines.push((header.name.trim().to_owned(), line(&header.name, &value)?));
        }
    }
    Ok(lines)
}

/// `value` as one line of the header `name`.
///
/// # Errors
/// `RUN-0104` when it holds a line break or another control character, or is too long.
pub(super) fn line(name: &str, value: &str) -> Result<String, Failure> {
    let value = value.trim();
    if value.len() > MAX_VALUE || value.chars().any(char::is_control) {
        return Err(Failure::bad_input(
            "RUN-0104",
            format!(
                "the value of the header {name} has line breaks or other characters no header may hold, or is too long"
            ),
            "Clean the data that goes into the header, or send it in the body.",
        ));
    }
    Ok(value.to_owned())
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_cannot_add_a_header() {
        let headers: Vec<Header> = serde_json::from_value(json!([
            {"name": "X-Name", "value": "{{ trigger.name }}"}, {"name": "X-Empty", "value": "{{ trigger.none }}"}
        ]))
        .unwrap();
        let good = read(&headers, &Scope::sample(&json!({"trigger": {"name": " Ada "}}))).unwrap();
        assert_eq!(good, [("X-Name".to_owned(), "Ada".to_owned())]);
        let bad = read(&headers, &Scope::sample(&json!({"trigger": {"name": "Ada\r\nX-Admin: 1"}})));
        assert_eq!(bad.unwrap_err().code, "RUN-0104");
    }

    #[test]
    fn names_are_tokens() {
        let headers: Vec<Header> =
            serde_json::from_value(json!([{"name": "A B"}, {"name": "X-Ok"}, {"name": ""}])).unwrap();
        let problems = check(&headers, "/headers");
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["/headers/0/name", "/headers/2/name"]);
    }
}
