//! From chosen operations to the text of a manifest that passes the manifest's own check.

use super::auth::{self};
use super::operation::{self, Operation};
use super::plan::{Plan, plan};
use super::survey::Survey;
use super::walk::{BUDGET, Problem, Walk};
use super::{Document, MOST_CHOSEN, example, names};
use crate::manifest::action::Action;
use crate::manifest::{Manifest, Refused};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Calls at the same time to an app that says nothing of it.
const AT_ONCE: u32 = 8;

/// What a person chose of a document, and what they confirmed or corrected of the guesses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The connector's name in documents.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its version, such as `1.0.0`.
    #[serde(default)]
    pub version: String,
    /// What it is for, in one sentence.
    #[serde(default)]
    pub summary: String,
    /// Its shelf in the gallery.
    #[serde(default)]
    pub shelf: String,
    /// Where the API lives; may use `settings`.
    pub base_url: String,
    /// The hosts that get the credentials; those of `base_url` when none are named.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What is asked when it is connected.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// The ways to sign in, as a manifest says them.
    pub auth: Vec<Value>,
    /// What errors say, as an expression; guessed when empty.
    #[serde(default)]
    pub says: String,
    /// What errors mean, as rules of a manifest; guessed when absent.
    #[serde(default)]
    pub faults: Option<Vec<Value>>,
    /// How hard it may be called, as a manifest says it; carefully when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Value>,
    /// The action that shows whether a connection works; found when empty.
    #[serde(default)]
    pub test: String,
    /// The operations.
    pub operations: Vec<ChosenOperation>,
}

/// A chosen operation. What is absent is guessed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenOperation {
    /// Method and path.
    pub key: String,
    /// The action's name in documents.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What a write promises, as a manifest says it, or `"reads"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<Value>,
    /// How its list comes in pages, as a manifest says it, or `"none"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paging: Option<Value>,
}

/// A manifest made of a document.
#[derive(Debug)]
pub struct Draft {
    /// Its text.
    pub yaml: String,
    /// The manifest.
    pub manifest: Manifest,
    /// What was left out, and why.
    pub problems: Vec<Problem>,
}

/// Why no manifest came of a choice.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// No operation was chosen.
    #[error("choose at least one operation")]
    Nothing,
    /// More were chosen than a connector may have.
    #[error("a connector has at most {MOST_CHOSEN} operations; {0} are chosen")]
    TooMany(usize),
    /// The document has no such operation.
    #[error("the document has no operation {0}")]
    Unknown(String),
    /// None of those that were chosen can be used.
    #[error("none of the chosen operations can be used: {0}")]
    Unusable(String),
    /// The address leads to no known host.
    #[error("the address {0} is none, or the host it leads to is not known; write it out")]
    Address(String),
    /// What was confirmed or corrected does not make a manifest.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Choice {
    /// What is chosen when a person takes the guesses as they are, with the operations `keys`; every usable one without.
    #[must_use]
    pub fn usual(survey: &Survey, keys: Option<&[String]>) -> Self {
        let server = survey.servers.first();
        let chosen = survey.operations.iter().filter(|operation| match keys {
            Some(keys) => keys.contains(&operation.key),
            None => operation.unsupported.is_none(),
        });
        Self {
            id: survey.id.clone(),
            name: survey.title.clone(),
            version: "1.0.0".into(),
            summary: survey.summary.clone(),
            shelf: "other".into(),
            base_url: server.map(|server| server.url.clone()).unwrap_or_default(),
            hosts: server.map(|server| server.hosts.clone()).unwrap_or_default(),
            settings: server.map(|server| server.settings.clone()).unwrap_or_default(),
            auth: survey.auth.iter().map(|way| way.auth.clone()).collect(),
            says: survey.says.clone(),
            faults: Some(survey.faults.clone()),
            limits: None,
            test: String::new(),
            operations: chosen
                .map(|operation| ChosenOperation { key: operation.key.clone(), ..ChosenOperation::default() })
                .collect(),
        }
    }
}

