//! Reading an answer: what it means by the manifest's rules, also when an error hides in a 200.

use super::request::is_true;
use super::{Order, failures, scope};
use crate::error::wait_asked;
use crate::manifest::Manifest;
use crate::manifest::action::{Action, Answers};
use crate::manifest::fault::{FaultClass, FaultRule};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use trunkline_engine::expression::Scope;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::Promise;

/// Most letters that are told of what an app says.
const MOST_SAID: usize = 500;
/// No wait that an app asks for is believed beyond this.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body: JSON, a text when it is none, nothing when it is empty.
    pub body: Value,
    /// Whether the body was JSON or empty.
    pub is_json: bool,
}

impl Answer {
    /// An answer whose body is written as `answers` says, where it is no error in JSON.
    #[must_use]
    pub fn read_as(answers: Answers, status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Self {
        let is_success = (200..300).contains(&status);
        let is_json = bytes.trim_ascii_start().first().is_some_and(|first| b"{[".contains(first));
        match answers {
            Answers::Csv if is_success && !is_json => match table(bytes) {
                Some(body) => Self { status, headers, body, is_json: true },
                None => Self::read(status, headers, bytes),
            },
            _ => Self::read(status, headers, bytes),
        }
    }

    /// Reads `bytes`.
    #[must_use]
    pub fn read(status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Self {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self { status, headers, body: Value::Null, is_json: true };
        }
        match serde_json::from_slice(bytes) {
            Ok(body) => Self { status, headers, body, is_json: true },
            Err(_) => {
                let text: String = String::from_utf8_lossy(bytes).chars().take(MOST_SAID).collect();
                Self { status, headers, body: text.into(), is_json: false }
            }
        }
    }

    /// The first value of a header, by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What templates see of it.
    pub(super) fn seen(self) -> Value {
        let headers: serde_json::Map<String, Value> =
            self.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        let mut seen = json!({ "status": self.status, "headers": headers });
        seen["body"] = self.body;
        seen
    }
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// As data for the step.
    pub failure: Failure,
    /// A new token may help.
    pub is_token: bool,
}

/// A table with commas as records by the names in its first row; `None` when it is none.
fn table(bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let names: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for row in reader.records().take(super::MOST_ITEMS) {
        let row = row.ok()?;
        let fields = names.iter().zip(row.iter()).map(|(name, value)| (name.clone(), value.into()));
        rows.push(Value::Object(fields.collect()));
    }
    Some(Value::Array(rows))
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self { failure, is_token: false }
    }
}

/// The answer if it is one, else what it means.
pub(super) fn judge(
    manifest: &Manifest,
    action: &Action,
    order: &Order,
    answer: Answer,
    now: DateTime<Utc>,
) -> Result<Answer, Fault> {
    let status = answer.status;
    let rules = || action.faults.iter().chain(&manifest.faults);
    // Most answers are plain successes, and no rule speaks of their status: nothing is copied for them.
    let is_plain = (200..300).contains(&status)
        && rules().all(|rule| !rule.status.is_empty() && !rule.status.iter().any(|span| span.holds(status)));
    if is_plain {
        return readable(manifest, action, answer);
    }
    let seen = scope(order, order.input.clone(), Some(answer.clone()), None);
    for rule in rules() {
        if fits(rule, status, &seen)? {
            if rule.class == FaultClass::Nothing {
                return Ok(Answer { body: Value::Null, is_json: true, ..answer });
            }
            return Err(fault(manifest, action, Some(rule), rule.class, &answer, &seen, now)?);
        }
    }
    match by_status(status) {
        None => readable(manifest, action, answer),
        Some(class) => Err(fault(manifest, action, None, class, &answer, &seen, now)?),
    }
}

fn readable(manifest: &Manifest, action: &Action, answer: Answer) -> Result<Answer, Fault> {
    if answer.is_json {
        return Ok(answer);
    }
    let mut failure = failures::unreadable(&manifest.name, "it is not JSON");
    if is_lost(action) {
        failure.kind = FailureKind::UnknownOutcome;
    }
    Err(failure.into())
}

fn fits(rule: &FaultRule, status: u16, seen: &Scope) -> Result<bool, Failure> {
    if !rule.status.is_empty() && !rule.status.iter().any(|span| span.holds(status)) {
        return Ok(false);
    }
    match &rule.when {
        None => Ok(true),
        Some(when) => Ok(is_true(&when.value(seen)?)),
    }
}

/// What a status means that no rule speaks of; `None` for a success.
fn by_status(status: u16) -> Option<FaultClass> {
    Some(match status {
        200..=299 => return None,
        401 | 403 | 407 => FaultClass::Auth,
        429 => FaultClass::RateLimited,
        425 | 503 => FaultClass::Temporary,
        408 | 500 | 502 | 504 | 507..=599 => FaultClass::TemporaryUnsure,
        400..=499 => FaultClass::BadInput,
        _ => FaultClass::Fatal,
    })
}

/// Whether nobody knows what became of a write of this action when its answer is lost.
fn is_lost(action: &Action) -> bool {
    matches!(action.promise(), Promise::Checked | Promise::Uncertain)
}

fn fault(
    manifest: &Manifest,
    action: &Action,
    rule: Option<&FaultRule>,
    class: FaultClass,
    answer: &Answer,
    seen: &Scope,
    now: DateTime<Utc>,
) -> Result<Fault, Failure> {
    let said = match rule.and_then(|rule| rule.message.as_ref()) {
        Some(message) => message.text(seen)?,
        None => manifest.says.text(seen)?,
    };
    let said: String =
        said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_SAID).collect();
    let said = if said.is_empty() { format!("it answered {}", answer.status) } else { said };
    let mut kind = class.kind().unwrap_or(FailureKind::Fatal);
    if class == FaultClass::TemporaryUnsure && is_lost(action) {
        kind = FailureKind::UnknownOutcome;
    }
    let mut failure = failures::answered(class, kind, &manifest.name, &said);
    failure.retry_at = wait(rule, answer, seen, now)?.or_else(|| {
        let tomorrow = now.date_naive().checked_add_days(Days::new(1))?;
        (class == FaultClass::QuotaUsedUp).then(|| tomorrow.and_time(NaiveTime::MIN).and_utc())
    });
    Ok(Fault { failure, is_token: class == FaultClass::TokenExpired })
}

fn wait(
    rule: Option<&FaultRule>,
    answer: &Answer,
    seen: &Scope,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Failure> {
    let told = match rule.and_then(|rule| rule.retry_after.as_ref()) {
        Some(seconds) => {
            let seconds = seconds.value(seen)?;
            let seconds = seconds.as_f64().or_else(|| seconds.as_str()?.trim().parse().ok());
            seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        }
        None => answer.header("retry-after").and_then(|value| wait_asked(value, SystemTime::from(now))),
    };
    let wait = told.and_then(|wait| TimeDelta::from_std(wait.min(LONGEST_WAIT)).ok());
    Ok(wait.and_then(|wait| now.checked_add_signed(wait)))
}
