//! Scores, stages and lists.

use super::identity::event;
use super::{Desk, Outcome};
use crate::activity::ActivityKind;
use crate::lead::Reason;
use crate::operation::{AddToList, Operation, SetScore, SetStage};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn score(lead: u128, score: i64) -> Operation {
    let reasons = vec![Reason { label: "Big company".into(), points: score }];
    Operation::SetScore(SetScore { lead_id: Uuid::from_u128(lead), score, reasons, model: "Fit".into() })
}

pub(super) fn stage(lead: u128, stage: &str) -> Operation {
    let lead_id = Uuid::from_u128(lead);
    Operation::SetStage(SetStage {
        lead_id,
        stage: stage.into(),
        allow_backwards: false,
        reason: String::new(),
    })
}

pub(super) fn list(lead: u128, list: &str) -> Operation {
    Operation::AddToList(AddToList { lead_id: Uuid::from_u128(lead), list: list.into() })
}

/// A desk with the lead 1.
fn desk() -> Desk {
    let mut desk = Desk::default();
    desk.perform(&event(&["email"], json!({"email": "ada@x.org"}))).unwrap();
    desk
}

fn why(outcome: &Outcome) -> &str {
    outcome.as_ref().unwrap().why.as_deref().unwrap()
}

#[test]
fn a_score_is_written_with_its_reasons_and_only_when_it_changed() {
    let mut desk = desk();
    let first = desk.perform(&score(1, 30)).unwrap();
    assert_eq!(first.why.as_deref(), Some("Scored 30: Big company (+30)."));
    assert_eq!((&first.output["score"], &first.output["lead"]["score"]), (&json!(30), &json!(30)));
    assert_eq!((&first.written[0].old, &first.written[0].new), (&Value::Null, &json!(30)));

    let again = desk.perform(&score(1, 30)).unwrap();
    assert_eq!(again.why.as_deref(), Some("Unchanged: Scored 30: Big company (+30)."));
    assert_eq!(again.written, []);

    desk.perform(&score(1, -5)).unwrap();
    assert_eq!(desk.timeline(), ["Created", "Fit: 30", "Fit: -5"]);
    let last = &desk.shelf.activities[2];
    assert_eq!((last.kind, &last.old, &last.new), (ActivityKind::Scored, &json!(30), &json!(-5)));
}

#[test]
fn a_lead_climbs_and_does_not_fall_back_unless_allowed() {
    let mut desk = desk();
    let outcome = desk.perform(&stage(1, " sql"));
    assert_eq!(why(&outcome), "Moved from Known to SQL.");
    assert_eq!(outcome.unwrap().output, json!({"stage": "SQL", "previous": "Known", "changed": true}));

    let kept = desk.perform(&stage(1, "MQL"));
    assert_eq!(why(&kept), "Kept at SQL, which is further along than MQL.");
    assert_eq!(kept.unwrap().output, json!({"stage": "SQL", "previous": "SQL", "changed": false}));
    assert_eq!(why(&desk.perform(&stage(1, "SQL"))), "The lead was at SQL already.");

    let back = SetStage {
        lead_id: Uuid::from_u128(1),
        stage: "MQL".into(),
        allow_backwards: true,
        reason: String::new(),
    };
    desk.perform(&Operation::SetStage(back)).unwrap();
    assert_eq!(desk.only_lead().stage, "MQL");
    assert_eq!(desk.timeline(), ["Created", "Stage changed to SQL", "Stage changed to MQL"]);

    let failure = desk.perform(&stage(1, "Fan")).unwrap_err();
    assert_eq!(failure.code, "LEAD-0006");
    assert!(failure.action.contains("Known, Lead, MQL"), "{}", failure.action);
}

#[test]
fn a_list_comes_into_being_once_and_holds_a_lead_once() {
    let mut desk = desk();
    desk.perform(&event(&["email"], json!({"email": "bob@x.org"}))).unwrap();
    let outcomes = desk.transaction(&[list(1, "Nurture"), list(1, " Nurture"), list(2, "Nurture")]);
    let added: Vec<Value> =
        outcomes.into_iter().map(|outcome| outcome.unwrap().output["added"].clone()).collect();
    assert_eq!(added, [true, false, true]);
    assert_eq!((desk.shelf.lists.len(), desk.shelf.members.len()), (1, 2));

    let id = desk.shelf.lists[0].id.to_string();
    let again = desk.perform(&list(1, &id));
    assert_eq!(why(&again), "The lead was on the list Nurture already.");
    assert_eq!(desk.timeline().iter().filter(|title| **title == "Added to Nurture").count(), 2);

    for name in ["", "  ", &"x".repeat(121), "01890000-0000-7000-8000-00000000dead"] {
        assert_eq!(desk.perform(&list(1, name)).unwrap_err().code, "LEAD-0009", "{name}");
    }
}

#[test]
fn a_lead_that_is_not_there_is_named() {
    let mut desk = Desk::default();
    for operation in [score(9, 1), stage(9, "MQL"), list(9, "Nurture")] {
        let failure = desk.perform(&operation).unwrap_err();
        assert_eq!(failure.code, "LEAD-0002");
        assert!(failure.message.contains("00000009"), "{failure}");
    }
    assert_eq!(desk.shelf, Desk::default().shelf);
}
