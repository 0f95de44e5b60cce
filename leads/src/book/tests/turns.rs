//! Owners, and the turns of pools.

use super::identity::event;
use super::{Desk, Outcome, Shelf};
use crate::operation::{Operation, Route};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn route(lead: u128, pool: &str) -> Operation {
    Operation::Route(wish(lead, pool))
}

fn wish(lead: u128, pool: &str) -> Route {
    Route::by_pool(Uuid::from_u128(lead), pool)
}

/// A desk with the leads 1 to `leads`.
fn desk(shelf: Shelf, leads: u128) -> Desk {
    let mut desk = Desk::new(shelf);
    for lead in 1..=leads {
        desk.perform(&event(&["external_id"], json!({"external_id": lead.to_string()}))).unwrap();
    }
    desk
}

fn owner(outcome: &Outcome) -> &str {
    outcome.as_ref().unwrap().output["owner"]["name"].as_str().unwrap()
}

#[test]
fn turns_follow_the_weights_and_say_why() {
    let shelf = Shelf::default().with_pool("AE", &[("Ana", 2), ("Ben", 1), ("Chloe", 1)]);
    let mut desk = desk(shelf, 4);
    let outcomes: Vec<Outcome> = (1..=4).map(|lead| desk.perform(&route(lead, "AE"))).collect();
    let owners: Vec<&str> = outcomes.iter().map(owner).collect();
    assert_eq!(owners, ["Ana", "Ben", "Chloe", "Ana"]);

    let last = outcomes[3].as_ref().unwrap();
    let why = "Ana was next in the pool AE (weight 2 of 4, 2 assigned so far).";
    assert_eq!(last.why.as_deref(), Some(why));
    assert_eq!(last.output["reason"], why);
    assert_eq!(last.output["owner"]["email"], "ana@trunkline.example");
    assert_eq!(
        last.output["candidates"],
        json!([
            {"name": "Ana", "weight": 2, "assigned": 2, "outcome": "chosen"},
            {"name": "Ben", "weight": 1, "assigned": 1, "outcome": "not their turn"},
            {"name": "Chloe", "weight": 1, "assigned": 1, "outcome": "not their turn"},
        ])
    );
    let lead = &desk.shelf.leads[&Uuid::from_u128(4)];
    assert_eq!(lead.owner_reason.as_deref(), Some(why));
    assert_eq!(lead.owner_id, Some(desk.shelf.pools[0].members[0].owner.id));
    assert_eq!(desk.timeline().last(), Some(&"Assigned to Ana"));
}

#[test]
fn those_who_take_no_part_are_passed_over() {
    let mut shelf = Shelf::default().with_pool("AE", &[("Ana", 1), ("Ben", 0), ("Chloe", 1)]);
    shelf.pools[0].members[0].active = false;
    let mut desk = desk(shelf, 2);
    for lead in 1..=2 {
        let outcome = desk.perform(&route(lead, "AE"));
        assert_eq!(owner(&outcome), "Chloe");
        let outcomes: Vec<Value> = outcome.unwrap().output["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|candidate| candidate["outcome"].clone())
            .collect();
        assert_eq!(outcomes, ["not active", "weight is 0", "chosen"]);
    }
}

#[test]
fn an_owner_is_kept_and_no_turn_is_used_up() {
    let shelf = Shelf::default().with_pool("AE", &[("Ana", 1), ("Ben", 1)]).with_pool("SDR", &[("Dan", 1)]);
    let mut desk = desk(shelf, 1);
    desk.perform(&route(1, "SDR")).unwrap();
    let before = desk.shelf.clone();
    let kept = desk.perform(&Operation::Route(Route { keep_owner: true, ..wish(1, "AE") }));
    assert_eq!(owner(&kept), "Dan");
    assert_eq!(kept.unwrap().why.as_deref(), Some("Dan owns this lead already and keeps it."));
    assert_eq!(desk.shelf, before);

    // An owner who was deleted keeps nothing.
    desk.shelf.owners.retain(|owner| owner.name != "Dan");
    let given = desk.perform(&Operation::Route(Route { keep_owner: true, ..wish(1, "AE") }));
    assert_eq!(owner(&given), "Ana");
}

#[test]
fn routes_of_one_lead_in_one_transaction_know_the_owner_before() {
    let shelf = Shelf::default().with_pool("AE", &[("Ana", 1)]).with_pool("SDR", &[("Dan", 1)]);
    let mut desk = desk(shelf, 1);
    let outcomes = desk.transaction(&[
        route(1, "SDR"),
        Operation::Route(Route { keep_owner: true, ..wish(1, "AE") }),
        route(1, "AE"),
    ]);
    assert_eq!(outcomes.iter().map(owner).collect::<Vec<_>>(), ["Dan", "Dan", "Ana"]);
    assert_eq!(outcomes[2].as_ref().unwrap().written[0].old, "Dan");
}

#[test]
fn an_empty_pool_needs_a_fallback() {
    let mut shelf = Shelf::default().with_pool("AE", &[("Ana", 1)]);
    shelf.pools[0].members[0].active = false;
    shelf.owner("Eve");
    let mut desk = desk(shelf, 1);
    assert_eq!(desk.perform(&route(1, "AE")).unwrap_err().code, "LEAD-0004");
    assert_eq!(desk.perform(&route(1, "Nobody")).unwrap_err().code, "LEAD-0005");
    let to =
        |fallback: &str| Operation::Route(Route { fallback_owner: Some(fallback.into()), ..wish(1, "AE") });
    assert_eq!(desk.perform(&to("Zoe")).unwrap_err().code, "LEAD-0011");
    assert_eq!(desk.only_lead().owner_id, None);
    for eve in ["Eve", "eve@trunkline.example"] {
        let outcome = desk.perform(&to(eve));
        assert_eq!(owner(&outcome), "Eve");
        let why = outcome.unwrap().why.unwrap();
        assert_eq!(why, "Nobody in the pool AE takes part, so it went to Eve, the fallback.");
    }
}

#[test]
fn a_pool_asked_for_by_name_and_by_id_is_one_pool() {
    let shelf = Shelf::default().with_pool("AE", &[("Ana", 1), ("Ben", 1)]);
    let id = shelf.pools[0].id.to_string();
    let mut desk = desk(shelf, 2);
    let outcomes = desk.transaction(&[route(1, "AE"), route(2, &id)]);
    assert_eq!(outcomes.iter().map(owner).collect::<Vec<_>>(), ["Ana", "Ben"]);
}
