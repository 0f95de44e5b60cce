//! What is sent: which of the offered types, and its schema.

use super::Version;
use super::operation::Operation;
use super::walk::{Spot, Walk};
use serde_json::Value;

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// None, or none that is needed.
    None,
    /// JSON, with the type to say it in if it is not the plain one.
    Json { schema: Option<Spot<'a>>, media: Option<String>, required: bool, example: Option<&'a Value> },
    /// Fields of a form.
    Form { schema: Spot<'a>, written: Option<&'static str> },
    /// One that cannot be sent.
    Other(String),
}

/// The body of `operation`; `given` is the one among its parameters.
pub(super) fn of<'a>(
    walk: &Walk<'a>,
    operation: &Operation<'a>,
    version: Version,
    given: Option<Spot<'a>>,
    has_form: bool,
) -> Body<'a> {
    let consumes = || types(walk, operation, "consumes");
    if version == Version::Swagger2 && (given.is_some() || has_form) {
        let consumes = consumes();
        if has_form {
            let is_file =
                |spot: Spot<'a>| spot.text("in") == Some("formData") && spot.text("type") == Some("file");
            let own = operation
                .node
                .get("parameters")
                .map(|list| list.items().collect::<Vec<_>>())
                .unwrap_or_default();
            let sends_file = own.into_iter().filter_map(|spot| walk.follow(spot)).any(is_file);
            let is_form = consumes.is_empty() || consumes.iter().any(|media| media.contains("urlencoded"));
            return match is_form && !sends_file {
                true => Body::None,
                false => Body::Other("multipart/form-data".into()),
            };
        }
        let Some(given) = given else { return Body::None };
        if !consumes.is_empty() && !consumes.iter().any(|media| is_json(media) || media == "*/*") {
            return match consumes.iter().any(|media| media.contains("urlencoded")) {
                true => given
                    .get("schema")
                    .map_or(Body::None, |schema| Body::Form { schema, written: Some("repeat") }),
                false => Body::Other(consumes.join(", ")),
            };
        }
        let media = special(consumes.iter().find(|media| is_json(media)).map(String::as_str));
        return Body::Json {
            schema: given.get("schema"),
            media,
            required: given.is("required"),
            example: None,
        };
    }
    let Some(body) = operation.node.get("requestBody").and_then(|body| walk.follow(body)) else {
        return Body::None;
    };
    let Some(content) = body.get("content") else { return Body::None };
    let offered: Vec<(&str, Spot<'a>)> = content.fields().take(30).collect();
    let plain = offered.iter().find(|(media, _)| bare(media) == "application/json");
    let json = plain.or_else(|| offered.iter().find(|(media, _)| is_json(media)));
    let any = offered.iter().find(|(media, _)| matches!(bare(media), "*/*" | "application/*"));
    if let Some((media, described)) = json.or(any) {
        return Body::Json {
            schema: described.get("schema"),
            media: special(Some(media)),
            required: body.is("required"),
            example: example(described),
        };
    }
    if let Some((_, described)) = offered.iter().find(|(media, _)| bare(media).ends_with("urlencoded")) {
        return match described.get("schema") {
            Some(schema) => Body::Form { schema, written: Some("repeat") },
            None => Body::None,
        };
    }
    if offered.is_empty() || !body.is("required") {
        if let Some((media, described)) = offered.first() {
            walk.note(
                &described.at,
                format!("a body of type {} cannot be sent; it was left out", bare(media)),
            );
        }
        return Body::None;
    }
    Body::Other(offered.iter().map(|(media, _)| bare(media)).collect::<Vec<_>>().join(", "))
}

/// The types that Swagger 2.0 lists for an operation, or for all of them.
pub(super) fn types(walk: &Walk<'_>, operation: &Operation<'_>, word: &str) -> Vec<String> {
    let own = operation.node.value.get(word).or_else(|| walk.at_top(word).map(|all| all.value));
    let own = own.and_then(Value::as_array).into_iter().flatten();
    own.filter_map(Value::as_str).map(|media| bare(media).to_owned()).take(30).collect()
}

/// An example that stands beside a schema.
pub(super) fn example<'a>(described: &Spot<'a>) -> Option<&'a Value> {
    let named = described.get("examples").and_then(|all| all.fields().next()?.1.value.get("value"));
    described.value.get("example").or(named)
}

/// A type without its parameters.
pub(super) fn bare(media: &str) -> &str {
    media.split(';').next().unwrap_or_default().trim()
}

/// Whether a type is JSON.
pub(super) fn is_json(media: &str) -> bool {
    let media = bare(media).to_ascii_lowercase();
    media == "application/json"
        || media == "text/json"
        || media.ends_with("+json")
        || media.ends_with("/x-json")
}

/// A type of JSON that has to be said.
fn special(media: Option<&str>) -> Option<String> {
    let media = bare(media?);
    (is_json(media) && media != "application/json" && !media.contains('*')).then(|| media.to_owned())
}
