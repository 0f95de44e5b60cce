//! What a value says of a person: the roles that records are compared by, and how columns are recognised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a value says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Date of birth.
    BirthDate,
    /// Street, without the number where that has a column of its own.
    Street,
    /// House number.
    StreetNumber,
    /// Second line of an address.
    AddressLine,
    /// City or suburb.
    City,
    /// Postal code.
    PostalCode,
    /// State or region.
    Region,
    /// Country.
    Country,
    /// A number that somebody gave the person, such as of an insurance.
    Number,
    /// Company.
    Company,
    /// Job title.
    JobTitle,
}

/// Names of columns, folded and without blanks, with the role each stands for.
const COLUMNS: [(&str, Role); 81] = [
    ("firstname", Role::FirstName),
    ("givenname", Role::FirstName),
    ("forename", Role::FirstName),
    ("fname", Role::FirstName),
    ("first", Role::FirstName),
    ("vorname", Role::FirstName),
    ("prenom", Role::FirstName),
    ("lastname", Role::LastName),
    ("surname", Role::LastName),
    ("familyname", Role::LastName),
    ("lname", Role::LastName),
    ("last", Role::LastName),
    ("nachname", Role::LastName),
    ("email", Role::Email),
    ("emailaddress", Role::Email),
    ("mail", Role::Email),
    ("workemail", Role::Email),
    ("phone", Role::Phone),
    ("phonenumber", Role::Phone),
    ("telephone", Role::Phone),
    ("tel", Role::Phone),
    ("mobile", Role::Phone),
    ("mobilephone", Role::Phone),
    ("dob", Role::BirthDate),
    ("dateofbirth", Role::BirthDate),
    ("birthdate", Role::BirthDate),
    ("birthday", Role::BirthDate),
    ("born", Role::BirthDate),
    ("street", Role::Street),
    ("streetname", Role::Street),
    ("address", Role::Street),
    ("streetaddress", Role::Street),
    ("address1", Role::Street),
    ("addressline1", Role::Street),
    ("addr1", Role::Street),
    ("streetnumber", Role::StreetNumber),
    ("housenumber", Role::StreetNumber),
    ("streetno", Role::StreetNumber),
    ("address2", Role::AddressLine),
    ("addressline2", Role::AddressLine),
    ("addr2", Role::AddressLine),
    ("city", Role::City),
    ("suburb", Role::City),
    ("town", Role::City),
    ("locality", Role::City),
    ("ort", Role::City),
    ("postcode", Role::PostalCode),
    ("postalcode", Role::PostalCode),
    ("zip", Role::PostalCode),
    ("zipcode", Role::PostalCode),
    ("plz", Role::PostalCode),
    ("state", Role::Region),
    ("region", Role::Region),
    ("province", Role::Region),
    ("county", Role::Region),
    ("country", Role::Country),
    ("countrycode", Role::Country),
    ("nation", Role::Country),
    ("socsecid", Role::Number),
    ("ssn", Role::Number),
    ("socialsecuritynumber", Role::Number),
    ("nationalid", Role::Number),
    ("nhsnumber", Role::Number),
    ("nationalinsurancenumber", Role::Number),
    ("medicarenumber", Role::Number),
    ("taxid", Role::Number),
    ("passport", Role::Number),
    ("passportnumber", Role::Number),
    ("company", Role::Company),
    ("companyname", Role::Company),
    ("organisation", Role::Company),
    ("organization", Role::Company),
    ("employer", Role::Company),
    ("account", Role::Company),
    ("jobtitle", Role::JobTitle),
    ("title", Role::JobTitle),
    ("position", Role::JobTitle),
    ("occupation", Role::JobTitle),
    ("profession", Role::JobTitle),
    ("birthplace", Role::City),
    ("placeofbirth", Role::City),
];
/// Names shorter than this are taken only when they are all of a column's name: `last` is in `last activity`.
const TELLING: usize = 7;

impl Role {
    /// How many there are.
    pub const COUNT: usize = 15;
    /// All of them, in the order people read them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Phone,
        Self::BirthDate,
        Self::Street,
        Self::StreetNumber,
        Self::AddressLine,
        Self::City,
        Self::PostalCode,
        Self::Region,
        Self::Country,
        Self::Number,
        Self::Company,
        Self::JobTitle,
    ];

    /// The role of a column called `name`, however it is written (`Given name`, `given_name`, `GivenName`).
    #[must_use]
    pub fn of_column(name: &str) -> Option<Self> {
        let folded: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let whole = COLUMNS.iter().find(|(column, _)| *column == folded);
        // `contact_first_name` and `postcode_clean` say what they are as well.
        let part = || {
            COLUMNS.iter().find(|(column, _)| {
                column.len() >= TELLING && (folded.starts_with(column) || folded.ends_with(column))
            })
        };
        whole.or_else(part).map(|(_, role)| *role)
    }

    /// Its name in documents and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::BirthDate => "birth_date",
            Self::Street => "street",
            Self::StreetNumber => "street_number",
            Self::AddressLine => "address_line",
            Self::City => "city",
            Self::PostalCode => "postal_code",
            Self::Region => "region",
            Self::Country => "country",
            Self::Number => "number",
            Self::Company => "company",
            Self::JobTitle => "job_title",
        }
    }

    /// What people call it within a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::FirstName => "first name",
            Self::LastName => "last name",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::BirthDate => "date of birth",
            Self::Street => "street",
            Self::StreetNumber => "house number",
            Self::AddressLine => "second address line",
            Self::City => "city",
            Self::PostalCode => "postal code",
            Self::Region => "region",
            Self::Country => "country",
            Self::Number => "personal number",
            Self::Company => "company",
            Self::JobTitle => "job title",
        }
    }

    /// Whether hardly two people ever share a value: an address, a number.
    pub(super) fn is_personal(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Number)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_however_they_are_written() {
        for (column, role) in [
            ("given_name", Role::FirstName),
            ("Given Name", Role::FirstName),
            (" surname", Role::LastName),
            ("date_of_birth", Role::BirthDate),
            ("soc_sec_id", Role::Number),
            ("address_1", Role::Street),
            ("E-mail", Role::Email),
            ("ZIP", Role::PostalCode),
        ] {
            assert_eq!(Role::of_column(column), Some(role), "{column}");
        }
        assert_eq!(Role::of_column("Contact: First name"), Some(Role::FirstName));
        assert_eq!(Role::of_column("Last activity"), None);
        assert_eq!(Role::of_column("cluster"), None);
        assert_eq!(Role::of_column("rec_id"), None);
    }

    #[test]
    fn every_role_stands_at_its_own_place() {
        for (place, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, place);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
