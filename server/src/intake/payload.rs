//! What a webhook call or form submission carries, as the JSON that steps see as `trigger`.
//!
//! Bodies are already capped when they come here. Binary content is never kept: a file of a multipart body becomes its
//! name, type, size and, when it is text, its beginning.

use crate::http::body;
use crate::http::problem::{self, Result};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use trunkline_engine::trigger::Trigger;

/// Most parts of a multipart body.
const MAX_PARTS: usize = 200;
/// How much of a text file is kept, in bytes.
const MAX_FILE_TEXT: usize = 64 * 1024;
/// Headers that steps never see: they are credentials.
const SECRET_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Reads `bytes` by their content type.
///
/// # Errors
/// `HOOK-0004` when they are not what the content type says, `API-0004` for deep nesting.
pub async fn read(headers: &HeaderMap, bytes: Bytes) -> Result<Value> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        _ if bytes.is_empty() => Ok(Value::Null),
        "multipart/form-data" => multipart(content_type, bytes).await,
        "application/x-www-form-urlencoded" => Ok(form(&bytes)),
        json if json == "application/json" || json.ends_with("+json") => json_body(&bytes),
        // Callers that name no type mostly send JSON; what is not JSON is text.
        "" => json_body(&bytes).or_else(|_| text(&bytes)),
        _ => text(&bytes),
    }
}

fn json_body(bytes: &[u8]) -> Result<Value> {
    body::bounded_depth(bytes)?;
    serde_json::from_slice(bytes)
        .map_err(|error| problem::HOOK_BODY.because(format!("the body is not valid JSON: {error}")))
}

fn text(bytes: &[u8]) -> Result<Value> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Value::from(text)),
        Err(_) => Err(problem::HOOK_BODY.because("the body is neither JSON, a form, nor UTF-8 text")),
    }
}

/// Fields of a URL-encoded form; a name given several times becomes a list.
#[must_use]
pub fn form(bytes: &[u8]) -> Value {
    let mut fields = Map::new();
    for pair in bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, |&byte| byte == b'=');
        let name = decoded(halves.next().unwrap_or_default());
        let value = decoded(halves.next().unwrap_or_default());
        put(&mut fields, name, Value::from(value));
    }
    Value::Object(fields)
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, tail @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = tail;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn put(fields: &mut Map<String, Value>, name: String, value: Value) {
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(one) => {
            let first = one.take();
            *one = Value::Array(vec![first, value]);
        }
    }
}

async fn multipart(content_type: &str, bytes: Bytes) -> Result<Value> {
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        problem::HOOK_BODY.because(format!("the multipart body cannot be read: {}", error.body_text()))
    };
    let mut request = Request::builder()
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(bytes))
        .map_err(|_| problem::HOOK_BODY.because("the content type is not valid"))?;
    // The bytes are capped already; axum's own cap would be a second, smaller one.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| {
        problem::HOOK_BODY.because(format!("the multipart body cannot be read: {}", error.body_text()))
    })?;
    let mut fields = Map::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        count += 1;
        if count > MAX_PARTS {
            return Err(
                problem::HOOK_BODY.because(format!("the multipart body has more than {MAX_PARTS} parts"))
            );
        }
        let name = part.name().unwrap_or("file").to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let kind = part.content_type().map(str::to_owned);
        let content = part.bytes().await.map_err(unreadable)?;
        let value = match file_name {
            None => Value::from(String::from_utf8_lossy(&content).into_owned()),
            Some(file_name) => file(&file_name, kind.as_deref(), &content),
        };
        put(&mut fields, name, value);
    }
    Ok(Value::Object(fields))
}

fn file(name: &str, kind: Option<&str>, content: &[u8]) -> Value {
    let kept = &content[..content.len().min(MAX_FILE_TEXT)];
    let text = match std::str::from_utf8(kept) {
        Ok(text) => Some(text),
        // The cut may fall within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&kept[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    json!({
        "file_name": name,
        "content_type": kind,
        "size": content.len(),
        "text": text,
        "text_cut": text.is_some() && content.len() > MAX_FILE_TEXT,
    })
}

