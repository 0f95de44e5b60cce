//! What most fields hold: a path, perhaps in small letters, and text made of some. It is read from the JSON itself.
//!
//! It must never differ from what MiniJinja makes of the same text; where it might, it says nothing and MiniJinja is asked.

use super::MAX_TEXT_BYTES;
use super::path::Path;
use super::scope::{Found, Scope};
use serde_json::Value;
use std::borrow::Cow;

/// A path and what its text goes through, such as `trigger.body.email|trim|lower`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain {
    path: Path,
    changes: Box<[Change]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Lower,
    Upper,
    Trim,
}

/// A piece of text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Literal(Box<str>),
    /// What `{{ }}` yields.
    Computed(Plain),
}

impl Plain {
    /// The plain expression that `text` is, or `None` when it is anything more.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('|').map(str::trim);
        let path = Path::parse(parts.next()?)?;
        let changes = parts.map(|name| match name {
            "lower" => Some(Change::Lower),
            "upper" => Some(Change::Upper),
            "trim" => Some(Change::Trim),
            _ => None,
        });
        Some(Self { path, changes: changes.collect::<Option<_>>()? })
    }

    /// Its value in `scope`, or `None` when only MiniJinja can say.
    pub(super) fn seen<'a>(&self, scope: &'a Scope) -> Option<Cow<'a, Value>> {
        match self.path.find(scope) {
            Found::Nothing | Found::Value(Value::Null) => Some(Cow::Owned(Value::Null)),
            Found::Value(value) if self.changes.is_empty() => Some(Cow::Borrowed(value)),
            Found::Number(number) if self.changes.is_empty() => Some(Cow::Owned(number.into())),
            Found::Value(Value::String(text)) if text.len() <= MAX_TEXT_BYTES => {
                let changed =
                    self.changes.iter().fold(Cow::Borrowed(text.as_str()), |text, change| match change {
                        Change::Lower => Cow::Owned(text.to_lowercase()),
                        Change::Upper => Cow::Owned(text.to_uppercase()),
                        Change::Trim => Cow::Owned(text.trim().to_owned()),
                    });
                Some(Cow::Owned(Value::String(changed.into_owned())))
            }
            Found::Value(_) | Found::Number(_) | Found::NotPlain => None,
        }
    }
}

/// The parts of `text`, or `None` when it holds more than plain expressions.
pub(super) fn parts(mut text: &str) -> Option<Box<[Part]>> {
    // Statements, comments, and the line break that a template loses at its end.
    if text.contains("{%") || text.contains("{#") || text.ends_with(['\n', '\r']) {
        return None;
    }
    let mut parts = Vec::new();
    while let Some((literal, rest)) = text.split_once("{{") {
        let (inner, rest) = rest.split_once("}}")?;
        // `{{-` takes the spaces before it along.
        if inner.starts_with(['-', '+']) || inner.ends_with(['-', '+']) {
            return None;
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        parts.push(Part::Computed(Plain::parse(inner.trim())?));
        text = rest;
    }
    if !text.is_empty() {
        parts.push(Part::Literal(text.into()));
    }
    Some(parts.into())
}

/// The text that `parts` make in `scope`, or `None` when only MiniJinja can say.
pub(super) fn text(parts: &[Part], scope: &Scope) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Computed(plain) => match &*plain.seen(scope)? {
                Value::Null => {}
                Value::String(found) => text.push_str(found),
                Value::Number(number) if !number.is_f64() => text.push_str(&number.to_string()),
                _ => return None,
            },
        }
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::json;
    use super::*;
    use crate::expression::Expression;
    use proptest::prelude::*;
    use serde_json::json as j;

    #[test]
    fn only_plain_text_is_plain() {
        for plain in ["item", "item.a | lower", "trigger.body['a b']|trim|upper|lower"] {
            assert!(Plain::parse(plain).is_some(), "{plain}");
        }
        for other in
            ["item|", "item|lower()", "item|trim('x')", "item|length", "item.a + 1", "|lower", "item['a|b']"]
        {
            assert_eq!(Plain::parse(other), None, "{other}");
        }
        for plain in ["", "Ada", "{{ item }} and {{item.a|lower}}!", "}} {{ item }}", "{{ item }}{{ index }}"]
        {
            assert!(parts(plain).is_some(), "{plain}");
        }
        for other in [
            "{{ item",
            "{{- item }} a",
            "a {{ item -}} b",
            "{% if item %}a{% endif %}",
            "{# no #}{{ item }} a",
            "{{ item }} a\n",
            "{{{ item }}} a",
            "{{ item + 1 }} a",
            "{{ item['}}'] }} a",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_too_long_is_left_to_minijinja() {
        let long = "a".repeat(MAX_TEXT_BYTES);
        let scope = Scope::sample(&j!({"item": long, "steps": {"s": long.clone() + "a"}}));
        let value = |text: &str| Expression::compile(text).unwrap().value(&scope);
        assert_eq!(value("{{ item|upper }}").unwrap(), j!(long.to_uppercase()));
        assert_eq!(value("{{ item }}{{ trigger }}").unwrap(), j!(long));
        assert_eq!(value("{{ item }}b").unwrap_err().code, "EXP-0004");
        assert_eq!(value("{{ steps.s|trim }}").unwrap(), j!(long + "a"));
    }

    proptest! {
        /// `(item.a)|lower` is the same to MiniJinja and not plain to us.
        #[test]
        fn it_is_what_minijinja_makes_of_it(
            value in json(),
            rest in prop_oneof![Just(""), Just(".a"), Just(".b[0]")],
            changes in prop::collection::vec(prop_oneof![Just("lower"), Just("upper"), Just("trim")], 0..3),
            literals in prop::array::uniform2("[ a}%#\\-\r\n]{0,3}"),
        ) {
            let scope = Scope::sample(&j!({"item": value, "index": 7, "steps": {"s": " Straße İ\u{a0}"}}));
            let changes: String = changes.iter().map(|change| format!("|{change}")).collect();
            for root in ["item", "index", "steps.s", "vars.none"] {
                let [before, after] = &literals;
                let plain = format!("{before}{{{{ {root}{rest}{changes} }}}}{after}");
                let asked = format!("{before}{{{{ ({root}{rest}){changes} }}}}{after}");
                let [plain, asked] = [plain, asked].map(|text| Expression::compile(&text));
                let (Ok(plain), Ok(asked)) = (plain, asked) else { continue };
                // A failure says the text as it was written, which differs by the brackets.
                let of = |text: &Expression| text.value(&scope).map_err(|failure| failure.code);
                prop_assert_eq!(of(&plain), of(&asked), "{}", plain.source());
            }
        }
    }
}
