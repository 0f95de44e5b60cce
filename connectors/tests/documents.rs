//! What is recorded in manifests, against what the vendors publish: every recorded request is one that the vendor's OpenAPI
//! or Swagger document describes, and every recorded answer has the shape it promises.
//!
//! The documents lie beside the repository; without them the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use trunkline_connectors::Catalog;
use trunkline_connectors::manifest::example::Exchange;
use url::Url;

fn documents(paths: &[&str]) -> Option<Vec<Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("TRUNKLINE_SHARED").map_or(root, PathBuf::from).join("openapi/vendors");
    if !root.exists() {
        eprintln!("skipped: {} is absent", root.display());
        return None;
    }
    Some(
        paths
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(root.join(path)).unwrap();
                match path.ends_with(".yaml") || path.ends_with(".yml") {
                    true => serde_saphyr::from_str_with_options(&text, roomy()).unwrap(),
                    false => serde_json::from_str(&text).unwrap(),
                }
            })
            .collect(),
    )
}

/// What a vendor's document may hold; ours are small.
fn roomy() -> serde_saphyr::Options {
    serde_saphyr::options! { budget: None }
}

/// An operation of a document.
struct Operation<'a> {
    document: &'a Value,
    described: &'a Value,
    /// The parameters that all operations of its path have.
    shared: &'a Value,
}

fn operation<'a>(documents: &'a [Value], method: &str, path: &str) -> Option<Operation<'a>> {
    let mut found: Option<(usize, Operation<'a>)> = None;
    for document in documents {
        let server = document["servers"][0]["url"].as_str().and_then(|server| Url::parse(server).ok());
        let base = server.map_or_else(
            || document["basePath"].as_str().unwrap_or_default().to_owned(),
            |server| server.path().to_owned(),
        );
        let base = base.trim_end_matches('/');
        for (template, operations) in document["paths"].as_object().unwrap() {
            let Some(described) = operations.get(method.to_lowercase()) else { continue };
            let template = format!("{base}{template}");
            let variables = template.matches('{').count();
            // A path without variables goes before one whose variable would swallow it.
            if fits(&template, path) && found.as_ref().is_none_or(|(fewest, _)| variables < *fewest) {
                found =
                    Some((variables, Operation { document, described, shared: &operations["parameters"] }));
            }
        }
    }
    found.map(|(_, operation)| operation)
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let same = |part: &str, given: &str| match part.strip_prefix('{').and_then(|part| part.split_once('}')) {
        Some((_, end)) => given.len() > end.len() && given.ends_with(end),
        None => part == given,
    };
    template.len() == path.len() && template.iter().zip(&path).all(|(part, given)| same(part, given))
}

/// The schema of a body, whatever the document calls its kind.
fn body(described: &Value) -> Option<&Value> {
    described["content"].as_object()?.values().next().map(|content| &content["schema"])
}

/// `value` or what it refers to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

