//! Rules that look at the account of a lead, and what becomes of its leads when the account changes.

use super::accounts::{id, keep, lead, match_account, set_account};
use super::assessed::{assert_stands_as_the_rules_say, rules};
use super::identity::event;
use super::{Desk, Shelf, turns::route};
use crate::account::operation::{AccountOperation, UpdateAccount};
use crate::operation::{Assess, Operation, SetStage};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn update(account: &str, fields: Value, owner: Option<&str>, parent: Option<&str>) -> Operation {
    Operation::Account(AccountOperation::UpdateAccount(UpdateAccount {
        account: account.into(),
        fields: fields.as_object().unwrap().clone(),
        owner: owner.map(str::to_owned),
        parent: parent.map(str::to_owned),
        clears: true,
    }))
}

fn desk() -> Desk {
    let mut shelf = Shelf::default();
    shelf.owner("Ana");
    shelf.owner("Eve");
    let rules = rules(&[
        (
            "scoring_model",
            "Inbound",
            json!({ "fit": { "rows": [
                { "when": { "field": "account.named", "op": "is_true" }, "points": 30 },
                { "when": { "field": "account.open_opportunity", "op": "is_true" }, "points": 20 },
            ] } }),
        ),
        ("segment", "Busy", json!({ "rule": { "field": "account.owner", "op": "equals", "value": "Eve" } })),
        (
            "segment",
            "Ripe",
            json!({ "rule": { "field": "account.parent", "op": "equals", "value": "Acme Group" } }),
        ),
        (
            "segment",
            "Warm",
            json!({ "rule": { "field": "account.region", "op": "equals", "value": "EMEA" } }),
        ),
        (
            "lifecycle",
            "Lifecycle",
            json!({ "stages": [
                { "name": "Known" },
                { "name": "MQL", "entry": { "field": "account.domains", "op": "contains", "value": "acme.de" } },
            ] }),
        ),
    ]);
    Desk { rules, ..Desk::new(shelf) }
}

#[test]
fn a_lead_stands_where_its_account_puts_it_as_soon_as_it_has_one() {
    let mut desk = desk();
    let acme = json!({ "name": "Acme", "domains": "acme.de", "region": "EMEA", "is_named": true });
    desk.perform(&keep(acme)).unwrap();
    let ada = lead(&mut desk, json!({ "email": "ada@acme.de", "company": "Acme" }));
    assert_eq!((desk.only_lead().score, desk.only_lead().segments.len()), (Some(0), 0));
    let stage = SetStage { lead_id: ada, stage: "MQL".into(), allow_backwards: false, reason: String::new() };
    let early = desk.perform(&Operation::SetStage(stage.clone()));
    let refused = early.is_ok_and(|kept| kept.output["refused"] == true);
    assert!(refused, "without its account it may not enter");
    desk.perform(&match_account(ada, false)).unwrap();
    assert_eq!(
        (desk.only_lead().score, desk.only_lead().segments.as_slice()),
        (Some(30), &["Warm".to_owned()][..])
    );
    desk.perform(&Operation::SetStage(stage)).unwrap();
    assert_eq!(desk.only_lead().stage, "MQL");
    let found = desk.perform(&event(&["email"], json!({ "email": "ada@acme.de" }))).unwrap();
    assert_eq!(found.output["lead"]["account"]["region"], "EMEA", "a lead comes with its account");
    desk.perform(&set_account(ada, None)).unwrap();
    assert_eq!((desk.only_lead().score, desk.only_lead().segments.len()), (Some(0), 0));
}

#[test]
fn an_account_that_changes_asks_for_another_look_at_its_leads() {
    let mut desk = desk();
    let acme = id(&desk.perform(&keep(json!({ "name": "Acme", "domains": "acme.de" }))).unwrap().output);
    assert!(desk.shelf.unsettled.is_empty(), "a new account has no leads");
    let ada = lead(&mut desk, json!({ "email": "ada@acme.de", "company": "Acme" }));
    desk.perform(&match_account(ada, false)).unwrap();
    desk.perform(&update("acme.de", json!({ "region": "EMEA" }), Some("Eve"), None)).unwrap();
    assert_eq!(desk.shelf.unsettled, [acme]);
    desk.perform(&Operation::Assess(Assess { lead_id: ada })).unwrap();
    assert_eq!(desk.only_lead().segments, ["Busy", "Warm"]);
}

#[test]
fn a_route_sees_the_account_and_its_owner() {
    let mut desk = Desk::new(Shelf::default().with_pool("AE", &[("Bo", 1)]));
    desk.shelf.owner("Eve");
    desk.perform(&keep(json!({ "name": "Acme", "domains": "acme.de" }))).unwrap();
    desk.perform(&update("acme.de", json!({}), Some("Eve"), None)).unwrap();
    let ada = lead(&mut desk, json!({ "email": "ada@acme.de", "company": "Acme" }));
    desk.perform(&match_account(ada, false)).unwrap();
    let routed = desk.perform(&route(ada.as_u128(), "AE")).unwrap();
    assert_eq!(routed.output["owner"]["name"], "Bo", "nobody said that accounts come first");
}

/// Something that happens to two accounts and three leads.
fn happening() -> impl Strategy<Value = (usize, usize, usize)> {
    (0_usize..9, 0_usize..3, 0_usize..2)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn leads_of_changed_accounts_stand_as_a_slow_look_says(happenings in vec(happening(), 0..24)) {
        let mut desk = desk();
        let names = ["Acme", "Globex"];
        let domains = ["acme.de", "globex.com"];
        let group = keep(json!({ "name": "Acme Group", "domains": "acme-group.com" }));
        desk.perform(&group).unwrap();
        let accounts: Vec<Uuid> = (0..2)
            .map(|n| id(&desk.perform(&keep(json!({ "name": names[n], "domains": domains[n] }))).unwrap().output))
            .collect();
        let leads: Vec<Uuid> = (0..3)
            .map(|n| lead(&mut desk, json!({ "email": format!("p{n}@{}", domains[n % 2]), "company": names[n % 2] })))
            .collect();
        for (what, of_lead, of_account) in happenings {
            let domain = domains[of_account];
            let operation = match what {
                0 => match_account(leads[of_lead], false),
                1 => set_account(leads[of_lead], None),
                2 => set_account(leads[of_lead], Some(accounts[of_account])),
                3 => update(domain, json!({ "region": "EMEA", "is_named": true }), None, None),
                4 => update(domain, json!({ "region": "", "is_named": false }), None, None),
                5 => update(domain, json!({ "opportunity_amount": 100 }), Some("Eve"), None),
                6 => update(domain, json!({}), Some("Ana"), Some("Acme Group")),
                7 => update(domain, json!({}), Some(""), Some("")),
                _ => update("acme-group.com", json!({ "city": format!("City {of_lead}") }), None, None),
            };
            desk.perform(&operation).unwrap();
            // What the worker does afterwards.
            for account in std::mem::take(&mut desk.shelf.unsettled) {
                let parts = |id: Uuid| desk.shelf.accounts[&id].parent_id == Some(account);
                let of = |id: &Uuid| *id == account || parts(*id);
                let looks: Vec<Operation> = desk.shelf.leads.values()
                    .filter(|lead| lead.account_id.as_ref().is_some_and(of))
                    .map(|lead| Operation::Assess(Assess { lead_id: lead.id }))
                    .collect();
                desk.transaction(&looks);
            }
            assert_stands_as_the_rules_say(&desk, desk.now());
        }
    }
}
