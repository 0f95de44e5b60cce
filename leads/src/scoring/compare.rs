//! Scoring models in plain sentences, and how two versions differ.

use super::{Grades, ScoringModel, Threshold};
use std::fmt::Display;

impl ScoringModel {
    /// What it says, a sentence each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.fit.rows.iter().map(|row| format!("{}: {:+}.", row.reason(), row.points)).collect();
        lines.push(format!("Who they are counts at most {}.", self.fit.most));
        for row in &self.behaviour.rows {
            lines.push(format!("{}: {}.", row.reason(), behaviour_points(row.points, row.every_time)));
        }
        lines.push(format!(
            "What they do counts at most {}{}.",
            self.behaviour.most,
            fading(self.behaviour.half_life_days)
        ));
        lines.extend(self.thresholds.iter().map(threshold_words));
        lines.extend(self.grades.as_ref().map(|grades| format!("Grades: {}.", grade_words(grades))));
        lines
    }

    /// What is different from `before`, a sentence each: `MQL: 65 -> 71`. Empty when both mean the same.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let fit = |model: &Self| -> Vec<(String, String)> {
            model.fit.rows.iter().map(|row| (row.reason(), format!("{:+}", row.points))).collect()
        };
        compare_rows(&fit(before), &fit(self), &mut lines);
        changed("Who they are counts at most", before.fit.most, self.fit.most, &mut lines);
        let behaviour = |model: &Self| -> Vec<(String, String)> {
            let rows = model.behaviour.rows.iter();
            rows.map(|row| (row.reason(), behaviour_points(row.points, row.every_time))).collect()
        };
        compare_rows(&behaviour(before), &behaviour(self), &mut lines);
        changed("What they do counts at most", before.behaviour.most, self.behaviour.most, &mut lines);
        let half_life = |days: Option<f64>| days.map_or("none".to_owned(), |days| format!("{days} days"));
        let (old, new) =
            (half_life(before.behaviour.half_life_days), half_life(self.behaviour.half_life_days));
        changed("Half-life", old, new, &mut lines);
        changed("Highest score", before.maximum, self.maximum, &mut lines);
        compare_thresholds(&before.thresholds, &self.thresholds, &mut lines);
        let grades = |model: &Self| model.grades.as_ref().map_or("none".to_owned(), grade_words);
        changed("Grades", grades(before), grades(self), &mut lines);
        let scores = |automatic: bool| if automatic { "every lead" } else { "where a workflow says so" };
        changed("Scores", scores(before.automatic), scores(self.automatic), &mut lines);
        lines
    }
}

fn compare_rows(before: &[(String, String)], after: &[(String, String)], lines: &mut Vec<String>) {
    for (name, points) in after {
        match before.iter().find(|(known, _)| known == name) {
            None => lines.push(format!("{name}: new, {points}")),
            Some((_, old)) if old != points => lines.push(format!("{name}: {old} -> {points}")),
            Some(_) => {}
        }
    }
    for (name, points) in before {
        if !after.iter().any(|(known, _)| known == name) {
            lines.push(format!("{name}: removed, was {points}"));
        }
    }
}

fn compare_thresholds(before: &[Threshold], after: &[Threshold], lines: &mut Vec<String>) {
    for threshold in after {
        let Some(old) = before.iter().find(|old| old.name == threshold.name) else {
            lines.push(format!("{}: new, from {}", threshold.name, threshold.at));
            continue;
        };
        changed(&threshold.name, old.at, threshold.at, lines);
        let stage = |stage: &str| if stage.is_empty() { "none".to_owned() } else { stage.to_owned() };
        changed(
            &format!("{} moves to stage", threshold.name),
            stage(&old.stage),
            stage(&threshold.stage),
            lines,
        );
        if old.means != threshold.means {
            lines.push(format!("{} means: {}", threshold.name, threshold.means));
        }
    }
    for old in before {
        if !after.iter().any(|threshold| threshold.name == old.name) {
            lines.push(format!("{}: removed, was from {}", old.name, old.at));
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "callers hand over numbers and fresh texts alike")]
fn changed<T: PartialEq + Display>(what: &str, old: T, new: T, lines: &mut Vec<String>) {
    if old != new {
        lines.push(format!("{what}: {old} -> {new}"));
    }
}

fn behaviour_points(points: i64, every_time: Option<u32>) -> String {
    every_time
        .map_or_else(|| format!("{points:+}"), |times| format!("{points:+} every time, up to {times} times"))
}

fn fading(half_life_days: Option<f64>) -> String {
    half_life_days.map_or_else(String::new, |days| format!(" and halves every {days} days"))
}

fn threshold_words(threshold: &Threshold) -> String {
    let mut words = format!("From {} on: {}", threshold.at, threshold.name);
    if !threshold.means.trim().is_empty() {
        words.push_str(&format!(", which means: {}", threshold.means.trim().trim_end_matches('.')));
    }
    if !threshold.stage.is_empty() {
        words.push_str(&format!("; moves to the stage {}", threshold.stage));
    }
    words.push('.');
    words
}

fn grade_words(Grades { fit, behaviour }: &Grades) -> String {
    format!(
        "A from {}, B from {}, C from {} fit points; 1 from {}, 2 from {}, 3 from {} behaviour points",
        fit[0], fit[1], fit[2], behaviour[0], behaviour[1], behaviour[2]
    )
}
