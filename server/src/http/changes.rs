//! What differs between two versions of a document, in plain sentences.

use serde_json::Value;
use trunkline_engine::document::{Document, Edge, Step, Steps};

/// Most sentences; the rest is counted.
const MOST: usize = 50;
/// Longest value shown, in characters.
const LONGEST: usize = 60;

/// The differences from `old` to `new`; the first version has its steps counted.
#[must_use]
pub fn between(old: Option<&Document>, new: &Document) -> Vec<String> {
    let Some(old) = old else {
        let count = new.steps.len();
        let steps = if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
        return vec![format!("First version, with {steps}")];
    };
    let mut changes = Vec::new();
    if old.name != new.name {
        changes.push(format!("Name \"{}\" -> \"{}\"", old.name, new.name));
    }
    graph(&old.steps, &old.edges, &new.steps, &new.edges, &mut changes);
    if old.vars != new.vars {
        changes.push("Constants changed".into());
    }
    if old.settings.keep_days != new.settings.keep_days {
        let (before, after) = (old.settings.keep_days, new.settings.keep_days);
        changes.push(format!("Days runs are kept {before} -> {after}"));
    }
    if changes.len() > MOST {
        let more = changes.len() - MOST;
        changes.truncate(MOST);
        changes.push(format!("and {more} more changes"));
    }
    changes
}

fn graph(old: &Steps, old_edges: &[Edge], new: &Steps, new_edges: &[Edge], changes: &mut Vec<String>) {
    for (id, step) in new {
        match old.get(id) {
            None => changes.push(format!("Added \"{}\"", title(id, step))),
            Some(before) => step_changes(id, before, step, changes),
        }
    }
    for (id, step) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        changes.push(format!("Removed \"{}\"", title(id, step)));
    }
    let name = |steps: &Steps, id: &str| {
        steps.get(id).map_or_else(|| id.to_owned(), |step| title(id, step).to_owned())
    };
    for edge in new_edges.iter().filter(|edge| !old_edges.contains(edge)) {
        changes.push(format!("Connected \"{}\" to \"{}\"", name(new, &edge.from), name(new, &edge.to)));
    }
    for edge in old_edges.iter().filter(|edge| !new_edges.contains(edge)) {
        // The arrows of a removed step go without saying.
        if new.contains_key(&edge.from) && new.contains_key(&edge.to) {
            changes.push(format!(
                "Disconnected \"{}\" from \"{}\"",
                name(new, &edge.from),
                name(new, &edge.to)
            ));
        }
    }
}

fn title<'a>(id: &'a str, step: &'a Step) -> &'a str {
    if step.title.is_empty() { id } else { &step.title }
}

fn step_changes(id: &str, old: &Step, new: &Step, changes: &mut Vec<String>) {
    let name = title(id, new);
    if old.title != new.title {
        changes.push(format!("Renamed \"{}\" to \"{name}\"", title(id, old)));
    }
    if old.kind != new.kind {
        changes.push(format!("\"{name}\" is another kind of step now"));
    }
    if old.disabled != new.disabled {
        changes.push(format!("Switched \"{name}\" {}", if new.disabled { "off" } else { "on" }));
    }
    settings(name, "", &old.config, &new.config, changes);
    if old.retry != new.retry || old.timeout_seconds != new.timeout_seconds || old.on_error != new.on_error {
        changes.push(format!("\"{name}\": what happens on errors"));
    }
    if let (Some(old), Some(new)) = (&old.body, &new.body) {
        graph(&old.steps, &old.edges, &new.steps, &new.edges, changes);
    }
}

fn settings(name: &str, field: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    match (old, new) {
        _ if old == new => {}
        _ if is_secret(field) => changes.push(format!("\"{name}\": {field} was changed")),
        (Value::Object(before), Value::Object(after)) => {
            let keys = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
            for key in keys {
                let inner = if field.is_empty() { words(key) } else { format!("{field}, {}", words(key)) };
                let (before, after) = (before.get(key), after.get(key));
                settings(
                    name,
                    &inner,
                    before.unwrap_or(&Value::Null),
                    after.unwrap_or(&Value::Null),
                    changes,
                );
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (place, (before, after)) in before.iter().zip(after).enumerate() {
                settings(name, &format!("{field} {}", place + 1), before, after, changes);
            }
        }
        _ => changes.push(format!("\"{name}\": {field} {} -> {}", shown(old), shown(new))),
    }
}

/// Whether the setting may hold what nobody is to read here, by the last word of its name.
fn is_secret(field: &str) -> bool {
    let last = field.rsplit(", ").next().unwrap_or(field);
    ["secret", "token", "password"].contains(&last) || field.ends_with("auth, value")
}

fn words(key: &str) -> String {
    key.replace('_', " ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Array(items) => format!("{} entries", items.len()),
        Value::Object(_) => "a record".into(),
        Value::String(text) => {
            let mut short: String = text.chars().take(LONGEST).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            short
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(threshold: u32, extra: bool) -> Document {
        let mut steps = json!({
            "start": {"kind": "manual", "title": "Start", "config": {}},
            "hot": {"kind": "if", "title": "Hot?", "config": {"condition": {"value": threshold}}}
        });
        if extra {
            steps["end"] = json!({"kind": "stop", "title": "The end", "config": {}});
        }
        serde_json::from_value(
            json!({"format": 1, "name": "x", "steps": steps, "edges": [{"from": "start", "to": "hot"}]}),
        )
        .unwrap()
    }

    #[test]
    fn secrets_are_in_no_sentence() {
        let of = |config: serde_json::Value| -> Document {
            let steps = json!({"start": {"kind": "webhook", "title": "Start", "config": config}});
            serde_json::from_value(json!({"format": 1, "name": "x", "steps": steps})).unwrap()
        };
        for (field, words) in [("token", "auth, token"), ("value", "auth, value"), ("secret", "auth, secret")]
        {
            let (old, new) = (json!({"auth": {field: "canary1"}}), json!({"auth": {field: "canary2"}}));
            let said = between(Some(&of(old)), &of(new));
            assert_eq!(said, [format!("\"Start\": {words} was changed")]);
        }
    }

    #[test]
    fn changes_read_like_sentences() {
        assert_eq!(between(None, &document(65, false)), ["First version, with 2 steps"]);
        assert_eq!(
            between(Some(&document(65, false)), &document(60, true)),
            ["\"Hot?\": condition, value 65 -> 60", "Added \"The end\""]
        );
        assert_eq!(between(Some(&document(65, true)), &document(65, false)), ["Removed \"The end\""]);
        assert!(between(Some(&document(1, true)), &document(1, true)).is_empty());
    }
}
