//! Tables: names of columns on the way in, chosen columns on the way out.

use super::{MAX_COLUMNS, too_many_columns};
use crate::expression::{Scope, into_text};
use crate::failure::Failure;
use crate::steps::field::Field;
use indexmap::IndexSet;
use serde_json::{Number, Value};
use std::collections::HashSet;

/// Longest name of a column, in characters.
const MAX_NAME: usize = 200;
/// Name of the only column of a list of plain values.
const ITEM: &str = "item";

/// Names of the columns of a table that is read, each of its own.
#[derive(Debug, Default)]
pub(in crate::steps) struct Headings {
    names: Vec<String>,
    taken: HashSet<String>,
}

impl Headings {
    /// Takes the cells of a heading row: a blank name becomes `column_3`, a second `email` becomes `email_2`.
    ///
    /// # Errors
    /// `RUN-0120` when there are too many.
    pub(in crate::steps) fn of(cells: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let mut headings = Self::default();
        for cell in cells {
            headings.add(&cell)?;
        }
        Ok(headings)
    }

    /// The names in order.
    pub(in crate::steps) fn names(&self) -> &[String] {
        &self.names
    }

    /// The names in order.
    pub(in crate::steps) fn into_names(self) -> Vec<String> {
        self.names
    }

    fn add(&mut self, cell: &str) -> Result<(), Failure> {
        if self.names.len() == MAX_COLUMNS {
            return Err(too_many_columns());
        }
        let wanted: String =
            cell.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect();
        let wanted = if wanted.is_empty() { format!("column_{}", self.names.len() + 1) } else { wanted };
        let mut name = wanted.clone();
        // There are at most as many tries as columns.
        for number in 2..=MAX_COLUMNS + 1 {
            if self.taken.insert(name.clone()) {
                break;
            }
            name = format!("{wanted}_{number}");
        }
        self.names.push(name);
        Ok(())
    }
}

/// `text` as the number or the yes or no it spells, when writing that again gives the same text. So `007` and a phone
/// number stay text.
pub(in crate::steps) fn typed(text: &str) -> Value {
    let whole = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
    if let Some(number) = whole {
        return number.into();
    }
    let decimal =
        text.parse::<f64>().ok().and_then(Number::from_f64).filter(|number| number.to_string() == text);
    match (decimal, text) {
        (Some(number), _) => number.into(),
        (None, "true" | "TRUE") => true.into(),
        (None, "false" | "FALSE") => false.into(),
        (None, _) => text.into(),
    }
}

/// A column of a table that is written.
#[derive(Debug)]
pub(in crate::steps) struct Column {
    /// What stands above it.
    pub(in crate::steps) title: String,
    /// Where its values come from.
    pub(in crate::steps) source: Source,
}

/// Where the values of a column come from.
#[derive(Debug)]
pub(in crate::steps) enum Source {
    /// The field of exactly this name.
    Exactly(String),
    /// The item itself, unless it is a record.
    Plain,
    /// What somebody chose.
    Chosen(Field),
}

/// A column for every field of any item, in the order in which they first occur.
///
/// # Errors
/// `RUN-0120` when there are too many.
pub(in crate::steps) fn columns(items: &[Value]) -> Result<Vec<Column>, Failure> {
    let (mut names, mut plain) = (IndexSet::new(), false);
    for item in items {
        match item {
            Value::Object(fields) => names.extend(fields.keys().map(String::as_str)),
            _ => plain = true,
        }
        if names.len() > MAX_COLUMNS {
            return Err(too_many_columns());
        }
    }
    let fields =
        names.into_iter().map(|name| Column { title: name.into(), source: Source::Exactly(name.into()) });
    let item = plain.then(|| Column { title: ITEM.into(), source: Source::Plain });
    Ok(item.into_iter().chain(fields).collect())
}

/// The values of each row, column by column.
///
/// # Errors
/// As [`Field::of`].
pub(in crate::steps) fn rows_of(
    columns: &[Column],
    items: &[Value],
    scope: &Scope,
) -> Result<Vec<Vec<Value>>, Failure> {
    let mut room = crate::steps::room::Room::new();
    let mut rows = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut row = Vec::with_capacity(columns.len());
        for column in columns {
            let value = match &column.source {
                Source::Exactly(name) => item.get(name).cloned().unwrap_or_default(),
                Source::Plain if item.is_object() => Value::Null,
                Source::Plain => item.clone(),
                Source::Chosen(field) => field.of(scope, index, item)?.into_owned(),
            };
            room.take(&value)?;
            row.push(value);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `value` as the text of a cell; lists and records as JSON.
pub(in crate::steps) fn cell_text(value: &Value) -> String {
    into_text(value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let cells = ["email", " E-mail \n address", "", "email", "email", "email_2"].map(String::from);
        let headings = Headings::of(cells).unwrap();
        assert_eq!(
            headings.names(),
            ["email", "E-mail address", "column_3", "email_2", "email_3", "email_2_2"]
        );
        let many = vec![String::new(); MAX_COLUMNS + 1];
        assert_eq!(Headings::of(many).unwrap_err().code, "RUN-0120");
    }

    #[test]
    fn only_what_writes_back_the_same_is_typed() {
        for (text, value) in [
            ("12", json!(12)),
            ("-1.5", json!(-1.5)),
            ("true", json!(true)),
            ("007", json!("007")),
            ("+49", json!("+49")),
            ("1.50", json!("1.50")),
            ("1e5", json!("1e5")),
            ("NaN", json!("NaN")),
            ("", json!("")),
        ] {
            assert_eq!(typed(text), value);
        }
    }

    #[test]
    fn columns_are_those_of_all_items() {
        let items = [json!({"a": 1}), json!("x"), json!({"b": 2, "a": 3})];
        let columns = columns(&items).unwrap();
        assert_eq!(
            columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>(),
            ["item", "a", "b"]
        );
        let rows = rows_of(&columns, &items, &Scope::sample(&json!({}))).unwrap();
        assert_eq!(json!(rows), json!([[null, 1, null], ["x", null, null], [null, 3, 2]]));
        let wide: Vec<Value> = (0..=MAX_COLUMNS).map(|n| json!({ format!("c{n}"): 1 })).collect();
        assert_eq!(super::columns(&wide).unwrap_err().code, "RUN-0120");
    }
}
