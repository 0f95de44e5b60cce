//! Documents of every version and size become drafts that pass the check, and what is wrong with one is said where it stands.

use super::{Choice, ChosenOperation, Draft, DraftError, Survey, read};
use crate::interpreter::{AskBody, Call, Order};
use serde_json::{Value, json};
use std::sync::Arc;

/// A document with one operation, `POST /people/{id}` unless `operation` says otherwise.
fn with(path: &str, method: &str, operation: &Value, more: &Value) -> Value {
    let mut document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Acme API", "version": "2.1" },
        "servers": [{ "url": "https://api.acme.example/v1/" }],
        "paths": { path: { method: operation } },
        "components": { "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } } },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

fn survey(document: &Value) -> Survey {
    read(&document.to_string(), None).unwrap().survey()
}

fn draft(document: &Value) -> Draft {
    let document = read(&document.to_string(), None).unwrap();
    let choice = Choice::usual(&document.survey(), None);
    document.draft(&choice).unwrap()
}

/// What is sent when the only action is given `input`.
fn sent(document: &Value, input: &Value) -> (String, Vec<(String, String)>, AskBody) {
    let manifest = Arc::new(draft(document).manifest);
    let action = manifest.actions.keys().next().unwrap().clone();
    let order = Order { input: input.as_object().cloned().unwrap(), ..Order::default() };
    let ask = Call::new(&manifest, &action, order).unwrap().ask().unwrap();
    (ask.url.to_string(), ask.headers, ask.body)
}

fn parameter(name: &str, place: &str, more: &Value) -> Value {
    let mut parameter =
        json!({ "name": name, "in": place, "schema": { "type": "array", "items": { "type": "string" } } });
    for (name, value) in more.as_object().into_iter().flatten() {
        parameter[name] = value.clone();
    }
    parameter
}

#[test]
fn parameters_go_where_and_how_the_document_says() {
    let object =
        json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "integer" } } });
    let cases = [
        (parameter("t", "query", &json!({})), json!(["x", "y z"]), "t=x&t=y+z"),
        (parameter("t", "query", &json!({ "explode": false })), json!(["x", "y"]), "t=x%2Cy"),
        (parameter("t[]", "query", &json!({})), json!(["x", "y"]), "t%5B%5D=x&t%5B%5D=y"),
        (parameter("t", "query", &json!({ "style": "pipeDelimited" })), json!(["x", "y"]), "t=x%7Cy"),
        (parameter("t", "query", &json!({ "style": "spaceDelimited" })), json!(["x", "y"]), "t=x+y"),
        (
            parameter("t", "query", &json!({ "style": "deepObject", "schema": object })),
            json!({ "a": "x", "b": 2 }),
            "t%5Ba%5D=x&t%5Bb%5D=2",
        ),
        (parameter("t", "query", &json!({ "schema": object })), json!({ "a": "x", "b": 2 }), "a=x&b=2"),
    ];
    for (parameter, given, expected) in cases {
        let document = with("/p", "get", &json!({ "parameters": [parameter], "responses": {} }), &json!({}));
        let (url, ..) = sent(&document, &json!({ "t": given }));
        assert_eq!(url, format!("https://api.acme.example/v1/p?{expected}"), "{parameter}");
    }
    let text = json!({ "schema": { "type": "string" } });
    let operation = json!({
        "parameters": [
            parameter("id", "path", &json!({ "schema": { "type": "string" }, "required": true })),
            parameter("X-Trace", "header", &text),
            parameter("seen", "cookie", &text),
            parameter("lang", "cookie", &text),
            parameter("Accept", "header", &text),
        ],
        "responses": {},
    });
    let document = with("/p/{id}/x", "get", &operation, &json!({}));
    let (url, headers, _) = sent(&document, &json!({ "id": "a/b", "x_trace": "1", "seen": "yes" }));
    assert_eq!(url, "https://api.acme.example/v1/p/a%2Fb/x");
    assert_eq!(
        headers,
        [("X-Trace".to_owned(), "1".to_owned()), ("Cookie".to_owned(), "seen=yes".to_owned())]
    );
    let (_, headers, _) = sent(&document, &json!({ "id": "a" }));
    assert_eq!(headers, [], "what is not given is not sent");
}

