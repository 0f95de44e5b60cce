//! Merging leads: which value wins, what is kept so that a merge can be taken back, and what a person reads of it.
//!
//! What it must never do: lose anything. The merged lead is kept whole, and of the survivor every part that changed,
//! with what it was before and after.

use crate::activity::By;
use crate::field::Field;
use crate::key::Key;
use crate::lead::{Lead, Reason};
use crate::list::Membership;
use crate::matching::LeadMatch;
use crate::place::Place;
use crate::sla::Clock;
use crate::stage::{self, Stage};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Most leads that go into another at once.
pub const MAX_MERGED: usize = 20;

/// Which lead's value a field keeps. An empty field is filled in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Survivorship {
    /// That of the lead that stays.
    #[default]
    Keep,
    /// That of the lead that changed last.
    Newest,
    /// That of the lead with more fields filled.
    Complete,
    /// That of the lead from the source that is trusted more.
    Trusted,
}

/// Which values win when leads are merged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MergeRules {
    /// For every field that has no rule of its own.
    pub default: Survivorship,
    /// Rules of single fields by name; own fields as `fields.NAME`.
    pub fields: BTreeMap<String, Survivorship>,
    /// Sources from the most trusted down, as leads name them.
    pub trusted_sources: Vec<String>,
    /// Fields, `stage`, `score`, `owner` and `account` for which a person chose: the lead whose value stays, even
    /// an empty one.
    #[schemars(with = "BTreeMap<String, String>")]
    pub choices: BTreeMap<String, Uuid>,
}

/// A merge that happened, with everything needed to take it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// Its id.
    pub id: Uuid,
    /// The lead that stayed.
    pub survivor: Uuid,
    /// The lead that went into it, as it was.
    pub merged: Box<Lead>,
    /// When.
    pub at: DateTime<Utc>,
    /// The person who did it; `None` when a run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Why, in one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Parts of the survivor that changed.
    pub parts: Vec<MergedPart>,
    /// Keys that moved to the survivor.
    pub keys: Vec<Key>,
    /// Lists the merged lead was on.
    pub lists: Vec<Membership>,
    /// Of those, lists that the survivor came on by the merge.
    pub gained: Vec<Uuid>,
    /// What else went along.
    #[serde(default)]
    pub carried: Carried,
}

/// What goes along with a lead beside its keys and lists, as it was, so that it comes back with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// How the merged lead stood with its account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_match: Option<Box<LeadMatch>>,
    /// How the survivor stands with its account because the merged lead stood so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_match: Option<Box<LeadMatch>>,
    /// How the survivor stood before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_before: Option<Box<LeadMatch>>,
    /// Clocks of the merged lead that waited for something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// Those of them that went on running for the survivor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub running: Vec<Uuid>,
}

/// A part of the survivor that a merge changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedPart {
    /// Which part, as [`Place`] names it.
    pub field: String,
    /// What it held.
    pub before: Value,
    /// What it holds since.
    pub after: Value,
    /// What the score before was made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Why it was the owner or account before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl MergedPart {
    /// The key that the survivor showed here before, and the field that held it.
    pub(crate) fn key_before(&self) -> Option<(Field, Key)> {
        let Ok(Place::Core(field)) = self.field.parse() else { return None };
        Some((field, field.key_of(&self.before)?))
    }

    /// Puts the part of `lead` back to what it was before.
    pub(crate) fn put_back(&self, place: &Place, lead: &mut Lead) {
        place.set(lead, &self.before);
        match place {
            Place::Score => lead.score_reasons.clone_from(&self.reasons),
            Place::Owner => lead.owner_reason.clone_from(&self.reason),
            Place::Account => lead.account_reason.clone_from(&self.reason),
            _ => {}
        }
    }
}

impl MergeRules {
    /// `survivor` with what it takes from `merged`. The further stage stays, and whoever said no to mail has said it.
    #[must_use]
    pub fn combined(&self, survivor: &Lead, merged: &Lead, stages: &[Stage]) -> Lead {
        let mut lead = survivor.clone();
        for place in places(survivor, merged) {
            let (own, other) = (place.get(survivor), place.get(merged));
            if own != other && self.takes_other(&place, survivor, merged, stages) {
                place.set(&mut lead, &other);
                match place {
                    Place::Score => lead.score_reasons.clone_from(&merged.score_reasons),
                    Place::Owner => lead.owner_reason.clone_from(&merged.owner_reason),
                    Place::Account => lead.account_reason.clone_from(&merged.account_reason),
                    _ => {}
                }
            }
        }
        lead
    }

    fn takes_other(&self, place: &Place, survivor: &Lead, merged: &Lead, stages: &[Stage]) -> bool {
        let (own, other) = (place.get(survivor), place.get(merged));
        // When and where it was said goes with what was said.
        if let Place::Core(Field::Consent | Field::ConsentAt | Field::ConsentSource) = place
            && (survivor.consent == Some(false) || merged.consent == Some(false))
        {
            return survivor.consent != Some(false);
        }
        if let Some(chosen) = self.choices.get(&place.to_string()) {
            return *chosen == merged.id;
        }
        if own.is_null() || other.is_null() {
            return own.is_null();
        }
        match place {
            Place::Stage => {
                let rank = |lead: &Lead| stage::find(stages, &lead.stage).map(|stage| stage.rank);
                rank(merged) > rank(survivor)
            }
            Place::Score | Place::Owner | Place::Account => false,
            _ => self.prefers_other(&place.to_string(), survivor, merged),
        }
    }

