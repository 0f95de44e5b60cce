//! Accounts from outside: created, imported, matched by a workflow, decided by a person, matched again.

use crate::trying::{items, over};
use crate::{chain, ended, publish, run_once, step};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, until};

/// A workflow that finds or creates the lead of the event and matches it.
async fn matcher(api: &Client) -> String {
    let fields = ["email", "company", "city"]
        .map(|name| json!({"name": name, "value": format!("{{{{ trigger.body.{name} }}}}")}));
    let find = json!({"match_on": ["email"], "fields": fields, "overwrite": "fill_empty"});
    let steps = [
        ("start", "manual", json!({})),
        ("find", "find_or_create_lead", find),
        ("match", "match_account", json!({"lead": "{{ steps.find.lead }}"})),
    ];
    publish(api, chain("Match", &steps)).await
}

/// Sends a lead through the workflow; gives what the matching step put out.
async fn send(api: &Client, workflow: &str, lead: Value) -> Value {
    let run = run_once(api, workflow, lead).await;
    let view = ended(api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    step(&view, "match")["output"].clone()
}

async fn create(api: &Client, fields: Value) -> String {
    let made = api.post("/accounts", &json!({"fields": fields})).await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

async fn refused(api: &Client, method: reqwest::Method, path: &str, body: &Value) -> String {
    let answer = api.request(method, path).json(body).send().await.unwrap();
    assert!(!answer.status().is_success(), "{path} took {body}");
    answer.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn accounts_are_created_changed_and_deleted() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let acme = create(
        &api,
        json!({"name": "Acme GmbH", "domains": "https://www.acme.de, acme.com", "size": "51-200"}),
    )
    .await;
    let part = api
        .post(
            "/accounts",
            &json!({"fields": {"name": "Acme Rockets", "is_named": true}, "parent": "acme.de"}),
        )
        .await
        .unwrap();
    let part = part["id"].as_str().unwrap();
    let view = api.get(&format!("/accounts/{part}")).await.unwrap();
    assert_eq!(view["parents"][0]["name"], "Acme GmbH");
    assert_eq!(api.get(&format!("/accounts/{acme}")).await.unwrap()["children"][0]["id"], part);
    let named = api.get("/accounts?named=true").await.unwrap();
    assert_eq!((&named["total"], &named["items"][0]["name"]), (&json!(1), &json!("Acme Rockets")));
    assert_eq!(api.get("/accounts?search=ACME.com").await.unwrap()["total"], 1);

    let post = reqwest::Method::POST;
    let patch = reqwest::Method::PATCH;
    let path = format!("/accounts/{acme}");
    for (method, path, body, code) in [
        (&post, "/accounts", json!({"fields": {"name": "ACME, Inc."}}), "LEAD-0073"),
        (&post, "/accounts", json!({"fields": {"name": "X", "domains": "gmail.com"}}), "LEAD-0071"),
        (&post, "/accounts", json!({"fields": {"city": "Bonn"}}), "LEAD-0072"),
        (&patch, &path, json!({"parent": "Acme Rockets"}), "LEAD-0074"),
        (&patch, &path, json!({"owner": "Nobody"}), "LEAD-0011"),
        (&patch, &path, json!({"colour": "red"}), "API-0005"),
        (&reqwest::Method::DELETE, &path, json!({}), "LEAD-0075"),
    ] {
        assert_eq!(refused(&api, method.clone(), path, &body).await, code, "{body}");
    }
    let change = json!({"fields": {"domains": ["acme.de"], "size": null, "opportunity_stage": "Proposal"}});
    let changed = api.request(patch, &path).json(&change).send().await.unwrap();
    assert!(changed.status().is_success());
    let view = api.get(&path).await.unwrap();
    assert_eq!((&view["domains"], &view["size"]), (&json!(["acme.de"]), &Value::Null));
    assert_eq!(view["opportunity"]["stage"], "Proposal");
    let gone = api.request(reqwest::Method::DELETE, &format!("/accounts/{part}")).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    assert_eq!(api.get("/accounts").await.unwrap()["total"], 1);
}

/// Whether the lead with this address is in the segment.
async fn is_in(api: &Client, segment: &str, email: &str) -> bool {
    let found = api.get(&format!("/leads?segment={segment}&limit=200")).await.unwrap();
    found["items"].as_array().unwrap().iter().any(|lead| lead["email"] == email)
}

#[tokio::test]
async fn segments_over_accounts_follow_the_accounts() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let rule = json!({"rule": {"field": "account.region", "op": "equals", "value": "EMEA"}});
    let segment = api.post("/rulebooks/segment", &json!({"name": "Europe", "draft": rule})).await.unwrap();
    let path = format!("/rulebooks/segment/{}", segment["id"].as_str().unwrap());
    let done = api.post(&format!("{path}/publish"), &json!({"base_revision": 1})).await.unwrap();
    over(&api, &done["job"]).await;
    let acme = create(&api, json!({"name": "Acme", "domains": "acme.de", "region": "AMER"})).await;
    create(&api, json!({"name": "Globex", "domains": "globex.com", "region": "AMER"})).await;
    let flow = matcher(&api).await;
    for email in ["ada@acme.de", "bo@acme.de", "eve@globex.com"] {
        let company = if email.ends_with("acme.de") { "Acme" } else { "Globex" };
        send(&api, &flow, json!({"email": email, "company": company})).await;
    }
    for (region, expected) in [("EMEA", true), ("AMER", false)] {
        api.patch(&format!("/accounts/{acme}"), &json!({"fields": {"region": region}})).await.unwrap();
        for email in ["ada@acme.de", "bo@acme.de"] {
            until("the segment follows the account", || async {
                (is_in(&api, "Europe", email).await == expected).then_some(())
            })
            .await
            .unwrap();
        }
        assert!(!is_in(&api, "Europe", "eve@globex.com").await, "another account's lead stays");
    }
    // A draft is tried on the accounts as well, before it is in force.
    let wanted = json!({"document": {"rule": {"field": "account.region", "op": "equals", "value": "AMER"}}});
    let tried = api.post("/rulebooks/segment/try", &wanted).await.unwrap();
    assert_eq!(tried["belongs"]["holds"], true, "{tried}");
}

#[tokio::test]
async fn the_timeline_of_an_account_holds_what_happened_to_it_and_to_its_leads() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    api.post("/owners", &json!({"name": "Ana Moreau", "email": "ana@example.com"})).await.unwrap();
    let acme = create(&api, json!({"name": "Acme", "domains": "acme.de"})).await;
    create(&api, json!({"name": "Globex", "domains": "globex.com"})).await;
    let flow = matcher(&api).await;
    for n in 0..6 {
        let domain = if n < 4 { "acme.de" } else { "globex.com" };
        let company = if n < 4 { "Acme" } else { "Globex" };
        send(&api, &flow, json!({"email": format!("p{n}@{domain}"), "company": company})).await;
    }
    let change = json!({"fields": {"region": "EMEA"}, "owner": "ana@example.com"});
    api.patch(&format!("/accounts/{acme}"), &change).await.unwrap();
    let mut entries = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/accounts/{acme}/timeline?limit=3&cursor={cursor}")).await.unwrap();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        entries.extend(items.clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    let first = &entries[0];
    assert_eq!(
        (&first["title"], &first["kind"]),
        (&json!("Changed region and owner"), &json!("account")),
        "{first}"
    );
    assert_eq!((&first["new"]["owner"], &first["new"]["region"]), (&json!("Ana Moreau"), &json!("EMEA")));
    assert_eq!(entries.last().unwrap()["title"], "Created");
    // As a slow look at each of its leads says.
    let mut slow = Vec::new();
    for lead in
        api.get(&format!("/leads?account={acme}&limit=200")).await.unwrap()["items"].as_array().unwrap()
    {
        let view = api.get(&format!("/leads/{}", lead["id"].as_str().unwrap())).await.unwrap();
        slow.extend(
            view["timeline"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| format!("lead-{}", one["id"].as_str().unwrap())),
        );
    }
    let mut told: Vec<String> = entries
        .iter()
        .filter(|one| !one["lead"].is_null())
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        entries.windows(2).all(|pair| pair[0]["at"].as_str() >= pair[1]["at"].as_str()),
        "the newest first"
    );
    told.sort();
    slow.sort();
    assert_eq!(told, slow);
    assert_eq!(
        refused(&api, reqwest::Method::GET, &format!("/accounts/{acme}/timeline?cursor=x"), &Value::Null)
            .await,
        "API-0006"
    );
}

