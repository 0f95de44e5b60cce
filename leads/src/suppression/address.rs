//! Addresses in the one form in which they are compared.

use crate::key::{Key, KeyKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name of a domain, in bytes.
const MAX_DOMAIN: usize = 253;

/// What sort of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Every e-mail address within a domain.
    Domain,
}

impl AddressKind {
    /// Its name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Domain => "domain",
        }
    }

    /// The kind called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Email, Self::Phone, Self::Domain].into_iter().find(|kind| kind.as_str() == word)
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Phone => "telephone number",
            Self::Domain => "domain",
        }
    }
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// What sort of address.
    pub kind: AddressKind,
    /// In the form in which it is compared.
    pub value: String,
}

impl Address {
    /// The address in `text`, if it is one of this kind.
    #[must_use]
    pub fn read(kind: AddressKind, text: &str) -> Option<Self> {
        let value = match kind {
            AddressKind::Email => Key::read(KeyKind::Email, text)?.value,
            AddressKind::Phone => Key::read(KeyKind::Phone, text)?.value,
            AddressKind::Domain => domain(text)?,
        };
        Some(Self { kind, value })
    }

    /// The address in `text`, of whatever kind it looks like.
    #[must_use]
    pub fn guess(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') && !text.starts_with('@') {
            return Self::read(AddressKind::Email, text);
        }
        if text.starts_with('+') || text.starts_with(|first: char| first.is_ascii_digit() || first == '(') {
            let phone = Self::read(AddressKind::Phone, text);
            if phone.is_some() && !text.contains(|letter: char| letter.is_ascii_alphabetic()) {
                return phone;
            }
        }
        Self::read(AddressKind::Domain, text)
    }

    /// The key by which leads have it; a domain is no key.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        let kind = match self.kind {
            AddressKind::Email => KeyKind::Email,
            AddressKind::Phone => KeyKind::Phone,
            AddressKind::Domain => return None,
        };
        Some(Key { kind, value: self.value.clone() })
    }

    /// The domains that an e-mail address is in, the smallest first.
    pub(super) fn domains(&self) -> Vec<Self> {
        let Some((_, host)) = self.value.rsplit_once('@').filter(|_| self.kind == AddressKind::Email) else {
            return Vec::new();
        };
        let mut rest = host;
        let mut all = Vec::new();
        // A domain of one label is a whole country, and nobody closes that.
        while rest.contains('.') {
            all.push(Self { kind: AddressKind::Domain, value: rest.to_owned() });
            rest = rest.split_once('.').map_or("", |(_, rest)| rest);
        }
        all
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('@').trim_end_matches('.').to_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let is_domain = text.len() <= MAX_DOMAIN && text.contains('.') && text.split('.').all(is_label);
    // Numbers between points are an address of a machine, or a telephone number.
    let has_letters = text.contains(char::is_alphabetic);
    (is_domain && has_letters).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart_and_written_alike() {
        for (text, kind, value) in [
            (" Ada@Example.com ", AddressKind::Email, "ada@example.com"),
            ("@Example.com", AddressKind::Domain, "example.com"),
            ("mail.example.com.", AddressKind::Domain, "mail.example.com"),
        ] {
            let address = Address::guess(text).unwrap();
            assert_eq!((address.kind, address.value.as_str()), (kind, value), "{text}");
        }
        assert_eq!(Address::guess("+49 30 123456").unwrap().kind, AddressKind::Phone);
        for wrong in ["", "ada", "a b.c", "1.2.3", "-x.example"] {
            assert_eq!(Address::guess(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_country_is_no_domain_to_close() {
        let address = Address::read(AddressKind::Email, "a@b.co.example").unwrap();
        let domains: Vec<String> = address.domains().iter().map(ToString::to_string).collect();
        assert_eq!(domains, ["b.co.example", "co.example"]);
    }
}
