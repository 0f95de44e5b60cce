//! Turning back what a run changed.

use super::{Desk, Shelf, identity, standing, turns};
use crate::operation::{Operation, PutBack, PutBackPart};
use crate::place::Place;
use serde_json::{Value, json};
use trunkline_engine::run::Performed;

/// The parts that undo `done`, with ids in place of an owner's names.
fn back(done: &Performed) -> Operation {
    let part = |change: &trunkline_engine::run::Change| {
        let (lead_id, place) = Place::read(change.target.as_ref().unwrap()).unwrap();
        let ids = |at: &str| done.output.pointer(at).cloned().unwrap_or_default();
        let (now, back_to) = match place {
            Place::Owner => (ids("/owner/id"), ids("/previous/id")),
            _ => (change.new.clone(), change.old.clone()),
        };
        PutBackPart {
            lead_id,
            field: place.to_string(),
            label: change.label.clone(),
            now,
            back_to,
            now_shown: change.new.clone(),
            back_to_shown: change.old.clone(),
            reasons: serde_json::from_value(ids("/previous/reasons")).unwrap_or_default(),
        }
    };
    Operation::PutBack(PutBack { parts: done.written.iter().map(part).collect() })
}

fn desk() -> Desk {
    let shelf = Shelf::default().with_pool("AE", &[("Ana", 1), ("Ben", 1)]);
    let mut desk = Desk::new(shelf);
    desk.perform(&identity::event(&["email"], json!({"email": "ada@example.com", "plan": "pro"}))).unwrap();
    desk
}

#[test]
fn every_change_but_the_making_of_a_lead_is_turned_back() {
    let mut desk = desk();
    let update = json!({"email": "ada@example.com", "city": "London", "shoe": "39"});
    for operation in [
        identity::event(&["email"], update),
        standing::score(1, 40),
        standing::score(1, 80),
        standing::stage(1, "MQL"),
        standing::list(1, "Nurture"),
        turns::route(1, "AE"),
        turns::route(1, "AE"),
    ] {
        let (lead, members) = (desk.only_lead().clone(), desk.shelf.members.clone());
        let done = desk.perform(&operation).unwrap();
        assert!(!done.written.is_empty(), "{operation:?} changed nothing");
        let undone = desk.perform(&back(&done)).unwrap();
        assert_eq!(undone.output["skipped"], 0, "{operation:?}: {}", undone.output);
        let mut now = desk.only_lead().clone();
        now.updated_at = lead.updated_at;
        // The stay it came from is over; another one begins.
        now.stage_since = lead.stage_since;
        // The reason before cannot be known; the owner is what counts.
        now.owner_reason.clone_from(&lead.owner_reason);
        assert_eq!((now, &desk.shelf.members), (lead, &members), "{operation:?}");
        desk.perform(&operation).unwrap();
    }
    let titles = desk.timeline();
    for title in ["Undone: stage back to Known", "Undone: taken off Nurture", "Undone: owner back to Ben"] {
        assert!(titles.contains(&title), "{titles:?}");
    }
}

#[test]
fn what_changed_since_stays_and_a_second_undo_changes_nothing() {
    let mut desk = desk();
    let done = desk.perform(&standing::stage(1, "MQL")).unwrap();
    desk.perform(&standing::stage(1, "SQL")).unwrap();
    let skipped = desk.perform(&back(&done)).unwrap();
    assert_eq!((&skipped.output["undone"], &skipped.output["skipped"]), (&json!(0), &json!(1)));
    assert_eq!(skipped.output["items"][0]["why"], "it has changed since");
    assert_eq!(desk.only_lead().stage, "SQL");
    let listed = desk.perform(&standing::list(1, "Nurture")).unwrap();
    for expected in [1, 0] {
        let undone = desk.perform(&back(&listed)).unwrap();
        assert_eq!(undone.output["undone"], expected);
    }
}

#[test]
fn a_lead_that_was_made_stays() {
    let mut desk = Desk::default();
    let made = desk.perform(&identity::event(&["email"], json!({"email": "ada@example.com"}))).unwrap();
    let undone = desk.perform(&back(&made)).unwrap();
    assert_eq!((&undone.output["undone"], desk.shelf.leads.len()), (&json!(0), 1));
}

#[test]
fn on_and_off_a_list_within_one_transaction_leaves_no_trace() {
    let mut desk = desk();
    let list = standing::list(1, "Nurture");
    let listed = desk.perform(&list).unwrap();
    let off = back(&listed);
    desk.transaction(&[off.clone(), list.clone()]);
    assert_eq!(desk.shelf.members.len(), 1);
    desk.transaction(&[off.clone(), list, off]);
    assert_eq!(desk.shelf.members.len(), 0);
}

#[test]
fn a_missing_part_of_a_lead_is_skipped() {
    let mut desk = desk();
    let part = PutBackPart {
        lead_id: desk.only_lead().id,
        field: "shoe_size".into(),
        label: "Shoe size".into(),
        now: json!(39),
        back_to: Value::Null,
        now_shown: Value::Null,
        back_to_shown: Value::Null,
        reasons: Vec::new(),
    };
    let undone = desk.perform(&Operation::PutBack(PutBack { parts: vec![part] })).unwrap();
    assert_eq!(undone.output["skipped"], 1);
}
