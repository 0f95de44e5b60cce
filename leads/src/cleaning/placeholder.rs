//! Words that say "no answer". A name or a company may be called like one, so only whole values count.

/// Sorted, in small letters, without the signs around them.
const WORDS: &[&str] = &[
    "aucun",
    "blank",
    "choose",
    "choose one",
    "dummy",
    "empty",
    "k a",
    "keine angabe",
    "leer",
    "n a",
    "n d",
    "na",
    "nan",
    "nil",
    "no answer",
    "no data",
    "none",
    "not applicable",
    "not available",
    "not given",
    "not provided",
    "not set",
    "not specified",
    "null",
    "please choose",
    "please select",
    "s o",
    "select",
    "select one",
    "tba",
    "tbc",
    "tbd",
    "test",
    "test test",
    "undefined",
    "unknown",
    "unspecified",
];
/// Fields in which such a word is an answer: a person may be called Na or Null, and NA is Namibia.
const ANSWERS: &[(&str, &[&str])] = &[
    ("first_name", &["na", "nan"]),
    ("last_name", &["na", "nan", "nil", "null"]),
    ("country", &["na"]),
    ("region", &["na"]),
    ("state", &["na"]),
];

/// Whether `text` stands in the field `name` for nothing.
pub(crate) fn says_nothing(name: &str, text: &str) -> bool {
    if text.is_empty() || text.len() > 40 {
        return false;
    }
    let mut word = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty() && !word.ends_with(' ') {
            word.push(' ');
        }
    }
    let word = word.trim_end();
    if word.is_empty() {
        // "-", "--", "?", "." and "n/a" without letters.
        return true;
    }
    let is_word =
        WORDS.binary_search(&word).is_ok() || (word.len() > 2 && word.bytes().all(|byte| byte == b'x'));
    // "n/a" is nobody's name, "Na" may be.
    let is_plain = text.chars().all(char::is_alphabetic);
    let is_answer = ANSWERS.iter().any(|(field, words)| *field == name && words.contains(&word));
    is_word && !(is_answer && is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_nothing_is_nothing() {
        assert!(WORDS.is_sorted());
        for text in [
            "Select", "n/a", "N.A.", "NA", "-", "--", "?", "none", "UNKNOWN", "[null]", "#N/A", "xxx",
            "test", "(Test)",
        ] {
            assert!(says_nothing("company", text), "{text}");
        }
        for text in ["Nona", "Testa GmbH", "Select Software", "0", "No", "x", "Nil Desperandum", ""] {
            assert!(!says_nothing("company", text), "{text}");
        }
        assert!(!says_nothing("last_name", "Null") && says_nothing("last_name", "n/a"));
        assert!(!says_nothing("country", "NA") && says_nothing("country", "N/A"));
    }
}
