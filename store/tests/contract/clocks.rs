//! Clocks of service levels: they start with an owner, are found when they are due, and each thing happens once.

use crate::world::{Backend, Flow, HOME, ask, chain, done, find, person, pool};
use chrono::{TimeDelta, Utc};
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

/// Routes person `n` in a run that began `hours` ago.
async fn routed(flow: &Flow, store: &Store, n: usize, hours: i64) -> Uuid {
    let mut header = flow.header();
    header.started_at -= TimeDelta::hours(hours);
    done(store.runs.turn(flow.first_turn(header, person(n))).await).state.lead.unwrap()
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
    let lead_id = routed(&flow, &store, 1, 0).await;
    let open = store.clocks.open(HOME).await.unwrap();
    let kinds: Vec<ClockKind> = open.iter().map(|clock| clock.kind).collect();
    assert_eq!(kinds, [ClockKind::Accept, ClockKind::Respond], "the first due first");
    assert!(open.iter().all(|clock| clock.lead_id == lead_id && clock.pool.as_deref() == Some("AE")));
    assert!(
        store.clocks.open(WorkspaceId(99)).await.unwrap().is_empty(),
        "of another workspace there are none"
    );
    // Of the first clock the warning comes before it is due.
    assert_eq!(store.clocks.next_wake().await.unwrap(), open[0].warn_at);
    assert!(store.clocks.due(Utc::now(), 10).await.unwrap().is_empty());
    let at_warning = open[0].warn_at.unwrap();
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

pub(crate) async fn a_clock_that_is_late_hands_the_lead_on_once(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = arrange(&store).await;
    let lead_id = routed(&flow, &store, 1, 2).await;
    let first = store.clocks.open(HOME).await.unwrap().remove(0);
    let due = store.clocks.due(Utc::now(), 10).await.unwrap();
    assert_eq!(due, [(HOME, lead_id, first.id)]);
    let wake = || Operation::WakeClock(WakeClock { lead_id, clock_id: first.id });
    perform(&store, wake()).await;
    let view = store.leads.get(HOME, lead_id).await.unwrap().unwrap();
    assert_ne!(view.owner.unwrap().id, first.owner_id, "somebody else has it");
    assert_eq!(ended(&store, ClockKind::Accept).await, (0, 1));
    let clocks = store.clocks.of_lead(HOME, lead_id).await.unwrap();
    assert_eq!(clocks.iter().filter(|clock| clock.is_open()).count(), 2);
    assert!(clocks.iter().filter(|clock| clock.is_open()).all(|clock| clock.had_it == [first.owner_id]));

    // Woken again, as after a crash, nothing more happens.
    perform(&store, wake()).await;
    let view = store.leads.get(HOME, lead_id).await.unwrap().unwrap();
    let count = |kind| view.timeline.iter().filter(|entry| entry.activity.kind == kind).count();
    assert_eq!((count(ActivityKind::SlaBreached), count(ActivityKind::Assigned)), (1, 2));
    assert_eq!(store.clocks.of_lead(HOME, lead_id).await.unwrap(), clocks);
    assert!(store.clocks.due(Utc::now(), 10).await.unwrap().is_empty());
}
