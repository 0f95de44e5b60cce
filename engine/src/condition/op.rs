//! The ways two values can be compared, and how each reads in a sentence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the field is compared with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Both are the same: text without regard to capital letters and spaces around it, numbers by value.
    Equals,
    /// Not `equals`.
    NotEquals,
    /// The text occurs in the field, or the value is an item of the list.
    Contains,
    /// Not `contains`.
    NotContains,
    /// The text begins with the value.
    StartsWith,
    /// The text ends with the value.
    EndsWith,
    /// The field equals one of a list of values, or of texts separated by commas.
    OneOf,
    /// Not `one_of`.
    NotOneOf,
    /// The number or moment is larger.
    GreaterThan,
    /// The number or moment is the same or larger.
    AtLeast,
    /// The number or moment is smaller.
    LessThan,
    /// The number or moment is the same or smaller.
    AtMost,
    /// At least the first and at most the second of two values.
    Between,
    /// A regular expression finds something in the text.
    Matches,
    /// There is nothing: missing, blank text, an empty list or record.
    IsEmpty,
    /// Not `is_empty`.
    IsNotEmpty,
    /// Yes: true, a number other than 0, or text such as "yes" and "on".
    IsTrue,
    /// No: false, 0, text such as "no" and "off", or nothing at all.
    IsFalse,
    /// The moment is earlier.
    Before,
    /// The moment is later.
    After,
    /// The e-mail address is with a provider where anybody can open a mailbox.
    IsFreeMailbox,
    /// It is an e-mail address, and with no such provider.
    IsNotFreeMailbox,
}

impl Op {
    /// How it reads between field and value: `is at least`.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.both().0
    }

    /// How it reads when it does not hold: `is not at least`.
    #[must_use]
    pub fn denied(self) -> &'static str {
        self.both().1
    }

    /// Whether it compares with a value at all.
    #[must_use]
    pub fn takes_value(self) -> bool {
        !matches!(
            self,
            Self::IsEmpty
                | Self::IsNotEmpty
                | Self::IsTrue
                | Self::IsFalse
                | Self::IsFreeMailbox
                | Self::IsNotFreeMailbox
        )
    }

    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Equals => ("is", "is not"),
            Self::NotEquals => ("is not", "is"),
            Self::Contains => ("contains", "does not contain"),
            Self::NotContains => ("does not contain", "contains"),
            Self::StartsWith => ("starts with", "does not start with"),
            Self::EndsWith => ("ends with", "does not end with"),
            Self::OneOf => ("is one of", "is none of"),
            Self::NotOneOf => ("is none of", "is one of"),
            Self::GreaterThan => ("is more than", "is not more than"),
            Self::AtLeast => ("is at least", "is not at least"),
            Self::LessThan => ("is less than", "is not less than"),
            Self::AtMost => ("is at most", "is not at most"),
            Self::Between => ("is between", "is not between"),
            Self::Matches => ("matches", "does not match"),
            Self::IsEmpty => ("is empty", "is filled in"),
            Self::IsNotEmpty => ("is filled in", "is empty"),
            Self::IsTrue => ("is yes", "is not yes"),
            Self::IsFalse => ("is no", "is not no"),
            Self::Before => ("is before", "is not before"),
            Self::After => ("is after", "is not after"),
            Self::IsFreeMailbox => ("is a free mailbox", "is not a free mailbox"),
            Self::IsNotFreeMailbox => ("is a company mailbox", "is not a company mailbox"),
        }
    }
}
