//! What cleaning did and what it noticed, with the words people read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a value was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Spaces and characters nobody sees.
    Spaces,
    /// Text saved in the wrong encoding.
    Encoding,
    /// A word that says "no answer".
    Placeholder,
    /// Capitals of a name.
    Capitals,
    /// A legal form.
    LegalForm,
    /// The form of an e-mail address.
    Email,
    /// The form of a telephone number.
    Phone,
    /// The form of a country.
    Country,
    /// The form of a state or region.
    Region,
    /// The form of a date.
    Date,
}

impl Why {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Spaces => "spaces and invisible characters removed",
            Self::Encoding => "text mended that was saved in the wrong encoding",
            Self::Placeholder => "a placeholder, so it counts as missing",
            Self::Capitals => "capitals of a name",
            Self::LegalForm => "legal form of the company",
            Self::Email => "form of the e-mail address",
            Self::Phone => "international form of the telephone number",
            Self::Country => "form of the country",
            Self::Region => "form of the state or region",
            Self::Date => "form of the date",
        }
    }
}

/// A change to one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cleaned {
    /// Which field.
    pub field: String,
    /// What stood there.
    pub old: Value,
    /// What stands there now; `null` when it counts as missing.
    pub new: Value,
    /// Why, in the order in which it happened.
    pub why: Vec<Why>,
}

/// What is worth knowing of a value and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It cannot be an e-mail address.
    BadEmail,
    /// The domain looks mistyped.
    TypoDomain,
    /// A provider where anybody can open a mailbox.
    FreeMailbox,
    /// A mailbox of a task, not of a person.
    RoleMailbox,
    /// It cannot be a telephone number.
    BadPhone,
    /// No such country is known.
    UnknownCountry,
    /// No such state is known in that country.
    UnknownRegion,
    /// It cannot be read as a date, or in two ways.
    UnclearDate,
}

impl Flag {
    /// In words, after the value.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::BadEmail => "cannot be an e-mail address",
            Self::TypoDomain => "has a domain that looks mistyped",
            Self::FreeMailbox => "is a free mailbox",
            Self::RoleMailbox => "is the mailbox of a task, not of a person",
            Self::BadPhone => "cannot be a telephone number",
            Self::UnknownCountry => "is no country we know",
            Self::UnknownRegion => "is no state of that country",
            Self::UnclearDate => "is no clear date",
        }
    }
}

/// A flag on one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    /// Which field.
    pub field: String,
    /// What is worth knowing.
    pub flag: Flag,
    /// What was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meant: Option<String>,
}

/// What cleaning a record did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Fields that changed, in the order of the record.
    pub changes: Vec<Cleaned>,
    /// What is worth knowing, in the order of the record.
    pub flags: Vec<Flagged>,
}

impl Report {
    /// Whether `flag` was raised.
    #[must_use]
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.iter().any(|flagged| flagged.flag == flag)
    }
}
