//! Texts that a spreadsheet would take for formulas, and what keeps it from that.
//!
//! A cell that begins with `=` or one of a few other signs is worked out when a CSV file is opened, whoever wrote the text:
//! a name in a web form can read other cells and send them away. Every file of cells that leaves goes through here.

use std::borrow::Cow;

/// Signs that make a spreadsheet take a text for a formula.
const SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// `text`, with an apostrophe in front when a spreadsheet would take it for a formula.
#[must_use]
pub fn guarded<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    if text.starts_with(SIGNS) { Cow::Owned(format!("'{text}")) } else { text }
}

/// The text as it was before [`guarded`].
#[must_use]
pub fn as_written(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(SIGNS)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_gets_an_apostrophe_and_loses_it_again() {
        for text in ["=1+1", "+44 20", "-x", "@SUM(A1)", "\tb", "\rc"] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(as_written(&guarded(text)), text);
        }
        for text in ["", "plain", "1+1", "'s Gravenhage", " =1", "'"] {
            assert_eq!(guarded(text), text);
            assert_eq!(as_written(text), text);
        }
    }
}
