//! Which leads: a filter, or leads that were ticked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_leads::criteria::Criteria;
use trunkline_store::ports::{LeadOrder, LeadPage, LeadPlace, LeadQuery, OwnerFilter, Wanted};
use trunkline_store::{Error, Store, WorkspaceId};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most leads that can be named one by one.
pub const MOST_LEADS: usize = 1_000;

/// Which leads, as the leads page filters them. What is left out does not matter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeadFilter {
    /// Beginnings of words of a name, e-mail address, company, phone number or external id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only in this stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Only of this owner; `none` for leads that nobody owns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only on this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<Uuid>,
    /// Only in the segment of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Only those that this import was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<Uuid>,
    /// Only of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Uuid>,
    /// Only with this score or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_from: Option<i64>,
    /// Only with this score or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_to: Option<i64>,
    /// Only those that changed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_since: Option<DateTime<Utc>>,
    /// Only those for which this rule holds; rules are built as those of segments.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Value>,
}

/// In which order leads are listed. These have an index each, so that a page of a million leads costs what a page costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum LeadSort {
    /// Those first seen last come first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// Those first seen first come first.
    #[serde(rename = "created_at")]
    Oldest,
    /// Those that changed last come first.
    #[serde(rename = "-updated_at")]
    LastChanged,
    /// Those that did not change for longest come first.
    #[serde(rename = "updated_at")]
    LongestUnchanged,
    /// The highest score first; those without one last.
    #[serde(rename = "-score")]
    HighestScore,
    /// Those without a score first, then the lowest.
    #[serde(rename = "score")]
    LowestScore,
}

impl From<LeadSort> for LeadOrder {
    fn from(sort: LeadSort) -> Self {
        match sort {
            LeadSort::Newest => Self::Newest,
            LeadSort::Oldest => Self::Oldest,
            LeadSort::LastChanged => Self::LastChanged,
            LeadSort::LongestUnchanged => Self::LongestUnchanged,
            LeadSort::HighestScore => Self::HighestScore,
            LeadSort::LowestScore => Self::LowestScore,
        }
    }
}

/// Why a filter cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableFilter {
    /// The owner is no id.
    #[error("`owner` must be the id of an owner, or `none`")]
    Owner,
    /// The rule cannot be read, or not be used.
    #[error("the filter cannot be used: {0}")]
    Rule(String),
    /// Too many leads are named.
    #[error("at most {MOST_LEADS} leads can be named one by one")]
    TooMany,
    /// Neither leads nor a filter.
    #[error("say which leads: name them, or give a filter")]
    Nothing,
}

impl LeadFilter {
    /// The question to the store, at `now`.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn query(&self, now: DateTime<Utc>) -> Result<LeadQuery, UnusableFilter> {
        let owner = match self.owner.as_deref().map(str::trim) {
            None | Some("") => None,
            Some("none") => Some(OwnerFilter::Nobody),
            Some(id) => Some(OwnerFilter::Is(id.parse().map_err(|_| UnusableFilter::Owner)?)),
        };
        let mut query = LeadQuery {
            search: self.search.clone().filter(|text| !text.trim().is_empty()),
            stage: self.stage.clone().filter(|stage| !stage.is_empty()),
            owner,
            list: self.list,
            segment: self.segment.clone().filter(|segment| !segment.is_empty()),
            account: self.account,
            import: self.import,
            score_from: self.score_from,
            score_to: self.score_to,
            updated_since: self.updated_since,
            wanted: self.rule()?.map(|rule| Wanted::new(rule, now)),
            ..LeadQuery::default()
        };
        if let Some(rule) = self.rule.as_ref().filter(|_| query.wanted.is_some()) {
            super::implied::add(&mut query, rule);
        }
        Ok(query)
    }

    /// The rule, unless it asks nothing.
    fn rule(&self) -> Result<Option<Criteria>, UnusableFilter> {
        let Some(rule) = &self.rule else { return Ok(None) };
        let unusable = |why: String| UnusableFilter::Rule(why);
        let rule = Criteria::deserialize(rule).map_err(|error| unusable(error.to_string()))?;
        match rule.problems("").into_iter().next() {
            Some(problem) => Err(unusable(problem.message)),
            None => Ok((!rule.is_empty()).then_some(rule)),
        }
    }
}

