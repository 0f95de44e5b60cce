//! States and provinces of the countries in whose addresses they stand: US, CA, AU, IN, BR and MX.
//!
//! `regions.tsv` holds one a line: country, code, name, other names.

use super::fold::folded;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A state or province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Two letters of its country.
    pub country: &'static str,
    /// Its code within the country, such as `CA`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

static REGIONS: LazyLock<HashMap<(&str, String), Region>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for line in include_str!("regions.tsv").lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [country, code, name, others] = parts[..] else { continue };
        let region = Region { country, code, name };
        for word in [code, name].into_iter().chain(others.split('|').filter(|word| !word.is_empty())) {
            known.insert((country, folded(word)), region);
        }
    }
    known
});

/// Whether states of this country are known.
pub(super) fn has_regions(country: &str) -> bool {
    matches!(country, "US" | "CA" | "AU" | "IN" | "BR" | "MX")
}

/// The state of `country` (two letters) that `text` names or abbreviates, also as ISO 3166-2 (`US-CA`).
#[must_use]
pub fn region(country: &str, text: &str) -> Option<&'static Region> {
    if text.len() > 100 {
        return None;
    }
    let text = text.trim();
    let short = text.get(..3).filter(|_| text.is_char_boundary(3));
    let text = match short {
        Some(prefix) if prefix.as_bytes()[2] == b'-' && prefix[..2].eq_ignore_ascii_case(country) => {
            &text[3..]
        }
        _ => text,
    };
    let known = ["US", "CA", "AU", "IN", "BR", "MX"].into_iter().find(|known| *known == country)?;
    REGIONS.get(&(known, folded(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_within_their_country() {
        for (country, text, code) in [
            ("US", "california", "CA"),
            ("US", "Calif.", "CA"),
            ("US", "US-NY", "NY"),
            ("US", "Washington, D.C.", "DC"),
            ("CA", "Québec", "QC"),
            ("AU", "nsw", "NSW"),
            ("IN", "Orissa", "OD"),
            ("BR", "Sao Paulo", "SP"),
            ("MX", "Nuevo Leon", "NLE"),
        ] {
            assert_eq!(region(country, text).map(|region| region.code), Some(code), "{country} {text}");
        }
        assert_eq!(region("US", "Bavaria"), None);
        assert_eq!(region("DE", "BY"), None);
        assert!(REGIONS.values().filter(|region| region.country == "US").count() > 56);
    }
}
