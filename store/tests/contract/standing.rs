//! Where leads stand by the rules in force: written with the change that caused it, and read back by jobs and pages.

pub(crate) use crate::merging::deeds_and_matches_go_along_and_come_back;
use crate::world::{Backend, Flow, HOME, ask, chain, find};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use trunkline_leads::ActivityKind;
use trunkline_leads::activity::By;
use trunkline_leads::operation::{Assess, Operation, SetStage};
use trunkline_store::Store;
use trunkline_store::ports::{LeadQuery, NewDefinition, PublishDefinition};
use uuid::Uuid;

async fn put_in_force(store: &Store, kind: &str, name: &str, document: Value) -> Uuid {
    let (id, at) = (Uuid::now_v7(), Utc::now());
    let new = NewDefinition { id, kind: kind.into(), name: name.into(), draft: document, at };
    store.definitions.create(HOME, new).await.unwrap();
    let publish = PublishDefinition { base_revision: 1, by: None, note: None, at };
    assert_eq!(store.definitions.publish(HOME, id, publish).await.unwrap(), 1);
    id
}

fn person(n: u64) -> Value {
    json!({"email": format!("person{n}@example.com"), "company_size": n * 10})
}

async fn perform(store: &Store, operations: Vec<Operation>) {
    let by = By { id: Uuid::nil(), name: "Ada".into() };
    for outcome in store.leads.perform(HOME, operations, by).await.unwrap().outcomes {
        outcome.unwrap();
    }
}

pub(crate) async fn leads_stand_as_the_rules_in_force_say(backend: &impl Backend) {
    let store = backend.open().await;
    let big = |least: u64| json!({"field": "company_size", "op": "at_least", "value": least});
    let model = json!({
        "fit": {"rows": [{"when": big(50), "points": 71}], "most": 100},
        "behaviour": {"rows": [{"did": "listed", "within_days": 7, "points": 9}], "half_life_days": 2},
        "thresholds": [{"at": 71, "name": "Ready", "stage": "MQL"}],
    });
    put_in_force(&store, "scoring_model", "Inbound", model).await;
    let segment = put_in_force(&store, "segment", "Big", json!({"rule": big(80)})).await;
    let list = ask("add_to_list", json!({"lead_id": "{{ steps.find.lead.id }}", "list": "Nurture"}));
    let plain = Flow::publish(&store, chain("Plain", &[find()])).await;
    let listed = Flow::publish(&store, chain("Listed", &[find(), ("list", list)])).await;
    let mut leads = Vec::new();
    for n in 0..12 {
        let flow = if n % 4 == 0 { &listed } else { &plain };
        leads.push(flow.send(person(n)).await.state.lead.unwrap());
    }
    for (n, id) in (0_u64..).zip(&leads) {
        let lead = store.leads.get(HOME, *id).await.unwrap().unwrap().lead;
        let expected = (if n * 10 >= 50 { 71 } else { 0 }) + (if n % 4 == 0 { 9 } else { 0 });
        assert_eq!(lead.score, Some(expected), "lead {n}");
        assert_eq!(lead.stage == "MQL", expected >= 71);
        assert_eq!(lead.segments == ["Big"], n * 10 >= 80);
        assert_eq!(lead.look_again_at.is_some(), n % 4 == 0, "only what fades has to be looked at again");
    }
    let members = (0..12).filter(|n| n * 10 >= 80).count() as u64;
    assert_eq!(store.standing.segment_counts(HOME).await.unwrap(), [("Big".to_owned(), members)]);
    let query = LeadQuery { segment: Some("Big".into()), limit: 50, ..LeadQuery::default() };
    assert_eq!(store.leads.list(HOME, query.clone()).await.unwrap().total, members);

    assert!(store.standing.due(Utc::now(), 100).await.unwrap().is_empty());
    let later = Utc::now() + TimeDelta::days(8);
    let due: BTreeSet<Uuid> =
        store.standing.due(later, 100).await.unwrap().into_iter().map(|(_, lead)| lead).collect();
    assert_eq!(due, leads.iter().step_by(4).copied().collect());

    let mut walked = Vec::new();
    while let page =
        store.standing.walk(HOME, walked.last().copied(), BTreeSet::from(["listed"]), 5).await.unwrap()
        && !page.is_empty()
    {
        for one in page {
            let place = leads.iter().position(|id| *id == one.lead.id).unwrap();
            assert_eq!(one.traces.len(), usize::from(place % 4 == 0));
            assert!(one.traces.iter().all(|trace| trace.kind == ActivityKind::Listed));
            walked.push(one.lead.id);
        }
    }
    leads.sort_unstable();
    assert_eq!(walked, leads, "every lead once");

    store.definitions.remove(HOME, segment).await.unwrap();
    perform(&store, leads.iter().map(|lead_id| Operation::Assess(Assess { lead_id: *lead_id })).collect())
        .await;
    assert!(
        store.standing.segment_counts(HOME).await.unwrap().is_empty(),
        "a segment that is gone holds nobody"
    );
    assert_eq!(store.leads.list(HOME, query).await.unwrap().total, 0);
}

