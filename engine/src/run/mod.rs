//! A run: a state machine fed with journaled events that asks for effects.

mod effect;
mod event;
mod frame;
mod machine;
mod record;
#[cfg(test)]
mod tests;

pub use effect::{Effect, Reply, Verdict};
pub use event::{Change, EffectKey, Event, Performed, RunId};
pub use machine::Machine;
pub use record::{MAX_RECORDS, Record, StepRecord, StepStatus};
