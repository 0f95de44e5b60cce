//! What a person chooses for an import, as a document: the columns, the cleaning, the rules, and what becomes of leads
//! that are known.

use crate::cleaning::{Cleaning, Flag};
use crate::key::KeyKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most columns of a list.
pub const MAX_COLUMNS: usize = 1_000;

/// Everything chosen for an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSettings {
    /// One entry per column of the file, in its order.
    pub columns: Vec<ColumnUse>,
    /// What is cleaned.
    #[serde(default)]
    pub cleaning: Cleaning,
    /// Rows that break one of these are left out, each with the reason.
    #[serde(default)]
    pub rules: Vec<RowRule>,
    /// What a row is recognised by, in this order.
    #[serde(default = "by_all")]
    pub match_on: Vec<KeyKind>,
    /// What is done with rows about leads that are known, and with those that are new.
    #[serde(default)]
    pub mode: Mode,
    /// What is done with a later row about the same lead.
    #[serde(default)]
    pub repeated: Repeated,
    /// What happens to each lead besides.
    #[serde(default)]
    pub afterwards: Afterwards,
}

fn by_all() -> Vec<KeyKind> {
    vec![KeyKind::ExternalId, KeyKind::Email, KeyKind::Phone]
}

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnUse {
    /// What the file calls it.
    pub column: String,
    /// The field it fills; empty leaves it out.
    #[serde(default)]
    pub field: String,
    /// Whose value counts when the lead has one already.
    #[serde(default)]
    pub wins: WhoWins,
}

/// Whose value counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoWins {
    /// The lead's; the file only fills what is empty.
    #[default]
    Lead,
    /// The file's.
    File,
}

/// Which rows are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// New leads are created, known ones updated.
    #[default]
    CreateAndUpdate,
    /// New leads are created, known ones left alone.
    CreateOnly,
    /// Known leads are updated, new ones left out.
    UpdateOnly,
}

/// What is done with a later row of the file about the same lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// It adds what the first one left open.
    #[default]
    Merge,
    /// It is left out.
    Skip,
}

/// A check that a row has to pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum RowRule {
    /// The field has a value.
    Required {
        /// Which field.
        field: String,
    },
    /// Cleaning does not raise this flag.
    Refuse {
        /// Which flag.
        flag: Flag,
    },
    /// The field, when it has a value, has one of these.
    OneOf {
        /// Which field.
        field: String,
        /// The values; capitals do not matter.
        values: Vec<String>,
    },
}

impl RowRule {
    /// The field it looks at, when it names one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Required { field } | Self::OneOf { field, .. } => Some(field),
            Self::Refuse { .. } => None,
        }
    }
}

/// What happens to each lead that is created or updated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Afterwards {
    /// It is put on this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// It moves to this stage, never back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// It goes to the next in this pool, unless it has an owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Who takes it when nobody in the pool takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_owner: Option<String>,
    /// It goes to this owner (name, e-mail address or id), unless it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Id of a workflow that every lead goes through when all rows are in. It is started by hand, with the lead as its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Where the lead came from, when the row does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
