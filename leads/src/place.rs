//! Where a change was made within a lead, as journals name it, so that it can be turned back.

use crate::field::Field;
use crate::lead::Lead;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use trunkline_engine::run::Target;
use uuid::Uuid;

/// The kind of [`Target`] that is a lead.
pub const LEAD: &str = "lead";

/// A part of a lead that steps change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The lead as a whole: it was made.
    Whole,
    /// A core field.
    Core(Field),
    /// An own field, by name.
    Own(String),
    /// Its stage.
    Stage,
    /// Its score with its reasons.
    Score,
    /// Its owner.
    Owner,
    /// The account it belongs to.
    Account,
    /// Whether it is on this list.
    List(Uuid),
}

impl Place {
    /// This part of the lead `id`, as a change names it.
    #[must_use]
    pub fn of(self, id: Uuid) -> Option<Target> {
        Some(Target { kind: LEAD.into(), id: id.to_string(), field: self.to_string() })
    }

    /// The lead and the part of it that `target` names; `None` when it is not a lead's.
    #[must_use]
    pub fn read(target: &Target) -> Option<(Uuid, Self)> {
        (target.kind == LEAD).then_some(())?;
        Some((target.id.parse().ok()?, target.field.parse().ok()?))
    }

    /// What `lead` holds there: an owner's or account's id, `null` for nothing. Who is on a list, the lead does not know.
    #[must_use]
    pub fn get(&self, lead: &Lead) -> Value {
        match self {
            Self::Whole | Self::List(_) => Value::Null,
            Self::Core(field) => field.get(lead),
            Self::Own(name) => lead.fields.get(name).cloned().unwrap_or_default(),
            Self::Stage => lead.stage.as_str().into(),
            Self::Score => lead.score.into(),
            Self::Owner => lead.owner_id.map(|id| id.to_string()).into(),
            Self::Account => lead.account_id.map(|id| id.to_string()).into(),
        }
    }

    /// Puts `value` there, as [`Place::get`] gives it. The reasons of a score and of an owner go with it.
    pub fn set(&self, lead: &mut Lead, value: &Value) {
        match self {
            Self::Whole | Self::List(_) => {}
            Self::Core(field) => field.set(lead, value),
            Self::Own(name) if value.is_null() => drop(lead.fields.remove(name)),
            Self::Own(name) => drop(lead.fields.insert(name.clone(), value.clone())),
            Self::Stage => lead.stage = value.as_str().unwrap_or(&lead.stage).to_owned(),
            Self::Score => {
                lead.score = value.as_i64();
                lead.score_reasons.clear();
                lead.scored = None;
            }
            Self::Owner => {
                lead.owner_id = value.as_str().and_then(|id| id.parse().ok());
                lead.owner_reason = None;
            }
            Self::Account => {
                lead.account_id = value.as_str().and_then(|id| id.parse().ok());
                lead.account_reason = None;
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Core(field) => f.write_str(field.as_str()),
            Self::Own(name) => write!(f, "fields.{name}"),
            Self::Stage => f.write_str("stage"),
            Self::Score => f.write_str("score"),
            Self::Owner => f.write_str("owner"),
            Self::Account => f.write_str("account"),
            Self::List(id) => write!(f, "list:{id}"),
        }
    }
}

/// A name that is no part of a lead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a lead has no part called \"{0}\"")]
pub struct UnknownPlace(pub String);

impl FromStr for Place {
    type Err = UnknownPlace;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownPlace(name.to_owned());
        match name {
            "" => return Ok(Self::Whole),
            "stage" => return Ok(Self::Stage),
            "score" => return Ok(Self::Score),
            "owner" => return Ok(Self::Owner),
            "account" => return Ok(Self::Account),
            _ => {}
        }
        if let Some(own) = name.strip_prefix("fields.") {
            return Ok(Self::Own(own.to_owned()));
        }
        if let Some(list) = name.strip_prefix("list:") {
            return list.parse().map(Self::List).map_err(|_| unknown());
        }
        Field::find(name).map(Self::Core).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    #[test]
    fn names_read_back() {
        let list = Place::List(Uuid::from_u128(7));
        let own = Place::Own("plan.b".into());
        for place in
            [Place::Whole, Place::Core(Field::Email), own, Place::Stage, Place::Score, Place::Owner, list]
        {
            let target = place.clone().of(Uuid::from_u128(1)).unwrap();
            assert_eq!(Place::read(&target), Some((Uuid::from_u128(1), place)));
        }
        assert!("shoe_size".parse::<Place>().is_err());
    }

    #[test]
    fn what_is_put_there_is_found_there_and_nothing_takes_it_away() {
        let mut lead = Lead::new(Uuid::from_u128(1), "Known", DateTime::UNIX_EPOCH);
        let owner = Uuid::from_u128(9).to_string();
        for (place, value) in [
            (Place::Core(Field::CompanySize), json!(50)),
            (Place::Own("plan".into()), json!("pro")),
            (Place::Score, json!(80)),
            (Place::Owner, json!(owner)),
            (Place::Account, json!(owner)),
        ] {
            assert_eq!(place.get(&lead), Value::Null);
            place.set(&mut lead, &value);
            assert_eq!(place.get(&lead), value);
            place.set(&mut lead, &Value::Null);
            assert_eq!(place.get(&lead), Value::Null);
        }
        Place::Stage.set(&mut lead, &json!("MQL"));
        Place::Stage.set(&mut lead, &Value::Null);
        assert_eq!(lead.stage, "MQL", "a lead is always at some stage");
    }
}
