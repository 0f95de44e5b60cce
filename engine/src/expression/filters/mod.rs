//! The filters people use in expressions, one file per topic.
//!
//! A filter is a pure function: it reads no clock and no environment, never panics, and answers an empty value with an
//! empty value instead of an error. What a filter does is written once, in its [`FilterDoc`], whose example is a test.

mod company;
mod dates;
mod domain;
mod email;
mod lists;
mod numbers;
mod page;
mod pattern;
mod phone;
mod records;
mod text;

pub use domain::registrable;
pub use email::{address, is_free_mailbox, is_role_mailbox};
pub use page::page;
pub use phone::international;

pub(crate) use dates::{in_zone, moment, moment_in};
pub(crate) use numbers::number_in;
pub(crate) use pattern::compile_pattern;
pub use text::percent_encoded;
pub(crate) use text::{NO_WORDS, YES_WORDS};

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value as View};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// What one filter does, for the reference and the studio's menu.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FilterDoc {
    /// Its name after the bar.
    pub name: &'static str,
    /// What it works on: `text`, `number`, `date`, `email`, `phone`, `domain`, `list` or `record`.
    pub topic: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// An expression that uses it.
    pub example: &'static str,
    /// What the example yields.
    pub result: Value,
}

impl FilterDoc {
    fn new(
        topic: &'static str,
        name: &'static str,
        summary: &'static str,
        example: &'static str,
        result: impl Into<Value>,
    ) -> Self {
        Self { name, topic, summary, example, result: result.into() }
    }
}

/// MiniJinja's filters that make no sense here: nothing is escaped, and they write out endless lists before their
/// fuel is counted.
const LEFT_OUT: [&str; 5] = ["e", "escape", "indent", "pprint", "safe"];

/// Adds every filter and test to `environment`.
pub fn register(environment: &mut Environment<'_>) {
    for name in LEFT_OUT {
        environment.remove_filter(name);
    }
    text::register(environment);
    numbers::register(environment);
    dates::register(environment);
    email::register(environment);
    phone::register(environment);
    domain::register(environment);
    company::register(environment);
    lists::register(environment);
    records::register(environment);
}

/// Every filter with an example, by topic.
#[must_use]
pub fn catalog() -> Vec<FilterDoc> {
    [
        text::catalog(),
        company::catalog(),
        numbers::catalog(),
        dates::catalog(),
        email::catalog(),
        phone::catalog(),
        domain::catalog(),
        lists::catalog(),
        records::catalog(),
    ]
    .concat()
}

/// The text a filter works on; `None` when there is nothing to work on.
///
/// Numbers and yes/no read as people write them. A list or record is an error, because turning it into text silently
/// is never what was meant (and a lazy list could be endless).
fn text_of(value: &View) -> Result<Option<Cow<'_, str>>, Error> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(None),
        ValueKind::String => Ok(value.as_str().map(Cow::Borrowed)),
        ValueKind::Number => Ok(Some(Cow::Owned(value.to_string()))),
        ValueKind::Bool => Ok(Some(Cow::Borrowed(if value.is_true() { "true" } else { "false" }))),
        kind => Err(wrong(format!("this filter works on text, and the value is a {kind}"))),
    }
}

/// The error of a filter that cannot work with what it was given.
fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// `value`, or nothing.
fn or_null(value: Option<impl Into<View>>) -> View {
    value.map_or(View::from(()), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Expression, Scope};
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::HashSet;

    #[test]
    fn every_example_yields_what_it_says() {
        for doc in catalog() {
            let expression =
                Expression::compile(doc.example).unwrap_or_else(|error| panic!("{}: {error}", doc.name));
            let value = expression
                .value(&Scope::sample(&json!({})))
                .unwrap_or_else(|error| panic!("{}: {error}", doc.name));
            assert_eq!(value, doc.result, "{}", doc.example);
            let used = doc.example.contains(&format!("|{}", doc.name))
                || doc.example.contains(&format!("is {}", doc.name));
            assert!(used, "{} is not in its own example", doc.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut seen = HashSet::new();
        for doc in catalog() {
            assert!(seen.insert(doc.name), "{} is there twice", doc.name);
        }
    }

    #[test]
    fn every_filter_takes_nothing_for_an_answer() {
        for doc in catalog().iter().filter(|doc| doc.example.contains(&format!("|{}", doc.name))) {
            // The example's own arguments, on a value that is not there.
            let call = &doc.example[doc.example.find(&format!("|{}", doc.name)).unwrap()..];
            for nothing in ["none", "trigger.body.missing"] {
                let text = format!("{{{{ {nothing} {call}");
                let value = Expression::compile(&text).unwrap().value(&Scope::sample(&json!({})));
                assert!(value.is_ok(), "{text}: {value:?}");
            }
        }
    }

    #[test]
    fn endless_lists_stop_every_filter() {
        for doc in catalog().iter().filter(|doc| doc.example.contains(&format!("|{}", doc.name))) {
            let call = &doc.example[doc.example.find(&format!("|{}", doc.name)).unwrap()..];
            let text = format!("{{{{ (trigger.list * 100000000) {call}");
            // What matters is that this ends within the test's time; some, such as `first`, do have an answer.
            let scope = Scope::sample(&json!({"trigger": {"list": [1]}}));
            let _ = Expression::compile(&text).unwrap().value(&scope);
        }
    }

    proptest! {
        #[test]
        fn no_filter_panics(value in prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            "[0-9+() ./:-]{0,30}".prop_map(Value::from),
            Just(json!([1, "a", null, {"a": 1}])),
            Just(json!({"a": {"b": 1}})),
        ], at in any::<prop::sample::Index>()) {
            let docs = catalog();
            let doc = at.get(&docs);
            if let Some(call) = doc.example.find(&format!("|{}", doc.name)) {
                let text = format!("{{{{ trigger {}", &doc.example[call..]);
                let _ = Expression::compile(&text).unwrap().value(&Scope::sample(&json!({"trigger": value})));
            }
        }
    }
}
