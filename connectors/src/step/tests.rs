//! Actions as step kinds: their forms, what they ask of the gate, what they refuse.

use super::*;
use crate::catalog::Catalog;
use chrono::Utc;
use trunkline_engine::kind::Registry;

fn registry() -> Registry {
    Catalog::built_in().beside(Registry::core())
}

fn context(scope: &Scope) -> Context<'_> {
    Context { scope, now: Utc::now(), idempotency_key: "run:step".into() }
}

#[test]
fn every_action_is_a_step_kind_whose_example_compiles() {
    let registry = registry();
    for manifest in Catalog::built_in().iter() {
        for (name, action) in &manifest.actions {
            let kind = registry.get(&manifest.kind_of(name)).unwrap();
            let about = &kind.descriptor;
            assert!(about.title.starts_with(&format!("{}: ", manifest.name)), "{}", about.title);
            let step = kind.compile(&about.example.config).unwrap();
            assert!(step.check().is_empty(), "{}: {:?}", about.kind, step.check());
            assert!(
                !kind.compile(&about.default_config).unwrap().check().is_empty(),
                "no connection is chosen"
            );
            assert_eq!(about.schema["properties"][CONNECTION]["x-app"], manifest.id.as_str());
            assert_eq!(about.promise == Promise::None, action.only_reads());
        }
    }
}

#[test]
fn a_step_asks_the_gate_with_its_connection_inputs_and_key() {
    let registry = registry();
    let kind = registry.get("hubspot.create_contact").unwrap();
    let config = json!({ CONNECTION: "c1", "email": "{{ trigger.body.email }}", "properties": { "firstname": "{{ trigger.body.first }}" } });
    let step = kind.compile(&config).unwrap();
    let scope =
        Scope::sample(&json!({ "trigger": { "body": { "email": "ada@x.example", "first": "Ada" } } }));
    let Ok(Outcome::Perform(operation)) = step.start(&context(&scope)) else { panic!("it asks") };
    assert_eq!((operation.performer, operation.access), (Performer::App, Access::Write));
    assert_eq!(operation.promise, Promise::Checked);
    let input = json!({ "email": "ada@x.example", "properties": { "firstname": "Ada" } });
    assert_eq!(operation.input, json!({ CONNECTION: "c1", "input": input, "key": "run:step" }));
    let look = step.verify(&context(&scope)).unwrap().unwrap();
    assert_eq!((look.action.as_ref(), look.access), ("hubspot.find_contact", Access::Read));
    assert_eq!(look.input["input"]["value"], "ada@x.example");
    let found = Performed {
        output: json!({ "found": true, "contact": { "id": "1" } }),
        why: None,
        written: Vec::new(),
    };
    assert_eq!(step.verified(&context(&scope), found).unwrap().unwrap().output, json!({ "id": "1" }));
}

#[test]
fn unknown_fields_and_broken_expressions_are_named() {
    let registry = registry();
    let kind = registry.get("slack.post_message").unwrap();
    for (config, field) in [
        (json!({ CONNECTION: "c", "chanel": "x" }), "/chanel"),
        (json!({ CONNECTION: "c", "text": "{{ trigger. }}" }), "/text"),
        (json!({ CONNECTION: 7 }), "/connection"),
    ] {
        assert_eq!(kind.compile(&config).unwrap_err().field, field);
    }
    let missing = kind.compile(&json!({ CONNECTION: "c", "text": "x" })).unwrap().check();
    assert_eq!(missing.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["/channel"]);
}

#[test]
fn titles_read_well_behind_the_app_s_name() {
    assert_eq!(lower_first("Create a contact"), "create a contact");
    assert_eq!(lower_first("SOQL query"), "SOQL query");
    assert_eq!(lower_first("A"), "A");
}

#[test]
fn a_form_knows_what_its_choices_depend_on() {
    let registry = registry();
    let schema = |kind: &str| registry.get(kind).unwrap().descriptor.schema.clone();
    let found = schema("salesforce.find_record");
    let field = &found["properties"]["field"];
    assert_eq!((&field["x-ui"], &field["x-app-name"]), (&json!("app_choice"), &json!("Salesforce")));
    let object = json!({ "title": "Object", "usual": "Lead", "needed": false });
    assert_eq!(field["x-depends"], json!({ "object": object }), "without an object it is that of leads");
    let listed = schema("airtable.list_records");
    let fields = &listed["properties"]["fields"];
    assert_eq!(fields["x-ui"], "app_fields");
    assert_eq!(fields["x-depends"]["table"]["needed"], true);
    assert_eq!(schema("pipedrive.create_deal")["properties"]["stage"]["x-ui"], "app_choice");
}
