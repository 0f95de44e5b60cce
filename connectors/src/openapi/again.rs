//! A document of an app that is a connector already: what was chosen of an earlier one, read out of the manifest that came
//! of it, whoever wrote it and whatever was corrected in it by hand.

use super::build::{Choice, ChosenOperation};
use super::survey::{FoundOperation, Survey};
use crate::manifest::value_of;
use serde_json::Value;

impl Choice {
    /// What a person chose whose connector is `manifest`, as far as `survey` still offers it. Nothing of a text that is no
    /// manifest.
    #[must_use]
    pub fn like(manifest: &str, survey: &Survey) -> Option<Self> {
        let value = value_of(manifest)?;
        let actions = value.get("actions")?.as_object()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts = |name: &str| -> Vec<String> {
            let list = value.get(name).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let list = |name: &str| value.get(name).and_then(Value::as_array).cloned();
        let operations: Vec<ChosenOperation> =
            actions.iter().filter_map(|(name, action)| chosen(name, action, survey)).collect();
        let test = value.pointer("/test/action").and_then(Value::as_str).unwrap_or_default();
        Some(Self {
            id: text("id"),
            name: text("name"),
            version: text("version"),
            summary: text("summary"),
            shelf: text("shelf"),
            base_url: text("base_url"),
            hosts: texts("hosts"),
            settings: value.get("settings").and_then(Value::as_object).cloned().unwrap_or_default(),
            auth: list("auth").unwrap_or_default(),
            says: text("says"),
            faults: Some(list("faults").unwrap_or_default()),
            limits: value.get("limits").cloned(),
            // One whose action is gone is found anew.
            test: if operations.iter().any(|chosen| chosen.name == test) {
                test.into()
            } else {
                String::new()
            },
            operations,
        })
    }
}

/// The operation that an action is, with what differs from its guesses.
fn chosen(name: &str, action: &Value, survey: &Survey) -> Option<ChosenOperation> {
    let method = action.pointer("/request/method").and_then(Value::as_str).unwrap_or("GET");
    let path = action.pointer("/request/path").and_then(Value::as_str).unwrap_or_default();
    let at = |operation: &&FoundOperation| {
        let (known, template) = operation.key.split_once(' ').unwrap_or_default();
        known.eq_ignore_ascii_case(method) && shape(template) == shape(path)
    };
    let operations = || survey.operations.iter().filter(|operation| operation.unsupported.is_none());
    let operation =
        operations().find(at).or_else(|| operations().find(|operation| operation.name == name))?;
    let or_null = |field: &str| action.get(field).cloned().unwrap_or_default();
    let corrected = |now: Value, guess: &Value, nothing: &str| match (now == *guess, now) {
        (true, _) => None,
        (false, Value::Null) => Some(nothing.into()),
        (false, now) => Some(now),
    };
    let title = action.get("title").and_then(Value::as_str).unwrap_or_default();
    Some(ChosenOperation {
        key: operation.key.clone(),
        name: name.to_owned(),
        title: if title == operation.title { String::new() } else { title.to_owned() },
        write: corrected(or_null("write"), &operation.write, "reads"),
        paging: corrected(or_null("paging"), &operation.paging, "none"),
    })
}

/// A path without the names of what stands in it, which documents and manifests write differently.
fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut depth = 0_usize;
    for letter in path.split('?').next().unwrap_or_default().trim_start_matches('/').chars() {
        match letter {
            '{' => {
                if depth == 0 {
                    shape.push('*');
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            letter if depth == 0 => shape.push(letter),
            _ => {}
        }
    }
    shape
}

/// `1.2.9` is followed by `1.3.0`; what is no such version stays.
#[must_use]
pub fn next_version(version: &str) -> String {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([first, second, _]) => format!("{first}.{}.0", second + 1),
        _ => version.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::read;
    use serde_json::{Map, json};

    fn document(more: &[(&str, &str)]) -> crate::openapi::Document {
        let mut paths = Map::new();
        for (path, method) in more {
            let list = json!({ "type": "array", "items": { "type": "object" } });
            paths.entry(*path).or_insert(json!({}))[*method] = json!({
                "parameters": [{ "name": "page", "in": "query", "schema": { "type": "integer" } }],
                "responses": { "200": { "content": { "application/json": { "schema": list } } } },
            });
        }
        let whole = json!({
            "openapi": "3.0.0", "info": { "title": "Acme" }, "servers": [{ "url": "https://api.acme.example" }],
            "paths": paths,
        });
        read(&whole.to_string(), None).unwrap()
    }

    #[test]
    fn what_was_chosen_is_chosen_again() {
        let first =
            document(&[("/people/{id}", "get"), ("/people", "get"), ("/people", "post"), ("/old", "get")]);
        let survey = first.survey();
        let mut choice = Choice::usual(&survey, None);
        choice.operations[0].title = "Look somebody up".into();
        choice.operations[1].paging = Some("none".into());
        choice.operations[2].write = Some(json!({ "repeat": "harmless" }));
        choice.limits = Some(json!({ "at_once": 2 }));
        let made = first.draft(&choice).unwrap();
        let corrected = made.yaml.replace("get_old", "read_old");
        let second =
            document(&[("/people/{key}", "get"), ("/people", "get"), ("/people", "post"), ("/new", "get")]);
        let again = Choice::like(&corrected, &second.survey()).unwrap();
        let keys: Vec<_> =
            again.operations.iter().map(|chosen| (chosen.key.as_str(), chosen.name.as_str())).collect();
        assert_eq!(
            keys,
            [
                ("GET /people/{key}", "get_people_id"),
                ("GET /people", "get_people"),
                ("POST /people", "post_people")
            ]
        );
        assert_eq!(again.operations[0].title, "Look somebody up");
        assert_eq!(again.operations[1].paging, Some("none".into()));
        assert_eq!(again.operations[2].write, Some(json!({ "repeat": "harmless" })));
        assert_eq!(again.operations[2].paging, None, "what was guessed is guessed again");
        assert_eq!((again.base_url.as_str(), again.limits), ("https://api.acme.example", choice.limits));
        assert!(second.draft(&Choice::like(&made.yaml, &second.survey()).unwrap()).is_ok());
        assert_eq!(Choice::like("nothing", &survey), None);
    }

    #[test]
    fn versions_are_counted_on() {
        assert_eq!(next_version("1.2.9"), "1.3.0");
        assert_eq!(next_version("2026-01"), "2026-01");
    }
}
