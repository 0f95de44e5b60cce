//! The step kinds that an app's actions are: form, help and example come from the manifest. A step only says what it
//! wants; the server finds the connection and calls.

use crate::interpreter::{LIMIT, MOST_ITEMS, Order, USUAL_ITEMS, check_of, checked, failures};
use crate::manifest::action::{Action, SendsTo};
use crate::manifest::{FieldSource, Manifest};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::expression::{Datum, Dynamic, Scope, into_text};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    Access, CONNECTION, Category, ConfigProblem, Context, Descriptor, Done, Example, Operation, Outcome,
    Performer, Port, PortRule, Promise, Recipient, SUPPRESSED, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// What a schema says of an input that takes no expressions, because a program would run what is put into it.
const LITERAL: &str = "x-literal";

/// One step kind per action.
pub(crate) fn kinds(manifest: &Arc<Manifest>) -> Vec<StepKind> {
    manifest.actions.keys().map(|action| kind(manifest, action)).collect()
}

fn kind(manifest: &Arc<Manifest>, name: &str) -> StepKind {
    let action = &manifest.actions[name];
    let descriptor = describe(manifest, name, action);
    let (manifest, name) = (Arc::clone(manifest), name.to_owned());
    StepKind::described(descriptor, move |config| compile(&manifest, &name, config))
}

fn describe(manifest: &Manifest, name: &str, action: &Action) -> Descriptor {
    let example = &action.examples[0];
    let mut config = example.input.clone();
    config.insert(CONNECTION.into(), "01890000-0000-7000-8000-000000000000".into());
    let output = action.examples.iter().find_map(|example| example.output.clone());
    let promise_text = match &action.write {
        None => "Only reads, so it can be repeated at any time.".to_owned(),
        Some(write) => write.in_words().to_owned(),
    };
    let ports = match &action.sends_to {
        None => Port::out(),
        Some(_) => Port::out().into_iter().chain([held_back()]).collect(),
    };
    Descriptor {
        kind: manifest.kind_of(name),
        title: format!("{}: {}", manifest.name, lower_first(&action.title)),
        summary: action.summary.clone(),
        help: action.help.trim().to_owned(),
        icon: manifest.icon.clone(),
        category: Category::Connect,
        keywords: manifest.keywords.iter().cloned().chain([manifest.id.clone()]).collect(),
        schema: schema(manifest, action),
        default_config: json!({ CONNECTION: "" }),
        ports: PortRule::Fixed { ports },
        promise: action.promise(),
        promise_text,
        has_error_port: true,
        body: None,
        example: Example {
            config: Value::Object(config),
            context: json!({}),
            output: None,
            port: "out".into(),
        },
        output_sample: output.unwrap_or_default(),
        summary_template: String::new(),
    }
}

fn held_back() -> Port {
    Port::new(SUPPRESSED, "held back")
}

/// `Create a contact` becomes `create a contact`; a word in capitals stays.
pub(crate) fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

/// The form: the connection, then the inputs.
fn schema(manifest: &Manifest, action: &Action) -> Value {
    let mut properties = Map::new();
    properties.insert(
        CONNECTION.into(),
        json!({
            "type": "string",
            "title": "Connection",
            "description": format!("The {} account that is used.", manifest.name),
            "x-ui": "connection",
            "x-app": manifest.id,
        }),
    );
    for (name, schema) in &action.input.properties {
        let mut field = schema.clone();
        if field.get("x-ui").is_none() {
            let hint = match (schema["type"].as_str().unwrap_or_default(), schema.get("enum")) {
                ("object" | "array", _) if schema.get("x-fields").is_some() => Some("app_fields"),
                ("string" | "integer", None) if schema.get("x-fields").is_some() => Some("app_choice"),
                ("string", None) => Some("template"),
                ("object" | "array", _) => Some("code_json"),
                ("integer" | "number", _) => Some("expression"),
                _ => None,
            };
            if let Some(hint) = hint {
                field["x-ui"] = hint.into();
            }
        }
        if let Some(source) =
            schema.get("x-fields").and_then(Value::as_str).and_then(|name| manifest.fields.get(name))
        {
            field["x-app-name"] = manifest.name.clone().into();
            // The form asks again when one of these changes, and only then; without one that is needed it does not ask.
            field["x-depends"] = dependencies(manifest, action, source);
        }
        properties.insert(name.clone(), field);
    }
    if action.paging.is_some() && !properties.contains_key(LIMIT) {
        properties.insert(
            LIMIT.into(),
            json!({
                "type": "integer", "title": "Most items", "x-ui": "expression", "x-advanced": true,
                "description": format!(
                    "How many are read, page by page: 1 to {MOST_ITEMS}; {USUAL_ITEMS} if nothing is said."
                ),
            }),
        );
    }
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

/// The inputs that the fields of `source` depend on, by their names: what people call them, what they usually are, and
/// whether the app cannot be asked without them.
fn dependencies(manifest: &Manifest, action: &Action, source: &FieldSource) -> Value {
    let asked = &manifest.actions[&source.action].input;
    let is_needed = |wanted: &str| {
        let is_bare = |value: &Dynamic| match value {
            Dynamic::Computed(expression) => {
                expression.source().trim_matches(['{', '}', ' ']).strip_prefix("input.") == Some(wanted)
            }
            _ => false,
        };
        source.input.iter().any(|(name, value)| asked.required.contains(name) && is_bare(value))
    };
    let described = |name: String| {
        let schema = action.input.properties.get(&name)?;
        let is_needed = is_needed(&name);
        Some((name, json!({ "title": schema["title"], "usual": schema.get("default"), "needed": is_needed })))
    };
    Value::Object(source.inputs().into_iter().filter_map(described).collect())
}

/// A step of an app.
#[derive(Debug)]
struct AppStep {
    manifest: Arc<Manifest>,
    action: String,
    connection: String,
    inputs: Vec<(String, Dynamic)>,
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
    let mut inputs = Vec::new();
    for (name, value) in config.iter().filter(|(name, _)| *name != CONNECTION) {
        let is_limit = name == LIMIT && described.paging.is_some();
        if !described.input.properties.contains_key(name) && !is_limit {
            return Err(wrong(name, format!("unknown field `{name}`")));
        }
        let value = Dynamic::compile(value).map_err(|error| wrong(name, error.message))?;
        let schema = described.input.properties.get(name);
        let is_literal = schema.is_some_and(|schema| schema.get(LITERAL) == Some(&Value::Bool(true)));
        if is_literal && !matches!(value, Dynamic::Literal(_)) {
            return Err(wrong(name, "this field takes no expressions; values go beside it".into()));
        }
        inputs.push((name.clone(), value));
    }
    let connection = match config.get(CONNECTION) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(id)) => id.clone(),
        Some(_) => return Err(wrong(CONNECTION, "a connection is named by its id".into())),
    };
    Ok(Box::new(AppStep { manifest: Arc::clone(manifest), action: action.to_owned(), connection, inputs }))
}

