//! Getting tokens: what is sent to the token endpoint, and what its answer says (RFC 6749, 7523, 7636).
//!
//! The requests go out through the guarded client like all others. They are few and small, so they are written here and
//! not taken from a library that brings a client of its own (docs/adr/0031).

use super::{Secrets, assertion, host_fits};
use crate::interpreter::{Answer, failures};
use crate::manifest::Manifest;
use crate::manifest::auth::{Auth, ClientProof, Grant};
use crate::request::Request;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use trunkline_engine::expression::filters::percent_encoded;
use trunkline_engine::expression::{Datum, Scope, Template};
use trunkline_engine::failure::{Failure, FailureKind};
use url::Url;

/// Longest life of a token that is believed, in seconds.
const LONGEST_LIFE: i64 = 10 * 365 * 24 * 3600;

/// Where the administrator is sent.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizeUrl<'a> {
    /// Where they come back to.
    pub redirect: &'a str,
    /// Names the attempt; comes back with them.
    pub state: &'a str,
    /// The PKCE verifier; its fingerprint goes along.
    pub verifier: &'a str,
}

/// What a token is asked with.
#[derive(Debug, Clone, Copy)]
pub enum TokenGoal<'a> {
    /// The code that came back with the administrator.
    Code {
        /// The code.
        code: &'a str,
        /// Where they came back to.
        redirect: &'a str,
        /// The PKCE verifier.
        verifier: &'a str,
    },
    /// What the connection holds: a refresh token, the client's own secret, or a private key.
    Held,
}

/// A request for a token.
#[derive(Debug)]
pub struct TokenCall {
    /// To be sent through the guarded client.
    pub request: Request,
}

/// What a token's answer grants.
#[derive(Debug, Clone, PartialEq)]
pub struct Granted {
    /// When the token ends, if it was said.
    pub expires_at: Option<DateTime<Utc>>,
    /// What of the answer is kept as settings.
    pub settings: Map<String, Value>,
    /// What access was granted, if it was said.
    pub scope: Option<String>,
}

/// The PKCE challenge of `verifier` (S256).
#[must_use]
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The address where the administrator allows access.
///
/// # Errors
/// `CONN-0012` when this way to sign in has none, or it cannot be made.
pub fn authorize_url(
    auth: &Auth,
    settings: &Map<String, Value>,
    secrets: &Secrets,
    attempt: AuthorizeUrl<'_>,
) -> Result<Url, Failure> {
    let Grant::AuthorizationCode { authorize_url, scopes, parameters, .. } = &auth.grant else {
        return Err(refused("this way to sign in asks nobody for access"));
    };
    let sees = sees(settings);
    let mut url = Url::parse(&authorize_url.text(&sees)?).map_err(|_| failures::bad_address())?;
    let scopes = joined(scopes, &sees)?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code");
        query.append_pair("client_id", secrets.get("client_id").unwrap_or_default());
        query.append_pair("redirect_uri", attempt.redirect);
        query.append_pair("state", attempt.state);
        query.append_pair("code_challenge", &challenge(attempt.verifier));
        query.append_pair("code_challenge_method", "S256");
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        query.extend_pairs(parameters);
    }
    Ok(url)
}

