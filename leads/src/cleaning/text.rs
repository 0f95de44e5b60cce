//! Text without what nobody sees: control characters, zero-width letters, spaces at the ends and doubled ones; and text
//! that was written as UTF-8 and read as Windows-1252.

use encoding_rs::WINDOWS_1252;

/// `text` without what nobody sees; `None` when it is tidy already. Line breaks within stay.
pub(super) fn tidied(text: &str) -> Option<String> {
    let is_tidy = !text.starts_with(char::is_whitespace)
        && !text.ends_with(char::is_whitespace)
        && !text.contains("  ")
        && !text.chars().any(|c| is_unseen(c) || is_odd_space(c));
    if is_tidy {
        return None;
    }
    let mut tidy = String::with_capacity(text.len());
    for c in text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c)).chars() {
        match c {
            '\n' => {
                tidy.truncate(tidy.trim_end_matches(' ').len());
                tidy.push('\n');
            }
            c if c == ' ' || is_odd_space(c) => {
                if !tidy.ends_with([' ', '\n']) {
                    tidy.push(' ');
                }
            }
            c if is_unseen(c) => {}
            c => tidy.push(c),
        }
    }
    Some(tidy)
}

/// Characters that are not shown, the mark of a text's beginning and the soft hyphen among them. The joiners that Persian
/// and Indian scripts write with stay where letters of those scripts stand; here they are rarely meant.
fn is_unseen(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fffe}')
}

fn is_odd_space(c: char) -> bool {
    c != ' ' && c != '\n' && c.is_whitespace() && !(c.is_control() && c != '\t')
}

/// The text that was meant when its bytes were read as Windows-1252 though they were UTF-8; `None` when that did not
/// happen. Mended twice when it happened twice.
pub(super) fn mended(text: &str) -> Option<String> {
    let once = unread(text)?;
    Some(unread(&once).unwrap_or(once))
}

fn unread(text: &str) -> Option<String> {
    // The first byte of a two or three byte letter, as Windows-1252 shows it, followed by one that goes on.
    let looks_so = text.chars().zip(text.chars().skip(1)).any(|(first, second)| {
        matches!(first, '\u{c2}'..='\u{f4}') && !second.is_ascii() && !second.is_alphabetic()
            || matches!(first, 'Ã' | 'Â' | 'â') && !second.is_ascii()
    });
    if !looks_so {
        return None;
    }
    let (bytes, _, had_other_letters) = WINDOWS_1252.encode(text);
    if had_other_letters {
        return None;
    }
    let meant = String::from_utf8(bytes.into_owned()).ok()?;
    (meant != text && !meant.chars().any(char::is_control)).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_goes() {
        for (text, tidy) in [
            ("  Ada  Lovelace ", Some("Ada Lovelace")),
            ("Ada\u{a0}Lovelace", Some("Ada Lovelace")),
            ("\u{feff}Ada\u{200b}", Some("Ada")),
            ("A\0da\u{7}", Some("Ada")),
            ("a \r\n b", Some("a\nb")),
            ("a\tb", Some("a b")),
            ("\0", Some("")),
            ("Ada Lovelace", None),
            ("two\nlines", None),
        ] {
            assert_eq!(tidied(text).as_deref(), tidy, "{text:?}");
        }
    }

    #[test]
    fn text_read_in_the_wrong_encoding_is_mended() {
        for (text, meant) in [
            ("JosÃ©", Some("José")),
            ("MÃ¼ller & SÃ¶hne", Some("Müller & Söhne")),
            ("donâ€™t", Some("don’t")),
            ("JosÃƒÂ©", Some("José")),
            ("José", None),
            ("SÃO PAULO", None),
            ("Ângela", None),
            ("Müller", None),
            ("日本", None),
            ("plain", None),
        ] {
            assert_eq!(mended(text).as_deref(), meant, "{text}");
        }
    }
}