/// What `value` lacks of `schema`: the part of JSON Schema that these documents use.
fn differences(document: &Value, schema: &Value, value: &Value, at: &str, into: &mut Vec<String>) {
    if schema["$ref"].is_string() {
        return differences(document, resolved(document, schema), value, at, into);
    }
    if schema["nullable"] == true && value.is_null() {
        return;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return of_all(document, parts, value, at, into);
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(shapes) = schema[several].as_array() {
            return of_any(document, shapes, value, at, into);
        }
    }
    let is_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !is_type {
        return into.push(format!("{at} is no {}", schema["type"]));
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        into.push(format!("{at} is none of {choices:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            into.push(format!("{at} lacks {name}"));
        }
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let inside = format!("{at}/{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(property), _) => differences(document, property, field, &inside, into),
            (None, more @ Value::Object(_)) => differences(document, more, field, &inside, into),
            (None, _) if schema["properties"].is_object() => into.push(format!("{inside} is not known")),
            _ => {}
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        differences(document, &schema["items"], item, &format!("{at}/{number}"), into);
    }
}

/// What `value` lacks of all `parts` together: a field that one of them does not know may be another's.
fn of_all(document: &Value, parts: &[Value], value: &Value, at: &str, into: &mut Vec<String>) {
    let mut found: Vec<Vec<String>> = Vec::new();
    for part in parts {
        let mut of_part = Vec::new();
        differences(document, part, value, at, &mut of_part);
        found.push(of_part);
    }
    let unknown = |what: &String| what.ends_with(" is not known");
    let common =
        found[0].iter().filter(|what| unknown(what) && found.iter().all(|other| other.contains(what)));
    into.extend(common.cloned());
    into.extend(found.iter().flatten().filter(|what| !unknown(what)).cloned());
}

/// What `value` lacks of the one of `shapes` that it comes nearest to.
fn of_any(document: &Value, shapes: &[Value], value: &Value, at: &str, into: &mut Vec<String>) {
    let lacks = |shape: &Value| {
        let mut found = Vec::new();
        differences(document, shape, value, at, &mut found);
        found
    };
    into.extend(shapes.iter().map(lacks).min_by_key(Vec::len).unwrap_or_default());
}

fn check(documents: &[Value], exchange: &Exchange) -> Vec<String> {
    let request = &exchange.request;
    let url = Url::parse(&request.url).unwrap();
    let Some(Operation { document, described, shared }) =
        operation(documents, request.method.as_str(), url.path())
    else {
        return vec![format!("{} {} is not in the document", request.method.as_str(), url.path())];
    };
    let mut wrong = Vec::new();
    let parameters: Vec<Value> = described["parameters"]
        .as_array()
        .into_iter()
        .chain(shared.as_array())
        .flatten()
        .map(|parameter| resolved(document, parameter).clone())
        .collect();
    // A list's name may end in [], and a document that names no parameter at all describes none.
    let says_query = parameters.iter().any(|one| one["in"] == "query");
    let known = |place: &str, name: &str| {
        let name = name.split('[').next().unwrap_or_default();
        (place == "query" && !says_query)
            || parameters.iter().any(|one| one["in"] == place && one["name"] == name)
    };
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let form = request.form.clone().unwrap_or_default();
    wrong.extend(
        query.keys().filter(|name| !known("query", name)).map(|name| format!("?{name} is not known")),
    );
    wrong.extend(
        form.keys().filter(|name| !known("formData", name)).map(|name| format!("{name} is not known")),
    );
    for parameter in parameters.iter().filter(|one| one["required"] == true) {
        let name = parameter["name"].as_str().unwrap();
        let is_there = match parameter["in"].as_str().unwrap() {
            "query" => query.contains_key(name),
            // A file is recorded as text.
            "formData" => form.contains_key(name) || (parameter["type"] == "file" && request.text.is_some()),
            _ => true,
        };
        // The proof of who we are is not part of what is recorded.
        if !is_there && name != "token" {
            wrong.push(format!("{name} is missing"));
        }
    }
    if let Some(json) = &request.json {
        // Swagger calls the body a parameter.
        let in_swagger = parameters.iter().find(|one| one["in"] == "body").map(|one| &one["schema"]);
        match body(resolved(document, &described["requestBody"])).or(in_swagger) {
            Some(schema) => differences(document, schema, json, "body", &mut wrong),
            None => wrong.push("it takes no body".into()),
        }
    }
    let answer = resolved(document, &described["responses"][exchange.answer.status.to_string()]);
    let answer = body(answer).or_else(|| answer.get("schema"));
    if let Some(answer) = answer.filter(|answer| !answer.is_null() && exchange.answer.text.is_none()) {
        differences(document, answer, &exchange.answer.json, "answer", &mut wrong);
    }
    wrong
}

fn every_recorded_call_fits(app: &str, paths: &[&str]) {
    every_recorded_call_but(app, paths, |_| false);
}

fn every_recorded_call_but(app: &str, paths: &[&str], leave_out: impl Fn(&str) -> bool) {
    let Some(documents) = documents(paths) else { return };
    let catalog = Catalog::built_in();
    let manifest = catalog.get(app).unwrap();
    let of_actions = manifest.actions.iter().flat_map(|(name, action)| {
        action.examples.iter().map(move |example| (name, &example.title, &example.exchange))
    });
    let of_triggers = manifest.triggers.iter().flat_map(|(name, trigger)| {
        trigger.examples.iter().map(move |example| (name, &example.title, &example.exchange))
    });
    let mut wrong = Vec::new();
    for (name, title, exchanges) in of_actions.chain(of_triggers) {
        let found = exchanges.iter().flat_map(|exchange| check(&documents, exchange));
        let found = found.filter(|what| !leave_out(what));
        wrong.extend(found.map(|what| format!("{name}, \"{title}\": {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hubspot_is_called_as_its_documents_say() {
    let paths = [
        "contacts.v3.json",
        "objects.v3.json",
        "owners.v3.json",
        "properties.v3.json",
        "pipelines.v3.json",
        "associations.v4.json",
        "lists.v3.json",
        "notes.v3.json",
        "tasks.v3.json",
        "subscriptions.v4.json",
    ];
    every_recorded_call_fits(
        "hubspot",
        &paths.map(|path| format!("hubspot/{path}")).each_ref().map(String::as_str),
    );
}

#[test]
fn slack_is_called_as_its_document_says() {
    // Its errors come with a 200, which the document keeps for successes, and it requires more of them than it gives.
    every_recorded_call_but("slack", &["slack/slack_web_openapi_v2.json"], |what| what.starts_with("answer"));
}

#[test]
fn pipedrive_is_called_as_its_documents_say() {
    every_recorded_call_but("pipedrive", &["pipedrive/v2.yml", "pipedrive/v1.yml"], |what| {
        // Written for deals: organisations have a name and no title.
        what == "body lacks title"
    });
}

#[test]
fn mailchimp_is_called_as_its_document_says() {
    every_recorded_call_fits("mailchimp", &["mailchimp/marketing.json"]);
}

#[test]
fn marketo_is_called_as_its_documents_say() {
    // One shape stands for requests and answers, with all fields required in both: here is what the API leaves out.
    let left_out = [
        "answer lacks errors",
        "answer lacks warnings",
        "answer lacks result",
        "body/input/0 lacks id",
        "body/input/0 lacks errors",
        "body lacks fields",
    ];
    every_recorded_call_but(
        "marketo",
        &["marketo/mapi.swagger2.json", "marketo/asset.swagger2.json"],
        |what| {
            // Fields of leads and companies are the customer's own.
            let is_own = what.contains("body/input/") || what.contains("answer/result/");
            (is_own && what.ends_with("is not known"))
                || what.contains("answer/result/0 lacks")
                || left_out.iter().any(|known| what.ends_with(known))
        },
    );
}

#[test]
fn asana_is_called_as_its_document_says() {
    // A list holds whatever `opt_fields` asks for, which the document cannot say.
    every_recorded_call_but("asana", &["asana/asana_oas.yaml"], |what| {
        what.starts_with("answer/data/0/") && what.ends_with("is not known")
    });
}

#[test]
fn google_sheets_is_called_as_its_document_says() {
    // The list of spreadsheets belongs to another document.
    every_recorded_call_but("google_sheets", &["google/sheets.v4.json"], |what| {
        what.contains("/drive/v3/files")
    });
}

#[test]
fn outreach_is_called_as_its_document_says() {
    // The document leaves out the addresses of other pages, which the vendor's guide has.
    every_recorded_call_but("outreach", &["outreach/outreach-openapi.json"], |what| {
        what.contains("answer/links")
    });
}

#[test]
fn salesloft_is_called_as_its_document_says() {
    // The document leaves out the record around what is answered, which the vendor's own examples have.
    every_recorded_call_but("salesloft", &["salesloft/salesloft.json"], |what| what.starts_with("answer"));
}
