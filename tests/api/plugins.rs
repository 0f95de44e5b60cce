//! Plugins on the real server: looked at, approved, used, upgraded, tried, taken up after a crash, and removed; and what is
//! refused on the way.

use crate::{chain, ended, hook, outside, publish, run_once, step};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use trunkline_tests::component::{ECHO, Text, about};
use trunkline_tests::{Client, Server, until};

/// Brings a file; the answer and its status.
async fn bring(api: &Client, path: &str, file: Vec<u8>) -> (StatusCode, Value) {
    let request = api.request(Method::POST, path).header("content-type", "application/octet-stream");
    let answer = request.body(file).send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap())
}

async fn send(api: &Client, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = api.request(method, path).json(&body).send().await.unwrap();
    let status = answer.status();
    let text = trunkline_tests::text_of(answer).await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Brings a plugin and approves it; gives how it is then.
pub(crate) async fn install(api: &Client, text: &Text) -> Value {
    let (status, brought) = bring(api, "/plugins", text.component()).await;
    assert_eq!(status, 201, "{brought}");
    approve(api, &brought).await
}

async fn approve(api: &Client, plugin: &Value) -> Value {
    let path = format!("/plugins/{}/approval", plugin["id"].as_str().unwrap());
    let (status, approved) =
        send(api, Method::POST, &path, json!({"sha256": plugin["pending"]["sha256"]})).await;
    assert_eq!(status, 200, "{approved}");
    approved
}

fn path_of(plugin: &Value) -> String {
    format!("/plugins/{}", plugin["id"].as_str().unwrap())
}

pub(crate) fn with_step(name: &str, kind: &str) -> Value {
    let text = json!({"text": "{{ trigger.body.text }}"});
    chain(name, &[("start", "manual", json!({})), ("use", kind, text)])
}

/// Calls this address and gives the answer.
fn caller(name: &str, effect: &str, method: &str, url: &str) -> Text {
    let mut about = about(name, effect);
    let host = url.split("://").nth(1).unwrap().split('/').next().unwrap();
    about["capabilities"] = json!({"hosts": [host]});
    let body = format!(
        "(if (result i32) (call $ask (i32.const 600) (i32.const {}) (i32.const 620) (i32.const {})) \
        (then (call $hand_on)) (else (call $answered)))",
        method.len(),
        url.len()
    );
    let mut text = Text::of(about, &body);
    text.texts = vec![(600, method.into()), (620, url.into())];
    text
}

#[tokio::test]
async fn a_plugin_is_looked_at_approved_and_used_like_any_other_step() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let (status, brought) =
        bring(&api, "/plugins?name=echo.wasm", Text::pure("echo", ECHO).component()).await;
    assert_eq!((status.as_u16(), &brought["status"]), (201, &json!("waiting")));
    let waits = &brought["pending"];
    assert_eq!(waits["reaches"], json!(["Reaches nothing outside", "Its step \"Do it\" only computes"]));
    assert_eq!((&waits["source"], &waits["by"]), (&json!("echo.wasm"), &json!("grace@example.com")));
    let kinds = async |api: &Client| -> Vec<String> {
        let kinds = api.get("/step-kinds").await.unwrap();
        let all = kinds["items"].as_array().unwrap().iter();
        all.filter_map(|kind| kind["kind"].as_str()).map(str::to_owned).collect()
    };
    assert!(!kinds(&api).await.contains(&"plugin.echo.step".to_owned()), "nobody approved it");
    let wrong = json!({"sha256": "00".repeat(32)});
    let (status, refused) = send(&api, Method::POST, &format!("{}/approval", path_of(&brought)), wrong).await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("PLUG-0008")));

    approve(&api, &brought).await;
    assert!(kinds(&api).await.contains(&"plugin.echo.step".to_owned()));
    let flow = publish(&api, with_step("Echo", "plugin.echo.step")).await;
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "hello"})).await).await;
    assert_eq!(
        (&view["status"], &step(&view, "use")["output"]),
        (&json!("completed"), &json!({"text": "hello"}))
    );
    let figures = &api.get(&path_of(&brought)).await.unwrap()["figures"];
    assert_eq!((&figures["calls"], &figures["failures"]), (&json!(1), &json!(0)));

    // The rest of its life.
    let uses = api.get(&format!("{}/uses", path_of(&brought))).await.unwrap();
    assert_eq!((&uses["items"][0]["name"], &uses["items"][0]["live"]), (&json!("Echo"), &json!(true)));
    let (status, refused) = send(&api, Method::DELETE, &path_of(&brought), json!({})).await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("PLUG-0009")));
    assert!(refused["detail"].as_str().unwrap().contains("Echo"), "{refused}");
    let plugin = api.get(&path_of(&brought)).await.unwrap();
    let change = json!({"revision": plugin["revision"], "enabled": false});
    let (_, disabled) = send(&api, Method::PATCH, &path_of(&plugin), change).await;
    assert_eq!(disabled["status"], "disabled");
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await;
    assert_eq!((&view["status"], &view["error"]["code"]), (&json!("failed"), &json!("PLUG-0010")));
    let limits = json!({"revision": disabled["revision"], "limits": {"memory_mib": 9999, "compute_ms": 1,
        "whole_ms": 1, "output_kib": 1, "log_lines": 1, "at_once": 1}});
    assert_eq!(send(&api, Method::PATCH, &path_of(&plugin), limits).await.0, 422);
    api.request(Method::DELETE, &format!("/workflows/{flow}")).send().await.unwrap();
    assert_eq!(send(&api, Method::DELETE, &path_of(&plugin), json!({})).await.0, 204);
    assert!(!kinds(&api).await.contains(&"plugin.echo.step".to_owned()));
}

