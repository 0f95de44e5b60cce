//! Who must not be written to: entries of runs and people, found by every address they cover, kept when a lead is erased.

use crate::world::{Backend, Flow, HOME, chain, find};
use serde_json::{Value, json};
use trunkline_leads::By;
use trunkline_leads::suppression::{Address, AddressKind, Reason, Suppress, SuppressionOperation};
use trunkline_store::ports::{HeldBack, LeadQuery, RunStatus, SuppressionQuery};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

fn ask(address: &str, reason: &str) -> Value {
    let input = json!({"address": address, "reason": reason, "source": "A test"});
    json!({"kind": "ask", "config": {"action": "suppress", "input": input, "of_suppression": true}})
}

fn suppress(address: &str, reason: Reason) -> SuppressionOperation {
    SuppressionOperation::Suppress(Suppress { address: address.into(), reason, source: "A person".into() })
}

fn email(text: &str) -> Address {
    Address::read(AddressKind::Email, text).unwrap()
}

fn grace() -> By {
    By { id: Uuid::from_u128(7), name: "Grace".into() }
}

async fn reason(store: &Store, address: Address) -> Option<Reason> {
    let known = store.suppressions.find(HOME, vec![address]).await.unwrap();
    known[0].entry.as_ref().map(|entry| entry.reason)
}

async fn timeline(store: &Store) -> Vec<String> {
    let page = store.leads.list(HOME, LeadQuery { limit: 10, ..LeadQuery::default() }).await.unwrap();
    let view = store.leads.get(HOME, page.items[0].lead.id).await.unwrap().unwrap();
    view.timeline.into_iter().map(|entry| entry.activity.kind.as_str().to_owned()).collect()
}

pub(crate) async fn an_entry_of_a_run_holds_once_it_is_committed(backend: &impl Backend) {
    let store = backend.open().await;
    let steps = [find(), ("bye", ask("{{ trigger.body.email }}", "opted_out"))];
    let flow = Flow::publish(&store, chain("Bye", &steps)).await;
    let done = flow.send(json!({"email": "Ada@x.example"})).await;
    assert_eq!(done.state.status, RunStatus::Completed);
    assert_eq!(reason(&store, email("ada@X.example")).await, Some(Reason::OptedOut));
    assert_eq!(reason(&store, email("ben@x.example")).await, None);
    assert_eq!(timeline(&store).await[0], "consent_changed", "the opt-out spreads to the lead");
    flow.send(json!({"email": "ada@x.example"})).await;
    let page =
        store.suppressions.list(HOME, SuppressionQuery { limit: 10, ..SuppressionQuery::default() }).await;
    let page = page.unwrap();
    assert_eq!((page.total, page.items[0].run_id), (1, Some(done.header.id)), "noted once, by the first run");
    let held = HeldBack {
        address: email("ada@x.example"),
        why: "Held back.".into(),
        evidence: json!({"code": "SUP-0001"}),
        run: done.header.id,
        step: "send".into(),
        at: done.header.started_at,
    };
    assert_eq!(store.suppressions.note_held_back(HOME, held).await.unwrap(), 1);
    assert_eq!(timeline(&store).await[0], "suppressed");
}

pub(crate) async fn entries_of_people_grow_stronger_and_are_taken_away(backend: &impl Backend) {
    let store = backend.open().await;
    let all = vec![
        suppress("ada@x.example", Reason::OptedOut),
        suppress("nobody", Reason::OptedOut),
        suppress("y.example", Reason::DoNotContact),
        suppress("+49 30 123456", Reason::Complained),
    ];
    let done = store.suppressions.perform(HOME, all, grace()).await.unwrap();
    let codes: Vec<bool> = done.iter().map(Result::is_ok).collect();
    assert_eq!(codes, [true, false, true, true]);
    let stronger =
        vec![suppress("ada@x.example", Reason::Complained), suppress("ada@x.example", Reason::OptedOut)];
    store.suppressions.perform(HOME, stronger, grace()).await.unwrap();
    assert_eq!(reason(&store, email("ada@x.example")).await, Some(Reason::Complained));
    let find = |search: &str| SuppressionQuery {
        search: Some(search.into()),
        limit: 2,
        ..SuppressionQuery::default()
    };
    let page = store.suppressions.list(HOME, find("X.EXAMPLE")).await.unwrap();
    let entry = &page.items[0];
    assert_eq!(
        (page.total, entry.address.value.as_str(), entry.by.as_deref()),
        (1, "ada@x.example", Some("Grace"))
    );
    let first = SuppressionQuery { limit: 2, ..SuppressionQuery::default() };
    let page = store.suppressions.list(HOME, first.clone()).await.unwrap();
    let rest = SuppressionQuery { before: page.next, ..first };
    assert_eq!((page.total, store.suppressions.list(HOME, rest).await.unwrap().items.len()), (3, 1));
    assert_eq!(
        store.suppressions.remove(WorkspaceId(9), entry.id).await.unwrap_err(),
        Error::NotFound("the entry")
    );
    store.suppressions.remove(HOME, entry.id).await.unwrap();
    assert_eq!(reason(&store, email("ada@x.example")).await, None);
}

pub(crate) async fn a_lead_that_refused_consent_is_known_by_all_its_keys(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    flow.send(json!({"email": "ada@x.example", "phone": "+4930123456", "consent": "no"})).await;
    let phone = Address::read(AddressKind::Phone, "+4930123456").unwrap();
    let known = store.suppressions.find(HOME, vec![email("ada@x.example"), phone]).await.unwrap();
    assert!(known.iter().all(|answer| answer.refused_by.is_some() && answer.entry.is_none()), "{known:?}");
}

pub(crate) async fn an_erased_address_is_still_refused(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let done = flow.send(json!({"email": "ada@x.example"})).await;
    let all = vec![suppress("ada@x.example", Reason::DoNotContact)];
    store.suppressions.perform(HOME, all, grace()).await.unwrap();
    let request = trunkline_store::ports::Erase {
        id: Uuid::now_v7(),
        lead: done.state.lead.unwrap(),
        at: done.header.started_at,
        by: None,
        salt: [7; 16],
    };
    store.erasures.erase(HOME, request).await.unwrap();
    assert_eq!(reason(&store, email("ada@x.example")).await, Some(Reason::DoNotContact));
    let page =
        store.suppressions.list(HOME, SuppressionQuery { limit: 10, ..SuppressionQuery::default() }).await;
    assert_eq!(page.unwrap().items[0].address.value, "", "nobody can read whose it is");
}
