//! What a field would yield, shown while it is being written.

use super::{Expression, Scope, SyntaxError};
use crate::failure::Failure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of a value, in words people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A list.
    List,
    /// A record with named fields.
    Record,
    /// Nothing.
    Empty,
}

impl From<&Value> for ValueType {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Bool(_) => Self::YesNo,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Record,
        }
    }
}

/// A field's value on sample data.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The value.
    pub value: Value,
    /// Its type.
    pub kind: ValueType,
    /// Paths the expression names and the data does not have.
    pub missing: Vec<String>,
}

/// Computes `template` on `data` (an object with any of the roots).
///
/// # Errors
/// `EXP-0001` when it cannot be understood; otherwise as [`Expression::value`].
pub fn preview(template: &str, data: &Value) -> Result<Preview, Failure> {
    if !Expression::is_in(template) {
        let value = Value::String(template.to_owned());
        return Ok(Preview { kind: ValueType::from(&value), value, missing: Vec::new() });
    }
    let expression = Expression::compile(template).map_err(SyntaxError::into_failure)?;
    let value = expression.value(&Scope::sample(data))?;
    let missing = expression.paths().into_iter().filter(|path| !has(data, path)).collect();
    Ok(Preview { kind: ValueType::from(&value), value, missing })
}

impl SyntaxError {
    /// As the failure of a step or preview.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        Failure::bad_input(
            "EXP-0001",
            format!("this expression cannot be understood: {}", self.message),
            "Check brackets and quotes; a field is written like {{ trigger.body.email }}.",
        )
    }
}

impl Expression {
    /// The dotted paths it reads, such as `steps.score.score`.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = match &self.code {
            super::Code::Typed(expression, _) => expression.undeclared_variables(true).into_iter().collect(),
            super::Code::Text(environment, _) => environment
                .get_template(super::TEXT)
                .expect("compiled with this name")
                .undeclared_variables(true)
                .into_iter()
                .collect(),
        };
        paths.sort_unstable();
        paths
    }
}

fn has(data: &Value, path: &str) -> bool {
    let mut at = data;
    for name in path.split('.') {
        match at.get(name) {
            Some(next) => at = next,
            // A method or a global such as `range` is not a hole in the data.
            None => return at.is_string() || path == name && !super::scope::is_root(name),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_preview_names_what_is_missing() {
        let data = json!({"trigger": {"body": {"email": "ada@example.com"}}});
        let shown = preview("{{ trigger.body.company.name }}", &data).unwrap();
        assert_eq!(shown.value, Value::Null);
        assert_eq!(shown.kind, ValueType::Empty);
        assert_eq!(shown.missing, ["trigger.body.company.name"]);
        assert!(preview("{{ trigger.body.email }}", &data).unwrap().missing.is_empty());
        assert_eq!(preview("{{ steps.", &data).unwrap_err().code, "EXP-0001");
    }
}
