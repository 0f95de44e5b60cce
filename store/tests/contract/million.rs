//! A million leads: what people type is answered before they notice.

use crate::world::{Backend, HOME, Sqlite};
use chrono::Utc;
use serde_json::json;
use std::time::{Duration, Instant};
use trunkline_leads::activity::By;
use trunkline_leads::criteria::Criteria;
use trunkline_leads::operation::{FindOrCreate, Overwrite};
use trunkline_leads::{KeyKind, Operation};
use trunkline_store::Store;
use trunkline_store::ports::{LeadOrder, LeadQuery, Wanted};
use uuid::Uuid;

const LEADS: u64 = 1_000_000;
const FIRST: [&str; 8] = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Margaret", "Niklaus", "Frances"];
const WORST: Duration = Duration::from_millis(50);

/// The `n`-th lead: few first names, many last names, many companies, one address of its own.
fn lead(n: u64) -> Operation {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let (first, last) = (FIRST[usize::try_from(n % 8).unwrap()], format!("Name{}", mixed % 50_000));
    let fields = json!({
        "email": format!("{}.{last}{n}@company{}.example", first.to_lowercase(), mixed % 90_000),
        "first_name": first, "last_name": last, "company": format!("Company {} Ltd", mixed % 90_000),
    });
    Operation::FindOrCreate(FindOrCreate {
        match_on: vec![KeyKind::Email],
        fields: fields.as_object().unwrap().clone(),
        overwrite: Overwrite::FillEmpty,
        allow_anonymous: false,
    })
}

async fn fill(store: &Store) {
    let begun = Instant::now();
    for start in (0..LEADS).step_by(4_000) {
        let by = By { id: Uuid::nil(), name: "filler".into() };
        let operations = (start..start + 4_000).map(lead).collect();
        let done = store.leads.perform(HOME, operations, by).await.unwrap();
        assert!(done.outcomes.iter().all(Result::is_ok));
    }
    println!(
        "{{\"measure\":\"leads_filled_per_s\",\"value\":{:.0}}}",
        LEADS as f64 / begun.elapsed().as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "makes a million leads, which takes minutes"]
async fn a_million_leads_are_searched_in_no_time() {
    let backend = Sqlite::new();
    let store = backend.open().await;
    fill(&store).await;
    let typed = [
        "",
        "a",
        "ad",
        "ada",
        "ada n",
        "ada name1",
        "ada name12",
        "name12345",
        "gra",
        "grace company",
        "company",
        "company 77",
        "company 7712",
        "frances.name100",
        "ltd",
        "example",
        "zzz",
        "ada nobody",
        "edsger name4999",
    ];
    let search = |text: &str| LeadQuery { search: Some(text.into()), limit: 50, ..LeadQuery::default() };
    let worst = measured(&store, "search", &typed.map(search)).await;
    let sorts = [
        LeadOrder::LastChanged,
        LeadOrder::LongestUnchanged,
        LeadOrder::HighestScore,
        LeadOrder::LowestScore,
    ];
    let sort = |order| LeadQuery { order, limit: 50, ..LeadQuery::default() };
    measured(&store, "sort", &sorts.map(sort)).await;
    // Many fit the first, one in eight the second, one in fifty thousand the last.
    let rules = [
        json!({"field": "company", "op": "contains", "value": "ltd"}),
        json!({"field": "first_name", "op": "equals", "value": "Ada"}),
        json!({"all": [{"field": "first_name", "op": "equals", "value": "Ada"}, {"field": "last_name", "op": "starts_with", "value": "Name1"}]}),
        json!({"field": "last_name", "op": "equals", "value": "Name123"}),
    ];
    let filter = |rule| {
        let rule: Criteria = serde_json::from_value(rule).unwrap();
        LeadQuery { wanted: Some(Wanted::new(rule, Utc::now())), limit: 50, ..LeadQuery::default() }
    };
    measured(&store, "filter", &rules.map(filter)).await;
    let page = store.leads.list(HOME, LeadQuery { limit: 200, ..LeadQuery::default() }).await.unwrap();
    let mut times = Vec::new();
    for row in &page.items {
        let begun = Instant::now();
        assert!(store.leads.get(HOME, row.lead.id).await.unwrap().is_some());
        times.push(begun.elapsed());
    }
    tell("open", times);
    assert!(worst < WORST, "{worst:?}");
}

/// Asks every question six times and tells how long the answers took; the first round fills the caches, as a server
/// that has been up for a minute has. Gives the 99th percentile.
async fn measured(store: &Store, name: &str, questions: &[LeadQuery]) -> Duration {
    let mut times = Vec::new();
    for round in 0..6 {
        for query in questions {
            let begun = Instant::now();
            let page = store.leads.list(HOME, query.clone()).await.unwrap();
            let took = begun.elapsed();
            assert!(page.items.len() <= 50 && page.total as usize >= page.items.len());
            if round > 0 {
                times.push(took);
            }
        }
    }
    tell(name, times)
}

/// Prints the median and the 99th percentile, and gives the latter.
fn tell(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    for (point, share) in [("p50", 0.5), ("p99", 0.99)] {
        let value = at(share).as_secs_f64() * 1e3;
        println!("{{\"measure\":\"lead_{name}_ms_{point}\",\"value\":{value:.1}}}");
    }
    at(0.99)
}

/// Two events about one person, at the same moment, ten thousand times.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_events_at_once_never_make_two_leads() {
    const RACES: u64 = 10_000;
    let backend = Sqlite::new();
    let store = backend.open().await;
    let mut created = 0;
    for start in (0..RACES).step_by(250) {
        let race = |n: u64| {
            let store = store.clone();
            tokio::spawn(async move {
                let by = By { id: Uuid::nil(), name: "racer".into() };
                let done = store.leads.perform(HOME, vec![lead(n)], by).await.unwrap();
                done.outcomes.into_iter().next().unwrap().unwrap().output["created"] == true
            })
        };
        let racers: Vec<_> = (start..start + 250).flat_map(|n| [race(n), race(n)]).collect();
        for racer in racers {
            created += u64::from(racer.await.unwrap());
        }
    }
    assert_eq!(created, RACES, "one of each two makes the lead");
    assert_eq!(store.leads.summary(HOME).await.unwrap().total, RACES);
}
