//! Object storage that is called as Amazon's S3 is. A kept library signs addresses; the guarded client calls them, so
//! that the private-address rules, limits and errors are those of every other call.

use super::file::{File, MOST_BYTES, kind_of, last_part};
use super::settings::Place;
use super::trouble::Trouble;
use super::{Given, number, text};
use crate::interpreter::failures;
use crate::request::{Request, Response};
use bytes::Bytes;
use reqwest::Method;
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use url::Url;

pub(super) const ACTIONS: [&str; 6] =
    ["get_object", "put_object", "list_objects", "delete_object", "make_link", "check"];

/// Objects that are listed unless the step says otherwise, at most, and in one request.
const USUAL: u64 = 100;
const MOST: u64 = 10_000;
const PAGE: usize = 1_000;
/// Longest a link may be good for, in minutes: what the signature allows.
const LONGEST_LINK: u64 = 7 * 24 * 60;
/// How long a signed address of our own is good for.
const OURS: Duration = Duration::from_secs(300);
/// Largest answer that is not an object: a page of names.
const MOST_WORDS: u64 = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Deed {
    bucket: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Get { key: String },
    Put { key: String, file: File },
    List { prefix: String, limit: usize },
    Delete { key: String },
    Link { key: String, minutes: u64 },
    Check,
}

impl Deed {
    pub(super) fn new(action: &str, given: &Given) -> Result<Self, Failure> {
        let bucket = text(given, "bucket").trim().to_owned();
        let is_good = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
            && !bucket.starts_with('.');
        // A check needs none: it asks for the usual bucket of the connection.
        if !is_good && (action != "check" || !bucket.is_empty()) {
            return Err(failures::wrong_type("Bucket", "the name of a bucket"));
        }
        let key = || key(text(given, "key"));
        let what = match action {
            "get_object" => What::Get { key: key()? },
            "put_object" => {
                let key = key()?;
                let mut file = File::read(given, "Content")?;
                if file.media_type.is_empty() {
                    kind_of(&key).clone_into(&mut file.media_type);
                }
                What::Put { key, file }
            }
            "list_objects" => {
                let limit = number(given, "limit", "Most objects", USUAL, MOST)?;
                let limit = usize::try_from(limit).unwrap_or(PAGE);
                What::List { prefix: text(given, "prefix").to_owned(), limit }
            }
            "delete_object" => What::Delete { key: key()? },
            "make_link" => {
                What::Link { key: key()?, minutes: number(given, "minutes", "Minutes", 60, LONGEST_LINK)? }
            }
            _ => What::Check,
        };
        Ok(Self { bucket, what })
    }

    pub(super) fn in_words(&self) -> (String, String) {
        let (verb, what) = match &self.what {
            What::Get { key } => ("GET", key.as_str()),
            What::Put { key, .. } => ("PUT", key.as_str()),
            What::List { prefix, .. } => ("LIST", prefix.as_str()),
            What::Delete { key } => ("DELETE", key.as_str()),
            What::Link { key, .. } => ("SIGN", key.as_str()),
            What::Check => ("LIST", ""),
        };
        (verb.into(), format!("{}/{what}", self.bucket))
    }

