//! Why a call to an app fails, as data for the step. No text here holds a secret.

use crate::manifest::fault::FaultClass;
use trunkline_engine::failure::{Failure, FailureKind};

/// The manifest has no such action.
#[must_use]
pub fn unknown_action(app: &str, action: &str) -> Failure {
    Failure::new(
        "CONN-0003",
        FailureKind::Fatal,
        format!("{app} has no action {action} in this version of Trunkline"),
        "Choose another step, or start the version of Trunkline that had it.",
    )
}

fn wrong_input(message: String) -> Failure {
    Failure::bad_input("CONN-0002", message, "Correct the field in the step; its help says what it takes.")
}

/// An input that must be given is not.
#[must_use]
pub fn missing(title: &str) -> Failure {
    wrong_input(format!("\"{title}\" is empty, and the app needs it"))
}

/// An input has another type.
#[must_use]
pub fn wrong_type(title: &str, wanted: &str) -> Failure {
    wrong_input(format!("\"{title}\" is not {wanted}"))
}

/// The limit of a list is out of range.
#[must_use]
pub fn wrong_limit(most: usize) -> Failure {
    wrong_input(format!("\"Most items\" is not a number from 1 to {most}"))
}

/// A list to be sent is empty or none.
#[must_use]
pub fn nothing_to_send(name: &str) -> Failure {
    wrong_input(format!("the list \"{name}\" is empty, so there is nothing to send"))
}

/// A list to be sent is too long.
#[must_use]
pub fn too_many(name: &str, most: usize) -> Failure {
    wrong_input(format!("the list \"{name}\" has more than {most} items; send it in parts"))
}

/// What is to be sent as rows is no list of records.
#[must_use]
pub fn no_rows() -> Failure {
    wrong_input("what is to be sent as rows is no list of records".into())
}

/// An app has not finished its job in the time the step has.
#[must_use]
pub fn still_at_work(app: &str, repeatable: bool) -> Failure {
    let kind = if repeatable { FailureKind::Timeout } else { FailureKind::UnknownOutcome };
    Failure::new(
        "CONN-0020",
        kind,
        format!("{app} is still at work on what it was asked"),
        "Give the step a longer time-out under \"When it fails\", or hand over less at a time.",
    )
}

/// An action stopped half-way, after something was changed that must not be changed twice.
#[must_use]
pub fn half_done(app: &str, why: Failure) -> Failure {
    Failure {
        kind: FailureKind::UnknownOutcome,
        message: format!("{}; some of what the step does in {app} was done before", why.message),
        action: format!("Look in {app} what is missing, and say so in the inbox."),
        ..why
    }
}

/// A value in the path is empty, or would lead elsewhere.
#[must_use]
pub fn unusable_path(source: &str) -> Failure {
    wrong_input(format!("{source} is empty or cannot stand in an address"))
}

/// The address that a template or an answer gives is none.
#[must_use]
pub fn bad_address() -> Failure {
    Failure::new(
        "CONN-0007",
        FailureKind::Fatal,
        "the address that would be called is none",
        "Check the settings of the connection; if they are right, the app's manifest needs a correction.",
    )
}

/// Pages that lead in a circle.
#[must_use]
pub fn endless(most: usize) -> Failure {
    Failure::new(
        "CONN-0007",
        FailureKind::Fatal,
        format!("the list has more than {most} pages, or its pages lead in a circle"),
        "Ask for fewer items, or narrow the search.",
    )
}

/// The answer is not what the manifest expects.
#[must_use]
pub fn unreadable(app: &str, what: &str) -> Failure {
    Failure::new(
        "CONN-0007",
        FailureKind::Fatal,
        format!("{app} gave an answer that cannot be read: {what}"),
        "Try the step again; if it stays, the app has changed and its manifest needs a correction.",
    )
}

/// The credentials must not go to this host.
#[must_use]
pub fn foreign_host(app: &str, host: &str) -> Failure {
    Failure::new(
        "CONN-0008",
        FailureKind::Fatal,
        format!("the call would have sent the credentials of {app} to {host}, which is none of its hosts"),
        "Nothing was sent. Check the settings of the connection and what the step puts into addresses.",
    )
}

/// What `app` answered, by the class of its error.
#[must_use]
pub fn answered(class: FaultClass, kind: FailureKind, app: &str, said: &str) -> Failure {
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    match class {
        FaultClass::Auth | FaultClass::TokenExpired => Failure::new(
            "CONN-0004",
            kind,
            format!("{app} does not accept the connection's credentials{said}"),
            "Open Settings > Connections, test the connection, and connect it again if it fails.",
        ),
        FaultClass::RateLimited => Failure::new(
            "CONN-0005",
            kind,
            format!("{app} asks for fewer calls{said}"),
            "Give the step retries; it then waits as long as the app asks for.",
        ),
        FaultClass::QuotaUsedUp => Failure::new(
            "CONN-0005",
            kind,
            format!("the calls that {app} allows in a day are used up{said}"),
            "The step goes on tomorrow if it has retries. Ask the app's vendor for more calls, or call it less.",
        ),
        FaultClass::Temporary | FaultClass::TemporaryUnsure => Failure::new(
            "CONN-0006",
            kind,
            format!("{app} has trouble of its own{said}"),
            "Usually passes; the step tries again if it has retries.",
        ),
        FaultClass::BadInput | FaultClass::Fatal | FaultClass::Nothing => Failure::new(
            "CONN-0009",
            kind,
            format!("{app} does not accept this{said}"),
            "Correct what the step sends; the app's own words say what it wants.",
        ),
    }
}
