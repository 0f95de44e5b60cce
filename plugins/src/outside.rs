//! What a call of a plugin can reach, as the host asks for it. Whoever implements this decides what is approved.

use futures_util::future::BoxFuture;
use std::fmt::Debug;
use trunkline_engine::failure::Failure;

/// The world outside of one call.
pub trait Outside: Debug + Send + Sync {
    /// Makes a call to another system.
    ///
    /// # Errors
    /// The failure, as the plugin sees it.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>>;

    /// What the plugin keeps for the workflow under `key`.
    ///
    /// # Errors
    /// The failure, as the plugin sees it.
    fn kept(&self, key: String) -> BoxFuture<'_, Result<Option<String>, Failure>>;
}

/// A call to another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<Vec<u8>>,
    /// The connection whose credentials are put in.
    pub connection: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A world in which there is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Outside for Nothing {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(std::future::ready(Err(crate::failures::out_of_reach("", "call another system from here"))))
    }

    fn kept(&self, _: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
