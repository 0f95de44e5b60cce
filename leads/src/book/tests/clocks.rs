//! Clocks that start with an assignment, warn, are met, and hand leads on.

use super::identity::event;
use super::turns::route;
use super::{Desk, Shelf};
use crate::activity::ActivityKind;
use crate::definition::{Definition, ROUTING, SLA};
use crate::hours::Work;
use crate::operation::{AcceptLead, Edit, LogActivity, Operation, Route, WakeClock};
use crate::pool::Owner;
use crate::sla::ClockState;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

fn policy(on_breach: Value) -> Definition {
    let document = json!({
        "accept": { "within": 10 }, "respond": { "within": 60, "warn_before": 15 }, "around_the_clock": true,
        "on_breach": on_breach,
    });
    Definition::new(Uuid::from_u128(0xd1), "Hot".into(), 3, document)
}

fn desk(on_breach: Value, owners: &[(&str, u32)]) -> Desk {
    let mut shelf = Shelf::default().with_pool("AE", owners);
    shelf.owner("Head");
    shelf.definitions.push((SLA, policy(on_breach)));
    let mut desk = Desk::new(shelf);
    desk.perform(&event(&["external_id"], json!({"external_id": "1", "country": "DE"}))).unwrap();
    desk
}

fn owner_now(desk: &Desk) -> String {
    let owner = desk.only_lead().owner_id.unwrap();
    desk.shelf.owners.iter().find(|known| known.id == owner).unwrap().name.clone()
}

/// Wakes everything that is due, as the server does, until nothing is.
fn wake_all(desk: &mut Desk) {
    while let Some(due) =
        desk.shelf.clocks.iter().find(|clock| clock.wake_at().is_some_and(|at| at <= desk.now()))
    {
        let wake = Operation::WakeClock(WakeClock { lead_id: due.lead_id, clock_id: due.id });
        desk.perform(&wake).unwrap();
    }
}

fn kinds(desk: &Desk, kind: ActivityKind) -> usize {
    desk.shelf.activities.iter().filter(|activity| activity.kind == kind).count()
}

#[test]
fn an_assignment_starts_the_clocks_and_an_answer_meets_them() {
    let mut desk = desk(json!({}), &[("Ana", 1)]);
    desk.perform(&route(1, "AE")).unwrap();
    assert_eq!(desk.shelf.clocks.len(), 2);
    assert_eq!(kinds(&desk, ActivityKind::SlaStarted), 2);
    let lead_id = Uuid::from_u128(1);
    let accepted = desk.perform(&Operation::AcceptLead(AcceptLead { lead_id })).unwrap();
    assert_eq!(accepted.output["accepted"], true);
    assert_eq!(desk.shelf.clocks.iter().filter(|clock| clock.is_open()).count(), 1);
    let call = LogActivity {
        lead_id,
        activity: "Call".into(),
        title: String::new(),
        channel: None,
        detail: Value::Null,
        key: String::new(),
    };
    desk.perform(&Operation::LogActivity(call)).unwrap();
    assert!(desk.shelf.clocks.iter().all(|clock| clock.state == ClockState::Met));
    assert_eq!(kinds(&desk, ActivityKind::SlaMet), 2);
}

#[test]
fn a_breach_is_told_and_hands_the_lead_to_somebody_who_did_not_have_it() {
    let mut desk = desk(
        json!({ "reassign": { "to": "next_in_pool" }, "at_most": 2, "escalate_to": "Head" }),
        &[("Ana", 5), ("Ben", 1)],
    );
    desk.perform(&route(1, "AE")).unwrap();
    assert_eq!(owner_now(&desk), "Ana");
    desk.pass(TimeDelta::minutes(11));
    wake_all(&mut desk);
    assert_eq!(owner_now(&desk), "Ben");
    let lead = desk.only_lead();
    assert!(
        lead.owner_reason
            .as_deref()
            .unwrap()
            .starts_with("Ana did not take care of it in time. Ben was next"),
        "{:?}",
        lead.owner_reason
    );
    let breach = desk.shelf.activities.iter().find(|one| one.kind == ActivityKind::SlaBreached).unwrap();
    assert_eq!(breach.detail["escalate_to"]["name"], "Head");
    assert_eq!(breach.why.as_deref(), Some("Ana had 10 min of working time by policy Hot. Head is told."));
    // Ben does nothing either, and there is nobody left: it stays, and that is said.
    desk.pass(TimeDelta::minutes(11));
    wake_all(&mut desk);
    assert_eq!(owner_now(&desk), "Ben");
    let last = desk.shelf.activities.iter().rfind(|one| one.kind == ActivityKind::SlaBreached).unwrap();
    assert!(last.why.as_deref().unwrap().contains("It stays"), "{:?}", last.why);
}

/// Whoever of these belongs to the team `Field`, which works around the clock.
fn with_team(mut desk: Desk, members: &[&str]) -> Desk {
    let day = json!([{ "opens": "00:00", "closes": "24:00" }]);
    let week = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day });
    let work: Work = serde_json::from_value(json!({ "zone": "UTC", "week": week, "team": "Field" })).unwrap();
    for owner in &mut desk.shelf.owners {
        if members.contains(&owner.name.as_str()) {
            *owner = Arc::new(Owner { work: Some(work.clone()), ..Owner::clone(owner) });
        }
    }
    let owners = desk.shelf.owners.clone();
    for member in desk.shelf.pools.iter_mut().flat_map(|pool| &mut pool.members) {
        member.owner = Arc::clone(owners.iter().find(|owner| owner.id == member.owner.id).unwrap());
    }
    desk
}

