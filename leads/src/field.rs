//! The core fields of a lead by name: what they are called, what they take, and how values are read into them.

use crate::failures;
use crate::key::{Key, KeyKind};
use crate::lead::{Lead, MAX_TEXT};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;

/// A core field that a record may fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// [`Lead::external_id`].
    ExternalId,
    /// [`Lead::email`].
    Email,
    /// [`Lead::phone`].
    Phone,
    /// [`Lead::first_name`].
    FirstName,
    /// [`Lead::last_name`].
    LastName,
    /// [`Lead::job_title`].
    JobTitle,
    /// [`Lead::company`].
    Company,
    /// [`Lead::company_size`].
    CompanySize,
    /// [`Lead::industry`].
    Industry,
    /// [`Lead::website`].
    Website,
    /// [`Lead::country`].
    Country,
    /// [`Lead::city`].
    City,
    /// [`Lead::region`].
    Region,
    /// [`Lead::postal_code`].
    PostalCode,
    /// [`Lead::source`].
    Source,
    /// [`Lead::utm_source`].
    UtmSource,
    /// [`Lead::utm_medium`].
    UtmMedium,
    /// [`Lead::utm_campaign`].
    UtmCampaign,
    /// [`Lead::utm_term`].
    UtmTerm,
    /// [`Lead::utm_content`].
    UtmContent,
    /// [`Lead::consent`].
    Consent,
    /// [`Lead::consent_at`].
    ConsentAt,
    /// [`Lead::consent_source`].
    ConsentSource,
}

/// Names of the record that only Trunkline itself writes.
const RESERVED: [&str; 19] = [
    "id",
    "name",
    "stage",
    "score",
    "score_reasons",
    "scored",
    "stage_since",
    "recycled",
    "segments",
    "look_again_at",
    "owner",
    "owner_id",
    "owner_reason",
    "account",
    "account_id",
    "account_reason",
    "fields",
    "created_at",
    "updated_at",
];

/// What a value turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    /// Nothing: it never overwrites.
    Blank,
    /// A value of the field's type.
    Value(Value),
    /// A value that is not of the field's type; kept as an own field of the same name instead of being lost.
    Foreign,
}

impl Field {
    /// All of them, in the order people read them.
    pub const ALL: [Self; 23] = [
        Self::ExternalId,
        Self::Email,
        Self::Phone,
        Self::FirstName,
        Self::LastName,
        Self::JobTitle,
        Self::Company,
        Self::CompanySize,
        Self::Industry,
        Self::Website,
        Self::Country,
        Self::City,
        Self::Region,
        Self::PostalCode,
        Self::Source,
        Self::UtmSource,
        Self::UtmMedium,
        Self::UtmCampaign,
        Self::UtmTerm,
        Self::UtmContent,
        Self::Consent,
        Self::ConsentAt,
        Self::ConsentSource,
    ];

