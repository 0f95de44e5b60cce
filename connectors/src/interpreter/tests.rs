//! What the interpreter asks and what it makes of answers, without a network.

mod chains;

use super::*;
use crate::catalog::Catalog;
use crate::recorded;
use proptest::prelude::*;
use trunkline_engine::failure::FailureKind;

fn app(action: &str) -> Arc<Manifest> {
    let text = format!(
        r#"manifest: 1
id: tiny
name: Tiny
version: 1.0.0
summary: A tiny app.
shelf: other
base_url: https://api.tiny.example/v1/
hosts: [api.tiny.example]
auth: [{{ id: basic, title: Password, grant: {{ kind: basic }} }}]
test: {{ action: look }}
actions:
  look: {{ title: Look, summary: Looks., request: {{ path: /look }}, examples: [{{ title: x, exchange: [], output: 1 }}] }}
  act:
    title: Act
    summary: Acts.
    examples: [{{ title: x, exchange: [], output: 1 }}]
{action}"#
    );
    Arc::new(Manifest::read(&text).unwrap_or_else(|refused| panic!("{refused}")))
}

fn call(app: &Arc<Manifest>, input: Value) -> Result<Call, Failure> {
    let input = input.as_object().unwrap().clone();
    Call::new(app, "act", Order { input, settings: Map::new(), key: "k1".into() })
}

fn answer(status: u16, headers: &[(&str, &str)], body: Value) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Answer::read(status, headers, body.to_string().as_bytes())
}

fn now() -> DateTime<Utc> {
    "2027-03-01T12:00:00Z".parse().unwrap()
}

fn done(turn: Turn) -> Value {
    match turn {
        Turn::Done(value) => value,
        Turn::More => panic!("another request is due"),
    }
}

#[test]
fn every_recorded_example_of_every_app_comes_out_as_recorded() {
    let mut played = 0;
    for manifest in Catalog::built_in().iter() {
        match recorded::play_all(manifest) {
            Ok(count) => played += count,
            Err(wrong) => panic!("{}", wrong.join("\n")),
        }
    }
    assert!(played >= 15, "{played} examples");
}

#[test]
fn the_template_of_a_new_app_works_as_it_stands() {
    let template = include_str!("../../../xtask/src/connector.yaml.txt");
    let text = template.replace("NAME", "acme").replace("TITLE", "Acme");
    let manifest = Manifest::read(&text).unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!(recorded::play_all(&Arc::new(manifest)), Ok(1));
}

#[test]
fn inputs_come_in_their_types_and_what_is_missing_is_said() {
    let app = app(r#"    input:
      properties:
        name: { type: string, title: Name }
        age: { type: integer, title: Age }
        kind: { type: string, title: Kind, enum: [a, b], default: a }
        tags: { type: array, items: { type: string }, title: Tags }
      required: [name]
    request: { path: /x, query: { name: "{{ input.name }}", age: "{{ input.age }}", kind: "{{ input.kind }}", tags: "{{ input.tags }}" } }
"#);
    let ask = call(&app, json!({ "name": 7, "age": " 8 ", "tags": ["x", 1] })).unwrap().ask().unwrap();
    assert_eq!(ask.url.as_str(), "https://api.tiny.example/v1/x?name=7&age=8&kind=a&tags=x%2C1");
    for (input, said) in [
        (json!({}), "\"Name\" is empty"),
        (json!({ "name": " " }), "\"Name\" is empty"),
        (json!({ "name": "x", "age": "old" }), "\"Age\" is not a whole number"),
        (json!({ "name": "x", "kind": "c" }), "one of a, b"),
        (json!({ "name": {} }), "\"Name\" is not a text"),
    ] {
        let failure = call(&app, input).unwrap_err();
        assert_eq!((failure.code.as_ref(), failure.kind), ("CONN-0002", FailureKind::BadInput));
        assert!(failure.message.contains(said), "{failure}");
    }
}

const PATHS: &str = r#"    input: { properties: { id: { type: string, title: Id } }, required: [id] }
    request: { path: "/things/{{ input.id }}/parts" }
"#;

proptest! {
    /// Whatever a lead's field holds, it stays one segment of the path and leads nowhere else.
    #[test]
    fn nothing_in_a_path_leads_elsewhere(id in "\\PC{1,20}") {
        let app = app(PATHS);
        let Ok(call) = call(&app, json!({ "id": id })) else { return Ok(()) };
        let Ok(ask) = call.ask() else { return Ok(()) };
        prop_assert_eq!(ask.url.host_str(), Some("api.tiny.example"));
        let segments: Vec<&str> = ask.url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4, "{}", ask.url);
        prop_assert_eq!((segments[0], segments[1], segments[3]), ("v1", "things", "parts"));
        prop_assert!(ask.url.query().is_none() && ask.url.fragment().is_none());
    }
}

