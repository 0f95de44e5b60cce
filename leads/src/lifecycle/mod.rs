//! The lifecycle: the stages a lead goes through, as the people who work with them agreed.
//!
//! ```json
//! { "stages": [
//!   { "name": "Lead" },
//!   { "name": "MQL", "means": "Marketing vouches for it.", "entry": { "field": "score", "op": "at_least", "value": 71 },
//!     "moves_to": ["SAL", "Recycled"], "crm_status": "Working - contacted" },
//!   { "name": "Recycled", "recycle": true, "crm_status": "Nurturing" }
//! ] }
//! ```
//!
//! What is agreed (`means`) stands beside the rule that holds people to it (`entry`, `moves_to`), in one document with
//! versions, so that neither changes without the other being looked at.
//!
//! What it must never do: move a lead by itself. It only says whether a move is allowed, and why not.

mod compare;
mod moves;
mod problems;
#[cfg(test)]
mod tests;

pub use moves::{Move, Refusal};

use crate::criteria::{Criteria, Dependencies};
use crate::stage::Stage;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The kind of definition that is a lifecycle.
pub const KIND: &str = crate::definition::LIFECYCLE;
/// The name of the one lifecycle a workspace has.
pub const NAME: &str = "Lifecycle";
/// Most stages.
pub const MAX_STAGES: usize = 40;

/// See the [module](self).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Its stages, from the first to the last.
    pub stages: Vec<StageRule>,
}

/// A stage, what it means, and who may enter it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    /// Its name; also its identity.
    pub name: String,
    /// What it means, as marketing and sales agreed.
    #[serde(default)]
    pub means: String,
    /// Who may enter it; everybody when it asks nothing.
    #[serde(default)]
    pub entry: Criteria,
    /// Where a lead may go from here; any later stage when absent.
    #[serde(default)]
    pub moves_to: Option<Vec<String>>,
    /// What the CRM calls a lead in this stage; nothing when empty.
    #[serde(default)]
    pub crm_status: String,
    /// Whether leads come back to it: entering needs a reason and is counted, and is allowed from every stage that does
    /// not list where it leads.
    #[serde(default)]
    pub recycle: bool,
}

impl Lifecycle {
    /// The stage called `name`, whatever its capitals.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&StageRule> {
        self.place(name).map(|place| &self.stages[place])
    }

    fn place(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        self.stages.iter().position(|stage| stage.name.trim().eq_ignore_ascii_case(name))
    }

    /// Its stages as a ladder.
    #[must_use]
    pub fn ladder(&self) -> Arc<[Stage]> {
        let rungs = self.stages.iter().zip((0..).step_by(10));
        rungs.map(|(stage, rank)| Stage { name: stage.name.trim().to_owned(), rank }).collect()
    }

    /// What its rules look at.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies {
        let mut all = Dependencies::default();
        for stage in &self.stages {
            stage.entry.depend(&mut all);
        }
        all
    }
}
