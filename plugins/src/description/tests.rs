//! Descriptions: what is read of them, and what is refused.

use super::*;
use serde_json::json;

fn plain() -> Value {
    json!({
        "format": 1, "name": "scores", "title": "Scores", "version": "1.0.0", "summary": "Counts.",
        "steps": [{
            "name": "count", "title": "Count", "summary": "Counts.", "effect": "pure",
            "settings": {"type": "object", "properties": {"of": {"type": "string", "title": "Of"}}, "required": ["of"]},
            "examples": [{"settings": {"of": "x"}, "output": 1}],
        }],
    })
}

fn wrong(change: impl FnOnce(&mut Value)) -> String {
    let mut said = plain();
    change(&mut said);
    Description::read(&said.to_string()).expect_err("it must be refused")
}

#[test]
fn a_plain_one_is_read_and_told_in_words() {
    let read = Description::read(&plain().to_string()).unwrap();
    assert_eq!(read.kind_of("count"), "plugin.scores.count");
    assert_eq!(read.in_words(), ["Reaches nothing outside", "Its step \"Count\" only computes"]);
}

#[test]
fn what_a_stranger_says_is_bounded_and_can_be_shown() {
    assert!(wrong(|said| said["format"] = 2.into()).contains("format 2"));
    assert!(wrong(|said| said["name"] = "Évil/../x".into()).contains("its name"));
    assert!(wrong(|said| said["title"] = "\u{1b}[2J".into()).contains("cannot be shown"));
    assert!(wrong(|said| said["title"] = "gnp.\u{202e}exe".into()).contains("cannot be shown"));
    assert!(wrong(|said| said["help"] = "x\u{7}".into()).contains("its help"));
    assert!(wrong(|said| said["summary"] = "x".repeat(400).into()).contains("longer than"));
    assert!(wrong(|said| said["steps"] = json!([])).contains("0 steps"));
    assert!(wrong(|said| said["extra"] = 1.into()).contains("unknown field"));
    assert!(wrong(|said| said["steps"][0]["repeatable"] = true.into()).contains("repeatable"));
    assert!(wrong(|said| said["steps"][0]["effect"] = "read".into()).contains("reach nothing"));
    assert!(wrong(|said| said["steps"][0]["settings"] = json!({"$ref": "x"})).contains("JSON Schema"));
    assert!(wrong(|said| said["steps"][0]["settings"]["required"] = json!(["no"])).contains("required"));
    assert!(wrong(|said| said["steps"][0]["defaults"] = json!({"no": 1})).contains("defaults"));
    assert!(wrong(|said| said["steps"][0]["examples"] = json!([])).contains("examples"));
    let again = plain()["steps"][0].clone();
    assert!(wrong(|said| said["steps"].as_array_mut().unwrap().push(again)).contains("two of its steps"));
    let mut deep = json!(1);
    (0..20).for_each(|_| deep = json!([deep.clone()]));
    assert!(
        wrong(|said| said["steps"][0]["settings"]["properties"]["of"]["default"] = deep).contains("nested")
    );
}

#[test]
fn hosts_are_names_and_no_nets() {
    let with = |host: &str| {
        let mut said = plain();
        said["capabilities"] = json!({"hosts": [host]});
        Description::read(&said.to_string())
    };
    for host in ["api.example.com", "*.example.com", "api.example.com:8443", "127.0.0.1:99", "localhost"] {
        assert!(with(host).is_ok(), "{host}");
    }
    for host in [
        "*",
        "*.com",
        "",
        "https://x.com",
        "x.com/a",
        "X.com",
        "a b",
        "x.com:0",
        "x.com:99999",
        "*.*.com",
        "-x.com",
    ] {
        assert!(with(host).is_err(), "{host}");
    }
}

#[test]
fn only_what_is_new_needs_a_new_approval() {
    let old = Capabilities { hosts: vec!["a.example".into()], connections: vec![], state: false };
    let new = Capabilities {
        hosts: vec!["a.example".into(), "b.example".into()],
        connections: vec!["hubspot".into()],
        state: true,
    };
    let beyond = new.beyond(&old);
    assert_eq!(beyond.hosts, ["b.example"]);
    assert!(old.beyond(&new).is_empty() && !beyond.is_empty());
    assert_eq!(beyond.in_words().len(), 3);
}
