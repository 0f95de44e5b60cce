//! Finding leads and creating them.

use super::{Desk, now};
use crate::activity::ActivityKind;
use crate::operation::{FindOrCreate, Operation, Overwrite};
use serde_json::{Value, json};

pub(super) fn event(match_on: &[&str], fields: Value) -> Operation {
    wish(match_on, fields, Overwrite::FillEmpty)
}

fn newer(match_on: &[&str], fields: Value) -> Operation {
    wish(match_on, fields, Overwrite::NewerWins)
}

fn wish(match_on: &[&str], fields: Value, overwrite: Overwrite) -> Operation {
    let Value::Object(fields) = fields else { panic!("fields are a record") };
    Operation::FindOrCreate(FindOrCreate {
        match_on: match_on.iter().map(|kind| kind.parse().unwrap()).collect(),
        fields,
        overwrite,
        allow_anonymous: false,
    })
}

#[test]
fn the_first_event_makes_a_lead_and_the_second_finds_it() {
    let mut desk = Desk::default();
    let made = desk
        .perform(&event(
            &["email"],
            json!({"email": " Ada@Example.com", "source": "Webinar", "plan": "pro", "city": " "}),
        ))
        .unwrap();
    assert_eq!(made.output["created"], true);
    assert_eq!(made.output["matched_by"], Value::Null);
    assert_eq!(
        made.output["lead"],
        json!({
            "id": "00000000-0000-0000-0000-000000000001", "email": "ada@example.com", "source": "Webinar",
            "stage": "Known", "fields": {"plan": "pro"}, "created_at": "1970-01-01T00:00:01Z",
            "updated_at": "1970-01-01T00:00:01Z", "name": "ada@example.com",
        })
    );
    assert_eq!(made.why.as_deref(), Some("No lead had this e-mail, so a new one was created."));
    assert_eq!(made.written.len(), 1);

    let found = desk
        .perform(&event(
            &["email"],
            json!({"email": "ADA@example.com", "source": "Ad", "city": "Paris", "plan": "free"}),
        ))
        .unwrap();
    assert_eq!((&found.output["created"], &found.output["matched_by"]), (&json!(false), &json!("email")));
    assert_eq!(found.why.as_deref(), Some("Found by e-mail; updated City."));
    let lead = desk.only_lead();
    assert_eq!((lead.source.as_deref(), lead.city.as_deref()), (Some("Webinar"), Some("Paris")));
    assert_eq!((lead.created_at, lead.updated_at), (now(1), now(2)));
    assert_eq!(desk.timeline(), ["Created from Webinar", "Updated City"]);
    let update = &desk.shelf.activities[1];
    assert_eq!(
        (update.kind, &update.old, &update.new),
        (ActivityKind::Updated, &json!({"city": null}), &json!({"city": "Paris"}),)
    );
}

#[test]
fn an_event_that_says_nothing_new_leaves_no_trace() {
    let mut desk = Desk::default();
    let again = event(&["email"], json!({"email": "ada@example.com", "city": null, "tags": []}));
    desk.perform(&again).unwrap();
    let before = desk.shelf.clone();
    let result = desk.perform(&again).unwrap();
    assert_eq!(result.why.as_deref(), Some("Found by e-mail; there was nothing new."));
    assert_eq!(result.written, []);
    assert_eq!(desk.shelf, before);
}

#[test]
fn newer_values_win_when_asked_but_blanks_and_scribbles_never_do() {
    let mut desk = Desk::default();
    desk.perform(&event(
        &["external_id"],
        json!({"external_id": 7, "email": "a@x.org", "city": "Paris", "plan": 1}),
    ))
    .unwrap();
    let result = desk
        .perform(&newer(
            &["external_id"],
            json!({"external_id": "7", "email": "n/a", "city": "Rome", "plan": 2, "company": "", "country": null}),
        ))
        .unwrap();
    let labels: Vec<&str> = result.written.iter().map(|change| change.label.as_str()).collect();
    assert_eq!(labels, ["City", "plan"]);
    let lead = desk.only_lead();
    assert_eq!((lead.email.as_deref(), lead.city.as_deref()), (Some("a@x.org"), Some("Rome")));
    assert_eq!(lead.fields["plan"], 2);
}

#[test]
fn withdrawn_consent_always_counts() {
    let mut desk = Desk::default();
    desk.perform(&event(&["email"], json!({"email": "a@x.org", "consent": "yes"}))).unwrap();
    desk.perform(&event(&["email"], json!({"email": "a@x.org", "consent": "unsubscribed"}))).unwrap();
    assert_eq!(desk.only_lead().consent, Some(false));
    desk.perform(&event(&["email"], json!({"email": "a@x.org", "consent": true}))).unwrap();
    assert_eq!(desk.only_lead().consent, Some(false));
}

