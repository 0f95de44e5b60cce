//! The guide to plugins, from nothing to a step that runs: with the tools, and on a server; and an index to browse.

use crate::{chain, ended, publish, run_once, step};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use trunkline_tests::component::{ECHO, Text, about};
use trunkline_tests::{Server, binary};

/// What a command said, once it ended well.
async fn tool(folder: &Path, words: &[&str], variables: &[(String, String)]) -> String {
    let mut command = tokio::process::Command::new(binary());
    command.args(words).current_dir(folder).envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.output().await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success(), "{words:?}: {said}");
    said
}

/// What Cargo needs to hear to build for WebAssembly on this machine, as `cargo xtask test` wrote it down.
fn for_rust() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("target/plugins/environment");
    let written = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{} is missing; cargo xtask test writes it", path.display()));
    let lines = written.lines().filter_map(|line| line.split_once('='));
    let mut variables: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    // What was compiled for the examples is not compiled again.
    let built = root.canonicalize().unwrap().join("target/guests");
    variables.push(("CARGO_TARGET_DIR".into(), built.to_str().unwrap().to_owned()));
    variables
}

async fn from_nothing_to_a_step(language: &str, variables: &[(String, String)]) {
    let guide = include_str!("../../docs/guides/plugins.md");
    for command in ["new lead-points", "build lead-points", "test lead-points/lead-points.wasm"] {
        assert!(guide.contains(&format!("\ntrunkline plugin {command}\n")), "the guide says: {command}");
    }
    assert!(guide.contains("\ntrunkline plugin install lead-points/lead-points.wasm --yes\n"));
    let folder = tempfile::tempdir().unwrap();
    let said = async |words: &[&str]| tool(folder.path(), words, variables).await;
    said(&["plugin", "new", "lead-points", "--lang", language]).await;
    said(&["plugin", "build", "lead-points"]).await;
    let tried = said(&["plugin", "test", "lead-points/lead-points.wasm"]).await;
    assert!(tried.contains("Lead points 0.1.0") && tried.contains("ok greet example 1"), "{tried}");

    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let data = server.data().to_str().unwrap();
    said(&["plugin", "install", "lead-points/lead-points.wasm", "--yes", "--data", data]).await;
    let settings = json!({"name": "{{ trigger.body.name }}"});
    let steps = [("start", "manual", json!({})), ("use", "plugin.lead-points.greet", settings)];
    let flow = publish(&api, chain("Greets", &steps)).await;
    let view = ended(&api, &run_once(&api, &flow, json!({"name": "Grace"})).await).await;
    assert_eq!(step(&view, "use")["output"], json!({"greeting": "Hello Grace"}), "{view}");
}

#[tokio::test]
async fn the_guide_holds_for_a_plugin_in_javascript() {
    // The packages came when the examples were built.
    from_nothing_to_a_step("js", &[("npm_config_prefer_offline".into(), "true".into())]).await;
}

#[tokio::test]
async fn the_guide_holds_for_a_plugin_in_rust() {
    from_nothing_to_a_step("rust", &for_rust()).await;
}

fn release(version: &str, wants: &Value) -> Vec<u8> {
    let mut about = about("echo", "pure");
    about["version"] = version.into();
    about["capabilities"] = wants.clone();
    Text::of(about, ECHO).component()
}

#[tokio::test]
async fn plugins_are_browsed_and_brought_from_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap().to_owned();
    let write = |name: &str, file: Vec<u8>| std::fs::write(folder.path().join(name), file).unwrap();
    write("echo-1.0.0.wasm", release("1.0.0", &json!({})));
    write("notes.txt", b"not offered".to_vec());
    tool(folder.path(), &["plugin", "index", &place], &[]).await;

    let server = Server::start(&["--empty", "--plugin-index", &place]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let data = server.data().to_str().unwrap().to_owned();
    let offered = async || api.get("/plugins/index").await.unwrap()["items"].clone();
    let first = offered().await;
    assert_eq!((first.as_array().unwrap().len(), &first[0]["version"]), (1, &json!("1.0.0")), "{first}");
    assert_eq!(first[0].get("installed"), None);
    tool(folder.path(), &["plugin", "install", "echo", "--yes", "--data", &data], &[]).await;
    assert_eq!(offered().await[0]["installed"], "1.0.0");

    // A newer one is offered, and waits: it wants something new.
    write("echo-1.1.0.wasm", release("1.1.0", &json!({"hosts": ["api.example.com"]})));
    tool(folder.path(), &["plugin", "index", &place], &[]).await;
    let listed = tool(folder.path(), &["plugin", "browse", "--data", &data], &[]).await;
    assert!(listed.contains("echo  1.1.0") && listed.contains("version 1.0.0 is installed"), "{listed}");
    let bring = async |body: Value| {
        let answer = api.request(Method::POST, "/plugins/index").json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, brought) = bring(json!({"name": "echo"})).await;
    assert_eq!(
        (status, &brought["pending"]["asks_for"]),
        (201, &json!(["Calls api.example.com"])),
        "{brought}"
    );
    assert_eq!(brought["live"]["version"], "1.0.0");

    // The file was exchanged after the index was written.
    write("echo-1.1.0.wasm", release("1.1.0", &json!({})));
    let (status, refused) = bring(json!({"name": "echo"})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("PLUG-0007")), "{refused}");
    assert_eq!(bring(json!({"name": "other"})).await.0, 404);
    std::fs::remove_file(folder.path().join("index.json")).unwrap();
    let answer = api.request(Method::GET, "/plugins/index").send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "PLUG-0023");
}

