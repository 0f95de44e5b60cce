//! The accounts leads work for: kept, found by their keys, and matched within a turn.

use crate::world::{Backend, Flow, HOME, ask, chain, find};
use serde_json::{Value, json};
use trunkline_leads::matching::MatchStatus;
use trunkline_store::ports::{AccountQuery, MatchQuery};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// A workflow that keeps the account of the event.
async fn keeper(store: &Store) -> Flow {
    let keep = ask("keep_account", json!({"fields": "{{ trigger.body }}", "creates": true}));
    Flow::publish(store, chain("Keep accounts", &[("keep", keep)])).await
}

/// A workflow that finds or creates the lead of the event and matches it.
async fn matcher(store: &Store) -> Flow {
    let matched = ask("match_account", json!({"lead_id": "{{ steps.find.lead.id }}"}));
    Flow::publish(store, chain("Match", &[find(), ("match", matched)])).await
}

/// The only account of this name.
async fn called(store: &Store, name: &str) -> Uuid {
    let query = AccountQuery { search: Some(name.into()), limit: 10, ..AccountQuery::default() };
    let page = store.customers.list(HOME, query).await.unwrap();
    assert_eq!(page.total, 1, "{name}");
    page.items[0].account.id
}

pub(crate) async fn accounts_are_kept_and_listed(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = keeper(&store).await;
    for account in [
        json!({"name": "Globex", "domains": "globex.com", "is_named": true}),
        json!({"name": "acme GmbH", "domains": ["acme.de", "acme.com"], "city": "Bonn", "opportunity_amount": 100}),
        json!({"name": "Initech", "external_ids": {"crm": "X_1%"}}),
        // Known by its domain; fills what is empty.
        json!({"name": "ACME", "website": "https://www.acme.com", "country": "Germany"}),
    ] {
        flow.send(account).await;
    }
    let list = async |query: AccountQuery| {
        let page = store.customers.list(HOME, AccountQuery { limit: 2, ..query }).await.unwrap();
        let names: Vec<String> = page.items.iter().map(|row| row.account.name.clone()).collect();
        (names, page.next, page.total)
    };
    let by = AccountQuery::default;
    let (names, next, total) = list(by()).await;
    assert_eq!((names, total), (vec!["acme GmbH".to_owned(), "Globex".to_owned()], 3));
    let (names, next, _) = list(AccountQuery { after: next, ..by() }).await;
    assert_eq!((names, next), (vec!["Initech".to_owned()], None));
    for (text, count) in [("ACME.de", 1), ("bonn", 1), ("x_1%", 1), ("_", 1), ("nobody", 0)] {
        assert_eq!(list(AccountQuery { search: Some(text.into()), ..by() }).await.2, count, "{text}");
    }
    assert_eq!(list(AccountQuery { is_named: Some(true), ..by() }).await.0, ["Globex"]);
    assert_eq!(list(AccountQuery { is_open: Some(true), ..by() }).await.0, ["acme GmbH"]);
    assert_eq!(list(AccountQuery { owner: Some(Uuid::nil()), ..by() }).await.2, 0);
    let acme = called(&store, "acme").await;
    let view = store.customers.get(HOME, acme).await.unwrap().unwrap();
    assert_eq!((view.account.country.as_deref(), view.leads), (Some("Germany"), 0));
    assert!(store.customers.get(WorkspaceId(7), acme).await.unwrap().is_none());
    assert_eq!(store.customers.after(HOME, None, 1_000).await.unwrap().len(), 3);
    assert_eq!(store.customers.after(HOME, Some(acme), 1).await.unwrap().len(), 1);
}

