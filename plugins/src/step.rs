//! The step kinds that a plugin's steps are: form, help and example come from its description. A step only says what it
//! wants; the server finds the plugin and calls it.

mod fits;

use crate::description::{Description, Effect, Shelf, StepAbout};
use crate::failures;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    Access, Category, ConfigProblem, Context, Descriptor, Done, Example, Operation, Outcome, Performer, Port,
    PortRule, Promise, Step, StepKind,
};
use trunkline_engine::run::Performed;

/// Where what a call put out says by which port its step leaves, when it is not the first.
const PORT: &str = "plugin_port";
/// See [`PORT`]: what it put out.
const OUTPUT: &str = "output";

/// One step kind per step of the plugin.
#[must_use]
pub fn kinds(about: &Arc<Description>) -> Vec<StepKind> {
    let kind = |at: usize| {
        let about = Arc::clone(about);
        StepKind::described(describe(&about, &about.steps[at]), move |config| compile(&about, at, config))
    };
    (0..about.steps.len()).map(kind).collect()
}

/// What a call put out, as it is journaled.
#[must_use]
pub fn journaled(output: Value, port: Option<String>) -> Value {
    match port {
        Some(port) => json!({ PORT: port, OUTPUT: output }),
        None => output,
    }
}

/// The port and what was put out, of what was journaled.
fn read(mut journaled: Value) -> (Option<String>, Value) {
    match journaled.as_object_mut() {
        Some(fields) if fields.len() == 2 && fields.contains_key(OUTPUT) => match fields.get(PORT) {
            Some(Value::String(port)) => (Some(port.clone()), fields[OUTPUT].take()),
            _ => (None, journaled),
        },
        _ => (None, journaled),
    }
}

fn describe(plugin: &Description, about: &StepAbout) -> Descriptor {
    let example = &about.examples[0];
    let promise = promise(about);
    let ports = ports(about);
    Descriptor {
        kind: plugin.kind_of(&about.name),
        title: about.title.clone(),
        summary: about.summary.clone(),
        help: help(plugin, about),
        icon: about.icon.clone().unwrap_or_else(|| plugin.icon.clone()),
        category: match about.shelf {
            Shelf::Data => Category::Data,
            Shelf::Lead => Category::Lead,
            Shelf::Connect => Category::Connect,
            Shelf::Code => Category::Code,
        },
        keywords: about.keywords.iter().cloned().chain([plugin.name.clone(), plugin.title.clone()]).collect(),
        schema: schema(about),
        default_config: Value::Object(about.defaults.clone()),
        promise,
        promise_text: promise_text(about, promise).into(),
        has_error_port: true,
        body: None,
        example: Example {
            config: Value::Object(example.settings.clone()),
            context: json!({}),
            output: (about.effect == Effect::Pure).then(|| example.output.clone()),
            port: example.port.clone().unwrap_or_else(|| ports[0].id.clone()),
        },
        ports: PortRule::Fixed { ports },
        output_sample: example.output.clone(),
        summary_template: String::new(),
    }
}

fn help(plugin: &Description, about: &StepAbout) -> String {
    let mut help =
        if about.help.trim().is_empty() { plugin.help.trim() } else { about.help.trim() }.to_owned();
    if help.is_empty() {
        help.clone_from(&about.summary);
    }
    format!("{help}\n\nFrom the plugin {} {}.", plugin.title, plugin.version)
}

fn ports(about: &StepAbout) -> Vec<Port> {
    if about.ports.is_empty() {
        return Port::out();
    }
    about.ports.iter().map(|port| Port::new(&port.id, &port.label)).collect()
}

fn promise(about: &StepAbout) -> Promise {
    match (about.effect, about.repeatable) {
        (Effect::Pure | Effect::Read, _) => Promise::None,
        (Effect::Write, true) => Promise::Once,
        (Effect::Write, false) => Promise::Uncertain,
    }
}

fn promise_text(about: &StepAbout, promise: Promise) -> &'static str {
    match (about.effect, promise) {
        (Effect::Pure, _) => "Only computes, so it can be repeated at any time.",
        (Effect::Read, _) => "Only reads, so it can be repeated at any time.",
        (_, Promise::Once) => {
            "The plugin says that a repetition under the same key changes nothing twice, so it is repeated after a crash."
        }
        _ => "When the answer is lost, nobody knows whether it happened: it waits in the inbox for a person.",
    }
}

