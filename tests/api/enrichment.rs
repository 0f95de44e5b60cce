//! Enrichment against a real provider: order, memory, budgets, turns, trust, rehearsals, and a server that is killed.

use crate::trying::over;
use crate::{chain, ended, publish, run_once, step};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use trunkline_tests::{Client, Server, until};

const TOKEN: &str = "s3cret-of-the-provider";

/// A status, and after how many seconds to ask again.
type Trouble = (u16, Option<u64>);

/// A provider of data. It answers `{"data": <what it knows>}` for an e-mail address, 404 for others, and does first what
/// it was told to.
#[derive(Debug, Clone)]
struct Provider {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    knows: Arc<Mutex<HashMap<String, Value>>>,
    /// Answers that are given first, in order.
    first: Arc<Mutex<Vec<Trouble>>>,
    /// Whether it keeps its callers waiting.
    silent: Arc<std::sync::atomic::AtomicBool>,
}

#[derive(Debug, Clone)]
struct Call {
    email: String,
    at: Instant,
    authorization: String,
}

impl Provider {
    async fn start(knows: &[(&str, Value)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            calls: Arc::default(),
            knows: Arc::new(Mutex::new(
                knows.iter().map(|(email, data)| ((*email).to_owned(), data.clone())).collect(),
            )),
            first: Arc::default(),
            silent: Arc::default(),
        };
        let router = axum::Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn asked(&self) -> Vec<String> {
        self.calls.lock().unwrap().iter().map(|call| call.email.clone()).collect()
    }

    /// It answers with this status first, once more for each call of this.
    fn first(&self, status: u16, retry_after: Option<u64>) {
        self.first.lock().unwrap().push((status, retry_after));
    }

    fn keep_silent(&self, silent: bool) {
        self.silent.store(silent, std::sync::atomic::Ordering::SeqCst);
    }

    /// How it stands in a waterfall.
    fn entry(&self, id: &str, fills: &Value) -> Value {
        json!({
            "id": id, "name": id, "needs": ["email"], "cost_per_call": 0.1, "cost_per_hit": 0.4,
            "source": {
                "kind": "http", "url": format!("{}/find", self.url),
                "query": [{ "name": "email", "value": "{{ lead.email }}" }],
                "sign_in": { "by": "bearer", "token": TOKEN },
            },
            "fills": fills,
        })
    }
}

async fn answer(
    State(provider): State<Provider>,
    headers: HeaderMap,
    query: Query<HashMap<String, String>>,
) -> Response {
    let email = query.get("email").cloned().unwrap_or_default();
    let authorization =
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = Call { email: email.clone(), at: Instant::now(), authorization: authorization.to_owned() };
    provider.calls.lock().unwrap().push(call);
    if provider.silent.load(std::sync::atomic::Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let first = {
        let mut first = provider.first.lock().unwrap();
        (!first.is_empty()).then(|| first.remove(0))
    };
    if let Some((status, retry_after)) = first {
        let status = StatusCode::from_u16(status).unwrap();
        return match retry_after {
            Some(seconds) => (status, [("retry-after", seconds.to_string())]).into_response(),
            None => status.into_response(),
        };
    }
    match provider.knows.lock().unwrap().get(&email) {
        Some(data) => axum::Json(json!({ "data": data })).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn fill(field: &str, trust: u8) -> Value {
    json!({ "field": field, "path": format!("data.{field}"), "trust": trust, "fresh_days": 90 })
}

fn wanted() -> Value {
    json!([{ "field": "industry" }, { "field": "company_size" }])
}

async fn put_in_force(api: &Client, name: &str, document: Value) -> String {
    let made = api
        .post("/rulebooks/enrichment_waterfall", &json!({ "name": name, "draft": document }))
        .await
        .unwrap();
    assert_eq!(made["problems"], json!([]), "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/rulebooks/enrichment_waterfall/{id}/publish");
    api.post(&path, &json!({ "base_revision": made["revision"] })).await.unwrap();
    id
}

async fn put_next_in_force(api: &Client, id: &str, document: Value) {
    let path = format!("/rulebooks/enrichment_waterfall/{id}");
    let now = api.get(&path).await.unwrap();
    let body = json!({ "base_revision": now["revision"], "draft": document });
    let saved = api.request(reqwest::Method::PUT, &path).json(&body).send().await.unwrap();
    assert!(saved.status().is_success(), "{}", saved.status());
    let now = api.get(&path).await.unwrap();
    api.post(&format!("{path}/publish"), &json!({ "base_revision": now["revision"] })).await.unwrap();
}

fn flow(waterfall: &str) -> Value {
    let find = json!({
        "match_on": ["email"],
        "fields": [
            {"name": "email", "value": "{{ trigger.body.email }}"},
            {"name": "industry", "value": "{{ trigger.body.industry }}"},
        ],
    });
    let enrich = json!({ "lead": "{{ steps.find.lead }}", "waterfall": waterfall });
    chain(
        "Enrich",
        &[
            ("start", "manual", json!({})),
            ("find", "find_or_create_lead", find),
            ("enrich", "enrich", enrich),
        ],
    )
}

/// Runs it for a lead to its end; gives what the step put out.
async fn enriched(api: &Client, flow: &str, email: &str) -> Value {
    let run = run_once(api, flow, json!({ "email": email })).await;
    let view = ended(api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    step(&view, "enrich").clone()
}

/// The trace as pairs of provider and what happened.
fn trace(step: &Value) -> Vec<(String, String)> {
    let lines = step["output"]["trace"].as_array().unwrap();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    lines.iter().map(|line| (text(line, "provider"), text(line, "what"))).collect()
}

fn traced(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(id, what)| ((*id).to_owned(), (*what).to_owned())).collect()
}

async fn spent(api: &Client, id: &str, provider: &str) -> Value {
    let all = api.get(&format!("/enrichment/{id}/spending")).await.unwrap();
    let found = all["items"].as_array().unwrap().iter().find(|one| one["provider"] == provider).cloned();
    found.unwrap_or(Value::Null)["month"].take()
}

async fn server() -> (Server, Client) {
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    (server, api)
}

#[tokio::test]
async fn providers_are_asked_in_order_until_filled_and_answers_are_remembered() {
    let first = Provider::start(&[("ada@x.example", json!({ "industry": "Software" }))]).await;
    let second =
        Provider::start(&[("ada@x.example", json!({ "industry": "Data", "company_size": "251-500" }))]).await;
    let third = Provider::start(&[]).await;
    let (_server, api) = server().await;
    let document = json!({
        "fields": wanted(),
        "providers": [
            first.entry("first", &json!([fill("industry", 60)])),
            second.entry("second", &json!([fill("industry", 50), fill("company_size", 70)])),
            third.entry("third", &json!([fill("company_size", 90)])),
        ],
    });
    let id = put_in_force(&api, "Companies", document).await;
    let flow = publish(&api, flow("Companies")).await;

    let step = enriched(&api, &flow, "ada@x.example").await;
    assert_eq!(trace(&step), traced(&[("first", "found"), ("second", "found")]));
    assert_eq!((step["port"].as_str(), &step["output"]["cost"]), (Some("out"), &json!(1.0)), "{step}");
    assert_eq!(third.asked(), [""; 0], "everything was filled before");
    assert_eq!(first.calls.lock().unwrap()[0].authorization, format!("Bearer {TOKEN}"));
    let lead = step["output"]["lead"]["id"].as_str().unwrap().to_owned();
    let view = api.get(&format!("/leads/{lead}")).await.unwrap();
    assert_eq!(
        (&view["industry"], &view["company_size"]),
        (&json!("Software"), &json!(251)),
        "trust 60 beats 50"
    );

    // Who said what stands on the lead, and on its timeline.
    let origins = api.get(&format!("/leads/{lead}/provenance")).await.unwrap();
    let said: Vec<_> = origins["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["field"], &one["provider_name"], &one["trust"]))
        .collect();
    assert_eq!(
        said,
        [
            (&json!("company_size"), &json!("second"), &json!(70)),
            (&json!("industry"), &json!("first"), &json!(60))
        ]
    );
    let timeline = view["timeline"].to_string();
    assert!(timeline.contains("Enriched Company size and Industry"), "{timeline}");

    // Filled and fresh: nobody is asked. Another lead: nobody knows it, which is remembered.
    assert_eq!(enriched(&api, &flow, "ada@x.example").await["output"]["outcome"], "complete");
    let none = enriched(&api, &flow, "bob@x.example").await;
    assert_eq!(none["port"], "not_found", "{none}");
    assert_eq!(third.asked(), ["bob@x.example"]);
    let again = enriched(&api, &flow, "bob@x.example").await;
    let not_known = "remembered_not_found";
    assert_eq!(trace(&again), traced(&[("first", not_known), ("second", not_known), ("third", not_known)]));
    assert_eq!((first.asked().len(), second.asked().len(), third.asked().len()), (2, 2, 1));

    // What was found once is known also when the value is gone from the lead.
    let body = json!({ "fields": { "company_size": null } });
    api.patch(&format!("/leads/{lead}"), &body).await.unwrap();
    let back = enriched(&api, &flow, "ada@x.example").await;
    assert_eq!(trace(&back), traced(&[("first", "skipped"), ("second", "remembered")]));
    assert_eq!(back["output"]["lead"]["company_size"], 251);
    assert_eq!(second.asked().len(), 2, "a remembered answer makes no call");

    // Money as a slow count of the calls: 0.10 a call, 0.40 a hit.
    let whole = spent(&api, &id, "").await;
    assert_eq!((&whole["calls"], &whole["hits"], &whole["money"]), (&json!(5), &json!(2), &json!(1.3)));

    // A back-test is told what the old runs were told, and asks nobody.
    let span = json!({"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"});
    let job = api.post(&format!("/workflows/{flow}/back-test"), &span).await.unwrap();
    let job = over(&api, &job).await;
    assert_eq!(job["groups"], json!([{"group": "same", "label": "same", "count": 5}]), "{job}");
    assert_eq!((first.asked().len(), second.asked().len(), third.asked().len()), (2, 2, 1));

    // A credential is in no journal and no answer about runs.
    let runs = api.get("/runs").await.unwrap();
    for run in runs["items"].as_array().unwrap() {
        let view = api.get(&format!("/runs/{}", run["id"].as_str().unwrap())).await.unwrap();
        assert!(!view.to_string().contains(TOKEN), "{view}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_at_once_spend_no_more_than_there_is_and_ask_nothing_twice() {
    let people: Vec<String> = (0..12).map(|n| format!("p{n}@x.example")).collect();
    let knows: Vec<(&str, Value)> =
        people.iter().map(|email| (email.as_str(), json!({ "industry": "Software" }))).collect();
    let dear = Provider::start(&knows).await;
    let (_server, api) = server().await;
    let mut entry = dear.entry("dear", &json!([fill("industry", 60)]));
    entry["budget"] = json!({ "calls_per_month": 7 });
    let document = json!({ "fields": [{ "field": "industry" }], "providers": [entry] });
    let id = put_in_force(&api, "Companies", document).await;
    let flow = publish(&api, flow("Companies")).await;
    let mut runs = Vec::new();
    for email in people.iter().chain(&people) {
        runs.push(run_once(&api, &flow, json!({ "email": email })).await);
    }
    let mut said = HashMap::new();
    for run in runs {
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed", "{view}");
        for (_, what) in trace(step(&view, "enrich")) {
            *said.entry(what).or_insert(0) += 1;
        }
    }
    let mut asked = dear.asked();
    assert_eq!(asked.len(), 7, "{said:?}");
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked.len(), 7, "the same question was paid twice");
    assert_eq!(spent(&api, &id, "dear").await["calls"], 7);
    assert_eq!((said["found"], said["over_budget"]), (7, 10), "{said:?}");
}

#[tokio::test]
async fn turns_trouble_and_patience_are_as_the_waterfall_says() {
    let slow = Provider::start(&[("ada@x.example", json!({ "industry": "Software" }))]).await;
    let (_server, api) = server().await;
    let mut entry = slow.entry("slow", &json!([fill("industry", 60)]));
    entry["per_minute"] = json!(60);
    entry["attempts"] = json!(3);
    entry["wait_seconds"] = json!(1);
    let other = Provider::start(&[("eve@x.example", json!({ "industry": "Data" }))]).await;
    let document = json!({
        "fields": [{ "field": "industry" }],
        "providers": [entry, other.entry("other", &json!([fill("industry", 40)]))],
    });
    put_in_force(&api, "Companies", document).await;
    let flow = publish(&api, flow("Companies")).await;

    // Trouble that passes is tried again, and what it asks for is obeyed.
    slow.first(503, None);
    slow.first(429, Some(2));
    let step = enriched(&api, &flow, "ada@x.example").await;
    assert_eq!(trace(&step), traced(&[("slow", "failed"), ("slow", "failed"), ("slow", "found")]));
    let times: Vec<Instant> = slow.calls.lock().unwrap().iter().map(|call| call.at).collect();
    assert!((times[1] - times[0]).as_millis() >= 1_000 && (times[2] - times[1]).as_millis() >= 2_000);

    // Four leads at once: one turn a second. Trouble of the credentials does not pass, so the next one is asked.
    let mut runs = Vec::new();
    for n in 0..4 {
        runs.push(run_once(&api, &flow, json!({ "email": format!("p{n}@x.example") })).await);
    }
    for run in runs {
        ended(&api, &run).await;
    }
    let times: Vec<Instant> = slow.calls.lock().unwrap().iter().skip(2).map(|call| call.at).collect();
    let apart: Vec<u128> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
    // A call may be on its way a little longer than the one after it.
    assert!(times.len() == 5 && apart.iter().all(|apart| *apart >= 800), "{apart:?}");
    slow.first(401, None);
    let step = enriched(&api, &flow, "eve@x.example").await;
    assert_eq!(trace(&step), traced(&[("slow", "failed"), ("other", "found")]));
}

#[tokio::test]
async fn an_answer_that_came_is_never_paid_twice_however_the_server_dies() {
    let first = Provider::start(&[("ada@x.example", json!({ "industry": "Software" }))]).await;
    let second = Provider::start(&[("ada@x.example", json!({ "company_size": 40 }))]).await;
    let (mut server, api) = server().await;
    let document = json!({
        "fields": wanted(),
        "providers": [
            first.entry("first", &json!([fill("industry", 60)])),
            second.entry("second", &json!([fill("company_size", 70)])),
        ],
    });
    let id = put_in_force(&api, "Companies", document).await;
    let flow = publish(&api, flow("Companies")).await;
    second.keep_silent(true);
    let run = run_once(&api, &flow, json!({ "email": "ada@x.example" })).await;
    // The first has answered, and the second keeps the run waiting: what was said is journaled, nothing is written.
    until("the second to be asked", || async { (!second.asked().is_empty()).then_some(()) }).await.unwrap();
    server.kill().await.unwrap();
    second.keep_silent(false);
    server.restart().await.unwrap();
    let view = ended(&api, &run).await;
    let output = &step(&view, "enrich")["output"];
    assert_eq!((&output["outcome"], &output["asked"]), (&json!("filled"), &json!(2)), "{view}");
    assert_eq!(first.asked(), ["ada@x.example"], "a journaled answer was paid a second time");
    let lead = &output["lead"];
    assert_eq!((&lead["industry"], &lead["company_size"]), (&json!("Software"), &json!(40)));
    assert_eq!(spent(&api, &id, "").await["calls"], 2);
}

#[tokio::test]
async fn rehearsals_write_nothing_and_spend_nothing_and_a_trial_says_what_would_be() {
    let paid = Provider::start(&[("ada@x.example", json!({ "industry": "Software" }))]).await;
    let free = Provider::start(&[("ada@x.example", json!({ "company_size": 40 }))]).await;
    let (_server, api) = server().await;
    let mut entry = free.entry("free", &json!([fill("company_size", 70)]));
    entry["cost_per_call"] = json!(0);
    entry["cost_per_hit"] = json!(0);
    let document = json!({
        "fields": wanted(), "providers": [paid.entry("paid", &json!([fill("industry", 60)])), entry],
    });
    let id = put_in_force(&api, "Companies", document.clone()).await;
    let flow = publish(&api, flow("Companies")).await;
    let find = chain(
        "Intake",
        &[
            ("start", "manual", json!({})),
            (
                "find",
                "find_or_create_lead",
                json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]}),
            ),
        ],
    );
    let intake = publish(&api, find).await;
    let found = ended(&api, &run_once(&api, &intake, json!({ "email": "ada@x.example" })).await).await;
    let lead = step(&found, "find")["output"]["lead"]["id"].as_str().unwrap().to_owned();

    let body = json!({ "payload": { "email": "ada@x.example" }, "version": "current" });
    let job = api.post(&format!("/workflows/{flow}/dry-run"), &body).await.unwrap();
    let job = over(&api, &job).await;
    let items = api.get(&format!("/jobs/{}/items", job["id"].as_str().unwrap())).await.unwrap();
    let text = items.to_string();
    assert!(text.contains("Company size"), "{text}");
    assert_eq!((paid.asked().len(), free.asked().len()), (0, 1), "{text}");
    let view = api.get(&format!("/leads/{lead}")).await.unwrap();
    assert_eq!((&view["industry"], &view["company_size"]), (&Value::Null, &Value::Null));
    assert_eq!(spent(&api, &id, "").await, Value::Null, "a rehearsal counts nothing");

    let tried = api
        .post(&format!("/enrichment/{id}/try"), &json!({ "document": document, "lead_id": lead }))
        .await
        .unwrap();
    assert_eq!(
        (&tried["outcome"], &tried["asked"], &tried["cost"]),
        (&json!("filled"), &json!(2), &json!(0.5)),
        "{tried}"
    );
    assert_eq!(tried["filled"].as_array().unwrap().len(), 2);
    let after = api.get(&format!("/leads/{lead}")).await.unwrap();
    assert_eq!(
        (&after["industry"], &after["timeline"]),
        (&Value::Null, &view["timeline"]),
        "a trial writes nothing"
    );
    assert_eq!(spent(&api, &id, "paid").await["money"], 0.5, "what a trial asks is paid");
    // What the trial paid for is not paid again.
    let step = enriched(&api, &flow, "ada@x.example").await;
    assert_eq!(trace(&step), traced(&[("paid", "remembered"), ("free", "remembered")]));
    assert_eq!(step["output"]["outcome"], "filled");

    // A person's own word stays; a draft without a wanted field is refused in words.
    let mut next = document.clone();
    next["fields"] = json!([]);
    let refused = api.post(&format!("/enrichment/{id}/try"), &json!({ "document": next })).await.unwrap_err();
    assert!(refused.to_string().contains("no field is wanted"), "{refused}");
    put_next_in_force(&api, &id, document).await;
}
