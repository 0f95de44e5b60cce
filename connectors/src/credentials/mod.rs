//! What proves who we are: put into a request at the last moment, and only when the address that is called belongs to the
//! app.
//!
//! Secrets come in with a call and go out with it. Nothing here keeps one, prints one or puts one into an error.

mod assertion;
mod hosts;
mod token;
mod veil;

pub use assertion::assertion;
pub use hosts::host_fits;
pub use token::{AuthorizeUrl, Granted, TokenCall, TokenGoal, authorize_url, challenge, granted, token_call};
pub use veil::Veil;

use crate::interpreter::{Ask, AskBody, failures};
use crate::manifest::Manifest;
use crate::manifest::auth::{Auth, Grant};
use crate::manifest::body::Reads;
use crate::request::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use trunkline_engine::expression::{Datum, Scope, Template};
use trunkline_engine::failure::Failure;
use url::Url;

/// What stands for what is not shown.
pub const HIDDEN: &str = "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}";
/// Secrets shorter than this are not looked for in texts: they would hide half of them.
const SHORTEST: usize = 4;
/// What is entered with a secret and is none: a user's e-mail address may well stand in what an app answers.
const OPEN: [&str; 3] = ["username", "client_id", "access_key_id"];

/// The secrets of a connection, by name. Never printed.
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// The secret called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Keeps a secret.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Forgets a secret.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// `text` without any of them, for what an app says may repeat what it was sent.
    #[must_use]
    pub fn hidden_in(&self, text: &str) -> String {
        Veil::over(self).text(text).into_owned()
    }

    /// `value` without any of them, at any depth.
    #[must_use]
    pub fn hidden_within(&self, mut value: Value) -> Value {
        Veil::over(self).value(&mut value);
        value
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// `ask` as a request that carries the proof, and the veil that its answer is read through.
///
/// # Errors
/// `CONN-0008` when the address is none of the app's hosts; nothing is sent then.
pub fn signed(
    manifest: &Manifest,
    auth: &Auth,
    settings: &Map<String, Value>,
    secrets: &Secrets,
    ask: Ask,
) -> Result<(Request, Veil), Failure> {
    let mut headers = ask.headers;
    let encoded = match &ask.body {
        AskBody::None => None,
        body => body.encoded(),
    };
    if let Some((kind, _)) = &encoded
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(("Content-Type".into(), kind.clone()));
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
        let accepts = match ask.reads {
            Reads::Json => "application/json",
            Reads::Csv => "text/csv",
            Reads::Text => "*/*",
        };
        headers.push(("Accept".into(), accepts.into()));
    }
    let method = ask.method.as_str().parse::<Method>().expect("the methods of manifests are methods of HTTP");
    let mut request = Request::new(method, String::from(ask.url));
    request.headers = headers;
    request.body = encoded.map(|(_, body)| Bytes::from(body));
    let veil = sign(manifest, auth, settings, secrets, &mut request)?;
    Ok((request, veil))
}

/// Puts the proof into `request`, whoever composed it, and answers with the veil that its answer is read through.
///
/// # Errors
/// `CONN-0008` when the address is none of the connection's hosts; nothing may be sent then.
pub fn sign(
    manifest: &Manifest,
    auth: &Auth,
    settings: &Map<String, Value>,
    secrets: &Secrets,
    request: &mut Request,
) -> Result<Veil, Failure> {
    let mut url = Url::parse(request.url.trim()).map_err(|_| failures::bad_address())?;
    if !manifest.may_reach(&url, settings) {
        return Err(failures::foreign_host(&manifest.name, url.host_str().unwrap_or_default()));
    }
    let proof = proof(auth, settings, secrets)?;
    let sent = proof.headers.iter().chain(&proof.query).map(|(_, value)| value.as_str());
    let veil = Veil::over_sent(secrets, sent);
    for (name, value) in proof.headers {
        request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        request.headers.push((name, value));
    }
    if !proof.query.is_empty() {
        take_out(&mut url, &proof.query);
        // What else is there stays as it was written.
        url.query_pairs_mut().extend_pairs(proof.query);
    }
    request.url = url.into();
    Ok(veil)
}

/// Takes the parameters of the proof out of `url`: the address of a next page repeats them, under the veil.
fn take_out(url: &mut Url, proof: &[(String, String)]) {
    let is_proof = |name: &str| proof.iter().any(|(known, _)| known == name);
    if !url.query_pairs().any(|(name, _)| is_proof(&name)) {
        return;
    }
    let others: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| !is_proof(name)).collect();
    url.query_pairs_mut().clear().extend_pairs(others);
    if url.query() == Some("") {
        url.set_query(None);
    }
}

struct Proof {
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

fn proof(auth: &Auth, settings: &Map<String, Value>, secrets: &Secrets) -> Result<Proof, Failure> {
    let mut proof = Proof { headers: Vec::new(), query: Vec::new() };
    if auth.send.is_empty() && matches!(auth.grant, Grant::None {}) {
        return Ok(proof);
    }
    if auth.send.is_empty() {
        let value = match &auth.grant {
            Grant::Basic {} => {
                let name = secrets.get("username").unwrap_or_default();
                let pair = format!("{name}:{}", secrets.get("password").unwrap_or_default());
                format!("Basic {}", STANDARD.encode(pair))
            }
            _ => format!("Bearer {}", secrets.get("access_token").unwrap_or_default()),
        };
        proof.headers.push(("Authorization".into(), value));
        return Ok(proof);
    }
    let scope = Scope::of(Datum::new(json!({ "secret": secrets, "settings": settings })));
    for (name, value) in &auth.send.headers {
        proof.headers.push((called(name, &scope)?, value.text(&scope)?));
    }
    for (name, value) in &auth.send.query {
        proof.query.push((called(name, &scope)?, value.text(&scope)?));
    }
    Ok(proof)
}

/// The name of a header or parameter, which the settings may say.
fn called(name: &str, scope: &Scope) -> Result<String, Failure> {
    if !name.contains("{{") {
        return Ok(name.to_owned());
    }
    let template = Template::compile(name).map_err(|_| failures::bad_address())?;
    Ok(template.text(scope)?.trim().to_owned())
}

#[cfg(test)]
mod tests;
