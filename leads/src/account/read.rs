//! Values for an account, as forms, files and steps bring them, read into it.

use super::{Account, MAX_ALIASES, MAX_DOMAINS, MAX_EXTERNAL_IDS, MAX_NAME, Opportunity};
use crate::lead::{MAX_FIELD_NAME, MAX_FIELDS, MAX_TEXT};
use crate::matching::domain;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Why a value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Problem {
    /// Name of the field.
    pub field: String,
    /// What is wrong with it, in words.
    pub message: String,
}

/// A field that took a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Name of the field.
    pub field: String,
    /// What it held before.
    pub old: Value,
    /// What it holds now.
    pub new: Value,
}

/// The fields that hold one text.
const TEXTS: [&str; 7] = ["name", "region", "country", "city", "postal_code", "street", "industry"];
/// The fields that hold more than a text.
const OTHERS: [&str; 11] = [
    "aliases",
    "domains",
    "website",
    "size",
    "is_named",
    "parent_id",
    "owner_id",
    "opportunity_amount",
    "opportunity_stage",
    "opportunity_since",
    "external_ids",
];

impl Account {
    /// Names of the fields that [`Account::fill`] reads; any other name becomes an own field.
    pub fn fields() -> impl Iterator<Item = &'static str> {
        TEXTS.into_iter().chain(OTHERS)
    }

    /// Puts `values` in, by name of the field, and says what changed. `null` and blank texts take a value away when
    /// `clears`, and otherwise say nothing. Lists are lists or texts separated by commas; they are added to, unless
    /// `clears`. Nothing changes when a value cannot be taken.
    ///
    /// # Errors
    /// What is wrong with the first value that cannot be taken.
    pub fn fill(&mut self, values: &Map<String, Value>, clears: bool) -> Result<Vec<Told>, Problem> {
        let before = self.record();
        let mut changed = self.clone();
        for (field, value) in values {
            if clears || !crate::field::is_blank(value) {
                changed.put(field, value, clears)?;
            }
        }
        if changed.name.is_empty() {
            return Err(problem("name", "an account has a name"));
        }
        let after = changed.record();
        *self = changed;
        let (before, after) = (before.as_object(), after.as_object());
        let (Some(before), Some(after)) = (before, after) else { return Ok(Vec::new()) };
        let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let value = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
        let told = names.into_iter().filter(|name| before.get(*name) != after.get(*name)).map(|name| Told {
            field: name.clone(),
            old: value(before, name),
            new: value(after, name),
        });
        Ok(told.collect())
    }

    fn put(&mut self, field: &str, value: &Value, clears: bool) -> Result<(), Problem> {
        if TEXTS.contains(&field) {
            let text = text(field, value)?;
            if field == "name" {
                let name = text.unwrap_or_default();
                if name.chars().count() > MAX_NAME {
                    return Err(problem(field, &format!("a name has at most {MAX_NAME} characters")));
                }
                self.name = name;
                return Ok(());
            }
            *match field {
                "region" => &mut self.region,
                "country" => &mut self.country,
                "city" => &mut self.city,
                "postal_code" => &mut self.postal_code,
                "street" => &mut self.street,
                _ => &mut self.industry,
            } = text;
            return Ok(());
        }
        match field {
            "aliases" => {
                let names = list(field, value)?;
                put_list(field, &mut self.aliases, names, MAX_ALIASES, clears)
            }
            "domains" => {
                let domains = domains(field, list(field, value)?)?;
                put_list(field, &mut self.domains, domains, MAX_DOMAINS, clears)
            }
            "website" => {
                let domains = domains(field, text(field, value)?.into_iter().collect())?;
                put_list(field, &mut self.domains, domains, MAX_DOMAINS, false)
            }
            "size" => {
                self.size = match text(field, value)? {
                    None => None,
                    Some(text) => Some(
                        crate::field::head_count(&text)
                            .ok_or_else(|| problem(field, "this is no number of people"))?,
                    ),
                };
                Ok(())
            }
            "is_named" => {
                self.is_named = match text(field, value)? {
                    None => false,
                    Some(text) => crate::field::yes_or_no(&text)
                        .ok_or_else(|| problem(field, "this is neither yes nor no"))?,
                };
                Ok(())
            }
            "parent_id" => {
                self.parent_id = id(field, value)?;
                if self.parent_id == Some(self.id) {
                    return Err(problem(field, "an account is not a part of itself"));
                }
                Ok(())
            }
            "owner_id" => {
                self.owner_id = id(field, value)?;
                Ok(())
            }
            "opportunity_amount" | "opportunity_stage" | "opportunity_since" => {
                self.put_opportunity(field, value)
            }
            "external_ids" => {
                let Value::Object(ids) = value else {
                    return Err(problem(field, "these are an object of system and id"));
                };
                if clears {
                    self.external_ids.clear();
                }
                for (system, id) in ids {
                    if let Some(id) = text(field, id)? {
                        self.external_ids.insert(system.trim().to_owned(), id);
                    }
                }
                if self.external_ids.len() > MAX_EXTERNAL_IDS {
                    return Err(problem(
                        field,
                        &format!("an account has at most {MAX_EXTERNAL_IDS} of them"),
                    ));
                }
                Ok(())
            }
            own => self.put_own(own, value),
        }
    }

    fn put_opportunity(&mut self, field: &str, value: &Value) -> Result<(), Problem> {
        let mut opportunity = self.opportunity.take().unwrap_or_default();
        let text = text(field, value)?;
        match field {
            "opportunity_amount" => {
                opportunity.amount = text
                    .map(|text| amount(&text))
                    .transpose()
                    .map_err(|()| problem(field, "this is no amount of money"))?;
            }
            "opportunity_stage" => opportunity.stage = text,
            _ => {
                opportunity.since = text
                    .map(|text| moment(&text))
                    .transpose()
                    .map_err(|()| problem(field, "this is no date such as 2026-03-31"))?;
            }
        }
        self.opportunity = (opportunity != Opportunity::default()).then_some(opportunity);
        Ok(())
    }

    fn put_own(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        if matches!(name, "id" | "created_at" | "updated_at" | "fields" | "opportunity") {
            return Err(problem(name, "this name is kept for Trunkline"));
        }
        if name.trim().is_empty() || name.len() > MAX_FIELD_NAME {
            return Err(problem(name, &format!("the name of a field has 1 to {MAX_FIELD_NAME} bytes")));
        }
        if crate::field::is_blank(value) {
            self.fields.remove(name);
            return Ok(());
        }
        let mut fields = self.fields.clone();
        fields.insert(name.to_owned(), value.clone());
        crate::record::check_bounds(&fields).map_err(|_| {
            problem(name, &format!("an account has at most {MAX_FIELDS} own fields, 16 KiB together"))
        })?;
        self.fields = fields;
        Ok(())
    }
}

