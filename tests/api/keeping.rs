//! Uploaded files, how much room the history takes, and erasing a person's data.

use crate::{chain, ended, imports, publish, run_once, status};
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_store::ports::{NewToken, NewUser, Role};
use trunkline_store::{Settings, Store, WorkspaceId};
use trunkline_tests::postgres::Postgres;
use trunkline_tests::{Client, Server, client, text_of};
use uuid::Uuid;

const ADDRESS: &str = "Greta.Gone@example.com";
/// A token, and its SHA-256.
const TOKEN: &str = "tl_a-viewer-of-the-tests";
const TOKEN_HASH: [u8; 32] = [
    0x3b, 0xa7, 0x0c, 0xbd, 0xf3, 0xe3, 0x68, 0xfd, 0x78, 0xd8, 0x02, 0x41, 0x8f, 0x65, 0xb4, 0x1e, 0x1f,
    0xb0, 0x20, 0x55, 0x23, 0xa4, 0x1e, 0x55, 0x07, 0x18, 0x73, 0xe8, 0x1c, 0x91, 0x2e, 0x8a,
];

/// Uploads `content` as the part called `part`; gives the status and the answer.
async fn upload(api: &Client, part: &str, name: &str, content: &str) -> (u16, Value) {
    let body = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
        content-type: text/csv\r\n\r\n{content}\r\n--edge--\r\n"
    );
    let request = api.request(Method::POST, "/files");
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text_of(answer).await.unwrap()).unwrap())
}

