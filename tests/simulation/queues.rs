//! Runs that wait for one another, as the commits tell: when each was accepted, began and ended.

use crate::laws::{Breach, Law};
use crate::universe::Commit;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::run::{Event, Machine, RunId};
use trunkline_store::ports::Stored;
use uuid::Uuid;

/// A run in its queue; moments are numbers of transactions.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) run: RunId,
    pub(crate) workflow: Uuid,
    /// What makes events be about the same thing.
    about: String,
    pub(crate) accepted: usize,
    /// When it was accepted, in simulated time.
    at: DateTime<Utc>,
    pub(crate) began: Option<usize>,
    pub(crate) ended: Option<usize>,
}

/// The places of all runs, in the order they were accepted.
pub(crate) fn of(commits: &[Commit], runs: &[Stored], machine: impl Fn(&Stored) -> Machine) -> Vec<Place> {
    let stored: BTreeMap<RunId, &Stored> = runs.iter().map(|run| (run.header.id, run)).collect();
    let mut moving: BTreeMap<RunId, (Machine, Place)> = BTreeMap::new();
    for commit in commits {
        let Some(run) = stored.get(&commit.run) else { continue };
        let (machine, place) = moving.entry(commit.run).or_insert_with(|| {
            let place = Place {
                run: commit.run,
                workflow: run.header.workflow,
                about: about(&commit.events).unwrap_or_default(),
                accepted: commit.transaction,
                at: run.header.started_at,
                began: None,
                ended: None,
            };
            (machine(run), place)
        });
        for event in &commit.events {
            machine.apply(event);
            if matches!(event, Event::Started { .. } | Event::Released { .. }) {
                place.began.get_or_insert(commit.transaction);
            }
        }
        if machine.verdict().is_some() {
            place.ended.get_or_insert(commit.transaction);
        }
    }
    let mut places: Vec<Place> = moving.into_values().map(|(_, place)| place).collect();
    places.sort_by_key(|place| (place.accepted, place.run));
    places
}

fn about(events: &[Event]) -> Option<String> {
    let (Event::Started { output, .. } | Event::Held { output, .. }) = events.first()? else { return None };
    let about = output.json().pointer("/body/about").or_else(|| output.json().get("lead_id"));
    about.and_then(|about| about.as_str()).map(ToOwned::to_owned)
}

/// What is wrong with `places`.
pub(crate) fn judge(places: &[Place], compiled: &BTreeMap<Uuid, Arc<Compiled>>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (workflow, compiled) in compiled {
        let settings = &compiled.document().settings;
        let ours: Vec<&Place> = places.iter().filter(|place| place.workflow == *workflow).collect();
        if settings.order_by.is_some() {
            in_order(&ours, &mut breaches);
        }
        if settings.dedupe.is_some() {
            once_an_hour(&ours, &mut breaches);
        }
        if let Some(most) = settings.most_at_once {
            within(&ours, most as usize, &mut breaches);
        }
    }
    breaches
}

fn in_order(places: &[&Place], breaches: &mut Vec<Breach>) {
    let mut by_key: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for place in places {
        by_key.entry(&place.about).or_default().push(place);
    }
    for (about, queue) in by_key {
        for pair in queue.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            let Some(began) = second.began else { continue };
            if first.ended.is_none_or(|ended| began < ended) {
                let what = format!("{} about {about} began before {} had ended", second.run, first.run);
                breaches.push(Breach { law: Law::InOrder, what });
            }
        }
    }
}

/// Of events about the same thing none is taken within an hour of the one before.
fn once_an_hour(places: &[&Place], breaches: &mut Vec<Breach>) {
    for (at, place) in places.iter().enumerate() {
        let earlier = places[..at].iter().rev().find(|other| other.about == place.about);
        if earlier.is_some_and(|earlier| place.at - earlier.at < TimeDelta::hours(1)) {
            let what = format!("{} about {} is a repeat and was run", place.run, place.about);
            breaches.push(Law::AcceptedRunsOnce.broken(what));
        }
    }
}

fn within(places: &[&Place], most: usize, breaches: &mut Vec<Breach>) {
    for place in places {
        let Some(moment) = place.began else { continue };
        let under_way = |other: &&&Place| {
            other.began.is_some_and(|began| began <= moment) && other.ended.is_none_or(|ended| ended > moment)
        };
        let count = places.iter().filter(under_way).count();
        if count > most {
            let what = format!("{count} runs were under way when {} began", place.run);
            breaches.push(Breach { law: Law::WithinLimits, what });
            return;
        }
    }
}
