//! Filters for names of companies.

use super::{FilterDoc, or_null, text_of};
use minijinja::{Environment, Error, Value as View};

/// Legal forms in small letters without dots, as one or two closing words.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "bhd",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "doo",
    "eg",
    "ek",
    "ev",
    "gesmbh",
    "gmbh",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "ohg",
    "ood",
    "ou",
    "oy",
    "oyj",
    "oü",
    "plc",
    "pte",
    "pty",
    "pvt",
    "rt",
    "sa",
    "sarl",
    "sas",
    "sasu",
    "sdn",
    "se",
    "sl",
    "slu",
    "spa",
    "spzoo",
    "srl",
    "sro",
    "ug",
    "zrt",
];
/// Words that only join two legal forms, as in "GmbH & Co. KG".
const JOINERS: &[&str] = &["&", "+", "and", "et", "u", "und"];

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("company_name", company_name);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    vec![FilterDoc::new(
        "text",
        "company_name",
        "The name of a company without its legal form, for comparing and for writing to people.",
        "{{ 'Example Solutions GmbH & Co. KG'|company_name }}",
        "Example Solutions",
    )]
}

fn company_name(value: &View) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.map(|text| without_legal_form(&text)).filter(|name| !name.is_empty())))
}

fn without_legal_form(text: &str) -> String {
    // "Sp. z o.o." and "S. A." are one form written as several words.
    let text = text.replace(" z o.o.", "zoo").replace(" z o. o.", "zoo").replace("S. A.", "SA");
    let mut words: Vec<&str> =
        text.split([' ', ',', '\t', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.last().is_some_and(|word| is_form(word) || is_joiner(word)) {
        words.pop();
    }
    words.join(" ")
}

fn is_form(word: &str) -> bool {
    let bare: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    LEGAL_FORMS.contains(&bare.as_str())
}

fn is_joiner(word: &str) -> bool {
    JOINERS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::without_legal_form;

    #[test]
    fn only_the_closing_form_goes() {
        for (text, expected) in [
            ("Acme, Inc.", "Acme"),
            ("ACME Corp", "ACME"),
            ("Acme S.A.", "Acme"),
            ("Acme S. A.", "Acme"),
            ("Acme Sp. z o.o.", "Acme"),
            ("Acme Pty Ltd", "Acme"),
            ("Acme A/S", "Acme"),
            ("Company of Heroes", "Company of Heroes"),
            ("Co", "Co"),
            ("", ""),
        ] {
            assert_eq!(without_legal_form(text), expected, "{text}");
        }
    }
}
