//! Expressions: MiniJinja, compiled once, bounded in work and in size, with typed results.
//!
//! Any text of a step's settings may hold `{{ ... }}`. Text that is exactly one `{{ ... }}` yields the value itself;
//! anything else yields text. What is missing is `null` (or empty text), never the word "undefined". Expressions see a
//! [`Scope`] and nothing else: no clock, no environment, no credentials.

mod dynamic;
mod environment;
pub mod filters;
mod limits;
mod path;
mod plain;
mod preview;
mod repetition;
mod scope;
mod view;

pub use dynamic::{Dynamic, Template};
pub use limits::{MAX_FUEL, MAX_TEXT_BYTES, MAX_VALUE_BYTES, MAX_VALUE_NODES};
pub use preview::{Preview, ValueType, preview};
pub use scope::{Datum, Outputs, RunFacts, Scope};

use crate::failure::Failure;
use environment::ENVIRONMENT;
use plain::Plain;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A compiled expression or template.
#[derive(Clone)]
pub struct Expression {
    source: Arc<str>,
    code: Code,
}

#[derive(Clone)]
enum Code {
    /// Exactly one `{{ }}`, and the same where it is plain.
    Typed(Arc<minijinja::Expression<'static, 'static>>, Option<Arc<Plain>>),
    /// Text with expressions in it, and the same where all of them are plain.
    Text(Arc<minijinja::Environment<'static>>, Option<Arc<[plain::Part]>>),
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

/// An expression that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, in one sentence.
    pub message: String,
}

const TEXT: &str = "text";

impl Expression {
    /// Whether `text` holds anything to compute.
    #[must_use]
    pub fn is_in(text: &str) -> bool {
        text.contains("{{") || text.contains("{%")
    }

    /// Compiles `text`.
    ///
    /// # Errors
    /// When the text is not a valid template.
    pub fn compile(text: &str) -> Result<Self, SyntaxError> {
        if repetition::is_in(text) {
            let message = "a list cannot be repeated with *".to_owned();
            return Err(SyntaxError { message });
        }
        let code = match sole_expression(text) {
            Some(inner) => {
                let compiled = ENVIRONMENT
                    .compile_expression_owned(inner.to_owned())
                    .map_err(|error| SyntaxError { message: environment::explain(&error) })?;
                Code::Typed(Arc::new(compiled), Plain::parse(inner).map(Arc::new))
            }
            None => {
                let mut environment = ENVIRONMENT.clone();
                environment
                    .add_template_owned(TEXT, text.to_owned())
                    .map_err(|error| SyntaxError { message: environment::explain(&error) })?;
                Code::Text(Arc::new(environment), plain::parts(text).map(Arc::from))
            }
        };
        Ok(Self { source: text.into(), code })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its value in `scope`.
    ///
    /// # Errors
    /// `EXP-0002` when it cannot be computed, `EXP-0003` when it takes too long, `EXP-0004` when the result is too big.
    pub fn value(&self, scope: &Scope) -> Result<Value, Failure> {
        view::begin();
        let value = self.compute(scope)?;
        if view::is_exhausted() { Err(limits::too_much_work(&self.source)) } else { Ok(value) }
    }

    /// As [`Expression::value`], for looking at it only: what lies in `scope` is not copied.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn seen<'a>(&self, scope: &'a Scope) -> Result<Cow<'a, Value>, Failure> {
        if let Code::Typed(_, Some(plain)) = &self.code
            && let Some(value) = plain.seen(scope)
        {
            return Ok(value);
        }
        self.value(scope).map(Cow::Owned)
    }

    fn compute(&self, scope: &Scope) -> Result<Value, Failure> {
        match &self.code {
            Code::Typed(expression, plain) => {
                match plain.as_ref().and_then(|plain| plain.seen(scope)) {
                    Some(Cow::Borrowed(value)) => {
                        return limits::copy(value).ok_or_else(|| limits::too_big(&self.source));
                    }
                    Some(Cow::Owned(value)) => return Ok(value),
                    None => {}
                }
                let value = expression.eval(scope.root()).map_err(|error| self.fail(&error))?;
                limits::to_json(&value).map_err(|error| self.fail(&error))
            }
            Code::Text(environment, plain) => {
                if let Some(text) = plain.as_ref().and_then(|parts| plain::text(parts, scope)) {
                    return Ok(Value::String(text));
                }
                let template = environment.get_template(TEXT).expect("compiled with this name");
                let mut text = limits::Bounded::new(MAX_TEXT_BYTES);
                match template.render_captured_to(scope.root(), &mut text) {
                    Ok(_) => Ok(Value::String(text.into_string())),
                    Err(_) if text.is_full() => Err(limits::too_big(&self.source)),
                    Err(error) => Err(self.fail(&error)),
                }
            }
        }
    }

    /// Its value in `scope` as text; a missing value is empty text.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn text(&self, scope: &Scope) -> Result<String, Failure> {
        Ok(into_text(self.value(scope)?))
    }

    fn fail(&self, error: &minijinja::Error) -> Failure {
        limits::failure(error, &self.source)
    }
}