#[test]
fn bodies_become_fields() {
    let schema = json!({ "type": "object", "required": ["data"], "properties": { "data": {
        "type": "object",
        "required": ["type", "email"],
        "properties": {
            "id": { "type": "string", "readOnly": true },
            "type": { "type": "string", "enum": ["person"] },
            "email": { "type": "string", "format": "email" },
            "stage": { "type": "string", "enum": ["new", "won"], "description": "Where <b>they</b> are.", "default": "new" },
            "address": { "type": "object", "required": ["city"], "properties": {
                "city": { "type": "string" }, "zip": { "type": "string", "nullable": true },
            } },
            "tags": { "type": "array", "items": { "type": "object", "properties": { "name": { "type": "string" } } } },
        },
    } } });
    let operation = json!({
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": { "201": { "content": { "application/json": { "schema": { "type": "object", "properties": { "id": { "type": "integer" } } } } } } },
    });
    let document = with("/people", "post", &operation, &json!({}));
    let made = draft(&document);
    let action = &made.manifest.actions[0];
    let names: Vec<&String> = action.input.properties.keys().collect();
    assert_eq!(names, ["email", "stage", "address", "tags"], "what is read only or fixed is not asked");
    assert_eq!(action.input.required.iter().collect::<Vec<_>>(), ["email"]);
    let stage = &action.input.properties["stage"];
    assert_eq!(stage["enum"], json!(["new", "won"]));
    assert_eq!(stage["description"], "Where they are. new if nothing is said.");
    assert!(stage.get("default").is_none(), "the app fills what is empty, and a change must not");
    assert_eq!(action.input.properties["address"]["required"], json!(["city"]));
    let (_, _, body) =
        sent(&document, &json!({ "email": "a@b.example", "address": { "city": "", "zip": "" } }));
    assert_eq!(body, AskBody::Json(json!({ "data": { "type": "person", "email": "a@b.example" } })));
    let (_, _, body) = sent(&document, &json!({ "email": "a@b.example", "address": { "city": "Ulm" } }));
    assert_eq!(
        body,
        AskBody::Json(
            json!({ "data": { "type": "person", "email": "a@b.example", "address": { "city": "Ulm" } } })
        )
    );
    let manifest = Arc::new(made.manifest);
    let half = json!({ "email": "a@b.example", "address": { "zip": "1" } });
    let order = Order { input: half.as_object().cloned().unwrap(), ..Order::default() };
    let failure = Call::new(&manifest, "post_people", order).unwrap_err();
    assert_eq!(failure.code, "CONN-0002");
}

#[test]
fn forms_are_sent_as_forms() {
    let schema = json!({ "type": "object", "properties": {
        "To": { "type": "string" }, "Media": { "type": "array", "items": { "type": "string" } },
        "meta": { "type": "object", "additionalProperties": { "type": "string" } },
    } });
    let operation = json!({ "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": schema } } }, "responses": {} });
    let document = with("/m", "post", &operation, &json!({}));
    let (_, _, body) = sent(&document, &json!({ "to": "1", "media": ["a", "b"], "meta": { "k": "v" } }));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        body,
        AskBody::Form(vec![
            field("To", "1"),
            field("Media", "a"),
            field("Media", "b"),
            field("meta[k]", "v")
        ])
    );
}