fn manifest(version: &str, host: &str) -> String {
    format!(
        r#"manifest: 1
id: acme_crm
name: Acme CRM
version: {version}
summary: Engines and their buyers.
shelf: crm
base_url: https://{host}
hosts: [{host}]
auth: [{{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: "{{{{ secret.key }}}}" }} }} }}]
test: {{ action: look }}
actions:
  look: {{ title: Look, summary: Looks., request: {{ path: /look }}, examples: [{{ title: x, exchange: [], output: 1 }}] }}
"#
    )
}

/// A manifest goes by the rules of plugins: signed by whom the server trusts, the very text that was meant, and never an older
/// one unseen.
#[tokio::test]
async fn manifests_of_connectors_go_by_the_same_rules() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap().to_owned();
    let write = |version: &str| {
        std::fs::write(folder.path().join("acme_crm.yaml"), manifest(version, "api.acme.example"))
    };
    write("1.1.0").unwrap();
    let said = tool(folder.path(), &["plugin", "keygen", "secret.key"], &[]).await;
    let key = said.split("TRUNKLINE_PLUGIN_KEYS=").nth(1).unwrap().trim().to_owned();
    let server = Server::start(&["--empty", "--plugin-keys", &key, "--plugin-index", &place]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let data = server.data().to_str().unwrap().to_owned();
    let install = async |body: Value| {
        let answer = api.request(Method::POST, "/connectors").json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, refused) = install(json!({"manifest": manifest("1.1.0", "api.acme.example")})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("PLUG-0005")), "{refused}");

    // Signed, offered and brought from the index.
    tool(folder.path(), &["plugin", "sign", "acme_crm.yaml", "--key", "secret.key"], &[]).await;
    tool(folder.path(), &["plugin", "index", &place], &[]).await;
    let offered = api.get("/plugins/index").await.unwrap()["items"][0].clone();
    assert_eq!((&offered["kind"], &offered["signed"]), (&json!("connector"), &json!(true)), "{offered}");
    let given = api.get("/plugins/index/acme_crm/manifest").await.unwrap();
    let mut body = json!({"manifest": given["manifest"], "sha256": given["sha256"], "key": given["key"],
        "signature": given["signature"]});
    let mut exchanged = body.clone();
    exchanged["manifest"] = manifest("1.1.0", "api.evil.example").into();
    let (status, refused) = install(exchanged).await;
    assert_eq!((status, &refused["code"]), (422, &json!("PLUG-0007")), "{refused}");
    let (status, installed) = install(body.clone()).await;
    assert_eq!((status, &installed["version"]), (201, &json!("1.1.0")), "{installed}");
    let listed = api.get("/plugins/index").await.unwrap();
    assert_eq!(listed["items"][0]["installed"], "1.1.0", "{listed}");

    // An older one comes only when somebody says so; the version is remembered beyond the connector.
    api.request(Method::DELETE, "/connectors/acme_crm").send().await.unwrap().error_for_status().unwrap();
    write("1.0.0").unwrap();
    tool(folder.path(), &["plugin", "sign", "acme_crm.yaml", "--key", "secret.key"], &[]).await;
    tool(folder.path(), &["plugin", "index", &place], &[]).await;
    let given = api.get("/plugins/index/acme_crm/manifest").await.unwrap();
    for name in ["manifest", "sha256", "key", "signature"] {
        body[name] = given[name].clone();
    }
    let (status, refused) = install(body.clone()).await;
    assert_eq!((status, &refused["code"]), (409, &json!("PLUG-0006")), "{refused}");
    let words = ["connector", "install", "acme_crm.yaml", "--allow-older", "--data", &data];
    let said = tool(folder.path(), &words, &[]).await;
    assert!(said.contains("acme_crm 1.0.0 is installed"), "{said}");
}

#[tokio::test]
async fn a_server_without_an_index_offers_nothing() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    assert_eq!(api.get("/plugins/index").await.unwrap(), json!({"chosen": false, "items": []}));
}
