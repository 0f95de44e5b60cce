//! The same run in a world without trouble: its machine alone, every effect answered at once, by the fate that the real
//! world had for it. What others decided (leads, called runs, people) is taken from the journal.

use crate::fate::{self, Fate};
use std::collections::{BTreeMap, VecDeque};
use trunkline_engine::kind::{Awaited, HAPPENED};

use trunkline_engine::run::{Effect, EffectKey, Event, Machine};

/// Runs `machine` with the beginning of `journal` to its end; the journal is that of the run that was cut. The error
/// names an effect that it has no answer to.
pub(crate) fn run(mut machine: Machine, journal: &[Event], seed: u64) -> Result<Machine, String> {
    let mut answered: BTreeMap<EffectKey, usize> = BTreeMap::new();
    let mut others = others(journal);
    let mut open: VecDeque<Effect> = VecDeque::new();
    let mut now = machine.facts().started_at;
    let rests = |event: &&Event| matches!(event, Event::Paused { .. } | Event::Resumed { .. });
    for event in journal.iter().filter(|event| !rests(event)).take_while(|event| begins(event)) {
        now = event.at();
        open.extend(machine.apply(event));
    }
    while let Some(effect) = open.pop_front() {
        let event = match effect {
            Effect::Perform { key, operation, timeout } if !operation.performer.is_internal() => {
                let count = answered.entry(key.clone()).or_default();
                let identity = fate::identity(&operation);
                let result = Fate::of(seed, &identity, *count).result(&identity, &operation, timeout);
                *count += 1;
                Event::Performed { key, result, at: now }
            }
            Effect::Wake { key, at } => {
                now = now.max(at);
                Event::Woke { key, at: now }
            }
            // A lost answer means that it happened, and whoever looks finds that.
            Effect::Await { key, what: Awaited::Decision { operation, .. }, .. } => {
                let output = fate::value(&fate::identity(&operation)).output;
                Event::Signalled { key, port: HAPPENED.into(), output, by: None, at: now }
            }
            Effect::Perform { key, .. }
            | Effect::Call { key, .. }
            | Effect::Slice { key, .. }
            | Effect::Await { key, .. } => {
                let told = others.get_mut(&key).and_then(VecDeque::pop_front);
                told.ok_or_else(|| format!("nobody ever answered {key}"))?
            }
            Effect::Abandon { key } => {
                open.retain(|effect| effect.key() != Some(&key));
                continue;
            }
            Effect::Respond(_) | Effect::Finish(_) => continue,
        };
        open.extend(machine.apply(&event));
    }
    Ok(machine)
}

/// Whether `event` belongs to the beginning of a run.
pub(crate) fn begins(event: &Event) -> bool {
    matches!(
        event,
        Event::Started { .. } | Event::Held { .. } | Event::Released { .. } | Event::Sliced { .. }
    )
}

/// What others decided, by effect: the ends of waits that nobody answered in time are among it.
fn others(journal: &[Event]) -> BTreeMap<EffectKey, VecDeque<Event>> {
    let mut all: BTreeMap<EffectKey, VecDeque<Event>> = BTreeMap::new();
    for event in journal {
        if let Some(key) = event.key() {
            all.entry(key.clone()).or_default().push_back(event.clone());
        }
    }
    all
}