/// The request for a token.
///
/// # Errors
/// `CONN-0008` when the endpoint is none of the app's hosts, `CONN-0012` when the connection holds nothing to ask with.
pub fn token_call(
    manifest: &Manifest,
    auth: &Auth,
    settings: &Map<String, Value>,
    secrets: &Secrets,
    goal: TokenGoal<'_>,
    now: DateTime<Utc>,
) -> Result<TokenCall, Failure> {
    let Some(source) = auth.grant.token() else {
        return Err(refused("its proof is entered by a person, and nothing can renew it"));
    };
    let scope = sees(settings);
    let mut url = Url::parse(&source.url.text(&scope)?).map_err(|_| failures::bad_address())?;
    let is_known = source.hosts.iter().any(|pattern| host_fits(pattern, &url));
    if !is_known && !manifest.may_reach(&url, settings) {
        return Err(failures::foreign_host(&manifest.name, url.host_str().unwrap_or_default()));
    }
    let secret = |name: &str| secrets.get(name).unwrap_or_default().to_owned();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
    let client = match (&auth.grant, goal) {
        (Grant::AuthorizationCode { client, .. }, TokenGoal::Code { code, redirect, verifier }) => {
            field("grant_type", "authorization_code".into());
            field("code", code.into());
            field("redirect_uri", redirect.into());
            field("code_verifier", verifier.into());
            *client
        }
        (Grant::AuthorizationCode { client, .. }, TokenGoal::Held) => {
            let token = secrets
                .get("refresh_token")
                .ok_or_else(|| refused("the app gave no token to renew it with"))?;
            field("grant_type", "refresh_token".into());
            field("refresh_token", token.into());
            *client
        }
        (Grant::ClientCredentials { client, scopes, parameters, .. }, _) => {
            field("grant_type", "client_credentials".into());
            let scopes = joined(scopes, &scope)?;
            if !scopes.is_empty() {
                field("scope", scopes);
            }
            parameters.iter().for_each(|(name, value)| field(name, value.clone()));
            *client
        }
        (Grant::JwtBearer { audience, .. }, _) => {
            field("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".into());
            field("assertion", assertion(secrets, &audience.text(&scope)?, now)?);
            let request = posted(url, &fields, None);
            return Ok(TokenCall { request });
        }
        (Grant::ApiKey {} | Grant::Entered {} | Grant::Basic {}, _) => {
            return Err(refused("it has no token"));
        }
    };
    let request = match client {
        ClientProof::Body => {
            field("client_id", secret("client_id"));
            field("client_secret", secret("client_secret"));
            posted(url, &fields, None)
        }
        ClientProof::Basic => {
            // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
            let pair = format!(
                "{}:{}",
                percent_encoded(&secret("client_id")),
                percent_encoded(&secret("client_secret"))
            );
            posted(url, &fields, Some(format!("Basic {}", STANDARD.encode(pair))))
        }
        ClientProof::Query => {
            field("client_id", secret("client_id"));
            field("client_secret", secret("client_secret"));
            url.query_pairs_mut().extend_pairs(&fields);
            let mut request = Request::new(Method::GET, String::from(url));
            request.headers.push(("Accept".into(), "application/json".into()));
            request
        }
    };
    Ok(TokenCall { request })
}

fn posted(url: Url, fields: &[(String, String)], authorization: Option<String>) -> Request {
    let mut request = Request::new(Method::POST, String::from(url));
    request.headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
    request.headers.push(("Accept".into(), "application/json".into()));
    request.headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.body = Some(Bytes::from(body));
    request.max_response_bytes = 256 * 1024;
    request
}

/// Puts the token of `answer` among `secrets`.
///
/// # Errors
/// `CONN-0012` when the answer grants none, with the app's own words; temporary when the app has trouble.
pub fn granted(
    manifest: &Manifest,
    auth: &Auth,
    secrets: &mut Secrets,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<Granted, Failure> {
    let said =
        |name: &str| answer.body.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    if answer.status == 429 || answer.status >= 500 {
        let mut failure = refused(&format!("{} answered {}", manifest.name, answer.status));
        failure.kind = FailureKind::Temporary;
        return Err(failure);
    }
    let token = answer.body.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let (Some(token), 200..=299) = (token, answer.status) else {
        let (error, more) = (said("error"), said("error_description"));
        let said = [error, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
        let said = if said.is_empty() { format!("it answered {}", answer.status) } else { said };
        let said: String = said.chars().take(300).collect();
        return Err(refused(&secrets.hidden_in(&format!("{} gave no token: {said}", manifest.name))));
    };
    secrets.set("access_token", token);
    // A server that rotates refresh tokens gives a new one; the old one is dead then.
    if let Some(refresh) = answer.body.get("refresh_token").and_then(Value::as_str) {
        secrets.set("refresh_token", refresh);
    }
    let life = answer.body.get("expires_in");
    let life = life.and_then(|life| life.as_i64().or_else(|| life.as_str()?.parse().ok()));
    let life = life.filter(|life| (1..=LONGEST_LIFE).contains(life));
    let mut settings = Map::new();
    for (name, at) in auth.grant.token().map(|source| source.keep).into_iter().flatten() {
        if let Some(value) = answer.body.pointer(at) {
            settings.insert(name.clone(), value.clone());
        }
    }
    Ok(Granted {
        expires_at: life.and_then(|life| now.checked_add_signed(TimeDelta::seconds(life))),
        settings,
        scope: answer.body.get("scope").and_then(Value::as_str).map(str::to_owned),
    })
}

fn joined(scopes: &[Template], sees: &Scope) -> Result<String, Failure> {
    Ok(scopes.iter().map(|scope| scope.text(sees)).collect::<Result<Vec<_>, _>>()?.join(" "))
}

fn sees(settings: &Map<String, Value>) -> Scope {
    Scope::of(Datum::new(json!({ "settings": settings })))
}

fn refused(why: &str) -> Failure {
    Failure::new(
        "CONN-0012",
        FailureKind::Auth,
        format!("the connection could not sign in: {why}"),
        "Open Settings > Connections and connect it again.",
    )
}
