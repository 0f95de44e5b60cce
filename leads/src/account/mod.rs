//! An account: a company that leads work for, with what is known of it and where it stands with the people who sell.
//!
//! Its values are clean from the moment they are read: domains are the ones somebody registered, texts are trimmed and
//! bounded. It never names itself its own parent; longer circles are refused where the parents are known.

mod activity;
pub mod operation;
mod profile;
mod read;

pub use activity::AccountActivity;
pub(crate) use activity::values;
pub use profile::Profile;
pub use read::{Problem, Told};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Longest name in characters.
pub const MAX_NAME: usize = 200;
/// Most domains of one account.
pub const MAX_DOMAINS: usize = 50;
/// Most other names of one account.
pub const MAX_ALIASES: usize = 50;
/// Most ids in other systems.
pub const MAX_EXTERNAL_IDS: usize = 10;
/// Most levels of a hierarchy.
pub const MAX_DEPTH: usize = 10;

/// A company that leads work for. What is missing is absent from its JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, for life.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its domains, as they were registered, such as `example.co.uk`; not those of mailbox providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The account it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<Uuid>,
    /// The region it is sold to from, such as `EMEA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Country, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Industry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// Number of people who work there; the lower end when a range was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Whether it is one of the accounts that sales goes after by name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_named: bool,
    /// A sale under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opportunity: Option<Opportunity>,
    /// Its ids in other systems, by system.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_ids: BTreeMap<String, String>,
    /// The workspace's own fields.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A sale under way with an account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Opportunity {
    /// What it is worth, in the workspace's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// How far it has come, in the words of the people who sell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Since when it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

impl Account {
    /// An account of which only the name is known.
    #[must_use]
    pub fn new(id: Uuid, name: &str, at: DateTime<Utc>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            aliases: Vec::new(),
            domains: Vec::new(),
            parent_id: None,
            owner_id: None,
            region: None,
            country: None,
            city: None,
            postal_code: None,
            street: None,
            industry: None,
            size: None,
            is_named: false,
            opportunity: None,
            external_ids: BTreeMap::new(),
            fields: Map::new(),
            created_at: at,
            updated_at: at,
        }
    }

    /// Everything it is searched by, in small letters.
    #[must_use]
    pub fn search_text(&self) -> String {
        let texts = std::iter::once(&self.name)
            .chain(&self.aliases)
            .chain(&self.domains)
            .chain(&self.city)
            .chain(self.external_ids.values());
        texts.map(|text| text.to_lowercase()).collect::<Vec<_>>().join(" ")
    }

    /// The record that expressions and outputs see.
    #[must_use]
    pub fn record(&self) -> Value {
        serde_json::to_value(self).expect("an account holds nothing that JSON cannot")
    }
}
