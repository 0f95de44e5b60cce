//! Merging leads and taking merges back.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person};
use serde_json::json;
use std::collections::BTreeSet;
use trunkline_leads::activity::By;
use trunkline_leads::operation::FindDuplicates;
use trunkline_leads::{ActivityKind, Lead, Operation};
use trunkline_store::Store;
use trunkline_store::ports::LeadQuery;
use uuid::Uuid;

/// Flows that find a lead and put it on a list, merge two leads, and take a merge back.
pub(crate) struct Desk {
    find: Flow,
    merge: Flow,
    pub(crate) unmerge: Flow,
}

impl Desk {
    pub(crate) async fn new(store: &Store) -> Self {
        let list = ask(
            "add_to_list",
            json!({"lead_id": "{{ steps.find.lead.id }}", "list": "{{ trigger.body.last_name }}"}),
        );
        let merge = ask(
            "merge",
            json!({"lead_id": "{{ trigger.body.into }}", "merged": "{{ trigger.body.merged }}"}),
        );
        let unmerge = ask("unmerge", json!({"merge_id": "{{ trigger.body.merge }}"}));
        Self {
            find: Flow::publish(store, chain("Find", &[find(), ("list", list)])).await,
            merge: Flow::publish(store, chain("Merge", &[("merge", merge)])).await,
            unmerge: Flow::publish(store, chain("Unmerge", &[("unmerge", unmerge)])).await,
        }
    }

    pub(crate) async fn lead(&self, n: usize) -> Uuid {
        self.find.send(person(n)).await.state.lead.unwrap()
    }

    pub(crate) async fn merge(&self, into: Uuid, merged: &[Uuid]) {
        let done = self.merge.send(json!({"into": into, "merged": merged})).await;
        assert!(done.state.error.is_none(), "{:?}", done.state.error);
    }
}

/// What a rule sees that each of these leads did, and how many leads have a match.
async fn seen(store: &Store, leads: &[Uuid]) -> (Vec<Option<usize>>, u64) {
    let mut deeds = Vec::new();
    for lead in leads {
        let walked = store.standing.look_at(HOME, *lead, BTreeSet::from(["listed"])).await.unwrap();
        deeds.push(walked.map(|walked| walked.traces.len()));
    }
    let counts = store.customers.match_counts(HOME).await.unwrap();
    (deeds, counts.into_iter().map(|(_, count)| count).sum())
}

pub(crate) async fn deeds_and_matches_go_along_and_come_back(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let (ada, bob, cleo) = (desk.lead(1).await, desk.lead(2).await, desk.lead(3).await);
    let matched = ask("match_account", json!({"lead_id": "{{ trigger.body.lead }}"}));
    let matcher = Flow::publish(&store, chain("Match", &[("match", matched)])).await;
    matcher.send(json!({ "lead": bob })).await;
    assert_eq!(seen(&store, &[ada, bob, cleo]).await, (vec![Some(1), Some(1), Some(1)], 1));
    // One after the other: what the first brought along is brought along by the second.
    desk.merge(bob, &[cleo]).await;
    desk.merge(ada, &[bob]).await;
    assert_eq!(seen(&store, &[ada, bob, cleo]).await, (vec![Some(3), None, None], 1));
    let found = store.customers.matches_of(HOME, vec![ada, bob]).await.unwrap();
    assert_eq!(found.iter().map(|found| found.lead_id).collect::<Vec<_>>(), [ada]);
    let whole = store.leads.get(HOME, ada).await.unwrap().unwrap();
    let merged = whole.timeline.iter().filter(|entry| entry.activity.kind == ActivityKind::Merged);
    let merges: Vec<_> = merged.map(|entry| entry.activity.new["merge_id"].clone()).collect();
    desk.unmerge.send(json!({ "merge": merges[0] })).await;
    assert_eq!(seen(&store, &[ada, bob, cleo]).await, (vec![Some(1), Some(2), None], 1));
    desk.unmerge.send(json!({ "merge": merges[1] })).await;
    assert_eq!(seen(&store, &[ada, bob, cleo]).await, (vec![Some(1), Some(1), Some(1)], 1));
    let found = store.customers.matches_of(HOME, vec![ada, bob]).await.unwrap();
    assert_eq!(found.iter().map(|found| found.lead_id).collect::<Vec<_>>(), [bob]);
}

