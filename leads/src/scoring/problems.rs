//! What is wrong with a scoring model.

use super::{FitTable, Grades, MAX_POINTS, MAX_ROWS, MAX_THRESHOLDS, ScoringModel, Threshold};
use crate::criteria::{Dependencies, MAX_COUNTED};
use trunkline_engine::kind::ConfigProblem;

/// Parts of a lead that follow from its score; a model that asked for them would chase its own tail.
const RESULTS: [&str; 6] = ["score", "score_reasons", "scored", "stage", "stage_since", "segments"];
/// Activities that follow from a score.
const RESULTING: [&str; 4] = ["scored", "stage_changed", "segment_entered", "segment_left"];

impl ScoringModel {
    /// What is wrong with it, each with a JSON Pointer into its document. Empty when it can be published.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        self.check_fit(&mut problems);
        self.check_behaviour(&mut problems);
        if !(1..=MAX_POINTS).contains(&self.maximum) {
            let says = format!("the highest score is between 1 and {MAX_POINTS}");
            problems.push(problem("/maximum", says, "Choose a number in between, such as 100."));
        }
        self.check_thresholds(&mut problems);
        if let Some(Grades { fit, behaviour }) = self.grades {
            for (name, bounds) in [("fit", fit), ("behaviour", behaviour)] {
                if !bounds.windows(2).all(|pair| pair[0] > pair[1]) {
                    let says = "each grade needs more points than the one after it";
                    let action = "Write the highest number first, such as 50, 30, 10.";
                    problems.push(problem(format!("/grades/{name}"), says, action));
                }
            }
        }
        problems
    }

    fn check_fit(&self, problems: &mut Vec<ConfigProblem>) {
        let FitTable { rows, most } = &self.fit;
        check_size("/fit", rows.len(), *most, problems);
        for (place, row) in rows.iter().enumerate() {
            let at = format!("/fit/rows/{place}");
            check_points(&at, row.points, problems);
            if row.when.is_empty() {
                let action = "Choose a field and what it is compared with, or remove the row.";
                problems.push(problem(format!("{at}/when"), "this row asks nothing", action));
            }
            problems.extend(row.when.problems(&format!("{at}/when")));
            let mut asks = Dependencies::default();
            row.when.depend(&mut asks);
            if let Some(result) = RESULTS.into_iter().find(|result| asks.fields.contains(*result)) {
                let says =
                    format!("a score cannot depend on {}, which follows from it", result.replace('_', " "));
                problems.push(problem(format!("{at}/when"), says, "Choose another field."));
            }
        }
    }

    fn check_behaviour(&self, problems: &mut Vec<ConfigProblem>) {
        let table = &self.behaviour;
        check_size("/behaviour", table.rows.len(), table.most, problems);
        for (place, row) in table.rows.iter().enumerate() {
            let at = format!("/behaviour/rows/{place}");
            check_points(&at, row.points, problems);
            problems.extend(row.did.problems(&at));
            if row.every_time.is_some_and(|times| !(1..=MAX_COUNTED).contains(&(times as usize))) {
                let says = format!("a row counts at most {MAX_COUNTED} activities");
                problems.push(problem(format!("{at}/every_time"), says, "Choose a smaller number."));
            }
            if RESULTING.contains(&row.did.kind.as_str()) {
                let says = "a score cannot depend on what follows from it";
                problems.push(problem(format!("{at}/did"), says, "Choose another activity."));
            }
        }
        if table.half_life_days.is_some_and(|days| !(0.1..=3_650.0).contains(&days)) {
            let says = "a half-life is between 0.1 and 3,650 days";
            problems.push(problem(
                "/behaviour/half_life_days",
                says,
                "Choose a number in between, such as 30.",
            ));
        }
    }

    fn check_thresholds(&self, problems: &mut Vec<ConfigProblem>) {
        if self.thresholds.len() > MAX_THRESHOLDS {
            let says =
                format!("there are {} thresholds, and {MAX_THRESHOLDS} is the limit", self.thresholds.len());
            problems.push(problem("/thresholds", says, "Keep those that somebody acts on."));
        }
        for (place, Threshold { at, name, .. }) in self.thresholds.iter().enumerate() {
            let pointer = format!("/thresholds/{place}");
            if !(1..=self.maximum).contains(at) {
                let says =
                    format!("no score reaches {at} for the first time: scores are 0 to {}", self.maximum);
                problems.push(problem(
                    format!("{pointer}/at"),
                    says,
                    "Choose a number between 1 and the highest.",
                ));
            }
            let others = &self.thresholds[..place];
            let is_known =
                |name: &str| others.iter().any(|other| other.name.trim().eq_ignore_ascii_case(name));
            if name.trim().is_empty() || is_known(name.trim()) {
                let says = "the threshold has no name of its own";
                problems.push(problem(format!("{pointer}/name"), says, "Say what people call these leads."));
            }
            if others.iter().any(|other| other.at == *at) {
                let says = format!("two thresholds are at {at}");
                problems.push(problem(format!("{pointer}/at"), says, "Move one of them, or remove it."));
            }
        }
    }
}

fn check_size(table: &str, rows: usize, most: i64, problems: &mut Vec<ConfigProblem>) {
    if rows > MAX_ROWS {
        let says = format!("the table has {rows} rows, and {MAX_ROWS} is the limit");
        let action = "Use \"is one of\" with a list instead of a row per value.";
        problems.push(problem(format!("{table}/rows"), says, action));
    }
    if !(0..=MAX_POINTS).contains(&most) {
        let says = format!("a table counts between 0 and {MAX_POINTS} points");
        problems.push(problem(format!("{table}/most"), says, "Choose a number in between."));
    }
}

fn check_points(at: &str, points: i64, problems: &mut Vec<ConfigProblem>) {
    if points == 0 || points.abs() > MAX_POINTS {
        let says = format!("a row gives or takes between 1 and {MAX_POINTS} points");
        problems.push(problem(format!("{at}/points"), says, "Choose a number in between."));
    }
}

fn problem(field: impl Into<String>, message: impl Into<String>, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0007", field: field.into(), message: message.into(), action: action.into() }
}
