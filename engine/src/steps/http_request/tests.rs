//! Tests of the step.

use super::super::tests::{compiled, start};
use super::*;

fn operation(config: &Value) -> Operation {
    let scope = json!({"trigger": {"name": "Ada & Co", "tags": ["a", "b"], "score": 7}});
    match start(compiled("http_request", config).as_ref(), &scope) {
        Ok(Outcome::Perform(operation)) => operation,
        other => panic!("not an operation: {other:?}"),
    }
}

#[test]
fn a_read_may_be_repeated_and_a_write_says_what_it_promises() {
    let url = "https://example.com";
    let read = operation(&json!({"url": url}));
    assert_eq!((read.access, read.promise), (Access::Read, Promise::None));
    assert_eq!(read.input["headers"], json!([]));
    let write = operation(&json!({"url": url, "method": "POST"}));
    assert_eq!((write.access, write.promise), (Access::Write, Promise::Uncertain));
    assert_eq!(write.input["headers"], json!([["Idempotency-Key", "run:step"]]));
    let once = operation(&json!({"url": url, "method": "PUT", "ignores_repeats": true}));
    assert_eq!((once.access, once.promise), (Access::Write, Promise::Once));
}

#[test]
fn a_lost_write_can_be_looked_up() {
    let config = json!({
        "method": "POST", "url": "https://a.example/contacts", "auth": {"by": "bearer", "token": "t"},
        "look": {
            "url": "https://a.example/contacts/{{ trigger.score }}",
            "found": {"field": "{{ item.status }}", "op": "equals", "value": 200},
        },
    });
    assert_eq!(operation(&config).promise, Promise::Checked);
    let step = compiled("http_request", &config);
    let scope = Scope::sample(&json!({"trigger": {"score": 7}}));
    let context = || Context { scope: &scope, now: super::super::tests::NOW, idempotency_key: String::new() };
    let look = step.verify(&context()).unwrap().unwrap();
    assert_eq!((look.access, &look.input["url"]), (Access::Read, &json!("https://a.example/contacts/7")));
    assert_eq!(look.input["headers"][0], json!(["Authorization", "Bearer t"]));
    let answer = |status: u16| Performed { output: json!({"status": status}), ..Performed::default() };
    assert!(step.verified(&context(), answer(200)).unwrap().is_some());
    assert!(step.verified(&context(), answer(404)).unwrap().is_none());
}

#[test]
fn a_message_names_its_recipient_and_has_a_way_out_when_it_is_held_back() {
    let to = json!({"address": " {{ trigger.name }} ", "purpose": "service"});
    let config = json!({"method": "POST", "url": "https://a.example", "sends_to": to});
    let recipient = operation(&config).sends_to.unwrap();
    assert_eq!((recipient.address.as_str(), recipient.purpose), ("Ada & Co", Purpose::Service));
    let step = compiled("http_request", &config);
    assert_eq!(step.ports().unwrap()[1].id, SUPPRESSED);
    let scope = Scope::sample(&json!({}));
    let context = Context { scope: &scope, now: super::super::tests::NOW, idempotency_key: String::new() };
    let left = |output: Value| match step.resume(&context, Performed { output, ..Performed::default() }) {
        Ok(Outcome::Done(done)) => done.port,
        other => panic!("not done: {other:?}"),
    };
    assert_eq!(left(json!({"suppressed": {}})), SUPPRESSED);
    assert_eq!(left(json!({"status": 200, "body": {"suppressed": true}})), OUT);
    let reads = compiled("http_request", &json!({"url": "https://a.example", "sends_to": {"address": ""}}));
    let fields: Vec<String> = reads.check().into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["/sends_to/address", "/method"]);
}

#[test]
fn addresses_are_put_together_safely() {
    let query = json!([
        {"name": "name", "value": "{{ trigger.name }}"}, {"name": "tag", "value": "{{ trigger.tags }}"},
        {"name": "none", "value": "{{ trigger.none }}"}
    ]);
    let made =
        operation(&json!({"url": " https://example.com/{{ trigger.score }}?x=1#top ", "query": query}));
    assert_eq!(made.input["url"], "https://example.com/7?x=1&name=Ada%20%26%20Co&tag=a&tag=b");
}

