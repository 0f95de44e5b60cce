//! What can go wrong between us and a server, and what it means for a step.

use crate::error::CallError;
use crate::interpreter::failures;
use crate::manifest::fault::FaultClass;
use chrono::{DateTime, Utc};
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};

/// Longest text of another side that is repeated, in characters.
const MOST_SAID: usize = 500;

#[derive(Debug)]
pub(super) enum Trouble {
    /// It does not accept who we are.
    Auth(String),
    /// It does not accept what was sent; nothing was done.
    Unwanted(String),
    /// It cannot do it now; nothing was done.
    Temporary(String),
    /// It asks for fewer; nothing was done.
    TooMany(String),
    /// The connection broke when it may have been done.
    Lost(String),
    /// There was no connection, or no answer in time.
    Call(CallError),
    /// What the step gave, or what is there, cannot be used.
    Failure(Box<Failure>),
}

impl Trouble {
    /// A setting of the connection cannot be used.
    pub(super) fn setting(what: &str) -> Self {
        let failure = Failure::new(
            "CONN-0007",
            FailureKind::Fatal,
            what.to_owned(),
            "Correct the settings of the connection under Settings > Connections.",
        );
        Self::Failure(Box::new(failure))
    }

    /// More came than is taken.
    pub(super) fn too_large(most: u64) -> Self {
        Self::Call(CallError::too_large(most))
    }

    pub(super) fn late(limit: Duration) -> Self {
        Self::Call(CallError::timed_out(limit))
    }

    pub(super) fn into_failure(self, app: &str, is_repeatable: bool, now: DateTime<Utc>) -> Failure {
        let answered = |class: FaultClass, kind, said: &str| {
            let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
            failures::answered(class, kind, app, &said.chars().take(MOST_SAID).collect::<String>())
        };
        match self {
            Self::Auth(said) => answered(FaultClass::Auth, FailureKind::Auth, &said),
            Self::Unwanted(said) => answered(FaultClass::BadInput, FailureKind::BadInput, &said),
            Self::Temporary(said) => answered(FaultClass::Temporary, FailureKind::Temporary, &said),
            Self::TooMany(said) => answered(FaultClass::RateLimited, FailureKind::RateLimited, &said),
            Self::Lost(said) => CallError::broken_off(format!("the connection to {app} broke off: {said}"))
                .into_failure(now, is_repeatable),
            Self::Call(error) => error.into_failure(now, is_repeatable),
            Self::Failure(failure) => *failure,
        }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}