pub(crate) async fn a_lead_is_matched_within_its_turn(backend: &impl Backend) {
    let store = backend.open().await;
    let keeper = keeper(&store).await;
    keeper.send(json!({"name": "Acme", "domains": "acme.de"})).await;
    keeper.send(json!({"name": "Roadrunner Supplies", "city": "Bonn"})).await;
    let flow = matcher(&store).await;
    let ada = flow.send(json!({"email": "ada@acme.de"})).await.state.lead.unwrap();
    let bob = flow.send(json!({"email": "bob@gmail.com", "company": "Roadrunner Bakery"})).await;
    let bob = bob.state.lead.unwrap();
    let eve = flow.send(json!({"email": "eve@umbrella.org"})).await.state.lead.unwrap();
    let acme = called(&store, "acme").await;
    assert_eq!(store.leads.get(HOME, ada).await.unwrap().unwrap().lead.account_id, Some(acme));
    let view = store.customers.get(HOME, acme).await.unwrap().unwrap();
    assert_eq!((view.leads, view.newest[0].0.id), (1, ada));
    assert_eq!(view.newest[0].1.as_ref().unwrap().status, MatchStatus::Matched);
    let counts = store.customers.match_counts(HOME).await.unwrap();
    for status in [MatchStatus::Matched, MatchStatus::Ambiguous, MatchStatus::None] {
        assert_eq!(counts.iter().find(|(counted, _)| *counted == status), Some(&(status, 1)));
    }
    let waiting =
        MatchQuery { status: MatchStatus::Ambiguous, search: None, from: 0, after: None, limit: 10 };
    let page = store.customers.matches(HOME, waiting.clone()).await.unwrap();
    assert_eq!((page.total, page.items[0].0.id, page.next), (1, bob, None));
    assert_eq!(page.accounts[0].name, "Roadrunner Supplies");
    let found = async |query: MatchQuery| store.customers.matches(HOME, query).await.unwrap().total;
    assert_eq!(found(MatchQuery { from: 990, ..waiting.clone() }).await, 0);
    assert_eq!(found(MatchQuery { search: Some("BOB@".into()), ..waiting.clone() }).await, 1);
    assert_eq!(found(MatchQuery { search: Some("ada".into()), ..waiting }).await, 0);
    let of = store.customers.matches_of(HOME, vec![eve, Uuid::nil()]).await.unwrap();
    assert_eq!((of.len(), of[0].status), (1, MatchStatus::None));

    // The account has a lead now, so it stays; the other one goes with its keys.
    assert_eq!(store.customers.remove(HOME, acme).await, Err(Error::Conflict("a lead of this account")));
    let other = called(&store, "roadrunner").await;
    store.customers.remove(HOME, other).await.unwrap();
    assert_eq!(store.customers.remove(HOME, other).await, Err(Error::NotFound("the account")));
    let again = flow.send(json!({"email": "kim@x.org", "company": "Roadrunner Supplies"})).await;
    let lead = store.leads.get(HOME, again.state.lead.unwrap()).await.unwrap().unwrap().lead;
    assert_eq!(lead.account_id, None);
}

pub(crate) async fn keys_too_many_accounts_have_say_so(backend: &impl Backend) {
    let store = backend.open().await;
    let flow = keeper(&store).await;
    for number in 0..201 {
        flow.send(json!({"name": format!("Shared Number{number}x")})).await;
    }
    let keys: Vec<String> = ["t:shared", "t:number7x", "t:nothing"].map(Into::into).into();
    let found = store.customers.of_keys(HOME, keys.clone()).await.unwrap();
    let of = |key: &str| found.iter().find(|(found, _)| found == key).map(|(_, of)| of);
    assert!(of("t:shared").is_some_and(|of| of.is_common && of.ids.is_empty()));
    assert!(of("t:number7x").is_some_and(|of| !of.is_common && of.ids.len() == 1));
    assert!(of("t:nothing").is_none());
    assert!(store.customers.of_keys(WorkspaceId(7), keys).await.unwrap().is_empty());
    let lead: Value = json!({"email": "ada@gmail.com", "company": "Shared Number7x Ltd"});
    let lead = matcher(&store).await.send(lead).await.state.lead.unwrap();
    let lead = store.leads.get(HOME, lead).await.unwrap().unwrap().lead;
    assert_eq!(lead.account_id, Some(called(&store, "number7x").await));
}
