//! The step kinds of suppression, one per file.

mod check_suppression;
mod suppress;

use trunkline_engine::kind::StepKind;

/// All of them, in palette order.
#[must_use]
pub fn all() -> Vec<StepKind> {
    vec![suppress::kind(), check_suppression::kind()]
}
