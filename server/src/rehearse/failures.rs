//! The failures that only rehearsals know, one function per code; each code has a page under `docs/errors/`.

use trunkline_engine::failure::{Failure, FailureKind};

/// Code of [`not_known`].
pub const NOT_KNOWN: &str = "RUN-0030";

/// The old run never asked this, so nobody knows what the answer would have been.
pub(super) fn not_known(what: &str) -> Failure {
    Failure::new(
        NOT_KNOWN,
        FailureKind::Fatal,
        format!("not known from history: {what}"),
        "Nothing was guessed. Try the draft with a dry run instead, which reads live.",
    )
}

/// The store could not be read.
pub(super) fn unreadable(error: &trunkline_store::Error) -> Failure {
    Failure::new(
        "RUN-0031",
        FailureKind::Fatal,
        format!("the rehearsal could not read what it needed: {error}"),
        "Try again; if it stays, look at what the message says of the store.",
    )
}

/// A rehearsal is bounded in steps, time and memory.
pub fn too_much(what: &str) -> Failure {
    Failure::new(
        "RUN-0032",
        FailureKind::Fatal,
        format!("the rehearsal was stopped: {what}"),
        "Rehearse with fewer items, or run the draft itself.",
    )
}