#[tokio::test]
async fn a_table_is_looked_at_and_then_imported_once() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let text = "Account Name;Website;Parent Account;Employees;Note\n\
        Acme Rockets;acme-rockets.com;Acme;12;a\n\
        Acme;https://acme.de;;51-200;b\n\
        Globex;not a domain;;;c\n\
        ;;;;d\n";
    let look = api.post("/accounts/import", &json!({"text": text, "dry": true})).await.unwrap();
    let fields: Vec<&str> =
        look["columns"].as_array().unwrap().iter().map(|column| column["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "website", "parent", "size", ""]);
    assert_eq!((&look["created"], &look["failed"]), (&json!(2), &json!(2)), "{look}");
    assert_eq!(api.get("/accounts").await.unwrap()["total"], 0, "a look wrote something");

    let done = api.post("/accounts/import", &json!({"text": text})).await.unwrap();
    assert_eq!(
        (&done["created"], &done["failed"], &done["rows"]),
        (&json!(2), &json!(2), &json!(4)),
        "{done}"
    );
    assert_eq!(done["problems"][0]["line"], 4);
    let page = api.get("/accounts?search=rockets").await.unwrap();
    let part = page["items"][0]["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/accounts/{part}")).await.unwrap()["parents"][0]["name"], "Acme");
    let again = api.post("/accounts/import", &json!({"text": text})).await.unwrap();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(2)), "{again}");
    let other = api.post("/accounts/import", &json!({"text": "Colour\nred\n", "dry": true})).await.unwrap();
    assert_eq!(other["columns"][0]["field"], "");
}

