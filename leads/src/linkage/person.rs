//! A record as linkage sees it: at most one normalised value per role.

use super::normal::normal;
use super::role::Role;
use crate::lead::Lead;
use serde_json::Value;

/// A record in the form it is compared in. A million of them are held at once, so all values lie in one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    text: Box<str>,
    /// Where the value of each role ends; it begins where the one before ends. A role without a value is empty.
    ends: [u16; Role::COUNT],
}

/// Values by role, on the way to a [`Person`].
#[derive(Default)]
struct Values([Option<String>; Role::COUNT]);

impl Person {
    /// The person that values under named columns are about. Columns of no known role are not compared; of two columns
    /// of one role the first that says something counts.
    pub fn of_columns<'a>(columns: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut values = Values::default();
        for (column, raw) in columns {
            if let Some(role) = Role::of_column(column) {
                values.learn(role, raw);
            } else if is_full_name(column) {
                values.learn_full_name(raw);
            }
        }
        values.packed()
    }

    /// The person a lead is, its own fields included.
    #[must_use]
    pub fn of_lead(lead: &Lead) -> Self {
        let mut values = Values::default();
        for (role, value) in [
            (Role::FirstName, &lead.first_name),
            (Role::LastName, &lead.last_name),
            (Role::Email, &lead.email),
            (Role::Phone, &lead.phone),
            (Role::City, &lead.city),
            (Role::PostalCode, &lead.postal_code),
            (Role::Region, &lead.region),
            (Role::Country, &lead.country),
            (Role::Company, &lead.company),
            (Role::JobTitle, &lead.job_title),
        ] {
            if let Some(raw) = value {
                values.learn(role, raw);
            }
        }
        for (name, value) in &lead.fields {
            if let Some(role) = Role::of_column(name) {
                match value {
                    Value::String(raw) => values.learn(role, raw),
                    Value::Number(number) => values.learn(role, &number.to_string()),
                    _ => {}
                }
            }
        }
        values.packed()
    }

    /// Its value of `role`.
    #[must_use]
    pub fn get(&self, role: Role) -> Option<&str> {
        let at = role as usize;
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        let value = &self.text[usize::from(begin)..usize::from(self.ends[at])];
        (!value.is_empty()).then_some(value)
    }
}

impl Values {
    /// Takes `raw` for `role` unless a value is known or it says nothing.
    fn learn(&mut self, role: Role, raw: &str) {
        let place = &mut self.0[role as usize];
        if place.is_none() {
            *place = normal(role, raw);
        }
    }

    /// `Ada Lovelace` and `Lovelace, Ada`.
    fn learn_full_name(&mut self, raw: &str) {
        let (first, last) = match raw.split_once(',') {
            Some((last, first)) => (first, last),
            None => raw.trim().rsplit_once(' ').unwrap_or((raw, "")),
        };
        self.learn(Role::FirstName, first);
        self.learn(Role::LastName, last);
    }

    fn packed(self) -> Person {
        let mut ends = [0; Role::COUNT];
        let mut text = String::new();
        for (end, value) in ends.iter_mut().zip(&self.0) {
            text.push_str(value.as_deref().unwrap_or_default());
            *end = u16::try_from(text.len()).expect("fifteen values of bounded length");
        }
        Person { text: text.into_boxed_str(), ends }
    }
}

pub(super) fn is_full_name(column: &str) -> bool {
    matches!(column.trim().to_ascii_lowercase().as_str(), "name" | "full_name" | "full name" | "fullname")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn columns_become_roles() {
        let person =
            Person::of_columns([("Full name", "Lovelace, Ada"), ("dob", "1815-12-10"), ("colour", "red")]);
        assert_eq!(person.get(Role::FirstName), Some("ada"));
        assert_eq!(person.get(Role::LastName), Some("lovelace"));
        assert_eq!(person.get(Role::BirthDate), Some("18151210"));
        assert_eq!(person.get(Role::City), None);
    }

    #[test]
    fn a_lead_brings_its_own_fields() {
        let mut lead = Lead::new(Uuid::nil(), "Known", DateTime::UNIX_EPOCH);
        lead.email = Some("ada@example.com".into());
        lead.fields.insert("Date of birth".into(), json!("1815-12-10"));
        lead.fields.insert("postcode".into(), json!(2119));
        let person = Person::of_lead(&lead);
        assert_eq!(person.get(Role::Email), Some("ada@example.com"));
        assert_eq!(person.get(Role::BirthDate), Some("18151210"));
        assert_eq!(person.get(Role::PostalCode), Some("2119"));
    }
}
