//! Scores against a slow computation that shares nothing with the fast one but the document.

use super::ScoringModel;
use crate::activity::ActivityKind;
use crate::criteria::{Facts, History, Trace, Watch};
use crate::lead::Lead;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn day(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(days)
}

fn model() -> Value {
    json!({
        "fit": { "most": 50, "rows": [
            { "when": { "field": "company_size", "op": "at_least", "value": 200 }, "points": 25 },
            { "when": { "field": "industry", "op": "one_of", "value": "Software, Finance" }, "points": 15 },
            { "when": { "field": "job_title", "op": "contains", "value": "head" }, "points": 20 },
            { "when": { "field": "email", "op": "is_free_mailbox" }, "points": -20, "label": "Private e-mail address" },
        ] },
        "behaviour": { "most": 40, "half_life_days": 30, "rows": [
            { "did": "updated", "named": "Visited pricing", "within_days": 14, "points": 15 },
            { "did": "listed", "named": "Opened a demo mail", "at_least": 2, "points": 10, "every_time": 3 },
            { "did_not": "listed", "within_days": 90, "points": -5, "label": "Silent for 90 days" },
        ] },
        "thresholds": [
            { "at": 71, "name": "MQL", "means": "Marketing hands it to sales.", "stage": "MQL" },
            { "at": 40, "name": "Engaged" },
        ],
        "grades": { "fit": [50, 30, 10], "behaviour": [30, 15, 5] },
    })
}

fn read(document: &Value) -> ScoringModel {
    serde_json::from_value(document.clone()).unwrap()
}

fn visited(at: DateTime<Utc>) -> Trace {
    Trace { kind: ActivityKind::Updated, title: "Visited pricing".into(), touch: None, at }
}

fn opened(at: DateTime<Utc>) -> Trace {
    Trace { kind: ActivityKind::Listed, title: "Opened a demo mail".into(), touch: None, at }
}

fn lead() -> Lead {
    let mut lead = Lead::new(Uuid::nil(), "Known", day(0));
    lead.company_size = Some(250);
    lead.industry = Some("Software".into());
    lead.job_title = Some("Head of Sales".into());
    lead
}

fn history(model: &ScoringModel, traces: &[Trace]) -> History {
    Watch::new(model.dependencies().activities).history(traces)
}

#[test]
fn the_picture_comes_out_as_drawn_and_the_reasons_add_up() {
    let model = read(&model());
    let (lead, history) = (lead(), history(&model, &[visited(day(0)), opened(day(0)), opened(day(0))]));
    let score = model.score(&Facts::new(&lead, &history, day(0)));
    assert_eq!((score.score, score.fit, score.behaviour, score.grade.as_deref()), (85, 50, 35, Some("A1")));
    assert_eq!(score.reached.as_deref(), Some("MQL"));
    let reasons: Vec<_> = score.reasons.iter().map(|reason| (reason.label.as_str(), reason.points)).collect();
    assert_eq!(
        reasons,
        [
            ("Company size is at least 200", 25),
            ("Industry is one of Software, Finance", 15),
            ("Job title contains head", 20),
            ("Who they are: at most 50", -10),
            ("\u{201c}Visited pricing\u{201d} in the last 14 days", 15),
            ("\u{201c}Opened a demo mail\u{201d} at least 2 times", 20),
        ]
    );
    // After ten days 15 x 0.5^(10/30) = 11.9 and 20 x 0.5^(10/30) = 15.9 are left.
    assert_eq!(model.score(&Facts::new(&lead, &history, day(10))).behaviour, 12 + 16);
    // After 14 days the visit counts no more; 20 x 0.5^(14/30) = 14.5.
    assert_eq!(model.score(&Facts::new(&lead, &history, day(14))).behaviour, 14);
}

#[test]
fn seventy_stays_with_marketing_and_seventy_one_goes_to_sales() {
    let model = read(&model());
    assert_eq!(model.reached(70).unwrap().name, "Engaged");
    assert_eq!(model.reached(71).unwrap().name, "MQL");
    assert!(model.reached(39).is_none());
}

#[test]
fn a_model_that_cannot_work_is_pointed_out() {
    assert!(read(&model()).problems().is_empty());
    let broken = read(&json!({
        "fit": { "rows": [
            { "when": { "all": [] }, "points": 0 },
            { "when": { "field": "score", "op": "is_empty" }, "points": 5 },
        ], "most": -1 },
        "behaviour": { "rows": [{ "did": "scored", "within_days": 0, "points": 5000 }], "half_life_days": 0.0 },
        "thresholds": [{ "at": 101, "name": "A" }, { "at": 50, "name": " a" }, { "at": 50, "name": "B" }],
        "grades": { "fit": [1, 2, 3], "behaviour": [3, 2, 1] },
    }));
    let fields: Vec<String> = broken.problems().into_iter().map(|problem| problem.field).collect();
    assert_eq!(
        fields,
        [
            "/fit/most",
            "/fit/rows/0/points",
            "/fit/rows/0/when",
            "/fit/rows/1/when",
            "/behaviour/rows/0/points",
            "/behaviour/rows/0/within_days",
            "/behaviour/rows/0/did",
            "/behaviour/half_life_days",
            "/thresholds/0/at",
            "/thresholds/1/name",
            "/thresholds/2/at",
            "/grades/fit",
        ]
    );
}

