//! The step kinds that an app's triggers are: form, help and sample come from the manifest. What listens is the server.

use crate::interpreter::failures;
use crate::manifest::Manifest;
use crate::manifest::trigger::{Poll, Trigger};
use crate::step::lower_first;
use crate::time::moment_of;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    CONNECTION, Category, ConfigProblem, Context, Descriptor, Example, Outcome, Port, PortRule, Promise,
    Step, StepKind,
};
use trunkline_engine::steps::pass_through;
use trunkline_engine::trigger::{AppRule, Begin, PollRule, Trigger as Listens};

/// Seconds between looks.
const EVERY: &str = "every";
/// What the first look is for.
const BEGIN: &str = "begin";
/// From which moment on, when `begin` says so.
const SINCE: &str = "since";
/// Least seconds between looks.
const SHORTEST: u32 = 10;
/// Most seconds between looks: a day.
const LONGEST: u32 = 86_400;

/// One step kind per trigger.
pub(crate) fn kinds(manifest: &Arc<Manifest>) -> Vec<StepKind> {
    manifest.triggers.keys().map(|name| kind(manifest, name)).collect()
}

fn kind(manifest: &Arc<Manifest>, name: &str) -> StepKind {
    let trigger = &manifest.triggers[name];
    let descriptor = describe(manifest, name, trigger);
    let (manifest, name) = (Arc::clone(manifest), name.to_owned());
    StepKind::described(descriptor, move |config| compile(&manifest, &name, config))
}

fn describe(manifest: &Manifest, name: &str, trigger: &Trigger) -> Descriptor {
    let shown = trigger
        .examples
        .iter()
        .find(|example| example.starts.as_ref().is_some_and(|starts| !starts.is_empty()));
    let example = shown.unwrap_or(&trigger.examples[0]);
    let sample = example.starts.as_ref().and_then(|starts| starts.first()).cloned().unwrap_or_default();
    let mut config = example.input.clone();
    config.insert(CONNECTION.into(), "01890000-0000-7000-8000-000000000000".into());
    let promise_text = match &trigger.poll {
        Some(_) => {
            "Each record starts one run for each of its states that is seen, also when the server stops in between."
        }
        None => {
            "An event is answered only once it is safe on disk; what is not signed by the app is refused."
        }
    };
    Descriptor {
        kind: manifest.kind_of(name),
        title: format!("{}: {}", manifest.name, lower_first(&trigger.title)),
        summary: trigger.summary.clone(),
        help: trigger.help.trim().to_owned(),
        icon: manifest.icon.clone(),
        category: Category::Trigger,
        keywords: manifest
            .keywords
            .iter()
            .cloned()
            .chain([manifest.id.clone(), manifest.name.clone()])
            .collect(),
        schema: schema(manifest, trigger),
        default_config: default_config(trigger),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: promise_text.into(),
        has_error_port: false,
        body: None,
        example: Example {
            config: Value::Object(config),
            context: json!({ "trigger": sample }),
            output: Some(sample.clone()),
            port: "out".into(),
        },
        output_sample: sample,
        summary_template: String::new(),
    }
}

fn default_config(trigger: &Trigger) -> Value {
    match trigger.poll {
        Some(_) => json!({ CONNECTION: "", BEGIN: "now" }),
        None => json!({ CONNECTION: "" }),
    }
}

