//! What a preview shows besides the counts: samples of every fate, reasons, what was cleaned and what was noticed.

use super::blocks::Row;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use trunkline_leads::cleaning::{Flag, Report, Why};
use trunkline_leads::importing::{Fate, ImportRow, RowOutcome};

/// Rows of each fate that are shown.
const SAMPLES: usize = 20;
/// Examples of a reason, a cleaning or a flag.
const EXAMPLES: usize = 5;
/// Most different reasons that are told; the rest is counted together.
const REASONS: usize = 50;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Tally {
    samples: BTreeMap<Fate, Vec<Value>>,
    reasons: HashMap<String, Reason>,
    cleaned: BTreeMap<(String, &'static str), Examples>,
    flags: BTreeMap<(String, Flag), Examples>,
}

#[derive(Debug, Default, Serialize)]
struct Reason {
    reason: String,
    count: u64,
    /// Lines of the file.
    lines: Vec<u64>,
}

#[derive(Debug, Default)]
struct Examples {
    count: u64,
    shown: Vec<Value>,
}

impl Examples {
    fn add(&mut self, example: impl FnOnce() -> Value) {
        self.count += 1;
        if self.shown.len() < EXAMPLES {
            self.shown.push(example());
        }
    }
}

impl Tally {
    /// Takes one more row.
    pub(super) fn add(&mut self, row: &Row, prepared: &ImportRow, report: &Report, outcome: &RowOutcome) {
        if matches!(outcome.fate, Fate::Failed | Fate::Skipped)
            && let Some(why) = &outcome.why
        {
            let reason = general(why);
            let kept = self.reasons.len() < REASONS || self.reasons.contains_key(&reason);
            let reason = if kept { reason } else { "other reasons".to_owned() };
            let entry = self.reasons.entry(reason.clone()).or_insert(Reason { reason, ..Reason::default() });
            entry.count += 1;
            if entry.lines.len() < EXAMPLES {
                entry.lines.push(row.line());
            }
        }
        for change in &report.changes {
            for why in &change.why {
                let key = (change.field.clone(), Why::words(*why));
                let example = || json!({ "line": row.line(), "old": change.old, "new": change.new });
                self.cleaned.entry(key).or_default().add(example);
            }
        }
        for flagged in &report.flags {
            let value = prepared.fields.get(&flagged.field);
            let example = || json!({ "line": row.line(), "value": value, "meant": flagged.meant });
            self.flags.entry((flagged.field.clone(), flagged.flag)).or_default().add(example);
        }
        let samples = self.samples.entry(outcome.fate).or_default();
        if samples.len() < SAMPLES {
            let cleaned = report.changes.iter().map(|change| {
                let why: Vec<&str> = change.why.iter().map(|why| why.words()).collect();
                json!({ "field": change.field, "old": change.old, "new": change.new, "why": why.join("; ") })
            });
            samples.push(json!({
                "row": outcome.row, "line": row.line(), "fields": prepared.fields, "why": outcome.why,
                "changes": outcome.changes, "cleaned": cleaned.collect::<Vec<_>>(), "lead_id":
                    outcome.lead.filter(|_| matches!(outcome.fate, Fate::Updated | Fate::Unchanged | Fate::Skipped)),
            }));
        }
    }

    /// As the preview keeps it.
    pub(super) fn into_value(self) -> Value {
        let mut reasons: Vec<Reason> = self.reasons.into_values().collect();
        reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        let samples: serde_json::Map<String, Value> =
            self.samples.into_iter().map(|(fate, rows)| (fate.as_str().to_owned(), rows.into())).collect();
        let cleaned = self.cleaned.into_iter().map(|((field, why), examples)| {
            json!({ "field": field, "why": why, "count": examples.count, "examples": examples.shown })
        });
        let flags = self.flags.into_iter().map(|((field, flag), examples)| {
            json!({
                "field": field, "flag": flag, "words": flag.words(), "count": examples.count,
                "examples": examples.shown,
            })
        });
        json!({
            "reasons": reasons, "samples": samples, "cleaned": cleaned.collect::<Vec<_>>(),
            "flags": flags.collect::<Vec<_>>(),
        })
    }
}

/// A reason without the value of this one row.
fn general(why: &str) -> String {
    match (why.find('"'), why.rfind('"')) {
        (Some(first), Some(last)) if first < last => format!("{}\"…\"{}", &why[..first], &why[last + 1..]),
        _ => why.to_owned(),
    }
    .split("; ")
    .next()
    .unwrap_or_default()
    .to_owned()
}