#[test]
fn a_change_is_told_in_words() {
    let before = read(&model());
    let mut document = model();
    document["fit"]["rows"][0]["points"] = json!(30);
    document["fit"]["rows"].as_array_mut().unwrap().remove(1);
    document["behaviour"]["half_life_days"] = json!(14);
    document["thresholds"][0]["at"] = json!(65);
    document["grades"] = Value::Null;
    assert_eq!(
        read(&document).changes_since(&before),
        [
            "Company size is at least 200: +25 -> +30",
            "Industry is one of Software, Finance: removed, was +15",
            "Half-life: 30 days -> 14 days",
            "MQL: 71 -> 65",
            "Grades: A from 50, B from 30, C from 10 fit points; 1 from 30, 2 from 15, 3 from 5 behaviour points -> none",
        ]
    );
    assert!(before.changes_since(&before).is_empty());
    assert!(
        before.in_words().contains(&"What they do counts at most 40 and halves every 30 days.".to_owned())
    );
    assert!(before.in_words().contains(
        &"From 71 on: MQL, which means: Marketing hands it to sales; moves to the stage MQL.".to_owned()
    ));
}

/// The score of the model above, worked out by hand from the whole timeline.
fn slowly(lead: &Lead, timeline: &[Trace], now: DateTime<Utc>, most: (i64, i64)) -> i64 {
    let mut fit = 0;
    if lead.company_size.unwrap_or(0) >= 200 {
        fit += 25;
    }
    if matches!(lead.industry.as_deref(), Some("Software" | "Finance")) {
        fit += 15;
    }
    if lead.job_title.as_deref().unwrap_or("").to_lowercase().contains("head") {
        fit += 20;
    }
    if lead.email.as_deref().is_some_and(|email| email.ends_with("@gmail.com")) {
        fit -= 20;
    }
    let age = |trace: &Trace| (now - trace.at).num_milliseconds().max(0) as f64 / 86_400_000.0;
    let fade = |days: f64| 0.5_f64.powf(days / 30.0);
    let mut visits: Vec<f64> = timeline
        .iter()
        .filter(|trace| trace.kind == ActivityKind::Updated && trace.title == "Visited pricing")
        .map(age)
        .filter(|days| *days < 14.0)
        .collect();
    visits.sort_by(f64::total_cmp);
    let mut behaviour = visits.first().map_or(0, |days| (15.0 * fade(*days)).round() as i64);
    let listed: Vec<&Trace> = timeline.iter().filter(|trace| trace.kind == ActivityKind::Listed).collect();
    let mut opens: Vec<f64> =
        listed.iter().filter(|trace| trace.title == "Opened a demo mail").map(|trace| age(trace)).collect();
    opens.sort_by(f64::total_cmp);
    if opens.len() >= 2 {
        behaviour += (10.0 * opens.iter().take(3).map(|days| fade(*days)).sum::<f64>()).round() as i64;
    }
    if !listed.iter().any(|trace| age(trace) < 90.0) {
        behaviour -= 5;
    }
    (fit.min(most.0) + behaviour.min(most.1)).clamp(0, 100)
}

fn timelines() -> impl Strategy<Value = Vec<Trace>> {
    let one = (0_i64..120 * 24 * 60, 0_u8..4).prop_map(|(minute, sort)| {
        let at = day(0) + TimeDelta::minutes(minute);
        match sort {
            0 => visited(at),
            1 => opened(at),
            2 => Trace { kind: ActivityKind::Listed, title: "Added to Nurture".into(), touch: None, at },
            _ => Trace { kind: ActivityKind::Updated, title: "Updated City".into(), touch: None, at },
        }
    });
    vec(one, 0..40)
}

fn leads() -> impl Strategy<Value = Lead> {
    let industry = prop_oneof![Just(None), Just(Some("Finance")), Just(Some("Mining"))];
    let email = prop_oneof![Just(None), Just(Some("a@gmail.com")), Just(Some("a@corp.example"))];
    (proptest::option::of(0_u32..400), industry, any::<bool>(), email).prop_map(
        |(size, industry, head, email)| {
            let mut lead = Lead::new(Uuid::nil(), "Known", day(0));
            lead.company_size = size;
            lead.industry = industry.map(str::to_owned);
            lead.job_title = head.then(|| "Head of IT".to_owned());
            lead.email = email.map(str::to_owned);
            lead
        },
    )
}

proptest! {
    #[test]
    fn taking_activities_one_by_one_equals_working_everything_out_again(
        lead in leads(), known in timelines(), news in timelines(), now in 100_i64..260, fit in 0_i64..70, behaviour in 0_i64..50,
    ) {
        let mut document = model();
        document["fit"]["most"] = json!(fit);
        document["behaviour"]["most"] = json!(behaviour);
        let model = read(&document);
        let watch = Watch::new(model.dependencies().activities);
        let mut kept = watch.history(&known);
        let mut timeline = known;
        for trace in news {
            kept.take(&watch, &trace);
            timeline.push(trace);
            let score = model.score(&Facts::new(&lead, &kept, day(now)));
            prop_assert_eq!(score.score, slowly(&lead, &timeline, day(now), (fit, behaviour)));
            prop_assert_eq!(score.reasons.iter().map(|reason| reason.points).sum::<i64>(), score.score);
        }
    }

    #[test]
    fn a_score_stays_until_the_moment_it_says(
        lead in leads(), timeline in timelines(), now in 120_i64 * 24 * 60..200 * 24 * 60, share in 0.0_f64..1.0,
    ) {
        let model = read(&model());
        let history = history(&model, &timeline);
        let now = day(0) + TimeDelta::minutes(now);
        let score = model.score(&Facts::new(&lead, &history, now));
        let until = score.next_change.unwrap_or(now + TimeDelta::days(4_000));
        prop_assert!(until > now);
        // The second that is added to be past the change for certain is left out.
        let stretch = ((until - now) - TimeDelta::seconds(3)).num_milliseconds().max(0);
        let between = now + TimeDelta::milliseconds((stretch as f64 * share) as i64);
        prop_assert_eq!(model.score(&Facts::new(&lead, &history, between)).score, score.score);
    }
}
