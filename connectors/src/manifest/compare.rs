//! What changes when one manifest takes the place of another, in words for the person who decides.

use super::read::value_of;
use serde::Serialize;
use serde_json::{Map, Value};

/// What changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Actions that are new.
    pub added: Vec<ActionNote>,
    /// Actions that go. Steps that use them no longer pass once their workflow is published again.
    pub removed: Vec<ActionNote>,
    /// Actions that are another.
    pub changed: Vec<ActionNote>,
    /// Hosts that would get the credentials and do not get them now.
    pub new_hosts: Vec<String>,
    /// What else changes.
    pub other: Vec<String>,
}

/// An action of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionNote {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What changes.
    pub changes: Vec<String>,
    /// Whether steps that use it have to be looked at.
    pub breaks: bool,
}

impl Difference {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In plain sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.added.iter().map(|action| format!("\"{}\" was added.", action.title)));
        all.extend(self.removed.iter().map(|action| format!("\"{}\" was removed.", action.title)));
        for action in &self.changed {
            all.push(format!("\"{}\": {}.", action.title, action.changes.join(", ")));
        }
        all.extend(self.new_hosts.iter().map(|host| format!("Credentials go to {host}, too.")));
        all.extend(self.other.iter().cloned());
        all
    }
}

/// What changes from the text of one manifest to the text of another. Of a text that is no manifest, nothing is known.
#[must_use]
pub fn compare(old: &str, new: &str) -> Difference {
    let (old, new) = (value_of(old).unwrap_or_default(), value_of(new).unwrap_or_default());
    let mut difference = Difference::default();
    let nothing = Map::new();
    let actions =
        |value: &'_ Value| value.get("actions").and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (actions(&old), actions(&new));
    for (name, action) in &after {
        match before.get(name) {
            None => difference.added.push(note(name, action, Vec::new(), false)),
            Some(known) => {
                let (changes, breaks) = of_action(known, action);
                if !changes.is_empty() {
                    difference.changed.push(note(name, action, changes, breaks));
                }
            }
        }
    }
    for (name, action) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        difference.removed.push(note(name, action, Vec::new(), true));
    }
    let known = reached(&old);
    difference.new_hosts = reached(&new).into_iter().filter(|host| !known.contains(host)).collect();
    let (old, new) = (old.as_object().unwrap_or(&nothing), new.as_object().unwrap_or(&nothing));
    for (field, words) in [
        ("name", "Its name is another."),
        ("base_url", "The address of the API is another."),
        ("auth", "How it is signed in to is another."),
        ("settings", "What is asked when it is connected is another."),
        ("limits", "How hard it is called is another."),
        ("faults", "What errors mean is another."),
        ("says", "Where errors are read from is another."),
        ("headers", "Headers of every request are others."),
        ("test", "The action that tests a connection is another."),
        ("triggers", "What can start a workflow is another."),
    ] {
        if old.get(field) != new.get(field) {
            difference.other.push(words.to_owned());
        }
    }
    difference
}

/// All hosts that get the credentials, or what tokens are asked with.
fn reached(value: &Value) -> Vec<String> {
    let texts = |list: Option<&Value>| -> Vec<String> {
        list.and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut hosts = texts(value.get("hosts"));
    // Whoever connected an account may have named hosts in it.
    let named = value.get("host_setting").and_then(Value::as_str);
    hosts.extend(named.map(|setting| format!("settings.{setting}")));
    for auth in value.get("auth").and_then(Value::as_array).into_iter().flatten() {
        hosts.extend(texts(auth.pointer("/grant/token_hosts")));
    }
    hosts
}

fn note(name: &str, action: &Value, changes: Vec<String>, breaks: bool) -> ActionNote {
    let title = action.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
    ActionNote { name: name.to_owned(), title, changes, breaks }
}

/// What changes of an action, and whether steps that use it have to be looked at.
fn of_action(old: &Value, new: &Value) -> (Vec<String>, bool) {
    let (mut changes, mut breaks) = (Vec::new(), false);
    let properties = |action: &Value| {
        action.pointer("/input/properties").and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let required = |action: &Value, name: &str| {
        action
            .pointer("/input/required")
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|one| one == name))
    };
    let (before, after) = (properties(old), properties(new));
    for (name, schema) in &after {
        let title = schema.get("title").and_then(Value::as_str).unwrap_or(name);
        let is_needed = required(new, name);
        match before.get(name) {
            None => {
                breaks |= is_needed;
                let must = if is_needed { " and must be given" } else { "" };
                changes.push(format!("the input {title} is new{must}"));
            }
            Some(known) => {
                if is_needed && !required(old, name) {
                    breaks = true;
                    changes.push(format!("the input {title} must be given now"));
                }
                if known.get("type") != schema.get("type") {
                    breaks = true;
                    let kind = |schema: &Value| {
                        schema.get("type").and_then(Value::as_str).unwrap_or("any").to_owned()
                    };
                    changes.push(format!("the input {title} is {} instead of {}", kind(schema), kind(known)));
                } else if known.get("enum") != schema.get("enum") {
                    changes.push(format!("the choices of {title} are others"));
                }
            }
        }
    }
    for (name, schema) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        breaks = true;
        let title = schema.get("title").and_then(Value::as_str).unwrap_or(name);
        changes.push(format!("the input {title} is gone"));
    }
    for (field, words) in [
        ("title", "its title is another"),
        ("request", "what is sent is another"),
        ("output", "what it puts out is another"),
        ("paging", "how its pages are read is another"),
        ("write", "what it promises is another"),
        ("faults", "what its errors mean is another"),
    ] {
        if old.get(field) != new.get(field) {
            changes.push(words.to_owned());
        }
    }
    (changes, breaks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(hosts: &str, actions: &str) -> String {
        format!(
            "name: Acme\nhosts: [{hosts}]\nauth: [{{ id: o, grant: {{ token_hosts: [login.acme.example] }} }}]\nactions:\n{actions}"
        )
    }

    #[test]
    fn what_changes_is_said() {
        let old = manifest(
            "api.acme.example",
            "  find: { title: Find, input: { properties: { id: { type: string, title: ID }, old: { type: string, title: Old } } } }\n  gone: { title: Gone }\n",
        );
        assert!(compare(&old, &old).is_empty());
        let new = manifest(
            "api.acme.example, eu.acme.example",
            "  find: { title: Find, input: { properties: { id: { type: integer, title: ID }, new: { type: string, title: New } }, required: [new] } }\n  add: { title: Add, write: { repeat: uncertain } }\n",
        );
        let found = compare(&old, &new);
        assert_eq!(found.added[0].name, "add");
        assert_eq!(found.removed[0].name, "gone");
        assert_eq!(found.new_hosts, ["eu.acme.example"]);
        let changed = &found.changed[0];
        assert!(changed.breaks);
        assert_eq!(
            changed.changes,
            [
                "the input ID is integer instead of string",
                "the input New is new and must be given",
                "the input Old is gone"
            ]
        );
        let token = old.replace("login.acme.example", "evil.example");
        assert_eq!(compare(&old, &token).new_hosts, ["evil.example"], "tokens are asked with a secret, too");
        let open = format!("{old}host_setting: site\n");
        assert_eq!(compare(&old, &open).new_hosts, ["settings.site"], "a setting may name any host");
        assert_eq!(found.sentences().len(), 4);
    }
}
