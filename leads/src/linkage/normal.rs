//! The one form in which values of a role are compared: folded letters, digits of numbers, days as eight digits.
//! Placeholders such as `n/a` say nothing and are dropped. Nothing is guessed that the value does not say.

use super::role::Role;
use crate::cleaning;
use crate::key::{Key, KeyKind};
use unicode_normalization::UnicodeNormalization as _;

/// Longest value that is compared, in characters; the rest is dropped.
const MAX_CHARS: usize = 120;
/// What stands before or after a name without being part of it.
const TITLES: [&str; 14] =
    ["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "jr", "sr", "phd", "esq"];
/// Words of streets as people shorten them.
const STREETS: [(&str, &str); 18] = [
    ("st", "street"),
    ("str", "strasse"),
    ("rd", "road"),
    ("ave", "avenue"),
    ("av", "avenue"),
    ("pl", "place"),
    ("dr", "drive"),
    ("ct", "court"),
    ("cl", "close"),
    ("cct", "circuit"),
    ("crct", "circuit"),
    ("cres", "crescent"),
    ("cr", "crescent"),
    ("ln", "lane"),
    ("blvd", "boulevard"),
    ("hwy", "highway"),
    ("tce", "terrace"),
    ("sq", "square"),
];
/// `raw` in the form it is compared in; `None` when it says nothing.
pub(super) fn normal(role: Role, raw: &str) -> Option<String> {
    let raw = raw.trim();
    if raw.is_empty() {
        return None;
    }
    let folded = fold(raw);
    if folded.is_empty() || cleaning::says_nothing(role.as_str(), raw) {
        return None;
    }
    let value = match role {
        Role::FirstName | Role::LastName => without(&folded, &TITLES),
        Role::Email => email(raw)?,
        Role::Phone => Key::read(KeyKind::Phone, raw)?.value.trim_start_matches('+').to_owned(),
        Role::BirthDate => day(raw)?,
        Role::Street | Role::AddressLine => street(&folded),
        Role::PostalCode | Role::StreetNumber | Role::Number => {
            folded.chars().filter(|c| !c.is_whitespace()).collect()
        }
        Role::Company => fold(&cleaning::bare_company(raw)),
        Role::City | Role::Region | Role::Country | Role::JobTitle => folded,
    };
    (!value.is_empty()).then_some(value)
}

/// Small letters without accents, digits, and single blanks in place of everything else.
pub(super) fn fold(raw: &str) -> String {
    let mut folded = String::with_capacity(raw.len());
    let letters = raw.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    for c in letters.flat_map(char::to_lowercase).take(MAX_CHARS) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'þ' => folded.push_str("th"),
            // O'Brien is OBrien, and both are one word.
            '\'' | '\u{2019}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// `folded` without the words of `dropped`, unless nothing else would be left.
fn without(folded: &str, dropped: &[&str]) -> String {
    let kept: Vec<&str> = folded.split(' ').filter(|word| !dropped.contains(word)).collect();
    if kept.is_empty() { folded.to_owned() } else { kept.join(" ") }
}

fn street(folded: &str) -> String {
    let words = folded
        .split(' ')
        .map(|word| STREETS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long));
    words.collect::<Vec<_>>().join(" ")
}

/// The address in small letters without a `+tag`; what is no address still is compared as it stands.
fn email(raw: &str) -> Option<String> {
    let lowered: String = raw.to_lowercase().chars().filter(|c| !c.is_whitespace()).take(MAX_CHARS).collect();
    let Some((name, host)) = lowered.rsplit_once('@') else { return Some(lowered) };
    let name = name.split_once('+').map_or(name, |(name, _)| name);
    if name.is_empty() && host.is_empty() {
        return None;
    }
    Some(format!("{name}@{host}"))
}

/// A day as `yyyymmdd`; of other shapes their digits.
fn day(raw: &str) -> Option<String> {
    let date = raw.split(['T', ' ']).next().unwrap_or(raw);
    let parts: Vec<&str> =
        date.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let digits: String = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}{month:0>2}{day:0>2}"),
        [first, second, year] if year.len() == 4 => {
            // Where both could be months, the day stands first, as most of the world writes.
            let month_first = second.parse::<u8>().is_ok_and(|number| number > 12);
            let (day, month) = if month_first { (second, first) } else { (first, second) };
            format!("{year}{month:0>2}{day:0>2}")
        }
        _ => raw.chars().filter(char::is_ascii_digit).take(8).collect(),
    };
    (digits.len() >= 4).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_in_one_form() {
        for (role, raw, expected) in [
            (Role::FirstName, " Dr. José-María ", "jose maria"),
            (Role::LastName, "O’Brien", "obrien"),
            (Role::LastName, "Weiß", "weiss"),
            (Role::LastName, "Sir", "sir"),
            (Role::Email, "Ada+news@Example.COM", "ada@example.com"),
            (Role::Phone, "+44 (0)20 7946 0958", "442079460958"),
            (Role::BirthDate, "1971-06-24", "19710624"),
            (Role::BirthDate, "19710624", "19710624"),
            (Role::BirthDate, "24/6/1971", "19710624"),
            (Role::BirthDate, "6/24/1971", "19710624"),
            (Role::Street, "Main St.", "main street"),
            (Role::PostalCode, "SW1A 1AA", "sw1a1aa"),
            (Role::Company, "Acme Inc.", "acme"),
            (Role::Company, "Company", "company"),
            (Role::Company, "Example Solutions GmbH & Co. KG", "example solutions"),
        ] {
            assert_eq!(normal(role, raw).as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn what_says_nothing_is_dropped() {
        for raw in ["", "  ", "-", "N/A", "Select", "unknown", "null"] {
            assert_eq!(normal(Role::City, raw), None, "{raw}");
        }
        assert_eq!(normal(Role::Phone, "none of it"), None);
        assert_eq!(normal(Role::BirthDate, "1"), None);
    }
}
