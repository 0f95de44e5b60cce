//! A loop over an app's list: the steps inside run once per record, and one page is in memory at a time.
//!
//! Every action with pages is offered so beside the step that gathers its records into one list. A page becomes a slice of
//! the loop: durable when it ends, never asked for again, and shown as progress.

use crate::interpreter::failures;
use crate::manifest::Manifest;
use crate::manifest::action::Action;
use crate::step::{fields_of, lower_first};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    Access, BodyRule, CONNECTION, Category, ConfigProblem, Context, Descriptor, Example, LoopPlan, NextPage,
    Operation, Outcome, Performer, Port, PortRule, Promise, Source, Step, StepKind, Stream, StreamFrom,
};

/// How many items are worked on at the same time.
const PARALLEL: &str = "parallel";
/// What happens when a step fails for one item.
const ON_ITEM_ERROR: &str = "on_item_error";
/// Most items at the same time.
const MOST_PARALLEL: u64 = 100;
/// Items of a slice when the app gives them page by page: a page.
const SLICE: u32 = 10_000;

/// One kind per action with pages.
pub(crate) fn kinds(manifest: &Arc<Manifest>) -> Vec<StepKind> {
    let paged = manifest.actions.iter().filter(|(_, action)| action.paging.is_some());
    paged.map(|(name, action)| kind(manifest, name, action)).collect()
}

fn kind(manifest: &Arc<Manifest>, name: &str, action: &Action) -> StepKind {
    let descriptor = describe(manifest, name, action);
    let (manifest, name) = (Arc::clone(manifest), name.to_owned());
    StepKind::described(descriptor, move |config| compile(&manifest, &name, config))
}

fn describe(manifest: &Manifest, name: &str, action: &Action) -> Descriptor {
    let mut config: Map<String, Value> = action.examples[0].input.clone();
    config.shift_remove(crate::interpreter::LIMIT);
    config.insert(CONNECTION.into(), "01890000-0000-7000-8000-000000000000".into());
    Descriptor {
        kind: manifest.kind_of(&format!("each_{name}")),
        title: format!("{}: for each of {}", manifest.name, lower_first(&action.title)),
        summary: format!("Does the steps inside once for every record of: {}", lower_first(&action.summary)),
        help: HELP.trim().to_owned(),
        icon: "loop".into(),
        category: Category::Connect,
        keywords: manifest
            .keywords
            .iter()
            .cloned()
            .chain([manifest.id.clone(), "loop".into(), "for each".into(), "all".into()])
            .collect(),
        schema: schema(manifest, action),
        default_config: json!({ CONNECTION: "", PARALLEL: 1, ON_ITEM_ERROR: "stop" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The loop only reads; each step inside keeps its own promise for every record.".into(),
        has_error_port: true,
        body: Some(BodyRule::PerItem),
        example: Example {
            config: Value::Object(config),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "count": 1, "failed": 0, "errors": [] }),
        summary_template: String::new(),
    }
}

const HELP: &str = r"
The list is read page by page, however long it is: one page is in memory at a time, is safe on disk when its records are
done, and is never asked for again, also after a crash. The run shows how far it has come and can be paused and ended.

Open the loop and draw what to do with one record; use `item` in the fields there. The output holds the `count`, how many
`failed`, and the first 100 `errors`.
";

fn schema(manifest: &Manifest, action: &Action) -> Value {
    let mut properties = fields_of(manifest, action);
    properties.insert(
        PARALLEL.into(),
        json!({
            "type": "integer", "title": "At the same time", "minimum": 1, "maximum": MOST_PARALLEL, "default": 1,
            "description": "How many records are worked on at the same time, 1 to 100.",
        }),
    );
    properties.insert(
        ON_ITEM_ERROR.into(),
        json!({
            "type": "string", "title": "When a record fails", "enum": ["stop", "collect"], "default": "stop",
            "description": "What happens to the others when a step fails for one record.",
            "x-labels": { "stop": "Stop the loop", "collect": "Go on with the others" },
        }),
    );
    let required: Vec<&str> =
        [CONNECTION].into_iter().chain(action.input.required.iter().map(String::as_str)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": action.title,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

#[derive(Debug)]
struct EachOf {
    manifest: Arc<Manifest>,
    action: String,
    connection: String,
    inputs: Vec<(String, Dynamic)>,
    parallel: usize,
    stop_on_error: bool,
}

fn compile(manifest: &Arc<Manifest>, action: &str, config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
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
    let described = &manifest.actions[action];
    let (mut inputs, mut connection, mut parallel, mut stop_on_error) = (Vec::new(), String::new(), 1, true);
    for (name, value) in config {
        match name.as_str() {
            CONNECTION => match value {
                Value::Null => {}
                Value::String(id) => connection.clone_from(id),
                _ => return Err(wrong(CONNECTION, "a connection is named by its id".into())),
            },
            PARALLEL if value.is_null() => {}
            PARALLEL => {
                let given = value.as_u64().filter(|given| (1..=MOST_PARALLEL).contains(given));
                let given =
                    given.ok_or_else(|| wrong(PARALLEL, "it is not a number from 1 to 100".into()))?;
                parallel = usize::try_from(given).unwrap_or(1);
            }
            ON_ITEM_ERROR => match value.as_str() {
                None | Some("stop") => {}
                Some("collect") => stop_on_error = false,
                Some(other) => {
                    return Err(wrong(ON_ITEM_ERROR, format!("`{other}` is neither stop nor collect")));
                }
            },
            _ if described.input.properties.contains_key(name) => {
                let value = Dynamic::compile(value).map_err(|error| wrong(name, error.message))?;
                inputs.push((name.clone(), value));
            }
            _ => return Err(wrong(name, format!("unknown field `{name}`"))),
        }
    }
    let (manifest, action) = (Arc::clone(manifest), action.to_owned());
    Ok(Box::new(EachOf { manifest, action, connection, inputs, parallel, stop_on_error }))
}

impl Step for EachOf {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut input = Map::with_capacity(self.inputs.len());
        for (name, value) in &self.inputs {
            input.insert(name.clone(), value.value(context.scope)?);
        }
        let operation = Operation {
            performer: Performer::App,
            action: self.manifest.kind_of(&self.action).into(),
            input: json!({ CONNECTION: self.connection, "input": input, "key": "" }),
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        };
        let from = StreamFrom::Pages {
            operation: Box::new(operation),
            items: "/items".into(),
            next: NextPage::Word { pointer: "/next".into() },
        };
        Ok(Outcome::Loop(LoopPlan {
            source: Source::Stream(Stream { from, slice: SLICE }),
            parallel: self.parallel,
            stop_on_error: self.stop_on_error,
            keep_order: true,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let mut blank = |field: &str, message: String, action: &str| {
            problems.push(ConfigProblem {
                code: "DOC-0027",
                field: format!("/{field}"),
                message,
                action: action.into(),
            });
        };
        if self.connection.is_empty() {
            let action = "Choose a connection, or connect an account under Settings > Connections.";
            blank(CONNECTION, format!("no {} account is chosen", self.manifest.name), action);
        }
        let input = &self.manifest.actions[&self.action].input;
        for name in &input.required {
            let is_given =
                self.inputs.iter().any(|(given, value)| given == name && !crate::step::is_blank(value));
            if !is_given {
                let title =
                    input.properties.get(name).and_then(|schema| schema["title"].as_str()).unwrap_or(name);
                blank(name, failures::missing(title).message, "Fill the field.");
            }
        }
        problems
    }
}
