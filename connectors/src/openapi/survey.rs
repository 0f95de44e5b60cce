//! What is in a document, and what was guessed: everything a person needs to choose from.

use super::operation::{self, Operation};
use super::plan::{Plan, plan};
use super::walk::{BUDGET, Problem, Walk};
use super::{Document, MOST_OPERATIONS, auth, faults, names, prose, servers};
use serde::Serialize;
use serde_json::{Map, Value};

/// Values all operations together may look at.
const WHOLE_BUDGET: usize = 3_000_000;
/// Most problems of a document that are told.
const MOST_PROBLEMS: usize = 100;

/// What is in a document.
#[derive(Debug, Clone, Serialize)]
pub struct Survey {
    /// The specification it follows.
    pub version: String,
    /// What the API is called.
    pub title: String,
    /// Its own version.
    pub api_version: String,
    /// What it is for.
    pub summary: String,
    /// A name for the connector.
    pub id: String,
    /// Addresses it proposes, the likeliest first. None is trusted before a person confirmed it.
    pub servers: Vec<Proposal>,
    /// Ways to sign in, the usual one first.
    pub auth: Vec<WayIn>,
    /// Whether the document says how one signs in, or it was guessed.
    pub auth_is_guess: bool,
    /// What errors say, as an expression.
    pub says: String,
    /// What errors mean, as rules of a manifest.
    pub faults: Vec<Value>,
    /// What it can do.
    pub operations: Vec<FoundOperation>,
    /// How many operations there are beyond those that were looked at.
    pub left_out: usize,
    /// What could not be used as it stands.
    pub problems: Vec<Problem>,
}

/// An address that a document proposes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// The address; may use `settings`.
    pub url: String,
    /// What the document says about it.
    pub about: String,
    /// The hosts it leads to.
    pub hosts: Vec<String>,
    /// What is asked when the app is connected.
    pub settings: Map<String, Value>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// A way to sign in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WayIn {
    /// As a manifest says it.
    pub auth: Value,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// An operation of a document.
#[derive(Debug, Clone, Serialize)]
pub struct FoundOperation {
    /// Method and path, which name it.
    pub key: String,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// A name for the action.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// What it belongs to.
    pub tags: Vec<String>,
    /// Where it lives, when that is elsewhere than the rest of the API. A connector has one address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// Why it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// Names of what it is given.
    pub inputs: Vec<String>,
    /// Names of what it must be given.
    pub required: Vec<String>,
    /// What a write promises, as a manifest says it; `null` for what only reads.
    pub write: Value,
    /// How its list comes in pages, as a manifest says it; `null` for what has none.
    pub paging: Value,
    /// What could not be used as it stands.
    pub problems: Vec<Problem>,
}

impl Document {
    /// What is in it.
    #[must_use]
    pub fn survey(&self) -> Survey {
        let walk = Walk::new(&self.root, BUDGET * 20);
        let (operations, left_out) = operation::all(&walk);
        let signing = auth::guess(self, &walk, &operations);
        let (says, faults) = faults::guess(self, &operations);
        let mut servers = servers::proposals(self, &walk);
        let usual: Vec<String> = servers.iter().map(|server| server.url.clone()).collect();
        let mut budget = WHOLE_BUDGET;
        let mut found = Vec::with_capacity(operations.len());
        for operation in &operations {
            let most = BUDGET.min(budget);
            let planned = plan(self, operation, &signing, most);
            budget -= planned.spent.min(budget);
            found.push(shown(operation, planned, &usual));
        }
        let own = servers::elsewhere(self, &walk, &operations);
        servers.extend(own.into_iter().filter(|server| !usual.contains(&server.url)));
        let info = walk.at_top("info");
        let text = |name: &str| info.as_ref().and_then(|info| info.text(name)).unwrap_or_default();
        let title = prose::plain(text("title"), 80);
        if operations.is_empty() {
            walk.note("/paths", "there are no operations in this document");
        }
        if left_out > 0 {
            walk.note(
                "/paths",
                format!(
                    "only the first {MOST_OPERATIONS} operations were looked at; {left_out} more are there"
                ),
            );
        }
        if walk
            .at_top("webhooks")
            .is_some_and(|webhooks| webhooks.value.as_object().is_some_and(|all| !all.is_empty()))
        {
            walk.note(
                "/webhooks",
                "what the API calls by itself is not imported; a webhook trigger can receive it",
            );
        }
        if servers.is_empty() {
            walk.note("/servers", "the document does not say where the API lives; enter its address");
        }
        let mut problems = walk.problems();
        problems.truncate(MOST_PROBLEMS);
        self.place(&mut problems);
        self.place_all(&mut found);
        let api_version = info.as_ref().and_then(|info| info.value.get("version"));
        let api_version = match api_version {
            Some(Value::String(version)) => prose::plain(version, 40),
            Some(Value::Number(version)) => version.to_string(),
            _ => String::new(),
        };
        Survey {
            version: self.version.as_str().to_owned(),
            id: names::app(&title),
            summary: prose::first_sentence(text("description"), 160),
            title: if title.is_empty() { "An API".into() } else { title },
            api_version,
            servers,
            auth: signing.ways,
            auth_is_guess: signing.is_guess,
            says,
            faults,
            operations: found,
            left_out,
            problems,
        }
    }

    fn place_all(&self, operations: &mut [FoundOperation]) {
        if self.text.is_none() {
            return;
        }
        // All at once: the text is read again but once.
        let mut all: Vec<Problem> =
            operations.iter().flat_map(|operation| operation.problems.clone()).collect();
        self.place(&mut all);
        let mut all = all.into_iter();
        for operation in operations {
            for problem in &mut operation.problems {
                problem.line = all.next().and_then(|placed| placed.line);
            }
        }
    }
}

fn shown(operation: &Operation<'_>, planned: Plan, usual: &[String]) -> FoundOperation {
    let address = planned.lives.first().filter(|_| !planned.lives.iter().any(|url| usual.contains(url)));
    FoundOperation {
        address: address.cloned(),
        key: operation.key.clone(),
        method: operation.method.to_uppercase(),
        path: prose::short(operation.path, 300),
        name: operation.name.clone(),
        title: operation.title.clone(),
        summary: operation.summary.clone(),
        tags: operation.tags.clone(),
        deprecated: operation.deprecated,
        unsupported: planned.unsupported,
        inputs: planned.inputs.keys().cloned().collect(),
        required: planned.required,
        write: planned.write,
        paging: planned.paging,
        problems: planned.problems,
    }
}
