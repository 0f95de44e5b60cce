//! The failures of suppression, one function per code; each code has a page under `docs/errors/`.

use super::AddressKind;
use trunkline_engine::failure::{Failure, FailureKind};

/// Something that is no address of its kind.
#[must_use]
pub fn no_address(kind: AddressKind, text: &str) -> Failure {
    let shown: String = text.chars().take(60).collect();
    Failure::bad_input(
        "SUP-0002",
        format!("\"{shown}\" is no {}, so nobody can tell whether it may be written to.", kind.label()),
        "Point the setting at an address, such as the e-mail address of the lead.",
    )
}

pub(super) fn unreadable(detail: &str) -> Failure {
    Failure::bad_input(
        "SUP-0003",
        format!("It cannot be read what the step asked for: {detail}."),
        "Open the step, correct its settings and publish again.",
    )
}

pub(super) fn not_supplied() -> Failure {
    Failure::new(
        "SUP-0004",
        FailureKind::Fatal,
        "An address was to be judged without having been looked up.",
        "This is a fault in Trunkline; please report it with the id of the run.",
    )
}

/// Nobody could look up whether a message may leave, so it does not.
#[must_use]
pub fn not_known(kind: FailureKind, why: &str) -> Failure {
    Failure::new(
        "SUP-0005",
        kind,
        format!("It could not be looked up whether the message may be sent: {why}."),
        "Nothing was sent. It is tried again as the step says; look at what the message says of the store.",
    )
}
