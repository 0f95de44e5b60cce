//! Requests that depend on one another, rows as bodies and answers, and what a failure half-way means.

use super::*;

/// A job that is made, filled, awaited and read.
const JOB: &str = r#"    input: { properties: { rows: { type: array, title: Rows } }, required: [rows] }
    before:
      job:
        request: { method: POST, path: /jobs, json: { kind: people } }
      upload:
        request: { method: PUT, path: "/jobs/{{ before.job.body.id }}/rows", csv: "{{ input.rows }}" }
      done:
        request: { path: "/jobs/{{ before.job.body.id }}", until: "{{ answer.body.state == 'done' }}", every: 7 }
    request: { path: "/jobs/{{ before.job.body.id }}/result", answer: csv }
    output: { job: "{{ before.job.body.id }}", rows: "{{ answer.body }}" }
"#;

fn job(write: &str) -> Arc<Manifest> {
    app(&format!("{JOB}    write: {{ repeat: {write} }}\n"))
}

fn begun(app: &Arc<Manifest>) -> Call {
    call(app, json!({ "rows": [{ "name": "Ada", "age": 36 }, { "name": "Grace, \"Amazing\"" }] })).unwrap()
}

fn more(call: &mut Call, answer: Answer) {
    assert!(matches!(call.take(answer, now()), Ok(Turn::More)));
}

/// The call after its job was made and filled.
fn filled(app: &Arc<Manifest>) -> Call {
    let mut call = begun(app);
    more(&mut call, answer(200, &[], json!({ "id": 5 })));
    more(&mut call, answer(201, &[], json!(null)));
    call
}

#[test]
fn later_requests_see_what_earlier_ones_were_answered() {
    let app = job("harmless");
    let mut call = begun(&app);
    let ask = call.ask().unwrap();
    assert_eq!((ask.method.as_str(), ask.url.path()), ("POST", "/v1/jobs"));
    more(&mut call, answer(200, &[], json!({ "id": 5 })));
    let ask = call.ask().unwrap();
    assert_eq!(ask.url.path(), "/v1/jobs/5/rows");
    let rows = "name,age\nAda,36\n\"Grace, \"\"Amazing\"\"\",\n";
    assert_eq!(ask.body.encoded(), Some(("text/csv; charset=utf-8".into(), rows.into())));
    more(&mut call, answer(201, &[], json!(null)));
    assert_eq!(call.pause(), None);
    for _ in 0..3 {
        assert_eq!(call.ask().unwrap().url.path(), "/v1/jobs/5");
        more(&mut call, answer(200, &[], json!({ "state": "busy" })));
        assert_eq!(call.pause(), Some(Duration::from_secs(7)));
    }
    more(&mut call, answer(200, &[], json!({ "state": "done" })));
    assert_eq!(call.pause(), None);
    assert_eq!((call.ask().unwrap().url.path(), call.reads()), ("/v1/jobs/5/result", Reads::Csv));
    let result = Answer::read_as(Reads::Csv, 200, Vec::new(), b"Id\n1\n2\n");
    let output = done(call.take(result, now()).unwrap());
    assert_eq!(output, json!({ "job": 5, "rows": [{ "Id": "1" }, { "Id": "2" }] }));
}

#[test]
fn a_read_that_stumbles_does_not_begin_the_job_again() {
    for write in ["harmless", "uncertain"] {
        let app = job(write);
        let mut call = filled(&app);
        for _ in 0..5 {
            more(&mut call, answer(503, &[("retry-after", "20")], json!({})));
            assert_eq!(call.pause(), Some(Duration::from_secs(20)));
            assert_eq!(call.ask().unwrap().url.path(), "/v1/jobs/5", "the same request is due");
        }
        let fault = call.take(answer(503, &[], json!({})), now()).unwrap_err();
        let kind = if write == "harmless" { FailureKind::Temporary } else { FailureKind::UnknownOutcome };
        assert_eq!(fault.failure.kind, kind, "{write}: it does not go on for ever");
    }
}

