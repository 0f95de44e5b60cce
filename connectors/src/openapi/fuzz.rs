//! Documents broken in every way a machine thinks of: whatever comes, it is an answer, in bounded time.

use super::{Choice, read};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A document with something of everything.
fn whole() -> Value {
    json!({
        "openapi": "3.0.1",
        "info": { "title": "Acme", "version": "1" },
        "servers": [{ "url": "https://{shop}.acme.example/v1", "variables": { "shop": { "default": "demo" } } }],
        "security": [{ "key": [] }, { "oauth": ["read"] }],
        "paths": {
            "/people/{id}": {
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "get": { "operationId": "getPerson", "tags": ["people"], "responses": { "200": { "$ref": "#/components/responses/Person" } } },
                "patch": {
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Person" } } } },
                    "responses": { "204": { "description": "done" } },
                },
            },
            "/people": {
                "get": {
                    "parameters": [
                        { "name": "cursor", "in": "query", "schema": { "type": "string" } },
                        { "name": "tags", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
                        { "name": "filter", "in": "query", "style": "deepObject", "schema": { "type": "object" } },
                        { "name": "X-Trace", "in": "header", "schema": { "type": "string" } },
                        { "name": "seen", "in": "cookie", "schema": { "type": "integer" } },
                    ],
                    "responses": { "200": { "content": { "application/json": { "schema": {
                        "type": "object",
                        "properties": {
                            "data": { "type": "array", "items": { "$ref": "#/components/schemas/Person" } },
                            "next_cursor": { "type": "string", "nullable": true },
                        },
                    } } } } },
                },
            },
        },
        "components": {
            "responses": { "Person": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Person" } } } } },
            "schemas": {
                "Person": {
                    "allOf": [{ "$ref": "#/components/schemas/Base" }, {
                        "type": "object",
                        "required": ["email"],
                        "properties": {
                            "email": { "type": "string", "format": "email" },
                            "stage": { "type": "string", "enum": ["new", "won"] },
                            "manager": { "$ref": "#/components/schemas/Person" },
                            "address": { "oneOf": [{ "type": "string" }, { "type": "object", "properties": { "city": { "type": "string" } } }] },
                        },
                    }],
                },
                "Base": { "type": "object", "properties": { "id": { "type": "string", "readOnly": true } } },
            },
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
                "oauth": { "type": "oauth2", "flows": { "authorizationCode": { "authorizationUrl": "https://acme.example/a", "tokenUrl": "https://acme.example/t", "scopes": {} } } },
            },
        },
    })
}

/// Everything that is done with a document. Whatever becomes a manifest passes every check and plays its examples.
fn used(text: &str) {
    let Ok(document) = read(text, Some("https://acme.example/openapi.json")) else { return };
    let survey = document.survey();
    let mut choice = Choice::usual(&survey, None);
    choice.operations.truncate(super::MOST_CHOSEN);
    if choice.base_url.is_empty() {
        choice.base_url = "https://api.acme.example".into();
    }
    if let Ok(draft) = document.draft(&choice) {
        let manifest = std::sync::Arc::new(draft.manifest);
        crate::recorded::play_all(&manifest).expect("what was recorded plays");
    }
}

/// A value that belongs nowhere in particular.
fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "#",
            "#/",
            "#/paths",
            "#/components/schemas/Person",
            "#/components/schemas/Base",
            "other.json",
            "{{ input.x }}",
            "{{",
            "}}",
            "{id}",
            "object",
            "array",
            "string",
            "..",
            "https://[",
            "\u{0}",
            "x-",
            "/a{b",
            "a}b",
            "~1~0",
            "",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "$ref",
        "type",
        "properties",
        "items",
        "allOf",
        "oneOf",
        "anyOf",
        "enum",
        "required",
        "schema",
        "content",
        "in",
        "name",
        "default",
        "example",
        "parameters",
        "get",
        "post",
        "responses",
        "200",
        "/x",
        "/{y}",
        "security",
        "const",
        "style",
        "explode",
        "application/json",
        "description",
        "format",
        "additionalProperties",
        "flows",
        "url",
    ])
    .prop_map(str::to_owned)
}