#[test]
fn what_a_step_cannot_do_is_said() {
    let content =
        |kind: &str| json!({ "requestBody": { "required": true, "content": { kind: {} } }, "responses": {} });
    let answers = json!({ "responses": { "200": { "content": { "application/pdf": {} } } } });
    for (method, operation, said) in [
        ("post", content("multipart/form-data"), "multipart/form-data"),
        ("post", content("application/xml"), "application/xml"),
        ("get", answers, "application/pdf"),
        ("head", json!({ "responses": {} }), "HEAD"),
    ] {
        let found = survey(&with("/x", method, &operation, &json!({})));
        let why = found.operations[0].unsupported.as_deref().unwrap_or_default();
        assert!(why.contains(said), "{why}");
    }
    let document = read(&with("/x", "post", &content("text/csv"), &json!({})).to_string(), None).unwrap();
    let mut choice = Choice::usual(&document.survey(), None);
    assert!(matches!(document.draft(&choice), Err(DraftError::Nothing)));
    choice.operations.push(ChosenOperation { key: "POST /x".into(), ..ChosenOperation::default() });
    assert!(matches!(document.draft(&choice), Err(DraftError::Unusable(why)) if why.contains("text/csv")));
    choice.operations[0].key = "POST /y".into();
    assert!(matches!(document.draft(&choice), Err(DraftError::Unknown(_))));
}