#[test]
fn what_must_not_be_done_twice_is_not_begun_again_half_way() {
    let app = job("uncertain");
    // Before anything was changed, the first request may simply be repeated.
    let fault = begun(&app).take(answer(503, &[], json!({})), now()).unwrap_err();
    assert_eq!(fault.failure.kind, FailureKind::Temporary);
    // Afterwards a person decides, also when the request itself did nothing.
    let mut call = begun(&app);
    more(&mut call, answer(200, &[], json!({ "id": 5 })));
    let fault = call.take(answer(429, &[], json!({})), now()).unwrap_err();
    assert_eq!(fault.failure.kind, FailureKind::UnknownOutcome);
    assert!(fault.failure.message.contains("was done before"), "{}", fault.failure);
    // What is harmless is begun again.
    let app = job("harmless");
    let mut call = begun(&app);
    more(&mut call, answer(200, &[], json!({ "id": 5 })));
    assert_eq!(
        call.take(answer(429, &[], json!({})), now()).unwrap_err().failure.kind,
        FailureKind::RateLimited
    );
}

#[test]
fn a_token_that_ends_half_way_loses_nothing() {
    let app = job("uncertain");
    let mut call = filled(&app);
    let fault = call.take(answer(401, &[], json!({})), now()).unwrap_err();
    assert_eq!(fault.failure.kind, FailureKind::Auth);
    call.settle(&Map::new());
    assert_eq!(call.ask().unwrap().url.path(), "/v1/jobs/5");
}

const FIND_OR_CREATE: &str = r#"    input: { properties: { email: { type: string, title: E-mail } }, required: [email] }
    before:
      found: { request: { method: POST, path: /search, json: { email: "{{ input.email }}" } }, only_reads: true }
    when: "{{ before.found.body.hits|length == 0 }}"
    request: { method: POST, path: /people, json: { email: "{{ input.email }}" } }
    output: { id: "{{ answer.body.id or before.found.body.hits[0] }}", made: "{{ answer.status == 201 }}" }
    write: { repeat: uncertain }
"#;

#[test]
fn what_is_there_is_not_added() {
    let app = app(FIND_OR_CREATE);
    let given = json!({ "email": "ada@x.example" });
    let mut there = call(&app, given.clone()).unwrap();
    let output = done(there.take(answer(200, &[], json!({ "hits": [7] })), now()).unwrap());
    assert_eq!(output, json!({ "id": 7, "made": false }));
    let mut missing = call(&app, given.clone()).unwrap();
    // A search that is lost is no write that is lost.
    assert_eq!(
        missing.take(answer(504, &[], json!({})), now()).unwrap_err().failure.kind,
        FailureKind::Temporary
    );
    more(&mut missing, answer(200, &[], json!({ "hits": [] })));
    assert!(!missing.is_repeatable());
    let output = done(missing.take(answer(201, &[], json!({ "id": 8 })), now()).unwrap());
    assert_eq!(output, json!({ "id": 8, "made": true }));
    // What is foretold is the change, not the search.
    assert_eq!(call(&app, given).unwrap().foretold().unwrap().url.path(), "/v1/people");
}

