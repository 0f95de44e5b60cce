//! Looking for leads that may be the same person.

use super::{Desk, Shelf};
use crate::definition::{Definition, IDENTITY};
use crate::linkage::{Corrections, DuplicateSettings, Level, Role, Taught};
use crate::operation::{Edit, FindDuplicates, FindOrCreate, MergeLeads, Operation, Overwrite};
use crate::{KeyKind, merge::MergeRules};
use chrono::DateTime;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn create(record: Value) -> Operation {
    let fields = record.as_object().unwrap().clone();
    Operation::FindOrCreate(FindOrCreate {
        match_on: vec![KeyKind::Email],
        fields,
        overwrite: Overwrite::FillEmpty,
        allow_anonymous: false,
    })
}

fn lead(desk: &mut Desk, record: Value) -> Uuid {
    let output = desk.perform(&create(record)).unwrap().output;
    output["lead"]["id"].as_str().unwrap().parse().unwrap()
}

fn like_lead(lead: Uuid) -> Operation {
    Operation::FindDuplicates(FindDuplicates {
        lead_id: Some(lead),
        fields: serde_json::Map::new(),
        least: 0.5,
        most: 5,
    })
}

fn like(record: Value) -> Operation {
    let fields = record.as_object().unwrap().clone();
    Operation::FindDuplicates(FindDuplicates { lead_id: None, fields, least: 0.5, most: 5 })
}

fn names(output: &Value) -> Vec<&str> {
    let candidates = output["candidates"].as_array().unwrap();
    candidates.iter().map(|candidate| candidate["lead"]["name"].as_str().unwrap()).collect()
}

/// Ada twice, once with a slip and another address, and others.
fn desk() -> (Desk, Uuid, Uuid) {
    let mut desk = Desk::new(Shelf::default());
    let ada = lead(
        &mut desk,
        json!({ "email": "ada@engines.example", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines" }),
    );
    let twin = lead(
        &mut desk,
        json!({ "email": "ada.lovelace@mail.example", "first_name": "Ada", "last_name": "Lovelase", "company": "Engines" }),
    );
    for (first, last) in [("Grace", "Hopper"), ("Radia", "Perlman"), ("Ada", "Yonath")] {
        let email = format!("{first}@{last}.example");
        lead(&mut desk, json!({ "email": email, "first_name": first, "last_name": last, "company": last }));
    }
    (desk, ada, twin)
}

#[test]
fn the_twin_of_a_lead_is_found_with_reasons_and_nothing_is_written() {
    let (mut desk, ada, twin) = desk();
    let before = desk.shelf.clone();
    let performed = desk.perform(&like_lead(ada)).unwrap();
    assert_eq!(names(&performed.output), ["Ada Lovelase"]);
    assert_eq!(performed.output["best"]["id"], json!(twin));
    assert!(performed.output["candidates"][0]["probability"].as_f64().unwrap() > 0.9);
    let texts = performed.output["candidates"][0]["reasons"].to_string();
    assert!(texts.contains("same company") && texts.contains("almost the same last name"), "{texts}");
    assert!(performed.why.unwrap().contains("Ada Lovelase"));
    assert_eq!(desk.shelf, before);
}

#[test]
fn a_record_that_is_no_lead_yet_is_looked_up_alike() {
    let (mut desk, ..) = desk();
    let found = desk
        .perform(&like(json!({ "First name": "ada", "Surname": "Lovelace", "company": "Engines Ltd" })))
        .unwrap();
    assert_eq!(names(&found.output).len(), 2, "{}", found.output);
    let nobody = desk.perform(&like(json!({ "first_name": "Hedy", "last_name": "Lamarr" }))).unwrap();
    assert_eq!((nobody.output["found"].clone(), nobody.output["best"].clone()), (json!(0), Value::Null));
    let nothing = desk.perform(&like(json!({ "colour": "red" }))).unwrap();
    assert!(nothing.why.unwrap().starts_with("There is no name"));
}

#[test]
fn what_the_same_transaction_made_and_changed_counts() {
    let (mut desk, ada, twin) = desk();
    let third = json!({ "email": "al@engines.example", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines" });
    let done = desk.transaction(&[create(third), like_lead(ada)]);
    assert_eq!(names(&done[1].as_ref().unwrap().output).len(), 2);
    // Known before it changed, and no longer alike afterwards.
    let fields =
        json!({ "first_name": "Hedy", "last_name": "Lamarr", "company": "Radio", "email": "h@l.example" });
    let edit = Operation::Edit(Edit {
        lead_id: twin,
        fields: fields.as_object().unwrap().clone(),
        owner: None,
        why: None,
    });
    let done = desk.transaction(&[edit, like_lead(ada)]);
    assert_eq!(names(&done[1].as_ref().unwrap().output), ["Ada Lovelace"]);
}

#[test]
fn who_went_into_another_is_no_duplicate_and_leads_there() {
    let (mut desk, ada, twin) = desk();
    let merge = Operation::Merge(MergeLeads {
        lead_id: ada,
        merged: vec![twin],
        rules: MergeRules::default(),
        why: None,
    });
    let done = desk.transaction(&[merge, like_lead(ada)]);
    assert_eq!(names(&done[1].as_ref().unwrap().output), [""; 0]);
    assert_eq!(names(&desk.perform(&like_lead(twin)).unwrap().output), [""; 0], "it is Ada by now");
}

#[test]
fn what_people_taught_counts_while_learning_is_on() {
    let (mut desk, ada, _) = desk();
    let levels = BTreeMap::from([(Level::Same, -4.0)]);
    let corrections = Corrections {
        all: -4.0,
        roles: BTreeMap::from([(Role::Company, levels.clone()), (Role::FirstName, levels)]),
    };
    let taught = Taught {
        merged: 20,
        different: 30,
        right_before: 0.5,
        right_after: 0.9,
        at: DateTime::UNIX_EPOCH,
        corrections,
    };
    let mut probability = |learns: bool| {
        let settings = DuplicateSettings {
            learns,
            taught: Some(Box::new(taught.clone())),
            ..DuplicateSettings::default()
        };
        let document = serde_json::to_value(&settings).unwrap();
        let definition = Definition::new(Uuid::from_u128(9), "Duplicates".into(), 1, document);
        desk.shelf.definitions = vec![(IDENTITY, definition)];
        let mut question = like_lead(ada);
        if let Operation::FindDuplicates(question) = &mut question {
            question.least = 0.0;
        }
        desk.perform(&question).unwrap().output["candidates"][0]["probability"].as_f64().unwrap()
    };
    let (off, on) = (probability(false), probability(true));
    assert!(on < off - 0.01, "{on} and {off}");
}
