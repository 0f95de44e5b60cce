//! Which field of an event a CSV column becomes. Guessed from its name, and always shown before it is used.

use indexmap::IndexMap;

/// Names people give to the fields a lead has, in the spelling of [`plain`].
const KNOWN: &[(&str, &[&str])] = &[
    (
        "external_id",
        &["external_id", "prospect_id", "lead_id", "contact_id", "record_id", "customer_id", "id"],
    ),
    (
        "email",
        &["email", "e_mail", "mail", "email_address", "e_mail_address", "work_email", "business_email"],
    ),
    ("phone", &["phone", "phone_number", "telephone", "tel", "mobile", "mobile_phone", "cell"]),
    ("first_name", &["first_name", "firstname", "given_name", "forename"]),
    ("last_name", &["last_name", "lastname", "surname", "family_name"]),
    ("name", &["name", "full_name", "contact_name"]),
    ("job_title", &["job_title", "title", "position", "role"]),
    (
        "company",
        &["company", "company_name", "account", "account_name", "organisation", "organization", "employer"],
    ),
    ("company_size", &["company_size", "employees", "number_of_employees", "employee_count", "headcount"]),
    ("industry", &["industry", "sector"]),
    ("website", &["website", "url", "domain", "company_website", "web"]),
    ("country", &["country", "country_name", "country_code"]),
    ("city", &["city", "town"]),
    ("source", &["source", "lead_source", "channel"]),
];

/// The event's field for each column of a file, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<(String, String)>,
}

/// Why columns cannot be mapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The named column is not in the file.
    #[error("the file has no column \"{0}\"")]
    NoColumn(String),
    /// The text is not `Column=field`.
    #[error("\"{0}\" is not of the form \"Column=field\"")]
    NotAPair(String),
}

impl Mapping {
    /// Guesses from the names in the header row.
    #[must_use]
    pub fn guess(header: &[String]) -> Self {
        let mut taken: IndexMap<String, ()> = IndexMap::new();
        let mut claim = |wanted: String| {
            let mut field = wanted.clone();
            let mut number = 2;
            while taken.contains_key(&field) {
                field = format!("{wanted}_{number}");
                number += 1;
            }
            taken.insert(field.clone(), ());
            field
        };
        let columns = header
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let plain = plain(column);
                let known = KNOWN.iter().find(|(_, names)| names.contains(&plain.as_str()));
                let wanted = match known {
                    Some((field, _)) => (*field).to_owned(),
                    None if plain.is_empty() => format!("column_{}", index + 1),
                    None => plain,
                };
                (column.clone(), claim(wanted))
            })
            .collect();
        Self { columns }
    }

    /// With a choice of the form `Column=field`; an empty field leaves the column out.
    ///
    /// # Errors
    /// When it has no `=` or names a column that is not there.
    pub fn choose(&mut self, choice: &str) -> Result<(), MappingError> {
        let (column, field) =
            choice.split_once('=').ok_or_else(|| MappingError::NotAPair(choice.to_owned()))?;
        let entry = self
            .columns
            .iter_mut()
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(column.trim()))
            .ok_or_else(|| MappingError::NoColumn(column.trim().to_owned()))?;
        entry.1 = field.trim().to_owned();
        Ok(())
    }

    /// Where the column called `name` stands.
    ///
    /// # Errors
    /// When there is none.
    pub fn position(&self, name: &str) -> Result<usize, MappingError> {
        self.columns
            .iter()
            .position(|(column, field)| {
                column.trim().eq_ignore_ascii_case(name.trim()) || field == name.trim()
            })
            .ok_or_else(|| MappingError::NoColumn(name.trim().to_owned()))
    }

    /// Columns with their fields; an empty field means left out.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().map(|(column, field)| (column.as_str(), field.as_str()))
    }

    /// The event for one row. Empty cells are absent; everything stays text, as it came.
    pub fn event<'r>(&self, row: impl Iterator<Item = &'r str>) -> serde_json::Value {
        self.columns
            .iter()
            .zip(row)
            .filter(|((_, field), cell)| !field.is_empty() && !cell.is_empty())
            .map(|((_, field), cell)| (field.clone(), serde_json::Value::from(cell)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// A column's name in small letters: `Total Time Spent on Website` as `total_time_spent_on_website`.
pub fn plain(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    for character in column.trim().chars() {
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.into()).collect()
    }

    #[test]
    fn known_names_become_lead_fields_and_others_keep_theirs() {
        let mapping = Mapping::guess(&header(&[
            "Prospect ID",
            "E-Mail",
            "Total Time Spent on Website",
            "",
            "Lead Source",
        ]));
        let fields: Vec<_> = mapping.columns().map(|(_, field)| field).collect();
        assert_eq!(fields, ["external_id", "email", "total_time_spent_on_website", "column_4", "source"]);
    }

    #[test]
    fn two_columns_never_share_a_field() {
        let mapping = Mapping::guess(&header(&["id", "Lead ID", "email", "mail"]));
        let fields: Vec<_> = mapping.columns().map(|(_, field)| field).collect();
        assert_eq!(fields, ["external_id", "external_id_2", "email", "email_2"]);
    }

    #[test]
    fn a_choice_wins_and_an_empty_one_leaves_the_column_out() {
        let mut mapping = Mapping::guess(&header(&["A", "B"]));
        mapping.choose("A = email").unwrap();
        mapping.choose("b=").unwrap();
        assert_eq!(mapping.event(["x@y.z", "secret"].into_iter()), json!({"email": "x@y.z"}));
        assert_eq!(mapping.choose("C=x"), Err(MappingError::NoColumn("C".into())));
        assert_eq!(mapping.choose("nonsense"), Err(MappingError::NotAPair("nonsense".into())));
    }
}