#[test]
fn bodies_carry_their_type_and_own_headers_win() {
    for (body, text, kind) in [
        (
            json!({"kind": "json", "json": {"score": "{{ trigger.score }}"}}),
            "{\"score\":7}",
            "application/json",
        ),
        (json!({"kind": "json", "json": "plain"}), "\"plain\"", "application/json"),
        (
            json!({"kind": "form", "fields": [{"name": "a b", "value": "{{ trigger.name }}"}]}),
            "a%20b=Ada%20%26%20Co",
            "application/x-www-form-urlencoded",
        ),
        (
            json!({"kind": "text", "text": "Hi {{ trigger.name }}"}),
            "Hi Ada & Co",
            "text/plain; charset=utf-8",
        ),
    ] {
        let made = operation(&json!({"method": "POST", "url": "https://example.com", "body": body}));
        assert_eq!(made.input["body"], text);
        assert_eq!(made.input["headers"][0], json!(["Content-Type", kind]));
    }
    let made = operation(&json!({
        "method": "POST", "url": "https://example.com", "body": {"kind": "text", "text": "<a/>"},
        "headers": [{"name": "content-type", "value": "text/xml"}]
    }));
    assert_eq!(made.input["headers"], json!([["Idempotency-Key", "run:step"], ["content-type", "text/xml"]]));
}

#[test]
fn every_sign_in_becomes_a_header() {
    for (auth, header) in [
        (json!({"by": "bearer", "token": "t"}), json!(["Authorization", "Bearer t"])),
        (json!({"by": "basic", "username": "u", "password": "p"}), json!(["Authorization", "Basic dTpw"])),
        (json!({"by": "header", "name": "X-Key", "value": "k"}), json!(["X-Key", "k"])),
    ] {
        assert_eq!(
            operation(&json!({"url": "https://example.com", "auth": auth})).input["headers"][0],
            header
        );
    }
}

#[test]
fn what_is_not_filled_in_is_pointed_at() {
    for (config, field) in [
        (json!({"url": ""}), "/url"),
        (json!({"url": "example.com"}), "/url"),
        (json!({"url": "https://a.example", "auth": {"by": "bearer", "token": ""}}), "/auth/token"),
        (json!({"url": "https://a.example", "headers": [{"name": "a b"}]}), "/headers/0/name"),
    ] {
        assert_eq!(compiled("http_request", &config).check()[0].field, field);
    }
}

#[test]
fn a_connection_is_named_and_nothing_of_it_is_known() {
    let config = json!({
        "method": "POST", "url": "https://a.example/contacts",
        "auth": {"by": "connection", "connection": " 01890000-0000-7000-8000-000000000007 "},
        "look": {
            "url": "https://a.example/contacts/{{ trigger.score }}",
            "found": {"field": "{{ item.status }}", "op": "equals", "value": 200},
        },
    });
    let asked = operation(&config);
    assert_eq!(asked.connection(), Some("01890000-0000-7000-8000-000000000007"));
    assert_eq!(asked.input["headers"], json!([["Idempotency-Key", "run:step"]]));
    let step = compiled("http_request", &config);
    let scope = Scope::sample(&json!({"trigger": {"score": 7}}));
    let context = Context { scope: &scope, now: super::super::tests::NOW, idempotency_key: String::new() };
    let look = step.verify(&context).unwrap().unwrap();
    assert_eq!(look.connection(), asked.connection(), "whoever looks is signed by it as well");
    assert_eq!(operation(&json!({"url": "https://a.example"})).connection(), None);
    let unchosen = json!({"url": "https://a.example", "auth": {"by": "connection", "connection": ""}});
    let problems = compiled("http_request", &unchosen).check();
    assert_eq!(problems[0].field, "/auth/connection");
}
