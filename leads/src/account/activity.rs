//! What happened to an account itself, as its timeline tells it.

use super::Told;
use crate::activity::By;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// An entry of the timeline of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountActivity {
    /// Which account.
    pub account_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What people read, such as `Changed region and owner`.
    pub title: String,
    /// Values before, by the name of the field.
    pub old: Map<String, Value>,
    /// Values since.
    pub new: Map<String, Value>,
    /// The run that did it.
    pub run_id: Option<Uuid>,
    /// The step of that run.
    pub step: Option<String>,
    /// The person who did it.
    pub by: Option<By>,
}

/// The values before and since of what was told.
pub(crate) fn values(told: &[Told]) -> (Map<String, Value>, Map<String, Value>) {
    let old = told.iter().map(|told| (told.field.clone(), told.old.clone()));
    let new = told.iter().map(|told| (told.field.clone(), told.new.clone()));
    (old.collect(), new.collect())
}
