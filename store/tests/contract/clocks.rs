//! Clocks of service levels: they start with an owner, are found when they are due, and end with what they wait for.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person, pool};
use chrono::{SubsecRound as _, TimeDelta, Utc};
use serde_json::json;
use trunkline_leads::ActivityKind;
use trunkline_leads::activity::By;
use trunkline_leads::definition::SLA;
use trunkline_leads::operation::{AcceptLead, Edit, Operation, WakeClock};
use trunkline_leads::sla::{ClockKind, ClockState};
use trunkline_store::ports::{NewDefinition, PublishDefinition};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// A workflow that gives leads to the pool, and a policy of an hour to accept and four to answer, around the clock.
async fn arrange(store: &Store) -> Flow {
    pool(store).await;
    let (id, at) = (Uuid::now_v7(), Utc::now());
    let draft = json!({
        "accept": {"within": 60, "warn_before": 15}, "respond": {"within": 240}, "around_the_clock": true,
        "on_breach": {"reassign": {"to": "next_in_pool"}, "at_most": 1},
    });
    let new = NewDefinition { id, kind: SLA.into(), name: "Hot".into(), draft, at };
    store.definitions.create(HOME, new).await.unwrap();
    let publish = PublishDefinition { base_revision: 1, by: None, note: None, at };
    store.definitions.publish(HOME, id, publish).await.unwrap();
    let route = ask("route", json!({"lead_id": "{{ steps.find.lead.id }}", "pool": "AE"}));
    Flow::publish(store, chain("Route", &[find(), ("route", route)])).await
}

/// Routes person `n`.
async fn routed(flow: &Flow, n: usize) -> Uuid {
    flow.send(person(n)).await.state.lead.unwrap()
}

async fn perform(store: &Store, operation: Operation) {
    let by = By { id: Uuid::nil(), name: "Ada".into() };
    for outcome in store.leads.perform(HOME, vec![operation], by).await.unwrap().outcomes {
        outcome.unwrap();
    }
}

/// Met and breached of the clocks of a kind that ended.
async fn ended(store: &Store, kind: ClockKind) -> (u64, u64) {
    let rates = store.clocks.rates(HOME, Utc::now() - TimeDelta::days(1)).await.unwrap();
    rates.iter().find(|rate| rate.kind == kind).map_or((0, 0), |rate| (rate.met, rate.breached))
}

pub(crate) async fn a_clock_starts_with_an_owner_and_ends_with_what_it_waits_for(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = arrange(&store).await;
    let lead_id = routed(&flow, 1).await;
    let open = store.clocks.open(HOME).await.unwrap();
    let kinds: Vec<ClockKind> = open.iter().map(|clock| clock.kind).collect();
    assert_eq!(kinds, [ClockKind::Accept, ClockKind::Respond], "the first due first");
    assert!(open.iter().all(|clock| clock.lead_id == lead_id && clock.pool.as_deref() == Some("AE")));
    assert!(
        store.clocks.open(WorkspaceId(99)).await.unwrap().is_empty(),
        "of another workspace there are none"
    );
    // Of the first clock the warning comes before it is due.
    let at_warning = open[0].warn_at.unwrap();
    // A database keeps moments to the microsecond.
    let woken = store.clocks.next_wake().await.unwrap().unwrap();
    assert_eq!(woken.trunc_subsecs(6), at_warning.trunc_subsecs(6));
    assert!(store.clocks.due(Utc::now(), 10).await.unwrap().is_empty());
    assert_eq!(store.clocks.due(at_warning, 10).await.unwrap(), [(HOME, lead_id, open[0].id)]);

    // Whoever wakes it too early changes nothing.
    perform(&store, Operation::WakeClock(WakeClock { lead_id, clock_id: open[0].id })).await;
    assert_eq!(store.clocks.open(HOME).await.unwrap(), open);
    perform(&store, Operation::AcceptLead(AcceptLead { lead_id })).await;
    assert_eq!(ended(&store, ClockKind::Accept).await, (1, 0));
    assert_eq!(store.clocks.open(HOME).await.unwrap(), open[1..]);
    store.close().await.unwrap();

    // Another owner stops what is left and starts clocks of their own.
    let store = backend.open().await;
    let before = store.leads.get(HOME, lead_id).await.unwrap().unwrap().owner.unwrap();
    let other = store.leads.owners(HOME).await.unwrap().into_iter().find(|owner| owner.id != before.id);
    let owner = Some(other.unwrap().name);
    perform(
        &store,
        Operation::Edit(Edit { lead_id, fields: json!({}).as_object().unwrap().clone(), owner, why: None }),
    )
    .await;
    let clocks = store.clocks.of_lead(HOME, lead_id).await.unwrap();
    let of = |id: Uuid| clocks.iter().find(|clock| clock.id == id).unwrap().state;
    assert_eq!((of(open[0].id), of(open[1].id)), (ClockState::Met, ClockState::Stopped));
    assert_eq!(clocks.len(), 4);
    let open = store.clocks.open(HOME).await.unwrap();
    assert!(open.len() == 2 && open.iter().all(|clock| clock.owner_id != before.id));
    assert_eq!(
        ended(&store, ClockKind::Respond).await,
        (0, 0),
        "a stopped clock was neither met nor breached"
    );
}

pub(crate) async fn clocks_are_found_by_the_moment_at_which_they_are_woken(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = arrange(&store).await;
    let leads = [routed(&flow, 1).await, routed(&flow, 2).await];
    let open = store.clocks.open(HOME).await.unwrap();
    assert_eq!(open.len(), 4);
    let tomorrow = Utc::now() + TimeDelta::days(1);
    let due = store.clocks.due(tomorrow, 10).await.unwrap();
    let mut expected: Vec<_> =
        open.iter().map(|clock| (clock.wake_at().unwrap(), clock.lead_id, clock.id)).collect();
    expected.sort();
    let expected: Vec<_> = expected.into_iter().map(|(_, lead, id)| (HOME, lead, id)).collect();
    assert_eq!(due, expected, "the earliest first");
    assert_eq!(store.clocks.due(tomorrow, 1).await.unwrap(), expected[..1]);
    perform(&store, Operation::AcceptLead(AcceptLead { lead_id: leads[0] })).await;
    let left = store.clocks.due(tomorrow, 10).await.unwrap();
    assert_eq!(left.iter().filter(|(_, lead, _)| *lead == leads[0]).count(), 1, "what was met is not woken");
    assert_eq!(left.iter().filter(|(_, lead, _)| *lead == leads[1]).count(), 2);
    let view = store.leads.get(HOME, leads[0]).await.unwrap().unwrap();
    assert!(view.timeline.iter().any(|entry| entry.activity.kind == ActivityKind::SlaMet));
}