impl AppStep {
    fn described(&self) -> &Action {
        &self.manifest.actions[&self.action]
    }

    fn order(&self, context: &Context<'_>) -> Result<Order, Failure> {
        let mut input = Map::with_capacity(self.inputs.len());
        for (name, value) in &self.inputs {
            input.insert(name.clone(), value.value(context.scope)?);
        }
        Ok(Order { input, settings: Map::new(), key: context.idempotency_key.clone() })
    }

    fn operation(&self, action: &str, input: &Map<String, Value>, key: &str) -> Operation {
        let described = &self.manifest.actions[action];
        Operation {
            performer: Performer::App,
            action: self.manifest.kind_of(action).into(),
            input: json!({ CONNECTION: self.connection, "input": input, "key": key }),
            access: if described.only_reads() { Access::Read } else { Access::Write },
            promise: described.promise(),
            sends_to: None,
        }
    }

    fn recipient(&self, order: &Order) -> Result<Option<Recipient>, Failure> {
        let Some(sends_to) = &self.described().sends_to else { return Ok(None) };
        let scope = Scope::of(Datum::new(json!({ "input": order.input })));
        let address = into_text(sends_to.address.value(&scope)?);
        let purpose = SendsTo::purpose_of(&sends_to.purpose.value(&scope)?);
        Ok(Some(Recipient { channel: sends_to.channel, address, purpose }))
    }
}

impl Step for AppStep {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let order = self.order(context)?;
        let sends_to = self.recipient(&order)?;
        let operation = self.operation(&self.action, &order.input, &order.key);
        Ok(Outcome::Perform(Operation { sends_to, ..operation }))
    }

    fn resume(&self, _: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let is_held_back = self.described().sends_to.is_some() && result.output.get(SUPPRESSED).is_some();
        let Performed { output, why, written } = result;
        let port = if is_held_back { SUPPRESSED } else { trunkline_engine::document::OUT };
        Ok(Done { port: port.into(), output, why, written }.into())
    }

    fn verify(&self, context: &Context<'_>) -> Result<Option<Operation>, Failure> {
        if self.described().promise() != Promise::Checked {
            return Ok(None);
        }
        let order = self.order(context)?;
        let check = check_of(&self.manifest, &self.action, &order)?;
        Ok(check.map(|(action, input)| self.operation(&action, &input, &order.key)))
    }

    fn verified(&self, context: &Context<'_>, result: Performed) -> Result<Option<Done>, Failure> {
        let found = checked(&self.manifest, &self.action, &self.order(context)?, &result.output)?;
        Ok(found.map(|output| {
            Done::out(output).because("A look at the app found that the lost request had arrived.")
        }))
    }

    fn patience(&self) -> Option<Duration> {
        self.described().patience.map(|seconds| Duration::from_secs(seconds.into()))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.connection.is_empty() {
            problems.push(ConfigProblem {
                code: "DOC-0027",
                field: format!("/{CONNECTION}"),
                message: format!("no {} account is chosen", self.manifest.name),
                action: "Choose a connection, or connect an account under Settings > Connections.".into(),
            });
        }
        let input = &self.described().input;
        for name in &input.required {
            let is_given = self.inputs.iter().any(|(given, value)| given == name && !is_blank(value));
            if !is_given {
                let title =
                    input.properties.get(name).and_then(|schema| schema["title"].as_str()).unwrap_or(name);
                problems.push(ConfigProblem {
                    code: "DOC-0027",
                    field: format!("/{name}"),
                    message: failures::missing(title).message,
                    action: "Fill the field.".into(),
                });
            }
        }
        problems
    }
}

fn is_blank(value: &Dynamic) -> bool {
    match value {
        Dynamic::Literal(Value::Null) => true,
        Dynamic::Literal(Value::String(text)) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
