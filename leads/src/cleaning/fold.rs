//! Letters as they are compared: small, without accents, everything else a single space.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `Côte d’Ivoire` as `cote d ivoire`, `U.S.A.` as `usa`. Letters of other scripts stay.
pub(super) fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => plain.push_str("ss"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'ı' => plain.push('i'),
            'æ' => plain.push_str("ae"),
            // A dot within an abbreviation divides nothing.
            '.' => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ if plain.is_empty() || plain.ends_with(' ') => {}
            _ => plain.push(' '),
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn what_people_write_differently_is_compared_alike() {
        for (text, folded_text) in [
            ("  U.S.A. ", "usa"),
            ("Côte d’Ivoire", "cote d ivoire"),
            ("Großbritannien", "grossbritannien"),
            ("Trinidad & Tobago", "trinidad tobago"),
            ("日本", "日本"),
            ("--", ""),
        ] {
            assert_eq!(folded(text), folded_text, "{text}");
        }
    }
}
