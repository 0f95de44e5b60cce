//! The running server, as the command line reaches it: over its own API, with a key.

use super::local_token;
use anyhow::{Context, bail};
use axum::body::Bytes;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use trunkline_connectors::{Client, Method, Policy, Request};

/// Longest time one call may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Longest time a file may take to arrive.
const FILE_TIME: Duration = Duration::from_secs(30 * 60);
/// Largest file that is taken, in bytes.
const LARGEST_FILE: u64 = 512 * 1024 * 1024;

/// Which server, and with which key.
#[derive(Debug, Clone, clap::Args)]
pub struct Target {
    /// Address of the server [default: the one running on the data folder]
    #[arg(long, env = "TRUNKLINE_URL", value_name = "URL")]
    url: Option<String>,
    /// API token [default: the key in the data folder]
    #[arg(long, env = "TRUNKLINE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Data folder of a server on this machine
    #[arg(long, env = "TRUNKLINE_DATA", value_name = "DIR", default_value = "data")]
    pub(super) data: PathBuf,
}

/// A server that can be asked.
#[derive(Debug)]
pub struct Remote {
    target: Target,
    client: Client,
    url: String,
    token: String,
}

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// It may succeed later: the server is away or full.
    #[error("CLI-0001: the server at {url} does not answer: {reason}")]
    Away {
        /// Where.
        url: String,
        /// Why.
        reason: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// It said no.
    #[error("{code}: {detail}. {action}")]
    Refused {
        /// Stable code.
        code: String,
        /// What happened.
        detail: String,
        /// What to do.
        action: String,
        /// Problems of a document, one a line.
        problems: Vec<String>,
    },
}

impl Remote {
    /// The server that `target` names.
    ///
    /// # Errors
    /// When neither a token nor a readable data folder is given.
    pub fn open(target: &Target) -> anyhow::Result<Self> {
        let (url, token) = find(target)?;
        let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        // The person at the keyboard chose this address, so it may be inside the own network.
        let allow = vec![host.parse().with_context(|| format!("\"{url}\" is not the address of a server"))?];
        let client = Client::new(Policy {
            allow,
            max_response_bytes: LARGEST_FILE,
            max_timeout: FILE_TIME,
            ..Policy::default()
        })?;
        Ok(Self { target: target.clone(), client, url, token })
    }

