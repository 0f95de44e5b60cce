//! Routing over HTTP: tables as files, simulations, decisions, teams, and leads and counters moved by hand.
//!
//! Every number is compared with a count made here, by hand, from the leads that were sent.

use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use trunkline_tests::{Client, Server, until};

const COUNTRIES: [&str; 3] = ["DE", "US", "DE"];

async fn put(api: &Client, path: &str, body: &Value) -> Value {
    let answer = api.request(reqwest::Method::PUT, path).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    serde_json::from_str(&trunkline_tests::text_of(answer).await.unwrap()).unwrap()
}

/// Owners of these names; Ana and Ben belong to a team.
async fn owners(api: &Client) -> BTreeMap<&'static str, Value> {
    let mut made = BTreeMap::new();
    for name in ["Ana", "Ben", "Eve"] {
        let day = json!([{"opens": "00:00", "closes": "24:00"}]);
        let week: serde_json::Map<String, Value> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .map(|name| (name.to_owned(), day.clone()))
            .into_iter()
            .collect();
        let work = (name != "Eve").then(|| json!({"zone": "UTC", "week": week, "team": "DACH"}));
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({"name": name, "email": email, "work": work});
        made.insert(name, api.post("/owners", &body).await.unwrap());
    }
    made
}

/// A pool in which Ana has twice the weight of Ben.
async fn pool(api: &Client, owners: &BTreeMap<&'static str, Value>) -> Value {
    let made = api.post("/pools", &json!({"name": "AE"})).await.unwrap();
    let members = json!([
        {"owner_id": owners["Ana"]["id"], "weight": 2, "active": true},
        {"owner_id": owners["Ben"]["id"], "weight": 1, "active": true},
    ]);
    let path = format!("/pools/{}", made["id"].as_str().unwrap());
    put(api, &path, &json!({"name": "AE", "members": members})).await
}

fn table(first: &Value) -> Value {
    json!({
        "columns": [{"id": "c1", "title": "Country", "field": "country", "kind": "text"}],
        "rows": [
            {"id": "r1", "cells": {"c1": "DE"}, "to": first},
            {"id": "r2", "cells": {}, "to": {"kind": "owner", "name": "Eve"}},
        ],
        "fallback": "Eve",
    })
}

async fn put_in_force(api: &Client, name: &str, draft: &Value) {
    let made = api.post("/rulebooks/routing_table", &json!({"name": name, "draft": draft})).await.unwrap();
    let path = format!("/rulebooks/routing_table/{}/publish", made["id"].as_str().unwrap());
    api.post(&path, &json!({"base_revision": made["revision"]})).await.unwrap();
}

/// A workflow that finds or creates a lead and, where a table is named, routes it.
async fn flow(api: &Client, table: Option<&str>) -> String {
    let fields = json!([
        {"name": "email", "value": "{{ trigger.body.email }}"},
        {"name": "country", "value": "{{ trigger.body.country }}"},
    ]);
    let find = json!({"match_on": ["email"], "fields": fields});
    let mut steps = vec![("start", "manual", json!({})), ("find", "find_or_create_lead", find)];
    if let Some(table) = table {
        steps.push(("route", "route_lead", json!({"lead": "{{ steps.find.lead }}", "table": table})));
    }
    publish(api, chain(table.unwrap_or("Intake"), &steps)).await
}