#[tokio::test]
async fn an_upgrade_that_wants_nothing_new_runs_and_another_waits() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let plugin = install(&api, &Text::pure("grows", ECHO)).await;
    let flow = publish(&api, with_step("Grows", "plugin.grows.step")).await;
    let releases = format!("{}/releases", path_of(&plugin));
    let release = |version: &str, change: &dyn Fn(&mut Value), body: &str| {
        let mut about = about("grows", "pure");
        about["version"] = version.into();
        change(&mut about);
        Text::of(about, body)
    };
    let mut answers = release("1.1.0", &|_| {}, "(call $ok (i32.const 600) (i32.const 3))");
    answers.texts.push((600, "1.1".into()));
    let (_, upgraded) = bring(&api, &releases, answers.component()).await;
    assert_eq!((&upgraded["live"]["version"], &upgraded["pending"]), (&json!("1.1.0"), &json!(null)));
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await;
    assert_eq!(step(&view, "use")["output"], 1.1, "published workflows use the new release");

    let wants = |about: &mut Value| about["capabilities"] = json!({"hosts": ["api.example.com"]});
    let (_, waiting) = bring(&api, &releases, release("1.2.0", &wants, ECHO).component()).await;
    assert_eq!(waiting["pending"]["asks_for"], json!(["Calls api.example.com"]));
    assert_eq!(waiting["live"]["version"], "1.1.0", "the old one runs on");
    let approved = approve(&api, &waiting).await;
    assert_eq!((&approved["live"]["version"], &approved["pending"]), (&json!("1.2.0"), &json!(null)));

    // What was approved before does not come back unseen, not even after a removal.
    let (status, older) = bring(&api, &releases, Text::pure("grows", ECHO).component()).await;
    assert_eq!((status.as_u16(), &older["code"]), (409, &json!("PLUG-0006")));
    let other = Text::pure("other", ECHO).component();
    assert_eq!(bring(&api, &releases, other).await.1["code"], "PLUG-0003", "it is another plugin");
    let without = |about: &mut Value| {
        about["steps"][0]["settings"]["properties"] = json!({"words": {"type": "string"}});
        about["steps"][0]["examples"][0]["settings"] = json!({"words": "x"});
    };
    let (status, refused) = bring(&api, &releases, release("1.3.0", &without, ECHO).component()).await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (409, &json!("PLUG-0009")),
        "a setting that is named is gone"
    );
    assert!(refused["detail"].as_str().unwrap().contains("Grows"), "{refused}");
    let gone = |about: &mut Value| {
        about["steps"][0]["name"] = "renamed".into();
        about["capabilities"] = json!({"hosts": ["api.example.com"]});
    };
    let (status, refused) = bring(&api, &releases, release("2.0.0", &gone, ECHO).component()).await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (409, &json!("PLUG-0009")),
        "a step that is used would be gone"
    );
    api.request(Method::DELETE, &format!("/workflows/{flow}")).send().await.unwrap();
    assert_eq!(send(&api, Method::DELETE, &path_of(&plugin), json!({})).await.0, 204);
    let again = Text::pure("grows", ECHO).component();
    assert_eq!(bring(&api, "/plugins", again.clone()).await.1["code"], "PLUG-0006");
    assert_eq!(bring(&api, "/plugins?allow_older=true", again).await.0, 201, "an administrator may say so");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_with_a_code() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let code = async |path: &str, file: Vec<u8>| bring(&api, path, file).await.1["code"].clone();
    let good = Text::pure("fine", ECHO).component();
    assert_eq!(code("/plugins", b"no plugin".to_vec()).await, "PLUG-0001");
    assert_eq!(code("/plugins", good[..good.len() - 20].to_vec()).await, "PLUG-0001");
    let pinned = format!("/plugins?sha256={}", "ab".repeat(32));
    assert_eq!(code(&pinned, good.clone()).await, "PLUG-0007");
    let mut lies = Text::pure("liar", ECHO);
    lies.about["steps"] = json!([]);
    assert_eq!(code("/plugins", lies.component()).await, "PLUG-0003");
    // Another thing each time: the description is counted up in its memory by its own realloc, which is new each time; a
    // plugin without memory has only chance, and chance is the same for the same question.
    assert_eq!(bring(&api, "/plugins", good.clone()).await.0, 201);
    assert_eq!(code("/plugins", good).await, "API-0015", "its name is taken");
    let list = api.get("/plugins").await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing else was taken in");
}

