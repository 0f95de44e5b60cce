//! Moments of schedules, and the keys that the server makes for itself.

use crate::world::{Backend, Flow, HOME, chain, done, moment};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use trunkline_store::Error;
use trunkline_store::ports::{DueTick, KEPT_TICKS, RunHeader, Settled, Tick, TickOutcome, Turn};
use uuid::Uuid;

pub(crate) async fn every_moment_of_a_schedule_is_noted_and_old_ones_go(backend: &impl Backend) {
    let store = backend.open().await;
    let id = Uuid::now_v7();
    store.workflows.create(HOME, id, chain("Daily", &[])).await.unwrap();
    let start = moment(0);
    let at = |hour| start + TimeDelta::hours(hour);
    let tick = |hour, outcome, run| Tick { at: at(hour), outcome, run };
    let run = Uuid::now_v7();
    let ticks = vec![
        tick(1, TickOutcome::Missed, None),
        tick(2, TickOutcome::Ran, Some(run)),
        tick(3, TickOutcome::Queued, None),
        tick(4, TickOutcome::Queued, None),
    ];
    store.ticks.note(id, "tick".into(), ticks.clone()).await.unwrap();
    store.ticks.note(id, "other".into(), vec![tick(2, TickOutcome::Skipped, None)]).await.unwrap();
    assert_eq!(store.workflows.fired(id, "tick".into()).await.unwrap(), Some(at(4)));
    assert_eq!(store.ticks.last_run(id, "tick".into()).await.unwrap(), Some(run));
    assert_eq!(store.ticks.last_run(id, "other".into()).await.unwrap(), None);
    assert_eq!(store.ticks.queued(id, "tick".into(), 10).await.unwrap(), [at(3), at(4)]);
    let seen = store.ticks.between(id, at(2), at(4)).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|(step, tick)| (step.as_str(), tick.at, tick.outcome)).collect();
    assert_eq!(
        seen,
        [
            ("other", at(2), TickOutcome::Skipped),
            ("tick", at(2), TickOutcome::Ran),
            ("tick", at(3), TickOutcome::Queued),
        ]
    );
    // A tick that waited takes its new outcome, and the schedule does not go back.
    let began = Tick { run: Some(Uuid::now_v7()), ..tick(3, TickOutcome::Ran, None) };
    store.ticks.note(id, "tick".into(), vec![began]).await.unwrap();
    assert_eq!(store.ticks.queued(id, "tick".into(), 10).await.unwrap(), [at(4)]);
    assert_eq!(store.ticks.last_run(id, "tick".into()).await.unwrap(), began.run);
    assert_eq!(store.workflows.fired(id, "tick".into()).await.unwrap(), Some(at(4)));
    // One that ran stays so, whoever is late to say otherwise.
    store.ticks.note(id, "tick".into(), vec![tick(3, TickOutcome::Missed, None)]).await.unwrap();
    assert_eq!(store.ticks.last_run(id, "tick".into()).await.unwrap(), began.run);
    // Much later the old ones are gone, of this schedule only.
    let later = Tick { at: at(2) + KEPT_TICKS, outcome: TickOutcome::Missed, run: None };
    store.ticks.note(id, "tick".into(), vec![later]).await.unwrap();
    let left = store.ticks.between(id, at(0), later.at + TimeDelta::hours(1)).await.unwrap();
    let left: Vec<_> = left.iter().map(|(step, tick)| (step.as_str(), tick.at)).collect();
    assert_eq!(
        left,
        [("other", at(2)), ("tick", at(2)), ("tick", at(3)), ("tick", at(4)), ("tick", later.at)]
    );
}

/// The turn that begins a run for the moment `at` of the step `go`.
fn for_tick(flow: &Flow, at: DateTime<Utc>) -> Turn {
    let header = RunHeader { event_key: Some(format!("schedule:go:{at}")), ..flow.header() };
    let tick = Some(DueTick { step: "go".into(), at });
    Turn { tick, ..flow.first_turn(header, json!(1)) }
}

pub(crate) async fn a_run_and_the_moment_it_is_for_are_one_transaction(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Daily", &[])).await;
    let (due, next) = (moment(0), moment(0) + TimeDelta::hours(1));
    let noted = async || store.ticks.between(flow.id, due, next + TimeDelta::hours(1)).await.unwrap();
    let run = done(store.runs.turn(for_tick(&flow, due)).await).header.id;
    let ran = |at, run| ("go".to_owned(), Tick { at, outcome: TickOutcome::Ran, run: Some(run) });
    assert_eq!(noted().await, [ran(due, run)]);
    assert_eq!(store.workflows.fired(flow.id, "go".into()).await.unwrap(), Some(due));
    // Another server is later, and a third has the same event for a moment that nobody noted.
    assert!(matches!(store.runs.turn(for_tick(&flow, due)).await, Ok(Settled::Duplicate(id)) if id == run));
    let mut other = for_tick(&flow, due);
    other.tick = Some(DueTick { step: "go".into(), at: next });
    assert!(matches!(store.runs.turn(other).await, Ok(Settled::Duplicate(id)) if id == run));
    assert_eq!(noted().await, [ran(due, run), ran(next, run)]);
    // What cannot be kept notes nothing.
    let mut refused = for_tick(&flow, next + TimeDelta::minutes(1));
    refused.letters = vec![4711];
    assert_eq!(store.runs.turn(refused).await.unwrap_err(), Error::Fenced);
    assert_eq!(noted().await.len(), 2);
}

pub(crate) async fn the_key_of_links_is_made_once(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.keys.link_key([1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.keys.link_key([2; 32]).await.unwrap(), [1; 32]);
    store.close().await.unwrap();
    assert_eq!(backend.open().await.keys.link_key([3; 32]).await.unwrap(), [1; 32]);
}
