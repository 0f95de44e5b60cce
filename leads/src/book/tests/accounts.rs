//! Accounts in a book: found once, matched in the same transaction, and left to people where they decided.

use super::identity::event;
use super::{Desk, Shelf};
use crate::account::operation::{
    AccountOperation, Aside, Existing, KeepAccount, MatchAccount, SetAccount, SetAside, UpdateAccount,
};
use crate::activity::ActivityKind;
use crate::matching::MatchStatus;
use crate::operation::{Operation, PutBack, PutBackPart};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn keep(fields: Value) -> Operation {
    let fields = fields.as_object().unwrap().clone();
    let keep =
        KeepAccount { fields, owner: None, parent: None, existing: Existing::FillEmpty, creates: true };
    Operation::Account(AccountOperation::KeepAccount(keep))
}

pub(super) fn match_account(lead_id: Uuid, again: bool) -> Operation {
    Operation::Account(AccountOperation::MatchAccount(MatchAccount { lead_id, again }))
}

pub(super) fn set_account(lead_id: Uuid, account_id: Option<Uuid>) -> Operation {
    let set = SetAccount { lead_id, account_id, learn_domain: true, learn_name: true };
    Operation::Account(AccountOperation::SetAccount(set))
}

pub(super) fn lead(desk: &mut Desk, fields: Value) -> Uuid {
    let made = desk.perform(&event(&["email"], fields)).unwrap();
    made.output["lead"]["id"].as_str().unwrap().parse().unwrap()
}