#[tokio::test]
async fn unsure_leads_wait_for_a_person_and_their_word_stays() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let acme = create(&api, json!({"name": "Acme Rockets", "domains": "acme.de"})).await;
    let workflow = matcher(&api).await;
    let sure = send(&api, &workflow, json!({"email": "ada@acme.de"})).await;
    assert_eq!((&sure["outcome"], sure["account"]["id"].as_str()), (&json!("matched"), Some(acme.as_str())));
    let unsure = send(&api, &workflow, json!({"email": "bob@bakery.org", "company": "Acme Bakery"})).await;
    assert_eq!(unsure["outcome"], "ambiguous");
    let none = send(&api, &workflow, json!({"email": "eve@gmail.com"})).await;
    assert_eq!(none["outcome"], "none");

    let queue = api.get("/account-matches?status=ambiguous").await.unwrap();
    assert_eq!(queue["total"], 1);
    let waiting = &queue["items"][0];
    assert_eq!(waiting["suggestions"][0]["name"], "Acme Rockets");
    assert_eq!(waiting["suggestions"][0]["evidence"][0]["about"], "name");
    let bob = waiting["lead"]["id"].as_str().unwrap();
    let decide = async |body: Value| api.post("/account-matches/decide", &body).await.unwrap();
    let chosen =
        decide(json!({"decision": "accept", "leads": [{"lead_id": bob}], "learn_domain": true})).await;
    assert_eq!((&chosen["done"], &chosen["learned"]), (&json!([bob]), &json!(["bakery.org"])));
    let lead = api.get(&format!("/leads/{bob}")).await.unwrap();
    assert_eq!(lead["account_id"].as_str(), Some(acme.as_str()));
    assert!(lead["account_reason"].as_str().unwrap().starts_with("Chosen by "), "{lead}");
    let of_account = api.get(&format!("/accounts/{acme}")).await.unwrap();
    assert_eq!(
        (&of_account["lead_count"], &of_account["leads"][0]["is_confirmed"]),
        (&json!(2), &json!(true))
    );

    // Whoever comes from there next is matched by what was learned.
    let next = send(&api, &workflow, json!({"email": "kim@bakery.org"})).await;
    assert_eq!(next["outcome"], "matched");

    decide(json!({"decision": "back", "leads": [{"lead_id": bob}]})).await;
    assert_eq!(api.get("/account-matches").await.unwrap()["total"], 1);
    decide(json!({"decision": "not_a_company", "leads": [{"lead_id": bob}]})).await;
    let counts = api.get("/account-matches/summary").await.unwrap();
    assert_eq!((&counts["ambiguous"], &counts["not_a_company"]), (&json!(0), &json!(1)));
    let missing =
        json!({"decision": "accept", "leads": [{"lead_id": uuid::Uuid::nil(), "account_id": acme}]});
    assert_eq!(decide(missing).await["failed"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_leads_are_matched_again_after_a_look() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let workflow = matcher(&api).await;
    for number in 0..3 {
        let lead = json!({"email": format!("person{number}@acme.de")});
        assert_eq!(send(&api, &workflow, lead).await["outcome"], "none");
    }
    send(&api, &workflow, json!({"email": "eve@umbrella.org"})).await;
    let acme = create(&api, json!({"name": "Acme", "domains": "acme.de"})).await;

    let look = api.post("/account-matches/again", &json!({"preview": true})).await.unwrap();
    let look = over(&api, &look).await;
    assert_eq!((&look["status"], &look["groups"][0]["count"]), (&json!("completed"), &json!(3)), "{look}");
    let found = items(&api, &look).await;
    assert_eq!((&found[0]["detail"]["to"], &found[0]["detail"]["from"]), (&json!("Acme"), &Value::Null));
    assert_eq!(
        api.get(&format!("/accounts/{acme}")).await.unwrap()["lead_count"],
        0,
        "a look wrote something"
    );

    let done = api.post("/account-matches/again", &json!({"preview": false})).await.unwrap();
    over(&api, &done).await;
    assert_eq!(api.get(&format!("/accounts/{acme}")).await.unwrap()["lead_count"], 3);
    let again = api.post("/account-matches/again", &json!({"preview": true})).await.unwrap();
    assert!(over(&api, &again).await["groups"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn settings_of_matching_are_published_and_obeyed() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    create(&api, json!({"name": "Acme Rockets", "domains": "acme.de"})).await;
    let workflow = matcher(&api).await;
    let before = api.get("/matching").await.unwrap();
    assert_eq!(before["version"], Value::Null);
    let mut settings = before["settings"].clone();
    settings["mailbox_providers"] = json!(["acme.de"]);
    settings["accept_from"] = json!(0.5);
    let put =
        async |body: Value| api.request(reqwest::Method::PUT, "/matching").json(&body).send().await.unwrap();
    let done = put(json!({"settings": settings, "base_version": null})).await;
    assert!(done.status().is_success());
    assert_eq!(api.get("/matching").await.unwrap()["version"], 1);
    let stale = put(json!({"settings": settings, "base_version": null})).await;
    assert_eq!(stale.status(), 409);
    let by_domain = send(&api, &workflow, json!({"email": "ada@acme.de"})).await;
    assert_eq!(by_domain["outcome"], "none", "the domain is a mailbox provider's now");
    let by_name = send(&api, &workflow, json!({"email": "bob@x.org", "company": "Acme Rocket Bakery"})).await;
    assert_eq!(by_name["outcome"], "matched", "half sure is enough now: {by_name}");
    settings["accept_from"] = json!(0.1);
    assert_eq!(put(json!({"settings": settings, "base_version": 1})).await.status(), 422);
}

#[tokio::test]
async fn an_example_company_is_made_once_and_can_be_looked_around_in() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let made = api.post("/example", &json!({})).await.unwrap();
    assert_eq!(made, json!({"accounts": 12, "leads": 51}));
    let leads = api.get("/leads?limit=200").await.unwrap();
    assert_eq!(leads["total"], 51);
    let items = leads["items"].as_array().unwrap();
    assert!(items.iter().all(|lead| lead["score"].is_number()), "everybody is scored");
    assert!(
        items.iter().any(|lead| lead["stage"] == "MQL") && items.iter().any(|lead| lead["stage"] != "MQL")
    );
    assert!(items.iter().filter(|lead| !lead["owner"].is_null()).count() >= 20);
    let accounts = api.get("/accounts?limit=50").await.unwrap();
    assert!(
        accounts["items"].as_array().unwrap().iter().all(|account| account["leads"].as_u64().unwrap() >= 3)
    );
    let segments = api.get("/segments").await.unwrap();
    assert!(
        segments["items"].as_array().unwrap().iter().all(|segment| segment["count"].as_u64().unwrap() > 0)
    );
    until("the pair of duplicates to be found", || async {
        let pairs = api.get("/duplicates").await.ok()?;
        pairs["items"]
            .as_array()?
            .iter()
            .any(|pair| pair.to_string().contains("mara.lindquist0"))
            .then_some(())
    })
    .await
    .unwrap();
    look_around_the_import(&api).await;
    assert_eq!(refused(&api, reqwest::Method::POST, "/example", &json!({})).await, "API-0015");
}

/// The example's list was imported, and its leads went through a workflow to owners, each with a decision.
async fn look_around_the_import(api: &Client) {
    let imports = api.get("/imports").await.unwrap();
    let import = &imports["items"][0];
    assert_eq!((&import["status"], &import["total"]), (&json!("done"), &json!(16)), "{import}");
    let count = |fate: &str| import["counts"][fate].as_u64().unwrap_or_default();
    assert_eq!(count("created"), 10, "{import}");
    assert!(
        count("updated") >= 1 && count("duplicate") == 1 && count("failed") + count("skipped") >= 1,
        "{import}"
    );
    let workflows = api.get("/workflows").await.unwrap();
    let workflow = workflows["items"].as_array().unwrap().iter();
    let workflow = workflow.clone().find(|row| row["name"] == "Example: a list to its owners").unwrap();
    let workflow = workflow["id"].as_str().unwrap();
    let runs = until("the leads of the list to go through the workflow", || async {
        let runs = api.get(&format!("/runs?workflow={workflow}&status=completed&limit=50")).await.ok()?;
        (runs["items"].as_array()?.len() >= 13).then_some(runs)
    })
    .await
    .unwrap();
    let id = import["id"].as_str().unwrap();
    let leads = api.get(&format!("/leads?import={id}&limit=50")).await.unwrap();
    let leads = leads["items"].as_array().unwrap();
    assert_eq!(leads.len(), runs["items"].as_array().unwrap().len());
    assert!(leads.iter().all(|lead| !lead["owner"].is_null()), "everybody has an owner: {leads:?}");
    let noor = leads.iter().find(|lead| lead["email"] == "noor@northquay-demo.com").unwrap();
    let decisions = api.get(&format!("/leads/{}/decisions", noor["id"].as_str().unwrap())).await.unwrap();
    assert_eq!(decisions["items"][0]["decision"]["table"], "Example: territories", "{decisions}");
}

#[tokio::test]
async fn the_first_start_can_bring_the_example_and_later_starts_change_nothing() {
    let mut server = Server::start(&["--example"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let leads = async || api.get("/leads?limit=1").await.ok()?["total"].as_u64();
    until("the leads", || async { leads().await.filter(|total| *total == 51) }).await.unwrap();
    until("the import", || async {
        let imports = api.get("/imports").await.ok()?;
        (imports["items"][0]["status"] == "done").then_some(())
    })
    .await
    .unwrap();
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    until("the server", || async { leads().await }).await.unwrap();
    assert_eq!(leads().await, Some(51));
}
