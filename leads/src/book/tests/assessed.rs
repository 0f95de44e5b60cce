//! Scores, stages and segments that follow from rules by themselves.

use super::identity::event;
use super::properties::{operation, shelf};
use super::standing::{list, stage};
use super::{Desk, Outcome, now};
use crate::activity::ActivityKind;
use crate::criteria::{Facts, History};
use crate::definition::Definition;
use crate::operation::{Assess, Operation, ScoreBy, SetStage};
use crate::standing::Rules;
use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

pub(super) fn rules(documents: &[(&'static str, &str, Value)]) -> Arc<Rules> {
    let of = |wanted: &str| -> Vec<Definition> {
        let of_kind = documents.iter().filter(|(kind, ..)| *kind == wanted);
        let made = of_kind
            .map(|(_, name, document)| Definition::new(Uuid::nil(), (*name).to_owned(), 3, document.clone()));
        made.collect()
    };
    let all = Rules::KINDS.map(|kind| (kind, of(kind)));
    Arc::new(Rules::of(all.iter().map(|(kind, all)| (*kind, all.as_slice()))))
}

fn model() -> Value {
    json!({
        "fit": { "rows": [
            { "when": { "field": "city", "op": "equals", "value": "Paris" }, "points": 40 },
            { "when": { "field": "plan", "op": "equals", "value": "pro" }, "points": 25 },
        ], "most": 60 },
        "behaviour": { "rows": [
            { "did": "listed", "named": "Added to Nurture", "within_days": 2, "points": 11 },
            { "did": "updated", "points": 4, "every_time": 3 },
        ], "half_life_days": 1 },
        "thresholds": [{ "at": 71, "name": "Ready", "stage": "MQL" }],
    })
}

fn segments() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("scoring_model", "Inbound", model()),
        ("segment", "Warm", json!({ "rule": { "field": "score", "op": "at_least", "value": 40 } })),
        ("segment", "Busy", json!({ "rule": { "did": "updated", "within_days": 1, "at_least": 2 } })),
        (
            "segment",
            "Ripe",
            json!({ "rule": { "all": [
            { "field": "stage", "op": "one_of", "value": "MQL, SQL" }, { "did_not": "listed", "within_days": 3 },
        ] } }),
        ),
    ]
}