    fn prefers_other(&self, field: &str, survivor: &Lead, merged: &Lead) -> bool {
        match self.fields.get(field).copied().unwrap_or(self.default) {
            Survivorship::Keep => false,
            Survivorship::Newest => merged.updated_at > survivor.updated_at,
            Survivorship::Complete => filled(merged) > filled(survivor),
            Survivorship::Trusted => {
                // A source that nobody named is trusted least.
                let trust = |lead: &Lead| {
                    let source = lead.source.as_deref();
                    let known = self.trusted_sources.iter().position(|name| Some(name.as_str()) == source);
                    known.unwrap_or(self.trusted_sources.len())
                };
                trust(merged) < trust(survivor)
            }
        }
    }
}

/// The parts in which `after` is another than `before`.
pub(crate) fn changed_parts(before: &Lead, after: &Lead) -> Vec<MergedPart> {
    let changed = places(before, after).into_iter().filter(|place| place.get(before) != place.get(after));
    let part = |place: Place| MergedPart {
        field: place.to_string(),
        before: place.get(before),
        after: place.get(after),
        reasons: if place == Place::Score { before.score_reasons.clone() } else { Vec::new() },
        reason: match place {
            Place::Owner => before.owner_reason.clone(),
            Place::Account => before.account_reason.clone(),
            _ => None,
        },
    };
    changed.map(part).collect()
}

/// Every part that either lead has, in the order people read them.
fn places(a: &Lead, b: &Lead) -> Vec<Place> {
    let mut places: Vec<Place> = Field::ALL.into_iter().map(Place::Core).collect();
    places.extend([Place::Stage, Place::Score, Place::Owner, Place::Account]);
    places.extend(a.fields.keys().map(|name| Place::Own(name.clone())));
    let new = b.fields.keys().filter(|name| !a.fields.contains_key(*name));
    places.extend(new.map(|name| Place::Own(name.clone())));
    places
}

/// How many of its fields say something.
fn filled(lead: &Lead) -> usize {
    Field::ALL.into_iter().filter(|field| !field.get(lead).is_null()).count() + lead.fields.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use serde_json::json;

    fn lead(id: u128, fields: &[(&str, Value)]) -> Lead {
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(id).unwrap());
        let mut lead = Lead::new(Uuid::from_u128(id), "Known", at);
        for (name, value) in fields {
            name.parse::<Place>().unwrap().set(&mut lead, value);
        }
        lead
    }

    fn both() -> (Lead, Lead) {
        (
            lead(1, &[("city", json!("Hull")), ("source", json!("Form")), ("score", json!(10))]),
            lead(
                2,
                &[
                    ("city", json!("London")),
                    ("source", json!("CRM")),
                    ("email", json!("ada@example.com")),
                    ("score", json!(90)),
                    ("fields.plan", json!("pro")),
                ],
            ),
        )
    }

    #[test]
    fn empty_fields_are_filled_and_full_ones_follow_the_rule() {
        let (survivor, merged) = both();
        let trusted = vec!["CRM".to_owned(), "Form".to_owned()];
        for (default, city) in [
            (Survivorship::Keep, "Hull"),
            (Survivorship::Newest, "London"),
            (Survivorship::Complete, "London"),
            (Survivorship::Trusted, "London"),
        ] {
            let rules = MergeRules { default, trusted_sources: trusted.clone(), ..MergeRules::default() };
            let lead = rules.combined(&survivor, &merged, &[]);
            assert_eq!(lead.city.as_deref(), Some(city), "{default:?}");
            assert_eq!(lead.email.as_deref(), Some("ada@example.com"));
            assert_eq!(lead.fields["plan"], "pro");
            assert_eq!((lead.id, lead.score), (survivor.id, Some(10)));
        }
    }

    #[test]
    fn a_person_chooses_by_field_and_may_choose_nothing() {
        let (survivor, merged) = both();
        let choices = [("city", 2), ("email", 1), ("score", 2)]
            .map(|(field, id)| (field.to_owned(), Uuid::from_u128(id)));
        let rules = MergeRules { choices: choices.into(), ..MergeRules::default() };
        let lead = rules.combined(&survivor, &merged, &[]);
        assert_eq!(
            (lead.city.as_deref(), lead.email.as_deref(), lead.score),
            (Some("London"), None, Some(90))
        );
    }

    #[test]
    fn a_no_to_mail_outlives_every_choice_and_the_further_stage_stays() {
        let (mut survivor, mut merged) = both();
        (survivor.consent, merged.consent) = (Some(true), Some(false));
        merged.stage = "MQL".into();
        let choices = [("consent".to_owned(), survivor.id)];
        let rules = MergeRules { choices: choices.into(), ..MergeRules::default() };
        let lead = rules.combined(&survivor, &merged, &stage::default_ladder());
        assert_eq!((lead.consent, lead.stage.as_str()), (Some(false), "MQL"));
    }

    #[test]
    fn parts_say_what_changed_and_nothing_else() {
        let (survivor, merged) = both();
        let after = MergeRules::default().combined(&survivor, &merged, &[]);
        let parts: Vec<String> =
            changed_parts(&survivor, &after).into_iter().map(|part| part.field).collect();
        assert_eq!(parts, ["email", "fields.plan"]);
    }
}