    pub(super) async fn perform(&self, place: &Place<'_>) -> Result<Value, Trouble> {
        let name = if self.bucket.is_empty() { place.setting("bucket") } else { &self.bucket };
        let bucket = bucket(place, name)?;
        let proof = Credentials::new(place.secret("access_key_id"), place.secret("secret_access_key"));
        match &self.what {
            What::Get { key } => {
                let url = bucket.get_object(Some(&proof), key).sign(OURS);
                let answer = send(place, Method::GET, url, None, MOST_BYTES).await?;
                if answer.status == 404 && code(&answer).0 == "NoSuchKey" {
                    return Ok(json!({ "found": false, "file": null }));
                }
                let answer = success(answer)?;
                let kind = answer.header("content-type").unwrap_or_else(|| kind_of(key)).to_owned();
                let file =
                    File { bytes: answer.body.to_vec(), name: last_part(key).to_owned(), media_type: kind };
                Ok(json!({ "found": true, "file": file.written() }))
            }
            What::Put { key, file } => {
                let url = bucket.put_object(Some(&proof), key).sign(OURS);
                let body = (Bytes::from(file.bytes.clone()), file.media_type.clone());
                let answer = success(send(place, Method::PUT, url, Some(body), MOST_WORDS).await?)?;
                let etag = answer.header("etag").map(|etag| etag.trim_matches('"').to_owned());
                Ok(json!({ "bucket": name, "key": key, "bytes": file.bytes.len(), "etag": etag }))
            }
            What::List { prefix, limit } => list(place, &bucket, &proof, prefix, *limit).await,
            What::Delete { key } => {
                let url = bucket.delete_object(Some(&proof), key).sign(OURS);
                success(send(place, Method::DELETE, url, None, MOST_WORDS).await?)?;
                Ok(json!({ "deleted": true }))
            }
            What::Link { key, minutes } => {
                let url = bucket.get_object(Some(&proof), key).sign(Duration::from_secs(minutes * 60));
                Ok(json!({ "url": url.as_str(), "minutes": minutes }))
            }
            What::Check => {
                list(place, &bucket, &proof, "", 1).await?;
                Ok(json!({ "bucket": name, "endpoint": place.setting("endpoint") }))
            }
        }
    }
}

/// A key that means what it says: addresses cannot hold empty ones, nor parts that lead elsewhere.
fn key(key: &str) -> Result<String, Failure> {
    let key = key.trim_start_matches('/');
    let leads_away = key.split('/').any(|part| part == "." || part == "..");
    if key.is_empty() || leads_away || key.len() > 1024 {
        return Err(failures::wrong_type("Key", "the name of an object"));
    }
    Ok(key.to_owned())
}

fn bucket(place: &Place<'_>, name: &str) -> Result<Bucket, Trouble> {
    let unusable =
        || Trouble::setting("the endpoint is no address such as https://s3.eu-west-1.amazonaws.com");
    let endpoint = Url::parse(place.setting("endpoint")).map_err(|_| unusable())?;
    let is_here = matches!(endpoint.host_str(), Some("localhost" | "127.0.0.1"));
    if endpoint.scheme() != "https" && !(is_here && endpoint.scheme() == "http") {
        return Err(Trouble::setting("the endpoint is called at addresses that begin with https:// only"));
    }
    if name.is_empty() {
        return Err(Trouble::setting("the connection names no bucket"));
    }
    let style = if place.setting("style") == "host" { UrlStyle::VirtualHost } else { UrlStyle::Path };
    let region = match place.setting("region") {
        "" => "us-east-1",
        region => region,
    };
    Bucket::new(endpoint, style, name.to_owned(), region.to_owned()).map_err(|_| unusable())
}

async fn list(
    place: &Place<'_>,
    bucket: &Bucket,
    proof: &Credentials,
    prefix: &str,
    limit: usize,
) -> Result<Value, Trouble> {
    let (mut items, mut next) = (Vec::new(), None::<String>);
    loop {
        let mut ask = bucket.list_objects_v2(Some(proof));
        ask.with_prefix(prefix.to_owned());
        ask.with_max_keys(PAGE.min(limit - items.len()));
        if let Some(token) = next.take() {
            ask.with_continuation_token(token);
        }
        let answer = success(send(place, Method::GET, ask.sign(OURS), None, MOST_WORDS).await?)?;
        let words = std::str::from_utf8(&answer.body).unwrap_or_default();
        let page = ListObjectsV2::parse_response(&in_the_usual_namespace(words))
            .map_err(|error| failures::unreadable("the storage", &error.to_string()))?;
        items.extend(page.contents.into_iter().map(|object| {
            json!({
                "key": object.key, "bytes": object.size, "changed_at": object.last_modified,
                "etag": object.etag.map(|etag| etag.trim_matches('"').to_owned()),
            })
        }));
        let has_more = page.next_continuation_token.is_some();
        if items.len() >= limit || !has_more {
            let more = has_more || items.len() > limit;
            items.truncate(limit);
            return Ok(json!({ "count": items.len(), "more": more, "items": items }));
        }
        next = page.next_continuation_token;
    }
}