#[test]
fn dots_do_not_climb() {
    let app = app(PATHS);
    for id in ["..", "."] {
        assert_eq!(call(&app, json!({ "id": id })).unwrap().ask().unwrap_err().code, "CONN-0002");
    }
}

#[test]
fn what_an_error_means_follows_from_the_first_rule_that_fits() {
    let app = app(r#"    request: { method: POST, path: /x }
    write: { repeat: uncertain }
    faults:
      - { status: [200], when: "{{ answer.body.errors[0].code == '606' }}", class: rate_limited, retry_after: "{{ 20 }}" }
      - { status: [200], when: "{{ answer.body.errors[0].code == '602' }}", class: token_expired }
      - { status: [200], when: "{{ answer.body.success == false }}", class: bad_input, message: "{{ answer.body.errors[0].message }}" }
      - { status: [404], class: nothing }
"#);
    let take = |answer: Answer| call(&app, json!({})).unwrap().take(answer, now());
    // Marketo says so in a 200.
    let error =
        |code: &str| json!({ "success": false, "errors": [{ "code": code, "message": "No such list" }] });
    let fault = take(answer(200, &[], error("606"))).unwrap_err();
    assert_eq!(fault.failure.retry_at, Some(now() + chrono::TimeDelta::seconds(20)));
    assert!(take(answer(200, &[], error("602"))).unwrap_err().is_token);
    let fault = take(answer(200, &[], error("1003"))).unwrap_err();
    assert_eq!(fault.failure.kind, FailureKind::BadInput);
    assert!(fault.failure.message.contains("No such list"));
    assert_eq!(done(take(answer(404, &[], json!({ "no": 1 }))).unwrap()), Value::Null);
    let kinds = [
        (401, FailureKind::Auth),
        (422, FailureKind::BadInput),
        (429, FailureKind::RateLimited),
        (500, FailureKind::UnknownOutcome),
        (503, FailureKind::Temporary),
        (302, FailureKind::Fatal),
    ];
    for (status, kind) in kinds {
        assert_eq!(take(answer(status, &[], json!({}))).unwrap_err().failure.kind, kind, "{status}");
    }
    let fault = take(answer(429, &[("retry-after", "7")], json!({}))).unwrap_err();
    assert_eq!(fault.failure.retry_at, Some(now() + chrono::TimeDelta::seconds(7)));
    let html = Answer::read(200, Vec::new(), b"<html>");
    assert_eq!(take(html).unwrap_err().failure.kind, FailureKind::UnknownOutcome, "it may have been done");
}

/// Plays a list of 7 items through `paging`; `serve` answers a request.
fn list(paging: &str, limit: u64, serve: impl Fn(&Ask) -> Answer) -> (Value, Vec<String>) {
    let app = app(&format!("    request: {{ path: /list, query: {{ a: b }} }}\n    paging: {paging}\n"));
    let mut call = call(&app, json!({ "limit": limit })).unwrap();
    let mut asked = Vec::new();
    loop {
        let ask = call.ask().unwrap();
        asked.push(ask.url[url::Position::BeforePath..].to_owned());
        if let Turn::Done(output) = call.take(serve(&ask), now()).unwrap() {
            return (output, asked);
        }
    }
}

fn parameter(ask: &Ask, name: &str) -> Option<u64> {
    ask.url.query_pairs().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
}

fn items(from: u64, size: u64) -> Vec<u64> {
    (from..(from + size).min(7)).collect()
}

#[test]
fn all_ways_of_paging_read_every_item_once() {
    let all: Vec<u64> = (0..7).collect();
    let size = "size: { into: { query: n }, most: 3 }";
    let cursor = |ask: &Ask| {
        let from = parameter(ask, "c").unwrap_or(0);
        let next = (from + 3 < 7).then(|| (from + 3).to_string());
        answer(200, &[], json!({ "r": items(from, 3), "next": next }))
    };
    let page = |ask: &Ask| answer(200, &[], json!({ "r": items((parameter(ask, "p").unwrap() - 1) * 3, 3) }));
    let offset = |ask: &Ask| answer(200, &[], json!({ "r": items(parameter(ask, "o").unwrap_or(0), 3) }));
    let link = |ask: &Ask| {
        let from = parameter(ask, "c").unwrap_or(0);
        let next = format!("<https://api.tiny.example/v1/list?c={}>; rel=\"next\"", from + 3);
        let headers: &[(&str, &str)] = if from + 3 < 7 { &[("link", &next)] } else { &[] };
        answer(200, headers, json!({ "r": items(from, 3) }))
    };
    let url = |ask: &Ask| {
        let from = parameter(ask, "c").unwrap_or(0);
        let next = (from + 3 < 7).then(|| format!("https://api.tiny.example/v1/list?c={}", from + 3));
        answer(200, &[], json!({ "r": items(from, 3), "next": next }))
    };
    type Serve<'s> = &'s dyn Fn(&Ask) -> Answer;
    let ways: [(String, Serve<'_>); 5] = [
        ("{ items: /r, next: { by: cursor, at: /next, into: { query: c } } }".into(), &cursor),
        (format!("{{ items: /r, {size}, next: {{ by: page, into: {{ query: p }} }} }}"), &page),
        (format!("{{ items: /r, {size}, next: {{ by: offset, into: {{ query: o }} }} }}"), &offset),
        ("{ items: /r, next: { by: link_header } }".into(), &link),
        ("{ items: /r, next: { by: url, at: /next } }".into(), &url),
    ];
    for (paging, serve) in ways {
        let (output, asked) = list(&paging, 100, serve);
        assert_eq!(output, json!({ "count": 7, "more": false, "items": all }), "{paging}");
        assert_eq!(asked.len(), 3, "{paging}: {asked:?}");
        let (output, asked) = list(&paging, 4, serve);
        assert_eq!(output, json!({ "count": 4, "more": true, "items": all[..4] }), "{paging}");
        assert_eq!(asked.len(), 2, "{paging}");
    }
}

#[test]
fn pages_that_lead_in_a_circle_end() {
    let app = app(
        "    request: { path: /list }\n    paging: { items: /r, next: { by: cursor, at: /next, into: { query: c } } }\n",
    );
    let mut call = call(&app, json!({ "limit": 10_000 })).unwrap();
    let mut turn = 0;
    let fault = loop {
        turn += 1;
        assert!(turn <= MOST_REQUESTS);
        if let Err(fault) = call.take(answer(200, &[], json!({ "r": [], "next": turn % 2 + 1 })), now()) {
            break fault;
        }
    };
    assert_eq!(fault.failure.code, "CONN-0007");
}

#[test]
fn a_list_is_read_page_by_page_from_where_one_stopped() {
    let app = app(
        "    request: { path: /list }\n    paging: { items: /r, next: { by: cursor, at: /next, into: { query: c } } }\n",
    );
    let page = |place: Option<&str>, body: Value| {
        let mut call = call(&app, json!({})).unwrap().one_page(place);
        let ask = call.ask().unwrap();
        (ask.url.query().map(str::to_owned), done(call.take(answer(200, &[], body), now()).unwrap()))
    };
    let (asked, first) = page(None, json!({ "r": [1], "next": "x:y" }));
    assert_eq!((asked, &first["items"], &first["next"]), (None, &json!([1]), &json!("c:x:y")));
    let (asked, last) = page(first["next"].as_str(), json!({ "r": [2] }));
    assert_eq!((asked.as_deref(), &last["next"]), (Some("c=x%3Ay"), &Value::Null));
}

#[test]
fn a_bulk_goes_out_in_pieces() {
    let app = app(r#"    input: { properties: { rows: { type: array, title: Rows } }, required: [rows] }
    request: { method: POST, path: /bulk, json: { rows: "{{ input.rows }}" } }
    output: "{{ answer.body.made }}"
    write: { repeat: harmless }
    bulk: { over: rows, most: 2 }
"#);
    let mut call = call(&app, json!({ "rows": [1, 2, 3] })).unwrap();
    assert_eq!(call.ask().unwrap().body, AskBody::Json(json!({ "rows": [1, 2] })));
    assert!(matches!(call.take(answer(200, &[], json!({ "made": ["a", "b"] })), now()), Ok(Turn::More)));
    assert_eq!(call.ask().unwrap().body, AskBody::Json(json!({ "rows": [3] })));
    let output = done(call.take(answer(200, &[], json!({ "made": ["c"] })), now()).unwrap());
    assert_eq!(output, json!({ "count": 3, "items": ["a", "b", "c"] }));
    let empty = super::tests::call(&app, json!({ "rows": [] })).unwrap_err();
    assert_eq!(empty.code, "CONN-0002");
}

#[test]
fn a_write_is_checked_by_a_read_before_it_is_repeated() {
    let hubspot = Catalog::built_in().get("hubspot").unwrap().clone();
    let input = json!({ "email": "ada@analytical.example" }).as_object().unwrap().clone();
    let order = Order { input, ..Order::default() };
    let (action, given) = check_of(&hubspot, "create_contact", &order).unwrap().unwrap();
    assert_eq!((action.as_str(), &given["value"]), ("find_contact", &json!("ada@analytical.example")));
    let there = json!({ "found": true, "contact": { "id": "512" } });
    assert_eq!(checked(&hubspot, "create_contact", &order, &there).unwrap(), Some(json!({ "id": "512" })));
    let not = json!({ "found": false, "contact": null });
    assert_eq!(checked(&hubspot, "create_contact", &order, &not).unwrap(), None);
}
