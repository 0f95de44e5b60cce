//! What may be cleaned, as people choose it.

use super::DateOrder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is cleaned. Everything is on by default but what needs to be told something first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cleaning {
    /// Remove spaces around and between, control characters and letters nobody sees, and mend text that was saved in the
    /// wrong encoding (`JosÃ©` becomes `José`).
    #[schemars(title = "Tidy text")]
    pub text: bool,
    /// Treat words such as "Select", "n/a", "-", "none", "unknown" and "test" as missing.
    #[schemars(title = "Placeholders are missing values")]
    pub placeholders: bool,
    /// Write names in ALL CAPITALS or all small letters as names: `mcdonald` becomes `McDonald`. Mixed capitals stay.
    #[schemars(title = "Capitals of names and cities")]
    pub names: bool,
    /// What becomes of legal forms such as Inc. and GmbH.
    #[schemars(
        title = "Company names",
        extend("x-labels" = {"leave": "Leave as they are", "tidy": "Write legal forms alike", "remove": "Leave legal forms out"})
    )]
    pub companies: CompanyForm,
    /// Write e-mail addresses in small letters without names around them, and flag those that cannot be right, mistyped
    /// domains, free mailboxes and mailboxes of a task such as info@.
    #[schemars(title = "E-mail addresses")]
    pub emails: bool,
    /// Write telephone numbers internationally.
    #[schemars(title = "Telephone numbers")]
    pub phones: bool,
    /// Two letters of the country whose numbers and states are meant where the record names no country, such as US.
    #[schemars(title = "Default country", extend("x-placeholder" = "US"))]
    pub default_country: Option<String>,
    /// What becomes of names and codes of countries.
    #[schemars(
        title = "Countries",
        extend("x-labels" = {"leave": "Leave as they are", "code": "Two letters, such as DE", "name": "English names, such as Germany"})
    )]
    pub countries: PlaceForm,
    /// What becomes of states and provinces of the US, Canada, Australia, India, Brazil and Mexico.
    #[schemars(
        title = "States and regions",
        extend("x-labels" = {"leave": "Leave as they are", "code": "Codes, such as CA", "name": "Names, such as California"})
    )]
    pub regions: PlaceForm,
    /// Names of fields that hold dates; they become `2026-03-05`.
    #[schemars(title = "Date fields")]
    pub dates: Vec<String>,
    /// What comes first in dates such as 03/05/2026.
    #[schemars(
        title = "In dates comes first",
        extend("x-labels" = {"auto": "Only dates that are clear", "day": "The day", "month": "The month"})
    )]
    pub date_order: DateOrder,
}

impl Default for Cleaning {
    fn default() -> Self {
        Self {
            text: true,
            placeholders: true,
            names: true,
            companies: CompanyForm::Tidy,
            emails: true,
            phones: true,
            default_country: None,
            countries: PlaceForm::Code,
            regions: PlaceForm::Code,
            dates: Vec::new(),
            date_order: DateOrder::Auto,
        }
    }
}

/// What becomes of a legal form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyForm {
    /// It stays.
    Leave,
    /// It is written as its country writes it.
    #[default]
    Tidy,
    /// It goes.
    Remove,
}

/// What becomes of a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceForm {
    /// It stays.
    Leave,
    /// Its ISO 3166 code.
    #[default]
    Code,
    /// Its name.
    Name,
}
