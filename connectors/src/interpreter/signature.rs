//! Whether a delivery comes from whom it says: signatures, shared words and passwords, compared in constant time.

use super::delivery::Sent;
use crate::credentials::Secrets;
use crate::manifest::webhook::{Check, Digest, Key, Refusal, Signature, Spot, Unit, Written};
use crate::time::moment_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde_json::Value;

/// Most signatures of one delivery that are looked at.
const MOST: usize = 10;
/// How a secret of a webhook is called among those of a connection, so that none of a sign-in has its name.
#[must_use]
pub fn secret_name(secret: &str) -> String {
    format!("hook:{secret}")
}

/// What is signed, in pieces.
#[derive(Debug, PartialEq, Eq)]
pub struct Over(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Method,
    Url,
    Path,
    Query,
    Body,
    Form,
    Timestamp,
    Header(String),
    Pointer(String),
}

impl Over {
    /// Reads the text of a manifest.
    ///
    /// # Errors
    /// What it names and is no part of a request.
    pub fn read(text: &str) -> Result<Self, String> {
        let (mut pieces, mut left) = (Vec::new(), text);
        while let Some((before, rest)) = left.split_once('{') {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (name, after) = rest.split_once('}').ok_or("a name is not closed by }")?;
            pieces.push(match name {
                "method" => Piece::Method,
                "url" => Piece::Url,
                "path" => Piece::Path,
                "query" => Piece::Query,
                "body" => Piece::Body,
                "form" => Piece::Form,
                "timestamp" => Piece::Timestamp,
                pointer if pointer.starts_with('/') => Piece::Pointer(pointer.to_owned()),
                other => match other.strip_prefix("header.") {
                    Some(header) if !header.is_empty() => Piece::Header(header.to_lowercase()),
                    _ => return Err(format!("a request has no part called {other}")),
                },
            });
            left = after;
        }
        if !left.is_empty() {
            pieces.push(Piece::Text(left.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// Whether the moment of sending is in it.
    #[must_use]
    pub fn has_stamp(&self) -> bool {
        self.0.contains(&Piece::Timestamp)
    }

    /// Whether the body, or a part of it, is in it.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Body | Piece::Form | Piece::Pointer(_)))
    }

    /// The bytes that are signed.
    fn bytes(&self, sent: &Sent<'_>, stamp: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(sent.body.len() + 256);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Piece::Method => bytes.extend_from_slice(sent.method.as_bytes()),
                Piece::Url => bytes.extend_from_slice(sent.url.as_bytes()),
                Piece::Path => bytes.extend_from_slice(sent.path().as_bytes()),
                Piece::Query => bytes.extend_from_slice(sent.query().as_bytes()),
                Piece::Body => bytes.extend_from_slice(sent.body),
                Piece::Form => {
                    let mut fields: Vec<_> = url::form_urlencoded::parse(sent.body).collect();
                    fields.sort();
                    for (name, value) in fields {
                        bytes.extend_from_slice(name.as_bytes());
                        bytes.extend_from_slice(value.as_bytes());
                    }
                }
                Piece::Timestamp => bytes.extend_from_slice(stamp.as_bytes()),
                Piece::Header(name) => {
                    bytes.extend_from_slice(sent.header(name).unwrap_or_default().as_bytes());
                }
                Piece::Pointer(pointer) => {
                    bytes.extend_from_slice(sent.in_body(pointer).unwrap_or_default().as_bytes());
                }
            }
        }
        bytes
    }
}

/// Checks where `sent` comes from, as of `now`.
///
/// Answers with what tells this delivery from every other, when it carries the moment it was sent.
///
/// # Errors
/// Why it is refused.
pub(super) fn check(
    check: &Check,
    sent: &Sent<'_>,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<Option<String>, Refusal> {
    match check {
        Check::Hmac(signature) => of_signature(signature, sent, secrets, now),
        Check::Token { secret, at, prefix } => {
            let wanted = format!("{prefix}{}", secret_of(secrets, secret)?);
            same(place(sent, at).as_deref(), &wanted).map(|()| None)
        }
        Check::Basic { username, password } => {
            let pair = format!("{}:{}", secret_of(secrets, username)?, secret_of(secrets, password)?);
            let given = sent.header("authorization").unwrap_or_default();
            let (scheme, word) = given.split_once(' ').unwrap_or_default();
            match scheme.eq_ignore_ascii_case("basic") {
                true => same(Some(word.trim()), &STANDARD.encode(pair)).map(|()| None),
                false => Err(Refusal::Forged),
            }
        }
    }
}

/// Whether a challenge carries the secret it must.
pub(super) fn token(secret: &str, at: &Spot, sent: &Sent<'_>, secrets: &Secrets) -> Result<(), Refusal> {
    same(place(sent, at).as_deref(), secret_of(secrets, secret)?)
}

/// `text` signed as deliveries are.
pub(super) fn sign(signature: &Signature, text: &str, secrets: &Secrets) -> Result<String, Refusal> {
    let key = key(signature, secrets)?;
    Ok(written(signature.written, hmac::sign(&key, text.as_bytes()).as_ref()))
}

fn of_signature(
    signature: &Signature,
    sent: &Sent<'_>,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<Option<String>, Refusal> {
    let key = key(signature, secrets)?;
    let given = place(sent, &signature.at).ok_or(Refusal::Forged)?;
    let (signatures, mut stamp) = split(signature, &given);
    if let Some(elsewhere) = &signature.timestamp {
        stamp = place(sent, &elsewhere.at);
    }
    let stamp = stamp.unwrap_or_default();
    let over = Over::read(&signature.over).map_err(|_| Refusal::Unreadable)?;
    let bytes = over.bytes(sent, &stamp);
    let fits = signatures.into_iter().take(MOST).any(|given| {
        let given = given.trim();
        let given =
            if signature.prefix.is_empty() { Some(given) } else { given.strip_prefix(&signature.prefix) };
        let digest = given.and_then(|given| unwritten(signature.written, given));
        digest.is_some_and(|digest| hmac::verify(&key, &bytes, &digest).is_ok())
    });
    if !fits {
        return Err(Refusal::Forged);
    }
    // Only what is proved may say when it was sent.
    let proof = Some(format!("{stamp} {given}")).filter(|_| !stamp.is_empty());
    let Some(most) = signature.max_age else { return Ok(proof) };
    let unit = signature.timestamp.as_ref().map_or(Unit::Seconds, |stamp| stamp.unit);
    let sent_at = read_stamp(&stamp, unit).ok_or(Refusal::Forged)?;
    let age = now.signed_duration_since(sent_at).abs();
    if age > TimeDelta::seconds(most.into()) { Err(Refusal::TooOld) } else { Ok(proof) }
}

fn read_stamp(stamp: &str, unit: Unit) -> Option<DateTime<Utc>> {
    match unit {
        Unit::Seconds => DateTime::from_timestamp(stamp.trim().parse().ok()?, 0),
        Unit::Milliseconds => DateTime::from_timestamp_millis(stamp.trim().parse().ok()?),
        Unit::Text => moment_of(&Value::String(stamp.to_owned())),
    }
}

/// The signatures in `given`, and the moment of sending if it stands beside them.
fn split(signature: &Signature, given: &str) -> (Vec<String>, Option<String>) {
    let Some(parts) = &signature.parts else { return (vec![given.to_owned()], None) };
    let (mut signatures, mut stamp) = (Vec::new(), None);
    for part in given.split(parts.between.as_str()) {
        let Some((name, value)) = part.trim().split_once(parts.after_name.as_str()) else { continue };
        if name == parts.signature {
            signatures.push(value.to_owned());
        } else if Some(name) == parts.timestamp.as_deref() {
            stamp = Some(value.to_owned());
        }
    }
    (signatures, stamp)
}

fn key(signature: &Signature, secrets: &Secrets) -> Result<hmac::Key, Refusal> {
    let Key { prefix, base64 } = &signature.key;
    let secret = secret_of(secrets, &signature.secret)?;
    let secret = secret.strip_prefix(prefix.as_str()).unwrap_or(secret);
    let bytes = match base64 {
        true => STANDARD.decode(secret.trim()).map_err(|_| Refusal::NoSecret)?,
        false => secret.as_bytes().to_vec(),
    };
    let algorithm = match signature.digest {
        Digest::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha512 => hmac::HMAC_SHA512,
    };
    Ok(hmac::Key::new(algorithm, &bytes))
}

fn secret_of<'a>(secrets: &'a Secrets, name: &str) -> Result<&'a str, Refusal> {
    secrets.get(&secret_name(name)).filter(|secret| !secret.is_empty()).ok_or(Refusal::NoSecret)
}