impl Document {
    /// The manifest of what was chosen.
    ///
    /// # Errors
    /// When nothing usable was chosen, or what was corrected makes no manifest.
    pub fn draft(&self, choice: &Choice) -> Result<Draft, DraftError> {
        match choice.operations.len() {
            0 => return Err(DraftError::Nothing),
            1..=MOST_CHOSEN => {}
            more => return Err(DraftError::TooMany(more)),
        }
        let walk = Walk::new(&self.root, BUDGET * 20);
        let (operations, _) = operation::all(&walk);
        let known: HashMap<&str, &Operation<'_>> =
            operations.iter().map(|operation| (operation.key.as_str(), operation)).collect();
        let signing = auth::guess(self, &walk, &operations);
        let usual: Vec<String> =
            super::servers::proposals(self, &walk).into_iter().map(|server| server.url).collect();
        let base_url = choice.base_url.trim().trim_end_matches('/');
        let (mut actions, mut problems) = (Map::new(), Vec::new());
        let (mut taken, mut titles) = (HashSet::new(), HashSet::new());
        for chosen in &choice.operations {
            let operation = known.get(chosen.key.as_str());
            let operation = operation.ok_or_else(|| DraftError::Unknown(chosen.key.clone()))?;
            let planned = plan(self, operation, &signing, BUDGET);
            problems.extend(planned.problems.iter().cloned());
            let at = &operation.node.at;
            if let Some(why) = &planned.unsupported {
                problems.push(left_out(at, &operation.key, why));
                continue;
            }
            let is_here = |url: &String| url == base_url || usual.contains(url);
            if let Some(address) = planned.lives.first()
                && !planned.lives.iter().any(is_here)
            {
                let why = format!("it lives at {address}; make a connector of that address for it");
                problems.push(left_out(at, &operation.key, &why));
                continue;
            }
            let name = if chosen.name.is_empty() { &operation.name } else { &chosen.name };
            let name = names::free(name, &mut taken);
            let action = action(operation, chosen, planned, &mut titles);
            match serde_json::from_value::<Action>(action.clone()) {
                Ok(_) => {
                    actions.insert(name, action);
                }
                Err(error) => problems.push(left_out(at, &operation.key, &error.to_string())),
            }
        }
        let mut value = self.frame(choice, actions)?;
        example::record(&mut value, &mut problems);
        let (yaml, manifest) = checked(&mut value, choice, &mut problems)?;
        self.place(&mut problems);
        Ok(Draft { yaml, manifest, problems })
    }

    /// Everything of the manifest but its examples.
    fn frame(&self, choice: &Choice, actions: Map<String, Value>) -> Result<Value, DraftError> {
        let base_url = choice.base_url.trim().trim_end_matches('/');
        let hosts = match choice.hosts.is_empty() {
            true => {
                super::servers::hosts(base_url).ok_or_else(|| DraftError::Address(base_url.to_owned()))?
            }
            false => choice.hosts.clone(),
        };
        let title = self.root.pointer("/info/title").and_then(Value::as_str).unwrap_or("an API");
        let title = super::prose::plain(title, 80);
        let summary = if choice.summary.trim().is_empty() {
            format!("{}.", choice.name)
        } else {
            choice.summary.clone()
        };
        let or = |text: &str, other: &str| {
            if text.trim().is_empty() { other.to_owned() } else { text.trim().to_owned() }
        };
        let mut value = json!({
            "manifest": crate::manifest::VOCABULARY,
            "id": choice.id,
            "name": choice.name.trim(),
            "version": or(&choice.version, "1.0.0"),
            "summary": summary,
            "help": format!("Made from the {} document *{title}*.", self.version.as_str()),
            "shelf": or(&choice.shelf, "other"),
            "base_url": base_url,
            "hosts": hosts,
            "auth": choice.auth,
            "limits": choice.limits.clone().unwrap_or_else(|| json!({ "at_once": AT_ONCE })),
        });
        if !choice.settings.is_empty() {
            value["settings"] = Value::Object(choice.settings.clone());
        }
        let test = if choice.test.is_empty() { usual_test(&actions) } else { Some(choice.test.clone()) };
        if let Some(test) = test {
            let limit = if actions.get(&test).is_some_and(|action| action.get("paging").is_some()) {
                json!({ "limit": 1 })
            } else {
                json!({})
            };
            value["test"] = json!({ "action": test, "input": limit });
        }
        if !choice.says.trim().is_empty() {
            value["says"] = choice.says.clone().into();
        }
        if let Some(faults) = choice.faults.clone().filter(|faults| !faults.is_empty()) {
            value["faults"] = faults.into();
        }
        value["actions"] = Value::Object(actions);
        Ok(value)
    }
}

fn left_out(at: &str, key: &str, why: &str) -> Problem {
    Problem { at: at.to_owned(), line: None, message: format!("{key} was left out: {why}") }
}

