//! Precision, recall and F1 over pairs of records.

use crate::measure::Measure;
use std::collections::HashSet;
use std::hash::Hash;

/// Two records of one set, the smaller number first.
pub(crate) type Pair = (usize, usize);

/// All pairs of records that carry the same label.
pub(crate) fn within<T: Eq + Hash>(labels: &[T]) -> HashSet<Pair> {
    let mut members: std::collections::HashMap<&T, Vec<usize>> = std::collections::HashMap::new();
    for (record, label) in labels.iter().enumerate() {
        members.entry(label).or_default().push(record);
    }
    let mut pairs = HashSet::new();
    for group in members.values() {
        for (place, &left) in group.iter().enumerate() {
            pairs.extend(group[place + 1..].iter().map(|&right| (left, right)));
        }
    }
    pairs
}

/// How well one set of pairs agrees with another that is true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Agreement {
    /// The share of what was found that is true.
    pub(crate) precision: f64,
    /// The share of what is true that was found.
    pub(crate) recall: f64,
}

impl Agreement {
    /// Counts; an empty set agrees fully with whatever it is compared with.
    pub(crate) fn of(found: &HashSet<Pair>, truth: &HashSet<Pair>) -> Self {
        let share = |count: usize, of: usize| if of == 0 { 1.0 } else { count as f64 / of as f64 };
        let right = found.intersection(truth).count();
        Self { precision: share(right, found.len()), recall: share(right, truth.len()) }
    }

    /// The harmonic mean of precision and recall.
    pub(crate) fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum == 0.0 { 0.0 } else { 2.0 * self.precision * self.recall / sum }
    }

    /// `NAME_f1`, `NAME_precision` and `NAME_recall`.
    pub(crate) fn measures(self, name: &str) -> [Measure; 3] {
        [
            Measure::new(format!("{name}_f1"), self.f1()),
            Measure::new(format!("{name}_precision"), self.precision),
            Measure::new(format!("{name}_recall"), self.recall),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_within_labels_only() {
        assert_eq!(within(&["a", "b", "a", "a"]), HashSet::from([(0, 2), (0, 3), (2, 3)]));
        assert!(within(&["a", "b"]).is_empty());
    }

    #[test]
    fn agreement_is_what_the_textbook_says() {
        let truth = HashSet::from([(0, 1), (2, 3), (4, 5), (6, 7)]);
        let found = HashSet::from([(0, 1), (2, 3), (8, 9)]);
        let agreement = Agreement::of(&found, &truth);
        assert_eq!((agreement.precision, agreement.recall), (2.0 / 3.0, 0.5));
        assert!((agreement.f1() - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!(Agreement::of(&HashSet::new(), &truth).f1(), 0.0);
    }
}
