//! The lead steps in a workflow, from the event to the owner: the engine's machine asks, the book performs.
//!
//! ```text
//! start -> find -> score -> hot? -yes-> route -> stage
//!                             `--no--> nurture
//! ```

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use trunkline_engine::compile::Compiled;
use trunkline_engine::expression::{Datum, RunFacts};
use trunkline_engine::kind::Registry;
use trunkline_engine::run::{Effect, Event, Machine, Verdict};
use trunkline_leads::book::OfKey;
use trunkline_leads::routing::PoolRules;
use trunkline_leads::{Answer, Book, Member, Need, Occasion, Operation, Owner, Pool};
use uuid::Uuid;

fn workflow() -> Arc<Compiled> {
    let lead = "{{ steps.find.lead }}";
    let document = json!({
        "format": 1,
        "name": "Inbound",
        "steps": {
            "start": { "kind": "manual", "title": "Start", "config": {} },
            "find": { "kind": "find_or_create_lead", "title": "Find", "config": {
                "match_on": ["email"],
                "fields": [
                    { "name": "email", "value": "{{ trigger.body.email }}" },
                    { "name": "company_size", "value": "{{ trigger.body.size }}" },
                ],
            } },
            "score": { "kind": "score_lead", "title": "Score", "config": {
                "lead": lead,
                "rules": [
                    { "field": "company_size", "op": "at_least", "value": 200, "points": 70 },
                    { "field": "email", "op": "is_not_empty", "points": 10 },
                ],
            } },
            "hot": { "kind": "if", "title": "Hot?", "config": {
                "condition": { "field": "{{ steps.score.score }}", "op": "at_least", "value": 70 },
            } },
            "route": { "kind": "route_lead", "title": "Route", "config": { "lead": lead, "pool": "AE" } },
            "stage": { "kind": "set_stage", "title": "Stage", "config": { "lead": lead, "stage": "SQL" } },
            "nurture": { "kind": "add_to_list", "title": "Nurture", "config": { "lead": lead, "list": "Nurture" } },
        },
        "edges": [
            { "from": "start", "to": "find" }, { "from": "find", "to": "score" }, { "from": "score", "to": "hot" },
            { "from": "hot", "port": "yes", "to": "route" }, { "from": "route", "to": "stage" },
            { "from": "hot", "port": "no", "to": "nurture" },
        ],
    });
    let registry = Registry::core().with(trunkline_leads::steps::all());
    let document = serde_json::from_value(document).expect("a document");
    Compiled::new(document, &registry).expect("a document without problems")
}

fn pool() -> Pool {
    let member = |place: u128, name: &str, weight| {
        let owner = Owner { id: Uuid::from_u128(place), name: name.into(), email: String::new(), work: None };
        Member::new(Arc::new(owner), weight, true)
    };
    Pool {
        id: Uuid::from_u128(0xff),
        name: "AE".into(),
        members: vec![member(1, "Ana", 2), member(2, "Ben", 1)],
        rules: PoolRules::default(),
    }
}

/// What a store says that holds nothing but the pool.
fn answer(need: Need) -> Answer {
    match need {
        Need::Key(key) => Answer::Key(key, None),
        Need::Lead(id) => Answer::Lead(id, None),
        Need::Pool(asked) => Answer::Pool(asked, Some(pool())),
        Need::Team(name) => Answer::Team(name, Vec::new()),
        Need::Owner(asked) => Answer::Owner(asked, None),
        Need::Clocks(lead) => Answer::Clocks(lead, Vec::new()),
        Need::LatestOwner(account) => Answer::LatestOwner(account, None),
        Need::Load(owner) => Answer::Load(owner, BTreeMap::new()),
        Need::List(asked) => Answer::List(asked, None),
        Need::History(lead) => Answer::History(lead, Vec::new()),
        Need::HistoryApart { lead, without } => Answer::HistoryApart { lead, without, traces: Vec::new() },
        Need::AccountKey(key) => Answer::AccountKey(key, OfKey::default()),
        Need::Account(id) => Answer::Account(id, None),
        Need::AccountMatch(lead) => Answer::AccountMatch(lead, None),
        Need::Membership { list, lead } => Answer::Membership { list, lead, is_member: false },
        Need::Definitions(kind) => Answer::Definitions(kind, [].into()),
        Need::Imported { import, lead } => Answer::Imported { import, lead, at: None },
        Need::Belongings(lead) => Answer::Belongings { lead, keys: Vec::new(), lists: Vec::new() },
        Need::Merge(id) => Answer::Merge(id, None),
        Need::Provenance(lead) => Answer::Provenance(lead, Vec::new()),
        Need::Spending(waterfall) => Answer::Spending(waterfall, Vec::new()),
        Need::Remembered(question) => Answer::Remembered(question, None),
        Need::ActivityKey(key) => Answer::ActivityKey(key, false),
        Need::Alike { of, .. } => Answer::Alike(of, Box::default()),
    }
}

