//! Filters for text.

use super::pattern::kept;
use super::{FilterDoc, or_null, text_of, wrong};
use crate::expression::MAX_TEXT_BYTES;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, Value as View};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What people and web forms write when they have nothing to say, in small letters.
const PLACEHOLDERS: &[&str] = &[
    "-",
    "--",
    "---",
    ".",
    "?",
    "(none)",
    "choose",
    "n.a.",
    "n/a",
    "nil",
    "none",
    "not applicable",
    "not available",
    "not provided",
    "not specified",
    "null",
    "please choose",
    "please select",
    "select",
    "tbd",
    "undefined",
    "unknown",
];
/// Words for yes, in small letters.
pub(crate) const YES_WORDS: &[&str] = &["1", "on", "true", "y", "yes"];
/// Words for no, in small letters.
pub(crate) const NO_WORDS: &[&str] = &["0", "false", "n", "no", "off"];
/// Parts of names that stay small unless they come first.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "la", "le", "ter", "van",
    "von", "y",
];

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("lower", |value: &View| changed(value, str::to_lowercase));
    environment.add_filter("upper", |value: &View| changed(value, str::to_uppercase));
    environment.add_filter("capitalize", |value: &View| changed(value, capitalized));
    environment.add_filter("title", title);
    environment.add_filter("trim", trim);
    environment.add_filter("replace", replace);
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("blank", blank);
    environment.add_filter("name_case", name_case);
    environment.add_filter("slug", slug);
    environment.add_filter("truncate", truncate);
    environment.add_filter("split", split);
    environment.add_filter("words", words);
    environment.add_filter("matches", matches);
    environment.add_filter("extract", extract);
    environment.add_filter("yes_no", yes_no);
    environment.add_filter("sha256", sha256);
    environment.add_filter("urlencode", |value: &View| changed(value, percent_encoded));
    environment.add_test("blank", |value: &View| blank(value).is_none());
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc = |name, summary, example, result: Value| FilterDoc::new("text", name, summary, example, result);
    vec![
        doc("lower", "Small letters.", "{{ 'Berlin'|lower }}", "berlin".into()),
        doc("upper", "Capital letters.", "{{ 'de'|upper }}", "DE".into()),
        doc(
            "title",
            "Every word with a capital letter.",
            "{{ 'head of sales'|title }}",
            "Head Of Sales".into(),
        ),
        doc("capitalize", "The first letter as a capital.", "{{ 'new lead'|capitalize }}", "New lead".into()),
        doc(
            "name_case",
            "A person's name as it is usually written. Names already in mixed letters stay as they are.",
            "{{ \"ludwig VAN beethoven-o'brien\"|name_case }}",
            "Ludwig van Beethoven-O'Brien".into(),
        ),
        doc("trim", "Without spaces at both ends.", "{{ '  Ada '|trim }}", "Ada".into()),
        doc(
            "replace",
            "Every occurrence of one text replaced by another.",
            "{{ 'a_b_c'|replace('_', ' ') }}",
            "a b c".into(),
        ),
        doc("default", "Another value when this one is empty.", "{{ ''|default('there') }}", "there".into()),
        doc(
            "blank",
            "Nothing when the text only stands for nothing, such as \"Select\", \"n/a\", \"-\" or \"unknown\".",
            "{{ ' Select '|blank }}",
            Value::Null,
        ),
        doc(
            "slug",
            "Small letters, digits and hyphens, for web addresses.",
            "{{ 'Spring Sale: 20% off!'|slug }}",
            "spring-sale-20-off".into(),
        ),
        doc(
            "truncate",
            "At most so many characters, cut at a word, with an ellipsis.",
            "{{ 'We need a new CRM soon'|truncate(15) }}",
            "We need a new…".into(),
        ),
        doc(
            "split",
            "A list of the parts between separators; without a separator, of the words.",
            "{{ 'a, b,c'|split(',') }}",
            json!(["a", "b", "c"]),
        ),
        doc("words", "How many words the text has.", "{{ 'We need a CRM'|words }}", 4.into()),
        doc(
            "matches",
            "Whether a search pattern (regular expression) is found in the text.",
            "{{ 'VP Sales'|matches('(?i)vp|chief') }}",
            true.into(),
        ),
        doc(
            "extract",
            "The part a search pattern finds: its first group if it has one, otherwise all it found.",
            "{{ 'Order #4711 of May'|extract('#([0-9]+)') }}",
            "4711".into(),
        ),
        doc(
            "yes_no",
            "Yes or no out of text such as \"Yes\", \"on\", \"0\" or \"false\"; nothing when it is neither.",
            "{{ 'Yes'|yes_no }}",
            true.into(),
        ),
        doc(
            "urlencode",
            "The text as a part of a web address, with spaces, slashes and other signs written as codes.",
            "{{ 'Ada & Co/1'|urlencode }}",
            "Ada%20%26%20Co%2F1".into(),
        ),
        doc(
            "sha256",
            "The SHA-256 of the text as 64 hexadecimal digits, as advertising platforms want addresses.",
            "{{ 'ada@example.com'|sha256 }}",
            "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72".into(),
        ),
    ]
}

