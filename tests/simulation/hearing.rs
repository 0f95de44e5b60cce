//! Workflows that listen to leads: everything they hear of starts one run, whatever dies in between, in the order in
//! which it happened to a lead; and nothing else does.

use crate::laws::{Breach, Law};
use crate::queues::Place;
use crate::universe::Leads;
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::run::{Event, RunId};
use trunkline_engine::trigger::LeadEventRule;
use trunkline_leads::Activity;
use trunkline_store::ports::Stored;
use uuid::Uuid;

/// What is wrong with what `runs` heard of `leads`.
pub(crate) fn judge(
    leads: &Leads,
    runs: &[Stored],
    places: &[Place],
    compiled: &BTreeMap<Uuid, Arc<Compiled>>,
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut note = |what: String| breaches.push(Law::EventsHeardOnce.broken(what));
    let workflows: BTreeMap<RunId, Uuid> =
        runs.iter().map(|run| (run.header.id, run.header.workflow)).collect();
    for (workflow, compiled) in compiled {
        let go = &compiled.document().steps["go"];
        if go.kind != "lead_event" {
            continue;
        }
        let rule = LeadEventRule::deserialize(&go.config).expect("it was published");
        // What happened, less what was heard.
        let mut unheard: BTreeMap<String, i64> = BTreeMap::new();
        for activity in leads.all.iter().flat_map(|view| &view.timeline).map(|entry| &entry.activity) {
            let by = activity.run_id.and_then(|run| workflows.get(&run));
            let kind = activity.kind.as_str();
            if by != Some(workflow) && rule.hears(kind, &activity.old, &activity.new, None) {
                *unheard.entry(told(activity)).or_default() += 1;
            }
        }
        let ours: Vec<&Stored> = runs.iter().filter(|run| run.header.workflow == *workflow).collect();
        for run in &ours {
            match trigger(run).filter(|_| run.header.trigger_kind == "lead_event") {
                Some(output) => *unheard.entry(heard(output)).or_default() -= 1,
                None => note(format!("{} listens to leads and was started otherwise", run.header.id)),
            }
        }
        for (what, count) in unheard.iter().filter(|(_, count)| **count != 0) {
            let name = &compiled.document().name;
            let how = if *count > 0 { "no run" } else { "a run too many" };
            note(format!("{name} has started {how} for {what}"));
        }
        if compiled.document().settings.order_by.is_some() {
            in_order(&ours, places, &mut note);
        }
    }
    breaches
}

/// Of the events of one lead the earlier one starts its run first.
fn in_order(runs: &[&Stored], places: &[Place], note: &mut impl FnMut(String)) {
    let mut last: BTreeMap<String, (u64, RunId)> = BTreeMap::new();
    for place in places {
        let Some(run) = runs.iter().find(|run| run.header.id == place.run) else { continue };
        let Some(output) = trigger(run) else { continue };
        let number = run.header.event_key.as_deref().and_then(|key| key.rsplit(':').next()?.parse().ok());
        let number: u64 = number.unwrap_or_default();
        let before = last.insert(output["lead_id"].to_string(), (number, place.run));
        if let Some((earlier, other)) = before.filter(|(earlier, _)| *earlier > number) {
            note(format!("{} for event {number} was accepted after {other} for event {earlier}", place.run));
        }
    }
}

fn trigger(run: &Stored) -> Option<&Value> {
    match run.events.first()? {
        Event::Started { output, .. } | Event::Held { output, .. } => Some(output.json()),
        _ => None,
    }
}

/// What tells an entry of a timeline from others.
fn told(activity: &Activity) -> String {
    let Activity { lead_id, kind, old, new, run_id, .. } = activity;
    json!([lead_id, kind, old, new, run_id, activity.at.timestamp_millis()]).to_string()
}

/// The same of what a run was started with.
fn heard(output: &Value) -> String {
    let at = output["at"].as_str().and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
    let at = at.map(|at| at.timestamp_millis());
    let (old, new, run_id) = (&output["old"], &output["new"], &output["run_id"]);
    json!([output["lead_id"], output["event"], old, new, run_id, at]).to_string()
}
