//! Runs that somebody paused: what they were told is so, and nothing begins meanwhile.

use crate::laws::{Breach, Law};
use std::collections::BTreeMap;
use trunkline_engine::run::{Effect, Event, Machine, RunId};
use trunkline_store::ports::Stored;

/// What is wrong with the rests of `run`; `pauses` counts those that somebody was told of.
pub(crate) fn judge(run: &Stored, mut machine: Machine, pauses: &BTreeMap<RunId, usize>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let id = run.header.id;
    let journaled = run.events.iter().filter(|event| matches!(event, Event::Paused { .. })).count();
    let told = pauses.get(&id).copied().unwrap_or(0);
    if told > journaled {
        breaches.push(Law::PausedRests.broken(format!("{id} was to rest {told} times and did {journaled}")));
    }
    for event in &run.events {
        let rested = machine.is_paused();
        let begun = machine.apply(event).into_iter().find(begins);
        if let Some(effect) = begun.filter(|_| rested && machine.is_paused()) {
            breaches.push(Law::PausedRests.broken(format!("{id} rests and began {effect:?}")));
        }
    }
    breaches
}

/// Whether `effect` asks for something new.
fn begins(effect: &Effect) -> bool {
    matches!(effect, Effect::Perform { .. } | Effect::Call { .. } | Effect::Slice { .. })
}