#[test]
fn what_cannot_be_foretold_is_the_first_request() {
    let app = app(r#"    before:
      first: { request: { path: /first } }
    request: { method: POST, path: "/things/{{ before.first.body.id }}" }
    write: { repeat: uncertain }
"#);
    assert_eq!(call(&app, json!({})).unwrap().foretold().unwrap().url.path(), "/v1/first");
}

#[test]
fn an_upload_is_a_form_with_a_file() {
    let app = app(r#"    input: { properties: { rows: { type: array, title: Rows } }, required: [rows] }
    request:
      method: POST
      path: /import
      form: { format: csv }
      upload: { field: file, name: "people \"1\".csv", csv: "{{ input.rows }}" }
    write: { repeat: harmless }
"#);
    let given = json!({ "rows": [{ "a": "trunkline-part" }] });
    let (kind, body) = call(&app, given).unwrap().ask().unwrap().body.encoded().unwrap();
    assert_eq!(
        kind, "multipart/form-data; boundary=trunkline-part-",
        "what separates stands nowhere in the file"
    );
    let expected = "--trunkline-part-\r\nContent-Disposition: form-data; name=\"format\"\r\n\r\ncsv\r\n\
        --trunkline-part-\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people %221%22.csv\"\r\n\
        Content-Type: text/csv; charset=utf-8\r\n\r\na\ntrunkline-part\n\r\n--trunkline-part---\r\n";
    assert_eq!(body, expected);
    let failure = call(&app, json!({ "rows": [1] })).unwrap().ask().unwrap_err();
    assert_eq!((failure.code.as_ref(), failure.kind), ("CONN-0002", FailureKind::BadInput));
}

#[test]
fn an_error_that_hides_where_rows_are_awaited_is_found() {
    let app = app(r#"    request: { path: /file, answer: csv }
    faults: [{ status: [200], when: "{{ answer.body.success == false }}", class: bad_input, message: "{{ answer.body.error }}" }]
"#);
    let read = |body: &[u8]| {
        let answer = Answer::read_as(Reads::Csv, 200, Vec::new(), body);
        call(&app, json!({})).unwrap().take(answer, now())
    };
    let fault = read(br#"{"success": false, "error": "no such file"}"#).unwrap_err();
    assert!(fault.failure.message.contains("no such file"));
    assert_eq!(read(b"a,b\n1\n").unwrap_err().failure.code, "CONN-0007");
    assert_eq!(done(read(b"a\n1\n").unwrap()), json!([{ "a": "1" }]));
}

#[test]
fn each_item_of_a_bulk_is_sent_as_the_app_wants_it() {
    let app = app(
        r#"    input: { properties: { kind: { type: string, title: Kind }, rows: { type: array, title: Rows } }, required: [rows] }
    request: { method: POST, path: /bulk, json: "{{ input.rows }}" }
    output: "{{ answer.body }}"
    write: { repeat: harmless }
    bulk: { over: rows, most: 2, each: { type: "{{ input.kind }}", name: "{{ item.n|upper }}" } }
"#,
    );
    let call = call(&app, json!({ "kind": "k", "rows": [{ "n": "a" }] })).unwrap();
    assert_eq!(call.ask().unwrap().body, AskBody::Json(json!([{ "type": "k", "name": "A" }])));
}

#[test]
fn a_word_in_a_header_leads_to_the_next_page() {
    let serve = |ask: &Ask| {
        let from = parameter(ask, "c").unwrap_or(0);
        let next = if from + 3 < 7 { (from + 3).to_string() } else { "null".into() };
        answer(200, &[("x-next", &next)], json!({ "r": items(from, 3) }))
    };
    let paging = "{ items: /r, next: { by: header, name: x-next, into: { query: c } } }";
    let (output, asked) = list(paging, 100, serve);
    assert_eq!((&output["count"], asked.len()), (&json!(7), 3), "{asked:?}");
}

#[test]
fn the_address_of_the_next_page_may_begin_at_the_host() {
    let serve = |ask: &Ask| {
        let from = parameter(ask, "c").unwrap_or(0);
        let next = (from + 3 < 7).then(|| format!("/v1/list?c={}", from + 3));
        answer(200, &[], json!({ "r": items(from, 3), "next": next }))
    };
    let (output, asked) = list("{ items: /r, next: { by: url, at: /next } }", 100, serve);
    assert_eq!((&output["count"], asked.len()), (&json!(7), 3), "{asked:?}");
}

#[test]
fn chains_that_cannot_work_are_refused() {
    let refused = |text: &str, said: &str| {
        let whole = format!(
            "manifest: 1\nid: tiny\nname: Tiny\nversion: 1.0.0\nsummary: A tiny app.\nshelf: other\n\
            base_url: https://api.tiny.example\nhosts: [api.tiny.example]\n\
            auth: [{{ id: basic, title: Password, grant: {{ kind: basic }} }}]\ntest: {{ action: act }}\n\
            actions:\n  act:\n    title: Act\n    summary: Acts.\n    examples: [{{ title: x, exchange: [], output: 1 }}]\n{text}"
        );
        let problems = Manifest::read(&whole).unwrap_err().0;
        assert!(problems.iter().any(|problem| problem.message.contains(said)), "{text}: {problems:?}");
    };
    refused(
        "    before: { one: { request: { path: /one }, when: \"{{ true }}\" } }\n    request: { path: /x }\n",
        "the first request is always sent",
    );
    refused(
        "    before: { one: { request: { path: /one } } }\n    request: { path: \"/{{ before.two.body.id }}\" }\n",
        "no request before it is called two",
    );
    refused(
        "    before: { one: { request: { method: POST, path: /one } } }\n    request: { path: /x }\n",
        "an action that only reads",
    );
    refused("    request: { path: /x }\n    when: \"{{ true }}\"\n", "only a request with others before it");
    refused("    request: { method: POST, path: /x, csv: \"{{ 1 }}\", json: {} }\n", "one body");
    refused("    request: { path: /x, every: 0 }\n", "every 1 to 300 seconds");
    refused("    request: { path: /x }\n    patience: 7200\n", "1 to 3600 seconds");
}
