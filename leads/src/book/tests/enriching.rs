//! Fields that are filled from providers: whole conversations, with everything that is written.

use super::identity::event;
use super::{Desk, Shelf};
use crate::activity::ActivityKind;
use crate::definition::{Definition, WATERFALL};
use crate::enrichment::{Answer, Progress, WHOLE};
use crate::operation::{Edit, Enrich, Operation, TrialOf};
use serde::Deserialize;
use serde_json::{Value, json};
use trunkline_engine::run::Performed;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0xe1);

fn document() -> Value {
    json!({
        "fields": [{ "field": "industry" }, { "field": "phone" }],
        "providers": [{
            "id": "one", "name": "One", "cost_per_call": 0.5, "needs": ["email"],
            "source": { "kind": "http", "url": "https://one.example/{{ lead.email }}",
                "sign_in": { "by": "bearer", "token": "s3cret" } },
            "fills": [
                { "field": "industry", "path": "industry", "trust": 70 },
                { "field": "phone", "path": "phones.0", "trust": 60 },
                { "field": "Tech stack", "path": "tech", "trust": 60 },
            ],
        }],
    })
}

fn desk() -> Desk {
    let mut shelf = Shelf::default();
    shelf.definitions.push((WATERFALL, Definition::new(ID, "People".into(), 2, document())));
    let mut desk = Desk::new(shelf);
    for (name, phone) in [("ada", "+442079460958"), ("bob", "+442079460000")] {
        let person = json!({"email": format!("{name}@x.example"), "phone": (name == "bob").then_some(phone)});
        desk.perform(&event(&["email"], person)).unwrap();
    }
    desk
}

fn enrich(lead: u128, progress: Progress, answer: Option<Answer>) -> Operation {
    let lead_id = Uuid::from_u128(lead);
    Operation::Enrich(Box::new(Enrich { lead_id, waterfall: "People".into(), progress, answer, trial: None }))
}

fn progress(word: &Performed) -> Progress {
    Progress::deserialize(&word.output["progress"]).unwrap()
}

fn back(body: Value) -> Option<Answer> {
    Some(Answer::Back { status: 200, body })
}

#[test]
fn what_was_found_is_written_with_where_it_came_from() {
    let mut desk = desk();
    let word = desk.perform(&enrich(1, Progress::default(), None)).unwrap();
    assert_eq!(word.output["ask"]["request"]["url"], "https://one.example/ada@x.example");
    assert!(!word.output.to_string().contains("s3cret"), "a credential would be journaled");
    assert_eq!(desk.shelf.meters[&(ID, WHOLE.to_owned())].day.calls, 1);
    let body = json!({"industry": "Software", "phones": ["+44 20 7946 0958"], "tech": ["rust"]});
    let done = desk.perform(&enrich(1, progress(&word), back(body))).unwrap();
    assert_eq!((&done.output["outcome"], &done.output["asked"]), (&json!("filled"), &json!(1)));
    assert_eq!(done.why.as_deref(), Some("Filled Tech stack, Industry and Phone; one call for 0.50 EUR."));
    let lead = &desk.shelf.leads[&Uuid::from_u128(1)];
    assert_eq!(lead.industry.as_deref(), Some("Software"));
    assert_eq!(lead.phone.as_deref(), Some("+442079460958"));
    assert_eq!(lead.fields["Tech stack"], json!(["rust"]));
    let origin = &desk.shelf.provenance[&(lead.id, "industry".to_owned())];
    assert_eq!((origin.name.as_str(), origin.trust, &origin.value), ("One", 70, &json!("Software")));
    let note = desk.shelf.activities.iter().rfind(|one| one.kind == ActivityKind::Enriched).unwrap();
    assert_eq!(note.title, "Enriched Tech stack, Industry and Phone");
    assert_eq!(note.detail["fields"][1]["trust"], 70);
    assert_eq!(done.written.len(), 3);
    // Everything is there, so nobody is asked again; the same by hand takes the origin away.
    let again = desk.perform(&enrich(1, Progress::default(), None)).unwrap();
    assert_eq!((&again.output["outcome"], &again.output["asked"]), (&json!("complete"), &json!(0)));
}

#[test]
fn a_number_that_belongs_to_another_lead_is_not_taken() {
    let mut desk = desk();
    let word = desk.perform(&enrich(1, Progress::default(), None)).unwrap();
    let body = json!({"industry": "Software", "phones": ["+442079460000"]});
    let done = desk.perform(&enrich(1, progress(&word), back(body))).unwrap();
    assert_eq!(desk.shelf.leads[&Uuid::from_u128(1)].phone, None);
    assert_eq!(done.output["missing"], json!(["Phone"]));
    let said = done.output["trace"][0]["text"].as_str().unwrap();
    assert!(said.ends_with("Its Phone belongs to another lead and is not taken."), "{said}");
}

#[test]
fn what_a_person_wrote_in_the_meantime_stays() {
    let mut desk = desk();
    let word = desk.perform(&enrich(1, Progress::default(), None)).unwrap();
    let fields = json!({"industry": "Railways"}).as_object().unwrap().clone();
    let lead_id = Uuid::from_u128(1);
    desk.perform(&Operation::Edit(Edit { lead_id, fields, owner: None, why: None })).unwrap();
    let done = desk.perform(&enrich(1, progress(&word), back(json!({"industry": "Software"})))).unwrap();
    assert_eq!(desk.shelf.leads[&lead_id].industry.as_deref(), Some("Railways"));
    assert_eq!(done.output["outcome"], "not_found");
}

#[test]
fn a_trial_pays_and_remembers_and_writes_nothing_else() {
    let mut desk = desk();
    let before = desk.shelf.clone();
    let mut trial = |progress, answer| {
        let Operation::Enrich(mut input) = enrich(1, progress, answer) else { panic!("not an enrichment") };
        input.trial = Some(TrialOf { waterfall: ID, document: document() });
        desk.perform(&Operation::Enrich(input)).unwrap()
    };
    let word = trial(Progress::default(), None);
    let done = trial(progress(&word), back(json!({"industry": "Software"})));
    assert_eq!(done.output["filled"][0]["new"], "Software");
    assert_eq!(done.output["missing"], json!(["Phone"]));
    assert_eq!(desk.shelf.leads, before.leads);
    assert_eq!(desk.shelf.activities, before.activities);
    assert_eq!(desk.shelf.provenance, before.provenance);
    assert_eq!(desk.shelf.meters[&(ID, "one".to_owned())].month.calls, 1);
    assert_eq!(desk.shelf.remembered.len(), 1);
}

#[test]
fn an_enrichment_that_nobody_published_is_named() {
    let mut desk = desk();
    let lead_id = Uuid::from_u128(1);
    let (waterfall, progress) = ("Nobody".to_owned(), Progress::default());
    let asked =
        Operation::Enrich(Box::new(Enrich { lead_id, waterfall, progress, answer: None, trial: None }));
    let failure = desk.perform(&asked).unwrap_err();
    assert_eq!((&*failure.code, failure.action.contains("People")), ("ENR-0001", true));
}
