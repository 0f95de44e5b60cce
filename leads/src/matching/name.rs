//! A company name, taken apart into the words it is compared by.
//!
//! What does not tell companies apart is set aside: legal forms, capitals, accents, punctuation, how initials are
//! spaced, and what follows the legal form, which is an address more often than not. Nothing is thrown away as long as
//! it is all there is: a company may well be called `The Company`.

use super::text::{folded, sound};
use super::words::{self, Class};

/// Most words of a name that are looked at.
const MAX_WORDS: usize = 10;
/// Longest text that is read, in bytes.
const MAX_BYTES: usize = 400;
/// How much less a word counts that follows the legal form or stands in brackets.
const ASIDE: f64 = 0.3;
/// Words between two names of the same company.
const ALSO_CALLED: &[&str] =
    &["dba", "aka", "fka", "formerly", "vormals", "anciennement", "t/a", "d/b/a", "a/k/a", "f/k/a"];

/// A word of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    /// As it is compared.
    pub(crate) text: String,
    /// As it was written, folded.
    pub(crate) written: String,
    /// What sort of word it is.
    pub(crate) class: Class,
    /// How it sounds; empty for short words.
    pub(crate) sound: String,
    /// Its weight before its rarity.
    pub(crate) weight: f64,
}

/// A company name as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// Its words in their order.
    pub(crate) words: Vec<Word>,
    /// All words but asides, without blanks.
    pub(crate) joined: String,
    /// The first letters of its words, when there are at least two.
    pub(crate) initials: Option<String>,
    /// Its legal forms.
    pub(crate) forms: Vec<String>,
}

/// A piece of a written name.
struct Piece {
    text: String,
    /// Whether it stands in brackets.
    in_brackets: bool,
}

impl Name {
    /// The names in `written`, the first one first: `Acme dba Roadrunner` is two. Empty when there is none.
    #[must_use]
    pub fn all(written: &str) -> Vec<Self> {
        let mut end = written.len().min(MAX_BYTES);
        while !written.is_char_boundary(end) {
            end -= 1;
        }
        let folded = folded(&written[..end]);
        let mut rest: Vec<&str> = Vec::new();
        let mut names = Vec::new();
        for part in folded.split_whitespace() {
            if ALSO_CALLED.contains(&part.trim_matches(['(', ')', ',', '.', ':', ';'])) && !rest.is_empty() {
                names.extend(Self::read(&rest.join(" ")));
                rest.clear();
            } else {
                rest.push(part);
            }
        }
        names.extend(Self::read(&rest.join(" ")));
        names.truncate(3);
        names
    }

    /// The name in folded text.
    fn read(folded: &str) -> Option<Self> {
        let mut pieces = initials_joined(pieces(folded));
        pieces.truncate(MAX_WORDS + 6);
        let (words, forms) = without_forms(&pieces);
        let mut words: Vec<Word> = words;
        words.truncate(MAX_WORDS);
        if words.is_empty() {
            return None;
        }
        let told = |word: &&Word| word.weight > Class::Filler.weight();
        if !words.iter().any(|word| word.class == Class::Core) {
            // "The General Group": what is common elsewhere is all there is here.
            for word in words.iter_mut().filter(|word| word.class == Class::Generic) {
                word.weight = word.weight.max(0.7);
            }
        }
        let joined: String = words.iter().filter(told).map(|word| word.written.as_str()).collect();
        let firsts: String =
            words.iter().filter(told).filter_map(|word| word.written.chars().next()).collect();
        let initials = (firsts.chars().count() >= 2).then_some(firsts);
        Some(Self { words, joined, initials, forms })
    }

    /// Whether `other` is this name, but for legal forms and spelling of common words.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        super::compare::compare(self, other, |_| 1.0).is_same
    }

    /// Whether any word of it is its own.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.words.iter().any(|word| word.class == Class::Core)
    }
}

/// Cuts folded text at everything that is neither letter nor digit.
fn pieces(folded: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut current = String::new();
    let (mut brackets, mut braces) = (0_u32, 0_u32);
    let mut end = |current: &mut String, brackets: u32| {
        if !current.is_empty() {
            pieces.push(Piece { text: std::mem::take(current), in_brackets: brackets > 0 });
        }
    };
    let letters: Vec<char> = folded.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        match letter {
            // What a machine could not write: `{umlaut over (n)}`.
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ if braces > 0 => {}
            '(' | '[' => {
                end(&mut current, brackets);
                // A bracket that is never closed is a slip of the pen.
                let closing = if letter == '(' { ')' } else { ']' };
                brackets += u32::from(letters[place..].contains(&closing));
            }
            ')' | ']' => {
                end(&mut current, brackets);
                brackets = brackets.saturating_sub(1);
            }
            '\'' | '’' | '`' | '´' => {
                // `Philip's` and `L'Oréal` are one word, `Philips' works` are two.
                let next = letters.get(place + 1).copied().unwrap_or(' ');
                let after = letters.get(place + 2).copied().unwrap_or(' ');
                let is_one = next.is_alphabetic()
                    && (current.chars().count() == 1 || (next == 's' && !after.is_alphanumeric()));
                if !is_one {
                    end(&mut current, brackets);
                }
            }
            '&' | '+' => {
                end(&mut current, brackets);
                current.push_str("and");
                end(&mut current, brackets);
            }
            _ if letter.is_alphanumeric() => current.push(letter),
            _ => end(&mut current, brackets),
        }
    }
    end(&mut current, brackets);
    pieces
}

