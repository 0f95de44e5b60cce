//! The command line against a real server and without one: import, run, validate, apply, export.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use trunkline_tests::{Server, binary};

fn trunkline(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

async fn run(arguments: Vec<String>) -> Output {
    tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        trunkline(&arguments)
    })
    .await
    .unwrap()
}

fn json_of(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_accounts_for_every_row_and_never_doubles() {
    let server = Server::start(&[]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leads.csv");
    let mut rows = String::from("E-Mail;Company;Number of employees\n");
    for row in 0..1203 {
        rows.push_str(&format!("lead{row}@import.example;M\u{fc}ller {row};{row}\n"));
    }
    rows.push_str("broken;row\n");
    std::fs::write(&file, rows).unwrap();
    let arguments = |more: &[&str]| {
        let fixed = [
            "import",
            "leads",
            &text(&file),
            "--workflow",
            "inbound lead to owner",
            "--json",
            "--data",
            &text(server.data()),
        ];
        fixed.iter().chain(more).map(|&word| word.to_owned()).collect::<Vec<_>>()
    };
    let first = run(arguments(&[])).await;
    let said = json_of(&first);
    assert_eq!(
        (said["sent"].as_u64(), said["accepted"].as_u64(), said["rejected"].as_u64()),
        (Some(1204), Some(1203), Some(1)),
        "{said}"
    );
    assert_eq!(said["reasons"][0]["row"], 1204);
    assert_eq!(said["leads"]["total"], 1203);
    assert_eq!(first.status.code(), Some(3), "refused rows are told by the exit code");
    let again = json_of(&run(arguments(&[])).await);
    assert_eq!(
        (again["accepted"].as_u64(), again["duplicates"].as_u64(), again["leads"]["total"].as_u64()),
        (Some(0), Some(1203), Some(1203))
    );
    let elsewhere = run(arguments(&["--map", "Colour=x"])).await;
    assert!(String::from_utf8_lossy(&elsewhere.stderr).contains("IMP-0003"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_while_the_server_is_away() {
    let mut server = Server::start(&[]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leads.csv");
    let rows: Vec<String> = (0..6000).map(|row| format!("away{row}@import.example,Company {row}")).collect();
    std::fs::write(&file, format!("email,company\n{}\n", rows.join("\n"))).unwrap();
    let arguments = [
        "import",
        "leads",
        &text(&file),
        "--workflow",
        "Inbound lead to owner",
        "--json",
        "--data",
        &text(server.data()),
    ];
    let import = tokio::spawn(run(arguments.iter().map(|&word| word.to_owned()).collect()));
    let api = server.set_up().await.unwrap();
    trunkline_tests::until("the first rows", || async {
        let summary = api.get("/leads/summary").await.ok()?;
        (summary["total"].as_u64()? > 0).then_some(())
    })
    .await
    .unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let said = json_of(&import.await.unwrap());
    let count = |name: &str| said[name].as_u64().unwrap();
    assert_eq!(
        (count("sent"), count("accepted") + count("duplicates"), count("rejected")),
        (6000, 6000, 0),
        "{said}"
    );
    assert_eq!(said["leads"]["total"], 6000, "none lost, none twice");
}

#[test]
fn a_document_runs_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        text_of(&path)
    };
    fn text_of(path: &Path) -> String {
        path.to_str().unwrap().to_owned()
    }
    let hello = write(
        "hello.yaml",
        "format: 1\nname: Hello\nsteps:\n  start: {kind: manual, title: Start, config: {}}\n  \
         greet: {kind: set_fields, title: Greet, config: {fields: [{name: said, value: 'Hello {{ trigger.body.name }}'}]}}\n\
         edges:\n  - {from: start, to: greet}\n",
    );
    let input = write("input.json", r#"{"name": "Ada"}"#);
    let ran = trunkline(&["run", &hello, "--input", &input, "--json"]);
    let said = json_of(&ran);
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert_eq!(said["outcome"], json!({"verdict": "completed", "output": {"said": "Hello Ada"}}));
    assert_eq!(said["steps"][1]["output"]["said"], "Hello Ada");
    assert_eq!(trunkline(&["validate", &hello]).status.code(), Some(0));
    let failing = write("failing.json", &json!({"format": 1, "name": "x", "steps": {"start": {"kind": "manual", "title": "s", "config": {}},
        "bomb": {"kind": "set_fields", "title": "b", "config": {"fields": [{"name": "a", "value": "{% for a in range(90000) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}"}]}}}, "edges": [{"from": "start", "to": "bomb"}]}).to_string());
    let ran = trunkline(&["run", &failing, "--json"]);
    assert_eq!(
        (ran.status.code(), json_of(&ran)["outcome"]["failure"]["code"].as_str()),
        (Some(4), Some("EXP-0004"))
    );
    for (name, bad, code) in [
        ("cut.json", "{", "CLI-0004"),
        ("odd.yaml", "format: 1\nname: x\ncolour: blue\n", "CLI-0004"),
        ("kind.json", r#"{"format":1,"name":"x","steps":{"a":{"kind":"teleport"}}}"#, "DOC-0005"),
    ] {
        let checked = trunkline(&["validate", &write(name, bad)]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert_eq!(checked.status.code(), Some(3), "{name}: {said}");
        assert!(said.contains(code), "{name}: {said}");
    }
    let missing = trunkline(&["run", "/no/such/file.json"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("CLI-0003"));
    assert_eq!(missing.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_can_be_applied_elsewhere() {
    let from = Server::start(&[]).await.unwrap();
    let to = Server::start(&["--empty"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let dir = text(folder.path());
    let exported = run(words(&["export", &dir, "--data", &text(from.data())])).await;
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let applied = run(words(&["apply", &dir, "--data", &text(to.data())])).await;
    let said = String::from_utf8_lossy(&applied.stdout).into_owned();
    assert!(applied.status.success() && said.contains("version 1 is live"), "{said}");
    let again = run(words(&["apply", &dir, "--data", &text(to.data())])).await;
    assert!(
        String::from_utf8_lossy(&again.stdout).contains("version 1 is live"),
        "the same document is the same version"
    );
    let token = run(words(&["token", "create", "--data", &text(to.data())])).await;
    assert!(String::from_utf8_lossy(&token.stdout).starts_with("tl_"));
    let unknown =
        run(words(&["import", "leads", "x.csv", "--workflow", "x", "--data", "/no/such/folder"])).await;
    assert_eq!(unknown.status.code(), Some(1));
}