/// The form: the connection, the inputs, and how the app is asked.
fn schema(manifest: &Manifest, trigger: &Trigger) -> Value {
    let mut properties = Map::new();
    properties.insert(CONNECTION.into(), crate::step::connection_field(manifest));
    for (name, schema) in &trigger.input.properties {
        let mut field = schema.clone();
        if field.get("x-ui").is_none() && matches!(schema["type"].as_str(), Some("object" | "array")) {
            field["x-ui"] = "code_json".into();
        }
        properties.insert(name.clone(), field);
    }
    if let Some(poll) = &trigger.poll {
        poll_fields(poll, &mut properties);
    }
    let required: Vec<&str> =
        [CONNECTION].into_iter().chain(trigger.input.required.iter().map(String::as_str)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": trigger.title,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

fn poll_fields(poll: &Poll, properties: &mut Map<String, Value>) {
    properties.insert(
        BEGIN.into(),
        json!({
            "type": "string", "title": "Begin with", "enum": ["now", "since", "all"], "default": "now",
            "description": "What the first look is for, when the workflow is published for the first time.",
            "x-labels": {
                "now": "What happens from now on",
                "since": "What has happened since a day",
                "all": "Everything that is there",
            },
        }),
    );
    properties.insert(
        SINCE.into(),
        json!({
            "type": "string", "title": "Since", "x-placeholder": "2026-01-31", "x-when": { BEGIN: "since" },
            "description": "A day, or a moment such as 2026-01-31T08:00:00Z.",
        }),
    );
    properties.insert(
        EVERY.into(),
        json!({
            "type": "integer", "title": "Seconds between looks", "x-advanced": true, "minimum": SHORTEST,
            "maximum": LONGEST, "x-placeholder": poll.every.to_string(),
            "description": format!("How often the app is asked. {} if nothing is said.", poll.every),
        }),
    );
}

/// A trigger of an app.
#[derive(Debug)]
struct AppTrigger {
    manifest: Arc<Manifest>,
    name: String,
    rule: AppRule,
    /// What is wrong with how the app is asked.
    problems: Vec<ConfigProblem>,
}

fn problem(field: &str, message: String, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0027", field: format!("/{field}"), message, action: action.into() }
}

fn compile(manifest: &Arc<Manifest>, name: &str, config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
    let wrong = |field: &str, message: String| ConfigProblem {
        code: "DOC-0007",
        field: if field.is_empty() { String::new() } else { format!("/{field}") },
        message,
        action: "Correct this field; the step's help shows an example.".into(),
    };
    let nothing = Map::new();
    let config = match config {
        Value::Null => &nothing,
        Value::Object(fields) => fields,
        _ => return Err(wrong("", "the settings are no record of fields".into())),
    };
    let trigger = &manifest.triggers[name];
    let mut input = Map::new();
    let polls = trigger.poll.is_some();
    for (field, value) in config {
        let is_own = field == CONNECTION || (polls && [EVERY, BEGIN, SINCE].contains(&field.as_str()));
        if is_own {
            continue;
        }
        if !trigger.input.properties.contains_key(field) {
            return Err(wrong(field, format!("unknown field `{field}`")));
        }
        input.insert(field.clone(), value.clone());
    }
    let connection = match config.get(CONNECTION) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(id)) => id.clone(),
        Some(_) => return Err(wrong(CONNECTION, "a connection is named by its id".into())),
    };
    let mut problems = Vec::new();
    let poll = trigger.poll.as_ref().map(|poll| poll_rule(poll, config, &mut problems));
    let rule = AppRule { app: manifest.id.clone(), trigger: name.to_owned(), connection, input, poll };
    Ok(Box::new(AppTrigger { manifest: Arc::clone(manifest), name: name.to_owned(), rule, problems }))
}

fn poll_rule(poll: &Poll, config: &Map<String, Value>, problems: &mut Vec<ConfigProblem>) -> PollRule {
    let given = |field: &str| config.get(field).filter(|value| !value.is_null() && *value != "");
    let every_seconds = match given(EVERY) {
        None => poll.every,
        Some(every) => {
            let seconds = every.as_u64().or_else(|| every.as_str()?.trim().parse().ok());
            let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
            seconds.filter(|seconds| (SHORTEST..=LONGEST).contains(seconds)).unwrap_or_else(|| {
                let message = format!("the time between looks is not a number from {SHORTEST} to {LONGEST}");
                problems.push(problem(EVERY, message, "Give a number of seconds."));
                poll.every
            })
        }
    };
    let begin = match given(BEGIN).and_then(Value::as_str) {
        None | Some("now") => Begin::Now,
        Some("all") => Begin::All,
        Some("since") => match given(SINCE).and_then(moment_of) {
            Some(moment) => Begin::Since(moment),
            None => {
                let message = "the day to begin with is empty or no day".to_owned();
                problems.push(problem(SINCE, message, "Write a day such as 2026-01-31."));
                Begin::Now
            }
        },
        Some(other) => {
            let message = format!("`{other}` is none of now, since and all");
            problems.push(problem(BEGIN, message, "Choose one of them."));
            Begin::Now
        }
    };
    PollRule { every_seconds, begin }
}

impl Step for AppTrigger {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Listens> {
        Some(Listens::App(self.rule.clone()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = self.problems.clone();
        if self.rule.connection.is_empty() {
            problems.push(problem(
                CONNECTION,
                format!("no {} account is chosen", self.manifest.name),
                "Choose a connection, or connect an account under Settings > Connections.",
            ));
        }
        let input = &self.manifest.triggers[&self.name].input;
        let is_blank =
            |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        for name in &input.required {
            if self.rule.input.get(name).is_none_or(is_blank) {
                let title =
                    input.properties.get(name).and_then(|schema| schema["title"].as_str()).unwrap_or(name);
                problems.push(problem(name, failures::missing(title).message, "Fill the field."));
            }
        }
        let inputs =
            crate::interpreter::delivery::inputs(&self.manifest, &self.name, self.rule.input.clone());
        if let Err(failure) = inputs
            && problems.is_empty()
        {
            problems.push(ConfigProblem {
                code: "DOC-0027",
                field: String::new(),
                message: failure.message,
                action: failure.action,
            });
        }
        problems
    }
}
