//! Lists that come in stretches: every item in one stretch, and none left out of a list that was worked off.

use crate::fate::{ON_A_PAGE, PAGES};
use crate::laws::{Breach, Law};
use std::collections::BTreeMap;
use trunkline_engine::run::Event;
use trunkline_store::ports::{RunStatus, Stored};

/// What is wrong with the stretches among `runs`.
pub(crate) fn judge(runs: &[Stored]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut worked: BTreeMap<String, BTreeMap<u64, usize>> = BTreeMap::new();
    for run in runs {
        let Some(Event::Sliced { stretch, .. }) = run.events.first() else { continue };
        // Which list it is of: the event that began it all, and the step.
        let list = format!("{} {} {}", run.header.workflow, stretch.step, stretch.trigger["body"]["n"]);
        let items = worked.entry(list).or_default();
        for item in 0..stretch.items.len() as u64 {
            *items.entry(stretch.first + item).or_default() += 1;
        }
    }
    for (list, items) in &worked {
        if let Some((item, times)) = items.iter().find(|(_, times)| **times > 1) {
            breaches.push(
                Law::EachItemOnce.broken(format!("item {item} of {list} was worked off {times} times")),
            );
        }
    }
    for run in runs.iter().filter(|run| run.state.status == RunStatus::Completed) {
        let Some(Event::Started { output, .. }) = run.events.first() else { continue };
        for (list, items) in &worked {
            let of = format!("{} ", run.header.workflow);
            let is_its = list.starts_with(&of) && list.ends_with(&format!(" {}", output.json()["body"]["n"]));
            if is_its && items.len() as u64 != PAGES * ON_A_PAGE {
                let what = format!("{} items of {list} were worked off, and it says it is done", items.len());
                breaches.push(Law::EachItemOnce.broken(what));
            }
        }
    }
    breaches
}
