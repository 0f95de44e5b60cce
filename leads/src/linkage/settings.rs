//! How duplicates are looked for and merged, as people set it.

use super::taught::{Corrections, Taught};
use crate::merge::{MergeRules, Survivorship};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lowest threshold: below it pairs are more likely two people than one by far.
pub const LOWEST: f64 = 0.05;

/// Settings of the search for duplicates: a definition of the kind [`IDENTITY`](crate::definition::IDENTITY).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateSettings {
    /// Pairs at least this probable wait for a person.
    pub review_above: f64,
    /// Pairs at least this probable are merged without asking; nobody is when absent.
    pub merge_above: Option<f64>,
    /// Whose value stays where both leads have one.
    pub wins: Survivorship,
    /// Sources from the most trusted down.
    pub trusted_sources: Vec<String>,
    /// Whether weights are corrected by what people answer.
    pub learns: bool,
    /// What was learned last; kept when learning is turned off, and of no effect then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taught: Option<Box<Taught>>,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self {
            review_above: 0.5,
            merge_above: None,
            wins: Survivorship::Keep,
            trusted_sources: Vec::new(),
            learns: false,
            taught: None,
        }
    }
}

impl DuplicateSettings {
    /// What keeps them from being used, in words; `None` when nothing does.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let within = |share: f64| (LOWEST..1.0).contains(&share);
        if !within(self.review_above) {
            return Some(format!(
                "The probability from which pairs are shown must be from {LOWEST} to below 1."
            ));
        }
        match self.merge_above {
            Some(merge) if !within(merge) || merge < self.review_above => Some(
                "The probability from which pairs are merged must not be below the one from which they are shown, and below 1."
                    .into(),
            ),
            _ => None,
        }
    }

    /// What weights are corrected by.
    #[must_use]
    pub fn corrections(&self) -> Corrections {
        let taught = self.taught.as_ref().filter(|_| self.learns);
        taught.map(|taught| taught.corrections.clone()).unwrap_or_default()
    }

    /// The rules by which two leads are merged when nobody chooses.
    #[must_use]
    pub fn rules(&self) -> MergeRules {
        MergeRules {
            default: self.wins,
            trusted_sources: self.trusted_sources.clone(),
            ..MergeRules::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_have_an_order() {
        assert_eq!(DuplicateSettings::default().problem(), None);
        let settings = |review_above, merge_above| DuplicateSettings {
            review_above,
            merge_above,
            ..DuplicateSettings::default()
        };
        assert_eq!(settings(0.5, Some(0.99)).problem(), None);
        for wrong in
            [settings(0.0, None), settings(1.0, None), settings(0.8, Some(0.7)), settings(f64::NAN, None)]
        {
            assert!(wrong.problem().is_some(), "{wrong:?}");
        }
    }
}