pub(crate) async fn a_merge_keeps_everything_and_can_be_taken_back(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let (ada, bob) = (desk.lead(1).await, desk.lead(2).await);
    let before = [view(&store, ada).await, view(&store, bob).await];
    desk.merge(ada, &[bob]).await;

    assert!(store.leads.get(HOME, bob).await.unwrap().is_none());
    assert_eq!(
        store.leads.list(HOME, LeadQuery { limit: 10, ..LeadQuery::default() }).await.unwrap().total,
        1
    );
    let whole = store.leads.get(HOME, ada).await.unwrap().unwrap();
    assert_eq!(whole.lists.iter().map(|list| list.name.as_str()).collect::<Vec<_>>(), ["No 1", "No 2"]);
    let count = |kind| whole.timeline.iter().filter(|entry| entry.activity.kind == kind).count();
    assert_eq!((count(ActivityKind::Created), count(ActivityKind::Merged)), (2, 1));
    assert_eq!(desk.lead(2).await, ada, "a later event reaches the lead that stayed");

    let merge = whole.timeline[0].activity.new["merge_id"].clone();
    let back = desk.unmerge.send(json!({ "merge": merge })).await;
    assert!(back.state.error.is_none(), "{:?}", back.state.error);
    assert_eq!([view(&store, ada).await, view(&store, bob).await], before);
    assert_eq!(desk.lead(2).await, bob, "its keys are its own again");
    let again = desk.unmerge.send(json!({ "merge": merge })).await;
    assert_eq!(again.state.error.unwrap().1.code, "LEAD-0061");
}

pub(crate) async fn a_merged_id_leads_to_the_lead_that_stayed(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let stage = ask("set_stage", json!({"lead_id": "{{ trigger.body.lead }}", "stage": "MQL"}));
    let stage = Flow::publish(&store, chain("Stage", &[("stage", stage)])).await;
    let ids = [desk.lead(1).await, desk.lead(2).await, desk.lead(3).await];
    desk.merge(ids[1], &[ids[0]]).await;
    desk.merge(ids[2], &[ids[0]]).await;
    let done = stage.send(json!({ "lead": ids[0] })).await;
    assert!(done.state.error.is_none(), "{:?}", done.state.error);
    assert_eq!(store.leads.get(HOME, ids[2]).await.unwrap().unwrap().lead.stage, "MQL");
    for n in 1..=3 {
        assert_eq!(desk.lead(n).await, ids[2]);
    }
}

/// What a lead holds, the moment of the last change apart, and the lists it is on.
async fn view(store: &Store, id: Uuid) -> (Lead, Vec<String>) {
    let view = store.leads.get(HOME, id).await.unwrap().unwrap();
    let lead = Lead { updated_at: view.lead.created_at, ..view.lead };
    (lead, view.lists.into_iter().map(|list| list.name).collect())
}

/// Names of the leads that are found like `asked`, the likeliest first.
pub(crate) async fn alike(store: &Store, asked: FindDuplicates) -> Vec<String> {
    let by = By { id: Uuid::now_v7(), name: "ada@example.com".into() };
    let done = store.leads.perform(HOME, vec![Operation::FindDuplicates(asked)], by).await.unwrap();
    let output = &done.outcomes[0].as_ref().unwrap().output;
    let candidates = output["candidates"].as_array().unwrap().iter();
    candidates.map(|candidate| candidate["lead"]["name"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn like(lead: Option<Uuid>, record: serde_json::Value) -> FindDuplicates {
    let fields = record.as_object().cloned().unwrap_or_default();
    FindDuplicates { lead_id: lead, fields, least: 0.5, most: 5 }
}

pub(crate) async fn leads_like_another_are_looked_up(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let lead = async |email: &str, first: &str, last: &str, company: &str| {
        let record = json!({ "email": email, "first_name": first, "last_name": last, "company": company });
        flow.send(record).await.state.lead.unwrap()
    };
    let ada = lead("ada@engines.example", "Ada", "Lovelace", "Engines").await;
    lead("ada.l@mail.example", "Ada", "Lovelase", "Engines Ltd").await;
    lead("grace@hopper.example", "Grace", "Hopper", "Navy").await;
    lead("andre@nîmes.example", "André", "Dufour", "Garonne").await;
    assert_eq!(alike(&store, like(Some(ada), json!({}))).await, ["Ada Lovelase"]);
    let written = json!({ "First name": "Andre", "Surname": "Dufour", "company": "GARONNE" });
    assert_eq!(alike(&store, like(None, written)).await, ["André Dufour"]);
    let by_number = json!({ "email": "GRACE@hopper.example" });
    assert_eq!(alike(&store, like(None, by_number)).await, ["Grace Hopper"]);
    let nobody = json!({ "first_name": "Hedy", "last_name": "Lamarr", "email": "hedy@radio.example" });
    assert_eq!(alike(&store, like(None, nobody)).await, [""; 0]);
}
