//! Whether a document goes by an own field.

use serde_json::Value;

/// The keys under which rules, views and import settings name fields.
const NAMING: [&str; 5] = ["field", "columns", "sort", "key", "dates"];

/// Whether a rule, a view or the settings of an import name the field `name`.
#[must_use]
pub fn is_mentioned(name: &str, document: &Value) -> bool {
    let path = format!("fields.{name}");
    mentions(document, "", &|key, text| NAMING.contains(&key) && (text == name || text == path))
}

/// Whether a workflow writes or reads the field `name`: a step fills it, or an expression names it.
#[must_use]
pub fn is_written_of(name: &str, document: &Value) -> bool {
    is_mentioned(name, document)
        || mentions(document, "", &|_, text| is_in_expression(name, text))
        || fills(name, document)
}

fn mentions(document: &Value, key: &str, is_it: &dyn Fn(&str, &str) -> bool) -> bool {
    match document {
        Value::String(text) => is_it(key, text),
        Value::Array(items) => items.iter().any(|item| mentions(item, key, is_it)),
        Value::Object(parts) => parts.iter().any(|(key, part)| mentions(part, key, is_it)),
        _ => false,
    }
}

/// Whether some record under `fields` has an entry called so.
fn fills(name: &str, document: &Value) -> bool {
    match document {
        Value::Array(items) => items.iter().any(|item| fills(name, item)),
        Value::Object(parts) => {
            parts.iter().any(|(key, part)| (key == "fields" && part.get(name).is_some()) || fills(name, part))
        }
        _ => false,
    }
}

/// Whether `text` reads the field: `lead.fields.plan` or `lead.fields["plan"]`.
fn is_in_expression(name: &str, text: &str) -> bool {
    let quoted = ['"', '\''].iter().any(|quote| text.contains(&format!("fields[{quote}{name}{quote}]")));
    let dotted = format!("fields.{name}");
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    quoted || text.match_indices(&dotted).any(|(at, found)| !text[at + found.len()..].starts_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_and_views_are_read_by_where_they_name_fields() {
        for document in [
            json!({ "rule": { "all": [{ "field": "plan", "op": "equals", "value": "pro" }] } }),
            json!({ "columns": ["company", "fields.plan"] }),
            json!({ "columns": [{ "column": "Plan", "field": "plan" }] }),
        ] {
            assert!(is_mentioned("plan", &document), "{document}");
        }
        let other = json!({ "rule": { "field": "industry", "op": "equals", "value": "plan" } });
        assert!(!is_mentioned("plan", &other), "a value is not a field");
    }

    #[test]
    fn workflows_are_read_by_what_they_fill_and_what_their_expressions_name() {
        for document in [
            json!({ "steps": [{ "config": { "fields": { "plan": "pro" } } }] }),
            json!({ "steps": [{ "config": { "text": "{{ steps.find.lead.fields.plan | upper }}" } }] }),
            json!({ "steps": [{ "config": { "text": "{{ lead.fields['plan'] }}" } }] }),
        ] {
            assert!(is_written_of("plan", &document), "{document}");
        }
        let other = json!({ "steps": [{ "config": { "text": "{{ lead.fields.plan_b }} plan" } }] });
        assert!(!is_written_of("plan", &other));
    }
}