/// The output of a webhook trigger.
#[must_use]
pub fn webhook_output(
    method: &str,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    secret_header: Option<&str>,
    body: Value,
    at: DateTime<Utc>,
) -> Value {
    let shown = headers.iter().filter(|(name, _)| {
        !SECRET_HEADERS.contains(&name.as_str())
            && !secret_header.is_some_and(|secret| name.as_str().eq_ignore_ascii_case(secret))
    });
    let headers: Map<String, Value> =
        shown.map(|(name, value)| (name.as_str().to_owned(), Value::from(lossy(value.as_bytes())))).collect();
    let mut output = Map::with_capacity(6);
    output.insert("body".into(), body);
    output.insert("headers".into(), Value::Object(headers));
    output.insert("query".into(), query.map_or_else(|| json!({}), |query| form(query.as_bytes())));
    output.insert("method".into(), Value::from(method));
    output.insert("path".into(), Value::from(path));
    output.insert("received_at".into(), Value::from(stamp(at)));
    Value::Object(output)
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The output of a form or manual trigger.
#[must_use]
pub fn body_output(body: Value, at: DateTime<Utc>) -> Value {
    let mut output = Map::with_capacity(2);
    output.insert("body".into(), body);
    output.insert("received_at".into(), Value::from(stamp(at)));
    Value::Object(output)
}

/// What `trigger` puts out when `body` comes to it by another way than its own: the API, the studio or an import.
#[must_use]
pub fn output_for(trigger: &Trigger, body: Value, at: DateTime<Utc>) -> Value {
    match trigger {
        Trigger::Webhook(hook) => {
            let method = crate::http::method_word(hook.method);
            webhook_output(method, &hook.path, None, &HeaderMap::new(), None, body, at)
        }
        Trigger::Schedule(_) => json!({ "scheduled_at": stamp(at), "received_at": stamp(at) }),
        Trigger::Manual | Trigger::Form(_) => body_output(body, at),
        Trigger::LeadEvent(_) | Trigger::App(_) => body,
    }
}

/// A trigger's word in run lists.
#[must_use]
pub fn kind_word(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Manual => "manual",
        Trigger::Webhook(_) => "webhook",
        Trigger::Schedule(_) => "schedule",
        Trigger::Form(_) => "form",
        Trigger::LeadEvent(_) => "lead_event",
        Trigger::App(_) => "app",
    }
}

/// A moment as the API writes it.
#[must_use]
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(content_type: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        headers
    }

    #[tokio::test]
    async fn bodies_are_read_by_their_type() {
        for (kind, text, expected) in [
            ("application/json; charset=utf-8", r#"{"a":1}"#, json!({"a": 1})),
            ("application/vnd.api+json", "[1]", json!([1])),
            (
                "application/x-www-form-urlencoded",
                "a=1+2&b=%C3%BC&a=x&c=100%",
                json!({"a": ["1 2", "x"], "b": "ü", "c": "100%"}),
            ),
            ("text/plain", "{not json", json!("{not json")),
        ] {
            assert_eq!(read(&typed(kind), Bytes::from(text.to_owned())).await.unwrap(), expected, "{kind}");
        }
        let broken = read(&typed("application/json"), Bytes::from_static(b"{")).await.unwrap_err();
        assert_eq!(broken.code(), "HOOK-0004");
        assert_eq!(read(&HeaderMap::new(), Bytes::from_static(b"hello")).await.unwrap(), json!("hello"));
    }

    #[tokio::test]
    async fn files_become_facts_about_them() {
        let text = "--x\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nAda\r\n--x\r\n\
                    Content-Disposition: form-data; name=\"cv\"; filename=\"cv.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n";
        let value = read(&typed("multipart/form-data; boundary=x"), Bytes::from(text)).await.unwrap();
        assert_eq!(value["who"], "Ada");
        assert_eq!(value["cv"]["file_name"], "cv.txt");
        assert_eq!((value["cv"]["size"].as_u64(), value["cv"]["text"].as_str()), (Some(5), Some("hello")));
        let error =
            read(&typed("multipart/form-data; boundary=x"), Bytes::from_static(b"--x")).await.unwrap_err();
        assert_eq!(error.code(), "HOOK-0004");
    }

    #[test]
    fn credentials_never_reach_the_run() {
        let mut headers = typed("application/json");
        headers.insert(header::AUTHORIZATION, "Bearer secret".parse().unwrap());
        headers.insert("x-shop-secret", "secret".parse().unwrap());
        let output = webhook_output(
            "POST",
            "demo",
            Some("a=1"),
            &headers,
            Some("X-Shop-Secret"),
            Value::Null,
            Utc::now(),
        );
        assert!(!output.to_string().contains("secret"), "{output}");
        assert_eq!(output["query"]["a"], "1");
    }
}
