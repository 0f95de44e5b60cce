//! Moments of schedules, and the keys that the server makes for itself.

use crate::world::{Backend, HOME, chain, moment};
use chrono::TimeDelta;
use trunkline_store::ports::{Tick, TickOutcome};
use uuid::Uuid;

pub(crate) async fn every_moment_of_a_schedule_is_noted_and_old_ones_go(backend: &impl Backend) {
    let store = backend.open().await;
    let id = Uuid::now_v7();
    store.workflows.create(HOME, id, chain("Daily", &[])).await.unwrap();
    let (start, long_ago) = (moment(0), moment(0) - TimeDelta::days(400));
    let at = |hour| start + TimeDelta::hours(hour);
    let tick = |hour, outcome, run| Tick { at: at(hour), outcome, run };
    let run = Uuid::now_v7();
    let ticks = vec![
        tick(1, TickOutcome::Missed, None),
        tick(2, TickOutcome::Ran, Some(run)),
        tick(3, TickOutcome::Queued, None),
        tick(4, TickOutcome::Queued, None),
    ];
    store.ticks.note(id, "tick".into(), ticks.clone(), long_ago).await.unwrap();
    store.ticks.note(id, "other".into(), vec![tick(2, TickOutcome::Skipped, None)], long_ago).await.unwrap();
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
    store.ticks.note(id, "tick".into(), vec![began], at(2)).await.unwrap();
    assert_eq!(store.ticks.queued(id, "tick".into(), 10).await.unwrap(), [at(4)]);
    assert_eq!(store.ticks.last_run(id, "tick".into()).await.unwrap(), began.run);
    assert_eq!(store.workflows.fired(id, "tick".into()).await.unwrap(), Some(at(4)));
    let left = store.ticks.between(id, long_ago, at(100)).await.unwrap();
    assert!(left.iter().all(|(_, tick)| tick.at >= at(2)), "{left:?}");
}

pub(crate) async fn the_key_of_links_is_made_once(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.keys.link_key([1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.keys.link_key([2; 32]).await.unwrap(), [1; 32]);
    store.close().await.unwrap();
    assert_eq!(backend.open().await.keys.link_key([3; 32]).await.unwrap(), [1; 32]);
}
