//! The same run in a world without trouble: its machine alone, every effect answered at once, by the fate that the real
//! world had for it. What others decided (leads, called runs, people) is taken from the journal.

use crate::fate::{self, Fate};
use std::collections::{BTreeMap, VecDeque};

use trunkline_engine::run::{Effect, EffectKey, Event, Machine};

/// Runs `machine` from `first` to its end; `journal` is that of the run that was cut. The error names an effect that the
/// journal has no answer to.
pub(crate) fn run(
    mut machine: Machine,
    first: &Event,
    journal: &[Event],
    seed: u64,
) -> Result<Machine, String> {
    let mut answered: BTreeMap<EffectKey, usize> = BTreeMap::new();
    let mut others = others(journal);
    let mut open: VecDeque<Effect> = machine.apply(first).into();
    let mut now = first.at();
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
            Effect::Perform { key, .. } | Effect::Call { key, .. } => {
                let told = others.get_mut(&key).and_then(VecDeque::pop_front);
                told.ok_or_else(|| format!("nobody ever answered {key}"))?
            }
            Effect::Respond(_) | Effect::Finish(_) => continue,
        };
        open.extend(machine.apply(&event));
    }
    Ok(machine)
}

/// What others decided, by effect.
fn others(journal: &[Event]) -> BTreeMap<EffectKey, VecDeque<Event>> {
    let mut all: BTreeMap<EffectKey, VecDeque<Event>> = BTreeMap::new();
    for event in journal {
        if let Some(key) = answers(event)
            && !matches!(event, Event::Woke { .. })
        {
            all.entry(key.clone()).or_default().push_back(event.clone());
        }
    }
    all
}


/// The effect that `event` answers, if it answers one.
pub(crate) fn answers(event: &Event) -> Option<&EffectKey> {
    match event {
        Event::Performed { key, .. } | Event::Woke { key, .. } | Event::Returned { key, .. } => Some(key),
        _ => None,
    }
}
