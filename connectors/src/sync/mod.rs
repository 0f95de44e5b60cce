//! Keeping records of two apps in step: what has to be written ([`plan`](mod@plan)), and the step that asks both sides and
//! writes it.
//!
//! What both sides had when they last agreed lies in a data table that people can look at. The step only says what it wants
//! read and written, one effect after the other; each is journaled, so that a crash anywhere repeats nothing blindly.

mod party;
pub mod plan;
mod progress;
mod step;

pub(crate) use step::kind;
