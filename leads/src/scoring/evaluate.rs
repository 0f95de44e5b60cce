//! The score of a lead at a moment.
//!
//! 1. Each row of the fit table that holds counts its points. The sum is at most the table's `most`.
//! 2. Each row of the behaviour table counts what [`BehaviourRow`](super::BehaviourRow) says at the moment, in whole
//!    points. The sum is at most the table's `most`.
//! 3. The score is the sum of both, at least 0 and at most the model's `maximum`.
//!
//! The reasons say all of that, limits included, so that their points add up to the score exactly.

use super::ScoringModel;
use crate::criteria::Facts;
use crate::lead::Reason;
use chrono::{DateTime, Utc};

/// What a lead scored, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The score, 0 to the model's maximum.
    pub score: i64,
    /// What the fit table counted.
    pub fit: i64,
    /// What the behaviour table counted.
    pub behaviour: i64,
    /// Its grade, such as `B2`; none when the model gives none.
    pub grade: Option<String>,
    /// What the score is made of; the points add up to it.
    pub reasons: Vec<Reason>,
    /// The name of the highest threshold it reaches.
    pub reached: Option<String>,
    /// The next moment at which it may be another one by the passing of time alone. Until then it is the same.
    pub next_change: Option<DateTime<Utc>>,
}

impl ScoringModel {
    /// The score of the lead at the moment of `facts`.
    #[must_use]
    pub fn score(&self, facts: &Facts<'_>) -> Score {
        let mut reasons = Vec::new();
        let mut next_change: Option<DateTime<Utc>> = None;
        let mut fit = 0;
        for row in &self.fit.rows {
            if row.when.holds(facts) {
                fit += row.points;
                reasons.push(Reason { label: row.reason(), points: row.points });
            }
            next_change = earlier(next_change, row.when.next_change(facts));
        }
        fit = limited(fit, self.fit.most, "Who they are", &mut reasons);
        let mut behaviour = 0;
        for row in &self.behaviour.rows {
            let count = row.count(facts, self.behaviour.half_life_days);
            if count.points != 0 {
                behaviour += count.points;
                reasons.push(Reason { label: row.reason(), points: count.points });
            }
            next_change = earlier(next_change, count.next_change);
        }
        behaviour = limited(behaviour, self.behaviour.most, "What they do", &mut reasons);
        let total = fit + behaviour;
        let score = total.clamp(0, self.maximum);
        if score != total {
            let label =
                if total < 0 { "Never below 0".into() } else { format!("Never above {}", self.maximum) };
            reasons.push(Reason { label, points: score - total });
        }
        Score {
            score,
            fit,
            behaviour,
            grade: self.grades.map(|grades| grades.of(fit, behaviour)),
            reasons,
            reached: self.reached(score).map(|threshold| threshold.name.clone()),
            next_change,
        }
    }
}

/// `points`, at most `most`; what is cut off is a reason too.
fn limited(points: i64, most: i64, table: &str, reasons: &mut Vec<Reason>) -> i64 {
    let kept = points.min(most);
    if kept < points {
        reasons.push(Reason { label: format!("{table}: at most {most}"), points: kept - points });
    }
    kept
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}
