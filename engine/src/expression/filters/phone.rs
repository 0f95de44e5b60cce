//! Filters for telephone numbers.

use super::{FilterDoc, or_null, text_of, wrong};
use minijinja::{Environment, Error, Value as View};
use phonenumber::country::Id;

/// Longest text that is read as a telephone number.
const MAX_PHONE_TEXT: usize = 40;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("phone", phone);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    vec![FilterDoc::new(
        "phone",
        "phone",
        "The number in international form. Numbers without a country code are read as numbers of the country given by \
         its two letters. Nothing when it cannot be a telephone number.",
        "{{ '(650) 253-0000'|phone('US') }}",
        "+16502530000",
    )]
}

fn phone(value: &View, country: Option<&View>) -> Result<View, Error> {
    let country = match country.map(text_of).transpose()?.flatten() {
        Some(code) if !code.trim().is_empty() => {
            Some(code.trim().to_uppercase().parse::<Id>().map_err(|_| {
                wrong(format!("\"{code}\" is not a country; write its two letters, such as US or DE"))
            })?)
        }
        _ => None,
    };
    Ok(or_null(text_of(value)?.and_then(|text| read(country, &text))))
}

/// `text` as an international number (E.164); without a country code it is read as a number of `country`, given by its
/// two letters. `None` when it cannot be a telephone number.
#[must_use]
pub fn international(country: Option<&str>, text: &str) -> Option<String> {
    read(country.and_then(|code| code.parse().ok()), text)
}

fn read(country: Option<Id>, text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_PHONE_TEXT || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    // Written "00" abroad, the plus sign is what every country understands.
    let text = text.strip_prefix("00").map_or_else(|| text.to_owned(), |rest| format!("+{rest}"));
    let number = phonenumber::parse(country, text).ok()?;
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_international_or_nothing() {
        for (country, text, expected) in [
            (Some(Id::US), "650-253-0000", Some("+16502530000")),
            (Some(Id::DE), "030 901820", Some("+4930901820")),
            (None, "+44 20 7946 0018", Some("+442079460018")),
            (Some(Id::US), "0044 20 7946 0018", Some("+442079460018")),
            (None, "650-253-0000", None),
            (Some(Id::US), "123", None),
            (Some(Id::US), "call me", None),
            (None, "+", None),
        ] {
            assert_eq!(read(country, text).as_deref(), expected, "{text}");
        }
    }
}