#[test]
fn a_breach_hands_the_lead_on_within_the_team_without_a_pool() {
    for reassign in [json!({ "to": "same_team" }), json!({ "to": "team", "name": "Field" })] {
        let mut desk = desk(json!({ "reassign": reassign, "at_most": 3 }), &[("Ana", 1)]);
        for name in ["Ben", "Zoe"] {
            desk.shelf.owner(name);
        }
        let mut desk = with_team(desk, &["Ana", "Ben"]);
        let owner = Some("Ana".to_owned());
        let edit = Edit { lead_id: Uuid::from_u128(1), fields: serde_json::Map::new(), owner, why: None };
        desk.perform(&Operation::Edit(edit)).unwrap();
        assert_eq!(owner_now(&desk), "Ana");
        desk.pass(TimeDelta::minutes(11));
        wake_all(&mut desk);
        assert_eq!(owner_now(&desk), "Ben", "{reassign}");
        let reason = desk.only_lead().owner_reason.clone().unwrap();
        assert!(reason.starts_with("Ana did not take care of it in time."), "{reason}");
        // Nobody of the team is left, and Zoe is of none.
        desk.pass(TimeDelta::minutes(11));
        wake_all(&mut desk);
        assert_eq!(owner_now(&desk), "Ben", "{reassign}");
        let last = desk.shelf.activities.iter().rfind(|one| one.kind == ActivityKind::SlaBreached).unwrap();
        assert!(last.why.as_deref().unwrap().contains("It stays"), "{:?}", last.why);
    }
}

#[test]
fn a_lead_of_somebody_without_a_team_stays_with_them() {
    let mut desk =
        desk(json!({ "reassign": { "to": "same_team" }, "at_most": 3 }), &[("Ana", 1), ("Ben", 1)]);
    desk.perform(&route(1, "AE")).unwrap();
    let first = owner_now(&desk);
    desk.pass(TimeDelta::minutes(70));
    wake_all(&mut desk);
    assert_eq!(owner_now(&desk), first);
}

#[test]
fn waking_twice_does_nothing_twice() {
    let mut desk = desk(json!({}), &[("Ana", 1)]);
    desk.perform(&route(1, "AE")).unwrap();
    desk.pass(TimeDelta::minutes(50));
    let wakes: Vec<Operation> = desk
        .shelf
        .clocks
        .iter()
        .flat_map(|clock| {
            let wake = WakeClock { lead_id: clock.lead_id, clock_id: clock.id };
            [Operation::WakeClock(wake.clone()), Operation::WakeClock(wake)]
        })
        .collect();
    desk.transaction(&wakes);
    for wake in &wakes {
        desk.perform(wake).unwrap();
    }
    assert_eq!(kinds(&desk, ActivityKind::SlaBreached), 1, "the acceptance");
    assert_eq!(kinds(&desk, ActivityKind::SlaWarned), 1, "the first response");
}

#[test]
fn a_table_leads_to_its_pool_and_the_decision_is_kept() {
    let mut desk = desk(json!({}), &[("Ana", 1), ("Ben", 1)]);
    let document = json!({
        "columns": [{ "id": "c", "field": "country", "kind": "text" }],
        "rows": [
            { "id": "1", "cells": { "c": "FR" }, "to": { "kind": "owner", "name": "Head" } },
            { "id": "2", "cells": { "c": "DE, AT" }, "to": { "kind": "pool", "name": "AE" } },
            { "id": "3", "to": { "kind": "list", "name": "Nurture" } },
        ],
        "fallback": "Head",
    });
    desk.shelf
        .definitions
        .push((ROUTING, Definition::new(Uuid::from_u128(7), "Territories".into(), 4, document)));
    let by_table = Route { table: Some("Territories".into()), ..Route::by_pool(Uuid::from_u128(1), "") };
    let done = desk.perform(&Operation::Route(by_table.clone())).unwrap();
    assert_eq!(done.output["owner"]["name"], "Ana");
    assert_eq!(done.output["row"], 2);
    let kept = desk.shelf.activities.iter().find(|one| one.kind == ActivityKind::Assigned).unwrap();
    assert_eq!(kept.detail["table"], "Territories");
    assert_eq!(kept.detail["version"], 4);
    assert_eq!(kept.detail["passed"][0]["why"], "country is FR, and here it is DE");
    assert_eq!(kept.detail["candidates"][1]["outcome"], "not_their_turn");
    assert_eq!(kept.detail["candidates"][0]["after"]["assigned"], 1);
    let made = desk.perform(&event(&["external_id"], json!({"external_id": "2"}))).unwrap();
    let lead_id = made.output["lead"]["id"].as_str().unwrap().parse().unwrap();
    let other = Route { lead_id, ..by_table.clone() };
    let listed = desk.perform(&Operation::Route(other)).unwrap();
    assert!(listed.why.unwrap().contains("it is put on the list Nurture"));
    let missing = Route { table: Some("Elsewhere".into()), ..by_table };
    assert_eq!(desk.perform(&Operation::Route(missing)).unwrap_err().code, "LEAD-0090");
}
