//! What a plugin did since the server started, for whoever looks after it.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::Serialize;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use utoipa::ToSchema;

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Figures {
    seen: Mutex<Seen>,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Seen {
    /// Calls.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Time of all calls together, in milliseconds; waiting for other systems counts.
    pub total_ms: u64,
    /// Time of the longest call, in milliseconds.
    pub longest_ms: u64,
    /// Most memory of a call, in KiB.
    pub most_memory_kib: u64,
    /// Code of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// What the last failure said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure_message: Option<String>,
    /// When it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_failure_at: Option<DateTime<Utc>>,
}

impl Figures {
    /// Counts a call.
    pub(super) fn note(&self, took: Duration, memory: usize, failure: Option<&Failure>) {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        metrics::histogram!("trunkline_plugin_seconds").record(took);
        let mut seen = self.seen.lock();
        seen.calls += 1;
        seen.total_ms = seen.total_ms.saturating_add(took_ms);
        seen.longest_ms = seen.longest_ms.max(took_ms);
        seen.most_memory_kib = seen.most_memory_kib.max(memory as u64 / 1024);
        if let Some(failure) = failure {
            metrics::counter!("trunkline_plugin_failures_total").increment(1);
            seen.failures += 1;
            seen.last_failure = Some(failure.code.clone().into_owned());
            seen.last_failure_message = Some(failure.message.clone());
            seen.last_failure_at = Some(Utc::now());
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen.lock().clone()
    }
}
