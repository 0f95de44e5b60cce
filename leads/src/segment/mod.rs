//! Segments: leads that a rule describes. Who belongs to one follows from the rule alone, at any moment.
//!
//! ```json
//! { "description": "Big companies that look at prices", "rule": { "all": [
//!   { "field": "company_size", "op": "at_least", "value": 200 },
//!   { "did": "touched", "named": "Visited pricing", "within_days": 14 }
//! ] } }
//! ```
//!
//! What a segment must never do: ask who is in a segment, for then the order of looking would decide.

use crate::criteria::{Criteria, Dependencies};
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_engine::kind::ConfigProblem;

/// The kind of definition that is a segment.
pub const KIND: &str = crate::definition::SEGMENT;
/// Most published segments of a workspace.
pub const MAX_SEGMENTS: usize = 200;

/// See the [module](self).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Who belongs to it.
    pub rule: Criteria,
}

impl Segment {
    /// What it looks at.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies {
        let mut all = Dependencies::default();
        self.rule.depend(&mut all);
        all
    }

    /// What it says, a sentence each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        vec![format!("Leads of whom this holds: {}.", self.rule.in_words())]
    }

    /// What is different from `before`, a sentence each. Empty when both mean the same.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let (old, new) = (before.rule.in_words(), self.rule.in_words());
        if old != new {
            lines.push(format!("Rule: {old} -> {new}"));
        }
        if before.description != self.description {
            lines.push(format!("Description: {}", self.description));
        }
        lines
    }

    /// What is wrong with it, each with a JSON Pointer into its document. Empty when it can be published.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = self.rule.problems("/rule");
        let mut add = |message: &str, action: &str| {
            problems.push(ConfigProblem {
                code: "DOC-0007",
                field: "/rule".into(),
                message: message.into(),
                action: action.into(),
            });
        };
        if self.rule.is_empty() {
            add("the segment asks nothing", "Add a rule; every lead would belong to it otherwise.");
        }
        let asks = self.dependencies();
        let resulting = |kind: &str| matches!(kind, "segment_entered" | "segment_left");
        if asks.fields.contains("segments") || asks.kinds().into_iter().any(resulting) {
            add("a segment cannot ask who is in a segment", "Repeat the other segment's rule here.");
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn segment(rule: Value) -> Segment {
        serde_json::from_value(json!({ "rule": rule })).unwrap()
    }

    #[test]
    fn a_segment_that_asks_nothing_or_for_segments_is_pointed_out() {
        for rule in [
            json!({ "all": [] }),
            json!({ "field": "segments", "op": "contains", "value": "Hot" }),
            json!({ "did": "segment_entered" }),
        ] {
            assert_eq!(segment(rule).problems().len(), 1);
        }
        assert!(segment(json!({ "field": "score", "op": "at_least", "value": 71 })).problems().is_empty());
    }

    #[test]
    fn a_change_is_told_in_words() {
        let before = segment(json!({ "field": "country", "op": "equals", "value": "DE" }));
        let after = segment(json!({ "field": "country", "op": "one_of", "value": "DE, AT" }));
        assert_eq!(after.changes_since(&before), ["Rule: country is DE -> country is one of DE, AT"]);
        assert!(after.changes_since(&after.clone()).is_empty());
    }
}