    /// The field called `name`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Its name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::JobTitle => "job_title",
            Self::Company => "company",
            Self::CompanySize => "company_size",
            Self::Industry => "industry",
            Self::Website => "website",
            Self::Country => "country",
            Self::City => "city",
            Self::Region => "region",
            Self::PostalCode => "postal_code",
            Self::Source => "source",
            Self::UtmSource => "utm_source",
            Self::UtmMedium => "utm_medium",
            Self::UtmCampaign => "utm_campaign",
            Self::UtmTerm => "utm_term",
            Self::UtmContent => "utm_content",
            Self::Consent => "consent",
            Self::ConsentAt => "consent_at",
            Self::ConsentSource => "consent_source",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ExternalId => "External ID",
            Self::Email => "E-mail",
            Self::Phone => "Phone",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::JobTitle => "Job title",
            Self::Company => "Company",
            Self::CompanySize => "Company size",
            Self::Industry => "Industry",
            Self::Website => "Website",
            Self::Country => "Country",
            Self::City => "City",
            Self::Region => "Region",
            Self::PostalCode => "Postal code",
            Self::Source => "Source",
            Self::UtmSource => "UTM source",
            Self::UtmMedium => "UTM medium",
            Self::UtmCampaign => "UTM campaign",
            Self::UtmTerm => "UTM term",
            Self::UtmContent => "UTM content",
            Self::Consent => "Consent",
            Self::ConsentAt => "Consent given at",
            Self::ConsentSource => "Consent source",
        }
    }

    /// The sort of identity key it holds.
    #[must_use]
    pub fn key_kind(self) -> Option<KeyKind> {
        match self {
            Self::ExternalId => Some(KeyKind::ExternalId),
            Self::Email => Some(KeyKind::Email),
            Self::Phone => Some(KeyKind::Phone),
            _ => None,
        }
    }

    /// The identity key that `value` is in this field, if it is one.
    #[must_use]
    pub fn key_of(self, value: &Value) -> Option<Key> {
        Key::read(self.key_kind()?, value.as_str()?)
    }

    /// Its value in `lead`; `null` when there is none.
    #[must_use]
    pub fn get(self, lead: &Lead) -> Value {
        match self {
            Self::ExternalId => lead.external_id.clone().into(),
            Self::Email => lead.email.clone().into(),
            Self::Phone => lead.phone.clone().into(),
            Self::FirstName => lead.first_name.clone().into(),
            Self::LastName => lead.last_name.clone().into(),
            Self::JobTitle => lead.job_title.clone().into(),
            Self::Company => lead.company.clone().into(),
            Self::CompanySize => lead.company_size.into(),
            Self::Industry => lead.industry.clone().into(),
            Self::Website => lead.website.clone().into(),
            Self::Country => lead.country.clone().into(),
            Self::City => lead.city.clone().into(),
            Self::Region => lead.region.clone().into(),
            Self::PostalCode => lead.postal_code.clone().into(),
            Self::Source => lead.source.clone().into(),
            Self::UtmSource => lead.utm_source.clone().into(),
            Self::UtmMedium => lead.utm_medium.clone().into(),
            Self::UtmCampaign => lead.utm_campaign.clone().into(),
            Self::UtmTerm => lead.utm_term.clone().into(),
            Self::UtmContent => lead.utm_content.clone().into(),
            Self::Consent => lead.consent.into(),
            Self::ConsentAt => lead.consent_at.map(written).into(),
            Self::ConsentSource => lead.consent_source.clone().into(),
        }
    }

    /// Puts a value of its own type, as [`Field::read`] yields, into `lead`.
    pub(crate) fn set(self, lead: &mut Lead, value: &Value) {
        let text = || value.as_str().map(str::to_owned);
        match self {
            Self::ExternalId => lead.external_id = text(),
            Self::Email => lead.email = text(),
            Self::Phone => lead.phone = text(),
            Self::FirstName => lead.first_name = text(),
            Self::LastName => lead.last_name = text(),
            Self::JobTitle => lead.job_title = text(),
            Self::Company => lead.company = text(),
            Self::CompanySize => lead.company_size = value.as_u64().and_then(|size| u32::try_from(size).ok()),
            Self::Industry => lead.industry = text(),
            Self::Website => lead.website = text(),
            Self::Country => lead.country = text(),
            Self::City => lead.city = text(),
            Self::Region => lead.region = text(),
            Self::PostalCode => lead.postal_code = text(),
            Self::Source => lead.source = text(),
            Self::UtmSource => lead.utm_source = text(),
            Self::UtmMedium => lead.utm_medium = text(),
            Self::UtmCampaign => lead.utm_campaign = text(),
            Self::UtmTerm => lead.utm_term = text(),
            Self::UtmContent => lead.utm_content = text(),
            Self::Consent => lead.consent = value.as_bool(),
            Self::ConsentAt => lead.consent_at = value.as_str().and_then(moment),
            Self::ConsentSource => lead.consent_source = text(),
        }
    }

    /// Reads `value` for this field.
    ///
    /// # Errors
    /// `LEAD-0007` for lists and records, `LEAD-0008` for texts that are too long.
    pub(crate) fn read(self, value: &Value) -> Result<Reading, Failure> {
        if is_blank(value) {
            return Ok(Reading::Blank);
        }
        let text = plain_text(value).ok_or_else(|| {
            failures::wrong_type(self.label(), if value.is_array() { "list" } else { "record" })
        })?;
        Ok(match self {
            Self::CompanySize => {
                head_count(&text).map_or(Reading::Foreign, |size| Reading::Value(size.into()))
            }
            Self::Consent => {
                yes_or_no(&text).map_or(Reading::Foreign, |consent| Reading::Value(consent.into()))
            }
            Self::ConsentAt => {
                moment(&text).map_or(Reading::Foreign, |at| Reading::Value(written(at).into()))
            }
            _ if text.chars().nth(MAX_TEXT).is_some() => return Err(failures::text_too_long(self.label())),
            Self::Email => {
                Reading::Value(Key::read(KeyKind::Email, &text).map_or(text, |key| key.value).into())
            }
            Self::Phone => Reading::Value(international(&text).unwrap_or(text).into()),
            _ => Reading::Value(text.into()),
        })
    }
}