fn contents(server: &Server) -> usize {
    std::fs::read_dir(server.data().join("files")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_file_is_kept_once_and_goes_with_its_last_name() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let (code, one) = upload(&api, "file", "C:\\Users\\Ada\\leads.csv", "email\nada@example.com\n").await;
    assert_eq!((code, &one["name"], &one["bytes"]), (201, &json!("leads.csv"), &json!(22)));
    let (_, twin) = upload(&api, "file", "again.csv", "email\nada@example.com\n").await;
    assert_eq!(contents(&server), 1, "the same content is kept once");
    let listed = api.get("/files").await.unwrap();
    assert_eq!(listed["items"], json!([twin, one]), "the newest first");
    for (file, left) in [(&one, 1), (&twin, 0)] {
        let path = format!("/files/{}", file["id"].as_str().unwrap());
        assert_eq!(api.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
        assert_eq!(contents(&server), left);
    }
    let (code, refused) = upload(&api, "other", "x.csv", "email\n").await;
    assert_eq!((code, &refused["code"]), (400, &json!("API-0018")));
    assert_eq!(upload(&api, "file", "empty.csv", "").await.0, 400);
    assert_eq!(contents(&server), 0, "what was refused leaves nothing");
}

#[tokio::test]
async fn a_lead_is_erased_with_its_runs_and_files() {
    erases_a_lead(&[]).await;
}

#[tokio::test]
async fn a_lead_is_erased_with_its_runs_and_files_on_postgresql() {
    let database = Postgres::shared().unwrap().database("api_erasing").unwrap();
    erases_a_lead(&["--database", &database]).await;
}

async fn erases_a_lead(flags: &[&str]) {
    let server = Server::start(&[&["--empty"], flags].concat()).await.unwrap();
    let api = server.set_up().await.unwrap();
    let find =
        json!({"match_on": ["email"], "fields": [{"name": "email", "value": "{{ trigger.body.email }}"}]});
    let nap = json!({"amount": 9, "unit": "days"});
    let steps = [("start", "manual", json!({})), ("find", "find_or_create_lead", find)];
    let quick = publish(&api, chain("Quick", &steps)).await;
    let [start, find] = steps;
    let slow = publish(&api, chain("Slow", &[start, find, ("nap", "wait", nap)])).await;
    let run = run_once(&api, &quick, json!({"email": ADDRESS})).await;
    ended(&api, &run).await;
    let asleep = run_once(&api, &slow, json!({"email": ADDRESS})).await;
    status(&api, &asleep, "waiting").await;
    let list = format!("Email,Name\nben@example.com,Ben\n{ADDRESS},Greta Gone\nzoe@example.com,Zoe\n");
    let import = imports::read(&api, "list.csv", list.as_bytes()).await;
    imports::previewed(&api, &import).await;
    imports::run(&api, &import).await;
    let layout = json!({"name": "Guests", "columns": [{"label": "Email", "kind": "text"}]});
    let table = api.post("/tables", &layout).await.unwrap()["id"].as_str().unwrap().to_owned();
    for address in [ADDRESS, "ben@example.com"] {
        api.post(&format!("/tables/{table}/rows"), &json!({"rows": [{"email": address}]})).await.unwrap();
    }
    upload(&api, "file", "with.csv", &format!("email\n{ADDRESS}\n")).await;
    upload(&api, "file", "without.csv", "email\nben@example.com\n").await;
    for n in 0..502 {
        upload(&api, "file", "more.csv", &format!("email\n{n}@example.com\n")).await;
    }
    let leads = api.get("/leads").await.unwrap();
    let is_hers = |lead: &&Value| lead["email"] == ADDRESS.to_lowercase();
    let lead =
        leads["items"].as_array().unwrap().iter().find(is_hers).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/leads/{lead}/erase");
    let refused = api.request(Method::POST, &path).json(&json!({})).send().await.unwrap();
    assert_eq!(refused.status(), 409, "a run that knows the lead has not ended");
    api.post(&format!("/runs/{asleep}/cancel"), &json!({})).await.unwrap();
    ended(&api, &asleep).await;

    let erasure = api.post(&path, &json!({})).await.unwrap();
    let rows = |table: &str| {
        erasure["counts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|count| count["table"] == table)
            .map(|count| &count["rows"])
    };
    assert_eq!(
        (rows("lead"), rows("run"), rows("file")),
        (Some(&json!(1)), Some(&json!(2)), Some(&json!(2)))
    );
    assert_eq!(
        (rows("import_row"), rows("prepared_row"), rows("data_row")),
        (Some(&json!(1)), Some(&json!(1)), Some(&json!(1)))
    );
    let prepared = server.data().join("imports").join(format!("{}.rows", import["id"].as_str().unwrap()));
    let prepared = std::fs::read_to_string(prepared).unwrap();
    assert!(!prepared.contains("reta") && prepared.contains("zoe@example.com"), "{prepared}");
    let after = api.get(&format!("/imports/{}", import["id"].as_str().unwrap())).await.unwrap();
    assert_eq!((&after["status"], &after["counts"]["created"]), (&json!("done"), &json!(2)), "figures stay");
    assert_eq!(rows("left_in_files"), Some(&json!(0)));
    let left = api.get("/files").await.unwrap();
    assert_eq!(left["items"].as_array().unwrap().len(), 500, "it was the oldest of more than a page");
    assert!(left["items"].as_array().unwrap().iter().all(|file| file["name"] != "with.csv"));
    assert_eq!(api.request(Method::GET, &format!("/runs/{run}")).send().await.unwrap().status(), 404);
    assert_eq!(api.get("/erasures").await.unwrap()["items"][0]["proof"], erasure["proof"]);
    assert_eq!(api.get("/storage").await.unwrap()["erasures"], json!(1));
    for file in ["trunkline.db", "trunkline.db-wal"] {
        let bytes = std::fs::read(server.data().join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains(&ADDRESS.to_lowercase()), "the address can be read from {file}");
    }
}

#[tokio::test]
async fn only_administrators_limit_and_erase() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let answer = api.request(Method::PUT, "/storage").json(&json!({"budget_bytes": 1})).send().await.unwrap();
    assert_eq!(answer.status(), 422, "too small to be meant");
    let budget = json!({"budget_bytes": 100_000_000});
    let answer = api.request(Method::PUT, "/storage").json(&budget).send().await.unwrap();
    let set: Value = serde_json::from_str(&text_of(answer).await.unwrap()).unwrap();
    assert_eq!(set["budget_bytes"], json!(100_000_000));
    server.stop().await.unwrap();
    let store = Store::open(Settings::at(server.data().join("trunkline.db"))).await.unwrap();
    let viewer =
        NewUser { id: Uuid::now_v7(), email: "viewer@example.com".into(), password_hash: "none".into() };
    let viewer = store.accounts.add_user(WorkspaceId::FIRST, Role::Viewer, viewer).await.unwrap();
    let token = NewToken {
        id: Uuid::now_v7(),
        workspace: WorkspaceId::FIRST,
        name: "Viewer".into(),
        hash: TOKEN_HASH,
        created_by: Some(viewer.id),
        expires_at: None,
    };
    store.accounts.add_token(token).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    server.restart().await.unwrap();
    let http = client().unwrap();
    let as_viewer = |method, path: &str| http.request(method, server.url(path)).bearer_auth(TOKEN);
    let seen = as_viewer(Method::GET, "/api/v1/storage").send().await.unwrap();
    assert_eq!(seen.status(), 200);
    let lead = Uuid::now_v7();
    for request in [
        as_viewer(Method::PUT, "/api/v1/storage").json(&budget),
        as_viewer(Method::POST, &format!("/api/v1/leads/{lead}/erase")),
    ] {
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), 403);
        let problem: Value = serde_json::from_str(&text_of(refused).await.unwrap()).unwrap();
        assert_eq!(problem["code"], "AUTH-0009");
    }
}

#[tokio::test]
async fn a_run_whose_payload_is_lost_says_so_and_can_be_ended() {
    let mut server = Server::start(&["--empty", "--spill-bytes", "200"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let nap = json!({"amount": 9, "unit": "days"});
    let steps = [("start", "manual", json!({})), ("nap", "wait", nap)];
    let flow = publish(&api, chain("Nap", &steps)).await;
    let text: String = (0..100).map(|_| Uuid::now_v7().to_string()).collect();
    let run = run_once(&api, &flow, json!({"text": text})).await;
    status(&api, &run, "waiting").await;
    let folder = std::fs::read_dir(server.data().join("payloads")).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(folder).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    server.stop().await.unwrap();
    server.restart().await.unwrap();
    let refused = api.request(Method::GET, &format!("/runs/{run}")).send().await.unwrap();
    assert_eq!(refused.status(), 500);
    let problem: Value = serde_json::from_str(&text_of(refused).await.unwrap()).unwrap();
    assert_eq!(problem["code"], "STORE-0016");
    let other = run_once(&api, &flow, json!({"text": "small"})).await;
    status(&api, &other, "waiting").await;
    let cancelled = api.post(&format!("/runs/{run}/cancel"), &json!({})).await.unwrap();
    assert_eq!(cancelled["status"], "failed");
    let listed = api.get("/runs?status=failed").await.unwrap();
    assert_eq!(listed["items"][0]["id"], json!(run));
}
