//! Duplicates: found by a search, merged by a person, taken back, and reached by their old ids meanwhile.

use crate::{chain, ended, publish, run_once};
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, text_of, until};

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
