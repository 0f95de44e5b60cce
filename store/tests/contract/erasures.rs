//! Erasing a lead: nothing of it is left, not even in the free room of the files.

pub(crate) use crate::suppression::an_erased_address_is_still_refused;
use crate::world::{Backend, Flow, HOME, ask, chain, done, find, person};
use chrono::{SubsecRound, Utc};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::HashMap;
use trunkline_engine::run::Event;
use trunkline_store::Error;
use trunkline_store::ports::{Erase, LeadQuery, Pin};
use uuid::Uuid;

const ADDRESS: &str = "Greta.Gone@example.com";

fn wish(lead: Uuid) -> Erase {
    Erase {
        id: Uuid::now_v7(),
        lead,
        by: Some("admin@example.org".into()),
        at: Utc::now().trunc_subsecs(6),
        salt: [7; 16],
    }
}

fn greta() -> serde_json::Value {
    let mut body = person(7);
    (body["email"], body["first_name"], body["external_id"]) =
        (ADDRESS.into(), "Greta".into(), "GG-1".into());
    body
}

pub(crate) async fn nothing_of_an_erased_lead_is_left(backend: &impl Backend) {
    let store = backend.open().await;
    let list = ask("add_to_list", json!({"lead_id": "{{ steps.find.lead.id }}", "list": "Nurture"}));
    let flow = Flow::publish(&store, chain("Find", &[find(), ("list", list)])).await;
    let body = json!({
        "steps": {"one": ask("find_or_create", json!({"match_on": ["email"], "fields": "{{ item }}"}))},
        "edges": []
    });
    let each = json!({"kind": "loop", "config": {"items": "{{ trigger.body.people }}"}, "body": body});
    let batch = Flow::publish(&store, chain("Batch", &[("each", each)])).await;
    join_all((0..300).map(|n| flow.send(person(n)))).await;
    let first = flow.send(greta()).await;
    let lead = first.state.lead.unwrap();
    let several = batch.send(json!({"people": [person(1), greta(), person(2)]})).await;
    for n in 300..330 {
        flow.send(person(n)).await;
    }
    flow.send(greta()).await;
    let pin = Pin {
        id: Uuid::now_v7(),
        workflow: flow.id,
        run: first.header.id,
        lead: Some(lead),
        name: "Greta".into(),
        trigger: "go".into(),
        output: json!({"body": greta()}),
        expected: json!({}),
        answers: json!([]),
        created_at: Utc::now(),
    };
    store.pins.add(HOME, pin).await.unwrap();
    assert_eq!(
        store.leads.get(HOME, lead).await.unwrap().unwrap().lead.email.as_deref(),
        Some("greta.gone@example.com")
    );

    let erased = store.erasures.erase(HOME, wish(lead)).await.unwrap();
    let counts: HashMap<&str, u64> = erased.counts.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    assert_eq!(
        (counts["lead"], counts["run"], counts["run_thinned"], counts["pin"]),
        (1, 2, 1, 1),
        "{counts:?}"
    );
    assert!(counts["lead_key"] >= 2 && counts["activity"] > 0 && counts["list_member"] == 1);
    assert_eq!(counts["left_in_files"], 0);
    for bytes in backend.raw() {
        for mark in [ADDRESS, &ADDRESS.to_lowercase(), "Greta", &lead.to_string()] {
            let found = bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
            assert!(!found, "{mark} can still be read");
        }
    }
    assert!(store.leads.get(HOME, lead).await.unwrap().is_none());
    assert!(store.runs.history(HOME, first.header.id).await.unwrap().is_none());
    assert!(store.pins.list(HOME, flow.id).await.unwrap().is_empty());
    let rest = store.runs.history(HOME, several.header.id).await.unwrap().unwrap();
    let [Event::Started { output, .. }] = &rest.events[..] else { panic!("{:?}", rest.events) };
    assert!(rest.thinned_at.is_some());
    assert_eq!(output.json()["body"]["people"][0], person(1), "the others stay");
    assert_eq!(output.json()["body"]["people"][1]["email"], json!("[erased]"));
    assert_eq!(output.json()["body"]["people"][1]["first_name"], json!("[erased]"));
    let all = store.leads.list(HOME, LeadQuery { limit: 1, ..LeadQuery::default() }).await.unwrap();
    assert_eq!(all.total, 330);
    let listed = store.erasures.list(HOME, 10).await.unwrap();
    assert_eq!((listed.len(), &listed[0].proof, listed[0].at), (1, &erased.proof, erased.at));
    assert!(erased.proof.starts_with("07070707") && !erased.proof.contains("greta"));
    assert_eq!(store.storage.usage(HOME).await.unwrap().erasures, 1);
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
    let again = flow.send(greta()).await;
    assert_ne!(again.state.lead, Some(lead), "whoever comes again is somebody new");
}

pub(crate) async fn a_lead_is_not_erased_under_a_run(backend: &impl Backend) {
    let store = backend.open().await;
    let nap = json!({"kind": "sleep", "config": {"seconds": 1000}});
    let flow = Flow::publish(&store, chain("Nap", &[find(), ("nap", nap)])).await;
    let asleep = flow.send(greta()).await;
    let lead = asleep.state.lead.unwrap();
    assert!(matches!(store.erasures.erase(HOME, wish(lead)).await.unwrap_err(), Error::Conflict(_)));
    assert!(store.leads.get(HOME, lead).await.unwrap().is_some(), "nothing is gone");
    let stored = store.runs.stored(asleep.header.id).await.unwrap().unwrap();
    let cancelled = Event::Cancelled { by: "Ada".into(), at: Utc::now() };
    done(store.runs.turn(flow.next_turn(stored, cancelled)).await);
    store.erasures.erase(HOME, wish(lead)).await.unwrap();
    assert!(matches!(store.erasures.erase(HOME, wish(lead)).await.unwrap_err(), Error::NotFound(_)));
}

pub(crate) async fn what_comes_during_an_erasure_is_seen(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    // Events that only mention her: their runs know no lead, so nothing keeps them apart from the erasure.
    let note = Flow::publish(&store, chain("Note", &[])).await;
    let lead = flow.send(greta()).await.state.lead.unwrap();
    join_all((0..300).map(|n| flow.send(person(n)))).await;
    let over = std::sync::atomic::AtomicBool::new(false);
    let sender = async || {
        let mut before = Vec::new();
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            let sent = note.send(json!({"text": format!("{ADDRESS} called")})).await.header.id;
            // Nothing was erased yet when the run was durable, so it came before.
            if store.erasures.list(HOME, 1).await.unwrap().is_empty() {
                before.push(sent);
            }
        }
        before
    };
    let erase = async {
        let erased = store.erasures.erase(HOME, wish(lead)).await.unwrap();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        erased
    };
    let (erased, first, second, third) = tokio::join!(erase, sender(), sender(), sender());
    let before = [first, second, third].concat();
    let thinned = erased.counts.iter().find(|(what, _)| what == "run_thinned").unwrap().1;
    assert!(thinned >= before.len() as u64, "{thinned} of {}", before.len());
    for run in before {
        let history = store.runs.history(HOME, run).await.unwrap().unwrap();
        assert!(history.thinned_at.is_some(), "{run} was overlooked: {:?}", history.events);
    }
}