/// The text in `value`, changed.
fn changed(value: &View, change: impl Fn(&str) -> String) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.map(|text| change(&text))))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

/// `text` with everything but letters, digits and `-._~` written as percent codes.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn title(value: &View) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.map(minijinja::filters::title)))
}

fn trim(value: &View, chars: Option<&str>) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.map(|text| match chars {
        Some(chars) => text.trim_matches(|c| chars.contains(c)).to_owned(),
        None => text.trim().to_owned(),
    })))
}

fn replace(value: &View, from: &View, to: &View) -> Result<View, Error> {
    let Some(text) = text_of(value)? else { return Ok(View::from(())) };
    let (Some(from), to) = (text_of(from)?, text_of(to)?.unwrap_or_default()) else {
        return Ok(View::from(text));
    };
    if from.is_empty() {
        return Ok(View::from(text));
    }
    let grows = text.matches(from.as_ref()).count().saturating_mul(to.len());
    if grows.saturating_add(text.len()) > 2 * MAX_TEXT_BYTES {
        return Err(wrong("the text would become too long"));
    }
    Ok(View::from(text.replace(from.as_ref(), &to)))
}

/// Jinja's own filter looks for undefined values only; here data comes from forms and files, where an empty field is
/// `null` or empty text. `false` and `0` are values.
fn default(value: View, other: Option<View>) -> View {
    let empty = match value.kind() {
        ValueKind::Undefined | ValueKind::None => true,
        ValueKind::String => value.as_str().is_some_and(|text| text.trim().is_empty()),
        _ => false,
    };
    if empty { other.unwrap_or_else(|| View::from("")) } else { value }
}

fn blank(value: &View) -> View {
    match value.as_str() {
        Some(text) if is_placeholder(text) => View::from(()),
        Some(text) => View::from(text.trim()),
        None if value.is_undefined() => View::from(()),
        None => value.clone(),
    }
}

fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    // In capitals it is the mark of an empty cell; "Na" is a family name.
    text.is_empty() || text == "NA" || PLACEHOLDERS.contains(&text.to_lowercase().as_str())
}

fn name_case(value: &View) -> Result<View, Error> {
    let name = text_of(value)?.map(|text| {
        let words = text.split_whitespace().enumerate();
        words.map(|(at, word)| name_word(word, at == 0)).collect::<Vec<_>>().join(" ")
    });
    Ok(or_null(name.filter(|name| !name.is_empty())))
}

fn name_word(word: &str, first: bool) -> String {
    let letters = || word.chars().filter(|c| c.is_alphabetic());
    let one_case = letters().all(char::is_uppercase) || letters().all(char::is_lowercase);
    let small = word.to_lowercase();
    if !first && PARTICLES.contains(&small.as_str()) {
        return small;
    }
    if !one_case {
        return word.to_owned();
    }
    if matches!(small.as_str(), "ii" | "iii" | "iv") {
        return small.to_uppercase();
    }
    let mut cased = String::with_capacity(word.len());
    // Letters since the last hyphen or full stop, and whether the next one is a capital.
    let (mut letters, mut starts, mut before) = (0_usize, true, ' ');
    for c in small.chars() {
        if starts {
            cased.extend(c.to_uppercase());
        } else {
            cased.push(c);
        }
        match c {
            '-' | '.' => (letters, starts) = (0, true),
            // "O'Brien", but not "Jane'S".
            '\'' | '’' => starts = letters == 1,
            _ => {
                letters += 1;
                starts = letters == 2 && before == 'm' && c == 'c';
            }
        }
        before = c;
    }
    cased
}

fn slug(value: &View) -> Result<View, Error> {
    let slug = text_of(value)?.map(|text| {
        let mut slug = String::with_capacity(text.len());
        for c in text.chars().flat_map(char::to_lowercase) {
            if c.is_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' && c != '’' {
                slug.push('-');
            }
        }
        slug.trim_end_matches('-').to_owned()
    });
    Ok(or_null(slug.filter(|slug| !slug.is_empty())))
}

