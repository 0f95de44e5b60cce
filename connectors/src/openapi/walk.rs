//! Walking a document: references are followed within it, and every walk has a budget.

use serde::Serialize;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

/// Values one operation may look at.
pub(super) const BUDGET: usize = 6_000;
/// Longest chain of references.
const MOST_HOPS: usize = 32;
/// Most problems that are kept of one walk.
const MOST_PROBLEMS: usize = 20;

/// Something in a document that could not be used as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, as a JSON Pointer.
    pub at: String,
    /// The line, where the document has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What, and what was done about it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, line, message } = self;
        match line {
            Some(line) => write!(f, "line {line} ({at}): {message}"),
            None if at.is_empty() => f.write_str(message),
            None => write!(f, "{at}: {message}"),
        }
    }
}

/// One walk.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    root: &'a Value,
    left: Cell<usize>,
    problems: RefCell<Vec<Problem>>,
    said: RefCell<HashSet<String>>,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Spot<'a> {
    pub(super) value: &'a Value,
    pub(super) at: String,
}

impl<'a> Spot<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Spot<'a>> {
        let value = self.value.get(name)?;
        Some(Spot { value, at: joined(&self.at, name) })
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name).and_then(Value::as_str)
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Spot<'a>> {
        let at = self.at.clone();
        let items = self.value.as_array().map_or(&[][..], Vec::as_slice);
        items.iter().enumerate().map(move |(number, value)| Spot { value, at: format!("{at}/{number}") })
    }

    /// The fields of a record.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a str, Spot<'a>)> {
        let at = self.at.clone();
        self.value
            .as_object()
            .into_iter()
            .flatten()
            .map(move |(name, value)| (name.as_str(), Spot { value, at: joined(&at, name) }))
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Value, budget: usize) -> Self {
        Self { root, left: Cell::new(budget), problems: RefCell::default(), said: RefCell::default() }
    }

    pub(super) fn top(&self) -> Spot<'a> {
        Spot { value: self.root, at: String::new() }
    }

    /// The value at the top of the document called `name`.
    pub(super) fn at_top(&self, name: &str) -> Option<Spot<'a>> {
        self.top().get(name)
    }

    /// Whether one more value may be looked at.
    pub(super) fn may_go_on(&self) -> bool {
        match self.left.get() {
            0 => false,
            left => {
                self.left.set(left - 1);
                true
            }
        }
    }

    /// How much was spent of `budget`.
    pub(super) fn spent(&self, budget: usize) -> usize {
        budget - self.left.get()
    }

    /// Notes a problem, once.
    pub(super) fn note(&self, at: &str, message: impl Into<String>) {
        let message = message.into();
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST_PROBLEMS && self.said.borrow_mut().insert(format!("{at} {message}")) {
            problems.push(Problem { at: at.to_owned(), line: None, message });
        }
    }

    pub(super) fn problems(self) -> Vec<Problem> {
        if self.left.get() == 0 {
            self.note("", "this is larger than is looked at; what lies deepest was left out");
        }
        self.problems.into_inner()
    }

    /// What `spot` says, references followed.
    pub(super) fn follow(&self, spot: Spot<'a>) -> Option<Spot<'a>> {
        let mut here = spot;
        for _ in 0..MOST_HOPS {
            let Some(reference) = here.value.get("$ref") else { return Some(here) };
            // A property may well be called $ref; then it is a schema.
            let Some(reference) = reference.as_str() else { return Some(here) };
            let Some(next) = self.target(reference) else {
                self.note(&joined(&here.at, "$ref"), unfollowed(reference));
                return None;
            };
            here = next;
        }
        self.note(&here.at, "its references lead in a circle; it was left out");
        None
    }

    fn target(&self, reference: &str) -> Option<Spot<'a>> {
        let Some(fragment) = reference.strip_prefix('#') else {
            // "Pet" for "#/definitions/Pet", as early documents wrote it.
            let is_name = !reference.is_empty()
                && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            let shelves = ["/definitions", "/components/schemas"];
            return shelves.iter().filter(|_| is_name).find_map(|shelf| {
                let at = joined(shelf, reference);
                self.root.pointer(&at).map(|value| Spot { value, at })
            });
        };
        let decoded = percent_decoded(fragment);
        [fragment, &decoded].iter().find_map(|pointer| {
            let value = self.root.pointer(pointer)?;
            Some(Spot { value, at: (*pointer).to_owned() })
        })
    }
}

fn unfollowed(reference: &str) -> String {
    let shown: String = reference.chars().take(100).collect();
    match reference.starts_with('#') {
        true => format!("nothing is at {shown} in this document; it was left out"),
        false => format!("{shown} lies outside of this document and is never fetched; it was left out"),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let hex = (*first == b'%').then(|| rest.get(..2)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                left = &rest[2..];
            }
            None => {
                bytes.push(*first);
                left = rest;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `name` below `at`.
pub(super) fn joined(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A part of a pointer as the name it stands for.
pub(super) fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_followed_within_the_document_only() {
        let root = json!({
            "definitions": { "A b": { "type": "string" }, "Pet": { "x": 1 }, "loop": { "$ref": "#/definitions/loop" } },
        });
        let walk = Walk::new(&root, 10);
        let follow = |reference: &str| {
            let holder = json!({ "$ref": reference });
            let holder: &'static Value = Box::leak(Box::new(holder));
            walk.follow(Spot { value: holder, at: "/x".into() }).map(|spot| spot.at)
        };
        assert_eq!(follow("#/definitions/A%20b").as_deref(), Some("/definitions/A b"));
        assert_eq!(follow("Pet").as_deref(), Some("/definitions/Pet"));
        for (reference, said) in [
            ("#/definitions/loop", "in a circle"),
            ("#/definitions/Nobody", "nothing is at"),
            ("other.yaml#/Pet", "never fetched"),
            ("https://evil.example/x", "never fetched"),
        ] {
            assert_eq!(follow(reference), None, "{reference}");
            let found = walk.problems.borrow();
            assert!(found.last().unwrap().message.contains(said), "{reference}: {found:?}");
        }
    }
}
