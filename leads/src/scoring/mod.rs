//! Scoring models: what a lead is worth, from who they are (the fit table) and what they do (the behaviour table).
//!
//! ```json
//! {
//!   "fit": { "rows": [{ "when": { "field": "company_size", "op": "at_least", "value": 200 }, "points": 25 }], "most": 60 },
//!   "behaviour": {
//!     "rows": [{ "did": "touched", "named": "Visited pricing", "within_days": 14, "points": 15 }],
//!     "most": 40, "half_life_days": 30
//!   },
//!   "thresholds": [{ "at": 71, "name": "MQL", "stage": "MQL" }]
//! }
//! ```
//!
//! How a score is worked out is in `evaluate`, formula by formula. A model is a document with versions; it is compared
//! with another version in plain sentences.
//!
//! What a model must never do: look at its own result. Scores, stages and segments are no fields it can ask for, so that
//! one look at a lead settles all three, in that order.

mod behaviour;
mod compare;
mod evaluate;
mod problems;
#[cfg(test)]
mod tests;

pub use behaviour::BehaviourRow;
pub use evaluate::Score;

use crate::criteria::{Criteria, Dependencies};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of definition that is a scoring model.
pub const KIND: &str = crate::definition::SCORING;
/// Most rows of a table.
pub const MAX_ROWS: usize = 200;
/// Most points a row gives or takes.
pub const MAX_POINTS: i64 = 1_000;
/// Most thresholds.
pub const MAX_THRESHOLDS: usize = 10;

/// See the [module](self).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoringModel {
    /// Who they are.
    #[serde(default)]
    pub fit: FitTable,
    /// What they do.
    #[serde(default)]
    pub behaviour: BehaviourTable,
    /// The score is never higher than this, and never below 0.
    #[serde(default = "hundred")]
    pub maximum: i64,
    /// Scores that mean something, such as 71 for "goes to sales".
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
    /// Letters for fit and numbers for behaviour, such as `B2`; none when absent.
    #[serde(default)]
    pub grades: Option<Grades>,
    /// Whether every lead is scored by this model whenever something it looks at changes. At most one published model of
    /// a workspace does that; others score where a workflow says so.
    #[serde(default = "yes")]
    pub automatic: bool,
}

/// Who they are: conditions and the points they give.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitTable {
    /// Its rows.
    #[serde(default)]
    pub rows: Vec<FitRow>,
    /// The most the table counts in total.
    #[serde(default = "sixty")]
    pub most: i64,
}

/// What they do: activities and the points they give.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourTable {
    /// Its rows.
    #[serde(default)]
    pub rows: Vec<BehaviourRow>,
    /// The most the table counts in total.
    #[serde(default = "forty")]
    pub most: i64,
    /// After so many days an activity counts half, after twice as many a quarter. Nothing fades when absent.
    #[serde(default)]
    pub half_life_days: Option<f64>,
}

/// A condition and its points.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitRow {
    /// When it counts.
    pub when: Criteria,
    /// What it counts; below zero takes away.
    pub points: i64,
    /// What the reason says instead of the condition in words.
    #[serde(default)]
    pub label: String,
}

/// A score that means something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// From this score on.
    pub at: i64,
    /// What people call those leads, such as `MQL`.
    pub name: String,
    /// What it means to reach it, such as `Marketing hands the lead to sales`.
    #[serde(default)]
    pub means: String,
    /// The stage a lead moves to when it reaches the score; none when empty.
    #[serde(default)]
    pub stage: String,
}

/// From how many points on a lead has which grade; a letter for who they are, a number for what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// Fit points for A, B and C; fewer are D.
    pub fit: [i64; 3],
    /// Behaviour points for 1, 2 and 3; fewer are 4.
    pub behaviour: [i64; 3],
}

impl Default for FitTable {
    fn default() -> Self {
        Self { rows: Vec::new(), most: sixty() }
    }
}

impl Default for BehaviourTable {
    fn default() -> Self {
        Self { rows: Vec::new(), most: forty(), half_life_days: None }
    }
}

impl ScoringModel {
    /// What it looks at.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies {
        let mut all = Dependencies::default();
        for row in &self.fit.rows {
            row.when.depend(&mut all);
        }
        for row in &self.behaviour.rows {
            all.activities.insert(row.did.signature());
        }
        all
    }

    /// The highest threshold that `score` reaches.
    #[must_use]
    pub fn reached(&self, score: i64) -> Option<&Threshold> {
        self.thresholds.iter().filter(|threshold| score >= threshold.at).max_by_key(|threshold| threshold.at)
    }
}

impl FitRow {
    /// What the reason says.
    #[must_use]
    pub fn reason(&self) -> String {
        reason(&self.label, || self.when.in_words())
    }
}

impl Grades {
    /// The grade of so many points, such as `B2`.
    #[must_use]
    pub fn of(&self, fit: i64, behaviour: i64) -> String {
        let rank = |bounds: [i64; 3], points: i64| bounds.iter().take_while(|bound| points < **bound).count();
        let letter = ['A', 'B', 'C', 'D'][rank(self.fit, fit)];
        format!("{letter}{}", rank(self.behaviour, behaviour) + 1)
    }
}

/// The label, or the words with a capital.
fn reason(label: &str, words: impl FnOnce() -> String) -> String {
    if !label.trim().is_empty() {
        return label.trim().to_owned();
    }
    let words = words();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn hundred() -> i64 {
    100
}

fn sixty() -> i64 {
    60
}

fn forty() -> i64 {
    40
}

fn yes() -> bool {
    true
}
