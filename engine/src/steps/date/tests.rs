//! Tests of the date step.

use super::super::tests::{compiled, run, start, with};
use proptest::prelude::*;
use serde_json::{Value, json};

fn out(mut settings: Value) -> Value {
    let data = settings.as_object_mut().unwrap().shift_remove("trigger");
    let config = with(json!({"date": "{{ trigger }}"}), settings);
    run(compiled("date", &config).as_ref(), &json!({"trigger": data})).output
}

fn fails(settings: Value) -> String {
    let config = with(json!({}), settings);
    start(compiled("date", &config).as_ref(), &json!({})).unwrap_err().code.into_owned()
}

#[test]
fn dates_are_read_as_said() {
    for (settings, expected) in [
        (json!({"trigger": "3/5/2026"}), "2026-03-05T00:00:00Z"),
        (json!({"trigger": "3/5/2026", "reading": "day_first"}), "2026-05-03T00:00:00Z"),
        (
            json!({"trigger": "05.03.26 14:30", "reading": "pattern", "pattern": "%d.%m.%y %H:%M"}),
            "2026-03-05T14:30:00Z",
        ),
        (json!({"trigger": "05.03.26", "reading": "pattern", "pattern": "%d.%m.%y"}), "2026-03-05T00:00:00Z"),
        (
            json!({"trigger": "2026-03-05T10:00:00Z", "reading": "pattern", "pattern": "%d"}),
            "2026-03-05T10:00:00Z",
        ),
        (json!({"trigger": "2026-03-05 10:00", "timezone": "America/New_York"}), "2026-03-05T15:00:00Z"),
        (json!({"trigger": 1_772_668_800}), "2026-03-05T00:00:00Z"),
    ] {
        assert_eq!(out(settings.clone())["date"], expected, "{settings}");
    }
}

#[test]
fn time_is_added_by_the_clock_on_the_wall() {
    let added = |at: &str, amount: Value, unit: &str| {
        let settings = json!({
            "trigger": at, "operation": "add", "amount": amount, "unit": unit, "timezone": "Europe/Berlin",
            "format": "%Y-%m-%d %H:%M"
        });
        out(settings)["text"].as_str().unwrap().to_owned()
    };
    // Clocks change in the night to 29 March 2026.
    assert_eq!(added("2026-03-28 09:00", json!(1), "days"), "2026-03-29 09:00");
    assert_eq!(added("2026-03-28 09:00", json!(24), "hours"), "2026-03-29 10:00");
    assert_eq!(added("2026-01-31", json!("1"), "months"), "2026-02-28 00:00");
    assert_eq!(added("2026-03-05", json!(-1), "quarters"), "2025-12-05 00:00");
    assert_eq!(added("2026-03-05", json!(1.5), "hours"), "2026-03-05 01:30");
    assert_eq!(added("2024-02-29", json!(1), "years"), "2025-02-28 00:00");
}

#[test]
fn differences_have_a_sign_and_a_unit() {
    let difference = |from: &str, to: &str, unit: &str| {
        out(
            json!({"trigger": from, "operation": "difference", "other": to, "unit": unit, "timezone": "Europe/Berlin"}),
        )
    };
    assert_eq!(
        difference("2026-03-28 12:00", "2026-03-30", "days"),
        json!({"difference": 1.5, "whole": 1, "unit": "days"})
    );
    assert_eq!(difference("2026-03-28", "2026-03-30", "hours")["difference"], 47);
    assert_eq!(difference("2026-03-30", "2026-03-02", "weeks")["difference"], -4);
    assert_eq!(difference("2026-01-31", "2026-04-30", "months")["difference"], 3);
    assert_eq!(difference("2026-12-31", "2025-01-01", "years")["difference"], -1);
}