async fn send(
    place: &Place<'_>,
    method: Method,
    url: Url,
    body: Option<(Bytes, String)>,
    most: u64,
) -> Result<Response, Trouble> {
    let mut request = Request::new(method, String::from(url));
    request.timeout = place.timeout;
    request.max_response_bytes = most;
    if let Some((body, kind)) = body {
        request.headers.push(("Content-Type".into(), kind));
        request.body = Some(body);
    }
    Ok(place.client.send(request).await?)
}

/// The code and the words of an error.
fn code(answer: &Response) -> (String, String) {
    let words = String::from_utf8_lossy(&answer.body);
    let part = |name: &str| {
        let rest = words.split_once(&format!("<{name}>"))?.1;
        Some(rest.split_once("</")?.0.to_owned())
    };
    (part("Code").unwrap_or_default(), part("Message").unwrap_or_default())
}

fn success(answer: Response) -> Result<Response, Trouble> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let (code, words) = code(&answer);
    let said = match (code.is_empty(), words.is_empty()) {
        (true, _) => format!("it answered {}", answer.status),
        (false, true) => code.clone(),
        (false, false) => format!("{code}: {words}"),
    };
    Err(match (answer.status, code.as_str()) {
        (429, _) | (503, "SlowDown" | "") => Trouble::TooMany(said),
        (401 | 403, _) => Trouble::Auth(said),
        (503, _) | (409, "OperationAborted") => Trouble::Temporary(said),
        (500..=599, _) => Trouble::Lost(said),
        _ => Trouble::Unwanted(said),
    })
}

/// A list whose names are in the namespace that Amazon uses: other servers write that of the first drafts, or none.
fn in_the_usual_namespace(words: &str) -> Cow<'_, str> {
    const USUAL: &str = r#"<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/""#;
    let Some(begin) = words.find("<ListBucketResult") else { return words.into() };
    match words[begin..].find('>') {
        Some(end) if !words[begin..].starts_with(USUAL) => {
            format!("{}{USUAL}>{}", &words[..begin], &words[begin + end + 1..]).into()
        }
        _ => words.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(action: &str, given: &Value) -> Result<Deed, Failure> {
        Deed::new(action, given.as_object().unwrap())
    }

    #[test]
    fn a_key_leads_nowhere_else() {
        for name in ["", "/", "../x", "a/../b", "a/."] {
            let given = json!({ "bucket": "leads", "key": name });
            assert_eq!(deed("delete_object", &given).unwrap_err().code, "CONN-0002", "{name}");
        }
        for bucket in ["", "a", "a/b", ".abc", "x?y=z"] {
            let given = json!({ "bucket": bucket, "key": "a" });
            assert_eq!(deed("get_object", &given).unwrap_err().code, "CONN-0002", "{bucket}");
        }
        let put =
            deed("put_object", &json!({ "bucket": "leads", "key": "/2027/a.csv", "content": "a" })).unwrap();
        assert_eq!(put.in_words(), ("PUT".into(), "leads/2027/a.csv".into()));
    }

    #[test]
    fn lists_are_read_whatever_their_namespace() {
        let list = |space: &str| {
            format!(
                "<?xml version=\"1.0\"?><ListBucketResult{space}><Name>leads</Name><MaxKeys>1</MaxKeys></ListBucketResult>"
            )
        };
        let usual = list(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"");
        assert!(matches!(in_the_usual_namespace(&usual), Cow::Borrowed(_)));
        for space in ["", " xmlns=\"http://doc.s3.amazonaws.com/2006-03-01/\""] {
            assert_eq!(in_the_usual_namespace(&list(space)), usual);
        }
        assert_eq!(in_the_usual_namespace("<Error/>"), "<Error/>");
    }
}
