//! How a field stands: empty, filled, or filled too long ago, and by whom.

use super::{Found, Progress, Waterfall};
use crate::field::{self, Field};
use crate::lead::Lead;
use crate::place::Place;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Where a value of a lead came from. It counts as long as the lead still holds the value: whoever changes it later
/// takes its origin away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the field.
    pub field: String,
    /// The value.
    pub value: Value,
    /// Id of the provider.
    pub provider: String,
    /// What people called it.
    pub name: String,
    /// Id of the waterfall.
    pub waterfall: Uuid,
    /// How far it was trusted (0 to 100).
    pub trust: u8,
    /// How long it counts, in days; 0 for always.
    pub fresh_days: u32,
    /// When the provider said so.
    pub at: DateTime<Utc>,
    /// The run that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
}

/// How a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known.
    Empty,
    /// A provider said so too long ago.
    Stale,
    /// It is filled.
    Filled {
        /// How far it is trusted.
        trust: u8,
        /// The provider that said so; `None` for a value that none gave.
        provider: Option<String>,
    },
}

/// The part of a lead that `name` is.
#[must_use]
pub fn place(name: &str) -> Place {
    match Field::find(name) {
        Some(field) => Place::Core(field),
        None => Place::Own(name.strip_prefix("fields.").unwrap_or(name).to_owned()),
    }
}

/// What people call the field.
#[must_use]
pub fn label(name: &str) -> String {
    Field::find(name).map_or_else(
        || name.strip_prefix("fields.").unwrap_or(name).to_owned(),
        |field| field.label().to_owned(),
    )
}

/// Whether what was said `at` counts for `days`; 0 for always.
pub(super) fn is_fresh(at: DateTime<Utc>, days: u32, now: DateTime<Utc>) -> bool {
    days == 0 || at + TimeDelta::days(days.into()) > now
}

/// How `field` stands with `lead`, whatever was found in the meantime.
pub(crate) fn standing(
    waterfall: &Waterfall,
    lead: &Lead,
    provenance: &BTreeMap<String, Provenance>,
    field: &str,
    now: DateTime<Utc>,
) -> Standing {
    let value = place(field).get(lead);
    if field::is_blank(&value) {
        return Standing::Empty;
    }
    let Some(origin) = provenance.get(field).filter(|origin| origin.value == value) else {
        return Standing::Filled { trust: waterfall.trust_of_own, provider: None };
    };
    // What the waterfall says today counts, also of values that are there already.
    let today = waterfall.provider(&origin.provider).and_then(|provider| provider.fill(field));
    let days = today.map_or(origin.fresh_days, |fill| fill.fresh_days);
    if is_fresh(origin.at, days, now) {
        let trust = today.map_or(origin.trust, |fill| fill.trust);
        Standing::Filled { trust, provider: Some(origin.provider.clone()) }
    } else {
        Standing::Stale
    }
}

/// Whether what was found takes the place of what is there: nothing, something old, something trusted less, or an
/// earlier word of the same provider.
pub(crate) fn beats(found: &Found, there: &Standing) -> bool {
    match there {
        Standing::Empty | Standing::Stale => true,
        Standing::Filled { trust, provider } => {
            found.trust > *trust || found.trust == *trust && provider.as_ref() == Some(&found.provider)
        }
    }
}

impl Progress {
    /// How `field` stands with what was found so far.
    pub(super) fn standing_of(&self, field: &str, on_lead: Standing) -> Standing {
        match self.found.get(field) {
            Some(found) => Standing::Filled { trust: found.trust, provider: Some(found.provider.clone()) },
            None => on_lead,
        }
    }
}
