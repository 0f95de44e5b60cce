//! Leads as people look at them, and the pools they set up.

use crate::world::{Backend, Flow, HOME, ask, chain, demo, find, person, pool};
use chrono::Utc;
use serde_json::{Map, Value, json};
use trunkline_leads::activity::By;
use trunkline_leads::criteria::Criteria;
use trunkline_leads::operation::{Edit, LogActivity, SetScore};
use trunkline_leads::{ActivityKind, Lead, Operation};
use trunkline_store::ports::{LeadOrder, LeadQuery, MemberRule, Named, OwnerFilter, Wanted};
use trunkline_store::{Error, Store};
use uuid::Uuid;

pub(crate) async fn a_lead_has_its_timeline_owner_and_lists(backend: &impl Backend) {
    let store = backend.open().await;
    pool(&store).await;
    let list = ask("add_to_list", json!({"lead_id": "{{ steps.find.lead.id }}", "list": "Nurture"}));
    let nurture = Flow::publish(&store, chain("Nurture", &[find(), ("list", list)])).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let lead = flow.send(person(1)).await.state.lead.unwrap();
    for _ in 0..2 {
        assert_eq!(nurture.send(person(1)).await.state.lead, Some(lead));
    }
    nurture.send(person(2)).await;
    let view = store.leads.get(HOME, lead).await.unwrap().unwrap();
    assert_eq!(view.owner.unwrap().name, "Ana Moreau");
    assert_eq!(view.lists.iter().map(|list| list.name.as_str()).collect::<Vec<_>>(), ["Nurture"]);
    let kinds: Vec<ActivityKind> = view.timeline.iter().map(|entry| entry.activity.kind).collect();
    assert_eq!(kinds[0], ActivityKind::Listed, "the newest first");
    assert_eq!(kinds.last(), Some(&ActivityKind::Created));
    assert_eq!(kinds.iter().filter(|kind| **kind == ActivityKind::Listed).count(), 1, "listed once");
    assert!(view.timeline.windows(2).all(|pair| pair[0].id > pair[1].id));
    let lists = store.leads.lists(HOME).await.unwrap();
    assert_eq!((lists.len(), lists[0].count), (1, 2));
    let of_list = LeadQuery { list: Some(lists[0].list.id), limit: 10, ..LeadQuery::default() };
    assert_eq!(store.leads.list(HOME, of_list).await.unwrap().total, 2);
    assert!(store.leads.get(HOME, Uuid::now_v7()).await.unwrap().is_none());
}

pub(crate) async fn leads_are_filtered_and_counted(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let plain = Flow::publish(&store, chain("Plain", &[find()])).await;
    for n in 0..3 {
        flow.send(person(n)).await;
    }
    for n in 3..7 {
        plain.send(person(n)).await;
    }
    let total = async |query: LeadQuery| {
        store.leads.list(HOME, LeadQuery { limit: 50, ..query }).await.unwrap().total
    };
    let by = LeadQuery::default;
    assert_eq!(total(by()).await, 7);
    assert_eq!(total(LeadQuery { stage: Some("SQL".into()), ..by() }).await, 3);
    assert_eq!(total(LeadQuery { owner: Some(OwnerFilter::Is(ana)), ..by() }).await, 2);
    assert_eq!(total(LeadQuery { owner: Some(OwnerFilter::Is(ben)), ..by() }).await, 1);
    assert_eq!(total(LeadQuery { owner: Some(OwnerFilter::Nobody), ..by() }).await, 4);
    for (text, expected) in
        [("PERSON3@", 1), ("no 5", 1), ("example ltd", 7), ("X-6", 1), ("nobody", 0), ("%", 0)]
    {
        assert_eq!(total(LeadQuery { search: Some(text.into()), ..by() }).await, expected, "{text}");
    }
    let summary = store.leads.summary(HOME).await.unwrap();
    assert_eq!(summary.total, 7);
    assert_eq!(summary.by_owner.iter().map(|(_, n)| n).sum::<u64>(), 7);
    assert_eq!(summary.by_owner[0], (None, 4));
    let stages: Vec<(&str, u64)> = summary.by_stage.iter().map(|(stage, n)| (stage.as_str(), *n)).collect();
    assert_eq!(stages, [("Known", 4), ("SQL", 3)], "in the order of the ladder");
    assert!(store.leads.stages(HOME).await.unwrap().len() > 2);

    // Another system's id may look like one of ours, and is found all the same; so is ours.
    let theirs = Uuid::now_v7().to_string();
    let mut lead = person(7);
    lead["external_id"] = theirs.clone().into();
    plain.send(lead).await;
    let found = async |text: String| {
        let query = LeadQuery { search: Some(text), limit: 50, ..LeadQuery::default() };
        store.leads.list(HOME, query).await.unwrap().items
    };
    let by_theirs = found(theirs).await;
    assert_eq!(by_theirs.len(), 1);
    assert_eq!(found(by_theirs[0].lead.id.to_string()).await.len(), 1);
}

