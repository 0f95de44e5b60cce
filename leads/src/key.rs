//! Identity keys: the values by which two records are known to be the same lead, in the one form they are compared in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Longest key in bytes; anything longer identifies nobody.
pub const MAX_KEY_BYTES: usize = 254;
/// Digits of an international number, country code included.
const E164_DIGITS: RangeInclusive<usize> = 7..=15;
/// Digits of a number as it is dialled at home, extension included. Shorter ones identify nobody.
const PLAIN_DIGITS: RangeInclusive<usize> = 6..=20;

/// Which sort of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The record's id in another system.
    ExternalId,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
}

impl KeyKind {
    /// All of them, in the order they are trusted in.
    pub const ALL: [Self; 3] = [Self::ExternalId, Self::Email, Self::Phone];

    /// Its name in documents, in the API and in the store; the same as the field's.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ExternalId => "external ID",
            Self::Email => "e-mail",
            Self::Phone => "phone",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no sort of key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a sort of identity key")]
pub struct UnknownKeyKind(pub String);

impl FromStr for KeyKind {
    type Err = UnknownKeyKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownKeyKind(name.to_owned()))
    }
}

/// An identity key in the form it is compared in. At most one lead has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Which sort.
    pub kind: KeyKind,
    /// The compared form.
    pub value: String,
}

impl Key {
    /// The key in `raw`, or `None` when it identifies nobody (blank, too long, `n/a` in place of an address).
    ///
    /// - External id: trimmed; capitals matter.
    /// - E-mail: trimmed, lower case, and shaped like an address.
    /// - Phone: `+` and the digits of E.164 when the number is written internationally, otherwise its digits as they
    ///   are, 6 to 20 of them. No country is guessed: clean numbers with the `phone` filter first.
    #[must_use]
    pub fn read(kind: KeyKind, raw: &str) -> Option<Self> {
        let raw = raw.trim();
        if raw.is_empty() || raw.len() > MAX_KEY_BYTES {
            return None;
        }
        let value = match kind {
            KeyKind::ExternalId => raw.to_owned(),
            KeyKind::Email => email(raw)?,
            KeyKind::Phone => phone(raw)?,
        };
        Some(Self { kind, value })
    }
}

/// The address in lower case, when it has one `@` between a name and a host and no blanks.
fn email(raw: &str) -> Option<String> {
    let (name, host) = raw.rsplit_once('@')?;
    let plausible = !name.is_empty()
        && !name.contains('@')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.contains(|c: char| c.is_alphanumeric())
        && !raw.contains(|c: char| c.is_whitespace() || c.is_control());
    plausible.then(|| raw.to_lowercase())
}

fn phone(raw: &str) -> Option<String> {
    let international = raw.strip_prefix('+').or_else(|| raw.strip_prefix("00"));
    // "(0)" is the zero that is dialled at home only, as in +44 (0)20.
    let digits: String = match international {
        Some(rest) => digits(&rest.replacen("(0)", "", 1)),
        None => digits(raw),
    };
    let is_e164 = international.is_some() && E164_DIGITS.contains(&digits.len()) && !digits.starts_with('0');
    if is_e164 {
        return Some(format!("+{digits}"));
    }
    PLAIN_DIGITS.contains(&digits.len()).then_some(digits)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: KeyKind, raw: &str) -> Option<String> {
        Key::read(kind, raw).map(|key| key.value)
    }

    #[test]
    fn e_mail_ignores_capitals_and_blanks_around_it() {
        assert_eq!(read(KeyKind::Email, " Ada@Example.COM ").as_deref(), Some("ada@example.com"));
        for nobody in
            ["", "   ", "n/a", "@example.com", "ada@", "a b@example.com", "a@b@c.de", "ada@-", "ada@.com"]
        {
            assert_eq!(read(KeyKind::Email, nobody), None, "{nobody}");
        }
    }

    #[test]
    fn phone_is_e164_when_written_internationally_and_digits_otherwise() {
        for same in ["+44 20 7946 0958", "+44 (0)20 7946 0958", "0044 20 7946 0958", " +442079460958 "] {
            assert_eq!(read(KeyKind::Phone, same).as_deref(), Some("+442079460958"), "{same}");
        }
        assert_eq!(read(KeyKind::Phone, "020 7946-0958").as_deref(), Some("02079460958"));
        assert_eq!(read(KeyKind::Phone, "+1 650 253 0000 ext. 1234").as_deref(), Some("+165025300001234"));
        for nobody in ["", "12", "none", "+", "00", "+12 34", "123456789012345678901"] {
            assert_eq!(read(KeyKind::Phone, nobody), None, "{nobody}");
        }
    }

    #[test]
    fn external_ids_keep_their_capitals() {
        assert_eq!(read(KeyKind::ExternalId, " 00Qab1 ").as_deref(), Some("00Qab1"));
        assert_eq!(read(KeyKind::ExternalId, &"x".repeat(255)), None);
    }

    #[test]
    fn names_read_back() {
        for kind in KeyKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