/// Runs one event to its end within `book`'s transaction, and gives the journal and the last output.
fn run(compiled: &Arc<Compiled>, book: &mut Book, body: &Value) -> (Vec<Event>, Value) {
    static IDS: AtomicU64 = AtomicU64::new(0x1000);
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let mut machine = Machine::new(Arc::clone(compiled), facts());
    let output = json!({ "body": body });
    let mut journal = vec![Event::Started { trigger: "start".into(), output: Datum::new(output), at }];
    let mut effects = machine.apply(&journal[0]);
    while let Some(effect) = effects.pop() {
        match effect {
            Effect::Perform { key, operation, .. } => {
                let operation =
                    Operation::read(&operation.action, &operation.input).expect("an operation of this crate");
                loop {
                    let needs = book.needs(&operation);
                    if needs.is_empty() {
                        break;
                    }
                    book.supply(needs.into_iter().map(answer));
                }
                let run_id = Some(Uuid::nil());
                let new_id = &mut || Uuid::from_u64_pair(0, IDS.fetch_add(1, Ordering::Relaxed));
                let occasion = Occasion { at, run_id, step: Some(&key.step), by: None, new_id };
                let result = book.perform(&operation, occasion);
                let event = Event::Performed { key: key.clone(), result, at };
                effects.extend(machine.apply(&event));
                journal.push(event);
            }
            Effect::Finish(Verdict::Completed { output }) => return (journal, output),
            other => panic!("{other:?}"),
        }
    }
    panic!("the run did not finish");
}

fn facts() -> RunFacts {
    RunFacts {
        id: "run".into(),
        workflow: "Inbound".into(),
        version: Some(1),
        started_at: DateTime::UNIX_EPOCH,
        callback_url: String::new(),
    }
}

#[test]
fn leads_are_scored_routed_and_listed_and_a_second_event_finds_the_first() {
    let compiled = workflow();
    let mut book = Book::new();
    let (_, ada) = run(&compiled, &mut book, &json!({ "email": "ada@x.org", "size": 250 }));
    assert_eq!(ada, json!({ "stage": "SQL", "previous": "Known", "changed": true }));
    let (_, bob) = run(&compiled, &mut book, &json!({ "email": "bob@x.org", "size": "10-50" }));
    assert_eq!((&bob["list"]["name"], &bob["added"]), (&json!("Nurture"), &json!(true)));
    let (_, again) = run(&compiled, &mut book, &json!({ "email": "ADA@x.org" }));
    assert_eq!(again, json!({ "stage": "SQL", "previous": "SQL", "changed": false }));
    let (_, carl) = run(&compiled, &mut book, &json!({ "email": "carl@x.org", "size": 900 }));
    assert_eq!(carl["changed"], true);

    let changes = book.take_changes();
    let told: Vec<_> = changes
        .leads
        .iter()
        .map(|lead| (lead.email.as_deref().unwrap(), lead.score, lead.stage.as_str(), lead.owner_id))
        .collect();
    assert_eq!(
        told,
        [
            ("ada@x.org", Some(80), "SQL", Some(Uuid::from_u128(1))),
            ("bob@x.org", Some(10), "Known", None),
            ("carl@x.org", Some(80), "SQL", Some(Uuid::from_u128(2))),
        ]
    );
    assert_eq!(changes.pool_counters.iter().map(|counter| counter.assigned).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(changes.list_members.len(), 1);
}

#[test]
fn the_journal_alone_rebuilds_the_run_without_the_book() {
    let compiled = workflow();
    let (journal, output) = run(&compiled, &mut Book::new(), &json!({ "email": "ada@x.org", "size": 250 }));
    let mut machine = Machine::new(Arc::clone(&compiled), facts());
    for event in &journal {
        let stored = serde_json::to_string(event).unwrap();
        machine.apply(&serde_json::from_str(&stored).unwrap());
    }
    assert_eq!(machine.verdict(), Some(&Verdict::Completed { output }));
    assert_eq!(machine.outstanding(), []);
}
