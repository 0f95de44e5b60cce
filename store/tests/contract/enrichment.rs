//! Enrichment: what was found, answered and spent commits together, and nobody spends the same money twice.

use crate::world::{Backend, HOME};
use chrono::Utc;
use serde::Deserialize as _;
use serde_json::{Value, json};
use trunkline_engine::run::Performed;
use trunkline_leads::activity::By;
use trunkline_leads::enrichment::{Answer, Progress, RememberedState, WHOLE};
use trunkline_leads::operation::{Enrich, FindOrCreate, MergeLeads, Operation, Overwrite};
use trunkline_leads::{KeyKind, MergeRules};
use trunkline_store::Store;
use trunkline_store::ports::{NewDefinition, PublishDefinition};
use uuid::Uuid;

async fn perform(store: &Store, operations: Vec<Operation>) -> Vec<Performed> {
    let by = By { id: Uuid::nil(), name: "Ada".into() };
    let done = store.leads.perform(HOME, operations, by).await.unwrap();
    done.outcomes.into_iter().map(Result::unwrap).collect()
}

async fn waterfall(store: &Store) -> Uuid {
    let (id, at) = (Uuid::now_v7(), Utc::now());
    let draft = json!({
        "fields": [{ "field": "industry" }],
        "budget": { "money_per_month": 2.5 },
        "providers": [{
            "id": "one", "name": "One", "cost_per_call": 0.5,
            "source": { "kind": "http", "url": "https://one.example/{{ lead.email }}" },
            "fills": [{ "field": "industry", "path": "industry", "trust": 70 }],
        }],
    });
    let new = NewDefinition { id, kind: "enrichment_waterfall".into(), name: "Companies".into(), draft, at };
    store.definitions.create(HOME, new).await.unwrap();
    let publish = PublishDefinition { base_revision: 1, by: None, note: None, at };
    store.definitions.publish(HOME, id, publish).await.unwrap();
    id
}

async fn leads(store: &Store, count: usize) -> Vec<Uuid> {
    let person = |n: usize| {
        Operation::FindOrCreate(FindOrCreate {
            match_on: vec![KeyKind::Email],
            fields: json!({ "email": format!("p{n}@x.example") }).as_object().unwrap().clone(),
            overwrite: Overwrite::default(),
            allow_anonymous: false,
        })
    };
    let made = perform(store, (0..count).map(person).collect()).await;
    made.iter().map(|done| done.output["lead"]["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn enrich(lead_id: Uuid, word: Option<&Performed>, answer: Option<Answer>) -> Operation {
    let progress = word.map(|word| Progress::deserialize(&word.output["progress"]).unwrap());
    let progress = progress.unwrap_or_default();
    Operation::Enrich(Box::new(Enrich {
        lead_id,
        waterfall: "Companies".into(),
        progress,
        answer,
        trial: None,
    }))
}

fn back(body: Value) -> Option<Answer> {
    Some(Answer::Back { status: 200, body })
}

pub(crate) async fn what_was_found_answered_and_spent_is_kept(backend: &impl Backend) {
    let store = backend.open().await;
    let id = waterfall(&store).await;
    let all = leads(&store, 2).await;
    let word = perform(&store, vec![enrich(all[0], None, None)]).await.remove(0);
    let question = word.output["progress"]["asking"]["key"].as_str().unwrap().to_owned();
    let asked = store.enrichment.remembered(HOME, question.clone()).await.unwrap().unwrap();
    assert!(matches!(asked.state, RememberedState::Asked { .. }), "a question that is out is claimed");
    perform(&store, vec![enrich(all[0], Some(&word), back(json!({ "industry": "Software" })))]).await;
    store.close().await.unwrap();
    let store = backend.open().await;
    let origins = store.enrichment.provenance(HOME, all[0]).await.unwrap();
    assert_eq!((origins.len(), origins[0].trust, &origins[0].value), (1, 70, &json!("Software")));
    let known = store.enrichment.remembered(HOME, question).await.unwrap().unwrap();
    let RememberedState::Answered { values } = &known.state else { panic!("not answered") };
    assert_eq!(values["industry"], "Software");
    let meters = store.enrichment.spending(HOME, id).await.unwrap();
    let providers: Vec<&str> = meters.iter().map(|meter| meter.provider.as_str()).collect();
    assert_eq!(providers, [WHOLE, "one"]);
    assert_eq!((meters[1].month.calls, meters[1].month.hits), (1, 1));
    // Where a value came from goes with it into the lead that stays.
    let (lead_id, merged) = (all[1], vec![all[0]]);
    perform(
        &store,
        vec![Operation::Merge(MergeLeads { lead_id, merged, rules: MergeRules::default(), why: None })],
    )
    .await;
    assert_eq!(store.enrichment.provenance(HOME, all[1]).await.unwrap(), origins);
    let lead = store.leads.get(HOME, all[1]).await.unwrap().unwrap().lead;
    assert_eq!(lead.industry.as_deref(), Some("Software"));
}

pub(crate) async fn one_budget_is_shared_by_all(backend: &impl Backend) {
    let store = backend.open().await;
    let id = waterfall(&store).await;
    let all = leads(&store, 12).await;
    let one = |lead: Uuid| {
        let store = store.clone();
        async move { perform(&store, vec![enrich(lead, None, None)]).await.remove(0) }
    };
    let words = futures_util::future::join_all(all.iter().map(|lead| one(*lead))).await;
    let asks = words.iter().filter(|word| word.output["ask"].is_object()).count();
    assert_eq!(asks, 5, "2.50 for 0.50 a call");
    let meters = store.enrichment.spending(HOME, id).await.unwrap();
    assert_eq!((meters[0].month.calls, meters[0].month.spent.as_units()), (5, 2.5));
}
