//! What is asked and what came back, free of any HTTP library's types but the method.

use crate::error::CallError;
use bytes::Bytes;
use reqwest::Method;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// One call to another system.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The absolute `http` or `https` address, without user name or password.
    pub url: String,
    /// Headers in order; the same name may come twice.
    pub headers: Vec<(String, String)>,
    /// The body, if the method carries one.
    pub body: Option<Bytes>,
    /// How long the whole call may last, all redirects included. The policy's ceiling holds.
    pub timeout: Duration,
    /// The largest answer wanted, in bytes after decompression. The policy's ceiling holds.
    pub max_response_bytes: u64,
    /// The only hosts that may be called, redirects included, as in manifests. The policy holds as well.
    pub only_hosts: Option<Vec<String>>,
}

impl Request {
    /// A request without headers or body, allowed 30 seconds and 10 MiB.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: Duration::from_secs(30),
            max_response_bytes: 10 * 1024 * 1024,
            only_hosts: None,
        }
    }
}

/// What the other side answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status, 100 to 599.
    pub status: u16,
    /// Header names in lower case, in order. Values that are not text are left out.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed.
    pub body: Bytes,
    /// The address that answered, after redirects.
    pub url: String,
    /// Held as long as a large body is.
    pub(crate) _place: Option<Arc<OwnedSemaphorePermit>>,
}

impl Response {
    /// The first value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The response if its status is 2xx, else the failure that the status stands for.
    ///
    /// # Errors
    /// Every status outside 200 to 299, classified by whether trying again can help.
    pub fn into_success(self) -> Result<Self, CallError> {
        match CallError::from_status(self.status, self.header("retry-after")) {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }
}
