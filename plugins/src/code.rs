//! The step Code: a JavaScript function that people write in the studio, run by a component of our own in the sandbox of
//! plugins. It only computes.

use crate::description::{Capabilities, Effect};
use crate::failures;
use crate::limits::Limits;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use trunkline_engine::expression::Dynamic;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Access, Category, ConfigProblem, Context, Example, Operation, Outcome, Performer, Port, PortRule,
    Promise, Step, StepKind,
};

/// The kind in documents.
pub const KIND: &str = "code";
/// The name of the component that runs it, which no plugin can have.
pub const PLUGIN: &str = "_code";
/// The step of that component.
pub const STEP: &str = "run";
/// Longest code, in bytes.
const LONGEST: usize = 64 * 1024;

/// Settings of `code`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// What the code gets: each row is a name and its value. It sees them as `input.name`.
    #[serde(default)]
    #[schemars(title = "Input", extend("x-ui" = "fields"))]
    input: Vec<Row>,
    /// The body of a function in JavaScript. What it returns is what later steps see.
    #[schemars(title = "Code", extend("x-ui" = "code_js"))]
    code: String,
}

/// A value of the input.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Its name.
    name: String,
    /// Its value.
    #[serde(default)]
    value: Dynamic,
}

/// The step kind.
#[must_use]
pub fn kind() -> StepKind {
    StepKind::new::<Code>(About {
        kind: KIND,
        title: "Code",
        summary: "Computes something with a few lines of JavaScript.",
        help: HELP,
        icon: "braces",
        category: Category::Code,
        keywords: &["javascript", "js", "function", "script", "formula", "custom", "program"],
        default_config: json!({
            "input": [{ "name": "name", "value": "" }],
            "code": "return { greeting: `Hello ${input.name}` };",
        }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "Only computes, so it can be repeated at any time.",
        has_error_port: true,
        example: Example {
            config: json!({
                "input": [{ "name": "emails", "value": "{{ trigger.body.emails }}" }],
                "code": "const domains = input.emails.map((email) => email.split('@')[1].toLowerCase());\n\
                    return { domains: [...new Set(domains)].sort() };",
            }),
            context: json!({ "trigger": { "body": { "emails": ["a@Example.com", "b@other.example", "c@example.com"] } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "domains": ["example.com", "other.example"] }),
        summary_template: "",
    })
}

const HELP: &str = r"
Write the body of a function. It sees `input`, which holds what you put into it by name, and `log(...)`, which writes a
line into the server's log. What it returns is what later steps see; a text, a number, a list or a record will do. Throw an
error to fail the step: `throw new Error('no company')`.

It runs in a sandbox: there is no network, no file and no `fetch`. Use the step *HTTP request* before it to get data. `new
Date()` is the moment of the run, and `Math.random()` draws the same numbers when a run is repeated, so that a run that is
taken up again comes out the same. `Intl`, timers and `await` are not there.

A run of the code may compute for two seconds and use 64 MiB of memory.
";

/// What the component may do.
#[must_use]
pub fn terms() -> crate::host::Terms {
    crate::host::Terms {
        name: PLUGIN.into(),
        capabilities: Capabilities::default(),
        // Everybody's code shares these places, and some of it is slow.
        limits: Limits { at_once: crate::host::PLACES * 3 / 4, ..Limits::default() },
    }
}

impl Step for Code {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut input = Map::with_capacity(self.input.len());
        for row in self.input.iter().filter(|row| !row.name.trim().is_empty()) {
            input.insert(row.name.trim().to_owned(), row.value.value(context.scope)?);
        }
        if self.code.len() > LONGEST {
            return Err(failures::wrong_setting("Code", &format!("the code is longer than {LONGEST} bytes")));
        }
        Ok(Outcome::Perform(Operation {
            performer: Performer::Plugin,
            action: KIND.into(),
            input: json!({
                "plugin": PLUGIN,
                "step": STEP,
                "effect": Effect::Pure,
                "input": { "code": self.code, "input": input },
                "key": context.idempotency_key,
                "now": context.now.timestamp_millis(),
            }),
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        if !self.code.trim().is_empty() {
            return Vec::new();
        }
        vec![ConfigProblem {
            code: "DOC-0027",
            field: "/code".into(),
            message: "there is no code".into(),
            action: "Write a line that returns something, such as: return input;".into(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use trunkline_engine::expression::Scope;

    #[test]
    fn it_asks_for_nothing_but_computing() {
        let kind = kind();
        let step = kind.compile(&kind.descriptor.example.config).unwrap();
        let scope = Scope::sample(&kind.descriptor.example.context);
        let context =
            Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: "run:code".into() };
        let Ok(Outcome::Perform(operation)) = step.start(&context) else { panic!("it asks for an effect") };
        assert_eq!((operation.access, &operation.input["effect"]), (Access::Read, &json!("pure")));
        assert_eq!(operation.input["input"]["input"]["emails"][0], "a@Example.com");
    }

    #[test]
    fn code_has_to_be_there_and_to_have_an_end() {
        let kind = kind();
        assert_eq!(kind.compile(&json!({"code": " "})).unwrap().check()[0].field, "/code");
        let long = kind.compile(&json!({"code": "x".repeat(LONGEST + 1)})).unwrap();
        let scope = Scope::sample(&json!({}));
        let context = Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: String::new() };
        assert_eq!(long.start(&context).unwrap_err().code, "PLUG-0021");
    }
}
