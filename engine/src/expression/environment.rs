//! The one MiniJinja environment: its filters, and its answers to what is missing.

use super::filters;
use super::limits::MAX_FUEL;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, UndefinedBehavior};
use std::sync::LazyLock;

/// Shared by every expression; never changed after start.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_fuel(Some(MAX_FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_recursion_limit(64);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(()),
        // As JSON and people write them, not as Python does; measured first, because lists may be endless.
        ValueKind::Bool | ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
            Ok(out.write_str(&super::limits::to_json(value)?.to_string())?)
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    filters::register(&mut environment);
    environment
});

/// What `error` says, without the machinery's own words.
pub(super) fn explain(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}
