//! Calls to other systems: those the plugin declares and an administrator approved.

use crate::bindings::trunkline::plugin::http as hosted;
use crate::{Failure, FailureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A call that is put together.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    connection: Option<String>,
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A GET of `url`.
#[must_use]
pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

/// A POST to `url`.
#[must_use]
pub fn post(url: impl Into<String>) -> Request {
    Request::new("POST", url)
}

impl Request {
    /// A call with `method`.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self { method: method.into(), url: url.into(), headers: Vec::new(), body: None, connection: None }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with `value` as JSON.
    ///
    /// # Errors
    /// When `value` is not JSON.
    pub fn json(mut self, value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Failure::fatal(format!("what is to be sent is not JSON: {error}")))?;
        self.body = Some(body);
        Ok(self.header("content-type", "application/json"))
    }

    /// The same with the credentials of the connection that a setting names. The plugin never sees them.
    #[must_use]
    pub fn connection(self, connection: impl Into<String>) -> Self {
        Self { connection: Some(connection.into()), ..self }
    }

    /// Calls, and waits for the answer.
    ///
    /// # Errors
    /// The host's failure, which a step may give back as its own.
    pub fn send(self) -> Result<Response, Failure> {
        let Self { method, url, headers, body, connection } = self;
        let hosted::Response { status, headers, body } =
            hosted::send(&hosted::Request { method, url, headers, body, connection })?;
        Ok(Response { status, headers, body })
    }
}

impl Response {
    /// The first header with this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::fatal(format!("the answer cannot be read: {error}")))
    }

    /// The answer, when its status is 200 to 299.
    ///
    /// # Errors
    /// The failure that another status stands for; `what` names who answered.
    pub fn success(self, what: &str) -> Result<Self, Failure> {
        let kind = match self.status {
            200..=299 => return Ok(self),
            401 | 403 => FailureKind::Auth,
            429 => FailureKind::RateLimited,
            500.. => FailureKind::Temporary,
            _ => FailureKind::BadInput,
        };
        let retry_after_seconds = self.header("retry-after").and_then(|wait| wait.trim().parse().ok());
        Err(Failure { kind, message: format!("{what} answered {}", self.status), retry_after_seconds })
    }
}