pub(crate) async fn pools_keep_counters_of_members_that_stay(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    for n in 0..6 {
        flow.send(person(n)).await;
    }
    let before = store.leads.pools(HOME).await.unwrap().remove(0);
    let named = Named { id: before.id, name: "Account executives".into() };
    let rules = vec![MemberRule { owner: ben, weight: 5, active: false }];
    store.leads.change_pool(HOME, named.clone(), rules).await.unwrap();
    let after = store.leads.pools(HOME).await.unwrap().remove(0);
    assert_eq!(after.name, "Account executives");
    let members: Vec<_> =
        after.members.iter().map(|m| (m.owner.id, m.weight, m.active, m.assigned)).collect();
    assert_eq!(members, [(ben, 5, false, 2)]);

    let stranger = vec![MemberRule { owner: Uuid::now_v7(), weight: 1, active: true }];
    let refused = store.leads.change_pool(HOME, named.clone(), stranger).await;
    assert!(matches!(refused.unwrap_err(), Error::NotFound(_)));
    assert_eq!(store.leads.pools(HOME).await.unwrap()[0], after, "a refused change leaves no part behind");
    let twin = Named { id: Uuid::now_v7(), name: named.name.clone() };
    assert_eq!(store.leads.add_pool(HOME, twin).await.unwrap_err(), Error::Conflict("a pool with this name"));
    store.leads.remove_pool(HOME, before.id).await.unwrap();
    assert!(store.leads.pools(HOME).await.unwrap().is_empty());
    assert_eq!(
        store.leads.owners(HOME).await.unwrap().iter().map(|owner| owner.id).collect::<Vec<_>>(),
        [ana, ben]
    );
}

pub(crate) async fn pages_of_leads_join_up(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = Flow::publish(&store, chain("Find", &[find()])).await;
    let mut expected = Vec::new();
    for n in 0..12 {
        expected.push(flow.send(person(n)).await.state.lead.unwrap());
    }
    expected.reverse();
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page =
            store.leads.list(HOME, LeadQuery { before, limit: 5, ..LeadQuery::default() }).await.unwrap();
        seen.extend(page.items.iter().map(|row| row.lead.id));
        flow.send(person(100 + seen.len())).await;
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

/// What a walk finds is what a look at every lead finds, in every order and across pages.
pub(crate) async fn leads_are_asked_rules_in_every_order(backend: &impl Backend) {
    let store = backend.open().await;
    let plain = Flow::publish(&store, chain("Plain", &[find()])).await;
    let mut ids = Vec::new();
    for n in 0..23 {
        ids.push(plain.send(person(n)).await.state.lead.unwrap());
    }
    let by = By { id: Uuid::now_v7(), name: "ada@example.com".into() };
    let mut asked = Vec::new();
    for (n, lead_id) in ids.iter().copied().enumerate() {
        let fields = Map::from_iter([
            ("company_size".to_owned(), json!(n * 10)),
            ("plan".to_owned(), Value::from(["free", "pro"][n % 2])),
        ]);
        asked.push(Operation::Edit(Edit { lead_id, fields, owner: None, why: None }));
        if n % 3 == 0 {
            let score = i64::try_from(n % 4).unwrap();
            let (reasons, model) = (Vec::new(), String::new());
            asked.push(Operation::SetScore(SetScore { lead_id, score, reasons, model }));
        }
    }
    store.leads.perform(HOME, asked, by.clone()).await.unwrap();
    let call = |lead_id| {
        let (activity, title) = ("call".to_owned(), String::new());
        let (channel, detail, key) = (None, Value::Null, String::new());
        Operation::LogActivity(LogActivity { lead_id, activity, title, channel, detail, key })
    };
    store.leads.perform(HOME, vec![call(ids[4]), call(ids[7])], by).await.unwrap();
    let everything = LeadQuery { limit: 100, ..LeadQuery::default() };
    let all: Vec<Lead> =
        store.leads.list(HOME, everything).await.unwrap().items.into_iter().map(|row| row.lead).collect();
    let rules = [
        (json!({"field": "company_size", "op": "at_least", "value": 120}), None),
        (
            json!({"all": [{"field": "plan", "op": "equals", "value": "PRO"}, {"field": "company_size", "op": "less_than", "value": 90}]}),
            None,
        ),
        (json!({"did": "touched", "named": "call"}), Some([ids[4], ids[7]])),
        (json!({"all": []}), None),
    ];
    let orders = [
        LeadOrder::Newest,
        LeadOrder::Oldest,
        LeadOrder::LastChanged,
        LeadOrder::LongestUnchanged,
        LeadOrder::HighestScore,
        LeadOrder::LowestScore,
    ];
    let now = Utc::now();
    for (rule, known) in rules {
        let rule: Criteria = serde_json::from_value(rule).unwrap();
        let wanted = Wanted::new(rule, now);
        for order in orders {
            let fits = |lead: &&Lead| match known {
                Some(known) => known.contains(&lead.id),
                None => wanted.holds(lead, &[], None),
            };
            let mut expected: Vec<&Lead> = all.iter().filter(fits).collect();
            expected.sort_by_key(|lead| order.place(lead));
            if order.falls() {
                expected.reverse();
            }
            let expected: Vec<Uuid> = expected.into_iter().map(|lead| lead.id).collect();
            let query = LeadQuery { wanted: Some(wanted.clone()), order, limit: 4, ..LeadQuery::default() };
            assert_eq!(walked(&store, query.clone()).await, expected, "{order:?}");
            let few = LeadQuery { search: Some("example".into()), ..query };
            assert_eq!(walked(&store, few).await, expected, "{order:?}, searched");
        }
    }
    let these: Vec<Uuid> = vec![ids[3], ids[9], Uuid::now_v7()];
    let query = LeadQuery { leads: Some(these.into()), limit: 1, ..LeadQuery::default() };
    assert_eq!(walked(&store, query).await, [ids[9], ids[3]]);
}

/// Every lead that a query finds, page by page.
async fn walked(store: &Store, query: LeadQuery) -> Vec<Uuid> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = store.leads.list(HOME, LeadQuery { before, ..query.clone() }).await.unwrap();
        assert!(page.items.len() <= query.limit as usize);
        found.extend(page.items.into_iter().map(|row| row.lead.id));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}
