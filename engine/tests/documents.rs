//! Documents of every released format still load, compile and mean what they meant.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]
#![allow(clippy::disallowed_methods, reason = "the documents are files beside this test")]

use std::collections::BTreeSet;
use std::path::Path;
use trunkline_engine::compile::Compiled;
use trunkline_engine::document::{Document, Steps};
use trunkline_engine::kind::Registry;

fn kinds(steps: &Steps, into: &mut BTreeSet<String>) {
    for step in steps.values() {
        into.insert(step.kind.clone());
        if let Some(body) = &step.body {
            kinds(&body.steps, into);
        }
    }
}

#[test]
fn documents_of_format_1_load_and_cover_the_kinds_they_were_released_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/1");
    let registry = Registry::core();
    let mut met = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let document: Document = serde_json::from_str(&text).unwrap();
        assert_eq!(document.format, 1, "{}", path.display());
        kinds(&document.steps, &mut met);
        let again: Document = serde_json::from_str(&serde_json::to_string(&document).unwrap()).unwrap();
        assert_eq!(again, document, "{}", path.display());
        Compiled::new(document, &registry)
            .unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()));
    }
    // The kinds of the first release; later ones come with documents of their own.
    let released = [
        "aggregate",
        "call_workflow",
        "filter_list",
        "form",
        "http_request",
        "if",
        "loop",
        "manual",
        "respond",
        "schedule",
        "set_fields",
        "stop",
        "switch",
        "wait",
        "webhook",
    ];
    let missing: Vec<_> = released.into_iter().filter(|kind| !met.contains(*kind)).collect();
    assert!(missing.is_empty(), "no document has {missing:?}");
}

#[test]
fn the_example_of_every_kind_survives_the_way_through_json_and_compiles() {
    let registry = Registry::core();
    for kind in registry.iter() {
        let descriptor = &kind.descriptor;
        let mut steps = serde_json::json!({
            "go": {"kind": "manual"},
            "it": {"kind": descriptor.kind, "config": descriptor.example.config},
        });
        let holds = ["loop", "repeat", "try"].contains(&descriptor.kind.as_ref());
        if holds {
            let inner =
                serde_json::json!({"kind": "set_fields", "config": {"fields": [{"name": "n", "value": 1}]}});
            steps["it"]["body"] = serde_json::json!({"steps": {"inside": inner}, "edges": []});
        }
        let is_trigger = descriptor.category == trunkline_engine::kind::Category::Trigger;
        let edges =
            if is_trigger { serde_json::json!([]) } else { serde_json::json!([{"from": "go", "to": "it"}]) };
        let document = serde_json::json!({"format": 1, "name": "example", "steps": steps, "edges": edges});
        let document: Document = serde_json::from_value(document).unwrap();
        let again: Document = serde_json::from_str(&serde_json::to_string(&document).unwrap()).unwrap();
        assert_eq!(again, document, "{}", descriptor.kind);
        // What ends a loop stands in one.
        if descriptor.kind != "break_loop" {
            Compiled::new(document, &registry)
                .unwrap_or_else(|problems| panic!("{}: {problems:#?}", descriptor.kind));
        }
    }
}
