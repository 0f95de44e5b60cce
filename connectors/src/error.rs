//! What went wrong in a call, and what may be done about it.

use crate::resolver::RefusedName;
use chrono::{DateTime, TimeDelta, Utc};
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};
use trunkline_engine::failure::{Failure, FailureKind};

/// No `Retry-After` is believed beyond this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A call that did not succeed. The texts name no header, body or query, so they hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallError {
    /// Stable code with a page under `docs/errors/`.
    pub code: &'static str,
    /// Whether and when trying again can help.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// What to do now.
    pub action: &'static str,
    /// How long the other side asked us to wait.
    pub retry_after: Option<Duration>,
    /// The request may have reached the other side and taken effect there, though no whole answer came.
    pub outcome_unknown: bool,
}

impl CallError {
    fn new(code: &'static str, kind: FailureKind, message: impl Into<String>, action: &'static str) -> Self {
        Self { code, kind, message: message.into(), action, retry_after: None, outcome_unknown: false }
    }

    fn with_outcome_unknown(self) -> Self {
        Self { outcome_unknown: true, ..self }
    }

    /// The failure of a step, as of `now`. With `repeatable` false (a write that may not be done twice)
    /// a call whose outcome nobody knows becomes [`FailureKind::UnknownOutcome`] and is never retried.
    #[must_use]
    pub fn into_failure(self, now: DateTime<Utc>, repeatable: bool) -> Failure {
        let kind = if self.outcome_unknown && !repeatable { FailureKind::UnknownOutcome } else { self.kind };
        let retry_at = self
            .retry_after
            .and_then(|wait| TimeDelta::from_std(wait).ok())
            .and_then(|wait| now.checked_add_signed(wait));
        Failure { retry_at, ..Failure::new(self.code, kind, self.message, self.action) }
    }

    pub(crate) fn bad_address(message: impl Into<String>) -> Self {
        Self::new(
            "CALL-0001",
            FailureKind::BadInput,
            message,
            "Give a whole address that begins with https:// or http:// and holds no user name or password.",
        )
    }

    pub(crate) fn refused_address(host: &str) -> Self {
        Self::new(
            "CALL-0002",
            FailureKind::Fatal,
            format!("{host} is not on the public internet, and calls to private addresses are refused"),
            "Ask the administrator to allow this host, or use the public address of the service.",
        )
    }

    pub(crate) fn foreign_host(host: &str) -> Self {
        Self::new(
            "CALL-0014",
            FailureKind::Fatal,
            format!("{host} is none of the hosts that may be called here over a safe connection"),
            "Call one of the hosts that were approved; if the service redirected, use its final address.",
        )
    }

    pub(crate) fn no_connection(message: String) -> Self {
        Self::new(
            "CALL-0003",
            FailureKind::Temporary,
            message,
            "Check the host name and that the service is up; the step tries again if it has retries.",
        )
    }

    fn bad_certificate(host: &str, error: &rustls::CertificateError) -> Self {
        use rustls::CertificateError as Certificate;
        let why = match error {
            Certificate::Expired | Certificate::ExpiredContext { .. } => "it has expired".to_owned(),
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "it is not valid yet".to_owned()
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "it is for another name".to_owned()
            }
            Certificate::UnknownIssuer => "nobody this machine trusts has issued it".to_owned(),
            Certificate::Revoked => "it was revoked".to_owned(),
            other => format!("{other:?}").chars().take(100).collect(),
        };
        Self::new(
            "CALL-0013",
            FailureKind::Fatal,
            format!("the certificate of {host} is not accepted: {why}"),
            "Nothing was sent. Tell the operator of the service; retries do not help before the certificate is mended.",
        )
    }

    pub(crate) fn timed_out(limit: Duration) -> Self {
        Self::new(
            "CALL-0004",
            FailureKind::Timeout,
            format!("no whole answer came within {} s", limit.as_secs_f32()),
            "Give the step a longer time-out, or look at why the service is slow.",
        )
        .with_outcome_unknown()
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        Self::new(
            "CALL-0005",
            FailureKind::Fatal,
            format!("the answer is larger than the {limit} bytes allowed"),
            "Ask the service for less at a time, for example with a page size or a filter.",
        )
        .with_outcome_unknown()
    }

    pub(crate) fn too_many_values(limit: usize) -> Self {
        Self::new(
            "CALL-0005",
            FailureKind::Fatal,
            format!("the answer holds more than the {limit} values allowed"),
            "Ask the service for less at a time, for example with a page size or a filter.",
        )
        .with_outcome_unknown()
    }

    pub(crate) fn broken_off(message: String) -> Self {
        Self::new(
            "CALL-0006",
            FailureKind::Temporary,
            message,
            "Usually a passing fault of the network or the service; the step tries again if it has retries.",
        )
        .with_outcome_unknown()
    }

    pub(crate) fn bad_redirect(message: impl Into<String>) -> Self {
        Self::new(
            "CALL-0007",
            FailureKind::Fatal,
            message,
            "Use the final address of the service; open it in a browser to see where it leads.",
        )
    }

    pub(crate) fn bad_header(message: String) -> Self {
        Self::new(
            "CALL-0012",
            FailureKind::BadInput,
            message,
            "Correct the header: names are letters, digits and dashes, values are one line.",
        )
    }

    /// What a status outside 2xx stands for.
    pub(crate) fn from_status(status: u16, retry_after: Option<&str>) -> Option<Self> {
        let answered = |what: &str| format!("the service answered {status}: {what}");
        let error = match status {
            200..=299 => return None,
            401 | 403 | 407 => Self::new(
                "CALL-0008",
                FailureKind::Auth,
                answered("it does not accept our credentials"),
                "Check the key or token of this step and what it is allowed to do.",
            ),
            429 => Self::new(
                "CALL-0009",
                FailureKind::RateLimited,
                answered("too many calls"),
                "Give the step retries, or send fewer events at a time.",
            ),
            408 | 425 | 500 | 502..=504 | 507..=599 => Self::new(
                "CALL-0010",
                FailureKind::Temporary,
                answered("it has trouble of its own"),
                "Usually passes; the step tries again if it has retries. If it stays, ask the service's support.",
            ),
            400..=499 => Self::new(
                "CALL-0011",
                FailureKind::BadInput,
                answered("it does not accept this request"),
                "Compare the address, headers and body of the step with the service's documentation.",
            ),
            _ => Self::new(
                "CALL-0011",
                FailureKind::Fatal,
                answered("it cannot serve this request"),
                "Compare the address, headers and body of the step with the service's documentation.",
            ),
        };
        let retry_after = retry_after.and_then(|value| wait_asked(value, SystemTime::now()));
        // A server that stumbled, or a gateway that gave up, may have acted on the request before. A
        // plain "not available" (503) has not.
        let outcome_unknown = matches!(status, 408 | 500 | 502 | 504 | 520..=599);
        Some(Self { retry_after, outcome_unknown, ..error })
    }

    /// A request that got no headers back.
    pub(crate) fn from_sending(error: &reqwest::Error, host: &str) -> Self {
        if find::<RefusedName>(error).is_some() {
            return Self::refused_address(host);
        }
        if let Some(reason) = certificate(error) {
            return Self::bad_certificate(host, reason);
        }
        if error.is_connect() {
            let reason = innermost(error);
            return Self::no_connection(format!("no connection to {host}: {reason}"));
        }
        if error.is_builder() {
            return Self::bad_address(format!(
                "the address or a header cannot be sent: {}",
                innermost(error)
            ));
        }
        Self::broken_off(format!("the connection to {host} broke off: {}", innermost(error)))
    }

    /// An answer whose body could not be read to its end.
    pub(crate) fn from_reading(error: &reqwest::Error) -> Self {
        Self::broken_off(format!("the answer broke off: {}", innermost(error)))
    }
}

