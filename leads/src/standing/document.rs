//! A document of one of the kinds that are rules, whatever its kind: what is wrong with it, what it says, and how it
//! differs from another version.

use crate::lifecycle::{self, Lifecycle};
use crate::scoring::{self, ScoringModel};
use crate::segment::{self, Segment};
use serde::de::DeserializeOwned;
use serde_json::Value;
use trunkline_engine::kind::ConfigProblem;

/// A document that could be read.
#[derive(Debug, Clone)]
pub enum Document {
    /// A scoring model.
    Scoring(Box<ScoringModel>),
    /// A lifecycle.
    Lifecycle(Box<Lifecycle>),
    /// A segment.
    Segment(Box<Segment>),
}

impl Document {
    /// Reads a document of `kind`; `None` when that is no kind of rules.
    ///
    /// # Errors
    /// What cannot be read, as a problem of the whole document.
    pub fn read(kind: &str, document: &Value) -> Option<Result<Self, ConfigProblem>> {
        Some(match kind {
            scoring::KIND => typed(document).map(|model| Self::Scoring(Box::new(model))),
            lifecycle::KIND => typed(document).map(|lifecycle| Self::Lifecycle(Box::new(lifecycle))),
            segment::KIND => typed(document).map(|segment| Self::Segment(Box::new(segment))),
            _ => return None,
        })
    }

    /// What is wrong with it, each with a JSON Pointer into it. Empty when it can be published.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigProblem> {
        match self {
            Self::Scoring(model) => model.problems(),
            Self::Lifecycle(lifecycle) => lifecycle.problems(),
            Self::Segment(segment) => segment.problems(),
        }
    }

    /// What it says, a sentence each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        match self {
            Self::Scoring(model) => model.in_words(),
            Self::Lifecycle(lifecycle) => lifecycle.in_words(),
            Self::Segment(segment) => segment.in_words(),
        }
    }

    /// What is different from `before`, a sentence each. Documents of different kinds have nothing to compare.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        match (self, before) {
            (Self::Scoring(after), Self::Scoring(before)) => after.changes_since(before),
            (Self::Lifecycle(after), Self::Lifecycle(before)) => after.changes_since(before),
            (Self::Segment(after), Self::Segment(before)) => after.changes_since(before),
            _ => Vec::new(),
        }
    }
}

fn typed<T: DeserializeOwned>(document: &Value) -> Result<T, ConfigProblem> {
    T::deserialize(document).map_err(|error| ConfigProblem {
        code: "DOC-0007",
        field: String::new(),
        message: error.to_string(),
        action: "Correct what is named; every setting is described in the guide.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_read_by_their_kind() {
        let model = Document::read("scoring_model", &json!({ "maximum": 50 })).unwrap().unwrap();
        assert!(model.problems().is_empty());
        let later = Document::read("scoring_model", &json!({ "maximum": 60 })).unwrap().unwrap();
        assert_eq!(later.changes_since(&model), ["Highest score: 50 -> 60"]);
        let unread = Document::read("segment", &json!({ "rules": [] })).unwrap().unwrap_err();
        assert!(unread.message.contains("rules"), "{}", unread.message);
        assert!(Document::read("view", &json!({})).is_none());
    }
}
