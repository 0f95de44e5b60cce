//! Where a lead stands by the rules of its workspace: its score, its stage, and the segments it belongs to.
//!
//! The published scoring models, lifecycle and segments of a workspace make one [`Rules`]. A lead is assessed in this
//! order, each looking at what came before and never back: score, stage, segments. So one look settles everything, and
//! looking twice changes nothing.
//!
//! What this must never do: store anything, or decide what changes. It says how a lead stands at a moment; the
//! [`Book`](crate::book::Book) makes it so.

mod document;
mod moved;

pub use document::Document;
pub use moved::{SegmentMove, Stay};

use crate::criteria::{Dependencies, Facts, Watch};
use crate::definition::{self, Definition};
use crate::lead::Lead;
use crate::lifecycle::{self, Lifecycle};
use crate::own_field::OwnFields;
use crate::scoring::{self, Score, ScoringModel};
use crate::segment::{self, Segment};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The part of a lead's record that fields of its account are in.
const ACCOUNT: &str = "account";

/// A published definition of one of the kinds that are rules.
#[derive(Debug, Clone)]
pub struct Published<T> {
    /// Its name, unique among those of its kind.
    pub name: String,
    /// The number of the version.
    pub version: i64,
    /// What it says.
    pub document: Arc<T>,
}

/// The published rules of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    models: Vec<Published<ScoringModel>>,
    lifecycle: Option<Published<Lifecycle>>,
    segments: Vec<Published<Segment>>,
    own_fields: OwnFields,
    watch: Watch,
    /// What automatic scoring and segments look at.
    looks_at: Dependencies,
    /// Whether any of them looks at the account of a lead.
    look_at_accounts: bool,
}

/// What a lead's score was worked out by, and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// Name of the scoring model.
    pub model: String,
    /// Its version.
    pub version: i64,
    /// What the fit table counted.
    pub fit: i64,
    /// What the behaviour table counted.
    pub behaviour: i64,
    /// The grade, such as `B2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// The highest threshold reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<String>,
}

impl Rules {
    /// The kinds of definitions that are rules.
    pub const KINDS: [&str; 3] = [scoring::KIND, lifecycle::KIND, segment::KIND];

    /// The kinds of definitions that [`Rules::of`] reads: the rules, and the own fields they and all writes go by.
    pub const READ: [&str; 4] = [scoring::KIND, lifecycle::KIND, segment::KIND, definition::FIELD];

    /// Rules made of published documents. One that cannot be read, which publishing prevents, does not apply.
    pub fn of<'d>(in_force: impl IntoIterator<Item = (&'d str, &'d [Definition])>) -> Self {
        let mut rules = Self::default();
        for (kind, definitions) in in_force {
            match kind {
                scoring::KIND => rules.models.extend(definitions.iter().filter_map(read)),
                lifecycle::KIND => rules.lifecycle = definitions.iter().find_map(read),
                definition::FIELD => rules.own_fields = OwnFields::of(definitions),
                segment::KIND => rules.segments.extend(definitions.iter().filter_map(read)),
                _ => {}
            }
        }
        rules.models.sort_by(|one, other| one.name.cmp(&other.name));
        rules.segments.sort_by(|one, other| one.name.cmp(&other.name));
        let mut activities = BTreeSet::new();
        let of_account = |asks: &Dependencies| asks.fields.contains(ACCOUNT);
        for model in &rules.models {
            let asks = model.document.dependencies();
            activities.extend(asks.activities.iter().cloned());
            rules.look_at_accounts |= of_account(&asks);
            if model.document.automatic {
                rules.looks_at.merge(&asks);
            }
        }
        for segment in &rules.segments {
            rules.looks_at.merge(&segment.document.dependencies());
        }
        activities.extend(rules.looks_at.activities.iter().cloned());
        if let Some(lifecycle) = &rules.lifecycle {
            let asks = lifecycle.document.dependencies();
            rules.look_at_accounts |= of_account(&asks);
            activities.extend(asks.activities);
        }
        rules.look_at_accounts |= of_account(&rules.looks_at);
        rules.watch = Watch::new(activities);
        rules
    }

    /// These rules with nothing that follows by itself: own fields alone, for those who only read values.
    #[must_use]
    pub fn fields_alone(&self) -> Self {
        Self { own_fields: self.own_fields.clone(), ..Self::default() }
    }

    /// Whether nothing follows from them by itself: no lead is scored automatically and there is no segment.
    #[must_use]
    pub fn are_still(&self) -> bool {
        self.segments.is_empty() && self.automatic().is_none()
    }

    /// The model that scores every lead; of several the first by name.
    #[must_use]
    pub fn automatic(&self) -> Option<&Published<ScoringModel>> {
        self.models.iter().find(|model| model.document.automatic)
    }

    /// The scoring model called `name`.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&Published<ScoringModel>> {
        let name = name.trim();
        self.models.iter().find(|model| model.name == name)
    }

    /// Names of all scoring models.
    #[must_use]
    pub fn models(&self) -> &[Published<ScoringModel>] {
        &self.models
    }

    /// The lifecycle.
    #[must_use]
    pub fn lifecycle(&self) -> Option<&Lifecycle> {
        self.lifecycle.as_ref().map(|published| &*published.document)
    }

    /// All segments, by name.
    #[must_use]
    pub fn segments(&self) -> &[Published<Segment>] {
        &self.segments
    }

    /// Whether the account of a lead has to be known to apply them.
    #[must_use]
    pub fn look_at_accounts(&self) -> bool {
        self.look_at_accounts
    }

    /// Whether leads may stand elsewhere by themselves when their account changes.
    #[must_use]
    pub fn follow_accounts(&self) -> bool {
        self.looks_at.fields.contains(ACCOUNT)
    }

    /// The own fields of the workspace.
    #[must_use]
    pub fn own_fields(&self) -> &OwnFields {
        &self.own_fields
    }

    /// Which activities have to be known to apply them.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// What they look at in `lead`, apart from activities. While that is the same, so is how the lead stands.
    #[must_use]
    pub(crate) fn glance(&self, lead: &Lead) -> Vec<Value> {
        let part = |name: &String| match name.strip_prefix("fields.") {
            Some(own) => lead.fields.get(own).cloned().unwrap_or_default(),
            None => lead.part(name),
        };
        self.looks_at.fields.iter().map(part).collect()
    }

    /// What every lead's score is, if a model scores every lead.
    #[must_use]
    pub fn score(&self, facts: &Facts<'_>) -> Option<(&Published<ScoringModel>, Score)> {
        let model = self.automatic()?;
        Some((model, model.document.score(facts)))
    }

    /// The names of the segments the lead belongs to, by name, and the next moment at which that may change by itself.
    #[must_use]
    pub fn segments_of(&self, facts: &Facts<'_>) -> (Vec<String>, Option<DateTime<Utc>>) {
        let mut next = None;
        let mut names = Vec::new();
        for segment in &self.segments {
            let rule = &segment.document.rule;
            if rule.holds(facts) {
                names.push(segment.name.clone());
            }
            next = next.into_iter().chain(rule.next_change(facts)).min();
        }
        (names, next)
    }
}

fn read<T: DeserializeOwned + Send + Sync + 'static>(definition: &Definition) -> Option<Published<T>> {
    let document = definition.read().ok()?;
    Some(Published { name: definition.name.clone(), version: definition.version, document })
}
