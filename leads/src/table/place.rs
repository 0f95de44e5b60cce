//! Where a change was made, as journals name it, so that it can be turned back.

use super::CounterKey;
use serde_json::{Value, json};
use trunkline_engine::run::Target;
use uuid::Uuid;

const ROW: &str = "table_row";
const COUNTER: &str = "counter";

/// A part of a table, or a counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TablePlace {
    /// A row as a whole: it was made or deleted.
    Row {
        /// Of which table.
        table: Uuid,
        /// Which.
        row: Uuid,
    },
    /// A cell.
    Cell {
        /// Of which table.
        table: Uuid,
        /// Of which row.
        row: Uuid,
        /// Technical name of the column.
        column: String,
    },
    /// The value of a counter.
    Counter(CounterKey),
}

impl TablePlace {
    /// The place as a change names it.
    #[must_use]
    pub fn target(&self) -> Target {
        let row_id = |table: &Uuid, row: &Uuid| format!("{table}/{row}");
        let (kind, id, field) = match self {
            Self::Row { table, row } => (ROW, row_id(table, row), String::new()),
            Self::Cell { table, row, column } => (ROW, row_id(table, row), column.clone()),
            Self::Counter(counter) => {
                (COUNTER, json!([counter.counter, counter.key]).to_string(), "value".to_owned())
            }
        };
        Target { kind: kind.into(), id, field }
    }

    /// The place that `target` names; `None` when it is none of a table or counter.
    #[must_use]
    pub fn read(target: &Target) -> Option<Self> {
        match target.kind.as_str() {
            ROW => {
                let (table, row) = target.id.split_once('/')?;
                let (table, row) = (table.parse().ok()?, row.parse().ok()?);
                Some(match target.field.as_str() {
                    "" => Self::Row { table, row },
                    column => Self::Cell { table, row, column: column.to_owned() },
                })
            }
            COUNTER => {
                let names: Value = serde_json::from_str(&target.id).ok()?;
                let (counter, key) = (names.get(0)?.as_str()?, names.get(1)?.as_str()?);
                Some(Self::Counter(CounterKey { counter: counter.to_owned(), key: key.to_owned() }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let (table, row) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for place in [
            TablePlace::Row { table, row },
            TablePlace::Cell { table, row, column: "name".into() },
            TablePlace::Counter(CounterKey { counter: "Demo / \"1\"".into(), key: "de".into() }),
        ] {
            assert_eq!(TablePlace::read(&place.target()), Some(place));
        }
        let lead = Target { kind: "lead".into(), id: "x".into(), field: String::new() };
        assert_eq!(TablePlace::read(&lead), None);
    }
}
