//! Leads that several runs change at once: one lead for one address, each change of each run on its timeline once, and
//! the turns of the pool as many as leads were dealt.

use crate::laws::{Breach, Law};
use crate::universe::Leads;
use std::collections::BTreeMap;
use trunkline_engine::run::Event;
use trunkline_store::ports::Stored;

/// What is wrong with `leads`, after `runs`.
pub(crate) fn judge(leads: &Leads, runs: &[Stored]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut note = |what: String| breaches.push(Law::LeadsAgree.broken(what));
    let mut by_address: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut changes, mut dealt): (BTreeMap<_, usize>, u64) = (BTreeMap::new(), 0);
    for view in &leads.all {
        *by_address.entry(view.lead.email.as_deref().unwrap_or_default()).or_default() += 1;
        let mut stage = None;
        for entry in &view.timeline {
            let activity = &entry.activity;
            let kind = activity.kind.as_str();
            // What people do by hand they may do twice.
            if activity.run_id.is_some() {
                *changes.entry((activity.run_id, activity.step.clone(), kind)).or_default() += 1;
            }
            dealt += u64::from(kind == "assigned");
            if kind == "stage_changed" && stage.is_none() {
                stage = activity.new.as_str();
            }
        }
        // The newest change of stage says where the lead is.
        if stage.is_some_and(|stage| stage != view.lead.stage) {
            note(format!("{} stands at {}, its timeline says {stage:?}", view.lead.id, view.lead.stage));
        }
    }
    for (address, count) in by_address.into_iter().filter(|(_, count)| *count > 1) {
        note(format!("{address} is {count} leads"));
    }
    for ((run, step, kind), times) in &changes {
        if *times > 1 {
            note(format!("{kind} by {step:?} of {run:?} stands {times} times on a timeline"));
        }
    }
    if dealt != leads.dealt {
        note(format!("{dealt} leads were dealt, the pool counts {}", leads.dealt));
    }
    for run in runs {
        for event in &run.events {
            let Event::Performed { key, result: Ok(performed), .. } = event else { continue };
            let kind = match (&performed.output["changed"], &performed.output["owner"]) {
                (changed, _) if changed == true => "stage_changed",
                (_, owner) if owner.is_object() => "assigned",
                _ => continue,
            };
            if !changes.contains_key(&(Some(run.header.id), Some(key.step.clone()), kind)) {
                note(format!("{key} of {} says {kind}, and no timeline does", run.header.id));
            }
        }
    }
    breaches
}
