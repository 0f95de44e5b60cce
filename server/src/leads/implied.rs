//! What follows from a rule about a lead's owner, score and age, so that an index can leave out most leads before the rule
//! is asked. Only what holds for every lead that the rule holds for is said; the rule itself is asked all the same.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use trunkline_store::ports::{LeadQuery, OwnerFilter};
use uuid::Uuid;

/// Adds to `query` what follows from `rule`.
pub(super) fn add(query: &mut LeadQuery, rule: &Value) {
    if let Some(members) = rule["all"].as_array() {
        members.iter().for_each(|member| add(query, member));
        return;
    }
    let (Some(field), Some(op)) = (rule["field"].as_str(), rule["op"].as_str()) else { return };
    let value = &rule["value"];
    match (field.trim(), op) {
        ("owner_id", "equals") => {
            let owner = value.as_str().and_then(|id| Uuid::try_parse(id.trim()).ok());
            query.owner = query.owner.or(owner.map(OwnerFilter::Is));
        }
        ("owner_id", "is_empty") => query.owner = query.owner.or(Some(OwnerFilter::Nobody)),
        ("score", "equals") => {
            above(query, value);
            below(query, value);
        }
        ("score", "at_least" | "greater_than") => above(query, value),
        ("score", "at_most" | "less_than") => below(query, value),
        ("score", "between") => {
            above(query, &value[0]);
            below(query, &value[1]);
        }
        ("created_at", "after" | "greater_than" | "at_least") => since(query, value),
        ("created_at", "before" | "less_than" | "at_most") => until(query, value),
        ("created_at", "between") => {
            since(query, &value[0]);
            until(query, &value[1]);
        }
        _ => {}
    }
}

fn above(query: &mut LeadQuery, value: &Value) {
    if let Some(least) = number(value) {
        #[expect(clippy::cast_possible_truncation, reason = "scores are far smaller, and the cast saturates")]
        let least = least.floor() as i64;
        query.score_from = Some(query.score_from.map_or(least, |known| known.max(least)));
    }
}

fn below(query: &mut LeadQuery, value: &Value) {
    if let Some(most) = number(value) {
        #[expect(clippy::cast_possible_truncation, reason = "scores are far smaller, and the cast saturates")]
        let most = most.ceil() as i64;
        query.score_to = Some(query.score_to.map_or(most, |known| known.min(most)));
    }
}

fn since(query: &mut LeadQuery, value: &Value) {
    if let Some(from) = moment(value) {
        query.created.0 = Some(query.created.0.map_or(from, |known| known.max(from)));
    }
}

fn until(query: &mut LeadQuery, value: &Value) {
    if let Some(to) = moment(value) {
        query.created.1 = Some(query.created.1.map_or(to, |known| known.min(to)));
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite())
}

/// A moment or a day; where a day begins differs by time zones, which the store makes room for.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?.trim();
    let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|day| day.and_utc());
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok().or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn implied(rule: &Value) -> LeadQuery {
        let mut query = LeadQuery::default();
        add(&mut query, rule);
        query
    }

    #[test]
    fn what_every_lead_of_a_rule_has_in_common_is_said() {
        let owner = Uuid::from_u128(7);
        let query = implied(&json!({ "all": [
            { "field": "owner_id", "op": "equals", "value": owner },
            { "field": "score", "op": "at_least", "value": 49.5 },
            { "all": [{ "field": "score", "op": "at_least", "value": 20 }, { "field": "score", "op": "less_than", "value": 90 }] },
            { "field": "created_at", "op": "after", "value": "2026-03-01" },
            { "field": "country", "op": "equals", "value": "DE" },
        ] }));
        assert_eq!(query.owner, Some(OwnerFilter::Is(owner)));
        assert_eq!((query.score_from, query.score_to), (Some(49), Some(90)));
        assert_eq!(query.created.0.unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00");
        assert_eq!(query.created.1, None);
        assert_eq!(
            implied(&json!({ "field": "owner_id", "op": "is_empty" })).owner,
            Some(OwnerFilter::Nobody)
        );
        let between = implied(&json!({ "field": "score", "op": "between", "value": [10, 20] }));
        assert_eq!((between.score_from, between.score_to), (Some(10), Some(20)));
        let same = implied(&json!({ "field": "score", "op": "equals", "value": 40 }));
        assert_eq!((same.score_from, same.score_to), (Some(40), Some(40)));
    }

    #[test]
    fn nothing_is_said_where_it_need_not_hold() {
        for rule in [
            json!({ "any": [{ "field": "score", "op": "at_least", "value": 50 }] }),
            json!({ "field": "score", "op": "not_equals", "value": 50 }),
            json!({ "field": "score", "op": "at_least", "value": "many" }),
            json!({ "field": "owner_id", "op": "equals", "value": "Ana" }),
            json!({ "field": "created_at", "op": "after", "value": "yesterday" }),
            json!({ "did": "touched", "within_days": 3 }),
        ] {
            let query = implied(&rule);
            assert_eq!(
                (query.owner, query.score_from, query.score_to, query.created),
                (None, None, None, (None, None))
            );
        }
    }
}
