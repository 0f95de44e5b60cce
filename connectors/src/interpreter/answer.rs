//! Reading an answer: what it means by the manifest's rules, also when an error hides in a 200.

use super::request::is_true;
use super::{failures, rows};
use crate::error::wait_asked;
use crate::manifest::Manifest;
use crate::manifest::action::Action;
use crate::manifest::body::Reads;
use crate::manifest::fault::{FaultClass, FaultRule};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use trunkline_engine::expression::Scope;
use trunkline_engine::failure::{Failure, FailureKind};

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
    /// Why the body is not what it should be.
    pub unread: Option<String>,
}

impl Answer {
    /// Reads `bytes` as JSON.
    #[must_use]
    pub fn read(status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Self {
        Self::read_as(Reads::Json, status, headers, bytes)
    }

    /// Reads `bytes` as what is awaited; what is no success as JSON, if it is some.
    #[must_use]
    pub fn read_as(reads: Reads, status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Self {
        let is_success = (200..300).contains(&status);
        if is_success && reads == Reads::Text {
            return Self { status, headers, body: String::from_utf8_lossy(bytes).into(), unread: None };
        }
        if is_success && reads == Reads::Csv {
            // An app that hides errors in a success says them as JSON also where rows are awaited.
            if bytes.trim_ascii_start().starts_with(b"{")
                && let Ok(body) = serde_json::from_slice(bytes)
            {
                return Self { status, headers, body, unread: Some("it is not CSV".into()) };
            }
            let (body, unread) = match rows::read(bytes) {
                Ok(rows) => (rows, None),
                Err(why) => (Value::Null, Some(format!("it is not CSV: {why}"))),
            };
            return Self { status, headers, body, unread };
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self { status, headers, body: Value::Null, unread: None };
        }
        match serde_json::from_slice(bytes) {
            Ok(body) => Self { status, headers, body, unread: None },
            Err(_) => {
                let text: String = String::from_utf8_lossy(bytes).chars().take(MOST_SAID).collect();
                Self { status, headers, body: text.into(), unread: Some("it is not JSON".into()) }
            }
        }
    }

    /// Of a request that was not sent.
    pub(super) fn nothing() -> Self {
        Self { status: 0, headers: Vec::new(), body: Value::Null, unread: None }
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

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self { failure, is_token: false }
    }
}

/// How answers to one request are judged.
pub(super) struct Judge<'a> {
    pub(super) manifest: &'a Manifest,
    /// The request's own rules, which come first.
    pub(super) own: &'a [FaultRule],
    pub(super) action: &'a Action,
    /// Whether nobody knows what became of a write when this answer is lost.
    pub(super) is_lost: bool,
}

impl Judge<'_> {
    /// The answer if it is one, else what it means. `see` gives what rules see of it.
    pub(super) fn answer(
        &self,
        answer: Answer,
        see: impl FnOnce(Answer) -> Scope,
        now: DateTime<Utc>,
    ) -> Result<Answer, Fault> {
        let status = answer.status;
        let rules = || self.own.iter().chain(&self.action.faults).chain(&self.manifest.faults);
        // Most answers are plain successes, and no rule speaks of their status: nothing is copied for them.
        let is_plain = (200..300).contains(&status)
            && rules()
                .all(|rule| !rule.status.is_empty() && !rule.status.iter().any(|span| span.holds(status)));
        if is_plain {
            return self.readable(answer);
        }
        let seen = see(answer.clone());
        for rule in rules() {
            if fits(rule, status, &seen)? {
                if rule.class == FaultClass::Nothing {
                    return Ok(Answer { body: Value::Null, unread: None, ..answer });
                }
                return Err(self.fault(Some(rule), rule.class, &answer, &seen, now)?);
            }
        }
        match by_status(status) {
            None => self.readable(answer),
            Some(class) => Err(self.fault(None, class, &answer, &seen, now)?),
        }
    }

    fn readable(&self, answer: Answer) -> Result<Answer, Fault> {
        let Some(why) = &answer.unread else { return Ok(answer) };
        let mut failure = failures::unreadable(&self.manifest.name, why);
        if self.is_lost {
            failure.kind = FailureKind::UnknownOutcome;
        }
        Err(failure.into())
    }

    fn fault(
        &self,
        rule: Option<&FaultRule>,
        class: FaultClass,
        answer: &Answer,
        seen: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Fault, Failure> {
        let said = match rule.and_then(|rule| rule.message.as_ref()) {
            Some(message) => message.text(seen)?,
            None => self.manifest.says.text(seen)?,
        };
        let said: String =
            said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_SAID).collect();
        let said = if said.is_empty() { format!("it answered {}", answer.status) } else { said };
        let mut kind = class.kind().unwrap_or(FailureKind::Fatal);
        if class == FaultClass::TemporaryUnsure && self.is_lost {
            kind = FailureKind::UnknownOutcome;
        }
        let mut failure = failures::answered(class, kind, &self.manifest.name, &said);
        failure.retry_at = wait(rule, answer, seen, now)?.or_else(|| {
            let tomorrow = now.date_naive().checked_add_days(Days::new(1))?;
            (class == FaultClass::QuotaUsedUp).then(|| tomorrow.and_time(NaiveTime::MIN).and_utc())
        });
        Ok(Fault { failure, is_token: class == FaultClass::TokenExpired })
    }
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
