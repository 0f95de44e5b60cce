//! Letters without their accents, for slugs and for an order in which `Ä` stands beside `A`.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `text` with plain letters: `Zoë Müller` is `Zoe Muller`, `Straße` is `Strasse`.
///
/// Letters of other scripts stay as they are, and so do their marks that are letters of their own.
pub(super) fn removed(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().filter(|&c| !is_latin_mark(c)) {
        match spelt_out(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(c),
        }
    }
    // What was taken apart and has no accent, such as Korean syllables, is put together again.
    plain.nfc().collect()
}

/// Accents of Latin, Greek and Cyrillic letters. Marks of other scripts carry the vowels.
fn is_latin_mark(c: char) -> bool {
    is_combining_mark(c) && ('\u{300}'..='\u{36f}').contains(&c)
}

/// Letters that are no letter with an accent, as they are usually written without them.
fn spelt_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::removed;

    #[test]
    fn plain_letters_stay_and_others_lose_their_marks() {
        for (text, plain) in [
            ("Zoë Müller, Łódź", "Zoe Muller, Lodz"),
            ("Straße Ærø", "Strasse AEro"),
            ("São João", "Sao Joao"),
            ("plain 123", "plain 123"),
            ("한국어 日本", "한국어 日本"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(removed(text), plain);
        }
    }
}
