//! Owners, rules of pools, counters under many turns at once, and counters that a person puts right.

use crate::world::{Backend, Flow, HOME, ask, chain, find, person, pool};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde_json::json;
use trunkline_leads::Owner;
use trunkline_leads::definition::ROUTING;
use trunkline_leads::hours::{WallTime, Week, Work};
use trunkline_leads::routing::{Cap, ColumnKind, Criterion, Period, PoolRules};
use trunkline_store::ports::{
    Adjust, LeadQuery, MemberRule, Named, NewDefinition, OwnerFilter, PublishDefinition,
};
use trunkline_store::{Error, Store};
use uuid::Uuid;

/// Leads routed at once.
const LEADS: usize = 10_000;
/// Most big leads of an owner a day.
const LIMIT: u32 = 2_000;

async fn the_pool(store: &Store) -> trunkline_leads::Pool {
    store.leads.pools(HOME).await.unwrap().remove(0)
}

async fn rule(store: &Store, rules: PoolRules) {
    let pool = the_pool(store).await;
    let members = pool.members.iter().map(|member| MemberRule {
        owner: member.owner.id,
        weight: member.weight,
        active: member.active,
    });
    let named = Named { id: pool.id, name: pool.name.clone() };
    store.desk.set_pool(HOME, named, rules, members.collect()).await.unwrap();
}

pub(crate) async fn caps_and_counters_are_exact_under_many_turns_at_once(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let eve = Owner { id: Uuid::now_v7(), name: "Eve".into(), email: "eve@example.com".into(), work: None };
    store.leads.add_owner(HOME, eve.clone()).await.unwrap();
    let big = Criterion { field: "company_size".into(), kind: ColumnKind::Number, is: "1000+".into() };
    let cap = Cap { id: "big".into(), limit: LIMIT, per: Period::Week, when: vec![big] };
    rule(&store, PoolRules { caps: vec![cap], fallback: Some("Eve".into()), ..PoolRules::default() }).await;
    let route = ask("route", json!({"lead_id": "{{ steps.find.lead.id }}", "pool": "AE"}));
    let flow = Flow::publish(&store, chain("Route", &[find(), ("route", route)])).await;
    // Three of four leads are big: more than the caps allow.
    stream::iter(0..LEADS)
        .for_each_concurrent(256, |n| {
            let size = if n % 4 == 0 { 10 } else { 5_000 };
            let person = json!({"email": format!("lead{n}@example.com"), "company_size": size});
            let flow = &flow;
            async move { drop(flow.send(person).await) }
        })
        .await;
    let pool = the_pool(&store).await;
    let total = async |owner| {
        let query = LeadQuery { owner: Some(OwnerFilter::Is(owner)), limit: 1, ..LeadQuery::default() };
        store.leads.list(HOME, query).await.unwrap().total
    };
    let mut small_and_big = 0;
    for (member, id) in pool.members.iter().zip([ana, ben]) {
        assert_eq!(member.assigned, total(id).await, "the counter is what the leads say");
        assert_eq!(member.tallies[0].count, LIMIT, "the cap is reached and not exceeded");
        small_and_big += member.assigned;
    }
    let bigs = LEADS as u64 * 3 / 4;
    assert_eq!(total(eve.id).await, bigs - 2 * u64::from(LIMIT), "the rest went to the fallback");
    assert_eq!(small_and_big + total(eve.id).await, LEADS as u64);
    assert_eq!(pool.members.iter().map(|member| member.credit).sum::<i64>(), 0);
}

pub(crate) async fn hours_and_rules_are_kept_and_change(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, _] = pool(&store).await;
    let time = |hour| WallTime::new(hour, 0).unwrap();
    let work = Work {
        zone: "Europe/Berlin".parse().unwrap(),
        week: Week::weekdays(time(9), time(17)),
        calendar: Some("Germany".into()),
        days_off: Vec::new(),
        capacity: Some(40),
        team: Some("DACH".into()),
    };
    let changed =
        Owner { id: ana, name: "Ana M.".into(), email: "ana.m@example.com".into(), work: Some(work) };
    store.desk.change_owner(HOME, changed.clone()).await.unwrap();
    assert!(store.leads.owners(HOME).await.unwrap().contains(&changed));
    let rules = PoolRules { only_at_work: true, make_up: 7, ..PoolRules::default() };
    rule(&store, rules.clone()).await;
    let pool = the_pool(&store).await;
    assert_eq!(pool.rules, rules);
    assert_eq!(*pool.members[0].owner, changed);
    let taken = Owner { email: "BEN@example.com".into(), ..changed.clone() };
    assert!(matches!(store.desk.change_owner(HOME, taken).await, Err(Error::Conflict(_))));
    let unknown = Owner { id: Uuid::now_v7(), ..changed };
    assert!(matches!(store.desk.change_owner(HOME, unknown).await, Err(Error::NotFound(_))));
}

