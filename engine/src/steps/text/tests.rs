//! Tests of the text step, operation by operation.

use super::super::tests::{compiled, run, start};
use proptest::prelude::*;
use serde_json::{Value, json};

fn result(operations: &Value, text: &str) -> Value {
    let step = compiled("text", &json!({"text": "{{ trigger }}", "operations": operations}));
    run(step.as_ref(), &json!({"trigger": text})).output["result"].clone()
}

#[test]
fn every_operation_does_what_its_name_says() {
    for (operation, text, expected) in [
        (json!({"operation": "trim"}), "  a b ", json!("a b")),
        (json!({"operation": "collapse_spaces"}), " a \n\t b ", json!("a b")),
        (json!({"operation": "case", "case": "lower"}), "ÄB", json!("äb")),
        (json!({"operation": "case", "case": "upper"}), "äb", json!("ÄB")),
        (
            json!({"operation": "case", "case": "title"}),
            "HEAD of on-site sales",
            json!("Head Of On-Site Sales"),
        ),
        (json!({"operation": "case", "case": "sentence"}), "\"NEW lead", json!("\"New lead")),
        (json!({"operation": "slug"}), "Frühling: 20% off, Zoë's!", json!("fruhling-20-off-zoes")),
        (json!({"operation": "remove_accents"}), "Zoë", json!("Zoe")),
        (json!({"operation": "replace", "find": "a", "with": "{{ 1 + 1 }}"}), "banana", json!("b2n2n2")),
        (json!({"operation": "replace", "find": " "}), "a b", json!("ab")),
        (
            json!({"operation": "replace_pattern", "pattern": "(\\w+)@\\w+", "with": "$1 at $$"}),
            "ada@x, c@y",
            json!("ada at $, c at $"),
        ),
        (json!({"operation": "extract", "pattern": "[0-9]+"}), "a 12 b 34", json!("12")),
        (json!({"operation": "extract", "pattern": "[0-9]+", "all": true}), "a 12 b 34", json!(["12", "34"])),
        (json!({"operation": "extract", "pattern": "x(y)?"}), "none", json!("")),
        (json!({"operation": "split", "separator": ","}), "a,b,,c", json!(["a", "b", "", "c"])),
        (json!({"operation": "split"}), " a  b ", json!(["a", "b"])),
        (json!({"operation": "split", "separator": ","}), "", json!([])),
        (json!({"operation": "substring", "from": 2, "length": 3}), "äbcdef", json!("bcd")),
        (json!({"operation": "substring", "from": -2}), "abcdé", json!("dé")),
        (json!({"operation": "substring", "from": 99}), "abc", json!("")),
        (json!({"operation": "truncate", "length": 2}), "We need, a CRM", json!("We need…")),
        (json!({"operation": "truncate", "length": 9}), "We need", json!("We need")),
        (json!({"operation": "pad", "length": 5, "fill": "ab", "side": "end"}), "x", json!("xabab")),
        (json!({"operation": "pad", "length": 2, "fill": "0"}), "123", json!("123")),
        (json!({"operation": "find", "find": "c"}), "äbc", json!(3)),
        (json!({"operation": "find", "find": "z"}), "abc", json!(null)),
        (json!({"operation": "count", "what": "words"}), "a b  c", json!(3)),
        (json!({"operation": "count", "what": "lines"}), "a\n\nb", json!(3)),
        (json!({"operation": "count"}), "äöü", json!(3)),
    ] {
        assert_eq!(result(&json!([operation]), text), expected, "{operation} of {text:?}");
    }
}

#[test]
fn a_list_is_worked_on_part_by_part() {
    let chain = json!([
        {"operation": "split", "separator": ","}, {"operation": "trim"}, {"operation": "join", "separator": ";"}
    ]);
    assert_eq!(result(&chain, "a , b,c "), json!("a;b;c"));
    let counts = json!([{"operation": "split", "separator": ","}, {"operation": "count"}]);
    assert_eq!(result(&counts, "a,bb"), json!([1, 2]));
    let nested = json!([{"operation": "split", "separator": ";"}, {"operation": "split", "separator": ","}]);
    assert_eq!(result(&nested, "a,b;c"), json!(["a", "b", "c"]));
    assert_eq!(result(&json!([{"operation": "trim"}]), ""), json!(""));
}

#[test]
fn nothing_explodes() {
    let code = |operations: Value, text: String| {
        let step = compiled("text", &json!({"text": "{{ trigger }}", "operations": operations}));
        start(step.as_ref(), &json!({"trigger": text})).unwrap_err().code.into_owned()
    };
    let long = "a".repeat(1_000_000);
    let many = "b".repeat(1_000);
    assert_eq!(code(json!([{"operation": "replace", "find": "a", "with": many}]), long.clone()), "RUN-0114");
    assert_eq!(
        code(json!([{"operation": "replace_pattern", "pattern": "a", "with": "$0$0"}]), long.clone()),
        "RUN-0114"
    );
    assert_eq!(code(json!([{"operation": "trim"}]), long.clone() + &long), "RUN-0114");
    let list = json!([{"operation": "split", "separator": ","}]);
    assert_eq!(code(list, ",".repeat(10_001)), "RUN-0111");
    let padded = json!([{"operation": "split", "separator": ","}, {"operation": "pad", "length": 10_000}]);
    assert_eq!(code(padded, ",".repeat(5_000)), "RUN-0114");
    let joined = json!([{"operation": "split", "separator": ","}, {"operation": "join", "separator": many}]);
    assert_eq!(code(joined, ",".repeat(5_000)), "RUN-0114");
}

#[test]
fn settings_are_checked() {
    let step = compiled(
        "text",
        &json!({"text": "", "operations": [
            {"operation": "find", "find": ""}, {"operation": "extract"}, {"operation": "pad"},
            {"operation": "truncate"}, {"operation": "substring", "from": 0}
        ]}),
    );
    let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
    let operation = |at: usize, name: &str| format!("/operations/{at}/{name}");
    let expected = [
        "/text".to_owned(),
        operation(0, "find"),
        operation(1, "operation"),
        operation(1, "pattern"),
        operation(2, "length"),
        operation(3, "length"),
        operation(4, "from"),
    ];
    assert_eq!(fields, expected);
    let bad = super::kind()
        .compile(&json!({"text": "x", "operations": [{"operation": "extract", "pattern": "("}]}));
    let problem = bad.err().unwrap();
    assert_eq!((problem.code, problem.field.as_str()), ("DOC-0007", "/operations/0/pattern"));
}

proptest! {
    #[test]
    fn splitting_and_joining_gives_the_same_back(text in "[ab,]{1,20}") {
        let chain = json!([{"operation": "split", "separator": ","}, {"operation": "join", "separator": ","}]);
        prop_assert_eq!(result(&chain, &text), json!(text));
    }

    #[test]
    fn tidying_twice_changes_nothing(text in any::<String>()) {
        for operation in ["trim", "collapse_spaces", "slug", "remove_accents"] {
            let once = result(&json!([{"operation": operation}]), &text);
            prop_assert_eq!(result(&json!([{"operation": operation}]), once.as_str().unwrap()), once.clone(), "{}", operation);
        }
    }
}