fn problem(field: &str, message: &str) -> Problem {
    Problem { field: field.to_owned(), message: message.to_owned() }
}

/// One trimmed text; `None` when it is blank.
fn text(field: &str, value: &Value) -> Result<Option<String>, Problem> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(_) | Value::Object(_) => return Err(problem(field, "this takes one value")),
    };
    if text.chars().nth(MAX_TEXT).is_some() {
        return Err(problem(field, &format!("a text has at most {MAX_TEXT} characters")));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn id(field: &str, value: &Value) -> Result<Option<Uuid>, Problem> {
    text(field, value)?.map(|text| text.parse().map_err(|_| problem(field, "this is no id"))).transpose()
}

/// Texts of a list, or of one text with commas.
fn list(field: &str, value: &Value) -> Result<Vec<String>, Problem> {
    let mut texts = Vec::new();
    match value {
        Value::Array(items) => {
            for item in items {
                texts.extend(text(field, item)?);
            }
        }
        single => {
            let all = text(field, single)?.unwrap_or_default();
            let parts = all.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
            texts.extend(parts.map(str::to_owned));
        }
    }
    Ok(texts)
}

fn domains(field: &str, written: Vec<String>) -> Result<Vec<String>, Problem> {
    let read = |text: String| match domain::registered(&text) {
        Some(found) if domain::is_mailbox_provider(&found) => {
            Err(problem(field, &format!("{found} is a mailbox provider: anybody can have an address there")))
        }
        Some(found) => Ok(found),
        None => Err(problem(field, &format!("\"{text}\" is no domain such as example.com"))),
    };
    written.into_iter().map(read).collect()
}

/// Adds to a list, or replaces it; everything is in it once.
fn put_list(
    field: &str,
    list: &mut Vec<String>,
    news: Vec<String>,
    most: usize,
    replaces: bool,
) -> Result<(), Problem> {
    if replaces {
        list.clear();
    }
    for new in news {
        if !list.iter().any(|old| old.eq_ignore_ascii_case(&new)) {
            list.push(new);
        }
    }
    if list.len() > most {
        return Err(problem(field, &format!("an account has at most {most} of them")));
    }
    Ok(())
}

/// `1,200.50`, `€ 1.200`, `30000`: digits with what people put between them.
fn amount(text: &str) -> Result<f64, ()> {
    let digits: String =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-')).collect();
    let decimal = digits.rfind(['.', ',']).filter(|at| digits.len() - at <= 3);
    let whole: String =
        digits[..decimal.unwrap_or(digits.len())].chars().filter(|c| !matches!(c, '.' | ',')).collect();
    let rest = decimal.map_or("0", |at| &digits[at + 1..]);
    let amount: f64 = format!("{whole}.{rest}").parse().map_err(|_| ())?;
    if amount.is_finite() && amount >= 0.0 { Ok(amount) } else { Err(()) }
}

fn moment(text: &str) -> Result<DateTime<Utc>, ()> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| ())?;
    Ok(date.and_hms_opt(0, 0, 0).ok_or(())?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(values: &Value) -> Result<Account, Problem> {
        let mut account = Account::new(Uuid::from_u128(1), "Acme", DateTime::UNIX_EPOCH);
        account.fill(values.as_object().unwrap(), false)?;
        Ok(account)
    }

    #[test]
    fn values_are_cleaned_on_the_way_in() {
        let account = filled(&json!({
            "name": " Acme GmbH ", "domains": "https://www.acme.de/contact, acme.com; ACME.com", "website": "shop.acme.fr",
            "size": "51-200", "is_named": "yes", "opportunity_amount": "€ 12.500,50", "opportunity_since": "2026-03-31",
            "external_ids": { "salesforce": "001A" }, "tier": "A", "city": ""
        }))
        .unwrap();
        assert_eq!(account.name, "Acme GmbH");
        assert_eq!(account.domains, ["acme.de", "acme.com", "acme.fr"]);
        assert_eq!((account.size, account.is_named), (Some(51), true));
        let opportunity = account.opportunity.unwrap();
        assert_eq!(opportunity.amount, Some(12_500.5));
        assert_eq!(opportunity.since.unwrap().to_rfc3339(), "2026-03-31T00:00:00+00:00");
        assert_eq!(account.external_ids["salesforce"], "001A");
        assert_eq!(account.fields["tier"], "A");
        assert_eq!(account.city, None);
    }

    #[test]
    fn what_cannot_be_taken_changes_nothing_and_names_the_field() {
        for (values, field) in [
            (json!({"domains": "gmail.com"}), "domains"),
            (json!({"domains": ["not a domain"]}), "domains"),
            (json!({"size": "many"}), "size"),
            (json!({"parent_id": Uuid::from_u128(1)}), "parent_id"),
            (json!({"owner_id": "Ana"}), "owner_id"),
            (json!({"name": "x".repeat(201)}), "name"),
            (json!({"city": ["Paris"]}), "city"),
            (json!({"id": 1}), "id"),
        ] {
            assert_eq!(filled(&values).unwrap_err().field, field, "{values}");
        }
    }

    #[test]
    fn blanks_take_away_only_where_that_is_meant() {
        let mut account = filled(&json!({"city": "Paris", "domains": ["acme.fr"]})).unwrap();
        let blank = json!({"city": "", "domains": []});
        assert!(account.fill(blank.as_object().unwrap(), false).unwrap().is_empty());
        let told = account.fill(blank.as_object().unwrap(), true).unwrap();
        assert_eq!(told.iter().map(|told| told.field.as_str()).collect::<Vec<_>>(), ["city", "domains"]);
        assert_eq!((account.city.as_deref(), account.domains.len()), (None, 0));
        let nameless = json!({"name": " "});
        assert_eq!(account.fill(nameless.as_object().unwrap(), true).unwrap_err().field, "name");
    }
}
