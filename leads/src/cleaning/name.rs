//! Capitals of names. Only names that were written without any thought to capitals are touched: all of them capitals, or
//! all small.

use std::iter;

/// Parts of names that stay small within a name.
const SMALL: &[&str] = &[
    "al", "bin", "da", "das", "de", "del", "dela", "della", "den", "der", "des", "di", "do", "dos", "du",
    "e", "el", "la", "las", "le", "los", "of", "op", "ten", "ter", "van", "vom", "von", "vander", "y", "zu",
    "zum", "zur",
];
/// Parts that keep their capitals.
const CAPITALS: &[&str] = &["ii", "iii", "iv", "jd", "md", "mba", "phd"];
/// How such parts are written.
const WRITTEN: &[&str] = &["II", "III", "IV", "JD", "MD", "MBA", "PhD"];
/// Names that begin like a Scottish "Mac" and are none.
const NO_MAC: &[&str] = &[
    "mace", "macedo", "macek", "macey", "mach", "machado", "macha", "machin", "macia", "macias", "maciel",
    "mack", "mackey", "mackie", "macklin", "macon", "macy",
];

/// `text` with the capitals of a name; `None` when it has small and capital letters already.
pub(super) fn cased(text: &str) -> Option<String> {
    let has_small = text.chars().any(char::is_lowercase);
    let has_capital = text.chars().any(char::is_uppercase);
    // One capital alone, such as an initial, is written as it should be.
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if has_small == has_capital || (has_capital && letters <= 1) || text.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    // Two or three capitals without a vowel are initials: "JR", "TJ".
    if has_capital && letters <= 3 && !text.contains(['A', 'E', 'I', 'O', 'U', 'Y', ' ']) && text.is_ascii() {
        return None;
    }
    let words: Vec<&str> = text.split(' ').collect();
    let cased: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(place, word)| {
            let small = word.to_lowercase();
            let is_inner = words.len() > 1 && place + 1 < words.len();
            if is_inner && SMALL.contains(&small.as_str()) {
                return small;
            }
            match CAPITALS.iter().position(|capitals| *capitals == small.trim_matches(['.', ','])) {
                Some(at) if place > 0 => small.replace(CAPITALS[at], WRITTEN[at]),
                _ => small.split('-').map(part).collect::<Vec<_>>().join("-"),
            }
        })
        .collect();
    Some(cased.join(" "))
}

/// One part of a name, given in small letters.
fn part(small: &str) -> String {
    for mark in ['\'', '’'] {
        if let Some((before, after)) = small.split_once(mark) {
            return match before {
                // O'Brien, D'Angelo, L'Oréal: both capitals.
                "o" | "d" | "l" => format!("{}{mark}{}", capital(before), capital(after)),
                _ => format!("{}{mark}{after}", capital(before)),
            };
        }
    }
    if let Some(rest) = small.strip_prefix("mc")
        && rest.chars().count() > 1
    {
        return format!("Mc{}", capital(rest));
    }
    if let Some(rest) = small.strip_prefix("mac")
        && rest.chars().count() > 3
        && !NO_MAC.contains(&small)
        && rest.starts_with(['a', 'b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 't'])
        && !rest.ends_with(['i', 'o', 'a'])
    {
        return format!("Mac{}", capital(rest));
    }
    capital(small)
}

fn capital(small: &str) -> String {
    let mut letters = small.chars();
    letters.next().map_or_else(String::new, |first| iter::once(upper(first)).chain(letters).collect())
}

/// The capital of a letter. One whose capital is several letters, like "ß", stays: the letters of a name are not ours
/// to change, and the second of them would be made small again.
fn upper(letter: char) -> char {
    let mut capital = letter.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::cased;

    #[test]
    fn names_get_their_capitals() {
        for (text, name) in [
            ("ada", "Ada"),
            ("ADA LOVELACE", "Ada Lovelace"),
            ("mcdonald", "McDonald"),
            ("MCDONALD", "McDonald"),
            ("macdonald", "MacDonald"),
            ("macias", "Macias"),
            ("o'brien", "O'Brien"),
            ("O’BRIEN", "O’Brien"),
            ("vincent van gogh", "Vincent van Gogh"),
            ("VAN DER BERG", "van der Berg"),
            ("jean-luc", "Jean-Luc"),
            ("müller", "Müller"),
            ("ÉLODIE", "Élodie"),
            ("john smith iii", "John Smith III"),
            ("maria de la cruz", "Maria de la Cruz"),
            ("são paulo", "São Paulo"),
            ("li", "Li"),
        ] {
            assert_eq!(cased(text).as_deref(), Some(name), "{text}");
        }
        for text in ["McDonald", "van der Berg", "DeShawn", "J", "JR", "TJ", "", "r2d2", "李"] {
            assert_eq!(cased(text), None, "{text}");
        }
    }

    #[test]
    fn a_cased_name_stays() {
        for text in ["ada lovelace", "VAN DER BERG", "o'neill-mccarthy"] {
            let once = cased(text).unwrap();
            assert_eq!(cased(&once), None, "{once}");
        }
    }
}