pub(crate) async fn a_counter_is_put_right_and_everybody_can_see_who_did_it(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let pool = the_pool(&store).await;
    let ask = |owner, credit| Adjust {
        id: Uuid::now_v7(),
        pool: pool.id,
        owner,
        at: Utc::now(),
        by: "Ada".into(),
        why: "Ana was on holiday".into(),
        assigned: Some(5),
        credit,
        clear_caps: true,
    };
    store.desk.adjust(HOME, ask(ana, Some(3))).await.unwrap();
    let members = the_pool(&store).await.members;
    assert_eq!((members[0].assigned, members[0].credit, members[1].credit), (5, 3, -3));
    store.desk.adjust(HOME, ask(ben, None)).await.unwrap();
    let done = store.desk.adjustments(HOME, pool.id).await.unwrap();
    assert_eq!(
        done.iter().map(|one| one.owner.name.as_str()).collect::<Vec<_>>(),
        ["Ben Okafor", "Ana Moreau"]
    );
    assert_eq!(done[1].why, "Ana was on holiday");
    assert_eq!(
        done[1].change,
        "leads given from 0 to 5, credit from 0 to 3, what counts towards caps starts at nothing"
    );
    assert!(matches!(store.desk.adjust(HOME, ask(Uuid::now_v7(), None)).await, Err(Error::NotFound(_))));
}

pub(crate) async fn a_team_is_whoever_names_it(backend: &impl Backend) {
    let store = backend.open().await;
    let [ana, ben] = pool(&store).await;
    let eve = Owner { id: Uuid::now_v7(), name: "Eve".into(), email: "eve@example.com".into(), work: None };
    store.leads.add_owner(HOME, eve).await.unwrap();
    for owner in
        store.leads.owners(HOME).await.unwrap().into_iter().filter(|owner| [ana, ben].contains(&owner.id))
    {
        let week = Week::weekdays(WallTime::new(9, 0).unwrap(), WallTime::new(17, 0).unwrap());
        let (zone, team) = ("UTC".parse().unwrap(), Some("DACH".to_owned()));
        let work = Work { zone, week, calendar: None, days_off: Vec::new(), capacity: None, team };
        store.desk.change_owner(HOME, Owner { work: Some(work), ..owner }).await.unwrap();
    }
    for (name, team) in [("Teams", "DACH"), ("Nobody", "Nordics")] {
        let (id, at) = (Uuid::now_v7(), Utc::now());
        let rows = json!([{"id": "r1", "to": {"kind": "team", "name": team}}]);
        let draft = json!({"rows": rows, "fallback": "Eve"});
        let new = NewDefinition { id, kind: ROUTING.into(), name: name.into(), draft, at };
        store.definitions.create(HOME, new).await.unwrap();
        let publish = PublishDefinition { base_revision: 1, by: None, note: None, at };
        store.definitions.publish(HOME, id, publish).await.unwrap();
    }
    let by = |table: &str| ask("route", json!({"lead_id": "{{ steps.find.lead.id }}", "table": table}));
    let flow = Flow::publish(&store, chain("Route", &[find(), ("route", by("Teams"))])).await;
    for n in 0..6 {
        flow.send(person(n)).await;
    }
    for owner in [ana, ben] {
        let query = LeadQuery { owner: Some(OwnerFilter::Is(owner)), limit: 10, ..LeadQuery::default() };
        assert_eq!(store.leads.list(HOME, query).await.unwrap().total, 3, "whoever has fewer is next");
    }
    let nobody = Flow::publish(&store, chain("Nobody", &[find(), ("route", by("Nobody"))])).await;
    let run = nobody.send(person(7)).await;
    let lead = store.leads.get(HOME, run.state.lead.unwrap()).await.unwrap().unwrap();
    assert!(lead.owner.is_none(), "nobody belongs to the team");
}