pub(super) fn id(output: &Value) -> Uuid {
    output["account"]["id"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_lead_is_matched_with_a_reason_on_its_timeline() {
    let mut desk = Desk::default();
    let account =
        id(&desk.perform(&keep(json!({"name": "Acme GmbH", "domains": "acme.de"}))).unwrap().output);
    let ada = lead(&mut desk, json!({"email": "ada@acme.de", "company": "ACME"}));
    let matched = desk.perform(&match_account(ada, false)).unwrap();
    assert_eq!(matched.output["outcome"], "matched");
    assert_eq!(id(&matched.output), account);
    assert_eq!(desk.shelf.leads[&ada].account_id, Some(account));
    let last = desk.shelf.activities.last().unwrap();
    assert_eq!((last.kind, last.title.as_str()), (ActivityKind::Matched, "Matched to Acme GmbH"));
    assert_eq!(last.why.as_deref(), Some("The domain acme.de is the account's and the names are the same."));
    assert_eq!(desk.shelf.account_matches[&ada].status, MatchStatus::Matched);

    let again = desk.perform(&match_account(ada, false)).unwrap();
    assert_eq!((again.written.len(), &again.output["outcome"]), (0, &json!("matched")));
}

#[test]
fn an_account_made_in_a_transaction_is_found_later_in_it() {
    let mut desk = Desk::default();
    let ada = lead(&mut desk, json!({"email": "ada@acme.de"}));
    let outcomes = desk.transaction(&[
        keep(json!({"name": "Acme", "domains": "acme.de"})),
        keep(json!({"name": "ACME GmbH", "website": "https://acme.de", "city": "Bonn"})),
        match_account(ada, false),
    ]);
    let outputs: Vec<&Value> = outcomes.iter().map(|outcome| &outcome.as_ref().unwrap().output).collect();
    assert_eq!((outputs[0]["created"].clone(), outputs[1]["created"].clone()), (json!(true), json!(false)));
    assert_eq!(id(outputs[0]), id(outputs[2]));
    assert_eq!(desk.shelf.accounts.len(), 1);
    let account = desk.shelf.accounts.values().next().unwrap();
    assert_eq!((account.name.as_str(), account.city.as_deref()), ("Acme", Some("Bonn")));
}

#[test]
fn accounts_are_recognised_by_id_then_domain_then_name() {
    let mut desk = Desk::default();
    let first =
        json!({"name": "Acme", "domains": "acme.de", "external_ids": {"crm": "1"}, "opportunity_amount": 5});
    let acme = id(&desk.perform(&keep(first)).unwrap().output);
    for same in [
        json!({"name": "Another", "external_ids": {"CRM": "1"}}),
        json!({"name": "Another", "domains": "www.acme.de"}),
        json!({"name": "ACME, Inc."}),
    ] {
        let found = desk.perform(&keep(same.clone())).unwrap();
        assert_eq!((id(&found.output), &found.output["found"]), (acme, &json!(true)), "{same}");
    }
    let other = desk.perform(&keep(json!({"name": "Acme Bakery"}))).unwrap();
    assert_eq!(other.output["created"], true);
    assert_eq!(desk.perform(&keep(json!({"city": "Bonn"}))).unwrap_err().code, "LEAD-0072");
    assert_eq!(desk.perform(&keep(json!({"name": "X", "size": "many"}))).unwrap_err().code, "LEAD-0071");
    let refused = KeepAccount {
        fields: json!({"name": "acme"}).as_object().unwrap().clone(),
        owner: None,
        parent: None,
        existing: Existing::Refuse,
        creates: true,
    };
    let refused = Operation::Account(AccountOperation::KeepAccount(refused));
    assert_eq!(desk.perform(&refused).unwrap_err().code, "LEAD-0073");
}

#[test]
fn what_a_person_decides_stays_and_teaches_the_account() {
    let mut desk = Desk::default();
    let acme = id(&desk.perform(&keep(json!({"name": "Acme"}))).unwrap().output);
    let ada = lead(&mut desk, json!({"email": "ada@roadrunner.com", "company": "Roadrunner Supplies"}));
    assert_eq!(desk.perform(&match_account(ada, false)).unwrap().output["outcome"], "none");
    let chosen = desk.perform(&set_account(ada, Some(acme))).unwrap();
    assert_eq!(chosen.output["learned"], json!(["roadrunner.com", "Roadrunner Supplies"]));
    let account = &desk.shelf.accounts[&acme];
    assert_eq!(
        (&account.domains, &account.aliases),
        (&vec!["roadrunner.com".into()], &vec!["Roadrunner Supplies".into()])
    );
    let again = desk.perform(&match_account(ada, true)).unwrap();
    assert!(again.written.is_empty() && again.why.unwrap().starts_with("A person decided this"));

    // The next one from there is matched by what was learned.
    let bob = lead(&mut desk, json!({"email": "bob@mail.roadrunner.com"}));
    assert_eq!(id(&desk.perform(&match_account(bob, false)).unwrap().output), acme);

    let aside = |how| Operation::Account(AccountOperation::SetAside(SetAside { lead_id: bob, how }));
    desk.perform(&aside(Aside::NotACompany)).unwrap();
    assert_eq!(desk.shelf.leads[&bob].account_id, None);
    desk.perform(&match_account(bob, true)).unwrap();
    assert_eq!(desk.shelf.leads[&bob].account_id, None, "a person said so");
    desk.perform(&aside(Aside::Back)).unwrap();
    desk.perform(&match_account(bob, true)).unwrap();
    assert_eq!(desk.shelf.leads[&bob].account_id, Some(acme));
    assert_eq!(desk.perform(&set_account(bob, Some(Uuid::nil()))).unwrap_err().code, "LEAD-0070");
}

#[test]
fn an_undone_match_leaves_the_lead_to_the_next_look() {
    let mut desk = Desk::default();
    let acme = id(&desk.perform(&keep(json!({"name": "Acme", "domains": "acme.de"}))).unwrap().output);
    let ada = lead(&mut desk, json!({"email": "ada@acme.de"}));
    desk.perform(&match_account(ada, false)).unwrap();
    let part = PutBackPart {
        lead_id: ada,
        field: "account".into(),
        label: "Account".into(),
        now: json!(acme.to_string()),
        back_to: Value::Null,
        now_shown: json!("Acme"),
        back_to_shown: Value::Null,
        reasons: Vec::new(),
    };
    desk.perform(&Operation::PutBack(PutBack { parts: vec![part] })).unwrap();
    assert_eq!(desk.shelf.leads[&ada].account_id, None);
    assert_eq!(desk.shelf.account_matches[&ada].status, MatchStatus::None);
    let again = desk.perform(&match_account(ada, false)).unwrap();
    assert_eq!(id(&again.output), acme);
}

#[test]
fn hierarchies_have_no_circles() {
    let mut desk = Desk::default();
    for name in ["Top", "Middle", "Bottom"] {
        desk.perform(&keep(json!({ "name": name }))).unwrap();
    }
    let put_under = |account: &str, parent: &str| {
        Operation::Account(AccountOperation::UpdateAccount(UpdateAccount {
            account: account.into(),
            fields: serde_json::Map::new(),
            owner: None,
            parent: Some(parent.into()),
            clears: false,
        }))
    };
    desk.perform(&put_under("Middle", "Top")).unwrap();
    desk.perform(&put_under("Bottom", "Middle")).unwrap();
    assert_eq!(desk.perform(&put_under("Top", "Bottom")).unwrap_err().code, "LEAD-0074");
    assert_eq!(desk.perform(&put_under("Top", "Top")).unwrap_err().code, "LEAD-0074");
    assert_eq!(desk.perform(&put_under("Top", "Nowhere")).unwrap_err().code, "LEAD-0070");
    let freed = desk.perform(&put_under("Middle", " ")).unwrap();
    assert_eq!(freed.output["account"]["parent_id"], Value::Null);
}

#[test]
fn owners_are_named_as_people_name_them() {
    let mut shelf = Shelf::default();
    let ana = shelf.owner("Ana");
    let mut desk = Desk::new(shelf);
    desk.perform(&keep(json!({"name": "Acme"}))).unwrap();
    let update = |owner: &str| {
        Operation::Account(AccountOperation::UpdateAccount(UpdateAccount {
            account: "acme".into(),
            fields: json!({"is_named": true}).as_object().unwrap().clone(),
            owner: Some(owner.into()),
            parent: None,
            clears: false,
        }))
    };
    let done = desk.perform(&update("Ana")).unwrap();
    assert_eq!(done.output["account"]["owner_id"], json!(ana.id));
    assert_eq!(done.why.as_deref(), Some("Changed is_named and owner of Acme."));
    assert_eq!(desk.perform(&update("Nobody")).unwrap_err().code, "LEAD-0011");
}
