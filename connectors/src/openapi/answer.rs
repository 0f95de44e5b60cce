//! What comes back: the schema of a success, and what an error says.

use super::Version;
use super::body::{bare, example, is_json, types};
use super::operation::Operation;
use super::walk::{Spot, Walk};
use serde_json::Value;

/// A success.
#[derive(Debug, Default)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) schema: Option<Spot<'a>>,
    pub(super) example: Option<&'a Value>,
    /// Names of its headers, in small letters.
    pub(super) headers: Vec<String>,
    /// The type, when it is none that can be read.
    pub(super) unreadable: Option<String>,
}

/// What a success of `operation` answers.
pub(super) fn success<'a>(walk: &Walk<'a>, operation: &Operation<'a>, version: Version) -> Answer<'a> {
    let mut answer = Answer { status: 200, ..Answer::default() };
    let Some(responses) = operation.node.get("responses") else { return answer };
    let mut found: Vec<(u16, Spot<'a>)> = responses
        .fields()
        .take(60)
        .filter_map(|(status, response)| {
            let status = match status {
                "2XX" | "2xx" => 200,
                status => status.parse().ok().filter(|status| (200..300).contains(status))?,
            };
            Some((status, walk.follow(response)?))
        })
        .collect();
    if found.is_empty()
        && let Some(default) = responses.get("default").and_then(|default| walk.follow(default))
    {
        found.push((200, default));
    }
    // One that says what it answers goes before one that does not.
    found.sort_by_key(|(status, response)| (!has_content(response), *status));
    let Some((status, response)) = found.into_iter().next() else { return answer };
    answer.status = status;
    answer.headers = response
        .get("headers")
        .map(|headers| headers.fields().take(60).map(|(name, _)| name.to_ascii_lowercase()).collect())
        .unwrap_or_default();
    if version == Version::Swagger2 || response.value.get("content").is_none() {
        answer.schema = response.get("schema");
        let examples = response.get("examples").and_then(|all| all.get("application/json"));
        answer.example = examples.map(|example| example.value);
        let produces = types(walk, operation, "produces");
        let can_read = produces.is_empty() || produces.iter().any(|media| is_json(media) || media == "*/*");
        let is_file = answer.schema.as_ref().is_some_and(|schema| schema.text("type") == Some("file"));
        if answer.schema.is_some() && (!can_read || is_file) {
            answer.unreadable = Some(if is_file { "a file".into() } else { produces.join(", ") });
        }
        return answer;
    }
    let content: Vec<(&str, Spot<'a>)> =
        response.get("content").map(|content| content.fields().take(30).collect()).unwrap_or_default();
    let readable = content.iter().find(|(media, _)| is_json(media));
    let readable =
        readable.or_else(|| content.iter().find(|(media, _)| matches!(bare(media), "*/*" | "application/*")));
    match readable {
        Some((_, described)) => {
            answer.schema = described.get("schema");
            answer.example = example(described);
        }
        None if content.is_empty() => {}
        None => {
            let offered: Vec<_> = content.iter().map(|(media, _)| bare(media)).collect();
            answer.unreadable = Some(offered.join(", "));
        }
    }
    answer
}

fn has_content(response: &Spot<'_>) -> bool {
    response.value.get("schema").is_some()
        || response.value.get("content").and_then(Value::as_object).is_some_and(|content| !content.is_empty())
}

/// The schemas of what errors of `operation` answer, and the headers of a refusal for too many calls.
pub(super) fn errors<'a>(walk: &Walk<'a>, operation: &Operation<'a>) -> (Vec<Spot<'a>>, Vec<String>) {
    let (mut schemas, mut headers) = (Vec::new(), Vec::new());
    let Some(responses) = operation.node.get("responses") else { return (schemas, headers) };
    for (status, response) in responses.fields().take(60) {
        let is_error = status.starts_with(['4', '5']) || status == "default";
        let Some(response) = is_error.then(|| walk.follow(response)).flatten() else { continue };
        if status == "429"
            && let Some(said) = response.get("headers")
        {
            headers.extend(said.fields().take(60).map(|(name, _)| name.to_ascii_lowercase()));
        }
        let content = response.get("content").map(|content| content.fields().take(30).collect::<Vec<_>>());
        let json = content.into_iter().flatten().find(|(media, _)| is_json(media) || bare(media) == "*/*");
        schemas.extend(json.and_then(|(_, described)| described.get("schema")).or(response.get("schema")));
    }
    (schemas, headers)
}
