//! Where an action with several requests stands: which one is due, what the earlier ones were answered, and what has
//! been changed in the app by them.

use super::answer::Answer;
use super::request::is_true;
use crate::manifest::action::{Action, RequestTemplate};
use crate::manifest::chain::Earlier;
use serde_json::{Map, Value};
use std::time::Duration;
use trunkline_engine::expression::Scope;
use trunkline_engine::failure::Failure;

/// Most reads that are asked once more in one call.
const MOST_STUMBLES: u32 = 5;
/// Shortest wait before it.
const AFTER_STUMBLING: Duration = Duration::from_secs(5);

/// The way through the requests of an action.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// How many of the earlier requests are behind us.
    at: usize,
    /// What they were answered, by name.
    pub(super) known: Map<String, Value>,
    /// Whether one of them changed something.
    pub(super) wrote: bool,
    /// How long to wait before the request that is due.
    pub(super) pause: Option<Duration>,
    /// How often a read had to be asked once more.
    stumbles: u32,
}

impl Chain {
    /// The earlier request that is due; `None` when it is the action's own.
    pub(super) fn earlier<'a>(&self, action: &'a Action) -> Option<(&'a str, &'a Earlier)> {
        action.before.get_index(self.at).map(|(name, earlier)| (name.as_str(), earlier))
    }

    /// The request that is due.
    pub(super) fn due<'a>(&self, action: &'a Action) -> &'a RequestTemplate {
        self.earlier(action).map_or(&action.request, |(_, earlier)| &earlier.request)
    }

    /// Whether the request that is due changes something.
    pub(super) fn writes(&self, action: &Action) -> bool {
        match self.earlier(action) {
            Some((_, earlier)) => earlier.writes(),
            // After others, a GET only reads what they came to.
            None => !action.only_reads() && (action.before.is_empty() || !action.request.method.only_asks()),
        }
    }

    /// Waits before the request that is due is asked once more, when that loses nothing: it only reads, and what came
    /// before it would be done again otherwise. Whether it does.
    pub(super) fn stumbles(&mut self, action: &Action, wait: Option<Duration>) -> bool {
        let may = self.at > 0 && self.stumbles < MOST_STUMBLES && !self.writes(action);
        if may {
            self.stumbles += 1;
            self.pause = Some(wait.unwrap_or(AFTER_STUMBLING).max(AFTER_STUMBLING));
        }
        may
    }

    /// Whether the app has done what `request` asks after; if not, it is asked again later.
    pub(super) fn is_done(&mut self, request: &RequestTemplate, seen: &Scope) -> Result<bool, Failure> {
        let is_done = match &request.until {
            Some(until) => is_true(&until.value(seen)?),
            None => true,
        };
        self.pause = (!is_done).then(|| Duration::from_secs(request.every.into()));
        Ok(is_done)
    }

    /// Keeps the answer to `earlier` and goes on.
    pub(super) fn keep(&mut self, name: &str, earlier: &Earlier, answer: Answer) {
        self.wrote |= earlier.writes();
        self.known.insert(name.to_owned(), answer.seen());
        self.at += 1;
    }

    /// Leaves the request that is due out when its condition says so; whether it did.
    pub(super) fn skips(&mut self, action: &Action, seen: &Scope) -> Result<bool, Failure> {
        let Some((_, earlier)) = self.earlier(action) else { return Ok(false) };
        let is_left_out = match &earlier.when {
            Some(when) => !is_true(&when.value(seen)?),
            None => false,
        };
        self.at += usize::from(is_left_out);
        Ok(is_left_out)
    }

    /// Back to the first request, for the next piece of a bulk. What was changed stays changed.
    pub(super) fn again(&mut self) {
        (self.at, self.pause) = (0, None);
        self.known.clear();
    }

    /// The first request that changes something, as far as it can be told beforehand.
    pub(super) fn skip_to_first_write(&mut self, action: &Action) {
        self.at = action.before.values().position(Earlier::writes).unwrap_or(action.before.len());
    }
}
