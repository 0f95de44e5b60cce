//! Every comparison on tidy, untidy and missing data.

use super::*;
use serde_json::json;

fn condition(value: &Value) -> Condition {
    serde_json::from_value(value.clone()).unwrap()
}

fn scope() -> Scope {
    Scope::sample(&json!({
        "trigger": {"body": {
            "email": "Ada@Gmail.com", "work": "ada@acme.com", "title": " VP Sales ", "employees": "1,250", "score": 85,
            "tags": ["CRM", "demo"], "created": "2026-03-05", "optin": "Yes", "optout": false, "blank": "  ", "id": "007",
            "ratio": "15.0"
        }}
    }))
}

#[expect(clippy::needless_pass_by_value, reason = "reads better in tables of cases")]
fn holds(field: &str, op: &str, value: Value) -> bool {
    let field = format!("{{{{ trigger.body.{field} }}}}");
    condition(&json!({"field": field, "op": op, "value": value})).holds(&scope()).unwrap()
}

#[test]
fn every_operator_holds_and_does_not() {
    for (field, op, yes, no) in [
        ("title", "equals", json!("vp sales"), json!("vp")),
        ("title", "not_equals", json!("ceo"), json!("VP SALES")),
        ("title", "contains", json!("sales"), json!("marketing")),
        ("title", "not_contains", json!("marketing"), json!("SALES")),
        ("title", "starts_with", json!("vp"), json!("sales")),
        ("title", "ends_with", json!("Sales"), json!("vp")),
        ("title", "one_of", json!("CEO, vp sales"), json!(["CEO", "CFO"])),
        ("title", "not_one_of", json!(["CEO"]), json!("vp sales")),
        ("score", "greater_than", json!(84), json!(85)),
        ("score", "at_least", json!("85"), json!(86)),
        ("score", "less_than", json!(86), json!(85)),
        ("score", "at_most", json!(85), json!(84)),
        ("score", "between", json!([40, 85]), json!([86, 100])),
        ("title", "matches", json!("(?i)vp|chief"), json!("^vp")),
        ("created", "before", json!("2026-03-05T00:00:01Z"), json!("2026-03-05")),
        ("created", "after", json!("4 March 2026"), json!("2026-03-06")),
    ] {
        assert!(holds(field, op, yes.clone()), "{field} {op} {yes}");
        assert!(!holds(field, op, no.clone()), "{field} {op} {no}");
    }
    for (op, yes, no) in [
        ("is_empty", "blank", "title"),
        ("is_not_empty", "score", "missing"),
        ("is_true", "optin", "optout"),
        ("is_false", "optout", "optin"),
        ("is_free_mailbox", "email", "work"),
        ("is_not_free_mailbox", "work", "email"),
    ] {
        assert!(holds(yes, op, Value::Null), "{yes} {op}");
        assert!(!holds(no, op, Value::Null), "{no} {op}");
    }
}

#[test]
fn what_is_missing_is_empty_and_never_an_error() {
    assert!(holds("missing", "equals", json!("")));
    assert!(holds("missing", "is_false", Value::Null));
    for op in ["contains", "starts_with", "greater_than", "at_most", "between", "before", "is_true", "one_of"]
    {
        assert!(!holds("missing", op, json!([1, 2])), "{op}");
        assert!(!holds("missing", op, json!("x")), "{op}");
        assert!(!holds("missing", op, Value::Null), "{op}");
    }
    assert!(
        !holds("missing", "is_free_mailbox", Value::Null)
            && !holds("missing", "is_not_free_mailbox", Value::Null)
    );
    assert!(!holds("title", "contains", json!("")), "nothing is found nowhere");
}

#[test]
fn numbers_as_text_compare_as_numbers_and_identifiers_stay_text() {
    assert!(holds("employees", "greater_than", json!(1249)));
    assert!(holds("employees", "equals", json!(1250)));
    assert!(holds("ratio", "equals", json!(15)));
    assert!(!holds("id", "equals", json!("7")));
    assert!(!holds("title", "greater_than", json!(1)));
}

#[test]
fn lists_contain_and_are_chosen_from() {
    assert!(holds("tags", "contains", json!("crm")));
    assert!(holds("tags", "one_of", json!("Demo, Trial")));
    assert!(!holds("tags", "contains", json!("cr")));
}

