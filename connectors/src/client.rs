//! The guarded client: one request, its redirects, one answer.

use crate::body::{Places, read_capped};
use crate::credentials::host_fits;
use crate::error::CallError;
use crate::policy::Policy;
use crate::request::{Request, Response};
use crate::resolver::GuardedResolver;
use crate::tls;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, redirect};
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// Headers that may follow a redirect to another origin. Any other may carry a secret.
const HARMLESS_HEADERS: [&str; 5] =
    ["accept", "accept-language", "content-type", "content-encoding", "user-agent"];

/// Headers that describe the connection or the framing, which are ours to set.
const RESERVED_HEADERS: [&str; 11] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "expect",
];

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// TLS could not be configured.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("cannot set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// The one way out over HTTP. Cheap to clone; connections are pooled and shared by all clones.
#[derive(Clone, Debug)]
pub struct Client {
    policy: Arc<Policy>,
    /// Dials only what the policy allows by address.
    guarded: reqwest::Client,
    /// Dials hosts that the administrator named, wherever their names lead.
    named: reqwest::Client,
    /// Places for large answers.
    places: Arc<Places>,
}

impl Client {
    /// A client under `policy`.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(policy: Policy) -> Result<Self, ClientError> {
        let policy = Arc::new(policy);
        let tls = tls::config()?;
        let guarded = builder(&policy, tls.clone())
            .dns_resolver(Arc::new(GuardedResolver { policy: Arc::clone(&policy) }))
            .build()?;
        let named = builder(&policy, tls).build()?;
        Ok(Self { policy, guarded, named, places: Arc::default() })
    }

    /// Sends `request`, follows redirects, and reads the whole answer within the limits.
    /// Any status is an answer; [`Response::into_success`] turns those outside 2xx into errors.
    ///
    /// # Errors
    /// A refused or unusable address, no connection, a broken, late or too large answer.
    pub async fn send(&self, request: Request) -> Result<Response, CallError> {
        let limit = request.timeout.min(self.policy.max_timeout);
        tokio::time::timeout(limit, self.follow(request))
            .await
            .unwrap_or_else(|_| Err(CallError::timed_out(limit)))
    }

    /// What the administrator allows.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    async fn follow(&self, request: Request) -> Result<Response, CallError> {
        let max_bytes = request.max_response_bytes.min(self.policy.max_response_bytes);
        let only_hosts = request.only_hosts.clone();
        let mut hop = Hop::first(request)?;
        for _ in 0..=self.policy.max_redirects {
            let is_named = |hosts: &Vec<String>| hosts.iter().any(|host| host_fits(host, &hop.url));
            if !only_hosts.as_ref().is_none_or(is_named) {
                return Err(CallError::foreign_host(hop.url.host_str().unwrap_or_default()));
            }
            let response = self.dial(&hop).await?;
            match hop.next(&response)? {
                Some(next) => hop = next,
                None => return finish(response, hop.url, max_bytes, &self.places).await,
            }
        }
        Err(CallError::bad_redirect(format!(
            "the service redirected more than {} times",
            self.policy.max_redirects
        )))
    }

    async fn dial(&self, hop: &Hop) -> Result<reqwest::Response, CallError> {
        let client = self.client_for(&hop.url)?;
        let mut call = client.request(hop.method.clone(), hop.url.clone()).headers(hop.headers.clone());
        if let Some(body) = &hop.body {
            call = call.body(body.clone());
        }
        let host = hop.url.host_str().unwrap_or_default();
        call.send().await.map_err(|error| CallError::from_sending(&error, host))
    }

    /// Refuses an address literal that is not allowed: literals never reach the resolver.
    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, CallError> {
        if self.policy.names_host(url) {
            return Ok(&self.named);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            Some(Host::Domain(_)) => None,
            None => return Err(CallError::bad_address("the address names no host")),
        };
        match literal {
            Some(address) if !self.policy.allows_address(address) => {
                Err(CallError::refused_address(url.host_str().unwrap_or_default()))
            }
            _ => Ok(&self.guarded),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the guarded client that all others must use")]
fn builder(policy: &Policy, tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(policy.connect_timeout)
        .user_agent(concat!("Trunkline/", env!("CARGO_PKG_VERSION")))
}

async fn finish(
    response: reqwest::Response,
    url: Url,
    max_bytes: u64,
    places: &Places,
) -> Result<Response, CallError> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let (body, place) = read_capped(response, max_bytes, places).await?;
    Ok(Response { status, headers, body, url: url.into(), _place: place.map(Arc::new) })
}

/// One request on the way to the answer.
struct Hop {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<bytes::Bytes>,
}

impl Hop {
    fn first(request: Request) -> Result<Self, CallError> {
        let url = Url::parse(request.url.trim())
            .map_err(|reason| CallError::bad_address(format!("this is not an address: {reason}")))?;
        check_form(&url)?;
        Ok(Self { method: request.method, url, headers: headers(&request.headers)?, body: request.body })
    }

    /// The request that a redirect asks for, or `None` if `response` is the answer.
    fn next(&self, response: &reqwest::Response) -> Result<Option<Self>, CallError> {
        let status = response.status();
        let redirects = matches!(
            status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        );
        let Some(location) = response.headers().get("location").filter(|_| redirects) else {
            return Ok(None);
        };
        let url =
            location.to_str().ok().and_then(|location| self.url.join(location).ok()).ok_or_else(|| {
                CallError::bad_redirect("the service redirected to something that is no address")
            })?;
        check_form(&url)?;
        if self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(CallError::bad_redirect("the service redirected from https to unprotected http"));
        }
        let mut next =
            Self { method: self.method.clone(), headers: self.headers.clone(), body: self.body.clone(), url };
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            next.method = Method::GET;
            next.body = None;
            next.headers.remove("content-type");
            next.headers.remove("content-encoding");
        }
        if next.url.origin() != self.url.origin() {
            next.headers = harmless(&next.headers);
        }
        Ok(Some(next))
    }
}

fn check_form(url: &Url) -> Result<(), CallError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(CallError::bad_address(format!(
            "addresses that begin with {}: are not called",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(CallError::bad_address("the address holds a user name or password"));
    }
    Ok(())
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, CallError> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let refused = |why: &str| CallError::bad_header(format!("the header \"{name}\" {why}"));
        let parsed = HeaderName::try_from(name.trim()).map_err(|_| refused("has no valid name"))?;
        if RESERVED_HEADERS.contains(&parsed.as_str()) {
            return Err(refused("is set by Trunkline itself"));
        }
        let value =
            HeaderValue::try_from(value.trim()).map_err(|_| refused("has a value that cannot be sent"))?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| HARMLESS_HEADERS.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