pub(crate) async fn leads_of_a_changed_account_are_looked_at_in_slices(backend: &impl Backend) {
    let store = backend.open().await;
    let keep = ask("keep_account", json!({"fields": "{{ trigger.body }}", "creates": true}));
    let keeper = Flow::publish(&store, chain("Keep accounts", &[("keep", keep)])).await;
    keeper.send(json!({"name": "Acme", "domains": "acme.de"})).await;
    keeper.send(json!({"name": "Globex", "domains": "globex.com"})).await;
    let matched = ask("match_account", json!({"lead_id": "{{ steps.find.lead.id }}"}));
    let flow = Flow::publish(&store, chain("Match", &[find(), ("match", matched)])).await;
    let mut of_acme = Vec::new();
    for n in 0..7 {
        let domain = if n < 5 { "acme.de" } else { "globex.com" };
        let lead =
            json!({"email": format!("p{n}@{domain}"), "company": if n < 5 { "Acme" } else { "Globex" }});
        let id = flow.send(lead).await.state.lead.unwrap();
        of_acme.extend((n < 5).then_some(id));
    }
    let update = |region: &str, owner: Option<&str>| {
        let input = json!({"account": "acme.de", "fields": {"region": region}, "owner": owner});
        Operation::read("update_account", &input).unwrap()
    };
    perform(&store, vec![update("AMER", None)]).await;
    assert!(store.standing.unsettled(10).await.unwrap().is_empty(), "no rule looks at accounts");

    let rule = json!({"rule": {"field": "account.region", "op": "equals", "value": "EMEA"}});
    put_in_force(&store, "segment", "Europe", rule).await;
    perform(&store, vec![update("EMEA", None)]).await;
    let accounts = store.customers.profiles(HOME, vec![Uuid::nil()]).await.unwrap();
    assert!(accounts.is_empty(), "an account nobody has is left out");
    let (mut looked_at, mut is_first_round) = (Vec::new(), true);
    while let Some(account) = store.standing.unsettled(10).await.unwrap().pop() {
        let leads = store.standing.leads_to_settle(account, 2).await.unwrap();
        let looks = leads.iter().map(|lead_id| Operation::Assess(Assess { lead_id: *lead_id })).collect();
        perform(&store, looks).await;
        let reached = leads.last().copied().filter(|_| leads.len() == 2);
        if looked_at.len() == 2 && std::mem::take(&mut is_first_round) {
            // It changes again in the middle: what was reached says nothing any more.
            perform(&store, vec![update("EMEA North", None)]).await;
            store.standing.settle(account, reached).await.unwrap();
            let again = store.standing.unsettled(10).await.unwrap();
            assert_eq!((again.len(), again[0].reached), (1, None));
            perform(&store, vec![update("EMEA", None)]).await;
            looked_at.clear();
            continue;
        }
        store.standing.settle(account, reached).await.unwrap();
        looked_at.extend(leads);
    }
    of_acme.sort_unstable();
    assert_eq!(looked_at, of_acme, "each of its leads, and no other");
    assert_eq!(store.standing.segment_counts(HOME).await.unwrap(), [("Europe".to_owned(), 5)]);
    for walked in store.standing.walk(HOME, None, BTreeSet::new(), 100).await.unwrap() {
        let is_of_acme = of_acme.contains(&walked.lead.id);
        let account = walked.account.unwrap();
        assert_eq!(account.account.name, if is_of_acme { "Acme" } else { "Globex" });
        assert_eq!(
            walked.lead.segments.len(),
            usize::from(account.account.region.as_deref() == Some("EMEA"))
        );
    }
}

pub(crate) async fn stays_in_stages_are_counted(backend: &impl Backend) {
    let store = backend.open().await;
    let plain = Flow::publish(&store, chain("Plain", &[find()])).await;
    let mut leads = Vec::new();
    for n in 0..5 {
        leads.push(plain.send(person(n)).await.state.lead.unwrap());
    }
    let to = |lead: Uuid, stage: &str| {
        Operation::SetStage(SetStage {
            lead_id: lead,
            stage: stage.into(),
            allow_backwards: true,
            reason: String::new(),
        })
    };
    perform(&store, leads[..3].iter().map(|lead| to(*lead, "MQL")).collect()).await;
    perform(&store, vec![to(leads[0], "SQL"), to(leads[1], "Known")]).await;
    let since = Utc::now() - TimeDelta::days(1);
    let stays = store.standing.stays(HOME, since).await.unwrap();
    let told: Vec<_> =
        stays.iter().map(|stay| (stay.stage.as_str(), stay.ended, stay.next.clone())).collect();
    assert_eq!(
        told,
        [
            ("Known", 3, vec![("MQL".to_owned(), 3)]),
            ("MQL", 2, vec![("Known".to_owned(), 1), ("SQL".to_owned(), 1)]),
        ]
    );
    // The stay in the middle, worked out from the timelines.
    let mut lasted = Vec::new();
    for id in &leads[..3] {
        let view = store.leads.get(HOME, *id).await.unwrap().unwrap();
        let first =
            view.timeline.iter().rfind(|entry| entry.activity.kind == ActivityKind::StageChanged).unwrap();
        // Moments are kept in whole microseconds.
        lasted.push(first.activity.at.timestamp_micros() - view.lead.created_at.timestamp_micros());
    }
    lasted.sort_unstable();
    assert_eq!(stays[0].median.num_microseconds(), Some(lasted[1]));
    assert!(store.standing.stays(HOME, Utc::now() + TimeDelta::days(1)).await.unwrap().is_empty());
}
