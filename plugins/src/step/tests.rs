//! Steps of plugins: what they ask for, and what their settings may hold.

use super::*;
use chrono::{DateTime, Utc};
use trunkline_engine::expression::Scope;

fn about() -> Arc<Description> {
    let said = json!({
        "format": 1, "name": "lookup", "title": "Lookup", "version": "1.0.0", "summary": "Looks up.",
        "capabilities": {"hosts": ["api.example.com"]},
        "steps": [{
            "name": "find", "title": "Find a company", "summary": "Finds.", "effect": "write",
            "settings": {"type": "object", "required": ["domain"], "properties": {
                "domain": {"type": "string", "title": "Domain"}, "most": {"type": "integer"},
            }},
            "ports": [{"id": "found", "label": "found"}, {"id": "nothing", "label": "nothing"}],
            "examples": [{"settings": {"domain": "example.com"}, "output": {"name": "Example"}}],
        }],
    });
    Arc::new(Description::read(&said.to_string()).unwrap())
}

fn step(config: &Value) -> Result<Box<dyn Step>, ConfigProblem> {
    kinds(&about()).remove(0).compile(config)
}

fn context(scope: &Scope) -> Context<'_> {
    let now = DateTime::<Utc>::from_timestamp_millis(1_700_000_000_123).unwrap();
    Context { scope, now, idempotency_key: "run:find".into() }
}

#[test]
fn a_step_asks_for_what_it_needs_and_nothing_that_changes_on_replay() {
    let scope = Scope::sample(&json!({"trigger": {"site": "example.com"}}));
    let step = step(&json!({"domain": "{{ trigger.site }}", "most": "3"})).unwrap();
    let Ok(Outcome::Perform(operation)) = step.start(&context(&scope)) else {
        panic!("it asks for an effect")
    };
    assert_eq!((operation.performer, operation.access), (Performer::Plugin, Access::Write));
    assert_eq!(operation.promise, Promise::Uncertain);
    assert_eq!(operation.action, "plugin.lookup.find");
    assert_eq!(operation.input["input"], json!({"domain": "example.com", "most": 3}));
    assert_eq!(
        (&operation.input["key"], &operation.input["now"]),
        (&"run:find".into(), &1_700_000_000_123_i64.into())
    );
}

#[test]
fn settings_are_checked_when_written_and_when_computed() {
    assert_eq!(step(&json!({"nope": 1})).unwrap_err().field, "/nope");
    assert_eq!(step(&json!({"domain": " "})).unwrap().check()[0].field, "/domain");
    let scope = Scope::sample(&json!({}));
    let failed =
        step(&json!({"domain": "{{ trigger.nothing }}"})).unwrap().start(&context(&scope)).unwrap_err();
    assert_eq!(failed.code, "PLUG-0021");
    assert!(
        failed.message.contains("Lookup") && failed.message.contains("Domain is missing"),
        "{}",
        failed.message
    );
}

#[test]
fn the_port_comes_from_the_journal() {
    let scope = Scope::sample(&json!({}));
    let step = step(&json!({"domain": "x"})).unwrap();
    let left_by = |output: Value| {
        let result = Performed { output, ..Performed::default() };
        step.resume(&context(&scope), result).map(|outcome| match outcome {
            Outcome::Done(done) => (done.port, done.output),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(left_by(journaled(json!(1), None)).unwrap(), ("found".into(), json!(1)));
    assert_eq!(left_by(journaled(json!(1), Some("nothing".into()))).unwrap(), ("nothing".into(), json!(1)));
    assert_eq!(left_by(journaled(json!(1), Some("else".into()))).unwrap_err().code, "PLUG-0015");
    let plain = json!({"output": 1});
    assert_eq!(left_by(plain.clone()).unwrap(), ("found".into(), plain));
}
