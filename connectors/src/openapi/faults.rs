//! What errors say and mean, guessed from the schemas of answers.

use super::Document;
use super::answer::{errors, success};
use super::operation::Operation;
use super::schema::{Kind, meaning};
use super::walk::{BUDGET, Spot, Walk};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Operations that are looked at.
const LOOKED_AT: usize = 120;
/// Where the words of an error usually stand, the likeliest first.
const USUAL: [&str; 12] = [
    "answer.body.message",
    "answer.body.error.message",
    "answer.body.error_description",
    "answer.body.detail",
    "answer.body.errors[0].message",
    "answer.body.errors[0].detail",
    "answer.body.errors[0].title",
    "answer.body.errors[0]",
    "answer.body.error_message",
    "answer.body.error",
    "answer.body.title",
    "answer.body.description",
];
/// Names of the words of an error.
const WORDS: [&str; 12] = [
    "message",
    "error_description",
    "error_message",
    "errormessage",
    "detail",
    "details",
    "description",
    "msg",
    "reason",
    "error",
    "title",
    "text",
];

/// What errors say, as an expression, and rules of the whole app.
pub(super) fn guess(document: &Document, operations: &[Operation<'_>]) -> (String, Vec<Value>) {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut flags: HashMap<&'static str, usize> = HashMap::new();
    let mut waits: HashMap<String, usize> = HashMap::new();
    let (mut successes, mut budget) = (0_usize, BUDGET * 20);
    for operation in operations.iter().take(LOOKED_AT) {
        let walk = Walk::new(&document.root, BUDGET.min(budget));
        let (schemas, headers) = errors(&walk, operation);
        for schema in schemas {
            if let Some(place) = words(&walk, schema, "answer.body", 0) {
                *places.entry(place).or_default() += 1;
            }
        }
        for header in headers.into_iter().filter(|name| is_wait(name)) {
            *waits.entry(header).or_default() += 1;
        }
        if let Some(schema) = success(&walk, operation, document.version).schema {
            successes += 1;
            let top = meaning(&walk, schema);
            for flag in ["ok", "success"] {
                let is_flag = top
                    .properties
                    .get(flag)
                    .is_some_and(|spot| meaning(&walk, spot.clone()).kind() == Kind::YesNo);
                if is_flag
                    || (flag == "ok" && top.properties.get(flag).is_some_and(|spot| is_constant(&walk, spot)))
                {
                    *flags.entry(flag).or_default() += 1;
                }
            }
        }
        budget = budget.saturating_sub(walk.spent(BUDGET.min(budget)));
        if budget == 0 {
            break;
        }
    }
    let mut order: Vec<(String, usize)> = places.into_iter().collect();
    order.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let mut said: Vec<String> = order.into_iter().take(2).map(|(place, _)| place).collect();
    for usual in USUAL {
        if !said.iter().any(|known| known == usual) {
            said.push(usual.to_owned());
        }
    }
    let mut faults = Vec::new();
    let mut waits: Vec<(String, usize)> = waits.into_iter().collect();
    waits.sort();
    if let Some((header, _)) = waits.into_iter().next() {
        let seconds = format!("{{{{ answer.headers['{header}'] }}}}");
        faults.push(json!({ "status": [429], "class": "rate_limited", "retry_after": seconds }));
    }
    let mut flags: Vec<_> = flags.into_iter().collect();
    flags.sort();
    for (flag, count) in flags {
        if count * 2 > successes {
            let when = format!("{{{{ answer.body.{flag} == false }}}}");
            faults.push(json!({ "status": ["2xx"], "when": when, "class": "bad_input" }));
        }
    }
    (format!("{{{{ {} }}}}", said.join(" or ")), faults)
}

fn is_constant<'a>(walk: &Walk<'a>, spot: &Spot<'a>) -> bool {
    meaning(walk, spot.clone())
        .choices
        .is_some_and(|choices| choices.iter().all(|choice| choice.is_boolean()))
}

/// Headers that hold seconds to wait, other than `Retry-After`, which is always read.
fn is_wait(name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_plain
        && name != "retry-after"
        && (name.ends_with("retry-after") || name.ends_with("reset-after") || name == "ratelimit-reset")
}

/// Where the words of an error stand, as an expression.
fn words<'a>(walk: &Walk<'a>, schema: Spot<'a>, at: &str, depth: usize) -> Option<String> {
    let known = meaning(walk, schema);
    if known.kind() == Kind::List && depth < 3 {
        return words(walk, known.items?, &format!("{at}[0]"), depth + 1);
    }
    let find = |wanted: &str| {
        known
            .properties
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(name, spot)| (*name, spot.clone()))
    };
    for wanted in WORDS {
        if let Some((name, spot)) = find(wanted)
            && is_plain(name)
            && matches!(meaning(walk, spot).kind(), Kind::Text)
        {
            return Some(format!("{at}.{name}"));
        }
    }
    if depth >= 3 {
        return None;
    }
    ["error", "errors", "fault", "meta"].iter().find_map(|wanted| {
        let (name, spot) = find(wanted).filter(|(name, _)| is_plain(name))?;
        words(walk, spot, &format!("{at}.{name}"), depth + 1)
    })
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
