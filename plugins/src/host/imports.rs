//! What a guest imports, done by the host: every word of it is the word of a stranger, so each has a bound.

use super::bindings::trunkline::plugin::{clock, http, log, random, state, types};
use super::meter::Meter;
use crate::description::{Capabilities, Effect};
use crate::failures;
use crate::limits::{LONGEST_KEY, LONGEST_LINE, LONGEST_VALUE, MOST_KEPT, MOST_RANDOM, MOST_REQUESTS};
use crate::outside::{Outside, Request};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::failure::{Failure, FailureKind};
use wasmtime::bail;

/// Methods that change nothing.
const LOOKING: [&str; 2] = ["GET", "HEAD"];

/// A guest, as the host sees it during one call.
pub(super) struct Guest {
    pub(super) plugin: Arc<str>,
    pub(super) meter: Meter,
    pub(super) effect: Effect,
    pub(super) capabilities: Arc<Capabilities>,
    pub(super) outside: Arc<dyn Outside>,
    pub(super) now: u64,
    pub(super) chance: Chance,
    /// What it keeps, once it has ended well.
    pub(super) kept: BTreeMap<String, Option<String>>,
    pub(super) requests: u32,
    /// Whether a call that may change something has left.
    pub(super) may_have_written: bool,
}

/// Bytes that nobody can tell from chance and that are the same for the same key.
pub(super) struct Chance {
    key: [u8; 32],
    drawn: u64,
    left: u32,
}

impl Chance {
    pub(super) fn of(key: &str) -> Self {
        let key = Sha256::new().chain_update(b"trunkline chance 1\n").chain_update(key).finalize().into();
        Self { key, drawn: 0, left: MOST_RANDOM }
    }

    fn draw(&mut self, count: u32) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(count)?;
        let mut bytes = Vec::with_capacity(count as usize + 32);
        while bytes.len() < count as usize {
            let block =
                Sha256::new().chain_update(self.key).chain_update(self.drawn.to_le_bytes()).finalize();
            bytes.extend_from_slice(&block);
            self.drawn += 1;
        }
        bytes.truncate(count as usize);
        Some(bytes)
    }
}

impl types::Host for Guest {}

impl log::Host for Guest {
    async fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        if !self.meter.line() {
            bail!("too many lines");
        }
        let mut end = message.len().min(LONGEST_LINE);
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        let (plugin, line) = (&*self.plugin, failures::said(&message[..end]));
        match level {
            log::Level::Debug => tracing::debug!(plugin, line, "a plugin says"),
            log::Level::Info => tracing::info!(plugin, line, "a plugin says"),
            log::Level::Warn => tracing::warn!(plugin, line, "a plugin says"),
            log::Level::Error => tracing::error!(plugin, line, "a plugin says"),
        }
        Ok(())
    }
}

impl clock::Host for Guest {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.now)
    }
}

impl random::Host for Guest {
    async fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        match self.chance.draw(count) {
            Some(bytes) => Ok(bytes),
            None => bail!("more than {MOST_RANDOM} random bytes in one call"),
        }
    }
}

impl http::Host for Guest {
    async fn send(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, types::Failure>> {
        let request = Request {
            method: request.method.to_ascii_uppercase(),
            url: request.url,
            headers: request.headers,
            body: request.body,
            connection: request.connection,
        };
        if let Err(failure) = self.may_send(&request) {
            return Ok(Err(as_guest_sees(&failure)));
        }
        self.requests += 1;
        let is_change = !LOOKING.contains(&request.method.as_str());
        self.may_have_written |= is_change;
        Ok(match self.outside.send(request).await {
            Ok(response) => {
                Ok(http::Response { status: response.status, headers: response.headers, body: response.body })
            }
            Err(failure) => Err(as_guest_sees(&failure)),
        })
    }
}

impl Guest {
    /// Whether the call is one that the plugin declared. The server checks hosts again, at every redirect.
    fn may_send(&self, request: &Request) -> Result<(), Failure> {
        let out_of_reach = |what: String| Err(failures::out_of_reach(&self.plugin, &what));
        let is_look = LOOKING.contains(&request.method.as_str());
        match self.effect {
            Effect::Pure => return out_of_reach("a step that only computes calls no other system".into()),
            Effect::Read if !is_look => {
                return out_of_reach(format!(
                    "a step that only reads sends no {}",
                    failures::said(&request.method)
                ));
            }
            _ => {}
        }
        if self.requests >= MOST_REQUESTS {
            return out_of_reach(format!("more than {MOST_REQUESTS} calls to other systems in one step"));
        }
        if request.connection.is_some() && self.capabilities.connections.is_empty() {
            return out_of_reach("it declares no connections".into());
        }
        if request.connection.is_none() && self.capabilities.hosts.is_empty() {
            return out_of_reach("it declares no hosts".into());
        }
        Ok(())
    }

    fn may_keep(&self, key: &str) -> Result<(), Failure> {
        if !self.capabilities.state || self.effect == Effect::Pure {
            return Err(failures::out_of_reach(&self.plugin, "it declares no state for this step"));
        }
        if key.is_empty() || key.len() > LONGEST_KEY {
            let what = format!("a name of 1 to {LONGEST_KEY} bytes is allowed");
            return Err(failures::keeps_too_much(&self.plugin, &what));
        }
        Ok(())
    }

    fn keep(&mut self, key: String, value: Option<String>) -> Result<(), Failure> {
        self.may_keep(&key)?;
        if self.effect != Effect::Write {
            return Err(failures::out_of_reach(&self.plugin, "a step that only reads keeps nothing"));
        }
        if value.as_ref().is_some_and(|value| value.len() > LONGEST_VALUE) {
            let what = format!("a value of more than {LONGEST_VALUE} bytes");
            return Err(failures::keeps_too_much(&self.plugin, &what));
        }
        if self.kept.len() >= MOST_KEPT && !self.kept.contains_key(&key) {
            return Err(failures::keeps_too_much(
                &self.plugin,
                &format!("more than {MOST_KEPT} values in one step"),
            ));
        }
        self.kept.insert(key, value);
        Ok(())
    }
}

impl state::Host for Guest {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, types::Failure>> {
        if let Err(failure) = self.may_keep(&key) {
            return Ok(Err(as_guest_sees(&failure)));
        }
        if let Some(value) = self.kept.get(&key) {
            return Ok(Ok(value.clone()));
        }
        Ok(self.outside.kept(key).await.map_err(|failure| as_guest_sees(&failure)))
    }

    async fn set(
        &mut self,
        key: String,
        value: Option<String>,
    ) -> wasmtime::Result<Result<(), types::Failure>> {
        Ok(self.keep(key, value).map_err(|failure| as_guest_sees(&failure)))
    }
}

/// A failure of ours, as the guest may hand it on.
fn as_guest_sees(failure: &Failure) -> types::Failure {
    let kind = match failure.kind {
        FailureKind::BadInput => types::FailureKind::BadInput,
        FailureKind::Auth => types::FailureKind::Auth,
        FailureKind::RateLimited => types::FailureKind::RateLimited,
        FailureKind::Temporary | FailureKind::Timeout => types::FailureKind::Temporary,
        FailureKind::Fatal => types::FailureKind::Fatal,
        FailureKind::UnknownOutcome => types::FailureKind::UnknownOutcome,
    };
    let wait = failure.retry_at.map(|until| (until - chrono::Utc::now()).num_seconds().max(0));
    types::Failure {
        kind,
        message: format!("{} ({})", failure.message, failure.code),
        retry_after_seconds: wait.and_then(|seconds| u32::try_from(seconds).ok()),
    }
}