/// Leads that something is done with: those that were ticked, or all that a filter finds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadSelection {
    /// These, at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Uuid>,
    /// All that fit this; not together with `leads`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<LeadFilter>,
}

impl LeadSelection {
    /// The question to the store, at `now`.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn query(&self, now: DateTime<Utc>) -> Result<LeadQuery, UnusableFilter> {
        match (&self.filter, self.leads.len()) {
            (None, 0) => Err(UnusableFilter::Nothing),
            (_, many) if many > MOST_LEADS => Err(UnusableFilter::TooMany),
            (Some(filter), 0) => filter.query(now),
            _ => Ok(LeadQuery { leads: Some(self.leads.clone().into()), ..LeadQuery::default() }),
        }
    }

    /// The next leads after `place`, in the order of `query`; empty pages that have a next one are passed over.
    ///
    /// # Errors
    /// The store's.
    pub async fn page(
        store: &Store,
        workspace: WorkspaceId,
        query: &LeadQuery,
        place: Option<LeadPlace>,
        limit: u32,
    ) -> Result<LeadPage, Error> {
        let asked = LeadQuery { before: place.or(query.before), limit, uncounted: true, ..query.clone() };
        store.leads.list(workspace, asked).await
    }
}

/// A place in an order as it stands in an address.
#[must_use]
pub fn write_place(place: LeadPlace) -> String {
    format!("{}.{}", place.key, place.id)
}

/// Reads what [`write_place`] wrote; an id alone is a place in the order of ids.
#[must_use]
pub fn read_place(text: &str) -> Option<LeadPlace> {
    match text.split_once('.') {
        Some((key, id)) => Some(LeadPlace { key: key.parse().ok()?, id: id.parse().ok()? }),
        None => text.parse::<Uuid>().ok().map(LeadPlace::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(value: Value) -> LeadFilter {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_filter_is_read_or_says_what_is_wrong() {
        let now = DateTime::UNIX_EPOCH;
        let query = filter(json!({ "stage": "MQL", "owner": "none", "search": " " })).query(now).unwrap();
        assert_eq!((query.stage.as_deref(), query.owner), (Some("MQL"), Some(OwnerFilter::Nobody)));
        assert!(query.search.is_none() && query.wanted.is_none());
        let rule =
            json!({ "rule": { "all": [{ "field": "company_size", "op": "at_least", "value": 200 }] } });
        assert!(filter(rule).query(now).unwrap().wanted.is_some());
        assert!(filter(json!({ "rule": { "all": [] } })).query(now).unwrap().wanted.is_none());
        assert_eq!(filter(json!({ "owner": "Ana" })).query(now).unwrap_err(), UnusableFilter::Owner);
        for rule in [json!([1]), json!({ "field": "", "op": "equals", "value": 1 }), json!({ "fields": "a" })]
        {
            let unusable = filter(json!({ "rule": rule })).query(now).unwrap_err();
            assert!(matches!(unusable, UnusableFilter::Rule(_)), "{unusable}");
        }
        assert_eq!(LeadSelection::default().query(now).unwrap_err(), UnusableFilter::Nothing);
    }

    #[test]
    fn places_read_back() {
        let place = LeadPlace { key: -7, id: Uuid::from_u128(9) };
        assert_eq!(read_place(&write_place(place)), Some(place));
        assert_eq!(read_place(&Uuid::nil().to_string()), Some(Uuid::nil().into()));
        assert_eq!(read_place("7.x"), None);
    }
}
