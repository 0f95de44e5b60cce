//! Countries by ISO 3166-1: two letters, three letters, and their names in some thirty languages.
//!
//! `countries.tsv` holds one country a line: alpha-2, alpha-3, English name, other names. The names come from the
//! Unicode CLDR (Unicode licence 3.0), with those added that people use besides.

use super::fold::folded;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// Its two letters, such as `DE`.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
}

static COUNTRIES: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
    let lines = || include_str!("countries.tsv").lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let mut known = HashMap::new();
    for parts in lines() {
        let country = Country { code: parts[0], name: parts[2] };
        for name in &parts[..3] {
            known.insert(folded(name), country);
        }
    }
    for parts in lines() {
        let country = Country { code: parts[0], name: parts[2] };
        for name in parts[3].split('|') {
            // A code or an English name wins over another language's word.
            known.entry(folded(name)).or_insert(country);
        }
    }
    known.remove("");
    known
});

/// The country that `text` names or abbreviates.
#[must_use]
pub fn country(text: &str) -> Option<&'static Country> {
    if text.len() > 200 {
        return None;
    }
    let wanted = folded(text);
    COUNTRIES.get(&wanted).or_else(|| COUNTRIES.get(wanted.strip_prefix("the ")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_codes_and_languages_are_understood() {
        for (text, code) in [
            ("United Kingdom", "GB"),
            ("UK", "GB"),
            ("u.s.a.", "US"),
            ("usa", "US"),
            ("US", "US"),
            ("Deutschland", "DE"),
            ("ALLEMAGNE", "DE"),
            ("DEU", "DE"),
            ("España", "ES"),
            ("Espana", "ES"),
            ("Côte d'Ivoire", "CI"),
            ("The Netherlands", "NL"),
            ("Korea, Republic of", "KR"),
            ("日本", "JP"),
            ("Россия", "RU"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("Brasil", "BR"),
            ("viet nam", "VN"),
        ] {
            assert_eq!(country(text).map(|country| country.code), Some(code), "{text}");
        }
        for text in ["", "  ", "Atlantis", "XX", "California"] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    #[test]
    fn every_country_is_found_by_its_codes_and_its_name() {
        let lines: Vec<&str> = include_str!("countries.tsv").lines().collect();
        assert_eq!(lines.len(), 249);
        for line in lines {
            let parts: Vec<&str> = line.split('\t').collect();
            for name in &parts[..3] {
                assert_eq!(country(name).map(|country| country.code), Some(parts[0]), "{name}");
            }
        }
    }
}