#[test]
fn stretches_follow_the_time_zone() {
    let edge = |operation: &str, period: &str, week: &str| {
        let settings = json!({
            "trigger": "2026-03-05T23:30:00Z", "operation": operation, "period": period, "timezone": "Europe/Berlin",
            "week_starts": week
        });
        out(settings)["local"].as_str().unwrap().to_owned()
    };
    assert_eq!(edge("start_of", "day", "monday"), "2026-03-06T00:00:00+01:00");
    assert_eq!(edge("start_of", "week", "sunday"), "2026-03-01T00:00:00+01:00");
    assert_eq!(edge("end_of", "month", "monday"), "2026-03-31T23:59:59+02:00");
}

#[test]
fn working_days_know_weekends_and_holidays() {
    let settings = |amount: i64| {
        json!({
            "trigger": "2026-12-24 15:00", "operation": "add_business_days", "amount": amount,
            "holidays": ["2026-12-25", "{{ ['2026-12-28'] }}", ""], "timezone": "Europe/Berlin"
        })
    };
    assert_eq!(out(settings(1))["local"], "2026-12-29T15:00:00+01:00");
    assert_eq!(out(settings(-1))["day"], "2026-12-23");
    let between = json!({
        "trigger": "2026-12-24", "operation": "business_days_between", "other": "2026-12-31", "weekend": ["friday"]
    });
    assert_eq!(out(between), json!({"difference": 6, "whole": 6, "unit": "business_days"}));
}

#[test]
fn what_cannot_be_reckoned_with_is_refused() {
    assert_eq!(fails(json!({"date": "{{ trigger.gone }}"})), "RUN-0115");
    assert_eq!(fails(json!({"date": "soon"})), "RUN-0115");
    for amount in [json!("x"), json!(1.5), json!(1e12), json!(-4_000_000), json!(null)] {
        let settings = json!({"date": "2026-03-05", "operation": "add", "amount": amount});
        assert_eq!(fails(settings), "RUN-0116", "{amount}");
    }
    let business = |amount: Value, other: Value| json!({"date": "2026-03-05", "operation": "add_business_days", "amount": amount, "holidays": [other]});
    assert_eq!(fails(business(json!(10_001), json!("2026-12-25"))), "RUN-0116");
    assert_eq!(fails(business(json!(1), json!("whenever"))), "RUN-0115");
    assert_eq!(fails(business(json!(1), json!(vec!["2026-12-25"; 1_001]))), "RUN-0117");
    let between = json!({"date": "1500-01-01", "operation": "business_days_between", "other": "2026-01-01"});
    assert_eq!(fails(between), "RUN-0117");
}

#[test]
fn settings_are_checked() {
    let fields = |settings: Value| {
        let problems = compiled("date", &settings).check();
        problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(json!({"date": ""})), ["/date"]);
    assert_eq!(fields(json!({"date": "x", "operation": "difference"})), ["/other"]);
    assert_eq!(
        fields(json!({"date": "x", "operation": "add", "reading": "pattern"})),
        ["/amount", "/pattern"]
    );
    let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    assert_eq!(
        fields(
            json!({"date": "x", "operation": "add_business_days", "amount": 1, "weekend": week, "holidays": ["", "x"]})
        ),
        ["/weekend", "/holidays/1"]
    );
    for (field, value) in [("timezone", "Mars/Olympus"), ("format", "%Q"), ("pattern", "%")] {
        let problem = super::kind().compile(&json!({"date": "x", field: value})).err().unwrap();
        assert_eq!((problem.code, problem.field), ("DOC-0007", format!("/{field}")));
    }
}

proptest! {
    #[test]
    fn there_and_back_again(days in 0..40_000_i64, amount in -500..500_i64, unit in prop::sample::select(vec!["hours", "days", "weeks"])) {
        let at = chrono::DateTime::from_timestamp(days * 86_400 + 43_200, 0).unwrap().to_rfc3339();
        let add = |at: &str, amount: i64| {
            let settings = json!({"trigger": at, "operation": "add", "amount": amount, "unit": unit});
            out(settings)["date"].as_str().unwrap().to_owned()
        };
        let there = add(&at, amount);
        prop_assert_eq!(add(&there, -amount), add(&at, 0));
        let difference = out(json!({"trigger": at, "operation": "difference", "other": there, "unit": unit}));
        prop_assert_eq!(&difference["difference"], &json!(amount));
    }
}