fn desk(documents: &[(&'static str, &str, Value)]) -> Desk {
    Desk { rules: rules(documents), ..Desk::new(shelf()) }
}

fn paris(plan: &str) -> Operation {
    event(&["email"], json!({ "email": "ada@x.org", "city": "Paris", "plan": plan }))
}

fn output(outcome: Outcome) -> Value {
    outcome.unwrap().output
}

#[test]
fn a_lead_is_scored_when_it_comes_and_again_with_every_activity() {
    let mut desk = desk(&segments());
    let first = output(desk.perform(&paris("pro")));
    assert_eq!((&first["lead"]["score"], &first["lead"]["segments"]), (&json!(60), &json!(["Warm"])));
    let listed = desk.perform(&list(1, "Nurture")).unwrap();
    let lead = desk.only_lead();
    assert_eq!((lead.score, lead.stage.as_str()), (Some(71), "MQL"));
    let scored = lead.scored.as_deref().unwrap();
    assert_eq!((scored.model.as_str(), scored.version, scored.fit, scored.behaviour), ("Inbound", 3, 60, 11));
    assert_eq!(scored.reached.as_deref(), Some("Ready"));
    let labels: Vec<&str> = listed.written.iter().map(|change| change.label.as_str()).collect();
    assert_eq!(labels, ["List", "Score", "Stage"]);
    assert_eq!(
        desk.timeline(),
        [
            "Created",
            "Inbound: 60",
            "Entered the segment Warm",
            "Added to Nurture",
            "Inbound: 71",
            "Stage changed to MQL",
        ]
    );
    let moved = desk.shelf.activities.last().unwrap();
    assert_eq!(moved.why.as_deref(), Some("The score reached 71; Ready begins at 71."));
}

#[test]
fn what_fades_is_looked_at_again_when_it_is_due() {
    let mut desk = desk(&segments());
    desk.perform(&paris("pro")).unwrap();
    desk.perform(&list(1, "Nurture")).unwrap();
    let due = desk.only_lead().look_again_at.unwrap();
    assert!(due > now(2) && due < now(86_400));
    desk.pace = (due - now(2)).num_seconds();
    let looked = output(desk.perform(&Operation::Assess(Assess { lead_id: Uuid::from_u128(1) })));
    assert_eq!((&looked["score"], &looked["changed"]), (&json!(70), &json!(true)));
    assert_eq!(desk.only_lead().stage, "MQL", "a stage does not follow a score down");
    desk.pace = 4 * 86_400;
    desk.perform(&Operation::Assess(Assess { lead_id: Uuid::from_u128(1) })).unwrap();
    assert_eq!((desk.only_lead().score, desk.only_lead().look_again_at), (Some(60), None));
    assert_eq!(desk.only_lead().segments, ["Ripe", "Warm"]);
    let again = desk.perform(&Operation::Assess(Assess { lead_id: Uuid::from_u128(1) })).unwrap();
    assert_eq!(again.output["changed"], false);
}

#[test]
fn a_workflow_scores_by_a_model_of_its_choice() {
    let mut by_hand = model();
    by_hand["automatic"] = json!(false);
    let mut desk = desk(&[("scoring_model", "Partners", by_hand)]);
    desk.perform(&paris("pro")).unwrap();
    assert_eq!(desk.only_lead().score, None);
    let by =
        |name: &str| Operation::ScoreBy(ScoreBy { lead_id: Uuid::from_u128(1), scoring_model: name.into() });
    let scored = output(desk.perform(&by("Partners")));
    assert_eq!((&scored["score"], &scored["model"]["version"]), (&json!(60), &json!(3)));
    let failure = desk.perform(&by("Nobody's")).unwrap_err();
    assert_eq!(failure.code, "LEAD-0040");
    assert!(failure.action.contains("Partners"));
}

#[test]
fn a_lifecycle_refuses_with_a_reason_and_counts_who_comes_back() {
    let lifecycle = json!({ "stages": [
        { "name": "Known" },
        { "name": "MQL", "entry": { "field": "city", "op": "equals", "value": "Rome" }, "moves_to": ["Recycled"] },
        { "name": "SQL", "crm_status": "Qualified" },
        { "name": "Recycled", "recycle": true },
    ] });
    let mut desk = desk(&[("lifecycle", "Lifecycle", lifecycle), ("scoring_model", "Inbound", model())]);
    desk.perform(&paris("pro")).unwrap();
    let refused = output(desk.perform(&stage(1, "MQL")));
    assert_eq!(
        refused["reason"],
        "Kept at Known. The entry rule of MQL does not hold: city is not Rome (it was Paris)."
    );
    desk.perform(&list(1, "Nurture")).unwrap();
    assert_eq!(desk.only_lead().stage, "Known", "a threshold does not break the lifecycle");
    let moved = output(desk.perform(&stage(1, "SQL")));
    assert_eq!((&moved["changed"], &moved["crm_status"]), (&json!(true), &json!("Qualified")));
    let back = SetStage {
        lead_id: Uuid::from_u128(1),
        stage: "Recycled".into(),
        allow_backwards: false,
        reason: "No budget this year".into(),
    };
    desk.perform(&Operation::SetStage(back)).unwrap();
    assert_eq!((desk.only_lead().stage.as_str(), desk.only_lead().recycled), ("Recycled", 1));
    assert_eq!(desk.only_lead().in_stage_since(), now(5));
    let failure = desk.perform(&stage(1, "Fan")).unwrap_err();
    assert!(failure.action.contains("Known, MQL, SQL, Recycled"), "{}", failure.action);
}

/// Panics unless every lead stands as a slow look at its whole timeline at `at` says.
pub(super) fn assert_stands_as_the_rules_say(desk: &Desk, at: DateTime<Utc>) {
    for lead in desk.shelf.leads.values() {
        let traces = desk.shelf.traces(lead.id, None);
        let history: History = desk.rules.watch().history(&traces);
        let account = lead.account_id.map(|id| desk.shelf.profile(id).record());
        let facts = Facts::new(lead, &history, at).with_account(account.as_ref());
        let (_, score) = desk.rules.score(&facts).expect("there is a model");
        assert_eq!((lead.score, &lead.score_reasons), (Some(score.score), &score.reasons));
        assert_eq!(lead.segments, desk.rules.segments_of(&facts).0);
        let entered = |name: &&str| {
            let own = |activity: &&crate::Activity| activity.lead_id == lead.id;
            let kind = |kind: ActivityKind, title: String| {
                let is_it = |one: &&crate::Activity| one.kind == kind && one.title == title;
                desk.shelf.activities.iter().filter(own).filter(is_it).count()
            };
            let entered = kind(ActivityKind::SegmentEntered, format!("Entered the segment {name}"));
            entered > kind(ActivityKind::SegmentLeft, format!("Left the segment {name}"))
        };
        let told: Vec<&str> = ["Busy", "Ripe", "Warm"].into_iter().filter(entered).collect();
        assert_eq!(told, lead.segments, "the timeline tells who is in which segment");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_lead_stands_as_a_slow_look_at_it_says_however_operations_are_cut(
        operations in vec(operation().prop_filter("scores by hand", |one| !matches!(one, Operation::SetScore(_))), 0..30),
        cuts in vec(any::<usize>(), 0..8),
        hours in 1_i64..30,
    ) {
        let start = || Desk { pace: hours * 3_600, ..desk(&segments()) };
        let mut places: Vec<usize> = cuts.iter().map(|place| place % (operations.len() + 1)).collect();
        places.extend([0, operations.len()]);
        places.sort_unstable();
        let mut cut = start();
        for ends in places.windows(2) {
            cut.transaction(&operations[ends[0]..ends[1]]);
        }
        let mut each = start();
        for operation in &operations {
            each.perform(operation).ok();
        }
        prop_assert_eq!(&cut.shelf, &each.shelf);
        let at = now(hours * 3_600 * (operations.len() as i64 + 1));
        let ids: Vec<Uuid> = each.shelf.leads.keys().copied().collect();
        let looks: Vec<Operation> =
            ids.into_iter().map(|lead_id| Operation::Assess(Assess { lead_id })).collect();
        each.at = Some(at);
        each.transaction(&looks);
        assert_stands_as_the_rules_say(&each, at);
    }
}