    /// Asks for `path` below `/api/v1`.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn get(&mut self, path: &str) -> Result<Value, RemoteError> {
        self.call(Method::GET, path, None).await
    }

    /// Sends JSON to `path` below `/api/v1`.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn send(&mut self, method: Method, path: &str, body: &Value) -> Result<Value, RemoteError> {
        self.call(method, path, Some(body.to_string())).await
    }

    /// Sends bytes to `path` below `/api/v1`.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn send_bytes(&mut self, path: &str, bytes: Vec<u8>) -> Result<Value, RemoteError> {
        self.once(Method::PUT, path, Some(("application/octet-stream", bytes.into()))).await
    }

    /// Posts bytes to `path` below `/api/v1`.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn post_bytes(&mut self, path: &str, bytes: Vec<u8>) -> Result<Value, RemoteError> {
        self.once(Method::POST, path, Some(("application/octet-stream", bytes.into()))).await
    }

    /// Takes a file from `path` below `/api/v1`.
    ///
    /// # Errors
    /// [`RemoteError`], also when it is larger than 512 MiB.
    pub async fn get_bytes(&mut self, path: &str) -> Result<Bytes, RemoteError> {
        let mut request = self.request(Method::GET, path);
        (request.timeout, request.max_response_bytes) = (FILE_TIME, LARGEST_FILE);
        let response = self.client.send(request).await.map_err(|error| self.away(error.message, None))?;
        if (200..300).contains(&response.status) {
            return Ok(response.body);
        }
        Err(refused(response.status, &serde_json::from_slice(&response.body).unwrap_or_default()))
    }

    async fn call(&mut self, method: Method, path: &str, body: Option<String>) -> Result<Value, RemoteError> {
        let json = |body: Option<String>| body.map(|body| ("application/json", body.into()));
        match self.once(method.clone(), path, json(body.clone())).await {
            // A server that was started again has a new key in its folder.
            Err(RemoteError::Refused { code, .. }) if code == "AUTH-0008" && self.read_key_again() => {
                self.once(method, path, json(body)).await
            }
            other => other,
        }
    }

    fn read_key_again(&mut self) -> bool {
        match find(&self.target) {
            Ok((url, token)) if self.target.token.is_none() && token != self.token => {
                (self.url, self.token) = (url, token);
                true
            }
            _ => false,
        }
    }

    async fn once(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Bytes)>,
    ) -> Result<Value, RemoteError> {
        let mut request = self.request(method, path);
        if let Some((kind, body)) = body {
            request.headers.push(("content-type".into(), kind.into()));
            request.body = Some(body);
        }
        let response = self.client.send(request).await.map_err(|error| self.away(error.message, None))?;
        let value: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if (200..300).contains(&response.status) {
            return Ok(value);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if response.status == 429 || response.status >= 500 && text("code") != "API-0010" {
            let wait =
                response.header("retry-after").and_then(|wait| wait.parse().ok()).map(Duration::from_secs);
            return Err(self.away(format!("it answered {} {}", response.status, text("detail")), wait));
        }
        Err(refused(response.status, &value))
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let mut request = Request::new(method, format!("{}/api/v1{path}", self.url));
        request.timeout = TIMEOUT;
        request.headers.push(("authorization".into(), format!("Bearer {}", self.token)));
        request
    }

    fn away(&self, reason: String, retry_after: Option<Duration>) -> RemoteError {
        RemoteError::Away { url: self.url.clone(), reason, retry_after }
    }

    /// The workflow called `name`, or with that id.
    ///
    /// # Errors
    /// When there is none, or several, or the server cannot be asked.
    pub async fn workflow(&mut self, name: &str) -> anyhow::Result<(String, String)> {
        let list = self.get("/workflows").await?;
        let all = list["items"].as_array().cloned().unwrap_or_default();
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let found: Vec<&Value> = all
            .iter()
            .filter(|item| item["id"] == name || text(item, "name").eq_ignore_ascii_case(name.trim()))
            .collect();
        match found.as_slice() {
            [one] => Ok((text(one, "id"), text(one, "name"))),
            [] => {
                let names: Vec<String> =
                    all.iter().map(|item| format!("\"{}\"", text(item, "name"))).collect();
                bail!("IMP-0005: there is no workflow called \"{name}\". There are: {}", names.join(", "))
            }
            _ => bail!("IMP-0005: several workflows are called \"{name}\"; give the id of one"),
        }
    }
}

fn find(target: &Target) -> anyhow::Result<(String, String)> {
    if let (Some(url), Some(token)) = (&target.url, &target.token) {
        return Ok((url.trim_end_matches('/').to_owned(), token.clone()));
    }
    let local = local_token::read(&target.data)?;
    let url = target.url.as_deref().unwrap_or(&local.url).trim_end_matches('/').to_owned();
    Ok((url, target.token.clone().unwrap_or(local.token)))
}

/// What the server says against a request.
fn refused(status: u16, problem: &Value) -> RemoteError {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    RemoteError::Refused {
        code: if text("code").is_empty() { format!("HTTP {status}") } else { text("code") },
        detail: text("detail"),
        action: text("action"),
        problems: problem_lines(problem.get("problems")),
    }
}

/// Problems as the API lists them, one a line.
#[must_use]
pub fn problem_lines(problems: Option<&Value>) -> Vec<String> {
    let text = |problem: &Value, field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    let line = |problem: &Value| {
        let (step, field) = (text(problem, "step"), text(problem, "field"));
        let place = if step.is_empty() { String::new() } else { format!(" {step}{field}:") };
        let (severity, code) = (text(problem, "severity"), text(problem, "code"));
        format!("{severity} {code}:{place} {} {}", text(problem, "message"), text(problem, "action"))
    };
    problems.and_then(Value::as_array).map(|all| all.iter().map(line).collect()).unwrap_or_default()
}
