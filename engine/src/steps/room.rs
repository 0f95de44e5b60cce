//! How much a step may put out. What comes in is bounded; a join or a computed field could still multiply it.

use crate::expression::MAX_VALUE_BYTES;
use crate::failure::Failure;
use serde_json::Value;

/// Most bytes of text and field names in one step's output: what an expression of a later step can take up.
pub(super) const MAX_BYTES: usize = MAX_VALUE_BYTES;
/// Most values (cells, fields, list entries) in one step's output.
pub(super) const MAX_VALUES: usize = 500_000;

/// What is left for the output of a step.
#[derive(Debug)]
pub(super) struct Room {
    values: usize,
    bytes: usize,
}

impl Room {
    /// Room for a whole output.
    pub(super) fn new() -> Self {
        Self { values: MAX_VALUES, bytes: MAX_BYTES }
    }

    /// Takes the room that `value` needs. Ask before copying it.
    ///
    /// # Errors
    /// `RUN-0110` when the output becomes too big.
    pub(super) fn take(&mut self, value: &Value) -> Result<(), Failure> {
        self.spend(1, 0)?;
        match value {
            Value::String(text) => self.spend(0, text.len()),
            Value::Array(items) => items.iter().try_for_each(|item| self.take(item)),
            Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                self.spend(0, name.len())?;
                self.take(field)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    /// Takes room for so many values and bytes.
    ///
    /// # Errors
    /// `RUN-0110` when the output becomes too big.
    pub(super) fn spend(&mut self, values: usize, bytes: usize) -> Result<(), Failure> {
        match (self.values.checked_sub(values), self.bytes.checked_sub(bytes)) {
            (Some(values), Some(bytes)) => {
                (self.values, self.bytes) = (values, bytes);
                Ok(())
            }
            _ => Err(Failure::bad_input(
                "RUN-0110",
                format!("the result is larger than {MAX_VALUES} values or {} MB", MAX_BYTES / (1024 * 1024)),
                "Take fewer rows or fewer fields, for example with a filter before this step.",
            )),
        }
    }
}

/// The failure for a list that would become longer than steps can work with.
pub(super) fn too_many(count: usize) -> Failure {
    Failure::bad_input(
        "RUN-0111",
        format!("the result would have {count} items or more, and {} is the limit", super::MAX_ITEMS),
        "Filter the lists first, or look at whether the key is one that many items share.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn room_runs_out() {
        let mut room = Room::new();
        let big = json!({"text": "x".repeat(MAX_BYTES / 2)});
        assert!(room.take(&big).is_ok());
        assert_eq!(room.take(&big).unwrap_err().code, "RUN-0110");
        let many = json!(vec![0; MAX_VALUES]);
        assert_eq!(Room::new().take(&many).unwrap_err().code, "RUN-0110");
    }
}