/// Sends lead `n` and gives its run.
async fn send(api: &Client, flow: &str, n: usize) -> String {
    let country = COUNTRIES[n % COUNTRIES.len()];
    let run =
        run_once(api, flow, json!({"email": format!("lead{n}@corp.example"), "country": country})).await;
    let view = ended(api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    run
}

/// Whose turn is next in a pool of Ana with weight 2 and Ben with weight 1, dealt by hand.
fn dealt(credits: &mut [i64; 2]) -> &'static str {
    credits[0] += 2;
    credits[1] += 1;
    let next = usize::from(credits[1] > credits[0]);
    credits[next] -= 3;
    ["Ana", "Ben"][next]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_simulation_and_the_real_thing_are_what_dealing_by_hand_gives() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let owners = owners(&api).await;
    pool(&api, &owners).await;
    let draft = table(&json!({"kind": "pool", "name": "AE"}));
    let intake = flow(&api, None).await;
    let leads = 20;
    for n in 0..leads {
        send(&api, &intake, n).await;
    }
    let mut credits = [0, 0];
    let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut by_row, mut turns) = ([0_u64; 2], Vec::new());
    for n in 0..leads {
        let is_first = COUNTRIES[n % COUNTRIES.len()] == "DE";
        let owner = if is_first { dealt(&mut credits) } else { "Eve" };
        by_row[usize::from(!is_first)] += 1;
        *expected.entry(owner).or_default() += 1;
        turns.push(owner);
    }
    let asked = json!({"table": draft, "name": "Territories", "days": 7});
    let tried = api.post("/routing/simulate", &asked).await.unwrap();
    assert_eq!((&tried["arrivals"], &tried["in_force"]), (&json!(leads), &Value::Null));
    let counted: BTreeMap<&str, u64> = tried["draft"]["owners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|load| {
            let by_day = load["by_day"].as_object().unwrap().values().map(|day| day.as_u64().unwrap());
            assert_eq!(by_day.sum::<u64>(), load["leads"].as_u64().unwrap());
            (load["name"].as_str().unwrap(), load["leads"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(counted, expected);
    let rows = json!([{"row": 1, "leads": by_row[0]}, {"row": 2, "leads": by_row[1]}]);
    assert_eq!(tried["draft"]["rows"], rows);
    assert_eq!(tried["draft"]["waits"], json!([leads, 0, 0, 0, 0]));
    assert_eq!((&tried["draft"]["fallbacks"], &tried["draft"]["failed"]), (&json!(0), &json!(0)));

    // The same leads in earnest: the same owners, each with its decision and its counters.
    put_in_force(&api, "Territories", &draft).await;
    let route = flow(&api, Some("Territories")).await;
    let mut assigned = BTreeMap::from([("Ana", 0_u64), ("Ben", 0)]);
    for (n, owner) in turns.iter().enumerate() {
        let run = send(&api, &route, n).await;
        let made = api.get(&format!("/runs/{run}/decisions")).await.unwrap();
        let made = &made["items"][0];
        assert_eq!((&made["owner"], &made["lead"]), (&json!(owner), &json!(format!("lead{n}@corp.example"))));
        let decision = &made["decision"];
        let Some(before) = assigned.get_mut(owner) else {
            assert_eq!((&decision["source"], &decision["row"]), (&json!("owner"), &json!(2)));
            assert_eq!(decision["passed"][0], json!({"row": 1, "why": "Country is DE, and here it is US"}));
            continue;
        };
        let chosen = decision["candidates"].as_array().unwrap();
        let chosen = chosen.iter().find(|one| one["outcome"] == "chosen").unwrap();
        assert_eq!((&chosen["name"], &chosen["before"]["assigned"]), (&json!(owner), &json!(before)));
        assert_eq!(chosen["after"]["assigned"], json!(*before + 1));
        *before += 1;
        let of_lead = format!("/leads/{}/decisions", made["lead_id"].as_str().unwrap());
        assert_eq!(api.get(&of_lead).await.unwrap()["items"][0], *made);
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_goes_out_as_a_file_and_comes_back_with_a_word_for_each_bad_line() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let owners = owners(&api).await;
    pool(&api, &owners).await;
    let draft = table(&json!({"kind": "team", "name": "DACH"}));
    for format in ["csv", "xlsx"] {
        let file = api.post("/routing/sheet", &json!({"table": draft, "format": format})).await.unwrap();
        let asked = json!({"base64": file["base64"], "table": draft});
        let back = api.post("/routing/sheet/read", &asked).await.unwrap();
        assert_eq!(back["problems"], json!([]), "{format}");
        assert_eq!(back["table"]["rows"], draft["rows"], "{format}");
        assert_eq!(back["table"]["columns"], draft["columns"], "{format}");
        assert_eq!(back["table"]["fallback"], "Eve");
    }
    // "country,to,name / DE,pool,Nobody / AT,heaven,Ana / ,owner,Eve"
    let bad = "Y291bnRyeSx0byxuYW1lCkRFLHBvb2wsTm9ib2R5CkFULGhlYXZlbixBbmEKLG93bmVyLEV2ZQo=";
    let read = api.post("/routing/sheet/read", &json!({"base64": bad, "table": draft})).await.unwrap();
    assert_eq!(read["rows"], 2);
    assert_eq!(
        read["problems"],
        json!([
            {"line": 2, "message": "there is no pool called Nobody", "left_out": false},
            {"line": 3, "message": "\"heaven\" is neither owner, pool, team, account owner nor list", "left_out": true},
        ])
    );
    let refused = api.post("/routing/sheet/read", &json!({"base64": "AAAA", "table": draft})).await;
    assert!(refused.is_err(), "bytes that are no list are refused");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_shares_leads_and_a_person_hands_one_on_and_puts_counters_right() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let owners = owners(&api).await;
    let pool = pool(&api, &owners).await;
    put_in_force(&api, "Teams", &table(&json!({"kind": "team", "name": "DACH"}))).await;
    let route = flow(&api, Some("Teams")).await;
    for n in 0..9 {
        send(&api, &route, n).await;
    }
    // Six of nine are for the team: whoever has fewer gets the next, so both have three.
    let counts = api.get("/leads/summary").await.unwrap();
    for owner in counts["by_owner"].as_array().unwrap() {
        assert_eq!(owner["count"], 3, "{counts}");
    }
    let lead = api.get("/leads?search=lead0").await.unwrap()["items"][0].clone();
    let id = lead["id"].as_str().unwrap();
    let had = lead["owner"]["name"].clone();
    // Said of a lead as it stands: it may keep its owner, and open leads are those there are.
    let mut draft = table(&json!({"kind": "team", "name": "DACH"}));
    let explain = async |draft: &Value| {
        api.post("/routing/explain", &json!({"table": draft, "lead_id": id})).await.unwrap()["decision"]
            .clone()
    };
    let candidates = explain(&draft).await["candidates"].as_array().unwrap().clone();
    assert!(candidates.iter().all(|one| one["before"]["open"] == 3), "{candidates:?}");
    draft["first"] = json!({"keep_owner": true});
    assert_eq!(explain(&draft).await["source"], "kept");

    let decisions = api.post(&format!("/leads/{id}/route"), &json!({"pool": "AE"})).await.unwrap();
    let latest = &decisions["items"][0];
    assert_eq!((&latest["before"], latest["owner"] == had), (&had, false), "{latest}");
    assert_eq!(latest["decision"]["pool"], "AE");
    assert!(!latest["by"].is_null(), "{latest}");
    assert_eq!(decisions["items"][1]["decision"]["team"], "DACH");
    let unsaid = api.post(&format!("/leads/{id}/route"), &json!({})).await;
    assert!(unsaid.is_err(), "neither a pool nor a table is named");

    let path = format!("/pools/{}/adjustments", pool["id"].as_str().unwrap());
    let adjust =
        json!({"owner_id": owners["Ben"]["id"], "assigned": 7, "credit": 1, "why": "Was on holiday"});
    let before = counters(&api).await;
    api.post(&path, &adjust).await.unwrap();
    let done = api.get(&path).await.unwrap()["items"][0].clone();
    assert_eq!((&done["owner_name"], &done["why"]), (&json!("Ben"), &json!("Was on holiday")));
    let (assigned, credit) = before["Ben"];
    assert_eq!(done["change"], format!("leads given from {assigned} to 7, credit from {credit} to 1"));
    let after = until("the counters", || async {
        let now = counters(&api).await;
        (now["Ben"] == (7, 1)).then_some(now)
    });
    let after = after.await.unwrap();
    assert_eq!(after.values().map(|(_, credit)| credit).sum::<i64>(), 0);
    server.stop().await.unwrap();
}

/// Leads so far and credit of each member.
async fn counters(api: &Client) -> BTreeMap<String, (u64, i64)> {
    let pools = api.get("/pools").await.unwrap();
    let members = pools["items"][0]["members"].as_array().unwrap().iter();
    members
        .map(|one| {
            let name = one["owner_name"].as_str().unwrap().to_owned();
            (name, (one["assigned"].as_u64().unwrap(), one["credit"].as_i64().unwrap()))
        })
        .collect()
}
