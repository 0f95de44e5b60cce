//! Text as it is compared: small Latin letters without accents, whatever script or habit it was written in.
//!
//! Greek and Cyrillic are written in Latin letters, letters that are no accented ones (`ø`, `ß`) as people type them
//! without such a key. Scripts without letters, such as Chinese, stay as they are.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `text` in small letters without accents; everything that is neither letter nor digit stays.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        for small in letter.to_lowercase() {
            match latin(small) {
                Some(latin) => folded.push_str(latin),
                None => folded.push(small),
            }
        }
    }
    folded
}

/// A letter that no decomposition brings to Latin, as it is typed without it.
fn latin(letter: char) -> Option<&'static str> {
    if letter.is_ascii() {
        return None;
    }
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŋ' => "ng",
        'а' | 'α' => "a",
        'б' => "b",
        'в' | 'β' => "v",
        'г' | 'γ' | 'ґ' => "g",
        'д' | 'δ' => "d",
        'е' | 'э' | 'ε' | 'є' => "e",
        'ж' => "zh",
        'з' | 'ζ' => "z",
        'и' | 'й' | 'ι' | 'η' | 'і' | 'υ' => "i",
        'к' | 'κ' => "k",
        'л' | 'λ' => "l",
        'м' | 'μ' => "m",
        'н' | 'ν' => "n",
        'о' | 'ο' | 'ω' => "o",
        'п' | 'π' => "p",
        'р' | 'ρ' => "r",
        'с' | 'σ' | 'ς' => "s",
        'т' | 'τ' => "t",
        'у' => "u",
        'ф' | 'φ' => "f",
        'х' => "kh",
        'χ' => "ch",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        'θ' => "th",
        'ξ' => "x",
        'ψ' => "ps",
        _ => return None,
    })
}

/// How a word sounds, roughly: its first letter and the consonants that follow, each sound written in one way. Words
/// that are misheard or written in another language's spelling (`Philips`, `Filips`) sound alike.
pub(crate) fn sound(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let mut sound = String::with_capacity(word.len());
    let mut place = 0;
    while place < letters.len() {
        let (now, next) = (at(place), at(place + 1));
        let mut taken = 1;
        let said = match now {
            'p' if next == 'h' => {
                taken = 2;
                'f'
            }
            's' if next == 'c' && at(place + 2) == 'h' => {
                taken = 3;
                's'
            }
            's' if next == 'h' => {
                taken = 2;
                's'
            }
            'd' if next == 'z' => {
                taken = if at(place + 2) == 'h' { 3 } else { 2 };
                'j'
            }
            'z' | 'ç' => 's',
            'c' if matches!(next, 'e' | 'i' | 'y') => 's',
            'c' if next == 'k' => {
                taken = 2;
                'k'
            }
            'c' | 'q' => {
                taken = if next == 'h' { 2 } else { 1 };
                'k'
            }
            'k' if next == 'h' => {
                taken = 2;
                'k'
            }
            'g' if matches!(next, 'e' | 'i' | 'y') => 'j',
            'w' => 'v',
            'x' => 'k',
            'h' | 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' if place > 0 => ' ',
            'y' => 'i',
            other => other,
        };
        if said != ' ' && !sound.ends_with(said) {
            sound.push(said);
        }
        place += taken;
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_scripts_do_not_matter() {
        for (written, compared) in [
            ("Société Générale", "societe generale"),
            ("Ørsted A/S", "orsted a/s"),
            ("STRAẞE", "strasse"),
            ("Газпром", "gazprom"),
            ("ΑΛΦΑ", "alfa"),
            ("ＡＢＣ", "abc"),
            ("トヨタ", "トヨタ"),
        ] {
            assert_eq!(folded(written), compared);
        }
    }

    #[test]
    fn words_that_are_misheard_sound_alike() {
        for (one, other) in [
            ("philips", "filips"),
            ("phillips", "philps"),
            ("elektroniks", "electronics"),
            ("technology", "teknolodzhi"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        assert_ne!(sound("motor"), sound("monitor"));
        // The price: words that differ in vowels alone sound alike. What counts in the end is how they are written.
        assert_eq!(sound("motor"), sound("meter"));
    }
}
