//! The server dies at random moments under load; then ids are checked end to end.
//!
//! What must hold: every acknowledged event has exactly one completed run and exactly one lead; no lead was scored,
//! routed or listed twice; what was not acknowledged either happened once or not at all.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "answers come from our own server and are small")]

mod clock;
mod counting;
mod disk;
mod keys;
mod large;
mod looking;
mod outside;
mod service_levels;
mod syncing;

use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use trunkline_store::ports::{LeadQuery, RunQuery, RunStatus};
use trunkline_store::{Settings, Store, WorkspaceId};
use trunkline_tests::{Server, client, long, text_of, until};

const SENDERS: usize = 16;

/// Run ids of acknowledged events by the e-mail address they were about.
type Acknowledged = HashMap<String, String>;

async fn send_until_told(url: String, sender: String, stop: Arc<AtomicBool>) -> Acknowledged {
    let client = client().unwrap();
    let mut acknowledged = Acknowledged::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let email = format!("{sender}.{number}@crash.example");
        // Three kinds of leads, so that every branch of the demo is under way when the server dies.
        let lead = match number % 3 {
            0 => {
                json!({"email": email, "company_size": 500, "job_title": "VP Sales", "industry": "Software", "visits": 9, "interest": "Pricing"})
            }
            1 => json!({"email": email, "company_size": 500, "job_title": "VP Sales"}),
            _ => json!({"email": email}),
        };
        // The server dies under some of these; only an answer counts.
        let Ok(answer) = client.post(&url).json(&lead).send().await else { break };
        if answer.status().is_success() {
            let Ok(body) = text_of(answer).await else { break };
            let body: Value = serde_json::from_str(&body).unwrap();
            acknowledged.insert(email, body["run_id"].as_str().unwrap().to_owned());
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_events_complete_exactly_once_whenever_the_server_dies() {
    let moments = if long() { 20 } else { 5 };
    let mut server = Server::start(&[]).await.unwrap();
    let mut acknowledged = Acknowledged::new();
    for moment in 0..moments {
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let url = server.url("/hooks/demo-request");
                tokio::spawn(send_until_told(url, format!("m{moment}s{sender}"), Arc::clone(&stop)))
            })
            .collect();
        let random = RandomState::new().hash_one(moment) % 700;
        tokio::time::sleep(Duration::from_millis(100 + random)).await;
        server.kill().await.unwrap();
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            acknowledged.extend(sender.await.unwrap());
        }
        server.restart().await.unwrap();
    }
    assert!(acknowledged.len() > moments * SENDERS, "the load was real: {}", acknowledged.len());

    let api = server.set_up().await.unwrap();
    until("every run to end", || async {
        let running = api.get("/runs?status=running").await.ok()?;
        let waiting = api.get("/runs?status=waiting").await.ok()?;
        (running["items"].as_array()?.is_empty() && waiting["items"].as_array()?.is_empty()).then_some(())
    })
    .await
    .unwrap();
    server.stop().await.unwrap();

    let store = Store::open(Settings::at(server.data().join("trunkline.db"))).await.unwrap();
    let completed = completed_runs(&store).await;
    let leads = leads_by_email(&store).await;
    for (email, run) in &acknowledged {
        assert!(completed.contains_key(run), "{email}: run {run} was acknowledged and did not complete");
        assert_eq!(leads.get(email).map(Vec::len), Some(1), "{email} is not exactly one lead");
    }
    let total: usize = leads.values().map(Vec::len).sum();
    assert_eq!(total, completed.len(), "each completed run made one lead");
    let mut owned = 0;
    for ids in leads.values() {
        let lead = store.leads.get(WorkspaceId::FIRST, ids[0]).await.unwrap().unwrap();
        owned += u64::from(lead.owner.is_some());
        let mut times: HashMap<String, u32> = HashMap::new();
        for activity in &lead.timeline {
            let kind = serde_json::to_value(activity.activity.kind).unwrap();
            *times.entry(kind.as_str().unwrap().to_owned()).or_default() += 1;
        }
        assert!(
            times.values().all(|&count| count == 1),
            "{:?} happened more than once: {times:?}",
            lead.lead.email
        );
    }
    let pools = store.leads.pools(WorkspaceId::FIRST).await.unwrap();
    let assigned: u64 = pools.iter().flat_map(|pool| &pool.members).map(|member| member.assigned).sum();
    assert_eq!(assigned, owned, "the counters of the pools agree with the owners of the leads");
    store.close().await.unwrap();
}

async fn completed_runs(store: &Store) -> HashMap<String, ()> {
    let mut found = HashMap::new();
    let mut before = None;
    loop {
        let query =
            RunQuery { status: Some(RunStatus::Completed), before, limit: 200, ..RunQuery::default() };
        let page = store.runs.list(WorkspaceId::FIRST, query).await.unwrap();
        found.extend(page.items.iter().map(|run| (run.id.to_string(), ())));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}

async fn leads_by_email(store: &Store) -> HashMap<String, Vec<uuid::Uuid>> {
    let mut found: HashMap<String, Vec<uuid::Uuid>> = HashMap::new();
    let mut before = None;
    loop {
        let query = LeadQuery { before, limit: 200, ..LeadQuery::default() };
        let page = store.leads.list(WorkspaceId::FIRST, query).await.unwrap();
        for row in &page.items {
            found.entry(row.lead.email.clone().unwrap()).or_default().push(row.lead.id);
        }
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}