#[test]
fn writes_promise_no_more_than_they_keep() {
    let key = json!({ "parameters": [{ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" } }], "responses": {} });
    for (path, method, operation, promise) in [
        ("/x", "get", json!({ "responses": {} }), Value::Null),
        ("/x", "post", json!({ "responses": {} }), json!({ "repeat": "uncertain" })),
        ("/x", "patch", json!({ "responses": {} }), json!({ "repeat": "uncertain" })),
        ("/x", "put", json!({ "responses": {} }), json!({ "repeat": "harmless" })),
        ("/x", "delete", json!({ "responses": {} }), json!({ "repeat": "harmless" })),
        ("/x", "post", key, json!({ "repeat": "recognised" })),
        ("/x/search", "post", json!({ "responses": {} }), Value::Null),
    ] {
        let found = survey(&with(path, method, &operation, &json!({})));
        assert_eq!(found.operations[0].write, promise, "{method} {path}");
    }
}

#[test]
fn pages_are_found_by_names_and_shapes() {
    let list = |more: Value, headers: Value| {
        let mut properties = json!({ "people": { "type": "array", "items": { "type": "object", "properties": { "id": { "type": "string" } } } } });
        for (name, value) in more.as_object().into_iter().flatten() {
            properties[name] = value.clone();
        }
        json!({ "200": { "headers": headers, "content": { "application/json": { "schema": { "type": "object", "properties": properties } } } } })
    };
    let whole = json!({ "type": "integer", "maximum": 200 });
    let text = json!({ "type": "string" });
    let query = |name: &str, schema: &Value| json!({ "name": name, "in": "query", "schema": schema });
    let size = json!({ "into": { "query": "limit" }, "most": 200 });
    for (parameters, responses, expected) in [
        (
            json!([query("cursor", &text), query("limit", &whole)]),
            list(
                json!({ "meta": { "type": "object", "properties": { "next_cursor": text, "has_more": { "type": "boolean" } } } }),
                json!({}),
            ),
            json!({ "items": "/people", "size": size, "next": {
                "by": "cursor", "at": "/meta/next_cursor", "into": { "query": "cursor" }, "more": "/meta/has_more",
            } }),
        ),
        (
            json!([query("page", &whole)]),
            list(json!({}), json!({})),
            json!({ "items": "/people", "next": { "by": "page", "into": { "query": "page" }, "first": 1 } }),
        ),
        (
            json!([query("offset", &whole), query("limit", &whole)]),
            list(json!({ "total": { "type": "integer" } }), json!({})),
            json!({ "items": "/people", "size": size, "next": { "by": "offset", "into": { "query": "offset" } } }),
        ),
        (
            json!([]),
            list(json!({ "next": { "type": "string", "format": "uri", "nullable": true } }), json!({})),
            json!({ "items": "/people", "next": { "by": "url", "at": "/next" } }),
        ),
        (
            json!([]),
            list(json!({}), json!({ "Link": {} })),
            json!({ "items": "/people", "next": { "by": "link_header" } }),
        ),
        (json!([]), list(json!({}), json!({})), Value::Null),
    ] {
        let document =
            with("/people", "get", &json!({ "parameters": parameters, "responses": responses }), &json!({}));
        assert_eq!(survey(&document).operations[0].paging, expected);
        let made = draft(&document);
        let inputs: Vec<_> = made.manifest.actions[0].input.properties.keys().collect();
        assert!(expected.is_null() || inputs.is_empty(), "paging takes its parameters over: {inputs:?}");
    }
}

#[test]
fn ways_to_sign_in_are_proposed() {
    let schemes = |schemes: Value, security: Value| json!({ "security": security, "components": { "securitySchemes": schemes } });
    let operation = json!({ "responses": {} });
    let first = |more: &Value| survey(&with("/x", "get", &operation, more)).auth[0].auth.clone();
    let basic = first(&schemes(json!({ "b": { "type": "http", "scheme": "Basic" } }), json!([{ "b": [] }])));
    assert_eq!(basic["grant"], json!({ "kind": "basic" }));
    let bearer =
        first(&schemes(json!({ "b": { "type": "http", "scheme": "bearer" } }), json!([{ "b": [] }])));
    assert_eq!(bearer["send"]["headers"]["Authorization"], "Bearer {{ secret.key }}");
    let cookie = first(&schemes(
        json!({ "b": { "type": "apiKey", "in": "cookie", "name": "sid" } }),
        json!([{ "b": [] }]),
    ));
    assert_eq!(cookie["send"]["headers"]["Cookie"], "sid={{ secret.key }}");
    let flow = json!({ "authorizationUrl": "/oauth/authorize", "tokenUrl": "https://login.acme.example/token", "scopes": { "read": "", "write": "" } });
    let oauth = first(&schemes(
        json!({ "o": { "type": "oauth2", "flows": { "authorizationCode": flow } } }),
        json!([{ "o": ["read"] }]),
    ));
    assert_eq!(
        oauth["grant"]["authorize_url"], "https://api.acme.example/oauth/authorize",
        "relative to the server"
    );
    assert_eq!(oauth["grant"]["scopes"], json!(["read"]), "only what is required");
    assert_eq!(oauth["grant"]["token_hosts"], json!(["login.acme.example"]));
    let guessed = survey(&with("/x", "get", &operation, &json!({ "components": {} })));
    assert_eq!(guessed.auth.len(), 2, "a key, or nothing");
    let parameter = json!({ "parameters": [{ "name": "api_key", "in": "query", "schema": { "type": "string" } }], "responses": {} });
    let guessed = survey(&with("/x", "get", &parameter, &json!({ "components": {} })));
    assert_eq!(guessed.auth[0].auth["send"]["query"]["api_key"], "{{ secret.key }}");
    assert!(guessed.operations[0].inputs.is_empty(), "what is the proof is no input");
}

#[test]
fn servers_are_proposed_and_never_trusted() {
    let operation = json!({ "responses": {} });
    let of = |servers: Value, origin: Option<&str>| {
        let document = with("/x", "get", &operation, &json!({ "servers": servers }));
        read(&document.to_string(), origin).unwrap().survey()
    };
    let plain = of(json!([{ "url": "http://api.acme.example/v1" }]), None);
    assert_eq!(plain.servers[0].url, "https://api.acme.example/v1");
    assert!(plain.servers[0].notes[0].contains("https"), "{:?}", plain.servers);
    let relative = of(json!([{ "url": "/api/v3" }]), Some("https://acme.example/docs/openapi.json"));
    assert_eq!(relative.servers[0].url, "https://acme.example/api/v3");
    assert_eq!(of(json!([{ "url": "/api/v3" }]), None).servers, []);
    let shop = of(
        json!([{ "url": "https://{shop}.acme.example:443/{v}", "variables": { "shop": { "default": "demo" }, "v": { "enum": ["v1"], "default": "v1" } } }]),
        None,
    );
    assert_eq!(shop.servers[0].url, "https://{{ settings.shop }}.acme.example:443/v1");
    let open = of(
        json!([{ "url": "https://{host}/x", "variables": { "host": { "default": "eu.acme.example" } } }]),
        None,
    );
    assert_eq!(open.servers[0].hosts, ["eu.acme.example"], "a host cannot be left open");
    let document = read(&with("/x", "get", &operation, &json!({ "servers": [] })).to_string(), None).unwrap();
    let choice = Choice::usual(&document.survey(), None);
    assert!(matches!(document.draft(&choice), Err(DraftError::Address(_))));
}

#[test]
fn problems_name_their_place() {
    let yaml = "openapi: 3.0.0\ninfo: { title: Acme, version: 1 }\nservers: [{ url: 'https://api.acme.example' }]\npaths:\n  /x:\n    get:\n      parameters:\n        - $ref: other.yaml#/Pet\n        - name: a\n      responses: {}\n  /y:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: { $ref: '#/components/schemas/Nobody' }\n      responses: {}\n";
    let found = read(yaml, None).unwrap().survey();
    let of =
        |key: &str| found.operations.iter().find(|operation| operation.key == key).unwrap().problems.clone();
    let x = of("GET /x");
    assert_eq!((x[0].at.as_str(), x[0].line), ("/paths/~1x/get/parameters/0/$ref", Some(8)), "{x:?}");
    assert!(x[0].message.contains("never fetched"));
    assert_eq!((x[1].at.as_str(), x[1].line), ("/paths/~1x/get/parameters/1", Some(9)));
    let y = of("POST /y");
    assert_eq!(y[0].line, Some(16), "{y:?}");
    assert!(y[0].message.contains("#/components/schemas/Nobody"));
    for (text, said) in [
        ("", "empty"),
        ("<html>", "web page"),
        ("{\"openapi\": \"3.0.0\",\n \"paths\": {", "line 2"),
        ("openapi: 3.0.0\npaths: [", "YAML"),
        ("{\"swagger\": \"1.2\"}", "1.2"),
        ("[1]", "no record"),
        ("{\"a\": 1}", "neither"),
        ("{\"asyncapi\": \"2.0\"}", "AsyncAPI"),
    ] {
        let error = read(text, None).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn what_was_corrected_holds() {
    let operation = json!({ "operationId": "addPerson", "responses": {} });
    let document = read(&with("/x", "post", &operation, &json!({})).to_string(), None).unwrap();
    let mut choice = Choice::usual(&document.survey(), None);
    choice.operations[0] = ChosenOperation {
        key: "POST /x".into(),
        name: "add".into(),
        title: "Add somebody".into(),
        write: Some(json!({ "repeat": "harmless" })),
        paging: None,
    };
    choice.id = "acme_2".into();
    let made = document.draft(&choice).unwrap();
    assert_eq!(made.manifest.id, "acme_2");
    assert_eq!(made.manifest.actions["add"].title, "Add somebody");
    assert!(made.yaml.contains("repeat: harmless"), "{}", made.yaml);
    choice.operations[0].write = Some("reads".into());
    assert!(document.draft(&choice).unwrap().manifest.actions["add"].only_reads());
    choice.hosts = vec!["elsewhere.example".into()];
    assert!(
        matches!(document.draft(&choice), Err(DraftError::Refused(refused)) if refused.to_string().contains("none of the hosts"))
    );
    choice.hosts = Vec::new();
    choice.operations[0].write = Some(json!({ "repeat": "magic" }));
    assert!(document.draft(&choice).is_err());
}

#[test]
fn circles_end() {
    let node = json!({ "type": "object", "properties": { "name": { "type": "string" }, "child": { "$ref": "#/components/schemas/Node" } } });
    let operation = json!({
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Node" } } } },
        "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Node" } } } } },
    });
    let made =
        draft(&with("/x", "post", &operation, &json!({ "components": { "schemas": { "Node": node } } })));
    let child = &made.manifest.actions[0].input.properties["child"];
    assert_eq!(child["type"], "object");
}

#[test]
fn what_lives_elsewhere_is_sent_nowhere_else() {
    let mut document = with("/files", "get", &json!({ "responses": {} }), &json!({}));
    document["paths"]["/upload"] =
        json!({ "servers": [{ "url": "https://upload.acme.example" }], "post": { "responses": {} } });
    let read = read(&document.to_string(), None).unwrap();
    let survey = read.survey();
    let addresses: Vec<_> = survey.servers.iter().map(|server| server.url.as_str()).collect();
    assert_eq!(addresses, ["https://api.acme.example/v1", "https://upload.acme.example"]);
    assert_eq!(survey.operations[0].address, None);
    assert_eq!(survey.operations[1].address.as_deref(), Some("https://upload.acme.example"));
    let mut choice = Choice::usual(&survey, None);
    let made = read.draft(&choice).unwrap();
    assert_eq!(made.manifest.actions.keys().collect::<Vec<_>>(), ["get_files"]);
    assert!(made.problems.iter().any(|problem| problem.message.contains("upload.acme.example")));
    (choice.base_url, choice.hosts) = ("https://upload.acme.example".into(), Vec::new());
    choice.operations.remove(0);
    assert_eq!(read.draft(&choice).unwrap().manifest.hosts, ["upload.acme.example"]);
}

#[test]
fn what_a_document_calls_things_is_never_an_expression() {
    let operation = json!({
        "parameters": [
            { "name": "a", "in": "query", "required": true, "schema": { "type": "string", "enum": ["{# x #}"] } },
        ],
        "requestBody": { "content": { "application/{{x}}+json": { "schema": { "type": "object" } } } },
        "responses": {},
    });
    let schemes = json!({
        "security": [{ "odd": [] }],
        "components": { "securitySchemes": { "odd": { "type": "apiKey", "in": "query", "name": "{{secret.key}}" } } },
    });
    let document = with("/x?b={%25if%25}", "post", &operation, &schemes);
    let (url, headers, _) = sent(&document, &json!({ "a": "{# x #}" }));
    assert_eq!(url, "https://api.acme.example/v1/x?a=%7B%23+x+%23%7D");
    assert!(headers.iter().all(|(name, _)| name != "Content-Type"), "{headers:?}");
    assert!(!draft(&document).yaml.contains("secret.key}}:"));
}

#[test]
fn several_proofs_travel_together() {
    let first = |schemes: Value, security: Value| {
        let more = json!({ "security": security, "components": { "securitySchemes": schemes } });
        survey(&with("/x", "get", &json!({ "responses": {} }), &more)).auth[0].auth.clone()
    };
    let both = first(
        json!({ "t": { "type": "http", "scheme": "bearer" }, "k": { "type": "apiKey", "in": "header", "name": "X-Key" } }),
        json!([{ "t": [], "k": [] }]),
    );
    assert_eq!(
        both["send"]["headers"],
        json!({ "X-Key": "{{ secret.k }}", "Authorization": "Bearer {{ secret.t }}" })
    );
    let flows =
        json!({ "clientCredentials": { "tokenUrl": "https://login.acme.example/token", "scopes": {} } });
    let token = first(
        json!({ "o": { "type": "oauth2", "flows": flows }, "key": { "type": "apiKey", "in": "query", "name": "k" } }),
        json!([{ "key": [], "o": [] }]),
    );
    assert_eq!(token["grant"]["kind"], "client_credentials");
    assert_eq!(token["send"]["headers"]["Authorization"], "Bearer {{ secret.access_token }}");
    assert_eq!(token["send"]["query"]["k"], "{{ secret.key_2 }}");
    let cookie = |name: &str| json!({ "type": "apiKey", "in": "cookie", "name": name });
    let cookies = first(json!({ "a": cookie("sid"), "b": cookie("csrf") }), json!([{ "a": [], "b": [] }]));
    assert_eq!(cookies["send"]["headers"]["Cookie"], "sid={{ secret.a }}; csrf={{ secret.b }}");
}
