//! The canonical record of a lead: typed core fields, the workspace's own fields, and where the lead stands.

use crate::field::Field;
use crate::standing::Scored;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Most own fields a lead may have.
pub const MAX_FIELDS: usize = 200;
/// Longest name of an own field in bytes.
pub const MAX_FIELD_NAME: usize = 100;
/// Largest total of own fields in bytes of JSON, roughly.
pub const MAX_FIELDS_BYTES: usize = 16 * 1024;
/// Longest text of a core field in characters.
pub const MAX_TEXT: usize = 1_000;

/// A lead. What is missing is absent from its JSON, which expressions read as `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// Its id, for life.
    pub id: Uuid,
    /// Its id in the system it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// E-mail address; lower case when it is a plausible address, otherwise as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number; E.164 when it was written internationally, otherwise as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Name of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Number of people who work there; the lower end when a range was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_size: Option<u32>,
    /// Industry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// Website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Country, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or region, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Where the lead came from, such as `Webinar` or `Organic search`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `utm_source` of the first known visit, such as `google`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    /// `utm_medium`, such as `cpc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    /// `utm_campaign`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
    /// `utm_term`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_term: Option<String>,
    /// `utm_content`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_content: Option<String>,
    /// Whether the lead agreed to be written to; `None` when nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<bool>,
    /// When it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_at: Option<DateTime<Utc>>,
    /// Where it said so, such as `Newsletter form`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_source: Option<String>,
    /// Name of its stage.
    pub stage: String,
    /// Its score; `None` before it was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// What the score is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub score_reasons: Vec<Reason>,
    /// Which model gave the score, and what its tables counted; `None` when a step's own table did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<Box<Scored>>,
    /// Since when it is in its stage; `None` when it has been there from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_since: Option<DateTime<Utc>>,
    /// How often it came back to a stage for leads that come back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recycled: u32,
    /// Names of the segments it belongs to, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// When its score or its segments may change by the passing of time alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again_at: Option<DateTime<Utc>>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<Uuid>,
    /// Why they own it, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_reason: Option<String>,
    /// The account it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<Uuid>,
    /// Why it belongs there, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_reason: Option<String>,
    /// The workspace's own fields, by name; at most [`MAX_FIELDS`] and [`MAX_FIELDS_BYTES`].
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
    /// When it was first seen.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One reason of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What was found, in words.
    pub label: String,
    /// What it counted; below zero takes away.
    pub points: i64,
}

impl Lead {
    /// An empty lead in `stage`.
    #[must_use]
    pub fn new(id: Uuid, stage: &str, at: DateTime<Utc>) -> Self {
        Self {
            id,
            external_id: None,
            email: None,
            phone: None,
            first_name: None,
            last_name: None,
            job_title: None,
            company: None,
            company_size: None,
            industry: None,
            website: None,
            country: None,
            city: None,
            region: None,
            postal_code: None,
            source: None,
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            utm_term: None,
            utm_content: None,
            consent: None,
            consent_at: None,
            consent_source: None,
            stage: stage.to_owned(),
            score: None,
            score_reasons: Vec::new(),
            scored: None,
            stage_since: None,
            recycled: 0,
            segments: Vec::new(),
            look_again_at: None,
            owner_id: None,
            owner_reason: None,
            account_id: None,
            account_reason: None,
            fields: Map::new(),
            created_at: at,
            updated_at: at,
        }
    }

    /// What people call it: its names, or whatever else tells it apart.
    #[must_use]
    pub fn name(&self) -> String {
        let names: Vec<&str> =
            [&self.first_name, &self.last_name].into_iter().filter_map(Option::as_deref).collect();
        if !names.is_empty() {
            return names.join(" ");
        }
        [&self.email, &self.company, &self.phone, &self.external_id]
            .into_iter()
            .find_map(Clone::clone)
            .unwrap_or_else(|| "Unnamed lead".into())
    }

    /// Since when it is in its stage.
    #[must_use]
    pub fn in_stage_since(&self) -> DateTime<Utc> {
        self.stage_since.unwrap_or(self.created_at)
    }

    /// The part of its record called `name`; `null` when there is none.
    #[must_use]
    pub(crate) fn part(&self, name: &str) -> Value {
        match (name, Field::find(name)) {
            (_, Some(field)) => field.get(self),
            ("stage", None) => self.stage.as_str().into(),
            ("score", None) => self.score.into(),
            // What is known of an account changes apart from its leads; which one it is, is the lead's.
            ("account", None) => self.record()["account_id"].take(),
            _ => self.record()[name].take(),
        }
    }

    /// The record that expressions and outputs see: this lead and its `name`, without what is missing.
    #[must_use]
    pub fn record(&self) -> Value {
        let mut record = serde_json::to_value(self).expect("a lead holds nothing that JSON cannot");
        record["name"] = Value::String(self.name());
        record
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands references in")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lead() -> Lead {
        Lead::new(Uuid::from_u128(1), "Known", DateTime::UNIX_EPOCH)
    }

    #[test]
    fn the_name_is_the_best_there_is() {
        let mut lead = lead();
        assert_eq!(lead.name(), "Unnamed lead");
        lead.external_id = Some("42".into());
        assert_eq!(lead.name(), "42");
        lead.email = Some("ada@example.com".into());
        assert_eq!(lead.name(), "ada@example.com");
        lead.last_name = Some("Lovelace".into());
        assert_eq!(lead.name(), "Lovelace");
        lead.first_name = Some("Ada".into());
        assert_eq!(lead.name(), "Ada Lovelace");
    }

    #[test]
    fn the_record_holds_what_is_there_and_reads_back() {
        let mut lead = lead();
        lead.email = Some("ada@example.com".into());
        lead.consent = Some(false);
        lead.fields.insert("plan".into(), json!("pro"));
        let record = lead.record();
        assert_eq!(
            record,
            json!({
                "id": "00000000-0000-0000-0000-000000000001", "email": "ada@example.com", "consent": false,
                "stage": "Known", "fields": {"plan": "pro"}, "name": "ada@example.com",
                "created_at": "1970-01-01T00:00:00Z", "updated_at": "1970-01-01T00:00:00Z"
            })
        );
        assert_eq!(serde_json::from_value::<Lead>(record).unwrap(), lead);
    }
}
