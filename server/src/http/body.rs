//! Reading request bodies: capped in bytes, bounded in nesting, with the place named when something is wrong.
//!
//! No handler reads a body in any other way, so none can be made to hold more than its limit.

use super::problem::{self, Error};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest JSON body of the API that is not a document or events, in bytes.
pub const SMALL: usize = 256 * 1024;
/// Largest request that carries a document, in bytes; the document itself may have 2 MiB.
pub const DOCUMENT: usize = 2 * 1024 * 1024 + 64 * 1024;
/// Deepest nesting of JSON.
pub const DEPTH: usize = 128;

/// Longest time a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads `body` whole, up to `limit` bytes, within a minute.
///
/// # Errors
/// `API-0003` when it is longer, `API-0002` when the connection breaks or is too slow.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> problem::Result<Bytes> {
    read_counted(headers, body, limit, |_| Ok(())).await
}

/// As [`read`], telling `count` of every piece that arrives; it may refuse to hold more.
///
/// # Errors
/// As [`read`], and those of `count`.
pub async fn read_counted(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    count: impl FnMut(usize) -> problem::Result<()>,
) -> problem::Result<Bytes> {
    let late = |_| problem::NOT_JSON.because("the body did not arrive within a minute");
    tokio::time::timeout(PATIENCE, read_capped(headers, body, limit, count)).await.map_err(late)?
}

/// Most bytes of a refused body that are taken in and thrown away, so that its sender comes to read the answer.
const THROWN_AWAY: usize = 256 * 1024 * 1024;
/// Longest time that is spent on it.
const THROWING: Duration = Duration::from_secs(10);

/// Lets the sender of a body that is too big finish; a connection cut while it writes would look like a crash to it.
async fn throw_away(headers: &HeaderMap, mut rest: BodyDataStream) {
    // Whoever asked first has sent nothing yet.
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let thrown = async {
        let mut count = 0;
        while let Some(Ok(chunk)) = rest.next().await {
            count += chunk.len();
            if count > THROWN_AWAY {
                return;
            }
        }
    };
    // When time is up the connection is cut after all.
    let _ = tokio::time::timeout(THROWING, thrown).await;
}

async fn read_capped(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    mut count: impl FnMut(usize) -> problem::Result<()>,
) -> problem::Result<Bytes> {
    let too_big = || {
        let shown = if limit >= 1024 * 1024 {
            format!("{} MB", limit / 1024 / 1024)
        } else {
            format!("{} KB", limit / 1024)
        };
        problem::TOO_BIG.because(format!("the body is larger than {shown}, the most this address takes"))
    };
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|length| length > limit) {
        throw_away(headers, stream).await;
        return Err(too_big());
    }
    let broken = |_| problem::NOT_JSON.because("the connection ended before the body was complete");
    let Some(first) = stream.next().await.transpose().map_err(broken)? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        throw_away(headers, stream).await;
        return Err(too_big());
    }
    count(first.len())?;
    if announced == Some(first.len()) {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(first.len() * 2);
    whole.extend_from_slice(&first);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(broken)?;
        if whole.len() + chunk.len() > limit {
            drop(whole);
            throw_away(headers, stream).await;
            return Err(too_big());
        }
        count(chunk.len())?;
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

/// Reads JSON, naming the field that is wrong.
///
/// # Errors
/// `API-0002` for malformed text, `API-0004` for deep nesting, `API-0005` for unknown or wrong fields.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> problem::Result<T> {
    bounded_depth(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => {
                let place = if path == "." { "the body".to_owned() } else { format!("`{path}`") };
                problem::WRONG_FIELD.because(format!("{place}: {inner}"))
            }
            _ => not_json(&inner),
        }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Refuses JSON that is nested more than [`DEPTH`] levels deep, without recursion.
///
/// # Errors
/// `API-0004`.
pub fn bounded_depth(bytes: &[u8]) -> problem::Result<()> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for &byte in bytes {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                depth += 1;
                if depth >= DEPTH {
                    return Err(
                        problem::TOO_DEEP.because(format!("the JSON is nested {DEPTH} levels deep or more"))
                    );
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn not_json(error: &serde_json::Error) -> Error {
    problem::NOT_JSON.because(format!("the body is not valid JSON: {error}"))
}

/// Whether the content type is JSON (`application/json` or `...+json`); an absent one counts as JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json")
}

/// A JSON body of at most `LIMIT` bytes; an empty body reads as `{}`.
#[derive(Debug)]
pub struct Json<T, const LIMIT: usize = SMALL>(pub T);

impl<T, S, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> problem::Result<Self> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(problem::WRONG_TYPE.because("this address reads application/json"));
        }
        let bytes = read(&parts.headers, body, LIMIT).await?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        parse(bytes).map(Self)
    }
}

/// The parameters after `?`, with a coded error instead of axum's own.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> problem::Result<Self> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| problem::WRONG_PARAMETER.because(error.body_text()))
    }
}

/// The parameters within the path, with a coded error instead of axum's own.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> problem::Result<Self> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|error| problem::WRONG_PARAMETER.because(error.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its reading is tested")]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        size: u32,
    }

    #[test]
    fn every_kind_of_bad_json_has_its_code_and_place() {
        let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
        for (text, code, place) in [
            ("{", "API-0002", "EOF"),
            (r#"{"list":[]} x"#, "API-0002", "trailing"),
            (r#"{"list":[{"size":1},{"size":"big"}]}"#, "API-0005", "list[1].size"),
            (r#"{"list":[{"size":1,"colour":2}]}"#, "API-0005", "unknown field `colour`"),
            (deep.as_str(), "API-0004", "128"),
        ] {
            let error = parse::<Sample>(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(place), "{error} does not name {place}");
        }
    }

    #[test]
    fn brackets_inside_text_are_not_nesting() {
        let text = format!(r#"{{"list":"{}\"["}}"#, "[".repeat(1000));
        assert!(bounded_depth(text.as_bytes()).is_ok());
    }
}
