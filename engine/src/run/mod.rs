//! A run: a state machine fed with journaled events that asks for effects.

mod effect;
mod event;

pub use effect::{Effect, Reply, Verdict};
pub use event::{Change, EffectKey, Event, Performed, RunId};