#[expect(clippy::needless_pass_by_value, reason = "MiniJinja hands its arguments over by value")]
fn truncate(value: &View, length: Option<usize>, options: Kwargs) -> Result<View, Error> {
    let end = options.get::<Option<&str>>("end")?.unwrap_or("…");
    let length = match length {
        Some(length) => length,
        None => options.get::<Option<usize>>("length")?.unwrap_or(255),
    };
    options.assert_all_used()?;
    let Some(text) = text_of(value)? else { return Ok(View::from(())) };
    if text.chars().nth(length).is_none() {
        return Ok(View::from(text));
    }
    let room = length.saturating_sub(end.chars().count());
    let kept = &text[..text.char_indices().nth(room).map_or(text.len(), |(at, _)| at)];
    let goes_on_inside_word = text[kept.len()..].starts_with(|c: char| !c.is_whitespace());
    let whole_words =
        kept.rfind(char::is_whitespace).filter(|_| goes_on_inside_word).map_or(kept, |at| &kept[..at]);
    let kept = if whole_words.trim().is_empty() { kept } else { whole_words };
    Ok(View::from(format!("{}{end}", kept.trim_end())))
}

fn split(value: &View, separator: Option<&str>) -> Result<View, Error> {
    let Some(text) = text_of(value)? else { return Ok(View::from(())) };
    let parts: Vec<&str> = match separator {
        Some(separator) if !separator.is_empty() => text.split(separator).map(str::trim).collect(),
        _ => text.split_whitespace().collect(),
    };
    Ok(View::from_iter(parts.into_iter().filter(|part| !part.is_empty())))
}

fn words(value: &View) -> Result<View, Error> {
    Ok(View::from(text_of(value)?.map_or(0, |text| text.split_whitespace().count())))
}

fn matches(value: &View, pattern: &str) -> Result<bool, Error> {
    let regex =
        kept(pattern).map_err(|why| wrong(format!("the pattern \"{pattern}\" cannot be used: {why}")))?;
    Ok(text_of(value)?.is_some_and(|text| regex.is_match(&text)))
}

fn extract(value: &View, pattern: &str) -> Result<View, Error> {
    let regex =
        kept(pattern).map_err(|why| wrong(format!("the pattern \"{pattern}\" cannot be used: {why}")))?;
    let Some(text) = text_of(value)? else { return Ok(View::from(())) };
    let found = regex.captures(&text).and_then(|found| found.get(1).or_else(|| found.get(0)));
    Ok(or_null(found.map(|part| part.as_str())))
}

fn yes_no(value: &View) -> Result<View, Error> {
    let answer = text_of(value)?.and_then(|text| {
        let word = text.trim().to_lowercase();
        let yes = YES_WORDS.contains(&word.as_str());
        (yes || NO_WORDS.contains(&word.as_str())).then_some(yes)
    });
    Ok(or_null(answer))
}

fn sha256(value: &View) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.map(|text| hex::encode(Sha256::digest(text.as_bytes())))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_their_owners_wrote() {
        for (text, expected) in [
            ("ADA LOVELACE", "Ada Lovelace"),
            ("DeShawn", "DeShawn"),
            ("mcdonald", "McDonald"),
            ("jean-luc picard", "Jean-Luc Picard"),
            ("van halen", "Van Halen"),
            ("o’neill", "O’Neill"),
            ("j.r.r. tolkien", "J.R.R. Tolkien"),
            ("HENRY III", "Henry III"),
            ("JANE'S", "Jane's"),
            ("MCCOY-MCGEE", "McCoy-McGee"),
        ] {
            assert_eq!(name_case(&View::from(text)).unwrap().as_str(), Some(expected));
        }
    }

    #[test]
    fn placeholders_are_nothing_and_names_are_not() {
        for text in ["Select", " N/A ", "-", "UNKNOWN", "", "NA", "Not provided"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["Na", "Nonesuch Ltd", "0", "Selecta"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn a_long_word_of_apostrophes_costs_no_more_than_its_length() {
        let long = "o'".repeat(1_000_000);
        assert_eq!(name_word(&long, true).len(), long.len());
    }

    #[test]
    fn a_replacement_cannot_explode() {
        let long = View::from("a".repeat(10_000));
        assert!(replace(&long, &View::from("a"), &View::from("b".repeat(1_000))).is_err());
    }
}
