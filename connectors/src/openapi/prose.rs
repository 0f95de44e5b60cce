//! Words of a document made fit for a form: no markup of web pages, no walls of text.

/// Longest text beside a field.
pub(super) const BESIDE_FIELD: usize = 400;
/// Longest text of help.
pub(super) const HELP: usize = 2_000;

/// `text` as plain words on one line, at most `most` letters.
pub(super) fn plain(text: &str, most: usize) -> String {
    let text = without_tags(&begin(text, most * 4));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    short(&text, most)
}

/// The first sentence of `text`, at most `most` letters.
pub(super) fn first_sentence(text: &str, most: usize) -> String {
    let paragraph = without_tags(&begin(text, most * 4));
    let paragraph = paragraph.trim().split("\n\n").next().unwrap_or_default();
    let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = words.match_indices(['.', '!', '?']).find(|(at, _)| {
        let rest = &words[at + 1..];
        rest.is_empty() || (rest.starts_with(' ') && !rest.trim_start().starts_with(char::is_lowercase))
    });
    match end {
        Some((at, _)) => short(&words[..=at], most),
        None => short(&words, most),
    }
}

/// `text` as Markdown, at most `most` letters.
pub(super) fn markdown(text: &str, most: usize) -> String {
    let text = without_tags(&begin(text, most * 4));
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    short(&lines.join("\n"), most)
}

/// At most `most` letters of `text`, ending between two words.
pub(super) fn short(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let begin: String = text.chars().take(most.saturating_sub(1)).collect();
    let end = begin.rfind(char::is_whitespace).filter(|end| *end > begin.len() / 2).unwrap_or(begin.len());
    format!("{}\u{2026}", begin[..end].trim_end())
}

fn begin(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// `text` without `<tags>`, and the commonest entities as letters.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut left = text;
    while let Some((before, rest)) = left.split_once('<') {
        plain.push_str(before);
        let is_tag =
            rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/' || letter == '!');
        match rest.split_once('>') {
            Some((inside, after)) if is_tag && inside.len() < 300 => {
                let name = inside.trim_start_matches('/').to_ascii_lowercase();
                let breaks = ["p", "br", "li", "ul", "ol", "div", "tr", "table", "h1", "h2", "h3", "h4"];
                let name =
                    name.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
                plain.push(if breaks.contains(&name) { '\n' } else { ' ' });
                left = after;
            }
            _ => {
                plain.push('<');
                left = rest;
            }
        }
    }
    plain.push_str(left);
    for (entity, letter) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        if plain.contains(entity) {
            plain = plain.replace(entity, letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        assert_eq!(plain("<p>The&nbsp;<b>name</b>,\n  a < b</p>", 100), "The name , a < b");
        assert_eq!(first_sentence("Lists e.g. people. And more.", 100), "Lists e.g. people.");
        assert_eq!(first_sentence("One\n\nTwo", 100), "One");
        assert_eq!(short("alpha beta gamma", 12), "alpha beta\u{2026}");
    }
}
