//! Bounds of expressions. MiniJinja's fuel stops loops but not lazy repetition, so results are measured as well.

use crate::failure::{Failure, FailureKind};
use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value as View};
use serde_json::{Map, Number, Value};
use std::io;

/// Work an expression may do, in MiniJinja's units of fuel; some milliseconds.
pub const MAX_FUEL: u64 = 500_000;
/// Longest text a template may produce, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;
/// Largest value an expression may produce, counted in bytes of text and keys.
pub const MAX_VALUE_BYTES: usize = 8 * 1024 * 1024;
/// Most values (list items, fields) an expression's result may hold.
pub const MAX_VALUE_NODES: usize = 1_000_000;
const MAX_DEPTH: usize = 64;

/// A writer that refuses to grow past its limit.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Bounded {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, full: false }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn into_string(self) -> String {
        String::from_utf8(self.bytes).expect("templates write whole characters")
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("the text is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `value` as JSON, or an error once it proves too big.
pub(super) fn to_json(value: &View) -> Result<Value, Error> {
    Budget { nodes: MAX_VALUE_NODES, bytes: MAX_VALUE_BYTES }.convert(value, 0)
}

/// A copy of `value`, or `None` when it is too big or nested too deeply.
pub(super) fn copy(value: &Value) -> Option<Value> {
    let mut budget = Budget { nodes: MAX_VALUE_NODES, bytes: MAX_VALUE_BYTES };
    budget.measure(value, 0).then(|| value.clone())
}

struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    fn spend(&mut self, nodes: usize, bytes: usize) -> Result<(), Error> {
        match (self.nodes.checked_sub(nodes), self.bytes.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                (self.nodes, self.bytes) = (nodes, bytes);
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::WriteFailure, "too big")),
        }
    }

    /// Whether `value` fits.
    fn measure(&mut self, value: &Value, depth: usize) -> bool {
        if depth > MAX_DEPTH || self.spend(1, 0).is_err() {
            return false;
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            Value::String(text) => self.spend(0, text.len()).is_ok(),
            Value::Array(items) => items.iter().all(|item| self.measure(item, depth + 1)),
            Value::Object(fields) => fields
                .iter()
                .all(|(name, field)| self.spend(0, name.len()).is_ok() && self.measure(field, depth + 1)),
        }
    }

    fn text(&mut self, text: &str) -> Result<String, Error> {
        self.spend(0, text.len())?;
        Ok(text.to_owned())
    }

    fn convert(&mut self, value: &View, depth: usize) -> Result<Value, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::new(ErrorKind::WriteFailure, "nested too deeply"));
        }
        self.spend(1, 0)?;
        Ok(match value.kind() {
            ValueKind::Undefined | ValueKind::None => Value::Null,
            ValueKind::Bool => Value::Bool(value.is_true()),
            ValueKind::Number => number(value),
            ValueKind::Seq | ValueKind::Iterable => {
                let mut items = Vec::new();
                for item in value.try_iter()? {
                    items.push(self.convert(&item, depth + 1)?);
                }
                Value::Array(items)
            }
            ValueKind::Map => {
                let mut fields = Map::new();
                for key in value.try_iter()? {
                    let field = value.get_item(&key)?;
                    let name = match key.as_str() {
                        Some(name) => self.text(name)?,
                        None => self.text(&key.to_string())?,
                    };
                    fields.insert(name, self.convert(&field, depth + 1)?);
                }
                Value::Object(fields)
            }
            ValueKind::Invalid => return Err(Error::new(ErrorKind::InvalidOperation, value.to_string())),
            _ => match value.as_str() {
                Some(text) => Value::String(self.text(text)?),
                None => Value::String(self.text(&value.to_string())?),
            },
        })
    }
}

fn number(value: &View) -> Value {
    if value.is_integer()
        && let Some(whole) = value.as_i64()
    {
        return Value::Number(whole.into());
    }
    if value.is_integer()
        && let Ok(whole) = u64::try_from(value.clone())
    {
        return Value::Number(whole.into());
    }
    f64::try_from(value.clone()).ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}

/// The failure for an expression whose result is too big.
pub(super) fn too_big(source: &str) -> Failure {
    Failure::bad_input(
        "EXP-0004",
        format!("the result of {} is too big", shorten(source)),
        format!(
            "Keep results under {} MB: take fewer items or fewer fields.",
            MAX_VALUE_BYTES / (1024 * 1024)
        ),
    )
}

/// The failure for an expression that would take too long.
pub(super) fn too_much_work(source: &str) -> Failure {
    Failure::new(
        "EXP-0003",
        FailureKind::BadInput,
        format!("{} takes too much work and was stopped", shorten(source)),
        "Loop over fewer items, or use a loop step.",
    )
}

/// What `error` means to the person who wrote `source`.
pub(super) fn failure(error: &Error, source: &str) -> Failure {
    match error.kind() {
        ErrorKind::OutOfFuel => too_much_work(source),
        ErrorKind::WriteFailure => too_big(source),
        _ => Failure::bad_input(
            "EXP-0002",
            format!("{} cannot be computed: {}", shorten(source), super::environment::explain(error)),
            "Check the field's data in the Input tab, or use a filter such as `default`.",
        ),
    }
}

fn shorten(source: &str) -> String {
    match source.char_indices().nth(80) {
        Some((end, _)) => format!("\"{}…\"", &source[..end]),
        None => format!("\"{source}\""),
    }
}
