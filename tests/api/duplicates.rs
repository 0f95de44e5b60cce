//! Duplicates: found by a search, merged by a person, taken back, and reached by their old ids meanwhile.

use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, client, text_of, until};

/// Makes leads of `bodies` and gives their ids.
async fn leads(api: &Client, bodies: &[Value]) -> Vec<String> {
    let names = ["email", "first_name", "last_name", "city"];
    let fields = names.map(|name| json!({"name": name, "value": format!("{{{{ trigger.body.{name} }}}}")}));
    let find = json!({"match_on": ["email"], "fields": fields});
    let document = chain("Find", &[("start", "manual", json!({})), ("find", "find_or_create_lead", find)]);
    let id = publish(api, document).await;
    let mut ids = Vec::new();
    for body in bodies {
        let run = run_once(api, &id, body.clone()).await;
        ended(api, &run).await;
        let email = body["email"].as_str().unwrap();
        // A search finds whatever begins so.
        let found = api.get(&format!("/leads?search={email}&limit=200")).await.unwrap();
        let found = found["items"].as_array().unwrap().iter().find(|lead| lead["email"] == email).unwrap();
        ids.push(found["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// Changes settings; the answer as text when it is refused.
async fn set(api: &Client, body: &Value) -> Result<Value, String> {
    let request = api.request(reqwest::Method::PUT, "/duplicates/settings").json(body);
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), text_of(answer).await.unwrap());
    if status.is_success() { Ok(serde_json::from_str(&text).unwrap()) } else { Err(text) }
}

/// First names, last names and cities of people who are nobody else.
const PEOPLE: [(&str, &str, &str); 12] = [
    ("Amara", "Okafor", "Lagos"),
    ("Bjarne", "Thorsen", "Bergen"),
    ("Chiara", "Vescovi", "Verona"),
    ("Dmitri", "Haugen", "Tromso"),
    ("Esmeralda", "Quiroga", "Cordoba"),
    ("Farhan", "Siddiqui", "Karachi"),
    ("Gwendolyn", "Prydderch", "Cardiff"),
    ("Hiroshi", "Matsumoto", "Kyoto"),
    ("Ileana", "Dragomir", "Brasov"),
    ("Jakub", "Zielinski", "Poznan"),
    ("Kwame", "Boateng", "Accra"),
    ("Lucille", "Fontaine", "Nantes"),
];

fn person(n: usize, email: &str, last_name: &str) -> Value {
    let (first_name, _, city) = PEOPLE[n];
    json!({"email": email, "first_name": first_name, "last_name": last_name, "city": city})
}

/// The twelve of them.
fn everybody() -> Vec<Value> {
    let one = |(n, (first, last, _)): (usize, &(&str, &str, &str))| {
        person(n, &format!("{first}@{last}.example").to_lowercase(), last)
    };
    PEOPLE.iter().enumerate().map(one).collect()
}

#[tokio::test]
async fn a_pair_is_found_merged_and_taken_back() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut bodies = everybody();
    bodies.push(person(3, "another@mail.example", "Haugenn"));
    let ids = leads(&api, &bodies).await;
    let (one, other) = (&ids[3], &ids[12]);

    let job = api.post("/duplicates/search", &json!({})).await.unwrap();
    let job = job["id"].as_str().unwrap();
    until("the search to end", || async {
        let job = api.get(&format!("/jobs/{job}")).await.ok()?;
        (job["status"] == "completed").then_some(())
    })
    .await
    .unwrap();
    let found = api.get("/duplicates").await.unwrap();
    assert_eq!(found["total"], 1, "{found}");
    let pair = &found["items"][0];
    assert_eq!([&pair["left"]["id"], &pair["right"]["id"]], [one, other]);
    assert!(pair["probability"].as_f64().unwrap() > 0.5 && !pair["reasons"].as_array().unwrap().is_empty());
    let preview = api.get("/duplicates/preview?review_above=0.5").await.unwrap();
    assert_eq!((&preview["shown"], &preview["merged"]), (&json!(1), &json!(0)));

    let pair = pair["id"].as_str().unwrap();
    let choices = json!({"survivor_id": other, "choices": {"last_name": one}});
    let merged = api.post(&format!("/duplicates/{pair}/merge"), &choices).await.unwrap();
    assert_eq!(merged["lead_id"], json!(other));
    // The old id leads to the lead that stayed.
    let lead = api.get(&format!("/leads/{one}")).await.unwrap();
    assert_eq!((&lead["id"], &lead["last_name"]), (&json!(other), &json!("Haugen")));
    let merges = api.get("/merges").await.unwrap();
    assert_eq!(merges["items"][0]["merged_id"], json!(one));
    assert!(merges["items"][0]["by"].is_string(), "whoever did it is named");

    let merge = merged["merge_id"].as_str().unwrap();
    let back = api.post(&format!("/merges/{merge}/undo"), &json!({})).await.unwrap();
    assert_eq!((&back["restored_id"], &back["kept"]), (&json!(one), &json!([])));
    assert_eq!(api.get(&format!("/leads/{one}")).await.unwrap()["last_name"], "Haugen");
    assert_eq!(api.get(&format!("/leads/{other}")).await.unwrap()["last_name"], "Haugenn");
    let again = api.post(&format!("/merges/{merge}/undo"), &json!({})).await.unwrap_err();
    assert!(format!("{again:#}").contains("LEAD-0061"), "{again:#}");
    assert_eq!(api.get("/duplicates?state=later").await.unwrap()["total"], 1);
}

#[tokio::test]
async fn settings_are_checked_and_what_is_certain_merges_by_itself() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let settings = |merge: f64| json!({"review_above": 0.5, "merge_above": merge, "wins": "newest"});
    let wrong = set(&api, &settings(0.3)).await.unwrap_err();
    assert!(wrong.contains("API-0014"), "{wrong}");
    let kept = set(&api, &settings(0.6)).await.unwrap();
    assert_eq!((&kept["merge_above"], &kept["wins"]), (&json!(0.6), &json!("newest")));
    let mut bodies = everybody();
    bodies.push(person(3, "dmitri@mail.example", "Haugen"));
    let ids = leads(&api, &bodies).await;
    api.post("/duplicates/search", &json!({})).await.unwrap();
    until("the merge", || async {
        let merges = api.get("/merges").await.ok()?;
        (merges["items"].as_array()?.len() == 1).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(
        api.get(&format!("/leads/{}", ids[12])).await.unwrap()["id"],
        json!(ids[3]),
        "the older lead stays"
    );
}

/// Looks for duplicates and waits until that is done.
async fn search(api: &Client) {
    let job = api.post("/duplicates/search", &json!({})).await.unwrap();
    let job = job["id"].as_str().unwrap().to_owned();
    until("the search to end", || async {
        let job = api.get(&format!("/jobs/{job}")).await.ok()?;
        (job["status"] == "completed").then_some(())
    })
    .await
    .unwrap();
}

async fn put(api: &Client, path: &str, body: &Value) -> Value {
    let answer = api.request(reqwest::Method::PUT, path).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", text_of(answer).await.unwrap());
    serde_json::from_str(&text_of(answer).await.unwrap()).unwrap()
}

/// Pairs of people of whom each has two addresses: of the first half the company of both is the same, of the second half
/// it is not.
fn pairs_of_people(pairs: usize) -> Vec<Value> {
    let word = |n: usize| -> String {
        let mut mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^= mixed >> 29;
        (0..7).map(|place| char::from(b'a' + ((mixed >> (place * 8)) % 26) as u8)).collect()
    };
    let one = |n: usize, copy: usize| {
        let (first, last) = (word(2 * n), word(2 * n + 1));
        let apart = n >= pairs / 2 && copy == 1;
        let company = if apart { word(5_000 + n) } else { word(9_000 + n) };
        json!({ "email": format!("{first}{copy}@{}.example", word(20_000 + 2 * n + copy)), "first_name": first,
            "last_name": last, "company": company })
    };
    (0..pairs).flat_map(|n| [one(n, 0), one(n, 1)]).collect()
}

#[tokio::test]
async fn answers_correct_the_weights_while_an_administrator_wants_that() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let fields = ["email", "first_name", "last_name", "company"];
    let fields = fields.map(|name| json!({"name": name, "value": format!("{{{{ trigger.body.{name} }}}}")}));
    let find = json!({"match_on": ["email"], "fields": fields});
    let document = chain(
        "Find",
        &[("hook", "webhook", crate::hook("people", "at_once")), ("find", "find_or_create_lead", find)],
    );
    publish(&api, document).await;
    let people = pairs_of_people(44);
    let sender = client().unwrap();
    let send = async |people: &[Value]| {
        for person in people {
            let taken = sender.post(server.url("/hooks/people")).json(person).send().await.unwrap();
            assert!(taken.status().is_success());
        }
    };
    send(&people).await;
    until("the leads", || async {
        let leads = api.get("/leads?limit=1").await.ok()?;
        (leads["total"] == people.len()).then_some(())
    })
    .await
    .unwrap();
    set(&api, &json!({"review_above": 0.05, "merge_above": null, "wins": "keep"})).await.unwrap();
    search(&api).await;
    let found = api.get("/duplicates?limit=200").await.unwrap();
    assert_eq!(found["total"], 44, "{found}");

    // Too few: turned on, it says so and judges as before.
    let learning = put(&api, "/duplicates/learning", &json!({"is_on": true})).await;
    assert_eq!(
        (&learning["is_on"], &learning["taught"], &learning["fewest"]),
        (&json!(true), &Value::Null, &json!(40))
    );
    put(&api, "/duplicates/learning", &json!({"is_on": false})).await;

    // A person who goes by the company alone.
    for pair in found["items"].as_array().unwrap() {
        let id = pair["id"].as_str().unwrap();
        if pair["left"]["company"] == pair["right"]["company"] {
            api.post(&format!("/duplicates/{id}/merge"), &json!({})).await.unwrap();
        } else {
            api.post(&format!("/duplicates/{id}/decide"), &json!({"state": "different"})).await.unwrap();
        }
    }
    let learning = api.get("/duplicates/learning").await.unwrap();
    assert_eq!((&learning["merged"], &learning["different"]), (&json!(22), &json!(22)));
    assert_eq!(learning["taught"], Value::Null, "nobody asked for it");
    let learning = put(&api, "/duplicates/learning", &json!({"is_on": true})).await;
    let taught = &learning["taught"];
    assert_eq!((&taught["merged"], &taught["different"]), (&json!(22), &json!(22)), "{learning}");
    assert!(taught["right_after"].as_f64() > taught["right_before"].as_f64(), "{taught}");
    let weight = |text: &str| {
        let weights = taught["weights"].as_array().unwrap();
        weights
            .iter()
            .find(|weight| weight["text"] == text)
            .map_or(0.0, |weight| weight["bits"].as_f64().unwrap())
    };
    assert!(weight("same company") > 0.1 && weight("different company") < -0.1, "{taught}");

    // Two more pairs: what was taught is part of how they are judged, and of the reasons.
    let more = pairs_of_people(46).split_off(88);
    let judged = async || {
        let mut found = Vec::new();
        for pair in api.get("/duplicates").await.unwrap()["items"].as_array().unwrap() {
            found.push(pair["probability"].as_f64().unwrap());
        }
        found
    };
    send(&more).await;
    let all = 22 + 44 + more.len();
    until("the new leads", || async {
        let leads = api.get("/leads?limit=1").await.ok()?;
        (leads["total"] == all).then_some(())
    })
    .await
    .unwrap();
    put(&api, "/duplicates/learning", &json!({"is_on": false})).await;
    search(&api).await;
    let without = judged().await;
    put(&api, "/duplicates/learning", &json!({"is_on": true})).await;
    search(&api).await;
    let with = judged().await;
    assert_eq!(without.len(), 2, "{without:?} {with:?}");
    assert!(
        with.iter().all(|probability| *probability < without[1]),
        "they differ in the company: {without:?} {with:?}"
    );

    // Every change is a version, and the search that learned nothing new made none.
    let versions = api.get("/duplicates/settings/versions").await.unwrap();
    let versions = versions["items"].as_array().unwrap();
    assert_eq!(versions.len(), 6, "{versions:?}");
    assert_eq!((&versions[0]["learns"], &versions[0]["answers"]), (&json!(true), &json!(44)));
    assert!(versions[0]["note"].as_str().unwrap().contains("44 answers"), "{}", versions[0]);
    api.post("/duplicates/settings/versions/1/restore", &json!({})).await.unwrap();
    let learning = api.get("/duplicates/learning").await.unwrap();
    assert_eq!((&learning["is_on"], &learning["taught"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_workflow_finds_the_duplicates_of_a_record_and_of_a_lead() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut bodies = everybody();
    bodies.push(person(3, "another@mail.example", "Haugenn"));
    let ids = leads(&api, &bodies).await;
    let look = json!({"of": "{{ trigger.body }}", "least": 0.5});
    let document = chain("Look", &[("start", "manual", json!({})), ("look", "find_duplicates", look)]);
    let id = publish(&api, document).await;
    let output = async |body: Value| {
        let run = run_once(&api, &id, body).await;
        let view = ended(&api, &run).await;
        assert_eq!(view["status"], "completed", "{view}");
        crate::step(&view, "look")["output"].clone()
    };
    let found = output(json!({"first_name": "Dmitri", "last_name": "Haugen", "city": "Tromso"})).await;
    assert_eq!(found["found"], 2, "{found}");
    let of_lead = output(json!({"id": ids[3], "stage": "Known"})).await;
    assert_eq!(of_lead["best"]["id"], json!(ids[12]), "{of_lead}");
    assert!(of_lead["candidates"][0]["reasons"][0]["text"].is_string());
    let nobody = output(json!({"first_name": "Nobody", "last_name": "Anywhere"})).await;
    assert_eq!((&nobody["best"], &nobody["found"]), (&Value::Null, &json!(0)));
}
