//! Whole records, cleaned.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn cleaned(cleaning: &Cleaning, record: Value) -> (Value, Report) {
    let mut record = record.as_object().unwrap().clone();
    let report = cleaning.clean(&mut record);
    (record.into(), report)
}

#[test]
fn a_record_is_cleaned_and_every_change_is_told() {
    let cleaning = Cleaning { dates: vec!["met_on".into()], ..Cleaning::default() };
    let (record, report) = cleaned(
        &cleaning,
        json!({
            "email": " Ada@GMIAL.com ", "first_name": "ADA", "last_name": "o'brien", "company": "Acme, inc",
            "phone": "(415) 555-2671", "country": "USA", "region": "california", "city": "Select",
            "met_on": "5 March 2026", "employees": 7, "job_title": "JosÃ©'s boss",
        }),
    );
    assert_eq!(
        record,
        json!({
            "email": "ada@gmial.com", "first_name": "Ada", "last_name": "O'Brien", "company": "Acme Inc.",
            "phone": "+14155552671", "country": "US", "region": "CA", "city": null,
            "met_on": "2026-03-05", "employees": 7, "job_title": "José's boss",
        })
    );
    let why = |field: &str| report.changes.iter().find(|change| change.field == field).unwrap().why.clone();
    assert_eq!(why("email"), [Why::Spaces, Why::Email]);
    assert_eq!(why("city"), [Why::Placeholder]);
    assert_eq!(report.changes.len(), 10);
    assert_eq!(
        report.flags,
        [Flagged { field: "email".into(), flag: Flag::TypoDomain, meant: Some("ada@gmail.com".into()) }]
    );
}

#[test]
fn what_is_not_understood_stays_and_is_flagged() {
    let (record, report) = cleaned(
        &Cleaning::default(),
        json!({"email": "ada at acme", "phone": "call me", "country": "Atlantis", "state": "Bavaria"}),
    );
    assert_eq!(
        record,
        json!({"email": "ada at acme", "phone": "call me", "country": "Atlantis", "state": "Bavaria"})
    );
    let flags: Vec<Flag> = report.flags.iter().map(|flagged| flagged.flag).collect();
    assert_eq!(flags, [Flag::BadEmail, Flag::BadPhone, Flag::UnknownCountry]);
    assert!(report.changes.is_empty());
}

#[test]
fn nothing_is_cleaned_that_was_not_asked_for() {
    let off = Cleaning {
        text: false,
        placeholders: false,
        names: false,
        companies: CompanyForm::Leave,
        emails: false,
        phones: false,
        countries: PlaceForm::Leave,
        regions: PlaceForm::Leave,
        ..Cleaning::default()
    };
    let raw =
        json!({"email": " A@B.c", "first_name": "ADA", "company": "x inc", "country": "usa", "city": "n/a"});
    let (record, report) = cleaned(&off, raw.clone());
    assert_eq!((record, report), (raw, Report::default()));
    assert!(Cleaning { default_country: Some("Atlantis".into()), ..off }.problem().is_some());
}

/// One of the cases that the property below came upon.
#[test]
fn capitals_never_make_a_name_look_misread() {
    for (name, clean) in [("â¡", "â¡"), ("âge", "Âge"), ("ângela", "Ângela")] {
        let (record, _) = cleaned(&Cleaning::default(), json!({"first_name": name}));
        assert_eq!(record["first_name"], clean, "{name}");
    }
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing(
        first in "\\PC{0,12}", company in "\\PC{0,20}", phone in "[+0-9 ()-]{0,16}", mail in "[a-zA-Z.]{1,8}@[a-zA-Z]{1,8}\\.(com|con|de)",
        country in "\\PC{0,12}", at in "[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}",
    ) {
        let cleaning = Cleaning { dates: vec!["at".into()], default_country: Some("DE".into()), ..Cleaning::default() };
        let raw = json!({"first_name": first, "company": company, "phone": phone, "email": mail, "country": country, "at": at});
        let (once, _) = cleaned(&cleaning, raw);
        let (twice, report) = cleaned(&cleaning, once.clone());
        prop_assert_eq!(twice, once);
        prop_assert!(report.changes.is_empty(), "{:?}", report);
    }
}
