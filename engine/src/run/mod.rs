//! A run: a state machine fed with journaled events that asks for effects.

mod effect;
mod event;
mod frame;
mod machine;
mod record;
#[cfg(test)]
mod tests;

pub use effect::{Effect, Reply, Slice, Verdict};
pub use event::{Change, EffectKey, Event, Given, HeldFor, Performed, RunId, Stretch, Target};
pub use machine::{Machine, Progress};
pub use record::{MAX_RECORDS, Record, StepRecord, StepStatus};
