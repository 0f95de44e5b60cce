//! Names: from whatever a document calls things to names of manifests and words for people.

use std::collections::HashSet;

/// Longest name of an action or an input.
const LONGEST: usize = 56;

/// `text` in small letters, digits and `_`, beginning with a letter.
pub(super) fn snake(text: &str) -> String {
    let mut name = String::new();
    let letters: Vec<char> = text.chars().take(200).collect();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if begins_word && !name.ends_with('_') {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    let name = name.trim_matches('_');
    let name =
        if name.starts_with(|first: char| first.is_ascii_digit()) { format!("n{name}") } else { name.into() };
    name.chars().take(LONGEST).collect::<String>().trim_end_matches('_').to_owned()
}

/// `name`, or the first of `name_2`, `name_3`, ... that is free in `taken`, which it then is not any more.
pub(super) fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let name = if name.is_empty() { "value" } else { name };
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{number}");
        number += 1;
    }
    free
}

/// `first_name` or `firstName` as "First name".
pub(super) fn words(name: &str) -> String {
    let words: Vec<String> = snake(name)
        .split('_')
        .filter(|word| !word.is_empty())
        .enumerate()
        .map(|(at, word)| match word {
            "id" | "ids" | "url" | "uri" | "api" | "crm" | "sms" | "vat" | "utm" | "html" | "json" | "ip"
            | "uuid" | "gid" | "sku" | "faq" | "cc" | "bcc" => match word {
                "ids" => "IDs".to_owned(),
                word => word.to_uppercase(),
            },
            "email" if at == 0 => "E-mail".to_owned(),
            "email" => "e-mail".to_owned(),
            word if at == 0 => capital(word),
            word => word.to_owned(),
        })
        .collect();
    match words.is_empty() {
        true => super::prose::short(name, 40),
        false => words.join(" "),
    }
}

/// `text` with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A name for an app out of its title: `HubSpot CRM API v3` becomes `hubspot_crm`.
pub(super) fn app(title: &str) -> String {
    let noise = [
        "api",
        "apis",
        "rest",
        "public",
        "openapi",
        "swagger",
        "documentation",
        "docs",
        "reference",
        "specification",
        "s",
    ];
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_alphanumeric())
        .map(|word| word.to_ascii_lowercase())
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !word.is_empty())
        .filter(|word| !noise.contains(&word.as_str()))
        .filter(|word| {
            !(word.starts_with('v') && word[1..].bytes().all(|byte| byte.is_ascii_digit()) && word.len() > 1)
        })
        .take(4)
        .collect();
    let name: String = snake(&words.join("_")).chars().take(40).collect();
    let name = name.trim_end_matches('_');
    if name.is_empty() { "my_app".into() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_manifests() {
        for (from, to) in [
            ("getContactById", "get_contact_by_id"),
            ("GET_/crm/v3/objects", "get_crm_v3_objects"),
            ("HTTPRequest", "http_request"),
            ("2fa", "n2fa"),
            ("filter[name]", "filter_name"),
            ("\u{e9}\u{e9}", ""),
        ] {
            assert_eq!(snake(from), to);
        }
        let mut taken = HashSet::new();
        assert_eq!(
            [free("a", &mut taken), free("a", &mut taken), free("", &mut taken)],
            ["a", "a_2", "value"]
        );
        assert_eq!(words("ownerIds"), "Owner IDs");
        assert_eq!(words("email_address"), "E-mail address");
        assert_eq!(app("Pipedrive API v1"), "pipedrive");
        assert_eq!(app("Netlify's API documentation"), "netlify");
        assert_eq!(app("???"), "my_app");
    }
}
