//! Documents as vendors publish them: every one becomes a connector that passes the manifest's own check, and every operation
//! builds the request that its example records.
//!
//! The documents lie beside the repository; without them the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use trunkline_connectors::openapi::{self, Choice, MOST_CHOSEN, Survey};
use trunkline_connectors::recorded::play_all;

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("TRUNKLINE_SHARED").map_or(root, PathBuf::from).join("openapi");
    if root.exists() {
        return Some(root);
    }
    eprintln!("skipped: {} is absent", root.display());
    None
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|end| end == "json" || end == "yml" || end == "yaml") {
            into.push(path);
        }
    }
}

fn survey(path: &Path) -> (openapi::Document, Survey) {
    let text = std::fs::read_to_string(path).unwrap();
    let document = openapi::read(&text, None).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let survey = document.survey();
    (document, survey)
}

/// Whether an operation lies at another host than the rest of its API, where a connection's key must not go.
fn lies_elsewhere(at: &str) -> bool {
    at.contains("oauth~1token")
}

#[test]
fn every_document_becomes_a_connector() {
    let Some(folder) = folder() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the folder holds {} documents", paths.len());
    let (mut wrong, mut unsupported, mut all, mut slowest) = (Vec::new(), 0, 0, (0, String::new()));
    for path in paths {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let begun = Instant::now();
        let (document, survey) = survey(&path);
        let usable: Vec<String> = survey
            .operations
            .iter()
            .filter(|operation| operation.unsupported.is_none())
            .map(|operation| operation.key.clone())
            .collect();
        all += survey.operations.len();
        unsupported += survey.operations.len() - usable.len();
        let mut made = 0;
        for keys in usable.chunks(MOST_CHOSEN) {
            let mut choice = Choice::usual(&survey, Some(keys));
            if choice.base_url.is_empty() {
                choice.base_url = "https://api.example.com".into();
            }
            let draft = match document.draft(&choice) {
                Ok(draft) => draft,
                Err(error) => {
                    wrong.push(format!("{name}: {error}"));
                    continue;
                }
            };
            made += draft.manifest.actions.len();
            let left_out = draft.problems.iter().filter(|problem| problem.message.contains("was left out:"));
            let unexplained = left_out.filter(|problem| !lies_elsewhere(&problem.at));
            wrong.extend(unexplained.map(|problem| format!("{name}: {problem}")));
            match play_all(&Arc::new(draft.manifest)) {
                Ok(played) => assert!(played + 5 >= keys.len(), "{name}: {played} of {}", keys.len()),
                Err(what) => wrong.extend(what.into_iter().map(|what| format!("{name}: {what}"))),
            }
        }
        let took = begun.elapsed().as_millis();
        if took > slowest.0 {
            slowest = (took, name.clone());
        }
        eprintln!(
            "{name}: {} operations, {made} actions, {} paged, {} problems, {took} ms",
            survey.operations.len(),
            survey.operations.iter().filter(|operation| !operation.paging.is_null()).count(),
            survey.problems.len()
                + survey.operations.iter().map(|operation| operation.problems.len()).sum::<usize>(),
        );
    }
    eprintln!(
        "{all} operations, {unsupported} of them unsupported; slowest: {} in {} ms",
        slowest.1, slowest.0
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unsupported * 10 < all, "{unsupported} of {all} operations cannot be used");
}

/// What is known of the vendors' APIs, against what is guessed.
#[test]
fn guesses_are_those_a_person_would_make() {
    let Some(folder) = folder() else { return };
    let vendor = |path: &str| survey(&folder.join(path)).1;
    let paging = |survey: &Survey, key: &str| {
        let found = survey.operations.iter().find(|operation| operation.key == key);
        found.unwrap_or_else(|| panic!("no {key}")).paging.clone()
    };
    let hubspot = vendor("vendors/hubspot/contacts.v3.json");
    assert_eq!(
        paging(&hubspot, "GET /crm/v3/objects/contacts"),
        serde_json::json!({
            "items": "/results",
            "next": { "by": "cursor", "at": "/paging/next/after", "into": { "query": "after" } },
            "size": { "into": { "query": "limit" }, "most": 10 },
        })
    );
    assert_eq!(hubspot.servers[0].hosts, ["api.hubapi.com"]);
    let trello = vendor("corpus/trello.com.json");
    assert_eq!(
        trello.auth[0].auth["send"]["query"],
        serde_json::json!({ "key": "{{ secret.api_key }}", "token": "{{ secret.api_token }}" })
    );
    let slack = vendor("vendors/slack/slack_web_openapi_v2.json");
    assert!(
        slack.faults.iter().any(|fault| fault["when"] == "{{ answer.body.ok == false }}"),
        "{:?}",
        slack.faults
    );
    let listed =
        slack.operations.iter().find(|operation| operation.key == "GET /conversations.list").unwrap();
    assert!(!listed.inputs.iter().any(|input| input == "token"), "{:?}", listed.inputs);
    assert_eq!(listed.paging["next"]["at"], "/response_metadata/next_cursor");
    let asana = vendor("vendors/asana/asana_oas.yaml");
    let created = asana.operations.iter().find(|operation| operation.key == "POST /tasks").unwrap();
    assert!(
        created.inputs.iter().any(|input| input == "name"),
        "the wrapping is taken off: {:?}",
        created.inputs
    );
    assert_eq!(created.write, serde_json::json!({ "repeat": "uncertain" }));
    assert_eq!(paging(&asana, "GET /projects")["items"], "/data");
    let salesforce = vendor("vendors/written-by-third-parties/salesforce-bulk-api-2.yml");
    assert_eq!(salesforce.servers[0].hosts, ["*.salesforce.com"]);
    assert!(salesforce.servers[0].settings.contains_key("instance"), "{:?}", salesforce.servers);
}
