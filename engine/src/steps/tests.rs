//! What holds for every step kind, and what the tests of each kind share.

use super::all;
use crate::expression::Scope;
use crate::failure::Failure;
use crate::kind::{Context, Done, Outcome, PortRule, Registry, Step};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The moment at which test steps run.
pub(super) const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

pub(super) fn compiled(kind: &str, config: &Value) -> Box<dyn Step> {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::core);
    REGISTRY.get(kind).unwrap().compile(config).unwrap_or_else(|problem| panic!("{kind}: {problem:?}"))
}

/// `config` with `settings` added.
pub(super) fn with(mut config: Value, settings: Value) -> Value {
    let Value::Object(settings) = settings else { panic!("settings are a record: {settings}") };
    config.as_object_mut().unwrap().extend(settings);
    config
}

pub(super) fn start(step: &dyn Step, data: &Value) -> Result<Outcome, Failure> {
    step.start(&Context { scope: &Scope::sample(data), now: NOW, idempotency_key: "run:step".into() })
}

pub(super) fn run(step: &dyn Step, data: &Value) -> Done {
    match start(step, data) {
        Ok(Outcome::Done(done)) => done,
        other => panic!("not finished: {other:?}"),
    }
}

#[test]
fn every_example_does_what_it_says() {
    for kind in all() {
        let about = &kind.descriptor;
        let example = &about.example;
        let step =
            kind.compile(&example.config).unwrap_or_else(|problem| panic!("{}: {problem:?}", about.kind));
        assert_eq!(step.check(), [], "{}", about.kind);
        let (output, port) = match start(step.as_ref(), &example.context).unwrap() {
            Outcome::Done(done) => (Some(done.output), done.port),
            Outcome::Respond(reply) => {
                (Some(json!({"status": reply.status, "body": reply.body})), "out".into())
            }
            Outcome::Stop { .. } | Outcome::Break => (None, String::new()),
            Outcome::Await(wait) => match wait.what {
                crate::kind::Awaited::Approval { options, .. } => (None, options[0].id.clone()),
                _ => (None, "out".into()),
            },
            Outcome::Perform(_)
            | Outcome::WaitUntil(_)
            | Outcome::Exchange(_)
            | Outcome::Loop(_)
            | Outcome::Repeat { .. }
            | Outcome::Try
            | Outcome::Call(_) => (None, "out".into()),
        };
        assert_eq!((output, &port), (example.output.clone(), &example.port), "{}", about.kind);
        let ports = crate::compile::ports(&about.ports, Some(step.as_ref()));
        assert!(
            port.is_empty() || ports.iter().any(|known| known.id == port),
            "{} has no port {port}",
            about.kind
        );
    }
}

#[test]
fn every_fresh_step_compiles() {
    for kind in all() {
        let about = &kind.descriptor;
        assert!(kind.compile(&about.default_config).is_ok(), "{}", about.kind);
    }
}

#[test]
fn every_setting_has_a_title_and_a_sentence() {
    for kind in all() {
        let about = &kind.descriptor;
        let properties = about.schema["properties"].as_object().cloned().unwrap_or_default();
        for (name, setting) in properties {
            assert!(setting["title"].is_string(), "{}.{name} has no title", about.kind);
            assert!(setting["description"].is_string(), "{}.{name} has no description", about.kind);
        }
        let schema = about.schema.to_string();
        assert!(
            !schema.contains("\"$ref\"") && !schema.contains("\"$defs\""),
            "{} has references",
            about.kind
        );
    }
}

#[test]
fn every_descriptor_is_written_for_people() {
    for kind in all() {
        let about = &kind.descriptor;
        assert!(
            about.summary.ends_with('.') && !about.help.is_empty() && !about.keywords.is_empty(),
            "{}",
            about.kind
        );
        assert!(about.summary.len() < 90, "{}: a summary is one short sentence", about.kind);
        for field in about.summary_template.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(about.schema["properties"][field].is_object(), "{} has no setting {field}", about.kind);
        }
        if let PortRule::Cases { field, .. } = &about.ports {
            assert!(about.schema["properties"][field].is_object(), "{}", about.kind);
        }
    }
}

#[test]
fn unknown_settings_are_refused() {
    for kind in all() {
        let mut config = kind.descriptor.default_config.clone();
        config["nonsense"] = json!(1);
        assert!(kind.compile(&config).is_err(), "{}", kind.name());
    }
}
