//! Moves, problems and words of lifecycles.

use super::{Lifecycle, Refusal};
use crate::criteria::{Facts, History};
use crate::lead::Lead;
use chrono::DateTime;
use serde_json::{Value, json};
use uuid::Uuid;

fn lifecycle() -> Value {
    json!({ "stages": [
        { "name": "Lead" },
        { "name": "MQL", "means": "Marketing vouches for it.", "crm_status": "Working",
          "entry": { "field": "score", "op": "at_least", "value": 71 }, "moves_to": ["SAL", "Recycled"] },
        { "name": "SAL" },
        { "name": "Customer", "moves_to": [] },
        { "name": "Recycled", "recycle": true, "moves_to": ["MQL"] }
    ] })
}

fn read(document: Value) -> Lifecycle {
    serde_json::from_value(document).unwrap()
}

fn lead(stage: &str, score: i64) -> Lead {
    let mut lead = Lead::new(Uuid::from_u128(1), stage, DateTime::UNIX_EPOCH);
    lead.score = Some(score);
    lead
}

/// The refusal of a move, or whether it goes forward.
fn ask(from: &str, to: &str, score: i64, reason: &str) -> Result<bool, Refusal> {
    let (lead, history) = (lead(from, score), History::default());
    let facts = Facts::new(&lead, &history, DateTime::UNIX_EPOCH);
    read(lifecycle()).check(&facts, to, false, reason).map(|allowed| allowed.is_forward)
}

fn refused(says: &str) -> Result<bool, Refusal> {
    Err(Refusal::NotAllowed(says.into()))
}

#[test]
fn moves_are_allowed_as_the_document_says() {
    assert_eq!(ask("Lead", "mql ", 71, ""), Ok(true));
    assert_eq!(ask("MQL", "SAL", 0, ""), Ok(true));
    assert_eq!(ask("MQL", "Recycled", 0, "No budget"), Ok(true));
    assert_eq!(ask("Recycled", "MQL", 80, ""), Ok(false));
    assert_eq!(ask("Gone from the document", "SAL", 0, ""), Ok(true));
}

#[test]
fn what_is_not_allowed_is_said_in_a_sentence() {
    assert_eq!(ask("Lead", "Fan", 0, ""), Err(Refusal::Unknown));
    assert_eq!(ask("Lead", "lead", 0, ""), Err(Refusal::AlreadyThere));
    assert_eq!(ask("SAL", "Lead", 0, ""), Err(Refusal::FurtherAlong));
    assert_eq!(
        ask("Lead", "MQL", 70, ""),
        refused("The entry rule of MQL does not hold: score is not at least 71 (it was 70).")
    );
    assert_eq!(
        ask("MQL", "Customer", 90, ""),
        refused("From MQL a lead may move to SAL or Recycled, not to Customer.")
    );
    assert_eq!(
        ask("Customer", "SAL", 0, ""),
        refused("No stage follows Customer, so it cannot move to SAL.")
    );
    assert_eq!(
        ask("MQL", "Recycled", 0, " "),
        refused("A lead comes back to Recycled only with a reason; say why.")
    );
}

#[test]
fn problems_are_pointed_out() {
    let problems = |document: Value| -> Vec<String> {
        read(document).problems().into_iter().map(|problem| problem.field).collect()
    };
    assert!(problems(lifecycle()).is_empty());
    assert_eq!(problems(json!({ "stages": [] })), ["/stages"]);
    assert_eq!(
        problems(json!({ "stages": [
            { "name": "Lead", "moves_to": ["SQL"] }, { "name": "lead" }, { "name": "SQL", "moves_to": [] },
            { "name": "SAL", "moves_to": ["Gone"] }
        ] })),
        ["/stages/1/name", "/stages/3/moves_to"]
    );
}

#[test]
fn words_say_what_is_agreed_and_what_changed() {
    let before = read(lifecycle());
    assert_eq!(
        before.in_words()[1],
        "MQL: Marketing vouches for it. Enters when score is at least 71. From here to SAL or Recycled. \
         The CRM calls it Working."
    );
    let mut document = lifecycle();
    document["stages"][1]["entry"]["value"] = json!(65);
    document["stages"][1]["crm_status"] = json!("");
    document["stages"][3]["name"] = json!("Won");
    document["stages"].as_array_mut().unwrap().swap(0, 2);
    assert_eq!(
        read(document).changes_since(&before),
        [
            "MQL is entered by: score is at least 71 -> score is at least 65",
            "MQL in the CRM: Working -> nothing",
            "Won: new stage",
            "Customer: removed",
            "Order: SAL, MQL, Lead, Won, Recycled",
        ]
    );
    assert!(before.changes_since(&before).is_empty());
}
