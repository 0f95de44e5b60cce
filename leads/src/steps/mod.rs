//! The step kinds of this crate, one per file.

use trunkline_engine::kind::StepKind;

/// All of them, in palette order.
#[must_use]
pub fn all() -> Vec<StepKind> {
    Vec::new()
}
