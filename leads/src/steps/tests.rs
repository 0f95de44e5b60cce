//! What holds for every step kind of this crate.

use super::{all, internal};
use crate::operation::Operation;
use chrono::DateTime;
use serde_json::{Value, json};
use std::collections::HashSet;
use trunkline_engine::expression::Scope;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{Access, Category, Context, Outcome, Performer, Promise, StepKind};

/// What a step with these settings asks for when it starts.
pub(super) fn asked(kind: &StepKind, config: &Value, data: &Value) -> Result<Operation, Failure> {
    let step = kind.compile(config).expect("settings that compile");
    let scope = Scope::sample(data);
    let context = Context { scope: &scope, now: DateTime::UNIX_EPOCH, idempotency_key: "run/step".into() };
    let effect = match step.start(&context)? {
        Outcome::Perform(effect) => effect,
        Outcome::Exchange(exchange) => exchange.operation,
        _ => panic!("it asks for no effect"),
    };
    assert_eq!(
        (effect.performer, effect.access, effect.promise),
        (Performer::Leads, Access::Write, Promise::Once)
    );
    Operation::read(&effect.action, &effect.input)
}

/// The fields that are wrong with these settings.
pub(super) fn problems(kind: &StepKind, config: &Value) -> Vec<String> {
    kind.compile(config)
        .expect("settings that compile")
        .check()
        .into_iter()
        .map(|problem| problem.field)
        .collect()
}

#[test]
fn every_kind_describes_itself_and_its_example_works() {
    let mut names = HashSet::new();
    for kind in all().into_iter().chain(internal()) {
        let about = &kind.descriptor;
        assert!(names.insert(about.kind.clone()), "{} twice", about.kind);
        assert_eq!(about.category, Category::Lead, "{}", about.kind);
        // A step either writes once or writes nothing.
        let writes = about.promise == Promise::Once;
        assert!(writes || about.promise == Promise::None, "{}", about.kind);
        assert!(!about.summary.is_empty() && !about.help.is_empty() && about.output_sample.is_object());
        assert_eq!(problems(&kind, &about.example.config), [""; 0], "{}", about.kind);
        if writes {
            asked(&kind, &about.example.config, &about.example.context).unwrap();
        }
        kind.compile(&about.default_config).unwrap();
        let schema = about.schema.to_string();
        assert!(!schema.contains("$ref"), "{} refers to {schema}", about.kind);
        for (name, field) in about.schema["properties"].as_object().unwrap() {
            assert!(
                field["title"].is_string() && field["description"].is_string(),
                "{}.{name}: {field}",
                about.kind
            );
        }
    }
}

#[test]
fn unknown_settings_are_refused_by_name() {
    for kind in all().into_iter().chain(internal()) {
        let mut config = kind.descriptor.default_config.clone();
        config["surprise"] = json!(1);
        let problem = kind.compile(&config).unwrap_err();
        assert!(problem.message.contains("surprise"), "{}", problem.message);
    }
}
