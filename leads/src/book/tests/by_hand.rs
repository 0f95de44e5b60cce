//! What people change by hand, and what is noted of a lead.

use super::identity::event;
use super::standing::list;
use super::{Desk, Shelf};
use crate::activity::ActivityKind;
use crate::operation::{Edit, LogActivity, Operation, RemoveFromList};
use serde_json::{Value, json};
use uuid::Uuid;

fn edit(fields: Value, owner: Option<&str>) -> Operation {
    let fields = fields.as_object().unwrap().clone();
    Operation::Edit(Edit { lead_id: Uuid::from_u128(1), fields, owner: owner.map(Into::into), why: None })
}

fn touch(word: &str, title: &str) -> Operation {
    let (activity, title) = (word.into(), title.into());
    let lead_id = Uuid::from_u128(1);
    Operation::LogActivity(LogActivity { lead_id, activity, title, channel: None, detail: Value::Null, key: String::new() })
}

fn off(name: &str) -> Operation {
    Operation::RemoveFromList(RemoveFromList { lead_id: Uuid::from_u128(1), list: name.into() })
}

fn desk() -> Desk {
    let mut desk = Desk::new(Shelf::default().with_pool("AE", &[("Ana", 1)]));
    desk.perform(&event(&["email"], json!({"email": "ada@x.org", "city": "Paris"}))).unwrap();
    desk
}

#[test]
fn what_a_person_writes_wins_and_what_they_empty_is_empty() {
    let mut desk = desk();
    let edits =
        json!({"city": "", "company_size": "250", "plan": "pro", "email": "ada@y.org", "consent": "yes"});
    let done = desk.perform(&edit(edits, Some("Ana"))).unwrap();
    assert_eq!(done.why.as_deref(), Some("Changed City, Company size, plan, E-mail, Consent and Owner."));
    let lead = desk.only_lead();
    assert_eq!((lead.city.as_deref(), lead.company_size), (None, Some(250)));
    assert_eq!((&lead.fields["plan"], lead.consent), (&json!("pro"), Some(true)));
    assert!(lead.consent_at.is_some() && lead.owner_id.is_some());
    assert_eq!(desk.timeline()[2], "Assigned to Ana");
    // It is found by the address it has now, and by the one it had.
    for address in ["ada@y.org", "ada@x.org"] {
        desk.perform(&event(&["email"], json!({"email": address}))).unwrap();
    }
    assert_eq!(desk.shelf.leads.len(), 1);
    let nothing = desk.perform(&edit(json!({"plan": "pro"}), Some("Ana"))).unwrap();
    assert_eq!(nothing.output["changed"], 0);
    desk.perform(&edit(json!({}), Some(""))).unwrap();
    assert_eq!(desk.only_lead().owner_id, None);
}

/// Whether it left in the same transaction or in one before makes no difference.
#[test]
fn a_lead_that_leaves_a_list_and_joins_again_is_on_it_since_then() {
    let since = |desk: &Desk| *desk.shelf.members.values().next().unwrap();
    let again = [off("Hot"), list(1, "Hot")];
    let mut at_once = desk();
    at_once.perform(&list(1, "Hot")).unwrap();
    let first = since(&at_once);
    let mut in_turn = desk();
    in_turn.perform(&list(1, "Hot")).unwrap();
    at_once.transaction(&again);
    in_turn.one_by_one(&again);
    assert!(since(&at_once) > first);
    assert_eq!(at_once.shelf, in_turn.shelf);
}

#[test]
fn a_wrong_edit_changes_nothing() {
    let mut desk = desk();
    desk.perform(&event(&["email"], json!({"email": "ben@x.org"}))).unwrap();
    for (fields, owner, code) in [
        (json!({"email": "ben@x.org", "city": "Rome"}), None, "LEAD-0020"),
        (json!({"consent": "perhaps"}), None, "LEAD-0021"),
        (json!({"score": 9}), None, "LEAD-0007"),
        (json!({"city": "Rome"}), Some("Nobody"), "LEAD-0011"),
    ] {
        assert_eq!(desk.perform(&edit(fields, owner)).unwrap_err().code, code);
    }
    assert_eq!(desk.shelf.leads[&Uuid::from_u128(1)].city.as_deref(), Some("Paris"));
}

#[test]
fn a_touch_is_noted_under_one_word_however_it_is_written() {
    let mut desk = desk();
    desk.perform(&touch(" Page View", "")).unwrap();
    desk.perform(&touch("page-view", "Visited /pricing")).unwrap();
    let noted: Vec<_> = desk.shelf.activities[1..].iter().collect();
    assert!(noted.iter().all(|entry| entry.kind == ActivityKind::Touched));
    assert!(noted.iter().all(|entry| entry.touch.as_ref().is_some_and(|touch| touch.kind == "page_view")));
    assert_eq!(desk.timeline()[1..], ["Visited a page", "Visited /pricing"]);
    assert_eq!(desk.perform(&touch(" ", "")).unwrap_err().code, "LEAD-0003");
}

#[test]
fn a_lead_leaves_a_list_once_also_in_the_turn_that_put_it_there() {
    let mut desk = desk();
    desk.perform(&list(1, "Nurture")).unwrap();
    assert_eq!(desk.perform(&off("Nurture")).unwrap().output["removed"], true);
    assert_eq!(desk.perform(&off("Nurture")).unwrap().output["removed"], false);
    assert_eq!(desk.perform(&off("No such list")).unwrap().output["removed"], false);
    desk.transaction(&[list(1, "Nurture"), off("Nurture")]);
    desk.transaction(&[list(1, "Nurture"), off("Nurture"), list(1, "Nurture")]);
    desk.transaction(&[off("Nurture"), list(1, "Nurture")]);
    assert_eq!(desk.shelf.members.len(), 1);
}

#[test]
fn the_same_activity_of_another_system_is_noted_once() {
    let mut desk = desk();
    let lead_id = Uuid::from_u128(1);
    let visit = |key: &str| {
        let (activity, key) = ("page_view".to_owned(), key.to_owned());
        let (title, channel, detail) = (String::new(), None, Value::Null);
        Operation::LogActivity(LogActivity { lead_id, activity, title, channel, detail, key })
    };
    let touches = |desk: &Desk| {
        desk.shelf.activities.iter().filter(|entry| entry.kind == ActivityKind::Touched).count()
    };
    for (key, noted, count) in [("e1", true, 1), (" e1 ", false, 1), ("e2", true, 2), ("", true, 3), ("", true, 4)] {
        let done = desk.perform(&visit(key)).unwrap();
        assert_eq!((&done.output["noted"], touches(&desk)), (&json!(noted), count), "{key}");
    }
}
