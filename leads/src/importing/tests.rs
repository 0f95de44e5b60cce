//! Rows on their way in.

use super::*;
use crate::cleaning::Flag;
use serde_json::{Value, json};

fn settings(fields: &[&str]) -> ImportSettings {
    let columns: Vec<Value> = fields.iter().map(|field| json!({"column": field, "field": field})).collect();
    serde_json::from_value(json!({ "columns": columns })).unwrap()
}

fn prepare(plan: &Plan, cells: &[&str]) -> ImportRow {
    plan.prepare(7, |place| cells.get(place).copied(), None).0
}

#[test]
fn settings_that_cannot_be_used_say_why() {
    let of = |settings: ImportSettings| Plan::of(settings).map(drop).unwrap_err();
    assert_eq!(of(settings(&[])), PlanError::Columns(0));
    assert_eq!(of(settings(&["", " "])), PlanError::Nothing);
    assert_eq!(of(settings(&["email", "email"])), PlanError::Twice("email".into()));
    assert_eq!(of(settings(&["email", "score"])), PlanError::Field("score".into()));
    assert_eq!(of(settings(&["company"])), PlanError::NoKey);
    assert_eq!(of(settings(&["email", "name", "last_name"])), PlanError::Twice("last_name".into()));
    let rules = vec![RowRule::Required { field: "company".into() }];
    assert_eq!(of(ImportSettings { rules, ..settings(&["email"]) }), PlanError::Rule("company".into()));
    let rules = vec![RowRule::Required { field: "last_name".into() }];
    assert!(Plan::of(ImportSettings { rules, ..settings(&["email", "name"]) }).is_ok());
}

#[test]
fn a_row_is_mapped_cleaned_and_checked() {
    let mut chosen = settings(&["email", "", "name", "company"]);
    chosen.rules = vec![
        RowRule::Required { field: "company".into() },
        RowRule::Refuse { flag: Flag::TypoDomain },
        RowRule::OneOf { field: "company".into(), values: vec!["acme inc.".into()] },
    ];
    chosen.afterwards.source = Some("Fair".into());
    let plan = Plan::of(chosen).unwrap();
    let row = prepare(&plan, &["Ada@A.example", "secret", "VINCENT VAN GOGH", "Acme, Inc"]);
    assert_eq!(row.failed, None);
    assert_eq!(
        Value::from(row.fields),
        json!({
            "email": "ada@a.example", "company": "Acme Inc.", "first_name": "Vincent", "last_name": "van Gogh",
            "source": "Fair",
        })
    );
    let failed = |cells: &[&str]| prepare(&plan, cells).failed.unwrap();
    assert_eq!(failed(&["ada@a.example", "", "", "n/a"]), "Company is missing");
    assert_eq!(
        failed(&["ada@gmial.com", "", "", "Acme Inc"]),
        "\"ada@gmial.com\" has a domain that looks mistyped; ada@gmail.com was probably meant"
    );
    assert_eq!(
        failed(&["ada@a.example", "", "", "Other"]),
        "Company is \"Other\", which is none of the values allowed"
    );
    assert!(failed(&["nobody", "", "", "Acme Inc"]).contains("no usable"));
    assert_eq!(failed(&["", "x", "", ""]), "the row is empty");
    assert_eq!(plan.prepare(1, |_| None, Some("broken")).0.failed.as_deref(), Some("broken"));
}

#[test]
fn rows_travel_as_one_text() {
    let plan = Plan::of(settings(&["email"])).unwrap();
    let asked = ImportRows {
        import: uuid::Uuid::nil(),
        name: "x".into(),
        match_on: Vec::new(),
        mode: Mode::default(),
        repeated: Repeated::default(),
        file_wins: Vec::new(),
        afterwards: Afterwards::default(),
        rows: vec![prepare(&plan, &["a@b.example"]), prepare(&plan, &[""])],
    };
    let value = serde_json::to_value(&asked).unwrap();
    assert!(value["rows"].is_string());
    assert_eq!(serde_json::from_value::<ImportRows>(value).unwrap(), asked);
}