/// `value` as people would write it; `null` is empty.
#[must_use]
pub fn into_text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The inside of text that is exactly one `{{ ... }}`.
fn sole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let alone = !inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%");
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner);
    alone.then(|| inner.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn eval(text: &str) -> Result<Value, Failure> {
        let scope = Scope::sample(&json!({
            "trigger": {"body": {"email": " Ada@Example.com ", "score": 85, "tags": ["a", "b"], "none": null}},
            "steps": {"score": {"score": 85}}
        }));
        Expression::compile(text)
            .map_err(|error| Failure::bad_input("EXP-0001", error.message, ""))?
            .value(&scope)
    }

    #[test]
    fn one_expression_yields_its_own_type() {
        assert_eq!(eval("{{ trigger.body.score }}").unwrap(), json!(85));
        assert_eq!(eval("{{ trigger.body.score >= 70 }}").unwrap(), json!(true));
        assert_eq!(eval("{{ trigger.body.tags }}").unwrap(), json!(["a", "b"]));
        assert_eq!(eval("{{ {'a': steps.score.score + 1} }}").unwrap(), json!({"a": 86}));
    }

    #[test]
    fn mixed_text_yields_text() {
        assert_eq!(eval("Score: {{ steps.score.score }}!").unwrap(), json!("Score: 85!"));
        assert_eq!(eval("{% for t in trigger.body.tags %}<{{ t }}>{% endfor %}").unwrap(), json!("<a><b>"));
    }

    #[test]
    fn missing_values_are_null_or_empty_never_a_word() {
        assert_eq!(eval("{{ trigger.nothing.at.all }}").unwrap(), json!(null));
        assert_eq!(eval("[{{ trigger.nothing.at.all }}{{ trigger.body.none }}]").unwrap(), json!("[]"));
    }

    #[test]
    fn endless_and_exploding_expressions_are_stopped() {
        for (text, code) in [
            ("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "EXP-0003"),
            ("{{ [1] * 100000000 }}", "EXP-0001"),
            ("{{ trigger.body.tags * 10000000 }}", "EXP-0004"),
            ("{{ 'x' * 1000000000 }}", "EXP-0003"),
            ("{% for a in range(90000) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}", "EXP-0004"),
        ] {
            let failure = eval(text).unwrap_err();
            assert_eq!(failure.code, code, "{text}: {failure}");
        }
    }

    #[test]
    fn lists_that_are_repeated_lazily_are_bounded_wherever_they_are_read() {
        let list = "(trigger.body.tags * 600000)";
        for text in [
            format!("{{{{ 5 in {list} }}}}"),
            format!("{{{{ 1 < 2 and 5 not in {list} }}}}"),
            format!("{{{{ ['a', 'b'] == {list} }}}}"),
            format!("{{{{ {list} == {list} }}}}"),
            format!("{{{{ {list} < {list} }}}}"),
            format!("{{{{ {list}[1199999] }}}}"),
            format!("{{{{ {list}[:1199999]|length }}}}"),
            format!("{{{{ ({list} + ['c'])|last }}}}"),
            format!("{{{{ {list} ~ 'x' }}}}"),
            format!("{{% if 5 in {list} %}}x{{% endif %}}"),
            format!("{{% for x in {list} %}}{{% endfor %}}"),
            "{{ 5 in ([1] * 30000000) }}".to_owned(),
        ] {
            let outcome = eval(&text);
            assert!(outcome.is_err() || outcome.is_ok_and(|value| value.to_string().len() < 100), "{text}");
        }
        for text in [
            format!("{{{{ 5 in {list} }}}}"),
            format!("{{{{ {list} ~ 'x' }}}}"),
            format!("{{{{ {list}|last }}}}"),
        ] {
            let outcome = eval(&text);
            assert!(outcome.is_err() || text.contains("last"), "{text} read all of it: {outcome:?}");
        }
        for filter in [
            "sum",
            "min",
            "max",
            "sort",
            "unique",
            "join(',')",
            "last",
            "compact",
            "list",
            "length",
            "reverse",
            "map('string')",
            "select",
            "reject",
            "batch(3)",
            "slice(3)",
            "tojson",
            "string",
            "groupby('a')",
            "map(attribute='a')",
            "selectattr('a')",
            "first",
            "upper",
            "title",
            "trim",
            "urlencode",
            "items",
            "replace('a', 'b')",
            "default(1)",
            "round",
            "int",
            "pprint",
            "chain([1])",
            "zip([1])",
        ] {
            let text = format!("{{{{ (trigger.body.tags * 200000)|{filter} }}}}");
            // It comes to an end: what is read is counted.
            let outcome = eval(&text);
            assert!(
                outcome.is_err() || outcome.is_ok_and(|value| value.to_string().len() <= MAX_VALUE_BYTES)
            );
        }
    }

    #[test]
    fn nonsense_says_what_is_wrong() {
        assert!(Expression::compile("{{ a b }}").unwrap_err().message.contains("unexpected"));
        assert_eq!(eval("{{ 'a' + 1 }}").unwrap_err().code, "EXP-0002");
    }
}
