//! Rules against leads, and histories against a slow count.

use super::{Criteria, Dependencies, Facts, History, MAX_COUNTED, Trace, Watch};
use crate::activity::ActivityKind;
use crate::lead::Lead;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn rule(document: &Value) -> Criteria {
    serde_json::from_value(document.clone()).unwrap()
}

fn day(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(days)
}

fn updated(title: &str, at: DateTime<Utc>) -> Trace {
    Trace { kind: ActivityKind::Updated, title: title.into(), touch: None, at }
}

fn history(rule: &Criteria, traces: &[Trace]) -> (Watch, History) {
    let mut asks = Dependencies::default();
    rule.depend(&mut asks);
    let watch = Watch::new(asks.activities);
    let history = watch.history(traces);
    (watch, history)
}

#[test]
fn fields_accounts_and_deeds_are_asked_together() {
    let rule = rule(&json!({ "all": [
        { "field": "company_size", "op": "at_least", "value": 200 },
        { "any": [
            { "field": "account.named", "op": "is_true" },
            { "did": "updated", "named": "Visited Pricing", "within_days": 14, "at_least": 2 },
        ] },
    ] }));
    let mut lead = Lead::new(Uuid::nil(), "Known", day(0));
    lead.company_size = Some(250);
    let traces =
        [updated("visited pricing ", day(1)), updated("Visited pricing", day(9)), updated("other", day(9))];
    let (_, history) = history(&rule, &traces);
    let at = |days| Facts::new(&lead, &history, day(days));
    assert!(rule.holds(&at(14)));
    assert_eq!(rule.next_change(&at(14)), Some(day(15)), "the first visit is then too long ago");
    assert!(!rule.holds(&at(15)));
    let account = json!({ "named": true });
    assert!(rule.holds(&at(15).with_account(Some(&account))));
    assert_eq!(
        rule.in_words(),
        "company size is at least 200 and (account named is yes or \u{201c}Visited Pricing\u{201d} at least 2 times in \
         the last 14 days)"
    );
    assert_eq!(
        rule.judge(&at(15)).why,
        "account named is not yes (it was empty) and \u{201c}Visited Pricing\u{201d} at least 2 times in the last 14 \
         days (it happened once)"
    );
}

#[test]
fn what_a_rule_looks_at_is_read_off_it() {
    let rule = rule(&json!({ "all": [
        { "field": "plan", "op": "is_not_empty" }, { "field": "account.region", "op": "is_empty" },
        { "did_not": "updated" },
    ] }));
    let mut asks = Dependencies::default();
    rule.depend(&mut asks);
    assert_eq!(asks.fields.into_iter().collect::<Vec<_>>(), ["account", "fields.plan"]);
    assert_eq!(Watch::new(asks.activities).kinds().into_iter().collect::<Vec<_>>(), ["updated"]);
}

#[test]
fn a_touch_is_counted_by_its_sort_and_by_its_name_once() {
    let touched = |title: &str, touch: &str| Trace {
        kind: ActivityKind::Touched,
        title: title.into(),
        touch: Some(touch.into()),
        at: day(1),
    };
    let traces =
        [touched("Visited pricing", "page_view"), touched("Page view", "page_view"), touched("A", "form")];
    let lead = Lead::new(Uuid::nil(), "Known", day(0));
    for (named, times) in [("page_view", 2), ("Visited pricing", 1), ("", 3), ("Page View", 2), ("call", 0)] {
        for at_least in 1..=4 {
            let rule = rule(&json!({ "did": "touched", "named": named, "at_least": at_least }));
            let (_, history) = history(&rule, &traces);
            assert_eq!(
                rule.holds(&Facts::new(&lead, &history, day(2))),
                times >= at_least,
                "{named} {at_least}"
            );
        }
    }
}

#[test]
fn what_cannot_be_a_rule_is_refused() {
    for (document, says) in [
        (json!({ "field": "{{ trigger.body }}", "op": "is_empty" }), "expressions"),
        (json!({ "field": "city", "op": "equals", "value": "{{ run.now }}" }), "expressions"),
        (json!({ "all": [], "field": "city" }), "not both"),
        (json!({ "did": "updated", "did_not": "created" }), "one activity"),
        (json!({ "did": "danced" }), "danced"),
        (json!({ "op": "is_empty" }), "names a field"),
        (json!([]), "record"),
    ] {
        let error = serde_json::from_value::<Criteria>(document).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(
        rule(&json!({ "did": "updated", "at_least": 0 })).problems("/rule")[0].field,
        "/rule/at_least"
    );
    assert_eq!(rule(&json!({ "field": " ", "op": "is_empty" })).problems("")[0].field, "/field");
}

fn traces() -> impl Strategy<Value = Vec<Trace>> {
    let kind = prop_oneof![Just(ActivityKind::Updated), Just(ActivityKind::Listed)];
    let title = prop_oneof![Just("Visited pricing"), Just("visited PRICING "), Just("Something else")];
    let one = (kind, title, 0_i64..60 * 24).prop_map(|(kind, title, hour)| Trace {
        kind,
        title: title.into(),
        touch: None,
        at: day(0) + TimeDelta::hours(hour),
    });
    vec(one, 0..150)
}

proptest! {
    #[test]
    fn a_history_counts_as_a_walk_over_the_timeline_does(
        mut known in traces(), news in traces(), named in any::<bool>(), days in proptest::option::of(1_u32..40),
        at_least in 1_u32..12, not in any::<bool>(), now in 0_i64..80,
    ) {
        let name = if named { "Visited pricing" } else { "" };
        let rule = rule(&json!({ (if not { "did_not" } else { "did" }): "updated", "named": name, "within_days": days, "at_least": at_least }));
        let (watch, mut kept) = history(&rule, &known);
        for trace in &news {
            kept.take(&watch, trace);
        }
        known.extend(news);
        known.reverse();
        prop_assert_eq!(&watch.history(&known), &kept, "the order does not matter");
        let counts = |trace: &&Trace| {
            trace.kind == ActivityKind::Updated
                && (!named || trace.title.trim().eq_ignore_ascii_case(name))
                && days.is_none_or(|days| day(now) - trace.at < TimeDelta::days(days.into()))
        };
        let times = known.iter().filter(counts).count().min(MAX_COUNTED);
        let lead = Lead::new(Uuid::nil(), "Known", day(0));
        let facts = Facts::new(&lead, &kept, day(now));
        prop_assert_eq!(rule.holds(&facts), (times >= at_least as usize) != not);
    }

    #[test]
    fn until_the_next_change_nothing_changes(
        known in traces(), days in 1_u32..40, at_least in 1_u32..12, now in 60_i64..100, share in 0.0_f64..1.0,
    ) {
        let rule = rule(&json!({ "did": "updated", "within_days": days, "at_least": at_least }));
        let (_, kept) = history(&rule, &known);
        let lead = Lead::new(Uuid::nil(), "Known", day(0));
        let before = rule.holds(&Facts::new(&lead, &kept, day(now)));
        match rule.next_change(&Facts::new(&lead, &kept, day(now))) {
            None => prop_assert_eq!(rule.holds(&Facts::new(&lead, &kept, day(now + 4_000))), before),
            Some(next) => {
                prop_assert!(next > day(now));
                #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
                let between = day(now) + TimeDelta::milliseconds(((next - day(now)).num_milliseconds() as f64 * share) as i64);
                prop_assert_eq!(rule.holds(&Facts::new(&lead, &kept, between)), before || between == next);
            }
        }
    }
}