/// The form: what the plugin says, with a kind of field for what names none.
fn schema(about: &StepAbout) -> Value {
    let mut schema = about.settings.clone();
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for field in fields.values_mut().filter(|field| field.get("x-ui").is_none()) {
            let hint = match (field["type"].as_str().unwrap_or_default(), field.get("enum")) {
                ("string", None) => Some("template"),
                ("object" | "array", _) => Some("code_json"),
                ("integer" | "number", _) => Some("expression"),
                _ => None,
            };
            if let Some(hint) = hint {
                field["x-ui"] = hint.into();
            }
        }
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = about.title.clone().into();
    schema["additionalProperties"] = false.into();
    schema
}

/// A step of a plugin.
#[derive(Debug)]
struct PluginStep {
    plugin: Arc<Description>,
    at: usize,
    inputs: Vec<(String, Dynamic)>,
}

fn compile(plugin: &Arc<Description>, at: usize, config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
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
    let mut inputs = Vec::new();
    for (name, value) in config {
        if plugin.steps[at].settings["properties"].get(name).is_none() {
            return Err(wrong(name, format!("unknown field `{name}`")));
        }
        let value = Dynamic::compile(value).map_err(|error| wrong(name, error.message))?;
        inputs.push((name.clone(), value));
    }
    Ok(Box::new(PluginStep { plugin: Arc::clone(plugin), at, inputs }))
}

impl PluginStep {
    fn about(&self) -> &StepAbout {
        &self.plugin.steps[self.at]
    }

    fn is_blank(&self, name: &str) -> bool {
        let given = self.inputs.iter().find(|(given, _)| given == name);
        given.is_none_or(|(_, value)| match value {
            Dynamic::Literal(Value::Null) => true,
            Dynamic::Literal(Value::String(text)) => text.trim().is_empty(),
            _ => false,
        })
    }

    fn required(&self) -> impl Iterator<Item = &str> {
        let required = self.about().settings.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str)
    }
}

impl Step for PluginStep {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let about = self.about();
        let mut input = Map::with_capacity(self.inputs.len());
        for (name, value) in &self.inputs {
            input.insert(name.clone(), value.value(context.scope)?);
        }
        fits::check(&about.settings, &mut input)
            .map_err(|wrong| failures::wrong_setting(&self.plugin.title, &wrong))?;
        Ok(Outcome::Perform(Operation {
            performer: Performer::Plugin,
            action: self.plugin.kind_of(&about.name).into(),
            input: json!({
                "plugin": self.plugin.name,
                "step": about.name,
                "effect": about.effect,
                "input": input,
                "key": context.idempotency_key,
                "now": context.now.timestamp_millis(),
            }),
            access: if about.effect == Effect::Write { Access::Write } else { Access::Read },
            promise: promise(about),
            sends_to: None,
        }))
    }

    fn resume(&self, _: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let Performed { output, why, written } = result;
        let (port, output) = read(output);
        let ports = ports(self.about());
        let port = match port {
            None => ports[0].id.clone(),
            Some(port) if ports.iter().any(|known| known.id == port) => port,
            Some(port) => {
                let why = format!("it leaves by a port that it does not have: {port}");
                return Err(failures::unusable(&self.plugin.title, &why, false));
            }
        };
        Ok(Done { port, output, why, written }.into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let missing = self.required().filter(|name| self.is_blank(name));
        let problem = |name: &str| {
            let field = &self.about().settings["properties"][name];
            let title = field["title"].as_str().unwrap_or(name);
            let is_connection = field["x-ui"] == "connection";
            ConfigProblem {
                code: "DOC-0027",
                field: format!("/{name}"),
                message: format!("\"{title}\" is missing"),
                action: match is_connection {
                    true => "Choose a connection, or connect an account under Settings > Connections.".into(),
                    false => "Fill the field.".into(),
                },
            }
        };
        missing.map(problem).collect()
    }
}

#[cfg(test)]
mod tests;