#[tokio::test]
async fn a_plugin_calls_approved_hosts_through_the_guard_and_no_others() {
    let world = outside().await;
    let host = world.url.strip_prefix("http://").unwrap().to_owned();
    let guarded = Server::start(&["--empty"]).await.unwrap();
    let open = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let text = caller("calls", "read", "GET", &format!("{}/rating", world.url));
    let result = async |server: &Server, text: &Text, kind: &str| {
        let api = server.set_up().await.unwrap();
        install(&api, text).await;
        let flow = publish(&api, with_step("Calls", kind)).await;
        (ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await, api)
    };
    let (view, _) = result(&guarded, &text, "plugin.calls.step").await;
    assert_eq!(view["status"], "failed");
    assert!(view["error"]["message"].as_str().unwrap().contains("CALL-0002"), "{view}");
    assert_eq!(world.calls.load(Ordering::SeqCst), 0, "a private host was not approved by its administrator");

    let (view, api) = result(&open, &text, "plugin.calls.step").await;
    assert_eq!(step(&view, "use")["output"], json!({"rating": 7}), "{view}");
    // It declares one host and calls another.
    let mut other = caller("strays", "read", "GET", &format!("{}/rating", world.url));
    other.about["capabilities"] = json!({"hosts": ["api.example.com"]});
    install(&api, &other).await;
    let flow = publish(&api, with_step("Strays", "plugin.strays.step")).await;
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await;
    let message = view["error"]["message"].as_str().unwrap();
    assert!(message.contains("CALL-0014") && !message.contains(&host), "{message}");
    assert_eq!(world.calls.load(Ordering::SeqCst), 1);
    // It calls what it declares, and is sent on to what it does not.
    let secret = outside().await;
    let bent = caller("bends", "read", "GET", &format!("{}/elsewhere?to={}/inside", world.url, secret.url));
    install(&api, &bent).await;
    let flow = publish(&api, with_step("Bends", "plugin.bends.step")).await;
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await;
    assert!(view["error"]["message"].as_str().unwrap().contains("CALL-0014"), "{view}");
    assert_eq!(secret.calls.load(Ordering::SeqCst), 0, "nobody was asked there");
}

#[tokio::test]
async fn a_rehearsal_computes_reads_and_writes_nothing() {
    let world = outside().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &Text::pure("echo", ECHO)).await;
    install(&api, &caller("reads", "read", "GET", &format!("{}/a", world.url))).await;
    install(&api, &caller("writes", "write", "POST", &format!("{}/b", world.url))).await;
    let text = json!({"text": "{{ trigger.body.text }}"});
    let steps = [
        ("start", "manual", json!({})),
        ("pure", "plugin.echo.step", text.clone()),
        ("read", "plugin.reads.step", text.clone()),
        ("write", "plugin.writes.step", text),
    ];
    let flow = publish(&api, chain("All", &steps)).await;
    let run = run_once(&api, &flow, json!({"text": "first"})).await;
    let view = ended(&api, &run).await;
    assert_eq!(view["status"], "completed", "{view}");
    assert_eq!(world.calls.load(Ordering::SeqCst), 2);

    let wanted = json!({"payload": {"text": "second"}, "version": "current"});
    let items = job(&api, &format!("/workflows/{flow}/dry-run"), wanted).await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 3, "it read and did not write: {items}");
    assert_eq!(items["items"][0]["detail"]["status"], "completed", "{items}");
    assert_eq!(items["items"][0]["detail"]["not_known"], json!([]), "{items}");

    // The back-test of a draft whose first step asks another thing: it computes, and what was read stands in the journal.
    let span = json!({"since": "2000-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"});
    let mut draft = chain("All", &steps);
    draft["steps"]["pure"]["config"]["text"] = json!("changed");
    let revision = api.get(&format!("/workflows/{flow}")).await.unwrap()["draft_revision"].clone();
    let save = json!({"document": draft, "base_revision": revision});
    let (status, saved) = send(&api, Method::PUT, &format!("/workflows/{flow}/draft"), save).await;
    assert!(status.is_success(), "{saved}");
    let items = job(&api, &format!("/workflows/{flow}/back-test"), span).await;
    assert_eq!(world.calls.load(Ordering::SeqCst), 3, "a back-test asks nobody");
    assert_eq!(items["items"][0]["detail"]["not_known"], json!([]), "{items}");
    assert_eq!(items["items"][0]["detail"]["error"], Value::Null, "{items}");
}