/// Writes initials together: `D. S. M.` and `N V` become `dsm` and `nv`. A legal form at the end of them stands alone.
fn initials_joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut run: Vec<Piece> = Vec::new();
    let close = |run: &mut Vec<Piece>, joined: &mut Vec<Piece>| {
        let Some(first) = run.first() else { return };
        let in_brackets = first.in_brackets;
        let all: String = run.drain(..).map(|piece| piece.text).collect();
        let form_at =
            (0..all.len()).find(|&at| all.is_char_boundary(at) && words::is_form_at_end(&all[at..]));
        let (name, form) = all.split_at(form_at.unwrap_or(all.len()));
        for text in [name, form].into_iter().filter(|text| !text.is_empty()) {
            joined.push(Piece { text: text.to_owned(), in_brackets });
        }
    };
    for piece in pieces {
        if piece.text.chars().count() == 1 && piece.text.chars().all(char::is_alphabetic) {
            run.push(piece);
        } else {
            close(&mut run, &mut joined);
            joined.push(piece);
        }
    }
    close(&mut run, &mut joined);
    joined
}

/// Sets legal forms aside, and makes what follows them, or stands in brackets, count less.
fn without_forms(pieces: &[Piece]) -> (Vec<Word>, Vec<String>) {
    let count = pieces.len();
    let is_named = |piece: &Piece| words::of(&piece.text).0 != Class::Filler && !words::is_form(&piece.text);
    let named = pieces.iter().filter(|piece| is_named(piece)).count();
    let mut forms = Vec::new();
    let mut kept: Vec<Word> = Vec::with_capacity(count);
    let mut is_over = false;
    for (place, piece) in pieces.iter().enumerate() {
        let rest_are_forms =
            pieces[place + 1..].iter().all(|later| words::is_form_at_end(&later.text) || later.text == "and");
        let at_edge = rest_are_forms || is_over || (place == 0 && count > 1);
        let is_form = words::is_form(&piece.text) || (at_edge && words::is_form_at_end(&piece.text));
        let is_needed = named == 0 || (named == 1 && is_named(piece) && !words::is_form(&piece.text));
        if is_form && !is_needed {
            forms.push(piece.text.clone());
            is_over |= !kept.is_empty();
            continue;
        }
        let (class, text) = words::of(&piece.text);
        let is_short = piece.text.chars().count() == 1;
        let aside = if is_over || piece.in_brackets { ASIDE } else { 1.0 };
        let weight = if is_short { Class::Filler.weight() * 2.0 } else { class.weight() } * aside;
        let sound = if class == Class::Core && text.len() >= 5 { sound(text) } else { String::new() };
        kept.push(Word { text: text.to_owned(), written: piece.text.clone(), class, sound, weight });
    }
    if kept.is_empty() {
        // Nothing but legal forms: then they are the name.
        kept = forms
            .drain(..)
            .map(|form| Word {
                text: form.clone(),
                written: form,
                class: Class::Core,
                sound: String::new(),
                weight: 1.0,
            })
            .collect();
    }
    (kept, forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> String {
        let names: Vec<String> = Name::all(written)
            .iter()
            .map(|name| name.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        names.join(" | ")
    }

    #[test]
    fn what_does_not_tell_companies_apart_is_set_aside() {
        for (written, compared) in [
            ("Acme Rockets, Inc.", "acme rockets"),
            ("ACME ROCKETS GmbH & Co. KG", "acme rockets and"),
            ("N.V. Acme", "acme"),
            ("A.C.M.E. B. V.", "acme"),
            ("D S M N V", "dsm"),
            ("Acme N,V,", "acme"),
            ("L'Oréal S.A.", "loreal"),
            ("McDonald's Corp", "mcdonalds"),
            ("Philips' Works", "philips manufacturing"),
            ("Acme Intl", "acme international"),
            ("Kabushiki Kaisha Acme", "acme"),
            ("Acme, a d/b/a Roadrunner", "acme a | roadrunner"),
            ("Acme I{umlaut over (n)}dustries", "acme idustries"),
            ("The Company", "the company"),
            ("SAS", "sas"),
            ("GmbH", "gmbh"),
            ("", ""),
            (" - ", ""),
        ] {
            assert_eq!(read(written), compared, "{written}");
        }
    }

    #[test]
    fn an_address_after_the_legal_form_counts_less() {
        let name = &Name::all("Acme N.V., Eindhoven, NL")[0];
        assert_eq!(name.joined, "acmeeindhovennl");
        assert!(name.words[0].weight > 3.0 * name.words[1].weight);
        assert_eq!(name.forms, ["nv"]);
    }
}