#[test]
fn a_lead_is_still_found_by_an_address_it_once_had() {
    let mut desk = Desk::default();
    desk.perform(&event(&["external_id"], json!({"external_id": "7", "email": "old@x.org"}))).unwrap();
    desk.perform(&newer(&["external_id"], json!({"external_id": "7", "email": "new@x.org"}))).unwrap();
    for address in ["old@x.org", "new@x.org"] {
        let result = desk.perform(&event(&["email"], json!({"email": address}))).unwrap();
        assert_eq!(result.output["created"], false, "{address}");
    }
    assert_eq!(desk.only_lead().email.as_deref(), Some("new@x.org"));
}

#[test]
fn when_keys_point_at_two_leads_the_first_in_order_decides() {
    let mut desk = Desk::default();
    desk.perform(&event(&["external_id"], json!({"external_id": "1", "first_name": "Ada"}))).unwrap();
    desk.perform(&event(&["email"], json!({"email": "bob@x.org", "first_name": "Bob"}))).unwrap();
    let both = json!({"external_id": "1", "email": "bob@x.org", "city": "Paris"});

    let by_id = desk.perform(&newer(&["external_id", "email"], both.clone())).unwrap();
    assert_eq!(
        (&by_id.output["matched_by"], &by_id.output["lead"]["name"]),
        (&json!("external_id"), &json!("Ada"))
    );
    assert_eq!(
        by_id.why.as_deref(),
        Some("Found by external ID; updated City. Its e-mail belongs to another lead and was left there.")
    );
    assert_eq!(by_id.output["lead"]["email"], Value::Null);

    let by_mail = desk.perform(&newer(&["email", "external_id"], both)).unwrap();
    assert_eq!(
        (&by_mail.output["matched_by"], &by_mail.output["lead"]["name"]),
        (&json!("email"), &json!("Bob"))
    );
}

#[test]
fn a_new_lead_does_not_take_keys_that_belong_to_others() {
    let mut desk = Desk::default();
    desk.perform(&event(&["phone"], json!({"phone": "+44 20 7946 0958"}))).unwrap();
    let made =
        desk.perform(&event(&["email"], json!({"email": "a@x.org", "phone": "0044 20 79460958"}))).unwrap();
    assert_eq!(made.output["created"], true);
    assert_eq!(made.output["lead"]["phone"], Value::Null);
    assert!(made.why.unwrap().ends_with("Its phone belongs to another lead and was left there."));
}

#[test]
fn without_identity_there_is_a_lead_only_when_allowed() {
    let mut desk = Desk::default();
    let failure =
        desk.perform(&event(&["email", "phone"], json!({"email": "n/a", "city": "Paris"}))).unwrap_err();
    assert_eq!(failure.code, "LEAD-0001");
    assert!(failure.message.contains("e-mail or phone"), "{failure}");
    assert!(desk.shelf.leads.is_empty() && desk.shelf.activities.is_empty());

    let allowed = Operation::FindOrCreate(FindOrCreate {
        match_on: vec![],
        fields: json!({"city": "Paris"}).as_object().unwrap().clone(),
        overwrite: Overwrite::FillEmpty,
        allow_anonymous: true,
    });
    for made in desk.transaction(&[allowed.clone(), allowed]) {
        assert_eq!(made.unwrap().output["lead"]["stage"], "Anonymous");
    }
    assert_eq!(desk.shelf.leads.len(), 2);
}

#[test]
fn a_refused_record_changes_nothing() {
    let mut desk = Desk::default();
    desk.perform(&event(&["email"], json!({"email": "a@x.org"}))).unwrap();
    let before = desk.shelf.clone();
    for (fields, code) in [
        (json!({"email": "a@x.org", "city": "Paris", "notes": "x".repeat(20_000)}), "LEAD-0008"),
        (json!({"email": "new@x.org", "notes": "x".repeat(20_000)}), "LEAD-0008"),
        (json!({"email": "a@x.org", "city": "Paris", "stage": "Customer"}), "LEAD-0007"),
        (json!({"email": "a@x.org", "city": ["Paris", "Rome"]}), "LEAD-0007"),
    ] {
        assert_eq!(desk.perform(&newer(&["email"], fields)).unwrap_err().code, code);
    }
    assert_eq!(desk.shelf, before);
}

#[test]
fn two_events_of_one_person_in_one_transaction_make_one_lead() {
    let mut desk = Desk::default();
    let outcomes = desk.transaction(&[
        event(&["email"], json!({"email": "ada@x.org", "external_id": "7"})),
        event(&["external_id"], json!({"external_id": "7", "phone": "+442079460958"})),
        event(&["phone"], json!({"phone": "+442079460958", "city": "London"})),
    ]);
    let created: Vec<bool> =
        outcomes.into_iter().map(|result| result.unwrap().output["created"] == true).collect();
    assert_eq!(created, [true, false, false]);
    assert_eq!(desk.only_lead().city.as_deref(), Some("London"));
    assert_eq!(desk.shelf.keys.len(), 3);
}
