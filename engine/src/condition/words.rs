//! Conditions as people say them: field names out of expressions, values shortened.

use crate::expression::Dynamic;
use serde_json::Value;

/// Longest value quoted in a sentence, in characters.
const MAX_QUOTED: usize = 60;
/// Most members of a list named in a sentence.
const MAX_LISTED: usize = 5;

/// What people call the data in `field`: `{{ steps.score.score }}` is the score.
pub(super) fn name(field: &Dynamic) -> String {
    match field {
        Dynamic::Literal(value) => value_words(value),
        Dynamic::Computed(expression) => {
            let source = expression.source().trim();
            let inner = source.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
            inner.and_then(path_name).unwrap_or_else(|| "the computed value".into())
        }
        Dynamic::List(_) | Dynamic::Record(_) => "the computed value".into(),
    }
}

/// The name of the last part of a plain path; filters behind it only clean the value.
fn path_name(inner: &str) -> Option<String> {
    let path = inner.split('|').next()?.trim();
    let filters_are_plain = inner.split('|').skip(1).all(|call| !call.contains("{{"));
    let plain = path
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '[' | ']' | '"' | '\'' | ' ' | '-'));
    if !plain || !filters_are_plain || path.contains(" - ") {
        return None;
    }
    let last = match path.strip_suffix(']') {
        Some(open) => open.rsplit('[').next()?.trim_matches(['"', '\'']),
        None => path.rsplit('.').next()?,
    };
    let quoted = path.ends_with(']');
    if last.is_empty() || (!quoted && last.contains(' ')) {
        return None;
    }
    Some(match last {
        "email" => "e-mail".into(),
        _ => last.replace('_', " "),
    })
}

/// `value` as it reads in a sentence.
pub(super) fn value_words(value: &Value) -> String {
    match value {
        Value::Null => "empty".into(),
        Value::Bool(answer) => if *answer { "yes" } else { "no" }.into(),
        Value::String(text) if text.trim().is_empty() => "empty".into(),
        Value::String(text) => shortened(text.trim()),
        Value::Array(items) if items.is_empty() => "empty".into(),
        Value::Array(items) => {
            let named = items.iter().take(MAX_LISTED).map(|item| match item {
                Value::Array(inner) if !inner.is_empty() => "a list".into(),
                other => value_words(other),
            });
            let named: Vec<String> = named.collect();
            let more = items.len() - named.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{rest}", named.join(", "))
        }
        Value::Number(number) => number.to_string(),
        Value::Object(_) => "a record".into(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Parts joined as in speech, the later ones only counted.
pub(super) fn joined(parts: &[String], by: &str) -> String {
    const MAX_SAID: usize = 3;
    let said = parts.iter().take(MAX_SAID).map(String::as_str).collect::<Vec<_>>().join(by);
    match parts.len().saturating_sub(MAX_SAID) {
        0 => said,
        more => format!("{said}{by}{more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_have_the_names_people_use() {
        for (field, expected) in [
            ("{{ steps.score.score }}", "score"),
            ("{{ trigger.body.job_title|lower }}", "job title"),
            ("{{ trigger.body['Lead Source'] }}", "Lead Source"),
            ("{{trigger.body.email}}", "e-mail"),
            ("{{ item }}", "item"),
            ("{{ a + b }}", "the computed value"),
            ("{{ a.b }} {{ c }}", "the computed value"),
            ("fixed", "fixed"),
        ] {
            assert_eq!(name(&Dynamic::compile(&json!(field)).unwrap()), expected, "{field}");
        }
    }

    #[test]
    fn long_lists_and_texts_are_cut() {
        assert_eq!(value_words(&json!([1, 2, 3, 4, 5, 6, 7])), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(value_words(&json!([[1, 2], [], "x"])), "a list, empty, x");
        assert_eq!(value_words(&json!("ä".repeat(100))).chars().count(), 61);
    }
}