/// The deepest cause says most; the outer ones repeat the URL, which may hold a secret.
fn innermost(error: &reqwest::Error) -> String {
    let cause = deepest(error);
    if cause.is::<reqwest::Error>() { "no further reason was given".to_owned() } else { cause.to_string() }
}

/// The cause that no other is behind.
pub(crate) fn deepest<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause
}

/// What is wrong with the other side's certificate, if that is why.
fn certificate(error: &reqwest::Error) -> Option<&rustls::CertificateError> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = cause {
        if let Some(rustls::Error::InvalidCertificate(reason)) = of_tls(current) {
            return Some(reason);
        }
        cause = current.source();
    }
    None
}

/// An I/O error gives what is inside of it only when asked by name.
fn of_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    error.downcast_ref().or_else(|| of_tls(error.downcast_ref::<std::io::Error>()?.get_ref()?))
}

fn find<E: StdError + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        cause = current.source();
    }
    None
}

/// Reads `Retry-After`: a number of seconds, or a date.
pub(crate) fn wait_asked(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let until = SystemTime::from(DateTime::parse_from_rfc2822(value).ok()?);
        until.duration_since(now).unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_becomes_the_kind_that_says_what_to_do() {
        let kinds = [
            (400, FailureKind::BadInput),
            (401, FailureKind::Auth),
            (403, FailureKind::Auth),
            (404, FailureKind::BadInput),
            (408, FailureKind::Temporary),
            (422, FailureKind::BadInput),
            (429, FailureKind::RateLimited),
            (500, FailureKind::Temporary),
            (501, FailureKind::Fatal),
            (503, FailureKind::Temporary),
            (304, FailureKind::Fatal),
        ];
        for (status, kind) in kinds {
            assert_eq!(CallError::from_status(status, None).unwrap().kind, kind, "{status}");
        }
        assert_eq!(CallError::from_status(204, None), None);
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_date_and_bounded() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 60);
        assert_eq!(wait_asked("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait_asked("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(60)));
        let past = now + Duration::from_secs(3600);
        assert_eq!(wait_asked("Sun, 06 Nov 1994 08:49:37 GMT", past), Some(Duration::ZERO));
        assert_eq!(wait_asked("18446744073709551615", now), Some(LONGEST_RETRY_AFTER));
        assert_eq!(wait_asked("soon", now), None);
    }

    #[test]
    fn a_write_of_unknown_outcome_is_not_retried() {
        let now = Utc::now();
        let error = CallError::timed_out(Duration::from_secs(5));
        assert_eq!(error.clone().into_failure(now, false).kind, FailureKind::UnknownOutcome);
        assert_eq!(error.into_failure(now, true).kind, FailureKind::Timeout);
        let limited = CallError::from_status(429, Some("7")).unwrap().into_failure(now, false);
        assert_eq!(limited.kind, FailureKind::RateLimited);
        assert_eq!(limited.retry_at, Some(now + TimeDelta::seconds(7)));
    }
}