/// One action. Its example holds what is given and what is answered, until [`example::record`] plays it.
fn action(
    operation: &Operation<'_>,
    chosen: &ChosenOperation,
    plan: Plan,
    titles: &mut HashSet<String>,
) -> Value {
    let title = if chosen.title.is_empty() { operation.title.clone() } else { chosen.title.clone() };
    let title = match titles.insert(title.clone()) {
        true => title,
        false => {
            let path = super::prose::short(operation.path, 60);
            let longer = format!("{title} ({} {path})", operation.method.to_uppercase());
            titles.insert(longer.clone());
            longer
        }
    };
    let mut request = json!({ "method": operation.method.to_uppercase(), "path": plan.path });
    for (word, parts) in
        [("query", plan.query), ("headers", plan.headers), ("form", plan.form), ("lists", plan.lists)]
    {
        if !parts.is_empty() {
            request[word] = Value::Object(parts);
        }
    }
    if let Some(json) = plan.json {
        request["json"] = json;
    }
    let mut action = json!({ "title": title, "summary": operation.summary });
    if !operation.help.is_empty() {
        action["help"] = operation.help.clone().into();
    }
    if !plan.inputs.is_empty() {
        action["input"] = json!({ "properties": plan.inputs, "required": plan.required });
    }
    action["request"] = request;
    let is = |value: &Value, word: &str| value.as_str() == Some(word);
    let write = chosen.write.clone().filter(|write| !write.is_null()).unwrap_or(plan.write);
    let paging = chosen.paging.clone().filter(|paging| !paging.is_null()).unwrap_or(plan.paging);
    let is_paged = !paging.is_null() && !is(&paging, "none");
    if is_paged {
        action["paging"] = paging;
    }
    if let Some(output) = plan.output.filter(|_| !is_paged) {
        action["output"] = output;
    }
    if !write.is_null() && !is(&write, "reads") {
        action["write"] = write;
    }
    let mut given = plan.given;
    if !is_paged {
        given.shift_remove("limit");
    }
    action["examples"] = json!([{
        "title": "An example made from the document", "input": given,
        "exchange": [{ "request": { "url": "" }, "answer": { "status": plan.status, "json": plan.answered } }],
        "output": {},
    }]);
    action
}

/// A read that needs nothing, the one that asks who one is before others.
fn usual_test(actions: &Map<String, Value>) -> Option<String> {
    let telling =
        ["me", "self", "whoami", "current_user", "current", "account", "ping", "user", "users", "status"];
    let is_free = |action: &Value| {
        action.get("write").is_none()
            && action.pointer("/input/required").and_then(Value::as_array).is_none_or(Vec::is_empty)
    };
    let free: Vec<(&String, &Value)> = actions.iter().filter(|(_, action)| is_free(action)).collect();
    let told = telling.iter().find_map(|word| {
        free.iter().find(|(_, action)| {
            action["request"]["path"].as_str().is_some_and(|path| path.rsplit('/').next() == Some(word))
        })
    });
    told.or_else(|| {
        free.iter().min_by_key(|(_, action)| action["request"]["path"].as_str().map_or(0, str::len))
    })
    .map(|(name, _)| (*name).clone())
}

/// The text of `value`, read again with every check. Actions that do not pass are left out.
fn checked(
    value: &mut Value,
    choice: &Choice,
    problems: &mut Vec<Problem>,
) -> Result<(String, Manifest), DraftError> {
    loop {
        if value["actions"].as_object().is_none_or(Map::is_empty) {
            let why = problems.last().map(|problem| problem.message.clone()).unwrap_or_default();
            return Err(DraftError::Unusable(why));
        }
        let yaml = written(value);
        let refused = match Manifest::read(&yaml) {
            Ok(manifest) => return Ok((yaml, manifest)),
            Err(refused) => refused,
        };
        let mut is_changed = false;
        for problem in &refused.0 {
            let name = problem.path.strip_prefix("actions/").and_then(|rest| rest.split('/').next());
            // What a person chose by name is told, not dropped.
            let is_own = name.is_some_and(|name| choice.operations.iter().any(|chosen| chosen.name == name));
            if let Some(name) = name.filter(|_| !is_own)
                && value["actions"]
                    .as_object_mut()
                    .is_some_and(|actions| actions.shift_remove(name).is_some())
            {
                problems.push(Problem {
                    at: String::new(),
                    line: None,
                    message: format!("{name} was left out: {}", problem.message),
                });
                is_changed = true;
            }
            if problem.path.starts_with("test") && choice.test.is_empty() {
                is_changed |=
                    value.as_object_mut().is_some_and(|fields| fields.shift_remove("test").is_some());
            }
        }
        if !is_changed {
            return Err(refused.into());
        }
    }
}

/// As YAML; as JSON, which is YAML too, should a text not come back as it was.
fn written(value: &Value) -> String {
    let head =
        "# Made from an OpenAPI document. Correct it as you like: it is checked when it is installed.\n";
    let yaml = serde_saphyr::to_string(value).unwrap_or_default();
    let options = serde_saphyr::options! { strict_booleans: true };
    match serde_saphyr::from_str_with_options::<Value>(&yaml, options) {
        Ok(read) if read == *value => format!("{head}{yaml}"),
        _ => format!("{head}{value:#}\n"),
    }
}
