//! What people type into the search boxes of runs and leads, before a database looks it up.

use trunkline_leads::{Key, KeyKind, linkage};
use uuid::Uuid;

/// Fewest hex digits that are taken for the start of a run id; fewer would match years of runs.
const MIN_DIGITS: usize = 4;

/// Most words by which a lead is found.
const MOST_WORDS: usize = 24;
/// Longest part of a word by which a lead is found, in characters.
const LONGEST_WORD: usize = 40;

/// The words of a text, in lower case and each once. `ada@x-y.org` has four.
pub(crate) fn lead_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in linkage::words(text) {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() == MOST_WORDS {
            break;
        }
    }
    words
}

/// A text that comes after every word that begins with `word`, in the order of bytes.
pub(crate) fn after_words(word: &str) -> String {
    format!("{word}\u{10ffff}")
}

/// What a text may stand for.
pub(crate) struct Found {
    /// The first and last run id that begin so.
    pub(crate) runs: Option<(Uuid, Uuid)>,
    /// Leads with this id, e-mail address, external id or phone number.
    pub(crate) leads: Vec<Uuid>,
}

/// The keys of leads that `text` may be.
pub(crate) fn keys_of(text: &str) -> Vec<Key> {
    KeyKind::ALL.into_iter().filter_map(|kind| Key::read(kind, text)).collect()
}

/// The first and last id whose text begins with `prefix`; dashes and capitals do not matter.
pub(crate) fn ids_starting(prefix: &str) -> Option<(Uuid, Uuid)> {
    let digits: String = prefix.chars().filter(|c| *c != '-').collect();
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex || !(MIN_DIGITS..=32).contains(&digits.len()) {
        return None;
    }
    Some((Uuid::try_parse(&format!("{digits:0<32}")).ok()?, Uuid::try_parse(&format!("{digits:f<32}")).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_spans_every_id_that_begins_so() {
        let (first, last) = ids_starting("0192-ABCD").unwrap();
        assert_eq!(first.to_string(), "0192abcd-0000-0000-0000-000000000000");
        assert_eq!(last.to_string(), "0192abcd-ffff-ffff-ffff-ffffffffffff");
        let whole = Uuid::from_u128(7);
        assert_eq!(ids_starting(&whole.to_string()), Some((whole, whole)));
    }

    #[test]
    fn leads_are_found_by_the_words_between_signs() {
        assert_eq!(lead_words("Ada Lovelace\nada@x-y.org"), ["ada", "lovelace", "x", "y", "org"]);
        assert_eq!(lead_words("Ünal & Söhne"), ["ünal", "söhne"]);
        assert!(lead_words(" %_-. ").is_empty());
        let word = "an";
        assert!(
            ["an", "ana", "an\u{10fffe}"].iter().all(|other| *other >= word && **other < *after_words(word))
        );
        assert!(*"ao" > *after_words(word));
    }

    #[test]
    fn short_or_other_texts_are_no_ids() {
        for text in ["", "01", "zzzz", "ada@example.com", &"0".repeat(33)] {
            assert_eq!(ids_starting(text), None, "{text}");
        }
    }
}
