//! Schedules: every moment is accounted for once, and starts a run only when it may.

use crate::laws::{Breach, Law};
use crate::queues::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::run::Event;
use trunkline_store::ports::{Stored, Tick, TickOutcome};
use uuid::Uuid;

/// Minutes from one moment to the next.
const EVERY: i64 = 3;

/// What is wrong with the moments that were noted, and the runs they started.
pub(crate) fn judge(
    ticks: &[(Uuid, Tick)],
    runs: &[Stored],
    places: &[Place],
    compiled: &BTreeMap<Uuid, Arc<Compiled>>,
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut note = |what: String| breaches.push(Law::TicksAccounted.broken(what));
    for pair in ticks.windows(2) {
        let between = (pair[1].1.at - pair[0].1.at).num_minutes();
        if pair[0].0 == pair[1].0 && between != EVERY {
            note(format!("nothing is noted between {} and {}", pair[0].1.at, pair[1].1.at));
        }
    }
    let started: Vec<&Stored> = runs.iter().filter(|run| run.header.trigger_kind == "schedule").collect();
    let mut moments = BTreeSet::new();
    for run in &started {
        let Some(Event::Started { output, .. } | Event::Held { output, .. }) = run.events.first() else {
            continue;
        };
        let (id, due) = (run.header.id, output.json()["scheduled_at"].to_string());
        if !moments.insert((run.header.workflow, due.clone())) {
            note(format!("{due} started {id} and another run"));
        }
        if !ticks.iter().any(|(_, tick)| tick.run == Some(id) && tick.outcome == TickOutcome::Ran) {
            note(format!("{id} was started at {due}, and that is not noted"));
        }
    }
    for (_, tick) in ticks.iter().filter(|(_, tick)| tick.outcome == TickOutcome::Ran) {
        if !started.iter().any(|run| Some(run.header.id) == tick.run) {
            note(format!("{} is noted to have started {:?}, which is not there", tick.at, tick.run));
        }
    }
    for (workflow, compiled) in compiled {
        let go = &compiled.document().steps["go"];
        if go.kind != "schedule" || go.config["overlap"] == "parallel" {
            continue;
        }
        let mut ours: Vec<&Place> = places.iter().filter(|place| place.workflow == *workflow).collect();
        ours.sort_by_key(|place| place.began);
        for pair in ours.windows(2) {
            if pair[0].ended.is_none_or(|ended| pair[1].began.is_some_and(|began| began < ended)) {
                note(format!("{} began while {} was going on", pair[1].run, pair[0].run));
            }
        }
    }
    breaches
}
