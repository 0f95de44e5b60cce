//! Which rows are meant.

use super::column::{cell, is_equal, order, shown};
use super::{Column, Row, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;
use trunkline_engine::failure::Failure;

/// What has to hold of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The column that is looked at.
    pub column: String,
    /// How it is compared.
    pub test: Test,
    /// With what. A comparison with nothing holds for no row, so that a missing value never means every row.
    #[serde(default)]
    pub value: Value,
}

/// How a cell is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// It is the same; capitals make no difference.
    #[default]
    Equals,
    /// It is not the same.
    Differs,
    /// The text occurs in it.
    Contains,
    /// It begins with the text.
    StartsWith,
    /// It is greater or later.
    Above,
    /// It is the same, greater or later.
    AtLeast,
    /// It is smaller or earlier.
    Below,
    /// It is the same, smaller or earlier.
    AtMost,
    /// Nothing stands in it.
    Empty,
    /// Something stands in it.
    Filled,
}

/// A condition with its column and with a value of that column's type.
pub(super) struct Ready<'t> {
    column: &'t Column,
    test: Test,
    value: Value,
}

impl<'t> Ready<'t> {
    /// `condition` on rows of `table`.
    ///
    /// # Errors
    /// `TABLE-0002`, `TABLE-0003`.
    pub(super) fn of(condition: &Condition, table: &'t Table) -> Result<Self, Failure> {
        let column = table.column(&condition.column)?;
        let is_part_of_text = matches!(condition.test, Test::Contains | Test::StartsWith);
        let value = match condition.test {
            Test::Empty | Test::Filled => Value::Null,
            _ if is_part_of_text => shown(&condition.value).trim().to_lowercase().into(),
            _ => column.read(&condition.value)?,
        };
        Ok(Self { column, test: condition.test, value })
    }

    /// Whether it holds for `row`.
    pub(super) fn holds(&self, row: &Row) -> bool {
        let found = row.get(self.column);
        match self.test {
            Test::Empty => return found.is_null(),
            Test::Filled => return !found.is_null(),
            _ if self.value.is_null() => return false,
            Test::Differs => return !is_equal(self.column.kind, found, &self.value),
            _ if found.is_null() => return false,
            _ => {}
        }
        let text = || shown(found).to_lowercase();
        let wanted = self.value.as_str().unwrap_or_default();
        match self.test {
            Test::Equals => is_equal(self.column.kind, found, &self.value),
            Test::Contains => !wanted.is_empty() && text().contains(wanted),
            Test::StartsWith => !wanted.is_empty() && text().trim_start().starts_with(wanted),
            Test::Above => order(found, &self.value) == Ordering::Greater,
            Test::AtLeast => order(found, &self.value) != Ordering::Less,
            Test::Below => order(found, &self.value) == Ordering::Less,
            Test::AtMost => order(found, &self.value) != Ordering::Greater,
            Test::Differs | Test::Empty | Test::Filled => unreachable!("answered above"),
        }
    }

    /// The cell that rows for which it holds have, when they can be looked up by one.
    pub(super) fn cell(&self) -> Option<(String, String)> {
        let cell = cell(self.column.kind, &self.value).filter(|_| self.test == Test::Equals)?;
        Some((self.column.key.clone(), cell))
    }

    /// Whether it holds for no row at all.
    pub(super) fn is_never(&self) -> bool {
        self.value.is_null() && !matches!(self.test, Test::Empty | Test::Filled)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ColumnKind;
    use super::*;
    use chrono::DateTime;
    use serde_json::json;
    use uuid::Uuid;

    fn holds(column: &str, test: Test, value: Value) -> bool {
        let column_of = |key: &str, kind| Column { key: key.into(), label: key.to_uppercase(), kind };
        let table = Table {
            id: Uuid::nil(),
            name: "T".into(),
            columns: vec![
                column_of("name", ColumnKind::Text),
                column_of("size", ColumnKind::Number),
                column_of("since", ColumnKind::Date),
                column_of("note", ColumnKind::Text),
            ],
        };
        let values = json!({"name": "Acme Ltd", "size": 50, "since": "2026-01-31"});
        let row = Row {
            id: Uuid::nil(),
            values: values.as_object().unwrap().clone(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let condition = Condition { column: column.into(), test, value };
        Ready::of(&condition, &table).unwrap().holds(&row)
    }

    #[test]
    fn cells_are_compared_as_people_mean_it() {
        assert!(holds("name", Test::Equals, json!("ACME LTD")));
        assert!(holds("NAME", Test::Contains, json!("me l")));
        assert!(holds("name", Test::StartsWith, json!("acme")));
        assert!(holds("size", Test::Equals, json!("50")));
        assert!(holds("size", Test::Above, json!(9)), "numbers are no text");
        assert!(holds("size", Test::AtMost, json!(50)) && !holds("size", Test::Below, json!(50)));
        assert!(holds("since", Test::Below, json!("2026-02-01")));
        assert!(holds("note", Test::Empty, Value::Null) && holds("name", Test::Filled, Value::Null));
        assert!(holds("note", Test::Differs, json!("x")));
    }

    #[test]
    fn nothing_is_like_nothing() {
        for test in [Test::Equals, Test::Differs, Test::Contains, Test::StartsWith, Test::Above, Test::AtMost]
        {
            assert!(!holds("note", test, Value::Null), "{test:?}");
            assert!(!holds("name", test, json!("  ")), "{test:?}");
        }
    }
}
