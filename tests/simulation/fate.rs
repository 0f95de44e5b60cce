//! What the world outside does with a call. It depends on the seed, on whose call it is and on how many answers to it
//! are journaled, and on nothing else: so a run that was cut off meets the same world as one that was not.

use crate::chance::Chance;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Access, Operation};
use trunkline_engine::run::Performed;
use trunkline_server::runner::gate::is_unrepeatable;

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    /// How long it is on its way.
    pub(crate) arrives_after: Duration,
    /// How long the answer is on its way.
    pub(crate) answers_after: Duration,
    pub(crate) what: What,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// It happens, and the answer comes.
    Answers,
    /// It happens, and the answer gets lost.
    Lost,
    /// It does not happen, and the other side says so.
    Fails(FailureKind),
}

impl Fate {
    /// The fate of the call `identity` when `answered` answers to it are journaled.
    pub(crate) fn of(seed: u64, identity: &str, answered: usize) -> Self {
        let mut chance = Chance::of(seed, &format!("fate {identity} {answered}"));
        let what = match chance.below(100) {
            0..70 => What::Answers,
            70..78 => What::Lost,
            78..90 => What::Fails(FailureKind::Temporary),
            90..95 => What::Fails(FailureKind::RateLimited),
            _ => What::Fails(FailureKind::Fatal),
        };
        let mut time = || {
            let slow = chance.percent(10);
            Duration::from_millis(if slow { chance.between(500, 4_000) } else { chance.between(1, 300) })
        };
        Self { arrives_after: time(), answers_after: time(), what }
    }

    /// What the step is told in the end.
    pub(crate) fn result(
        self,
        identity: &str,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        match self.what {
            What::Answers => Ok(value(identity)),
            What::Lost => {
                let kind = if is_unrepeatable(operation) {
                    FailureKind::UnknownOutcome
                } else {
                    FailureKind::Timeout
                };
                let message = format!("no whole answer came within {} s", timeout.as_secs_f32());
                Err(Failure::new("CALL-0004", kind, message, "Give the step a longer time-out."))
            }
            What::Fails(kind) => Err(Failure::new("CALL-0099", kind, "the other side said no", "Ask them.")),
        }
    }
}

/// What the other side answers to `identity`, whenever it is asked.
pub(crate) fn value(identity: &str) -> Performed {
    let number = Chance::of(7, identity).below(1_000);
    let body = serde_json::json!({ "of": identity, "number": number });
    Performed {
        output: serde_json::json!({ "status": 200, "headers": {}, "body": body }),
        why: Some("The service answered 200.".into()),
        written: Vec::new(),
    }
}

/// Pages of the list that comes page by page, and items on each.
pub(crate) const PAGES: u64 = 3;
pub(crate) const ON_A_PAGE: u64 = 3;

/// The page that `operation` asks for, if it asks for one: always the same, as soon as it is asked.
pub(crate) fn page(operation: &Operation) -> Option<Performed> {
    let url = operation.input["url"].as_str()?;
    let number: u64 = url.strip_prefix("https://world.example/pages?page=")?.parse().ok()?;
    let count = if number <= PAGES { ON_A_PAGE } else { 0 };
    let items: Vec<u64> = (0..count).map(|item| (number - 1) * ON_A_PAGE + item).collect();
    let output = serde_json::json!({ "status": 200, "headers": {}, "body": { "results": items } });
    Some(Performed { output, why: None, written: Vec::new() })
}

/// Whose call `operation` is, as its address says: `<run>/<step>`, and the item within a loop.
pub(crate) fn identity(operation: &Operation) -> String {
    let url = operation.input["url"].as_str().unwrap_or_default();
    url.trim_start_matches("https://world.example/").trim_end_matches('/').to_owned()
}

/// The key under which the other side remembers a write.
pub(crate) fn sent_key(operation: &Operation) -> Option<String> {
    let headers = operation.input["headers"].as_array()?;
    let header = headers.iter().find(|header| header[0] == "Idempotency-Key")?;
    header[1].as_str().map(ToOwned::to_owned)
}

/// Whether `operation` changes anything.
pub(crate) fn writes(operation: &Operation) -> bool {
    operation.access == Access::Write
}