#[test]
fn groups_nest_and_empty_ones_are_decided() {
    let high = json!({"field": "{{ trigger.body.score }}", "op": "at_least", "value": 70});
    let low = json!({"field": "{{ trigger.body.score }}", "op": "less_than", "value": 40});
    for (value, expected) in [
        (json!({"all": [high, {"any": [low, high]}]}), true),
        (json!({"all": [high, low]}), false),
        (json!({"any": [low]}), false),
        (json!({"all": []}), true),
        (json!({"any": []}), false),
    ] {
        assert_eq!(condition(&value).holds(&scope()).unwrap(), expected, "{value}");
    }
}

#[test]
fn evidence_names_what_decided() {
    let high = json!({"field": "{{ trigger.body.score }}", "op": "at_least", "value": 70});
    let free = json!({"field": "{{ trigger.body.email }}", "op": "is_not_free_mailbox"});
    let title = json!({"field": "{{ trigger.body.title }}", "op": "equals", "value": "VP Sales"});
    let blank = json!({"field": "{{ trigger.body.blank }}", "op": "is_empty"});
    for (value, holds, why) in [
        (high.clone(), true, "score is at least 70 (it was 85)"),
        (free.clone(), false, "e-mail is not a company mailbox (it was Ada@Gmail.com)"),
        (json!({"all": [high, free]}), false, "e-mail is not a company mailbox (it was Ada@Gmail.com)"),
        (json!({"any": [free, high]}), true, "score is at least 70 (it was 85)"),
        (title, true, "title is VP Sales"),
        (blank, true, "blank is empty"),
        (json!({"all": []}), true, "nothing is asked"),
    ] {
        assert_eq!(
            condition(&value).judge(&scope()).unwrap(),
            Evidence { holds, why: why.into() },
            "{value}"
        );
    }
}

#[test]
fn conditions_read_as_sentences() {
    let value = json!({"all": [
        {"field": "{{ steps.score.score }}", "op": "between", "value": [40, 69]},
        {"any": [
            {"field": "{{ trigger.body.country }}", "op": "one_of", "value": ["Germany", "France"]},
            {"field": "{{ trigger.body.owner }}", "op": "equals", "value": "{{ vars.default_owner }}"}
        ]}
    ]});
    assert_eq!(
        condition(&value).in_words(),
        "score is between 40 and 69 and (country is one of Germany, France or owner is default owner)"
    );
    assert_eq!(condition(&json!({"all": []})).in_words(), "always");
}

#[test]
fn what_is_not_filled_in_is_pointed_at() {
    let value = json!({"all": [
        {"field": "", "op": "equals", "value": ""},
        {"any": [{"field": "{{ item }}", "op": "matches", "value": "("}]},
        {"field": "{{ item }}", "op": "between", "value": ["", 3]}
    ]});
    let problems = condition(&value).problems("/condition");
    let found: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.code, problem.field.as_str())).collect();
    assert_eq!(
        found,
        [
            ("DOC-0020", "/condition/all/0/field"),
            ("DOC-0021", "/condition/all/1/any/0/value"),
            ("DOC-0020", "/condition/all/2/value")
        ]
    );
}

#[test]
fn a_condition_that_is_too_deep_or_too_long_is_refused() {
    let leaf = json!({"field": "{{ item }}", "op": "is_empty"});
    let deep = (0..12).fold(leaf.clone(), |inner, _| json!({"all": [inner]}));
    assert_eq!(condition(&deep).problems("")[0].code, "DOC-0022");
    let long = json!({"any": vec![leaf; 201]});
    assert_eq!(condition(&long).problems("")[0].code, "DOC-0022");
}

#[test]
fn a_pattern_from_data_can_fail_with_a_code() {
    let value = json!({"field": "x", "op": "matches", "value": "{{ '(' }}"});
    assert_eq!(condition(&value).holds(&scope()).unwrap_err().code, "EXP-0020");
}

#[test]
fn errors_of_shape_point_at_the_member() {
    let read = |value: Value| {
        let error = serde_path_to_error::deserialize::<_, Condition>(value).unwrap_err();
        (error.path().to_string(), error.inner().to_string())
    };
    let (path, _) = read(json!({"all": [{"field": "x", "op": "nope"}]}));
    assert_eq!(path, "all[0].op");
    assert!(read(json!({"all": [], "field": "x"})).1.contains("not both"));
    assert!(read(json!({"fields": "x"})).1.contains("unknown field `fields`"));
    assert!(read(json!({})).1.contains("empty"));
    assert!(read(json!({"field": "x"})).1.contains("missing field `op`"));
}