/// Whether only Trunkline itself writes the field called `name`.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether `value` says nothing.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The identity key of `kind` in a record, if it holds one.
pub(crate) fn key_in(fields: &Map<String, Value>, kind: KeyKind) -> Option<Key> {
    match fields.get(kind.as_str())? {
        Value::String(text) => Key::read(kind, text),
        Value::Number(number) => Key::read(kind, &number.to_string()),
        _ => None,
    }
}

/// A single value as trimmed text; `None` for lists and records.
fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The number in E.164 when it was written internationally.
fn international(text: &str) -> Option<String> {
    Key::read(KeyKind::Phone, text).map(|key| key.value).filter(|value| value.starts_with('+'))
}

/// A moment as people and systems write it: RFC 3339, or a day, which begins at midnight UTC.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// A moment as the record of a lead holds it.
pub(crate) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// How many people: `250`, `1,200`, `51-200` (the lower end), `1000+`, `250 employees`.
pub(crate) fn head_count(text: &str) -> Option<u32> {
    let is_separator = |c: char| matches!(c, ',' | '\'' | '\u{a0}' | '\u{202f}');
    let start = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-' && c != '.');
    let mut digits = String::new();
    for c in start.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if !is_separator(c) {
            break;
        }
    }
    digits.parse().ok()
}

pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "on" | "granted" | "given" | "opt-in" | "opted in" | "subscribed" => {
            Some(true)
        }
        "no" | "n" | "false" | "0" | "off" | "denied" | "withdrawn" | "opt-out" | "opted out"
        | "unsubscribed" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn every_field_holds_what_it_reads() {
        for field in Field::ALL {
            let sample = match field {
                Field::CompanySize => json!(250),
                Field::Consent => json!(true),
                Field::Email => json!("ada@example.com"),
                Field::ConsentAt => json!("2026-03-01T00:00:00Z"),
                _ => json!("+442079460958"),
            };
            let mut lead = Lead::new(Uuid::nil(), "Known", DateTime::UNIX_EPOCH);
            assert_eq!(field.get(&lead), Value::Null);
            assert_eq!(field.read(&sample).unwrap(), Reading::Value(sample.clone()));
            field.set(&mut lead, &sample);
            assert_eq!(field.get(&lead), sample);
            assert_eq!(lead.record()[field.as_str()], sample);
            assert_eq!(Field::find(field.as_str()), Some(field));
            assert!(!is_reserved(field.as_str()));
        }
    }

    #[test]
    fn company_sizes_are_read_as_people_write_them() {
        for (text, size) in [
            ("250", Some(250)),
            (" 1,200 ", Some(1200)),
            ("51-200", Some(51)),
            ("1000+", Some(1000)),
            ("> 500 employees", Some(500)),
            ("250.0", Some(250)),
            ("-5", None),
            ("many", None),
            ("99999999999", None),
        ] {
            let expected = size.map_or(Reading::Foreign, |size: u32| Reading::Value(size.into()));
            assert_eq!(Field::CompanySize.read(&json!(text)).unwrap(), expected, "{text}");
        }
        assert_eq!(Field::CompanySize.read(&json!(250.0)).unwrap(), Reading::Value(json!(250)));
    }

    #[test]
    fn moments_are_read_as_systems_write_them() {
        for (text, read) in [
            ("2026-03-01", Some("2026-03-01T00:00:00Z")),
            ("2026-03-01T10:00:00+02:00", Some("2026-03-01T08:00:00Z")),
            ("last week", None),
        ] {
            let expected = read.map_or(Reading::Foreign, |at| Reading::Value(json!(at)));
            assert_eq!(Field::ConsentAt.read(&json!(text)).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn blanks_say_nothing_and_heaps_are_refused() {
        for blank in [json!(null), json!(""), json!("  "), json!([]), json!({})] {
            assert_eq!(Field::City.read(&blank).unwrap(), Reading::Blank);
        }
        assert_eq!(Field::City.read(&json!(["a"])).unwrap_err().code, "LEAD-0007");
        assert_eq!(Field::City.read(&json!("x".repeat(1_001))).unwrap_err().code, "LEAD-0008");
        assert_eq!(Field::Consent.read(&json!("perhaps")).unwrap(), Reading::Foreign);
        assert_eq!(Field::ExternalId.read(&json!(660_737)).unwrap(), Reading::Value(json!("660737")));
    }
}
