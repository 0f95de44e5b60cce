//! The reference page of all filters, written from their catalogue.

use super::{FilterDoc, catalog};
use serde_json::Value;
use std::fmt::Write as _;

const TOPICS: [(&str, &str); 8] = [
    ("text", "Text"),
    ("number", "Numbers"),
    ("date", "Dates"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("domain", "Domains"),
    ("list", "Lists"),
    ("record", "Records"),
];

const INTRODUCTION: &str = "\
# Filters

A filter changes a value inside an expression: `{{ trigger.body.email|email }}`. Several can follow one another; each works
on what the one before it gave. A filter answers an empty value with an empty value, so nothing has to be checked first.

Every example here is run as a test. Written from the code by `cargo xtask reference`.
";

/// The Markdown page about all filters.
#[must_use]
pub fn page() -> String {
    let docs = catalog();
    let mut page = INTRODUCTION.to_owned();
    for (topic, title) in TOPICS {
        let _ =
            write!(page, "\n## {title}\n\n| Filter | What it does | Example | Gives |\n|---|---|---|---|\n");
        for doc in docs.iter().filter(|doc| doc.topic == topic) {
            row(doc, &mut page);
        }
    }
    page
}

fn row(doc: &FilterDoc, page: &mut String) {
    let cell = |text: &str| text.replace('|', "\\|");
    let result = match &doc.result {
        Value::Null => "nothing".to_owned(),
        value => format!("`{}`", cell(&value.to_string())),
    };
    let _ = writeln!(page, "| `{}` | {} | `{}` | {result} |", doc.name, cell(doc.summary), cell(doc.example));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_stands_on_the_page() {
        let page = page();
        for doc in catalog() {
            assert!(page.contains(&format!("| `{}` |", doc.name)), "{} has no known topic", doc.name);
        }
        assert!(page.contains("| `{{ 'ada@gmail.com'\\|is_free_mailbox }}` | `true` |"));
    }
}