/// Starts a job, waits for its end, and gives its results.
async fn job(api: &Client, path: &str, wanted: Value) -> Value {
    let job = api.post(path, &wanted).await.unwrap();
    let id = job["id"].as_str().unwrap().to_owned();
    until("the job to end", || async {
        let job = api.get(&format!("/jobs/{id}")).await.ok()?;
        (!job["finished_at"].is_null()).then_some(())?;
        api.get(&format!("/jobs/{id}/items")).await.ok()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_call_that_a_crash_cut_off_is_taken_up_by_its_promise() {
    let world = outside().await;
    let mut server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &caller("reads", "read", "GET", &format!("{}/silent", world.url))).await;
    install(&api, &caller("writes", "write", "POST", &format!("{}/silent", world.url))).await;
    let start = async |name: &str, kind: &str| {
        let flow = publish(&api, with_step(name, kind)).await;
        run_once(&api, &flow, json!({"text": "x"})).await
    };
    let read = start("Read", "plugin.reads.step").await;
    let write = start("Write", "plugin.writes.step").await;
    until("both to be under way", || async { (world.calls.load(Ordering::SeqCst) == 2).then_some(()) })
        .await
        .unwrap();
    server.kill().await.unwrap();
    world.speak();
    server.restart().await.unwrap();
    let view = ended(&api, &read).await;
    assert_eq!(step(&view, "use")["output"], json!({"rating": 7}), "a read is made again");
    crate::status(&api, &write, "waiting").await;
    let inbox = api.get("/inbox").await.unwrap();
    assert!(
        inbox.to_string().contains(&write),
        "a write whose outcome is unknown waits for a person: {inbox}"
    );
    assert_eq!(world.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_file_that_was_exchanged_in_the_database_does_not_run() {
    use sqlx::Connection as _;
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &Text::pure("echo", ECHO)).await;
    let flow = publish(&api, with_step("Echo", "plugin.echo.step")).await;
    server.stop().await.unwrap();
    let path = format!("sqlite://{}", server.data().join("trunkline.db").display());
    let mut store = sqlx::SqliteConnection::connect(&path).await.unwrap();
    let other = Text::pure("echo", "(unreachable)").component();
    sqlx::query("UPDATE plugin_file SET file = ?1").bind(other).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
    server.restart().await.unwrap();
    let view = ended(&api, &run_once(&api, &flow, json!({"text": "x"})).await).await;
    assert_eq!(view["error"]["code"], "PLUG-0007", "{view}");
}

#[tokio::test]
async fn a_server_that_trusts_keys_takes_what_they_signed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("echo.wasm"), Text::pure("echo", ECHO).component()).unwrap();
    let tool = async |arguments: Vec<String>| {
        let run =
            move || std::process::Command::new(trunkline_tests::binary()).args(arguments).output().unwrap();
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), said)
    };
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let (_, said) = tool(words(&["plugin", "keygen", &at("secret")])).await;
    let key = said.split("TRUNKLINE_PLUGIN_KEYS=").nth(1).unwrap().trim().to_owned();
    let server = Server::start(&["--empty", "--plugin-keys", &key]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let data = server.data().to_str().unwrap().to_owned();
    let install = words(&["plugin", "install", &at("echo.wasm"), "--yes", "--data", &data]);
    let (exit, said) = tool(install.clone()).await;
    assert!(exit == 5 && said.contains("PLUG-0005"), "{exit} {said}");
    tool(words(&["plugin", "sign", &at("echo.wasm"), "--key", &at("secret")])).await;
    let (exit, said) = tool(install).await;
    assert!(exit == 0 && said.contains("echo 1.0.0 is approved and runs"), "{exit} {said}");
    let (_, said) = tool(words(&["plugin", "list", "--data", &data])).await;
    assert!(said.contains("echo  1.0.0  active"), "{said}");
    let (exit, said) = tool(words(&["plugin", "test", &at("echo.wasm")])).await;
    assert!(exit == 0 && said.contains("ok step example 1"), "{exit} {said}");
    assert_eq!(api.get("/plugins").await.unwrap()["items"][0]["live"]["signed_by"], json!(key));

    // A release with known holes does not come back because somebody signed it once.
    for version in ["1.1.0", "0.9.0"] {
        let mut release = about("echo", "pure");
        release["version"] = version.into();
        std::fs::write(at("echo.wasm"), Text::of(release, ECHO).component()).unwrap();
        tool(words(&["plugin", "sign", &at("echo.wasm"), "--key", &at("secret")])).await;
        let (exit, said) =
            tool(words(&["plugin", "upgrade", "echo", &at("echo.wasm"), "--data", &data])).await;
        match version {
            "1.1.0" => assert!(exit == 0 && said.contains("echo runs version 1.1.0 now"), "{exit} {said}"),
            _ => assert!(exit == 5 && said.contains("PLUG-0006"), "{exit} {said}"),
        }
    }
}