/// Every place of a document.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| places(item, &format!("{at}/{number}"), into));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| places(field, &super::walk::joined(at, name), into));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn odd_values_anywhere(changes in prop::collection::vec((any::<prop::sample::Index>(), odd()), 1..5)) {
        let mut document = whole();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&document, "", &mut all);
            let place = place.get(&all).clone();
            if let Some(here) = document.pointer_mut(&place) {
                *here = value;
            }
        }
        used(&document.to_string());
    }

    #[test]
    fn parts_put_elsewhere(moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..5)) {
        let mut document = whole();
        for (from, to) in moves {
            let mut all = Vec::new();
            places(&document, "", &mut all);
            let part = document.pointer(from.get(&all).as_str()).cloned().unwrap_or_default();
            if let Some(here) = document.pointer_mut(to.get(&all).as_str()) {
                *here = part;
            }
            // Growth by copying is the point, but not without end.
            if document.to_string().len() > 200_000 {
                break;
            }
        }
        used(&document.to_string());
    }

    #[test]
    fn texts_cut_off(end in any::<prop::sample::Index>(), pretty in any::<bool>(), junk in "\\PC{0,8}") {
        let text = if pretty { format!("{:#}", whole()) } else { whole().to_string() };
        let end = text.floor_char_boundary(end.index(text.len()));
        used(&format!("{}{junk}", &text[..end]));
    }

    #[test]
    fn yaml_with_lines_changed(line in any::<prop::sample::Index>(), with in "[ :\\-a-z&*!|>'\"{}\\[\\]#?]{0,12}") {
        let yaml = serde_saphyr::to_string(&whole()).unwrap();
        let mut lines: Vec<&str> = yaml.lines().collect();
        let at = line.index(lines.len());
        lines[at] = &with;
        used(&lines.join("\n"));
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}") {
        used(&text);
    }
}

/// Documents made to be expensive. Without budgets the first would take longer than the world has stood, so that it ends is
/// what is tested.
#[test]
fn bombs_do_not_go_off() {
    // Each level refers twice to the next: 2^60 leaves.
    let doubling = |word: &str| {
        let mut schemas = Map::new();
        for level in 0..60 {
            let next = json!({ "$ref": format!("#/components/schemas/L{}", level + 1) });
            let inside = match word {
                "properties" => json!({ "type": "object", "properties": { "a": next, "b": next } }),
                word => json!({ word: [next, next] }),
            };
            schemas.insert(format!("L{level}"), inside);
        }
        schemas.insert("L60".into(), json!({ "type": "string" }));
        let mut document = whole();
        document["components"]["schemas"] = Value::Object(schemas);
        document["components"]["schemas"]["Person"] = json!({ "$ref": "#/components/schemas/L0" });
        document.to_string()
    };
    let mut many = whole();
    let operation = many["paths"]["/people"]["get"].clone();
    for number in 0..1_600 {
        many["paths"][format!("/x{number}")] = json!({ "get": operation, "post": operation });
    }
    let mut wide = whole();
    for number in 0..50_000 {
        wide["components"]["schemas"]["Base"]["properties"][format!("p{number}")] =
            json!({ "type": "string" });
    }
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "1");
    let deep_yaml = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>();
    let mut laughs = String::from("openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x]\n");
    for (one, other) in "abcdefghi".chars().zip("bcdefghij".chars()) {
        laughs.push_str(&format!(
            "{other}: &{other} [*{one},*{one},*{one},*{one},*{one},*{one},*{one},*{one},*{one}]\n"
        ));
    }
    for text in [
        doubling("allOf"),
        doubling("oneOf"),
        doubling("anyOf"),
        doubling("properties"),
        many.to_string(),
        wide.to_string(),
        deep,
        deep_yaml,
        laughs,
        format!("{{\"openapi\": \"3.0.0\", \"x\": \"{}\"}}", "y".repeat(super::MOST_BYTES)),
    ] {
        let begun = std::time::Instant::now();
        used(&text);
        eprintln!("{} bytes in {} ms", text.len(), begun.elapsed().as_millis());
    }
}