fn place(sent: &Sent<'_>, at: &Spot) -> Option<String> {
    match at {
        Spot::Header(name) => sent.header(&name.to_lowercase()).map(str::to_owned),
        Spot::Query(name) => sent.parameter(name),
        Spot::Body(pointer) => sent.in_body(pointer),
    }
}

/// Compares by digests under a key of the moment, so that the time it takes tells nothing.
fn same(given: Option<&str>, wanted: &str) -> Result<(), Refusal> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, wanted.as_bytes());
    let tag = hmac::sign(&key, wanted.as_bytes());
    let given = given.ok_or(Refusal::Forged)?;
    hmac::verify(&key, given.as_bytes(), tag.as_ref()).map_err(|_| Refusal::Forged)
}

fn written(how: Written, bytes: &[u8]) -> String {
    match how {
        Written::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Written::Base64 => STANDARD.encode(bytes),
    }
}

fn unwritten(how: Written, text: &str) -> Option<Vec<u8>> {
    match how {
        Written::Base64 => STANDARD.decode(text).ok(),
        Written::Hex => {
            let digits = text.as_bytes();
            let is_whole = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
            let pairs = digits.chunks_exact(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok()?;
                u8::from_str_radix(pair, 16).ok()
            });
            if is_whole { pairs.collect() } else { None }
        }
    }
}

/// What would have to stand where the signature stands, for whoever records an example.
pub(crate) fn fitting(signature: &Signature, sent: &Sent<'_>, secrets: &Secrets) -> Option<String> {
    let given = place(sent, &signature.at).unwrap_or_default();
    let (_, beside) = split(signature, &given);
    let stamp =
        signature.timestamp.as_ref().map_or(beside, |stamp| place(sent, &stamp.at)).unwrap_or_default();
    let bytes = Over::read(&signature.over).ok()?.bytes(sent, &stamp);
    let tag = hmac::sign(&key(signature, secrets).ok()?, &bytes);
    Some(format!("{}{}", signature.prefix, written(signature.written, tag.as_ref())))
}