#[tokio::test]
async fn what_a_plugin_keeps_is_of_its_workflow() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    // Gives what it kept before, and keeps the input.
    let mut about = about("keeps", "write");
    about["capabilities"] = json!({"state": true});
    about["steps"][0]["repeatable"] = true.into();
    let mut text = Text::of(
        about,
        "(call $get (i32.const 600) (i32.const 4) (i32.const 200)) \
        (call $set (i32.const 600) (i32.const 4) (i32.const 1) (local.get 2) (local.get 3) (i32.const 240)) \
        (if (result i32) (i32.load8_u (i32.const 204)) \
          (then (call $ok (i32.load (i32.const 208)) (i32.load (i32.const 212)))) \
          (else (call $ok (i32.const 620) (i32.const 4))))",
    );
    text.texts = vec![(600, "last".into()), (620, "null".into())];
    install(&api, &text).await;
    let one = publish(&api, with_step("One", "plugin.keeps.step")).await;
    let other = publish(&api, with_step("Other", "plugin.keeps.step")).await;
    let used = async |flow: &str, text: &str| {
        let view = ended(&api, &run_once(&api, flow, json!({"text": text})).await).await;
        step(&view, "use")["output"].clone()
    };
    assert_eq!(used(&one, "a").await, Value::Null);
    assert_eq!(used(&one, "b").await, json!({"text": "a"}));
    assert_eq!(used(&other, "c").await, Value::Null);
    // Another plugin that asks for the same name in the same workflow.
    text.about["name"] = "peeks".into();
    install(&api, &text).await;
    let settings = json!({"text": "{{ trigger.body.text }}"});
    let both = [
        ("start", "manual", json!({})),
        ("use", "plugin.keeps.step", settings.clone()),
        ("peek", "plugin.peeks.step", settings),
    ];
    let flow = publish(&api, chain("Both", &both)).await;
    for text in ["d", "e"] {
        let view = ended(&api, &run_once(&api, &flow, json!({"text": text})).await).await;
        let seen = (&step(&view, "use")["output"], &step(&view, "peek")["output"]);
        let own = if text == "d" { Value::Null } else { json!({"text": "d"}) };
        assert_eq!(seen, (&own, &own), "each sees what it kept itself: {view}");
    }
}

#[tokio::test]
async fn a_bad_plugin_fails_its_step_and_the_server_goes_on() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    install(&api, &Text::pure("spins", "(loop $on (br $on)) (unreachable)")).await;
    install(&api, &Text::pure("falls", "(unreachable)")).await;
    for (name, code) in [("spins", "PLUG-0011"), ("falls", "PLUG-0014")] {
        let mut document = with_step(name, &format!("plugin.{name}.step"));
        document["steps"]["start"] =
            json!({"kind": "webhook", "title": "s", "config": hook(name, "when_finished")});
        let flow = publish(&api, document).await;
        let run = run_once(&api, &flow, json!({"text": "x"})).await;
        let view = ended(&api, &run).await;
        assert_eq!(view["error"]["code"], code, "{view}");
        assert!(view["error"]["message"].as_str().unwrap().contains(name), "{view}");
    }
    let plugins = api.get("/plugins").await.unwrap();
    assert_eq!(plugins["items"][0]["figures"]["last_failure"], "PLUG-0014");
}
